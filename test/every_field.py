#!/usr/bin/env python3
r"""Compare every field of a foreign table with the raw export behind it.

usage: every_field.py RAW.csv GOT.csv TYPES.json cds|csv

GOT.csv is COPY's output of the whole table (header, NULL as <null>, time zone
UTC), TYPES.json maps a field of the raw header to its PostgreSQL type.
The raw file is read with Python's own csv and unicode_escape; nothing of the
project is used.  Prints how many values were compared; fails on a difference.
"""

import csv
import datetime
import decimal
import json
import sys


def parse_moment(text):
    """Either spelling of a moment: the export's, or PostgreSQL's in UTC."""
    text = text.replace("T", " ").replace("+0000", "+00:00").replace("Z", "+00:00")
    if text.endswith("+00"):
        text += ":00"
    if "." in text:
        head, tail = text.split(".")
        digits = len(tail) - 6
        text = head + "." + (tail[:digits] + "000000")[:6] + tail[digits:]
    return datetime.datetime.fromisoformat(text)


def cents(text):
    return decimal.Decimal(text).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)


# How a raw value and one of PostgreSQL's become comparable.
KINDS = {
    "boolean": ({"True": "t", "False": "f"}.__getitem__, str),
    "integer": (int, int),
    "numeric": (decimal.Decimal, decimal.Decimal),
    "numeric(18,2)": (cents, decimal.Decimal),
    "date": (datetime.date.fromisoformat, datetime.date.fromisoformat),
    "timestamp with time zone": (parse_moment, parse_moment),
}


def unescape(text):
    """Python's unicode_escape undone; compound values were never escaped."""
    if text.startswith("OrderedDict("):
        return text
    return text.encode("latin-1").decode("unicode_escape")


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def main():
    raw_path, got_path, types_path, dialect = sys.argv[1:]
    types = json.load(open(types_path, encoding="utf-8"))
    raw, got = read_rows(raw_path), read_rows(got_path)
    if len(raw) != len(got):
        sys.exit(f"{len(raw) - 1} records, {len(got) - 1} rows")
    as_text = (unescape if dialect == "cds" else str, str)
    compared = 0
    for number, (wanted_row, got_row) in enumerate(zip(raw[1:], got[1:]), 1):
        for field, wanted, value in zip(raw[0], wanted_row, got_row, strict=True):
            from_raw, from_got = KINDS.get(types[field], as_text)
            compared += 1
            if wanted == "" or value == "<null>":
                same = wanted == "" and value == "<null>"
            else:
                same = from_raw(wanted) == from_got(value)
            if not same:
                sys.exit(f"record {number}, field {field}: the values differ")
    print(compared)


main()
