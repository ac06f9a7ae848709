-- Helpers for values of exports: right answers, and errors without the value.
SET client_min_messages = warning;
CREATE EXTENSION salesforce_fdw;
\pset null (null)

-- The published example, an id without capitals, and the null id.
SELECT id, salesforce_fdw.id18(id)
FROM (VALUES ('001B000000IEbID'), ('00530000003xqAb'), ('001000000000000'),
             ('000000000000000'), ('zzzzzzzzzzzzzzz'), ('ZZZZZZZZZZZZZZZ')) AS t (id);

-- The long form comes back as it is, so a column of both can be joined.
SELECT salesforce_fdw.id18('001B000000IEbIDIA1') AS long_form,
       salesforce_fdw.id18(NULL) AS of_null;

-- One id in capitals, one of another length, one with a strange character:
-- errors that do not show it.
SELECT salesforce_fdw.id18('001B000000IEBIDIA1'); -- ERROR
SELECT salesforce_fdw.id18('001b000000iebidia1'); -- ERROR
SELECT salesforce_fdw.id18('jane.doe@example.org'); -- ERROR
SELECT salesforce_fdw.id18('jane.doe@exampl'); -- ERROR
SELECT salesforce_fdw.id18(''); -- ERROR

-- Escapes as Python writes them, strictly from left to right.
SELECT salesforce_fdw.decode_escapes(escaped)
FROM (VALUES ('Sant\xe9'), ('\\xe9'), ('\\\xe9'), ('caf\xe9 \u2019 \U0001f600'),
             ('no escape'), (''), (NULL)) AS t (escaped);
SELECT salesforce_fdw.decode_escapes('a\tb\nc\rd') = E'a\tb\nc\rd' AS control_characters;

-- What Python does not write, and what text cannot hold.
SELECT salesforce_fdw.decode_escapes('jane\'); -- ERROR
SELECT salesforce_fdw.decode_escapes('jane\xe'); -- ERROR
SELECT salesforce_fdw.decode_escapes('C:\jane'); -- ERROR
SELECT salesforce_fdw.decode_escapes('jane\x00'); -- ERROR
SELECT salesforce_fdw.decode_escapes('jane\ud800'); -- ERROR
SELECT salesforce_fdw.decode_escapes('jane\U00110000'); -- ERROR

-- They may be used in an index and by parallel workers.
SELECT proname, provolatile, proisstrict, proparallel
FROM pg_proc
WHERE pronamespace = 'salesforce_fdw'::regnamespace
  AND proname IN ('id18', 'decode_escapes')
ORDER BY proname;

DROP EXTENSION salesforce_fdw CASCADE;
