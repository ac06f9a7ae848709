-- Each role can do its part and nothing else: every operation, tried by a member
-- of each role who owns the data set, the foreign table and the target as well,
-- so that nothing but the role decides.  yes: done; no: permission denied; a
-- code: the right was there, and something else was not.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA matrix;
SET search_path = matrix;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
SELECT put_file('Account.csv', 'Id,Name,Industry', '0015Q0000000001QAA,x,Energy');
\set lake_folder :folder '_lake'
SELECT 'file://' || :'lake_folder' || '/' AS lake, 'file://' || :'lake_folder' || '_catalog/' AS catalog,
    format('cat > /dev/null; mkdir %s %1$s_catalog', :'lake_folder') AS make_lake, format('cat > /dev/null; rm -r %s %1$s_catalog', :'lake_folder') AS remove_lake \gset
COPY (SELECT) TO PROGRAM :'make_lake';
CREATE SERVER matrix_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
CREATE SERVER matrix_lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'lake', catalog :'catalog', database 'matrix');

-- Who owns everything has no role of ours; the actors are its members.
CREATE ROLE matrix_owner;
GRANT ALL ON SCHEMA matrix TO matrix_owner;
GRANT USAGE ON FOREIGN SERVER matrix_raw, matrix_lake TO matrix_owner;
CREATE TABLE actor (ordinal int, name text);
INSERT INTO actor SELECT ordinal, name FROM unnest(ARRAY['nobody', 'read', 'write', 'purge', 'policy', 'steward', 'server_credentials', 'audit', 'operator'])
    WITH ORDINALITY AS t (name, ordinal);
GRANT SELECT ON actor TO PUBLIC;
DO $$
DECLARE
    a record;
BEGIN
    FOR a IN SELECT name FROM matrix.actor LOOP
        EXECUTE format('CREATE ROLE matrix_%s; GRANT matrix_owner TO matrix_%1$s', a.name);
        IF a.name NOT IN ('nobody', 'steward') THEN
            EXECUTE format('GRANT salesforce_fdw_%s TO matrix_%1$s', a.name);
        END IF;
    END LOOP;
END $$;
-- The world, made by one who may for the time being.
GRANT salesforce_fdw_operator TO matrix_owner;
SET ROLE matrix_owner;
CREATE FOREIGN TABLE account (id text OPTIONS (field 'Id'), name text OPTIONS (field 'Name'), industry text OPTIONS (field 'Industry'))
    SERVER matrix_raw OPTIONS (object 'Account');
SELECT salesforce_fdw.create_dataset('done', 'matrix_lake', query => 'SELECT id, industry FROM matrix.account',
    publish => 'versioned');
CALL salesforce_fdw.run('done');
CALL salesforce_fdw.run('done', force => true);
SELECT salesforce_fdw.create_dataset('made', 'matrix_lake', query => 'SELECT id, name FROM matrix.account', accept => '{"Account.Name": "x"}');
SELECT salesforce_fdw.create_detector('found', 'x') IS NOT NULL AS made;
SELECT run AS first FROM salesforce_fdw.runs WHERE dataset = 'done' ORDER BY number LIMIT 1 \gset
RESET ROLE;
REVOKE salesforce_fdw_operator FROM matrix_owner;

