-- Detectors of users: regular expressions and tables of names, in data sets and
-- in detect().
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA own;
SET search_path = own;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
CREATE ROLE own_etl;
CREATE ROLE own_other;
CREATE ROLE own_nobody;
CREATE ROLE own_steward;
GRANT salesforce_fdw_operator, pg_read_server_files, pg_write_server_files TO own_etl;
GRANT salesforce_fdw_policy TO own_other;
GRANT USAGE ON SCHEMA own TO PUBLIC;
GRANT ALL ON SCHEMA own TO own_etl;
CREATE TABLE staff (name text, code int, login varchar(20));
INSERT INTO staff VALUES ('Émilie Côté', 1, 'ecote'), ('Marie Tremblay', 2, 'mtremb'), (NULL, 3, NULL), ('Wei', 4, 'wei'), ('WEI', 5, 'wei2');
CREATE VIEW staff_view AS SELECT name FROM staff;
GRANT SELECT (name) ON staff TO own_etl;

-- Claim: what is given must be one of two things, and usable.
SET ROLE own_etl;
SELECT outcome($$SELECT salesforce_fdw.create_detector('a')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', 'x', 'own.staff', 'name')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector(NULL, 'x')$$);
SELECT outcome(format('SELECT salesforce_fdw.create_detector(%L, ''x'')', n)) FROM unnest(ARRAY['', '*', 'a.b', 'A', '1a', 'é', repeat('a', 64), 'email']) AS n;
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', '[')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', repeat('x', 8193))$$);
SELECT outcome(format('SELECT salesforce_fdw.create_detector(''a'', %L)', p)) FROM unnest(ARRAY['', 'x*', '(a|)', '^', '\d{0,3}']) AS p;
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff', gazetteer_column => 'nothing')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff', gazetteer_column => 'code')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff', gazetteer_column => 'login')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff_view', gazetteer_column => 'name')$$);
SELECT outcome($$SELECT salesforce_fdw.create_detector('a', gazetteer => 'own.staff', gazetteer_column => 'name', case_sensitive => true)$$);

-- Claim: one that exists is its owner's to change and to drop.
SELECT salesforce_fdw.create_detector('employee', '\mE-\d{4}\M');
SELECT salesforce_fdw.create_detector('grade', '\mAS-\d\M', case_sensitive => true);
SELECT salesforce_fdw.create_detector('staff', gazetteer => 'own.staff', gazetteer_column => 'name');
SELECT outcome($$SELECT salesforce_fdw.create_detector('employee', 'x')$$);
SET ROLE own_other;
SELECT outcome($$SELECT salesforce_fdw.create_detector('employee', 'x', replace => true)$$);
SELECT outcome($$SELECT salesforce_fdw.drop_detector('employee')$$);
SELECT outcome($$SELECT salesforce_fdw.drop_detector('unknown')$$);
SET ROLE own_nobody;
SELECT outcome($$SELECT salesforce_fdw.create_detector('b', 'x')$$);
SELECT outcome($$SELECT salesforce_fdw.drop_detector('employee')$$);
SELECT outcome($$SELECT salesforce_fdw.detect('x', '{email}')$$);
SET ROLE own_etl;
SELECT name, owner, version, pattern, case_sensitive, gazetteer, gazetteer_column, length(hash) AS hash, changed_by = session_user AS by_us FROM salesforce_fdw.detector ORDER BY name;

-- Claim: a text is read as the built-in detectors read it; a list says which
-- detectors look.
SELECT * FROM salesforce_fdw.detect('e-1234, Ｅ‑１２３４ and E-12345, AS-3 as-4', '{employee,grade}');
SELECT * FROM salesforce_fdw.detect('à EMILIE COTE et Émilie Côté, marie tremblay; Émiliecôté, Marie, wei', '{staff}');
SELECT detector, start FROM salesforce_fdw.detect('wei: jane@example.org, 613-555-0199', '{phone,staff}');
SELECT detector, start FROM salesforce_fdw.detect('wei: jane@example.org, 613-555-0199', '{staff,*}');
SELECT detector, start FROM salesforce_fdw.detect('wei: jane@example.org, 613-555-0199');
SELECT v.t, d.detector FROM (VALUES ('x'), ('E-1234'), ('wei')) AS v (t) LEFT JOIN LATERAL salesforce_fdw.detect(v.t, '{employee,staff}') AS d ON true ORDER BY 1;
SELECT outcome($$SELECT salesforce_fdw.detect('x', '{unknown}')$$);
SELECT outcome($$SELECT salesforce_fdw.detect('x', ARRAY[n]) FROM (VALUES ('email'), ('secret')) AS v (n)$$);
-- One match may stand right behind another; an assertion alone matches without a
-- character, once a place.
SELECT salesforce_fdw.create_detector('pair', '[xy]{2}') IS NOT NULL AS made;
SELECT * FROM salesforce_fdw.detect('éxyyxx', '{pair}');
SELECT salesforce_fdw.drop_detector('pair');
SELECT salesforce_fdw.create_detector('ahead', '(?=x)');
SELECT * FROM salesforce_fdw.detect('axbx', '{ahead}');
SELECT salesforce_fdw.drop_detector('ahead');
SET ROLE own_other;
SELECT outcome($$SELECT salesforce_fdw.detect('wei', '{staff}')$$);

