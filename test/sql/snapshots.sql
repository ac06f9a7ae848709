-- Reading what was current at a time: the GUC, folders, which keep one version
-- of a file, and a storage that keeps them all.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA snapshots;
SET search_path = snapshots;
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
-- The same with times left out.
CREATE FUNCTION outcome_at(snapshot text, query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('salesforce_fdw.snapshot', snapshot, true);
    RETURN regexp_replace(regexp_replace(outcome(query), '[0-9-]{10} [0-9:.]+\+00', 'TIME', 'g'), '[0-9a-f-]{36}', 'RUN', 'g');
END $$;

-- Claim: a snapshot is empty, a run or a time; what means another time every
-- day, and none at all, are refused.
SET salesforce_fdw.snapshot = 'run:00000000-0000-0000-0000-00000000000g'; -- ERROR
SET salesforce_fdw.snapshot = 'yesterday'; -- ERROR
SET salesforce_fdw.snapshot = 'today 10:00'; -- ERROR
SET salesforce_fdw.snapshot = 'infinity'; -- ERROR
SET salesforce_fdw.snapshot = '2024-02-30'; -- ERROR
SET salesforce_fdw.snapshot = '10:00'; -- ERROR
SET salesforce_fdw.snapshot = '400000-01-01'; -- ERROR
SET salesforce_fdw.snapshot = '2024-05-01';
SET salesforce_fdw.snapshot = '2024-05-01 10:00:00.5+02';
SET salesforce_fdw.snapshot = '2024-05-01T10:00:00Z';
SET salesforce_fdw.snapshot = '2024-05-01 10:00 America/Toronto';
RESET salesforce_fdw.snapshot;

-- Claim: a folder's file is read at any time since it was written, and there is
-- nothing to read at a time before.
CREATE SERVER snap_folder FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'csv');
SELECT put_file('Account.csv', 'Id,Name', 'a1,x', 'a2,y');
SELECT put_file('Contact.csv', 'Id,Email', 'c1,z');
\set touch 'cat > /dev/null; touch -d "2024-05-01 10:00:00.25 UTC" ' :folder '/Account.csv; touch -d "2024-05-02 10:00:00 UTC" ' :folder '/Contact.csv'
COPY (SELECT) TO PROGRAM :'touch';
CREATE FOREIGN TABLE account (id text, name text) SERVER snap_folder OPTIONS (object 'Account');
CREATE FOREIGN TABLE contact (id text, email text) SERVER snap_folder OPTIONS (object 'Contact');
CREATE FOREIGN TABLE lead (id text) SERVER snap_folder OPTIONS (object 'Lead');
SET salesforce_fdw.snapshot = '2024-05-01 10:00:00.25';
SELECT count(*) FROM account;
SELECT outcome('SELECT * FROM contact');
SET salesforce_fdw.snapshot = '2024-05-01 10:00:00.249999';
SELECT outcome('SELECT * FROM account');
SELECT outcome('SELECT * FROM lead');
SELECT outcome_at('9999-01-01', 'SELECT * FROM account');

-- Claim: a time without a zone is one of the session's zone, as it is when the
-- statement is executed, also of a plan that is kept.
SET plan_cache_mode = force_generic_plan;
PREPARE counted AS SELECT count(*) FROM account;
SET salesforce_fdw.snapshot = '2024-05-01 12:00:00';
EXECUTE counted;
SET timezone = 'Asia/Tokyo';
SELECT outcome('EXECUTE counted');
SET timezone = 'UTC';
SET salesforce_fdw.snapshot = '2024-05-01 09:00:00';
SELECT outcome('EXECUTE counted');
RESET salesforce_fdw.snapshot;
EXECUTE counted;
SET datestyle = 'ISO, DMY';
SET salesforce_fdw.snapshot = '13/05/2024';
EXECUTE counted;
SET datestyle = 'ISO, MDY';
EXECUTE counted; -- ERROR
RESET salesforce_fdw.snapshot;

