# A backend killed at any fault point of a whole run on buckets, before or
# after any effect and inside the promotion, while a raw file is replaced
# never, once or twice at that moment: the next CALLs publish the newest
# export, purge what was published, and leave no staged version and no upload.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $server = start_s3();
my $home = new_home();
my $python = $ENV{SFDW_PYTHON};
my $tool = "$FindBin::RealBin/../servers/s3tool.py";
my @exports = qw(Account.csv Opportunity.csv Contact.csv);
my $world = 0;

my $node = PostgreSQL::Test::Cluster->new('s3_crash');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = off\nlog_min_messages = log");
$node->start;
s3($server, 'make', $_, 'Enabled') for qw(raw lake);
for my $day (0 .. 3)
{
	mkdir "$home/day$day";
	write_exports("$home/day$day", $day);
}

sub export_day
{
	my ($day) = @_;
	s3($server, 'put-all', 'raw', "$world/", "$home/day$day", @exports);
	return;
}

# A database and folders of its own; with a yesterday that was published.
sub new_world
{
	my ($has_yesterday) = @_;
	$world++;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	mkdir "$home/catalog/$world";
	make_world($node, 'w', $home,
		raw => "s3://raw/$world/", lake => "s3://lake/$world/",
		catalog => "file://$home/catalog/$world/",
		server_options => s3_options($server),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$world/'");
	if ($has_yesterday)
	{
		export_day(0);
		my ($error, $out, $err) = call_run($node, 'w');
		die $err if $error ne '';
	}
	export_day(1);
	return;
}

# CALL run() with something armed at a fault point.
sub call_with
{
	my ($setting) = @_;
	my $before = times_ready($node);
	my ($state) = attempt($node, 'w',
		"LOAD 'salesforce_fdw'; $setting SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	wait_for_restart($node, $before) if $state eq 'killed';
	return $state;
}

# What the published file says, by another reader.
sub published
{
	my $file = "$home/published.parquet";
	unlink $file;
	s3($server, 'get', 'lake', "$world/sales/sales.parquet", $file);
	my ($rows) = run_command([ $python, '-c',
		'import sys, pyarrow.parquet as pq; '
		  . 'print("\n".join("|".join([r["accountid"], r["opportunityid"], r["stage"]]) '
		  . 'for r in pq.read_table(sys.argv[1]).to_pylist()))', $file ]);
	return $rows;
}

# Whether everything is as it must be when day's export is published.
sub is_complete
{
	my ($day, $name) = @_;
	my @wrong;
	push @wrong, 'the published rows are others' if published() ne expected_rows($day);
	push @wrong, 'raw versions are left' if s3($server, 'list', 'raw', "$world/") ne '';
	push @wrong, 'staged versions are left' if s3($server, 'list', 'lake', "$world/") =~ /_staging/;
	push @wrong, 'an upload is left' if s3($server, 'uploads', 'lake', "$world/") ne '';
	my $state = value($node, 'w', q{SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1});
	push @wrong, "the state is $state" if $state ne 'closed';
	diag("$name: $_") for @wrong;
	return !@wrong;
}

# The points of a clean second day.
my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
new_world(1);
call_with("SET salesforce_fdw.fault_trace = '$trace';");
ok(is_complete(1, 'clean run'), 'a run without a crash is complete');
my @points = map { s/^\d+ //r } split /\n/, slurp_file($trace);
cmp_ok(scalar @points, '>=', 25, 'at least 25 fault points');
ok((grep { $_ eq 'storage.promote begun' } @points), 'the promotion has points inside');

# Everyday every sixth point with as many replacements in turn; on demand all.
my @table;
my ($killed, $complete, $tried) = (0, 0, 0);
for my $number (1 .. @points)
{
	for my $replaced (0 .. 2)
	{
		next unless $ENV{SFDW_ALL} || $points[ $number - 1 ] =~ /begun|copied/ && $replaced == $number % 3
		  || $number % 6 == 0 && $replaced == $number / 6 % 3;
		my $name = "$number $points[$number - 1], replaced $replaced times";
		new_world(1);
		my $put = "SFDW_TEST_KEY=$aws_key SFDW_TEST_SECRET=$aws_secret $python $tool $server->{endpoint} put-all raw $world/";
		my $command = join '; ', (map { "$put $home/day" . (1 + $_) . ' Account.csv Opportunity.csv' } 1 .. $replaced), 'kill -9 \$PPID';
		$tried++;
		$killed++ if call_with("SET salesforce_fdw.fault_at = $number; SET salesforce_fdw.fault_action = 'sh:" . ($command =~ s/\\\$/\$/r) . "';") eq 'killed';
		my $state = value($node, 'w', q{SELECT coalesce((SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1), 'nothing')});
		my @errors = map { (call_run($node, 'w'))[0] } 1 .. 2;
		my $is_fine = is_complete(1 + $replaced, $name) && join('', @errors) eq '';
		$complete++ if $is_fine;
		push @table, sprintf '%-48s %-14s %s', $name, $state, $is_fine ? 'converged' : "WRONG @errors";
	}
}
is($killed, $tried, 'every point killed the backend');
is($complete, $tried, 'every rerun reached the same end');
diag("table: $_") for "$tried crashes on buckets: point, state committed, end", @table;

$node->stop;
done_testing();
