#!/usr/bin/env python3
"""Look for openings that an extension script leaves to whoever made objects before it.

usage: test/script_check.py SCRIPT ...

Pgspot's rules, with one thing that it cannot read: functions whose body is SQL
outside of quotes.  Such a body is bound when the script runs, so it is judged
as the script's own statements are.  Prints a line for each finding; the exit
status is 0 when there is none.
"""
import argparse
import sys

from pgspot import visitors
from pgspot.state import Counter, State


class Visitor(visitors.SQLVisitor):
    def visit_CreateFunctionStmt(self, ancestors, node):
        if node.sql_body is None:
            super().visit_CreateFunctionStmt(ancestors, node)
        elif node.replace:
            self.state.error("PS002", visitors.format_function(node))


def findings(path):
    """How many there are in one script; each is printed."""
    options = argparse.Namespace(proc_without_search_path=[], summary_only=False, plpgsql=True,
                                 ignore=[], ignore_lang=[], sql_fn=[])
    counter = Counter(options)
    with open(path, encoding="utf8") as script:
        visitors.visit_sql(State(counter), script.read(), toplevel=True)
    return counter.errors + counter.warnings + counter.unknowns


if __name__ == "__main__":
    visitors.SQLVisitor = Visitor
    sys.exit(1 if sum([findings(path) for path in sys.argv[1:]]) else 0)
