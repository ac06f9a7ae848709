# Claim: Glue is told what planners of queries ask (rows, and figures of each
# column, with no value of a column that may hold anything personal), once;
# does without where that is refused; a steward's change between our look and
# our update is never lost; an update whose answer is lost is not made twice.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my $faults = start_faults($moto->{port});
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
my $node = PostgreSQL::Test::Cluster->new('glue');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => 's3://raw/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	server_options => s3_options($s3, $faults),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
my ($state, $out, $err);
my $name = '"DatabaseName": "crm_production"';

sub run_day
{
	my ($day, %with) = @_;
	write_exports("$home/raw", $day, %with);
	s3($s3, 'put', 'raw', "$_.csv", "$home/raw/$_.csv") for qw(Account Opportunity);
	($state, $out, $err) = call_run($node, 'w', %with);
	return $state;
}

sub table { return decode_json(glue($moto, 'get_table', "{$name, \"Name\": \"sales\"}"))->{Table} }

# The figures of a column, without their time.
sub figures
{
	my ($column) = @_;
	my $found = decode_json(glue($moto, 'get_column_statistics_for_table', "{$name, \"TableName\": \"sales\", \"ColumnNames\": [\"$column\"]}"));
	my $one = $found->{ColumnStatisticsList}[0] // return;
	my $data = $one->{StatisticsData};
	return "$one->{ColumnType} " . JSON::PP->new->canonical->encode($data);
}

# --- figures
is(run_day(1), '', 'the first run') or diag $err;
is(table()->{Parameters}{numRows}, 7, 'the number of rows');
is(figures('accountid'), 'string {"StringColumnStatisticsData":{"AverageLength":18,"MaximumLength":18,"NumberOfDistinctValues":7,"NumberOfNulls":0},"Type":"STRING"}',
	'figures of a text column') or diag explain figures('accountid');
is(figures('stage'), 'string {"StringColumnStatisticsData":{"AverageLength":5,"MaximumLength":5,"NumberOfDistinctValues":1,"NumberOfNulls":0},"Type":"STRING"}', '... of another');
my $bounds = $node->safe_psql('w', 'SELECT extract(epoch FROM max(created))::bigint, extract(epoch FROM min(created))::bigint FROM crm.sales');
my ($most, $least) = split /\|/, $bounds;
like(figures('created'), qr/^timestamp \{"LongColumnStatisticsData":\{"MaximumValue":$most,"MinimumValue":$least,"NumberOfDistinctValues":7,"NumberOfNulls":0\},"Type":"LONG"\}/, '... of times, in seconds');
cmp_ok(requests($faults, qr/Statistics/), '==', 1, '... in one request');

# --- once
set_rules($faults);
($state, $out, $err) = call_run($node, 'w', force => 1);
is($state, '', 'the same again, forced') or diag $err;
is(requests($faults, qr/Statistics/), 0, 'the same figures are not told again');
is(requests($faults, qr/UpdateTable/), 0, '... nor the table updated');
is(run_day(2, rows => 5), '', 'another export') or diag $err;
is(requests($faults, qr/Statistics/), 1, 'other figures are');
is(table()->{Parameters}{numRows}, 5, '... and other rows');

