-- COPY and copy_to() must not write into a data set's folder: the file would
-- become part of its table.  "@" stands for a folder of this test's own.
SET client_min_messages = warning;
\pset format unaligned
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA copy_dataset;
SET search_path = copy_dataset;
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_copy_dataset' AS folder \gset
SELECT format('rm -rf %1$s; mkdir -p %1$s/raw %1$s/lake/bes/crm %1$s/lake/bes/other; ln -s lake/bes/crm %1$s/link',
              :'folder') AS mkdir, 'rm -r ' || :'folder' AS rmdir,
       'file://' || :'folder' || '/raw/' AS raw, 'file://' || :'folder' || '/lake' AS lake \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';
CREATE SERVER copy_dataset_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'raw');
CREATE SERVER copy_dataset_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake');
CREATE FOREIGN TABLE account (id text OPTIONS (field 'Id'), industry text OPTIONS (field 'Industry'))
    SERVER copy_dataset_raw OPTIONS (object 'Account');

-- Run a statement as a role, and say what came of it without the folder's name.
CREATE FUNCTION attempt(actor name, folder text, statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; hint text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', actor);
    EXECUTE replace(statement, '@', folder);
    RESET ROLE;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN replace(concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(hint, '')), folder, '@');
END $$;

-- Claim: before there is a data set, the folder is nobody's.
SELECT attempt(current_user, :'folder', 'COPY (SELECT 1 AS a) TO ''@/lake/bes/crm/before.parquet'' (FORMAT parquet)');

SELECT salesforce_fdw.create_dataset('copy_dataset', 'copy_dataset_lake',
    query => 'SELECT id, industry FROM copy_dataset.account', target => 'copy_dataset.target', path => 'bes/crm/')
    IS NOT NULL AS created;

-- Claim: whatever the spelling, the folder and what is below it are refused,
-- to superusers and to writers; what is beside it or above it is not.
CREATE ROLE regress_copy_dataset;
GRANT salesforce_fdw_write TO regress_copy_dataset;
GRANT USAGE ON FOREIGN SERVER copy_dataset_lake TO regress_copy_dataset;
SELECT target, attempt(current_user, :'folder', format('COPY (SELECT 1 AS a) TO %L (FORMAT parquet)', target)) AS copy
FROM unnest(ARRAY['@/lake/bes/crm/x.parquet', 'file://@/lake/bes/crm/x.parquet', '@/lake/bes/crm/deep/er/x.parquet',
    '@/lake/bes/crm/_staging/x.parquet', '@/link/x.parquet', '@/lake/bes/crm', '@/lake/bes/crmx.parquet',
    '@/lake/bes/other/x.parquet', '@/lake/x.parquet', '@/x.parquet']) AS target;
SELECT attempt('regress_copy_dataset', :'folder', statement)
FROM unnest(ARRAY['COPY (SELECT 1 AS a) TO ''@/lake/bes/crm/x.parquet'' (FORMAT parquet)',
    'COPY (SELECT 1 AS a) TO ''@/lake/bes/crm/x.parquet'' (FORMAT parquet, server copy_dataset_lake)',
    'SELECT salesforce_fdw.copy_to(''SELECT 1 AS a'', ''@/lake/bes/crm/x.parquet'')',
    'SELECT salesforce_fdw.copy_to(''SELECT 1 AS a'', ''@/lake/bes/other/x.parquet'')']) AS statement;

-- Claim: nothing was made in the folder.
SELECT name FROM pg_ls_dir(:'folder' || '/lake/bes/crm') AS name ORDER BY name COLLATE "C";

-- Claim: with the data set gone, the folder is nobody's again.
SELECT salesforce_fdw.drop_dataset('copy_dataset');
SELECT attempt(current_user, :'folder', 'COPY (SELECT 1 AS a) TO ''@/lake/bes/crm/after.parquet'' (FORMAT parquet)');

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA copy_dataset CASCADE;
DROP SERVER copy_dataset_raw, copy_dataset_lake;
DROP ROLE regress_copy_dataset;
DROP EXTENSION salesforce_fdw CASCADE;
