#!/usr/bin/env python3
"""An S3 server that answers listings, reads and deletions as no honest one does.

usage: hostile.py LOG

What is wrong is said by the bucket's name: BUCKET is served by the methods
OPERATION_BUCKET below, and by OPERATION where there is none, which is honest.
Signatures are not looked at.  LOG gets a line a request: method, target, the
condition, and the body of a deletion; and "sent N" where the client did not
want all.  Prints its port, and serves until it is killed.
"""
import gzip
import http.server
import re
import sys
import urllib.parse

ROWS = 900_000
CSV = b"Id,Name\n" + b"".join(b"%07d,row number %07d\n" % (n, n) for n in range(1, ROWS + 1))
SMALL = b"Id,Name\n1,one\n2,two\n3,three\n"
ETAG = '"0123456789abcdef0123456789abcdef"'
OTHER = '"fedcba9876543210fedcba9876543210"'
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def version(key, version_id, latest=True, size=29, etag=ETAG, day=1):
    return (f"<Version><Key>{key}</Key><VersionId>{version_id}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
            f"<LastModified>2026-01-{day:02}T03:04:05.000Z</LastModified><ETag>{etag}</ETag><Size>{size}</Size></Version>")


def marker(key, version_id, latest=True):
    return (f"<DeleteMarker><Key>{key}</Key><VersionId>{version_id}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
            "<LastModified>2026-01-02T03:04:05.000Z</LastModified></DeleteMarker>")


def listing(*items, next_key=None, next_id="", more=""):
    markers = f"<NextKeyMarker>{next_key}</NextKeyMarker><NextVersionIdMarker>{next_id}</NextVersionIdMarker>" if next_key else ""
    truncated = "true" if next_key else "false"
    return f"{XML}<ListVersionsResult>{more}<IsTruncated>{truncated}</IsTruncated>{markers}{''.join(items)}</ListVersionsResult>"


def deleted(*pairs):
    return "".join(f"<Deleted><Key>{key}</Key><VersionId>{version_id}</VersionId></Deleted>" for key, version_id in pairs)


