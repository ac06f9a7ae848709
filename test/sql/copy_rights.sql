-- Who may export what to where: rights on the target, on relations, on columns
-- and on rows.  "@" stands for a folder of this test's own.
SET client_min_messages = warning;
\pset format unaligned
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA copy_rights;
SET search_path = copy_rights;
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_copy_rights' AS folder \gset
SELECT 'rm -rf ' || :'folder' || '; mkdir -p ' || :'folder' || '/lake/part' AS mkdir, 'rm -r ' || :'folder' AS rmdir,
       'file://' || :'folder' || '/lake/' AS location \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';
CREATE SERVER copy_rights_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location');

CREATE ROLE regress_copy_nobody;
CREATE ROLE regress_copy_files;
CREATE ROLE regress_copy_role;
CREATE ROLE regress_copy_usage;
CREATE ROLE regress_copy_lake;
CREATE ROLE regress_copy_read;
CREATE ROLE regress_copy_all;
GRANT pg_write_server_files, pg_read_server_files TO regress_copy_files;
GRANT salesforce_fdw_write, salesforce_fdw_read TO regress_copy_role, regress_copy_lake, regress_copy_all;
GRANT salesforce_fdw_read TO regress_copy_read;
GRANT USAGE ON FOREIGN SERVER copy_rights_lake TO regress_copy_read, regress_copy_usage, regress_copy_lake, regress_copy_all;
GRANT pg_write_server_files TO regress_copy_all;
GRANT USAGE ON SCHEMA copy_rights TO PUBLIC;

-- Run a statement as a role, and say what came of it without the folder's name.
CREATE FUNCTION attempt(actor name, folder text, statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    written bigint; message text; detail text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', actor);
    EXECUTE replace(statement, '@', folder);
    GET DIAGNOSTICS written = ROW_COUNT;
    RESET ROLE;
    RETURN 'rows: ' || written;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN replace(concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(detail, '')), folder, '@');
END $$;

CREATE VIEW actors AS SELECT ordinality, actor::name FROM unnest(ARRAY['regress_copy_nobody',
    'regress_copy_files', 'regress_copy_role', 'regress_copy_usage', 'regress_copy_read',
    'regress_copy_lake', 'regress_copy_all', current_user::text]) WITH ORDINALITY AS a (actor);
CREATE VIEW targets AS SELECT ordinality, target FROM unnest(ARRAY['@/x.parquet', 'file://@/x.parquet',
    '@/lake/x.parquet', 'file://@/lake/part/x.parquet', 's3://bucket/x.parquet']) WITH ORDINALITY AS t (target);

-- Claim: outside every server pg_write_server_files is needed; below a
-- location, USAGE on the server and salesforce_fdw_write, and nothing else
-- helps; s3:// outside every server is refused to everybody.
SELECT replace(actor, current_user, 'superuser') AS actor, target,
       attempt(actor, :'folder', format('COPY (SELECT 1 AS a) TO %L (FORMAT parquet)', target)) AS copy
FROM actors, targets ORDER BY actors.ordinality, targets.ordinality;

-- Claim: copy_to() has the same rights, and EXECUTE besides.
SELECT replace(actor, current_user, 'superuser') AS actor, target,
       attempt(actor, :'folder', format('SELECT salesforce_fdw.copy_to(''SELECT 1 AS a'', %L)', target)) AS copy_to
FROM actors, targets ORDER BY actors.ordinality, targets.ordinality;

-- Claim: naming the server changes no right.
SELECT actor, attempt(actor, :'folder',
           'COPY (SELECT 1 AS a) TO ''@/lake/x.parquet'' (FORMAT parquet, server copy_rights_lake)') AS copy
FROM actors WHERE actor <> current_user ORDER BY ordinality;

-- Claim: reading a footer needs the rights to read; the functions that show
-- values need those of a writer besides.
SELECT actor, function, attempt(actor, :'folder',
           format('SELECT FROM salesforce_fdw.%s(''@/lake/x.parquet'')', function)) AS result
FROM actors, unnest(ARRAY['parquet_schema', 'parquet_file_metadata', 'parquet_kv_metadata',
                          'parquet_metadata', 'parquet_column_stats']) AS function
