#!/usr/bin/env python3
"""Precision and recall of the detectors on a labelled set.

Prints TAP, and the table as "# table:" lines.  The set is made here: for each
detector values that it must find, in sentences of both languages and as people
write them (with odd spaces and hyphens, full-width digits, characters that are
not seen), and near misses that it must let pass.  Check digits are computed by
rules of their own.

usage: test_detector_quality.py [--each N] [--seed N]
"""
import argparse
import os
import random
import string
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
UNIT_DIR = os.environ.get("UNIT_DIR", os.path.join(HERE, "../../build/unit"))
DRIVER = os.path.join(UNIT_DIR, "driver_detect")

parser = argparse.ArgumentParser()
parser.add_argument("--each", type=int, default=400)
parser.add_argument("--seed", type=int, default=20240517)
args = parser.parse_args()
rng = random.Random(args.seed)

test_count = failures = 0


def ok(condition, claim):
    global test_count, failures
    test_count += 1
    failures += not condition
    print(f"{'ok' if condition else 'not ok'} {test_count} - {claim}", flush=True)


def digits(n, first=string.digits):
    return rng.choice(first) + "".join(rng.choice(string.digits) for _ in range(n - 1))


def letters(n, alphabet=string.ascii_uppercase):
    return "".join(rng.choice(alphabet) for _ in range(n))


def luhn(number):
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def with_luhn(n, first=string.digits, right=True):
    while True:
        number = digits(n, first)
        if luhn(number) == right:
            return number


def phn(right=True):
    while True:
        middle = digits(8)
        check = 11 - sum(int(d) * w % 11 for d, w in zip(middle, (2, 4, 8, 5, 10, 9, 7, 3))) % 11
        if not right:
            return "9" + middle + str((check + 1) % 10 if check < 10 else 5)
        if check < 10:
            return "9" + middle + str(check)


def grouped(number, widths, sign):
    out, at = [], 0
    for width in widths:
        out.append(number[at:at + width])
        at += width
    return sign.join(out)


def sign():
    return rng.choice([" ", "-"])


FIRST = ["marie", "jean", "olivia", "liam", "zoé", "noah", "chloé", "amélie", "raj", "wei", "fatima"]
LAST = ["tremblay", "smith", "roy", "singh", "o'neil", "gagnon", "li", "côté", "macdonald"]
HOSTS = ["example.org", "mail.example.com", "canada.example.ca", "exemple.qc.ca"]


def email():
    name = rng.choice(FIRST).encode("ascii", "ignore").decode() or "x"
    return rng.choice([f"{name}.{digits(2)}@{rng.choice(HOSTS)}", f"{name}+{letters(3)}@{rng.choice(HOSTS)}",
                       f"{name.upper()}_{digits(1)}@{rng.choice(HOSTS).upper()}"])


def area():
    while True:
        code = digits(3, "23456789")
        if code[1:] != "11" and code[1] != "9":
            return code


def exchange():
    while True:
        code = digits(3, "23456789")
        if code[1:] != "11":
            return code


def phone():
    a, b, c = area(), exchange(), digits(4)
    return rng.choice([f"{a}-{b}-{c}", f"({a}) {b}-{c}", f"{a}.{b}.{c}", f"+1 {a} {b} {c}", f"1-{a}-{b}-{c}", f"{a} {b}-{c} x{digits(3)}"])


def postal(first="ABCEGHJKLMNPRSTVXY", rest="ABCEGHJKLMNPRSTVWXYZ"):
    code = (rng.choice(first) + digits(1) + rng.choice(rest), digits(1) + rng.choice(rest) + digits(1))
    return rng.choice([" ", "", "-"]).join(code)


def ramq(month=None):
    month = month or rng.choice(list(range(1, 13)) + list(range(51, 63)))
    number = f"{rng.randrange(100):02d}{month:02d}{rng.randrange(1, 29):02d}{rng.randrange(100):02d}"
    return rng.choice([letters(4) + number, f"{letters(4)} {number[:4]} {number[4:]}", f"{letters(4)}-{number[:4]}-{number[4:]}"])


def iban():
    country, length = rng.choice([("DE", 18), ("NO", 11), ("BE", 12), ("FI", 14), ("AT", 16)])
    body = digits(length)
    number = int(body + "".join(str(ord(c) - 55) for c in country) + "00")
    text = country + f"{98 - number % 97:02d}" + body
    return rng.choice([text, " ".join(text[i:i + 4] for i in range(0, len(text), 4))])


