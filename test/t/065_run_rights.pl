# The ledger is written by the run alone: no role can insert, change or delete
# a row of it, or of its views, or select from its tables; every role but the
# one that reads raw tables may select from the views; and a dump of the
# database keeps it all.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('run_rights');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, purge => "'inputs'",
	confirm => "'file://$home/raw/'");
write_exports("$home/raw", 1);
is((call_run($node, 'w'))[0], '', 'a run fills the ledger');

my @tables = map { "ledger_$_" } qw(run input lineage output finding event);
my @views  = qw(run_status runs run_inputs run_outputs run_findings run_events
  run_evidence run_definition run_health);
my @roles = map { "salesforce_fdw_$_" }
  qw(read write purge policy steward server_credentials audit operator);
my $before = value($node, 'w',
	"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (
		SELECT r::text FROM salesforce_fdw.ledger_run r
		UNION ALL SELECT i::text FROM salesforce_fdw.ledger_input i
		UNION ALL SELECT e::text FROM salesforce_fdw.ledger_event e) t");

# --- every role, every table, every way to write
$node->safe_psql('w', 'CREATE ROLE tester LOGIN');
my ($state, $out, $err);
my ($tried, $refused) = (0, 0);
for my $role (@roles, 'etl', 'tester')
{
	for my $relation (@tables, @views)
	{
		my $column = value($node, 'w',
			"SELECT attname FROM pg_attribute
				WHERE attrelid = 'salesforce_fdw.$relation'::regclass
				AND attnum > 0 ORDER BY attname <> 'dataset', attnum LIMIT 1");
		for my $statement (
			"INSERT INTO salesforce_fdw.$relation DEFAULT VALUES",
			"UPDATE salesforce_fdw.$relation SET $column = $column",
			"DELETE FROM salesforce_fdw.$relation",
			"TRUNCATE salesforce_fdw.$relation",
			"SELECT * FROM salesforce_fdw.$relation FOR UPDATE")
		{
			my ($state) = attempt($node, 'w', "SET ROLE $role; $statement",
				user => $ENV{USER} // getpwuid($<));
			$tried++;
			$refused++ if $state =~ /^(42501|42809|55000|0A000)$/;
			diag("$role: $statement: $state")
			  if $state !~ /^(42501|42809|55000|0A000)$/;
		}
	}
}
is($refused, $tried, "each of $tried ways to write to the ledger is refused");
is( value($node, 'w',
		"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (
			SELECT r::text FROM salesforce_fdw.ledger_run r
			UNION ALL SELECT i::text FROM salesforce_fdw.ledger_input i
			UNION ALL SELECT e::text FROM salesforce_fdw.ledger_event e) t"),
	$before,
	'and nothing in it has changed');

# --- who may read
my %may;
for my $role (@roles, 'tester')
{
	$may{$role} = join ' ', map {
		(attempt($node, 'w', "SET ROLE $role; SELECT * FROM salesforce_fdw.$_ LIMIT 0",
				user => $ENV{USER} // getpwuid($<)))[0] eq '' ? $_ : ()
	} @tables, @views;
}
is($may{$_}, '', "$_ sees nothing of the ledger")
  for 'salesforce_fdw_read', 'tester';
is($may{$_}, "@views", "$_ sees the views")
  for grep { $_ ne 'salesforce_fdw_read' } @roles;
is((attempt($node, 'w',
		"SET ROLE salesforce_fdw_audit;
		 SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs",
		user => $ENV{USER} // getpwuid($<)))[0],
	'', 'an auditor may ask for the evidence');
for my $call ("CALL salesforce_fdw.run('sales')",
	"SELECT salesforce_fdw.run_begin('sales', false)",
	"SELECT salesforce_fdw.run_next('sales')",
	"SELECT salesforce_fdw.run_fail('sales')",
	"SELECT salesforce_fdw.run_end('sales')",
	"SELECT salesforce_fdw.run_raise('sales')",
	"SELECT salesforce_fdw.abandon('00000000-0000-0000-0000-000000000000', 'x')",
	"SELECT salesforce_fdw.dry_run('sales')",
	"SELECT salesforce_fdw.purge_plan('sales')")
{
	for my $role ('salesforce_fdw_audit', 'salesforce_fdw_read', 'tester')
	{
		is((attempt($node, 'w', "SET ROLE $role; $call",
				user => $ENV{USER} // getpwuid($<)))[0],
			'42501', "$role may not: $call");
	}
}

# --- a search_path of the caller's changes nothing
($refused) = attempt($node, 'w', <<'SQL');
CREATE SCHEMA IF NOT EXISTS crm;
CREATE FUNCTION crm.clock_timestamp() RETURNS timestamptz
	LANGUAGE sql AS 'SELECT timestamptz ''1999-01-01''';
CREATE FUNCTION crm.to_jsonb(anyelement) RETURNS jsonb
	LANGUAGE sql AS 'SELECT ''{}''::jsonb';
SET search_path = crm, pg_catalog;
CALL salesforce_fdw.run('sales', force => false);
SQL
is( value($node, 'w',
		"SELECT count(*) FROM salesforce_fdw.run_events WHERE at < '2000-01-01'"),
	0, 'look-alike functions are not called');

# --- synchronous_commit is on for the ledger's commits
write_exports("$home/raw", 2);
is((call_run($node, 'w', before => "SET synchronous_commit = off;\n"))[0],
	'', 'a session with synchronous_commit off runs as well');
is((attempt($node, 'w',
		"BEGIN; SELECT salesforce_fdw.run_begin('sales', false); PREPARE TRANSACTION 'x'"))[0],
	'0A000', 'the ledger is not part of a prepared transaction');

# --- arguments that are missing, a session that may not write
my $limit = "SET statement_timeout = '${PostgreSQL::Test::Utils::timeout_default}s';\n";
is((attempt($node, 'w', "${limit}CALL salesforce_fdw.run(NULL)"))[0],
	'22004', 'no name is an error, and ends');
is((attempt($node, 'w', "${limit}CALL salesforce_fdw.run('sales', NULL)"))[0],
	'22004', 'so is a force that is neither');
like(
	(attempt($node, 'w',
		"SET default_transaction_read_only = on; CALL salesforce_fdw.run('sales')"))[2],
	qr/ERROR:  25006: cannot execute salesforce_fdw\.run\(\) in a read-only/,
	'a read-only session cannot run');

# --- who may see policies, or define data sets, needs no right on the schemas of others
$node->safe_psql('w', <<'SQL');
CREATE ROLE onlooker LOGIN;
GRANT salesforce_fdw_audit TO onlooker;
CREATE ROLE neighbour LOGIN;
GRANT salesforce_fdw_operator TO neighbour;
CREATE SCHEMA neighbour AUTHORIZATION neighbour;
GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO neighbour;
SET ROLE etl;
CREATE TABLE crm.stage (code text, label text);
CREATE FUNCTION crm.clean(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN btrim($1);
SELECT salesforce_fdw.create_dataset('stages', destination => 'lake', target => 'crm.stages',
	query => 'SELECT s.label, count(*) AS n FROM raw.opportunity o JOIN crm.stage s ON s.code = crm.clean(o.stagename) GROUP BY 1',
	reference_tables => '{"crm.stage": {"code": "controlled", "label": "controlled"}}', functions => '{crm.clean(text)}');
SQL
for my $name (qw(sales stages))
{
	($state, $out, $err) = attempt($node, 'w', "SELECT count(*) FROM salesforce_fdw.lineage('$name') WHERE verdict = 'allowed'", user => 'onlooker');
	is("$state$out", $name eq 'sales' ? 5 : 3, "an auditor sees the lineage of $name") or diag $err;
	($state, $out, $err) = attempt($node, 'w', "SELECT salesforce_fdw.policy_hash('$name')", user => 'onlooker');
	is($out, value($node, 'w', "SELECT policy_hash FROM salesforce_fdw.dataset WHERE name = '$name'"), '... and its policy is the owner\'s') or diag $err;
}
($state, $out, $err) = attempt($node, 'w', "CREATE FOREIGN TABLE neighbour.account (id text) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds');
	SELECT salesforce_fdw.create_dataset('theirs', destination => 'lake', target => 'neighbour.theirs', query => 'SELECT id FROM neighbour.account')", user => 'neighbour');
is($state, '', 'another owner defines a data set beside them') or diag $err;
$node->safe_psql('w', "SELECT salesforce_fdw.drop_dataset('theirs'); SELECT salesforce_fdw.drop_dataset('stages')");

# --- a dump keeps the ledger
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('w') ],
	'the database can be dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d',
		$node->connstr('restored') ],
	'and restored');
my $figures = "SELECT (SELECT count(*) FROM salesforce_fdw.runs),
	(SELECT count(*) FROM salesforce_fdw.run_inputs),
	(SELECT count(*) FROM salesforce_fdw.run_events),
	(SELECT md5(string_agg(evidence::text, '' ORDER BY run)) FROM salesforce_fdw.run_evidence)";
is(value($node, 'restored', $figures), value($node, 'w', $figures),
	'the copy has the same ledger');
write_exports("$home/raw", 3);
is((call_run($node, 'restored'))[0], 'SF007', 'and is not the owner of what was published');
is((attempt($node, 'restored', "SELECT salesforce_fdw.take_over('sales', 'moved')"))[0], '', 'until it is told so');
is((call_run($node, 'restored'))[0], '', 'and goes on with it');
$node->stop;
done_testing();
