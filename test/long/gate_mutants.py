#!/usr/bin/env python3
"""Take one rule of the privacy gate away at a time: each must be missed.

usage: gate_mutants.py WORK [PATTERN]

Builds the library in WORK once for every rule, without that rule, and tries the
definitions in test/gate with it.  A mutant is noticed when any of them is let
through, refused for something else, has another lineage or crashes the server.
The net of dependencies is taken away before all, since it would catch by itself
most of what the others let through; without it everything must be as expected.
PATTERN (a regular expression over "FILE: CALL") takes some mutants only.
"""
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))

FILES = ["gate.c", "gate_classes.c", "gate_clauses.c", "gate_columns.c", "gate_functions.c", "gate_generalize.c",
         "gate_nodes.c", "gate_objects.c", "gate_raw.c", "gate_selected.c", "gate_shape.c"]

# Statements that are rules: a call that refuses, checks, uses or collects.
RULE = re.compile(r"^\t+(?:\(void\) )?((?:sfdw_gate_|sfdw_raw_)?(?:check|refuse|use|compare|collect|union|add|mark)\w*)\("
                  r"(?:[^;{}]|\n)*?\);\n", re.M)
# Members of lists of what is refused.
MEMBER = re.compile(r"^\t\{\"[^\"]+\", offsetof\(Query, \w+\)\},\n", re.M)
# Statements that return early because something is the matter.
VERDICT = re.compile(r"^\t+(?:else )?if \((?:[^;{}]|\n)*?\)\n\t+return (?:WHY_\w+|why|false|true);\n", re.M)

# The second net, without which the first and the third must do.
OTHER_NET = "\tsfdw_gate_check_dependencies(gate->listed, view, &gate->objects);\n"

# Rules that no definition can reach alone, by words of theirs, and why they stay.
SECOND_LOOKS = [
    ("check_stack_depth", "guards the stack"),
    ("sfdw_gate_check_plan_relations", "needs a child attached meanwhile: 060_materialize"),
    ("WHY_PLAN", "the same"),
    ("SFDW_GROUP_EXPRESSIONS", "PostgreSQL 18 alone has such entries"),
    ("if (a->count != b->count)", "a query gives as many columns each time"),
    ("sfdw_gate_check_dependencies", "see OTHER_NET"),
    ("pg_strcasecmp(lfirst(cell), name)", "an acceptance that is not found refuses"),
    ("check_subscript", "its parts"),
    ("exprInputCollation", "the COLLATE that brings it is looked at itself"),
    ("sfdw_gate_check_type(lfirst_oid(cell))", "see check_types"),
    ("check_merged_columns", "what is merged is looked at itself"),
    ("check_part(level, lfirst(cell));", "the same"),
    ("check_set_operations(&level", "what is in it is looked at itself"),
    ("query->groupClause", "GROUP BY takes the types' own operators"),
    ("query->distinctClause", "DISTINCT takes those of ORDER BY"),
    ("offsetof(Query, rowMarks)", "see TWINS"),
    ("check_set_operations(level, operation->", "a set operation takes the types' own operators"),
    ("WHY_DEPENDENCY", "whatever pg_depend shows is found in the query first"),
    ("SFDW_IS_VIRTUAL_COLUMN", "a foreign table of forms.sql would need a generated column: gate_refuse"),
    ("WHY_DIFFERENCE", "whatever the parser noted is found by the walk first"),
    ("refuse_difference", "the same"),
    ("a statement that changes data", "a view cannot be one"),
    ("sfdw_gate_refuse(flags[i].name", "the same clauses are seen at their own level first"),
    ("hasModifyingCTE", "PostgreSQL refuses it in a view"),
    ("hasForUpdate", "the same clauses are seen at their own level first"),
    ("offsetof(Query, utilityStmt)", "a view cannot have it"),
    ("offsetof(Query, onConflict)", "a view cannot have it"),
    ("offsetof(Query, returningList)", "a view cannot have it"),
    ("offsetof(Query, withCheckOptions)", "a view cannot have it"),
    ("offsetof(Query, mergeActionList)", "a view cannot have it"),
    ("an outer reference", "the parser makes none that leads nowhere"),
    ("clause->sortop", "an operator class has both operators, and the other is seen"),
    ("clause->eqop", "the same"),
    ("sfdw_gate_node_name((Node *) link)", "an UPDATE alone has other kinds"),
    ("sfdw_gate_node_name((Node *) param)", "a view has no parameters"),
    ("sfdw_gate_node_name((Node *) subscript)", "an UPDATE alone assigns"),
    ("check_sublink", "an UPDATE alone has other kinds"),
    ("check_param", "a view has no parameters"),
    ("refcontainertype", "what is subscripted is looked at itself"),
    ("sfdw_gate_refuse(sfdw_gate_relation_name(entry->relid), WHY_SHAPE)", "the rewriter leaves no view in a join tree"),
    ("check_reference", "the same"),
    ("sfdw_gate_refuse(sfdw_gate_node_name(node), WHY_SHAPE)", "the parser makes no other nodes there"),
    ('sfdw_gate_refuse("WITH"', "the parser makes no other nodes there"),
    ("check_types(operation->colTypes)", "the arms' columns are looked at themselves"),
    ("check_part(level, operation->groupClauses)", "a set operation takes the types' own operators"),
    ("check_part(level, window->partitionClause)", "PARTITION BY takes the types' own operators"),
    ("window->startInRangeFunc", "known types have PostgreSQL's own functions"),
    ("window->endInRangeFunc", "known types have PostgreSQL's own functions"),
    ("window->inRangeColl", "the columns of the window are looked at themselves"),
    ("check_types(entry->coltypes)", "the columns are looked at themselves"),
    ("a range-table entry of kind", "there is no other kind"),
    ("a function with a list of columns", "it returns a record, which is refused first"),
    ("check_functions_of", "whatever calls a function is looked at by its kind first"),
    ("refuse_foreign_function", "the same"),
    ("WHY_CALLED", "the same"),
    ("WHY_RANGE", "known types have PostgreSQL's own functions"),
    ("PG_CATALOG_NAMESPACE", "an operator that came with PostgreSQL stands nowhere else"),
]