def card():
    first, length = rng.choice([("4", 16), ("51", 16), ("34", 15), ("6011", 16)])
    while True:
        number = first + digits(length - len(first))
        if luhn(number):
            return rng.choice([number, grouped(number, (4, 4, 4, 4), sign()) if length == 16 else grouped(number, (4, 6, 5), sign())])


def date():
    y, m, d = rng.randrange(1930, 2015), rng.randrange(1, 13), rng.randrange(1, 29)
    month = rng.choice(["March", "mars", "août", "December", "févr", "Jun"])
    return rng.choice([f"{y}-{m:02d}-{d:02d}", f"{d}/{m}/{y}", f"{d} {month} {y}", f"{month} {d}, {y}", f"{d:02d}.{m:02d}.{y}"])


def uuid():
    return "-".join(letters(n, "0123456789abcdef") for n in (8, 4, 4, 4, 12))


def street():
    return rng.choice([f"{digits(3, '123456789')} {rng.choice(['Main', 'King', 'Rideau'])} {rng.choice(['Street', 'St', 'Ave', 'Road', 'Blvd'])}",
                       f"{digits(4, '123456789')}, {rng.choice(['rue', 'boul.', 'chemin', 'avenue'])} {rng.choice(['Saint-Denis', 'des Érables', 'Laurier'])}",
                       f"{digits(2, '123456789')} North Bay Shore Crescent"])


def name_of(*names):
    return rng.choice(names) + rng.choice([": ", " ", " # ", " no. "])


