# Who owns a foreign server, a foreign table or a data set can change it between
# two runs, and gets no further by that than his own rights and the policy: no
# column of another class leaves, nothing outside of a location is read or
# deleted, and no code of his runs with the rights of whoever calls.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $home = new_home();
mkdir "$home/other";
my $node = PostgreSQL::Test::Cluster->new('hostile_owners');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nrestart_after_crash = on");
$node->start;
my $super = $node->safe_psql('postgres', 'SELECT current_user');
sub as { my ($user, $sql) = @_; return attempt($node, 'w', "SET client_min_messages = error;\n$sql", user => $user) }
sub sql { my ($sql) = @_; return $node->safe_psql('w', $sql) }

# Whatever is personal has this in it.
my $secret = 'Zelda';
sub write_day
{
	my ($folder) = @_;
	write_text("$folder/Account.csv", "Id,Name,Industry,Phone,Notes__c\r\n" . join '', map { sprintf "001%012dAAA,Name of %d,Energy,%s %d,%s %d\r\n", $_, $_, $secret, $_, $secret, $_ } 1 .. 9);
	write_text("$folder/Contact.csv", "Id,LastName,Email\r\n" . join '', map { sprintf "003%012dAAA,%s,%s\@example.org\r\n", $_, $secret, $secret } 1 .. 9);
	return;
}
write_day("$home/raw");
write_day("$home/other");

