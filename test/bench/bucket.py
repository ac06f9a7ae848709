"""A bucket on this machine for the benchmark: versitygw, by HTTP and by TLS."""
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KEY, SECRET = "AKIASFDWBENCHKEY0001", "sfdwBenchSecret/0123456789+abcdefghijklm"
BUCKET = "bench"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bucket:
    """A server of one scheme on a folder; the bucket's name is bench."""

    def __init__(self, program, folder, scheme, certificates):
        self.port, self.scheme = free_port(), scheme
        self.endpoint = f"{scheme}://localhost:{self.port}"
        self.authority = f"{certificates}/ca.pem"
        for name in ("data", "versions", "iam"):
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        tls = ["--cert", f"{certificates}/good.pem", "--key", f"{certificates}/good.key"] if scheme == "https" else []
        with open(f"{folder}/{scheme}.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [program, "--port", f"127.0.0.1:{self.port}", "--region", "us-east-1", "--iam-dir", f"{folder}/iam",
                 "--quiet", *tls, "posix", "--versioning-dir", f"{folder}/versions", f"{folder}/data"],
                stdout=log, stderr=log, env=dict(os.environ, ROOT_ACCESS_KEY=KEY, ROOT_SECRET_KEY=SECRET))
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("no S3 server")

    def client(self):
        import boto3
        from botocore.config import Config
        return boto3.client("s3", endpoint_url=self.endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                            region_name="us-east-1", verify=self.authority,
                            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"))

    def upload(self, path, key):
        client = self.client()
        if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
            client.create_bucket(Bucket=BUCKET)
            client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.upload_file(path, BUCKET, key)

    def url(self, key):
        """A URL that needs no signature, so that curl does nothing but fetch."""
        return self.client().generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=36000)

    def options(self):
        return (f"location 's3://{BUCKET}/', region 'us-east-1', endpoint '{self.endpoint}', allow_http 'true', "
                f"allow_local_endpoint 'true', addressing 'path', tls_ca_file '{self.authority}'")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def make_certificates(folder):
    os.makedirs(folder, exist_ok=True)
    subprocess.run([sys.executable, HERE + "/../servers/certificates.py", folder], check=True)
