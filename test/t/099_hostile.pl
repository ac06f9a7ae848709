# Nothing of what others have prepared is called, adopted or reached.  Objects
# that look like PostgreSQL's or ours, made before CREATE EXTENSION and first in
# search_path; a schema of our name; event triggers; and owners of servers, of
# foreign tables and of data sets who change what they own between two runs:
# each gets no further than his own rights, and no class of data further than
# the policy.
# Elsewhere: roles of our names (test/sql/roles.sql), look-alikes in definitions
# (test/sql/gate_refuse.sql, dataset_define.sql), endpoints (082), keys and
# mappings (093), writing to the ledger (065), triggers on the target (060).
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $home = new_home();
mkdir "$home/$_" for qw(other stolen trap);
my $node = PostgreSQL::Test::Cluster->new('hostile');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off");
$node->start;
my $super = $node->safe_psql('postgres', 'SELECT current_user');
sub as { my ($user, $sql, $database) = @_; return attempt($node, $database // 'w', $sql, user => $user) }
sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'w', $sql) }

# --- look-alikes: each has a sequence that tells whether it was called, which no
# rollback hides
my @functions = map { /^(\S+?)(\(.*\)) (.*)$/ ? [ $1, $2, $3 ] : die $_ } split /\n/, <<'LIST';
format(text, text) text
format(text, name) text
format(text, name, text) text
now() timestamptz
clock_timestamp() timestamptz
current_setting(text) text
current_setting(text, boolean) text
set_config(text, text, boolean) text
pg_extension_config_dump(regclass, text) void
quote_ident(text) text
quote_literal(text) text
replace(text, text, text) text
length(text) int4
octet_length(text) int4
lower(text) text
left(text, int4) text
substr(text, int4, int4) text
strpos(text, text) int4
concat(text, text) text
md5(text) text
encode(bytea, text) text
sha256(bytea) bytea
convert_to(text, name) bytea
to_char(timestamptz, text) text
date_trunc(text, timestamptz) timestamptz
timezone(text, timestamptz) timestamp
hashtextextended(text, int8) int8
current_database() name
to_json(text) json
to_jsonb(text) jsonb
jsonb_typeof(jsonb) text
jsonb_array_length(jsonb) int4
array_length(text[], int4) int4
array_remove(text[], text) text[]
array_to_string(text[], text) text
array_position(text[], text) int4
to_regnamespace(text) regnamespace
has_table_privilege(name, oid, text) boolean
gen_random_uuid() uuid
row_security_active(oid) boolean
LIST
my @operators = ([ '=', 'text', 'text' ], [ '=', 'name', 'name' ], [ '=', 'name', 'text' ], [ '=', 'text', 'name' ], [ '=', 'uuid', 'uuid' ], [ '=', 'int4', 'int4' ], [ '<>', 'text', 'text' ],
	[ '>', 'int8', 'int8' ], [ '<', 'timestamptz', 'timestamptz' ], [ '||', 'text', 'text', 'text' ], [ '->', 'jsonb', 'text', 'jsonb' ], [ '->>', 'jsonb', 'text', 'text' ], [ '~~', 'text', 'text' ]);