CREATE TABLE operation (ordinal int GENERATED ALWAYS AS IDENTITY, name text, statement text);
INSERT INTO operation (name, statement) VALUES
    ('scan', 'SELECT count(id) FROM matrix.account'),
    ('IMPORT FOREIGN SCHEMA', 'DROP FOREIGN TABLE matrix.account CASCADE; IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account) FROM SERVER matrix_raw INTO matrix'),
    ('sync_columns', 'SELECT * FROM salesforce_fdw.sync_columns(''matrix.account'')'),
    ('grant_columns', 'SELECT * FROM salesforce_fdw.grant_columns(''matrix'', ''matrix_nobody'', ''{id}'')'),
    ('object_versions', 'SELECT * FROM salesforce_fdw.object_versions(''matrix_raw'')'),
    ('snapshots', 'SELECT * FROM salesforce_fdw.snapshots(''matrix_raw'')'),
    ('diff', 'SELECT * FROM salesforce_fdw.diff(''matrix.account'', now())'),
    ('diff_rows', 'SELECT * FROM salesforce_fdw.diff_rows(''matrix.account'', now())'),
    ('parquet_schema', format('SELECT * FROM salesforce_fdw.parquet_schema(%L)', 'file://' || :'lake_folder' || '/done/_runs/' || :'first' || '/done.parquet')),
    ('copy_to', format('SELECT salesforce_fdw.copy_to(''SELECT 1 AS x'', %L)', 'file://' || :'lake_folder' || '/elsewhere.parquet')),
    ('create_dataset', 'SELECT salesforce_fdw.create_dataset(''another'', ''matrix_lake'', query => ''SELECT id FROM matrix.account'', target => ''matrix.another'')'),
    ('create_dataset with purge', format('SELECT salesforce_fdw.create_dataset(''another'', ''matrix_lake'', query => ''SELECT id FROM matrix.account'', target => ''matrix.another'', purge => ''inputs'', confirm => %L)', :'location')),
    ('alter_dataset', 'SELECT salesforce_fdw.alter_dataset(''made'', keep_runs => 2)'),
    ('drop_dataset', 'SELECT salesforce_fdw.drop_dataset(''made'')'),
    ('lineage', 'SELECT * FROM salesforce_fdw.lineage(''made'')'),
    ('lineage_diagram', 'SELECT salesforce_fdw.lineage_diagram(''made'')'),
    ('policy_hash', 'SELECT salesforce_fdw.policy_hash(''made'')'),
    ('accept_dataset', format('SELECT salesforce_fdw.accept_dataset(''made'', %L, ''because'')', salesforce_fdw.policy_hash('made'))),
    ('create_detector', 'SELECT salesforce_fdw.create_detector(''another'', ''x'')'),
    ('drop_detector', 'SELECT salesforce_fdw.drop_detector(''found'')'),
    ('detect by a list', 'SELECT * FROM salesforce_fdw.detect(''x'', ''{found}'')'),
    ('create_key', 'SELECT salesforce_fdw.create_key(''k'')'),
    ('pseudonym', 'SELECT salesforce_fdw.pseudonym(''x'', ''k'')'),
    ('materialize', 'SELECT * FROM salesforce_fdw.materialize(''made'')'),
    ('dry_run', 'SELECT * FROM salesforce_fdw.dry_run(''made'')'),
    ('run', 'SELECT salesforce_fdw.run_begin(''made'', false)'),
    ('rollback', format('SELECT salesforce_fdw.rollback(''done'', %L)', :'first')),
    ('retract', format('SELECT * FROM salesforce_fdw.retract(''done'', %L, ''x'')', '{' || :'first' || '}')),
    ('take_over', 'SELECT salesforce_fdw.take_over(''done'', ''x'')'),
    ('abandon', format('SELECT salesforce_fdw.abandon(%L, ''x'')', :'first')),
    ('purge_plan', 'SELECT * FROM salesforce_fdw.purge_plan(''done'')'),
    ('verify', format('SELECT * FROM salesforce_fdw.verify(%L)', :'first')),
    ('evidence', format('SELECT salesforce_fdw.evidence(%L)', :'first')),
    ('views of runs', 'SELECT count(*) FROM salesforce_fdw.run_status, salesforce_fdw.runs, salesforce_fdw.run_inputs, salesforce_fdw.run_outputs, salesforce_fdw.run_events, salesforce_fdw.run_owners'),
    ('check_runs', 'SELECT * FROM salesforce_fdw.check_runs()'),
    ('metrics', 'SELECT * FROM salesforce_fdw.metrics()'),
    ('k_anonymity', 'SELECT salesforce_fdw.k_anonymity(''done'', ''{industry}'')'),
    ('schedule', 'SELECT salesforce_fdw.schedule(''done'', ''30 9 * * *'')'),
    ('whoami', 'SELECT salesforce_fdw.whoami(''matrix_raw'')'),
    ('detect, mask', 'SELECT salesforce_fdw.mask(shape) FROM salesforce_fdw.detect(''x'')'),
    ('read definitions', 'SELECT count(*) FROM salesforce_fdw.dataset, salesforce_fdw.dataset_acceptance, salesforce_fdw.dataset_version, salesforce_fdw.detector, salesforce_fdw.detector_version'),
    ('read the ledger''s tables', 'SELECT count(*) FROM salesforce_fdw.ledger_run'),
    ('read keys', 'SELECT count(*) FROM salesforce_fdw.pseudonym_key'),
    ('write definitions', 'INSERT INTO salesforce_fdw.dataset_policy VALUES (''x'', ''{}'')'),
    ('write detectors', 'UPDATE salesforce_fdw.detector SET pattern = ''y'''),
    ('write acceptances', 'DELETE FROM salesforce_fdw.dataset_acceptance'),
    ('write the ledger', 'UPDATE salesforce_fdw.ledger_run SET rows = 0'),
    ('write events', 'INSERT INTO salesforce_fdw.ledger_event (dataset, event) VALUES (''done'', ''closed'')'),
    ('server option endpoint', 'ALTER SERVER matrix_raw OPTIONS (ADD endpoint ''http://127.0.0.1/'')'),
    ('log setting', 'SET LOCAL salesforce_fdw.withhold_messages = off');

