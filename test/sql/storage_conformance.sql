-- Claim: a folder and an object store in memory do the same, check by check,
-- behind one interface (test/modules/storage_conformance.c).
\set VERBOSITY terse
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA storage_conformance;
SET search_path = storage_conformance;
\getenv abs_srcdir PG_ABS_SRCDIR
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :functions
\set ECHO all

-- A folder of the server's user, outside the data directory.
CREATE TEMP TABLE made (folder text);
COPY made FROM PROGRAM 'mktemp -d';
SELECT 'file://' || folder || '/' AS location, 'cat > /dev/null; rm -r ' || folder AS remove
FROM made \gset

CREATE FOREIGN DATA WRAPPER storage_conformance;
CREATE SERVER folder FOREIGN DATA WRAPPER storage_conformance
    OPTIONS (location :'location');
CREATE SERVER memory FOREIGN DATA WRAPPER storage_conformance
    OPTIONS (location 'memory://conformance/');

SELECT number, test_storage_conformance('folder', number)
FROM generate_series(1, test_storage_check_count()) number;
SELECT number, test_storage_conformance('memory', number)
FROM generate_series(1, test_storage_check_count()) number;

-- Claim: after every step of random histories the answers and the whole listing
-- are those of a model (test/modules/storage_histories.c).
SELECT test_storage_histories('folder', 500, 1);
SELECT test_storage_histories('memory', 1000, 2);

COPY (SELECT WHERE false) TO PROGRAM :'remove';
SET client_min_messages = warning;
DROP SCHEMA storage_conformance CASCADE;
DROP FOREIGN DATA WRAPPER storage_conformance CASCADE;
DROP EXTENSION salesforce_fdw;
