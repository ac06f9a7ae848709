#!/usr/bin/env python3
"""Check what faults.py claims to be, against the S3 server behind it.

usage: faults_check.py UPSTREAM_ENDPOINT FAULTS_ENDPOINT RULES LOG

Makes the same requests of both while there are no rules, and compares the
answers byte by byte, but for dates and ids; then has each kind of fault happen
to a plain HTTP client, and looks at the server behind for what really happened.

Prints a line of JSON a check: ok, name, detail.  Keys are those of the tests'
servers, from the environment.
"""
import concurrent.futures
import http.client
import io
import json
import os
import re
import sys
import time
import urllib.parse

import boto3
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

# What differs between any two answers.
VOLATILE = {"date", "x-amz-request-id", "x-amz-id-2", "connection", "keep-alive", "transfer-encoding"}
IDS = [
    (rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", b"TIME"),
    (rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", b"TIME"),
    (rb"\b[0-9A-HJKMNP-TV-Z]{26}\b", b"VERSION"),
    (rb"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", b"UUID"),
    (rb"(?s)<(RequestId|HostId|RequestID|HostID)>.*?</\1>", b"<ID/>"),
]
BLOB = bytes(range(256)) * 4096


def report(is_ok, name, detail=""):
    print(json.dumps({"ok": bool(is_ok), "name": name, "detail": str(detail)[:1000]}), flush=True)


def split(endpoint):
    parts = urllib.parse.urlsplit(endpoint)
    return parts.hostname, parts.port


def client(endpoint, secret=None):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=os.environ["SFDW_TEST_KEY"],
        aws_secret_access_key=secret or os.environ["SFDW_TEST_SECRET"],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


class Recorder:
    """boto3's requests, sent by a plain client that keeps the answers."""

    def __init__(self, endpoint, bucket, secret=None):
        self.host, self.port = split(endpoint)
        self.bucket = bucket
        self.answers = []
        self.s3 = client(endpoint, secret)
        self.s3.meta.events.register("before-send.s3", self.send)

    def send(self, request, **_):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        url = urllib.parse.urlsplit(request.url)
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        connection.putrequest(request.method, url.path + ("?" + url.query if url.query else ""), skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        if body and "Content-Length" not in request.headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        self.answers.append((answer.status, answer.getheaders(), data))
        connection.close()
        raw = urllib3.HTTPResponse(io.BytesIO(data), answer.getheaders(), answer.status, preload_content=False, request_method=request.method)
        return AWSResponse(request.url, answer.status, answer.headers, raw)

    def plain(self, text):
        text = text.replace(self.bucket.encode(), b"BUCKET").replace(f"{self.host}:{self.port}".encode(), b"ENDPOINT")
        for pattern, word in IDS:
            text = re.sub(pattern, word, text)
        return text

    def last(self, from_number):
        """The answers since then, but for what differs between any two."""
        found = []
        for status, headers, data in self.answers[from_number:]:
            kept = [(name.lower(), self.plain(value.encode())) for name, value in headers if name.lower() not in VOLATILE]
            if not any(name == "content-length" for name, _ in kept):
                kept.append(("content-length", str(len(data)).encode()))
            # The ids in an XML body have no fixed length.
            if data[:5] == b"<?xml" or data[:6] == b"<Error":
                kept = [pair for pair in kept if pair[0] != "content-length"]
            found.append((status, sorted(kept), self.plain(data)))
        return found


def requests_of(recorder):
    """Requests by name, in the order in which they are made."""
    s3, b = recorder.s3, recorder.bucket
    seen = {}

    def put(key, body, **more):
        return s3.put_object(Bucket=b, Key=key, Body=body, **more)

    def first_version():
        seen["old"] = put("twice", b"old")["VersionId"]
        put("twice", b"new")

    def multipart():
        upload = s3.create_multipart_upload(Bucket=b, Key="parts")["UploadId"]
        s3.list_multipart_uploads(Bucket=b)
        sizes = [BLOB * 5, b"end"]
        parts = [
            {"PartNumber": n, "ETag": s3.upload_part(Bucket=b, Key="parts", UploadId=upload, PartNumber=n, Body=data)["ETag"]}
            for n, data in enumerate(sizes, 1)
        ]
        s3.list_parts(Bucket=b, Key="parts", UploadId=upload)
        s3.complete_multipart_upload(Bucket=b, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})

    def abort():
        upload = s3.create_multipart_upload(Bucket=b, Key="never")["UploadId"]
        s3.abort_multipart_upload(Bucket=b, Key="never", UploadId=upload)

    def copy_part():
        upload = s3.create_multipart_upload(Bucket=b, Key="copied")["UploadId"]
        tag = s3.upload_part_copy(Bucket=b, Key="copied", UploadId=upload, PartNumber=1, CopySource={"Bucket": b, "Key": "blob"})["CopyPartResult"]["ETag"]
        s3.complete_multipart_upload(Bucket=b, Key="copied", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})

    def versions_paged():
        for _ in s3.get_paginator("list_object_versions").paginate(Bucket=b, PaginationConfig={"PageSize": 2}):
            pass

    def keys_paged():
        for _ in s3.get_paginator("list_objects_v2").paginate(Bucket=b, PaginationConfig={"PageSize": 2}):
            pass

    def delete_many():
        s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "a b+ü/%"}, {"Key": "absent"}]})

    return {
        "create a bucket": lambda: s3.create_bucket(Bucket=b),
        "switch versions on": lambda: s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"}),
        "ask for versioning": lambda: s3.get_bucket_versioning(Bucket=b),
        "put": lambda: put("small", b"hello"),
        "put with metadata": lambda: put("meta", b"x", Metadata={"run": "1"}, ContentType="text/csv"),
        "put nothing": lambda: put("empty", b""),
        "put a megabyte": lambda: put("blob", BLOB),
        "put an odd key": lambda: put("a b+ü/%", b"odd"),
        "put twice": first_version,
        "put where there is something": lambda: put("small", b"again", IfNoneMatch="*"),
        "get": lambda: s3.get_object(Bucket=b, Key="small"),
        "get with metadata": lambda: s3.get_object(Bucket=b, Key="meta"),
        "get nothing": lambda: s3.get_object(Bucket=b, Key="empty"),
        "get a megabyte": lambda: s3.get_object(Bucket=b, Key="blob"),
        "get an odd key": lambda: s3.get_object(Bucket=b, Key="a b+ü/%"),
        "get an old version": lambda: s3.get_object(Bucket=b, Key="twice", VersionId=seen["old"]),
        "get a range": lambda: s3.get_object(Bucket=b, Key="blob", Range="bytes=1000-1999"),
        "get an end": lambda: s3.get_object(Bucket=b, Key="blob", Range="bytes=-10"),
        "get a range beyond the end": lambda: s3.get_object(Bucket=b, Key="small", Range="bytes=100-200"),
        "get on a condition that fails": lambda: s3.get_object(Bucket=b, Key="small", IfMatch='"0"'),
        "get what has not changed": lambda: s3.get_object(Bucket=b, Key="small", IfNoneMatch='"5d41402abc4b2a76b9719d911017c592"'),
        "get what is absent": lambda: s3.get_object(Bucket=b, Key="absent"),
        "head": lambda: s3.head_object(Bucket=b, Key="blob"),
        "head of what is absent": lambda: s3.head_object(Bucket=b, Key="absent"),
        "list keys": lambda: s3.list_objects_v2(Bucket=b),
        "list keys by pages": keys_paged,
        "list keys below a folder": lambda: s3.list_objects_v2(Bucket=b, Prefix="a b+ü/", Delimiter="/"),
        "list versions": lambda: s3.list_object_versions(Bucket=b),
        "list versions by pages": versions_paged,
        "a multipart upload": multipart,
        "an upload that is aborted": abort,
        "an upload that copies": copy_part,
        "copy": lambda: s3.copy_object(Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "small"}),
        "delete": lambda: s3.delete_object(Bucket=b, Key="small"),
        "get what was deleted": lambda: s3.get_object(Bucket=b, Key="small"),
        "delete a version": lambda: s3.delete_object(Bucket=b, Key="twice", VersionId=seen["old"]),
        "delete many": delete_many,
        "list a bucket that is absent": lambda: s3.list_objects_v2(Bucket="there-is-none"),
    }


