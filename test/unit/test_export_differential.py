#!/usr/bin/env python3
"""CSV scan and unescaping beside Python's own csv and unicode_escape.

Prints TAP.  A driver program runs the project's code; what is right is worked
out here by the rules of csv_scan.h and unescape.h, and wherever no documented
rule differs, Python's own modules must say the same.

usage: test_export_differential.py [--cases N] [--seed N]
"""

import argparse
import csv
import io
import itertools
import os
import random
import subprocess
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
csv.field_size_limit(1 << 30)
HERE = os.path.dirname(os.path.abspath(__file__))
UNIT_DIR = os.environ.get("UNIT_DIR", os.path.join(HERE, "../../build/unit"))
MALFORMED, BAD_ENCODING, TOO_LARGE, UNSUPPORTED = 2, 3, 6, 7

test_count = failures = 0


def ok(condition, claim):
    global test_count, failures
    test_count += 1
    failures += not condition
    print(f"{'ok' if condition else 'not ok'} {test_count} - {claim}", flush=True)


def drive(what, cases):
    """Run the driver over (bytes, argument) and return its whole answer."""
    text = b"".join(b"%d %s\n%s" % (len(data), str(arg).encode(), data) for data, arg in cases)
    return subprocess.run([os.path.join(UNIT_DIR, "driver_export"), what], input=text,
                          stdout=subprocess.PIPE, check=True).stdout


# --------------------------------------------------------------------------
# CSV by the rules of csv_scan.h, one byte at a time
# --------------------------------------------------------------------------

KINDS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"\x28\xb5\x2f\xfd",
         b"PK\x03\x04", b"PAR1")


class Failure(Exception):
    def __init__(self, code, offset):
        self.code, self.offset = code, offset


def field_at(data, at):
    """The field that begins there: value, quoted, doubled quotes, end."""
    if data[at:at + 1] != b'"':
        end = at
        while end < len(data) and data[end] not in b",\r\n":
            if data[end] == 0x22:
                raise Failure(MALFORMED, end)
            end += 1
        return data[at:end], False, end
    value, end = b"", at + 1
    while True:
        close = data.find(b'"', end)
        if close < 0:
            raise Failure(MALFORMED, at)
        value += data[end:close]
        if data[close + 1:close + 2] != b'"':
            break
        value, end = value + b'"', close + 2
    end = close + 1
    if end < len(data) and data[end] not in b",\r\n":
        raise Failure(MALFORMED, end)
    return value, True, end


def line_end(data, at):
    """The position behind the line end there, or None when there is none."""
    if data[at:at + 1] == b"\n":
        return at + 1
    if data[at:at + 1] == b"\r":
        if data[at + 1:at + 2] != b"\n":
            raise Failure(MALFORMED, at)
        return at + 2
    return None


def record_at(data, at):
    """The record that begins there: fields of (offset, quoted, value), and its end."""
    fields = []
    while True:
        value, quoted, end = field_at(data, at)
        fields.append((at, quoted, value))
        if data[end:end + 1] == b",":
            at = end + 1
            continue
        if end < len(data):
            end = line_end(data, end)
        return fields, end


def nul_offset(data, fields):
    """The byte of the first NUL in a field, or None."""
    for offset, quoted, value in fields:
        at = value.find(b"\0")
        if at >= 0:
            return offset + at + (1 + value[:at].count(b'"') if quoted else 0)
    return None


def expected_csv(data):
    """What the driver must print, and the rows if nothing at all is wrong."""
    out, rows, number, at, columns = [], [], 0, 0, None
    try:
        if any(data.startswith(k) for k in KINDS) or \
                (len(data) >= 2 and (data[0] == 0) != (data[1] == 0)):
            raise Failure(UNSUPPORTED, 0)
        if data.startswith(b"\xef\xbb\xbf"):
            at = 3
        while at < len(data):
            behind = line_end(data, at)
            if behind is not None:
                at = behind
                continue
            fields, end = record_at(data, at)
            if columns is None:
                columns = len(fields)
                nul = nul_offset(data, fields)
                if nul is not None:
                    raise Failure(BAD_ENCODING, nul)
            nul = nul_offset(data, fields)
            if len(fields) != columns:
                out.append(b"X %d %d %d\n" % (number, MALFORMED, at))
                rows = None
            elif nul is not None:
                out.append(b"X %d %d %d\n" % (number, BAD_ENCODING, nul))
                rows = None
            else:
                out.append(b"R %d %d\n" % (number, at))
                out += [b"F %d %d %d\n%s\n" % (o, q, len(v), v) for o, q, v in fields]
                if rows is not None:
                    rows.append([v for _, _, v in fields])
            number, at = number + 1, end
        if columns is None:
            raise Failure(MALFORMED, at)
    except Failure as failure:
        out.append(b"E %d %d %d\n" % (number, failure.code, failure.offset))
        rows = None
    return b"".join(out) + b".\n", rows


def python_rows(data):
    """The rows by Python's csv module, blank lines left out."""
    text = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    reader = csv.reader(io.StringIO(text.decode("latin-1"), newline=""), strict=True)
    return [[v.encode("latin-1") for v in row] for row in reader if row]


