#!/usr/bin/env python3
"""Check the rules of src/README.md on the sources and on the built objects.

usage: test/house.py [FOLDER]      (a folder in which `make` has run)

Prints TAP, one line a rule, with every offender named.  The table of who may
include whom is read from src/README.md, so that the map and the check cannot
drift apart.
"""
import glob
import os
import re
import subprocess
import sys

PREFIXES = ("sfdw_", "pg_finfo_sfdw_", "_PG_init", "Pg_magic_func", "_PG_fini")
# Names that PostgreSQL's conventions give to the callbacks of a wrapper.
INTERNAL = re.compile(r"^(sfdw|pg_finfo_sfdw_|_PG_|Pg_magic_func)")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def rooms():
    """The rows of the table: room -> the rooms that it may include."""
    table = {}
    for line in read("src/README.md").splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"`\w+`", cells[0]):
            names = re.findall(r"\w+", cells[2])
            table[cells[0].strip("`")] = set(names)
    return table


def sources():
    return sorted(glob.glob("src/*.c") + glob.glob("src/*/*.[ch]"))


def forbidden_includes(table):
    """Includes that the table does not allow, and rooms that it lacks."""
    for path in sources():
        parts = path.split("/")
        if len(parts) != 3:
            continue
        room = parts[1]
        if room not in table:
            yield f"{path}: room {room} is not in src/README.md"
            continue
        for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', read(path), re.M):
            if "/" not in name and os.path.exists(f"src/{room}/{name}"):
                yield f'{path} includes "{name}": write "{room}/{name}"'
            target = name.split("/")[0]
            if not os.path.exists(f"src/{name}"):
                continue        # PostgreSQL has a folder "storage", too
            if target in table and target != room and target not in table[room]:
                yield f"{path} includes {name}"


def shadowing():
    """Headers of ours that hide one of PostgreSQL's, being found first."""
    server = run(os.environ.get("PG_CONFIG", "pg_config"), "--includedir-server").strip()
    for path in sources():
        if path.endswith(".h") and os.path.exists(os.path.join(server, path[len("src/"):])):
            yield path


def objects():
    """Built files, each with the global symbols that it defines and needs."""
    table = {p: (set(), set()) for p in sources()
             if p.endswith(".c") and os.path.exists(p[:-2] + ".o")}
    for line in run("nm", "-A", "-P", "-g", *(p[:-2] + ".o" for p in table)).splitlines():
        place, name, kind = line.split()[:3]
        defined, needed = table[place.rstrip(":")[:-2] + ".c"]
        (needed if kind == "U" else defined).add(name)
    return table


def call_cycles(table):
    """Files that need each other's symbols in a circle."""
    home = {name: path for path, (defined, _) in table.items() for name in defined}
    reach = {path: {home[n] for n in needed if n in home} - {path}
             for path, (_, needed) in table.items()}
    changed = True
    while changed:
        changed = False
        for path, seen in reach.items():
            more = set().union(*(reach[p] for p in seen)) if seen else set()
            if not more <= seen:
                seen |= more
                changed = True
    for path in sorted(reach):
        if path in reach[path]:
            others = sorted(p for p in reach[path] if p in reach and path in reach[p] and p != path)
            yield f"{path} with {', '.join(others)}"


def unprefixed(table):
    """Global symbols without our prefix, hidden ones included."""
    for path, (defined, _) in table.items():
        for name in sorted(defined):
            if not INTERNAL.match(name):
                yield f"{path}: {name}"


def exported():
    """What the library exports beyond what PostgreSQL looks up by name."""
    for line in run("nm", "-D", "--defined-only", "salesforce_fdw.so").splitlines():
        name = line.split()[-1]
        if not name.startswith(PREFIXES):
            yield f"salesforce_fdw.so: {name}"


def unresolved():
    """Functions of ours that are called and that no file defines."""
    for line in run("nm", "-D", "--undefined-only", "salesforce_fdw.so").splitlines():
        name = line.split()[-1]
        if name.startswith("sfdw"):
            yield f"salesforce_fdw.so: {name}"


def pure_files():
    """The Makefile's PURE list."""
    found = re.search(r"^PURE = \\\n((?:\t\S+(?: \\)?\n)+)", read("Makefile"), re.M)
    return re.findall(r"\S+\.c", found.group(1))


def impure():
    """Pure files that reach postgres.h, call palloc or raise errors."""
    server = run(os.environ.get("PG_CONFIG", "pg_config"), "--includedir-server").strip()
    # One compiler for all: it prints "name.o: path.c header ..." for each.
    rules = run("gcc", "-M", "-Isrc", f"-I{server}", *pure_files()).replace("\\\n", " ")
    for rule in rules.splitlines():
        headers = rule.split()
        if any(os.path.basename(h) in ("postgres.h", "c.h", "postgres_fe.h") for h in headers):
            yield f"{headers[1]} reaches postgres.h"
    for path in pure_files():
        if re.search(r"\b(palloc0?|pfree|repalloc|ereport|elog)\s*\(", strip(read(path))):
            yield f"{path} calls PostgreSQL"


def strip(text):
    """C without comments and strings."""
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.S)


def version_tests():
    for path in sources():
        if path != "src/core/compat.h" and re.search(
                r"^\s*#\s*(if|elif).*PG_VERSION_NUM", read(path), re.M):
            yield path


def uncoded_errors():
    """ereport(ERROR) without an errcode."""
    for path in sources():
        text = read(path)
        for match in re.finditer(r"ereport\s*\(\s*ERROR\s*,", text):
            end = text.find(");", match.end())
            if "errcode" not in text[match.start():end]:
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}"


def skipping_tests():
    """Tests that pass over what they lack instead of failing."""
    for path in sorted(glob.glob("test/t/*.p[lm]")):
        for match in re.finditer(r"^\s*(skip\b|plan skip_all)", read(path), re.M):
            yield f"{path}:{read(path).count(chr(10), 0, match.start(1)) + 1}"


def too_long():
    """Files over 900 lines."""
    for path in sources():
        lines = read(path).count("\n")
        if lines > 900:
            yield f"{path}: {lines} lines"


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
    table = rooms()
    built = objects()
    wanted = [p for p in sources() if p.endswith(".c")]
    rules = [
        ("the map of rooms is read", [] if len(table) >= 7 else ["src/README.md"]),
        ("the objects are built", [p for p in wanted if p not in built
                                   and p != "src/storage/memory.c"]),
        ("no include that the map forbids", forbidden_includes(table)),
        ("no header hides one of PostgreSQL's", shadowing()),
        ("no files that call each other in a circle", call_cycles(built)),
        ("no global symbol without our prefix", unprefixed(built)),
        ("no other symbol is exported", exported()),
        ("every function that is called is there", unresolved()),
        ("pure files know nothing of PostgreSQL", impure()),
        ("only compat.h tests PG_VERSION_NUM", version_tests()),
        ("every error has an SQLSTATE", uncoded_errors()),
        ("no test skips what it lacks", skipping_tests()),
        ("no file over 900 lines", too_long()),
    ]
    failed = 0
    for number, (claim, offenders) in enumerate(rules, 1):
        offenders = list(offenders)
        failed += bool(offenders)
        print(f"{'not ok' if offenders else 'ok'} {number} - {claim}")
        for offender in offenders:
            print(f"#   {offender}")
    print(f"1..{len(rules)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
