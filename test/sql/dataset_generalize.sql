-- A data set that publishes a coarser value of a column that may not leave, by a
-- reference table.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA generalized;
SET search_path = generalized;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
CREATE ROLE generalized_etl;
GRANT salesforce_fdw_operator, pg_read_server_files, pg_write_server_files TO generalized_etl;
GRANT USAGE ON SCHEMA generalized TO PUBLIC;
GRANT ALL ON SCHEMA generalized TO generalized_etl;
SELECT put_file('Account.csv', 'Id,BillingCity', '0015Q0000000001QAA,Ottawa', '0015Q0000000002QAA,Hull', '0015Q0000000003QAA,Atlantis', '0015Q0000000004QAA,');
CREATE SERVER generalized_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
\set lake_folder :folder '_lake'
SELECT 'file://' || :'lake_folder' || '/' AS lake, 'cat > /dev/null; mkdir ' || :'lake_folder' AS make_lake, 'cat > /dev/null; rm -r ' || :'lake_folder' AS remove_lake \gset
COPY (SELECT) TO PROGRAM :'make_lake';
CREATE SERVER generalized_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake');
GRANT USAGE ON FOREIGN SERVER generalized_raw, generalized_lake TO generalized_etl;
CREATE TABLE place (city text, region text, mayor text);
INSERT INTO place VALUES ('Ottawa', 'Eastern Ontario', 'canary'), ('Hull', 'Outaouais', 'canary');
SET ROLE generalized_etl;
CREATE FOREIGN TABLE account (id text OPTIONS (field 'Id'), city text OPTIONS (field 'BillingCity'))
    SERVER generalized_raw OPTIONS (object 'Account');
\set VERBOSITY terse
\set query 'SELECT id, salesforce_fdw.generalize(city, ''generalized.place'', ''city'', ''region'') AS region FROM generalized.account'

-- Claim: the table must be listed, with a class for the key and for the value.
SELECT salesforce_fdw.create_dataset('places', 'generalized_lake', query => :'query'); -- ERROR
SET client_min_messages = error;
SELECT salesforce_fdw.create_dataset('places', 'generalized_lake', query => :'query', reference_tables => '{"generalized.place": {"city": "indirect"}}');
SELECT relation, column_name, class, role, outputs, verdict, reason FROM salesforce_fdw.lineage('places');
SELECT salesforce_fdw.alter_dataset('places', reference_tables => '{"generalized.place": {"city": "indirect", "region": "controlled"}}');
SELECT relation, column_name, class, role, outputs, verdict, reason FROM salesforce_fdw.lineage('places');

-- Claim: it is read with the rights of the data set's owner.
SELECT rows FROM salesforce_fdw.materialize('places'); -- ERROR
RESET ROLE;
GRANT SELECT (city, region) ON place TO generalized_etl;
SELECT rows, changed FROM salesforce_fdw.materialize('places');
SELECT * FROM places ORDER BY id;

-- Claim: what the table says now is what the next run publishes; a key with two
-- values refuses, and no value is shown.
UPDATE place SET region = 'Gatineau' WHERE city = 'Hull';
SELECT rows, changed FROM salesforce_fdw.materialize('places');
INSERT INTO place VALUES ('Hull', 'East Riding');
\set VERBOSITY default
SELECT rows FROM salesforce_fdw.materialize('places'); -- ERROR
\set VERBOSITY terse
SELECT * FROM places ORDER BY id;

-- Claim: a check may use it; a class that is stricter now refuses.
DELETE FROM place WHERE region = 'East Riding';
SET ROLE generalized_etl;
SELECT salesforce_fdw.alter_dataset('places', gates => '{"checks": {"elsewhere": {"action": "count", "query":
    "SELECT count(*) FROM generalized.account WHERE salesforce_fdw.generalize(city, ''generalized.place'', ''city'', ''region'') IS NULL"}}}');
SELECT item, verdict, detail FROM salesforce_fdw.dry_run('places') WHERE section = 'check';
SELECT salesforce_fdw.alter_dataset('places', gates => '{}',
    reference_tables => '{"generalized.place": {"city": "indirect", "region": "person"}}');
SELECT rows FROM salesforce_fdw.materialize('places'); -- ERROR

-- Claim: a table that inherits from it later is not read by it.
SELECT salesforce_fdw.alter_dataset('places', reference_tables => '{"generalized.place": {"city": "indirect", "region": "controlled"}}');
RESET ROLE;
CREATE TABLE more () INHERITS (place);
SELECT rows FROM salesforce_fdw.materialize('places'); -- ERROR
DROP TABLE more;
ALTER TABLE place ENABLE ROW LEVEL SECURITY;
SELECT rows FROM salesforce_fdw.materialize('places'); -- ERROR

COPY (SELECT) TO PROGRAM :'remove';
COPY (SELECT) TO PROGRAM :'remove_lake';
SELECT salesforce_fdw.drop_dataset('places');
DROP SCHEMA generalized CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP OWNED BY generalized_etl;
DROP ROLE generalized_etl;
