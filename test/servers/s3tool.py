#!/usr/bin/env python3
"""What tests do to a bucket from outside, with AWS's own client.

usage: s3tool.py ENDPOINT make BUCKET [Enabled|Suspended|Locked]
       s3tool.py ENDPOINT versioning BUCKET Enabled|Suspended
       s3tool.py ENDPOINT put BUCKET KEY FILE       prints the version id
       s3tool.py ENDPOINT put-all BUCKET PREFIX FOLDER NAME...
       s3tool.py ENDPOINT put-many BUCKET PREFIX KEYS VERSIONS MARKERS
           so many keys with so many versions each, and a delete marker on the
           first of them
       s3tool.py ENDPOINT get BUCKET KEY FILE
       s3tool.py ENDPOINT get-all BUCKET PREFIX FOLDER   not what is hidden
       s3tool.py ENDPOINT mark BUCKET KEY           a delete marker
       s3tool.py ENDPOINT begin BUCKET KEY          an upload that is not ended
       s3tool.py ENDPOINT list BUCKET [PREFIX]      key, size, kind, latest?
       s3tool.py ENDPOINT versions BUCKET [PREFIX]  with ids and ETags
       s3tool.py ENDPOINT keys BUCKET               as JSON
       s3tool.py ENDPOINT uploads BUCKET [PREFIX]
       s3tool.py ENDPOINT rule BUCKET FILE          a bucket policy
       s3tool.py ENDPOINT hold BUCKET KEY ON|OFF    a legal hold
       s3tool.py ENDPOINT presign BUCKET KEY        an URL to put to, for hours
       s3tool.py ENDPOINT thin BUCKET               deletes what is not the latest
       s3tool.py ENDPOINT release BUCKET KEY VERSION   no hold any more
       s3tool.py ENDPOINT retain BUCKET KEY MODE SECONDS
       s3tool.py ENDPOINT delete BUCKET KEY VERSION
       s3tool.py ENDPOINT text BUCKET               all there is to read in it:
           keys, metadata and bytes of every version, and Parquet decoded

Keys are those of the tests' servers, from the environment.
"""
import concurrent.futures
import datetime
import io
import json
import os
import sys

import boto3
import urllib3
from botocore.config import Config

urllib3.disable_warnings()


def client(endpoint):
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=os.environ["SFDW_TEST_KEY"],
        aws_secret_access_key=os.environ["SFDW_TEST_SECRET"],
        region_name="us-east-1",
        # Looks in from outside, also at servers whose certificates are wrong.
        verify=False,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def make(s3, bucket, versioning=None):
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=versioning == "Locked")
    if versioning == "Locked":
        return
    if versioning:
        set_versioning(s3, bucket, versioning)


def set_versioning(s3, bucket, state):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})


def put(s3, bucket, key, path):
    with open(path, "rb") as file:
        print(s3.put_object(Bucket=bucket, Key=key, Body=file.read()).get("VersionId", ""))


def put_all(s3, bucket, prefix, folder, *names):
    for name in names:
        s3.upload_file(os.path.join(folder, name), bucket, prefix + name)


def put_many(s3, bucket, prefix, key_count, version_count, marker_count):
    def put_key(number):
        for version in range(int(version_count)):
            s3.put_object(Bucket=bucket, Key=f"{prefix}{number:04}.csv", Body=f"{version}")
        if number < int(marker_count):
            s3.delete_object(Bucket=bucket, Key=f"{prefix}{number:04}.csv")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(put_key, range(int(key_count))))


def get(s3, bucket, key, path):
    s3.download_file(bucket, key, path)


def get_all(s3, bucket, prefix, folder):
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        name = item["Key"][len(prefix) :]
        if not name.startswith(("_", ".")):
            s3.download_file(bucket, item["Key"], os.path.join(folder, name))


def mark(s3, bucket, key):
    s3.delete_object(Bucket=bucket, Key=key)


def begin(s3, bucket, key):
    print(s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])


def list_versions(s3, bucket, prefix=""):
    lines = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for kind in ("Versions", "DeleteMarkers"):
            for item in page.get(kind, []):
                latest = "latest" if item["IsLatest"] else "old"
                lines.append(f"{item['Key']}|{item.get('Size', 0)}|{kind[:-1]}|{latest}")
    print("\n".join(sorted(lines)))


def versions(s3, bucket, prefix=""):
    lines = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for kind in ("Versions", "DeleteMarkers"):
            for item in page.get(kind, []):
                lines.append(f"{item['Key']}|{item['VersionId']}|{item.get('ETag', '')}|{kind[:-1]}|{item['IsLatest']}")
    print("\n".join(sorted(lines)))


def keys(s3, bucket):
    found = [item["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for item in page.get("Contents", [])]
    print(json.dumps(sorted(found)))


def uploads(s3, bucket, prefix=""):
    for item in s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []):
        print(item["Key"])


def rule(s3, bucket, path):
    with open(path, encoding="utf-8") as file:
        s3.put_bucket_policy(Bucket=bucket, Policy=file.read())


def hold(s3, bucket, key, state):
    s3.put_object_legal_hold(Bucket=bucket, Key=key, LegalHold={"Status": state})


def presign(s3, bucket, key):
    print(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=24 * 3600))


def thin(s3, bucket):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in page.get("Versions", []):
            if not item["IsLatest"]:
                s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])


def release(s3, bucket, key, version):
    s3.put_object_legal_hold(Bucket=bucket, Key=key, VersionId=version, LegalHold={"Status": "OFF"})


def retain(s3, bucket, key, mode, seconds):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=int(seconds))
    s3.put_object_retention(Bucket=bucket, Key=key, Retention={"Mode": mode, "RetainUntilDate": until})


def delete(s3, bucket, key, version):
    s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def text(s3, bucket):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in page.get("Versions", []) + page.get("DeleteMarkers", []):
            print(item["Key"], item["VersionId"])
        for item in page.get("Versions", []):
            answer = s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
            body = answer.pop("Body").read()
            print(answer)
            print(body.decode("latin-1"))
            if body[:4] == b"PAR1":
                print_parquet(io.BytesIO(body))


def print_parquet(file):
    import pyarrow.parquet

    parquet = pyarrow.parquet.ParquetFile(file)
    print(parquet.schema, parquet.metadata.metadata)
    for group in range(parquet.metadata.num_row_groups):
        for column in range(parquet.metadata.num_columns):
            print(parquet.metadata.row_group(group).column(column).statistics)
    for batch in parquet.iter_batches():
        print(batch.to_pylist())


COMMANDS = {
    "make": make,
    "versioning": set_versioning,
    "put": put,
    "put-all": put_all,
    "put-many": put_many,
    "get": get,
    "get-all": get_all,
    "mark": mark,
    "begin": begin,
    "list": list_versions,
    "versions": versions,
    "keys": keys,
    "uploads": uploads,
    "rule": rule,
    "hold": hold,
    "presign": presign,
    "thin": thin,
    "release": release,
    "retain": retain,
    "delete": delete,
    "text": text,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[2]](client(sys.argv[1]), *sys.argv[3:])