# --- a column of a class whose values tell something
$node->safe_psql('w', "SET ROLE etl; ALTER FOREIGN TABLE raw.opportunity ALTER createddate OPTIONS (ADD class 'indirect');
	SELECT salesforce_fdw.alter_dataset('sales', allow => '{id,reference,controlled,business,system,indirect}', accept => '{\"Opportunity.CreatedDate\": \"for the test\"}')");
is(run_day(2, rows => 4), '', 'a column whose values must not stand in statistics') or diag $err;
is(figures('created'), 'timestamp {"LongColumnStatisticsData":{"NumberOfDistinctValues":4,"NumberOfNulls":0},"Type":"LONG"}', '... has no smallest and largest value');

# --- not where it is refused
set_rules($faults, { match => 'Statistics', do => 'status', code => 400, body => '{"__type": "AccessDeniedException", "Message": "no"}',
	headers => { 'Content-Type' => 'application/x-amz-json-1.1' } });
is(run_day(3, rows => 6), '', 'a run without the permission') or diag $err;
like($err, qr/NOTICE: .*statistics of table "crm_production\.sales" were not stored in Glue/, '... says so');
like($err, qr/HINT: .*glue:UpdateColumnStatisticsForTable/, '... and which permission it is');
set_rules($faults);
is(run_day(3, rows => 6, force => 1), '', 'with the permission') or diag $err;
is(requests($faults, qr/Statistics/), 1, '... what was refused is told');

# --- each operation fails once
set_rules($faults, map { { match => $_, nth => 1, do => 'status', code => 500, body => '{"__type": "InternalServiceException", "Message": "no"}',
		headers => { 'Content-Type' => 'application/x-amz-json-1.1' } } } qw(GetTable UpdateTable Statistics));
is(run_day(3, rows => 7), '', 'a run each of whose kinds of request fails once') or diag $err;
unlike($err, qr/NOTICE/, '... has nothing to say');
is(requests($faults, qr/ status$/), 3, '... and has met the faults');

# --- a steward comes in between
my $steward = "$home/steward.json";
sub steward_words
{
	my ($words) = @_;
	my $table = table();
	my %input = map { $_ => $table->{$_} } grep { exists $table->{$_} } qw(Name StorageDescriptor PartitionKeys TableType Parameters);
	$input{Description} = $words;
	$input{Parameters}{steward} = 'kept';
	write_text($steward, encode_json({ DatabaseName => 'crm_production', TableInput => \%input }));
	return "SFDW_TEST_KEY=$aws_key SFDW_TEST_SECRET=$aws_secret $ENV{SFDW_PYTHON} $FindBin::RealBin/../servers/gluetool.py $moto->{endpoint} update_table \"\$(cat $steward)\"";
}
set_rules($faults, { match => 'UpdateTable', nth => 1, do => 'run', command => steward_words('What the minister reads') });
is(run_day(4, rows => 8), '', 'a run whose table a steward changes meanwhile') or diag $err;
is(requests($faults, qr/UpdateTable/), 2, '... is refused by Glue\'s lock, and tries again');
is(table()->{Description}, 'What the minister reads', '... his words are kept');
is(table()->{Parameters}{steward} . table()->{Parameters}{numRows}, 'kept8', '... and ours are there');
set_rules($faults, { match => 'UpdateTable', do => 'run', command => steward_words('again and again') });
is(run_day(5, rows => 9), 'SF005', 'one who never stops ends the CALL') or diag $err;
like($err, qr/is being changed by somebody else/, '... which says why');
is($node->safe_psql('w', 'SELECT state FROM salesforce_fdw.run_status'), 'published', '... with the run published');
set_rules($faults);
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'and the next CALL registers it') or diag $err;
is(table()->{Parameters}{numRows}, 9, '... indeed');

# --- answers that are lost
my $version = table()->{VersionId};
set_rules($faults, { match => 'UpdateTable', nth => 1, do => 'lose' });
is(run_day(6, rows => 10), '', 'an update whose answer is lost') or diag $err;
is(table()->{VersionId}, $version + 1, '... is made once');
glue($moto, 'delete_table', "{$name, \"Name\": \"sales\"}");
set_rules($faults, { match => 'CreateTable', nth => 1, do => 'lose' });
is(run_day(7, rows => 11), '', 'a table whose making is not answered') or diag $err;
is(table()->{VersionId}, 1, '... is made once, and not updated');
is(table()->{Parameters}{numRows}, 11, '... as it should be');
like(figures('created'), qr/"NumberOfDistinctValues":11,/, '... with its figures');

# --- names that Glue would fold
$node->safe_psql('w', "ALTER SERVER lake OPTIONS (SET database 'Crm_Production')");
is(run_day(8), '42602', 'a name that Glue would change is refused') or diag $err;
like($err, qr/invalid name of a database in Glue/, '... by its kind');

$node->stop;
done_testing();
