#!/usr/bin/env python3
"""A server that stands before an S3 server and does what real ones do too
seldom: it fails, by rules.

usage: faults.py UPSTREAM_PORT RULES LOG [HEADERS]

Requests are passed on as they are, so their signatures stay valid, and answers
likewise; without rules it is the server behind it.  RULES is a JSON file that
is read at each request, a list of objects:
  match     a regular expression for "METHOD path?query", and for Glue "METHOD
            path AWSGlue.Operation"; "" for all
  nth       only the nth request that matches, from 1, and those that follow it
            as far as "times" says
  times     how often; without it once for "nth", else without end
  chance    one in so many, by "seed" and the request's number
  do        what:
    status      answer "code" with "body" and "headers", and pass nothing on
    error200    answer 200 with an <Error> of "code"; with "done_first", pass it
                on before
    drop        close the connection, and pass nothing on
    lose        pass it on, and close the connection without an answer
    cut         close it after the first half of the answer's body
    long        promise one byte more than is sent, and close
    etag        answer with another ETag
    whole       answer 200 in place of 206
    short       promise one byte less than is sent
    slow        wait "seconds" before the answer
    drip        send the body in "pieces" pieces, "seconds" apart
    blanks      send a 200 and a space each second, for "seconds", and then the
                body, as S3 does while it copies and completes
    stall       read the head of the request, and nothing happens any more
    run         run "command" in a shell, then pass it on
    midway      pass it on, and run "command" when "bytes" of the answer's body
                are sent
    keep        pass it on, and keep the answer for "stale"
    stale       answer what the same request was answered when that was kept

LOG gets a line a request: number, what is matched, what was done.  HEADERS gets
a line of JSON a request: method, path and query, headers in small letters.
Prints its port.
"""
import http.client
import http.server
import json
import random
import re
import subprocess
import sys
import threading
import time

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}


