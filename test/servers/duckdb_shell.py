#!/usr/bin/env python3
"""Run SQL from standard input in DuckDB, in the current folder, and print what
each statement gives as lines of "value | value" below the columns' names."""
import sys

import duckdb

connection = duckdb.connect()
for statement in duckdb.extract_statements(sys.stdin.read()):
    result = connection.execute(statement)
    if result.description and statement.type == duckdb.StatementType.SELECT:
        print(" | ".join(column[0] for column in result.description))
        for row in result.fetchall():
            print(" | ".join("" if value is None else str(value) for value in row))
