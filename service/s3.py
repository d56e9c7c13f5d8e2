"""Blobs in an object store such as an S3 bucket; the same promises as on a local disk."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from models.errors import MissingResource
from service.blobs import NAME, checked, damaged, missing
from service.settings import Settings

_CHUNK: Final = 8 << 20


class ObjectBlobs:
    """Blobs as objects `ab/cd/abcd…` of one store.

    Args:
        store: of obstore.
        incoming: a local folder for files on their way in and out.
    """

    def __init__(self, store: ObjectStore, incoming: Path) -> None:
        self._store: Final = store
        self.incoming = incoming
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def adopt(self, file: Path, sha256: str) -> None:
        with _told(), file.open("rb") as stream:
            obstore.put(self._store, _path(sha256), stream)
        file.unlink()

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with _told():
            obstore.put(self._store, _path(sha256), content)
        return sha256

    def read(self, sha256: str) -> bytes:
        with _told(sha256):
            content = bytes(obstore.get(self._store, _path(sha256)).bytes())
        return checked(content, sha256)

    @contextmanager
    def as_file(self, sha256: str) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile(dir=self.incoming) as file:
            digest = hashlib.sha256()
            with _told(sha256):
                for chunk in obstore.get(self._store, _path(sha256)).stream(min_chunk_size=_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != sha256:
                raise damaged(sha256)
            file.flush()
            yield Path(file.name)

    def has(self, sha256: str) -> bool:
        try:
            with _told():
                obstore.head(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        return True

    def remove(self, sha256: str) -> None:
        with _told():
            obstore.delete(self._store, _path(sha256))

    def names(self, before: datetime | None = None) -> Iterator[str]:
        with _told():
            for batch in obstore.list(self._store):
                for entry in batch:
                    if before is None or entry["last_modified"] < before:
                        yield entry["path"].rpartition("/")[2]


def s3_store(settings: Settings) -> ObjectStore:
    """The bucket and prefix that the settings name; without keys those of the machine are used."""
    bucket, _, prefix = settings.blob_url.removeprefix("s3://").partition("/")
    options: dict[str, Any] = {"region": settings.s3_region}
    if settings.s3_endpoint:
        options["endpoint"] = settings.s3_endpoint
        options["virtual_hosted_style_request"] = False
    if settings.s3_access_key:
        options["access_key_id"] = settings.s3_access_key
        options["secret_access_key"] = settings.s3_secret_key.get_secret_value()
    allow_http = settings.s3_endpoint.startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        client_options={"allow_http": allow_http, "timeout": "60s"},
        **options,
    )


def _path(sha256: str) -> str:
    if not NAME.fullmatch(sha256):
        raise missing(sha256)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextmanager
def _told(sha256: str = "") -> Iterator[None]:
    """Errors of the object store as ours.

    A blob that is not there is `NotFound` where `sha256` names it, else `FileNotFoundError` passes.
    """
    try:
        yield
    except FileNotFoundError as error:
        if sha256:
            raise missing(sha256) from error
        raise
    except BaseError as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise MissingResource(f"对象存储无法使用（{reason}）", "请检查 CAISHEN_BLOB_URL、密钥和网络") from error
