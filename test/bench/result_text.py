#!/usr/bin/env python3
"""Print the values of the rows of the shipped data set, one a line, as the
detectors are given them: account's id, name and date, opportunity's id, name and
date, product.

usage: result_text.py ROWS [ACCOUNTS]
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from gen_salesforce import (ACCOUNT_FIELDS, OPPORTUNITY_FIELDS, Options, account_rows,  # noqa: E402
                            opportunity_rows)

COLUMNS = [OPPORTUNITY_FIELDS.index(name) for name in ("Id", "Name", "CreatedDate", "AccountId", "Product_to_Add__c")]


def time_of(text):
    """As PostgreSQL writes a timestamp."""
    return text[:10] + " " + text[11:19]


def main():
    rows = int(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else max(rows // 20, 1)
    # raw_newlines: as the text is once its escapes are decoded
    options = Options(1, "dict", True, 0, 0, 0, 0)
    fields = [ACCOUNT_FIELDS.index(name) for name in ("Id", "Name", "CreatedDate")]
    accounts = {}
    for _, account in zip(range(count), account_rows(options)):
        key, name, created = (account[field] for field in fields)
        accounts[key] = f"{key}\n{name}\n{time_of(created)}\n"
    for _, row in zip(range(rows), opportunity_rows(options, count)):
        key, name, created, account, product = (row[column] for column in COLUMNS)
        sys.stdout.write(f"{accounts[account]}{key}\n{name}\n{time_of(created)}\n{product or ''}\n")


main()
