-- Rows of foreign tables: types, nulls, binding by name, projection, rescans.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_scan;
SET search_path = fdw_scan;
SET timezone = 'America/Toronto';
SET datestyle = 'ISO';
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset null '(null)'
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');

-- Claim: every type is read as PostgreSQL's own input reads it, in the cds
-- dialect with its escapes undone; an empty field is NULL, quoted or not.
SELECT put_file('Typed.csv',
    'Id,T,V,B,I2,I4,I8,N,N2,F,D,Ti,Ts,Tz,A,J,U',
    '001,Sant\xe9 \n\u2019 \U0001f600 \\xe9,abc  ,True,-32768,2147483647,-9223372036854775808,1e+16,-12.345,1e-05,2024-02-29,14:30:00.123Z,2024-01-15T14:30:00.000-0500,2024-01-15T14:30:00.000+0000,A;B \xe9;;C,"{""a"": [1, ""x\\ny""]}",A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    '002,"a,""b""","",False,"7",0,1,-0.0,1000.0,-0.0,0001-01-01,00:00:00,2024-01-15 14:30:00,9999-12-31T23:59:59.999Z,A,null,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '003,,,,,,,,,,,,,,,,');
CREATE FOREIGN TABLE typed (id text, t text, v varchar(3), b boolean, i2 smallint, i4 integer, i8 bigint,
    n numeric, n2 numeric(6,2), f double precision, d date, ti time(1), ts timestamp, tz timestamptz(0),
    a text[], j jsonb, u uuid)
    SERVER raw OPTIONS (object 'Typed');
\x on
SELECT * FROM typed;
\x off

-- Claim: in the plain dialect a backslash is itself, "" is an empty text, and
-- the options delimiter, quote, null_strings and null_ids count.
SELECT put_file('Plain.csv', 'Id;Name;Owner', '1;C:\windows;000000000000000AAA', '2;"";x', '3;;NA', '4;NA;NA ', E'5;\'a\';');
CREATE FOREIGN TABLE plain (id integer, name text, owner text OPTIONS (class 'person_reference'))
    SERVER raw OPTIONS (path 'Plain.csv', dialect 'csv', delimiter ';', null_strings 'NA,nan', null_ids '000000000000000AAA');
