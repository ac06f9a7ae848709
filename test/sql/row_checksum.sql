-- The checksum of a table's rows: what it must not depend on, and what it must
-- notice.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
RESET client_min_messages;
CREATE SCHEMA row_checksum;
SET search_path = row_checksum;

CREATE TABLE first (id text, name varchar(100), amount numeric, count int4,
    share float8, at timestamptz, flag boolean, tags text[], page jsonb);
INSERT INTO first
SELECT 'id' || i, CASE WHEN i % 7 = 0 THEN NULL ELSE repeat('é' || i, i % 9) END,
    i / 8.0, i, i * 0.1, '2024-01-01 UTC'::timestamptz + i * interval '1 hour',
    i % 2 = 0, ARRAY['a', i::text], jsonb_build_object('n', i)
FROM generate_series(1, 500) i;
-- A value that is stored out of line, compressed.
INSERT INTO first (id, name, page)
SELECT 'long', 'x', to_jsonb(string_agg(md5(i::text), '')) FROM generate_series(1, 2000) i;

-- The order of rows does not matter, nor where the values are stored.
CREATE TABLE second AS SELECT * FROM first ORDER BY md5(id);
ALTER TABLE second ALTER page SET STORAGE EXTERNAL;
UPDATE second SET page = page;
SELECT a = b AS equal, (a).rows
FROM salesforce_fdw.table_checksum('first') a, salesforce_fdw.table_checksum('second') b;

-- A dropped column does not matter, nor one session's settings.
ALTER TABLE second ADD gone int DEFAULT 5;
ALTER TABLE second DROP gone;
SELECT checksum AS before FROM salesforce_fdw.table_checksum('first') \gset
SET client_encoding = latin1;
SET timezone = 'America/Toronto';
SET extra_float_digits = -5;
SET bytea_output = escape;
SELECT checksum = :'before' AS equal FROM salesforce_fdw.table_checksum('second');
RESET client_encoding;
RESET timezone;
RESET extra_float_digits;
RESET bytea_output;

-- Every change matters: each of these is rolled back.
CREATE FUNCTION noticed(change text, OUT noticed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    was text := checksum FROM salesforce_fdw.table_checksum('first');
BEGIN
    BEGIN
        EXECUTE change;
        noticed := checksum <> was FROM salesforce_fdw.table_checksum('first');
        RAISE EXCEPTION USING ERRCODE = 'P0099';
    EXCEPTION WHEN SQLSTATE 'P0099' THEN
        NULL;
    END;
END
$$;
SELECT change, noticed(change)
FROM unnest(ARRAY[
    'UPDATE first SET name = ''other'' WHERE id = ''id77''',
    'UPDATE first SET name = '''' WHERE name IS NULL AND id = ''id7''',
    'UPDATE first SET flag = NOT flag WHERE id = ''id77''',
    'UPDATE first SET amount = trim_scale(amount) WHERE id = ''id77''',
    'UPDATE first SET at = at + interval ''1 microsecond'' WHERE id = ''id77''',
    'UPDATE first SET id = name, name = id WHERE id = ''id77''',
    'UPDATE first SET share = -share WHERE id = ''id77''',
    'UPDATE first SET tags = ARRAY[tags[2], tags[1]] WHERE id = ''id77''',
    'INSERT INTO first SELECT * FROM first WHERE id = ''id77''',
    'INSERT INTO first SELECT f.* FROM first f, generate_series(1, 2) WHERE id = ''id77''',
    'INSERT INTO first DEFAULT VALUES',
    'DELETE FROM first WHERE id = ''id77'''
]) change;

-- Two values that change places between two rows are noticed.
SELECT noticed($$UPDATE first SET name = CASE id WHEN 'id3' THEN
    (SELECT name FROM first WHERE id = 'id4') ELSE (SELECT name FROM first WHERE id = 'id3') END
    WHERE id IN ('id3', 'id4')$$);

-- No rows, and no right to read them.
CREATE TABLE empty (LIKE first);
SELECT * FROM salesforce_fdw.table_checksum('empty');
CREATE ROLE row_checksum_user;
GRANT USAGE ON SCHEMA row_checksum TO row_checksum_user;
GRANT salesforce_fdw_audit TO row_checksum_user;
SET ROLE row_checksum_user;
SELECT * FROM salesforce_fdw.table_checksum('row_checksum.first'); -- ERROR
RESET ROLE;
SELECT * FROM salesforce_fdw.table_checksum(1::oid); -- ERROR

-- redact() works only while a data set is materialized.
SELECT salesforce_fdw.redact('jane@example.org', 'name', '{}'); -- ERROR

SET client_min_messages = warning;
DROP SCHEMA row_checksum CASCADE;
DROP ROLE row_checksum_user;
DROP EXTENSION salesforce_fdw;
