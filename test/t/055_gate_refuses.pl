# Every field of every dictionary object that may not be published is refused,
# by name, however a definition reaches it: as a column, in a filter, a join,
# an order, through t.*, a view, a whole row, a function that prints tables.
# Each column also claims a harmless class as its option, in vain.  So do
# fields without any class, with reasons and allowances that do not suffice.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;

# Classes that the default policy does not let pass, and what each needs.
my %refused = map { $_ => 1 }
  qw(PERSON NEVER FREE_TEXT INDIRECT PERSON_REFERENCE);

my %fields;
my $dictionary = slurp_file("$FindBin::Bin/../../src/export/dictionary.def");
while ($dictionary =~ /^FIELD\((\w+), (\w+), \w+, (\w+)\)$/mg)
{
	push @{ $fields{$1} }, [ $2, $3 ];
}
cmp_ok(scalar keys %fields, '>=', 15, 'the dictionary was read');

my $node = PostgreSQL::Test::Cluster->new('gate_refuses');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nlog_min_messages = panic");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA gate;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///gate/raw/');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///gate/lake/');
CREATE TABLE gate.target (x text);
CREATE FOREIGN TABLE gate.other (h text OPTIONS (field 'Harmless__c', class 'business'))
	SERVER raw OPTIONS (object 'Other__c');
-- Every column that must be refused, and in which way.
CREATE TABLE gate.personal (object text, field text, class text);
-- How to reach a column: {c} is the column, {t} the table, {v} a view of it.
-- names: what the refusal must name; NULL: the column, in the lineage.
CREATE TABLE gate.form (form text, query text, names text);
INSERT INTO gate.form VALUES
	('direct', 'SELECT t.{c} AS x FROM {t} AS t', NULL),
	('function', 'SELECT upper(t.{c}) AS x FROM {t} AS t', NULL),
	('operator', 'SELECT t.h || t.{c} AS x FROM {t} AS t', NULL),
	('cast', 'SELECT t.{c}::varchar(3)::text AS x FROM {t} AS t', NULL),
	('condition', 'SELECT CASE WHEN t.{c} IS NULL THEN t.h END AS x FROM {t} AS t', NULL),
	('filter', 'SELECT t.h AS x FROM {t} AS t WHERE t.{c} IS NOT NULL', NULL),
	('comparison', 'SELECT t.h AS x FROM {t} AS t WHERE t.h = ''x'' OR t.{c} LIKE ''a%''', NULL),
	('join', 'SELECT o.h AS x FROM {t} AS t JOIN gate.other AS o ON o.h = t.{c}', NULL),
	('outer join', 'SELECT o.h AS x FROM gate.other AS o LEFT JOIN {t} AS t ON lower(t.{c}) = o.h', NULL),
	('USING', 'SELECT a.h AS x FROM {t} AS a JOIN {t} AS b USING ({c})', NULL),
	('merged', 'SELECT {c} AS x FROM {t} AS a FULL JOIN {t} AS b USING ({c})', NULL),
	('joined alias', 'SELECT j.{c} AS x FROM ({t} AS a CROSS JOIN gate.other AS o (y)) AS j', NULL),
	('order', 'SELECT t.h AS x FROM {t} AS t ORDER BY t.{c} DESC', NULL),
	('field of a row', 'SELECT (t).{c} AS x FROM {t} AS t', 'a whole row or a system column of foreign table {t}'),
	('view', 'SELECT v.{c} AS x FROM {v} AS v', NULL),
	('view in a filter', 'SELECT o.h AS x FROM gate.other AS o JOIN {v} AS v ON v.{c} = o.h', NULL),
	('query_to_xml', 'SELECT query_to_xml(''SELECT {c} FROM {t}'', true, true, '''')::text AS x FROM {t} AS t', 'function pg_catalog.query_to_xml('),
	('subquery', 'SELECT s.{c} AS x FROM (SELECT {c} FROM {t}) AS s', NULL),
	('sublink', 'SELECT (SELECT max({c}) FROM {t}) AS x FROM gate.other', NULL),
	('EXISTS', 'SELECT h AS x FROM gate.other WHERE EXISTS (SELECT FROM {t} AS t WHERE t.{c} = h)', NULL),
	('WITH', 'WITH w AS (SELECT {c} FROM {t}) SELECT w.{c} AS x FROM w', NULL),
	('aggregate', 'SELECT max(t.{c}) AS x FROM {t} AS t', NULL),
	('UNION', 'SELECT h AS x FROM gate.other UNION SELECT {c} FROM {t}', NULL);
-- The same for a table as a whole.
CREATE TABLE gate.table_form (form text, query text, names text);
INSERT INTO gate.table_form VALUES
	('whole row', 'SELECT t::text AS x FROM {t} AS t', 'a whole row of foreign table {t}'),
	('whole row in a filter', 'SELECT t.h AS x FROM {t} AS t WHERE t IS NOT NULL', 'a whole row of foreign table {t}'),
	('whole row in an order', 'SELECT t.h AS x FROM {t} AS t ORDER BY t', 'a whole row of foreign table {t}'),
	('whole row in a function', 'SELECT to_json(t)::text AS x FROM {t} AS t', 'function pg_catalog.to_json('),
	('table_to_xml', 'SELECT table_to_xml(''{t}'', true, true, '''')::text AS x FROM {t} AS t', 'function pg_catalog.table_to_xml('),
	('table_to_xml in FROM', 'SELECT x::text FROM table_to_xml(''{t}'', true, true, '''') AS x', 'function pg_catalog.table_to_xml('),
	('cursor_to_xml', 'SELECT cursor_to_xml(''{t}'', 1, true, true, '''')::text AS x FROM {t} AS t', 'function pg_catalog.cursor_to_xml('),
	('whole row of a view', 'SELECT v::text AS x FROM {v} AS v', 'a whole row of a subquery');
