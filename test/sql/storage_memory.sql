-- What only an object store has: many versions of a key, delete markers, pages,
-- errors for single keys, and effects whose answer was lost.
\set VERBOSITY terse
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA storage_memory;
SET search_path = storage_memory;
\getenv abs_srcdir PG_ABS_SRCDIR
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :functions
\set ECHO all
CREATE FOREIGN DATA WRAPPER storage_memory;
CREATE SERVER bucket FOREIGN DATA WRAPPER storage_memory
    OPTIONS (location 'memory://bucket/');
CREATE VIEW versions AS
    SELECT key, row_number() OVER (PARTITION BY key ORDER BY ordinality DESC) AS n,
           size, is_latest, is_delete_marker AS marker, version_id
    FROM test_storage_list('bucket') WITH ORDINALITY;

-- Claim: every version stays readable, the newest is the current one.
SELECT test_storage_put('bucket', 'Account.csv', 'a') IS NOT NULL AS put;
SELECT test_storage_put('bucket', 'Account.csv', 'ab') IS NOT NULL AS put;
SELECT test_storage_put('bucket', 'Account.csv', 'abc') IS NOT NULL AS put;
SELECT key, n, size, is_latest, marker,
       convert_from(test_storage_get('bucket', key, version_id), 'UTF8') AS bytes
FROM versions ORDER BY key, n;

-- Claim: a delete marker hides the object and deletes nothing.
SELECT test_memory_mark_deleted('memory://bucket/', 'Account.csv');
SELECT test_storage_get('bucket', 'Account.csv') IS NULL AS hidden;
SELECT key, n, size, is_latest, marker FROM versions ORDER BY key, n;
SELECT test_storage_get('bucket', key, version_id) FROM versions WHERE marker; -- ERROR

-- Claim: promotion onto a key that has a delete marker meets "nothing there",
-- and the staged object stays, since it is copied.
SELECT test_storage_put('bucket', '_staging/x', 'new') AS staged \gset
SELECT test_storage_promote('bucket', '_staging/x', :'staged', 'Account.csv', 'v1');
SELECT test_storage_promote('bucket', '_staging/x', :'staged', 'Account.csv', NULL);
SELECT key, n, size, is_latest, marker FROM versions ORDER BY key, n;

-- Claim: a listing longer than a page loses and repeats nothing (7 and 3).
SELECT count(test_storage_put('bucket', 'many', '')) FROM generate_series(1, 7);
SELECT key, count(*), count(DISTINCT version_id) FROM versions GROUP BY key ORDER BY key;

-- Claim: deleting the newest makes the one before it the current one.
SELECT test_storage_delete('bucket', array_agg(key), array_agg(version_id))
FROM versions WHERE key = 'Account.csv' AND is_latest;
SELECT key, n, size, is_latest, marker FROM versions
WHERE key = 'Account.csv' ORDER BY n;

-- Claim: a key that cannot be deleted has a message, and the others are gone.
SELECT test_memory_plant('memory://bucket/', 'many', 'delete fails');
SELECT test_storage_delete('bucket', array_agg(key ORDER BY key),
                           array_agg(version_id ORDER BY key))
FROM versions WHERE key IN ('many', '_staging/x') AND is_latest;
SELECT key, count(*) FROM versions GROUP BY key ORDER BY key;

-- Claim: an answer that was lost is "unknown", whether it happened or not, and
-- a listing tells which.
SELECT test_memory_plant('memory://bucket/', 'many', 'delete done, unknown');
SELECT test_storage_delete('bucket', array_agg(key), array_agg(version_id)),
       count(*) FROM versions WHERE key = 'many' AND is_latest;
SELECT count(*) FROM versions WHERE key = 'many';
SELECT test_memory_plant('memory://bucket/', 'many', 'delete lost, unknown');
SELECT test_storage_delete('bucket', array_agg(key), array_agg(version_id)),
       count(*) FROM versions WHERE key = 'many' AND is_latest;
SELECT count(*) FROM versions WHERE key = 'many';
SELECT test_storage_put('bucket', '_staging/y', 'published') AS staged \gset
SELECT test_memory_plant('memory://bucket/', 'final', 'promote lost, unknown');
SELECT test_storage_promote('bucket', '_staging/y', :'staged', 'final', NULL);
SELECT test_storage_get('bucket', 'final') IS NULL AS nothing;
SELECT test_memory_plant('memory://bucket/', 'final', 'promote done, unknown');
SELECT test_storage_promote('bucket', '_staging/y', :'staged', 'final', NULL);
SELECT convert_from(test_storage_get('bucket', 'final'), 'UTF8');
SELECT test_storage_promote('bucket', '_staging/y', :'staged', 'final', NULL);

-- Claim: deleting what was listed leaves nothing, markers included.
SELECT test_storage_delete('bucket', array_agg(key), array_agg(version_id)) <@ '{deleted}' AS all_deleted
FROM versions;
SELECT count(*) FROM versions;

SET client_min_messages = warning;
DROP SCHEMA storage_memory CASCADE;
DROP FOREIGN DATA WRAPPER storage_memory CASCADE;
DROP EXTENSION salesforce_fdw;
