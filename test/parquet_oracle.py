#!/usr/bin/env python3
"""Compare Parquet files of ours, value for value, with what PostgreSQL says.

Makes tables of random types, nulls and sizes, writes them with COPY, and reads
the files with two independent readers, pyarrow and DuckDB.  What the values
should be comes from PostgreSQL's own output of the same tables.  Also compares
what the files say about themselves (types, statistics, encodings) with the
values, and shows that a wrong value and a damaged page are noticed.

usage: parquet_oracle.py FOLDER [TABLES [SEED]]

FOLDER must be writable for the server; connects as psql does.  Prints TAP.
"""
import os
import random
import re
import struct
import subprocess
import sys
import uuid
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = sys.argv[1]
TABLES = int(sys.argv[2]) if len(sys.argv) > 2 else 40
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20260101
rng = random.Random(SEED)
tests = failures = 0


def ok(condition, name, why=""):
    """Print a line of TAP."""
    global tests, failures
    tests += 1
    failures += not condition
    print(f"{'ok' if condition else 'not ok'} {tests} - {name}", flush=True)
    if not condition and why:
        print("#   " + why.replace("\n", "\n#   "))
    return condition


def psql(script):
    """Run SQL; any error ends the test."""
    done = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1"], input=script,
                          capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise SystemExit("Bail out!  " + done.stderr)
    return done.stdout


# ---- values, as PostgreSQL reads them --------------------------------------
CHARACTERS = "abcdefghijklmnopqrstuvwxyz 0123456789,\"'\\\t\néèçÀœ–漢字ß😀\u0001\u007f\ud7ff\ue000"


def some_text():
    kind = rng.random()
    if kind < 0.05:
        return ""
    if kind < 0.9:
        return "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(1, 25)))
    if kind < 0.97:                     # around the 64 bytes of a bound
        return rng.choice("aé漢😀\U0010ffff") * rng.randrange(12, 70) + rng.choice("abé")
    return "".join(rng.choice(CHARACTERS) for _ in range(50)) * rng.randrange(1, 100)


def integer(bits):
    limit = 1 << (bits - 1)
    return rng.choice([lambda: rng.randrange(-limit, limit), lambda: rng.randrange(-100, 100),
                       lambda: rng.choice([-limit, limit - 1, 0])])()


def some_float(single):
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(["NaN", "Infinity", "-Infinity", "0", "-0",
                           "3.4028235e38" if single else "1.7976931348623157e308",
                           "1e-45" if single else "5e-324"])
    value = rng.uniform(-1e6, 1e6) if kind < 0.6 else rng.uniform(-1, 1) * 10.0 ** rng.randrange(-30, 30)
    return repr(struct.unpack("f", struct.pack("f", value))[0]) if single else repr(value)


def some_decimal(precision, scale):
    def make():
        digits = precision if rng.random() < 0.3 else rng.randrange(1, precision + 1)
        number = rng.choice([10 ** digits - 1, 0, 1, rng.randrange(10 ** digits), rng.randrange(10 ** digits)])
        digits = str(number).zfill(scale + 1)
        return rng.choice(["", "-"]) + digits[:len(digits) - scale] + "." + digits[len(digits) - scale:]
    return make


def some_date():
    return rng.choice(["4713-01-01 BC", "5874897-12-31", "0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29",
                       f"{rng.randrange(1900, 2100)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"])