# Rules that do the same twice: taken away together they must be missed.
TWINS = [
    ("gate_shape.c", "FOR UPDATE, clause and flag",
     ['\t{"FOR UPDATE or FOR SHARE", offsetof(Query, rowMarks)},\n',
      '\t{"FOR UPDATE or FOR SHARE", offsetof(Query, hasForUpdate)},\n']),
    ("gate_shape.c", "both operators of ORDER BY USING",
     ["\t\tsfdw_gate_check_operator(clause->sortop);\n", "\t\tsfdw_gate_check_operator(clause->eqop);\n"]),
]


def excuse(words):
    """Why it is no matter that the rule's absence is not noticed, or None."""
    for part, reason in SECOND_LOOKS:
        if part in words:
            return reason
    return None


def mutants():
    """(file, line, words, text without the rule) for each rule."""
    for name in FILES:
        path = os.path.join(TREE, "src/dataset", name)
        text = open(path).read().replace(OTHER_NET, "")
        for pattern, filler in ((RULE, ";\n"), (MEMBER, ""), (VERDICT, ";\n")):
            for found in pattern.finditer(text):
                words = " ".join(found.group(0).split())
                line = text.count("\n", 0, found.start()) + 1
                indent = re.match(r"\t*", found.group(0)).group(0)
                filled = indent + filler if filler == ";\n" else filler
                yield name, line, words, text[:found.start()] + filled + text[found.end():]


def twins():
    """The same for rules that do the same twice."""
    for name, words, parts in TWINS:
        text = open(os.path.join(TREE, "src/dataset", name)).read()
        for part in parts:
            assert part in text, part
            indent = re.match(r"\t*", part).group(0)
            text = text.replace(part, "" if part.startswith("\t{") else indent + ";\n")
        yield name, 0, words, text


def forms(name):
    """[query, expectation] of one of the files of definitions."""
    for line in open(os.path.join(TREE, "test/gate", name)):
        if line.strip() and not line.startswith("#"):
            query, expected = line.rstrip("\n").rsplit(" ;;", 1)
            yield query, expected.strip()


def is_as_expected(outcome, expected, passes):
    if passes:
        return outcome.startswith("passed: ") and sorted(outcome[8:].split(" | ")) == sorted(expected.split(" | "))
    if expected[:1] in ("!", "?"):
        return outcome.startswith(expected)
    return outcome.startswith("refused: ") and sorted(outcome[9:].split(", ")) == sorted(expected.split(", "))


