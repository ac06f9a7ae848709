# Claim: the whole job as the documentation sets it up, started by pg_cron, on a
# bucket with versions and Glue: what is published and registered is the join of
# the newest exports, and of the raw location, with its old versions, delete
# markers and an unread Contact.csv, nothing is left.  Prints all of it.
# With SFDW_ALL pg_cron's schedule is that of a minute, else "@reboot".
use strict;
use warnings FATAL => 'all';
use File::Basename qw(dirname);
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $source = dirname(__FILE__) . '/../..';
my ($raw, $lake) = qw(cds-data-lake-raw-production cds-data-lake-transformed-production);
my $folder = 'bes/crm/salesforce/';
my $key = "${folder}account_opportunity.parquet";
my $rows = 2203;
my $schedule = $ENV{SFDW_ALL} ? '* * * * *' : '@reboot';

my $server = start_s3();
my $moto = start_moto();
my $home = new_home();
s3($server, 'make', $_, 'Enabled') for $raw, $lake;
glue($moto, 'create_database', '{"DatabaseInput": {"Name": "bes_crm_salesforce_production"}}');

# Print a part of the transcript.
sub show
{
	my ($title, $text) = @_;
	note("--- $title");
	note($text);
	return $text;
}

# A day's exports, below any prefix of the raw bucket.
sub export_day
{
	my ($day, $prefix) = @_;
	my $path = "$home/day$day";
	my $size = $day == 3 ? $rows : 50;
	system_or_bail('python3', "$source/test/gen_salesforce.py", $path, '--account', "${size}r",
		'--opportunity', "${size}r", '--contact', '40r', '--seed', $day) unless -d $path;
	s3($server, 'put-all', $raw, $prefix, $path, qw(Account.csv Opportunity.csv Contact.csv));
	return;
}

# Two missed days, between which somebody has deleted files, and today's; and a
# neighbour that is none of the job's business.
export_day(1, $folder);
s3($server, 'mark', $raw, "${folder}Account.csv");
s3($server, 'mark', $raw, "${folder}Contact.csv");
export_day(2, $folder);
export_day(3, $folder);
s3($server, 'mark', $raw, "${folder}Contact.csv");
export_day(1, 'bes/crm/other/');

my $node = PostgreSQL::Test::Cluster->new('transcript');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\n"
	  . "cron.database_name = 'crm'\ncron.host = '" . $node->host . "'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE crm');

# Type SQL, and print it with its answer and messages.
sub type_in
{
	my ($user, $sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql('crm', $sql, stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $user, '-v', 'VERBOSITY=default' ]);
	is($status, 0, 'as ' . ($user eq 'etl' ? $user : 'a superuser') . ': ' . ($sql =~ /^\s*(\N{0,60})/)[0])
	  or diag($err);
	$err =~ s/^psql:<stdin>:\d+: //mg;
	show("SQL, as $user", ($sql =~ s/'[^']*\Q$aws_secret\E[^']*'/'…'/gr) . "\n$out\n$err");
	return $out;
}

# --- set up
my $superuser = getpwuid($<);
my ($here, $both) = (s3_options($server), s3_options($server, $moto));
type_in($superuser, <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE EXTENSION pg_cron;
CREATE ROLE etl LOGIN; CREATE SCHEMA raw AUTHORIZATION etl; CREATE SCHEMA crm AUTHORIZATION etl;
GRANT salesforce_fdw_operator TO etl;
GRANT USAGE ON SCHEMA cron TO etl;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw
  OPTIONS (location 's3://$raw/$folder', $here);
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw
  OPTIONS (location 's3://$lake/', catalog 'glue', database 'bes_crm_salesforce_production', $both);
GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO etl;
CREATE USER MAPPING FOR etl SERVER raw_exports OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
CREATE USER MAPPING FOR etl SERVER lake OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
SQL
type_in('etl', <<"SQL");
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER raw_exports INTO raw;
SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake', path => '$folder',
  source_schema => 'raw', target => 'crm.account_opportunity', purge => 'location', confirm => 's3://$raw/$folder',
  accept => '{"Account.Name": "organisation name, documented column", "Opportunity.Name": "service name, documented column"}');
SELECT verdict, count(*), count(*) FILTER (WHERE is_delete_marker) AS markers, min(reason)
  FROM salesforce_fdw.purge_plan('account_opportunity') GROUP BY 1 ORDER BY 1;