def compare_csv(claim, inputs, block_sizes):
    """Every input, in blocks of each size, as the rules and as Python say."""
    cases, answers, agreed = [], [], 0
    for data in inputs:
        answer, rows = expected_csv(data)
        for size in block_sizes:
            cases.append((data, size))
            answers.append(answer)
        if rows is not None:
            agreed += 1
            if rows != python_rows(data):
                ok(False, f"{claim}: Python reads {data!r} otherwise")
                return
    got = drive("csv", cases)
    if got != b"".join(answers):
        at = 0
        for (data, size), answer in zip(cases, answers):
            if not got.startswith(answer, at):
                print(f"# {data!r} in blocks of {size}: expected {answer!r}, got {got[at:at + 200]!r}")
                break
            at += len(answer)
    ok(got == b"".join(answers), f"{claim}: {len(cases)} cases, {agreed} inputs checked with Python's csv")


def short_inputs(length):
    """Every input of up to so many bytes of those that mean something."""
    for n in range(length + 1):
        for letters in itertools.product(b'a,"\r\n', repeat=n):
            yield bytes(letters)


PIECES = ["", "a", "NA", " x ", "\t", ",", '"', '""', "\n", "\r\n", "\r", "line\nbreak", 'say "hi"', "é", "\u2019",
          "Sant\\xe9", "0", "'", ";", "a,b", "x" * 50]


def random_file(rng):
    """A file as a program that writes CSV would write it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=rng.choice(["\r\n", "\n"]),
                        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    columns = rng.randint(1, 5)
    for _ in range(rng.randint(1, 6)):
        writer.writerow("".join(rng.choices(PIECES, k=rng.randint(0, 3))) for _ in range(columns))
    data = out.getvalue().encode()
    return (b"\xef\xbb\xbf" if rng.random() < 0.1 else b"") + data


def mutate(rng, data):
    """A few bytes put in, taken out, exchanged; or the file cut off."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(data))
        what = rng.random()
        if what < 0.4:
            data[at:at] = rng.choice([b'"', b",", b"\r", b"\n", b"\0", b" ", b"\xff"])
        elif what < 0.7:
            del data[at:at + rng.randint(1, 2)]
        elif what < 0.9 and at < len(data):
            data[at] = rng.choice(b'",\r\n\0a')
        else:
            del data[at:]
    return bytes(data)


# --------------------------------------------------------------------------
# unicode_escape
# --------------------------------------------------------------------------

def random_char(rng):
    """A code point, those at the borders of escapes more often."""
    c = rng.choice([rng.randint(1, 0x7f), rng.randint(0x80, 0xff), rng.randint(0x100, 0xffff),
                    rng.randint(0x10000, 0x10ffff), 0x5c, 0x0a, 0x09, 0x0d, 0x7f, 0x80, 0xff, 0x100, 0xffff])
    return "x" if 0xd800 <= c <= 0xdfff else chr(c)


def right(text):
    data = text.encode("utf-8")
    return b"U %d\n%s\n" % (len(data), data)


def is_canonical(data):
    """Whether Python wrote it, by decoding and writing it again."""
    try:
        text = data.decode("unicode_escape")
        text.encode("utf-8")
    except UnicodeError:
        return None
    return text if text.encode("unicode_escape") == data and "\0" not in text else None


def compare_unescape(rng, count):
    cases, answers = [], []
    for _ in range(count):
        text = "".join(random_char(rng) for _ in range(rng.randint(0, 30)))
        cases.append((text.encode("unicode_escape"), "-"))
        answers.append(right(text))
    ok(drive("unescape", cases) == b"".join(answers), f"{count} texts come back from unicode_escape")

    cases, answers = [], []
    for _ in range(count):
        raw, text = b"", ""
        for _ in range(rng.randint(0, 20)):
            c = random_char(rng)
            raw += c.encode("utf-8") if rng.random() < 0.5 and c != "\\" else c.encode("unicode_escape")
            text += c
        cases.append((raw, "-"))
        answers.append(right(text))
    ok(drive("unescape", cases) == b"".join(answers), f"{count} texts of which a part is not escaped")

    wrong = accepted = 0
    cases = []
    for _ in range(count):
        text = "".join(random_char(rng) for _ in range(rng.randint(1, 8)))
        data = bytearray(text.encode("unicode_escape"))
        for _ in range(rng.randint(1, 2)):
            at = rng.randint(0, len(data))
            if rng.random() < 0.5:
                data[at:at + 1] = bytes([rng.choice(b"\\xuU0019aefntr'\"dD8")])
            else:
                del data[at:at + 1]
        cases.append((bytes(data), "-"))
    got, at = drive("unescape", cases), 0
    for data, _ in cases:
        text = is_canonical(data)
        end = got.index(b"\n", at)
        if got[at:at + 1] == b"U":
            end += 1 + int(got[at + 2:end])
        answer = got[at:end + 1]
        if text is None and not answer.startswith(b"E "):
            wrong += 1
        if text is not None:
            accepted += 1
            wrong += answer != right(text)
        at = end + 1
    ok(wrong == 0 and 0 < accepted < count,
       f"{count} changed texts: accepted exactly when Python writes them so ({accepted}); {wrong} differ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    compare_csv("every input of up to 5 bytes", short_inputs(5), (1, 2, 3, 4, 9))
    compare_csv("every header and 5 bytes behind it", (b"x,y\n" + s for s in short_inputs(5)), (1, 3, 5, 20))
    files = [random_file(rng) for _ in range(args.cases)]
    compare_csv("files as written", files, (1, 7, 64, 10000))
    compare_csv("changed files", [mutate(rng, f) for f in files for _ in range(2)], (1, 7, 10000))
    compare_unescape(rng, args.cases)
    print(f"1..{test_count}")
    sys.exit(failures > 0)


main()
