# Claim: a purge that comes later than its run deletes nothing when what was
# published has gone or is something else by then, for the raw files are the
# only other copy; it says so, and a forced run, or the object as it was, lets
# it go on.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('purge_unpublished');
$node->init;
$node->start;
my ($home, $worlds) = ('', 0);

# A published day whose purge was put off, and is due now.
sub new_world
{
	my (%with) = @_;
	$home = new_home();
	$worlds++;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	make_world($node, 'w', $home, purge => "'location'", purge_after => "'1 day'", confirm => "'file://$home/raw/'", %with);
	write_exports("$home/raw", 1);
	my ($error, $out, $err) = call_run($node, 'w');
	die $err if $error ne '';
	is(status(), 'purge_pending|deferred', 'a purge that is put off');
	$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
	return;
}
sub status { return value($node, 'w', 'SELECT state, reason FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1') }
sub raw { return join ' ', files_below("$home/raw") }
sub published { return (grep { /sales\.parquet$/ } map { "$home/lake/$_" } files_below("$home/lake"))[0] }
my $raw = 'Account.csv Contact.csv Opportunity.csv';

for my $mode (qw(inplace versioned))
{
	new_world(publish => "'$mode'");
	my $file = published();
	rename $file, "$home/kept" or die "$file: $!";
	my ($error, $out, $err) = call_run($node, 'w');
	is($error, '', "$mode: the published object is gone: the CALL ends") or diag $err;
	like($err, qr/WARNING: .*its purge is pending\nDETAIL:  3 raw versions are left: published object "file:.*sales\.parquet" is not there any more/, '... with a warning that says so');
	is(status(), 'purge_pending|unpublished', '... the run stays pending');
	is(raw(), $raw, '... and nothing raw is deleted');
	is(value($node, 'w', 'SELECT action FROM salesforce_fdw.run_status'), q{CALL salesforce_fdw.run('sales', force => true);}, '... and one is told what to do');

	write_text($file, 'something else');
	($error, $out, $err) = call_run($node, 'w');
	like($err, qr/published object "file:.*sales\.parquet" is another one by now/, "$mode: it is something else: said");
	is(raw(), $raw, '... and nothing raw is deleted');

	unlink $file;
	rename "$home/kept", $file or die $!;
	($error, $out, $err) = call_run($node, 'w');
	is(status(), 'closed|', "$mode: it is back: the run is closed") or diag $err;
	is(raw(), '', '... and everything raw is gone');
}

new_world();
unlink published();
my ($error, $out, $err) = call_run($node, 'w');
is(status(), 'purge_pending|unpublished', 'gone for good');
($error, $out, $err) = call_run($node, 'w', force => 1);
is($error, '', 'a forced run') or diag $err;
ok(-s published(), '... publishes it anew');
is(status(), 'closed|', '... is closed');
is(raw(), '', '... and everything raw is gone');
is(value($node, 'w', 'SELECT count(*) FROM salesforce_fdw.runs WHERE state <> $$closed$$'), '0', '... as is the one before');

# --- on a bucket: a delete marker, the same bytes as another version, a rollback
my $s3 = start_s3();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
sub export_day
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	s3($s3, 'put-all', 'raw', 'day/', "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	return;
}
$home = new_home();
$node->safe_psql('postgres', 'DROP DATABASE w');
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => 's3://raw/day/', lake => 's3://lake/', server_options => s3_options($s3),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
	purge => "'location'", purge_after => "'1 day'", confirm => "'s3://raw/day/'");
export_day(1);
call_run($node, 'w');
export_day(2);
call_run($node, 'w');
is(status(), 'purge_pending|deferred', 'two days in a bucket whose purge is put off');
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
s3($s3, 'get', 'lake', 'sales/sales.parquet', "$home/kept");
my $raw_before = s3($s3, 'list', 'raw');

s3($s3, 'mark', 'lake', 'sales/sales.parquet');
($error, $out, $err) = call_run($node, 'w');
is(status(), 'purge_pending|unpublished', 'a delete marker on the published key') or diag $err;
is(s3($s3, 'list', 'raw'), $raw_before, '... and nothing raw is deleted');

s3($s3, 'put', 'lake', 'sales/sales.parquet', "$home/kept");
my $first = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs ORDER BY number LIMIT 1');
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.rollback('sales', '$first')");
($error, $out, $err) = call_run($node, 'w');
is(status(), 'purge_pending|rolled_back', 'readers have the first day again') or diag $err;
is(s3($s3, 'list', 'raw'), $raw_before, '... and nothing raw is deleted');
is(value($node, 'w', 'SELECT action FROM salesforce_fdw.run_status'), q{CALL salesforce_fdw.run('sales');}, '... and nobody is told to force anything');

s3($s3, 'put', 'lake', 'sales/sales.parquet', "$home/kept");
($error, $out, $err) = call_run($node, 'w');
is(status(), 'closed|', 'the same bytes under another version id') or diag $err;
is(s3($s3, 'list', 'raw'), '', '... and everything raw is gone');

$node->stop;
done_testing();
