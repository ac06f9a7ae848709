-- Transforms: what they give away, who may use keys, and what the gate lets
-- through them.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
CREATE SCHEMA transforms;
SET search_path = transforms;

-- mask: the same length for all, at most a quarter of the value at each end.
SELECT value, salesforce_fdw.mask(value) AS none, salesforce_fdw.mask(value, 3) AS first,
       salesforce_fdw.mask(value, keep_last => 4) AS last, salesforce_fdw.mask(value, 1, 1) AS ends
  FROM (VALUES (''), ('a'), ('ab'), ('abc'), ('abcd'), ('abcdef'), ('K1A 0B1'), ('613-555-0199'), ('Éloïse Côté'), (NULL)) AS v (value);
SELECT salesforce_fdw.mask('abcdefghijkl', 5); -- ERROR
SELECT salesforce_fdw.mask('abcdefghijkl', -1); -- ERROR
SELECT salesforce_fdw.mask('abcdefghijkl', 0, 5); -- ERROR

-- year_of and truncate_time: whatever the time zone of the session.
SET TimeZone = 'America/Toronto';
SELECT salesforce_fdw.year_of('1984-02-29'::date) AS date, salesforce_fdw.year_of('infinity'::date) AS endless,
       salesforce_fdw.year_of('1984-12-31 23:59:59'::timestamp) AS time,
       salesforce_fdw.year_of('1984-12-31 23:59:59 America/Toronto'::timestamptz) AS moment,
       salesforce_fdw.year_of('-infinity'::timestamptz) AS beginning;
SELECT unit, salesforce_fdw.truncate_time('2024-05-16 13:14:15.678'::timestamp, unit) AS time,
       salesforce_fdw.truncate_time('2024-05-16 23:14:15 America/Toronto'::timestamptz, unit) AT TIME ZONE 'UTC' AS moment
  FROM unnest(ARRAY['day', 'week', 'month', 'quarter', 'YEAR', 'decade']) AS unit;
SELECT salesforce_fdw.truncate_time('infinity'::timestamp, 'day');
SELECT salesforce_fdw.truncate_time('2024-05-16 13:14:15'::timestamp, 'hour'); -- ERROR
SELECT salesforce_fdw.truncate_time('2024-05-16 13:14:15'::timestamp, 'microseconds'); -- ERROR
RESET TimeZone;

-- pseudonym: HMAC-SHA-256, computed elsewhere for this key.
INSERT INTO salesforce_fdw.pseudonym_key VALUES ('known', 1, current_user,
    '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', current_user, now());
SELECT value, salesforce_fdw.pseudonym(value, 'known')
  FROM (VALUES ('Marie Tremblay'), (''), ('é'), (NULL)) AS v (value);
INSERT INTO salesforce_fdw.pseudonym_key VALUES ('known', 2, current_user,
    '\x202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f', current_user, now());
SELECT salesforce_fdw.pseudonym('Marie Tremblay', 'known');
INSERT INTO salesforce_fdw.pseudonym_key VALUES ('short', 1, current_user, '\x00', current_user, now()); -- ERROR
SELECT salesforce_fdw.pseudonym('x', 'unknown'); -- ERROR
-- A name that is computed could be a value.
SELECT salesforce_fdw.pseudonym('x', name) FROM (VALUES ('known'), ('secret')) AS v (name); -- ERROR

-- Keys: made and used by their owner.
CREATE ROLE transforms_author;
CREATE ROLE transforms_other;
CREATE ROLE transforms_nobody;
GRANT salesforce_fdw_policy TO transforms_author, transforms_other;
SET ROLE transforms_author;
SELECT salesforce_fdw.create_key('people');
SELECT salesforce_fdw.create_key('people'); -- ERROR
CREATE TEMPORARY TABLE before AS SELECT salesforce_fdw.pseudonym('a', 'people') AS p;
SELECT p ~ '^1\.[0-9a-f]{32}$' AS shape, p = salesforce_fdw.pseudonym('a', 'people') AS stable,
       p <> salesforce_fdw.pseudonym('b', 'people') AS other FROM before;
