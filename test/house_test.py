#!/usr/bin/env python3
"""Plant each offence that test/house.py looks for, and see that it is found.

usage: test/house_test.py [FOLDER]      (a folder in which `make` has run)

Works on a copy; prints TAP.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HOUSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "house.py")


def compile_file(path):
    subprocess.run(["gcc", "-c", "-w", "-Isrc", "-o", path[:-2] + ".o", path], check=True)


def write(path, text, mode="w"):
    with open(path, mode, encoding="utf-8") as file:
        file.write(text)


def include_upwards():
    write("src/core/status.h", '#include "storage/storage.h"\n', "a")


def include_bare():
    write("src/core/status.c", '#include "status.h"\n', "a")


def hiding_header():
    write("src/storage/fd.h", "")


def circle():
    write("src/core/one.c", "int sfdw_one(void) { return sfdw_two(); }\n")
    write("src/core/two.c", "int sfdw_two(void) { return sfdw_one(); }\n")
    compile_file("src/core/one.c")
    compile_file("src/core/two.c")


def bare_symbol():
    write("src/core/one.c", "int parse(void) { return 1; }\n")
    compile_file("src/core/one.c")


def exported_symbol():
    write("one.c", "int parse(void) { return 1; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", "salesforce_fdw.so", "one.c"], check=True)


def missing_function():
    write("one.c", "int sfdw_two(void);\nint _PG_init(void) { return sfdw_two(); }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", "salesforce_fdw.so", "one.c"], check=True)


def impure_header():
    write("src/core/status.c", '#include "core/compat.h"\n', "a")


def impure_call():
    write("src/core/status.c", "void *sfdw_x(void);\nvoid *sfdw_x(void) { return palloc(1); }\n", "a")


def version_test():
    write("src/core/errors.c", "#if PG_VERSION_NUM >= 160000\n#endif\n", "a")


def uncoded_error():
    write("src/core/errors.c", '/* */ void f(void) { ereport(ERROR, errmsg("x")); }\n', "a")


def skipping_test():
    os.makedirs("test/t")
    write("test/t/001_x.pl", "plan skip_all => 'no';\n")


def long_file():
    write("src/core/errors.c", "\n" * 1000, "a")


def unbuilt_file():
    write("src/core/one.c", "int sfdw_one(void) { return 1; }\n")


def lost_map():
    write("src/README.md", "nothing here\n")


OFFENCES = [
    (include_upwards, "no include that the map forbids"),
    (include_bare, "no include that the map forbids"),
    (hiding_header, "no header hides one of PostgreSQL's"),
    (circle, "no files that call each other in a circle"),
    (bare_symbol, "no global symbol without our prefix"),
    (exported_symbol, "no other symbol is exported"),
    (missing_function, "every function that is called is there"),
    (impure_header, "pure files know nothing of PostgreSQL"),
    (impure_call, "pure files know nothing of PostgreSQL"),
    (version_test, "only compat.h tests PG_VERSION_NUM"),
    (uncoded_error, "every error has an SQLSTATE"),
    (skipping_test, "no test skips what it lacks"),
    (long_file, "no file over 900 lines"),
    (unbuilt_file, "the objects are built"),
    (lost_map, "the map of rooms is read"),
]


def main():
    origin = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
    failed = 0
    for number, (plant, claim) in enumerate(OFFENCES, 1):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(f"{origin}/src", f"{folder}/src")
            shutil.copy(f"{origin}/Makefile", folder)
            shutil.copy(f"{origin}/salesforce_fdw.so", folder)
            os.chdir(folder)
            plant()
            result = subprocess.run([HOUSE, "."], capture_output=True, text=True)
            found = any(line.startswith("not ok") and line.endswith(f"- {claim}")
                        for line in result.stdout.splitlines())
            os.chdir(origin)
        good = found and result.returncode != 0
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {plant.__name__} is found")
    print(f"1..{len(OFFENCES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