class Rules:
    """Which rule a request meets; counts what each has matched."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.number = 0
        self.text = ""
        self.rules = []

    def choose(self, line):
        with self.lock:
            with open(self.path, encoding="utf-8") as file:
                text = file.read()
            if text != self.text:
                self.text = text
                self.rules = [dict(rule, matched=0, done=0) for rule in json.loads(text)]
            self.number += 1
            for rule in self.rules:
                if self.meets(rule, line):
                    rule["done"] += 1
                    return self.number, rule
            return self.number, {"do": "pass"}

    def meets(self, rule, line):
        if not re.search(rule.get("match", ""), line):
            return False
        rule["matched"] += 1
        if rule["matched"] < rule.get("nth", 1):
            return False
        if rule["done"] >= rule.get("times", 1 if "nth" in rule else sys.maxsize):
            return False
        if "chance" in rule:
            return random.Random(f"{rule.get('seed', 1)}/{self.number}").randrange(rule["chance"]) == 0
        return True


class Faults(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    rules = None
    log_path = ""
    headers_path = None
    upstream = 0
    kept = {}

    def serve(self):
        target = self.headers.get("X-Amz-Target", "")
        line = f"{self.command} {self.path} {target}".rstrip()
        self.arrival, rule = self.rules.choose(line)
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(f"{self.arrival} {line} {rule['do']}\n")
        if self.headers_path:
            self.note_headers()
        body = None if rule["do"] == "stall" else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        getattr(self, "do_" + rule["do"])(rule, body)

    def note_headers(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        with open(self.headers_path, "a", encoding="utf-8") as log:
            log.write(json.dumps({"method": self.command, "path": self.path, "headers": headers}) + "\n")

    def fetch(self, body):
        """The upstream's answer: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), data

    def begin(self, status, headers, length):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP | {"content-length"}:
                self.send_header(name, value)
        given = dict((name.lower(), value) for name, value in headers).get("content-length")
        if self.command == "HEAD" and given is not None:
            length = given
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def answer(self, status, headers, data, length=None, sent=None):
        self.begin(status, headers, len(data) if length is None else length)
        if self.command != "HEAD":
            self.wfile.write(data if sent is None else data[:sent])
        self.wfile.flush()

    def chunk(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def hang_up(self):
        self.close_connection = True

    def do_pass(self, rule, body):
        self.answer(*self.fetch(body))

    def do_status(self, rule, body):
        headers = [("x-amz-request-id", "FAULT0000"), ("Content-Type", "application/xml")]
        headers += list(rule.get("headers", {}).items())
        self.answer(rule["code"], headers, rule.get("body", "").encode())

    def do_error200(self, rule, body):
        if rule.get("done_first"):
            self.fetch(body)
        text = f"<?xml version=\"1.0\"?>\n<Error><Code>{rule['code']}</Code><Message>no</Message></Error>"
        self.answer(200, [("Content-Type", "application/xml")], text.encode())

    def do_drop(self, rule, body):
        self.hang_up()

    def do_lose(self, rule, body):
        self.fetch(body)
        self.hang_up()

    def do_cut(self, rule, body):
        status, headers, data = self.fetch(body)
        self.answer(status, headers, data, sent=len(data) // 2)
        self.hang_up()

    def do_long(self, rule, body):
        status, headers, data = self.fetch(body)
        self.answer(status, headers, data, length=len(data) + 1)
        self.hang_up()

    def do_short(self, rule, body):
        status, headers, data = self.fetch(body)
        self.answer(status, headers, data, length=max(len(data) - 1, 0))
        self.hang_up()

    def do_etag(self, rule, body):
        status, headers, data = self.fetch(body)
        headers = [(name, '"0123456789abcdef0123456789abcdef"' if name.lower() == "etag" else value) for name, value in headers]
        self.answer(status, headers, data)

    def do_whole(self, rule, body):
        _, headers, data = self.fetch(body)
        self.answer(200, [(name, value) for name, value in headers if name.lower() != "content-range"], data)

    def do_slow(self, rule, body):
        answer = self.fetch(body)
        time.sleep(rule["seconds"])
        self.answer(*answer)

    def do_drip(self, rule, body):
        status, headers, data = self.fetch(body)
        self.begin(status, headers, len(data))
        size = max(1, -(-len(data) // rule["pieces"]))
        for at in range(0, len(data), size):
            self.wfile.write(data[at : at + size])
            time.sleep(rule["seconds"])

    def do_blanks(self, rule, body):
        status, headers, data = self.fetch(body)
        if status != 200:
            self.answer(status, headers, data)
            return
        # The declaration must stand first, and does, as S3's does.
        declaration, rest = re.match(rb"(<\?xml.*?\?>)?(.*)", data, re.S).groups(b"")
        self.begin(200, headers, None)
        self.chunk(declaration)
        for _ in range(rule["seconds"]):
            self.chunk(b" ")
            time.sleep(1)
        self.chunk(rest)
        self.wfile.write(b"0\r\n\r\n")

    def do_stall(self, rule, body):
        time.sleep(3600)

    def do_run(self, rule, body):
        subprocess.run(rule["command"], shell=True, check=True)
        self.answer(*self.fetch(body))

    def do_midway(self, rule, body):
        status, headers, data = self.fetch(body)
        self.begin(status, headers, len(data))
        self.wfile.write(data[: rule["bytes"]])
        self.wfile.flush()
        subprocess.run(rule["command"], shell=True, check=True)
        self.wfile.write(data[rule["bytes"] :])

    def do_keep(self, rule, body):
        answer = self.kept[self.path] = self.fetch(body)
        self.answer(*answer)

    def do_stale(self, rule, body):
        self.answer(*(self.kept.get(self.path) or self.fetch(body)))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


def main(handler):
    handler.upstream = int(sys.argv[1])
    handler.rules = Rules(sys.argv[2])
    handler.log_path = sys.argv[3]
    server = Server(("127.0.0.1", 0), handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    Faults.headers_path = sys.argv[4] if len(sys.argv) > 4 else None
    main(Faults)
