-- What the definitions in refused.txt and passed.txt read.
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA f;
SET search_path = f;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///gate/raw/', dialect 'cds');
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///gate/lake/');
CREATE FOREIGN TABLE account (
    id text OPTIONS (field 'Id'), name text OPTIONS (field 'Name'),
    industry text OPTIONS (field 'Industry'), type text OPTIONS (field 'Type'),
    parentid text OPTIONS (field 'ParentId'), ownerid text OPTIONS (field 'OwnerId'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    numberofemployees int OPTIONS (field 'NumberOfEmployees'),
    annualrevenue numeric OPTIONS (field 'AnnualRevenue'),
    isdeleted boolean OPTIONS (field 'IsDeleted'),
    billingcity text OPTIONS (field 'BillingCity'), phone text OPTIONS (field 'Phone')
) SERVER raw OPTIONS (object 'Account');
CREATE FOREIGN TABLE contact (
    id text OPTIONS (field 'Number__c', class 'business'), accountid text OPTIONS (field 'AccountId'),
    email text OPTIONS (field 'Email'), lastname text OPTIONS (field 'LastName'),
    firstname text OPTIONS (field 'FirstName'), birthdate date OPTIONS (field 'Birthdate'),
    isdeleted boolean OPTIONS (field 'IsDeleted'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    unlisted text OPTIONS (field 'Unlisted__c')
) SERVER raw OPTIONS (object 'Contact');
CREATE FOREIGN TABLE opportunity (
    id text OPTIONS (field 'Id'), accountid text OPTIONS (field 'AccountId'),
    stagename text OPTIONS (field 'StageName'), amount numeric OPTIONS (field 'Amount'),
    closedate date OPTIONS (field 'CloseDate'), isclosed boolean OPTIONS (field 'IsClosed'),
    ownerid text OPTIONS (field 'OwnerId'), name text OPTIONS (field 'Name')
) SERVER raw OPTIONS (object 'Opportunity');

-- Views, views on views, of whoever.
CREATE VIEW contact_v AS SELECT id, email, isdeleted FROM contact;
CREATE VIEW contact_vv AS SELECT email AS e, isdeleted AS d FROM contact_v;
CREATE VIEW contact_invoker WITH (security_invoker) AS SELECT email FROM contact;
CREATE VIEW contact_barrier WITH (security_barrier) AS SELECT id, email FROM contact WHERE NOT isdeleted;
CREATE VIEW contact_filtered AS SELECT id FROM contact WHERE email LIKE '%@example.org';
CREATE VIEW contact_sorted AS SELECT id FROM contact ORDER BY lastname;
CREATE VIEW contact_grouped AS SELECT count(*) AS n FROM contact GROUP BY lastname;
CREATE VIEW contact_cte AS WITH w AS (SELECT email AS e FROM contact) SELECT e FROM w;
CREATE VIEW account_v AS SELECT id, industry, isdeleted FROM account;
CREATE VIEW account_vv AS SELECT v.id AS i, upper(v.industry) AS u FROM account_v AS v WHERE NOT v.isdeleted;
CREATE VIEW account_open AS SELECT a.id, count(o.id) AS n FROM account AS a
    LEFT JOIN opportunity AS o ON o.accountid = a.id GROUP BY a.id;
CREATE VIEW of_catalog AS SELECT rolname::text AS r FROM pg_catalog.pg_roles;
CREATE VIEW of_plain AS SELECT code FROM (SELECT 'x'::text AS code) AS s;

-- Partitions and children.
CREATE TABLE parts (kind text, id text, label text) PARTITION BY LIST (kind);
CREATE FOREIGN TABLE parts_account (kind text OPTIONS (field 'Type'), id text OPTIONS (field 'Id'), label text OPTIONS (field 'Industry'))
    SERVER raw OPTIONS (object 'Account');
ALTER TABLE parts ATTACH PARTITION parts_account FOR VALUES IN ('a');
CREATE FOREIGN TABLE parts_opportunity (kind text OPTIONS (field 'StageName'), id text OPTIONS (field 'Id'), label text OPTIONS (field 'StageName'))
    SERVER raw OPTIONS (object 'Opportunity');
ALTER TABLE parts ATTACH PARTITION parts_opportunity FOR VALUES IN ('o');
CREATE TABLE mixed (kind text, id text, label text) PARTITION BY LIST (kind);
CREATE FOREIGN TABLE mixed_account (kind text OPTIONS (field 'Type'), id text OPTIONS (field 'Id'), label text OPTIONS (field 'Industry'))
    SERVER raw OPTIONS (object 'Account');
ALTER TABLE mixed ATTACH PARTITION mixed_account FOR VALUES IN ('a');
CREATE FOREIGN TABLE mixed_contact (
    label text OPTIONS (field 'Email'), id text OPTIONS (field 'Number__c', class 'business'), kind text OPTIONS (field 'LeadSource')
) SERVER raw OPTIONS (object 'Contact');
ALTER TABLE mixed ATTACH PARTITION mixed_contact FOR VALUES IN ('c');
CREATE TABLE leaky (kind text, id text) PARTITION BY LIST (kind);
CREATE TABLE leaky_plain PARTITION OF leaky FOR VALUES IN ('p');
CREATE FOREIGN TABLE leaky_account (kind text OPTIONS (field 'Type'), id text OPTIONS (field 'Id'))
    SERVER raw OPTIONS (object 'Account');
ALTER TABLE leaky ATTACH PARTITION leaky_account FOR VALUES IN ('a');
CREATE FOREIGN TABLE base (id text OPTIONS (field 'Id'), email text OPTIONS (field 'Industry'))
    SERVER raw OPTIONS (object 'Account');
CREATE FOREIGN TABLE base_child (id text OPTIONS (field 'Number__c', class 'business'), email text OPTIONS (field 'Email')) INHERITS (base)
    SERVER raw OPTIONS (object 'Contact');
CREATE FOREIGN TABLE heir_base (id text OPTIONS (field 'Id')) SERVER raw OPTIONS (object 'Account');
CREATE TABLE heir () INHERITS (heir_base);
CREATE TABLE rows_parent (id text);
CREATE FOREIGN TABLE rows_child () INHERITS (rows_parent) SERVER raw OPTIONS (object 'Contact');

-- Reference tables: sector and region are listed, plain and protected are not.
CREATE TABLE sector (code text PRIMARY KEY, label text, steward text, secret text);
CREATE TABLE region (code text, label text) PARTITION BY LIST (code);
CREATE TABLE region_a PARTITION OF region DEFAULT;
CREATE TABLE region_empty (code text, label text) PARTITION BY LIST (code);
CREATE MATERIALIZED VIEW sector_m AS SELECT code, label FROM sector;
CREATE TABLE plain (id text, email text);
CREATE MATERIALIZED VIEW plain_m AS SELECT id, email FROM plain;
CREATE TABLE protected (id text);
ALTER TABLE protected ENABLE ROW LEVEL SECURITY;
CREATE TABLE listed_protected (code text);
ALTER TABLE listed_protected ENABLE ROW LEVEL SECURITY;
ALTER TABLE listed_protected FORCE ROW LEVEL SECURITY;

-- Functions: clean and initials are listed, the others are not.
CREATE FUNCTION clean(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT btrim($1)';
CREATE FUNCTION initials(VARIADIC text[]) RETURNS text LANGUAGE sql STABLE AS 'SELECT array_to_string($1, '''')';
CREATE FUNCTION leak() RETURNS text LANGUAGE sql STABLE AS 'SELECT max(email) FROM f.contact';
CREATE FUNCTION leak(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(email) FROM f.contact';
CREATE FUNCTION leak_set() RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT email FROM f.contact';
CREATE FUNCTION leak_table() RETURNS TABLE (e text) LANGUAGE sql STABLE AS 'SELECT email FROM f.contact';
CREATE FUNCTION leak_rows() RETURNS SETOF f.contact LANGUAGE sql STABLE AS 'SELECT * FROM f.contact';
CREATE FUNCTION leak_compare(text, text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT f.leak() = $1';
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = leak_compare);
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = leak_compare);
CREATE OPERATOR < (LEFTARG = text, RIGHTARG = text, FUNCTION = leak_compare);
CREATE OPERATOR CLASS text_ops FOR TYPE text USING btree AS OPERATOR 1 f.< (text, text),
    OPERATOR 3 f.= (text, text), FUNCTION 1 bttextcmp(text, text);
CREATE COLLATION look FROM "C";
CREATE AGGREGATE leak_all (text) (SFUNC = textcat, STYPE = text);
CREATE FUNCTION leak_step(text, text) RETURNS text LANGUAGE sql STABLE AS 'SELECT f.leak()';
CREATE AGGREGATE max (text) (SFUNC = leak_step, STYPE = text);
CREATE DOMAIN checked AS text CHECK (f.leak() IS NOT NULL);
CREATE TYPE mood AS ENUM ('good');
CREATE TYPE pair AS (a text, b text);
CREATE SEQUENCE s;

-- Whoever defines: no superuser, so that row-level security applies.
CREATE ROLE author;
GRANT salesforce_fdw_policy TO author;
GRANT USAGE ON FOREIGN SERVER raw, lake TO author;
GRANT ALL ON SCHEMA f TO author;

-- Create a data set, say what happened, and undo it: "refused: " and the names
-- of the columns, "passed: " and the lineage in the notation of passed.txt,
-- "! WORDS" for "cannot use WORDS in a data set", "? " and any other error.
CREATE FUNCTION f.short(relation text) RETURNS text LANGUAGE sql
    RETURN regexp_replace(relation, '^f\.', '');
CREATE FUNCTION f.attempt(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    refused text;
    touched text;
BEGIN
    PERFORM salesforce_fdw.create_dataset('form', 'lake', query => query,
        target => 'f.form', functions => '{f.clean(text),f.initials(text[])}',
        reference_tables => '{"f.sector": {"code": "controlled", "label": "controlled", "steward": "person"},
            "f.region": {"code": "controlled", "label": "controlled"},
            "f.region_empty": {"code": "controlled", "label": "controlled"},
            "f.region_a": {"code": "controlled", "label": "controlled"},
            "f.sector_m": {"code": "controlled", "label": "controlled"},
            "f.listed_protected": {"code": "controlled"}}');
    SELECT string_agg(f.short(relation) || '.' || column_name, ', ') FILTER (WHERE verdict = 'refused'),
        coalesce(string_agg(format('%s.%s %s>%s', f.short(relation), column_name,
            array_to_string(role, ','), array_to_string(outputs, ',')), ' | '), '')
      INTO refused, touched FROM salesforce_fdw.lineage('form');
    RAISE EXCEPTION USING ERRCODE = 'TR000',
        MESSAGE = coalesce('refused: ' || refused, 'passed: ' || touched);
EXCEPTION
    WHEN SQLSTATE 'TR000' THEN RETURN SQLERRM;
    WHEN SQLSTATE 'SF002' THEN
        RETURN regexp_replace(SQLERRM, '^cannot use (.*) in a data set$', '! \1');
    WHEN OTHERS THEN RETURN '? ' || SQLERRM;
END $$;
