-- What the gate refuses by the query's shape or by an object in it, each by
-- name: clauses, nodes, relations, look-alikes of built-in objects.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA gate_refuse;
SET search_path = gate_refuse;
CREATE SERVER gate_refuse_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///gate_refuse/raw/');
CREATE SERVER gate_refuse_lake FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///gate_refuse/lake/');
CREATE FOREIGN TABLE account (
    id text OPTIONS (field 'Id'),
    industry text OPTIONS (field 'Industry'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    numberofemployees int OPTIONS (field 'NumberOfEmployees'),
    isdeleted boolean OPTIONS (field 'IsDeleted')
) SERVER gate_refuse_raw OPTIONS (object 'Account');
CREATE FOREIGN TABLE contact (
    id text OPTIONS (field 'Id'),
    email text OPTIONS (field 'Email'),
    isdeleted boolean OPTIONS (field 'IsDeleted')
) SERVER gate_refuse_raw OPTIONS (object 'Contact');
CREATE TABLE plain (id text, email text);
CREATE VIEW contact_view AS SELECT isdeleted FROM contact;
CREATE MATERIALIZED VIEW copied AS SELECT id FROM plain;

CREATE FUNCTION define(query text) RETURNS void LANGUAGE sql AS $$
    SELECT salesforce_fdw.create_dataset('refused', 'gate_refuse_lake',
        query => query, target => 'gate_refuse.refused')
$$;

-- The same of what must not pass: an error in any case, so that nothing stays.
CREATE FUNCTION refuse(query text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gate_refuse.define(query);
    RAISE EXCEPTION 'the gate let it pass';
END $$;

-- What is refused by name, or by a server that was built without libxml.
CREATE FUNCTION refuses_xml(query text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gate_refuse.define(query);
    RETURN false;
EXCEPTION WHEN OTHERS THEN
    RETURN sqlerrm IN ('cannot use XMLTABLE or JSON_TABLE in a data set',
        'cannot use an XML expression in a data set', 'unsupported XML feature');
END $$;

-- Clauses.
SELECT refuse('SELECT id FROM account FOR UPDATE'); -- ERROR
SELECT refuse('SELECT id FROM account FOR KEY SHARE OF account'); -- ERROR
SELECT refuse('SELECT 1 AS x'); -- ERROR
SELECT refuse('VALUES (1)'); -- ERROR

-- Statements that are no SELECT, or more than one.
SELECT refuse('SELECT id INTO elsewhere FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account; DROP TABLE plain'); -- ERROR
SELECT refuse('DELETE FROM plain RETURNING id'); -- ERROR
SELECT refuse('WITH d AS (DELETE FROM plain RETURNING id) SELECT id FROM account'); -- ERROR
SELECT refuse('EXPLAIN SELECT id FROM account'); -- ERROR
SELECT refuse('COPY contact TO STDOUT'); -- ERROR
SELECT refuse(''); -- ERROR
SELECT refuse('SELECT id FROM account) WITH CHECK OPTION --'); -- ERROR

-- Ranges.
SELECT refuse('SELECT g FROM generate_series(1, 3) AS g'); -- ERROR
SELECT refuses_xml($$SELECT x FROM account, xmltable('/r' PASSING ('<r/>'::xml) COLUMNS x text PATH '.')$$);
SELECT refuse('SELECT id FROM plain TABLESAMPLE SYSTEM (1)'); -- ERROR

-- Relations.
SELECT refuse('SELECT id FROM plain'); -- ERROR
SELECT refuse('SELECT id FROM copied'); -- ERROR
SELECT refuse('SELECT relname FROM pg_class'); -- ERROR
SELECT refuse('SELECT usename FROM pg_user'); -- ERROR
SELECT refuse('SELECT table_name FROM information_schema.tables'); -- ERROR
SELECT refuse('SELECT name FROM salesforce_fdw.dataset'); -- ERROR

-- Expressions.
SELECT refuse('SELECT account FROM account'); -- ERROR
SELECT refuse('SELECT account::text FROM account'); -- ERROR
SELECT refuse('SELECT account.*::text FROM account'); -- ERROR
SELECT refuse('SELECT account IS NULL AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account WHERE account IS NOT NULL'); -- ERROR
SELECT refuse('SELECT ROW(id, industry)::text AS x FROM account'); -- ERROR
SELECT refuse('SELECT j::text AS x FROM (account AS a CROSS JOIN contact AS c) AS j'); -- ERROR
SELECT refuse('SELECT 1 AS x FROM (account AS a CROSS JOIN contact AS c) AS j WHERE j IS NULL'); -- ERROR
SELECT refuse('SELECT to_jsonb(account) AS x FROM account'); -- ERROR
SELECT refuse('SELECT row_to_json(account) AS x FROM account'); -- ERROR
SELECT refuse('SELECT ctid FROM account'); -- ERROR
SELECT refuse('SELECT tableoid FROM account'); -- ERROR
SELECT refuse('SELECT tableoid::regclass::text AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account ORDER BY ctid'); -- ERROR
SELECT refuses_xml('SELECT xmlelement(name x, id)::text AS x FROM account');

-- Built-in functions that read more than their arguments, or change with time.
SELECT refuse($$SELECT table_to_xml('contact', true, true, '')::text AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT query_to_xml('SELECT email FROM contact', true, true, '')::text AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT x FROM table_to_xml('contact', true, true, '') AS x$$); -- ERROR
SELECT refuse($$SELECT pg_read_file('/etc/passwd') AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT current_setting('search_path') AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT set_config('search_path', 'x', false) AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT lo_get(1)::text AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT pg_get_viewdef('contact_view'::regclass) AS x FROM account$$); -- ERROR
SELECT refuse($$SELECT nextval('s') AS x FROM account$$); -- ERROR
SELECT refuse('SELECT now() AS x FROM account'); -- ERROR
SELECT refuse('SELECT random() AS x FROM account'); -- ERROR
SELECT refuse('SELECT current_user::text AS x FROM account'); -- ERROR
SELECT refuse('SELECT current_date AS x FROM account'); -- ERROR
SELECT refuse('SELECT gen_random_uuid() AS x FROM account'); -- ERROR
SELECT refuse('SELECT pg_sleep(1)::text AS x FROM account'); -- ERROR
-- A function behind an operator is called as an operator alone.
SELECT refuse('SELECT texteq(id, industry) AS x FROM account'); -- ERROR

-- Types that a value can hide in.
SELECT refuse($$SELECT 'contact'::regclass AS x FROM account$$); -- ERROR
SELECT refuse('SELECT id::name AS x FROM account'); -- ERROR
SELECT refuse('SELECT id::bytea AS x FROM account'); -- ERROR
SELECT refuse('SELECT id::xml AS x FROM account'); -- ERROR
SELECT refuse('SELECT id::point AS x FROM account'); -- ERROR
CREATE TYPE mood AS ENUM ('good');
SELECT refuse($$SELECT 'good'::mood AS x FROM account$$); -- ERROR
SELECT refuse('SELECT id::mood AS x FROM account'); -- ERROR
CREATE TYPE pair AS (a text, b text);
SELECT refuse($$SELECT '(a,b)'::pair AS x FROM account$$); -- ERROR

-- Look-alikes: a domain, a cast, a function, an operator, an aggregate and a
-- collation of the user's with names of PostgreSQL's own.
CREATE FUNCTION leak(text) RETURNS text LANGUAGE sql
    AS 'SELECT string_agg(email, $1) FROM gate_refuse.contact';
CREATE FUNCTION leak(text, text) RETURNS boolean LANGUAGE sql
    AS 'SELECT gate_refuse.leak($1) < $2';
CREATE DOMAIN checked AS text CHECK (leak(VALUE) IS NULL);
SELECT refuse('SELECT id::checked AS x FROM account'); -- ERROR
SELECT refuse('SELECT id::checked::text AS x FROM account'); -- ERROR
SELECT refuse('SELECT ARRAY[id]::checked[] AS x FROM account'); -- ERROR
CREATE FUNCTION gate_refuse.upper(text) RETURNS text LANGUAGE sql
    AS 'SELECT gate_refuse.leak($1)';
CREATE FUNCTION gate_refuse.to_int(text) RETURNS int LANGUAGE sql
    AS 'SELECT length(gate_refuse.leak($1))';
CREATE OPERATOR gate_refuse.= (LEFTARG = text, RIGHTARG = text, FUNCTION = leak);
CREATE OPERATOR gate_refuse.< (LEFTARG = text, RIGHTARG = text, FUNCTION = leak);
CREATE OPERATOR gate_refuse.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = leak);
CREATE OPERATOR gate_refuse.@@@ (LEFTARG = text, RIGHTARG = text, FUNCTION = leak);
CREATE OPERATOR CLASS gate_refuse.text_ops FOR TYPE text USING btree AS
    OPERATOR 1 gate_refuse.< (text, text), OPERATOR 3 gate_refuse.= (text, text),
    FUNCTION 1 bttextcmp(text, text);
CREATE COLLATION gate_refuse."default" FROM "C";
CREATE CAST (text AS int) WITH FUNCTION gate_refuse.to_int(text);
SELECT refuse('SELECT gate_refuse.upper(id) AS x FROM account'); -- ERROR
SELECT refuse('SELECT gate_refuse.leak(id) AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account WHERE id OPERATOR(gate_refuse.=) industry'); -- ERROR
SELECT refuse('SELECT id FROM account ORDER BY id USING OPERATOR(gate_refuse.<)'); -- ERROR
SELECT refuse('SELECT id @@@ industry AS x FROM account'); -- ERROR
SELECT refuse('SELECT id COLLATE gate_refuse."default" AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account ORDER BY id COLLATE gate_refuse."default"'); -- ERROR
SELECT refuse('SELECT id::int AS x FROM account'); -- ERROR
SELECT refuse('SELECT c.id FROM account AS c JOIN account AS d ON c.id OPERATOR(gate_refuse.||) d.id'); -- ERROR
-- The same by a hostile search_path: the look-alikes are found, and refused.
SET search_path = gate_refuse, pg_catalog;
SELECT refuse('SELECT upper(id) AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account WHERE id = industry'); -- ERROR
SELECT refuse('SELECT id FROM account WHERE id IN (''a'', ''b'')'); -- ERROR
SELECT refuse('SELECT CASE id WHEN ''a'' THEN 1 END AS x FROM account'); -- ERROR
SELECT refuse('SELECT nullif(id, industry) AS x FROM account'); -- ERROR
SELECT refuse('SELECT id FROM account WHERE id IS DISTINCT FROM industry'); -- ERROR
SELECT refuse('SELECT a.id FROM account AS a JOIN account AS b USING (id)'); -- ERROR
SELECT refuse('SELECT id || industry AS x FROM account'); -- ERROR
-- ORDER BY takes the type's own order, whatever is on the path.
SELECT define('SELECT id FROM account ORDER BY id');
SELECT salesforce_fdw.drop_dataset('refused');
DROP TABLE refused;
SET search_path = gate_refuse;
DROP CAST (text AS int);
-- A user's cast by a built-in function that is no cast.
CREATE CAST (text AS int) WITH FUNCTION pg_catalog.ascii(text);
SELECT refuse('SELECT id::int AS x FROM account'); -- ERROR
DROP CAST (text AS int);
-- A column that has somebody's collation.
CREATE FOREIGN TABLE collated (id text OPTIONS (field 'Id') COLLATE gate_refuse."default")
    SERVER gate_refuse_raw OPTIONS (object 'Account');
SELECT refuse('SELECT id FROM collated'); -- ERROR

-- A column by way of its row: the walk sees the column, PostgreSQL checks the
-- row's privileges; where the two differ, the query is refused.
SELECT refuse('SELECT (account).industry FROM account'); -- ERROR

-- Foreign tables that are more than one.
CREATE TABLE parent (id text);
CREATE FOREIGN TABLE child () INHERITS (parent)
    SERVER gate_refuse_raw OPTIONS (object 'Contact');
SELECT refuse('SELECT id FROM parent'); -- ERROR
CREATE FOREIGN TABLE base (id text OPTIONS (field 'Id'))
    SERVER gate_refuse_raw OPTIONS (object 'Account');
CREATE TABLE heir () INHERITS (base);
SELECT refuse('SELECT id FROM base'); -- ERROR
CREATE FOREIGN TABLE computed (
    id text OPTIONS (field 'Id'),
    x text GENERATED ALWAYS AS (gate_refuse.leak(id)) STORED
) SERVER gate_refuse_raw OPTIONS (object 'Account');  -- ERROR
ALTER FUNCTION leak(text) IMMUTABLE;
CREATE FOREIGN TABLE computed (
    id text OPTIONS (field 'Id'),
    x text GENERATED ALWAYS AS (gate_refuse.leak(id)) STORED
) SERVER gate_refuse_raw OPTIONS (object 'Account');
SELECT refuse('SELECT id FROM computed'); -- ERROR
-- A default is not computed by a query.
ALTER FOREIGN TABLE account ALTER industry SET DEFAULT gate_refuse.leak('x');
SELECT define('SELECT industry FROM account');
SELECT salesforce_fdw.drop_dataset('refused');
DROP TABLE refused;

-- Two columns that nothing tells apart, and no column at all.
SELECT refuse('SELECT id, id FROM account'); -- ERROR
SELECT refuse('SELECT FROM account'); -- ERROR

-- The view of a definition that its owner replaced is judged as it stands.
SELECT define('SELECT id FROM account');
CREATE OR REPLACE VIEW refused_definition WITH (security_invoker = true) AS
    SELECT email AS id FROM contact;
SELECT column_name, class, verdict, reason FROM salesforce_fdw.lineage('refused');
CREATE OR REPLACE VIEW refused_definition AS SELECT id FROM account;
SELECT * FROM salesforce_fdw.lineage('refused'); -- ERROR
DROP VIEW refused_definition;
SELECT * FROM salesforce_fdw.lineage('refused'); -- ERROR
SELECT salesforce_fdw.drop_dataset('refused');
DROP TABLE refused;

-- Checks: one count, through the same gate.
CREATE FUNCTION check_is(query text) RETURNS void LANGUAGE sql AS $$
    SELECT salesforce_fdw.create_dataset('checked', 'gate_refuse_lake',
        query => 'SELECT id, industry FROM gate_refuse.account',
        target => 'gate_refuse.checked_target',
        gates => jsonb_build_object('checks', jsonb_build_object('it', query)));
    SELECT salesforce_fdw.drop_dataset('checked');
$$;
SELECT check_is('SELECT count(*) FROM gate_refuse.account WHERE isdeleted');
SELECT check_is('SELECT count(*) - count(DISTINCT id) FROM gate_refuse.checked_target');
SELECT check_is('SELECT count(industry) FILTER (WHERE isdeleted) FROM gate_refuse.account');
SELECT check_is('SELECT count(*) FROM gate_refuse.checked_target AS t LEFT JOIN gate_refuse.account AS a ON a.id = t.id WHERE a.id IS NULL');
SELECT check_is('SELECT count(*) FROM account'); -- ERROR
SELECT check_is('SELECT count(*) FROM gate_refuse.contact WHERE email > ''m'''); -- ERROR
SELECT check_is('SELECT count(email) FROM gate_refuse.contact'); -- ERROR
SELECT check_is('SELECT count(DISTINCT email) FROM gate_refuse.contact'); -- ERROR
SELECT check_is('SELECT count(*) FILTER (WHERE email IS NULL) FROM gate_refuse.contact'); -- ERROR
SELECT check_is('SELECT max(length(email))::bigint FROM gate_refuse.contact'); -- ERROR
SELECT check_is('SELECT numberofemployees::bigint FROM gate_refuse.account'); -- ERROR
SELECT check_is('SELECT count(*), count(*) FROM gate_refuse.account'); -- ERROR
SELECT check_is('SELECT count(*)::text FROM gate_refuse.account'); -- ERROR
SELECT check_is('SELECT 1::bigint'); -- ERROR
SELECT check_is('SELECT count(*) FROM gate_refuse.plain'); -- ERROR
SELECT check_is('SELECT count(*) FROM gate_refuse.contact_view'); -- ERROR
SELECT check_is('SELECT count(*) FROM gate_refuse.account WHERE id OPERATOR(gate_refuse.=) industry'); -- ERROR
SELECT check_is('SELECT count(*) OVER () FROM gate_refuse.account'); -- ERROR
SELECT check_is('DELETE FROM gate_refuse.plain'); -- ERROR
SELECT check_is('SELECT count(*) FROM gate_refuse.account; SELECT 1'); -- ERROR
-- A target that is more than its rows is no ground for a check.
CREATE FUNCTION check_target(change text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesforce_fdw.create_dataset('checked', 'gate_refuse_lake',
        query => 'SELECT id, industry FROM gate_refuse.account',
        target => 'gate_refuse.checked_target');
    EXECUTE change;
    PERFORM salesforce_fdw.alter_dataset('checked', gates =>
        '{"checks": {"it": "SELECT count(*) FROM gate_refuse.checked_target"}}');
END $$;
DROP TABLE checked_target;
SELECT check_target('ALTER TABLE gate_refuse.checked_target ENABLE ROW LEVEL SECURITY'); -- ERROR
SELECT check_target('CREATE RULE r AS ON INSERT TO gate_refuse.checked_target DO INSTEAD NOTHING'); -- ERROR
SELECT check_target('CREATE TABLE gate_refuse.part () INHERITS (gate_refuse.checked_target)'); -- ERROR

-- The object of a table without that option is the one its file is named after.
CREATE FUNCTION classes_by_path(path text) RETURNS TABLE (object text, class text, verdict text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE FOREIGN TABLE gate_refuse.by_path (email text OPTIONS (class %L))'
        ' SERVER gate_refuse_raw OPTIONS (path %L)', 'business', path);
    PERFORM define('SELECT email FROM gate_refuse.by_path');
    RETURN QUERY SELECT l.object, l.class, l.verdict FROM salesforce_fdw.lineage('refused') AS l;
    PERFORM salesforce_fdw.drop_dataset('refused');
    DROP TABLE gate_refuse.refused;
    DROP FOREIGN TABLE gate_refuse.by_path;
END $$;
SET client_min_messages = error;
SELECT * FROM classes_by_path('Contact.csv');
SELECT * FROM classes_by_path('2024/05/contact.CSV.gz');
SELECT * FROM classes_by_path('Contact-2024-05-01.csv');
SELECT * FROM classes_by_path('Invoice__c.csv');
CREATE FOREIGN TABLE dated (email text OPTIONS (field 'Email', class 'business'))
    SERVER gate_refuse_raw OPTIONS (object 'Contact-2024');
SELECT define('SELECT email FROM dated');
SELECT object, class, verdict FROM salesforce_fdw.lineage('refused');
SELECT salesforce_fdw.drop_dataset('refused');

DROP SCHEMA gate_refuse CASCADE;
DROP SERVER gate_refuse_raw;
DROP SERVER gate_refuse_lake;
DROP EXTENSION salesforce_fdw;