# Detector: (what must be found, what must not).
SETS = {
    "email": (email, lambda: rng.choice([f"{rng.choice(FIRST)} at {rng.choice(HOSTS)}", f"@{rng.choice(FIRST)}", "x@localhost", "3 @ 4.50"])),
    "sin": (lambda: grouped(with_luhn(9, "12345679"), (3, 3, 3), sign()) if rng.random() < .7 else name_of("SIN", "NAS", "social insurance number") + with_luhn(9, "12345679"),
            lambda: rng.choice([grouped(with_luhn(9, "12345679", False), (3, 3, 3), sign()), grouped(with_luhn(9, "08"), (3, 3, 3), sign()),
                                "file " + with_luhn(9, "12345679"), "$" + grouped(with_luhn(9, "12345679"), (3, 3, 3), " ")])),
    "phone": (phone, lambda: rng.choice([f"1{digits(2)}-{exchange()}-{digits(4)}", f"{exchange()}-{digits(4)}", f"{area()}-1{digits(2)}-{digits(4)}", f"{digits(4)}-{digits(2)}-{digits(2)}"])),
    "postal_code": (postal, lambda: rng.choice([postal(first="DFIOQUWZ"), postal(rest="DFIOQU"), f"K{digits(1)} {digits(2)}", "K1A" + digits(3)])),
    "ramq": (ramq, lambda: rng.choice([ramq(month=13), ramq(month=63), letters(3) + digits(8), letters(5) + digits(8), letters(4) + digits(7)])),
    "ohip": (lambda: name_of("OHIP", "health card", "carte santé") + grouped(with_luhn(10, "123456789"), (4, 3, 3), sign()) + rng.choice(["", "", f" {letters(2)}"]),
             lambda: rng.choice([name_of("OHIP") + grouped(with_luhn(10, "123456789", False), (4, 3, 3), sign()), "order " + grouped(with_luhn(10, "123456789"), (4, 3, 3), sign())])),
    "bc_phn": (lambda: name_of("PHN", "CareCard", "BC services card") + rng.choice([lambda p: p, lambda p: grouped(p, (4, 3, 3), sign())])(phn()),
               lambda: rng.choice([name_of("PHN") + grouped(phn(False), (4, 3, 3), " "), "order " + grouped(phn(), (4, 3, 3), " ")])),
    "pri": (lambda: name_of("PRI", "CIDP", "personal record identifier") + rng.choice([digits(8, "123456789"), digits(9, "8")]),
            lambda: rng.choice(["price " + digits(8, "123456789"), "priority " + digits(8, "123456789"), "PRI " + digits(5)])),
    "passport": (lambda: name_of("passport", "Passeport", "passport number") + rng.choice([letters(2) + digits(6), letters(1) + digits(6) + letters(2)]),
                 lambda: rng.choice(["part " + letters(2) + digits(6), "passport " + letters(3) + digits(5), "passport " + digits(8, "08")])),
    "birth_date": (lambda: rng.choice(["born ", "DOB: ", "date of birth ", "née le ", "né le ", "date de naissance : "]) + date(),
                   lambda: rng.choice(["created ", "due ", "effective ", "le "]) + date()),
    "civic_address": (street, lambda: rng.choice([f"{digits(3)} accounts", f"{digits(2)} street lights", "Main Street", f"room {digits(3)}"])),
    "card": (card, lambda: rng.choice([with_luhn(16, "4", False), with_luhn(16, "19"), with_luhn(12, "4")])),
    "iban": (iban, lambda: rng.choice([lambda t: t[:2] + f"{(int(t[2:4]) + 1) % 97:02d}" + t[4:], lambda t: "ZZ" + t[2:]])(iban())),
    "ip": (lambda: rng.choice([".".join(str(rng.randrange(256)) for _ in range(4)), "2001:db8::" + letters(4, "0123456789abcdef").replace("a", "1"), "fe80::1"]),
           lambda: rng.choice([".".join(str(rng.randrange(256)) for _ in range(5)), "1.2.3", "256.1.2.3", "12:30:45"])),
    "mac": (lambda: rng.choice([":", "-"]).join(letters(2, "0123456789ABCDEF") for _ in range(6)),
            lambda: rng.choice([":".join(letters(2, "0123456789ABCDEF") for _ in range(5)), ":".join(letters(2, "GHJK") for _ in range(6)),
                                "-".join(letters(2, "0123456789AB") for _ in range(7))])),
    "url_password": (lambda: f"{rng.choice(['https', 'postgres', 'ftp', 'amqps'])}://{rng.choice(['app', 'etl_1'])}:{letters(9)}@{rng.choice(['db.internal', 'localhost', 'x.example.org'])}:5432/crm",
                     lambda: rng.choice(["https://example.org:8080/path", "https://example.org/a:b", "ftp://example.org"])),
    "token": (lambda: rng.choice([lambda: "ghp_" + letters(36, string.ascii_letters + string.digits), lambda: "xoxb-" + digits(12) + "-" + letters(24, string.ascii_letters),
                                  lambda: "eyJ" + letters(30, string.ascii_letters) + ".eyJ" + letters(60, string.ascii_letters) + "." + letters(43, string.ascii_letters + "_-"),
                                  lambda: "00D" + letters(12, string.ascii_letters + string.digits) + "!AQ" + letters(90, string.ascii_letters + string.digits + "._"),
                                  lambda: "-----BEGIN RSA PRIVATE KEY-----"])(),
              lambda: rng.choice([lambda: "ghp_" + letters(12), lambda: "eyJ" + letters(30, string.ascii_letters), lambda: "00D" + letters(12, string.ascii_letters + string.digits),
                                  lambda: "-----BEGIN CERTIFICATE-----"])()),
    "aws_key": (lambda: rng.choice(["AKIA", "ASIA"]) + letters(16, string.ascii_uppercase + "234567"),
                lambda: rng.choice(["AKIB", "AROA"]) + letters(16, string.ascii_uppercase + "234567")),
    "notify_key": (lambda: uuid() + "-" + uuid(), uuid),
}

SENTENCES = ["{}", "Please update {} by Friday.", "Note au dossier : {}", "({})", "Réf. {}; merci", "client said: {} / voir courriel", "{}\\n", "Marie Tremblay, {}, Ottawa"]

UNSEEN = ["​", "­", "⁠"]
SPACES = [" ", " ", " "]
HYPHENS = ["‐", "‑", "–"]


def disguised(text):
    """The same as a reader sees it, in other characters."""
    out = []
    for char in text:
        if char.isascii() and char.isdigit() and rng.random() < .5:
            char = chr(0xFF10 + int(char))
        elif char == " " and rng.random() < .5:
            char = rng.choice(SPACES)
        elif char == "-" and rng.random() < .5:
            char = rng.choice(HYPHENS)
        out.append(char)
        if rng.random() < .05:
            out.append(rng.choice(UNSEEN))
    return "".join(out)