-- Claim: EXPLAIN and what the planner expects follow the snapshot.
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS on) ' || query LOOP
        CONTINUE WHEN line LIKE ' Foreign Scan%';
        RETURN NEXT regexp_replace(regexp_replace(line, 'file:///[^"]*/', 'FOLDER/'), '^.*rows=(\d+).*', 'rows=\1');
    END LOOP;
END $$;
BEGIN;
SELECT plan('SELECT id FROM contact');
SET LOCAL salesforce_fdw.snapshot = '2024-05-01 10:30';
SELECT plan('SELECT id FROM contact');
SELECT plan('SELECT id FROM account');
SET LOCAL salesforce_fdw.snapshot = 'run:00000000-0000-0000-0000-000000000000';
SELECT plan('SELECT id FROM account');
COMMIT;

-- Claim: IMPORT looks at what was there then.
CREATE SCHEMA snapshots_then;
BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL salesforce_fdw.snapshot = '2024-05-01 10:30';
IMPORT FOREIGN SCHEMA salesforce FROM SERVER snap_folder INTO snapshots_then;
SELECT relname FROM pg_class WHERE relnamespace = 'snapshots_then'::regnamespace;
ROLLBACK;

-- Claim: snapshots() tells of each moment at which something changed, and
-- whether everything that tables read was there.
SELECT * FROM salesforce_fdw.snapshots('snap_folder');
DROP FOREIGN TABLE lead;
SELECT * FROM salesforce_fdw.snapshots('snap_folder');

-- Claim: a storage that keeps versions has each of them at its time; statements
-- read one of them, whatever lands while they run.
CREATE SERVER snap_bucket FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'memory://snapshots/', dialect 'csv');
CREATE FOREIGN TABLE day (id text OPTIONS (class 'id'), name text, kind text, version text OPTIONS (source 'version'))
    SERVER snap_bucket OPTIONS (object 'Day');
CREATE FUNCTION put(key text, content text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test_storage_put('snap_bucket', key, convert_to(content, 'UTF8'));
    RETURN clock_timestamp();
END $$;
SELECT clock_timestamp() AS before \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n2,b,k\n3,c,\n') AS first \gset
SELECT put('Day.csv.bak', 'x') AS other \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n2,B,\n4,d,k\n') AS second \gset
SELECT test_memory_mark_deleted('memory://snapshots/', 'Day.csv');
SELECT clock_timestamp() AS deleted \gset
SELECT put('Day.csv', E'Id,Name,Kind\n1,a,k\n') AS third \gset
SET salesforce_fdw.snapshot = :'first';
SELECT id, name, kind FROM day;
SET salesforce_fdw.snapshot = :'second';
SELECT id, name, kind FROM day;
SELECT count(DISTINCT version) FROM (SELECT version FROM day UNION ALL SELECT version FROM day) v;
SET salesforce_fdw.snapshot = :'third';
SELECT id FROM day;
RESET salesforce_fdw.snapshot;
SELECT outcome_at(:'before', 'SELECT * FROM day');
SELECT outcome_at(:'deleted', 'SELECT * FROM day');
SELECT outcome_at('9999-01-01', 'SELECT * FROM day');
SELECT count(DISTINCT a.version || b.version) FROM day a, day b;
SELECT objects, bytes, changed, is_complete, at <= :'first' AS up_to_first FROM salesforce_fdw.snapshots('snap_bucket');

-- Claim: what lands between two scans of one statement is not read by the
-- second of them, since it was settled when the statement started.
CREATE FUNCTION land() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN snapshots.put('Day.csv', E'Id,Name,Kind\n1,a,k\n9,z,k\n') IS NOT NULL THEN 'landed' END
$$;
SELECT land(), (SELECT count(*) FROM day) AS rows, (SELECT count(*) FROM day AS again) AS again;
SELECT count(*) FROM day;

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA snapshots, snapshots_then CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
