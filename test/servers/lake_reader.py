#!/usr/bin/env python3
"""Read a published table as Athena does: ask the catalog where it is, list
that folder, leave out hidden names, and read every file that is left.

usage: lake_reader.py once|poll|serve folder CATALOG_ENTRY
       lake_reader.py once|poll|serve aws S3_ENDPOINT GLUE_ENDPOINT DATABASE TABLE

Prints one JSON object.  once: location, files, columns and how many rows each
stage has (the first two words of it).  poll: reads until standard input is
closed; how many reads there were, which stages were seen, in which order, how
many rows of them, and what was wrong with any: no file, more than one, rows of
more than one day, or a failure.  serve: a line on standard input begins to
poll, the next one ends it and has it print its object on a line.
"""
import collections
import json
import os
import select
import sys
import urllib.parse

import pyarrow
import pyarrow.parquet as pq


def is_hidden(path):
    return any(part.startswith(("_", ".")) for part in path.split("/"))


class Folder:
    def __init__(self, entry):
        self.entry = entry

    def location(self):
        with open(self.entry, encoding="utf-8") as file:
            return json.load(file)["TableInput"]["StorageDescriptor"]["Location"]

    def files(self, location):
        root = urllib.parse.urlparse(location).path
        for folder, _, names in os.walk(root):
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), root)

    def read(self, location, name):
        return pq.read_table(os.path.join(urllib.parse.urlparse(location).path, name))


class Aws:
    def __init__(self, s3_endpoint, glue_endpoint, database, table):
        import boto3
        from botocore.config import Config

        keys = {
            "aws_access_key_id": os.environ["SFDW_TEST_KEY"],
            "aws_secret_access_key": os.environ["SFDW_TEST_SECRET"],
            "region_name": "us-east-1",
        }
        self.s3 = boto3.client(
            "s3", endpoint_url=s3_endpoint, config=Config(s3={"addressing_style": "path"}), **keys
        )
        self.glue = boto3.client("glue", endpoint_url=glue_endpoint, **keys)
        self.name = {"DatabaseName": database, "Name": table}

    def location(self):
        return self.glue.get_table(**self.name)["Table"]["StorageDescriptor"]["Location"]

    def files(self, location):
        url = urllib.parse.urlparse(location)
        prefix = url.path.lstrip("/")
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=url.netloc, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"][len(prefix):]

    def read(self, location, name):
        url = urllib.parse.urlparse(location)
        body = self.s3.get_object(Bucket=url.netloc, Key=url.path.lstrip("/") + name)["Body"].read()
        # Not read_table(io.BytesIO(body)): threads that hold an object of
        # Python's can outlive the interpreter, which then aborts.
        return pq.ParquetFile(pyarrow.BufferReader(body)).read(use_threads=False)


def read_once(lake):
    location = lake.location()
    files = sorted(name for name in lake.files(location) if not is_hidden(name))
    tables = [lake.read(location, name) for name in files]
    stages = collections.Counter(
        " ".join(row.split(" ")[:2]) for table in tables for row in table.column("stage").to_pylist()
    )
    columns = tables[0].schema.names if tables else []
    return {"location": location, "files": files, "columns": columns, "stages": dict(stages)}


def poll(lake):
    reads, wrong, order, rows = 0, [], [], set()
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        reads += 1
        try:
            found = read_once(lake)
            if len(found["files"]) != 1 or len(found["stages"]) != 1:
                wrong.append(found)
            order += [stage for stage in found["stages"] if order[-1:] != [stage]]
            rows.update(found["stages"].values())
        except Exception as error:  # whatever a reader would see
            wrong.append(str(error))
    return {"reads": reads, "wrong": wrong, "seen": sorted(set(order)), "order": order, "rows": sorted(rows)}


def serve(lake):
    while sys.stdin.buffer.raw.readline():
        print(json.dumps(poll(lake)), flush=True)
        sys.stdin.buffer.raw.readline()


if __name__ == "__main__":
    kind = {"folder": Folder, "aws": Aws}[sys.argv[2]]
    how = {"once": read_once, "poll": poll, "serve": serve}[sys.argv[1]]
    answer = how(kind(*sys.argv[3:]))
    if answer is not None:
        print(json.dumps(answer, sort_keys=True))
