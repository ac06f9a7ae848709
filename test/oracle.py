#!/usr/bin/env python3
"""What account_opportunity must hold, worked out from the raw CSV files.

usage: test/oracle.py FOLDER FILE.parquet       compare a published file
       test/oracle.py --self-test               see that a wrong value is found

An oracle: it uses Python's csv and a decoder of its own, follows the rules of
the exporter (see doc/reading.md), and imports nothing of the project.  The
published file is read twice, by pyarrow and by DuckDB.
"""
import csv
import os
import re
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta

SCHEMA = [
    ("accountid", "string"), ("accountname", "string"),
    ("accountcreateddate", "timestamp"), ("opportunityid", "string"),
    ("opportunityname", "string"), ("opportunitycreateddate", "timestamp"),
    ("product_to_add__c", "string"),
]
# Accepted free text: its values may not stand in statistics.
FREE_TEXT = {"accountname", "opportunityname"}
ESCAPE = re.compile(r"\\(?:\\|t|n|r|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
SIMPLE = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?"
                  r"(?:Z|([+-])(\d\d):?(\d\d))$")


def unescape(text):
    """Undo str.encode("unicode_escape"), left to right."""
    def one(match):
        digits = match.group(1) or match.group(2) or match.group(3)
        return chr(int(digits, 16)) if digits else SIMPLE[match.group(0)]
    left = ESCAPE.sub("", text)
    if "\\" in left:
        raise ValueError("an escape that the exporter does not write")
    return ESCAPE.sub(one, text)


def moment(text):
    """A timestamp as naive UTC."""
    match = TIME.match(text)
    if not match:
        raise ValueError("not a timestamp")
    year, month, day, hour, minute, second = (int(match.group(i)) for i in range(1, 7))
    micros = int((match.group(7) or "0").ljust(6, "0"))
    value = datetime(year, month, day, hour, minute, second, micros)
    if match.group(8):
        offset = timedelta(hours=int(match.group(9)), minutes=int(match.group(10)))
        value += -offset if match.group(8) == "+" else offset
    return value


def records(path):
    """Records as dictionaries by field name; the empty field is None."""
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader)
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise ValueError("a ragged record")
            yield {name: value or None for name, value in zip(header, row)}


def text(value):
    return None if value is None else unescape(value)


def expected(folder):
    """The rows of account_opportunity."""
    accounts = {}
    for record in records(os.path.join(folder, "Account.csv")):
        if record["Id"]:
            accounts.setdefault(record["Id"], []).append(record)
    for record in records(os.path.join(folder, "Opportunity.csv")):
        if not record["Id"] or not record["AccountId"]:
            continue
        for account in accounts.get(record["AccountId"], ()):
            yield (
                account["Id"], text(account["Name"]),
                account["CreatedDate"] and moment(account["CreatedDate"]),
                record["Id"], text(record["Name"]),
                record["CreatedDate"] and moment(record["CreatedDate"]),
                text(record["Product_to_Add__c"]),
            )


def by_pyarrow(path):
    """Schema and rows as pyarrow reads them."""
    import pyarrow.parquet as parquet
    table = parquet.ParquetFile(path, page_checksum_verification=True).read()
    kinds = [(f.name, "timestamp" if str(f.type) in ("timestamp[ms]", "timestamp[us]") else str(f.type))
             for f in table.schema]
    return kinds, list(zip(*(column.to_pylist() for column in table.columns)))


def by_duckdb(path):
    """Schema and rows as DuckDB reads them."""
    import duckdb
    connection = duckdb.connect()
    answer = connection.execute("SELECT * FROM read_parquet(?)", [path])
    kinds = [(d[0], {"VARCHAR": "string", "TIMESTAMP": "timestamp",
                     "TIMESTAMP_MS": "timestamp"}.get(str(d[1]), str(d[1])))
             for d in answer.description]
    return kinds, answer.fetchall()


def differences(want, kinds, rows):
    """What is wrong, in words without values."""
    found = []
    if kinds != SCHEMA:
        found.append(f"the schema is {kinds}")
    want, got = Counter(want), Counter(rows)
    missing, extra = want - got, got - want
    if missing or extra:
        found.append(f"{sum(missing.values())} rows are missing, {sum(extra.values())} are too many")
    ids = [(r[0], r[3]) for r in rows]
    if ids != sorted(ids):
        found.append("the rows are not in order of accountid, opportunityid")
    return found


def bounded_columns(path):
    """Columns whose smallest and largest value stand in the footer."""
    import pyarrow.parquet as parquet
    metadata = parquet.ParquetFile(path).metadata
    return {metadata.row_group(g).column(c).path_in_schema
            for g in range(metadata.num_row_groups) for c in range(metadata.num_columns)
            if metadata.row_group(g).column(c).statistics is not None
            and metadata.row_group(g).column(c).statistics.has_min_max}


def compare(folder, path):
    failed = 0
    want = list(expected(folder))
    for number, (name, reader) in enumerate(
            (("pyarrow", by_pyarrow), ("DuckDB", by_duckdb)), 1):
        kinds, rows = reader(path)
        found = differences(want, kinds, rows)
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {len(rows)} rows, as {name} reads them, "
              "are those of the oracle")
        for line in found:
            print(f"#   {line}")
    bounded = bounded_columns(path)
    right = bounded == {name for name, _ in SCHEMA} - FREE_TEXT
    failed += not right
    print(f"{'ok' if right else 'not ok'} 3 - the footer has bounds of every column but free text")
    print("1..3")
    return 1 if failed else 0


def self_test():
    """The oracle finds one wrong value, one missing and one doubled row."""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, lines):
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
                file.write("".join(line + "\r\n" for line in lines))
        put("Account.csv", ["Id,Name,CreatedDate",
                            '1,"Sant\\xe9, Canada",2024-01-15T14:30:00.000+0000',
                            "2,\\\\xe9,2024-01-15T14:30:00.000-0500", ",nobody,"])
        put("Opportunity.csv", ["Id,AccountId,Name,CreatedDate,Product_to_Add__c",
                                "a,1,\\u2019,2024-01-15T14:30:00.123Z,GC Notify",
                                "b,2,,2024-01-15 14:30:00+00:00,", "c,9,orphan,,", "d,,none,,"])
        want = list(expected(folder))
    right = [("1", "Sant\u00e9, Canada", datetime(2024, 1, 15, 14, 30), "a", "\u2019",
              datetime(2024, 1, 15, 14, 30, 0, 123000), "GC Notify"),
             ("2", "\\xe9", datetime(2024, 1, 15, 19, 30), "b", None,
              datetime(2024, 1, 15, 14, 30), None)]
    wrong = [right[0][:1] + ("Sante",) + right[0][2:], right[1]]
    claims = [
        (want == right, "rows written by hand are what the oracle expects"),
        (not differences(want, SCHEMA, right), "equal rows are equal"),
        (differences(want, SCHEMA, wrong), "one wrong value is found"),
        (differences(want, SCHEMA, right[:1]), "a missing row is found"),
        (differences(want, SCHEMA, right + right[1:]), "a doubled row is found"),
        (differences(want, SCHEMA, right[::-1]), "a wrong order is found"),
        (differences(want, SCHEMA[:2], right), "a wrong schema is found"),
    ]
    for number, (good, claim) in enumerate(claims, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {claim}")
    print(f"1..{len(claims)}")
    return 0 if all(good for good, _ in claims) else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1])
    sys.exit(compare(sys.argv[1], sys.argv[2]))