-- A data set that names them.
RESET ROLE;
SELECT put_file('Account.csv', 'Id,Name,Industry,Type',
    '0015Q0000000001QAA,Energy,x,E-1111', '0015Q0000000002QAA,Bureau of Émilie CÔTÉ,E-2222,y', '0015Q0000000003QAA,Wei,613-555-01990,E-3333', '0015Q0000000004QAA,Marie-Tremblay E-4444 jane@example.org,613-555-0199,y');
CREATE SERVER own_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
\set lake_folder :folder '_lake'
SELECT 'file://' || :'lake_folder' || '/' AS lake, 'cat > /dev/null; mkdir ' || :'lake_folder' AS make_lake, 'cat > /dev/null; rm -r ' || :'lake_folder' AS remove_lake \gset
COPY (SELECT) TO PROGRAM :'make_lake';
CREATE SERVER own_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake');
GRANT USAGE ON FOREIGN SERVER own_raw, own_lake TO own_etl;
GRANT SELECT ON made_folder TO PUBLIC;
SET ROLE own_etl;
CREATE FOREIGN TABLE account (id text OPTIONS (field 'Id'), name text OPTIONS (field 'Name'), industry text OPTIONS (field 'Industry'), type text OPTIONS (field 'Type'))
    SERVER own_raw OPTIONS (object 'Account');
\set query 'SELECT id, name, industry, type FROM own.account'

-- Claim: an unknown name is refused, with those there are.
SELECT outcome(format($$SELECT salesforce_fdw.create_dataset('listed', 'own_lake', query => %L, detectors => '{"*": "count", "employe": "count"}')$$, :'query'));
SELECT outcome(format($$SELECT salesforce_fdw.create_dataset('listed', 'own_lake', query => %L, detectors => '{"name.nobody_has_this": "count"}')$$, :'query'));
-- Claim: "*" means the built-in ones; a name alone means every column, with a
-- column only that one.
SELECT salesforce_fdw.create_dataset('listed', 'own_lake', query => :'query', accept => '{"Account.Name": "documented"}', detectors => '{"*": "count"}');
SELECT item, verdict, detail FROM salesforce_fdw.dry_run('listed') WHERE section IN ('detector', 'own_detector') ORDER BY item;
SELECT salesforce_fdw.alter_dataset('listed', accept => '{"Account.Name": "documented"}', detectors => '{"*": "count", "employee": "count", "name.staff": "count", "type.grade": "refuse"}');
SELECT f ->> 'column' AS column, f ->> 'detector' AS detector, f ->> 'count' AS count, f ->> 'shape' AS shape, f ->> 'keys' AS keys
  FROM salesforce_fdw.materialize('listed'), jsonb_array_elements(detectors) AS f ORDER BY 1, 2;
SELECT item, verdict, regexp_replace(detail, '[0-9a-f]{64}', 'HASH', 'g') AS detail FROM salesforce_fdw.dry_run('listed') WHERE section IN ('detector', 'own_detector') ORDER BY 1, 3;

-- Claim: what is redacted is the name, not what stands around it, and nothing
-- of what overlaps is left.
SELECT salesforce_fdw.create_detector('around', 'E-\d+ jane');
SELECT salesforce_fdw.alter_dataset('listed', accept => '{"Account.Name": "documented"}', detectors => '{"*": "redact", "employee": "redact", "staff": "redact", "name.around": "redact"}');
SELECT rows FROM salesforce_fdw.materialize('listed');
SELECT * FROM listed ORDER BY id;

-- Claim: a hit refuses, is recorded with keys, shape and what the detector was,
-- and can be accepted.
SELECT salesforce_fdw.alter_dataset('listed', accept => '{"Account.Name": "documented"}', detectors => '{"*": "count", "name.staff": "refuse"}');
\set VERBOSITY terse
CALL salesforce_fdw.run('listed'); -- ERROR
SELECT run FROM salesforce_fdw.runs WHERE dataset = 'listed' ORDER BY number DESC LIMIT 1 \gset
SELECT kind, name, column_name, count, regexp_replace(detail, '[0-9a-f]{64}', 'HASH', 'g') AS detail, keys, action FROM salesforce_fdw.run_findings WHERE run = :'run' AND kind IN ('detector', 'own_detector') ORDER BY ordinal;
SELECT detail LIKE '%' || d.hash || '%' AS definition FROM salesforce_fdw.run_findings AS f JOIN salesforce_fdw.detector AS d USING (name) WHERE run = :'run' AND kind = 'own_detector';
SELECT salesforce_fdw.accept_finding(:'run', 'staff', 'name', k, 'an office') FROM unnest(ARRAY['0015Q0000000002QAA', '0015Q0000000003QAA', '0015Q0000000004QAA']) AS k;
CALL salesforce_fdw.run('listed');
SELECT f.name, f.count, f.action FROM salesforce_fdw.run_findings f JOIN salesforce_fdw.runs r USING (run) WHERE r.dataset = 'listed' AND r.state = 'closed' AND kind = 'detector' AND f.name = 'staff';