SQL
my $before = show('raw bucket before, all versions: key|size|kind|latest', s3($server, 'list', $raw, $folder));
is(scalar(() = $before =~ /\|Version\|/g), 9, 'nine versions are there');
is(scalar(() = $before =~ /\|DeleteMarker\|/g), 3, 'and three delete markers');
like($before, qr/Contact\.csv\|0\|DeleteMarker\|latest/, 'Contact.csv is deleted, as far as one sees');
show('transformed bucket before', s3($server, 'list', $lake));

# --- pg_cron does it
type_in('etl', "SELECT salesforce_fdw.schedule('account_opportunity', '$schedule')");
$node->restart unless $ENV{SFDW_ALL};
$node->poll_query_until('crm', "SELECT count(*) > 0 FROM cron.job_run_details WHERE status IN ('succeeded', 'failed')")
  or die 'pg_cron did not run the job';
type_in($superuser, 'SELECT jobid, schedule, command, database, username FROM cron.job');
like(type_in($superuser, 'SELECT status, return_message, start_time, end_time FROM cron.job_run_details ORDER BY runid LIMIT 1'),
	qr/^succeeded\|/, 'the job succeeded');

# --- what is there now
my $after = show('raw bucket after, all versions', s3($server, 'list', $raw, $folder));
is($after, '', 'no version and no delete marker is left below the raw location');
is(scalar(split /\n/, s3($server, 'list', $raw, 'bes/crm/other/')), 3, 'its neighbour is as it was');
my $published = show('transformed bucket after, all versions', s3($server, 'list', $lake));
like($published, qr/^\Q$key\E\|\d+\|Version\|latest$/m, 'the object is at its fixed key');
unlike($published, qr/_staging/, 'nothing is left in staging');
s3($server, 'get', $lake, $key, "$home/published.parquet");
my ($parquet) = run_command([ $ENV{SFDW_PYTHON}, '-c', <<'PYTHON', "$home/published.parquet" ]);
import sys
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
for field in table.schema:
    print(f"{field.name}: {field.type}")
print(f"{table.num_rows} rows")
PYTHON
show('published object, as pyarrow reads it', $parquet);
is( ($parquet =~ s/\n\d+ rows\z//r),
	join("\n", 'accountid: string', 'accountname: string', 'accountcreateddate: timestamp[ms]', 'opportunityid: string',
		'opportunityname: string', 'opportunitycreateddate: timestamp[ms]', 'product_to_add__c: string'),
	'its columns are the documented ones');
my ($count) = $parquet =~ /(\d+) rows/;
is($count, value($node, 'crm', 'SELECT count(*) FROM crm.account_opportunity'), 'its rows are the target\'s');
my ($expected) = run_command([ $ENV{SFDW_PYTHON}, '-c', <<'PYTHON', "$home/day3" ]);
import csv, sys
def read(name):
    return list(csv.DictReader(open(f"{sys.argv[1]}/{name}.csv", newline="")))
accounts = {row["Id"] for row in read("Account")}
print(sum(row["AccountId"] in accounts and row["Id"] != "" for row in read("Opportunity")))
PYTHON
is($count, $expected, '... as many as the newest exports give');
my $json = JSON::PP->new->canonical->pretty;
my $table = decode_json(glue($moto, 'get_table', '{"DatabaseName": "bes_crm_salesforce_production", "Name": "account_opportunity"}'));
show('Glue table', $json->encode($table));
is($table->{Table}{StorageDescriptor}{Location}, "s3://$lake/$folder", 'Glue knows where it is');
is(join(' ', map { "$_->{Name}:$_->{Type}" } @{ $table->{Table}{StorageDescriptor}{Columns} }),
	'accountid:string accountname:string accountcreateddate:timestamp opportunityid:string opportunityname:string '
	  . 'opportunitycreateddate:timestamp product_to_add__c:string', '... and its columns');
my $evidence = decode_json(value($node, 'crm', 'SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs WHERE number = 1'));
show('evidence', $json->encode($evidence));
is(join(' ', map { $evidence->{purge}{$_} } qw(listed deleted proved left)), '12 12 12 0', 'the evidence has each version, deleted and proved');
type_in('etl', 'SELECT * FROM salesforce_fdw.check_runs()');
type_in('etl', 'TABLE salesforce_fdw.run_status');
type_in('etl', "SELECT salesforce_fdw.unschedule('account_opportunity')");
unlike(slurp_file($node->logfile) =~ s/^.*CREATE USER MAPPING.*\n//mgr, qr/\Q$aws_secret\E/, 'no key is in the log');

$node->stop;
done_testing();