$node->safe_psql('postgres', 'CREATE DATABASE w');
sql(<<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE ROLE etl LOGIN; CREATE ROLE keeper LOGIN; CREATE ROLE host LOGIN;
GRANT salesforce_fdw_operator TO etl;
GRANT salesforce_fdw_read TO keeper, host;
CREATE SCHEMA raw AUTHORIZATION keeper; CREATE SCHEMA crm AUTHORIZATION etl;
GRANT USAGE ON SCHEMA raw, crm TO etl, keeper, host;
GRANT USAGE ON FOREIGN DATA WRAPPER salesforce_fdw TO host;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/raw/');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/lake/', catalog 'file://$home/catalog/', database 'crm');
GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO etl, keeper;
SET ROLE keeper;
CREATE FOREIGN TABLE raw.account (id text, name text, industry text) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds');
GRANT SELECT ON raw.account TO etl;
SQL
# What a function was called as: by a sequence, which functions of every
# volatility can count, and which no rollback hides.
sql(<<"SQL");
CREATE SCHEMA noted;
CREATE SEQUENCE noted.etl; CREATE SEQUENCE noted.keeper; CREATE SEQUENCE noted."$super";
GRANT ALL ON SCHEMA noted TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA noted TO PUBLIC;
CREATE FUNCTION noted.note(x text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS \$\$ BEGIN PERFORM nextval(format('noted.%I', current_user)); RETURN x; END \$\$;
SQL
my $define = q{SELECT salesforce_fdw.create_dataset('sectors', destination => 'lake', target => 'crm.sectors', query => 'SELECT id, name, industry FROM raw.account WHERE industry <> name',
	accept => '{"Account.Name": "documented"}', detectors => '{}')};
sub noted { return sql("SELECT string_agg(sequencename, ' ' ORDER BY sequencename) FROM pg_sequences WHERE schemaname = 'noted' AND last_value IS NOT NULL") }
sub forget_noted { sql(qq{ALTER SEQUENCE noted.etl RESTART; ALTER SEQUENCE noted.keeper RESTART; ALTER SEQUENCE noted."$super" RESTART}); return }
sub secrets { my $found = `grep -rlai $secret '$home/lake' '$home/catalog'`; return $found . sql("SELECT coalesce(string_agg(t::text, ','), '') FROM crm.sectors t WHERE t::text ~* '$secret'") }
sub run_as { my ($user) = @_; return as($user, q{CALL salesforce_fdw.run('sectors', force => true)}) }
is((as('etl', $define))[0], '', 'a data set over somebody else\'s foreign table');
my ($state, $out, $err) = run_as('etl');
is($state, '', '... is published') or diag $err;
my $before = sql('SELECT * FROM crm.sectors ORDER BY 1');

# --- the owner of a foreign table
my $column = 'ALTER FOREIGN TABLE raw.account ALTER industry OPTIONS';
my $contact = "$column (ADD field 'LastName', ADD class 'controlled'); ALTER FOREIGN TABLE raw.account ALTER name OPTIONS (ADD field 'Email', ADD class 'controlled'); ALTER FOREIGN TABLE raw.account OPTIONS";
for my $change (
	[ 'another field', "$column (ADD field 'Phone', ADD class 'controlled')", 'SF002' ], [ 'another field, in capitals', "$column (ADD field 'PHONE', ADD class 'controlled')", 'SF002' ],
	[ 'another field, with a space', "$column (ADD field ' Phone', ADD class 'controlled')", '\w+' ], [ 'another field, without a class', "$column (ADD field 'Notes__c')", 'SF002' ],
	[ 'another field, which he classifies', "$column (ADD field 'Notes__c', ADD class 'controlled')", 'SF002' ],
	[ 'a field twice', "$column (ADD field 'Name', ADD class 'controlled')", 'SF002' ],
	[ 'another object', "$contact (SET object 'Contact')", 'SF002' ], [ 'another object, in small letters', "$contact (SET object 'contact')", '\w+' ],
	[ 'another path', "$contact (DROP object, ADD path 'Contact.csv')", 'SF002' ], [ 'a path with a dot', "$contact (DROP object, ADD path './Contact.csv')", '\w+' ],
	[ 'a path with two', "$contact (DROP object, ADD path 'x/../Contact.csv')", '\w+' ], [ 'a path out of the location', "$contact (DROP object, ADD path '../other/Contact.csv')", '\w+' ],
	[ 'another name for the object', "$contact (SET object 'Contact.csv')", '\w+' ],
	[ 'a child', "CREATE FOREIGN TABLE raw.child () INHERITS (raw.account) SERVER raw_exports OPTIONS (object 'Contact', dialect 'cds'); GRANT SELECT ON raw.child TO etl;
		ALTER FOREIGN TABLE raw.child ALTER industry OPTIONS (ADD field 'LastName', ADD class 'controlled'), ALTER name OPTIONS (ADD field 'Email', ADD class 'controlled')", 'SF002' ],
	[ 'no right', 'REVOKE SELECT ON raw.account FROM etl', '42501' ],
	[ 'a view of the same name', 'ALTER FOREIGN TABLE raw.account RENAME TO old; CREATE FOREIGN TABLE raw.contact (id text, name text OPTIONS (field \'LastName\')) SERVER raw_exports OPTIONS (object \'Contact\', dialect \'cds\');
		CREATE VIEW raw.account AS SELECT id, name, name AS industry FROM raw.contact; GRANT SELECT ON raw.account, raw.contact TO etl', 'SF002' ])
{
	my ($what, $change_sql, $expected) = @$change;
	($state, $out, $err) = as('keeper', "BEGIN; $change_sql; COMMIT;");
	my $refused = $state;
	($state, $out, $err) = run_as('etl');
	like($refused || $state, qr/^(?:$expected)$/, "the owner of a foreign table gives it $what" . ($refused ? ', in vain' : '')) or diag $err;
	is(secrets(), '', '... and nothing personal is published or stored');
	is(sql('SELECT * FROM crm.sectors ORDER BY 1'), $before, '... the rows are those from before');
	sql('DROP VIEW IF EXISTS raw.account') if $what =~ /view/;
	sql(q{SET client_min_messages = error; DROP FOREIGN TABLE IF EXISTS raw.child, raw.contact; ALTER FOREIGN TABLE IF EXISTS raw.old RENAME TO account;
		DO $$ DECLARE o text; BEGIN
			FOR o IN SELECT format('ALTER FOREIGN TABLE raw.account ALTER %I OPTIONS (DROP %I)', attname, split_part(x, '=', 1)) FROM pg_attribute, unnest(attfdwoptions) x WHERE attrelid = 'raw.account'::regclass LOOP EXECUTE o; END LOOP;
			IF EXISTS (SELECT FROM pg_foreign_table, unnest(ftoptions) x WHERE ftrelid = 'raw.account'::regclass AND x ~ '^path=') THEN ALTER FOREIGN TABLE raw.account OPTIONS (DROP path, ADD object 'Account');
			ELSE ALTER FOREIGN TABLE raw.account OPTIONS (SET object 'Account'); END IF;
		END $$; GRANT SELECT ON raw.account TO etl;});
}
is((run_as('etl'))[0], '', 'when he has put everything back it is published again');

# Code that he attaches is not called with the data set's owner's rights.
for my $attached (
	[ 'a constraint', "ALTER FOREIGN TABLE raw.account ADD CONSTRAINT c CHECK (noted.note('x') = 'y')", 'ALTER FOREIGN TABLE raw.account DROP CONSTRAINT c' ],
	[ 'a constraint of a child', "CREATE FOREIGN TABLE raw.child (CONSTRAINT d CHECK (noted.note('x') = 'y')) INHERITS (raw.account) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds'); GRANT SELECT ON raw.child TO etl", 'DROP FOREIGN TABLE raw.child' ],
	[ 'statistics', "CREATE STATISTICS raw.s ON (noted.note('x')), (noted.note(name)) FROM raw.account", 'DROP STATISTICS raw.s' ],
	[ 'a default', "ALTER FOREIGN TABLE raw.account ALTER name SET DEFAULT noted.note('x')", 'ALTER FOREIGN TABLE raw.account ALTER name DROP DEFAULT' ],
	[ 'a trigger', 'CREATE FUNCTION raw.way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM noted.note(\'x\'); RETURN NULL; END $$; CREATE TRIGGER way BEFORE INSERT ON raw.account FOR EACH STATEMENT EXECUTE FUNCTION raw.way()', 'DROP TRIGGER way ON raw.account; DROP FUNCTION raw.way()' ])
{
	my ($what, $attach, $detach) = @$attached;
	($state, $out, $err) = as('keeper', "SET search_path = pg_catalog; $attach");
	is($state, '', "the owner of a foreign table attaches $what") or diag $err;
	forget_noted();
	for my $caller ('etl', $super)
	{
		($state, $out, $err) = as($caller, q{SET constraint_exclusion = on; SELECT salesforce_fdw.lineage('sectors'); SELECT * FROM salesforce_fdw.dry_run('sectors'); CALL salesforce_fdw.run('sectors', force => true)});
		note("$what, called by $caller: " . ($state || 'fine'));
	}
	is(noted(), '', '... and it is not called');
	is((as('keeper', $detach))[0], '', '... and takes it away');
}

# --- the owner of a foreign server
sql('ALTER SERVER raw_exports OWNER TO host; ALTER SERVER lake OWNER TO host');
my $move = "ALTER SERVER raw_exports OPTIONS (SET location 'file://$home/other/')";
is((as('host', $move))[0], '42501', 'the owner of a server has no right to files, and moves it nowhere');
is((run_as('etl'))[0], '42501', '... nor is it used with rights that its owner has not');
sql('GRANT pg_read_server_files TO host');
is((run_as('etl'))[0], '42501', '... one to read is not one to write');
sql('GRANT pg_write_server_files TO host');
($state, $out, $err) = as('etl', qq{SELECT salesforce_fdw.alter_dataset('sectors', purge => 'location', confirm => 'file://$home/raw/')});
is($state, '', 'a purge of the location is confirmed') or diag $err;
is((as('host', $move))[0], '', 'with rights of his own he can move it');
($state, $out, $err) = run_as('etl');
is(join(' ', files_below("$home/other")), 'Account.csv Contact.csv', '... but nothing is deleted in the other place');
is(join(' ', files_below("$home/raw")), 'Account.csv Contact.csv', '... nor in the first');
like($state . sql("SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1"), qr/purge_pending|refused|SF/, '... and the ledger says so');
is(secrets(), '', '... and nothing personal is published');
for my $option ("ADD endpoint 'http://127.0.0.1:1'", "ADD allow_local_endpoint 'true'", "ADD proxy 'http://127.0.0.1:1'", "ADD tls_ca_file '/etc/passwd'", "SET location 'file:///'", 'SET location \'file://' . $node->data_dir . "/'")
{
	like((as('host', "ALTER SERVER raw_exports OPTIONS ($option)"))[0], qr/^(42501|HV\w+|22023|42\w+)$/, "... and he cannot: $option");
}
sql("ALTER SERVER raw_exports OWNER TO \"$super\"; ALTER SERVER lake OWNER TO \"$super\"; ALTER SERVER raw_exports OPTIONS (SET location 'file://$home/raw/'); REVOKE pg_read_server_files, pg_write_server_files FROM host");
as('etl', q{SELECT salesforce_fdw.alter_dataset('sectors', purge => 'none')});
is((run_as('etl'))[0], '', 'moved back it is published') or diag $err;

# --- the owner of a data set, and a superuser who calls
for my $attached (
	[ 'an index', "CREATE INDEX i ON crm.sectors ((noted.note('x')))", 'DROP INDEX crm.i' ], [ 'an index on some rows', "CREATE INDEX i ON crm.sectors (id) WHERE noted.note('x') = 'x' AND noted.note(id) = id", 'DROP INDEX crm.i' ],
	[ 'a constraint', "ALTER TABLE crm.sectors ADD CONSTRAINT c CHECK (noted.note('x') = 'x' AND noted.note(id) = id)", 'ALTER TABLE crm.sectors DROP CONSTRAINT c' ],
	[ 'statistics', "CREATE STATISTICS crm.s ON (noted.note('x')), (noted.note(name)) FROM crm.sectors", 'DROP STATISTICS crm.s' ],
	[ 'a default', "ALTER TABLE crm.sectors ALTER name SET DEFAULT noted.note('x')", 'ALTER TABLE crm.sectors ALTER name DROP DEFAULT' ],
	[ 'a rule', "CREATE RULE r AS ON DELETE TO crm.sectors DO ALSO SELECT noted.note('x')", 'DROP RULE r ON crm.sectors' ],
	[ 'a trigger', 'CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM noted.note(NEW.id); RETURN NEW; END $$; CREATE TRIGGER way BEFORE INSERT ON crm.sectors FOR EACH ROW EXECUTE FUNCTION crm.way()', 'DROP FUNCTION crm.way() CASCADE' ],
	[ 'a policy', "ALTER TABLE crm.sectors ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON crm.sectors USING (noted.note('x') = 'x')", 'DROP POLICY p ON crm.sectors; ALTER TABLE crm.sectors DISABLE ROW LEVEL SECURITY' ],
	[ 'a check', q{SELECT salesforce_fdw.alter_dataset('sectors', gates => '{"checks": {"c": "SELECT count(noted.note(id)) FROM raw.account"}}')}, q{SELECT salesforce_fdw.alter_dataset('sectors', gates => '{}')} ])
{
	my ($what, $attach, $detach) = @$attached;
	forget_noted();
	as('etl', $attach);
	forget_noted();
	($state, $out, $err) = as($super, q{SET constraint_exclusion = on; SELECT * FROM salesforce_fdw.dry_run('sectors'); SELECT salesforce_fdw.materialize('sectors'); CALL salesforce_fdw.run('sectors', force => true)});
	note("$what, called by a superuser: " . ($state || 'fine') . ', noted: ' . noted());
	unlike(noted(), qr/\b\Q$super\E\b/, "$what of the target runs with no rights of the caller");
	as('etl', $detach);
}
# The target is swapped when it is filled, or when it is filled and not yet exported.
my $other = "CREATE TABLE crm.other AS SELECT id, '$secret'::text AS name, industry FROM crm.kept";
for my $swap (
	[ 'a view', "$other; CREATE VIEW crm.sectors AS SELECT id, noted.note(name) AS name, industry FROM crm.other", 'VIEW' ],
	[ 'a partitioned table', 'CREATE TABLE crm.sectors (id text, name text, industry text) PARTITION BY LIST (id)', 'TABLE' ],
	[ 'a foreign table', "CREATE FOREIGN TABLE crm.sectors (id text, name text, industry text) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds')", 'FOREIGN TABLE' ],
	[ 'a materialized view', "$other; CREATE MATERIALIZED VIEW crm.sectors AS SELECT * FROM crm.other", 'MATERIALIZED VIEW' ],
	[ 'a table with other rows', "$other; CREATE TABLE crm.sectors AS SELECT * FROM crm.other", 'TABLE' ])
{
	my ($what, $make, $kind) = @$swap;
	for my $when ('before', 'after')
	{
		if ($when eq 'after')
		{
			my $ready = RunTest::times_ready($node);
			($state) = as($super, q{LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_point = 'storage.create before'; SET salesforce_fdw.fault_action = 'kill'; CALL salesforce_fdw.run('sectors', force => true)});
			is($state, 'killed', "$what: a run is killed before it exports");
			wait_for_restart($node, $ready);
		}
		is((as('etl', "BEGIN; ALTER TABLE crm.sectors RENAME TO kept; $make; COMMIT"))[0], '', "its owner puts $what in the place of the target, $when it is filled");
		forget_noted();
		($state, $out, $err) = as($super, q{CALL salesforce_fdw.run('sectors', force => true)});
		if ($kind eq 'TABLE' && $what =~ /rows/ && $when eq 'before') { is($state, '', '... which is filled like another') }
		else { isnt($state, '', '... which is refused') }
		is(noted(), '', '... and nothing of it runs');
		# What a refused run has staged is hidden, and the next CALL deletes it.
		is(`grep -rlai --exclude-dir=_staging $secret '$home/lake' '$home/catalog'`, '', '... nor is published');
		is((as('etl', "DROP $kind crm.sectors; DROP TABLE IF EXISTS crm.other; ALTER TABLE crm.kept RENAME TO sectors"))[0], '', '... and puts it back');
		($state, $out, $err) = as('etl', q{SELECT salesforce_fdw.abandon(run, 'test') FROM salesforce_fdw.runs WHERE state IN ('discovered', 'materialized', 'staged', 'verified')});
	}
}
is((run_as('etl'))[0], '', 'and in the end it is published') or diag $err;
is(secrets(), '', '... without anything personal');

# --- a table that is dropped takes the definition along, and nothing else
is((as('keeper', 'DROP FOREIGN TABLE raw.account CASCADE'))[0], '', 'the owner of a foreign table drops it');
isnt((run_as('etl'))[0], '', '... the data set can run no more');
is(sql('SELECT count(*) FROM crm.sectors'), 9, '... its rows are there');
ok(-s "$home/lake/sectors/sectors.parquet", '... and what was published');

$node->stop;
done_testing();
