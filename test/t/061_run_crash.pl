# A backend killed at any fault point of a whole run, before or after any
# effect, leaves a state from which the next CALL, in another session, reaches
# the same rows, files and ledger; also when an export was replaced at that
# moment: nothing is lost, nothing raw is left of what was published, nothing
# is deleted that was not published.  The points are those of a clean run's
# trace, so none can be forgotten.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('run_crash');
$node->init;
$node->append_conf('postgresql.conf',
	"restart_after_crash = on\nfsync = off\nlog_min_messages = log");
$node->start;
my $home = new_home();
my $next = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', 'CREATE DATABASE world');
make_world($node, 'world', $home, purge => "'location'",
	confirm => "'file://$home/raw/'");
my $file = "$home/lake/sales/sales.parquet";

# A fresh copy of the world, with day 1's exports.  With a yesterday, day 0 was
# published and purged before, and the table's comment changed since: so file
# and catalog entry are replaced, where else they are new.
sub reset_world
{
	my ($has_yesterday) = @_;
	system_or_bail('find', $home, '-mindepth', '2', '-delete');
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w TEMPLATE world');
	if ($has_yesterday)
	{
		write_exports("$home/raw", 0);
		my ($error, $out, $err) = call_run($node, 'w');
		die $err if $error ne '';
		$node->safe_psql('w', "COMMENT ON TABLE crm.sales IS 'as of today'");
	}
	write_exports("$home/raw", 1);
	return;
}

# CALL run() with a fault point armed.
sub call_at
{
	my ($number, $action) = @_;
	my $before = times_ready($node);
	my ($state) = attempt(
		$node, 'w',
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_at = $number;
		 SET salesforce_fdw.fault_action = '$action';
		 SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	wait_for_restart($node, $before) if $state eq 'killed';
	return $state;
}

# What the ledger had committed, and what the next CALL wrote to it.
sub committed_state
{
	return value($node, 'w',
		"SELECT coalesce((SELECT state FROM salesforce_fdw.runs
			ORDER BY number DESC LIMIT 1), 'nothing')");
}

