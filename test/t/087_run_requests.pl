# Claim: a run at real size (2,200 accounts and 2,200 opportunities, published,
# registered, purged) makes at most 25 requests to S3 and Glue beyond those that
# the raw versions force: to list them before and after, to read each that is
# needed once, to delete them.  Prints each, and how long the run takes without
# the server that counts them.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(time);

my $limit = 25;
my $s3 = start_s3();
my $moto = start_moto();
my %counted = (S3 => start_faults($s3->{port}), Glue => start_faults($moto->{port}));
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
my $node = PostgreSQL::Test::Cluster->new('run_requests');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE crm');
my $options = s3_options($counted{S3}, $counted{Glue});
$node->safe_psql('crm', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA raw; CREATE SCHEMA crm;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $options);
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw
	OPTIONS (location 's3://lake/', catalog 'glue', database 'crm_production', create_database 'true', $options);
CREATE USER MAPPING FOR CURRENT_USER SERVER raw_exports OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
CREATE USER MAPPING FOR CURRENT_USER SERVER lake OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
SQL

sub export_day
{
	my ($day) = @_;
	system_or_bail('python3', "$FindBin::RealBin/../gen_salesforce.py", "$home/day$day", '--account', '2200r',
		'--opportunity', '2200r', '--seed', $day);
	s3($s3, 'put-all', 'raw', 'crm/', "$home/day$day", qw(Account.csv Opportunity.csv));
	return;
}

export_day(1);
$node->safe_psql('crm', <<'SQL');
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER raw_exports INTO raw;
SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake', path => 'bes/crm/salesforce/',
	source_schema => 'raw', target => 'crm.account_opportunity', purge => 'location', confirm => 's3://raw/crm/',
	gates => '{"truncation": "count"}',
	accept => '{"Account.Name": "documented column", "Opportunity.Name": "documented column"}');
CALL salesforce_fdw.run('account_opportunity');
SQL

# --- counted
export_day(2);
set_rules($_) for values %counted;
$node->safe_psql('crm', "CALL salesforce_fdw.run('account_opportunity')");
is($node->safe_psql('crm', 'SELECT state FROM salesforce_fdw.run_status'), 'closed', 'a run at real size');
is(s3($s3, 'list', 'raw'), '', '... which has purged what it read');
my @requests = map {
	my $service = $_;
	map { "$service: " . s/^\d+ (.*) pass$/$1/r =~ s/(uploadId|versionId|version-id-marker)=[^&]*/$1=…/gr }
	  split /\n/, slurp_file($counted{$service}{log})
} sort keys %counted;
note("table: $_") for @requests;
my ($forced, $others) = (0, 0);
m{^S3: (GET /raw/crm/|GET /raw/\?.*versions=|POST /raw/\?delete=)} ? $forced++ : $others++ for @requests;
is($forced, 5, '... with five requests that its raw versions force');
cmp_ok($others, '<=', $limit, "... and $others others");
cmp_ok($others, '>=', 10, '... all of which were counted');
note("figure: " . @requests . " requests of a run at real size, $forced of them forced by the raw versions");

# --- timed, as a figure
$node->safe_psql('crm', "ALTER SERVER raw_exports OPTIONS (SET endpoint '$s3->{endpoint}');
	ALTER SERVER lake OPTIONS (SET endpoint '$s3->{endpoint}', SET glue_endpoint '$moto->{endpoint}')");
my @seconds;
for my $day (3 .. 5)
{
	export_day($day);
	my $begun = time;
	$node->safe_psql('crm', "CALL salesforce_fdw.run('account_opportunity')");
	push @seconds, sprintf '%.2f', time - $begun;
}
is($node->safe_psql('crm', "SELECT count(*) FROM salesforce_fdw.runs WHERE state = 'closed'"), 5, 'five runs');
note('figure: seconds of a run, a new session each: ' . join ', ', @seconds);

$node->stop;
done_testing();
