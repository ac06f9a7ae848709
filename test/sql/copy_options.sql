-- What COPY ... WITH (FORMAT parquet) and copy_to() accept and refuse: words,
-- targets and statements.  "@" stands for a folder of this test's own.
SET client_min_messages = warning;
\pset format unaligned
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA copy_options;
SET search_path = copy_options;
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_copy_options' AS folder \gset
\set target :folder '/t.parquet'
SELECT 'rm -rf ' || :'folder' || '; mkdir -p ' || :'folder' || '/lake' AS mkdir, 'rm -r ' || :'folder' AS rmdir \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';

-- Run a statement, and say what came of it without the folder's name.
CREATE FUNCTION attempt(folder text, statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE replace(statement, '@', folder);
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RETURN replace(concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(detail, ''), nullif(hint, '')),
                   folder, '@');
END $$;

CREATE TABLE t (id int, name text);
INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL);

-- Claim: rows are written and counted; the format is found in any case.
COPY t TO :'target' WITH (FORMAT parquet);
\echo :ROW_COUNT rows
COPY t TO :'target' WITH (FORMAT 'Parquet');
\echo :ROW_COUNT rows
COPY (SELECT name FROM t WHERE id > 1) TO :'target' (FORMAT PARQUET);
\echo :ROW_COUNT rows
COPY t (name, id) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
COPY (VALUES (1), (2)) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
COPY (SELECT 1 AS a WHERE false) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
SELECT attempt(:'folder', $$COPY t TO 'file://@/t.parquet' (FORMAT parquet)$$);

-- Claim: outside every server the folder must be there, as for COPY.
SELECT attempt(:'folder', $$COPY t TO '@/a/b/t.parquet' (FORMAT parquet)$$);

-- Claim: other formats are PostgreSQL's affair, as before.
SELECT attempt(:'folder', $$COPY t TO '@/t.csv' (FORMAT csv, HEADER)$$);
SELECT pg_read_file(:'folder' || '/t.csv');
SELECT attempt(:'folder', $$COPY t TO '@/t.x' (FORMAT nosuch)$$);

-- Claim: every word is taken.
SELECT attempt(:'folder', format($$COPY t TO '@/t.parquet' (FORMAT parquet, %s)$$, word)), word
FROM unnest(ARRAY['compression none', 'compression ''snappy''', 'compression zstd, compression_level 3',
    'row_group_size 1000', 'row_group_size_bytes 1048576', 'timestamps millis', 'timestamps micros',
    'statistics', 'statistics off', 'sorted_by (id, name)', 'sorted_by id',
    $$key_value_metadata '{"source": "test"}'$$]) AS word;

-- Claim: words that are not valid, twice there or contradictory are refused,
-- and the closest valid one is named.
SELECT attempt(:'folder', format($$COPY t TO '@/bad.parquet' (FORMAT parquet, %s)$$, word))
FROM unnest(ARRAY['compresion snappy', 'header', 'delimiter '';''', 'compression gzip', 'compression',
    'row_group_size 0', 'row_group_size many', 'timestamps nanos', 'statistics maybe',
    'statistics on, statistics off', 'format csv', 'sorted_by (id, nosuch)',
    'key_value_metadata ''[1]''', 'server nosuch']) AS word;

-- Claim: what cannot be written so is refused as a feature.
COPY t TO STDOUT WITH (FORMAT parquet); -- ERROR
COPY t FROM :'target' WITH (FORMAT parquet); -- ERROR
COPY t TO PROGRAM 'cat' WITH (FORMAT parquet); -- ERROR

-- Claim: a relative path, the data directory, what is not an URL, and an
-- s3:// URL outside every server are refused, each with its reason.
COPY t TO 't.parquet' WITH (FORMAT parquet); -- ERROR
COPY t TO './t.parquet' WITH (FORMAT parquet); -- ERROR
COPY t TO 's3://bucket/t.parquet' WITH (FORMAT parquet); -- ERROR
COPY t TO 'https://example.org/t.parquet' WITH (FORMAT parquet); -- ERROR
COPY t TO '' WITH (FORMAT parquet); -- ERROR
SELECT attempt(current_setting('data_directory'), statement)
FROM unnest(ARRAY[
    $$COPY t TO '@/t.parquet' (FORMAT parquet)$$,
    $$COPY t TO 'file://@/base/t.parquet' (FORMAT parquet)$$]) AS statement;
