-- The roles that the extension's script makes, and which existing ones it
-- accepts.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE EXTENSION salesforce_fdw;

-- Claim: the eight roles exist, can do nothing, and belong to nobody but the
-- operator.
SELECT rolname, rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb
       OR rolreplication OR rolbypassrls AS can_anything,
       (SELECT string_agg(m.member::regrole::text, ', ' ORDER BY 1)
        FROM pg_auth_members m WHERE m.roleid = a.oid) AS members
FROM pg_authid a WHERE rolname ^@ 'salesforce_fdw_' ORDER BY rolname COLLATE "C";
DROP EXTENSION salesforce_fdw;

-- Claim: roles that exist are accepted, and a member who would get rights
-- from that is named.
CREATE ROLE regress_roles_user;
GRANT salesforce_fdw_read, salesforce_fdw_purge TO regress_roles_user;
CREATE EXTENSION salesforce_fdw;
DROP EXTENSION salesforce_fdw;
DROP ROLE regress_roles_user;

-- Claim: a role that can do more than its name says is refused, for each of
-- the six attributes.
ALTER ROLE salesforce_fdw_read LOGIN;
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOLOGIN SUPERUSER;
\set VERBOSITY terse
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOSUPERUSER CREATEROLE;
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOCREATEROLE CREATEDB;
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOCREATEDB REPLICATION;
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOREPLICATION BYPASSRLS;
CREATE EXTENSION salesforce_fdw; -- ERROR
ALTER ROLE salesforce_fdw_read NOBYPASSRLS;

-- Claim: so is one that gets rights from a role that is not ours.
\set VERBOSITY default
GRANT pg_read_server_files TO salesforce_fdw_audit;
CREATE EXTENSION salesforce_fdw; -- ERROR
REVOKE pg_read_server_files FROM salesforce_fdw_audit;

CREATE EXTENSION salesforce_fdw;
DROP EXTENSION salesforce_fdw;
