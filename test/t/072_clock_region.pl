# Claim: a clock that is wrong by hours and a region that is wrong cost one
# request each, once in a backend, and everything comes to its end: scans,
# uploads, a whole run, keys of STS and of the instance.  The servers judge the
# time and the region of each signature; nothing here is accepted by a stub.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my $counted = start_faults($s3->{port});
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
my $clock = "$home/clock";
my $node = PostgreSQL::Test::Cluster->new('clock_region');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nsession_preload_libraries = 'salesforce_fdw'\nsalesforce_fdw.fault_clock = '$clock'");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => 's3://raw/crm/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	server_options => s3_options($counted, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
	purge => "'location'", confirm => "'s3://raw/crm/'");
my $day = 0;

# A day's exports and their run: its SQLSTATE, and what S3 was asked.
sub run_day
{
	write_exports("$home/raw", ++$day);
	s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	set_rules($counted, @_);
	my ($state, $out, $err) = call_run($node, 'w');
	diag $err if $state ne '';
	return ($state, requests($counted, qr/./));
}
run_day();
my ($state, $usual) = run_day();
is($state, '', "a run with the right clock asks S3 $usual times");

# --- the clock of this machine is wrong; the S3 server refuses and says its time
for my $hours (3, -24 * 400)
{
	write_text($clock, $hours * 3600);
	($state, my $asked) = run_day();
	is($state, '', "a clock that is wrong by $hours hours: the run comes to its end");
	is($asked, $usual + 1, '... with one request more, so the clock is set right once');
	is($node->safe_psql('w', 'SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'), 'closed', '... published and purged');
}
is(s3($s3, 'list', 'raw'), '', 'nothing raw is left');

# --- it becomes wrong while a session works, and right again
$node->safe_psql('w', "GRANT salesforce_fdw_read, salesforce_fdw_write TO etl");
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", qw(Account.csv Opportunity.csv));
my $session = $node->background_psql('w', on_error_stop => 0, extra_params => [ '-U', 'etl' ]);
for my $seconds (0, 7200, 7200, 0, 60)
{
	write_text($clock, $seconds);
	is($session->query('SELECT count(*) FROM raw.account'), '7', "a session whose clock goes to $seconds seconds reads");
}
write_text($clock, 7200);
is($session->query(q{SELECT * FROM salesforce_fdw.copy_to('SELECT g, md5(g::text) FROM generate_series(1, 400000) g', 's3://lake/big.parquet', '{"compression": "none"}')}),
	'400000', '... and uploads in parts');
cmp_ok(requests($counted, qr/partNumber=/), '>=', 2, '... of which there were several');

# --- what tidies up signs by the same clock: an upload that fails is aborted
set_rules($counted, { match => 'partNumber=1', nth => 1, times => 9, do => 'status', code => 403, body => '<Error><Code>AccessDenied</Code></Error>' });
$session->query(q{SELECT * FROM salesforce_fdw.copy_to('SELECT g, md5(g::text) FROM generate_series(1, 400000) g', 's3://lake/never.parquet', '{"compression": "none"}')});
like($session->{stderr}, qr/AccessDenied/, 'an upload that is refused by a wrong clock\'s machine');
is(s3($s3, 'uploads', 'lake'), '', '... is aborted');
$session->quit;

my $super = $node->safe_psql('w', 'SELECT current_user');

# What a superuser's SQL gives, or its error.
sub answer { my ($state, $out, $err) = attempt($node, 'w', $_[0], user => $super); return $state eq '' ? $out : $err }

# The outcomes at a gate that were none of success.
sub refusals { return join ' ', grep { !/^20[06]$/ } map { (split / /)[2] } gate_log($_[0]) }

