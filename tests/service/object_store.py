"""A real S3 server on loopback that examines signatures, behind a line that a test can cut."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import requests
from moto.server import ThreadedMotoServer

from service.s3 import ObjectBlobs, s3_store
from service.settings import Settings
from tests.service.waiting import PATIENCE_S

BUCKET = "caishen-test"


@dataclass
class Line:
    """Passes bytes on to the server; after `left` bytes towards either side it is cut, until it is mended.

    Attributes:
        left: None for any number.
        connections: that were made.
    """

    server: tuple[str, int]
    listener: socket.socket
    left: int | None = None
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accepts until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.connections += 1
                if self.left is not None and self.left <= 0:
                    near.close()
                    continue
                far = socket.create_connection(self.server)
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(1 << 16):
                with self.lock:
                    if self.left is not None:
                        self.left -= len(content)
                        if self.left <= 0:
                            break
                target.sendall(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()


@dataclass(frozen=True)
class S3:
    """The server, with one bucket and one user who may use it."""

    line: Line
    access_key: str
    secret_key: str

    def settings(self, folder: Path, **changes: Any) -> Settings:
        """An installation whose blobs lie there."""
        given = {
            "blob_url": f"s3://{BUCKET}/财审",
            "s3_endpoint": self.line.address,
            "s3_access_key": self.access_key,
            "s3_secret_key": self.secret_key,
            **changes,
        }
        return Settings(data_dir=folder, disk_floor_bytes=0, **given)

    def blobs(self, folder: Path, **changes: Any) -> ObjectBlobs:
        settings = self.settings(folder, **changes)
        return ObjectBlobs(s3_store(settings), settings.root / "incoming")


@contextmanager
def s3_server() -> Iterator[S3]:
    """A server that runs while the block does."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        # What an earlier server of this process held is still there.
        requests.post(f"{address}/moto-api/reset", timeout=PATIENCE_S).raise_for_status()
        given = {"endpoint_url": address, "aws_access_key_id": "set-up", "aws_secret_access_key": "set-up"}
        iam = boto3.client("iam", region_name="us-east-1", **given)
        iam.create_user(UserName="caishen")
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}*"]}],
        }
        iam.put_user_policy(UserName="caishen", PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="caishen")["AccessKey"]
        boto3.client("s3", region_name="us-east-1", **given).create_bucket(Bucket=BUCKET)
        # From now on requests are let in by their signature only.
        requests.post(f"{address}/moto-api/reset-auth", data="0", timeout=PATIENCE_S).raise_for_status()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            line = Line((host, port), listener)
            thread = threading.Thread(target=line.serve)
            thread.start()
            yield S3(line, key["AccessKeyId"], key["SecretAccessKey"])
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    finally:
        requests.post(f"{address}/moto-api/reset-auth", data="inf", timeout=PATIENCE_S)
        server.stop()
