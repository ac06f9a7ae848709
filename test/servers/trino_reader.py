#!/usr/bin/env python3
"""Query a Trino of the tests.

usage: trino_reader.py PORT query TIME_ZONE SQL
       trino_reader.py PORT poll TABLE COLUMN ROWS

query: prints the rows as JSON, once the server can scan.  poll: until standard
input is closed, counts the rows of each value of COLUMN again and again;
prints how many answers there were, which values were seen, every answer that
was not ROWS rows of one value, and every error that came instead of an answer.
"""
import json
import select
import sys
import time

import trino

READY_SECONDS = 120


def connect(port, **more):
    return trino.dbapi.connect(host="127.0.0.1", port=port, user="test", max_attempts=1, **more)


def ask(connection, sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


def query(port, time_zone, sql):
    """Trino answers simple queries some seconds before it can scan."""
    limit = time.monotonic() + READY_SECONDS
    while True:
        try:
            return ask(connect(port, timezone=time_zone), sql)
        except trino.exceptions.TrinoUserError:
            raise
        except Exception:
            if time.monotonic() > limit:
                raise
            time.sleep(0.5)


def poll(port, table, column, rows):
    connection = connect(port)
    answers, wrong, seen, errors = 0, [], [], []
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            found = ask(connection, f"SELECT {column}, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
        except Exception as error:  # whatever a reader would see
            errors.append(str(error))
            continue
        answers += 1
        if len(found) != 1 or found[0][1] != rows:
            wrong.append(str(found))
        elif found[0][0] not in seen:
            seen.append(found[0][0])
    return {"answers": answers, "wrong": wrong, "seen": seen, "errors": errors}


if __name__ == "__main__":
    port, how, words = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    answer = query(port, *words) if how == "query" else poll(port, words[0], words[1], int(words[2]))
    print(json.dumps(answer, default=str, sort_keys=True))
