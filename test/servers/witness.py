#!/usr/bin/env python3
"""A server that notes who asks it for what, and answers always the same.

usage: witness.py LOG STATUS [HEADER: VALUE]...

Appends one line a request to LOG: method, path, host, and whether it was
signed.  Prints its port, and serves until it is killed.
"""
import http.server
import sys


class Witness(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log = ""
    status = 200
    headers_to_send = []

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        signed = "signed" if self.headers.get("Authorization") else "unsigned"
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} {self.headers.get('Host')} {signed}\n")
        self.send_response(self.status)
        for name, value in self.headers_to_send:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_CONNECT = answer

    def log_message(self, *arguments):
        pass


def main(log, status, *headers):
    Witness.log = log
    Witness.status = int(status)
    Witness.headers_to_send = [tuple(header.split(": ", 1)) for header in headers]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Witness)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