def compare(upstream, faults):
    direct = Recorder(upstream, "honest-direct")
    through = Recorder(faults, "honest-passed")
    for (name, ask), (_, ask_too) in zip(requests_of(direct).items(), requests_of(through).items()):
        numbers = len(direct.answers), len(through.answers)
        for request in (ask, ask_too):
            try:
                request()
            except ClientError:
                pass
        one, other = direct.last(numbers[0]), through.last(numbers[1])
        statuses = " ".join(str(answer[0]) for answer in one)
        report(one and one == other, f"{name}: the same answer ({statuses})", f"{one}\n{other}")
    report(len(direct.answers) == len(through.answers) >= 45, f"{len(direct.answers)} requests were compared")
    # The same object asked for both ways has no difference at all.
    pair = [client(endpoint).get_object(Bucket="honest-direct", Key="meta") for endpoint in (upstream, faults)]
    kept = [{k: v for k, v in p["ResponseMetadata"]["HTTPHeaders"].items() if k not in VOLATILE} for p in pair]
    report(kept[0] == kept[1] and pair[0]["Body"].read() == pair[1]["Body"].read(), "one object, asked for both ways", kept)
    statuses = []
    for endpoint in (upstream, faults):
        try:
            client(endpoint, "wrong").list_objects_v2(Bucket="honest-direct")
        except ClientError as error:
            statuses.append((error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]))
    report(statuses == [(403, "SignatureDoesNotMatch")] * 2, "a wrong signature is refused both ways", statuses)


