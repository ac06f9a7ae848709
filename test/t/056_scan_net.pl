# Claim: while a data set is materialized (or judged by a dry run), no scan of a
# raw table reads anything but what the gate examined, whoever begins it: a
# trigger of the target, a function that the data set lists, a default, a rule
# that calls one.  Before and after, everybody scans as always.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('scan_net');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE w');
my $home = new_home();
make_world($node, 'w', $home);
write_exports("$home/raw", 1);
$node->safe_psql('w', <<"SQL");
SET ROLE etl;
CREATE FOREIGN TABLE raw.contact (id text, lastname text) SERVER raw_exports OPTIONS (object 'Contact', dialect 'cds');
CREATE FOREIGN TABLE raw.other_account (id text, name text) SERVER raw_exports OPTIONS (object 'Account', dialect 'cds');
CREATE TABLE crm.taken (what text);
SQL
# Names are not in it: whoever reads could have made one of a value.
my $message = qr/a trigger or a function reads a raw table or column that the gate did not pass/;
my $materialize = "SELECT * FROM salesforce_fdw.materialize('sales')";
my ($state, $out, $err) = attempt($node, 'w', $materialize);
is($state, '', 'nothing stands in the way') or diag $err;
my $before = published_target();

sub published_target { return value($node, 'w', 'SELECT count(*) FROM crm.sales') }

# A function in the way of the rows, by which the statement is run.
my %ways = (
	'a trigger for each row' => 'CREATE TRIGGER way BEFORE INSERT ON crm.sales FOR EACH ROW EXECUTE FUNCTION crm.way()',
	'a trigger for the statement' => 'CREATE TRIGGER way AFTER INSERT ON crm.sales FOR EACH STATEMENT EXECUTE FUNCTION crm.way()',
	'a trigger of the deletion' => 'CREATE TRIGGER way BEFORE DELETE ON crm.sales FOR EACH ROW EXECUTE FUNCTION crm.way()',
	'a deferred trigger' => 'CREATE CONSTRAINT TRIGGER way AFTER INSERT ON crm.sales DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm.way()');
my %statements = (
	'another foreign table' => 'INSERT INTO crm.taken SELECT lastname FROM raw.contact',
	'the same file by another table' => 'INSERT INTO crm.taken SELECT id FROM raw.other_account',
	'another column' => 'INSERT INTO crm.taken SELECT name FROM raw.account',
	'another column in a filter' => "INSERT INTO crm.taken SELECT id FROM raw.account WHERE name LIKE 'A%'",
	'a whole row' => 'INSERT INTO crm.taken SELECT a::text FROM raw.account AS a',
	'a dynamic statement' => q{EXECUTE 'INSERT INTO crm.taken SELECT name FROM raw.account'},
	'a cursor' => 'FOR r IN SELECT name FROM raw.account LOOP INSERT INTO crm.taken VALUES (r.name); END LOOP',
	'a number of rows' => 'INSERT INTO crm.taken SELECT count(*)::text FROM raw.contact');

sub with_way
{
	my ($way, $statement, $do) = @_;
	$node->safe_psql('w', "SET ROLE etl; CREATE FUNCTION crm.way() RETURNS trigger LANGUAGE plpgsql AS \$\$ DECLARE r record; BEGIN $statement; RETURN COALESCE(NEW, OLD); END \$\$; $way");
	$do->();
	$node->safe_psql('w', 'SET ROLE etl; DROP FUNCTION crm.way() CASCADE; TRUNCATE crm.taken');
	return;
}

my $refused = 0;
for my $way (sort keys %ways)
{
	for my $what (sort keys %statements)
	{
		with_way($ways{$way}, $statements{$what}, sub {
			($state, $out, $err) = attempt($node, 'w', $materialize);
			ok($state eq 'SF002' && $err =~ /could not materialize data set "sales": $message/, "$way: $what") or diag "$state: $err";
			is(published_target() . ' ' . value($node, 'w', 'SELECT count(*) FROM crm.taken'), "$before 0", '... takes nothing');
			$refused++;
		});
	}
}
note("count: $refused scans behind the gate's back, all refused");

# --- what the gate passed may be read by whom it may
with_way($ways{'a trigger for each row'}, 'INSERT INTO crm.taken SELECT id FROM raw.account', sub {
	($state, $out, $err) = attempt($node, 'w', $materialize);
	is($state, '', 'a column that the gate passed') or diag $err;
	cmp_ok(value($node, 'w', 'SELECT count(*) FROM crm.taken'), '>', 0, '... was read');
});

# --- a function that the data set lists
$node->safe_psql('w', <<"SQL");
SET ROLE etl;
CREATE FUNCTION crm.shown(id text) RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT max(lastname) FROM raw.contact); END';
SELECT salesforce_fdw.alter_dataset('sales', functions => '{crm.shown(text)}',
	query => 'SELECT a.id AS accountid, o.id AS opportunityid, crm.shown(o.stagename) AS stage, o.createddate AS created
		FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id');
SQL
for my $statement ($materialize, "SELECT * FROM salesforce_fdw.dry_run('sales')", "CALL salesforce_fdw.run('sales')")
{
	($state, $out, $err) = attempt($node, 'w', $statement);
	like("$err$out", $message, "a listed function: $statement");
}
is(value($node, 'w', 'SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'), 'refused', '... refuses the run');

# --- a check has a right to its own columns, and to no others
$node->safe_psql('w', <<'SQL');
SET ROLE etl;
SELECT salesforce_fdw.alter_dataset('sales', functions => '{}',
	query => 'SELECT a.id AS accountid, o.id AS opportunityid, o.stagename AS stage, o.createddate AS created
		FROM raw.account a JOIN raw.opportunity o ON o.accountid = a.id',
	gates => '{"checks": {"early": "SELECT count(*) FROM raw.account AS a WHERE a.createddate < ''1000-01-01''::timestamp"}}');
SQL
($state, $out, $err) = attempt($node, 'w', $materialize);
is($state, '', 'a check reads a column that the query does not') or diag $err;

# --- and in the same session, before and after
($state, $out, $err) = attempt($node, 'w', "SELECT count(lastname) > 0 FROM raw.contact; $materialize; SELECT count(lastname) > 0 FROM raw.contact;
	BEGIN; SELECT salesforce_fdw.materialize('nothing'); ROLLBACK; SELECT count(lastname) > 0 FROM raw.contact");
is(scalar(() = $out =~ /^t$/mg), 3, 'everybody scans as always before, after, and after an error') or diag $err;

$node->stop;
done_testing();
