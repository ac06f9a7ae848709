# Claim: a backend killed at any fault point of a run that publishes in
# versions leaves readers with one whole run, yesterday's or today's, and the
# next CALL reaches the same end: today's rows, one object, nothing raw left.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('versioned_crash');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = off\nlog_min_messages = log");
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE world');
make_world($node, 'world', $home, publish => "'versioned'", keep_runs => 1,
	purge => "'location'", confirm => "'file://$home/raw/'");

# What a reader of the catalog's table would read: the one file, or undef.
sub read_file
{
	my $entry = decode_json(slurp_file("$home/catalog/crm_production/sales.json"));
	my ($folder) = $entry->{TableInput}{StorageDescriptor}{Location} =~ m{^file://(.*)/$} or return undef;
	my @files = grep { !m{(^|/)[._]} } files_below($folder);
	return @files == 1 ? "$folder/$files[0]" : undef;
}

# Yesterday was published and purged; today's exports are there.
my $yesterday;
sub reset_world
{
	system_or_bail('find', $home, '-mindepth', '2', '-delete');
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w TEMPLATE world');
	write_exports("$home/raw", 0);
	my ($error, $out, $err) = call_run($node, 'w');
	die $err if $error ne '';
	$yesterday = sha256_of(read_file());
	write_exports("$home/raw", 1);
	return;
}

# CALL run() with settings of the test build.
sub call_with
{
	my ($settings) = @_;
	my $before = times_ready($node);
	my ($state) = attempt($node, 'w', "LOAD 'salesforce_fdw'; $settings SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	wait_for_restart($node, $before) if $state eq 'killed';
	return $state;
}

# Whether everything is as it must be at the end.
sub is_complete
{
	my ($name) = @_;
	my $file = read_file();
	my @wrong;
	push @wrong, 'nothing to read' unless defined $file;
	my ($state, $run, $sha256, $unproved, $left, $open, $untold) = split /\|/, value($node, 'w', <<'SQL');
SELECT state, run, file_sha256,
	(SELECT count(*) FROM salesforce_fdw.run_inputs WHERE purge_proved IS NULL),
	(SELECT count(*) FROM salesforce_fdw.run_outputs o WHERE deleted IS NULL AND kind <> 'evidence' AND o.run <> r.run),
	(SELECT count(*) FROM salesforce_fdw.run_outputs WHERE deleted IS NULL AND kind = 'staged'),
	(SELECT count(*) FROM salesforce_fdw.runs p WHERE p.published_at IS NOT NULL AND NOT EXISTS (SELECT FROM salesforce_fdw.run_outputs e WHERE e.run = p.run AND e.kind = 'evidence' AND e.sha256 IS NOT NULL))
FROM salesforce_fdw.runs r ORDER BY number DESC LIMIT 1
SQL
	push @wrong, "state $state" if $state ne 'closed';
	push @wrong, 'another file' if defined $file && sha256_of($file) ne $sha256;
	push @wrong, 'rows' if published_rows($node, 'w') ne expected_rows(1);
	push @wrong, "lake: @{[lake_files(\"$home/lake\")]}" if join(' ', lake_files("$home/lake")) ne "sales/_owner.json sales/_runs/$run/_manifest.json sales/_runs/$run/sales.parquet";
	push @wrong, 'raw' if files_below("$home/raw");
	push @wrong, "$unproved unproved, $left objects of other runs, $open staged, $untold without evidence" if $unproved || $left || $open || $untold;
	diag("$name: @wrong") if @wrong;
	return !@wrong;
}

my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
reset_world();
call_with("SET salesforce_fdw.fault_trace = '$trace';");
ok(is_complete('clean run'), 'a run without a crash is complete');
my @points = map { s/^\d+ //r } split /\n/, slurp_file($trace);
cmp_ok(scalar(@points), '>=', 25, 'at least 25 fault points');

# All of them with SFDW_ALL; else every third, and under valgrind every tenth.
my $step = $ENV{SFDW_SLOW} ? 10 : $ENV{SFDW_ALL} ? 1 : 3;
my @chosen = grep { $_ % $step == 0 } 1 .. @points;
my ($killed, $readable, $converged) = (0, 0, 0);
my @table;
for my $number (@chosen)
{
	my $name = "$number $points[$number - 1]";
	reset_world();
	$killed++ if call_with("SET salesforce_fdw.fault_at = $number; SET salesforce_fdw.fault_action = 'kill';") eq 'killed';
	my $file = read_file();
	my $sees = !defined $file ? 'nothing' : sha256_of($file) eq $yesterday ? 'yesterday' : 'today';
	$readable++ if $sees ne 'nothing';
	my $state = value($node, 'w', 'SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
	my ($error) = call_run($node, 'w');
	my $is_fine = $error eq '' && is_complete("killed at $name");
	$converged++ if $is_fine;
	push @table, sprintf '%-28s %-14s a reader sees %-10s %s', $name, $state, $sees, $is_fine ? 'converged' : "WRONG ($error)";
}
is($killed, scalar(@chosen), 'every point killed the backend');
is($readable, scalar(@chosen), 'a reader always had one whole run');
is($converged, scalar(@chosen), 'every rerun reached the same end');
note("table: $_") for 'point, state committed, readers, end', @table;

$node->stop;
done_testing();
