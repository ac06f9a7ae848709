-- The extension's own objects: everything is documented, nothing is left open.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;

-- Every object of the extension that can carry a comment has one.
SELECT pg_describe_object(classid, objid, objsubid) AS undocumented
FROM pg_depend d
WHERE refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'salesforce_fdw')
  AND deptype = 'e'
  AND classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass,
                  'pg_foreign_data_wrapper'::regclass, 'pg_type'::regclass)
  AND NOT EXISTS (SELECT FROM pg_description c
                  WHERE c.classoid = d.classid AND c.objoid = d.objid AND c.objsubid = 0)
  AND NOT EXISTS (SELECT FROM pg_class t WHERE d.classid = 'pg_class'::regclass AND t.oid = d.objid
                  AND t.relkind IN ('S', 'i'))
  AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
                  AND (t.typrelid <> 0 OR t.typcategory = 'A'))
ORDER BY 1;

-- Everything of ours lives in our schema.
SELECT pg_describe_object(classid, objid, objsubid) AS outside
FROM pg_depend d
WHERE refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'salesforce_fdw')
  AND deptype = 'e'
  AND ((classid = 'pg_proc'::regclass AND NOT EXISTS
        (SELECT FROM pg_proc WHERE oid = objid AND pronamespace = 'salesforce_fdw'::regnamespace))
    OR (classid = 'pg_class'::regclass AND NOT EXISTS
        (SELECT FROM pg_class WHERE oid = objid AND relnamespace = 'salesforce_fdw'::regnamespace)))
ORDER BY 1;

-- What PUBLIC may execute: helpers that compute from their arguments alone,
-- and what the wrapper's machinery calls.  Anything else is a mistake.
SELECT p.oid::regprocedure AS open_to_public
FROM pg_proc p
WHERE pronamespace = 'salesforce_fdw'::regnamespace
  AND has_function_privilege('public', p.oid, 'EXECUTE')
ORDER BY p.oid::regprocedure::text COLLATE "C";

-- What PUBLIC may read or write.
SELECT c.oid::regclass AS open_to_public, privilege
FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
WHERE relnamespace = 'salesforce_fdw'::regnamespace AND relkind IN ('r', 'v', 'p')
  AND has_table_privilege('public', c.oid, privilege)
ORDER BY 1, 2;

-- No SECURITY DEFINER function.
SELECT p.oid::regprocedure AS security_definer
FROM pg_proc p
WHERE pronamespace = 'salesforce_fdw'::regnamespace AND prosecdef
ORDER BY 1;

-- It can be dropped and made again.
DROP EXTENSION salesforce_fdw CASCADE;
CREATE EXTENSION salesforce_fdw;
DROP EXTENSION salesforce_fdw CASCADE;
