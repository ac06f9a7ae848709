#!/usr/bin/env python3
"""Put a file to a presigned URL.  Imports little, for it is run often.

usage: put_url.py URL FILE
"""
import http.client
import sys

scheme, rest = sys.argv[1].split("://", 1)
host, path = rest.split("/", 1)
connection = http.client.HTTPConnection(host)
with open(sys.argv[2], "rb") as file:
    connection.request("PUT", "/" + path, file.read())
answer = connection.getresponse()
if answer.status != 200:
    sys.exit(f"{answer.status} {answer.read()!r}")