my @types = qw(text jsonb int4 int8 bool uuid name timestamptz);
my @relations = qw(pg_authid pg_auth_members pg_locks pg_database pg_foreign_server dataset dataset_acceptance ledger_run ledger_event run_status shipped_definition);
my %count;
sub touch { my ($name) = @_; $name =~ s/\W+/_/g; $name .= '_' . ++$count{$name}; return ("CREATE SEQUENCE evil.\"called $name\";\n", "pg_catalog.nextval('evil.\"called $name\"')") }
my $lookalikes = "CREATE SCHEMA evil;\n";
for my $schema (qw(evil public))
{
	for my $function (@functions, map { [ "op$_->[0]", "($_->[1], $_->[2])", $_->[3] // 'boolean', @$_ ] } @operators)
	{
		my ($name, $arguments, $result, @operator) = @$function;
		my $id = @operator ? sprintf '"op%d"', ++$count{operator} : "\"$name\"";
		my ($sequence, $call) = touch("$name$arguments");
		$lookalikes .= "$sequence CREATE FUNCTION $schema.$id$arguments RETURNS pg_catalog." . ($result =~ s/boolean/bool/r =~ s/timestamp$/timestamp/r)
		  . " LANGUAGE plpgsql SET search_path = pg_catalog AS \$\$ BEGIN PERFORM $call; " . ($result eq 'void' ? 'RETURN;' : 'RETURN NULL;') . " END \$\$;\n";
		$lookalikes .= "CREATE OPERATOR $schema.$operator[0] (LEFTARG = $operator[1], RIGHTARG = $operator[2], FUNCTION = $schema.$id);\n" if @operator;
	}
}
for my $type (@types)
{
	my ($sequence, $call) = touch("type $type");
	$lookalikes .= "$sequence CREATE DOMAIN evil.\"$type\" AS pg_catalog.$type CHECK ($call IS NULL);\n";
}
for my $relation (@relations)
{
	my ($sequence, $call) = touch("relation $relation");
	$lookalikes .= "$sequence CREATE VIEW evil.$relation AS SELECT $call AS name;\n";
}
for my $aggregate ('count(*)', 'max(text)', 'string_agg(text, text)')
{
	my ($sequence, $call) = touch("aggregate $aggregate");
	my $arguments = $aggregate =~ /\*/ ? '' : ', ' . ($aggregate =~ /\((.*)\)/)[0];
	my $id = '"step' . ++$count{step} . '"';
	$lookalikes .= "$sequence CREATE FUNCTION evil.$id(pg_catalog.text$arguments) RETURNS pg_catalog.text LANGUAGE plpgsql AS \$\$ BEGIN PERFORM $call; RETURN NULL; END \$\$;\n"
	  . "CREATE AGGREGATE evil." . ($aggregate =~ s/\btext\b/pg_catalog.text/gr) . " (SFUNC = evil.$id, STYPE = pg_catalog.text);\n";
}
{
	my ($sequence, $call) = touch('cast');
	$lookalikes .= "$sequence CREATE FUNCTION evil.to_date(pg_catalog.jsonb) RETURNS pg_catalog.date LANGUAGE plpgsql AS \$\$ BEGIN PERFORM $call; RETURN NULL; END \$\$;
		CREATE CAST (pg_catalog.jsonb AS pg_catalog.date) WITH FUNCTION evil.to_date(pg_catalog.jsonb) AS IMPLICIT;\n";
}
$lookalikes .= 'GRANT ALL ON SCHEMA evil TO PUBLIC; GRANT ALL ON ALL SEQUENCES IN SCHEMA evil TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA evil TO PUBLIC;';
my $made = () = $lookalikes =~ /CREATE SEQUENCE/g;
cmp_ok($made, '>=', 50, "$made look-alikes are made");
sub called { return sql("SELECT pg_catalog.string_agg(sequencename, ', ') FROM pg_catalog.pg_sequences WHERE schemaname OPERATOR(pg_catalog.=) 'evil' AND last_value IS NOT NULL") }

sql('CREATE DATABASE w', 'postgres');
sql($lookalikes);
my $path = 'evil, public, pg_catalog';
sql("ALTER DATABASE w SET search_path = $path; CREATE ROLE mallory LOGIN; GRANT CREATE ON DATABASE w TO mallory;", 'postgres');
as($super, "SELECT now(); SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text; SELECT count(*) FROM dataset; SELECT '1'::text; SELECT 'x'::pg_catalog.name IN ('y');");
like(called(), qr/(?=.*now)(?=.*_text_text)(?=.*relation.dataset)(?=.*type.text)/s, 'the control: whoever does not look out calls them');
sub forget { sql(q{SELECT pg_catalog.format('ALTER SEQUENCE evil.%I RESTART', sequencename::pg_catalog.text) FROM pg_catalog.pg_sequences WHERE schemaname OPERATOR(pg_catalog.=) 'evil' \gexec}); return }
forget();
is(called(), '', '... which is forgotten');

# --- a schema that somebody else has made is not adopted
my ($state, $out, $err) = as('mallory', 'CREATE SCHEMA salesforce_fdw');
is($state, '', 'somebody makes a schema of our name');
($state, $out, $err) = as($super, 'CREATE EXTENSION salesforce_fdw');
is($state, '42P06', '... and CREATE EXTENSION refuses it');
my $nothing = q{SELECT pg_catalog.count(*) FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'salesforce_fdw'
	UNION ALL SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc WHERE pronamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace('salesforce_fdw')::pg_catalog.oid
	UNION ALL SELECT pg_catalog.count(*) FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.^@) 'salesforce_fdw_'};
is(sql($nothing), "0\n0\n0", '... leaving no object and no role');
is((as('mallory', 'DROP SCHEMA salesforce_fdw'))[0], '', '... and the schema its owner\'s');

# --- event triggers see the script, and do not get into it
sql(<<'SQL');
CREATE TABLE evil.seen (tag pg_catalog.text);
GRANT INSERT ON evil.seen TO PUBLIC;
CREATE FUNCTION evil.fails() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN IF tg_tag = 'CREATE FOREIGN DATA WRAPPER' THEN RAISE EXCEPTION 'no'; END IF; END $$;
CREATE FUNCTION evil.sees() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN INSERT INTO evil.seen VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER fails ON ddl_command_end EXECUTE FUNCTION evil.fails();
SQL
is((as($super, 'CREATE EXTENSION salesforce_fdw'))[0], 'P0001', 'an event trigger can keep it from being created');
is(sql($nothing), "0\n0\n0", '... as a whole');
sql('DROP EVENT TRIGGER fails; CREATE EVENT TRIGGER sees ON ddl_command_end EXECUTE FUNCTION evil.sees();');
($state, $out, $err) = as($super, 'CREATE EXTENSION salesforce_fdw');
is($state, '', 'the extension is created among look-alikes') or diag $err;
cmp_ok(sql(q{SELECT pg_catalog.count(*) FROM evil.seen}), '>', 50, '... and under an event trigger');
is(called(), '', '... of which none was called');
is( sql(q{SELECT pg_catalog.string_agg(DISTINCT pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0), ', ') FROM pg_catalog.pg_depend d
	JOIN pg_catalog.pg_depend m ON m.classid OPERATOR(pg_catalog.=) d.classid AND m.objid OPERATOR(pg_catalog.=) d.objid AND m.deptype OPERATOR(pg_catalog.=) 'e'
	WHERE pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) OPERATOR(pg_catalog.~) 'evil|public'}),
	'', '... and on none does an object of the extension depend');
