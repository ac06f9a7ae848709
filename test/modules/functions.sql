-- Functions of core and storage for SQL; they exist in the test build only.
CREATE FUNCTION test_storage_put(server text, key text, data bytea,
                                 pieces int DEFAULT 1) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_put';
CREATE FUNCTION test_storage_get(server text, key text,
                                 version text DEFAULT NULL,
                                 command text DEFAULT NULL) RETURNS bytea
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_get';
CREATE FUNCTION test_storage_list(server text, prefix text DEFAULT '',
                                  OUT key text, OUT version_id text,
                                  OUT size bigint, OUT is_latest boolean,
                                  OUT is_delete_marker boolean)
    RETURNS SETOF record
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_list';
CREATE FUNCTION test_storage_promote(server text, staged text,
                                     staged_version text, final text,
                                     expected text) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_promote';
CREATE FUNCTION test_storage_delete(server text, keys text[], versions text[])
    RETURNS text[]
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_delete';
CREATE FUNCTION test_storage_locate(url text, use text) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_locate';
CREATE FUNCTION test_storage_overlaps(location text, other text) RETURNS boolean
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_overlaps';
CREATE FUNCTION test_memory_plant(location text, key text, fault text)
    RETURNS void
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_plant';
CREATE FUNCTION test_memory_mark_deleted(location text, key text) RETURNS void
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_mark_deleted';
CREATE FUNCTION test_storage_conformance(server text, number int) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_conformance';
CREATE FUNCTION test_storage_check_count() RETURNS int
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_check_count';
CREATE FUNCTION test_name_sanitise(name text, OUT sanitised text,
                                   OUT is_too_long boolean)
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_sanitise';
CREATE FUNCTION test_options(options text[], is_server boolean DEFAULT true)
    RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_options';
CREATE FUNCTION test_memory_resize(sizes bigint[]) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_resize';
CREATE FUNCTION test_parquet_verify(file bytea) RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_parquet_verify';
CREATE FUNCTION test_parquet_mutate(file bytea, count int, start int,
                                    stop int) RETURNS int
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_parquet_mutate';
CREATE FUNCTION test_fdw_reports() RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_reports';
CREATE FUNCTION test_fdw_forget() RETURNS void
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_forget';
CREATE FUNCTION test_fdw_is_ours(relation regclass) RETURNS boolean
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_is_ours';
CREATE FUNCTION test_storage_histories(server text, steps int, seed int)
    RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_histories';
CREATE FUNCTION test_request(server text, method text, key text,
                             parameters text[] DEFAULT '{}',
                             headers text[] DEFAULT '{}', body text DEFAULT '')
    RETURNS text
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_request';
CREATE FUNCTION test_memory(inverted bytea) RETURNS bigint
    LANGUAGE c AS '$libdir/salesforce_fdw', 'sfdw_sql_test_memory';