def some_time(digits):
    def make():
        if rng.random() < 0.1:
            return rng.choice(["0001-01-01 00:00:00", "1969-12-31 23:59:59.999", "9999-12-31 23:59:59.999",
                               "4713-01-01 00:00:00 BC", "1970-01-01 00:00:00"])
        fraction = rng.randrange(10 ** digits)
        return (f"{rng.randrange(1900, 2100)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} "
                f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{fraction:0{digits}}")
    return make


def some_json():
    return rng.choice(['{}', '[1, 2,  3]', '{"a": "é", "b": [true, null]}', '"x"', '1.50',
                       '{"n": %d}' % rng.randrange(1000)])


def some_bytes():
    return "\\x" + bytes(rng.randrange(256) for _ in range(rng.choice([0, 1, 16, 70]))).hex()


# ---- types: how to make, to ask PostgreSQL, and to read back ---------------
def bits_of(single):
    """Floats compare by their bits, so that -0 and 0 differ; a NaN is a NaN."""
    code = "f" if single else "d"
    return lambda value: "nan" if value != value else struct.pack(code, value)


def plain(column):
    return column.to_pylist()


def as_int(kind):
    return lambda column: column.cast(kind).to_pylist()


def raw(column):
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column.to_pylist()


class Kind:
    def __init__(self, name, make, parse, expected="{0}", arrow=plain, duck="{0}", physical="BYTE_ARRAY",
                 logical="None", converted="NONE", unify=lambda v: v, millis=False):
        self.__dict__.update(locals())


EPOCH = "(extract(epoch FROM {0}) * 1000000)::numeric(30, 0)"
BIG = "({0} - date '1970-01-01')"


def moment(name, millis, adjusted):
    unit = "milliseconds" if millis else "microseconds"
    return Kind(name, some_time(3 if millis else 6), int, EPOCH, lambda c: as_int(pa.int64())(c.cast(
                    pa.timestamp("us", c.type.tz))),
                "epoch_us({0})", "INT64",
                f"Timestamp(isAdjustedToUTC={str(adjusted).lower()}, timeUnit={unit}, "
                "is_from_converted_type=false, force_set_converted_type=false)",
                "TIMESTAMP_MILLIS" if millis else "TIMESTAMP_MICROS", millis=millis)


def decimal(precision, scale):
    physical = "INT32" if precision <= 9 else "INT64" if precision <= 18 else "FIXED_LEN_BYTE_ARRAY"
    return Kind(f"numeric({precision},{scale})", some_decimal(precision, scale), Decimal, physical=physical,
                logical=f"Decimal(precision={precision}, scale={scale})", converted="DECIMAL")


def text_kind(name, make, logical="String", converted="UTF8", expected="{0}", arrow=plain):
    return Kind(name, make, str, expected, arrow, "{0}::varchar", logical=logical, converted=converted)


KINDS = [
    Kind("boolean", lambda: rng.choice("tf"), lambda t: t == "t", physical="BOOLEAN"),
    Kind("smallint", lambda: str(integer(16)), int, physical="INT32",
         logical="Int(bitWidth=16, isSigned=true)", converted="INT_16"),
    Kind("integer", lambda: str(integer(32)), int, physical="INT32"),
    Kind("bigint", lambda: str(integer(64)), int, physical="INT64"),
    Kind("real", lambda: some_float(True), float, physical="FLOAT", unify=bits_of(True)),
    Kind("double precision", lambda: some_float(False), float, physical="DOUBLE", unify=bits_of(False)),
    *[decimal(*p) for p in ((5, 2), (9, 0), (10, 0), (18, 6), (18, 18), (19, 3), (30, 10), (38, 0), (38, 9), (38, 38))],
    text_kind("text", some_text),
    text_kind("varchar(9000)", some_text),
    text_kind("character(10)", lambda: "".join(rng.choice("abcé ") for _ in range(rng.randrange(11)))),
    text_kind("parquet_oracle_domain", some_text),
    Kind("bytea", some_bytes, bytes.fromhex, "encode({0}, 'hex')"),
    Kind("date", some_date, int, BIG, as_int(pa.int32()), "date_diff('day', DATE '1970-01-01', {0})", "INT32",
         "Date", "DATE"),
    moment("timestamp", False, False), moment("timestamptz", False, True),
    moment("timestamp(3)", True, False), moment("timestamptz(3)", True, True),
    Kind("uuid", lambda: str(uuid.UUID(int=rng.getrandbits(128))), lambda t: uuid.UUID(t).bytes, arrow=raw,
         duck="{0}::varchar", physical="FIXED_LEN_BYTE_ARRAY", logical="UUID",
         unify=lambda v: uuid.UUID(v).bytes if isinstance(v, str) else v),
    text_kind("json", some_json, "JSON", "JSON", arrow=raw),
    text_kind("jsonb", some_json, "JSON", "JSON", arrow=raw),
]


# ---- tables ----------------------------------------------------------------
def escape(value):
    """A value as COPY's text format writes it."""
    if value is None:
        return "\\N"
    return "".join({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(c, c) for c in value)


ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def unescape(text):
    return None if text == "\\N" else re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text)


class Table:
    """A random table, its file and what PostgreSQL says it holds."""

    def __init__(self, number):
        self.name = f"t{number}"
        self.file = f"{FOLDER}/{self.name}.parquet"
        self.expected_file = f"{FOLDER}/{self.name}.txt"
        self.rows = [0, 1, 2, 20001][number] if number < 4 else rng.choice([3, 100, 1024, 1025, 3000, 6000])
        millis = number == 5 or (number != 4 and rng.random() < 0.3)
        kinds = [k for k in KINDS if not millis or not k.name.startswith("timestamp") or k.millis]
        if not millis:
            kinds = [k for k in kinds if not k.millis]
        self.kinds = kinds if number in (4, 5) else rng.choices(kinds, k=rng.randrange(1, 9))
        if self.rows > 10000:
            self.kinds = self.kinds[:4]
        self.options = {"compression": ["none", "snappy", "zstd"][number % 3],
                        "timestamps": "millis" if millis else "micros"}
        if rng.random() < 0.5:
            self.options["row_group_size"] = str(rng.choice([1000, 2500, 700]))
        if rng.random() < 0.2:
            self.options["row_group_size_bytes"] = "64kB"
        self.columns = [self.column(kind) for kind in self.kinds]

    def column(self, kind):
        nulls = rng.choice([0, 0, 0.1, 0.5, 0.99, 1])
        pool = [kind.make() for _ in range(rng.choice([1, 2, 9, 300, 20000]))] if rng.random() < 0.6 else None
        return [None if rng.random() < nulls else rng.choice(pool) if pool else kind.make()
                for _ in range(self.rows)]

    def script(self):
        names = [f"c{i}" for i in range(len(self.kinds))]
        options = ", ".join(f"{k} '{v}'" for k, v in self.options.items())
        wanted = ", ".join(k.expected.format(n) for k, n in zip(self.kinds, names))
        rows = "".join("\t".join(map(escape, row)) + "\n" for row in zip(*self.columns))
        types = ", ".join(f"{n} {k.name}" for n, k in zip(names, self.kinds))
        return (f"CREATE TEMP TABLE {self.name} ({types});\n"
                f"COPY {self.name} FROM STDIN;\n{rows}\\.\n"
                f"COPY {self.name} TO '{self.file}' WITH (FORMAT parquet, {options});\n"
                f"COPY (SELECT {wanted} FROM {self.name}) TO '{self.expected_file}';\n"
                f"DROP TABLE {self.name};\n")

    def load_expected(self):
        with open(self.expected_file, encoding="utf-8", newline="\n") as f:
            rows = [line[:-1].split("\t") for line in f]
        self.expected = [[None if t is None else k.unify(k.parse(t)) for t in (unescape(r[i]) for r in rows)]
                         for i, k in enumerate(self.kinds)]


def read_arrow(table):
    data = pq.read_table(table.file, page_checksum_verification=True)
    return [[None if v is None else k.unify(v) for v in k.arrow(data.column(i))]
            for i, k in enumerate(table.kinds)]


def read_duckdb(table):
    wanted = ", ".join(k.duck.format(f"c{i}") for i, k in enumerate(table.kinds))
    rows = duckdb.sql(f"SELECT {wanted} FROM read_parquet('{table.file}')").fetchall()
    return [[None if r[i] is None else k.unify(r[i]) for r in rows] for i, k in enumerate(table.kinds)]


def difference(table, found):
    """Where the values differ, without the values; None when they do not."""
    for i, (kind, want, got) in enumerate(zip(table.kinds, table.expected, found)):
        if len(want) != len(got):
            return f"{table.name}.c{i} {kind.name}: {len(got)} values instead of {len(want)}"
        for row, (a, b) in enumerate(zip(want, got)):
            if a != b or type(a) is not type(b):
                return f"{table.name}.c{i} {kind.name}, row {row}: {b!r:.80} instead of {a!r:.80}"
    return None


# ---- what the file says about itself ---------------------------------------
def ordered(kind, values):
    """The values that have a place in Parquet's order, in a form that sorts so."""
    values = [v for v in values if v is not None and v != "nan"]
    if kind.physical in ("FLOAT", "DOUBLE"):
        return [struct.unpack("f" if kind.physical == "FLOAT" else "d", v)[0] for v in values]
    return [v.encode() if isinstance(v, str) else v for v in values]


def statistic(kind, value, stat):
    """A bound that pyarrow gives, in the same form."""
    if kind.name == "date" or kind.name.startswith("timestamp"):
        return value * 1000 if kind.millis else value
    return value.encode() if isinstance(value, str) else value


def check_chunk(kind, chunk, values):
    """What is wrong with a chunk's description, or None."""
    stat = chunk.statistics
    if stat.null_count != values.count(None):
        return "null_count"
    if chunk.physical_type != kind.physical or str(stat.logical_type) != kind.logical:
        return f"type {chunk.physical_type} {stat.logical_type}"
    if chunk.has_dictionary_page != ("RLE_DICTIONARY" in chunk.encodings):
        return "encodings"
    values = ordered(kind, values)
    if not values:
        return "bounds without values" if stat.has_min_max else None
    if not stat.has_min_max:
        return None if kind.name in UNBOUNDED and max(map(len, values)) > 64 else "no bounds"
    raw_bounds = kind.name == "date" or kind.name.startswith("timestamp") or kind.name == "uuid"
    low, high = (statistic(kind, b, stat) for b in
                 ((stat.min_raw, stat.max_raw) if raw_bounds else (stat.min, stat.max)))
    if low == min(values) and high == max(values):
        return None
    if not isinstance(low, bytes) or len(low) > 64 or len(high) > 64 or low > min(values) or high < max(values):
        return "bounds"
    if (len(min(values)) <= 64 and low != min(values)) or (len(max(values)) <= 64 and high != max(values)):
        return "bounds that need not differ"
    return None


UNBOUNDED = ("text", "varchar(9000)", "parquet_oracle_domain", "bytea")


def check_metadata(table):
    metadata = pq.ParquetFile(table.file).metadata
    start = 0
    if metadata.num_rows != table.rows:
        return "num_rows"
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for i, kind in enumerate(table.kinds):
            wrong = check_chunk(kind, group.column(i), table.expected[i][start:start + group.num_rows])
            if wrong:
                return f"{table.name}.c{i} {kind.name}, row group {g}: {wrong}"
        start += group.num_rows
    # pyarrow makes converted types up from logical ones; DuckDB shows what is there
    converted = duckdb.sql(f"SELECT converted_type FROM parquet_schema('{table.file}')").fetchall()[1:]
    if [c or "NONE" for c, in converted] != [k.converted for k in table.kinds]:
        return f"{table.name}: converted types {converted}"
    limit = int(table.options.get("row_group_size", 1048576))
    if any(metadata.row_group(g).num_rows > limit for g in range(metadata.num_row_groups)):
        return "a row group is longer than asked for"
    return None


# ---- the test ---------------------------------------------------------------
def compare_all(tables):
    values = 0
    for table in tables:
        table.load_expected()
        values += sum(map(len, table.expected))
        for reader, read in (("pyarrow", read_arrow), ("DuckDB", read_duckdb)):
            wrong = difference(table, read(table))
            if wrong:
                ok(False, f"{reader} reads what PostgreSQL wrote", wrong)
                return
        wrong = check_metadata(table)
        if wrong:
            ok(False, "the file describes itself rightly", wrong)
            return
    ok(True, f"pyarrow and DuckDB read {values} values of {len(tables)} tables as PostgreSQL prints them")
    ok(True, "types, encodings, null counts and bounds are those of the values")
    used = {k.name for t in tables for k in t.kinds}
    ok(used == {k.name for k in KINDS}, f"all {len(KINDS)} types were tried", str({k.name for k in KINDS} - used))
    codecs = {t.options["compression"] for t in tables}
    ok(codecs == {"none", "snappy", "zstd"}, "with all codecs")


def plant_wrong_values(tables):
    """The comparison itself: one changed value of each type is noticed."""
    planted = missed = 0
    for table in tables:
        found = read_arrow(table)
        for i, column in enumerate(found):
            places = [n for n, v in enumerate(column) if v is not None]
            if places:
                planted += 1
                place, old = rng.choice(places), None
                old, column[place] = column[place], None
                missed += difference(table, found) is None
                column[place] = old
    ok(planted > 50 and missed == 0, f"{planted} planted wrong values are noticed ({missed} missed)")


def damage_pages(tables):
    """A flipped bit in any page is noticed by its checksum."""
    tried = missed = 0
    for table in tables:
        if table.rows == 0:
            continue
        data = bytearray(open(table.file, "rb").read())
        metadata = pq.ParquetFile(table.file).metadata
        chunk = metadata.row_group(rng.randrange(metadata.num_row_groups)).column(0)
        first = chunk.dictionary_page_offset or chunk.data_page_offset
        place = first + chunk.total_compressed_size - 1
        data[place] ^= 1 << rng.randrange(8)
        damaged = f"{FOLDER}/damaged.parquet"
        with open(damaged, "wb") as f:
            f.write(data)
        tried += 1
        try:
            pq.read_table(damaged, page_checksum_verification=True)
            missed += 1
        except OSError as error:
            missed += "CRC" not in str(error)
    ok(tried > 10 and missed == 0, f"{tried} damaged pages are noticed by their checksum ({missed} missed)")


def special_files():
    """Claims about single files."""
    file = FOLDER + "/special.parquet"

    def write(query, options=""):
        psql(f"COPY ({query}) TO '{file}' WITH (FORMAT parquet{options});")
        return pq.ParquetFile(file).metadata

    metadata = write("SELECT i % 10 AS few, i::text AS many, repeat('x', 64) || i AS long FROM generate_series(1, 30000) i",
                     ", key_value_metadata '{\"owner\": \"é\"}', sorted_by 'many'")
    group = metadata.row_group(0)
    ok("RLE_DICTIONARY" in group.column(0).encodings and "RLE_DICTIONARY" not in group.column(1).encodings,
       "a dictionary is used where it pays, and only there")
    ok(metadata.metadata == {b"owner": "é".encode()}, "key-value metadata is written")
    ok(group.sorting_columns == (), "an order that the rows do not have is not claimed", str(group.sorting_columns))
    match = re.match(r"(.*?)\s+version\s*(?:([^(]*?)\s*(?:\(\s*build\s*([^)]*?)\s*\))?)?$", metadata.created_by)
    ok(match and match[1] == "salesforce_fdw" and match[2] == "1.0.0" and match[3], "parquet-java can parse created_by")
    exact = duckdb.sql(f"SELECT min_is_exact, max_is_exact FROM parquet_metadata('{file}')").fetchall()
    ok(exact == [(True, True), (True, True), (False, False)], "shortened bounds are said to be so", str(exact))
    group = write("SELECT i / 10 AS a, i % 10 AS b, -i AS c FROM generate_series(1, 3000) i", ", sorted_by 'a, b, c'").row_group(0)
    ok([(s.column_index, s.descending, s.nulls_first) for s in group.sorting_columns] ==
       [(0, False, False), (1, False, False), (2, False, False)], "an order that the rows have is claimed",
       str(group.sorting_columns))
    group = write("SELECT i / 10 AS a, -i AS b FROM generate_series(1, 3000) i", ", sorted_by 'a, b'").row_group(0)
    ok([s.column_index for s in group.sorting_columns] == [0], "of an order, the part that the rows have")
    metadata = write("SELECT i, NULL::text AS n FROM generate_series(1, 50000) i", ", statistics 'off'")
    ok(not metadata.row_group(0).column(0).is_stats_set, "statistics can be left out")
    metadata = write("SELECT repeat(md5(i::text), 40000) AS t FROM generate_series(1, 8) i", ", compression 'none'")
    table = pq.read_table(file, page_checksum_verification=True)
    ok([len(v) for v in table.column(0).to_pylist()] == [1280000] * 8, "values longer than a page are kept whole")
    write("SELECT i AS \"Größe, €\", i AS \"select\" FROM generate_series(1, 5) i")
    ok(pq.read_schema(file).names == ["Größe, €", "select"], "names are kept as they are")


def main():
    if TABLES < 14:
        raise SystemExit("too few tables for the claims of this test")
    os.umask(0)
    tables = [Table(n) for n in range(TABLES)]
    psql("SET synchronize_seqscans = off; SET timezone = 'America/Montreal'; SET client_min_messages = error;\n"
         "CREATE DOMAIN pg_temp.parquet_oracle_domain AS text;\n"
         + "".join(t.script() for t in tables))
    compare_all(tables)
    plant_wrong_values(tables)
    damage_pages(tables)
    special_files()
    print(f"1..{tests}")
    sys.exit(failures > 0)


main()
