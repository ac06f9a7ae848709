-- What parquet_schema(), parquet_metadata() and their kin say of a file, and
-- of what is none.  "@" stands for a folder of this test's own.
SET client_min_messages = warning;
\pset format unaligned
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA parquet_inspect;
SET search_path = parquet_inspect;
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_parquet_inspect' AS folder \gset
\set target :folder '/t.parquet'
SELECT 'rm -rf ' || :'folder' || '; mkdir ' || :'folder' AS mkdir, 'rm -r ' || :'folder' AS rmdir \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';

CREATE TABLE kinds (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n9 numeric(9, 2), n18 numeric(18, 4),
    n38 numeric(38, 10), t text, v varchar(10), raw bytea, d date, ts timestamp, tz timestamptz, u uuid, j jsonb);
INSERT INTO kinds VALUES
    (false, -1, -100000, -10000000000, -1.5, -2.5, -0.05, -12345678901234.5678, -1234567890123456789012345678.0123456789,
     'Abc', 'x', '\x00ff', '1969-12-31', '1969-12-31 23:59:59.999999', '2024-02-29 12:00:00+00',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}'),
    (true, 32767, 2147483647, 9223372036854775807, 3.25, 1e300, 1234567.89, 0.0001, 0.0000000001,
     'Santé', 'zz', '\xff', '9999-12-31', '2038-01-19 03:14:08', '1900-01-01 00:00:00-05',
     'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]'),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT salesforce_fdw.copy_to('TABLE parquet_inspect.kinds', :'target',
    '{"key_value_metadata": {"source": "test", "note": "Santé"}}');

-- Claim: the schema has each column with its annotations.
SELECT name, type_name, type_length, repetition_type, num_children, converted_type, scale, precision, field_id, logical_type
FROM salesforce_fdw.parquet_schema(:'target');
SELECT DISTINCT filename = :'target' AS same FROM salesforce_fdw.parquet_schema(:'target');

-- Claim: values are shown as PostgreSQL writes them.
SELECT path_in_schema, num_values, stats_null_count, stats_min, stats_max, compression
FROM salesforce_fdw.parquet_metadata(:'target') ORDER BY column_id;
SELECT bool_and(total_compressed_size > 0 AND total_uncompressed_size > 0 AND data_page_offset >= 4
                AND file_offset <= data_page_offset AND row_group_num_columns = 17 AND encodings ~ 'PLAIN|RLE'
                AND index_page_offset IS NULL) AS credible, count(*)
FROM salesforce_fdw.parquet_metadata(:'target');

SELECT created_by ~ '^salesforce_fdw version \d+\.\d+\.\d+ \(build \w+\)$' AS created_by, num_rows, num_row_groups, format_version
FROM salesforce_fdw.parquet_file_metadata(:'target');
SELECT key, value FROM salesforce_fdw.parquet_kv_metadata(:'target') ORDER BY key;

-- Claim: several row groups have one line each in parquet_metadata and one
-- together in parquet_column_stats; a group of nulls alone hides nothing.
SELECT salesforce_fdw.copy_to(
    'SELECT nullif(i / 1000, 1) AS a, (i - 1500)::numeric(9, 1) AS b, chr(65 + i / 1000) AS c, NULL::text AS d
     FROM generate_series(0, 2999) i', :'target', '{"row_group_size": 1000}');
SELECT row_group_id, row_group_num_rows, path_in_schema, stats_null_count, stats_min, stats_max
FROM salesforce_fdw.parquet_metadata(:'target') ORDER BY row_group_id, column_id;
SELECT * FROM salesforce_fdw.parquet_column_stats(:'target') ORDER BY column_id;
SELECT salesforce_fdw.copy_to('SELECT 1 AS a', :'target', '{"statistics": false}');
SELECT * FROM salesforce_fdw.parquet_column_stats(:'target');

-- Claim: a file without rows is a file.
SELECT salesforce_fdw.copy_to('SELECT 1 AS a WHERE false', :'target');
SELECT num_rows, num_row_groups FROM salesforce_fdw.parquet_file_metadata(:'target');
SELECT count(*) FROM salesforce_fdw.parquet_metadata(:'target');
SELECT * FROM salesforce_fdw.parquet_column_stats(:'target');
SELECT salesforce_fdw.parquet_schema(NULL);

-- Claim: what is missing, or not Parquet, or cut short, is an error.
CREATE FUNCTION attempt(folder text, statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text;
BEGIN
    EXECUTE replace(statement, '@', folder);
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN replace(concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(detail, '')), folder, '@');
END $$;
SELECT format('cd %1$s; : >empty; echo no Parquet file at all >text; head -c 12 t.parquet >head; head -c -1 t.parquet >cut; '
              '(printf PAR1; head -c 40 /dev/zero; printf "\377\377\377\177PAR1") >length; '
              '(printf PAR1; printf "\004\000\000\000PAR1") >short; '
              '(head -c 4 t.parquet; head -c 200 /dev/zero | tr "\000" "\025"; printf "\310\000\000\000PAR1") >nested', :'folder') AS spoil \gset
COPY (SELECT WHERE false) TO PROGRAM :'spoil';
SELECT name, attempt(:'folder', format('SELECT * FROM salesforce_fdw.%s(''@/%s'')', function, name))
FROM unnest(ARRAY['none', 'empty', 'text', 'head', 'cut', 'length', 'short', 'nested', '']) AS name,
     unnest(ARRAY['parquet_schema', 'parquet_column_stats']) AS function
ORDER BY name COLLATE "C", function;
SELECT attempt(:'folder', 'SELECT * FROM salesforce_fdw.parquet_schema(''t.parquet'')');
SELECT attempt(:'folder', 'SELECT * FROM salesforce_fdw.parquet_schema(''s3://bucket/t.parquet'')');

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA parquet_inspect CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
