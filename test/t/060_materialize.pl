# materialize(): what the gate let pass replaces the target's rows in one
# transaction, after detectors and quality gates have seen every row, and no
# message shows a value.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $canary = 'Qx7CANARY9zK';
my $raw = PostgreSQL::Test::Utils::tempdir();
my $lake = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('materialize');
$node->init;
# What the log says is compared: autovacuum would say something in between.
$node->append_conf('postgresql.conf', <<'CONF');
wal_level = logical
log_error_verbosity = verbose
log_statement = all
log_min_messages = notice
autovacuum = off
CONF
$node->start;

# Write one export; rows are lists of fields without commas and quotes.
sub write_export
{
	my ($object, $header, @rows) = @_;
	open(my $file, '>:raw', "$raw/$object.csv") or die $!;
	print $file "$header\r\n";
	print $file join(',', @$_), "\r\n" for @rows;
	close($file);
	return;
}

my $time = '2024-01-15T14:30:00.000+0000';
my $opportunity_header = 'Id,AccountId,Name,CreatedDate,StageName';

# Two accounts, and opportunities with these names.
sub write_exports
{
	my (@names) = @_;
	my $n = 0;
	write_export('Account', 'Id,Name,CreatedDate,Industry',
		[ '001A00000000001IAA', 'Agence du revenu', $time, 'Energy' ],
		[ '001A00000000002IAA', 'Sant\xe9 Canada', $time, 'Health' ]);
	write_export('Opportunity', $opportunity_header,
		map { [ sprintf('006A%011dIAA', ++$n), '001A00000000002IAA', $_, $time, 'Open' ] } @names);
	return;
}

write_exports('First service', 'Second service');
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE ROLE etl LOGIN;
CREATE ROLE analyst LOGIN;
GRANT salesforce_fdw_operator TO etl;
GRANT CREATE ON DATABASE postgres TO etl;
CREATE SCHEMA raw AUTHORIZATION etl;
CREATE SCHEMA crm AUTHORIZATION etl;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$raw/', dialect 'cds');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$lake/');
GRANT USAGE ON FOREIGN SERVER raw, lake TO etl;
GRANT USAGE ON SCHEMA crm TO analyst;
SET ROLE etl;
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER raw INTO raw;
SELECT salesforce_fdw.create_dataset('services', destination => 'lake',
	target => 'crm.services',
	query => 'SELECT o.id AS opportunityid, o.createddate AS created, o.name AS service,
			a.name AS account
		FROM raw.opportunity o JOIN raw.account a ON a.id = o.accountid',
	accept => '{"Account.Name": "organisation", "Opportunity.Name": "service"}');
SQL

