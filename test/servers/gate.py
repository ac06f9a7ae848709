#!/usr/bin/env python3
"""A gate before a server: it takes requests of keys that were handed out, and
judges signature, session token, time and region as AWS does.  The S3 server of
the tests knows neither session tokens nor keys that expire.

usage: gate.py UPSTREAM_PORT RULES LOG CONFIG

What is let in goes on signed anew with the keys of the server behind (service
s3), or as it is.  RULES and LOG are those of faults.py.  CONFIG is a JSON file
that is read at each request:
  keys     ID: {"secret": TEXT, "token": PREFIX} for each pair that is known; a
           token is PREFIX.NUMBER.EPOCH, as keys.py gives it, and expires at
           EPOCH; without "token" there may be none
  uses     for how many requests a token is good, if it does not expire before
  clock    a file with seconds to add to the clock
  region   the region, else us-east-1
  root     [ID, SECRET] of the server behind; null to pass requests on as they are

LOG.gate gets a line a request: key id, token's number or "-", outcome (the
status, or AWS's code for what was refused), method, path and query, and the
number that LOG has for the request; written when it is answered.  A refusal
shows what was signed, with the token, as AWS's answers do.
"""
import calendar
import collections
import email.utils
import hashlib
import hmac
import json
import re
import sys
import threading
import time

import faults

REGION = "us-east-1"
MAX_SKEW = 900
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/(\w+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)")


class Refusal(Exception):
    """Status, AWS's code, and what more is said."""


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, scope, timestamp, canonical):
    key = ("AWS4" + secret).encode()
    for part in scope:
        key = digest(key, part)
    text = "\n".join(["AWS4-HMAC-SHA256", timestamp, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    return digest(key, text).hex()


def canonical_request(method, target, headers, signed, payload_hash):
    path, _, query = target.partition("?")
    pieces = sorted((piece if "=" in piece else piece + "=") for piece in query.split("&") if piece)
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in signed]
    return "\n".join([method, path, "&".join(pieces), *lines, "", ";".join(signed), payload_hash])


class Gate(faults.Faults):
    config_path = ""
    lock = threading.Lock()
    used = collections.Counter()

    def fetch(self, body):
        with open(self.config_path, encoding="utf-8") as file:
            config = json.load(file)
        self.who, self.number = "-", "-"
        try:
            self.judge(config, body)
            status, headers, data = super().fetch(body)
            outcome = status
        except Refusal as refusal:
            status, outcome, more = refusal.args
            status, headers, data = self.refuse(config, status, outcome, more)
        with open(self.log_path + ".gate", "a", encoding="utf-8") as log:
            log.write(f"{self.who} {self.number} {outcome} {self.command} {self.path} {self.arrival}\n")
        return status, headers, data

    def judge(self, config, body):
        """Raise a Refusal, or leave the headers as they are to go on."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        match = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if not match:
            if config.get("root") is None:
                return  # AssumeRoleWithWebIdentity is not signed
            raise Refusal(403, "AccessDenied", "")
        self.who, date, region, service, signed, given = match.groups()
        signed = signed.split(";")
        known = config["keys"].get(self.who)
        payload = headers["x-amz-content-sha256"] if service == "s3" else hashlib.sha256(body).hexdigest()
        canonical = canonical_request(self.command, self.path, headers, signed, payload)
        timestamp = headers["x-amz-date"]
        if known is None:
            raise Refusal(403, "InvalidAccessKeyId", canonical)
        expires_at = self.judge_token(known, headers.get("x-amz-security-token"), canonical)
        now = self.now(config)
        signed_at = calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ"))
        if abs(now - signed_at) > MAX_SKEW:
            code = {"s3": "RequestTimeTooSkewed", "glue": "InvalidSignatureException"}.get(service, "SignatureDoesNotMatch")
            raise Refusal(400 if service == "glue" else 403, code, canonical)
        if region != config.get("region", REGION):
            raise Refusal(400, "AuthorizationHeaderMalformed", canonical)
        scope = [date, region, service, "aws4_request"]
        if signature(known["secret"], scope, timestamp, canonical) != given:
            raise Refusal(403, "SignatureDoesNotMatch", canonical)
        if now >= expires_at or self.is_used_up(config):
            raise Refusal(400, "ExpiredTokenException" if service == "glue" else "ExpiredToken", canonical)
        if config.get("root") is not None:
            self.sign_anew(config["root"], signed, payload)

    def judge_token(self, known, token, canonical):
        """When it expires."""
        if "token" not in known:
            if token is not None:
                raise Refusal(400, "InvalidToken", canonical)
            return float("inf")
        match = re.fullmatch(re.escape(known["token"]) + r"\.(\d+)\.(\d+)", token or "")
        if not match:
            raise Refusal(400, "InvalidToken", canonical)
        self.number = match.group(1)
        return int(match.group(2))

    def is_used_up(self, config):
        if "uses" not in config or self.number == "-":
            return False
        with self.lock:
            self.used[self.who, self.number] += 1
            return self.used[self.who, self.number] > config["uses"]

    @staticmethod
    def now(config):
        moved = 0
        try:
            with open(config["clock"], encoding="utf-8") as file:
                moved = int(file.read() or 0)
        except (KeyError, OSError):
            pass
        return time.time() + moved

    def sign_anew(self, root, signed, payload):
        """As the server behind knows it, and at its time."""
        timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        signed = [name for name in signed if name != "x-amz-security-token"]
        del self.headers["x-amz-security-token"]
        self.headers.replace_header("x-amz-date", timestamp)
        headers = {name.lower(): value for name, value in self.headers.items()}
        scope = [timestamp[:8], REGION, "s3", "aws4_request"]
        value = signature(root[1], scope, timestamp,
                          canonical_request(self.command, self.path, headers, signed, payload))
        self.headers.replace_header(
            "Authorization", f"AWS4-HMAC-SHA256 Credential={root[0]}/{'/'.join(scope)}, "
            f"SignedHeaders={';'.join(signed)}, Signature={value}")

    def refuse(self, config, status, code, shown):
        region = config.get("region", REGION)
        if "X-Amz-Target" in self.headers:
            text = json.dumps({"__type": code, "Message": "refused: " + shown})
        else:
            text = (f"<Error><Code>{code}</Code><Message>refused</Message><Region>{region}</Region>"
                    f"<CanonicalRequest>{shown.replace('&', '&amp;')}</CanonicalRequest></Error>")
            if self.path == "/":
                text = f"<ErrorResponse>{text}</ErrorResponse>"
        headers = [("Date", email.utils.formatdate(self.now(config), usegmt=True)), ("x-amz-request-id", "GATE0000"),
                   ("x-amz-bucket-region", region)]
        return status, headers, b"" if self.command == "HEAD" else text.encode()


if __name__ == "__main__":
    Gate.config_path = sys.argv.pop()
    faults.main(Gate)