SELECT *, name = '' AS is_empty FROM plain;
ALTER FOREIGN TABLE plain OPTIONS (ADD quote '''', SET null_strings '');
SELECT id, name, owner FROM plain WHERE id <> 2;
ALTER FOREIGN TABLE plain OPTIONS (ADD escape 'unicode_escape');
SELECT outcome('SELECT name FROM fdw_scan.plain WHERE id = 1');
SELECT put_file('Plain.csv', 'Id;Name;Owner', '1;Sant\xe9;');
SELECT * FROM plain;

-- Claim: "" is an empty text for text types alone, and NULL for all others, so
-- that a file whose every field is quoted can be read with its types.
SELECT put_file('Quoted.csv', '"Id","Name","N","Day","Flags"', '"1","","","",""', '"2","a","7","2024-01-15","A;B"');
CREATE FOREIGN TABLE quoted (id integer, name text, n integer, day date, flags text[])
    SERVER raw OPTIONS (object 'Quoted', dialect 'csv');
SELECT * FROM quoted;

-- Claim: columns are bound by the header's names, whatever their order and
-- case; a field that no column has does no harm, one that the file does not
-- have only when it is needed.
SELECT put_file('Bound.csv', 'NAME,extra,ID', 'a,x,1', 'b,x,2');
CREATE FOREIGN TABLE bound (number integer OPTIONS (field 'Id'), name text, absent text)
    SERVER raw OPTIONS (object 'Bound');
SELECT number, name FROM bound;
SELECT outcome('SELECT * FROM fdw_scan.bound');
SELECT outcome('SELECT 1 FROM fdw_scan.bound WHERE absent IS NULL');
SELECT count(*) FROM bound;
SELECT bound FROM (SELECT name, number FROM bound) bound;
ALTER FOREIGN TABLE bound DROP COLUMN absent;
SELECT bound, tableoid::regclass FROM bound;

-- Claim: a dropped and an added column are no matter.
ALTER FOREIGN TABLE bound DROP COLUMN name, ADD COLUMN extra text;
SELECT * FROM bound;

-- Claim: a column with a source says where its row came from.
CREATE FOREIGN TABLE sourced (id integer, file text OPTIONS (source 'file'), version text OPTIONS (source 'version'),
    modified timestamptz OPTIONS (source 'last_modified'), record bigint OPTIONS (source 'record'))
    SERVER raw OPTIONS (object 'Bound');
SELECT id, record, file = :'location' || 'Bound.csv' AS is_file, version <> '' AS has_version,
    now() - modified < '1 hour' AS is_recent FROM sourced;
SELECT record FROM sourced;

-- Claim: a field that two columns share is refused, as is a type that no field
-- is read as, when the column is needed and before anything is opened.
CREATE DOMAIN fdw_scan_domain AS text;
CREATE TYPE fdw_scan_enum AS ENUM ('a');
CREATE FOREIGN TABLE odd (a text OPTIONS (field 'Name'), b text OPTIONS (field 'NAME'), c fdw_scan_domain, d fdw_scan_enum,
    e char(3), f real, g integer[], h integer OPTIONS (source 'record'), i xml, j interval)
    SERVER raw OPTIONS (object 'NoSuchFile');
SELECT column_name, outcome(format('SELECT %I FROM fdw_scan.odd', column_name))
FROM unnest('{c,d,e,f,g,h,i,j}'::text[]) column_name;
SELECT outcome('EXPLAIN SELECT * FROM fdw_scan.odd');
ALTER FOREIGN TABLE odd OPTIONS (SET object 'Bound');
SELECT outcome('SELECT a, b FROM fdw_scan.odd');
SELECT a FROM odd;

-- Claim: a table without a dialect is refused, not guessed at.
ALTER SERVER raw OPTIONS (SET dialect 'auto');
SELECT outcome('SELECT a FROM fdw_scan.odd');
ALTER SERVER raw OPTIONS (SET dialect 'cds');

-- Claim: rescans give the same rows: nested loops, correlated subqueries,
-- scrolling cursors, prepared statements whose file grew in between.
SELECT put_file('Left.csv', 'Id,N', 'a,1', 'b,2', 'c,3');
SELECT put_file('Right.csv', 'Id,M', 'b,20', 'c,30', 'd,40');
CREATE FOREIGN TABLE l (id text, n integer) SERVER raw OPTIONS (object 'Left');
CREATE FOREIGN TABLE r (id text, m integer) SERVER raw OPTIONS (object 'Right');
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SELECT l.id, n, m FROM l JOIN r ON l.id = r.id ORDER BY 1;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
SELECT id, (SELECT sum(m) FROM r WHERE r.m >= l.n * 10) FROM l;
SELECT id, (SELECT m FROM r WHERE r.m >= l.n * 10 LIMIT 1) FROM l;
SELECT l.id, r.id FROM l FULL JOIN r ON l.id = r.id ORDER BY 1, 2;
SELECT a.id, b.n FROM l a JOIN l b ON a.n = b.n + 1 ORDER BY 1;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM l;
FETCH 2 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH ABSOLUTE 3 FROM c;
CLOSE c;
COMMIT;
PREPARE p (integer) AS SELECT id, n FROM l WHERE n > $1;
EXECUTE p (1);
EXECUTE p (1);
SET plan_cache_mode = force_generic_plan;
EXECUTE p (2);
SELECT put_file('Left.csv', 'Id,N', 'a,1', 'b,2', 'c,3', 'd,4');
EXECUTE p (2);
RESET plan_cache_mode;

-- Claim: it can be used where a table can: views, subqueries, functions, INSERT
-- ... SELECT, row locks; but not written, and not analyzed.
CREATE VIEW v AS SELECT id FROM l WHERE n > 2;
SELECT * FROM v;
CREATE TABLE kept AS SELECT * FROM l;
INSERT INTO kept SELECT id, n FROM l;
SELECT count(*) FROM kept;
SELECT id FROM l WHERE n = 1 FOR UPDATE;
SELECT outcome('INSERT INTO fdw_scan.l VALUES (''e'', 5)');
SELECT outcome('DELETE FROM fdw_scan.l');
SET client_min_messages = error;
ANALYZE l;
SET client_min_messages = warning;
SELECT count(*) FROM pg_stats WHERE tablename = 'l';

-- Claim: a table under a partitioned one is read with the others, and gives no
-- sample of its values to ANALYZE there either.
CREATE TABLE parts (id text, n integer) PARTITION BY LIST (n);
ALTER TABLE parts ATTACH PARTITION l FOR VALUES IN (1, 2, 3, 4);
SELECT count(*), sum(n) FROM parts;
SET client_min_messages = error;
ANALYZE parts;
SET client_min_messages = warning;
SELECT count(*) FROM pg_stats WHERE tablename IN ('parts', 'l');

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_scan CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
