-- Columns after IMPORT: fields that came later, and who may read which class.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_columns;
SET search_path = fdw_columns;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset format unaligned
\pset tuples_only on
CREATE SERVER fdw_columns_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
CREATE FUNCTION columns(relation text) RETURNS TABLE (line text) LANGUAGE sql AS $$
    SELECT format('%I %s (%s)', attname, format_type(atttypid, atttypmod), array_to_string(attfdwoptions, ', '))
    FROM pg_attribute WHERE attrelid = relation::regclass AND attnum > 0 ORDER BY attnum;
$$;
SELECT put_file('Contact.csv', 'Id,Email,AccountId', '003A,x@example.org,001A');
SELECT put_file('Account.csv', 'Id,Name,Industry,AnnualRevenue', '001A,x,Energy,1.0');
IMPORT FOREIGN SCHEMA salesforce FROM SERVER fdw_columns_raw INTO fdw_columns;

-- Claim: a field that came later is listed, and added when asked for, with the
-- dictionary's type or the sample's, and never with a class.
SELECT * FROM salesforce_fdw.sync_columns('contact');
SELECT put_file('Contact.csv', 'Id,Birthdate,Email,AccountId,Budget__c,Reçu_le__c,Lead Source', '003A,1984-02-29,x@example.org,001A,12,2024-05-01,Web');
SELECT * FROM salesforce_fdw.sync_columns('contact');
SELECT * FROM columns('contact');
SELECT * FROM salesforce_fdw.sync_columns('contact', apply => true);
SELECT * FROM salesforce_fdw.sync_columns('contact', true);
SELECT * FROM columns('contact');
SELECT id, birthdate, budget__c, recu_le__c, lead_source FROM contact;
SELECT * FROM salesforce_fdw.column_classes('contact');

-- Claim: what cannot be added is said, and nothing is.
SELECT put_file('Contact.csv', 'Id,Email,Recu le__c,New__c', '003A,x,y,z');
SELECT outcome('SELECT * FROM salesforce_fdw.sync_columns(''contact'', true)');
SELECT put_file('Contact.csv', 'neither,header,nor,names', '1,2,3,4');
SELECT outcome('SELECT * FROM salesforce_fdw.sync_columns(''contact'', true)');
CREATE TABLE plain (id text);
SELECT outcome('SELECT * FROM salesforce_fdw.sync_columns(''plain'')');
SELECT regexp_replace(outcome('SELECT * FROM salesforce_fdw.column_classes(''plain'')'), 'OID \d+', 'OID');
SELECT count(*) FROM columns('contact');

-- Claim: a column that is bound to another field under the header's name, one
-- that was dropped, and one that says where a row came from.
SELECT put_file('Account.csv', 'Id,Name,Industry,AnnualRevenue,Type', '001A,x,Energy,1.0,A');
ALTER FOREIGN TABLE account DROP COLUMN industry, ADD COLUMN version text OPTIONS (source 'version'), ADD COLUMN kind text OPTIONS (field 'type');
SELECT * FROM salesforce_fdw.sync_columns('account');

-- Claim: columns by class, and no others, whatever was granted before.
CREATE ROLE fdw_columns_analyst;
CREATE ROLE fdw_columns_other;
GRANT USAGE ON SCHEMA fdw_columns TO fdw_columns_analyst, fdw_columns_other;
GRANT SELECT (email), SELECT (id) ON contact TO fdw_columns_analyst;
SELECT * FROM salesforce_fdw.grant_columns('fdw_columns', 'fdw_columns_analyst', '{id,reference,controlled,business}');
SELECT has_column_privilege('fdw_columns_analyst', 'contact', 'email', 'SELECT') AS email,
       has_column_privilege('fdw_columns_analyst', 'contact', 'accountid', 'SELECT') AS accountid,
       has_column_privilege('fdw_columns_analyst', 'contact', 'budget__c', 'SELECT') AS unclassified,
       has_table_privilege('fdw_columns_analyst', 'contact', 'SELECT') AS whole;
SELECT * FROM salesforce_fdw.grant_columns('fdw_columns', 'fdw_columns_analyst', '{id}');
SELECT has_column_privilege('fdw_columns_analyst', 'contact', 'accountid', 'SELECT') AS accountid;
SELECT * FROM salesforce_fdw.grant_columns('fdw_columns', 'fdw_columns_analyst', '{}');
-- A class that ALTER loosens stays what the dictionary says.
ALTER FOREIGN TABLE contact ALTER email OPTIONS (SET class 'business');
SELECT 'email' = ANY (withheld) FROM salesforce_fdw.grant_columns('fdw_columns', 'fdw_columns_analyst', '{business}') WHERE relation ~ 'contact';
GRANT SELECT ON account TO PUBLIC;
SELECT count(*) FROM salesforce_fdw.grant_columns('fdw_columns', 'fdw_columns_analyst', '{id}');
REVOKE SELECT ON account FROM PUBLIC;
SELECT outcome('SELECT * FROM salesforce_fdw.grant_columns(''fdw_columns'', ''fdw_columns_analyst'', ''{id,secret}'')');
SELECT outcome('SELECT * FROM salesforce_fdw.grant_columns(''nowhere'', ''fdw_columns_analyst'', ''{id}'')');
SELECT outcome('SELECT * FROM salesforce_fdw.grant_columns(''fdw_columns'', ''fdw_columns_nobody'', ''{id}'')');
SET ROLE fdw_columns_other;
SELECT outcome('SELECT * FROM salesforce_fdw.grant_columns(''fdw_columns'', ''fdw_columns_other'', ''{person}'')');
RESET ROLE;
GRANT salesforce_fdw_read TO fdw_columns_other;
SET ROLE fdw_columns_other;
SELECT outcome('SELECT * FROM salesforce_fdw.grant_columns(''fdw_columns'', ''fdw_columns_other'', ''{person}'')');
SELECT outcome('SELECT * FROM salesforce_fdw.sync_columns(''contact'')');
RESET ROLE;
SELECT has_any_column_privilege('fdw_columns_other', 'contact', 'SELECT') AS other;

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_columns CASCADE;
DROP SERVER fdw_columns_raw;
DROP ROLE fdw_columns_analyst, fdw_columns_other;
DROP EXTENSION salesforce_fdw;
