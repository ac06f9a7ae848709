#!/usr/bin/env python3
"""The services that hand out keys, for tests: an instance's metadata service
(version 2), a container's, and STS.

usage: keys.py CONFIG LOG

CONFIG is a JSON file that is read at each request:
  {"instance": {"role": NAME, "keys": KEYS},
   "container": {"authorization": TEXT, "keys": KEYS},
   "sts": {"AssumeRole": KEYS, "AssumeRoleWithWebIdentity": KEYS},
   "clock": a file with seconds to add to the clock}
KEYS is {"id": ..., "secret": ..., "token": ..., "lifetime": SECONDS}; with
"is_dated" the token goes on with ".NUMBER.EPOCH": how many were given before,
and when it expires; or
{"status": NUMBER} or {"body": TEXT} for an answer that is none.

LOG gets a line a request: for STS its action and parameters and the access
key id that it is signed with, for others method and path.  Prints its port.
"""
import http.server
import itertools
import json
import os
import re
import sys
import time
import urllib.parse

TOKEN = "session-of-the-metadata-service"


NUMBERS = itertools.count()


def now(config):
    moved = 0
    if "clock" in config and os.path.exists(config["clock"]):
        with open(config["clock"], encoding="utf-8") as file:
            moved = int(file.read() or 0)
    return int(time.time()) + moved


def expires_at(keys):
    return now(keys) + keys.get("lifetime", 3600)


def expiry(keys):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires_at(keys)))


def token(keys):
    if keys.get("is_dated"):
        return f"{keys['token']}.{next(NUMBERS)}.{expires_at(keys)}"
    return keys.get("token", "")


def as_json(keys):
    return json.dumps(
        {
            "Code": keys.get("code", "Success"),
            "AccessKeyId": keys["id"],
            "SecretAccessKey": keys["secret"],
            "Token": token(keys),
            "Expiration": expiry(keys),
        }
    )


def as_xml(action, keys):
    return (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
        f"<AccessKeyId>{keys['id']}</AccessKeyId><SecretAccessKey>{keys['secret']}</SecretAccessKey>"
        f"<SessionToken>{token(keys)}</SessionToken><Expiration>{expiry(keys)}</Expiration>"
        f"</Credentials></{action}Result></{action}Response>"
    )


class Keys(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    config_path = ""
    log_path = ""

    def config(self):
        with open(self.config_path, encoding="utf-8") as file:
            return json.load(file)

    def note(self, text):
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def say(self, status, text=""):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp=None):
        return super().date_time_string(now(self.config()) if timestamp is None else timestamp)

    def give(self, keys, render):
        keys = {**keys, "clock": self.config().get("clock", "")}
        if "status" in keys:
            self.say(keys["status"])
        elif "body" in keys:
            self.say(200, keys["body"])
        else:
            self.say(200, render(keys))

    def do_PUT(self):
        self.note(f"PUT {self.path}")
        ttl = self.headers.get("x-aws-ec2-metadata-token-ttl-seconds")
        if self.path != "/latest/api/token" or ttl is None:
            self.say(400)
        else:
            self.say(200, TOKEN)

    def do_GET(self):
        self.note(f"GET {self.path}")
        config = self.config()
        prefix = "/latest/meta-data/iam/security-credentials/"
        if self.path.startswith(prefix):
            instance = config["instance"]
            if self.headers.get("x-aws-ec2-metadata-token") != TOKEN:
                self.say(401)
            elif self.path == prefix:
                self.say(200, instance["role"])
            else:
                self.give(instance["keys"], as_json)
        elif self.path == "/container":
            container = config["container"]
            if self.headers.get("Authorization") != container["authorization"]:
                self.say(403)
            else:
                self.give(container["keys"], as_json)
        else:
            self.say(404)

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        parameters = dict(urllib.parse.parse_qsl(form, strict_parsing=True))
        signer = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        action = parameters.pop("Action")
        parameters.pop("Version")
        words = " ".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        self.note(f"{action} by {signer.group(1) if signer else 'nobody'} {words}")
        keys = self.config()["sts"].get(action, {"status": 400})
        self.give(keys, lambda keys: as_xml(action, keys))

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    Keys.config_path, Keys.log_path = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    print(server.server_address[1], flush=True)
    server.serve_forever()
