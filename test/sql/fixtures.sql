-- The fixtures of test/data: the same records in two dialects, every type.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fixtures;
SET search_path = fixtures;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv abs_srcdir PG_ABS_SRCDIR
\set cds_location 'file://' :abs_srcdir '/data/cds/'
\set csv_location 'file://' :abs_srcdir '/data/csv/'
\pset null '(null)'
CREATE SERVER cds FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'cds_location', dialect 'cds');
CREATE SERVER csv FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'csv_location', dialect 'csv');

CREATE TABLE account_columns (id text, isdeleted boolean, name varchar(255), industry text, description text,
    active__c boolean, rank__c smallint, numberofemployees integer, visits__c bigint, annualrevenue numeric(20,2),
    score__c double precision, founded__c date, opens_at__c time, createddate timestamptz,
    reviewed_at__c timestamp, regions__c text[], settings__c jsonb, external_key__c uuid);
CREATE FOREIGN TABLE cds_account () INHERITS (account_columns) SERVER cds OPTIONS (object 'Account');
CREATE FOREIGN TABLE csv_account () INHERITS (account_columns) SERVER csv OPTIONS (object 'Account');
CREATE TABLE contact_columns (id text, accountid text, firstname text, lastname text, email text,
    birthdate date, description text);
CREATE FOREIGN TABLE cds_contact () INHERITS (contact_columns) SERVER cds OPTIONS (object 'Contact');
CREATE FOREIGN TABLE csv_contact () INHERITS (contact_columns) SERVER csv OPTIONS (object 'Contact');
CREATE TABLE opportunity_columns (id text, accountid text, name text, stagename text, amount numeric(18,2), closedate date,
    createddate timestamptz, product_to_add__c text[]);
CREATE FOREIGN TABLE cds_opportunity () INHERITS (opportunity_columns) SERVER cds OPTIONS (object 'Opportunity');
CREATE FOREIGN TABLE csv_opportunity () INHERITS (opportunity_columns) SERVER csv OPTIONS (object 'Opportunity');

-- Claim: every type has the value that the file says.
\pset format unaligned
\x on
SELECT * FROM cds_account ORDER BY id;
\x off
SELECT * FROM cds_contact ORDER BY id;
SELECT * FROM cds_opportunity ORDER BY id;
\pset format aligned

-- Claim: both dialects give the same records, byte for byte in their text form.
SELECT count(*), bool_and(cds_account::text = csv_account::text) AS same
FROM cds_account FULL JOIN csv_account USING (id);
SELECT count(*), bool_and(cds_contact::text = csv_contact::text) AS same
FROM cds_contact FULL JOIN csv_contact USING (id);
SELECT count(*), bool_and(cds_opportunity::text = csv_opportunity::text) AS same
FROM cds_opportunity FULL JOIN csv_opportunity USING (id);

-- Claim: a join across the dialects finds what belongs together.
\pset format unaligned
SELECT a.name, o.name FROM csv_account a JOIN cds_opportunity o ON o.accountid = a.id ORDER BY o.id;

DROP SCHEMA fixtures CASCADE;
DROP SERVER cds;
DROP SERVER csv;
DROP EXTENSION salesforce_fdw CASCADE;