class Hostile(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log_path = ""

    def serve(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        _, bucket, self.key = (urllib.parse.unquote(path) + "/").split("/", 2)
        self.key = self.key.rstrip("/")
        self.note(f"{self.command} {self.path} {self.headers.get('If-Match', '')} {self.body.decode()}".strip())
        if self.key:
            operation = {"GET": "get", "HEAD": "head", "DELETE": "drop"}[self.command]
        else:
            operation = next(name for name in ("versions", "versioning", "object-lock", "delete") if name in self.query).replace("-", "_")
        name = f"{operation}_{bucket.replace('-', '_')}"
        getattr(self, name, getattr(self, operation))()

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = serve

    def note(self, line):
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(line.replace("\n", " ") + "\n")

    def answer(self, status, body=b"", headers=(), length=None, hang_up=False):
        """An answer with the length given, or that of the body; False: none."""
        body = body.encode() if isinstance(body, str) else body
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if length is not False:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.send(body)
        self.close_connection |= hang_up

    def send(self, body):
        sent = 0
        try:
            for at in range(0, len(body), 65536):
                sent += self.wfile.write(body[at:at + 65536])
            self.wfile.flush()
        except OSError:
            self.note(f"sent {sent}")
            self.close_connection = True

    # --- an honest server

    def versions(self):
        self.answer(200, listing(version("Account.csv", "v1")))

    def versioning(self):
        self.answer(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")

    def object_lock(self):
        self.answer(404, "<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>")

    def head(self, data=SMALL):
        self.answer(200, headers=self.about(), length=len(data))

    def drop(self):
        self.answer(204)

    def delete(self):
        self.answer(200, f"<DeleteResult>{deleted(*self.named())}</DeleteResult>")

    def named(self):
        """What a deletion names: keys and versions."""
        return re.findall(r"<Key>(.*?)</Key><VersionId>(.*?)</VersionId>", self.body.decode())

    def about(self, etag=ETAG):
        return [("ETag", etag), ("x-amz-version-id", "v1"), ("Last-Modified", "Thu, 01 Jan 2026 03:04:05 GMT")]

    def range(self, data):
        """What was asked for: the first byte, and what follows the last."""
        first, last = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"]).groups()
        return int(first), min(int(last) + 1, len(data))

    def part(self, data, etag=ETAG, shift=0, total=None, status=206, more=(), **how):
        first, end = self.range(data)
        if first >= len(data):
            self.answer(416, "<Error><Code>InvalidRange</Code></Error>")
            return
        place = ("Content-Range", f"bytes {first + shift}-{end - 1 + shift}/{len(data) if total is None else total}")
        self.answer(status, data[first:end], self.about(etag) + [place, *more], **how)

    def get(self):
        self.part(SMALL)

    # --- listings

    def versions_same_marker(self):
        self.answer(200, listing(version("a", "v1"), next_key="a", next_id="v1"))

    def versions_two_markers(self):
        name = "b" if self.query.get("key-marker") == "a" else "a"
        self.answer(200, listing(version(name, "v1"), next_key=name, next_id="v1"))

    def versions_back_marker(self):
        number = int(self.query.get("key-marker", "k99999999")[1:]) - 1
        self.answer(200, listing(version(f"k{number}", "v1"), next_key=f"k{number}", next_id="v1"))

    def versions_no_end(self):
        number = int(self.query.get("key-marker", "k10000000")[1:]) + 1
        self.answer(200, listing(version(f"k{number}", "v1"), next_key=f"k{number}", next_id="v1"))

    def versions_no_marker(self):
        self.answer(200, listing(version("a", "v1")).replace("<IsTruncated>false", "<IsTruncated>true"))

    def versions_bomb(self):
        entities = '<!ENTITY e0 "boom">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        self.answer(200, f"<!DOCTYPE x [{entities}]><ListVersionsResult><IsTruncated>false</IsTruncated>{version('&e9;', 'v1')}</ListVersionsResult>")

    def versions_file(self):
        self.answer(200, f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><ListVersionsResult>{version("&f;", "v1")}</ListVersionsResult>')

    def versions_cut_xml(self):
        self.answer(200, listing(version("a", "v1"), version("b", "v1"))[:-60])

    def versions_cut_head(self):
        self.close_connection = True
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n")

    def versions_cut_body(self):
        text = listing(version("a", "v1"))
        self.answer(200, text[:-40], length=len(text), hang_up=True)

    def versions_huge(self):
        self.answer(200, listing(version("a", "v1"), "<CommonPrefixes/>" * (100 * 1024 * 1024 // 17)))

    def versions_huge_unsaid(self):
        self.send_response_only(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.send(listing(version("a", "v1"), "<CommonPrefixes/>" * (100 * 1024 * 1024 // 17)).encode())

    def versions_nul_key(self):
        self.answer(200, listing(version("a&#0;b", "v1")))

    def versions_nul_encoded(self):
        self.answer(200, listing(version("a%00b", "v1"), more="<EncodingType>url</EncodingType>"))

    def versions_odd_encoded(self):
        self.answer(200, listing(version("a%zz", "v1"), more="<EncodingType>url</EncodingType>"))

    def versions_outside(self):
        self.answer(200, listing(version("below/a", "v1"), version("elsewhere/b", "v1")))

    def versions_many_items(self):
        self.answer(200, listing(*(version(f"k{n}", "v1") for n in range(1001))))

    def versions_html(self):
        self.answer(200, "<html><body>Sign in to the network</body></html>")

    def versions_nothing(self):
        self.answer(200)

    def versions_other_answer(self):
        self.answer(200, "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>")

    def versions_size(self):
        self.answer(200, listing(version("a", "v1", size="-1")))

    def versions_twice(self):
        self.answer(200, listing(version("below/Account.csv", "v1"), version("below/Opportunity.csv", "v1"), version("below/Opportunity.csv", "v1")))

    def versions_two_latest(self):
        self.answer(200, listing(version("below/Account.csv", "v1"), version("below/Opportunity.csv", "v2", day=2), version("below/Opportunity.csv", "v1")))

    def export(self):
        """An export whose rows say by which version they were asked for."""
        version_id = self.query.get("versionId")
        rows = {
            "below/Account.csv": "Id,Name,CreatedDate\r\n001000000000001AAA,one,2024-01-02T10:00:00.000+0000\r\n",
            "below/Opportunity.csv": f"Id,AccountId,StageName,CreatedDate\r\n006000000000001AAA,001000000000001AAA,{version_id},2024-01-02T10:00:00.000+0000\r\n",
        }
        self.part(rows[self.key].encode())

    get_two_latest = get_marker_latest = get_twice = export

    def versions_marker_latest(self):
        self.answer(200, listing(version("below/Account.csv", "v1"), marker("below/Opportunity.csv", "m1"), version("below/Opportunity.csv", "v1")))

    def versions_only_markers(self):
        self.answer(200, listing(version("below/Account.csv", "v1"), marker("below/Opportunity.csv", "m2"), marker("below/Opportunity.csv", "m1", False)))

    def head_only_markers(self):
        self.answer(404, headers=[("x-amz-delete-marker", "true"), ("x-amz-version-id", "m2")])

    def versions_null_versions(self):
        self.answer(200, listing(version("a", "null"), version("a", "v1", False), version("b", "null", etag=OTHER)))

    def head_null_versions(self):
        # What is at "b" has been replaced since it was listed.
        self.answer(200, headers=[("ETag", ETAG), ("x-amz-version-id", "null")], length=29)

    # --- reads

    def get_short_length(self):
        self.part(SMALL, length=10)

    def get_no_length(self):
        self.part(SMALL, length=False, more=[("Connection", "close")], hang_up=True)

    def get_no_length_cut(self):
        self.send_response_only(206)
        for name, value in self.about() + [("Content-Range", f"bytes 0-{len(SMALL) - 1}/{len(SMALL)}"), ("Connection", "close")]:
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        self.send(SMALL[:15])

    def get_long_length(self):
        self.part(SMALL, length=len(SMALL) + 1, hang_up=True)

    def chunked(self, data):
        self.send_response_only(206)
        for name, value in self.about() + [("Content-Range", f"bytes 0-{len(SMALL) - 1}/{len(SMALL)}"), ("Transfer-Encoding", "chunked")]:
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        self.send(data)

    def get_chunked(self):
        self.chunked(b"8\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (SMALL[:8], len(SMALL) - 8, SMALL[8:]))

    def get_bad_chunk(self):
        self.chunked(b"zz\r\n%s\r\n0\r\n\r\n" % SMALL)

    def get_large_chunk(self):
        self.chunked(b"fffffffffffffffffff\r\n%s\r\n0\r\n\r\n" % SMALL)

    def get_cut_chunk(self):
        self.chunked(b"%x\r\n%s\r\n" % (len(SMALL), SMALL))

    def get_other_range(self):
        self.part(SMALL, shift=1, total=len(SMALL) + 1)

    def get_other_bytes(self):
        # Of the second range on, what lies a byte further.
        first, _ = self.range(CSV)
        self.part(CSV, shift=1 if first else 0, total=len(CSV) + 1)

    def get_other_total(self):
        first, _ = self.range(CSV)
        self.part(CSV, total=len(CSV) - (1 if first else 0))

    def get_shorter_range(self):
        # The second range is honest, and half of what was asked for.
        first, end = self.range(CSV)
        end = (first + end) // 2 if first else end
        self.answer(206, CSV[first:end], self.about() + [("Content-Range", f"bytes {first}-{end - 1}/{len(CSV)}")])

    def get_beyond(self):
        self.part(CSV, total=len(CSV) * 2)

    def get_no_bound(self):
        self.part(SMALL, total=2**64 - 1)

    def get_whole(self):
        self.answer(200, SMALL, self.about())

    def get_whole_later(self):
        if self.range(CSV)[0]:
            self.answer(200, CSV, self.about())
        else:
            self.part(CSV)

    def get_no_place(self):
        self.answer(206, SMALL, self.about())

    def get_multipart(self):
        body = b"--x\r\nContent-Range: bytes 0-%d/%d\r\n\r\n%s\r\n--x--\r\n" % (len(SMALL) - 1, len(SMALL), SMALL)
        self.answer(206, body, self.about() + [("Content-Type", "multipart/byteranges; boundary=x")])

    def get_gzip(self):
        self.part(gzip.compress(SMALL), more=[("Content-Encoding", "gzip")])

    def get_etag(self):
        self.part(CSV, etag=OTHER if self.range(CSV)[0] else ETAG)

    def get_no_etag(self):
        self.answer(206, SMALL, [("Content-Range", f"bytes 0-{len(SMALL) - 1}/{len(SMALL)}")])

    def get_more(self):
        self.answer(206, CSV, self.about() + [("Content-Range", f"bytes 0-{len(CSV) - 1}/{len(CSV)}")])

    def get_no_http(self):
        self.close_connection = True
        self.send(b"220 smtp.example.org ready\r\n")

    def get_cut_head(self):
        self.close_connection = True
        self.send(b"HTTP/1.1 206 Partial Content\r\nETag: " + ETAG.encode() + b"\r\nContent-Ra")

    def get_headers(self):
        self.part(SMALL, more=[(f"x-amz-meta-{n}", "y" * 1000) for n in range(1000)])

    def get_large(self):
        self.part(CSV)

    def get_redirected(self):
        self.answer(206, b"", [("Location", "http://169.254.169.254/")])

    # --- deletions

    def result(self, *items):
        self.answer(200, f"{XML}<DeleteResult>{''.join(items)}</DeleteResult>")

    def delete_others(self):
        self.result(deleted(("x", "v1"), ("y", "v1"), ("a", "v1")))

    def delete_other_version(self):
        self.result(deleted(("a", "v2"), ("b", "v1")))

    def delete_no_version(self):
        self.result("<Deleted><Key>a</Key></Deleted>", deleted(("b", "v1")))

    def delete_omits(self):
        self.result(deleted(("a", "v1")))

    def delete_fails(self):
        self.result("<Error><Key>a</Key><VersionId>v1</VersionId><Code>InternalError</Code></Error>", deleted(("b", "v1")))

    def versions_fails(self):
        self.answer(200, listing(version("a", "v1")))

    def delete_both(self):
        self.result("<Error><Key>a</Key><VersionId>v1</VersionId><Code>InternalError</Code></Error>", deleted(("a", "v1"), ("b", "v1")))

    def versions_both(self):
        self.answer(200, listing(version("a", "v1")))

    def delete_error(self):
        self.answer(200, "<Error><Code>AccessDenied</Code></Error>")

    def delete_html(self):
        self.answer(200, "<html/>")

    def delete_cut(self):
        self.answer(200, "<DeleteResult>" + deleted(("a", "v1")))

    def delete_blanks(self):
        self.answer(200, " \n" * 50_000 + f"<DeleteResult>{deleted(*self.named())}</DeleteResult>")

    def delete_many(self):
        self.result(deleted(*((f"k{n}", "v1") for n in range(1001))))

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


if __name__ == "__main__":
    Hostile.log_path = sys.argv[1]
    server = Server(("127.0.0.1", 0), Hostile)
    print(server.server_address[1], flush=True)
    server.serve_forever()
