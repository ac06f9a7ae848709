# Claim: the table and the file that another job has left are taken over: the
# one Parquet object there is replaced under its own name, in one step, so that
# readers see the old rows or the new; more objects, other files, those of
# another data set, another location and other types are refused before
# anything is done.  On folders and on buckets.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my $node = PostgreSQL::Test::Cluster->new('take_over');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($home, $kind, $database, @reader);
my ($state, $out, $err);
my $old = '0f8fad5bd9cb469fa16570867728950e.snappy.parquet';

# A file of the other job, with rows of its own.
sub old_file
{
	my ($path) = @_;
	run_command([ $ENV{SFDW_PYTHON}, '-c', <<'PYTHON', $path ]);
import sys
import pyarrow as pa
import pyarrow.parquet as pq
pq.write_table(pa.table({"accountid": ["a"] * 7, "opportunityid": ["o"] * 7, "stage": ["old"] * 7}), sys.argv[1])
PYTHON
	return;
}

sub is_bucket { return $kind eq 'bucket' }

# Put a file into the published folder, and take it away.
sub put
{
	my ($name, $file) = @_;
	return s3($s3, 'put', 'lake', "sales/$name", $file) if is_bucket();
	mkdir "$home/lake/sales";
	system_or_bail('cp', $file, "$home/lake/sales/$name");
	return;
}

sub remove
{
	my ($name) = @_;
	return s3($s3, 'mark', 'lake', "sales/$name") if is_bucket();
	unlink "$home/lake/sales/$name" or die $!;
	return;
}

