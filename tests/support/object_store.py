"""A real S3-compatible server in a process of its own: moto's, whose objects are in its memory."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.support.servers import Server, folder_of_server, free_port, running

SECRET = "s3cret-of-the-bucket"
_KEY = "key-of-the-service"


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket with files below a prefix, and the settings of programs that use it."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        return f"s3://{self.name}/files"

    @property
    def setting(self) -> dict[str, str]:
        return {"ETL_MONITOR_STORAGE_URL": self.url, **credentials(self.server)}

    @property
    def client(self) -> Any:
        return _client(self.server)

    def make(self) -> None:
        self.client.create_bucket(Bucket=self.name)

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"files/{name}", Body=content)

    def remove(self, name: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=f"files/{name}")

    def names(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return [key.removeprefix("files/") for key in keys]

    def contents(self) -> dict[str, bytes]:
        return {name: self.content(name) for name in self.names()}

    def content(self, name: str) -> bytes:
        found = self.client.get_object(Bucket=self.name, Key=f"files/{name}")
        content: bytes = found["Body"].read()
        return content

    def deny_all(self) -> None:
        resources = [f"arn:aws:s3:::{self.name}", f"arn:aws:s3:::{self.name}/*"]
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client.put_bucket_policy(Bucket=self.name, Policy=policy)


@contextmanager
def running_s3() -> Iterator[Server]:
    with folder_of_server("s3") as folder:
        port = free_port()
        program = str(Path(sys.executable).with_name("moto_server"))
        command = [program, "-H", "127.0.0.1", "-p", str(port)]
        with running(Server(name="s3", command=command, folder=folder, port=port)) as server:
            yield server


def new_bucket(server: Server) -> Bucket:
    bucket = Bucket(server=server, name=f"etl-{os.urandom(6).hex()}")
    bucket.make()
    return bucket


def credentials(server: Server) -> dict[str, str]:
    """Return what the environment of a program holds that uses the server."""
    return {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.port}",
        "AWS_ACCESS_KEY_ID": _KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _client(server: Server) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        aws_access_key_id=_KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
