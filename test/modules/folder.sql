-- A folder of the server's user with files that a test writes, and what a
-- statement raises with the folder left out.  Sets the psql variables folder,
-- location and remove.
CREATE TEMP TABLE made_folder (folder text);
COPY made_folder FROM PROGRAM 'mktemp -d';
SELECT folder, 'file://' || folder || '/' AS location,
    'cat > /dev/null; rm -r ' || folder AS remove
FROM made_folder \gset

-- Write a file of these lines, which must not be empty.
CREATE FUNCTION put_file(name text, VARIADIC lines text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COPY (SELECT unnest(%L::text[])) TO %L '
                   'WITH (FORMAT csv, DELIMITER E''\x02'', QUOTE E''\x01'')',
                   lines, (SELECT folder FROM made_folder) || '/' || name);
END $$;

-- What a statement raises: its parts on lines of their own.
CREATE FUNCTION outcome(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE sql;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(E'\n', sqlstate || ': ' || sqlerrm,
                                    nullif(detail, ''), nullif(hint, '')),
                          'file:///[^"]*/', 'FOLDER/', 'g');
END $$;