class Prober:
    """A plain client that asks through the faults, and sees what comes."""

    def __init__(self, upstream, faults, rules, log):
        self.host, self.port = split(faults)
        self.direct = client(upstream)
        self.faulty = client(faults)
        self.rules, self.log = rules, log
        self.number = 0
        self.direct.create_bucket(Bucket="probe")
        self.direct.put_object(Bucket="probe", Key="there", Body=BLOB[:1000])

    def set(self, *rules):
        with open(self.rules + ".next", "w", encoding="utf-8") as file:
            json.dump(rules, file)
        os.replace(self.rules + ".next", self.rules)
        with open(self.log, "w", encoding="utf-8"):
            pass

    def logged(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read().splitlines()

    def kinds(self):
        return [line.split()[-1] for line in self.logged()]

    def names(self):
        return sorted(item["Key"] for item in self.faulty.list_objects_v2(Bucket="probe")["Contents"])

    def ask(self, operation, key, body=None, headers=None, timeout=30):
        """Status, headers, body; or what became of the connection."""
        method = {"put_object": "PUT", "get_object": "GET", "head_object": "HEAD"}[operation]
        url = urllib.parse.urlsplit(self.faulty.generate_presigned_url(operation, Params={"Bucket": "probe", "Key": key}))
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, f"{url.path}?{url.query}", body, headers or {})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            try:
                return answer.status, found, answer.read()
            except http.client.IncompleteRead as error:
                return answer.status, found, ("cut", error.partial)
        except (http.client.RemoteDisconnected, ConnectionError):
            return "closed", {}, b""
        finally:
            connection.close()

    def put(self):
        """Put a new object: what was answered, and whether it is there."""
        self.number += 1
        key = f"key{self.number}"
        answer = self.ask("put_object", key, b"data")
        try:
            self.direct.head_object(Bucket="probe", Key=key)
            return answer, True
        except ClientError:
            return answer, False

    def get(self, key="there", **headers):
        return self.ask("get_object", key, headers=headers)


