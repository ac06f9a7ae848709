#!/usr/bin/env python3
"""A stand-in for the job that doc/migrate.md replaces: what a pandas and
awswrangler script on AWS Glue does to buckets and catalog, seen from outside.

usage: old_job.py S3_ENDPOINT GLUE_ENDPOINT RAW_BUCKET LAKE_BUCKET PREFIX DATABASE TABLE

In its order: read every object whose name begins with PREFIX + "Account.csv" or
"Opportunity.csv"; join them; ask Glue for the table, and refuse if it lies
elsewhere; delete whatever is below PREFIX in the lake; write one file with a
random name; update or create the table; delete whatever is below PREFIX in the
raw bucket, by key: in a bucket with versions that leaves them all.

Texts stay as the exporter escaped them, words such as NA become nulls, and so
do dates that do not exist; offsets are cut off; timestamps are INT96.
"""
import csv
import datetime
import io
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
from gluetool import client as glue_client
from s3tool import client as s3_client

# What pandas takes for null.
NULLS = {"", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "-NaN", "-nan", "<NA>", "#N/A", "#NA", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"}
COLUMNS = (
    ("accountid", "string"),
    ("accountname", "string"),
    ("accountcreateddate", "timestamp"),
    ("opportunityid", "string"),
    ("opportunityname", "string"),
    ("opportunitycreateddate", "timestamp"),
    ("product_to_add__c", "string"),
)


def keys_below(s3, bucket, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def read_csv(s3, bucket, prefix):
    records = []
    for key in keys_below(s3, bucket, prefix):
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8")
        records += csv.DictReader(io.StringIO(text, newline=""))
    if not records:
        raise SystemExit(f"NoFilesFound: {prefix}")
    return [{name: None if value in NULLS else value for name, value in record.items()} for record in records]


def moment(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def join(accounts, opportunities):
    by_id = {}
    for account in accounts:
        by_id.setdefault(account["Id"], []).append(account)
    return [
        (a["Id"], a["Name"], moment(a["CreatedDate"]), o["Id"], o["Name"], moment(o["CreatedDate"]), o["Product_to_Add__c"])
        for o in opportunities
        if o["AccountId"] and o["Id"]
        for a in by_id.get(o["AccountId"], [])
    ]


def file_of(rows):
    types = [pa.string() if kind == "string" else pa.timestamp("ns") for _, kind in COLUMNS]
    arrays = [pa.array(values, type=kind) for values, kind in zip(zip(*rows), types)]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=[name for name, _ in COLUMNS]), sink, compression="snappy", use_deprecated_int96_timestamps=True)
    return sink.getvalue()


def table_input(table, location):
    words = {"classification": "parquet", "compressionType": "snappy", "typeOfData": "file"}
    return {
        "Name": table,
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**words, "projection.enabled": "false"},
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS],
            "Location": location,
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "Compressed": True,
            "NumberOfBuckets": -1,
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
            "BucketColumns": [],
            "StoredAsSubDirectories": False,
            "SortColumns": [],
            "Parameters": {"CrawlerSchemaDeserializerVersion": "1.0", **words},
        },
    }


def find_table(glue, database, table):
    try:
        return glue.get_table(DatabaseName=database, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return None


def main(s3_endpoint, glue_endpoint, raw, lake, prefix, database, table):
    s3, glue = s3_client(s3_endpoint), glue_client(glue_endpoint)
    rows = join(read_csv(s3, raw, prefix + "Account.csv"), read_csv(s3, raw, prefix + "Opportunity.csv"))
    if not rows:
        raise SystemExit("EmptyDataFrame")
    present = find_table(glue, database, table)
    location = f"s3://{lake}/{prefix}"
    if present and present["StorageDescriptor"]["Location"].rstrip("/") != location.rstrip("/"):
        raise SystemExit("InvalidArgumentValue: the table lies elsewhere")
    body = file_of(rows)
    for key in keys_below(s3, lake, prefix):
        s3.delete_object(Bucket=lake, Key=key)
    s3.put_object(Bucket=lake, Key=f"{prefix}{uuid.uuid4().hex}.snappy.parquet", Body=body)
    change = glue.update_table if present else glue.create_table
    change(DatabaseName=database, TableInput=table_input(table, location), **({"SkipArchive": True} if present else {}))
    for key in keys_below(s3, raw, prefix):
        s3.delete_object(Bucket=raw, Key=key)


if __name__ == "__main__":
    main(*sys.argv[1:])
