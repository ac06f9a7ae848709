# The catalog in a folder: what is registered, what of a steward's is kept,
# that nothing is written when nothing changed, and that nobody's change is
# lost; and an object at the final key that is not ours.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('run_catalog');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);
my $path = "$home/catalog/crm_production/sales.json";
my $file = "$home/lake/sales/sales.parquet";
my ($state, $out, $err);

sub entry
{
	return decode_json(slurp_file($path));
}

sub store
{
	my ($entry) = @_;
	write_text($path, encode_json($entry));
	return;
}

sub run_day
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	($state, $out, $err) = call_run($node, 'w');
	return $state;
}

# --- the first registration, member by member
$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'Sales by day';
	COMMENT ON COLUMN crm.sales.stage IS 'Where it stands'");
is(run_day(1), '', 'the run succeeds') or diag($err);
my $run = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs');
my %parameters = (
	classification  => 'parquet',
	compressionType => 'snappy',
	typeOfData      => 'file');
is_deeply(
	entry(),
	{
		DatabaseName => 'crm_production',
		VersionId    => '1',
		TableInput   => {
			Name          => 'sales',
			Description   => 'Sales by day',
			PartitionKeys => [],
			TableType     => 'EXTERNAL_TABLE',
			Parameters    => {
				%parameters,
				numRows                  => '7',
				'projection.enabled'     => 'false',
				'salesforce_fdw.dataset' => 'sales',
				'salesforce_fdw.run'     => $run
			},
			StorageDescriptor => {
				Columns => [
					{ Name => 'accountid',     Type => 'string' },
					{ Name => 'opportunityid', Type => 'string' },
					{
						Name    => 'stage',
						Type    => 'string',
						Comment => 'Where it stands'
					},
					{ Name => 'created', Type => 'timestamp' }
				],
				Location    => "file://$home/lake/sales/",
				InputFormat =>
				  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
				OutputFormat =>
				  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
				Compressed      => JSON::PP::true,
				NumberOfBuckets => -1,
				SerdeInfo       => {
					SerializationLibrary =>
					  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
					Parameters => { 'serialization.format' => '1' }
				},
				BucketColumns          => [],
				StoredAsSubDirectories => JSON::PP::false,
				SortColumns            => [],
				Parameters             => {
					%parameters, CrawlerSchemaDeserializerVersion => '1.0'
				}
			}
		}
	},
	'the entry is what a data catalog would get');

