# schedule() makes one job a data set in pg_cron, and pg_cron runs it, over a
# connection and in a background worker; a refused run is a failed job.  What a
# scheduler does not try again, when it gives up, and what check_runs() says.
# "@reboot" has pg_cron start a job with the server, which takes no minute.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

# The other database has a name that must be quoted everywhere.
my $other = q{it's "v" \\ b};
my %home = map { $_ => new_home() } 'w', $other;
my $node = PostgreSQL::Test::Cluster->new('schedule');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\n"
	  . "cron.database_name = 'w'\ncron.host = '" . $node->host . "'\n");
$node->start;
for my $database ('w', $other)
{
	$node->safe_psql('postgres', 'CREATE DATABASE "' . $database =~ s/"/""/gr . '"');
	make_world($node, $database, $home{$database});
	write_exports("$home{$database}/raw", 1);
}

my $schedule = "SELECT salesforce_fdw.schedule('sales', ";
my $jobs = 'SELECT jobid, jobname, schedule, command, database, username, active FROM cron.job ORDER BY jobid';
my $name = 'salesforce_fdw w.sales';
my $command = "CALL salesforce_fdw.run('sales')";
my $superuser = getpwuid($<);

# --- making it
my ($state, $out, $err) = attempt($node, 'w', "${schedule}'30 9 * * *')");
is($state, '55000', 'pg_cron has to be created');
like($err, qr/HINT:  .*CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO etl;/, '... as the hint says');
$node->safe_psql('w', 'CREATE EXTENSION pg_cron');
($state, $out, $err) = attempt($node, 'w', "${schedule}'30 9 * * *')");
is($state, '42501', 'whoever schedules needs pg_cron\'s schema');
like($err, qr/HINT:  .*GRANT USAGE ON SCHEMA cron TO etl;/, '... as the hint says');
$node->safe_psql('w', 'GRANT USAGE ON SCHEMA cron TO etl');
($state, $out, $err) = attempt($node, 'w', "${schedule}'30 9 * * *')");
is($state, '', 'the owner schedules') or diag $err;
is($out, 1, '... and gets the job\'s number');
like($err, qr/data set "sales" is scheduled at "30 9 \* \* \*" in time zone GMT\nDETAIL:  It is \d\d:\d\d there now\.  Job 1 runs it as role "etl"\./,
	'... and is told the time zone');
unlike($err, qr/statement_timeout/, '... and of no timeout');
is(value($node, 'w', $jobs), "1|$name|30 9 * * *|$command|w|etl|t", 'the job is one CALL');

# --- making it again
attempt($node, 'w', "${schedule}'30 9 * * *')");
attempt($node, 'w', "${schedule}'0 10 * * 1-5')");
is(value($node, 'w', $jobs), "1|$name|0 10 * * 1-5|$command|w|etl|t", 'again: the same job, with the new schedule');
attempt($node, 'w', "${schedule}'1 1 * * *')", user => $superuser);
is(value($node, 'w', $jobs), "1|$name|1 1 * * *|$command|w|etl|t", 'a superuser makes it the owner\'s');
($state, $out, $err) = attempt($node, 'w', "${schedule}'every day')");
like($err, qr/ERROR:.* invalid schedule/, 'pg_cron judges schedules');
is(value($node, 'w', $jobs), "1|$name|1 1 * * *|$command|w|etl|t", 'and what is there stays');
$node->safe_psql('w', 'SELECT cron.alter_job(1, active := false)');
is(value($node, 'w', "SELECT status, detail FROM salesforce_fdw.check_runs() WHERE check_name = 'schedule'"),
	'warning|job 1, "1 1 * * *", as role "etl", is not active; last: none', 'a job that was switched off is seen');
attempt($node, 'w', "${schedule}'2 2 * * *')");
like(value($node, 'w', $jobs), qr/^\d+\|$name\|2 2 \* \* \*\|\Q$command\E\|w\|etl\|t$/, '... and switched on again');
$node->safe_psql('w', "ALTER ROLE etl IN DATABASE w SET statement_timeout = '90s'");
($state, $out, $err) = attempt($node, 'w', "${schedule}'2 2 * * *')");
like($err, qr/NOTICE:.* statement_timeout is 90s for role "etl", and covers a whole CALL\nHINT:  ALTER ROLE etl IN DATABASE w SET statement_timeout = 0;/,
	'the job\'s statement_timeout is told');
$node->safe_psql('w', 'ALTER ROLE etl IN DATABASE w RESET statement_timeout');
$node->safe_psql('w', 'ALTER ROLE etl NOLOGIN');
($state, $out, $err) = attempt($node, 'w', "${schedule}'2 2 * * *')", user => $superuser);
like($err, qr/ERROR:  55000: .*its owner "etl" cannot log in/, 'an owner who cannot log in is told');
$node->safe_psql('w', 'ALTER ROLE etl LOGIN');

# --- from another database: what the error says to type works
($state, $out, $err) = attempt($node, $other, "${schedule}'\@reboot')");
like($err, qr/ERROR:  55000: cannot schedule data set "sales" from database "\Q$other\E": pg_cron keeps its jobs in database "w"/,
	'pg_cron is in another database');
my ($call) = $err =~ /In that database, as a superuser: (SELECT cron\.schedule_in_database\(.*\);)$/m;
is(value($node, 'w', $call) > 1, 1, '... and the call that the error prints makes the job there');
is(value($node, 'w', "SELECT jobname, database, username, command FROM cron.job WHERE database <> 'w'"),
	"salesforce_fdw $other.sales|$other|etl|$command", '... for that database');

# Restart the server, and wait for what pg_cron makes of a database's job.
sub run_by_cron
{
	my ($database) = @_;
	my $before = value($node, 'w', 'SELECT coalesce(max(runid), 0) FROM cron.job_run_details');
	$node->restart;
	my $ended = "FROM cron.job_run_details WHERE runid > $before AND database = '$database' AND status IN ('succeeded', 'failed')";
	$node->poll_query_until('w', "SELECT count(*) > 0 $ended") or die "pg_cron did not run the job";
	return split /\|/, value($node, 'w', "SELECT status, replace(return_message, E'\n', ' ') $ended");
}

# How many runs the ledger has in a state.
sub count_runs
{
	my ($where) = @_;
	return value($node, 'w', "SELECT count(*) FROM salesforce_fdw.runs WHERE $where");
}

# One row of check_runs().
sub check
{
	my ($what) = @_;
	return value($node, 'w', "SELECT status || ': ' || detail FROM salesforce_fdw.check_runs() WHERE check_name = '$what'");
}

# --- run by pg_cron, over a connection
attempt($node, 'w', "${schedule}'\@reboot')");
my ($status, $message) = run_by_cron('w');
is($status, 'succeeded', 'pg_cron runs the data set') or diag $message;
is(published_rows($node, 'w'), expected_rows(1), '... which is published');
is(value($node, 'w', "SELECT session_role, detail FROM salesforce_fdw.run_events WHERE event = 'called'"),
	'etl|by a scheduler', '... by its owner, and the ledger knows by whom it was called');
$node->poll_query_until($other, "SELECT count(*) = 1 FROM salesforce_fdw.runs WHERE state = 'closed'")
  or die 'the other database was not run';
is(published_rows($node, $other), expected_rows(1), 'the job made for the other database runs there');
is(value($node, 'w', q{SELECT string_agg(check_name || ' ' || status, ', ') FROM salesforce_fdw.check_runs()}),
	'last_success ok, open_run ok, failed_calls ok, purge ok, raw_age ok, unread ok, schedule ok', 'all is well');

# --- a missed day: the next CALL takes the newest export; in a worker
write_exports("$home{w}/raw", 2);
write_exports("$home{w}/raw", 3);
$node->append_conf('postgresql.conf', "cron.use_background_workers = on\n");
($status, $message) = run_by_cron('w');
is($status, 'succeeded', 'a background worker runs it too') or diag $message;
is(published_rows($node, 'w'), expected_rows(3), 'after a missed day the newest export is published');
is(count_runs("state = 'closed'"), 2, '... by one run');
is(value($node, 'w', "SELECT count(*) FROM salesforce_fdw.run_events WHERE event = 'called' AND detail = 'by a scheduler'"),
	2, '... called by a scheduler');

# --- a refused run is a failed job, in both ways
write_exports("$home{w}/raw", 4, email => 1);
($status, $message) = run_by_cron('w');
is($status, 'failed', 'a refused run fails the job');
like($message, qr/ERROR:.*detector "email" matched/, '... and the job says why');
unlike($message, qr/jane\.doe/, '... without the value');
is(published_rows($node, 'w'), expected_rows(3), '... and what was published stays');
like(check('failed_calls'), qr/^warning: 1 in a row; last error: SF003 .*email/, 'check_runs: a failed CALL');
like(check('schedule'), qr/^warning: job \d+, "\@reboot", as role "etl"; last: failed /, 'check_runs: and the job\'s failure');

# --- what was refused is not tried again at once
$node->append_conf('postgresql.conf', "cron.use_background_workers = off\n");
($status, $message) = run_by_cron('w');
is($status, 'failed', 'the same input again: the job fails');
like($message, qr/not tried again before .* with an input that was refused.*Run ".*" was refused at .*detector "email"/,
	'... and says what for, and when it is tried again');
is(count_runs("state = 'refused'"), 1, '... but nothing was read');
is(value($node, 'w', 'SELECT sqlstate FROM salesforce_fdw.run_status'), 'SF003', 'run_status keeps the refusal');
is((call_run($node, 'w'))[0], 'SF003', 'a CALL by hand tries at once');
is(count_runs("state = 'refused'"), 2, '... in a run of its own');

# A CALL as pg_cron's connections make it.
sub call_by_cron
{
	local $ENV{PGAPPNAME} = 'pg_cron';
	return call_run($node, 'w');
}

# Let the last refusal be so many minutes older.
sub pass_time
{
	my ($minutes) = @_;
	$node->safe_psql('w', "UPDATE salesforce_fdw.ledger_run SET finished = finished - interval '$minutes minutes'
		WHERE number = (SELECT max(number) FROM salesforce_fdw.ledger_run)");
	return;
}

is((call_by_cron())[0], 'SF006', 'psql with the scheduler\'s name is held back as well');
for my $refusals (2 .. 5)
{
	pass_time(60 * 2 ** ($refusals - 1) - 1);
	is((call_by_cron())[0], 'SF006', "after refusal $refusals: a minute early");
	pass_time(1);
	is((call_by_cron())[0], 'SF003', '... and in time');
}
pass_time(100 * 24 * 60);
($state, $out, $err) = call_by_cron();
like($err, qr/ERROR:  SF006: data set "sales" is not tried again with an input that was refused 6 times/,
	'after six refusals the scheduler gives up');
like(check('failed_calls'), qr/^critical: /, 'check_runs: critical by now');
$node->safe_psql('w', q{SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', gates => '{"min_rows": 2}')});
is((call_by_cron())[0], 'SF003', 'a changed definition is tried at once');
is((call_by_cron())[0], 'SF006', '... and then not again');
write_exports("$home{w}/raw", 5);
is((call_by_cron())[0], '', 'a new export is tried at once');
is(published_rows($node, 'w'), expected_rows(5), '... and published');
like(check('failed_calls'), qr/^ok: 0 in a row/, 'check_runs: no CALL failed since');

# --- a run that cannot go on
write_exports("$home{w}/raw", 6);
chmod 0555, "$home{w}/lake/sales" or die $!;
for my $failure (1 .. 4)
{
	is((call_by_cron())[0], '42501', "failure $failure of a run that may go on");
}
is(count_runs("state = 'materialized'"), 1, '... leaves it open');
like(check('open_run'), qr/^warning: run .* is "materialized", began .*, and nobody goes on with it$/,
	'check_runs: a run that is open');
is((call_run($node, 'w'))[0], '42501', 'a CALL by hand leaves it open, however often');
is(count_runs("state = 'materialized'"), 1, '... as the ledger says');
is((call_by_cron())[0], '42501', 'the scheduler\'s next one');
is(value($node, 'w', 'SELECT state, reason FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'),
	'refused|given_up', '... gives it up');
write_exports("$home{w}/raw", 7);
chmod 0755, "$home{w}/lake/sales" or die $!;
is((call_by_cron())[0], '', 'then the newest export is taken');
is(published_rows($node, 'w'), expected_rows(7), '... and published');

# --- a refusal by the policy, which reads nothing
my $before = count_runs('true');
$node->safe_psql('w', q{ALTER FOREIGN TABLE raw.opportunity ALTER stagename OPTIONS (ADD class 'person')});
write_exports("$home{w}/raw", 8);
is((call_by_cron())[0], 'SF002', 'refused by the policy') for 1 .. 3;
is(count_runs('true'), $before + 1, '... at each CALL, in one run');
$node->safe_psql('w', q{ALTER FOREIGN TABLE raw.opportunity ALTER stagename OPTIONS (DROP class)});
is((call_by_cron())[0], '', 'and at once no more');

# --- raw files that stay
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge => 'inputs', confirm => 'file://$home{w}/raw/', purge_after => '5 days')");
utime(time - 3 * 86400, time - 3 * 86400, "$home{w}/raw/$_.csv") for qw(Account Opportunity);
call_run($node, 'w', force => 1);
like(check('raw_age'), qr/^critical: 2 raw versions of the last listing are left, the oldest of /, 'check_runs: raw versions older than two days');
like(check('purge'), qr/^warning: \d+ raw versions of published runs are left$/, 'check_runs: a purge that is pending');
like(value($node, 'w', q{SELECT status FROM salesforce_fdw.check_runs(max_raw_age => '4 days') WHERE check_name = 'raw_age'}),
	qr/^ok$/, 'check_runs: with another limit');
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
call_run($node, 'w');
is(check('raw_age'), 'ok: none is left of the last listing', 'check_runs: purged');
is($node->safe_psql('w', "SELECT count(*) FROM salesforce_fdw.check_runs(max_age => '0') WHERE status = 'critical' AND check_name = 'last_success'"),
	1, 'check_runs: a success that is too old');

# --- taking it away
($state, $out, $err) = attempt($node, 'w', "SELECT salesforce_fdw.unschedule('sales')");
is($out, 't', 'unscheduled');
is(value($node, 'w', 'SELECT count(*) FROM cron.job'), 1, '... but for the other database\'s job');
like(check('schedule'), qr/^warning: pg_cron has no job for it$/, 'check_runs: it has no schedule');
($state, $out, $err) = attempt($node, 'w', "SELECT salesforce_fdw.unschedule('sales')");
is("$state$out", 'f', 'again: nothing to do');
like($err, qr/NOTICE:.* has no schedule/, '... and said');
attempt($node, 'w', "${schedule}'3 3 * * *')", user => $superuser);
$node->safe_psql('w', "REVOKE USAGE ON SCHEMA cron FROM etl; SET ROLE etl; SELECT salesforce_fdw.drop_dataset('sales')");
is(value($node, 'w', 'SELECT count(*) FROM cron.job'), 1, 'a data set that is dropped takes its job along');
like(value($node, $other, q{SELECT status || ': ' || detail FROM salesforce_fdw.check_runs() WHERE check_name = 'schedule'}),
	qr/^ok: pg_cron has no jobs in this database; last CALL 20/, 'check_runs: a job elsewhere is known by its CALLs');
($state, $out, $err) = attempt($node, $other, "SELECT salesforce_fdw.unschedule('sales')");
is($state, '55000', 'nor can a job elsewhere be taken away from here');
($state, $out, $err) = attempt($node, $other, "SELECT salesforce_fdw.drop_dataset('sales')");
like($err, qr/WARNING:.* may still have a job in database "w"/, 'a data set that is dropped warns of it');
($call) = $err =~ /In that database, as a superuser: (SELECT .*;)$/m;
$node->safe_psql('w', $call);
is(value($node, 'w', 'SELECT count(*) FROM cron.job'), 0, '... and the call that the hint prints takes it away');

unlike(slurp_file($node->logfile), qr/jane\.doe/, 'no value is in the log');
$node->stop;
done_testing();