SELECT salesforce_fdw.rotate_key('people');
SELECT salesforce_fdw.pseudonym('a', 'people') ~ '^2\.' AS newest, salesforce_fdw.pseudonym('a', 'people') <> p AS other FROM before;
SELECT key FROM salesforce_fdw.pseudonym_key; -- ERROR
SELECT salesforce_fdw.rotate_key('unknown'); -- ERROR
SET ROLE transforms_other;
SELECT salesforce_fdw.pseudonym('a', 'people'); -- ERROR
SELECT salesforce_fdw.create_key('people'); -- ERROR
SELECT salesforce_fdw.rotate_key('people'); -- ERROR
SET ROLE transforms_nobody;
SELECT salesforce_fdw.create_key('mine'); -- ERROR
SELECT salesforce_fdw.pseudonym('a', 'people'); -- ERROR
RESET ROLE;
SELECT name, version, owner, created_by = session_user AS by_us FROM salesforce_fdw.pseudonym_key WHERE name = 'people' ORDER BY version;

-- The gate: only the first argument may be a column.
CREATE SERVER transforms_raw FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///transforms/raw/', dialect 'cds');
CREATE SERVER transforms_lake FOREIGN DATA WRAPPER salesforce_fdw
    OPTIONS (location 'file:///transforms/lake/');
