-- What COPY ... WITH (FORMAT parquet) reads: kinds of relations, columns,
-- rules, and the ways in which a statement is run.
SET client_min_messages = warning;
\pset format unaligned
CREATE EXTENSION salesforce_fdw;
LOAD 'salesforce_fdw';
CREATE SCHEMA copy_relations;
SET search_path = copy_relations;
SELECT regexp_replace(current_setting('data_directory'), '/[^/]*$', '')
       || '/regress_copy_relations' AS folder \gset
\set target :folder '/t.parquet'
SELECT 'rm -rf ' || :'folder' || '; mkdir ' || :'folder' AS mkdir, 'rm -r ' || :'folder' AS rmdir \gset
COPY (SELECT WHERE false) TO PROGRAM :'mkdir';

-- The names and types of the file's columns, in their order.
CREATE FUNCTION columns_of(url text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(name || ' ' || type_name, ', ')
    FROM salesforce_fdw.parquet_schema(url) WHERE num_children IS NULL $$;

-- Claim: dropped and generated columns are not written, as with COPY.
CREATE TABLE parts (a int, gone text, b text, doubled int GENERATED ALWAYS AS (a * 2) STORED, c date);
ALTER TABLE parts DROP COLUMN gone;
INSERT INTO parts (a, b, c) VALUES (1, 'x', '2024-02-29'), (2, NULL, NULL);
COPY parts TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
SELECT columns_of(:'target');
COPY parts (c, a) TO :'target' (FORMAT parquet);
SELECT columns_of(:'target');
COPY (SELECT doubled, a FROM parts) TO :'target' (FORMAT parquet);
SELECT columns_of(:'target');
COPY parts (doubled) TO :'target' (FORMAT parquet); -- ERROR
COPY parts (gone) TO :'target' (FORMAT parquet); -- ERROR
COPY parts (ctid) TO :'target' (FORMAT parquet); -- ERROR
COPY parts (a, a) TO :'target' (FORMAT parquet); -- ERROR

-- Claim: duplicate names, names that differ by case alone, and no column at
-- all are refused.
COPY (SELECT a, b AS a FROM parts) TO :'target' (FORMAT parquet); -- ERROR
COPY (SELECT a, b AS "A" FROM parts) TO :'target' (FORMAT parquet); -- ERROR
CREATE TABLE empty ();
COPY empty TO :'target' (FORMAT parquet); -- ERROR
COPY (SELECT) TO :'target' (FORMAT parquet); -- ERROR

-- Claim: a type without a faithful mapping is refused by the column's name.
COPY (SELECT 1 AS a, point(1, 2) AS location) TO :'target' (FORMAT parquet); -- ERROR

-- Claim: what COPY cannot read is refused in its words.
CREATE VIEW a_view AS SELECT a FROM parts;
CREATE MATERIALIZED VIEW a_matview AS SELECT a FROM parts;
CREATE TABLE partitioned (a int) PARTITION BY LIST (a);
CREATE TABLE partition PARTITION OF partitioned DEFAULT;
CREATE SEQUENCE a_sequence;
CREATE INDEX an_index ON parts (a);
CREATE FOREIGN DATA WRAPPER copy_relations_wrapper;
CREATE SERVER copy_relations_server FOREIGN DATA WRAPPER copy_relations_wrapper;
CREATE FOREIGN TABLE a_foreign_table (a int) SERVER copy_relations_server;
COPY a_view TO :'target' (FORMAT parquet); -- ERROR
COPY partitioned TO :'target' (FORMAT parquet); -- ERROR
COPY a_foreign_table TO :'target' (FORMAT parquet); -- ERROR
COPY a_sequence TO :'target' (FORMAT parquet); -- ERROR
\set VERBOSITY sqlstate
COPY an_index TO :'target' (FORMAT parquet); -- ERROR
\set VERBOSITY default
COPY nosuch TO :'target' (FORMAT parquet); -- ERROR

-- Claim: COPY reads a materialized view where PostgreSQL's own does, from 18 on.
CREATE FUNCTION outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'copied';
EXCEPTION WHEN wrong_object_type THEN
    RETURN sqlerrm;
END $$;
SELECT outcome(format('COPY a_matview TO %L (FORMAT parquet)', :'target')) =
    CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'copied'
        ELSE 'cannot copy from materialized view "a_matview"' END AS is_as_in_core;

-- Claim: a query reads them all.
COPY (SELECT * FROM a_view) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
COPY (SELECT * FROM a_matview) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
INSERT INTO partitioned VALUES (7);
COPY (SELECT * FROM partitioned) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
COPY partition TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows

-- Claim: a child's rows are not the parent's.
CREATE TABLE child () INHERITS (parts);
INSERT INTO child (a) VALUES (3);
COPY parts TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
COPY (SELECT a FROM parts) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows

-- Claim: a query with RETURNING is run once; other statements, and rules that
-- give no rows or many, are refused.
COPY (DELETE FROM child RETURNING a, b) TO :'target' (FORMAT parquet);
\echo :ROW_COUNT rows
SELECT count(*) FROM child;
COPY (DELETE FROM child) TO :'target' (FORMAT parquet); -- ERROR
COPY (SELECT a INTO other FROM parts) TO :'target' (FORMAT parquet); -- ERROR
CREATE TABLE ruled (a int);
CREATE RULE ruled_insert AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE RULE ruled_delete AS ON DELETE TO ruled DO ALSO SELECT 1;
COPY (INSERT INTO ruled VALUES (1)) TO :'target' (FORMAT parquet); -- ERROR
COPY (DELETE FROM ruled RETURNING a) TO :'target' (FORMAT parquet); -- ERROR

-- Claim: names are found by search_path, temporary tables first.
CREATE TEMPORARY TABLE parts (t int);
INSERT INTO parts VALUES (1);
COPY parts TO :'target' (FORMAT parquet);
SELECT columns_of(:'target');
DROP TABLE pg_temp.parts;
CREATE TABLE "Odd ""name""" ("Column, with ""quotes""" int);
COPY "Odd ""name""" TO :'target' (FORMAT parquet);
SELECT columns_of(:'target');

-- Claim: it runs in DO blocks, functions, procedures and with EXECUTE, again
-- and again from the same plan.
SELECT set_config('copy_relations.target', :'target', false) = :'target' AS set;
DO $$
BEGIN
    FOR i IN 1 .. 3 LOOP
        EXECUTE format('COPY parts TO %L (FORMAT parquet)', current_setting('copy_relations.target'));
    END LOOP;
END $$;
DO $$
BEGIN
    EXECUTE format($function$
        CREATE FUNCTION export() RETURNS bigint LANGUAGE plpgsql AS $body$
        DECLARE
            written bigint;
        BEGIN
            COPY parts (a, b) TO %L WITH (FORMAT parquet, sorted_by (a));
            GET DIAGNOSTICS written = ROW_COUNT;
            RETURN written;
        END $body$
    $function$, current_setting('copy_relations.target'));
END $$;
SELECT export() FROM generate_series(1, 3);
CREATE PROCEDURE export_and_commit() LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 3 LOOP
        PERFORM export();
        COMMIT;
    END LOOP;
END $$;
CALL export_and_commit();
SELECT columns_of(:'target');

-- Claim: what the transaction did before is seen; a rollback leaves the file,
-- as with COPY.
BEGIN;
INSERT INTO parts (a) VALUES (8), (9);
COPY parts TO :'target' (FORMAT parquet);
SAVEPOINT s;
COPY (SELECT a / 0 AS a FROM parts) TO :'target' (FORMAT parquet); -- ERROR
ROLLBACK TO s;
SELECT num_rows FROM salesforce_fdw.parquet_file_metadata(:'target');
ROLLBACK;
SELECT num_rows FROM salesforce_fdw.parquet_file_metadata(:'target');

-- Claim: a read-only transaction may export, and may not change by it.
BEGIN READ ONLY;
COPY parts TO :'target' (FORMAT parquet);
COPY (DELETE FROM parts RETURNING a) TO :'target' (FORMAT parquet); -- ERROR
ROLLBACK;

-- Claim: a query that fails at row N leaves the file that was there, and no
-- other one; an EXCEPTION block does not change that.
COPY (SELECT 1 AS before) TO :'target' (FORMAT parquet);
COPY (SELECT 1 / (5000 - i) AS a FROM generate_series(1, 9999) i) TO :'target' (FORMAT parquet); -- ERROR
DO $$
BEGIN
    EXECUTE format('COPY (SELECT 1 / (5000 - i) AS a FROM generate_series(1, 9999) i) TO %L (FORMAT parquet)',
                   current_setting('copy_relations.target'));
EXCEPTION WHEN division_by_zero THEN
    PERFORM 1 / (SELECT (count(*) = 1)::int FROM pg_ls_dir(regexp_replace(
        current_setting('copy_relations.target'), '/[^/]*$', '')));
END $$;
SELECT columns_of(:'target');
SELECT name FROM pg_ls_dir(:'folder') AS name;

COPY (SELECT WHERE false) TO PROGRAM :'rmdir';
DROP SCHEMA copy_relations CASCADE;
DROP FOREIGN DATA WRAPPER copy_relations_wrapper CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
