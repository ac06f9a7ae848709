-- The options of servers, tables, columns and mappings, and who may set them.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_options;
SET search_path = fdw_options;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION try_server(options text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome('CREATE SERVER fdw_options_try FOREIGN DATA WRAPPER salesforce_fdw ' || options);
$$;
CREATE FUNCTION try_table(options text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome('CREATE FOREIGN TABLE fdw_options_try (id text) SERVER fdw_options_raw ' || options);
$$;
CREATE FUNCTION try_column(options text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome('CREATE FOREIGN TABLE fdw_options_try (id text OPTIONS (' || options ||
        ')) SERVER fdw_options_raw OPTIONS (object ''Account'')');
$$;

-- Claim: the wrapper and a user mapping have no options.
ALTER FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///x/'); -- ERROR
CREATE SERVER fdw_options_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file:///no/such/folder/');
CREATE USER MAPPING FOR CURRENT_USER SERVER fdw_options_raw OPTIONS (user 'x'); -- ERROR
CREATE USER MAPPING FOR CURRENT_USER SERVER fdw_options_raw;

-- Claim: a server needs a location; what is not there yet is refused, not
-- ignored; a misspelt option gets the closest one as a hint.
SELECT try_server('');
SELECT try_server('OPTIONS (dialect ''csv'')');
SELECT try_server('OPTIONS (locaton ''file:///x/'')');
SELECT try_server('OPTIONS (location ''file:///x/'', region ''ca central'')');
SELECT try_server('OPTIONS (location ''s3://Bucket/prefix/'')');
SELECT try_server('OPTIONS (location ''file:///x/'', use_fips ''perhaps'')');
SELECT try_server('OPTIONS (location ''file:///x/'', use_dualstak ''true'')');
SELECT try_server('OPTIONS (location ''https://host/x/'')');
SELECT try_server('OPTIONS (location ''relative/'')');
SELECT try_server('OPTIONS (location '''')');
SELECT try_server('OPTIONS (location ''file:///x/'', dialect ''Cds'')');
SELECT try_server('OPTIONS (location ''file:///x/'', dialect ''parquet'')');
SELECT try_server('OPTIONS (location ''file:///x/'', dialect ''bulk'')');
SELECT try_server('OPTIONS (location ''file:///x/'', catalog ''s3://y/'')');
SELECT try_server('OPTIONS (location ''file:///x/'', catalog ''hive'')');
SELECT try_server('OPTIONS (location ''file:///x/'', database ''a/b'')');
SELECT try_server('OPTIONS (location ''file:///x/'', dialect ''auto'', catalog ''file:///y/'', database ''crm'')');
SELECT outcome('ALTER SERVER fdw_options_try OPTIONS (DROP location)');
SELECT outcome('ALTER SERVER fdw_options_try OPTIONS (SET dialect ''cds'')');
DROP SERVER fdw_options_try;

-- Claim: a table names one object, and its options are checked by kind.
SELECT try_table('');
SELECT try_table('OPTIONS (object ''Account'', path ''Account.csv'')');
SELECT try_table('OPTIONS (objct ''Account'')');
SELECT try_table('OPTIONS (object ''Account'', location ''file:///x/'')');
SELECT try_table('OPTIONS (object '''')');
SELECT try_table('OPTIONS (object ''../Account'')');
SELECT try_table('OPTIONS (path ''/etc/passwd'')');
SELECT try_table('OPTIONS (path ''file:///etc/passwd'')');
SELECT try_table('OPTIONS (pattern ''*.csv'')');
SELECT try_table('OPTIONS (object ''A'', dialect ''auto'')');
SELECT try_table('OPTIONS (object ''A'', dialect ''data_loader'')');
SELECT try_table('OPTIONS (object ''A'', delimiter '';;'')');
SELECT try_table('OPTIONS (object ''A'', delimiter '''')');
SELECT try_table('OPTIONS (object ''A'', delimiter E''\n'')');
SELECT try_table('OPTIONS (object ''A'', delimiter ''"'')');
SELECT try_table('OPTIONS (object ''A'', quote '','')');
SELECT try_table('OPTIONS (object ''A'', encoding ''KOI8R'')');
SELECT try_table('OPTIONS (object ''A'', escape ''c'')');
SELECT try_table('OPTIONS (object ''A'', compression ''lz4'')');
SELECT try_table('OPTIONS (object ''A'', compression ''GZIP'')');
SELECT try_table('OPTIONS (object ''A'', max_ratio ''0'')');
SELECT try_table('OPTIONS (object ''A'', max_ratio ''many'')');
SELECT try_table('OPTIONS (object ''A'', encoding '''')');
SELECT try_table('OPTIONS (object ''A'', encoding ''auto'')');
SELECT try_table('OPTIONS (object ''A'', on_error ''skip'')');
SELECT try_table('OPTIONS (object ''A'', on_error ''ignore'')');
SELECT try_table('OPTIONS (object ''A'', reject_limit ''1'')');
SELECT try_table('OPTIONS (object ''A'', max_record_size ''1 byte'')');
SELECT try_table('OPTIONS (object ''A'', max_record_size ''1GB'')');
SELECT try_table('OPTIONS (object ''A'', export ''partial'')');
SELECT try_table('OPTIONS (object ''A'', dialect ''csv'', delimiter '';'', quote '''''''', encoding ''utf8'', escape ''none'', null_strings ''NA,N/A'', null_ids ''000000000000000AAA'', max_record_size ''1MB'', on_error ''stop'', export ''incremental'')');
SELECT outcome('ALTER FOREIGN TABLE fdw_options_try OPTIONS (DROP object)');
SELECT outcome('ALTER FOREIGN TABLE fdw_options_try OPTIONS (DROP object, ADD path ''a/b.csv'')');
DROP FOREIGN TABLE fdw_options_try;

-- Claim: a column is a field or says where the row came from.
SELECT try_column('class ''secret''');
SELECT try_column('class ''none''');
SELECT try_column('class ''Person''');
SELECT try_column('field ''''');
SELECT try_column('field ''Id'', source ''record''');
SELECT try_column('source ''line''');
SELECT try_column('format ''DD/MM/YYYY''');
SELECT try_column('field ''Account.Name / Compte'', class ''free_text''');
DROP FOREIGN TABLE fdw_options_try;

-- Claim: whoever sets a location may read the server's files; an owner without
-- that right can change nothing beside it, and can drop what it set.
CREATE ROLE regress_fdw_options;
GRANT USAGE ON FOREIGN DATA WRAPPER salesforce_fdw TO regress_fdw_options;
GRANT USAGE, CREATE ON SCHEMA fdw_options TO regress_fdw_options;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_fdw_options;
SET ROLE regress_fdw_options;
SELECT try_server('OPTIONS (location ''file:///x/'')');
RESET ROLE;
GRANT pg_read_server_files TO regress_fdw_options;
SET ROLE regress_fdw_options;
SELECT try_server('OPTIONS (location ''file:///x/'')');
RESET ROLE;
REVOKE pg_read_server_files FROM regress_fdw_options;
SET ROLE regress_fdw_options;
SELECT outcome('ALTER SERVER fdw_options_try OPTIONS (ADD dialect ''csv'')');
SELECT outcome('ALTER SERVER fdw_options_try OPTIONS (SET location ''file:///y/'')');
DROP SERVER fdw_options_try;
RESET ROLE;

REVOKE ALL ON DATABASE :"DBNAME" FROM regress_fdw_options;
COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_options CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP ROLE regress_fdw_options;