CREATE FOREIGN TABLE contact (
    email text OPTIONS (field 'Email'), lastname text OPTIONS (field 'LastName'),
    birthdate date OPTIONS (field 'Birthdate'), number int OPTIONS (field 'Number__c', class 'business'),
    body text OPTIONS (field 'Body__c', class 'never')
) SERVER transforms_raw OPTIONS (object 'Contact');
CREATE FUNCTION judge(query text) RETURNS TABLE (column_name text, class text, role text[], outputs text[], verdict text, reason text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM salesforce_fdw.create_dataset('transformed', 'transforms_lake', query => query, target => 'transforms.transformed');
    RETURN QUERY SELECT l.column_name, l.class, l.role, l.outputs, l.verdict, l.reason FROM salesforce_fdw.lineage('transformed') AS l;
    PERFORM salesforce_fdw.drop_dataset('transformed');
    DROP TABLE transforms.transformed;
END $$;
SET client_min_messages = error;
SELECT * FROM judge($$SELECT salesforce_fdw.pseudonym(email, 'known') AS p, salesforce_fdw.year_of(birthdate) AS y, salesforce_fdw.mask(lastname, 1) AS l FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.truncate_time(birthdate, 'month') AS m, count(*) AS n FROM contact GROUP BY 1 HAVING count(*) > 9$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(email) AS p FROM contact WHERE email IS NOT NULL$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(body) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(upper(email) || lastname) AS p FROM contact$$);
SELECT * FROM judge($$SELECT upper(salesforce_fdw.mask(email)) AS p, salesforce_fdw.mask(salesforce_fdw.mask(lastname)) AS q FROM contact$$);
-- What is computed from a value is no longer it: its parts, masked one by one,
-- or its year after so and so many days would give all of it.
SELECT * FROM judge($$SELECT salesforce_fdw.mask(substr(email, 1, 16), 4) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(s.e, 4) AS p FROM (SELECT substr(email, 1, 16) AS e FROM contact) AS s$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(email::varchar(16), 4) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.year_of(birthdate + 100) AS y FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask(CASE WHEN email > 'm' THEN email END) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.pseudonym(lower(btrim(s.e)), 'known') AS p FROM (SELECT DISTINCT number, email::varchar AS e FROM contact) AS s$$);
SELECT * FROM judge($$SELECT salesforce_fdw.pseudonym(lower(btrim(s.e)), 'known') AS p FROM (SELECT email::varchar AS e FROM contact) AS s$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask((SELECT max(c.email) FROM contact AS c)) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.mask((SELECT max(c.email) FROM contact AS c WHERE c.lastname = 'x')) AS p FROM contact$$);
SELECT * FROM judge($$SELECT salesforce_fdw.pseudonym(email, lastname) AS p FROM contact$$); -- ERROR
SELECT * FROM judge($$SELECT salesforce_fdw.mask('x', number) AS p FROM contact$$); -- ERROR
SELECT * FROM judge($$SELECT salesforce_fdw.mask(lastname, 1 + 1) AS p FROM contact$$); -- ERROR
SELECT * FROM judge($$SELECT salesforce_fdw.create_key('x') AS p FROM contact$$); -- ERROR
-- A function of that name that is not the extension's is no transform.
CREATE FUNCTION transforms.mask(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION salesforce_fdw.mask(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
SELECT * FROM judge($$SELECT transforms.mask(email) AS p FROM contact$$); -- ERROR
SELECT * FROM judge($$SELECT salesforce_fdw.mask(email::varchar) AS p FROM contact$$); -- ERROR
DROP FUNCTION salesforce_fdw.mask(varchar);

-- generalize: by a table that the caller may read, as the statement sees it.
CREATE TABLE region (city varchar(40), region text, province char(4), code int);
INSERT INTO region VALUES ('Ottawa', 'Eastern Ontario', 'ON', 1), ('Gatineau', 'Outaouais', 'QC', 2),
    ('Québec', 'Capitale-Nationale', 'QC', 3), ('Hull', 'Outaouais', 'QC', 2), ('Hull', 'Outaouais', 'QC', 2),
    ('Nowhere', NULL, 'ON', 4), (NULL, 'Yukon', 'YT', 5);
SELECT city, salesforce_fdw.generalize(city, 'region', 'city', 'region') AS region,
       salesforce_fdw.generalize(city, 'region', 'city', 'province') || '.' AS province,
       salesforce_fdw.generalize(salesforce_fdw.generalize(city, 'region', 'city', 'region'), 'region', 'region', 'province') AS twice
  FROM (VALUES ('Ottawa'), ('Hull'), ('Québec'), ('Quebec'), ('ottawa'), ('Nowhere'), (''), (NULL)) AS v (city);
WITH added AS (INSERT INTO region VALUES ('Laval', 'Laval', 'QC', 6) RETURNING city)
SELECT city, salesforce_fdw.generalize(city, 'region', 'city', 'region') IS NULL AS is_unseen FROM added;
SELECT salesforce_fdw.generalize('Laval', 'region', 'city', 'region');
SELECT salesforce_fdw.generalize('ON', 'region', 'province', 'code'); -- ERROR
SELECT salesforce_fdw.generalize('QC', 'region', 'province', 'region'); -- ERROR
SELECT salesforce_fdw.generalize('x', 'region', 'city', 'nothing'); -- ERROR
SELECT salesforce_fdw.generalize('x', 'region', 'code', 'region'); -- ERROR
SELECT salesforce_fdw.generalize('x', 'contact', 'email', 'lastname'); -- ERROR
DO $$
DECLARE
    key name := 'city';
    found text;
BEGIN
    FOR i IN 1 .. 2 LOOP
        found := salesforce_fdw.generalize('Ottawa', 'region', key, 'province');
        ASSERT (found = 'ON') IS NOT DISTINCT FROM CASE WHEN i = 1 THEN true END, found;
        key := 'region';
    END LOOP;
END $$;
SELECT salesforce_fdw.generalize(c, 'region', c::name, 'region') FROM (VALUES ('city'), ('region')) AS v (c); -- ERROR
CREATE TABLE long (k text, v text);
INSERT INTO long SELECT n || repeat('x', 1000000), 'v' FROM generate_series(1, 70) AS n;
SELECT salesforce_fdw.generalize('x', 'long', 'k', 'v'); -- ERROR
CREATE TABLE child () INHERITS (region);
SELECT salesforce_fdw.generalize('Ottawa', 'region', 'city', 'region'); -- ERROR
DROP TABLE child;
GRANT USAGE ON SCHEMA transforms TO PUBLIC;
GRANT SELECT (city, region) ON region TO transforms_author;
SET ROLE transforms_author;
SELECT salesforce_fdw.generalize('Ottawa', 'transforms.region', 'city', 'region');
SELECT salesforce_fdw.generalize('Ottawa', 'transforms.region', 'city', 'province'); -- ERROR
RESET ROLE;
ALTER TABLE region ENABLE ROW LEVEL SECURITY;
SET ROLE transforms_author;
SELECT salesforce_fdw.generalize('Ottawa', 'transforms.region', 'city', 'region'); -- ERROR
RESET ROLE;

DROP SCHEMA transforms CASCADE;
DROP SERVER transforms_raw, transforms_lake CASCADE;
DELETE FROM salesforce_fdw.pseudonym_key;
REVOKE salesforce_fdw_policy FROM transforms_author, transforms_other;
DROP OWNED BY transforms_author;
DROP ROLE transforms_author, transforms_other, transforms_nobody;
DROP EXTENSION salesforce_fdw;
