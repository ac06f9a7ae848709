#!/usr/bin/env python3
"""Signatures beside a second implementation on Python's standard library.

Prints TAP.  A driver program runs the project's code; what is right is worked
out here from AWS's description of Signature Version 4, with hmac, hashlib and
urllib.parse.

usage: test_sigv4_differential.py [--cases N] [--seed N]
"""

import argparse
import hashlib
import hmac
import os
import random
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
UNIT_DIR = os.environ.get("UNIT_DIR", os.path.join(HERE, "../../build/unit"))
SKIPPED = {b"accept", b"connection", b"expect", b"transfer-encoding", b"user-agent"}


def drive(cases):
    """What the driver answers to cases, each a list of fields."""
    data = b"".join(b"%d\n" % len(c) + b"".join(b"%d\n%s\n" % (len(f), f) for f in c) for c in cases)
    return subprocess.run([os.path.join(UNIT_DIR, "driver_aws"), "sign"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def encode(data, safe=""):
    return urllib.parse.quote(data, safe=safe).encode()


def normalize(path):
    """The path without empty segments, "." and ".."."""
    kept = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            kept = kept[:-1]
        elif segment not in (b"", b"."):
            kept.append(segment)
    ends = b"/" if kept and segments[-1] in (b"", b".", b"..") else b""
    return b"/" + b"/".join(kept) + ends


def sign(case):
    """The three texts for a case, as the driver prints them."""
    headers = [(n.lower(), b" ".join(v.replace(b"\t", b" ").split())) for n, v in case["headers"]]
    headers = [(n, v) for n, v in headers if n not in SKIPPED]
    headers.append((b"x-amz-date", case["time"]))
    if "h" in case["flags"]:
        headers.append((b"x-amz-content-sha256", case["hash"]))
    if case["token"]:
        headers.append((b"x-amz-security-token", case["token"]))
    merged = {}
    for name, value in headers:
        merged.setdefault(name, []).append(value)
    names = sorted(merged)
    path = case["path"]
    if "n" in case["flags"]:
        path = normalize(path)
    if "e" in case["flags"]:
        path = encode(path, "/")
    query = b"&".join(n + b"=" + v for n, v in sorted((encode(n), encode(v)) for n, v in case["query"]))
    canonical = b"\n".join([case["method"], path, query] + [n + b":" + b",".join(merged[n]) for n in names] +
                           [b"", b";".join(names), case["hash"]])
    scope = b"/".join([case["time"][:8], case["region"], case["service"], b"aws4_request"])
    text = b"\n".join([b"AWS4-HMAC-SHA256", case["time"], scope, hashlib.sha256(canonical).hexdigest().encode()])
    key = b"AWS4" + case["secret"]
    for part in scope.split(b"/"):
        key = hmac.new(key, part, hashlib.sha256).digest()
    signature = hmac.new(key, text, hashlib.sha256).hexdigest().encode()
    authorization = b"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        case["access"], scope, b";".join(names), signature)
    return b"".join(b"%d\n%s\n" % (len(t), t) for t in (canonical, text, authorization))


def fields(case):
    out = [case["method"], case["path"], case["time"], case["region"], case["service"], case["flags"].encode(),
           case["hash"], case["access"], case["secret"], case["token"], b"%d" % len(case["query"])]
    for name, value in case["query"] + case["headers"]:
        out += [name, value]
    return out


PIECES = [b"a", b"Z9", b" ", b"+", b"%", b"=", b":", b"@", b"/", b"//", b"..", b".", b"/../", b"/./", "ü".encode(),
          b"&", b"?", b"#", b"~", b"-", b"_", b"\xff", b"\x01", b"\r\n", b"%2F", b"$", b"'", b"\"", b"\\", b"(", b"!"]
NAMES = [b"prefix", b"versions", b"delete", b"uploadId", b"partNumber", b"key-marker", b"version-id-marker", b"a",
         b"a-b", b"A", b"", "ü".encode()]
HEADERS = [b"Range", b"If-Match", b"If-None-Match", b"x-amz-copy-source", b"X-Amz-Copy-Source-If-Match",
           b"x-amz-server-side-encryption", b"x-amz-server-side-encryption-aws-kms-key-id", b"x-amz-meta-run",
           b"X-AMZ-META-RUN", b"x-amz-checksum-crc32c", b"Content-Type", b"X-Amz-Target", b"User-Agent", b"expect"]
VALUES = [b"", b" ", b"  x ", b"bytes=0-9", b"a   b", b"\ta\t", b"\"etag\"", "ü".encode(), b"a,b", b"a: b"]
S3, JSON = "h", "ne"


def text(rng, most):
    return b"".join(rng.choices(PIECES, k=rng.randint(0, most)))


def random_case(rng):
    is_s3 = rng.random() < 0.7
    return {
        "method": rng.choice([b"GET", b"PUT", b"POST", b"DELETE", b"HEAD"]),
        "path": b"/" + encode(text(rng, 12), "/"),
        "time": b"%04d%02d%02dT%02d%02d%02dZ" % (rng.randint(1970, 9999), rng.randint(1, 12), rng.randint(1, 28),
                                                 rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)),
        "region": rng.choice([b"us-east-1", b"ca-central-1", b"cn-north-1"]),
        "service": b"s3" if is_s3 else b"glue",
        "flags": S3 if is_s3 else JSON,
        "hash": rng.choice([b"UNSIGNED-PAYLOAD", hashlib.sha256(text(rng, 3)).hexdigest().encode()]),
        "access": b"AKIA%d" % rng.randint(0, 1 << 40),
        "secret": bytes(rng.randint(33, 126) for _ in range(rng.randint(1, 80))),
        "token": rng.choice([b"", b"FwoG//+=" * rng.randint(1, 90)]),
        "query": [(rng.choice(NAMES), text(rng, 6)) for _ in range(rng.randint(0, 8))],
        "headers": [(b"Host", b"b.s3.amazonaws.com")] +
                   [(rng.choice(HEADERS), rng.choice(VALUES)) for _ in range(rng.randint(0, 10))],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases = [random_case(rng) for _ in range(args.cases)]
    got, at, differences = drive([fields(c) for c in cases]), 0, 0
    for case in cases:
        answer = sign(case)
        if not got.startswith(answer, at):
            differences += 1
            print(f"# {case}\n# expected {answer!r}\n# got {got[at:at + 400]!r}")
            break
        at += len(answer)
    is_right = differences == 0 and at == len(got)
    print(f"{'ok' if is_right else 'not ok'} 1 - {args.cases} requests signed as Python signs them\n1..1")
    sys.exit(not is_right)


main()