-- Claim: another name in the table asks for no new acceptance; its hash says so.
SELECT detail AS before FROM salesforce_fdw.run_findings WHERE run = :'run' AND kind = 'own_detector' \gset
RESET ROLE;
UPDATE staff SET name = 'Wea' WHERE code = 5;
SELECT verdict, right(detail, 64) <> right(:'before', 64) AS names_differ
  FROM salesforce_fdw.dry_run('listed') WHERE section = 'own_detector';
INSERT INTO staff VALUES ('Energy', 6, NULL);
SET ROLE own_etl;
SELECT verdict, right(detail, 64) <> right(:'before', 64) AS names_differ, strpos(detail, split_part(:'before', ',', 1)) > 0 AS definition_is_same
  FROM salesforce_fdw.dry_run('listed') WHERE section = 'own_detector';
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR

-- Claim: another definition does, by name, and says what has changed.
RESET ROLE;
CREATE TABLE staff2 (name text);
GRANT SELECT ON staff2 TO own_etl;
SET ROLE own_etl;
SELECT salesforce_fdw.create_detector('staff', gazetteer => 'own.staff2', gazetteer_column => 'name', replace => true) IS NOT NULL AS replaced;
\set VERBOSITY default
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
\set VERBOSITY terse
-- ... and stewards alone give it, once there are any.
RESET ROLE;
GRANT salesforce_fdw_steward TO own_steward;
SET client_min_messages = error;
SET ROLE own_etl;
SELECT salesforce_fdw.alter_dataset('listed', accept => '{"Account.Name": "documented"}');
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
SELECT salesforce_fdw.policy_hash('listed') AS hash \gset
SELECT salesforce_fdw.accept_dataset('listed', :'hash', 'mine'); -- ERROR
SET ROLE own_steward;
SELECT salesforce_fdw.accept_dataset('listed', :'hash', 'seen');
SET ROLE own_etl;
SELECT rows FROM salesforce_fdw.materialize('listed');
SELECT name, version, pattern, gazetteer FROM salesforce_fdw.detector_version WHERE name = 'staff' ORDER BY version;

-- Claim: names are read with the rights of the data set's owner, whoever calls,
-- and none of them is in an error.
RESET ROLE;
REVOKE SELECT ON staff2 FROM own_etl;
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
GRANT SELECT ON staff2 TO own_etl;
INSERT INTO staff2 SELECT string_agg('canary', ' ') FROM generate_series(1, 9);
\set VERBOSITY default
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
TRUNCATE staff2;
INSERT INTO staff2 SELECT 'canary' || n FROM generate_series(1, 1000001) AS n;
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
\set VERBOSITY terse
TRUNCATE staff2;
ALTER TABLE staff2 ENABLE ROW LEVEL SECURITY;
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR
ALTER TABLE staff2 RENAME TO staff3;
SELECT rows FROM salesforce_fdw.materialize('listed'); -- ERROR

-- Claim: one that is used stays; one that is gone all the same refuses by name.
SET ROLE own_etl;
SELECT outcome($$SELECT salesforce_fdw.drop_detector('staff')$$);
RESET ROLE;
DELETE FROM salesforce_fdw.detector WHERE name = 'staff';
SELECT outcome($$SELECT rows FROM salesforce_fdw.materialize('listed')$$);
SET ROLE own_etl;
SELECT salesforce_fdw.alter_dataset('listed', detectors => '{}');
SELECT salesforce_fdw.drop_detector('employee'), salesforce_fdw.drop_detector('grade'), salesforce_fdw.drop_detector('around');
SELECT count(*) FROM salesforce_fdw.detector;
RESET ROLE;

COPY (SELECT) TO PROGRAM :'remove';
COPY (SELECT) TO PROGRAM :'remove_lake';
SELECT salesforce_fdw.drop_dataset('listed');
DROP SCHEMA own CASCADE;
REVOKE salesforce_fdw_steward FROM own_steward;
DROP EXTENSION salesforce_fdw CASCADE;
DROP OWNED BY own_etl, own_other, own_steward;
DROP ROLE own_etl, own_other, own_nobody, own_steward;