def check_kinds(prober):
    p = prober
    p.set()
    (status, headers, body), is_there = p.put()
    report(status == 200 and is_there and p.kinds() == ["pass"], "no rule: passed on", (status, is_there, p.logged()))
    whole = p.get()
    report(whole[0] == 200 and whole[2] == BLOB[:1000], "... and read")

    p.set({"match": "^PUT", "do": "status", "code": 503, "body": "<Error/>", "headers": {"Retry-After": "7"}})
    (status, headers, body), is_there = p.put()
    report((status, body, headers.get("retry-after"), headers.get("x-amz-request-id"), headers.get("content-length"))
           == (503, b"<Error/>", "7", "FAULT0000", "8"), "status: that status, body and headers", (status, headers, body))
    report(not is_there and p.kinds() == ["status"], "... and nothing is done")
    report(p.get()[0] == 200 and p.kinds() == ["status", "pass"], "... to requests that match alone")
    p.set({"match": "", "do": "status", "code": 404})
    report(p.ask("head_object", "there")[0] == 404, "status: of a HEAD too")

    p.set({"match": "^PUT", "do": "error200", "code": "InternalError"})
    (status, headers, body), is_there = p.put()
    report(status == 200 and b"<Error><Code>InternalError</Code>" in body and not is_there, "error200: an error within 200, and nothing done", body)
    p.set({"match": "^PUT", "do": "error200", "code": "SlowDown", "done_first": True})
    (status, headers, body), is_there = p.put()
    report(status == 200 and b"<Error><Code>SlowDown</Code>" in body and is_there, "error200 with done_first: the error, and it is done", body)

    p.set({"match": "^PUT", "do": "drop"})
    (status, headers, body), is_there = p.put()
    report(status == "closed" and not is_there, "drop: no answer, and nothing done", (status, is_there))
    p.set({"match": "^PUT", "do": "lose"})
    (status, headers, body), is_there = p.put()
    report(status == "closed" and is_there, "lose: no answer, and it is done", (status, is_there))

    p.set({"match": "^GET", "do": "cut"})
    status, headers, body = p.get()
    report((status, headers.get("content-length"), body) == (200, "1000", ("cut", BLOB[:500])), "cut: the length of all, and half of the bytes", (status, headers))
    p.set({"match": "^GET", "do": "long"})
    status, headers, body = p.get()
    report((status, headers.get("content-length"), body) == (200, "1001", ("cut", BLOB[:1000])), "long: a byte more is promised than comes", (status, headers))

    p.set({"match": "^GET", "do": "etag"})
    status, headers, body = p.get()
    same = {k: v for k, v in headers.items() if k not in VOLATILE | {"etag"}} == {k: v for k, v in whole[1].items() if k not in VOLATILE | {"etag"}}
    report(status == 200 and body == whole[2] and same, "etag: the same answer", headers)
    report(headers.get("etag") not in (None, whole[1]["etag"]), "... with another ETag", headers)

    p.set()
    part = p.get(Range="bytes=100-199")
    report(part[0] == 206 and part[1].get("content-range") == "bytes 100-199/1000", "a range is a range without rules", part[1])
    p.set({"match": "^GET", "do": "whole"})
    status, headers, body = p.get(Range="bytes=100-199")
    report(status == 200 and "content-range" not in headers and body == part[2], "whole: 200 for a range, without its place", (status, headers))

    p.set({"match": "^GET", "do": "slow", "seconds": 0.5})
    begun = time.monotonic()
    answer = p.get()
    took = time.monotonic() - begun
    report(answer[0] == 200 and answer[2] == whole[2] and took >= 0.5, "slow: the same answer, that much later", took)
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: p.get()[0], range(6)))
    took = time.monotonic() - begun
    report(answers == [200] * 6 and took < 2.5, "... and others do not wait for it", took)

    p.set({"match": "^GET", "do": "short"})
    status, headers, body = p.get()
    report((status, headers.get("content-length"), body) == (200, "999", BLOB[:999]), "short: a byte less is promised than comes", (status, headers))

    p.set({"match": "^GET", "do": "drip", "pieces": 4, "seconds": 0.2})
    begun = time.monotonic()
    answer = p.get()
    took = time.monotonic() - begun
    report(answer[0] == 200 and answer[2] == whole[2] and took >= 0.6, "drip: the same answer, in pieces", took)

    upload = p.direct.create_multipart_upload(Bucket="probe", Key="blanks")
    etag = p.direct.upload_part(Bucket="probe", Key="blanks", UploadId=upload["UploadId"], PartNumber=1, Body=b"x")["ETag"]
    p.set({"match": "^POST", "do": "blanks", "seconds": 1})
    begun = time.monotonic()
    done = p.faulty.complete_multipart_upload(
        Bucket="probe", Key="blanks", UploadId=upload["UploadId"], MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    took = time.monotonic() - begun
    report(took >= 1 and done["ETag"] == p.direct.head_object(Bucket="probe", Key="blanks")["ETag"], "blanks: the same answer after a while of spaces", done)

    p.set({"match": "^GET", "do": "stall"})
    begun = time.monotonic()
    try:
        answer = p.ask("get_object", "there", timeout=1)
    except TimeoutError:
        answer = "nothing"
    report(answer == "nothing" and p.kinds() == ["stall"] and time.monotonic() - begun >= 1, "stall: no answer", answer)

    p.set({"match": "list-type", "do": "keep"})
    kept = p.names()
    p.direct.put_object(Bucket="probe", Key="later", Body=b"x")
    report("later" not in kept and p.kinds() == ["keep"], "keep: passed on", kept)
    p.set({"match": "list-type", "do": "stale", "times": 1})
    report(p.names() == kept and p.kinds() == ["stale"], "stale: what was kept", kept)
    report(p.names() == sorted(kept + ["later"]) and p.kinds() == ["stale", "pass"], "... and afterwards what is")

    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "s3tool.py")
    with open(p.rules + ".body", "w", encoding="utf-8") as file:
        file.write("replaced")
    p.set({"match": "^GET", "do": "run", "nth": 1,
           "command": f"{sys.executable} {tool} {p.direct.meta.endpoint_url} put probe there {p.rules}.body"})
    report(p.get()[2] == b"replaced" and p.kinds() == ["run"], "run: the command is run before the request is passed on")
    p.direct.put_object(Bucket="probe", Key="there", Body=BLOB)
    p.set({"match": "^GET", "do": "midway", "nth": 1, "bytes": 1000,
           "command": f"{sys.executable} {tool} {p.direct.meta.endpoint_url} put probe there {p.rules}.body"})
    report(p.get()[2] == BLOB and p.direct.get_object(Bucket="probe", Key="there")["Body"].read() == b"replaced", "midway: the command is run while the answer comes")