is( sql(q{SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc WHERE pronamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace('salesforce_fdw')::pg_catalog.oid AND proowner OPERATOR(pg_catalog.<>)
	(SELECT oid FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) CURRENT_USER)}), 0, '... all are the superuser\'s');

# --- the whole job among them, from sessions that have tables of the ledger's names
sub exports
{
	write_exports("$home/raw", @_);
	return;
}
exports(1);
write_text("$home/raw/Opportunity.csv", slurp_file("$home/raw/Opportunity.csv") =~ s/^Id,AccountId,StageName/Id,AccountId,Name/r =~ s/\r\n/,x\r\n/gr =~ s/,x\r\n/,Product_to_Add__c\r\n/r);
sql(<<"SQL");
CREATE ROLE etl LOGIN; CREATE ROLE analyst;
GRANT salesforce_fdw_operator, salesforce_fdw_audit TO etl;
CREATE SCHEMA raw AUTHORIZATION etl; CREATE SCHEMA crm AUTHORIZATION etl;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/raw/');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/lake/', catalog 'file://$home/catalog/', database 'crm');
GRANT USAGE ON FOREIGN SERVER raw_exports, lake TO etl;
SQL
my $temporary = join '', map { "CREATE TEMP TABLE $_ (name pg_catalog.text); INSERT INTO pg_temp.$_ VALUES ('x');\n" } qw(dataset ledger_run ledger_event runs run_status);
my $run = '(SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1)';
for my $step (
	[ 'import', 'IMPORT FOREIGN SCHEMA salesforce FROM SERVER raw_exports INTO raw' ],
	[ 'create_dataset', q{SELECT salesforce_fdw.create_dataset('account_opportunity', destination => 'lake', path => 'bes/', source_schema => 'raw', target => 'crm.account_opportunity',
		accept => '{"Account.Name": "documented", "Opportunity.Name": "documented"}')} ],
	[ 'lineage', q{SELECT * FROM salesforce_fdw.lineage('account_opportunity')} ], [ 'lineage_diagram', q{SELECT salesforce_fdw.lineage_diagram('account_opportunity')} ],
	[ 'policy_hash', q{SELECT salesforce_fdw.policy_hash('account_opportunity')} ], [ 'dry_run', q{SELECT * FROM salesforce_fdw.dry_run('account_opportunity')} ],
	[ 'materialize', q{SELECT salesforce_fdw.materialize('account_opportunity')} ], [ 'run', q{CALL salesforce_fdw.run('account_opportunity')} ],
	[ 'alter_dataset', qq{SELECT salesforce_fdw.alter_dataset('account_opportunity', purge => 'location', confirm => 'file://$home/raw/')} ],
	[ 'purge_plan', q{SELECT * FROM salesforce_fdw.purge_plan('account_opportunity')} ], [ 'a second run', q{CALL salesforce_fdw.run('account_opportunity')} ],
	[ 'views', join ';', map { "SELECT * FROM salesforce_fdw.$_" } qw(run_status runs run_inputs run_outputs run_findings run_events run_evidence run_health run_metrics) ],
	[ 'evidence', "SELECT salesforce_fdw.evidence($run)" ], [ 'verify', "SELECT * FROM salesforce_fdw.verify($run)" ],
	[ 'metrics', 'SELECT * FROM salesforce_fdw.metrics()' ], [ 'check_runs', 'SELECT * FROM salesforce_fdw.check_runs()' ],
	[ 'k_anonymity', q{SELECT salesforce_fdw.k_anonymity('account_opportunity', '{accountid}')} ], [ 'detect', q{SELECT * FROM salesforce_fdw.detect('a@example.org')} ],
	[ 'grant_columns', q{SELECT * FROM salesforce_fdw.grant_columns('raw', 'analyst', '{id,system}')} ],
	[ 'object_versions', q{SELECT * FROM salesforce_fdw.object_versions('lake')} ], [ 'create_key', q{SELECT salesforce_fdw.create_key('k'); SELECT salesforce_fdw.pseudonym('x', 'k')} ],
	[ 'retract', "SELECT salesforce_fdw.retract('account_opportunity', ARRAY[$run], 'test')" ], [ 'drop_dataset', q{SELECT salesforce_fdw.drop_dataset('account_opportunity')} ])
{
	my ($what, $sql) = @$step;
	($state, $out, $err) = as('etl', "SET client_min_messages = error;\n$temporary SET search_path = pg_temp, $path;\n$sql");
	is($state, '', "$what works among look-alikes") or diag $err;
	is(called(), '', '... and calls none') or forget();
}
is(join(' ', files_below("$home/raw")), '', 'the job came to its end');
sql('DROP EVENT TRIGGER sees');
done_testing();
