-- Who may open a storage, and which server an URL belongs to.
\set VERBOSITY terse
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA storage_rights;
GRANT USAGE ON SCHEMA storage_rights TO PUBLIC;
SET search_path = storage_rights;
\getenv abs_srcdir PG_ABS_SRCDIR
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :functions
\set ECHO all
CREATE TEMP TABLE made (folder text);
COPY made FROM PROGRAM 'mktemp -d';
SELECT folder, 'cat > /dev/null; rm -r ' || folder AS remove, 'cat > /dev/null; mkdir ' || folder || '/lake' AS make_lake
FROM made \gset

-- What a call raises, with the folder left out; its result when it succeeds.
CREATE FUNCTION outcome(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    detail text;
BEGIN
    EXECUTE sql INTO result;
    RETURN 'ok: ' || coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN regexp_replace(sqlstate || ' ' || sqlerrm || ' ' || detail,
                          '"file://[^"]*"', '"FOLDER"', 'g');
END $$;

CREATE FOREIGN DATA WRAPPER storage_rights;
CREATE ROLE regress_storage_owner;
CREATE ROLE regress_storage_user;
SELECT 'file://' || :'folder' || '/' AS location \gset
CREATE SERVER raw FOREIGN DATA WRAPPER storage_rights
    OPTIONS (location :'location');
GRANT USAGE ON FOREIGN DATA WRAPPER storage_rights TO regress_storage_owner;
ALTER SERVER raw OWNER TO regress_storage_owner;
SELECT outcome($$SELECT test_storage_put('raw', 'f', 'x')$$);
GRANT pg_read_server_files, pg_write_server_files TO regress_storage_owner;
SELECT test_storage_put('raw', 'f', 'x') IS NOT NULL AS put;

-- Claim: a user needs USAGE on the server, and the role of what is done.
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_get('raw', 'f')$$);
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER raw TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_get('raw', 'f')$$);
RESET ROLE;
GRANT salesforce_fdw_read TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_get('raw', 'f')$$);
SELECT outcome($$SELECT test_storage_put('raw', 'f', 'x') <> ''$$);
SELECT outcome($$SELECT test_storage_delete('raw', '{f}', '{x}')$$);
RESET ROLE;
GRANT salesforce_fdw_write TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_put('raw', 'f', 'x') <> ''$$);
SELECT outcome($$SELECT test_storage_delete('raw', '{f}', '{x}')$$);
RESET ROLE;
GRANT salesforce_fdw_purge TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_delete('raw', '{f}', '{x}')$$);
RESET ROLE;

-- Claim: the operator's role brings all of them.
REVOKE salesforce_fdw_read, salesforce_fdw_write, salesforce_fdw_purge
    FROM regress_storage_user;
GRANT salesforce_fdw_operator TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_put('raw', 'f', 'x') <> ''$$);
RESET ROLE;

-- Claim: for a folder, the server's owner needs PostgreSQL's roles at use.
REVOKE pg_write_server_files FROM regress_storage_owner;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_get('raw', 'f')$$);
SELECT outcome($$SELECT test_storage_put('raw', 'f', 'x') <> ''$$);
SELECT outcome($$SELECT test_storage_delete('raw', '{f}', '{x}')$$);
RESET ROLE;
REVOKE pg_read_server_files FROM regress_storage_owner;
SET ROLE regress_storage_user;
SELECT outcome($$SELECT test_storage_get('raw', 'f')$$);
RESET ROLE;

-- Claim: an URL outside every server needs the user's own right to files.
SELECT outcome($$SELECT test_storage_locate('x/y.parquet', 'write')$$);
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'folder' || '/y', 'write'));
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'location' || 'y', 'write'));
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'location', 'write'));
SELECT outcome($$SELECT test_storage_locate('s3://bucket/y', 'write')$$);
SELECT outcome($$SELECT test_storage_locate('https://bucket/y', 'write')$$);
SELECT split_part(outcome(format('SELECT test_storage_locate(%L, %L)',
    current_setting('data_directory') || '/y', 'write')), ' ', 1) AS data_directory;
SET ROLE regress_storage_user;
SELECT split_part(outcome($$SELECT test_storage_locate('/tmp/y', 'write')$$), ' ', 1) AS write,
       split_part(outcome($$SELECT test_storage_locate('/tmp/y', 'read')$$), ' ', 1) AS read;
RESET ROLE;
GRANT pg_write_server_files TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT split_part(outcome($$SELECT test_storage_locate('/tmp/y', 'write')$$), ' ', 1) AS write,
       split_part(outcome($$SELECT test_storage_locate('/tmp/y', 'read')$$), ' ', 1) AS read;
RESET ROLE;
REVOKE pg_write_server_files FROM regress_storage_user;

-- Claim: an URL belongs to the server with the longest location on which the
-- user has USAGE; below a server, being allowed files does not replace that.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_foreign_data_wrapper WHERE fdwname = 'salesforce_fdw') THEN
        CREATE FOREIGN DATA WRAPPER salesforce_fdw;
    END IF;
END $$;
SELECT :'location' || 'lake/' AS lake, :'location' || 'lake' AS lake_folder \gset
COPY (SELECT WHERE false) TO PROGRAM :'make_lake';
CREATE SERVER regress_wide FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location');
CREATE SERVER regress_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake_folder');
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'lake' || 'a/b', 'write'));
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'folder' || '/lake/b', 'write'));
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'location' || 'lakes', 'write'));
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'location' || '../b', 'write'));
GRANT pg_write_server_files TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'lake' || 'b', 'write'));
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER regress_wide TO regress_storage_user;
SET ROLE regress_storage_user;
SELECT outcome(format('SELECT test_storage_locate(%L, %L)', :'lake' || 'b', 'write'));
RESET ROLE;
DROP SERVER regress_wide, regress_lake;

-- Claim: locations overlap when they are equal or one contains the other.
SELECT a, b, test_storage_overlaps(a, b), test_storage_overlaps(b, a) AS and_back
FROM (VALUES ('s3://b/x/', 's3://b/x/'), ('s3://b/', 's3://b/x/y/'),
             ('s3://b/x/', 's3://b/xy/'), ('s3://b/x/', 's3://c/x/'),
             ('file:///no/x/', 'file:///no/x/y/'), ('file:///no/x/', 'file:///no/y/'),
             ('file:///', 'file:///no/'), ('s3://b/x/', 'file:///b/x/')) v (a, b);
SELECT test_storage_overlaps(:'location', 'file://' || :'folder' || '/../') AS through_parent;
-- What does not exist yet is compared by the folder that will hold it, through
-- links.
SELECT 'ln -s . ' || :'folder' || '/link' AS make_link \gset
COPY (SELECT WHERE false) TO PROGRAM :'make_link';
SELECT test_storage_overlaps(:'location' || 'new/', :'location' || 'link/new/x/') AS through_link,
       test_storage_overlaps(:'location' || 'new/', :'location' || 'link/newer/') AS neighbour;

COPY (SELECT WHERE false) TO PROGRAM :'remove';
SET client_min_messages = warning;
DROP SCHEMA storage_rights CASCADE;
DROP FOREIGN DATA WRAPPER storage_rights CASCADE;
DROP ROLE regress_storage_owner, regress_storage_user;
DROP EXTENSION salesforce_fdw;