# --- keys whose time is judged: of STS, by whom the signature's too; of the instance
my %secret = (base => 'baseSecret/0123456789', role => 'roleSecret/0123456789', instance => 'instanceSecret/0123456789');
my $keys = start_keys(
	sts => { AssumeRole => { id => 'ASIAROLE', secret => $secret{role}, token => 'roleToken', is_dated => 1 } },
	instance => { role => 'exports', keys => { id => 'ASIAINSTANCE', secret => $secret{instance}, token => 'instanceToken', is_dated => 1 } });
my %known = (
	AKIABASE => { secret => $secret{base} },
	ASIAROLE => { secret => $secret{role}, token => 'roleToken' },
	ASIAINSTANCE => { secret => $secret{instance}, token => 'instanceToken' });
my $gate = start_gate($s3->{port}, keys => \%known, root => [ $aws_key, $aws_secret ]);
my $sts = start_gate($keys->{port}, keys => \%known);
my $options = s3_options($gate) . ", sts_endpoint '$sts->{endpoint}', metadata_endpoint '$keys->{endpoint}'";
$node->safe_psql('w', <<"SQL");
CREATE SERVER role FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $options, role_arn 'arn:aws:iam::123456789012:role/r');
CREATE SERVER instance FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $options, credentials 'imds');
CREATE USER MAPPING FOR CURRENT_USER SERVER role OPTIONS (access_key_id 'AKIABASE', secret_access_key '$secret{base}');
CREATE FOREIGN TABLE by_role (id text) SERVER role OPTIONS (path 'Account.csv', dialect 'csv');
CREATE FOREIGN TABLE by_instance (id text) SERVER instance OPTIONS (path 'Account.csv', dialect 'csv');
SQL
for my $hours (3, -3)
{
	write_text($clock, $hours * 3600);
	gate_log($_) for $gate, $sts;
	is(answer('SELECT count(*) FROM by_role'), '7', "a role is assumed and used by a clock that is wrong by $hours hours");
	is(refusals($sts), 'SignatureDoesNotMatch', '... STS has refused once, and said its time');
	is(refusals($gate), '', '... by which S3 was asked at once');
	is(answer('SELECT count(*) FROM by_instance'), '7', '... and so are the instance\'s keys');
	is(refusals($gate), '', '... by the time of its service');
}
write_text($clock, 0);

# What is left in the bucket goes, so that runs ask as often as before.
run_day();

# --- the region is wrong, and the answer names the right one
$node->safe_psql('w', "ALTER SERVER $_ OPTIONS (SET region 'eu-west-1')") for qw(raw_exports lake);
($state, my $asked) = run_day(map { { match => "^\\S+ /$_", nth => 1, do => 'status', code => 301,
	body => '<Error><Code>PermanentRedirect</Code></Error>', headers => { 'x-amz-bucket-region' => 'us-east-1' } } } qw(raw lake));
is($state, '', 'PermanentRedirect: the run comes to its end in the other region');
is($asked, $usual + 2, '... with one request more for each bucket');
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", 'Account.csv');
my @asked;
for my $region ('us-east-1', 'eu-west-1')
{
	$node->safe_psql('w', "ALTER SERVER raw_exports OPTIONS (SET region '$region')");
	set_rules($counted);
	is(answer('SET ROLE etl; SELECT count(*) FROM raw.account'), '7', "a scan that signs for $region first");
	push @asked, requests($counted, qr/./);
}
# Its answer to HEAD does not name the region, as AWS's does: a GET asks why, is
# refused and sent again, and HEAD again.
is($asked[1], $asked[0] + 3, '... and is refused by the S3 server itself');
# The gate itself finds the region wrong, in every request that names it.
set_gate($gate, keys => \%known, root => [ $aws_key, $aws_secret ], region => 'ca-central-1');
gate_log($gate);
is(answer('SELECT count(*) FROM by_role; SELECT count(*) FROM by_role'), "7\n7", 'a server that is in another region is read');
is(refusals($gate), 'AuthorizationHeaderMalformed', '... with one refusal a backend');

$node->stop;
done_testing();