SELECT attempt(:'folder', statement)
FROM unnest(ARRAY[
    $$COPY t TO '@/a/../t.parquet' (FORMAT parquet)$$,
    $$COPY t TO '@/' (FORMAT parquet)$$,
    $$COPY t TO '@/a' (FORMAT parquet)$$]) AS statement;

-- Claim: the word "server" takes that server, and only below its location;
-- there, folders are made.
SELECT 'file://' || :'folder' || '/lake/' AS location \gset
CREATE SERVER copy_options_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location');
SELECT attempt(:'folder', statement)
FROM unnest(ARRAY[
    $$COPY t TO '@/lake/t.parquet' (FORMAT parquet, server copy_options_lake)$$,
    $$COPY t TO 'file://@/lake/x/t.parquet' (FORMAT parquet, server copy_options_lake)$$,
    $$COPY t TO '@/lake/t.parquet' (FORMAT parquet)$$,
    $$COPY t TO '@/t.parquet' (FORMAT parquet, server copy_options_lake)$$,
    $$COPY t TO '@/lake/' (FORMAT parquet, server copy_options_lake)$$]) AS statement;
DROP SERVER copy_options_lake;

-- Claim: a server of another wrapper is not ours to use, whatever its options.
CREATE FOREIGN DATA WRAPPER copy_options_wrapper;
CREATE SERVER copy_options_other FOREIGN DATA WRAPPER copy_options_wrapper OPTIONS (location :'location');
SELECT attempt(:'folder', statement)
FROM unnest(ARRAY[
    $$COPY t TO '@/lake/t.parquet' (FORMAT parquet, server copy_options_other)$$,
    $$SELECT salesforce_fdw.copy_to('TABLE t', '@/lake/t.parquet', '{"server": "copy_options_other"}')$$]) AS statement;
DROP FOREIGN DATA WRAPPER copy_options_wrapper CASCADE;

-- Claim: with the hook off the format is not recognized, and copy_to() works.
SET salesforce_fdw.enable_copy_hook = off;
SELECT attempt(:'folder', $$COPY t TO '@/t.parquet' (FORMAT parquet)$$);
SELECT salesforce_fdw.copy_to('SELECT * FROM t', :'target');
RESET salesforce_fdw.enable_copy_hook;

-- Claim: copy_to() takes the same words as JSON.
SELECT salesforce_fdw.copy_to('SELECT * FROM t', :'target',
    '{"format": "parquet", "compression": "zstd", "compression_level": 3, "statistics": false,
      "sorted_by": ["id", "name"], "key_value_metadata": {"source": "test"}}');
SELECT attempt(:'folder', format($$SELECT salesforce_fdw.copy_to('SELECT 1 AS a', '@/bad.parquet', %L)$$, words))
FROM unnest(ARRAY['[]', '"snappy"', '{"compression": null}', '{"compresion": "snappy"}', '{"sorted_by": [1]}',
    '{"sorted_by": []}', '{"format": "csv"}', '{"compression": "gzip"}']) AS words;

-- Claim: copy_to() runs one SELECT and nothing else, and points at errors in it.
SELECT attempt(:'folder', format($$SELECT salesforce_fdw.copy_to(%L, '@/bad.parquet')$$, query))
FROM unnest(ARRAY['', 'SELECT 1; SELECT 2', 'DELETE FROM t', 'DELETE FROM t RETURNING id',
    'WITH gone AS (DELETE FROM t RETURNING id) SELECT id FROM gone', 'SELECT id INTO u FROM t',
    'DROP TABLE t', 'COMMIT', 'EXPLAIN SELECT 1']) AS query;
SELECT salesforce_fdw.copy_to('SELECT nosuch FROM t', :'target'); -- ERROR
SELECT salesforce_fdw.copy_to('SELECT FROM WHERE', :'target'); -- ERROR
SELECT salesforce_fdw.copy_to(NULL, :'target'); -- ERROR
SELECT salesforce_fdw.copy_to('SELECT 1', NULL); -- ERROR
SELECT salesforce_fdw.copy_to('SELECT 1 AS a', 't.parquet'); -- ERROR
SELECT salesforce_fdw.copy_to('TABLE t', :'target', NULL);
SELECT count(*) FROM t;

-- Claim: nothing that was refused has left a file.
SELECT name FROM pg_ls_dir(:'folder') AS name ORDER BY name COLLATE "C";

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA copy_options CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
