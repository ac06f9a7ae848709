/* salesforce_fdw--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION salesforce_fdw" to load this file. \quit

-- Exports are in UTF8; in another encoding nothing could be read.
DO $encoding$
BEGIN
    IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) 'UTF8' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'feature_not_supported',
            MESSAGE = pg_catalog.format(
                'cannot create extension "salesforce_fdw" in a database with encoding "%s"',
                pg_catalog.current_setting('server_encoding')),
            HINT = 'Create it in a database with encoding UTF8.';
    END IF;
END
$encoding$;

-- What CREATE EXTENSION does with the control file's schema, said once more:
-- operators, which are not qualified below, are found in pg_catalog alone, and
-- what was found once is kept in views, constraints and SQL bodies.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Everything of ours lives in this schema.  The script never says OR REPLACE
-- or IF NOT EXISTS, and qualifies every name of a type, function, table or
-- view.
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
    ours CONSTANT pg_catalog.name[] := ARRAY[
        'salesforce_fdw_read', 'salesforce_fdw_write', 'salesforce_fdw_purge',
        'salesforce_fdw_policy', 'salesforce_fdw_steward',
        'salesforce_fdw_server_credentials', 'salesforce_fdw_audit',
        'salesforce_fdw_operator'];
    purposes CONSTANT pg_catalog.text[] := ARRAY[
        'may scan raw tables (with USAGE and SELECT)',
        'may write to storage, publish and register',
        'may delete raw versions',
        'may create and alter data sets',
        'accepts columns of data sets',
        'may use credentials other than those of a user mapping',
        'may read the ledger and its evidence',
        'member of read, write, purge and policy'];
    existing pg_catalog.pg_authid%ROWTYPE;
    found_names pg_catalog.text;
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
-- export: values of Salesforce exports
----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.id18(id pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_id18'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.id18(pg_catalog.text) IS
    'the 18-character form of a Salesforce record id; an error for one that is none, or whose check letters are wrong';

CREATE FUNCTION salesforce_fdw.decode_escapes(escaped pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_decode_escapes'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.decode_escapes(pg_catalog.text) IS
    'text that Python''s unicode_escape wrote (\xe9, \u2019, \n), decoded';

----------------------------------------------------------------------------
-- parquet and copy
----------------------------------------------------------------------------

-- Rights to write and to read are the storage's: USAGE on the server and a
-- role of ours below a server's location, pg_write_server_files or
-- pg_read_server_files elsewhere.  EXECUTE goes to the roles that can have
-- either.
CREATE FUNCTION salesforce_fdw.copy_to(query pg_catalog.text, url pg_catalog.text,
    options pg_catalog.jsonb DEFAULT '{}')
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'sfdw_sql_copy_to'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.copy_to(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS
    'writes the rows of one SELECT, run as the caller, to an URL as Parquet; returns their number';
REVOKE ALL ON FUNCTION salesforce_fdw.copy_to(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.copy_to(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb)
    TO salesforce_fdw_write, pg_write_server_files;

CREATE FUNCTION salesforce_fdw.parquet_schema(url pg_catalog.text,
    OUT filename pg_catalog.text, OUT name pg_catalog.text, OUT type_name pg_catalog.text,
    OUT type_length pg_catalog.int4, OUT repetition_type pg_catalog.text,
    OUT num_children pg_catalog.int4, OUT converted_type pg_catalog.text,
    OUT scale pg_catalog.int4, OUT "precision" pg_catalog.int4, OUT field_id pg_catalog.int4,
    OUT logical_type pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_parquet_schema'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.parquet_schema(pg_catalog.text) IS
    'the schema of a Parquet file, one row for each node, depth first';
REVOKE ALL ON FUNCTION salesforce_fdw.parquet_schema(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.parquet_schema(pg_catalog.text)
    TO salesforce_fdw_read, pg_read_server_files;

CREATE FUNCTION salesforce_fdw.parquet_file_metadata(url pg_catalog.text,
    OUT filename pg_catalog.text, OUT created_by pg_catalog.text, OUT num_rows pg_catalog.int8,
    OUT num_row_groups pg_catalog.int8, OUT format_version pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_parquet_file_metadata'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 1;
COMMENT ON FUNCTION salesforce_fdw.parquet_file_metadata(pg_catalog.text) IS
    'writer, rows and row groups of a Parquet file';
REVOKE ALL ON FUNCTION salesforce_fdw.parquet_file_metadata(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.parquet_file_metadata(pg_catalog.text)
    TO salesforce_fdw_read, pg_read_server_files;

CREATE FUNCTION salesforce_fdw.parquet_kv_metadata(url pg_catalog.text,
    OUT filename pg_catalog.text, OUT key pg_catalog.text, OUT value pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_parquet_kv_metadata'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION salesforce_fdw.parquet_kv_metadata(pg_catalog.text) IS
    'the keys and values that the writer of a Parquet file put beside its data';
REVOKE ALL ON FUNCTION salesforce_fdw.parquet_kv_metadata(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.parquet_kv_metadata(pg_catalog.text)
    TO salesforce_fdw_read, pg_read_server_files;

-- The two functions below show values: the smallest and the largest of each
-- column.  A role that may scan raw tables has no right to every column of
-- them, so EXECUTE goes to those who write files, and the storage asks for
-- the right to read besides.
CREATE FUNCTION salesforce_fdw.parquet_metadata(url pg_catalog.text,
    OUT filename pg_catalog.text, OUT row_group_id pg_catalog.int8,
    OUT row_group_num_rows pg_catalog.int8, OUT row_group_num_columns pg_catalog.int8,
    OUT row_group_bytes pg_catalog.int8, OUT column_id pg_catalog.int8,
    OUT file_offset pg_catalog.int8, OUT num_values pg_catalog.int8,
    OUT path_in_schema pg_catalog.text, OUT type_name pg_catalog.text,
    OUT stats_null_count pg_catalog.int8, OUT stats_distinct_count pg_catalog.int8,
    OUT stats_min pg_catalog.text, OUT stats_max pg_catalog.text,
    OUT compression pg_catalog.text, OUT encodings pg_catalog.text,
    OUT index_page_offset pg_catalog.int8, OUT dictionary_page_offset pg_catalog.int8,
    OUT data_page_offset pg_catalog.int8, OUT total_compressed_size pg_catalog.int8,
    OUT total_uncompressed_size pg_catalog.int8)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_parquet_metadata'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.parquet_metadata(pg_catalog.text) IS
    'the columns of each row group of a Parquet file, with their smallest and largest values';
REVOKE ALL ON FUNCTION salesforce_fdw.parquet_metadata(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.parquet_metadata(pg_catalog.text)
    TO salesforce_fdw_write, pg_read_server_files;

CREATE FUNCTION salesforce_fdw.parquet_column_stats(url pg_catalog.text,
    OUT column_id pg_catalog.int4, OUT field_id pg_catalog.int4,
    OUT stats_min pg_catalog.text, OUT stats_max pg_catalog.text,
    OUT stats_null_count pg_catalog.int8, OUT stats_distinct_count pg_catalog.int8)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_parquet_column_stats'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 50;
COMMENT ON FUNCTION salesforce_fdw.parquet_column_stats(pg_catalog.text) IS
    'the smallest and largest values and the nulls of each column of a Parquet file';
REVOKE ALL ON FUNCTION salesforce_fdw.parquet_column_stats(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.parquet_column_stats(pg_catalog.text)
    TO salesforce_fdw_write, pg_read_server_files;

----------------------------------------------------------------------------
-- storage
-----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.object_versions(server pg_catalog.text,
    prefix pg_catalog.text DEFAULT '',
    OUT key pg_catalog.text, OUT version_id pg_catalog.text,
    OUT size pg_catalog.int8, OUT last_modified pg_catalog.timestamptz,
    OUT is_latest pg_catalog.bool, OUT is_delete_marker pg_catalog.bool)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_object_versions'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.object_versions(pg_catalog.text, pg_catalog.text) IS
    'every version and delete marker below a foreign server''s location, newest first within a key';

CREATE FUNCTION salesforce_fdw.unfinished_uploads(server pg_catalog.text,
    OUT key pg_catalog.text, OUT upload_id pg_catalog.text,
    OUT started pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_unfinished_uploads'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.unfinished_uploads(pg_catalog.text) IS
    'uploads below a foreign server''s location that were neither completed nor aborted; their parts hold data too';

CREATE FUNCTION salesforce_fdw.snapshots(server pg_catalog.text,
    OUT at pg_catalog.timestamptz, OUT objects pg_catalog.int4,
    OUT bytes pg_catalog.int8, OUT changed pg_catalog.text[],
    OUT is_complete pg_catalog.bool)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_snapshots'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.snapshots(pg_catalog.text) IS
    'the instants at which the current versions below a foreign server''s location changed, newest first, and whether all that its tables read was there';

REVOKE ALL ON FUNCTION salesforce_fdw.object_versions(pg_catalog.text, pg_catalog.text),
    salesforce_fdw.unfinished_uploads(pg_catalog.text),
    salesforce_fdw.snapshots(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.object_versions(pg_catalog.text, pg_catalog.text),
    salesforce_fdw.unfinished_uploads(pg_catalog.text),
    salesforce_fdw.snapshots(pg_catalog.text)
    TO salesforce_fdw_read;

-----------------------------------------------------------------------------
-- aws
----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.whoami(server pg_catalog.text,
    OUT source pg_catalog.text, OUT account pg_catalog.text,
    OUT arn pg_catalog.text, OUT user_id pg_catalog.text,
    OUT expires_at pg_catalog.timestamptz)
RETURNS pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_whoami'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.whoami(pg_catalog.text) IS
    'where the keys come from that a foreign server''s requests are signed with, whose they are by AWS''s word, and when they expire';
REVOKE ALL ON FUNCTION salesforce_fdw.whoami(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.whoami(pg_catalog.text)
    TO salesforce_fdw_read, salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_server_credentials;

----------------------------------------------------------------------------
-- fdw
----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.salesforce_fdw_handler()
RETURNS pg_catalog.fdw_handler
AS 'MODULE_PATHNAME', 'sfdw_sql_handler'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION salesforce_fdw.salesforce_fdw_handler() FROM PUBLIC;
COMMENT ON FUNCTION salesforce_fdw.salesforce_fdw_handler() IS
    'handler of foreign data wrapper salesforce_fdw';

CREATE FUNCTION salesforce_fdw.salesforce_fdw_validator(options pg_catalog.text[], catalog pg_catalog.oid)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_validator'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION salesforce_fdw.salesforce_fdw_validator(pg_catalog.text[], pg_catalog.oid) FROM PUBLIC;
COMMENT ON FUNCTION salesforce_fdw.salesforce_fdw_validator(pg_catalog.text[], pg_catalog.oid) IS
    'checks the options of servers, foreign tables and columns of foreign data wrapper salesforce_fdw';

CREATE FOREIGN DATA WRAPPER salesforce_fdw
    HANDLER salesforce_fdw.salesforce_fdw_handler
    VALIDATOR salesforce_fdw.salesforce_fdw_validator;
COMMENT ON FOREIGN DATA WRAPPER salesforce_fdw IS
    'Salesforce exports as foreign tables';

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
    keep_runs pg_catalog.int4 NOT NULL,
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
    evidence_server pg_catalog.name,
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
    remark pg_catalog.text,
    accepted_by pg_catalog.name NOT NULL,
    accepted_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX dataset_acceptance_dataset_idx
    ON salesforce_fdw.dataset_acceptance (dataset, policy_hash);
COMMENT ON TABLE salesforce_fdw.dataset_acceptance IS
    'columns accepted under a policy: by whom, when and why; remark is what the steward said';

-- The policies under which something was accepted, so that a later one can be
-- compared with them.
CREATE TABLE salesforce_fdw.dataset_policy (
    policy_hash pg_catalog.text PRIMARY KEY,
    parts pg_catalog.text[] NOT NULL
);
COMMENT ON TABLE salesforce_fdw.dataset_policy IS
    'accepted policies in words: query, columns with their classes, and what the definition says, a part each';

-- What a data set was, version by version; kept when it is dropped.
CREATE TABLE salesforce_fdw.dataset_version (
    name pg_catalog.text NOT NULL,
    version pg_catalog.int4 NOT NULL,
    definition pg_catalog.jsonb NOT NULL,
    changed_by pg_catalog.name NOT NULL,
    changed_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX dataset_version_name_idx
    ON salesforce_fdw.dataset_version (name, version);
COMMENT ON TABLE salesforce_fdw.dataset_version IS
    'every version of every data set''s definition: what it was, who changed it and when';

SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset_acceptance', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset_policy', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.dataset_version', '');

GRANT SELECT ON salesforce_fdw.dataset, salesforce_fdw.dataset_acceptance,
    salesforce_fdw.dataset_policy, salesforce_fdw.dataset_version
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_audit;

-- Definitions that come with the extension, as templates: {source} is the
-- schema of the foreign tables, {target} the materialized table.
CREATE TABLE salesforce_fdw.shipped_definition (
    name pg_catalog.text PRIMARY KEY,
    query pg_catalog.text NOT NULL,
    table_comment pg_catalog.text NOT NULL,
    column_comments pg_catalog.jsonb NOT NULL,
    sorted_by pg_catalog.text[] NOT NULL,
    gates pg_catalog.jsonb NOT NULL
);
COMMENT ON TABLE salesforce_fdw.shipped_definition IS
    'definitions of data sets that come with the extension';
GRANT SELECT ON salesforce_fdw.shipped_definition TO salesforce_fdw_policy;

INSERT INTO salesforce_fdw.shipped_definition VALUES (
    'account_opportunity',
    $query$SELECT a.id AS accountid,
       a.name AS accountname,
       a.createddate AT TIME ZONE 'UTC' AS accountcreateddate,
       o.id AS opportunityid,
       o.name AS opportunityname,
       o.createddate AT TIME ZONE 'UTC' AS opportunitycreateddate,
       o.product_to_add__c
  FROM {source}.account AS a
  JOIN {source}.opportunity AS o ON o.accountid = a.id
 WHERE a.id IS NOT NULL AND o.id IS NOT NULL$query$,
    'Opportunities with the account that each belongs to',
    '{"accountid": "Salesforce id of the account",
      "accountname": "Name of the account; typed by users",
      "accountcreateddate": "When the account was created, UTC",
      "opportunityid": "Salesforce id of the opportunity",
      "opportunityname": "Name of the opportunity; typed by users",
      "opportunitycreateddate": "When the opportunity was created, UTC",
      "product_to_add__c": "Product that the opportunity is about"}',
    '{accountid,opportunityid}',
    '{"checks": {
        "duplicate_ids": {"action": "refuse", "query":
          "SELECT count(*) - count(DISTINCT opportunityid) FROM {target}"},
        "orphans": {"action": "warn", "query":
          "SELECT count(*) FROM {source}.opportunity AS o LEFT JOIN {source}.account AS a ON a.id = o.accountid WHERE o.accountid IS NOT NULL AND a.id IS NULL"},
        "without_id": {"action": "warn", "query":
          "SELECT count(*) FROM {source}.opportunity AS o WHERE o.id IS NULL OR o.accountid IS NULL"}
      }}');

CREATE FUNCTION salesforce_fdw.create_dataset(
    name pg_catalog.text,
    destination pg_catalog.name,
    source_schema pg_catalog.name DEFAULT NULL,
    query pg_catalog.text DEFAULT NULL,
    target pg_catalog.text DEFAULT NULL,
    allow pg_catalog.text[] DEFAULT '{id,reference,controlled,business,system}',
    accept pg_catalog.jsonb DEFAULT '{}',
    reference_tables pg_catalog.jsonb DEFAULT '{}',
    functions pg_catalog.regprocedure[] DEFAULT '{}',
    detectors pg_catalog.jsonb DEFAULT '{"*": "refuse"}',
    sorted_by pg_catalog.text[] DEFAULT NULL,
    publish pg_catalog.text DEFAULT 'inplace',
    path pg_catalog.text DEFAULT NULL,
    purge pg_catalog.text DEFAULT 'none',
    purge_after pg_catalog.interval DEFAULT '0',
    confirm pg_catalog.text DEFAULT NULL,
    gates pg_catalog.jsonb DEFAULT '{}',
    keep_runs pg_catalog.int4 DEFAULT 3,
    evidence_server pg_catalog.name DEFAULT NULL)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_create_dataset'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.create_dataset IS
    'define what is published, from which query, under which policy; a column that may not leave is a warning here and an error of run()';

CREATE FUNCTION salesforce_fdw.alter_dataset(
    name pg_catalog.text,
    destination pg_catalog.name DEFAULT NULL,
    source_schema pg_catalog.name DEFAULT NULL,
    query pg_catalog.text DEFAULT NULL,
    target pg_catalog.text DEFAULT NULL,
    allow pg_catalog.text[] DEFAULT NULL,
    accept pg_catalog.jsonb DEFAULT NULL,
    reference_tables pg_catalog.jsonb DEFAULT NULL,
    functions pg_catalog.regprocedure[] DEFAULT NULL,
    detectors pg_catalog.jsonb DEFAULT NULL,
    sorted_by pg_catalog.text[] DEFAULT NULL,
    publish pg_catalog.text DEFAULT NULL,
    path pg_catalog.text DEFAULT NULL,
    purge pg_catalog.text DEFAULT NULL,
    purge_after pg_catalog.interval DEFAULT NULL,
    confirm pg_catalog.text DEFAULT NULL,
    gates pg_catalog.jsonb DEFAULT NULL,
    keep_runs pg_catalog.int4 DEFAULT NULL,
    evidence_server pg_catalog.name DEFAULT NULL)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_alter_dataset'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.alter_dataset IS
    'change a data set; NULL leaves a setting as it is, anything else replaces the whole of it';

CREATE FUNCTION salesforce_fdw.accept_dataset(name pg_catalog.text,
    hash pg_catalog.text, reason pg_catalog.text)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_accept_dataset'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.accept_dataset IS
    'accept the columns for which the data set gives reasons, under the policy with this hash; returns how many';

CREATE FUNCTION salesforce_fdw.policy_hash(name pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_policy_hash'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.policy_hash IS
    'the hash of a data set''s policy as it is now: what accept_dataset wants';

CREATE FUNCTION salesforce_fdw.drop_dataset(name pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_drop_dataset'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.drop_dataset IS
    'forget a data set and its view; the target and what was published stay';

CREATE FUNCTION salesforce_fdw.lineage(name pg_catalog.text,
    OUT relation pg_catalog.text,
    OUT column_name pg_catalog.text,
    OUT object pg_catalog.text,
    OUT field pg_catalog.text,
    OUT class pg_catalog.text,
    OUT role pg_catalog.text[],
    OUT outputs pg_catalog.text[],
    OUT verdict pg_catalog.text,
    OUT reason pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_lineage'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.lineage IS
    'each raw column that a data set''s query touches, where, and whether it may pass; runs nothing';

-- A graph of lineage() in Mermaid's notation: a full line to each output column
-- that is made of a raw column, a dotted one from a column that the query uses
-- in another way.  Text stands in quotes, where only quotes and # mean anything.
CREATE FUNCTION salesforce_fdw.lineage_diagram(name pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
WITH touched AS (
    SELECT l.*, 'c' || row_number() OVER () AS node,
           dense_rank() OVER (ORDER BY relation) AS box,
           array_remove(role, 'output') AS uses
      FROM salesforce_fdw.lineage(name) AS l
), reached AS (
    SELECT output, 'o' || row_number() OVER (ORDER BY min(t.node)) AS node
      FROM touched AS t, unnest(t.outputs) AS output GROUP BY output
), label AS (
    SELECT t.node, replace(replace(t.column_name, '#', '#35;'), '"', '#quot;') || ': ' || t.class AS text,
           replace(replace(t.relation, '#', '#35;'), '"', '#quot;') AS relation
      FROM touched AS t
), line AS (
    SELECT 1 AS part, t.box, 0 AS step, '' AS node,
           format('    subgraph r%s["%s"]', t.box, min(l.relation)) AS text
      FROM touched AS t JOIN label AS l USING (node) GROUP BY t.box
    UNION ALL
    SELECT 1, t.box, 1, t.node, format('        %s["%s"]:::%s', t.node, l.text, t.verdict)
      FROM touched AS t JOIN label AS l USING (node)
    UNION ALL
    SELECT DISTINCT 1, t.box, 2, '', '    end' FROM touched AS t
    UNION ALL
    SELECT 2, 0, 0, '', format('    subgraph target["%s"]', lineage_diagram.name)
    UNION ALL
    SELECT 2, 0, 1, r.node, format('        %s["%s"]', r.node,
           replace(replace(r.output, '#', '#35;'), '"', '#quot;'))
      FROM reached AS r
    UNION ALL
    SELECT 2, 0, 2, '', '    end'
    UNION ALL
    SELECT 3, t.box, 0, t.node || r.node, format('    %s --> %s', t.node, r.node)
      FROM touched AS t, unnest(t.outputs) AS output JOIN reached AS r USING (output)
    UNION ALL
    SELECT 4, t.box, 0, t.node, format('    %s -. %s .-> target', t.node, array_to_string(t.uses, ', '))
      FROM touched AS t WHERE t.uses <> '{}'
)
SELECT 'flowchart LR' || chr(10) || coalesce(string_agg(text, chr(10) ORDER BY part, box, step, length(node), node), '') || chr(10) ||
       '    classDef allowed fill:#e6f4ea,stroke:#137333' || chr(10) ||
       '    classDef accepted fill:#fef7e0,stroke:#b06000' || chr(10) ||
       '    classDef refused fill:#fce8e6,stroke:#c5221f' || chr(10)
  FROM line
$$;
COMMENT ON FUNCTION salesforce_fdw.lineage_diagram IS
    'the lineage of a data set as a Mermaid flowchart: raw columns by table and verdict, output columns, and what goes where';

REVOKE ALL ON FUNCTION salesforce_fdw.create_dataset,
    salesforce_fdw.alter_dataset, salesforce_fdw.drop_dataset,
    salesforce_fdw.accept_dataset, salesforce_fdw.policy_hash,
    salesforce_fdw.lineage, salesforce_fdw.lineage_diagram FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.accept_dataset
    TO salesforce_fdw_policy, salesforce_fdw_steward;
GRANT EXECUTE ON FUNCTION salesforce_fdw.create_dataset,
    salesforce_fdw.alter_dataset, salesforce_fdw.drop_dataset
    TO salesforce_fdw_policy;
GRANT EXECUTE ON FUNCTION salesforce_fdw.lineage, salesforce_fdw.lineage_diagram,
    salesforce_fdw.policy_hash
    TO salesforce_fdw_policy, salesforce_fdw_write, salesforce_fdw_steward,
       salesforce_fdw_audit;

----------------------------------------------------------------------------
-- columns: new ones, and who may read which
----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.sync_columns(foreign_table pg_catalog.regclass,
    apply pg_catalog.bool DEFAULT false,
    OUT field pg_catalog.text, OUT column_name pg_catalog.name,
    OUT type pg_catalog.text, OUT is_added pg_catalog.bool)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_sync_columns'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.sync_columns IS
    'fields of a foreign table''s file that no column is bound to; with apply they become columns, without a class';

CREATE FUNCTION salesforce_fdw.column_classes(foreign_table pg_catalog.regclass,
    OUT column_name pg_catalog.name, OUT object pg_catalog.text,
    OUT field pg_catalog.text, OUT class pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_column_classes'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.column_classes IS
    'the class of each column of a foreign table: the stricter of its option and the dictionary''s';

-- Runs with its caller's rights: what he cannot grant he cannot grant here.
CREATE FUNCTION salesforce_fdw.grant_columns(schema pg_catalog.name,
    role pg_catalog.name, classes pg_catalog.text[],
    OUT relation pg_catalog.text, OUT granted pg_catalog.name[],
    OUT withheld pg_catalog.name[])
RETURNS SETOF pg_catalog.record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    item record;
    wrong text;
BEGIN
    SELECT c INTO wrong FROM unnest(classes) AS c
     WHERE c IS NULL OR c NOT IN ('id', 'reference', 'controlled', 'business', 'system',
        'person_reference', 'indirect', 'free_text', 'person', 'never') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('invalid value for parameter "%s": "%s"', 'classes', wrong),
            DETAIL = 'It is not the name of a class.';
    END IF;
    IF to_regnamespace(quote_ident(schema)) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_schema_name', MESSAGE = format('schema "%s" does not exist', schema);
    END IF;
    FOR item IN
        SELECT c.oid, format('%I.%I', schema, c.relname) AS name
          FROM pg_class AS c JOIN pg_foreign_table AS t ON t.ftrelid = c.oid
          JOIN pg_foreign_server AS s ON s.oid = t.ftserver
          JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
         WHERE c.relnamespace = to_regnamespace(quote_ident(schema)) AND w.fdwname = 'salesforce_fdw'
         ORDER BY c.relname
    LOOP
        relation := item.name;
        SELECT coalesce(array_agg(k.column_name ORDER BY k.column_name) FILTER (WHERE k.class = ANY (classes)), '{}'),
               coalesce(array_agg(k.column_name ORDER BY k.column_name) FILTER (WHERE k.class <> ALL (classes)), '{}')
          INTO granted, withheld FROM salesforce_fdw.column_classes(item.oid) AS k;
        EXECUTE format('REVOKE SELECT ON %s FROM %I', relation, role);
        IF granted <> '{}' THEN
            EXECUTE format('GRANT SELECT (%s) ON %s TO %I',
                (SELECT string_agg(quote_ident(g), ', ') FROM unnest(granted) AS g), relation, role);
        END IF;
        IF has_table_privilege(role, item.oid, 'SELECT') THEN
            RAISE WARNING USING MESSAGE = format('role "%s" can read all columns of foreign table %s anyway', role, relation),
                HINT = 'It owns the table, is a superuser, or has SELECT on all of it by way of another role, of PUBLIC or of another grantor.';
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION salesforce_fdw.grant_columns IS
    'give a role SELECT on the columns of these classes, and on no others, of all foreign tables of a schema';

-- Both read on behalf of their caller, with his right to each column.
CREATE FUNCTION salesforce_fdw.diff(relation pg_catalog.regclass,
    since pg_catalog.timestamptz, until pg_catalog.timestamptz DEFAULT NULL,
    only_columns pg_catalog.text[] DEFAULT NULL,
    OUT added pg_catalog.int8, OUT removed pg_catalog.int8,
    OUT changed pg_catalog.int8, OUT unchanged pg_catalog.int8)
RETURNS pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_diff'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.diff IS
    'how many rows of a foreign table were added, removed and changed between two times, by record id';

CREATE FUNCTION salesforce_fdw.diff_rows(relation pg_catalog.regclass,
    since pg_catalog.timestamptz, until pg_catalog.timestamptz DEFAULT NULL,
    only_columns pg_catalog.text[] DEFAULT NULL,
    OUT key pg_catalog.text, OUT change pg_catalog.text,
    OUT columns pg_catalog.text[])
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_diff_rows'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.diff_rows IS
    'the record ids of the rows that were added, removed and changed between two times, and which columns changed';

REVOKE ALL ON FUNCTION
    salesforce_fdw.diff(pg_catalog.regclass, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[]),
    salesforce_fdw.diff_rows(pg_catalog.regclass, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[])
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    salesforce_fdw.diff(pg_catalog.regclass, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[]),
    salesforce_fdw.diff_rows(pg_catalog.regclass, pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[])
    TO salesforce_fdw_read;

REVOKE ALL ON FUNCTION salesforce_fdw.sync_columns(pg_catalog.regclass, pg_catalog.bool),
    salesforce_fdw.column_classes(pg_catalog.regclass),
    salesforce_fdw.grant_columns(pg_catalog.name, pg_catalog.name, pg_catalog.text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.sync_columns(pg_catalog.regclass, pg_catalog.bool),
    salesforce_fdw.column_classes(pg_catalog.regclass),
    salesforce_fdw.grant_columns(pg_catalog.name, pg_catalog.name, pg_catalog.text[])
    TO salesforce_fdw_read, salesforce_fdw_policy;
GRANT EXECUTE ON FUNCTION salesforce_fdw.column_classes(pg_catalog.regclass)
    TO salesforce_fdw_steward, salesforce_fdw_audit;

----------------------------------------------------------------------------
-- dataset: transforms, through which a person's column may pass
----------------------------------------------------------------------------

-- The newest version of a key is the one in use.  Not dumped: a dump that
-- holds keys can be tried against guesses.
CREATE TABLE salesforce_fdw.pseudonym_key (
    name pg_catalog.text NOT NULL,
    version pg_catalog.int4 NOT NULL,
    owner pg_catalog.name NOT NULL,
    key pg_catalog.bytea NOT NULL CHECK (pg_catalog.octet_length(key) OPERATOR(pg_catalog.=) 32),
    created_by pg_catalog.name NOT NULL,
    created_at pg_catalog.timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE salesforce_fdw.pseudonym_key IS
    'secret keys of pseudonym(), readable by superusers alone and not dumped';

CREATE FUNCTION salesforce_fdw.create_key(name pg_catalog.text)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_create_key'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.create_key IS
    'make a key for pseudonym(), of random bytes, which only members of the current role can use; returns its version';

CREATE FUNCTION salesforce_fdw.rotate_key(name pg_catalog.text)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_rotate_key'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.rotate_key IS
    'make the next version of a key for pseudonym() and use it from now on; returns its version';

CREATE FUNCTION salesforce_fdw.pseudonym(value pg_catalog.text, key_name pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_pseudonym'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.pseudonym IS
    'a stable name for a value (HMAC-SHA-256 under a secret key), as "KEY VERSION.32 digits"';

CREATE FUNCTION salesforce_fdw.mask(value pg_catalog.text,
    keep_first pg_catalog.int4 DEFAULT 0, keep_last pg_catalog.int4 DEFAULT 0)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_mask'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.mask IS
    '"****", with at most 4 characters of the value at either end and never more than a quarter of it there';

CREATE FUNCTION salesforce_fdw.year_of(value pg_catalog.date)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_year_of_date'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.year_of(pg_catalog.date) IS
    'the year of a date';

CREATE FUNCTION salesforce_fdw.year_of(value pg_catalog.timestamp)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_year_of_timestamp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.year_of(pg_catalog.timestamp) IS
    'the year of a time';

CREATE FUNCTION salesforce_fdw.year_of(value pg_catalog.timestamptz)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'sfdw_sql_year_of_timestamp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.year_of(pg_catalog.timestamptz) IS
    'the year of a moment, in UTC';

CREATE FUNCTION salesforce_fdw.truncate_time(value pg_catalog.timestamp, unit pg_catalog.text)
RETURNS pg_catalog.timestamp
AS 'MODULE_PATHNAME', 'sfdw_sql_truncate_time'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.truncate_time(pg_catalog.timestamp, pg_catalog.text) IS
    'the start of the day, week, month, quarter, year or decade of a time';

CREATE FUNCTION salesforce_fdw.truncate_time(value pg_catalog.timestamptz, unit pg_catalog.text)
RETURNS pg_catalog.timestamptz
AS 'MODULE_PATHNAME', 'sfdw_sql_truncate_time'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.truncate_time(pg_catalog.timestamptz, pg_catalog.text) IS
    'the start of the day, week, month, quarter, year or decade of a moment, in UTC';

-- Reads the table with its caller's rights.
CREATE FUNCTION salesforce_fdw.generalize(value pg_catalog.text,
    reference_table pg_catalog.regclass, key_column pg_catalog.name,
    value_column pg_catalog.name)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_generalize'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.generalize IS
    'what a table gives for a value, such as a city''s region; null when it has no such key';

REVOKE ALL ON FUNCTION salesforce_fdw.create_key(pg_catalog.text),
    salesforce_fdw.rotate_key(pg_catalog.text),
    salesforce_fdw.pseudonym(pg_catalog.text, pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.create_key(pg_catalog.text),
    salesforce_fdw.rotate_key(pg_catalog.text),
    salesforce_fdw.pseudonym(pg_catalog.text, pg_catalog.text)
    TO salesforce_fdw_policy;

----------------------------------------------------------------------------
-- dataset: what is personal in a text, and who can be told apart
----------------------------------------------------------------------------

CREATE FUNCTION salesforce_fdw.detect(value pg_catalog.text,
    OUT detector pg_catalog.text, OUT start pg_catalog.int4,
    OUT length pg_catalog.int4, OUT shape pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_detect'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION salesforce_fdw.detect(pg_catalog.text) IS
    'what the built-in detectors find in a text: where, how long, and its masked shape';

-- Detectors of users: dumped with the data sets that name them, and written by
-- create_detector and drop_detector alone.
CREATE TABLE salesforce_fdw.detector (
    name pg_catalog.text PRIMARY KEY,
    owner pg_catalog.name NOT NULL,
    version pg_catalog.int4 NOT NULL,
    pattern pg_catalog.text,
    case_sensitive pg_catalog.bool NOT NULL,
    gazetteer pg_catalog.text,
    gazetteer_column pg_catalog.name,
    hash pg_catalog.text NOT NULL,
    changed_by pg_catalog.name NOT NULL,
    changed_at pg_catalog.timestamptz NOT NULL,
    CHECK ((pattern IS NULL) OPERATOR(pg_catalog.<>) (gazetteer IS NULL)),
    CHECK ((gazetteer IS NULL) OPERATOR(pg_catalog.=) (gazetteer_column IS NULL))
);
COMMENT ON TABLE salesforce_fdw.detector IS
    'detectors of users: a regular expression, or a table and its column of names; hash is that of what it looks for';

-- What a detector was, change by change; kept when it is dropped.
CREATE TABLE salesforce_fdw.detector_version (
    name pg_catalog.text NOT NULL,
    version pg_catalog.int4 NOT NULL,
    owner pg_catalog.name NOT NULL,
    pattern pg_catalog.text,
    case_sensitive pg_catalog.bool NOT NULL,
    gazetteer pg_catalog.text,
    gazetteer_column pg_catalog.name,
    hash pg_catalog.text NOT NULL,
    changed_by pg_catalog.name NOT NULL,
    changed_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX detector_version_name_idx
    ON salesforce_fdw.detector_version (name, version);
COMMENT ON TABLE salesforce_fdw.detector_version IS
    'every version of every user''s detector: what it looked for, who changed it and when';

SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.detector', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.detector_version', '');

GRANT SELECT ON salesforce_fdw.detector, salesforce_fdw.detector_version
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_audit;

CREATE FUNCTION salesforce_fdw.create_detector(name pg_catalog.text,
    pattern pg_catalog.text DEFAULT NULL,
    gazetteer pg_catalog.regclass DEFAULT NULL,
    gazetteer_column pg_catalog.name DEFAULT NULL,
    case_sensitive pg_catalog.bool DEFAULT false,
    replace pg_catalog.bool DEFAULT false)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_create_detector'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.create_detector IS
    'define a detector: a regular expression, or a table and its column of names; returns the hash of what it looks for';

CREATE FUNCTION salesforce_fdw.drop_detector(name pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_drop_detector'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.drop_detector IS
    'forget a detector that no data set names; its versions stay';

REVOKE ALL ON FUNCTION salesforce_fdw.create_detector, salesforce_fdw.drop_detector FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.create_detector, salesforce_fdw.drop_detector
    TO salesforce_fdw_policy;

-- Reads tables of names with its caller's rights.
CREATE FUNCTION salesforce_fdw.detect(value pg_catalog.text, detectors pg_catalog.text[],
    OUT detector pg_catalog.text, OUT start pg_catalog.int4,
    OUT length pg_catalog.int4, OUT shape pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_detect_some'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.detect(pg_catalog.text, pg_catalog.text[]) IS
    'what some detectors find in a text: built-in ones, users'' own, or * for all that are built in';
REVOKE ALL ON FUNCTION salesforce_fdw.detect(pg_catalog.text, pg_catalog.text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.detect(pg_catalog.text, pg_catalog.text[])
    TO salesforce_fdw_policy, salesforce_fdw_steward, salesforce_fdw_audit;

-- Reads the target with its caller's rights.
CREATE FUNCTION salesforce_fdw.k_anonymity(name pg_catalog.text,
    columns pg_catalog.text[])
RETURNS pg_catalog.int8
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target record;
    smallest int8;
BEGIN
    SELECT d.target_schema, d.target_name INTO target
      FROM salesforce_fdw.dataset AS d WHERE d.name = k_anonymity.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('data set "%s" does not exist', name);
    END IF;
    IF cardinality(columns) = 0 OR array_position(columns, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('parameter "%s" must be a list of columns', 'columns');
    END IF;
    EXECUTE format('SELECT min(n) FROM (SELECT count(*) AS n FROM %I.%I GROUP BY %s) AS s',
        target.target_schema, target.target_name,
        (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) AS c))
       INTO smallest;
    RETURN smallest;
END $$;
COMMENT ON FUNCTION salesforce_fdw.k_anonymity IS
    'how many rows of a data set''s target the rarest combination of these columns has; null when it is empty';
REVOKE ALL ON FUNCTION salesforce_fdw.k_anonymity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.k_anonymity
    TO salesforce_fdw_write, salesforce_fdw_policy, salesforce_fdw_steward, salesforce_fdw_audit;

----------------------------------------------------------------------------
-- dataset: materialize
----------------------------------------------------------------------------

-- Stands in the select list that fills a target, and works nowhere else.
-- Volatile, so that it is called once for each row.
CREATE FUNCTION salesforce_fdw.redact(
    value pg_catalog.text, column_name pg_catalog.name,
    keys pg_catalog.text[])
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_redact'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.redact(
    pg_catalog.text, pg_catalog.name, pg_catalog.text[]) IS
    'part of materialize(): masks what detectors find; not to be called';

CREATE FUNCTION salesforce_fdw.materialize(
    name pg_catalog.text,
    OUT rows pg_catalog.int8, OUT rejects pg_catalog.int8,
    OUT added pg_catalog.int8, OUT changed pg_catalog.int8,
    OUT removed pg_catalog.int8,
    OUT checksum pg_catalog.text, OUT detectors pg_catalog.jsonb,
    OUT gates pg_catalog.jsonb)
AS 'MODULE_PATHNAME', 'sfdw_sql_materialize'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.materialize(pg_catalog.text) IS
    'replaces the rows of a data set''s target in one transaction, if gate, detectors and quality gates let them pass; publishes nothing';
REVOKE ALL ON FUNCTION salesforce_fdw.materialize(pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.materialize(pg_catalog.text)
    TO salesforce_fdw_read;

CREATE FUNCTION salesforce_fdw.table_checksum(
    relation pg_catalog.regclass,
    OUT rows pg_catalog.int8, OUT checksum pg_catalog.text)
AS 'MODULE_PATHNAME', 'sfdw_sql_table_checksum'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.table_checksum(pg_catalog.regclass) IS
    'number of rows of a table and their order-independent checksum, as a run records them';
REVOKE ALL ON FUNCTION salesforce_fdw.table_checksum(pg_catalog.regclass)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.table_checksum(pg_catalog.regclass)
    TO salesforce_fdw_read, salesforce_fdw_audit;

----------------------------------------------------------------------------
-- dataset: ledger, run, publish, purge
----------------------------------------------------------------------------

-- What runs remember from one commit to the next.  Nobody has INSERT: rows are
-- written by C functions alone, which check the caller's role, lock the run's
-- row, check what the step needs, and write as these tables' owner.
CREATE TABLE salesforce_fdw.ledger_run (
    run pg_catalog.uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
    number pg_catalog.int8 GENERATED ALWAYS AS IDENTITY UNIQUE,
    dataset pg_catalog.text NOT NULL,
    state pg_catalog.text NOT NULL CHECK (state IN ('discovered', 'materialized', 'staged',
        'verified', 'published', 'registered', 'purge_pending', 'closed',
        'refused', 'abandoned')),
    is_open pg_catalog.bool GENERATED ALWAYS AS (state IN ('discovered', 'materialized',
        'staged', 'verified', 'published', 'registered')) STORED,
    is_published pg_catalog.bool GENERATED ALWAYS AS (state IN ('published',
        'registered', 'purge_pending', 'closed')) STORED,
    is_forced pg_catalog.bool NOT NULL,
    definition pg_catalog.jsonb NOT NULL,
    session_role pg_catalog.name NOT NULL DEFAULT SESSION_USER,
    extension_version pg_catalog.text,
    started pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    state_since pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished pg_catalog.timestamptz,
    rows pg_catalog.int8,
    rows_added pg_catalog.int8,
    rows_changed pg_catalog.int8,
    rows_removed pg_catalog.int8,
    checksum pg_catalog.text,
    destination pg_catalog.text,
    target_key pg_catalog.text,
    attempt pg_catalog.int4 NOT NULL DEFAULT 0,
    staged_key pg_catalog.text,
    staged_version pg_catalog.text,
    file_size pg_catalog.int8,
    file_sha256 pg_catalog.text,
    file_columns pg_catalog.text,
    statistics pg_catalog.jsonb,
    is_expectation_known pg_catalog.bool NOT NULL DEFAULT false,
    expected_version pg_catalog.text,
    published_version pg_catalog.text,
    published_at pg_catalog.timestamptz,
    registered_at pg_catalog.timestamptz,
    catalog pg_catalog.text,
    catalog_database pg_catalog.text,
    catalog_version_before pg_catalog.text,
    catalog_version pg_catalog.text,
    catalog_description pg_catalog.jsonb,
    has_told_statistics pg_catalog.bool NOT NULL DEFAULT false,
    adopted pg_catalog.jsonb,
    purge_scope pg_catalog.text,
    purged_at pg_catalog.timestamptz,
    unread_objects pg_catalog.int8,
    is_swept pg_catalog.bool NOT NULL DEFAULT false,
    last_error pg_catalog.text,
    last_sqlstate pg_catalog.text,
    reason pg_catalog.text,
    evidence_event pg_catalog.int8
);
COMMENT ON TABLE salesforce_fdw.ledger_run IS
    'one row a run: its state, and what is needed to go on from there';
CREATE UNIQUE INDEX ledger_run_open_key ON salesforce_fdw.ledger_run (dataset)
    WHERE is_open;
CREATE INDEX ledger_run_dataset_idx ON salesforce_fdw.ledger_run (dataset, number);
CREATE INDEX ledger_run_pending_idx ON salesforce_fdw.ledger_run (dataset, number)
    WHERE state = 'purge_pending';

CREATE TABLE salesforce_fdw.ledger_input (
    run pg_catalog.uuid NOT NULL REFERENCES salesforce_fdw.ledger_run,
    server pg_catalog.text NOT NULL,
    location pg_catalog.text NOT NULL,
    key pg_catalog.text NOT NULL,
    version_id pg_catalog.text NOT NULL,
    size pg_catalog.int8 NOT NULL,
    last_modified pg_catalog.timestamptz NOT NULL,
    is_latest pg_catalog.bool NOT NULL,
    is_delete_marker pg_catalog.bool NOT NULL,
    is_pinned pg_catalog.bool NOT NULL,
    is_input pg_catalog.bool NOT NULL,
    relations pg_catalog.text,
    objects pg_catalog.text,
    records pg_catalog.int8,
    extra_fields pg_catalog.text[],
    missing_fields pg_catalog.text[],
    purge_outcome pg_catalog.text CHECK (purge_outcome IN ('deleted', 'gone', 'kept',
        'failed', 'denied', 'held', 'retained', 'refused', 'unknown')),
    purge_detail pg_catalog.text,
    purge_tried pg_catalog.timestamptz,
    purge_proved pg_catalog.timestamptz,
    purge_scope pg_catalog.text,
    purge_definition pg_catalog.int4,
    purge_confirmed pg_catalog.text,
    PRIMARY KEY (run, server, key, version_id)
);
COMMENT ON TABLE salesforce_fdw.ledger_input IS
    'every version that a run''s discovery listed, and what its purge made of it';
CREATE INDEX ledger_input_version_idx
    ON salesforce_fdw.ledger_input (server, key, version_id);
CREATE INDEX ledger_input_unproved_idx
    ON salesforce_fdw.ledger_input (server, key) WHERE purge_proved IS NULL;
CREATE INDEX ledger_input_left_idx
    ON salesforce_fdw.ledger_input (run) WHERE purge_proved IS NULL;

CREATE TABLE salesforce_fdw.ledger_lineage (
    run pg_catalog.uuid NOT NULL REFERENCES salesforce_fdw.ledger_run,
    relation pg_catalog.text NOT NULL,
    column_name pg_catalog.text NOT NULL,
    object pg_catalog.text,
    field pg_catalog.text,
    class pg_catalog.text,
    roles pg_catalog.text NOT NULL,
    outputs pg_catalog.text NOT NULL,
    verdict pg_catalog.text NOT NULL,
    reason pg_catalog.text,
    PRIMARY KEY (run, relation, column_name)
);
COMMENT ON TABLE salesforce_fdw.ledger_lineage IS
    'each raw column that a run''s query touched, with the gate''s verdict';

CREATE TABLE salesforce_fdw.ledger_output (
    run pg_catalog.uuid NOT NULL REFERENCES salesforce_fdw.ledger_run,
    attempt pg_catalog.int4 NOT NULL,
    kind pg_catalog.text NOT NULL CHECK (kind IN ('staged', 'published', 'manifest', 'evidence')),
    server pg_catalog.text NOT NULL,
    location pg_catalog.text NOT NULL,
    key pg_catalog.text NOT NULL,
    version_id pg_catalog.text NOT NULL DEFAULT '',
    size pg_catalog.int8,
    sha256 pg_catalog.text,
    written pg_catalog.timestamptz,
    deleted pg_catalog.timestamptz,
    PRIMARY KEY (run, attempt, kind)
);
-- Those that later runs are to delete: few, however many runs there were.
CREATE INDEX ledger_output_versioned_idx ON salesforce_fdw.ledger_output (run)
    WHERE kind = 'published' AND deleted IS NULL
        AND pg_catalog.strpos(key, run::pg_catalog.text) > 0;
COMMENT ON TABLE salesforce_fdw.ledger_output IS
    'every object that a run wrote, or was about to write';

-- Who publishes where: of a place (location and path), the last row counts.
CREATE TABLE salesforce_fdw.ledger_owner (
    number pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset pg_catalog.text NOT NULL,
    location pg_catalog.text NOT NULL,
    path pg_catalog.text NOT NULL,
    claim pg_catalog.uuid NOT NULL,
    content pg_catalog.jsonb NOT NULL,
    reason pg_catalog.text,
    replaced pg_catalog.jsonb,
    manifest_version pg_catalog.text,
    session_role pg_catalog.name NOT NULL DEFAULT SESSION_USER,
    at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    is_written pg_catalog.bool NOT NULL DEFAULT false,
    version_id pg_catalog.text,
    seen_at pg_catalog.timestamptz
);
CREATE INDEX ledger_owner_dataset_idx ON salesforce_fdw.ledger_owner (dataset, number);
COMMENT ON TABLE salesforce_fdw.ledger_owner IS
    'when this database, or the one that its ledger was copied from, became the owner of the place where a data set publishes';

CREATE TABLE salesforce_fdw.ledger_upload (
    run pg_catalog.uuid NOT NULL REFERENCES salesforce_fdw.ledger_run,
    location pg_catalog.text NOT NULL,
    at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    uploads pg_catalog.jsonb NOT NULL,
    PRIMARY KEY (run, location)
);
COMMENT ON TABLE salesforce_fdw.ledger_upload IS
    'unfinished uploads that lay below the raw locations of a run when it purged them';

CREATE TABLE salesforce_fdw.ledger_finding (
    run pg_catalog.uuid NOT NULL REFERENCES salesforce_fdw.ledger_run,
    ordinal pg_catalog.int4 NOT NULL,
    kind pg_catalog.text NOT NULL,
    name pg_catalog.text NOT NULL,
    column_name pg_catalog.text,
    count pg_catalog.int8 NOT NULL,
    detail pg_catalog.text,
    keys pg_catalog.jsonb,
    action pg_catalog.text NOT NULL,
    PRIMARY KEY (run, ordinal)
);
COMMENT ON TABLE salesforce_fdw.ledger_finding IS
    'what detectors, gates and checks found in a run''s result: counts and shapes, never a value';

-- Records that were let through although a detector matched; see inspect.c.
CREATE TABLE salesforce_fdw.finding_acceptance (
    dataset pg_catalog.text NOT NULL,
    run pg_catalog.uuid NOT NULL,
    detector pg_catalog.text NOT NULL,
    column_name pg_catalog.text NOT NULL,
    key pg_catalog.text NOT NULL,
    reason pg_catalog.text NOT NULL,
    until pg_catalog.timestamptz,
    accepted_by pg_catalog.name NOT NULL,
    accepted_at pg_catalog.timestamptz NOT NULL
);
CREATE INDEX finding_acceptance_dataset_idx ON salesforce_fdw.finding_acceptance (dataset);
COMMENT ON TABLE salesforce_fdw.finding_acceptance IS
    'hits of detectors that somebody let through, by the record''s key: who, why and until when';
GRANT SELECT ON salesforce_fdw.finding_acceptance
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_audit;

CREATE FUNCTION salesforce_fdw.accept_finding(run pg_catalog.uuid,
    detector pg_catalog.text, column_name pg_catalog.text, key pg_catalog.text,
    reason pg_catalog.text, until pg_catalog.timestamptz DEFAULT NULL)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_accept_finding'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.accept_finding IS
    'let a record through although a detector matched in it: later runs count its hits in that column, until that time';
REVOKE ALL ON FUNCTION salesforce_fdw.accept_finding FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.accept_finding
    TO salesforce_fdw_policy, salesforce_fdw_steward;

CREATE TABLE salesforce_fdw.ledger_event (
    id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset pg_catalog.text NOT NULL,
    run pg_catalog.uuid REFERENCES salesforce_fdw.ledger_run,
    at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    pid pg_catalog.int4 NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    session_role pg_catalog.name NOT NULL DEFAULT SESSION_USER,
    event pg_catalog.text NOT NULL,
    sqlstate pg_catalog.text,
    detail pg_catalog.text
);
COMMENT ON TABLE salesforce_fdw.ledger_event IS
    'what happened to data sets and runs, in order';
CREATE INDEX ledger_event_dataset_idx ON salesforce_fdw.ledger_event (dataset, id);
CREATE INDEX ledger_event_run_idx ON salesforce_fdw.ledger_event (run, id)
    WHERE run IS NOT NULL;

SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_run', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_run_number_seq', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_input', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_lineage', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_output', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_owner', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_owner_number_seq', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_upload', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_finding', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.finding_acceptance', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_event', '');
SELECT pg_catalog.pg_extension_config_dump('salesforce_fdw.ledger_event_id_seq', '');

-- The steps of a run.  They are called by the procedure below and refuse to
-- work without the lock that its first one takes, or twice in a transaction.
CREATE FUNCTION salesforce_fdw.run_begin(name pg_catalog.text, force pg_catalog.bool)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_run_begin'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.run_begin(pg_catalog.text, pg_catalog.bool) IS
    'part of run(): check rights and take the lock of a data set';
CREATE FUNCTION salesforce_fdw.run_next(name pg_catalog.text)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'sfdw_sql_run_next'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.run_next(pg_catalog.text) IS
    'part of run(): take the next step, whose result the caller commits';
CREATE FUNCTION salesforce_fdw.run_fail(name pg_catalog.text)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'sfdw_sql_run_fail'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.run_fail(pg_catalog.text) IS
    'part of run(): write the error of the last step to the ledger';
CREATE FUNCTION salesforce_fdw.run_raise(name pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_run_raise'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.run_raise(pg_catalog.text) IS
    'part of run(): raise that error again';
CREATE FUNCTION salesforce_fdw.run_end(name pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_run_end'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.run_end(pg_catalog.text) IS
    'part of run(): say how it went and give the lock back';

-- Commits after every step, so it can have neither SET nor SECURITY DEFINER;
-- every name in it is qualified, and there is no operator.  A step that fails
-- is rolled back alone, its error is committed to the ledger, and only then
-- raised again.
CREATE PROCEDURE salesforce_fdw.run(name pg_catalog.text, force pg_catalog.bool DEFAULT false)
LANGUAGE plpgsql SECURITY INVOKER
AS $run$
DECLARE
    is_more pg_catalog.bool;
    has_failed pg_catalog.bool;
BEGIN
    PERFORM salesforce_fdw.run_begin(name, force);
    COMMIT;
    LOOP
        has_failed := false;
        BEGIN
            is_more := salesforce_fdw.run_next(name);
        EXCEPTION WHEN OTHERS THEN
            has_failed := true;
        END;
        IF has_failed THEN
            has_failed := salesforce_fdw.run_fail(name);
            COMMIT;
            IF has_failed THEN
                PERFORM salesforce_fdw.run_raise(name);
            END IF;
        ELSE
            COMMIT;
            EXIT WHEN NOT is_more;
        END IF;
    END LOOP;
    PERFORM salesforce_fdw.run_end(name);
END
$run$;
COMMENT ON PROCEDURE salesforce_fdw.run(pg_catalog.text, pg_catalog.bool) IS
    'run a data set: discover, materialize, publish, register, purge; resumes what an earlier CALL left';

CREATE FUNCTION salesforce_fdw.abandon(run pg_catalog.uuid, reason pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_abandon'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.abandon(pg_catalog.uuid, pg_catalog.text) IS
    'end an open run that has not published anything';

CREATE FUNCTION salesforce_fdw.rollback(name pg_catalog.text, run pg_catalog.uuid)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_rollback'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.rollback(pg_catalog.text, pg_catalog.uuid) IS
    'let readers see what an earlier run has published, as long as its object is kept';

CREATE FUNCTION salesforce_fdw.retract(name pg_catalog.text,
    runs pg_catalog.uuid[], reason pg_catalog.text,
    OUT run pg_catalog.uuid, OUT key pg_catalog.text,
    OUT versions_left pg_catalog.int4)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_retract'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.retract IS
    'take back what runs have published: lead readers to an accepted run or take the table from the catalog, and delete every version';
REVOKE ALL ON FUNCTION salesforce_fdw.retract FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.retract TO salesforce_fdw_write;

CREATE FUNCTION salesforce_fdw.take_over(name pg_catalog.text, reason pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'sfdw_sql_take_over'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.take_over IS
    'make this database the owner of what a data set publishes, after a restore, a move or a failover; the owner until now is refused from then on';
REVOKE ALL ON FUNCTION salesforce_fdw.take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.take_over TO salesforce_fdw_write;

CREATE FUNCTION salesforce_fdw.purge_plan(name pg_catalog.text,
    OUT server pg_catalog.text, OUT key pg_catalog.text,
    OUT version_id pg_catalog.text, OUT size pg_catalog.int8,
    OUT last_modified pg_catalog.timestamptz, OUT is_delete_marker pg_catalog.bool,
    OUT verdict pg_catalog.text, OUT reason pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_purge_plan'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.purge_plan(pg_catalog.text) IS
    'every raw version that is there: would it be deleted, and why; deletes nothing';

CREATE FUNCTION salesforce_fdw.dry_run(name pg_catalog.text,
    OUT section pg_catalog.text, OUT item pg_catalog.text,
    OUT verdict pg_catalog.text, OUT detail pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_dry_run'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.dry_run(pg_catalog.text) IS
    'what a run would find and do: verdicts, inputs, gates, what would be purged; changes nothing';

REVOKE ALL ON FUNCTION salesforce_fdw.run_begin(pg_catalog.text, pg_catalog.bool),
    salesforce_fdw.run_next(pg_catalog.text), salesforce_fdw.run_fail(pg_catalog.text),
    salesforce_fdw.run_raise(pg_catalog.text), salesforce_fdw.run_end(pg_catalog.text),
    salesforce_fdw.abandon(pg_catalog.uuid, pg_catalog.text),
    salesforce_fdw.rollback(pg_catalog.text, pg_catalog.uuid),
    salesforce_fdw.purge_plan(pg_catalog.text),
    salesforce_fdw.dry_run(pg_catalog.text)
    FROM PUBLIC;
REVOKE ALL ON PROCEDURE salesforce_fdw.run(pg_catalog.text, pg_catalog.bool) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.run_begin(pg_catalog.text, pg_catalog.bool),
    salesforce_fdw.run_next(pg_catalog.text), salesforce_fdw.run_fail(pg_catalog.text),
    salesforce_fdw.run_raise(pg_catalog.text), salesforce_fdw.run_end(pg_catalog.text),
    salesforce_fdw.abandon(pg_catalog.uuid, pg_catalog.text),
    salesforce_fdw.rollback(pg_catalog.text, pg_catalog.uuid)
    TO salesforce_fdw_write;
GRANT EXECUTE ON PROCEDURE salesforce_fdw.run(pg_catalog.text, pg_catalog.bool)
    TO salesforce_fdw_write;
GRANT EXECUTE ON FUNCTION salesforce_fdw.purge_plan(pg_catalog.text),
    salesforce_fdw.dry_run(pg_catalog.text)
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy;

----------------------------------------------------------------------------
-- dataset: views
----------------------------------------------------------------------------

-- Whether what a data set has published follows an older definition than the
-- present one.  Left out is what says nothing of the published rows: who owns
-- and changed it and when, gates, purging.
CREATE VIEW salesforce_fdw.run_definition AS
SELECT r.dataset,
    (r.definition - f.left_out)
        IS DISTINCT FROM (pg_catalog.to_jsonb(d) - f.left_out) AS is_outdated
FROM salesforce_fdw.ledger_run r
JOIN salesforce_fdw.dataset d ON d.name = r.dataset
CROSS JOIN (VALUES ('{version,owner,keep_runs,gates,purge,purge_after,confirmed_location,evidence_server,changed_by,changed_at}'::pg_catalog.text[]))
    AS f (left_out)
WHERE r.is_published AND NOT EXISTS (SELECT FROM salesforce_fdw.ledger_run n
    WHERE n.dataset = r.dataset AND n.is_published AND n.number > r.number);
COMMENT ON VIEW salesforce_fdw.run_definition IS
    'part of run_status: whether what is published follows an older definition';

-- Views run with their owner's rights: who may select from them sees the
-- ledger without having any right on its tables.
CREATE VIEW salesforce_fdw.run_status AS
SELECT d.name AS dataset,
    coalesce(r.state, 'never run') AS state,
    r.run,
    r.state_since AS since,
    (SELECT pg_catalog.max(s.registered_at) FROM salesforce_fdw.ledger_run s
        WHERE s.dataset = d.name) AS last_success,
    e.detail AS last_error,
    e.sqlstate,
    CASE
        WHEN e.sqlstate = 'SF007'
            THEN pg_catalog.format('SELECT salesforce_fdw.take_over(%L, %L);', d.name, 'why')
        WHEN r.state = 'closed' AND e.id IS NULL AND c.is_outdated IS NOT TRUE
            THEN pg_catalog.format('SELECT salesforce_fdw.evidence(%L);', r.run)
        WHEN r.state = 'refused' AND r.reason = 'policy'
            THEN pg_catalog.format('SELECT * FROM salesforce_fdw.lineage(%L) WHERE verdict = %L;',
                d.name, 'refused')
        WHEN r.state = 'refused' AND r.reason IN ('detected', 'quality')
            THEN pg_catalog.format('SELECT * FROM salesforce_fdw.run_findings WHERE run = %L;', r.run)
        WHEN r.state = 'purge_pending' AND r.reason = 'unconfirmed'
            THEN pg_catalog.format('SELECT salesforce_fdw.alter_dataset(%L, purge => %L, confirm => %L);',
                d.name, d.purge, u.location)
        WHEN r.state IN ('refused', 'abandoned') AND r.is_forced
            OR r.state = 'purge_pending' AND r.reason = 'unpublished'
            THEN pg_catalog.format('CALL salesforce_fdw.run(%L, force => true);', d.name)
        ELSE pg_catalog.format('CALL salesforce_fdw.run(%L);', d.name)
    END AS action,
    (SELECT pg_catalog.count(*) FROM salesforce_fdw.ledger_run p
        JOIN salesforce_fdw.ledger_input i ON i.run = p.run
        WHERE p.dataset = d.name AND p.state = 'purge_pending'
            AND i.purge_proved IS NULL
            AND (d.purge = 'location' OR (d.purge = 'inputs' AND i.is_input)))
        AS raw_versions_left,
    c.is_outdated
FROM salesforce_fdw.dataset d
LEFT JOIN salesforce_fdw.run_definition c ON c.dataset = d.name
LEFT JOIN LATERAL (SELECT * FROM salesforce_fdw.ledger_run l
    WHERE l.dataset = d.name ORDER BY l.number DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT * FROM salesforce_fdw.ledger_event f
    WHERE f.dataset = d.name AND f.sqlstate IS NOT NULL
        AND f.id > (SELECT coalesce(pg_catalog.max(g.id), 0)
            FROM salesforce_fdw.ledger_event g WHERE g.dataset = d.name
                AND g.event IN ('closed', 'no_input', 'taken_over'))
    ORDER BY f.id DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT o.option_value AS location
    FROM salesforce_fdw.ledger_input i
    JOIN pg_catalog.pg_foreign_server s ON s.srvname = i.server
    CROSS JOIN LATERAL pg_catalog.pg_options_to_table(s.srvoptions) o
    WHERE i.run = r.run AND o.option_name = 'location' LIMIT 1) u ON true;
COMMENT ON VIEW salesforce_fdw.run_status IS
    'one row a data set: where its newest run stands, and the SQL to type next';

CREATE VIEW salesforce_fdw.runs AS
SELECT r.run, r.number, r.dataset, r.state, r.reason, r.started, r.state_since,
    r.finished, r.session_role, r.is_forced, r.rows, r.rows_added,
    r.rows_changed, r.rows_removed, r.attempt, r.destination,
    r.target_key AS key, r.published_version AS version_id, r.file_size,
    r.file_sha256, r.file_columns, r.published_at, r.registered_at, r.catalog,
    r.catalog_database, r.catalog_version_before, r.catalog_version,
    r.purge_scope, r.purged_at, r.unread_objects, r.last_error, r.last_sqlstate,
    r.adopted IS NOT NULL AS is_adopted
FROM salesforce_fdw.ledger_run r;
COMMENT ON VIEW salesforce_fdw.runs IS
    'one row a run: its state, what it published, where, and what it purged';

CREATE VIEW salesforce_fdw.run_inputs AS
SELECT i.run, r.number, r.dataset, i.server, i.location, i.key, i.version_id,
    i.size, i.last_modified, i.is_latest, i.is_delete_marker, i.is_pinned,
    i.relations, i.objects, i.records, i.extra_fields, i.missing_fields,
    i.purge_outcome, i.purge_detail, i.purge_tried, i.purge_proved,
    i.purge_scope, i.purge_definition, i.purge_confirmed
FROM salesforce_fdw.ledger_input i
JOIN salesforce_fdw.ledger_run r ON r.run = i.run;
COMMENT ON VIEW salesforce_fdw.run_inputs IS
    'every raw version that a run listed, whether it was read, and what became of it';

CREATE VIEW salesforce_fdw.run_outputs AS
SELECT o.run, r.number, r.dataset, o.attempt, o.kind, o.server, o.location,
    o.key, nullif(o.version_id, '') AS version_id, o.size, o.sha256, o.written,
    o.deleted
FROM salesforce_fdw.ledger_output o
JOIN salesforce_fdw.ledger_run r ON r.run = o.run;
COMMENT ON VIEW salesforce_fdw.run_outputs IS
    'every key and version that runs have written';

CREATE VIEW salesforce_fdw.run_owners AS
SELECT o.number, o.dataset, o.location, o.path, o.claim, o.at, o.session_role,
    o.reason, o.content -> 'database' AS database, o.replaced, o.is_written,
    o.version_id, o.seen_at
FROM salesforce_fdw.ledger_owner o;
COMMENT ON VIEW salesforce_fdw.run_owners IS
    'which database has become the owner of the place where a data set publishes: when, by whom and why';
COMMENT ON COLUMN salesforce_fdw.run_owners.reason IS
    'as given to take_over(); NULL: nobody had it';
COMMENT ON COLUMN salesforce_fdw.run_owners.replaced IS
    'what named the owner until then';
COMMENT ON COLUMN salesforce_fdw.run_owners.is_written IS
    'whether "_owner.json" was seen to name it';

CREATE VIEW salesforce_fdw.run_findings AS
SELECT f.run, r.number, r.dataset, f.ordinal, f.kind, f.name, f.column_name,
    f.count, f.detail, f.keys, f.action
FROM salesforce_fdw.ledger_finding f
JOIN salesforce_fdw.ledger_run r ON r.run = f.run;
COMMENT ON VIEW salesforce_fdw.run_findings IS
    'what detectors, gates and checks found: counts, shapes and record ids, never a value';

CREATE VIEW salesforce_fdw.run_events AS
SELECT e.id, e.dataset, e.run, e.at, e.pid, e.session_role, e.event,
    e.sqlstate, e.detail
FROM salesforce_fdw.ledger_event e;
COMMENT ON VIEW salesforce_fdw.run_events IS
    'what happened to data sets and runs, in order';

CREATE VIEW salesforce_fdw.run_evidence AS
SELECT r.run, pg_catalog.jsonb_build_object(
    'run', r.run,
    'dataset', r.dataset,
    'state', r.state,
    'reason', r.reason,
    'started', r.started,
    'finished', r.finished,
    'session_role', r.session_role,
    'extension_version', r.extension_version,
    'policy', pg_catalog.jsonb_build_object(
        'hash', r.definition ->> 'policy_hash',
        'definition_version', r.definition -> 'version',
        'query', r.definition ->> 'query',
        'allow', r.definition -> 'allow',
        'functions', r.definition -> 'functions',
        'reference_tables', r.definition -> 'reference_tables',
        'detectors', r.definition -> 'detectors',
        'gates', r.definition -> 'gates',
        'acceptances', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                'field', a.field, 'reason', a.reason,
                'accepted_by', a.accepted_by, 'accepted_at', a.accepted_at)
                ORDER BY a.field, a.accepted_at), '[]')
            FROM salesforce_fdw.dataset_acceptance a
            WHERE a.dataset = r.dataset
                AND a.policy_hash = r.definition ->> 'policy_hash')),
    'inputs', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'relations', i.relations, 'objects', i.objects,
            'location', i.location, 'key', i.key, 'version_id', i.version_id,
            'size', i.size, 'last_modified', i.last_modified,
            'records', i.records, 'extra_fields', pg_catalog.to_jsonb(i.extra_fields),
            'missing_fields', pg_catalog.to_jsonb(i.missing_fields)) ORDER BY i.location, i.key), '[]')
        FROM salesforce_fdw.ledger_input i WHERE i.run = r.run AND i.is_pinned),
    'columns', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'relation', c.relation, 'column', c.column_name,
            'object', c.object, 'field', c.field, 'class', c.class,
            'roles', c.roles, 'outputs', c.outputs, 'verdict', c.verdict,
            'reason', c.reason) ORDER BY c.relation, c.column_name), '[]')
        FROM salesforce_fdw.ledger_lineage c WHERE c.run = r.run),
    'findings', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'kind', f.kind, 'name', f.name, 'column', f.column_name,
            'count', f.count, 'detail', f.detail, 'keys', f.keys,
            'action', f.action) ORDER BY f.ordinal), '[]')
        FROM salesforce_fdw.ledger_finding f WHERE f.run = r.run),
    'rows', r.rows,
    'rows_added', r.rows_added,
    'rows_changed', r.rows_changed,
    'rows_removed', r.rows_removed,
    'rows_checksum', r.checksum,
    'schema', r.file_columns,
    'schema_before', (SELECT b.file_columns FROM salesforce_fdw.ledger_run b
        WHERE b.dataset = r.dataset AND b.is_published AND b.number < r.number
        ORDER BY b.number DESC LIMIT 1),
    'outputs', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'kind', o.kind, 'attempt', o.attempt, 'location', o.location,
            'key', o.key, 'version_id', nullif(o.version_id, ''),
            'size', o.size, 'sha256', o.sha256, 'written', o.written,
            'deleted', o.deleted) ORDER BY o.attempt, o.kind DESC), '[]')
        FROM salesforce_fdw.ledger_output o
        -- but for the file that holds this
        WHERE o.run = r.run AND o.kind <> 'evidence'),
    'catalog', CASE WHEN r.catalog IS NOT NULL THEN pg_catalog.jsonb_build_object(
        'location', r.catalog, 'database', r.catalog_database,
        'table', r.dataset, 'version_before', r.catalog_version_before,
        'version', r.catalog_version,
        'is_changed', r.catalog_description IS NOT NULL) END,
    'purge', pg_catalog.jsonb_build_object(
        'scope', coalesce(r.purge_scope, r.definition ->> 'purge'),
        'purged_at', r.purged_at,
        'unread_objects', r.unread_objects,
        -- by which definition, later than the run's perhaps, versions went
        'by', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                'definition_version', b.purge_definition,
                'scope', b.purge_scope,
                'confirmed_location', b.purge_confirmed,
                'versions', b.versions, 'proved', b.proved)
                ORDER BY b.purge_definition), '[]')
            FROM (SELECT i.purge_definition, i.purge_scope, i.purge_confirmed,
                    pg_catalog.count(*) AS versions, pg_catalog.max(i.purge_proved) AS proved
                FROM salesforce_fdw.ledger_input i
                WHERE i.run = r.run AND i.purge_proved IS NOT NULL
                GROUP BY i.purge_definition, i.purge_scope, i.purge_confirmed) b),
        'listed', p.listed,
        'deleted', p.deleted,
        'gone', p.gone,
        'kept', p.kept,
        'failed', p.failed,
        -- of those that failed
        'denied', p.denied,
        'held', p.held,
        'retained', p.retained,
        'foreseen', (SELECT coalesce(pg_catalog.jsonb_agg(f.detail ORDER BY f.id), '[]')
            FROM salesforce_fdw.ledger_event f
            WHERE f.run = r.run AND f.event = 'purge_foreseen'),
        'proved', p.proved,
        'left', p.listed - p.proved,
        -- null when nobody has asked, or may ask
        'unfinished_uploads', (SELECT coalesce(pg_catalog.jsonb_agg(e.upload
                ORDER BY e.upload ->> 'started') FILTER (WHERE e.upload IS NOT NULL), '[]')
            FROM salesforce_fdw.ledger_upload n
            LEFT JOIN LATERAL pg_catalog.jsonb_array_elements(n.uploads) AS e(upload) ON true
            WHERE n.run = r.run HAVING pg_catalog.count(*) > 0),
        'versions', p.versions)
    ) AS evidence
FROM salesforce_fdw.ledger_run r
CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS listed,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'deleted') AS deleted,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'gone') AS gone,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'kept') AS kept,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome IN ('failed', 'denied', 'held', 'retained', 'refused', 'unknown')) AS failed,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'denied') AS denied,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'held') AS held,
        pg_catalog.count(*) FILTER (WHERE i.purge_outcome = 'retained') AS retained,
        pg_catalog.count(i.purge_proved) AS proved,
        coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'location', i.location, 'key', i.key, 'version_id', i.version_id,
            'is_delete_marker', i.is_delete_marker, 'outcome', i.purge_outcome,
            'detail', i.purge_detail, 'proved', i.purge_proved)
            ORDER BY i.location, i.key, i.version_id), '[]') AS versions
    FROM salesforce_fdw.ledger_input i WHERE i.run = r.run) p;
COMMENT ON VIEW salesforce_fdw.run_evidence IS
    'what is known of a run, as evidence() returns it';

COMMENT ON COLUMN salesforce_fdw.run_status.state IS
    'of the newest run, or "never run"';
COMMENT ON COLUMN salesforce_fdw.run_status.last_success IS
    'when a run was last published and registered';
COMMENT ON COLUMN salesforce_fdw.run_status.last_error IS
    'of the last CALL that failed, until one succeeds';
COMMENT ON COLUMN salesforce_fdw.run_status.action IS
    'the SQL to type next';
COMMENT ON COLUMN salesforce_fdw.run_status.raw_versions_left IS
    'versions whose purge is pending';
COMMENT ON COLUMN salesforce_fdw.run_status.is_outdated IS
    'whether what is published follows an older definition than the present one; null when nothing is';
COMMENT ON COLUMN salesforce_fdw.runs.state IS
    'discovered, materialized, staged, verified, published, registered, purge_pending, closed, refused or abandoned';
COMMENT ON COLUMN salesforce_fdw.runs.reason IS
    'why it was refused or abandoned, or why its purge is pending';
COMMENT ON COLUMN salesforce_fdw.runs.session_role IS
    'who called it';
COMMENT ON COLUMN salesforce_fdw.runs.rows_added IS
    'rows whose record ids the table had not before';
COMMENT ON COLUMN salesforce_fdw.runs.rows_changed IS
    'rows whose record ids it had with other values';
COMMENT ON COLUMN salesforce_fdw.runs.rows_removed IS
    'rows that it had, and whose record ids are gone';
COMMENT ON COLUMN salesforce_fdw.runs.attempt IS
    'how often a file was staged';
COMMENT ON COLUMN salesforce_fdw.runs.key IS
    'of the published object, below its server''s location';
COMMENT ON COLUMN salesforce_fdw.runs.purge_scope IS
    'none, inputs or location: what was purged when nothing of it was left';
COMMENT ON COLUMN salesforce_fdw.runs.unread_objects IS
    'objects below its raw locations that no data set read when it began';
COMMENT ON COLUMN salesforce_fdw.runs.is_adopted IS
    'whether the ledger has it from its manifest: another database ran it, or a later state of this one';
COMMENT ON COLUMN salesforce_fdw.run_inputs.is_pinned IS
    'whether the run read it; the others lay below the same location';
COMMENT ON COLUMN salesforce_fdw.run_inputs.records IS
    'how many the scan read';
COMMENT ON COLUMN salesforce_fdw.run_inputs.purge_outcome IS
    'deleted, gone (somebody else had deleted it), kept (for another data set), denied (the credentials may not), held (a legal hold), retained, refused (the service was not asked), failed or unknown; NULL: not tried';
COMMENT ON COLUMN salesforce_fdw.run_inputs.purge_proved IS
    'when a listing of the location did not have it any more';
COMMENT ON COLUMN salesforce_fdw.run_inputs.purge_definition IS
    'version of the data set''s definition by which it was purged';
COMMENT ON COLUMN salesforce_fdw.run_inputs.purge_confirmed IS
    'the location that was typed again to let it be purged';
COMMENT ON COLUMN salesforce_fdw.run_findings.kind IS
    'detector, gate or check';
COMMENT ON COLUMN salesforce_fdw.run_findings.detail IS
    'of a detector: the masked shape of the first match';
COMMENT ON COLUMN salesforce_fdw.run_findings.keys IS
    'of a detector: record ids of the first 100 rows';
COMMENT ON COLUMN salesforce_fdw.run_findings.action IS
    'refuse, redact, warn, accept (a record that was let through) or count';

GRANT SELECT ON salesforce_fdw.run_status, salesforce_fdw.runs,
    salesforce_fdw.run_inputs, salesforce_fdw.run_outputs,
    salesforce_fdw.run_definition, salesforce_fdw.run_findings, salesforce_fdw.run_events,
    salesforce_fdw.run_owners,
    salesforce_fdw.run_evidence
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_server_credentials,
       salesforce_fdw_audit, salesforce_fdw_operator;

CREATE FUNCTION salesforce_fdw.evidence(run pg_catalog.uuid)
RETURNS pg_catalog.jsonb
LANGUAGE SQL STABLE PARALLEL SAFE
RETURN (SELECT v.evidence FROM salesforce_fdw.run_evidence v
    WHERE v.run = evidence.run);
COMMENT ON FUNCTION salesforce_fdw.evidence(pg_catalog.uuid) IS
    'the auditor''s page of a run: policy, inputs, columns, findings, outputs and proof of the purge';
REVOKE ALL ON FUNCTION salesforce_fdw.evidence(pg_catalog.uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.evidence(pg_catalog.uuid)
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_server_credentials,
       salesforce_fdw_audit, salesforce_fdw_operator;

CREATE FUNCTION salesforce_fdw.verify(run pg_catalog.uuid,
    OUT item pg_catalog.text, OUT subject pg_catalog.text,
    OUT verdict pg_catalog.text, OUT detail pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_verify'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.verify IS
    'whether what the ledger says of a published run is still so: object, manifest, owner, catalog, purged versions, and the ledger itself; verdict is ok, differs, missing or returned';
REVOKE ALL ON FUNCTION salesforce_fdw.verify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.verify TO salesforce_fdw_write, salesforce_fdw_audit;

----------------------------------------------------------------------------
-- dataset: schedule and monitoring
----------------------------------------------------------------------------

-- pg_cron's jobs are in one database, for all; old versions of it cut names
-- after 63 bytes, where two of ours could become one.
CREATE FUNCTION salesforce_fdw.job_name(dataset pg_catalog.text)
RETURNS pg_catalog.text
LANGUAGE SQL STABLE STRICT PARALLEL SAFE
RETURN (SELECT CASE WHEN pg_catalog.octet_length(n.name) < 64 THEN n.name
        ELSE 'salesforce_fdw ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(
            pg_catalog.convert_to(n.name, 'UTF8')), 'hex'), 40) END
    FROM (VALUES ('salesforce_fdw ' || pg_catalog.current_database()
        || '.' || dataset)) AS n (name));
COMMENT ON FUNCTION salesforce_fdw.job_name(pg_catalog.text) IS
    'the name of a data set''s job in pg_cron';

CREATE FUNCTION salesforce_fdw.cron_setting(name pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'sfdw_sql_cron_setting'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION salesforce_fdw.cron_setting(pg_catalog.text) IS
    'part of schedule(): pg_cron''s database or time zone; null without pg_cron';

CREATE FUNCTION salesforce_fdw.cron_jobs(
    OUT dataset pg_catalog.text, OUT job_id pg_catalog.int8,
    OUT schedule pg_catalog.text, OUT role pg_catalog.text,
    OUT is_active pg_catalog.bool, OUT is_here pg_catalog.bool,
    OUT last_status pg_catalog.text, OUT last_start pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'sfdw_sql_cron_jobs'
LANGUAGE C STABLE PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.cron_jobs() IS
    'part of schedule() and check_runs(): the jobs of this database''s data sets; none where pg_cron is not';

CREATE FUNCTION salesforce_fdw.schedule_owner(name pg_catalog.text)
RETURNS pg_catalog.name
AS 'MODULE_PATHNAME', 'sfdw_sql_schedule_owner'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.schedule_owner(pg_catalog.text) IS
    'part of schedule(): check the caller''s rights; the role as which the job runs';

-- The statement_timeout that a session of a role begins with: the settings of
-- role and database are those of the job, and where there are none, what this
-- session began with is the server's.  Null for none.
CREATE FUNCTION salesforce_fdw.job_timeout(role pg_catalog.name)
RETURNS pg_catalog.text
LANGUAGE SQL STABLE STRICT PARALLEL SAFE
RETURN (SELECT nullif(pg_catalog.regexp_replace(t.value, '^0[a-z]*$', ''), '')
    FROM (SELECT 1 AS place, s.setrole <> 0 AS is_role, s.setdatabase <> 0 AS is_database,
            pg_catalog.substr(c.setting, 19) AS value
        FROM pg_catalog.pg_db_role_setting s
        CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
        WHERE c.setting LIKE 'statement\_timeout=%'
            AND s.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles r
                WHERE r.rolname = job_timeout.role))
            AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d
                WHERE d.datname = pg_catalog.current_database()))
        UNION ALL
        SELECT 2, false, false, g.reset_val || g.unit
        FROM pg_catalog.pg_settings g WHERE g.name = 'statement_timeout'
        ORDER BY place, is_role DESC, is_database DESC LIMIT 1) AS t);
COMMENT ON FUNCTION salesforce_fdw.job_timeout(pg_catalog.name) IS
    'part of schedule(): the statement_timeout of a role''s job; null for none';

-- Plain SQL as its caller: what pg_cron allows is pg_cron's business.  One job
-- a data set, which runs as its owner whoever makes it.
CREATE FUNCTION salesforce_fdw.schedule(name pg_catalog.text, cron pg_catalog.text)
RETURNS pg_catalog.int8
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $schedule$
DECLARE
    here CONSTANT pg_catalog.text := pg_catalog.current_database();
    there CONSTANT pg_catalog.text := salesforce_fdw.cron_setting('cron.database_name');
    zone CONSTANT pg_catalog.text := coalesce(salesforce_fdw.cron_setting('cron.timezone'), 'GMT');
    job CONSTANT pg_catalog.text := salesforce_fdw.job_name(name);
    command CONSTANT pg_catalog.text := pg_catalog.format('CALL salesforce_fdw.run(%L)', name);
    is_superuser CONSTANT pg_catalog.bool := (SELECT r.rolsuper
        FROM pg_catalog.pg_roles r WHERE r.rolname = current_user);
    owner pg_catalog.name;
    timeout pg_catalog.text;
    job_id pg_catalog.int8;
BEGIN
    IF name IS NULL OR cron IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
            MESSAGE = pg_catalog.format('parameter "%s" must not be null',
                CASE WHEN name IS NULL THEN 'name' ELSE 'cron' END);
    END IF;
    owner := salesforce_fdw.schedule_owner(name);
    IF there IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = pg_catalog.format('cannot schedule data set "%s": pg_cron is not loaded', name),
            HINT = pg_catalog.format('Install pg_cron (packages are named postgresql-NN-cron and pg_cron_NN), add it to shared_preload_libraries, set cron.database_name = %L, restart, and CREATE EXTENSION pg_cron here.  Any other scheduler can do %s as role "%s".',
                here, command, owner);
    ELSIF there <> here THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = pg_catalog.format('cannot schedule data set "%s" from database "%s": pg_cron keeps its jobs in database "%s"', name, here, there),
            HINT = pg_catalog.format('In that database, as a superuser: SELECT cron.schedule_in_database(%L, %L, %L, %L, %L, true);',
                job, cron, command, here, owner);
    ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname = 'pg_cron') THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = pg_catalog.format('cannot schedule data set "%s": extension "pg_cron" is not created in this database', name),
            HINT = pg_catalog.format('As a superuser: CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO %I;', owner);
    ELSIF NOT pg_catalog.has_schema_privilege('cron', 'USAGE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = 'permission denied for schema cron',
            HINT = pg_catalog.format('As a superuser: GRANT USAGE ON SCHEMA cron TO %I;', current_user);
    ELSIF NOT (SELECT r.rolcanlogin FROM pg_catalog.pg_roles r WHERE r.rolname = owner) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = pg_catalog.format('cannot schedule data set "%s": its owner "%s" cannot log in', name, owner),
            DETAIL = 'pg_cron logs in as the role that a job runs as.',
            HINT = pg_catalog.format('ALTER ROLE %I LOGIN;', owner);
    END IF;

    -- pg_cron keeps of a job that is there what is not said again.
    IF EXISTS (SELECT FROM salesforce_fdw.cron_jobs() j WHERE j.dataset = schedule.name
            AND NOT (j.is_active AND j.is_here AND j.role = owner)) THEN
        PERFORM salesforce_fdw.unschedule(name);
    END IF;
    IF is_superuser THEN
        job_id := cron.schedule_in_database(job, cron, command, here, owner::pg_catalog.text, true);
    ELSE
        job_id := cron.schedule(job, cron, command);
    END IF;
    RAISE NOTICE USING
        MESSAGE = pg_catalog.format('data set "%s" is scheduled at "%s" in time zone %s', name, cron, zone),
        DETAIL = pg_catalog.format('It is %s there now.  Job %s runs it as role "%s".',
            pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE zone, 'HH24:MI'), job_id, owner);
    timeout := salesforce_fdw.job_timeout(owner);
    IF timeout IS NOT NULL THEN
        RAISE NOTICE USING
            MESSAGE = pg_catalog.format('statement_timeout is %s for role "%s", and covers a whole CALL', timeout, owner),
            HINT = pg_catalog.format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0;', owner, here);
    END IF;
    RETURN job_id;
END
$schedule$;
COMMENT ON FUNCTION salesforce_fdw.schedule(pg_catalog.text, pg_catalog.text) IS
    'have pg_cron call run() for a data set, as its owner; replaces the schedule that it has; returns the job''s number';

CREATE FUNCTION salesforce_fdw.unschedule(name pg_catalog.text)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'sfdw_sql_unschedule'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION salesforce_fdw.unschedule(pg_catalog.text) IS
    'take a data set''s job out of pg_cron; whether there was one';

-- What check_runs() judges, as the ledger has it; raw versions are those that
-- the newest listing had and no purge has proved to be gone.
CREATE VIEW salesforce_fdw.run_health AS
SELECT d.name AS dataset, d.owner, d.purge, s.last_success, s.last_error, s.sqlstate,
    s.raw_versions_left AS pending_versions,
    o.run AS open_run, o.state AS open_state, o.started AS open_since,
    l.pid,
    (SELECT e.at FROM salesforce_fdw.ledger_event e
        WHERE e.dataset = d.name AND e.event = 'called'
        ORDER BY e.id DESC LIMIT 1) AS last_call,
    c.calls - (l.pid IS NOT NULL AND c.calls > 0)::pg_catalog.int4 AS failed_calls,
    w.raw_versions, w.oldest_raw, u.unread_objects
FROM salesforce_fdw.dataset d
JOIN salesforce_fdw.run_status s ON s.dataset = d.name
LEFT JOIN salesforce_fdw.ledger_run o ON o.dataset = d.name AND o.is_open
CROSS JOIN LATERAL (SELECT pg_catalog.hashtextextended(d.name COLLATE "C", 0)) AS h (hash)
LEFT JOIN pg_catalog.pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 5
    AND l.database = (SELECT b.oid FROM pg_catalog.pg_database b
        WHERE b.datname = pg_catalog.current_database())
    AND l.classid = ((h.hash >> 32) & 4294967295)::pg_catalog.oid
    AND l.objid = (h.hash & 4294967295)::pg_catalog.oid
CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS calls
    FROM salesforce_fdw.ledger_event e
    WHERE e.dataset = d.name AND e.event = 'called'
        AND e.id > coalesce((SELECT g.id FROM salesforce_fdw.ledger_event g
            WHERE g.dataset = d.name AND g.event IN ('closed', 'no_input', 'purge_pending')
            ORDER BY g.id DESC LIMIT 1), 0)) c
CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS raw_versions,
        pg_catalog.min(i.last_modified) AS oldest_raw
    FROM salesforce_fdw.ledger_input i
    WHERE i.run = (SELECT n.run FROM salesforce_fdw.ledger_run n
            WHERE n.dataset = d.name AND EXISTS (SELECT
                FROM salesforce_fdw.ledger_input x WHERE x.run = n.run)
            ORDER BY n.number DESC LIMIT 1)
        -- what a run listed that was adopted, the ledger does not know
        AND NOT EXISTS (SELECT FROM salesforce_fdw.ledger_run a
            WHERE a.run = i.run AND a.adopted IS NOT NULL)
        AND (d.purge = 'location' OR (d.purge = 'inputs' AND i.is_input))
        AND NOT EXISTS (SELECT FROM salesforce_fdw.ledger_input g
            WHERE g.server = i.server AND g.key = i.key
                AND g.version_id = i.version_id AND g.purge_proved IS NOT NULL)) w
LEFT JOIN LATERAL (SELECT r.unread_objects FROM salesforce_fdw.ledger_run r
    WHERE r.dataset = d.name AND r.unread_objects IS NOT NULL
    ORDER BY r.number DESC LIMIT 1) u ON true;
COMMENT ON VIEW salesforce_fdw.run_health IS
    'part of check_runs(): what it judges of each data set';

-- For postgres_exporter and the like: gauges only, a row each.  Times are in
-- seconds since 1970, ages in seconds; a data set that has none has no row.
CREATE VIEW salesforce_fdw.run_metrics AS
WITH last AS (SELECT DISTINCT ON (r.dataset) r.dataset, r.run, r.rows, r.file_size,
        r.registered_at, r.started
    FROM salesforce_fdw.ledger_run r JOIN salesforce_fdw.dataset d ON d.name = r.dataset
    WHERE r.is_published ORDER BY r.dataset, r.number DESC)
SELECT m.metric, m.labels, m.value FROM (
    SELECT 'salesforce_fdw_run_state' AS metric,
        pg_catalog.jsonb_build_object('dataset', s.dataset, 'state', s.state) AS labels, 1::pg_catalog.float8 AS value
    FROM salesforce_fdw.run_status s
    UNION ALL
    SELECT g.metric, pg_catalog.jsonb_build_object('dataset', h.dataset), g.value
    FROM salesforce_fdw.run_health h CROSS JOIN LATERAL (VALUES
        ('salesforce_fdw_last_success_timestamp_seconds', extract(epoch FROM h.last_success)::pg_catalog.float8),
        ('salesforce_fdw_open_run_since_timestamp_seconds', extract(epoch FROM h.open_since)::pg_catalog.float8),
        ('salesforce_fdw_failed_calls', h.failed_calls::pg_catalog.float8),
        ('salesforce_fdw_purge_pending_versions', h.pending_versions::pg_catalog.float8),
        ('salesforce_fdw_raw_versions', h.raw_versions::pg_catalog.float8),
        ('salesforce_fdw_oldest_raw_timestamp_seconds', extract(epoch FROM h.oldest_raw)::pg_catalog.float8),
        ('salesforce_fdw_unread_raw_objects', h.unread_objects::pg_catalog.float8)
        ) AS g (metric, value)
    UNION ALL
    SELECT g.metric, pg_catalog.jsonb_build_object('dataset', l.dataset), g.value
    FROM last l CROSS JOIN LATERAL (VALUES
        ('salesforce_fdw_published_rows', l.rows::pg_catalog.float8),
        ('salesforce_fdw_published_bytes', l.file_size::pg_catalog.float8),
        ('salesforce_fdw_published_duration_seconds', extract(epoch FROM l.registered_at - l.started)::pg_catalog.float8)
        ) AS g (metric, value)
    UNION ALL
    SELECT 'salesforce_fdw_findings', pg_catalog.jsonb_build_object('dataset', l.dataset,
            'kind', f.kind, 'name', f.name, 'column', coalesce(f.column_name, ''), 'action', f.action),
        f.count::pg_catalog.float8
    FROM last l JOIN salesforce_fdw.ledger_finding f ON f.run = l.run) m
WHERE m.value IS NOT NULL;
COMMENT ON VIEW salesforce_fdw.run_metrics IS
    'what metrics() returns';

CREATE FUNCTION salesforce_fdw.metrics(
    OUT metric pg_catalog.text, OUT labels pg_catalog.jsonb,
    OUT value pg_catalog.float8)
RETURNS SETOF pg_catalog.record
LANGUAGE SQL STABLE STRICT PARALLEL UNSAFE
BEGIN ATOMIC
SELECT m.metric, m.labels, m.value FROM salesforce_fdw.run_metrics m
ORDER BY m.metric, m.labels;
END;
COMMENT ON FUNCTION salesforce_fdw.metrics IS
    'figures of every data set for monitoring: state, last success, open runs, failures, raw versions, rows, findings';

CREATE FUNCTION salesforce_fdw.check_runs(
    max_age pg_catalog.interval DEFAULT '36 hours',
    max_raw_age pg_catalog.interval DEFAULT '2 days',
    OUT dataset pg_catalog.text, OUT check_name pg_catalog.text,
    OUT status pg_catalog.text, OUT detail pg_catalog.text)
RETURNS SETOF pg_catalog.record
LANGUAGE SQL STABLE STRICT PARALLEL UNSAFE
BEGIN ATOMIC
SELECT h.dataset, c.name, c.status, c.detail
FROM (SELECT r.*, pg_catalog.clock_timestamp() AS now FROM salesforce_fdw.run_health r) h
LEFT JOIN LATERAL (SELECT * FROM salesforce_fdw.cron_jobs() k
    WHERE k.dataset = h.dataset ORDER BY k.role = h.owner DESC, k.job_id LIMIT 1) j ON true
CROSS JOIN LATERAL (SELECT salesforce_fdw.cron_setting('cron.database_name')
    = pg_catalog.current_database() AS is_here) p
CROSS JOIN LATERAL (VALUES
    (1, 'last_success',
        CASE WHEN h.last_success > h.now - max_age THEN 'ok'
            WHEN h.last_success < h.now - 2 * max_age THEN 'critical'
            ELSE 'warning' END,
        CASE WHEN h.last_success IS NULL THEN 'nothing was published yet'
            ELSE pg_catalog.format('published and registered %s, %s ago',
                pg_catalog.date_trunc('second', h.last_success),
                pg_catalog.date_trunc('second', h.now - h.last_success)) END),
    (2, 'open_run',
        CASE WHEN h.open_run IS NULL THEN 'ok'
            WHEN h.open_since < h.now - max_age THEN 'critical'
            WHEN h.pid IS NULL THEN 'warning'
            ELSE 'ok' END,
        CASE WHEN h.open_run IS NULL THEN 'none'
            ELSE pg_catalog.format('run %s is "%s", began %s, %s', h.open_run, h.open_state,
                pg_catalog.date_trunc('second', h.open_since), coalesce('process ' || h.pid || ' has it',
                    'and nobody goes on with it')) END),
    (3, 'failed_calls',
        CASE WHEN h.failed_calls = 0 THEN 'ok' WHEN h.failed_calls < 3 THEN 'warning'
            ELSE 'critical' END,
        pg_catalog.format('%s in a row%s', h.failed_calls,
            CASE WHEN h.failed_calls > 0 THEN '; last error: '
                || coalesce(h.sqlstate || ' ' || h.last_error, 'none was recorded') END)),
    (4, 'purge',
        CASE WHEN h.pending_versions > 0 THEN 'warning' ELSE 'ok' END,
        CASE WHEN h.purge = 'none' THEN 'is not switched on'
            ELSE pg_catalog.format('%s raw versions of published runs are left', h.pending_versions) END),
    (5, 'raw_age',
        CASE WHEN h.oldest_raw < h.now - max_raw_age THEN 'critical' ELSE 'ok' END,
        CASE WHEN h.purge = 'none' THEN 'purge is not switched on'
            WHEN h.raw_versions = 0 THEN 'none is left of the last listing'
            ELSE pg_catalog.format('%s raw versions of the last listing are left, the oldest of %s',
                h.raw_versions, pg_catalog.date_trunc('second', h.oldest_raw)) END),
    (6, 'unread',
        CASE WHEN h.purge = 'inputs' AND h.unread_objects > 0 THEN 'warning' ELSE 'ok' END,
        CASE WHEN h.unread_objects IS NULL THEN 'nothing was listed yet'
            ELSE pg_catalog.format('%s raw objects of the last listing are read by no data set%s', h.unread_objects,
                CASE WHEN h.purge = 'inputs' AND h.unread_objects > 0 THEN ', and stay' END) END),
    (7, 'schedule',
        CASE WHEN p.is_here OR j.job_id IS NOT NULL
            THEN CASE WHEN j.is_active AND j.is_here AND j.role = h.owner
                AND j.last_status IS DISTINCT FROM 'failed' THEN 'ok' ELSE 'warning' END
            WHEN h.last_call > h.now - max_age THEN 'ok' ELSE 'warning' END,
        CASE WHEN j.job_id IS NOT NULL THEN pg_catalog.format(
                'job %s, "%s", as role "%s"%s%s%s; last: %s', j.job_id, j.schedule, j.role,
                CASE WHEN NOT j.is_active THEN ', is not active' END,
                CASE WHEN NOT j.is_here THEN ', is for another port' END,
                CASE WHEN j.role <> h.owner THEN ', is not the owner''s' END,
                coalesce(j.last_status || coalesce(' '
                    || pg_catalog.date_trunc('second', j.last_start)::pg_catalog.text, ''), 'none'))
            WHEN p.is_here THEN 'pg_cron has no job for it'
            ELSE 'pg_cron has no jobs in this database; last CALL '
                || coalesce(pg_catalog.date_trunc('second', h.last_call)::pg_catalog.text, 'never') END)
    ) AS c (ordinal, name, status, detail)
ORDER BY h.dataset, c.ordinal;
END;
COMMENT ON FUNCTION salesforce_fdw.check_runs(pg_catalog.interval, pg_catalog.interval) IS
    'for monitoring: one row a check of each data set, ok, warning or critical; asks the ledger and pg_cron, not the storage';

REVOKE ALL ON FUNCTION salesforce_fdw.job_name(pg_catalog.text),
    salesforce_fdw.cron_setting(pg_catalog.text), salesforce_fdw.cron_jobs(),
    salesforce_fdw.schedule_owner(pg_catalog.text),
    salesforce_fdw.job_timeout(pg_catalog.name),
    salesforce_fdw.schedule(pg_catalog.text, pg_catalog.text),
    salesforce_fdw.unschedule(pg_catalog.text),
    salesforce_fdw.check_runs(pg_catalog.interval, pg_catalog.interval),
    salesforce_fdw.metrics()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION salesforce_fdw.job_name(pg_catalog.text),
    salesforce_fdw.schedule_owner(pg_catalog.text),
    salesforce_fdw.job_timeout(pg_catalog.name),
    salesforce_fdw.schedule(pg_catalog.text, pg_catalog.text),
    salesforce_fdw.unschedule(pg_catalog.text)
    TO salesforce_fdw_write;
GRANT SELECT ON salesforce_fdw.run_health, salesforce_fdw.run_metrics
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_server_credentials,
       salesforce_fdw_audit, salesforce_fdw_operator;
GRANT EXECUTE ON FUNCTION salesforce_fdw.cron_setting(pg_catalog.text),
    salesforce_fdw.cron_jobs(),
    salesforce_fdw.check_runs(pg_catalog.interval, pg_catalog.interval),
    salesforce_fdw.metrics()
    TO salesforce_fdw_write, salesforce_fdw_purge, salesforce_fdw_policy,
       salesforce_fdw_steward, salesforce_fdw_server_credentials,
       salesforce_fdw_audit, salesforce_fdw_operator;
