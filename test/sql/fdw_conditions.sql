-- Conditions that a scan checks before it makes the other columns: they choose
-- the rows that the executor would, whatever they are, and what they pass over
-- is not read.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA fdw_conditions;
SET search_path = fdw_conditions;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv abs_srcdir PG_ABS_SRCDIR
\set folder_functions :abs_srcdir '/modules/folder.sql'
\set ECHO none
\i :folder_functions
\set ECHO all
\pset format unaligned
\pset tuples_only on
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location :'location', dialect 'cds');
DO $$
DECLARE
    lines text[];
BEGIN
    SELECT array_agg(format('%s,%s,%s,%s,%s,%s,"%s"', i,
        CASE WHEN i % 11 = 0 THEN '' ELSE (ARRAY['Energy', 'Mining', 'Sant\xe9', 'NA', '"a,b"'])[i % 5 + 1] END,
        (ARRAY['True', 'False', ''])[i % 3 + 1], CASE WHEN i % 7 = 0 THEN '' ELSE (i * 37 % 1000)::text END,
        CASE WHEN i % 13 = 0 THEN '' ELSE (date '2024-01-01' + i % 400)::text END,
        (i * 31 % 97)::text || '.5', repeat('x', i % 50)) ORDER BY i)
    INTO lines FROM generate_series(1, 2000) AS i;
    PERFORM put_file('Many.csv', VARIADIC array_prepend('Id,Industry,Active,Number,Day,Amount,Notes', lines));
END $$;
CREATE FOREIGN TABLE many (id integer, industry text, active boolean, number integer, day date, amount numeric, notes text,
    number_of_record bigint OPTIONS (source 'record'))
    SERVER raw OPTIONS (object 'Many', null_strings 'NA');
CREATE TABLE copy AS SELECT * FROM many;
ANALYZE copy;
SELECT count(*), count(industry), count(active), count(number), count(day) FROM copy;

-- Claim: every condition gives the rows that the same one gives of a copy.
CREATE TABLE condition (text text);
INSERT INTO condition VALUES ('industry = ''Energy'''), ('industry = ''Santé'''), ('industry = ''NA'''), ('industry IS NULL'),
    ('industry IN (''Mining'', ''a,b'')'), ('industry LIKE ''E%'''), ('industry <> ''Energy'''), ('active'), ('NOT active'),
    ('active IS NULL'), ('active IS NOT TRUE'), ('number < 100'), ('number BETWEEN 100 AND 200'), ('number IN (1, 37, 74)'),
    ('day = ''2024-02-29'''), ('day >= ''2024-12-01'''), ('day IS NULL'), ('amount > 90'), ('id = 1234'), ('id % 100 = 7'),
    ('industry = ''Energy'' AND number < 50'), ('number < 50 AND industry = ''Energy'' AND active'),
    ('industry = ''Energy'' OR number < 50'), ('length(notes) > 45'), ('upper(industry) = ''ENERGY'' AND notes = '''''),
    ('number_of_record = 17'), ('number_of_record < 20 AND active'), ('active AND number_of_record < 20'),
    ('id = (SELECT max(id) FROM copy)'), ('number = 37 AND id IN (SELECT id FROM copy WHERE active)'),
    ('random() >= 0 AND number = 37'), ('number = 37 AND random() >= 0'), ('industry = current_setting(''fdw_conditions.x'', true)'),
    ('(m).number = 37'), ('m.* IS NOT NULL'), ('false'), ('NULL'), ('true');
DO $$
DECLARE
    item text;
    list text;
    foreign_rows text;
    local_rows text;
    wrong int := 0;
    tried int := 0;
BEGIN
    FOR item IN SELECT text FROM condition LOOP
        FOREACH list IN ARRAY ARRAY['id', 'id, notes', '*', 'count(*)', 'industry, max(number)'] LOOP
            EXECUTE format('SELECT string_agg(r::text, '';'' ORDER BY r::text) FROM (SELECT %s FROM many AS m WHERE %s %s) AS r',
                list, item, CASE WHEN list LIKE 'industry%' THEN 'GROUP BY 1' END) INTO foreign_rows;
            EXECUTE format('SELECT string_agg(r::text, '';'' ORDER BY r::text) FROM (SELECT %s FROM copy AS m WHERE %s %s) AS r',
                list, item, CASE WHEN list LIKE 'industry%' THEN 'GROUP BY 1' END) INTO local_rows;
            tried := tried + 1;
            IF foreign_rows IS DISTINCT FROM local_rows THEN
                wrong := wrong + 1;
                RAISE WARNING '% with %: other rows', item, list;
            END IF;
        END LOOP;
    END LOOP;
    RAISE WARNING '% queries, % with other rows', tried, wrong;
END $$;
PREPARE by_number(int) AS SELECT count(*), max(notes) FROM many WHERE number = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_number(37);
EXECUTE by_number(NULL);
SELECT c.id, (SELECT count(*) FROM many WHERE number = c.number AND id <= 2000) AS same FROM copy AS c WHERE c.id IN (1, 1001) ORDER BY 1;

-- Claim: a record that is passed over is not read further: its other fields may
-- be anything.  Without a condition, or with one on them, they are an error.
SELECT put_file('Broken.csv', 'Id,Industry,Number', '1,Energy,10', '2,Mining,ten', '3,Energy,30');
CREATE FOREIGN TABLE broken (id integer, industry text, number integer) SERVER raw OPTIONS (object 'Broken');
SELECT id, number FROM broken WHERE industry = 'Energy' ORDER BY 1;
SELECT outcome('SELECT sum(number) FROM fdw_conditions.broken');
SELECT outcome('SELECT count(*) FROM fdw_conditions.broken WHERE number = 10');

-- Claim: what a security barrier keeps back no condition gets to see.
CREATE FUNCTION told(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'told of %', $1; RETURN true; END $$;
CREATE VIEW guarded WITH (security_barrier) AS SELECT id, industry, number FROM broken WHERE industry = 'Energy';
SELECT id FROM guarded WHERE told(industry) ORDER BY 1;

-- Claim: EXPLAIN says what is read first, and how many records were passed over.
CREATE FUNCTION plan(options text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
        CONTINUE WHEN line ~ 'Object|Version|Disabled|Bytes';
        RETURN NEXT regexp_replace(line, ' \(actual.*|fdw_conditions\.', '', 'g');
    END LOOP;
END $$;
SELECT plan('ANALYZE, VERBOSE, COSTS off, BUFFERS off, TIMING off, SUMMARY off', 'SELECT notes FROM fdw_conditions.many WHERE industry = ''Energy''');
COPY (SELECT) TO PROGRAM :'remove';
DROP SCHEMA fdw_conditions CASCADE;
DROP EXTENSION salesforce_fdw CASCADE;
