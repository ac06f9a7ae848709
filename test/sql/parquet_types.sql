-- Which columns and values a Parquet file can hold, and how the others are
-- refused: by name, before anything is visible.
SET client_min_messages = warning;
\pset format unaligned
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA parquet_types;
SET search_path = parquet_types;
SET timezone = 'UTC';
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_parquet_types' AS folder \gset
SELECT 'rm -rf ' || :'folder' || '; mkdir -p ' || :'folder' AS mkdir, 'rm -r ' || :'folder' AS rmdir,
       :'folder' || '/t.parquet' AS file, :'folder' || '/refused.parquet' AS refused \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';

-- Run a COPY, and say what came of it.
CREATE FUNCTION attempt(file text, query text, options text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE format('COPY (%s) TO %L WITH (FORMAT parquet%s)', query, file, options);
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- Claim: each type has the Parquet type that design and readers ask for.
CREATE DOMAIN code AS varchar(5);
CREATE TABLE every_type (
    a boolean, b smallint, c int, d bigint, e real, f double precision,
    g numeric(9, 2), h numeric(18, 0), i numeric(38, 10), j text, k varchar(10), l char(3), m code,
    n bytea, o date, p timestamp, q timestamptz, r uuid, s json, t jsonb);
COPY every_type TO :'file' WITH (FORMAT parquet);
SELECT name, type_name, type_length, repetition_type, converted_type, logical_type
FROM salesforce_fdw.parquet_schema(:'file');
COPY (SELECT p, q FROM every_type) TO :'file' WITH (FORMAT parquet, timestamps millis);
SELECT name, converted_type, logical_type FROM salesforce_fdw.parquet_schema(:'file');

-- Claim: a type without a counterpart is refused, and the column named.
SELECT type, attempt(:'refused', format('SELECT 1 AS ok, NULL::%s AS "Amount"', type))
FROM unnest('{numeric,"numeric(39,0)","numeric(5,-2)","numeric(2,5)",money,time,interval,"int[]",point,inet,int4range,name,xml,every_type}'::text[]) type;
SELECT attempt(:'refused', 'SELECT');
SELECT attempt(:'refused', 'SELECT 1 AS a, 2 AS b, 3 AS a');
SELECT attempt(:'refused', 'SELECT 1 AS name, 2 AS "Name"');

-- Claim: a value that its column cannot hold is refused, never changed, and
-- column and row are named; the value is not.
SELECT attempt(:'refused', $$SELECT d FROM (VALUES (date '2026-01-01'), ('infinity')) v (d)$$);
SELECT attempt(:'refused', $$SELECT timestamp '-infinity' AS t$$);
SELECT attempt(:'refused', $$SELECT timestamptz 'infinity' AS t$$);
SELECT attempt(:'refused', $$SELECT timestamp '294276-12-31' AS t$$);
SELECT attempt(:'refused', $$SELECT 'NaN'::numeric(5, 2) AS n$$);
SELECT attempt(:'refused', $$SELECT timestamp '2026-01-01 00:00:00.123456' AS t$$, ', timestamps millis');
SELECT attempt(:'refused', $$SELECT timestamptz '2026-01-01 00:00:00.0005' AS t$$, ', timestamps millis');
SELECT attempt(:'file', $$SELECT timestamp '2026-01-01 00:00:00.123' AS t, timestamp '294276-12-31' AS far$$, ', timestamps millis');

-- Claim: nothing of what was refused is there.
SELECT count(*) FROM pg_ls_dir(:'folder') f WHERE f <> 't.parquet';

-- Claim: options are checked before anything is written.
SELECT attempt(:'refused', 'SELECT 1 AS a', o) FROM unnest(ARRAY[
    ', compression gzip', ', compression_level 3', ', compression zstd, compression_level 99',
    ', row_group_size 0', ', row_group_size_bytes 1000', ', timestamps nanos',
    ', sorted_by b', ', sorted_by ''a, a''', ', sorted_by ''''', ', key_value_metadata ''[1]''',
    ', key_value_metadata ''{"a": 1}''', ', key_value_metadata ''{''']) o;

-- Claim: a file has no more than 32,767 row groups.
SELECT attempt(:'refused', 'SELECT i FROM generate_series(1, 32768) i', ', row_group_size 1, compression none') = format(E'54000: could not write Parquet file "%s": more than 32767 row groups\nRaise the options "row_group_size" and "row_group_size_bytes".', 'file://' || :'refused');
SELECT attempt(:'file', 'SELECT i FROM generate_series(1, 2000) i', ', row_group_size 1');
SELECT count(*) FROM salesforce_fdw.parquet_metadata(:'file');

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA parquet_types CASCADE;
DROP EXTENSION salesforce_fdw;