def detect(lines):
    text = "\n".join(lines).encode() + b"\n"
    answer = subprocess.run([DRIVER], input=text, stdout=subprocess.PIPE, check=True).stdout.decode()
    return [set(line.split(",")) if line else set() for line in answer.split("\n")[:len(lines)]]


# What must be found, plain and disguised; what must not; what nothing is in.
labelled = []
for name, (positive, negative) in SETS.items():
    for _ in range(args.each):
        labelled.append((name, True, rng.choice(SENTENCES).format(positive())))
        labelled.append((name, True, disguised(rng.choice(SENTENCES).format(positive()))))
        labelled.append((name, False, rng.choice(SENTENCES[1:6]).format(negative())))
found = detect([text for _, _, text in labelled])

# A near miss of one may be a hit of another one: only its own counts against it;
# but in what must be found, whatever else is found is wrong, unless it names the
# same thing.
ALSO = {"phone": {"ohip", "bc_phn"}, "email": {"url_password"}, "sin": {"pri"}, "ip": {"mac"}}
print("# table: detector       found of   recall  near misses taken  precision  (false alarms elsewhere)")
for name in SETS:
    hits = sum(name in f for (n, positive, _), f in zip(labelled, found) if n == name and positive)
    total = sum(n == name and positive for n, positive, _ in labelled)
    misses = [text for (n, positive, text), f in zip(labelled, found) if n == name and positive and name not in f]
    alarms = [text for (n, positive, text), f in zip(labelled, found) if n == name and not positive and name in f]
    others = [text for (n, positive, text), f in zip(labelled, found) if n != name and positive and name in f and n not in ALSO.get(name, ())]
    recall, precision = hits / total, hits / (hits + len(alarms) + len(others)) if hits else 0
    print(f"# table: {name:14s} {hits:5d} {total:5d}  {recall:6.3f}  {len(alarms):6d} of {args.each:5d}    {precision:6.3f}     {len(others)}")
    ok(recall >= .99, f"{name}: recall is {recall:.3f}" + (f", missed: {misses[0]!r}" if recall < .99 else ""))
    ok(precision >= .97, f"{name}: precision is {precision:.3f}"
       + (f", taken: {(alarms + others)[0]!r}" if precision < .97 else ""))

# Record ids, of both lengths, and names of organisations: nothing personal.
ALPHABET = string.ascii_letters + string.digits


def record_id():
    body = rng.choice(["001", "003", "006", "a0B", "00Q"]) + rng.choice(["5Q", "Hs", "4g"]) + "0000" + "".join(rng.choices(ALPHABET, k=6))
    bits = [sum((c in string.ascii_uppercase) << i for i, c in enumerate(body[j:j + 5])) for j in (0, 5, 10)]
    return body + "".join((string.ascii_uppercase + "012345")[b] for b in bits)


def counts(lines):
    answer = subprocess.run([DRIVER, "--count"], input="\n".join(lines).encode() + b"\n", stdout=subprocess.PIPE, check=True).stdout.decode()
    return {name: int(count) for name, count in (line.split() for line in answer.split("\n") if line)}


WORDS = ["Ministry", "Department", "of", "Health", "Transport", "Canada", "Services", "Ontario", "City", "Agence", "du", "revenu",
         "Québec", "Santé", "publique", "Notify", "GC", "Alerts", "COVID-19", "Portal", "Registry", "Benefits", "Service 24/7", "3M",
         "Phase 2", "(2024)", "Q1-Q2", "Pilot #12", "Région 07", "Unit 4", "District 12 School Board", "911 Dispatch", "Hôtel-Dieu",
         "Office", "Programme", "PRI", "Network", "St. John's", "Programs & Policy", "v2.0", "B2B", "Road Safety", "Street Services"]
organisations = [" ".join(rng.choices(WORDS, k=rng.randrange(2, 7))) for _ in range(100_000)]
ids = [record_id() for _ in range(1_000_000)]
for what, lines in (("record ids", [i if n % 2 else i[:15] for n, i in enumerate(ids)]), ("organisations' names", organisations)):
    hits = {name: count for name, count in counts(lines).items() if count and name != "civic_address"}
    print(f"# table: false alarms in {len(lines):,} {what}: {hits or 'none'}")
    ok(not hits, f"{len(lines):,} {what}: nothing is found")
print(f"1..{test_count}")
raise SystemExit(failures > 0)
