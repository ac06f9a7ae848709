-- Findings: what detect() says of a text, records that are let through one by
-- one, and how many rows share a combination.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA findings;
SET search_path = findings;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all

-- Claim: places are counted in characters, and no value is shown.
SELECT * FROM salesforce_fdw.detect('Écrire à jane.doe@example.org, tél. 613-555-0199; K1A 0B1.');
SELECT detector, shape FROM salesforce_fdw.detect('RAMQ TREM 8451 1534, mac 00:1A:2B:3C:4D:5E, postgres://etl:s3cret@db/crm, 12 Main Street');
SELECT detector, start, length FROM salesforce_fdw.detect(U&'\FF16\FF11\FF13-\FF15\FF15\FF15-0199');
SELECT count(*) FROM salesforce_fdw.detect('');
SELECT count(*) FROM salesforce_fdw.detect(NULL);

-- A data set with two records that a detector takes for personal.
CREATE ROLE findings_etl;
CREATE ROLE findings_steward;
CREATE ROLE findings_other;
GRANT salesforce_fdw_operator TO findings_etl;
GRANT salesforce_fdw_policy TO findings_other;
GRANT pg_read_server_files, pg_write_server_files TO findings_etl;
GRANT ALL ON SCHEMA findings TO findings_etl;
GRANT SELECT ON made_folder TO PUBLIC;
SELECT put_file('Account.csv', 'Id,Industry,Type', '0015Q0000000001QAA,Energy,A', '0015Q0000000002QAA,Suite 613-555-0199,A', '0015Q0000000003QAA,Unit 613-555-0123,B');
CREATE SERVER findings_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
\set lake_folder :folder '_lake'
SELECT 'file://' || :'lake_folder' || '/' AS lake, 'cat > /dev/null; mkdir ' || :'lake_folder' AS make_lake, 'cat > /dev/null; rm -r ' || :'lake_folder' AS remove_lake \gset
COPY (SELECT) TO PROGRAM :'make_lake';
CREATE SERVER findings_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake');
GRANT USAGE ON FOREIGN SERVER findings_raw, findings_lake TO findings_etl;
SET ROLE findings_etl;
CREATE FOREIGN TABLE account (id text OPTIONS (field 'Id'), industry text OPTIONS (field 'Industry'), type text OPTIONS (field 'Type'))
    SERVER findings_raw OPTIONS (object 'Account');
SELECT salesforce_fdw.create_dataset('found', 'findings_lake', query => 'SELECT id, industry, type FROM findings.account');
\set VERBOSITY terse
CALL salesforce_fdw.run('found'); -- ERROR
SELECT run FROM salesforce_fdw.runs WHERE dataset = 'found' ORDER BY number DESC LIMIT 1 \gset
SELECT kind, name, column_name, count, detail, keys, action FROM salesforce_fdw.run_findings WHERE run = :'run' AND kind = 'detector';

-- Claim: a record is let through by its key, detector and column, with a reason.
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'industry', '0015Q0000000009QAA', 'x'); -- ERROR
SELECT salesforce_fdw.accept_finding(:'run', 'email', 'industry', '0015Q0000000002QAA', 'x'); -- ERROR
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'type', '0015Q0000000002QAA', 'x'); -- ERROR
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'industry', '0015Q0000000002QAA', ' '); -- ERROR
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'industry', '0015Q0000000002QAA', NULL); -- ERROR
SET ROLE findings_other;
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'industry', '0015Q0000000002QAA', 'not mine'); -- ERROR
SET ROLE findings_etl;
SELECT salesforce_fdw.accept_finding(:'run', 'phone', 'industry', '0015Q0000000002QAA', 'a suite, not a phone');
CALL salesforce_fdw.run('found'); -- ERROR
SELECT run AS second FROM salesforce_fdw.runs WHERE dataset = 'found' ORDER BY number DESC LIMIT 1 \gset
SELECT name, count, keys, action FROM salesforce_fdw.run_findings WHERE run = :'second' AND kind = 'detector' ORDER BY action;
SELECT salesforce_fdw.accept_finding(:'second', 'phone', 'industry', '0015Q0000000003QAA', 'until it is mended', now() - interval '1 minute');
CALL salesforce_fdw.run('found'); -- ERROR
SELECT salesforce_fdw.accept_finding(:'second', 'phone', 'industry', '0015Q0000000003QAA', 'until it is mended', now() + interval '1 day');
CALL salesforce_fdw.run('found');
SELECT name, count, action FROM salesforce_fdw.run_findings f JOIN salesforce_fdw.runs r USING (run)
 WHERE f.dataset = 'found' AND r.state = 'closed' AND kind = 'detector';

-- Claim: figures for monitoring, a row each.
SELECT metric, labels, CASE WHEN metric ~ 'rows|state|findings|versions|calls' THEN value END AS value
  FROM salesforce_fdw.metrics() WHERE metric <> 'salesforce_fdw_findings' OR labels ->> 'kind' = 'detector';
RESET ROLE;
SET ROLE findings_other;
SELECT count(*) > 5 AS any FROM salesforce_fdw.metrics();
RESET ROLE;

-- Claim: once there are stewards, they alone let a record through.
GRANT salesforce_fdw_steward TO findings_steward;
SELECT salesforce_fdw.accept_finding(:'second', 'phone', 'industry', '0015Q0000000003QAA', 'x'); -- ERROR
SET ROLE findings_steward;
SELECT salesforce_fdw.accept_finding(:'second', 'phone', 'industry', '0015Q0000000003QAA', 'seen');
SELECT key, reason, until IS NULL AS forever, accepted_by = session_user AS by_us FROM salesforce_fdw.finding_acceptance ORDER BY accepted_at;
RESET ROLE;
REVOKE salesforce_fdw_steward FROM findings_steward;

-- Claim: the rarest combination of columns of the target.
SELECT salesforce_fdw.k_anonymity('found', '{type}') AS type, salesforce_fdw.k_anonymity('found', '{type,id}') AS both;
SELECT salesforce_fdw.k_anonymity('found', '{}'); -- ERROR
SELECT salesforce_fdw.k_anonymity('found', '{nothing}'); -- ERROR
SELECT salesforce_fdw.k_anonymity('unknown', '{type}'); -- ERROR
DELETE FROM found;
SELECT salesforce_fdw.k_anonymity('found', '{type}') IS NULL AS empty;

COPY (SELECT) TO PROGRAM :'remove';
COPY (SELECT) TO PROGRAM :'remove_lake';
SELECT salesforce_fdw.drop_dataset('found');
DROP SCHEMA findings CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP OWNED BY findings_etl, findings_other, findings_steward;
DROP ROLE findings_etl, findings_other, findings_steward;