# --- nothing changed: nothing is written
my @before = stat $path;
is(run_day(2), '', 'another day is published');
my @after = stat $path;
is("@after[1, 9]", "@before[1, 9]", 'and the entry is not touched');
is( value($node, 'w',
		'SELECT catalog_version_before, catalog_version FROM salesforce_fdw.runs
			ORDER BY number DESC LIMIT 1'),
	'1|1',
	'which the ledger says');

# --- a steward's texts and parameters are kept
my $edited = entry();
$edited->{VersionId} = '2';
my $table = $edited->{TableInput};
$table->{Description} = 'Words of the steward';
$table->{Owner} = 'steward';
$table->{Parameters}{steward} = 'jo';
$table->{StorageDescriptor}{Columns}[0]{Comment} = 'An account';
store($edited);
is(run_day(3), '', 'a day after the steward came');
is_deeply(entry(), $edited, 'his entry is as he left it');

# --- COMMENT ON changes one text; the others stay
$node->safe_psql('w', "COMMENT ON COLUMN crm.sales.stage IS 'Stage of the sale'");
is(run_day(4), '', 'a day after a COMMENT ON');
$edited->{VersionId} = '3';
$table->{StorageDescriptor}{Columns}[2]{Comment} = 'Stage of the sale';
$table->{Parameters}{'salesforce_fdw.run'} = value($node, 'w',
	'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
is_deeply(entry(), $edited, 'the comment is new, the rest is the steward\'s');
$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'Sales, newly described'");
is(run_day(5), '', 'a day after the table was described anew');
is(entry()->{TableInput}{Description},
	'Sales, newly described', 'a later COMMENT ON wins');
is(entry()->{TableInput}{Owner}, 'steward', 'what has no COMMENT ON stays');

# --- two at once: a change between reading and writing is seen
my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'A'");
write_exports("$home/raw", 6);
attempt($node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$trace';
	 SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
my ($put) = map { /^(\d+) catalog\.put before$/ ? $1 : () } split /\n/,
  slurp_file($trace);
my $other = entry();
$other->{VersionId} = '99';
$other->{TableInput}{Parameters}{other} = 'writer';
write_text("$home/other.json", encode_json($other));
$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'B'");
write_exports("$home/raw", 7);
attempt(
	$node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_at = $put;
	 SET salesforce_fdw.fault_action = 'sh:mv $home/other.json $path';
	 SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
is(entry()->{VersionId}, '100', 'a version that came between is counted on');
is(entry()->{TableInput}{Parameters}{other}, 'writer', 'and its change is kept');
is(entry()->{TableInput}{Description}, 'B', 'with ours');

# --- an entry that is not JSON stops the run before anything is published
write_text($path, "{ broken: jane.doe\@example.org");
($state, $out, $err) = (run_day(8), $out, $err);
is($state, '22032', 'an entry that is not JSON is an error');
unlike($err, qr/jane/, 'which does not show it');
is( value($node, 'w',
		"SELECT event, sqlstate, run IS NULL FROM salesforce_fdw.run_events ORDER BY at DESC LIMIT 1"),
	'failed|22032|t',
	'no run has begun');
unlink $path;
is((call_run($node, 'w'))[0], '', 'without it the next CALL publishes and registers');
is(entry()->{VersionId}, '1', 'anew');

# --- other servers play no part, even if the catalog lies below theirs
$node->safe_psql('w', "CREATE SERVER everything FOREIGN DATA WRAPPER salesforce_fdw
		OPTIONS (location 'file://$home/');
	CREATE SERVER above FOREIGN DATA WRAPPER salesforce_fdw
		OPTIONS (location 'file://$home/catalog/crm_production/')");
$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'Sales, a day each'");
is((call_run($node, 'w', force => 1))[0], '',
	'servers around the catalog and in it change nothing');
is(entry()->{VersionId}, '2', '... and the entry is found and replaced');
$node->safe_psql('w', 'DROP SERVER everything, above');

# --- the final key is somebody else's
write_text($file, 'not ours');
is(run_day(9), 'SF005', 'an object that somebody else wrote is a conflict');
is(slurp_file($file), 'not ours', 'and is not replaced');
is( value($node, 'w',
		'SELECT state, reason FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'),
	'refused|conflict',
	'the run has ended');
unlink $file;
is((call_run($node, 'w'))[0], '', 'once it is away the export is published');
is(published_rows($node, 'w'), expected_rows(9), 'with its rows');
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'and the staged object of the refused run is gone');

# --- a copy of the folder has other versions, and the same bytes
system_or_bail('cp', $file, "$file.copy");
system_or_bail('mv', "$file.copy", $file);
is(run_day(10), '', 'a copied object is known by its bytes');

# --- the final key changes between the look at it and the promotion
my $points = PostgreSQL::Test::Utils::tempdir() . '/trace';
write_exports("$home/raw", 11);
attempt($node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$points';
	 SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
my ($promote) = map { /^(\d+) storage\.promote before$/ ? $1 : () } split /\n/,
  slurp_file($points);
write_exports("$home/raw", 12);
($state, $out, $err) = attempt(
	$node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_at = $promote;
	 SET salesforce_fdw.fault_action = 'sh:echo stranger > $file.new && mv $file.new $file';
	 SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
is($state, 'SF005', 'an object that appears at the last moment is a conflict');
is(slurp_file($file), "stranger\n", 'and is not replaced');
unlink $file;
is((call_run($node, 'w'))[0], '', 'the next CALL begins anew');
is(published_rows($node, 'w'), expected_rows(12), 'and publishes');
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'nothing is left in staging');

# --- every type: what the catalog says is what the file has
$node->safe_psql('w', <<"SQL");
SET ROLE etl;
CREATE FOREIGN TABLE raw.typed (
	id text OPTIONS (class 'id'), flag boolean OPTIONS (class 'business'),
	small smallint OPTIONS (class 'business'), medium integer OPTIONS (class 'business'),
	large bigint OPTIONS (class 'business'), amount numeric(12,2) OPTIONS (class 'business'),
	ratio double precision OPTIONS (class 'business'), day date OPTIONS (class 'business'),
	at timestamp OPTIONS (class 'business'), zoned timestamptz OPTIONS (class 'business'),
	token uuid OPTIONS (class 'business'), document jsonb OPTIONS (class 'business'))
	SERVER raw_exports OPTIONS (path 'Typed__c.csv', dialect 'csv');
SELECT salesforce_fdw.create_dataset('typed', destination => 'lake',
	path => 'typed/', target => 'crm.typed', query => 'SELECT * FROM raw.typed');
SQL
write_text("$home/raw/Typed__c.csv",
	"id,flag,small,medium,large,amount,ratio,day,at,zoned,token,document\n"
	  . 'a01000000000001AAA,true,1,2,3,4.50,0.25,2024-01-01,2024-01-01T10:00:00Z,2024-01-01T10:00:00Z,5b3e1b0e-8f5a-4c8e-9a55-2f7d4f1c0a11,"{""a"": 1}"'
	  . "\n");
($state, $out, $err) = attempt($node, 'w', "CALL salesforce_fdw.run('typed')");
is($state, '', 'a data set with every type is run') or diag($err);
is( value($node, 'w',
		"SELECT file_columns FROM salesforce_fdw.runs WHERE dataset = 'typed'"),
	join(', ',
		map { "$_->{Name} $_->{Type}" } @{
			decode_json(slurp_file("$home/catalog/crm_production/typed.json"))
			  ->{TableInput}{StorageDescriptor}{Columns}
		}),
	'the catalog has the columns of the file');

$node->stop;
done_testing();
