-- Who may read a foreign table: the acting role needs USAGE on the server, the
-- role salesforce_fdw_read and SELECT on the columns.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_rights;
SET search_path = fdw_rights;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_fdw_owner;
CREATE ROLE regress_fdw_analyst;
GRANT USAGE, CREATE ON SCHEMA fdw_rights TO regress_fdw_owner;
GRANT USAGE ON SCHEMA fdw_rights TO regress_fdw_analyst;
CREATE SERVER fdw_rights_raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'csv');
SELECT put_file('T.csv', 'Id,Name', '1,a');
CREATE FOREIGN TABLE t (id text, name text) SERVER fdw_rights_raw OPTIONS (object 'T');
ALTER FOREIGN TABLE t OWNER TO regress_fdw_owner;

-- What the analyst and the owner get.
CREATE FUNCTION try(role name, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    result := outcome(query);
    RESET ROLE;
    RETURN result;
END $$;

-- Claim: each right alone is not enough, all together are.
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');
GRANT salesforce_fdw_read TO regress_fdw_owner;
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');
GRANT USAGE ON FOREIGN SERVER fdw_rights_raw TO regress_fdw_owner;
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');
SELECT try('regress_fdw_owner', 'EXPLAIN SELECT * FROM fdw_rights.t');
REVOKE salesforce_fdw_read FROM regress_fdw_owner;
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');
SELECT try('regress_fdw_owner', 'EXPLAIN SELECT * FROM fdw_rights.t');
GRANT salesforce_fdw_read TO regress_fdw_owner;
SELECT try('regress_fdw_analyst', 'SELECT * FROM fdw_rights.t');
GRANT SELECT (id) ON t TO regress_fdw_analyst;
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.t');
GRANT salesforce_fdw_read TO regress_fdw_analyst;
GRANT USAGE ON FOREIGN SERVER fdw_rights_raw TO regress_fdw_analyst;
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.t');
SELECT try('regress_fdw_analyst', 'SELECT name FROM fdw_rights.t');
SELECT try('regress_fdw_analyst', 'SELECT t FROM fdw_rights.t');
SELECT try('regress_fdw_analyst', 'SELECT count(*) FROM fdw_rights.t');
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.t WHERE name = ''a''');
REVOKE salesforce_fdw_read FROM regress_fdw_analyst;
REVOKE USAGE ON FOREIGN SERVER fdw_rights_raw FROM regress_fdw_analyst;

-- Claim: through a view it is the view's owner who reads; through one with
-- security_invoker, and through a function, it is who calls.
SET ROLE regress_fdw_owner;
CREATE VIEW owned AS SELECT id FROM t;
CREATE VIEW invoked WITH (security_invoker = true) AS SELECT id FROM t;
CREATE FUNCTION called() RETURNS SETOF text LANGUAGE sql AS 'SELECT id FROM fdw_rights.t';
CREATE FUNCTION defined() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT id FROM fdw_rights.t';
GRANT SELECT ON owned, invoked TO regress_fdw_analyst;
RESET ROLE;
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.owned');
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.invoked');
SELECT try('regress_fdw_analyst', 'SELECT * FROM fdw_rights.called()');
SELECT try('regress_fdw_analyst', 'SELECT * FROM fdw_rights.defined()');
REVOKE salesforce_fdw_read FROM regress_fdw_owner;
SELECT try('regress_fdw_analyst', 'SELECT id FROM fdw_rights.owned');
GRANT salesforce_fdw_read TO regress_fdw_owner;

-- Claim: a plan that was made for one role is checked for the one that runs it.
PREPARE p AS SELECT id FROM t;
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_fdw_owner;
EXECUTE p;
SET ROLE regress_fdw_analyst;
EXECUTE p; -- ERROR
RESET ROLE;
RESET plan_cache_mode;

-- Claim: a key reaches nothing outside the location.
ALTER FOREIGN TABLE t OPTIONS (DROP object, ADD path '../t.csv');
SELECT regexp_replace(outcome('SELECT * FROM fdw_rights.t'), '"[^"]*"', '"…"', 'g');
ALTER FOREIGN TABLE t OPTIONS (SET path 'a/../../t.csv');
SELECT regexp_replace(outcome('SELECT * FROM fdw_rights.t'), '"[^"]*"', '"…"', 'g');

-- Claim: who may read needs no right to read the server's files; the server's
-- owner does.
ALTER FOREIGN TABLE t OPTIONS (SET path 'T.csv');
GRANT USAGE ON FOREIGN DATA WRAPPER salesforce_fdw TO regress_fdw_owner;
ALTER SERVER fdw_rights_raw OWNER TO regress_fdw_owner;
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');
GRANT pg_read_server_files TO regress_fdw_owner;
SELECT try('regress_fdw_owner', 'SELECT * FROM fdw_rights.t');

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_rights CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP ROLE regress_fdw_owner, regress_fdw_analyst;
