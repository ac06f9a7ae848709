# The purge: its scopes, its confirmation, what is kept for others, what may
# not be deleted, when it is deferred, what is deleted later; and the proof.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('run_purge');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $home = new_home();
my ($state, $out, $err);

# A new database with a world whose data set purges so.
sub begin
{
	my ($database, %options) = @_;
	system_or_bail('find', $home, '-mindepth', '2', '-delete');
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	make_world($node, $database, $home, %options);
	write_exports("$home/raw", 1);
	return;
}

sub raw_files
{
	return join ' ', files_below("$home/raw");
}

sub newest
{
	my ($database, $columns) = @_;
	return value($node, $database,
		"SELECT $columns FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1");
}

sub planned
{
	my ($database) = @_;
	return value($node, $database,
		"SELECT string_agg(key || ' ' || verdict, ', ' ORDER BY key)
			FROM salesforce_fdw.purge_plan('sales')");
}

my $confirm = "'file://$home/raw/'";

# --- none: everything stays
begin('none');
is(planned('none'), 'Account.csv keep, Contact.csv keep, Opportunity.csv keep',
	'without a purge every version is kept');
is((call_run($node, 'none'))[0], '', 'the run succeeds');
is(newest('none', 'state, purge_scope'), 'closed|none', 'and is closed');
is(raw_files(), 'Account.csv Contact.csv Opportunity.csv', 'nothing is deleted');

# --- switched on afterwards: the next CALL deletes what was published
($state, $out, $err) = attempt($node, 'none',
	"SELECT salesforce_fdw.alter_dataset('sales', purge => 'inputs', confirm => $confirm)");
is($state, '', 'the purge can be switched on') or diag($err);
is(planned('none'), 'Account.csv delete, Contact.csv keep, Opportunity.csv delete',
	'the plan says what the next CALL deletes');
is(raw_files(), 'Account.csv Contact.csv Opportunity.csv', 'the plan deletes nothing');
($state, $out, $err) = call_run($node, 'none');
is($state, '', 'the next CALL succeeds without new input') or diag($err);
is(raw_files(), 'Contact.csv', 'and has deleted the inputs');
is( value($node, 'none',
		"SELECT string_agg(key || ' ' || coalesce(purge_outcome, '-') || ' '
			|| (purge_proved IS NOT NULL), ', ' ORDER BY key)
			FROM salesforce_fdw.run_inputs"),
	'Account.csv deleted true, Contact.csv - false, Opportunity.csv deleted true',
	'with proof for each');
like($err, qr/NOTICE:.*2 raw versions were deleted/, 'and a notice that counts them');
is( value($node, 'none',
		"SELECT concat_ws(' ', p ->> 'scope', p ->> 'purged_at' IS NOT NULL,
			b ->> 'definition_version', b ->> 'scope',
			(b ->> 'confirmed_location') = $confirm, b ->> 'versions')
			FROM (SELECT salesforce_fdw.evidence(run) -> 'purge'
				FROM salesforce_fdw.runs) v(p), jsonb_array_elements(p -> 'by') b"),
	'inputs t 2 inputs t 2',
	'the evidence names the definition and the confirmation that they went by');
attempt($node, 'none',
	"SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => $confirm)");
($state, $out, $err) = call_run($node, 'none');
is(raw_files(), '', 'a wider scope takes the rest');
is( value($node, 'none',
		"SELECT string_agg(b ->> 'definition_version' || ' ' || (b ->> 'scope'),
			', ' ORDER BY b ->> 'definition_version') || ', ' || (p ->> 'scope')
			FROM (SELECT salesforce_fdw.evidence(run) -> 'purge'
				FROM salesforce_fdw.runs) v(p), jsonb_array_elements(p -> 'by') b
			GROUP BY p"),
	'2 inputs, 3 location, location',
	'and each version keeps the definition that it went by');
call_run($node, 'none');
unlike((call_run($node, 'none'))[2], qr/were deleted/, 'a CALL that deletes nothing says nothing of it');

# --- inputs and location
begin('inputs', purge => "'inputs'", confirm => $confirm);
is(planned('inputs'), 'Account.csv later, Contact.csv keep, Opportunity.csv later',
	'before the run, inputs go later');
is((call_run($node, 'inputs'))[0], '', 'the run succeeds');
is(raw_files(), 'Contact.csv', 'what was read is deleted, the rest stays');
begin('location', purge => "'location'", confirm => $confirm);
is((call_run($node, 'location'))[0], '', 'the run succeeds');
is(raw_files(), '', 'everything that was listed is deleted');
my $evidence = value($node, 'location',
	"SELECT (e -> 'purge' ->> 'listed') || ' ' || (e -> 'purge' ->> 'proved')
		|| ' ' || (e -> 'purge' ->> 'left')
		FROM (SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs) v(e)");
is($evidence, '3 3 0', 'the evidence counts three versions, and none left');

# --- what lands after the discovery is another version, and stays
begin('newer', purge => "'location'", confirm => $confirm);
my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
attempt(
	$node, 'newer',
	"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_action =
		'sh:cp $home/raw/Account.csv $home/raw/new && echo >> $home/raw/new && mv $home/raw/new $home/raw/Contact.csv';
	 SET salesforce_fdw.fault_at = 9; SET ROLE etl;
	 CALL salesforce_fdw.run('sales');",
	user => $ENV{USER} // getpwuid($<));
is(newest('newer', 'state'), 'closed', 'the run is closed');
is(raw_files(), 'Contact.csv', 'a version that nobody has listed is not deleted');
is( value($node, 'newer',
		"SELECT purge_outcome FROM salesforce_fdw.run_inputs WHERE key = 'Contact.csv'"),
	'gone',
	'the listed one was gone');

# --- the location changes: nothing is deleted until it is confirmed again
begin('moved', purge => "'location'", confirm => $confirm);
mkdir "$home/elsewhere" or die;
write_exports("$home/elsewhere", 2);
$node->safe_psql('moved',
	"ALTER SERVER raw_exports OPTIONS (SET location 'file://$home/elsewhere/')");
($state, $out, $err) = call_run($node, 'moved');
is($state, '', 'the run publishes') or diag($err);
like($err, qr/WARNING:.*purge is pending/, 'and warns that its purge is pending');
is(newest('moved', 'state'), 'purge_pending', 'which the ledger says too');
is(join(' ', files_below("$home/elsewhere")),
	'Account.csv Contact.csv Opportunity.csv', 'nothing is deleted');
like(
	value($node, 'moved', 'SELECT action FROM salesforce_fdw.run_status'),
	qr/alter_dataset\('sales', purge => 'location', confirm => 'file:\/\/.*elsewhere\/'\)/,
	'the status says what to type');
($state, $out, $err) = attempt($node, 'moved',
	value($node, 'moved', 'SELECT action FROM salesforce_fdw.run_status'));
is($state, '', 'typing it works') or diag($err);
($state, $out, $err) = call_run($node, 'moved');
is(newest('moved', 'state'), 'closed', 'then the next CALL deletes') or diag($err);
is(join(' ', files_below("$home/elsewhere")), '', 'everything');

# --- blocked: the run is pending, and newer input is not held back
{
	begin('blocked', purge => "'location'", confirm => $confirm);
	chmod 0500, "$home/raw";
	($state, $out, $err) = call_run($node, 'blocked');
	chmod 0700, "$home/raw";
	is($state, '', 'a purge that is blocked does not fail the CALL') or diag($err);
	is(newest('blocked', 'state, reason'), 'purge_pending|blocked', 'it is pending');
	is( value($node, 'blocked',
			'SELECT state, raw_versions_left FROM salesforce_fdw.run_status'),
		'purge_pending|3',
		'and the status counts what is left');
	write_exports("$home/raw", 2);
	($state, $out, $err) = call_run($node, 'blocked');
	is($state, '', 'the next export is run') or diag($err);
	is(published_rows($node, 'blocked'), expected_rows(2), 'and published');
	is( value($node, 'blocked',
			"SELECT string_agg(state, ',' ORDER BY number) FROM salesforce_fdw.runs"),
		'closed,closed',
		'both runs are closed');
	is(raw_files(), '', 'nothing raw is left');
}

# --- deferred
begin('deferred', purge => "'inputs'", confirm => $confirm,
	purge_after => "'1 hour'");
($state, $out, $err) = call_run($node, 'deferred');
like($err, qr/WARNING:.*purge is pending/, 'a deferred purge is pending');
is(newest('deferred', 'state, reason'), 'purge_pending|deferred', 'and says why');
is(raw_files(), 'Account.csv Contact.csv Opportunity.csv', 'nothing is deleted yet');
is((call_run($node, 'deferred'))[0], '', 'another CALL changes nothing');
($state, $out, $err) = attempt($node, 'deferred',
	"SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
is($state, '', 'the delay can be taken away') or diag($err);
is((call_run($node, 'deferred'))[0], '', 'then the CALL deletes');
is(raw_files(), 'Contact.csv', 'the inputs');
is(newest('deferred', 'state'), 'closed', 'and closes the run');

# --- another data set reads the same object and has not published it yet
begin('shared', purge => "'inputs'", confirm => $confirm);
$node->safe_psql('shared', <<'SQL');
SET ROLE etl;
SELECT salesforce_fdw.create_dataset('accounts', destination => 'lake',
	path => 'accounts/', target => 'crm.accounts',
	query => 'SELECT a.id, a.createddate FROM raw.account a');
SQL
is(planned('shared'), 'Account.csv keep, Contact.csv keep, Opportunity.csv later',
	'the plan keeps what another data set needs');
($state, $out, $err) = call_run($node, 'shared');
like($err, qr/data set "accounts" has not published it yet/, 'the CALL says for whom');
is(raw_files(), 'Account.csv Contact.csv', 'it is kept');
is(newest('shared', 'state, reason'), 'purge_pending|kept', 'the purge is pending');
($state, $out, $err) =
  attempt($node, 'shared', "CALL salesforce_fdw.run('accounts')");
is($state, '', 'the other one publishes') or diag($err);
is((call_run($node, 'shared'))[0], '', 'then it is deleted');
is(raw_files(), 'Contact.csv', 'as planned');

# --- without the role nothing is deleted
begin('roleless', purge => "'inputs'", confirm => $confirm);
$node->safe_psql('roleless', <<'SQL');
REVOKE salesforce_fdw_operator FROM etl;
GRANT salesforce_fdw_read, salesforce_fdw_write TO etl;
SQL
($state, $out, $err) = call_run($node, 'roleless');
is($state, '', 'the run publishes') or diag($err);
like($err, qr/WARNING:.*purge is pending/, 'and warns');
like(newest('roleless', 'last_error'), qr/permission denied to delete/, 'why');
is(raw_files(), 'Account.csv Contact.csv Opportunity.csv', 'nothing is deleted');
$node->safe_psql('roleless', 'GRANT salesforce_fdw_operator TO etl');
is((call_run($node, 'roleless'))[0], '', 'with the role it is');
is(raw_files(), 'Contact.csv', 'deleted');
# --- narrowed before the proof: what was deleted is proved all the same
begin('narrowed');
is((call_run($node, 'narrowed'))[0], '', 'a run that purges nothing succeeds');
unlink "$home/raw/Contact.csv";
$node->safe_psql('narrowed', "UPDATE salesforce_fdw.ledger_input
	SET purge_outcome = 'deleted' WHERE key = 'Contact.csv'");
call_run($node, 'narrowed');
is( value($node, 'narrowed',
		"SELECT purge_proved IS NOT NULL FROM salesforce_fdw.ledger_input
			WHERE key = 'Contact.csv'"),
	't',
	'a deletion that an earlier definition made is proved by the next CALL');

$node->stop;
done_testing();
