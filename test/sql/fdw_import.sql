-- IMPORT FOREIGN SCHEMA: names, types and classes of the tables that it makes.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_import;
CREATE SCHEMA fdw_import_into;
SET search_path = fdw_import;
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset format unaligned
\pset tuples_only on
CREATE SERVER "import's \server" FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location');

-- What the import made: tables with their options, columns with type and options.
CREATE FUNCTION imported() RETURNS TABLE (line text) LANGUAGE sql AS $$
    SELECT format('%I (%s)', relname, array_to_string(ftoptions, ', '))
    FROM pg_foreign_table JOIN pg_class ON oid = ftrelid
    WHERE relnamespace = 'fdw_import_into'::regnamespace ORDER BY relname COLLATE "C";
$$;
CREATE FUNCTION imported_columns(relation text) RETURNS TABLE (line text) LANGUAGE sql AS $$
    SELECT format('%I %s (%s)', attname, format_type(atttypid, atttypmod), array_to_string(attfdwoptions, ', '))
    FROM pg_attribute WHERE attrelid = format('fdw_import_into.%I', relation)::regclass AND attnum > 0
    ORDER BY attnum;
$$;
CREATE FUNCTION import(clause text DEFAULT '', options text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT outcome(format('IMPORT FOREIGN SCHEMA salesforce %s FROM SERVER %I INTO fdw_import_into %s',
                          clause, 'import''s \server', options));
$$;

-- Claim: standard fields get type and class from the dictionary, custom ones
-- type by the sample and class by their name and type, or none.  The dialect is
-- decided by the file and written down.  Hidden files, folders and other
-- endings are no objects.
SELECT put_file('Account.csv',
    'Id,IsDeleted,Name,BillingAddress,AnnualRevenue,NumberOfEmployees,CreatedDate,LastActivityDate,OwnerId,Text__c,Flag__c,Count__c,Wide__c,Rate__c,Day__c,Moment__c,Code__c,Empty__c,Backup_Email__c',
    $q$0015Q0000000001QAA,False,Sant\xe9 \u2019,"OrderedDict([('city', 'Ottawa'), ('country', None)])",1000.0,120,2024-01-15T14:30:00.000+0000,2024-01-15,0055Q0000000001QAA,a\nb,True,7,3000000000,1.5,2024-01-15,2024-01-15T14:30:00.000+0000,0012,,jane@example.org$q$,
    $q$0015Q0000000002QAA,True,Name,,,,2024-01-15T14:30:00.000+0000,,,,False,-1,1,1e-05,2024-02-29,2024-01-16T14:30:00.000+0000,12,,$q$);
SELECT put_file('Plain_Object__c.csv', 'Id,Label,"A ""quoted"", odd''s \name",Été,select', '1,Santé,x,,', '2,b,y,,');
SELECT put_file('_hidden.csv', 'Id', '1');
SELECT put_file('.hidden.csv', 'Id', '1');
SELECT put_file('notes.txt', 'Id', '1');
IMPORT FOREIGN SCHEMA salesforce FROM SERVER "import's \server" INTO fdw_import_into;
SELECT * FROM imported();
SELECT * FROM imported_columns('account');
SELECT * FROM imported_columns('plain_object__c');
SELECT id, name, count__c, billingaddress FROM fdw_import_into.account;
SELECT label, a_quoted_odd_s_name, "select" FROM fdw_import_into.plain_object__c;
DROP SCHEMA fdw_import_into CASCADE;
CREATE SCHEMA fdw_import_into;

-- Claim: LIMIT TO and EXCEPT go by the table's name; a name without an object
-- is warned of.
SELECT import('LIMIT TO (account, nothing, "Account")');
SELECT * FROM imported();
SELECT import('EXCEPT (account)');
SELECT * FROM imported();
SELECT import('LIMIT TO (account)');
DROP SCHEMA fdw_import_into CASCADE;
CREATE SCHEMA fdw_import_into;

-- Claim: other schemas and options are refused.
SELECT outcome($$IMPORT FOREIGN SCHEMA public FROM SERVER "import's \server" INTO fdw_import_into$$);
SELECT import('', 'OPTIONS (dialect ''csv'')');

-- Claim: the server's dialect is taken as it is.
ALTER SERVER "import's \server" OPTIONS (ADD dialect 'csv');
SELECT import('LIMIT TO (account)');
SELECT * FROM imported();
SELECT name FROM fdw_import_into.account;
DROP FOREIGN TABLE fdw_import_into.account;
ALTER SERVER "import's \server" OPTIONS (DROP dialect);

-- Claim: names that would become one are refused, with both told (by number
-- only when no field is Id: they may be values of a file without header); so is a
-- field without a name, and one or an object that is too long.
SELECT put_file('Twice.csv', 'Id,Été Name,ete_name', '1,a,b');
SELECT import('LIMIT TO (twice)');
SELECT put_file('Twice.csv', 'jane.doe@example.org,Jane,jane', '1,a,b');
SELECT import('LIMIT TO (twice)');
SELECT put_file('Twice.csv', 'Id,', '1,a');
SELECT import('LIMIT TO (twice)');
SELECT put_file('Twice.csv', 'Id,' || repeat('x', 64), '1,a');
SELECT import('LIMIT TO (twice)');
SELECT put_file('ACCOUNT.csv', 'Id', '1');
SELECT import('LIMIT TO (account)');
SELECT import('EXCEPT (account, twice)');
-- Claim: a file of a standard object that starts with values is refused and
-- shows none.
SELECT put_file('Contact.csv', '0035Q0000000001QAA,Jane,jane.doe@example.org', '0035Q0000000002QAA,Jo,jo@example.org');
SELECT import('LIMIT TO (contact)');

-- Claim: an object that cannot be read stops an import that names it, and is
-- warned of and left out by one that does not.
DROP SCHEMA fdw_import_into CASCADE;
CREATE SCHEMA fdw_import_into;
SELECT put_file('Lead.csv', 'Id,Name', '1,"jane.doe@example.org"x');
SELECT folder || '/Task.csv' AS empty_file FROM made_folder \gset
COPY (SELECT WHERE false) TO :'empty_file';
SELECT import('LIMIT TO (lead)');
SELECT import('LIMIT TO (task)');
DO $$
BEGIN
    -- The warnings would tell the folder's name, which is another each time.
    SET LOCAL client_min_messages = error;
    PERFORM import('EXCEPT (account, contact, twice)');
END $$;
SELECT * FROM imported();

-- Claim: an object whose name is too long for a table stops every import that
-- would make it.
SELECT put_file(repeat('o', 64) || '.csv', 'Id', '1');
SELECT import('EXCEPT (account, contact, twice)');
SELECT import('LIMIT TO (' || repeat('o', 63) || ')');
DROP SCHEMA fdw_import_into CASCADE;
CREATE SCHEMA fdw_import_into;

-- Claim: types are inferred from what the first bytes hold; one value of
-- another kind makes it text.
SELECT put_file('Odd__c.csv', 'Id,N,B,D,T', '1,1,True,2024-01-15,2024-01-15T14:30:00.000+0000', '2,x,1,2024-02-30,2024-01-15T14:30:00');
SELECT import('LIMIT TO (odd__c)');
SELECT * FROM imported_columns('odd__c');
SELECT * FROM fdw_import_into.odd__c;

-- Claim: who imports may read, and use the server.
CREATE ROLE regress_fdw_import;
GRANT USAGE, CREATE ON SCHEMA fdw_import_into TO regress_fdw_import;
GRANT USAGE ON SCHEMA fdw_import TO regress_fdw_import;
DROP FOREIGN TABLE fdw_import_into.odd__c;
SET ROLE regress_fdw_import;
SELECT import('LIMIT TO (odd__c)');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER "import's \server" TO regress_fdw_import;
SET ROLE regress_fdw_import;
SELECT import('LIMIT TO (odd__c)');
RESET ROLE;
GRANT salesforce_fdw_read TO regress_fdw_import;
SET ROLE regress_fdw_import;
SELECT import('LIMIT TO (odd__c)');
SELECT * FROM imported();
RESET ROLE;

COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_import, fdw_import_into CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
DROP ROLE regress_fdw_import;