# The names in the published folder, hidden ones not.
sub visible
{
	my @names = is_bucket() ? map { /^sales\/([^|]*)\|\d+\|Version\|latest$/ ? $1 : () } split /\n/, s3($s3, 'list', 'lake', 'sales/')
	  : map { s/^sales\///r } lake_files("$home/lake");
	return join ' ', sort grep { !/^[_.]/ } @names;
}

# The table as the other job registers it; types by column.
sub register
{
	my ($location, %types) = @_;
	my @columns = map { { Name => $_, Type => $types{$_} // 'string' } } qw(accountid opportunityid stage);
	push @columns, { Name => 'created', Type => $types{created} // 'timestamp' };
	my %input = (
		Name => 'sales', PartitionKeys => [], TableType => 'EXTERNAL_TABLE',
		Parameters => { classification => 'parquet', compressionType => 'snappy', typeOfData => 'file', 'projection.enabled' => 'false' },
		StorageDescriptor => { Columns => \@columns, Location => $location, Compressed => JSON::PP::true, NumberOfBuckets => -1,
			SerdeInfo => { SerializationLibrary => 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe', Parameters => { 'serialization.format' => '1' } } });
	if (is_bucket())
	{
		my $what = 'create';
		$what = 'update' if glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}') !~ /"error"/;
		glue($moto, 'create_database', '{"DatabaseInput": {"Name": "crm_production"}}');
		glue($moto, "${what}_table", encode_json({ DatabaseName => 'crm_production', TableInput => \%input }));
	}
	else
	{
		mkdir "$home/catalog/crm_production";
		write_text($reader[1], encode_json({ DatabaseName => 'crm_production', VersionId => '1', TableInput => \%input }));
	}
	return;
}

sub seen
{
	my ($output, $error) = ('', '');
	IPC::Run::run([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/lake_reader.py", 'once', @reader ], '>', \$output, '2>', \$error)
	  or die $error;
	return decode_json($output);
}

sub run_day
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	s3($s3, 'put-all', 'raw', '', "$home/raw", qw(Account.csv Opportunity.csv)) if is_bucket();
	($state, $out, $err) = call_run($node, $database);
	return $state;
}

for (qw(folder bucket))
{
	$kind = $_;
	$home = new_home();
	$database = "w_$kind";
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my $lake = "file://$home/lake/";
	if (is_bucket())
	{
		s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
		$lake = 's3://lake/';
		@reader = ('aws', $s3->{endpoint}, $moto->{endpoint}, 'crm_production', 'sales');
		make_world($node, $database, $home, raw => 's3://raw/', lake => $lake, catalog => 'glue',
			server_options => s3_options($s3, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
	}
	else
	{
		@reader = ('folder', "$home/catalog/crm_production/sales.json");
		make_world($node, $database, $home);
	}
	old_file("$home/old.parquet");
	write_text("$home/words.txt", 'words');
	put($old, "$home/old.parquet");
	register("${lake}sales/");
	is_deeply(seen()->{stages}, { old => 7 }, "$kind: readers see the other job's rows");

	# --- what stands in the way
	put('second.parquet', "$home/old.parquet");
	is(run_day(1), 'SF005', "$kind: two objects are refused") or diag $err;
	like($err, qr/folder "\Q$lake\Esales\/" of data set "sales" has other objects/, '... by the folder');
	like($err, qr/DETAIL: .*"\Q$old\E", "second\.parquet"\./, '... and their names');
	like($err, qr/HINT: .*Move them away/, '... with what to do');
	is(visible(), "$old second.parquet", '... nothing is published');
	is(value($node, $database, 'SELECT event, sqlstate, run IS NULL FROM salesforce_fdw.run_events ORDER BY at DESC LIMIT 1'), 'failed|SF005|t', '... as the ledger says');
	remove('second.parquet');
	register("${lake}elsewhere/");
	is(run_day(1), 'SF005', "$kind: a table that lies elsewhere is refused") or diag $err;
	is(visible(), $old, '... before anything is published');
	register("${lake}sales/", stage => 'double');
	is(run_day(1), 'SF004', "$kind: a column that would get another type is refused") or diag $err;
	like($err, qr/gate "type_change".*DETAIL: .*"stage" from double to string/s, '... by its name and types');
	is(visible(), $old, '... before anything is published');

	# --- the first run
	$node->safe_psql($database, q(SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', gates => '{"type_change": "warn"}')));
	put('_readme.txt', "$home/words.txt");
	is(run_day(1), '', "$kind: unless the gate only warns") or diag $err;
	like($err, qr/WARNING: .*gate "type_change".*"stage" from double to string/s, '... as it does');
	is(visible(), $old, '... the object keeps its name');
	is_deeply(seen()->{stages}, { 'Day 1' => 7 }, '... and has our rows');
	is(value($node, $database, "SELECT count(*) FROM salesforce_fdw.run_events WHERE event = 'takes_over'"), 1, '... which the ledger notes');
	is(run_day(2), '', "$kind: the next day") or diag $err;
	unlike($err, qr/WARNING/, '... has nothing to warn about');
	is(visible(), $old, '... and the same name');
	is_deeply(seen()->{stages}, { 'Day 2' => 7 }, '... and other rows');
	is(value($node, $database, "SELECT count(*) FROM salesforce_fdw.run_events WHERE event = 'takes_over'"), 1, '... taking over is done once');

	# --- the other job wakes up
	put('other.parquet', "$home/old.parquet");
	is(run_day(3), 'SF005', "$kind: an object that appears later is refused") or diag $err;
	remove('other.parquet');
	is(run_day(3), '', '... and once it is away, the export is published') or diag $err;

	# --- a file that is no Parquet object; another data set's; one in a folder
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.create_dataset('sales2', destination => 'lake', path => 'sales2/',
		target => 'crm.sales2', query => 'SELECT id FROM raw.account')");
	for my $case ([ 'notes.txt', "$home/words.txt" ], [ 'deep/part.parquet', "$home/old.parquet" ])
	{
		my ($name, $file) = @$case;
		if (is_bucket()) { s3($s3, 'put', 'lake', "sales2/$name", $file) }
		else { system_or_bail('install', '-D', $file, "$home/lake/sales2/$name") }
		($state, $out, $err) = attempt($node, $database, "CALL salesforce_fdw.run('sales2')");
		is($state, 'SF005', "$kind: $name is not taken over") or diag $err;
		is_bucket() ? s3($s3, 'mark', 'lake', "sales2/$name") : unlink "$home/lake/sales2/$name";
	}
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.drop_dataset('sales');
		SELECT salesforce_fdw.alter_dataset('sales2', path => 'sales/')");
	($state, $out, $err) = attempt($node, $database, "CALL salesforce_fdw.run('sales2')");
	is($state, 'SF007', "$kind: another data set's place is refused") or diag $err;
	like($err, qr/_owner\.json" is of another data set, "sales"/, '... by whose it is');
	$node->safe_psql($database, "SET ROLE etl; SELECT salesforce_fdw.take_over('sales2', 'the other one is dropped')");
	($state, $out, $err) = attempt($node, $database, "CALL salesforce_fdw.run('sales2')");
	is($state, 'SF005', "$kind: and what another data set has published is not replaced") or diag $err;
	like($err, qr/"\Q$old\E"/, '... by its name');
}

$node->stop;
done_testing();
