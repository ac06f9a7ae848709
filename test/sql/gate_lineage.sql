-- Definitions that the gate lets pass, each with its lineage written by hand:
-- relation.column, roles, and after ">" the output columns that it reaches.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA gate_lineage;
SET search_path = gate_lineage;
CREATE SERVER gate_lineage_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///gate_lineage/raw/');
CREATE SERVER gate_lineage_lake FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///gate_lineage/lake/');
CREATE FOREIGN TABLE a (
    id text OPTIONS (field 'Id'),
    name text OPTIONS (field 'Name'),
    industry text OPTIONS (field 'Industry'),
    rating varchar(20) OPTIONS (field 'Rating'),
    parentid text OPTIONS (field 'ParentId'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    annualrevenue numeric OPTIONS (field 'AnnualRevenue'),
    numberofemployees int OPTIONS (field 'NumberOfEmployees'),
    isdeleted boolean OPTIONS (field 'IsDeleted'),
    email text OPTIONS (field 'PersonEmail')
) SERVER gate_lineage_raw OPTIONS (object 'Account');
CREATE FOREIGN TABLE o (
    id text OPTIONS (field 'Id'),
    accountid text OPTIONS (field 'AccountId'),
    name text OPTIONS (field 'Name'),
    stagename text OPTIONS (field 'StageName'),
    amount numeric(18,2) OPTIONS (field 'Amount'),
    probability float8 OPTIONS (field 'Probability'),
    closedate date OPTIONS (field 'CloseDate'),
    createddate timestamptz OPTIONS (field 'CreatedDate'),
    isclosed boolean OPTIONS (field 'IsClosed'),
    industry text OPTIONS (field 'Segment__c', class 'controlled'),
    products text[] OPTIONS (field 'Products__c', class 'controlled'),
    details jsonb OPTIONS (field 'Details__c', class 'controlled')
) SERVER gate_lineage_raw OPTIONS (object 'Opportunity');

-- The query passes and has exactly this lineage; the row says which it was.
CREATE FUNCTION passes(number int, query text, VARIADIC expected text[])
RETURNS TABLE (passed int, form text) LANGUAGE plpgsql AS $$
DECLARE
    found text[];
BEGIN
    PERFORM salesforce_fdw.create_dataset('legitimate', 'gate_lineage_lake',
        query => query, target => 'gate_lineage.legitimate', accept =>
        CASE WHEN query ~ '\ma\.name\M' THEN '{"Account.Name": "documented"}'::jsonb
             ELSE '{}' END);
    SELECT array_agg(format('%s.%s %s%s',
               replace(l.relation, 'gate_lineage.', ''), l.column_name,
               array_to_string(l.role, ','),
               CASE WHEN l.outputs = '{}' THEN ''
                    ELSE ' > ' || array_to_string(l.outputs, ',') END)
               ORDER BY l.relation, l.column_name COLLATE "C")
      INTO found
      FROM salesforce_fdw.lineage('legitimate') AS l
     WHERE l.verdict <> 'refused';
    PERFORM salesforce_fdw.drop_dataset('legitimate');
    DROP TABLE gate_lineage.legitimate;
    IF found IS DISTINCT FROM
       (SELECT array_agg(e ORDER BY split_part(e, '.', 1),
                         split_part(split_part(e, '.', 2), ' ', 1) COLLATE "C")
          FROM unnest(expected) AS e) THEN
        RAISE EXCEPTION 'definition %: found %', number, found;
    END IF;
    passed := number;
    form := regexp_replace(query, '\s+', ' ', 'g');
    RETURN NEXT;
END $$;

-- Columns and joins.
SELECT passed FROM passes(1, 'SELECT a.id FROM a', 'a.id output > id');
SELECT passed FROM passes(2, 'SELECT a.id AS x, a.id AS y FROM a',
    'a.id output > x,y');
SELECT passed FROM passes(3, 'SELECT a.id, a.name FROM a',
    'a.id output > id', 'a.name output > name');
SELECT passed FROM passes(4,
    'SELECT o.id, a.industry FROM a JOIN o ON o.accountid = a.id',
    'a.id join', 'a.industry output > industry', 'o.accountid join',
    'o.id output > id');
SELECT passed FROM passes(5,
    'SELECT o.id, a.industry FROM o LEFT JOIN a ON o.accountid = a.id AND NOT a.isdeleted',
    'a.id join', 'a.industry output > industry', 'a.isdeleted join',
    'o.accountid join', 'o.id output > id');
SELECT passed FROM passes(6,
    'SELECT o.id FROM a RIGHT JOIN o ON o.accountid = a.id',
    'a.id join', 'o.accountid join', 'o.id output > id');
-- A column that USING merged stands for both.
SELECT passed FROM passes(7,
    'SELECT industry FROM a FULL JOIN o USING (industry)',
    'a.industry output,join > industry', 'o.industry output,join > industry');
SELECT passed FROM passes(8,
    'SELECT a.id, industry FROM a JOIN o USING (industry)',
    'a.id output > id', 'a.industry output,join > industry',
    'o.industry join');
SELECT passed FROM passes(9,
    'SELECT o.id FROM a, o WHERE a.id = o.accountid',
    'a.id filter', 'o.accountid filter', 'o.id output > id');
SELECT passed FROM passes(10,
    'SELECT a.id FROM a CROSS JOIN o', 'a.id output > id');
-- The same table twice.
SELECT passed FROM passes(11,
    'SELECT child.id, parent.industry FROM a AS child JOIN a AS parent ON child.parentid = parent.id',
    'a.id output,join > id', 'a.industry output > industry', 'a.parentid join');
SELECT passed FROM passes(12,
    'SELECT j.stagename FROM (a JOIN o ON a.id = o.accountid) AS j (x)
      WHERE j.isclosed',
    'a.id join', 'o.accountid join', 'o.isclosed filter',
    'o.stagename output > stagename');

-- Conditions, order.
SELECT passed FROM passes(13,
    'SELECT a.id FROM a WHERE a.industry = ''Energy''',
    'a.id output > id', 'a.industry filter');
SELECT passed FROM passes(14,
    'SELECT a.id FROM a WHERE a.industry IN (''Energy'', ''Health'') AND a.numberofemployees BETWEEN 10 AND 20',
    'a.id output > id', 'a.industry filter', 'a.numberofemployees filter');
SELECT passed FROM passes(15,
    'SELECT a.id FROM a WHERE a.industry LIKE ''E%'' OR a.rating ILIKE ''h_t'' ESCAPE ''!''',
    'a.id output > id', 'a.industry filter', 'a.rating filter');
SELECT passed FROM passes(16,
    'SELECT a.id FROM a WHERE a.parentid IS NOT NULL AND (a.isdeleted IS NOT TRUE)',
    'a.id output > id', 'a.isdeleted filter', 'a.parentid filter');
SELECT passed FROM passes(17,
    'SELECT a.id FROM a WHERE a.industry IS DISTINCT FROM a.rating',
    'a.id output > id', 'a.industry filter', 'a.rating filter');
SELECT passed FROM passes(18,
    'SELECT a.id FROM a ORDER BY a.id DESC, a.createddate NULLS LAST',
    'a.createddate sort', 'a.id output,sort > id');
SELECT passed FROM passes(19,
    'SELECT a.id FROM a ORDER BY upper(a.industry)',
    'a.id output > id', 'a.industry sort');
SELECT passed FROM passes(20,
    'SELECT o.id FROM o WHERE o.closedate >= DATE ''2024-01-01'' AND o.createddate < TIMESTAMPTZ ''2025-01-01 00:00+00''',
    'o.closedate filter', 'o.createddate filter', 'o.id output > id');

-- Expressions: each column that a value is made of reaches its output.
SELECT passed FROM passes(21,
    'SELECT coalesce(a.industry, a.rating, ''none'') AS kind FROM a',
    'a.industry output > kind', 'a.rating output > kind');
SELECT passed FROM passes(22,
    'SELECT nullif(a.industry, a.rating) AS kind FROM a',
    'a.industry output > kind', 'a.rating output > kind');
-- Also by the condition of a CASE.
SELECT passed FROM passes(23,
    'SELECT CASE WHEN a.isdeleted THEN a.industry ELSE ''x'' END AS kind FROM a',
    'a.industry output > kind', 'a.isdeleted output > kind');
SELECT passed FROM passes(24,
    'SELECT CASE o.stagename WHEN ''Won'' THEN 1 WHEN ''Lost'' THEN -1 END AS won FROM o',
    'o.stagename output > won');
SELECT passed FROM passes(25,
    'SELECT o.createddate AT TIME ZONE ''UTC'' AS created, date_trunc(''month'', o.createddate AT TIME ZONE ''America/Toronto'') AS month FROM o',
    'o.createddate output > created,month');
SELECT passed FROM passes(26,
    'SELECT o.createddate::date AS day, extract(year FROM o.closedate) AS year, to_char(o.closedate, ''YYYY-MM'') AS month FROM o',
    'o.closedate output > year,month', 'o.createddate output > day');
SELECT passed FROM passes(27,
    'SELECT o.amount * o.probability::numeric / 100 AS expected, round(o.amount, 0)::bigint AS whole FROM o',
    'o.amount output > expected,whole', 'o.probability output > expected');
SELECT passed FROM passes(28,
    'SELECT a.industry::varchar(10) AS short, a.numberofemployees::text AS n, a.rating::text AS rating, a.isdeleted::int AS flag FROM a',
    'a.industry output > short', 'a.isdeleted output > flag',
    'a.numberofemployees output > n', 'a.rating output > rating');
SELECT passed FROM passes(29,
    'SELECT upper(trim(a.industry)) AS u, lower(left(a.rating, 3)) AS l, length(a.industry) AS n, substring(a.industry FROM 2 FOR 3) AS s, replace(a.industry, ''x'', ''y'') AS r FROM a',
    'a.industry output > u,n,s,r', 'a.rating output > l');
SELECT passed FROM passes(30,
    'SELECT a.industry || '' / '' || a.rating AS both_, concat(a.industry, a.numberofemployees) AS c, concat_ws('', '', a.industry, a.isdeleted) AS w FROM a',
    'a.industry output > both_,c,w', 'a.isdeleted output > w',
    'a.numberofemployees output > c', 'a.rating output > both_');
SELECT passed FROM passes(31,
    'SELECT greatest(a.annualrevenue, o.amount) AS most, least(a.createddate, o.createddate) AS first FROM a JOIN o ON a.id = o.accountid',
    'a.annualrevenue output > most', 'a.createddate output > first',
    'a.id join', 'o.accountid join', 'o.amount output > most',
    'o.createddate output > first');
SELECT passed FROM passes(32,
    'SELECT o.id, array_to_string(o.products, '';'') AS products FROM o WHERE o.products @> ARRAY[''Notify'']',
    'o.id output > id', 'o.products output,filter > products');
SELECT passed FROM passes(33,
    'SELECT o.details ->> ''region'' AS region FROM o WHERE o.details -> ''open'' = ''true''',
    'o.details output,filter > region');
SELECT passed FROM passes(34,
    'SELECT a.industry COLLATE "C" AS industry FROM a ORDER BY a.industry COLLATE "C"',
    'a.industry output,sort > industry');
SELECT passed FROM passes(35,
    'SELECT NOT o.isclosed AND o.amount > 0 AS open, o.amount IS NULL AS free FROM o',
    'o.amount output > open,free', 'o.isclosed output > open');
SELECT passed FROM passes(36,
    'SELECT o.closedate + 30 AS due, o.closedate - o.createddate::date AS days, o.createddate + interval ''1 day'' AS next FROM o',
    'o.closedate output > due,days', 'o.createddate output > days,next');
SELECT passed FROM passes(37,
    'SELECT regexp_replace(a.industry, ''[0-9]+'', '''', ''g'') AS r, split_part(a.rating, ''-'', 1) AS p, position(''x'' IN a.industry) AS i FROM a WHERE a.industry ~ ''^E'' AND a.rating SIMILAR TO ''(h|w)%''',
    'a.industry output,filter > r,i', 'a.rating output,filter > p');
-- A constant says nothing of any row.
SELECT passed FROM passes(38,
    'SELECT 1 AS one, NULL::text AS nothing, ''x''::text AS x FROM a',
    VARIADIC '{}');
SELECT passed FROM passes(39,
    'SELECT o.id, a.name AS account, p.industry FROM o LEFT JOIN (a JOIN a AS p ON a.parentid = p.id) ON o.accountid = a.id WHERE o.amount > 0 ORDER BY p.industry',
    'a.id join', 'a.industry output,sort > industry', 'a.name output > account',
    'a.parentid join', 'o.accountid join', 'o.amount filter',
    'o.id output > id');
SELECT passed FROM passes(40,
    'SELECT t.id FROM a AS t WHERE t.id::text COLLATE "POSIX" > ''001''',
    'a.id output,filter > id');
SELECT passed FROM passes(41, 'SELECT x.stagename, x.isclosed FROM o AS x',
    'o.isclosed output > isclosed', 'o.stagename output > stagename');
SELECT passed FROM passes(42,
    'SELECT round(o.amount) AS r, trunc(o.amount) AS t, lpad(o.stagename, 3) AS l, overlay(o.stagename PLACING ''x'' FROM 1) AS v, to_char(o.probability, ''0.0'') AS p FROM o',
    'o.amount output > r,t', 'o.probability output > p',
    'o.stagename output > l,v');
SELECT passed FROM passes(43,
    'SELECT a.id FROM a LEFT JOIN (o AS x JOIN o AS y ON x.stagename = y.stagename) ON a.id = x.accountid AND y.isclosed',
    'a.id output,join > id', 'o.accountid join', 'o.isclosed join',
    'o.stagename join');
SELECT passed FROM passes(44,
    'SELECT a.id AS x, a.industry FROM a ORDER BY x, 2',
    'a.id output,sort > x', 'a.industry output,sort > industry');
SELECT passed FROM passes(45,
    'SELECT (a.id, a.industry) IN ((''x'', ''y'')) AS listed FROM a',
    'a.id output > listed', 'a.industry output > listed');

-- The same as a picture: names with quotes and number signs are text in it.
CREATE VIEW "v""#" AS SELECT id AS "i#""d", industry FROM a WHERE NOT isdeleted;
SET client_min_messages = error;
SELECT salesforce_fdw.create_dataset('drawn', 'gate_lineage_lake', target => 'gate_lineage.drawn',
    query => $$SELECT v."i#""d" || o.stagename AS "x#""y", max(o.amount) AS amount, count(*) AS n
        FROM gate_lineage."v""#" AS v JOIN gate_lineage.o ON o.accountid = v."i#""d" LEFT JOIN gate_lineage.a ON a.id = o.accountid AND a.name = 'x'
       GROUP BY 1 ORDER BY max(o.createddate)$$);
\pset format unaligned
\pset tuples_only on
SELECT salesforce_fdw.lineage_diagram('drawn');
SELECT salesforce_fdw.lineage_diagram('unknown'); -- ERROR

DROP SCHEMA gate_lineage CASCADE;
DROP SERVER gate_lineage_raw;
DROP SERVER gate_lineage_lake;
DROP EXTENSION salesforce_fdw;
