-- What EXPLAIN shows, what the planner expects, and what scans report.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_explain;
SET search_path = fdw_explain;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :folder_functions
\i :functions
\set ECHO all
\pset format unaligned
\pset tuples_only on

-- A plan with the folder left out, as every version of PostgreSQL prints it.
CREATE FUNCTION plan(options text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
        line := regexp_replace(line, 'file:///[^"]*/', 'FOLDER/');
        line := regexp_replace(line, '(rows=[0-9]+)\.00', '\1');
        RETURN NEXT regexp_replace(line, '\n *Disabled: false', '');
    END LOOP;
END $$;

-- The rows that the planner expects of a query.
CREATE FUNCTION expected_rows(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO result;
    RETURN result->0->'Plan'->>'Plan Rows';
END $$;

CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'csv');
SELECT put_file('Small.csv', 'Id,Name,Extra,"Odd name"', 'a,x,1,', 'b,y,2,', 'c,,3,');
CREATE FOREIGN TABLE small (id text, name text, absent text) SERVER raw OPTIONS (object 'Small');

-- Claim: EXPLAIN shows object, size and the columns that are read; with ANALYZE
-- also what was read.  It shows no value, and opens nothing without ANALYZE.
SELECT plan('COSTS off', 'SELECT id FROM small WHERE name IS NOT NULL');
SELECT plan('COSTS off', 'SELECT count(*) FROM small');
SELECT plan('ANALYZE, BUFFERS off, TIMING off, SUMMARY off', 'SELECT name FROM small');
SELECT plan('ANALYZE, COSTS off, BUFFERS off, TIMING off, SUMMARY off', 'SELECT id FROM small LIMIT 1');
SELECT plan('FORMAT yaml, COSTS off', 'SELECT id FROM small');
SELECT count(*) FROM plan('VERBOSE, ANALYZE', 'SELECT id FROM small') WHERE plan ~ '^ *Version: .';
CREATE FOREIGN TABLE gone (id text) SERVER raw OPTIONS (object 'Gone');
SELECT plan('COSTS off', 'SELECT id FROM gone');
SELECT expected_rows('SELECT id FROM gone');
SELECT outcome('SELECT id FROM gone');

-- Claim: the planner knows small files exactly, and large ones by their size
-- and first records; rows, NULLs, distinct values.
SELECT expected_rows('SELECT id FROM small');
SELECT expected_rows('SELECT id FROM small WHERE name IS NULL');
SELECT put_file('Big.csv', VARIADIC '{"Id,Parent,Kind,Sparse"}'::text[] ||
    ARRAY(SELECT format('%s,%s,%s,%s', md5(i::text), i % 5000, i % 4, CASE WHEN i > 19990 THEN 'x' END)
          FROM generate_series(1, 20000) i));
SELECT put_file('Other.csv', VARIADIC '{"Id,Parent"}'::text[] ||
    ARRAY(SELECT format('%s,%s', i, md5((i * 2)::text)) FROM generate_series(1, 20000) i));
CREATE FOREIGN TABLE big (id text, parent text, kind text, sparse text) SERVER raw OPTIONS (object 'Big');
CREATE FOREIGN TABLE other (id text, parent text) SERVER raw OPTIONS (object 'Other');
SELECT expected_rows('SELECT id FROM big') BETWEEN 19000 AND 21000 AS rows,
    expected_rows('SELECT id FROM big WHERE id = ''a''') AS by_id,
    expected_rows('SELECT id FROM big WHERE kind = ''1''') BETWEEN 4500 AND 5500 AS by_kind,
    expected_rows('SELECT id FROM big WHERE sparse IS NOT NULL') BETWEEN 1 AND 10 AS by_sparse,
    expected_rows('SELECT count(*) FROM big GROUP BY kind') AS kinds;

-- Claim: two exports are joined by hashing, and the result is not overrated.
SELECT plan('COSTS off', 'SELECT b.id FROM big b JOIN other o ON o.parent = b.id');
SELECT expected_rows('SELECT b.id FROM big b JOIN other o ON o.parent = b.id') BETWEEN 15000 AND 25000 AS join_rows;
SELECT count(*) FROM big b JOIN other o ON o.parent = b.id;

-- Claim: a scan runs in the leader only.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SELECT plan('COSTS off', 'SELECT count(*) FROM big');

-- Claim: scans report what they saw until the transaction ends, one report for
-- each version of each table, whatever was read how often.
SELECT test_fdw_reports();
BEGIN;
SELECT count(*) FROM (SELECT id FROM small LIMIT 1) s;
SELECT test_fdw_reports();
SELECT count(*) FROM small;
SELECT count(s.id) FROM small s JOIN small t ON s.id < t.id;
SELECT count(*) FROM other;
SELECT test_fdw_reports();
SELECT test_fdw_forget();
SELECT test_fdw_reports();
SELECT count(*) FROM small WHERE id = 'a';
SAVEPOINT s;
\set VERBOSITY sqlstate
SELECT absent FROM small; -- ERROR
ROLLBACK TO s;
SELECT test_fdw_reports();
COMMIT;
SELECT test_fdw_reports();

-- Claim: of a file that lost its header a report repeats nothing.
SELECT put_file('Small.csv', 'Jane,jane.doe@example.org,1', 'Jo,jo@example.org,2');
BEGIN;
SELECT count(*) FROM small;
SELECT test_fdw_reports();
COMMIT;

-- Claim: a wrapper is told by its handler.
CREATE FOREIGN DATA WRAPPER fdw_explain_none;
CREATE SERVER fdw_explain_none FOREIGN DATA WRAPPER fdw_explain_none;
CREATE FOREIGN TABLE stranger (id text) SERVER fdw_explain_none;
CREATE TABLE plain (id text);
SELECT test_fdw_is_ours('small'), test_fdw_is_ours('stranger'), test_fdw_is_ours('plain');

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_explain CASCADE;
DROP FOREIGN DATA WRAPPER fdw_explain_none CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
