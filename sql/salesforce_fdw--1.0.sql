/* salesforce_fdw--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION salesforce_fdw" to load this file. \quit

-- Everything of ours lives in this schema.  The script never says OR REPLACE
-- or IF NOT EXISTS, and qualifies every name.
CREATE SCHEMA salesforce_fdw;
GRANT USAGE ON SCHEMA salesforce_fdw TO PUBLIC;
COMMENT ON SCHEMA salesforce_fdw IS
    'Salesforce exports as foreign tables, published as Parquet without personal data';

----------------------------------------------------------------------------
-- core: roles
----------------------------------------------------------------------------

-- Roles are shared by all databases and outlive the extension, so one that
-- exists already is accepted, unless it could do more than its name says.
DO $roles$
DECLARE
    ours CONSTANT name[] := ARRAY[
        'salesforce_fdw_read', 'salesforce_fdw_write', 'salesforce_fdw_purge',
        'salesforce_fdw_policy', 'salesforce_fdw_steward',
        'salesforce_fdw_server_credentials', 'salesforce_fdw_audit',
        'salesforce_fdw_operator'];
    purposes CONSTANT text[] := ARRAY[
        'may scan raw tables (with USAGE and SELECT)',
        'may write to storage, publish and register',
        'may delete raw versions',
        'may create and alter data sets',
        'accepts columns of data sets',
        'may use credentials other than those of a user mapping',
        'may read the ledger and its evidence',
        'member of read, write, purge and policy'];
    existing pg_catalog.pg_authid%ROWTYPE;
    found_names text;
BEGIN
    FOR i IN 1 .. pg_catalog.array_length(ours, 1) LOOP
        SELECT * INTO existing FROM pg_catalog.pg_authid a
            WHERE a.rolname OPERATOR(pg_catalog.=) ours[i];
        IF NOT FOUND THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', ours[i]);
            EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', ours[i],
                'salesforce_fdw: ' OPERATOR(pg_catalog.||) purposes[i]);
            CONTINUE;
        END IF;
        IF existing.rolcanlogin OR existing.rolsuper OR existing.rolcreaterole
            OR existing.rolcreatedb OR existing.rolreplication
            OR existing.rolbypassrls
        THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_role_specification',
                MESSAGE = pg_catalog.format(
                    'cannot use existing role "%s"', ours[i]),
                DETAIL = 'It has LOGIN, SUPERUSER, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS.',
                HINT = 'Take the attribute away, or rename the role.';
        END IF;
        SELECT pg_catalog.string_agg(g.rolname, ', ' ORDER BY g.rolname)
            INTO found_names
            FROM pg_catalog.pg_auth_members m
            JOIN pg_catalog.pg_authid g ON g.oid OPERATOR(pg_catalog.=) m.roleid
            WHERE m.member OPERATOR(pg_catalog.=) existing.oid
                AND g.rolname OPERATOR(pg_catalog.<>) ALL (ours);
        IF found_names IS NOT NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_role_specification',
                MESSAGE = pg_catalog.format(
                    'cannot use existing role "%s"', ours[i]),
                DETAIL = pg_catalog.format('It is a member of: %s.', found_names),
                HINT = 'Revoke the membership, or rename the role.';
        END IF;
        SELECT pg_catalog.string_agg(u.rolname, ', ' ORDER BY u.rolname)
            INTO found_names
            FROM pg_catalog.pg_auth_members m
            JOIN pg_catalog.pg_authid u ON u.oid OPERATOR(pg_catalog.=) m.member
            WHERE m.roleid OPERATOR(pg_catalog.=) existing.oid
                AND u.rolname OPERATOR(pg_catalog.<>) ALL (ours);
        IF found_names IS NOT NULL THEN
            -- CREATE EXTENSION hides notices; its settings end with it.
            PERFORM pg_catalog.set_config('client_min_messages', 'notice', true);
            RAISE NOTICE 'role "%" exists already, its members are: %',
                ours[i], found_names;
            PERFORM pg_catalog.set_config('client_min_messages', 'warning', true);
        END IF;
    END LOOP;
    FOR i IN 1 .. 4 LOOP
        IF NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            JOIN pg_catalog.pg_authid g ON g.oid OPERATOR(pg_catalog.=) m.roleid
            JOIN pg_catalog.pg_authid u ON u.oid OPERATOR(pg_catalog.=) m.member
            WHERE g.rolname OPERATOR(pg_catalog.=) ours[i]
                AND u.rolname OPERATOR(pg_catalog.=) 'salesforce_fdw_operator')
        THEN
            EXECUTE pg_catalog.format(
                'GRANT %I TO salesforce_fdw_operator', ours[i]);
        END IF;
    END LOOP;
END
$roles$;

----------------------------------------------------------------------------
-- storage
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- export: values of Salesforce exports
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- parquet and copy
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- fdw
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- dataset: definitions and policy
----------------------------------------------------------------------------

-- Definitions hold names, not OIDs, so that they survive a dump.  Nobody but
-- the extension's owner has INSERT, UPDATE or DELETE here: rows are written by
-- create_dataset, alter_dataset and drop_dataset, which check rights first.
CREATE TABLE salesforce_fdw.dataset (
    name pg_catalog.text PRIMARY KEY,
    version pg_catalog.int4 NOT NULL,
    owner pg_catalog.name NOT NULL,
    target_schema pg_catalog.name NOT NULL,
    target_name pg_catalog.name NOT NULL,
    source_schema pg_catalog.name,
    query pg_catalog.text NOT NULL,
    destination pg_catalog.name NOT NULL,
    path pg_catalog.text NOT NULL,
    publish pg_catalog.text NOT NULL,
    sorted_by pg_catalog.text[] NOT NULL,
    allow pg_catalog.text[] NOT NULL,
    accept pg_catalog.jsonb NOT NULL,
    reference_tables pg_catalog.jsonb NOT NULL,
    functions pg_catalog.text[] NOT NULL,
    detectors pg_catalog.jsonb NOT NULL,
    gates pg_catalog.jsonb NOT NULL,
    policy_hash pg_catalog.text NOT NULL,
    purge pg_catalog.text NOT NULL,
    purge_after pg_catalog.interval NOT NULL,
    confirmed_location pg_catalog.text,
    changed_by pg_catalog.name NOT NULL,
    changed_at pg_catalog.timestamptz NOT NULL,
    UNIQUE (target_schema, target_name)
);
COMMENT ON TABLE salesforce_fdw.dataset IS
    'data sets: what is published, from which query, under which policy';

-- Who let which column through, and why; kept when the data set is dropped.
CREATE TABLE salesforce_fdw.dataset_acceptance (
    dataset pg_catalog.text NOT NULL,
    policy_hash pg_catalog.text NOT NULL,
    field pg_catalog.text NOT NULL,
    reason pg_catalog.text NOT NULL,
    accepted_by pg_catalog.name NOT NULL,
    accepted_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX dataset_acceptance_dataset_idx
    ON salesforce_fdw.dataset_acceptance (dataset, policy_hash);
COMMENT ON TABLE salesforce_fdw.dataset_acceptance IS
    'columns accepted under a policy: by whom, when and why';

SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset_acceptance', '');

GRANT SELECT ON salesforce_fdw.dataset, salesforce_fdw.dataset_acceptance
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_audit;

----------------------------------------------------------------------------
-- dataset: materialize
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- dataset: ledger, run, publish, purge
----------------------------------------------------------------------------

----------------------------------------------------------------------------
-- dataset: views
----------------------------------------------------------------------------