class Server:
    """A cluster whose backends load the library anew, each as it is then."""

    def __init__(self, work):
        self.work = work
        self.data = os.path.join(work, "data")
        subprocess.run(["initdb", "-A", "trust", "-N", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.data],
                       check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.data, "postgresql.conf"), "a") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{work}'\nfsync = off\nlog_min_messages = panic\n")
        self.control("-w", "start")
        self.psql(open(os.path.join(TREE, "test/gate/forms.sql")).read())

    def control(self, *words):
        subprocess.run(["pg_ctl", "-s", "-D", self.data, "-l", os.path.join(self.work, "server.log"), *words], check=False)

    def psql(self, sql):
        return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.work, "-U", "postgres", "postgres"],
                              input=sql, capture_output=True, text=True, timeout=120, check=False)

    def wait(self):
        """Until the server has come back from a crash."""
        for _ in range(600):
            if self.psql("SELECT 1").returncode == 0:
                return
            time.sleep(0.2)
        raise RuntimeError("the server does not come back")

    def outcomes(self, queries):
        values = ",\n".join("('" + query.replace("'", "''") + "')" for query in queries)
        result = self.psql("SET client_min_messages = error; SET search_path = f; SET ROLE author; SET statement_timeout = '60s';\n"
                           f"SELECT f.attempt(q) FROM (VALUES {values}) AS v (q)")
        if result.returncode != 0:
            self.failure = result.stderr.strip().split("\n")[0]
            self.wait()
            return None
        return result.stdout.split("\n")[:len(queries)]


def main():
    work = os.path.join(os.path.abspath(sys.argv[1]), "mutants")
    pattern = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    for part in ("Makefile", "salesforce_fdw.control", "sql", "src", "test"):
        source = os.path.join(TREE, part)
        (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, os.path.join(work, part))
    gate = os.path.join(work, "src/dataset/gate.c")
    text = open(gate).read()
    assert OTHER_NET in text
    with open(gate, "w") as out:
        out.write(text.replace(OTHER_NET, ""))
    make = ["make", "-s", "-C", work, "FAULTS=1", "with_llvm=no"]
    subprocess.run(make + ["-j2", "install"], check=True, stdout=subprocess.DEVNULL)
    library = os.path.join(subprocess.run([os.environ["PG_CONFIG"], "--pkglibdir"], check=True, capture_output=True,
                                          text=True).stdout.strip(), "salesforce_fdw.so")
    shutil.copy2(library, library + ".whole")
    tried = [(q, e, False) for q, e in forms("refused.txt")] + [(q, e, True) for q, e in forms("passed.txt")]
    queries = [q for q, _, _ in tried]
    server = Server(work)

    def noticed():
        outcomes = server.outcomes(queries)
        if outcomes is None:
            return f"the session ended: {server.failure}"
        for outcome, (query, expected, passes) in zip(outcomes, tried):
            if not is_as_expected(outcome, expected, passes):
                return query
        return None

    number = bad = 0
    try:
        first = noticed()
        print(f"{'ok' if first is None else 'not ok'} 1 - with all rules every definition is as expected", first or "")
        number, bad = 1, int(first is not None)
        for name, line, words, text in [*mutants(), *twins()]:
            if not pattern.search(f"{name}: {words}"):
                continue
            path = os.path.join(work, "src/dataset", name)
            whole = open(path).read()
            with open(path, "w") as out:
                out.write(text)
            built = subprocess.run(make + ["COPT=-w", "salesforce_fdw.so"], capture_output=True, text=True, check=False)
            number += 1
            if built.returncode != 0:
                print(f"ok {number} - {name}:{line} {words} # does not compile")
            else:
                shutil.copy2(os.path.join(work, "salesforce_fdw.so"), library + ".mutant")
                os.rename(library + ".mutant", library)
                query = noticed()
                reason = excuse(words)
                bad += query is None and reason is None
                print(f"{'not ok' if query is None and reason is None else 'ok'} {number} - {name}:{line} {words}",
                      "# " + (query or reason or "NOT NOTICED"))
            sys.stdout.flush()
            with open(path, "w") as out:
                out.write(whole)
    finally:
        server.control("-m", "immediate", "stop")
        os.rename(library + ".whole", library)
    print(f"1..{number}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