def check_rules(prober):
    p = prober
    fail = {"do": "status", "code": 500}

    def series(count, *rules):
        p.set(*rules)
        return [p.get()[0] for _ in range(count)]

    report(series(4, {"match": "", "nth": 2, **fail}) == [200, 500, 200, 200], "nth: that one alone")
    report(series(5, {"match": "", "nth": 2, "times": 2, **fail}) == [200, 500, 500, 200, 200], "nth and times: that one, and as many")
    report(series(4, {"match": "", "times": 3, **fail}) == [500, 500, 500, 200], "times: as many from the first")
    report(series(3, {"match": "", **fail}) == [500, 500, 500], "neither: all")
    report(series(2, {"match": "^PUT", **fail}) == [200, 200], "match: no other request")
    report(series(1, {"match": "^GET /probe/there\\?.*X-Amz-Signature", **fail}) == [500], "match: path and query")
    report(series(2, {"match": "", "nth": 1, "do": "status", "code": 501}, {"match": "", "do": "status", "code": 502}) == [501, 502], "several rules: the first that is met")
    numbers = []
    for _ in range(2):
        p.set()
        p.get()
        start = int(p.logged()[0].split()[0])
        found = series(60, {"match": "", "chance": 4, "seed": "s", **fail})
        numbers.append((start, found))
    counts = [found.count(500) for _, found in numbers]
    report(all(5 <= count <= 28 for count in counts), "chance: about one in so many", counts)
    first, second = numbers
    report([200 if kind == "pass" else 500 for kind in p.kinds()] == second[1], "the log says what was done", p.kinds())
    lines = p.logged()
    report(all(re.fullmatch(r"\d+ GET /probe/there\?\S+ (pass|status)", line) for line in lines) and len(lines) == 60, "... and of which request", lines[:1])
    report([int(line.split()[0]) for line in lines] == list(range(second[0] + 1, second[0] + 61)), "... by its number")


def main(upstream, faults, rules, log):
    with open(rules, "w", encoding="utf-8") as file:
        file.write("[]")
    compare(upstream, faults)
    prober = Prober(upstream, faults, rules, log)
    check_kinds(prober)
    check_rules(prober)


if __name__ == "__main__":
    main(*sys.argv[1:])
