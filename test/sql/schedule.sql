-- schedule(), unschedule() and check_runs() where pg_cron is not: clear
-- errors, rights, names, timeouts.  What pg_cron does with a job is
-- test/t/080_schedule.pl's.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE ROLE schedule_etl;
CREATE ROLE schedule_deputy;
CREATE ROLE schedule_other;
GRANT salesforce_fdw_operator TO schedule_etl, schedule_other;
GRANT schedule_etl TO schedule_deputy;
CREATE SCHEMA schedule_raw;
CREATE SCHEMA schedule_crm AUTHORIZATION schedule_etl;
GRANT USAGE ON SCHEMA schedule_raw TO schedule_etl;
CREATE SERVER schedule_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///schedule/raw/');
CREATE SERVER schedule_lake FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///schedule/lake/');
GRANT USAGE ON FOREIGN SERVER schedule_raw, schedule_lake TO schedule_etl;
CREATE FOREIGN TABLE schedule_raw.account (id text, industry text)
    SERVER schedule_raw OPTIONS (object 'Account');
GRANT SELECT ON schedule_raw.account TO schedule_etl;
SET ROLE schedule_etl;
SELECT salesforce_fdw.create_dataset('sales', destination => 'schedule_lake',
    target => 'schedule_crm.sales', query => 'SELECT id, industry FROM schedule_raw.account');

-- Claim: without pg_cron the error says how to have it.
SELECT salesforce_fdw.schedule('sales', '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.unschedule('sales');
SET client_min_messages = notice;
SELECT salesforce_fdw.unschedule('sales');

-- Claim: settings for a pg_cron that is not loaded change nothing.
SET cron.database_name = 'jobs';
SELECT salesforce_fdw.schedule('sales', '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.unschedule('sales');
RESET cron.database_name;

-- Claim: a schema "cron" of somebody else's is not taken for pg_cron's.
RESET ROLE;
CREATE SCHEMA cron;
CREATE VIEW cron.job AS SELECT 1 / 0 AS jobid, 'x'::text AS jobname;
SELECT * FROM salesforce_fdw.cron_jobs();
SELECT salesforce_fdw.unschedule('sales');
DROP SCHEMA cron CASCADE;

-- Claim: who may schedule: whoever may run, and is the owner.
SET ROLE schedule_other;
SELECT salesforce_fdw.schedule('sales', '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.unschedule('sales'); -- ERROR
SET ROLE schedule_deputy;
SELECT salesforce_fdw.schedule('sales', '30 9 * * *'); -- ERROR
SET ROLE salesforce_fdw_audit;
SELECT salesforce_fdw.schedule('sales', '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.unschedule('sales'); -- ERROR
SELECT salesforce_fdw.schedule_owner('sales'); -- ERROR

-- Claim: arguments that are missing or name nothing.
SET ROLE schedule_etl;
SELECT salesforce_fdw.schedule(NULL, '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.schedule('sales', NULL); -- ERROR
SELECT salesforce_fdw.schedule('sails', '30 9 * * *'); -- ERROR
SELECT salesforce_fdw.unschedule('sails'); -- ERROR
SELECT salesforce_fdw.cron_setting('cron.database_name') IS NULL AS is_without;
SELECT salesforce_fdw.cron_setting('cron.host'); -- ERROR

-- Claim: long names of jobs stay apart within 63 bytes.
SET ROLE schedule_etl;
SELECT salesforce_fdw.job_name('sales');
SELECT octet_length(a) < 64 AND octet_length(b) < 64 AS fits, a <> b AS differ
  FROM salesforce_fdw.job_name(repeat('é', 60) || 'a') a,
       salesforce_fdw.job_name(repeat('é', 60) || 'b') b;

-- Claim: the timeout of the role in the database counts, then the role's, the
-- database's, and last the server's.
SELECT salesforce_fdw.job_timeout('schedule_etl') AS none;
RESET ROLE;
ALTER ROLE ALL IN DATABASE contrib_regression SET statement_timeout = '4s';
SELECT salesforce_fdw.job_timeout('schedule_etl') AS of_database;
ALTER ROLE schedule_etl SET statement_timeout = '3s';
SELECT salesforce_fdw.job_timeout('schedule_etl') AS of_role;
ALTER ROLE schedule_etl IN DATABASE contrib_regression SET statement_timeout = 0;
SELECT salesforce_fdw.job_timeout('schedule_etl') AS of_both;
ALTER ROLE ALL IN DATABASE contrib_regression RESET statement_timeout;

-- Claim: check_runs() has one row a check; it asks no storage, and every role
-- that may see the ledger may call it.
SET ROLE salesforce_fdw_audit;
SELECT * FROM salesforce_fdw.check_runs();
SET ROLE salesforce_fdw_server_credentials;
SELECT count(*) FROM salesforce_fdw.check_runs(max_raw_age => '1 hour');
SET ROLE salesforce_fdw_read;
SELECT * FROM salesforce_fdw.check_runs(); -- ERROR

RESET ROLE;
SET client_min_messages = warning;
DROP EXTENSION salesforce_fdw CASCADE;
DROP SCHEMA schedule_raw, schedule_crm CASCADE;
DROP ROLE schedule_deputy, schedule_etl, schedule_other;