WHERE actor <> current_user ORDER BY ordinality, function;
SELECT actor, attempt(actor, :'folder', 'SELECT FROM salesforce_fdw.parquet_schema(''@/x.parquet'')') AS result
FROM actors WHERE actor <> current_user ORDER BY ordinality;

-- Claim: SELECT on the table, or on each of its columns, is needed; RLS, views
-- and functions act as in a query.
CREATE TABLE secrets (id int, open text, hidden text);
INSERT INTO secrets VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
CREATE TABLE by_row (id int, owner text);
INSERT INTO by_row VALUES (1, 'regress_copy_lake'), (2, 'regress_copy_lake'), (3, 'regress_copy_all');
ALTER TABLE by_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON by_row USING (owner = current_user);
GRANT SELECT ON by_row TO regress_copy_lake, regress_copy_all;
GRANT SELECT (id, open) ON secrets TO regress_copy_lake;
GRANT SELECT ON secrets TO regress_copy_all;
CREATE VIEW open_view AS SELECT id, open FROM secrets;
GRANT SELECT ON open_view TO regress_copy_lake;
CREATE FUNCTION run_as_owner(url text) RETURNS bigint LANGUAGE sql SECURITY DEFINER
    AS $$SELECT salesforce_fdw.copy_to('SELECT * FROM copy_rights.secrets', url)$$;
SELECT actor, statement,
       attempt(actor, :'folder', format('COPY %s TO ''@/lake/y.parquet'' (FORMAT parquet)', statement)) AS copy
FROM actors, unnest(ARRAY['copy_rights.secrets', 'copy_rights.secrets (id)', 'copy_rights.secrets (open, id)',
    'copy_rights.secrets (hidden)', '(SELECT count(hidden) FROM copy_rights.secrets)',
    '(SELECT id FROM copy_rights.secrets WHERE hidden > '''')', '(SELECT * FROM copy_rights.open_view)',
    '(SELECT secrets FROM copy_rights.secrets)', '(DELETE FROM copy_rights.secrets RETURNING id)',
    'copy_rights.by_row', 'copy_rights.by_row (id)',
    '(SELECT id FROM copy_rights.by_row)']) WITH ORDINALITY AS s (statement, number)
WHERE actor IN ('regress_copy_lake', 'regress_copy_all') ORDER BY actors.ordinality, number;

-- Claim: who bypasses a policy bypasses it here; who cannot is told so.
SELECT attempt(current_user, :'folder', 'COPY copy_rights.by_row TO ''@/lake/y.parquet'' (FORMAT parquet)');
SET row_security = off;
SELECT attempt('regress_copy_lake', :'folder', 'COPY copy_rights.by_row TO ''@/lake/y.parquet'' (FORMAT parquet)');
RESET row_security;

-- Claim: the rights are those of whoever a function runs as.
SELECT attempt('regress_copy_lake', :'folder',
    'SELECT copy_rights.run_as_owner(''@/y.parquet'')') AS as_owner;
SELECT attempt('regress_copy_lake', :'folder',
    'SELECT salesforce_fdw.copy_to(''SELECT * FROM copy_rights.secrets'', ''@/lake/y.parquet'')') AS as_caller;

-- Claim: without the right to read nothing is made, nor without the right to
-- write.
SELECT attempt('regress_copy_lake', :'folder', 'COPY copy_rights.secrets TO ''@/lake/none.parquet'' (FORMAT parquet)');
SELECT attempt('regress_copy_usage', :'folder', 'COPY (SELECT 1 AS a) TO ''@/lake/none.parquet'' (FORMAT parquet)');
SELECT name FROM pg_ls_dir(:'folder' || '/lake') AS name ORDER BY name COLLATE "C";

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA copy_rights CASCADE;
DROP SERVER copy_rights_lake;
DROP ROLE regress_copy_nobody, regress_copy_files, regress_copy_role, regress_copy_usage,
    regress_copy_read, regress_copy_lake, regress_copy_all;
DROP EXTENSION salesforce_fdw CASCADE;