CREATE FUNCTION try(actor text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE matrix_%s', actor);
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'TR000';
EXCEPTION
    WHEN SQLSTATE 'TR000' THEN RETURN 'yes';
    WHEN insufficient_privilege THEN RETURN 'no';
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SET client_min_messages = error;
SELECT o.name AS operation, a.name AS role, matrix.try(a.name, o.statement) AS outcome
  FROM operation AS o, actor AS a ORDER BY o.ordinal, a.ordinal \crosstabview operation role outcome

-- What runs the query runs it as the data set's owner, who must be able to scan.
GRANT salesforce_fdw_read TO matrix_owner;
SELECT o.name AS operation, a.name AS role, matrix.try(a.name, o.statement) AS outcome
  FROM operation AS o, actor AS a WHERE o.name IN ('materialize', 'dry_run', 'verify') ORDER BY o.ordinal, a.ordinal \crosstabview operation role outcome
REVOKE salesforce_fdw_read FROM matrix_owner;

-- Once there are stewards, acceptances are theirs alone.
GRANT salesforce_fdw_steward TO matrix_steward;
SELECT o.name AS operation, a.name AS role, matrix.try(a.name, o.statement) AS outcome
  FROM operation AS o, actor AS a
 WHERE o.name IN ('alter_dataset', 'lineage', 'policy_hash', 'accept_dataset', 'materialize', 'evidence', 'metrics', 'read definitions', 'read keys', 'write acceptances')
 ORDER BY o.ordinal, a.ordinal \crosstabview operation role outcome

-- Somebody with every role who owns nothing does nothing with what is another's.
CREATE ROLE matrix_stranger;
GRANT salesforce_fdw_operator, salesforce_fdw_server_credentials TO matrix_stranger;
GRANT USAGE ON SCHEMA matrix TO matrix_stranger;
SELECT o.name AS operation, matrix.try('stranger', o.statement) AS stranger FROM operation AS o ORDER BY o.ordinal;

RESET client_min_messages;
SET client_min_messages = warning;
REVOKE salesforce_fdw_steward FROM matrix_steward;
COPY (SELECT) TO PROGRAM :'remove';
COPY (SELECT) TO PROGRAM :'remove_lake';
DROP SCHEMA matrix CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP OWNED BY matrix_owner, matrix_stranger;
DO $$
BEGIN
    EXECUTE (SELECT 'DROP OWNED BY ' || string_agg(rolname, ', ') || '; DROP ROLE ' || string_agg(rolname, ', ') FROM pg_roles WHERE rolname LIKE 'matrix\_%');
END $$;
