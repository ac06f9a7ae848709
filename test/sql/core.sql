-- Names, options and memory (test/modules/core_test.c).
\set VERBOSITY terse
CREATE SCHEMA core_test;
SET search_path = core_test;
\getenv abs_srcdir PG_ABS_SRCDIR
\set functions :abs_srcdir '/modules/functions.sql'
\set ECHO none
\i :functions
\set ECHO all

-- Claim: names follow the catalog's rule (NFD without combining marks, a run of
-- anything else to one "_", lower case).  Unaligned: how wide a character is
-- depends on the version of psql.
\pset format unaligned
SELECT name, (test_name_sanitise(name)).*
FROM unnest(ARRAY['AccountId', 'Product_to_Add__c', 'Prénom', 'e' || U&'\0301' || 'x',
                  'Ünï–cödé  Name', '', '_', 'a-b', 'a--b', '日本', 'ǅ', 'ﬁ', 'İ',
                  'a' || U&'\200D' || 'b', ' lead and trail ', '9lives', 'a.b/c']) name;
\pset format aligned

-- Claim: a name that PostgreSQL would cut is said to be too long, not cut.
SELECT length(sanitised), is_too_long
FROM generate_series(62, 65) n, test_name_sanitise(repeat('x', n));
SELECT length(sanitised), is_too_long FROM test_name_sanitise(repeat('x', 100000));

-- Claim: what an SQL name is sanitised to is itself, for 5000 random names.
SELECT count(*) FILTER (WHERE s.sanitised ~ '^[a-z0-9_]*$') AS only_name_characters,
       count(*) FILTER (WHERE (test_name_sanitise(s.sanitised)).sanitised = s.sanitised) AS stable,
       count(*) FILTER (WHERE (test_name_sanitise(upper(name))).sanitised
                              = (test_name_sanitise(name)).sanitised) > 4000 AS folds_case
FROM (SELECT string_agg(chr(CASE WHEN random() < 0.6 THEN 32 + (random() * 94)::int
                                 ELSE 161 + (random() * 1600)::int END), '') AS name
      FROM generate_series(1, 5000) n, generate_series(1, 12) GROUP BY n) names,
     test_name_sanitise(name) s;

-- Claim: valid options are read back with their meaning.
SELECT test_options('{}');
SELECT test_options('{plain=x,switch=on,number=10,letter=;,colour=red,room=16MB,guarded=y,key=3}');
SELECT test_options('{switch,number=-1,room=1kB}');
SELECT test_options('{plain=,switch=off,room=1GB}');
SELECT test_options('{compression=zstd}', false);

-- Claim: every other option is refused, by name, kind and limit.
\set VERBOSITY default
SELECT test_options('{plian=x}'); -- ERROR
SELECT test_options('{quite_something_else=x}'); -- ERROR
SELECT test_options('{Plain=x}'); -- ERROR
SELECT test_options('{compression=zstd}'); -- ERROR
SELECT test_options('{plain=x}', false); -- ERROR
SELECT test_options('{plain=x,switch=on,plain=y}'); -- ERROR
SELECT test_options('{plain}'); -- ERROR
SELECT test_options('{switch=maybe}'); -- ERROR
SELECT test_options('{number=1.5}'); -- ERROR
SELECT test_options('{number=11}'); -- ERROR
SELECT test_options('{number=NaN}'); -- ERROR
SELECT test_options('{number=99999999999999999999}'); -- ERROR
SELECT test_options('{letter=ab}'); -- ERROR
SELECT test_options('{letter=é}'); -- ERROR
SELECT test_options('{colour=blue}'); -- ERROR
SELECT test_options('{room=1023}'); -- ERROR
SELECT test_options('{room=16 apples}'); -- ERROR
SELECT test_options('{plain=forbidden}'); -- ERROR

-- Claim: the value of a secret option is in no message.
SELECT test_options('{key=hunter2}'); -- ERROR
SELECT test_options('{key=4711}'); -- ERROR

-- Claim: a superuser's option is refused from anybody else.
CREATE ROLE regress_core_user;
GRANT USAGE ON SCHEMA core_test TO regress_core_user;
SET ROLE regress_core_user;
SELECT test_options('{guarded=x}'); -- ERROR
SELECT test_options('{plain=x}');
RESET ROLE;

-- Claim: memory for pure files keeps its bytes, and gives nothing instead of
-- raising an error when asked for too much.
SELECT test_memory_resize('{1,100,7,100000,99999,0,5}');
SELECT test_memory_resize('{10,4611686018427387904,9223372036854775807,-1,20}');

SET client_min_messages = warning;
DROP SCHEMA core_test CASCADE;
DROP ROLE regress_core_user;
