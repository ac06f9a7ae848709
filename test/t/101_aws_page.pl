# What doc/aws.md tells people to type works, in its order, on a bucket with
# versions and Glue: as the users that it names, with the test's own keys, and
# with the endpoints of the test's servers added to each CREATE SERVER.  The
# policies are JSON, and hold every permission that the source names.
use strict;
use warnings FATAL => 'all';
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use DocTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $source = dirname(__FILE__) . '/../..';
my $page = 'doc/aws.md';
my @blocks = blocks_of($page);

# --- policies
my %allowed;
for my $block (grep { $_->[0] eq 'json' } @blocks)
{
	my $policy = eval { decode_json($block->[1]) };
	ok(defined $policy, "$page line $block->[2]: a policy in JSON") or next;
	$allowed{$_} = 1 for map { @{ $_->{Action} } } @{ $policy->{Statement} };
}
my %named;
for my $file (glob("$source/src/aws/*.c $source/src/storage/*.c $source/src/dataset/*.c"))
{
	my $text = slurp_file($file);
	$named{$1} = 1 while $text =~ /"(s3:[A-Z]\w+)"/g;
	$named{"glue:$1"} = 1 while $text =~ /"((?:Get|Create|Update|Delete)(?:Database|Table|ColumnStatistics\w+))"/g;
}
cmp_ok(scalar(keys %named), '>', 12, 'the source names permissions');
my $text = slurp_file("$source/$page");
is(join(' ', sort grep { !$allowed{$_} && $text !~ /`\Q$_\E`/ } keys %named),
	'', 'every one of them is on the page');

# --- the job
my $server = start_s3();
my $moto = start_moto();
my $home = new_home();
s3($server, 'make', $_, 'Enabled') for qw(acme-raw acme-transformed);
glue($moto, 'create_database', '{"DatabaseInput": {"Name": "bes_crm_salesforce_production"}}');

# A day's exports.
sub export_day
{
	my ($day) = @_;
	my $folder = "$home/day$day";
	system_or_bail('python3', "$source/test/gen_salesforce.py", $folder,
		qw(--account 310r --opportunity 420r --contact 30r --seed), $day);
	s3($server, 'put-all', 'acme-raw', 'bes/crm/salesforce/', $folder, qw(Account.csv Opportunity.csv Contact.csv));
	return;
}

# The page's SQL, on the servers of this test.
sub here
{
	my ($sql) = @_;
	my $options = s3_options($server);
	my $both = s3_options($server, $moto);
	$sql =~ s/region 'ca-central-1'(?=[^;]*catalog 'glue')/$both/ while $sql =~ /region 'ca-central-1'[^;]*catalog 'glue'/;
	$sql =~ s/region 'ca-central-1'/$options/g;
	# The test's server has no accounts.
	$sql =~ s/, expected_bucket_owner '\d+'//g;
	$sql =~ s/AKIA…/$aws_key/g;
	$sql =~ s/'…'/'$aws_secret'/g;
	return $sql;
}

my $node = PostgreSQL::Test::Cluster->new('aws_page');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw; CREATE ROLE etl LOGIN; CREATE SCHEMA crm AUTHORIZATION etl; GRANT salesforce_fdw_operator TO etl');
export_day($_) for 1, 2;
my ($count, $plan) = (0, '');
for my $block (grep { $_->[0] eq 'sql' } @blocks)
{
	my $out = run_block($node, $page, $block, \&here);
	$plan = $out if $block->[1] =~ /purge_plan/;
	$count++;
}
cmp_ok($count, '>', 3, 'the page has SQL');
like($plan, qr{^Contact\.csv\|delete\|2\|}m, 'its plan lists old versions and unread objects') or diag $plan;
is($node->safe_psql('postgres', 'SELECT state FROM salesforce_fdw.run_status'), 'closed', 'the job of the page is done');
is(s3($server, 'list', 'acme-raw'), '', 'and every version of the raw files is gone');
like(s3($server, 'list', 'acme-transformed'), qr{^bes/crm/salesforce/account_opportunity\.parquet\|\d+\|Version\|latest$}m,
	'what it published is where the page says');
like(glue($moto, 'get_table', '{"DatabaseName": "bes_crm_salesforce_production", "Name": "account_opportunity"}'),
	qr{s3://acme-transformed/bes/crm/salesforce/}, 'and Glue knows it');

$node->stop;
done_testing();