# Run SQL as etl; returns output, errors and what the log got meanwhile.
sub run_logged
{
	my ($sql, $user) = @_;
	my $before = -s $node->logfile;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql",
		extra_params => [ '-U', $user // 'etl' ]);
	return ($out, $err, substr(slurp_file($node->logfile), $before));
}

my $materialize = "SELECT rows, rejects, checksum FROM salesforce_fdw.materialize('services')";
my $services = 'SELECT service FROM crm.services ORDER BY 1';

# What the target holds.
sub services
{
	return $node->safe_psql('postgres', $services);
}

# Change the definition; a change of the policy asks for acceptance again.
sub alter
{
	my ($arguments) = @_;
	$arguments .= q{, accept => '{"Account.Name": "organisation", "Opportunity.Name": "service"}'}
		if $arguments =~ /detectors/;
	$node->safe_psql('postgres',
		"SET ROLE etl; SELECT salesforce_fdw.alter_dataset('services', $arguments)");
	return;
}

# A run that must be refused with this SQLSTATE and text; the rows stay.
sub refused
{
	my ($claim, $sqlstate, $text) = @_;
	my $before = services();
	my ($out, $err, $log) = run_logged($materialize);
	like($err, qr/ERROR:  $sqlstate: .*$text/s, $claim);
	is(services(), $before, "$claim: the rows are as before");
	return "$out$err$log";
}

# --- rows -----------------------------------------------------------------
my ($out, $err) = run_logged($materialize);
like($out, qr/^2\|0\|[0-9a-f]{16}$/, 'two rows are stored');
is($err, '', 'nothing to warn about');
is(services(), "First service\nSecond service", 'the query\'s rows are in the target');
is($node->safe_psql('postgres', 'SELECT DISTINCT account FROM crm.services'),
	"Sant\x{c3}\x{a9} Canada", 'escapes are decoded');
is( $node->safe_psql('postgres', "SELECT rows || '|0|' || checksum FROM salesforce_fdw.table_checksum('crm.services')"),
	$out, 'count and checksum are those of the table');

# --- detectors ------------------------------------------------------------
# The planted address is in the last row of the last text column but one, then
# of the last one; it is found by what it says, not by how it is written.
write_exports('Third service', 'Write to jane.roe@example.org');
my $seen = refused('an address in the last row', 'SF003',
	'detector "email" matched in column "service".*"aaaa\.aaa@aaaaaaa\.aaa"');
unlike($seen, qr/jane\.roe/, 'the address is in no message');
write_exports('Third service', 'andr\xe9.roe@exampl\xe9.org');
refused('an address with escapes', 'SF003', 'detector "email".*"aaaaa\.aaa@aaaaaaa\.aaa"');
write_exports('Third service', 'Write to jane.roe\x40example.org');
refused('an escape that hides an address and that no exporter writes', '22P04', 'record 2, byte \d+, column "name"');
write_exports('Third service', '\uff16\uff11\uff13\u2011\uff15\uff15\uff15\u2011\uff10\uff11\uff19\uff19');
refused('a phone number in full-width digits', 'SF003', 'detector "phone".*"ddd-ddd-dddd"');
write_exports('Third service');
write_export('Account', 'Id,Name,CreatedDate,Industry',
	[ '001A00000000001IAA', 'Agency', $time, 'Energy' ],
	[ '001A00000000002IAA', 'NAS 130-692-544', $time, 'Energy' ]);
refused('a SIN in the last column', 'SF003', 'detector "sin" matched in column "account"');

write_exports('Third service', 'Write to jane.roe@example.org or 613-555-0199');
alter(q{detectors => '{"*": "count"}'});
($out) = run_logged("SELECT jsonb_path_query_array(detectors, '\$.detector'), jsonb_path_query_array(detectors, '\$.count')
	FROM salesforce_fdw.materialize('services')");
is($out, '["email", "phone"]|[1, 1]', 'count: hits are counted');
($out) = run_logged("SELECT detectors->0->'keys', jsonb_array_length(detectors) FROM salesforce_fdw.materialize('services')");
is($out, '[{"opportunityid": "006A00000000002IAA"}]|2', 'count: and the records are named');
like(services(), qr/jane\.roe/, 'count: and stored');
write_exports(map { "613-555-0199 $_" } 1 .. 150);
($out) = run_logged("SELECT detectors->0->'count', jsonb_array_length(detectors->0->'keys')
	FROM salesforce_fdw.materialize('services')");
is($out, '150|100', 'count: the first hundred of them');
write_export('Opportunity', $opportunity_header,
	[ 'mail@example.org', '001A00000000002IAA', 'One', $time, 'Open' ],
	[ '006A00000000002AAB', '001A00000000002IAA', '613-555-0199', $time, 'Open' ]);
($out) = run_logged("SELECT jsonb_path_query_array(detectors, '\$.column'), jsonb_path_query_array(detectors, '\$.keys')
	FROM salesforce_fdw.materialize('services')");
is($out, '["opportunityid", "service"]|[[{}], [{}]]', 'what is no id is not named');
write_exports('Third service', 'Write to jane.roe@example.org or 613-555-0199');
alter(q{detectors => '{"service.email": "redact", "phone": "count"}'});
($out) = run_logged("SELECT detectors FROM salesforce_fdw.materialize('services')");
like($out, qr/"keys": \[\{"opportunityid": "006A00000000002IAA"\}\].*"action": "redact".*"detector": "email"/,
	'redact: hits are counted, with the ids of their records');
is(services(), "Third service\nWrite to [email] or 613-555-0199", 'redact: and masked, where the policy says so');
alter(q{detectors => '{"*": "redact"}'});
run_logged($materialize);
is(services(), "Third service\nWrite to [email] or [phone]", 'redact: every detector');
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FUNCTION crm.bring_back() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN NEW.service := replace(NEW.service, '[email]', 'jane@example.org'); RETURN NEW; END $$;
CREATE TRIGGER bring_back BEFORE INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.bring_back();
SQL
refused('redact: what a trigger brings back', 'SF003', 'detector "email"');
$node->safe_psql('postgres', 'DROP TRIGGER bring_back ON crm.services');
alter(q{detectors => '{"*": "refuse"}'});

# --- quality gates --------------------------------------------------------
write_exports();
refused('min_rows', 'SF004', 'gate "min_rows" is not met.*smallest number of rows allowed is 1');
alter(q{gates => '{"min_rows": 3}'});
write_exports('One', 'Two');
refused('min_rows: a limit of the definition', 'SF004', 'smallest number of rows allowed is 3');
alter(q{gates => '{"min_rows": {"limit": 3, "action": "warn"}}'});
($out, $err) = run_logged($materialize);
like($err, qr/WARNING:  SF004: gate "min_rows"/, 'min_rows: a warning where the definition says so');
is(services(), "One\nTwo", 'min_rows: the rows are stored');
alter(q{gates => '{"min_rows": {"limit": 3, "action": "count"}}'});
($out, $err) = run_logged("SELECT gates FROM salesforce_fdw.materialize('services')");
is($err, '', 'min_rows: no word where it is only counted');
like($out, qr/"gate": "min_rows", "count": 2/, 'min_rows: but the figure');

write_exports(map { "Service $_" } 1 .. 400);
($out, $err) = run_logged($materialize);
like($err, qr/WARNING:  SF004: gate "truncation".*Opportunity has a multiple of 200/s, 'truncation');
write_exports(map { "Service $_" } 1 .. 401);
($out, $err) = run_logged($materialize);
is($err, '', 'truncation: not with one more');

write_exports('One', 'Two');
utime(time - 40 * 3600, time - 40 * 3600, "$raw/$_.csv") for qw(Account Opportunity);
($out, $err) = run_logged($materialize);
like($err, qr/WARNING:  SF004: gate "max_input_age"/, 'max_input_age');
utime(time, time, "$raw/Opportunity.csv");
refused('max_input_spread', 'SF004', 'gate "max_input_spread".*Account is older than Opportunity');
utime(time, time, "$raw/Account.csv");

$opportunity_header = 'Id,AccountId,Name,CreatedDate,Fresh__c';
write_exports('One', 'Two');
refused('missing_columns', 'SF004', 'gate "missing_columns".*Opportunity lacks fields.*: StageName');
alter(q{gates => '{"missing_columns": "warn"}'});
($out, $err) = run_logged($materialize);
like($err, qr/WARNING:  SF004: gate "missing_columns"/, 'missing_columns: a bare action');
like($err, qr/WARNING:  SF004: gate "extra_columns".*Opportunity has fields without a column: Fresh__c/s,
	'extra_columns');
$opportunity_header = 'Id,AccountId,Name,CreatedDate,StageName';
write_exports('One', 'Two');

$node->safe_psql('postgres', 'ALTER TABLE crm.services ALTER service TYPE varchar(80)');
refused('type_change', 'SF004', 'gate "type_change".*column "service"');
$node->safe_psql('postgres', 'ALTER TABLE crm.services ADD more int');
refused('another column in the target', 'SF004', 'has other columns than its query');
$node->safe_psql('postgres', 'ALTER TABLE crm.services DROP more, ALTER service TYPE text');

# Against the last run that was published, and not the last materialize.
write_exports(map { "Service $_" } 1 .. 9);
$node->safe_psql('postgres', "SET ROLE etl; CALL salesforce_fdw.run('services')");
write_exports(map { "Service $_" } 1 .. 5);
($out, $err) = run_logged($materialize);
like($out, qr/^5\|/, 'max_shrink: half as many and one more');
write_exports(map { "Service $_" } 1 .. 4);
refused('max_shrink', 'SF004', 'gate "max_shrink".*the last run had 9 rows, and may shrink by 0\.5');
alter(q{gates => '{"max_shrink": 0.6}'});
($out, $err) = run_logged($materialize);
like($out, qr/^4\|/, 'max_shrink: a limit of the definition');
alter(q{gates => '{"max_shrink": 1}'});
write_exports('One', 'Two');
run_logged($materialize);

# --- checks ---------------------------------------------------------------
my $checks = '{"max_shrink": 1, "checks": {"strays": {"action": "ACTION", "query":
	"SELECT count(*) FROM raw.opportunity o LEFT JOIN raw.account a ON a.id = o.accountid WHERE a.id IS NULL"}}}';
alter("gates => '" . ($checks =~ s/ACTION/warn/r) . "'");
($out, $err) = run_logged($materialize);
is($err, '', 'a check that counts 0');
write_export('Opportunity', $opportunity_header,
	[ '006A00000000001IAA', '001A00000000002IAA', 'One', $time, 'Open' ],
	[ '006A00000000002IAA', '001A00000000009IAA', 'Two', $time, 'Open' ]);
($out, $err) = run_logged($materialize);
like($err, qr/WARNING:  SF004: check "strays".*gave 1/s, 'a check that warns');
alter("gates => '" . ($checks =~ s/ACTION/refuse/r) . "'");
refused('a check that refuses', 'SF004', 'check "strays" is not met');
alter(q{gates => '{"max_shrink": 1}'});
write_exports('One', 'Two');
run_logged($materialize);

# --- what hangs on the target --------------------------------------------
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
GRANT SELECT ON crm.services TO analyst;
CREATE INDEX services_index ON crm.services (service);
CREATE VIEW crm.names AS SELECT service FROM crm.services;
CREATE TABLE crm.seen (who name, what text);
CREATE FUNCTION crm.note() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN INSERT INTO crm.seen VALUES (current_user, TG_OP); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT OR DELETE ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.note();
ALTER TABLE crm.services REPLICA IDENTITY FULL;
CREATE PUBLICATION services FOR TABLE crm.services;
SQL
my $file = $node->safe_psql('postgres', q{SELECT pg_relation_filenode('crm.services')});
write_exports('Three', 'Four', 'Five');
run_logged($materialize);
is($node->safe_psql('postgres', 'SET ROLE analyst; SELECT count(*) FROM crm.services'), '3', 'grants survive');
is($node->safe_psql('postgres', 'SELECT count(*) FROM crm.names'), '3', 'dependent views survive');
is($node->safe_psql('postgres', "SET enable_seqscan = off; SELECT service FROM crm.services WHERE service = 'Four'"),
	'Four', 'indexes survive');
is($node->safe_psql('postgres', 'SELECT what, count(*) FROM crm.seen GROUP BY 1 ORDER BY 1'),
	"DELETE|2\nINSERT|3", 'triggers fire');
is($node->safe_psql('postgres', 'SELECT tablename FROM pg_publication_tables'), 'services', 'publications survive');
is($node->safe_psql('postgres', q{SELECT pg_relation_filenode('crm.services')}), $file, 'it is the same table');

# --- who runs it ----------------------------------------------------------
$node->safe_psql('postgres', 'TRUNCATE crm.seen');
$node->safe_psql('postgres', $materialize);
is($node->safe_psql('postgres', 'SELECT DISTINCT who FROM crm.seen'), 'etl',
	'a superuser who calls lends his rights to no trigger');
($out, $err) = run_logged($materialize, 'analyst');
like($err, qr/ERROR:  42501/, 'others may not');
($out, $err) = run_logged("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; $materialize");
like($err, qr/ERROR:  25000: .*keeps its snapshot/, 'a snapshot that is kept is refused');
$node->safe_psql('postgres', 'DROP TRIGGER note ON crm.services');

($out, $err) = run_logged("BEGIN READ ONLY; $materialize");
like($err, qr/ERROR:  25006: .*read-only transaction/, 'a read-only transaction is told so');
$node->safe_psql('postgres', 'SET ROLE etl; REVOKE SELECT ON raw.account FROM etl');
refused('a right that is missing', '42501', 'permission denied for foreign table account');
foreach my $right ('SELECT', 'INSERT', 'DELETE')
{
	$node->safe_psql('postgres', "SET ROLE etl; REVOKE $right ON crm.services FROM etl");
	refused("$right on the target", '42501',
		"permission denied for table crm\\.services.*Role \"etl\" does not have the $right privilege");
	$node->safe_psql('postgres', "SET ROLE etl; GRANT $right ON crm.services TO etl");
}
$node->safe_psql('postgres', 'SET ROLE etl; ALTER TABLE crm.services ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
refused('row-level security on the target', '42501',
	'permission denied for table crm\.services.*row-level security applies to role "etl"');
$node->safe_psql('postgres', 'SET ROLE etl; ALTER TABLE crm.services DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY');
$node->safe_psql('postgres', 'SET ROLE etl; GRANT SELECT ON raw.account TO etl');

# --- readers and writers meanwhile ---------------------------------------
write_exports('New');
my $runner = $node->background_psql('postgres', extra_params => [ '-U', 'etl' ]);
my $reader = $node->background_psql('postgres', extra_params => [ '-U', 'etl' ]);
$reader->query_safe("SET statement_timeout = '${PostgreSQL::Test::Utils::timeout_default}s'");
$runner->query_safe("BEGIN; $materialize");
is($reader->query_safe($services), "Five\nFour\nThree", 'a reader sees the old rows, at once');
my (undef, undef, $write_error) =
	$node->psql('postgres', "SET lock_timeout = '100ms'; DELETE FROM crm.services");
like($write_error, qr/lock timeout/, 'a writer waits');
$runner->query_safe('COMMIT');
is($reader->query_safe($services), 'New', 'then the reader sees the new rows');
write_exports('Newer');
$runner->query_safe("BEGIN; $materialize; ROLLBACK");
is($reader->query_safe($services), 'New', 'a rollback leaves the old rows');

# Two at once: the second waits, and replaces what the first has stored.
write_exports('Newest', 'of all');
$runner->query_safe("BEGIN; $materialize");
$reader->query_until(qr/begun/, "\\echo begun\n$materialize;\n");
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_locks WHERE relation = 'crm.services'::regclass AND NOT granted")
	or die 'the second does not wait';
$runner->query_safe('COMMIT');
$reader->query_safe('SELECT 1');
is(services(), "Newest\nof all", 'two at once leave one set of rows');
$runner->quit;
$reader->quit;

# --- no value escapes -----------------------------------------------------
# Each of these makes PostgreSQL say a value when somebody inserts by hand,
# which is the control; a materialize must say the same without it.
write_exports("A $canary", "B $canary");
my $insert = "INSERT INTO crm.services VALUES ('x', now(), 'A $canary', 'x')";
my $controls = 0;
my %ways = (
	'a check constraint' => [
		q{ALTER TABLE crm.services ADD CONSTRAINT way CHECK (service !~ 'CANARY') NOT VALID}, '23514', 1,
		'ALTER TABLE crm.services DROP CONSTRAINT way' ],
	'a unique index' => [
		"CREATE UNIQUE INDEX way ON crm.services (right(service, 12))", '23505', 1, 'DROP INDEX crm.way' ],
	'an expression index' => [
		'CREATE INDEX way ON crm.services ((length(service) / (length(service) - ' . length("A $canary") . ')))',
		'22012', 0, 'DROP INDEX crm.way' ],
	'a cast in an index' => [
		q{CREATE INDEX way ON crm.services (nullif(service, 'New')) WHERE CASE WHEN service ~ 'CANARY' THEN service::int END > 0},
		'22P02', 1, 'DROP INDEX crm.way' ],
	'a trigger' => [
		q{CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.service ~ 'CANARY' THEN
				RAISE EXCEPTION 'cannot take %', NEW.service USING
					DETAIL = NEW.service, HINT = NEW.service, COLUMN = NEW.service, CONSTRAINT = NEW.service,
					TABLE = NEW.service, ERRCODE = '42501';
			END IF; RETURN NEW; END $$;
		CREATE TRIGGER way BEFORE INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.way()},
		'42501', 1, 'DROP FUNCTION crm.way() CASCADE' ],
	'a function that parses' => [
		q{CREATE INDEX way ON crm.services (to_tsquery('english', service || ' x'))}, '42601', 1,
		'DROP INDEX crm.way' ],
	'a function that takes a unit' => [
		q{ALTER TABLE crm.services ADD CONSTRAINT way CHECK (date_trunc(service, now()) IS NOT NULL) NOT VALID},
		'\w+', 1, 'ALTER TABLE crm.services DROP CONSTRAINT way' ],
	'a function that looks for a name' => [
		q{ALTER TABLE crm.services ADD CONSTRAINT way CHECK (quote_ident(service)::regclass IS NOT NULL) NOT VALID},
		'42P01', 1, 'ALTER TABLE crm.services DROP CONSTRAINT way' ],
	'a function that opens a file' => [
		q{RESET ROLE; ALTER TABLE crm.services ADD CONSTRAINT way CHECK (pg_read_file(service) IS NOT NULL) NOT VALID;
		GRANT EXECUTE ON FUNCTION pg_read_file(text) TO etl; GRANT pg_read_server_files TO etl},
		'58P01', 1, 'ALTER TABLE crm.services DROP CONSTRAINT way; REVOKE pg_read_server_files FROM etl' ],
	'a domain' => [
		q{CREATE DOMAIN crm.way AS text CHECK (VALUE !~ 'CANARY'); SET check_function_bodies = off;
		ALTER TABLE crm.services ADD CONSTRAINT way CHECK (service::crm.way IS NOT NULL) NOT VALID},
		'23514', 0, 'ALTER TABLE crm.services DROP CONSTRAINT way; DROP DOMAIN crm.way' ],
	'a deferred trigger' => [
		q{CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'cannot take %', NEW.service; END $$;
		CREATE CONSTRAINT TRIGGER way AFTER INSERT ON crm.services DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION crm.way()},
		'P0001', 1, 'DROP FUNCTION crm.way() CASCADE' ],
	'a trigger\'s dynamic statement' => [
		q{CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			EXECUTE format('SELECT 1 / (length(%L) - length(%L))', NEW.service, NEW.service); RETURN NEW; END $$;
		CREATE TRIGGER way BEFORE INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.way()},
		'22012', 1, 'DROP FUNCTION crm.way() CASCADE' ],
);
$node->safe_psql('postgres', 'DELETE FROM crm.services');
for my $way (sort keys %ways)
{
	my ($make, $sqlstate, $tells, $drop) = @{ $ways{$way} };
	$node->safe_psql('postgres', "SET ROLE etl; $make");
	my (undef, undef, $control) = $node->psql('postgres', "SET client_min_messages = notice; $insert; $insert");
	$controls++ if $control =~ /CANARY/i;
	$seen = refused("$way fails", $sqlstate, 'could not materialize data set "services"');
	unlike($seen, qr/CANARY/i, "$way: no value is in a message or in the log");
	unlike($seen, qr/CONTEXT/, "$way: no context is shown");
	$node->safe_psql('postgres', "$drop; DELETE FROM crm.services");
}
cmp_ok($controls, '>=', 10, 'the control shows values');

# What a trigger says and does not raise.
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql SET client_min_messages = debug AS $$ BEGIN
	RAISE DEBUG '%', NEW.service;
	RAISE LOG '%', NEW.service;
	RAISE INFO '%', NEW.service;
	RAISE NOTICE '%', NEW.service;
	RAISE WARNING '%', NEW.service;
	RETURN NEW; END $$;
CREATE TRIGGER way BEFORE INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.way();
SQL
my $before = -s $node->logfile;
(undef, undef, my $control) = $node->psql('postgres', $insert);
is(scalar(() = $control =~ /CANARY/g), 5, 'the control shows what a trigger says');
like(substr(slurp_file($node->logfile), $before), qr/LOG:  00000: A Qx7CANARY/, 'the log too');
$node->safe_psql('postgres', 'DELETE FROM crm.services');
my ($said, $shown, $logged) = run_logged($materialize);
like($said, qr/^2\|/, 'a trigger that talks stops nothing');
unlike("$shown$logged", qr/CANARY/i, 'and nobody hears it');
(undef, $shown) = run_logged("SET client_min_messages = notice; $insert");
like($shown, qr/CANARY/, 'settings are as before afterwards');
$node->safe_psql('postgres', 'DROP FUNCTION crm.way() CASCADE; DELETE FROM crm.services');

# A parallel worker logs its error before the leader can catch it.
write_exports(map { "$_ $canary" } 1 .. 50);
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql
	SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0
	SET min_parallel_table_scan_size = 0 SET max_parallel_workers_per_gather = 2
	SET parallel_leader_participation = off AS $$ BEGIN
	PERFORM max(service::int) FROM crm.other; RETURN NULL; END $$;
CREATE TABLE crm.other AS SELECT 'Qx7CANARY9zK' || i AS service FROM generate_series(1, 10000) i;
ALTER TABLE crm.other SET (parallel_workers = 2);
ANALYZE crm.other;
CREATE TRIGGER way AFTER INSERT ON crm.services FOR EACH STATEMENT EXECUTE FUNCTION crm.way();
SQL
$before = -s $node->logfile;
(undef, undef, $control) = $node->psql('postgres', $insert);
my %pids = map { $_ => 1 } substr(slurp_file($node->logfile), $before) =~ /\[(\d+)\].*ERROR:.*CANARY/g;
cmp_ok(scalar(keys %pids), '>=', 2, 'the control: a worker logs a value, and its leader');
$seen = refused('an error in a parallel worker', '22P02', 'could not materialize');
unlike($seen, qr/CANARY/i, 'an error in a parallel worker: no value is shown');
$node->safe_psql('postgres', 'DROP FUNCTION crm.way() CASCADE; DROP TABLE crm.other; DELETE FROM crm.services');

# Nobody but this library switches that on, and it does not nest.
($out, $err) = run_logged("$materialize; SET salesforce_fdw.withhold_messages = on");
like($err, qr/ERROR:  42501/, 'users cannot withhold messages');
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM salesforce_fdw.materialize('services'); RETURN NULL; END $$;
CREATE TRIGGER way AFTER INSERT ON crm.services FOR EACH STATEMENT EXECUTE FUNCTION crm.way();
SQL
refused('a trigger that materializes', '55006', 'could not materialize');
$node->safe_psql('postgres', 'DROP FUNCTION crm.way() CASCADE');

# An error of a scan is ours and says where.
$opportunity_header = 'Id,AccountId,Name,CreatedDate,StageName';
write_export('Opportunity', $opportunity_header,
	[ '006A00000000001IAA', '001A00000000002IAA', 'One', $time, 'Open' ],
	[ '006A00000000002IAA', '001A00000000002IAA', 'Two', "$canary", 'Open' ]);
$seen = refused('a value that is no time', '\w+', 'Opportunity\.csv": record 2, byte \d+, column "createddate"');
unlike($seen, qr/CANARY/i, 'a value that is no time: it is not shown');

# Columns of other types are searched as well, each in its own way.
write_export('Thing__c', 'Id,Page__c,Tags__c,Amount__c,Code__c',
	[ 'a01A00000000001IAA', '"{""who"": ""Jane""}"', 'One;Two', '130692544', '130692544' ]);
$node->safe_psql('postgres', <<"SQL");
SET ROLE etl;
CREATE FOREIGN TABLE raw.thing (
	id text OPTIONS (field 'Id', class 'id'),
	page jsonb OPTIONS (field 'Page__c', class 'controlled'),
	tags text[] OPTIONS (field 'Tags__c', class 'controlled'),
	amount numeric OPTIONS (field 'Amount__c', class 'business'),
	code bigint OPTIONS (field 'Code__c', class 'business'))
	SERVER raw OPTIONS (object 'Thing__c', dialect 'csv');
SELECT salesforce_fdw.create_dataset('things', destination => 'lake', target => 'crm.things',
	query => 'SELECT id, page, tags, amount, code FROM raw.thing');
SQL
# A dry run says what would be refused, and changes nothing.
write_exports('Write to jane.roe@example.org');
$seen = services();
($out, $err) = run_logged("SELECT item, verdict, detail FROM salesforce_fdw.dry_run('services')
	WHERE section IN ('rows', 'detector')");
is($out, "crm.services|read|1 rows would be stored: 0 added, 1 changed, 49 removed\nemail in service|refuse|1: aaaa.aaa\@aaaaaaa.aaa",
	'a dry run judges the rows');
is(services(), $seen, 'and stores none');

my $things = "SELECT rows FROM salesforce_fdw.materialize('things')";
($out, $err) = run_logged($things);
is($out, '1', 'nine digits among amounts do not refuse') or diag($err);
write_export('Thing__c', 'Id,Page__c,Tags__c,Amount__c,Code__c',
	[ 'a01A00000000001IAA', '"{""who"": ""jane\u0040example.org""}"', 'One', '1', '1' ]);
($out, $err) = run_logged($things);
like($err, qr/detector "email" matched in column "page"/, 'jsonb is searched, decoded');
write_export('Thing__c', 'Id,Page__c,Tags__c,Amount__c,Code__c',
	[ 'a01A00000000001IAA', '{}', 'One;613-555-0199', '1', '1' ]);
($out, $err) = run_logged($things);
like($err, qr/detector "phone" matched in column "tags"/, 'arrays are searched');
write_export('Thing__c', 'Id,Page__c,Tags__c,Amount__c,Code__c',
	[ 'a01A00000000001IAA', '{}', 'One', '1', '4532015112830366' ]);
($out, $err) = run_logged($things);
like($err, qr/detector "card" matched in column "code"/, 'numbers are searched for cards');

# --- what is attached to the target cannot make our messages show values ----
write_exports($canary);
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FUNCTION crm.drop_it() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM salesforce_fdw.drop_dataset(NEW.service); RETURN NULL; END $$;
CREATE FUNCTION crm.write_it() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN EXECUTE format('CREATE SERVER s FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location %L)',
		NEW.service); RETURN NULL; END $$;
CREATE FUNCTION crm.defer_it() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN
		IF current_setting('salesforce_fdw.withhold_messages') <> 'on' THEN
			RAISE EXCEPTION 'value %', NEW.service;
		END IF;
		SET CONSTRAINTS ALL DEFERRED;
		UPDATE crm.services SET service = service || ' ' WHERE opportunityid = NEW.opportunityid
			AND service NOT LIKE '% ';
		RETURN NULL;
	END $$;
SQL
for my $attached (
	[ 'a trigger that calls a function of ours with a value', '55006: could not materialize',
		'CREATE TRIGGER attached AFTER INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.drop_it()' ],
	[ 'a trigger that gives a value to our validator', '(HV024|42501): could not materialize',
		'CREATE TRIGGER attached AFTER INSERT ON crm.services FOR EACH ROW EXECUTE FUNCTION crm.write_it()' ],
	[ 'a trigger that defers another until the commit', '55000: cannot materialize',
		'CREATE CONSTRAINT TRIGGER attached AFTER INSERT OR UPDATE ON crm.services DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION crm.defer_it()' ],
	[ 'a constraint that calls a function of ours with a value', '55006: cannot call function',
		'ALTER TABLE crm.services ADD CONSTRAINT attached
			CHECK (salesforce_fdw.drop_dataset(service)::text IS NOT NULL) NOT VALID' ],
	[ 'a constraint that writes a file named by a value', '55006: cannot call function',
		q{ALTER TABLE crm.services ADD CONSTRAINT attached
			CHECK (salesforce_fdw.copy_to('SELECT 1', service) > 0) NOT VALID} ])
{
	my ($claim, $message, $statement) = @$attached;
	$node->safe_psql('postgres', "GRANT USAGE ON FOREIGN DATA WRAPPER salesforce_fdw TO etl; SET ROLE etl; $statement");
	my $text = refused($claim, '\\w{5}', '');
	like($text, qr/ERROR:  $message/, "$claim: is told");
	unlike($text, qr/$canary/, "$claim: shows no value");
	$node->safe_psql('postgres', $statement =~ /TRIGGER/ ? 'DROP TRIGGER attached ON crm.services'
		: 'ALTER TABLE crm.services DROP CONSTRAINT attached');
}

$node->safe_psql('postgres', 'ALTER TABLE crm.services OWNER TO analyst; GRANT ALL ON crm.services TO etl');
refused('a target that has become another role\'s', '42501', 'belongs to another role');
$node->safe_psql('postgres', 'ALTER TABLE crm.services OWNER TO etl');

# Numbers are searched in plain decimal form: as persons' unless all they come
# from is of class business or system, where a SIN or phone is one by chance.
write_export('Number__c', 'Id,Whole__c,Exact__c,Double__c,Amount__c');
$node->safe_psql('postgres', <<'SQL');
SET ROLE etl;
CREATE FOREIGN TABLE raw.number (
	id text OPTIONS (field 'Id', class 'id'),
	whole bigint OPTIONS (field 'Whole__c', class 'controlled'),
	exact numeric OPTIONS (field 'Exact__c', class 'reference'),
	double float8 OPTIONS (field 'Double__c', class 'controlled'),
	amount float8 OPTIONS (field 'Amount__c', class 'business'))
	SERVER raw OPTIONS (object 'Number__c', dialect 'csv');
SELECT salesforce_fdw.create_dataset('numbers', destination => 'lake', target => 'crm.numbers',
	query => 'SELECT id, whole, exact, double, amount, amount + whole AS mixed FROM raw.number');
SQL

# Materialize one row of numbers; what was said, and the findings that it had.
sub numbers
{
	my ($detectors, @values) = @_;
	write_export('Number__c', 'Id,Whole__c,Exact__c,Double__c,Amount__c',
		[ 'a01A00000000001IAA', @values ]);
	$node->safe_psql('postgres', "SET ROLE etl; SET client_min_messages = error;
		SELECT salesforce_fdw.alter_dataset('numbers', detectors => '$detectors')");
	my ($out, $err) = run_logged("SELECT string_agg(concat_ws(' ', f->>'column', f->>'detector', f->>'shape', f->>'action'), ', ')
		FROM salesforce_fdw.materialize('numbers') m, jsonb_array_elements(m.detectors) f");
	return $err =~ /(detector .*? matched in column "\w+")/ ? $1 : $err =~ /ERROR/ ? $err : $out;
}

my $refuse = '{"*": "refuse"}';
for (
	[ '130692544', 1, 1, 'sin', 'whole' ], [ 1, '130692544.0', 1, 'sin', 'exact' ],
	[ 1, 1, '130692544', 'sin', 'double' ], [ '6135550199', 1, 1, 'phone', 'whole' ],
	[ 1, '16135550199', 1, 'phone', 'exact' ], [ 1, 1, '6.135550199e9', 'phone', 'double' ],
	[ 1, '4111111111111111.00', 1, 'card', 'exact' ], [ 1, 1, '4111111111111111', 'card', 'double' ])
{
	my ($whole, $exact, $double, $detector, $column) = @$_;
	is(numbers($refuse, $whole, $exact, $double, 1), qq(detector "$detector" matched in column "$column"),
		"a number that is a $detector ($whole, $exact, $double)");
}
is(numbers($refuse, -130692544, '130692544.5', 130692545, 1), '', 'near misses: sign, fraction, check digit');
is(numbers($refuse, 1135550199, '6131550199', '-6135550199', 1), '', 'near misses: area, exchange, sign');
is(numbers($refuse, '4111111111111112', '411111111111111.1', 41111111111111110, 1), '', 'near misses: cards');
is(numbers($refuse, 0, 0, 0, 130692544),
	'detector "sin" matched in column "mixed"', 'a sum with another class is no amount');
my $mixed = '"mixed.sin": "count", "mixed.phone": "count"';
is(numbers("{\"*\": \"refuse\", $mixed}", 1, 1, 1, 130692544), 'amount sin ddddddddd count',
	'a SIN among amounts is counted, whatever * says');
is(numbers("{\"*\": \"refuse\", $mixed}", 1, 1, 1, '6135550199.0'),
	'amount phone dddddddddd count, mixed phone dddddddddd count', 'so is a phone number');
is(numbers("{\"sin\": \"refuse\", $mixed}", 1, 1, 1, 130692544),
	'detector "sin" matched in column "amount"', 'unless a key names the detector');
is(numbers("{\"amount.phone\": \"refuse\", $mixed}", 1, 1, 1, 6135550199),
	'detector "phone" matched in column "amount"', 'or the column too');
is(numbers($refuse, 1, 1, 1, '4111111111111111'),
	'detector "card" matched in column "amount"', 'a card refuses among amounts');
is(numbers('{"whole.sin": "count"}', 130692544, 1, 1, 0.5), 'whole sin ddddddddd count',
	'a column of persons\' numbers can be told to count');

is(numbers('{"*": "redact"}', 130692544, 1, 1, 0.5), 'detector "sin" matched in column "whole"',
	'what cannot be redacted refuses');
(undef, $err) = run_logged("SELECT salesforce_fdw.materialize('numbers')");
like($err, qr/DETAIL:  .*column "whole".*The column's type cannot be redacted\./, '... and says why');
(undef, $err) = run_logged(q{SELECT salesforce_fdw.alter_dataset('numbers', detectors => '{"whole.sin": "redact"}')});
like($err, qr/ERROR:  0A000: .*cannot redact column "whole": it is of type bigint/,
	'which a definition cannot ask for by name');

# --- a child that is attached between the look and the reading is not read
write_export('Contact', 'Id,Email', [ '003A00000000001IAA', "$canary\@example.org" ]);
(undef, $err) = run_logged(<<'SQL');
CREATE TABLE crm.parts (kind text, id text) PARTITION BY LIST (kind);
CREATE FOREIGN TABLE crm.parts_account (kind text OPTIONS (field 'Industry'), id text OPTIONS (field 'Id')) SERVER raw OPTIONS (object 'Account');
ALTER TABLE crm.parts ATTACH PARTITION crm.parts_account DEFAULT;
CREATE FOREIGN TABLE crm.parts_contact (kind text OPTIONS (field 'Id'), id text OPTIONS (field 'Email')) SERVER raw OPTIONS (object 'Contact');
SELECT salesforce_fdw.create_dataset('parts', destination => 'lake', target => 'crm.parts_read', query => 'SELECT id FROM crm.parts');
SELECT salesforce_fdw.materialize('parts');
CREATE FUNCTION crm.attach() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	ALTER TABLE crm.parts DETACH PARTITION crm.parts_account;
	ALTER TABLE crm.parts ATTACH PARTITION crm.parts_contact DEFAULT;
	RETURN NULL;
END $$;
CREATE TRIGGER attach BEFORE DELETE ON crm.parts_read FOR EACH STATEMENT EXECUTE FUNCTION crm.attach();
SQL
unlike($err, qr/ERROR/, 'a data set over a partitioned table is materialized');
my $read = $node->safe_psql('postgres', 'SELECT count(*) FROM crm.parts_read');
(undef, $err, my $attached_log) = run_logged("SELECT salesforce_fdw.materialize('parts')");
like($err, qr/ERROR:  SF002: cannot use foreign table crm\.parts_contact in a data set/, 'a child that came meanwhile refuses');
like($err, qr/DETAIL:  It was not examined with the query\./, '... and says why');
unlike("$err$attached_log", qr/$canary/, '... and nothing of it is seen');
is($node->safe_psql('postgres', 'SELECT count(*) FROM crm.parts_read'), $read, '... the rows are the old ones');

# A cancelled statement says so.
write_exports(map { "Service $_" } 1 .. 2000);
($out, $err) = run_logged("SET statement_timeout = '1ms'; $materialize");
like($err, qr/ERROR:  57014: /, 'a timeout keeps its SQLSTATE');

done_testing();
