"""Moto's server in the place of S3, which checks signatures and keys as Amazon does; it is filled and changed by boto3, not by us."""

import json
import secrets
import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.errors import AuthenticationError
from tests.live.proof import System
from tests.live.systems.environment import environment
from tests.live.systems.papers import beginning, papers
from tests.live.systems.process import free_port, running

PACKAGES = ("moto[s3,iam,server]>=5,<6",)
BUCKET = "papers"

#: Answers lines of JSON `[name of an act, arguments]` with boto3, by the server's own Python.
CLIENT = """
import base64, json, sys, urllib.request
import boto3

url, bucket = sys.argv[1:]
def client(service, key="admin", secret="admin"):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)

everything = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
iam = client("iam")
for name in ("admin", "reader"):
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=everything)
made = iam.create_access_key(UserName="admin")["AccessKey"]
admin = (made["AccessKeyId"], made["SecretAccessKey"])
iam, s3 = client("iam", *admin), client("s3", *admin)
s3.create_bucket(Bucket=bucket)
plain = {"Content-Type": "text/plain"}
urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers=plain, method="POST"))

def put(path, content):
    s3.put_object(Bucket=bucket, Key=path, Body=base64.b64decode(content))

def delete(path):
    s3.delete_object(Bucket=bucket, Key=path)

def truth():
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    return {key: base64.b64encode(s3.get_object(Bucket=bucket, Key=key)["Body"].read(120)).decode() for key in keys}

def make():
    made = iam.create_access_key(UserName="reader")["AccessKey"]
    return made["AccessKeyId"] + ":" + made["SecretAccessKey"]

def expire(besides=""):
    for one in iam.list_access_keys(UserName="reader")["AccessKeyMetadata"]:
        if one["AccessKeyId"] != besides:
            iam.delete_access_key(UserName="reader", AccessKeyId=one["AccessKeyId"])

for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(globals()[name](*arguments)), flush=True)
"""


@contextmanager
def moto() -> Iterator["Moto"]:
    """A store whose bucket holds the papers, until the block is left."""
    programs = environment("moto", PACKAGES)
    with tempfile.TemporaryDirectory(prefix="crosswalk-moto-") as here:
        port = free_port()
        with running([str(programs / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port, Path(here)):
            url = f"http://127.0.0.1:{port}"
            command = [str(programs / "python"), "-c", CLIENT, url, BUCKET]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
                system = Moto(url, client)
                for path, content in papers().items():
                    system.put(path, content)
                system.rotate()
                yield system
                client.terminate()


class Moto(System):
    kind, stream, streams = "s3", "files", ("files",)
    refused = AuthenticationError

    def __init__(self, url: str, client: "subprocess.Popen[str]") -> None:
        self.url, self.client, self.key = url, client, ""

    def toml(self, page: int, per_second: float) -> str:
        """A page costs a request for each of its files."""
        return f'url = "{self.url}"\nbucket = "{BUCKET}"\npage_size = {page}\nrequests_per_second = {per_second * page}'

    def secret(self) -> str:
        return self.key

    def truth(self) -> Mapping[str, str]:
        return {path: beginning(b64decode(content)) for path, content in self._do("truth").items()}

    def create(self, name: str) -> str:
        path = f"new/file {secrets.token_hex(4)} + ü.md"
        self.update(path, name)
        return path

    def update(self, key: str, name: str) -> None:
        self.put(key, name.encode())

    def delete(self, key: str) -> None:
        self._do("delete", key)

    def expire(self) -> None:
        self._do("expire")

    def rotate(self) -> None:
        """As Amazon advises: the new key is in its place before the old one ends, for a sync reads on meanwhile."""
        self.key = self._do("make")
        self.tell()
        self._do("expire", self.key.partition(":")[0])

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return beginning(body)

    def put(self, path: str, content: bytes) -> None:
        self._do("put", path, b64encode(content).decode())

    def _do(self, name: str, *arguments: str) -> Any:
        assert self.client.stdin is not None
        assert self.client.stdout is not None
        self.client.stdin.write(json.dumps([name, arguments]) + "\n")
        self.client.stdin.flush()
        return json.loads(self.client.stdout.readline())
