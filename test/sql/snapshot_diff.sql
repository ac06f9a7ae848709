-- How the rows of a foreign table differ between two times.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA snapshot_diff;
SET search_path = snapshot_diff;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :folder_functions
\i :functions
\set ECHO all
\pset format unaligned
\pset tuples_only on
SET timezone = 'UTC';
-- What a statement raises, with times left out.
CREATE FUNCTION outcome_of(query text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(outcome(query), '[0-9-]{10} [0-9:.]+\+00', 'TIME', 'g')
$$;
CREATE SERVER diff_bucket FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'memory://snapshot_diff/', dialect 'csv');
CREATE FOREIGN TABLE day (id text OPTIONS (class 'id'), name text, kind text, version text OPTIONS (source 'version'))
    SERVER diff_bucket OPTIONS (object 'Day');
CREATE FUNCTION put(key text, content text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test_storage_put('diff_bucket', key, convert_to(content, 'UTF8'));
    RETURN clock_timestamp();
END $$;
SELECT clock_timestamp() AS before \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n2,b,k\n3,c,\n') AS first \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n2,B,\n4,d,k\n') AS second \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n9,z,k\n') AS third \gset

-- Claim: diff() counts rows by their ids, diff_rows() tells which, and which
-- columns changed, and no value but ids.
SELECT * FROM salesforce_fdw.diff('day', :'first', :'second');
SELECT * FROM salesforce_fdw.diff_rows('day', :'first', :'second');
SELECT * FROM salesforce_fdw.diff('day', :'first', :'first');
SELECT * FROM salesforce_fdw.diff('day', :'second', :'first');
SELECT * FROM salesforce_fdw.diff('day', :'second');
SELECT * FROM salesforce_fdw.diff('day', :'first', :'second', '{kind}');
SELECT * FROM salesforce_fdw.diff_rows('day', :'first', :'second', '{kind}');
-- The GUC plays no part, and is as before.
BEGIN;
SET LOCAL salesforce_fdw.snapshot = :'first';
SELECT * FROM salesforce_fdw.diff('day', :'second');
SELECT count(*) FROM day;
SELECT outcome_of(format('SELECT * FROM salesforce_fdw.diff(''day'', %L)', :'before'));
SELECT count(*) FROM day;
COMMIT;

-- Claim: a key of several columns is one; what cannot be compared is refused.
CREATE FOREIGN TABLE pair (id text OPTIONS (class 'id'), name text OPTIONS (class 'id'), kind text)
    SERVER diff_bucket OPTIONS (path 'Day.csv');
SELECT * FROM salesforce_fdw.diff_rows('pair', :'first', :'second');
CREATE FOREIGN TABLE plain (name text, kind text) SERVER diff_bucket OPTIONS (path 'Day.csv');
SELECT outcome(format('SELECT * FROM salesforce_fdw.diff(''plain'', %L)', :'first'));
SELECT outcome(format('SELECT * FROM salesforce_fdw.diff(''day'', %L, NULL, ''{nothing}'')', :'first'));
SELECT outcome(format('SELECT * FROM salesforce_fdw.diff(''day'', %L, NULL, ''{version}'')', :'first'));
SELECT outcome('SELECT * FROM salesforce_fdw.diff(''day'', NULL)');
SELECT outcome('SELECT * FROM salesforce_fdw.diff(NULL, now())');
SELECT outcome('SELECT * FROM salesforce_fdw.diff(''pg_class'', now())');
SELECT outcome_of(format('SELECT * FROM salesforce_fdw.diff(''day'', %L)', :'before'));
SELECT outcome_of(format('SELECT * FROM salesforce_fdw.diff(''day'', %L, ''9999-01-01'')', :'first'));
SELECT put('Day.csv', E'Id,Name,Kind\n1,secret,k\n1,secret,k\n') AS twice \gset
SELECT outcome_of(format('SELECT * FROM salesforce_fdw.diff(''day'', %L)', :'first'));
SELECT put('Day.csv', E'Id,Name,Kind\n1,secret,k\n,secret,k\n') AS without \gset
SELECT outcome_of(format('SELECT * FROM salesforce_fdw.diff_rows(''day'', %L, %L)', :'first', :'without'));
-- An error on the way leaves the snapshot as it was.
SELECT count(*) FROM day;

-- Claim: who compares needs SELECT on each column that is compared.
CREATE ROLE regress_snapshot_diff;
GRANT salesforce_fdw_read TO regress_snapshot_diff;
GRANT USAGE ON SCHEMA snapshot_diff TO regress_snapshot_diff;
GRANT USAGE ON FOREIGN SERVER diff_bucket TO regress_snapshot_diff;
GRANT SELECT (id, kind) ON day TO regress_snapshot_diff;
SET ROLE regress_snapshot_diff;
SELECT * FROM salesforce_fdw.diff('day', :'first', :'second'); -- ERROR
SELECT * FROM salesforce_fdw.diff_rows('day', :'first', :'second'); -- ERROR
SELECT * FROM salesforce_fdw.diff('day', :'first', :'second', '{kind}');
RESET ROLE;

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA snapshot_diff CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP ROLE regress_snapshot_diff;