CREATE TABLE gate.outcome (form text, object text, field text, outcome text);

-- Try one definition, and say "refused" when it is, by the right name; nothing
-- of the attempt stays.
CREATE FUNCTION gate.attempt(query text, named text, columns text[],
	allow text[] DEFAULT '{id,reference,controlled,business,system}',
	accept jsonb DEFAULT '{}', target text DEFAULT 'gate.target')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	missed text[];
	message text;
BEGIN
	PERFORM salesforce_fdw.create_dataset('tried', 'lake', query => query,
		target => target, allow => allow, accept => accept);
	SELECT array_agg(c) INTO missed FROM unnest(columns) AS c
	 WHERE NOT EXISTS (SELECT FROM salesforce_fdw.lineage('tried') AS l
		WHERE l.column_name = c AND l.verdict = 'refused');
	RAISE EXCEPTION USING ERRCODE = 'TR000', MESSAGE =
		CASE WHEN missed IS NULL AND named IS NULL THEN 'refused'
			 ELSE 'let through: ' || coalesce(missed::text, query) END;
EXCEPTION
	WHEN SQLSTATE 'TR000' THEN RETURN SQLERRM;
	WHEN SQLSTATE 'SF002' THEN
		message := SQLERRM;
		RETURN CASE WHEN named IS NOT NULL AND strpos(message, 'cannot use ' || named) = 1
			THEN 'refused' ELSE message END;
	WHEN OTHERS THEN
		RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SQL

# One foreign table an object; a view of it; a column without a class.
my $ddl = '';
for my $object (sort keys %fields)
{
	my $name = lc $object;
	my @columns = map { sprintf(qq("%s" text OPTIONS (field '%s', class 'business')),
			lc $_->[0], $_->[0]) } @{ $fields{$object} };
	$ddl .= "CREATE FOREIGN TABLE gate.t_$name (h text OPTIONS (field 'Harmless__c', class 'business'),"
	  . "nothing__c text OPTIONS (field 'Nothing__c')," . join(',', @columns)
	  . ") SERVER raw OPTIONS (object '$object');\n"
	  . "CREATE VIEW gate.v_$name AS SELECT * FROM gate.t_$name;\n"
	  . "INSERT INTO gate.personal VALUES ('$object', 'Nothing__c', 'NONE');\n";
	$ddl .= "INSERT INTO gate.personal VALUES ('$object', '$_->[0]', '$_->[1]');\n"
	  for grep { $refused{ $_->[1] } } @{ $fields{$object} };
}
$node->safe_psql('postgres', $ddl);

# Run a statement that fills gate.outcome; no row but "refused" may come out.
sub refuses
{
	my ($what, $sql) = @_;
	$node->safe_psql('postgres',
		"SET client_min_messages = error; TRUNCATE gate.outcome; INSERT INTO gate.outcome $sql");
	my $count = $node->safe_psql('postgres', 'SELECT count(*) FROM gate.outcome');
	cmp_ok($count, '>', 0, "$what: forms were tried");
	is( $node->safe_psql('postgres', <<'SQL'), '', "$what: all $count are refused by name");
SELECT form, object, field, outcome FROM gate.outcome
 WHERE outcome <> 'refused' LIMIT 20
SQL
	return $count;
}

my $reach = <<'SQL';
replace(replace(replace(f.query, '{c}', quote_ident(lower(coalesce(p.field, '')))),
	'{t}', 'gate.t_' || lower(p.object)), '{v}', 'gate.v_' || lower(p.object))
SQL
my $named = "replace(replace(f.names, '{t}', 'gate.t_' || lower(p.object)), '{v}', 'gate.v_' || lower(p.object))";
my $total = 0;

# Under valgrind a sample of the combinations has to do.
my $sample = $ENV{SFDW_SLOW} ? 'WHERE abs(hashtext(p.object || p.field || f.form)) % 60 = 0' : '';

