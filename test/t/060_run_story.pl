# The run of a data set on folders: two days, refusals that do not wedge the
# next day, no new input, force, abandon, a definition that was changed,
# altering and dropping while a run is open, two runs at once, a folder that
# may not be written.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('run_story');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $home = new_home();
my $file = "$home/lake/sales/sales.parquet";
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);

sub newest
{
	my ($columns) = @_;
	return value($node, 'w',
		"SELECT $columns FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1");
}

sub status
{
	my ($columns) = @_;
	return value($node, 'w', "SELECT $columns FROM salesforce_fdw.run_status");
}

# Let a run stage its file and not promote it.
sub forbid_publishing
{
	my $staging = "$home/lake/sales/_staging";
	-d $staging or mkdir $staging or die "$staging: $!";
	chmod 0500, "$home/lake/sales";
	return;
}

# --- nothing there yet
is(status('state, action'), "never run|CALL salesforce_fdw.run('sales');",
	'a data set that never ran says what to type');
my ($state, $out, $err) = call_run($node, 'w');
is($state, '58P01', 'a missing export is an error');
like($err, qr/Account\.csv" does not exist/, 'which names it');
is(value($node, 'w', 'SELECT count(*) FROM salesforce_fdw.runs'),
	0, 'and begins no run');
like(status('last_error'), qr/does not exist/, 'the status has it');

# --- day 1: an address in the last row; the dry run says what would become
# of it, and changes nothing
write_exports("$home/raw", 1, email => 1);
($state, $out, $err) = attempt($node, 'w', <<'SQL');
SELECT section || ' | ' || regexp_replace(item, ', version .*', '') || ' | ' || verdict
	FROM salesforce_fdw.dry_run('sales');
SQL
is($state, '', 'a dry run works') or diag($err);
is( $out,
	"owner | file://$home/lake/sales/ | ok\n" . 'lineage | raw.account.id | allowed
lineage | raw.opportunity.id | allowed
lineage | raw.opportunity.accountid | allowed
lineage | raw.opportunity.stagename | allowed
lineage | raw.opportunity.createddate | allowed
input | Account.csv | new
input | Opportunity.csv | new
unread | 1 raw object | count
rows | crm.sales | read
detector | email in stage | refuse
purge | Account.csv | keep
purge | Contact.csv | keep
purge | Opportunity.csv | keep',
	'and shows verdicts, inputs, findings and purge');
is( value($node, 'w',
		'SELECT (SELECT count(*) FROM crm.sales),
			(SELECT count(*) FROM salesforce_fdw.runs)')
	  . join(' ', files_below($home)),
	'0|0raw/Account.csv raw/Contact.csv raw/Opportunity.csv',
	'nothing is changed by it');
($state, $out, $err) = call_run($node, 'w');
is($state, 'SF003', 'a planted address refuses the run');
unlike($err, qr/jane\.doe/, 'and is not shown');
like($err, qr/CALL salesforce_fdw\.run\('sales'\)/, 'the hint says what to type');
is(newest('state, reason, last_sqlstate'),
	'refused|detected|SF003', 'the refusal is committed');
is(value($node, 'w', 'SELECT count(*) FROM crm.sales'),
	0, 'and no row is in the target');
ok(!-e $file, 'nor a file in the lake');
is( value($node, 'w',
		"SELECT name, column_name, count, action FROM salesforce_fdw.run_findings
			WHERE kind = 'detector'"),
	'email|stage|1|refuse',
	'the finding is kept');
like(status('action'), qr/run_findings/, 'the status leads to it');
is( value($node, 'w',
		"SELECT count(*) FROM salesforce_fdw.run_findings f
			WHERE f::text LIKE '%jane%'")
	  + value(
		$node, 'w',
		"SELECT count(*) FROM salesforce_fdw.run_events e
			WHERE e::text LIKE '%jane%'"),
	0,
	'without the address');
my $refused = newest('run');

# --- day 2: a good export
write_exports("$home/raw", 2);
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'the next export is published') or diag($err);
is(published_rows($node, 'w'), expected_rows(2), 'with its rows');
is(newest('state, rows, attempt'), 'closed|7|1', 'the run is closed');
is(newest('file_sha256'), sha256_of($file), 'the file is the recorded one');
is(newest('file_columns'),
	'accountid string, opportunityid string, stage string, created timestamp',
	'with the columns of the target');
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'nothing is left in staging');
ok( !-e "$home/lake/sales/_staging"
	  && !-e "$home/catalog/crm_production/_staging",
	'nor the folders of what is staged');
like(status('action'), qr/^SELECT salesforce_fdw\.evidence\('[0-9a-f-]+'\);$/,
	'the status leads to the evidence');
is( value($node, 'w',
		"SELECT state FROM salesforce_fdw.runs WHERE run = '$refused'"),
	'refused',
	'the refused run stays refused');
is( value($node, 'w',
		"SELECT string_agg(event, ' ' ORDER BY id) FROM salesforce_fdw.run_events
			WHERE run = (SELECT run FROM salesforce_fdw.runs
				ORDER BY number DESC LIMIT 1)"),
	'discovered materialized claims staging staged verified publishing published registered closed',
	'one committed state after another');

# --- the evidence
is( value($node, 'w', <<'SQL'),
SELECT e ->> 'state',
	(e -> 'policy' ->> 'hash') = (SELECT policy_hash FROM salesforce_fdw.dataset),
	(SELECT string_agg(format('%s %s', i ->> 'key', i ->> 'records'), ',')
		FROM jsonb_array_elements(e -> 'inputs') i),
	(SELECT string_agg(format('%s.%s %s %s', c ->> 'object', c ->> 'field',
		c ->> 'class', c ->> 'verdict'), ',')
		FROM jsonb_array_elements(e -> 'columns') c),
	(SELECT string_agg(format('%s %s %s', o ->> 'kind', o ->> 'sha256' =
		(SELECT file_sha256 FROM salesforce_fdw.runs WHERE run::text = e ->> 'run'),
		o ->> 'deleted' IS NOT NULL), ',') FROM jsonb_array_elements(e -> 'outputs') o),
	e -> 'catalog' ->> 'version', e -> 'purge' ->> 'scope', e ->> 'schema_before'
FROM (SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs
	ORDER BY number DESC LIMIT 1) v(e)
SQL
	'closed|t|Account.csv 7,Opportunity.csv 7|Account.id id allowed,Opportunity.accountid reference allowed,Opportunity.createddate system allowed,Opportunity.id id allowed,Opportunity.stagename controlled allowed|staged t t,published t f,manifest  f|1|none|',
	'the evidence has policy, inputs, columns, outputs and catalog');
is( value($node, 'w',
		"SELECT salesforce_fdw.evidence('00000000-0000-0000-0000-000000000000') IS NULL"),
	't',
	'of a run that there is not, there is none');

# --- nothing new, and force
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'without a new export the CALL succeeds');
like($err, qr/NOTICE:.*no new input/, 'and says so');
is(value($node, 'w', 'SELECT count(*) FROM salesforce_fdw.runs'),
	2, 'without a run');
($state, $out, $err) = call_run($node, 'w', force => 1);
is($state, '', 'force publishes the same input again') or diag($err);
is(newest('state, is_forced'), 'closed|t', 'as a run of its own');
is(newest('file_sha256'), sha256_of($file), 'whose file is there');

# --- a changed definition publishes the same input anew; changed gates do not
attempt($node, 'w',
	"SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"min_rows\": 3}')");
is(status('is_outdated'), 'f', 'changed gates leave what is published as it is');
($state, $out, $err) = call_run($node, 'w');
like($err, qr/NOTICE:.*no new input/, '... so there is nothing to do');
attempt($node, 'w',
	"SELECT salesforce_fdw.alter_dataset('sales', sorted_by => '{opportunityid}')");
is(status('is_outdated, action'), "t|CALL salesforce_fdw.run('sales');",
	'after a change the status says that what is published is outdated');
my $before = newest('number');
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'and the next CALL publishes the same input') or diag($err);
unlike($err, qr/no new input/, '... as new work');
is(newest("state, is_forced, number > $before"), 'closed|f|t', '... in a run of its own');
is(status('is_outdated'), 'f', 'by the new definition');
like((call_run($node, 'w'))[2], qr/no new input/, 'once');
attempt($node, 'w', <<'SQL');
SELECT salesforce_fdw.alter_dataset('sales', sorted_by => '{accountid,opportunityid}');
SQL
rename "$home/raw/Opportunity.csv", "$home/Opportunity.csv" or die $!;
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'without its input a changed data set is no error');
like($err, qr/NOTICE:.*what is published follows the old definition/,
	'but the CALL says what is published');
is(status('state, is_outdated'), 'closed|t', 'and so does the status');
rename "$home/Opportunity.csv", "$home/raw/Opportunity.csv" or die $!;

# --- the pins of a run can be read
my $published = newest('run');
is( value($node, 'w',
		"SET salesforce_fdw.snapshot = 'run:$published';
		 SELECT count(*) FROM raw.opportunity"),
	7,
	'the snapshot of a run reads what it pinned');
write_exports("$home/raw", 3);
($state, $out, $err) = attempt($node, 'w',
	"SET salesforce_fdw.snapshot = 'run:$published';
	 SELECT count(*) FROM raw.opportunity");
is($state, 'SF001', 'and refuses when that version is gone');

# --- a folder that may not be written; the run goes on when it may
forbid_publishing();
{
	($state, $out, $err) = call_run($node, 'w');
	is($state, '42501', 'a folder that may not be written is an error');
	is(newest('state, last_sqlstate'),
		'verified|42501', 'which leaves the run open');
	like($err, qr/goes on from "verified"/, 'the hint says so');
	is(status('state, action'),
		"verified|CALL salesforce_fdw.run('sales');", 'so does the status');
	my $open = newest('run');
	chmod 0700, "$home/lake/sales";
	is( (call_run(
				$node, 'w',
				before => "SET timezone = 'America/Toronto'; SET intervalstyle = 'iso_8601'; SET datestyle = 'SQL, DMY';"
			))[0],
		'',
		'the next CALL goes on, whatever the settings of its session');
	is(newest('run, state'), "$open|closed", 'with the same run');
}
chmod 0700, "$home/lake/sales";
is((call_run($node, 'w'))[0], '', 'another CALL finds nothing to do');
is(published_rows($node, 'w'), expected_rows(3), 'day 3 is published');

# --- resumed by the CALL that then finds newer input
sub stop_in
{
	my ($number) = @_;
	attempt(
		$node, 'w',
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_action = 'error';
		 SET salesforce_fdw.fault_at = $number;
		 SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	return;
}

# The number of the first fault point of a name in a run from its beginning.
sub point_of
{
	my ($name) = @_;
	my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
	attempt(
		$node, 'w',
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_trace = '$trace';
		 SET ROLE etl; CALL salesforce_fdw.run('sales', force => true);",
		user => $ENV{USER} // getpwuid($<));
	my ($line) = grep { / $name$/ } split /\n/, slurp_file($trace);
	return (split / /, $line)[0];
}

my $promote = point_of('storage.promote before');
my $create = point_of('storage.create before');
attempt(
	$node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_action = 'error';
	 SET salesforce_fdw.fault_at = $create;
	 SET ROLE etl; CALL salesforce_fdw.run('sales', force => true);",
	user => $ENV{USER} // getpwuid($<));
is(newest('state'), 'refused', 'a forced run is ended by an error');
my $action = status('action');
is($action, "CALL salesforce_fdw.run('sales', force => true);",
	'the status says to force it again, since its input is not new');
is((attempt($node, 'w', $action))[0] . newest('state'), 'closed', 'and that works');
write_exports("$home/raw", 4);
stop_in($promote);
is(newest('state'), 'verified',
	'an error while the file may be published does not end the run');
($state) = call_run($node, 'w');
is($state, '', 'and the next CALL publishes it');
is(published_rows($node, 'w'), expected_rows(4), 'day 4 is published');

# --- an export that is replaced between discovery and reading: the run ends,
# and the same CALL publishes the newer one
my $next = PostgreSQL::Test::Utils::tempdir();
write_exports($next, 41, no_contact => 1);
write_exports("$home/raw", 40);
($state, $out, $err) = attempt(
	$node, 'w',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_at = 8;
	 SET salesforce_fdw.fault_action = 'sh:cp $next/*.csv $home/raw/';
	 SET ROLE etl; CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
is($state, '', 'a CALL whose input is replaced succeeds') or diag($err);
is( value($node, 'w',
		"SELECT string_agg(concat_ws(' ', state, reason), ', ' ORDER BY number)
			FROM (SELECT * FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 2) r"),
	'refused superseded, closed',
	'with a run that was superseded and one that was not');
is(published_rows($node, 'w'), expected_rows(41), 'the newer export is published');

# --- a data set that is altered while its run is open
{
	write_exports("$home/raw", 5);
	forbid_publishing();
	call_run($node, 'w');
	is(newest('state'), 'verified', 'a run is open');
	chmod 0700, "$home/lake/sales";
	is((attempt($node, 'w', "SELECT salesforce_fdw.drop_dataset('sales')"))[0],
		'55006', 'its data set cannot be dropped');
	attempt($node, 'w',
		"SELECT salesforce_fdw.alter_dataset('sales', gates => '{\"min_rows\": 2}')");
	($state, $out, $err) = call_run($node, 'w');
	is($state, '55000', 'an altered data set refuses its open run');
	like($err, qr/was altered while run/, 'and says why');
	is(newest('state, reason'), 'refused|altered', 'which ends it');
	is((call_run($node, 'w'))[0] . published_rows($node, 'w'),
		expected_rows(5), 'the next CALL publishes');

	# --- abandon
	write_exports("$home/raw", 6);
	forbid_publishing();
	call_run($node, 'w');
	chmod 0700, "$home/lake/sales";
	my $open = newest('run');
	($state, $out, $err) =
	  attempt($node, 'w', "SELECT salesforce_fdw.abandon('$open', 'a test')");
	is($state, '', 'an open run can be abandoned') or diag($err);
	is(newest('state, reason'), 'abandoned|a test', 'with a reason');
	is(join(' ', lake_files("$home/lake")),
		'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'what it had staged is gone');
	is( value($node, 'w',
			"SELECT count(*), count(deleted) FROM salesforce_fdw.run_outputs
				WHERE run = '$open' AND kind = 'staged'"),
		'1|1',
		'and the ledger has when');
	is((call_run($node, 'w'))[0] . published_rows($node, 'w'),
		expected_rows(6), 'the next CALL begins anew');
}
($state, $out, $err) = attempt($node, 'w',
	"SELECT salesforce_fdw.abandon(run, 'too late') FROM salesforce_fdw.runs
		WHERE state = 'closed' LIMIT 1");
is($state, '55000', 'a published run cannot be abandoned');

# --- two at once: the second is told who has it
write_exports("$home/raw", 7);
my $canary = 'Qx7CANARY9zK';
write_text("$home/raw/Opportunity.csv",
	slurp_file("$home/raw/Opportunity.csv") =~ s/Day 7/$canary/r);
my $holder = IPC::Run::start(
	[
		'psql', '-X', '-q', '-d', $node->connstr('w'), '-c',
		"LOAD 'salesforce_fdw'", '-c',
		"SET salesforce_fdw.fault_action = 'sh:sleep 3'", '-c',
		'SET salesforce_fdw.fault_at = 12', '-c', 'SET ROLE etl', '-c',
		"CALL salesforce_fdw.run('sales')"
	],
	\undef, \my $holder_out, \my $holder_err);
$node->poll_query_until('w',
	"SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 5"
) or die 'the first CALL did not take the lock';
my $pid = value($node, 'w',
	"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 5");
($state, $out, $err) = call_run($node, 'w');
is($state, '55P03', 'a second CALL is refused');
like($err, qr/Process $pid has it since \d{4}-/, 'and told who runs it, since when');
$holder->finish;
unlike(
	join('', $out, $err, $holder_out, $holder_err, slurp_file($node->logfile),
		ledger_text($node, 'w')),
	qr/$canary/,
	'neither shows a value');
is((call_run($node, 'w'))[0], '', 'afterwards it is free');
is(published_rows($node, 'w'), expected_rows(7) =~ s/Day 7/$canary/r,
	'the first one has published');

# --- the lock of a CALL that failed is gone in the same session
unlink "$home/raw/Account.csv";
write_text("$home/raw/Opportunity.csv", "Id,AccountId,StageName,CreatedDate\r\n");
($state, $out, $err) = attempt($node, 'w',
	"CALL salesforce_fdw.run('sales');\nCALL salesforce_fdw.run('sales');");
unlike($err, qr/55P03/, 'a CALL that fails gives its lock back');
is( value($node, 'w',
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
	0,
	'no lock is left');

($state, $out, $err) = attempt($node, 'w', <<'SQL');
DO $$ BEGIN
	CALL salesforce_fdw.run('sales');
EXCEPTION WHEN OTHERS THEN
	RAISE NOTICE 'caught %', SQLSTATE;
END $$;
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory';
SQL
like($err, qr/caught 2D000/, 'a CALL in a block with EXCEPTION fails');
is($out, '0', 'and keeps no lock although the error was caught');

# --- inside a transaction, and without rights
write_exports("$home/raw", 8);
($state) = attempt($node, 'w', "BEGIN; CALL salesforce_fdw.run('sales'); COMMIT;");
is($state, '2D000', 'a run cannot be part of a transaction');
($state) = attempt($node, 'w',
	"BEGIN; SELECT salesforce_fdw.run_begin('sales', false);
	 SELECT salesforce_fdw.run_next('sales'), salesforce_fdw.run_next('sales'),
		salesforce_fdw.run_next('sales'), salesforce_fdw.run_next('sales'),
		salesforce_fdw.run_next('sales');");
is($state, '25001', 'nor can its steps, without a commit between them');
($state) = attempt($node, 'w', "SELECT salesforce_fdw.run_next('sales')");
is($state, '55000', 'a step without a CALL is refused');
$node->safe_psql('w', 'CREATE ROLE passerby LOGIN');
($state) = attempt($node, 'w', "CALL salesforce_fdw.run('sales')", user => 'passerby');
is($state, '42501', 'nobody runs a data set without the role');
$node->safe_psql('w', 'GRANT salesforce_fdw_operator TO passerby');
($state, $out, $err) =
  attempt($node, 'w', "CALL salesforce_fdw.run('sales')", user => 'passerby');
like($err, qr/must be owner of data set "sales"/, 'nor with it, unless it is his');

# --- dropping
is((call_run($node, 'w'))[0], '', 'day 8 is published');
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'nothing is left in staging of runs that ended');
{
	write_exports("$home/raw", 81);
	forbid_publishing();
	call_run($node, 'w');
	chmod 0700, "$home/lake/sales";
	chmod 0500, "$home/lake/sales/_staging";
	my $open = newest('run');
	($state, $out, $err) =
	  attempt($node, 'w', "SELECT salesforce_fdw.abandon('$open', 'a test')");
	is($state . newest('state'), 'abandoned', 'a run whose file cannot be deleted is abandoned');
	like($err, qr/WARNING:.*could not delete what run "$open" has staged/,
		'which says so');
	is( value($node, 'w',
			"SELECT location || key FROM salesforce_fdw.run_outputs
				WHERE run = '$open' AND kind = 'staged' AND deleted IS NULL"),
		"file://$home/lake/sales/_staging/$open.1.parquet",
		'and the ledger, where it is left');
	ok(-e "$home/lake/sales/_staging/$open.1.parquet", 'as it is');
	chmod 0700, "$home/lake/sales/_staging";
}
# --- whoever listens is told of each state, once it is committed
write_exports("$home/raw", 9);
attempt($node, 'w', "SELECT salesforce_fdw.abandon(run, 'a test') FROM salesforce_fdw.runs WHERE state IN ('discovered', 'materialized', 'staged', 'verified')");
($state, $out, $err) = call_run($node, 'w', before => 'LISTEN salesforce_fdw;');
is($state, '', 'the run succeeds') or diag($err);
my @told = $out =~ /"salesforce_fdw" with payload "\{"dataset": "sales", "run": "[0-9a-f-]+", "event": "(\w+)"\}"/g;
is(join(' ', grep { my $e = $_; grep { $_ eq $e } qw(discovered materialized staged verified published registered closed) } @told),
	'discovered materialized staged verified published registered closed', 'NOTIFY tells each state in its order') or diag $out;
write_exports("$home/raw", 10);
unlink "$home/raw/Account.csv" or die $!;
($state, $out, $err) = call_run($node, 'w', before => 'LISTEN salesforce_fdw;');
is($state, '58P01', 'a missing file is an error') or diag($err);
like($out, qr/payload "\{"dataset": "sales", "run": null, "event": "failed"\}"/, 'of which NOTIFY tells as well');
($state, $out, $err) =
  attempt($node, 'w', "SELECT salesforce_fdw.drop_dataset('sales')");
is($state, '', 'a data set can be dropped') or diag($err);
is(join(' ', lake_files("$home/lake")),
	'sales/_manifest.json sales/_owner.json sales/sales.parquet', 'and what its runs had staged goes with it');
cmp_ok(value($node, 'w', 'SELECT count(*) FROM salesforce_fdw.runs'),
	'>', 5, 'its ledger stays');
ok(-e $file, 'and so does what it published');
$node->stop;
done_testing();
