-- create_dataset, alter_dataset, drop_dataset: defaults, rights, folders,
-- purge and its confirmation, acceptances, what is refused.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE ROLE dataset_define_etl;
CREATE ROLE dataset_define_other;
CREATE ROLE dataset_define_steward;
CREATE ROLE dataset_define_reader;
GRANT salesforce_fdw_operator TO dataset_define_etl;
GRANT salesforce_fdw_policy TO dataset_define_other, dataset_define_steward;
CREATE SCHEMA define_raw;
CREATE SCHEMA define_crm;
GRANT USAGE ON SCHEMA define_raw TO PUBLIC;
GRANT USAGE, CREATE ON SCHEMA define_crm TO dataset_define_etl, dataset_define_other, dataset_define_steward;
CREATE SERVER define_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/raw/');
CREATE SERVER define_lake FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/lake/');
CREATE SERVER define_below FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/raw/below/');
CREATE SERVER define_above FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/');
CREATE SERVER define_root FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define_root/');
GRANT USAGE ON FOREIGN SERVER define_lake, define_raw, define_below, define_above
    TO dataset_define_etl, dataset_define_steward;
CREATE FOREIGN TABLE define_raw.account (
    id text OPTIONS (field 'Id'),
    name text OPTIONS (field 'Name'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    industry text OPTIONS (field 'Industry')
) SERVER define_raw OPTIONS (object 'Account');
CREATE FOREIGN TABLE define_raw.opportunity (
    id text OPTIONS (field 'Id'),
    accountid text OPTIONS (field 'AccountId'),
    name text OPTIONS (field 'Name'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    product_to_add__c text OPTIONS (field 'Product_to_Add__c')
) SERVER define_raw OPTIONS (object 'Opportunity');
CREATE FOREIGN TABLE define_raw.contact (
    id text OPTIONS (field 'Id'),
    city text OPTIONS (field 'MailingCity'),
    email text OPTIONS (field 'Email')
) SERVER define_raw OPTIONS (object 'Contact');

SET ROLE dataset_define_etl;
SET search_path = define_crm;

-- Claim: the shipped definition in one statement; what was stored.
SELECT salesforce_fdw.create_dataset('account_opportunity',
    destination => 'define_lake', path => 'bes/crm/salesforce/',
    source_schema => 'define_raw', target => 'define_crm.account_opportunity',
    accept => '{"Account.Name": "organisation name, documented column",
                "Opportunity.Name": "service name, documented column"}');
SELECT name, version, owner, target_schema, target_name, source_schema,
       destination, path, publish, sorted_by, allow, detectors, purge,
       purge_after, confirmed_location, changed_by = session_user AS by_session
  FROM salesforce_fdw.dataset \gx
SELECT relation, column_name, class, role, outputs, verdict, reason
  FROM salesforce_fdw.lineage('account_opportunity');
-- A reader that may change nothing sees the same.
BEGIN READ ONLY;
SELECT count(*), count(*) FILTER (WHERE verdict = 'refused') AS refused
  FROM salesforce_fdw.lineage('account_opportunity');
SELECT salesforce_fdw.drop_dataset('account_opportunity'); -- ERROR
ROLLBACK;
-- The documented columns and types, with comments; the view is the caller's.
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       col_description(a.attrelid, a.attnum)
  FROM pg_attribute AS a
 WHERE a.attrelid = 'account_opportunity'::regclass AND a.attnum > 0
 ORDER BY a.attnum;
SELECT obj_description('account_opportunity'::regclass);
SELECT relkind, relowner::regrole, reloptions FROM pg_class
 WHERE oid = 'account_opportunity_definition'::regclass;
SELECT jsonb_object_agg(key, value -> 'action')
  FROM salesforce_fdw.dataset, jsonb_each(gates -> 'checks');
SELECT field, reason, accepted_by = session_user AS by_session,
       policy_hash = (SELECT policy_hash FROM salesforce_fdw.dataset) AS is_current
  FROM salesforce_fdw.dataset_acceptance ORDER BY field;

-- Claim: nobody but the owner of the extension writes the tables.
INSERT INTO salesforce_fdw.dataset_acceptance VALUES ('a', 'b', 'c', 'd', 'e', now()); -- ERROR
UPDATE salesforce_fdw.dataset SET allow = '{person}'; -- ERROR
DELETE FROM salesforce_fdw.dataset; -- ERROR

-- Claim: the defaults: the current schema, the data set's name as its folder.
SELECT salesforce_fdw.create_dataset('accounts', 'define_lake',
    query => 'SELECT id, industry FROM define_raw.account');
SELECT target_schema, target_name, path, sorted_by, gates
  FROM salesforce_fdw.dataset WHERE name = 'accounts';

-- Claim: a refused column is a warning, and lineage says why.
RESET client_min_messages;
SELECT salesforce_fdw.create_dataset('people', 'define_lake',
    query => 'SELECT id, city, email FROM define_raw.contact',
    allow => '{id,person_reference,indirect}', accept => '{"contact.ID": "analysts join by it"}');
SET client_min_messages = warning;
SELECT column_name, class, verdict, reason FROM salesforce_fdw.lineage('people');

-- Claim: a change of the policy asks for acceptance again; the same statement
-- with reasons gives it.
RESET client_min_messages;
SELECT salesforce_fdw.alter_dataset('account_opportunity', detectors => '{"*": "count"}');
SET client_min_messages = warning;
SELECT verdict, reason FROM salesforce_fdw.lineage('account_opportunity')
 WHERE class = 'free_text';
SELECT salesforce_fdw.alter_dataset('account_opportunity', detectors => '{"*": "refuse"}');
SELECT verdict, reason FROM salesforce_fdw.lineage('account_opportunity')
 WHERE class = 'free_text';
SELECT salesforce_fdw.alter_dataset('account_opportunity', detectors => '{"*": "count"}',
    accept => '{"Account.Name": "as before", "Opportunity.Name": "as before"}');
SELECT verdict, reason FROM salesforce_fdw.lineage('account_opportunity')
 WHERE class = 'free_text';
-- So does a class that became stricter; none can become looser.
RESET ROLE;
ALTER FOREIGN TABLE define_raw.account ALTER id OPTIONS (ADD class 'never');
ALTER FOREIGN TABLE define_raw.account ALTER name OPTIONS (ADD class 'id');
SET ROLE dataset_define_etl;
SELECT column_name, class, verdict, reason FROM salesforce_fdw.lineage('account_opportunity')
 WHERE column_name IN ('id', 'name');
RESET ROLE;
ALTER FOREIGN TABLE define_raw.account ALTER id OPTIONS (DROP class);
ALTER FOREIGN TABLE define_raw.account ALTER name OPTIONS (DROP class);
SET ROLE dataset_define_etl;
SELECT column_name, class, verdict FROM salesforce_fdw.lineage('account_opportunity')
 WHERE verdict = 'refused';

-- Claim: alter counts versions and changes what was given alone.
SELECT version, detectors, path FROM salesforce_fdw.dataset WHERE name = 'account_opportunity';
SELECT salesforce_fdw.alter_dataset('account_opportunity', purge_after => '2 days',
    gates => '{"min_rows": 100, "checks": {"mine": {"query": "SELECT count(*) FROM define_crm.account_opportunity WHERE accountname IS NULL", "action": "warn"}}}');
SELECT version, purge_after, gates -> 'min_rows' AS min_rows,
       (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(gates -> 'checks') AS k) AS checks
  FROM salesforce_fdw.dataset WHERE name = 'account_opportunity';
-- Another target: the old one stays, the checks look at the new one.
SELECT salesforce_fdw.alter_dataset('account_opportunity', target => 'define_crm.moved',
    gates => '{}', accept => '{"Account.Name": "as before", "Opportunity.Name": "as before"}');
SELECT to_regclass('account_opportunity'), to_regclass('account_opportunity_definition'),
       to_regclass('moved'), to_regclass('moved_definition');
SELECT gates -> 'checks' -> 'duplicate_ids' ->> 'query' FROM salesforce_fdw.dataset
 WHERE name = 'account_opportunity';
-- A query with other columns than the target has.
SELECT salesforce_fdw.alter_dataset('accounts', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts',
    query => 'SELECT id, industry FROM define_raw.account WHERE industry IS NOT NULL');
SELECT version, query FROM salesforce_fdw.dataset WHERE name = 'accounts';
SELECT pg_get_viewdef('accounts_definition'::regclass) LIKE '%industry IS NOT NULL)%' AS has_new_query;

-- Claim: names and values that cannot be are refused, with the closest one.
SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{indutsry}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', accept => '{"Account.Industri": "x"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', accept => '{"Account.Industry": ""}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', accept => '{"Account.Industry": 1}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', accept => '[]'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', allow => '{id,persn}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', allow => '{id,person}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', allow => '{id,free_text}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', allow => '{id,NULL}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', detectors => '{"emial": "refuse"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', detectors => '{"industri.email": "refuse"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', detectors => '{"email": "ignore"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('account_opportunity', detectors => '{"accountcreateddate.email": "redact"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"min_row": 1}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"max_shrink": 2}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"max_input_age": "-1 hour"}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"truncation": 5}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"min_rows": {"limit": 1, "action": "explode"}}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"checks": {"c": {"action": "warn"}}}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"checks": {"c": {"query": "x", "acton": "warn"}}}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', gates => '{"checks": {"c": "SELECT count(*) FROM define_raw.contact WHERE email IS NULL"}}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', publish => 'versioned'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', publish => 'somehow'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'everything'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge_after => '-1 day'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', functions => '{upper(text)}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', reference_tables => '{"t": {}}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', source_schema => 'define_raw'); -- ERROR
SELECT salesforce_fdw.alter_dataset('nothing'); -- ERROR
SELECT salesforce_fdw.create_dataset('accounts', 'define_lake', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('unheard', 'define_lake', source_schema => 'define_raw'); -- ERROR
SELECT salesforce_fdw.create_dataset('both', 'define_lake', source_schema => 'define_raw', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('Upper', 'define_lake', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('a/b', 'define_lake', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset(NULL, 'define_lake'); -- ERROR
SELECT salesforce_fdw.create_dataset('d', NULL, query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('d', 'nowhere', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('d', 'define_lake', query => 'SELECT id FROM define_raw.account', allow => NULL); -- ERROR

-- Claim: the target is a plain table of the caller's with these columns, in a
-- schema that lasts.
CREATE TABLE has_other (id text, industry int);
CREATE TABLE has_same (gone int, id text);
ALTER TABLE has_same DROP gone, ADD industry text;
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'has_other', query => 'SELECT id, industry FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'accounts_definition', query => 'SELECT id, industry FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'pg_temp.t', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'salesforce_fdw.t', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'a.b.c', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => repeat('x', 60), query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.create_dataset('t', 'define_lake', target => 'has_same', query => 'SELECT id, industry FROM define_raw.account');
SELECT salesforce_fdw.create_dataset('t2', 'define_lake', target => 'has_same', query => 'SELECT id, industry FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.drop_dataset('t');

-- Claim: a data set owns its folder alone, and no raw location is near it.
SELECT salesforce_fdw.alter_dataset('accounts', path => ''); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => '/abs/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'a/../b/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'a//b/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => '_staging/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'a/.b/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'bes/crm/salesforce'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'bes/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'bes/crm/salesforce/below'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', path => 'bes/crm/salesforce2');
SELECT path FROM salesforce_fdw.dataset WHERE name = 'accounts';
SELECT salesforce_fdw.alter_dataset('accounts', destination => 'define_raw'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', destination => 'define_below'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', destination => 'define_above', path => 'raw/'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', destination => 'define_above', path => 'lake/bes/crm'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', destination => 'define_root'); -- ERROR
-- A foreign table that reads where another data set writes.
RESET ROLE;
CREATE SERVER define_lake_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/lake/bes/');
CREATE FOREIGN TABLE define_raw.looped (id text OPTIONS (field 'Id'))
    SERVER define_lake_raw OPTIONS (object 'Account');
SET ROLE dataset_define_etl;
SELECT salesforce_fdw.create_dataset('loop', 'define_lake', query => 'SELECT id FROM define_raw.looped'); -- ERROR

-- Claim: raw files are purged only from one place, that is safe, and typed again.
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', confirm => 'file:///define/raw'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', confirm => 'file:///define/raw/');
SELECT purge, confirmed_location FROM salesforce_fdw.dataset WHERE name = 'accounts';
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', sorted_by => '{id}');
-- Another scope, and switching it on again, are confirmed again.
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'location'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'none');
SELECT purge, confirmed_location FROM salesforce_fdw.dataset WHERE name = 'accounts';
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', confirm => 'file:///define/raw/');
RESET ROLE;
-- The location changed: nothing is altered until it is confirmed again.
ALTER SERVER define_raw OPTIONS (SET location 'file:///define/raw2/');
SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{id}'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{id}', confirm => 'file:///define/raw2/');
ALTER SERVER define_raw OPTIONS (SET location 'file:///define/raw/');
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'none');
-- Incremental exports, several places, a root, a destination's surroundings.
ALTER FOREIGN TABLE define_raw.account OPTIONS (ADD export 'incremental');
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', confirm => 'file:///define/raw/'); -- ERROR
ALTER FOREIGN TABLE define_raw.account OPTIONS (DROP export);
CREATE FOREIGN TABLE define_raw.elsewhere (id text OPTIONS (field 'Id'), industry text OPTIONS (field 'Industry'))
    SERVER define_below OPTIONS (object 'Account');
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'inputs', confirm => 'file:///define/raw/',
    query => 'SELECT a.id, a.industry FROM define_raw.account AS a JOIN define_raw.elsewhere AS e ON e.id = a.id'); -- ERROR
CREATE SERVER define_lake2 FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///define/lake/other/');
CREATE FOREIGN TABLE define_raw.in_lake (id text OPTIONS (field 'Id'), industry text OPTIONS (field 'Industry'))
    SERVER define_lake2 OPTIONS (object 'Account');
SELECT salesforce_fdw.alter_dataset('accounts', purge => 'location', confirm => 'file:///define/lake/other/',
    query => 'SELECT id, industry FROM define_raw.in_lake'); -- ERROR

-- PostgreSQL's own files, above and below the data directory.
CREATE FUNCTION define_crm.purge_of(location text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    why text;
BEGIN
    EXECUTE format('CREATE SERVER define_data FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location %L)', location);
    CREATE FOREIGN TABLE define_raw.in_data (id text OPTIONS (field 'Id'), industry text OPTIONS (field 'Industry'))
        SERVER define_data OPTIONS (object 'Account');
    PERFORM salesforce_fdw.alter_dataset('accounts', purge => 'location', confirm => location,
        query => 'SELECT id, industry FROM define_raw.in_data');
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
END $$;
SELECT define_crm.purge_of('file://' || current_setting('data_directory') || '/base/');
SELECT define_crm.purge_of('file://' || current_setting('data_directory') || '/');
SELECT define_crm.purge_of('file://' || regexp_replace(current_setting('data_directory'), '[^/]+/*$', ''));

-- Claim: each function asks for its role and for the owner.
SET ROLE dataset_define_reader;
SELECT salesforce_fdw.create_dataset('r', 'define_lake', query => 'SELECT id FROM define_raw.account'); -- ERROR
SELECT salesforce_fdw.alter_dataset('accounts'); -- ERROR
SELECT salesforce_fdw.drop_dataset('accounts'); -- ERROR
SELECT * FROM salesforce_fdw.lineage('accounts'); -- ERROR
SELECT count(*) FROM salesforce_fdw.dataset; -- ERROR
SET ROLE dataset_define_other;
SELECT salesforce_fdw.alter_dataset('accounts', sorted_by => '{}'); -- ERROR
SELECT salesforce_fdw.drop_dataset('accounts'); -- ERROR
SELECT salesforce_fdw.create_dataset('r', 'define_lake', query => 'SELECT id FROM define_raw.account'); -- ERROR
-- Who may set a policy may not switch on purging.
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER define_lake TO dataset_define_other;
SET ROLE dataset_define_other;
SELECT salesforce_fdw.create_dataset('r', 'define_lake', query => 'SELECT id FROM define_raw.account',
    purge => 'inputs', confirm => 'file:///define/raw/'); -- ERROR
-- The target of another role is not taken over.
SELECT salesforce_fdw.create_dataset('r', 'define_lake', target => 'define_crm.has_same',
    query => 'SELECT id, industry FROM define_raw.account'); -- ERROR
SELECT count(*) FROM salesforce_fdw.lineage('accounts');
RESET ROLE;

-- Claim: once there are stewards, nobody else accepts, a superuser included:
-- whoever defines gives reasons, and a steward accepts the policy by its hash.
GRANT salesforce_fdw_steward TO dataset_define_steward;
REVOKE salesforce_fdw_policy FROM dataset_define_steward;
SET client_min_messages = notice;
SET ROLE dataset_define_etl;
\set VERBOSITY terse
SELECT salesforce_fdw.create_dataset('s', 'define_lake',
    query => 'SELECT name FROM define_raw.account', accept => '{"Account.Name": "x"}');
\set VERBOSITY default
SET client_min_messages = warning;
SELECT verdict, reason FROM salesforce_fdw.lineage('s');
SELECT salesforce_fdw.policy_hash('s') AS hash \gset
\set VERBOSITY terse
SELECT salesforce_fdw.accept_dataset('s', :'hash', 'because'); -- ERROR
RESET ROLE;
SELECT salesforce_fdw.accept_dataset('s', :'hash', 'because'); -- ERROR
SET ROLE dataset_define_steward;
SELECT salesforce_fdw.accept_dataset('s', :'hash', ' '); -- ERROR
SELECT salesforce_fdw.accept_dataset('s', repeat('0', 64), 'because'); -- ERROR
SELECT salesforce_fdw.policy_hash('s') = :'hash' AS seen_by_steward;
SELECT salesforce_fdw.accept_dataset('s', :'hash', 'seen on 3 May');
SELECT verdict, reason FROM salesforce_fdw.lineage('s');
SELECT field, reason, remark, accepted_by = session_user AS by_us
  FROM salesforce_fdw.dataset_acceptance WHERE dataset = 's';

-- Claim: what was accepted holds until the policy changes, and what has changed
-- is said; a version of the definition stays as it was.
SET ROLE dataset_define_etl;
SELECT salesforce_fdw.alter_dataset('s', query => 'SELECT name FROM define_raw.account WHERE industry = ''Energy''');
SELECT verdict, reason FROM salesforce_fdw.lineage('s');
SET ROLE dataset_define_steward;
SELECT salesforce_fdw.accept_dataset('s', :'hash', 'as before'); -- ERROR
SELECT salesforce_fdw.accept_dataset('s', salesforce_fdw.policy_hash('s'), 'as before');
SELECT count(*) FROM salesforce_fdw.lineage('s') WHERE verdict = 'refused';
SELECT version, definition ->> 'query' AS query FROM salesforce_fdw.dataset_version WHERE name = 's' ORDER BY 1;
RESET ROLE;
-- A class that somebody tightens is a change of the policy too.
ALTER FOREIGN TABLE define_raw.account ALTER industry OPTIONS (ADD class 'free_text');
\set VERBOSITY default
SELECT salesforce_fdw.materialize('s'); -- ERROR
ALTER FOREIGN TABLE define_raw.account ALTER industry OPTIONS (DROP class);
REVOKE salesforce_fdw_steward FROM dataset_define_steward;

-- Claim: a search_path with look-alikes of our tables and of built-in names
-- changes nothing.
CREATE SCHEMA define_trap;
CREATE FUNCTION define_trap.replace(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT ''trapped''';
CREATE FUNCTION define_trap.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT ''-infinity''::timestamptz';
CREATE FUNCTION define_trap.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS 'SELECT now()::timestamp';
CREATE FUNCTION define_trap.equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR define_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = define_trap.equal);
SET search_path = define_trap, pg_catalog, define_crm;
SELECT salesforce_fdw.drop_dataset('account_opportunity');
SELECT salesforce_fdw.create_dataset('account_opportunity', 'define_lake',
    source_schema => 'define_raw', target => 'define_crm.trapped');
SELECT changed_at OPERATOR(pg_catalog.>) '2020-01-01' AS has_real_time, query LIKE '%trapped%' AS is_trapped
  FROM salesforce_fdw.dataset WHERE name OPERATOR(pg_catalog.=) 'account_opportunity';
SELECT pg_get_viewdef('define_crm.trapped_definition'::regclass) LIKE '%define_trap%' AS uses_trap;
SET search_path = define_crm;
DROP SCHEMA define_trap CASCADE;

-- Names that need quotes go into the shipped definition and its checks.
RESET ROLE;
CREATE SCHEMA "define raw\""quoted";
ALTER FOREIGN TABLE define_raw.account SET SCHEMA "define raw\""quoted";
ALTER FOREIGN TABLE define_raw.opportunity SET SCHEMA "define raw\""quoted";
SELECT salesforce_fdw.alter_dataset('account_opportunity',
    source_schema => 'define raw\"quoted', target => 'define_crm."My ""Table\"');
SELECT gates -> 'checks' -> 'duplicate_ids' ->> 'query' AS query FROM salesforce_fdw.dataset
 WHERE name = 'account_opportunity';
SELECT gates -> 'checks' -> 'without_id' ->> 'query' AS query FROM salesforce_fdw.dataset
 WHERE name = 'account_opportunity';
ALTER FOREIGN TABLE "define raw\""quoted".account SET SCHEMA define_raw;
ALTER FOREIGN TABLE "define raw\""quoted".opportunity SET SCHEMA define_raw;
SELECT relation FROM salesforce_fdw.lineage('account_opportunity') LIMIT 1;
DROP SCHEMA "define raw\""quoted";

-- Claim: drop_dataset forgets the definition and its view, and nothing else.
SELECT salesforce_fdw.drop_dataset('accounts');
SELECT to_regclass('accounts'), to_regclass('accounts_definition');
SELECT salesforce_fdw.drop_dataset('accounts'); -- ERROR
SELECT count(*) FROM salesforce_fdw.dataset_acceptance WHERE dataset = 'account_opportunity';
-- Without its view a data set can still be dropped, and says what is missing.
DROP VIEW s_definition;
SELECT * FROM salesforce_fdw.lineage('s'); -- ERROR
SELECT salesforce_fdw.drop_dataset('s');

-- Claim: a data set whose owner is gone stands in nobody's way, runs for
-- nobody, and is taken over by a superuser who alters it.
SET ROLE dataset_define_steward;
SELECT salesforce_fdw.create_dataset('orphan', 'define_lake',
    query => 'SELECT industry FROM define_raw.account');
RESET ROLE;
ALTER ROLE dataset_define_steward RENAME TO dataset_define_gone;
SELECT * FROM salesforce_fdw.lineage('orphan'); -- ERROR
SET ROLE dataset_define_etl;
SELECT salesforce_fdw.drop_dataset('orphan'); -- ERROR
SELECT salesforce_fdw.create_dataset('beside', 'define_lake',
    query => 'SELECT industry FROM define_raw.account', path => 'orphan/'); -- ERROR
SELECT salesforce_fdw.create_dataset('beside', 'define_lake',
    query => 'SELECT industry FROM define_raw.account');
RESET ROLE;
SELECT salesforce_fdw.alter_dataset('orphan', sorted_by => '{industry}');
SELECT owner = current_user AS is_ours FROM salesforce_fdw.dataset WHERE name = 'orphan';
SELECT salesforce_fdw.drop_dataset('orphan');
ALTER ROLE dataset_define_gone RENAME TO dataset_define_steward;

-- Claim: definitions and acceptances are dumped.
SELECT extconfig::regclass[] @> '{salesforce_fdw.dataset,salesforce_fdw.dataset_acceptance}'::regclass[]
  FROM pg_extension WHERE extname = 'salesforce_fdw';

RESET search_path;
DROP EXTENSION salesforce_fdw CASCADE;
DROP SCHEMA define_raw, define_crm CASCADE;
DROP ROLE dataset_define_etl, dataset_define_other, dataset_define_steward, dataset_define_reader;