$total += refuses('each field', <<"SQL");
SELECT f.form, p.object, p.field,
	gate.attempt($reach, $named, ARRAY[lower(p.field)])
  FROM gate.personal AS p, gate.form AS f $sample
SQL

$total += refuses('each table', <<"SQL");
SELECT f.form, p.object, NULL, gate.attempt($reach, $named, '{}')
  FROM (SELECT DISTINCT object, NULL::text AS field FROM gate.personal) AS p, gate.table_form AS f
SQL

# t.* is refused for each column that it holds, each in its own right.
my $star = <<'SQL';
SELECT %s, p.object, array_length(p.columns, 1)::text,
	gate.attempt(replace(%s, '{t}', 'gate.t_' || lower(p.object)), NULL, p.columns,
		target => 'gate.all_columns')
  FROM (SELECT object, array_agg(lower(field)) AS columns FROM gate.personal GROUP BY object) AS p
SQL
for my $form ([ 't.*', 'SELECT t.* FROM {t} AS t' ],
	[ 'TABLE', 'TABLE {t}' ], [ 'NATURAL JOIN', 'SELECT * FROM {t} AS a NATURAL JOIN {t} AS b' ])
{
	refuses($form->[0], sprintf($star, "'$form->[0]'", "'$form->[1]'"));
	$total += $node->safe_psql('postgres', 'SELECT count(*) FROM gate.personal');
}

# What a policy says does not suffice: allowed without a reason, a reason
# without being allowed, both for what nothing lets pass.
my %policies = (
	'allowed, not accepted' => [ 'true', 1, 0 ],
	'accepted, not allowed' => [ "p.class <> 'FREE_TEXT'", 0, 1 ],
	'allowed and accepted' => [ "p.class IN ('PERSON', 'NEVER', 'NONE')", 1, 1 ]);
for my $name (sort keys %policies)
{
	my ($classes, $allow, $accept) = @{ $policies{$name} };
	my $allowed = 'id,reference,controlled,business,system'
	  . ($allow ? ',person_reference,indirect' : '');
	my $accepted = $accept
	  ? "jsonb_build_object(p.object || '.' || p.field, 'because')" : "'{}'";

	$total += refuses($name, <<"SQL");
SELECT f.form, p.object, p.field,
	gate.attempt($reach, $named, ARRAY[lower(p.field)], '{$allowed}', $accepted)
  FROM gate.personal AS p, gate.form AS f
 WHERE $classes AND f.form IN ('direct', 'filter', 'join')
SQL
}

# The control: with what it needs, each of the others does pass.
is( $node->safe_psql('postgres', <<"SQL"), '0', 'what the policy lets pass does pass');
SET client_min_messages = error;
SELECT count(*) FROM gate.personal AS p, gate.form AS f
 WHERE p.class IN ('FREE_TEXT', 'INDIRECT', 'PERSON_REFERENCE') AND f.form = 'direct'
   AND gate.attempt($reach, NULL, ARRAY[lower(p.field)],
		'{id,reference,controlled,business,system,person_reference,indirect}',
		jsonb_build_object(p.object || '.' || p.field, 'because')) NOT LIKE 'let through%'
SQL

# materialize raises before it reads: the error names every refused column.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION gate.unnamed(object text, columns text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	missed text;
BEGIN
	PERFORM salesforce_fdw.create_dataset('whole', 'lake', target => 'gate.whole',
		query => 'SELECT t.* FROM gate.t_' || lower(object) || ' AS t');
	PERFORM salesforce_fdw.materialize('whole');
	RETURN 'materialized';
EXCEPTION WHEN SQLSTATE 'SF002' THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	SELECT string_agg(c, ', ') INTO missed FROM unnest(columns) AS c
	 WHERE detail !~ format('gate\.t_%s\.%s ', lower(object), c);
	RETURN missed;
END $$;
SQL
is( $node->safe_psql('postgres', <<'SQL'), '', 'materialize names every refused column');
SET client_min_messages = error;
SELECT object, unnamed FROM (SELECT object, array_agg(lower(field)) AS columns
	FROM gate.personal GROUP BY object) AS p, gate.unnamed(object, columns)
 WHERE unnamed IS NOT NULL
SQL

note(sprintf('%d forms over %d fields of %d objects',
		$total, $node->safe_psql('postgres', 'SELECT count(*) FROM gate.personal'),
		scalar keys %fields));

# Every form of reaching a column over every field, at the least; half of what
# a sample should have, where a sample was drawn.
my $product = $node->safe_psql('postgres',
	'SELECT (SELECT count(*) FROM gate.form) * (SELECT count(*) FROM gate.personal)');
cmp_ok($total, '>=', $sample eq '' ? $product : $product / 120,
	"$total forms were tried, of $product over every field");
cmp_ok($product, '>=', 20 * 500, 'there are at least 20 forms and 500 fields');
$node->stop;
done_testing();