sub events_after
{
	my ($last) = @_;
	return value($node, 'w',
		"SELECT string_agg(event, ' ' ORDER BY id)
			FROM salesforce_fdw.run_events WHERE id > $last AND event <> 'called'");
}

sub last_event
{
	return value($node, 'w',
		'SELECT coalesce(max(id), 0) FROM salesforce_fdw.run_events');
}

# Everything that must hold once a run of day's exports is closed; runs that
# ended before it may have been refused for a reason.
sub is_complete
{
	my ($day, $name, $reason) = @_;
	$reason //= 'superseded';
	my $is_fine = 1;
	my $check = sub {
		my ($got, $expected, $what) = @_;
		return if $got eq $expected;
		$is_fine = 0;
		diag("$name: $what is \"$got\", expected \"$expected\"");
		return;
	};
	$check->(join(' ', lake_files("$home/lake")), 'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'lake');
	$check->(
		join(' ', files_below("$home/catalog")),
		'crm_production/sales.json', 'catalog');
	$check->(join(' ', files_below("$home/raw")), '', 'raw');
	my ($rows, $state, $others, $sha256, $unproved, $staged) = split /;/,
	  value($node, 'w', <<"SQL");
SELECT concat_ws(';',
	(SELECT string_agg(concat_ws('|', accountid, opportunityid, stage), E'\\n'
		ORDER BY accountid, opportunityid) FROM crm.sales),
	(SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1),
	(SELECT count(*) FROM salesforce_fdw.runs WHERE state <> 'closed'
		AND (state <> 'refused' OR reason <> '$reason')),
	(SELECT file_sha256 FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1),
	(SELECT count(*) FROM salesforce_fdw.run_inputs i
		JOIN salesforce_fdw.runs r USING (run)
		WHERE r.state = 'closed' AND i.purge_proved IS NULL),
	(SELECT count(*) FROM salesforce_fdw.run_outputs
		WHERE kind = 'staged' AND deleted IS NULL))
SQL
	$check->($rows,     expected_rows($day), 'rows');
	$check->($state,    'closed',            'state');
	$check->($others,   0,                   'number of other states');
	$check->($sha256,   sha256_of($file),    'checksum');
	$check->($unproved, 0, 'number of versions without proof');
	$check->($staged,   0, 'number of staged objects left');
	return $is_fine;
}

# The points of a clean run, in the order of its trace.
sub points_of_clean_run
{
	my ($has_yesterday) = @_;
	my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
	reset_world($has_yesterday);
	attempt($node, 'w',
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$trace';
		 SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	ok(is_complete(1, 'clean run'), 'a run without a crash is complete');
	return map { s/^\d+ //r } split /\n/, slurp_file($trace);
}

# Under valgrind every tenth point has to do: a crash there takes a minute.
sub sampled
{
	return $ENV{SFDW_SLOW} ? grep { $_ % 10 == 0 } @_ : @_;
}

my @table;
for my $has_yesterday (0, 1)
{
	my $world = $has_yesterday ? 'second day' : 'first day';
	my @points = points_of_clean_run($has_yesterday);
	cmp_ok(scalar @points, '>=', 25, "$world: at least 25 fault points");
	my ($crashed, $converged) = (0, 0);
	for my $number (sampled(1 .. @points))
	{
		my $name = "$number $points[$number - 1]";
		reset_world($has_yesterday);
		$crashed++ if call_at($number, 'kill') eq 'killed';
		my ($state, $last) = (committed_state(), last_event());
		my ($error) = call_run($node, 'w');
		my $is_fine = $error eq '' && is_complete(1, "killed at $name");
		$converged++ if $is_fine;
		push @table, sprintf '%-10s  %-28s %-14s %s%s', $world, $name, $state,
		  events_after($last) // 'nothing', $is_fine ? '' : '  WRONG';
	}
	is($crashed, scalar(() = sampled(1 .. @points)), "$world: every point killed the backend");
	is($converged, scalar(() = sampled(1 .. @points)), "$world: every rerun reached the same end");
}

# An error instead of a kill, at every point of an effect: the session goes on
# and records it, and the next CALL reaches the same end.
my @points = points_of_clean_run(1);
my @effects = grep { $points[ $_ - 1 ] !~ /^ledger/ } 1 .. @points;
my $recovered = 0;
for my $number (sampled(@effects))
{
	my $name = "$number $points[$number - 1]";
	reset_world(1);
	call_at($number, 'error');
	my ($state, $last) = (committed_state(), last_event());
	my ($error) = call_run($node, 'w');
	my $is_fine = $error eq '' && is_complete(1, "error at $name", 'error');
	$recovered++ if $is_fine;
	push @table, sprintf '%-10s  %-28s %-14s %s%s', 'error', $name, $state,
	  events_after($last) // 'nothing', $is_fine ? '' : '  WRONG';
}
is($recovered, scalar(() = sampled(@effects)), 'every error was recovered from');

# Killed after the promotion, and the data set altered before the next CALL:
# what was published is recognised all the same.
my ($promoted) = grep { $points[ $_ - 1 ] eq 'storage.promote after' } 1 .. @points;
reset_world(1);
call_at($promoted, 'kill');
my ($error, $out, $err) = attempt($node, 'w',
	"SELECT salesforce_fdw.abandon(run, 'too late') FROM salesforce_fdw.runs
		WHERE state = 'verified'");
is($error, '55000', 'a run whose file is published cannot be abandoned');
attempt($node, 'w',
	"SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"min_rows\": 2}')");
($error, $out, $err) = call_run($node, 'w');
is($error, '', 'nor is it refused because the data set was altered since')
  or diag($err);
ok(is_complete(1, 'altered'), 'it is finished');

# The same, with day 2's exports in place of day 1's at that moment.  What is
# left to check after the rerun: day 2 is published, or still there.
my ($kept, $caught_up) = (0, 0);
write_exports($next, 2, no_contact => 1);
for my $number (sampled(1 .. @points))
{
	my $name = "$number $points[$number - 1]";
	reset_world(1);
	call_at($number,
		"sh:for f in Account Opportunity; do cp $next/\$f.csv $home/raw/.\$f && mv $home/raw/.\$f $home/raw/\$f.csv; done; kill -9 \$PPID");
	my ($state, $last) = (committed_state(), last_event());
	my ($error) = call_run($node, 'w');
	my $is_published = published_rows($node, 'w') eq expected_rows(2);
	my $is_there = -e "$home/raw/Account.csv" && -e "$home/raw/Opportunity.csv";
	$kept++ if $is_published || $is_there;
	my $did = events_after($last) // 'nothing';
	call_run($node, 'w') unless $is_published;
	my $is_fine = is_complete(2, "overwritten at $name");
	$caught_up++ if $is_fine;
	push @table, sprintf '%-10s  %-28s %-14s %s%s', 'new export', $name,
	  $state, $did, $is_fine ? '' : "  WRONG ($error)";
}
is($kept, scalar(() = sampled(1 .. @points)), 'no new export was lost');
is($caught_up, scalar(() = sampled(1 .. @points)), 'every new export was published');

diag("table: $_")
  for 'when, point, state committed, what the next CALL did', @table;
$node->stop;
done_testing();
