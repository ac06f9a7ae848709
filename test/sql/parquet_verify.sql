-- What the reader of Parquet files says of whole files, damaged ones included
-- (test/modules/parquet_test.c).
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA parquet_verify;
SET search_path = parquet_verify;
\getenv abs_srcdir PG_ABS_SRCDIR
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :functions
\set ECHO all
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_parquet_verify' AS folder \gset
SELECT 'mkdir -p ' || :'folder' AS mkdir, 'rm -r ' || :'folder' AS rmdir,
       :'folder' || '/t.parquet' AS file \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';

-- Claim: rows, row groups and pages are counted, and the digest is that of
-- the file's bytes.
COPY (SELECT i AS id, 'name ' || i % 50 AS name, i * 1.5::float8 AS amount,
             CASE WHEN i % 3 = 0 THEN timestamp '2026-01-01' + i * interval '1 minute' END AS created
      FROM generate_series(1, 50000) i)
    TO :'file' WITH (FORMAT parquet, row_group_size 30000);
SELECT replace(test_parquet_verify(file), encode(sha256(file), 'hex'), '(as sha256() says)')
FROM pg_read_binary_file(:'file') file;

-- Claim: a file without rows is a file.
COPY (SELECT 1 AS a, 'x'::text AS b WHERE false) TO :'file' WITH (FORMAT parquet);
SELECT regexp_replace(test_parquet_verify(pg_read_binary_file(:'file')), 'digest \w+', 'digest');

-- Claim: what is not a Parquet file is refused with the reason.
SELECT test_parquet_verify('');  -- ERROR
SELECT test_parquet_verify('PAR1PAR1');  -- ERROR
SELECT test_parquet_verify('Id,Name,CreatedDate');  -- ERROR
SELECT test_parquet_verify('PAR1'::bytea || repeat('x', 100)::bytea);  -- ERROR
SELECT test_parquet_verify('PAR1xxxxxxxx'::bytea || '\xffffff7f' || 'PAR1'::bytea);  -- ERROR
SELECT test_parquet_verify('PAR1'::bytea || '\x00000000' || 'PAR1'::bytea);  -- ERROR
SELECT test_parquet_verify('PAR1'::bytea || '\x00000000' || 'PARE'::bytea);  -- ERROR

-- Claim: a changed byte in a page is found by its checksum, a missing one by
-- the offsets in the footer.
COPY (SELECT i AS id, 'name ' || i AS name FROM generate_series(1, 3000) i)
    TO :'file' WITH (FORMAT parquet, compression none, row_group_size 1000);
CREATE TEMP TABLE original AS SELECT pg_read_binary_file(:'file') AS file;
SELECT test_parquet_verify(set_byte(file, 100, (get_byte(file, 100) + 1) % 256)) FROM original;  -- ERROR
SELECT test_parquet_verify(substr(file, 1, 100) || substr(file, 102)) FROM original;  -- ERROR
SELECT test_parquet_verify(substr(file, 1, 4) || substr(file, 9)) FROM original;  -- ERROR
SELECT test_parquet_verify(substr(file, 1, 2000)) FROM original;  -- ERROR

-- Claim: whatever is changed, a file is read or refused with an SQLSTATE that
-- says so, and the reader never leaves the file.  Of changes in pages few
-- stay unnoticed: those to parts of a page header that say nothing.
SELECT count, test_parquet_mutate(file, count, 4, length(file) - 1200) > count * 0.99 AS noticed
FROM original, (VALUES (2000)) AS v (count);
SELECT test_parquet_mutate(file, 20000, length(file) - 1200, 0) BETWEEN 10000 AND 20000 AS mostly_refused
FROM original;

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA parquet_verify CASCADE;
DROP EXTENSION salesforce_fdw;
