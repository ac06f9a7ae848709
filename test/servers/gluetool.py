#!/usr/bin/env python3
"""Ask the Glue of the tests from outside, with AWS's own client.

usage: gluetool.py ENDPOINT OPERATION ARGUMENTS

OPERATION is a method of boto3's ("get_table"), ARGUMENTS are JSON; prints the
answer as JSON, or the code of the error.
"""
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError


def client(endpoint):
    return boto3.client(
        "glue",
        endpoint_url=endpoint,
        aws_access_key_id=os.environ["SFDW_TEST_KEY"],
        aws_secret_access_key=os.environ["SFDW_TEST_SECRET"],
        region_name="us-east-1",
    )


def main(endpoint, operation, arguments):
    try:
        answer = getattr(client(endpoint), operation)(**json.loads(arguments))
    except ClientError as error:
        answer = {"error": error.response["Error"]["Code"]}
    answer.pop("ResponseMetadata", None)
    print(json.dumps(answer, default=str, sort_keys=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
