"""Blobs in an object store such as an S3 bucket; the same promises as on a local disk."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore, S3Store

from models.errors import MissingResource
from service.blobs import NAME, checked, damaged, missing
from service.settings import Settings

if TYPE_CHECKING:
    from obstore.store import RetryConfig

_CHUNK: Final = 8 << 20
_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_REFUSALS: Final = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "RequestTimeTooSkewed"})
# One request with its body. A part of an upload has 5 MiB, and what is read comes in one piece of up to 512 MiB.
_REQUEST_LASTS: Final = "300s"
# Someone waits for the answer to an upload: a store that is away is told of soon, and the upload is sent again.
_RETRIES: Final[RetryConfig] = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


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
            # The answer to HEAD has no body: it may as well be the whole bucket that is gone.
            with _told():
                next(iter(obstore.list(self._store, chunk_size=1)), None)
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
        client_options={"allow_http": allow_http, "connect_timeout": "5s", "timeout": _REQUEST_LASTS},
        retry_config=_RETRIES,
        **options,
    )


def _path(sha256: str) -> str:
    if not NAME.fullmatch(sha256):
        raise missing(sha256)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextmanager
def _told(sha256: str = "") -> Iterator[None]:
    """Errors of the object store as ours.

    A blob that is not there is `NotFound` where `sha256` names it, else `FileNotFoundError` passes. A bucket that is
    not there is neither: nothing may be taken for lost because of it.
    """
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in _codes(error):
            raise _unusable(error) from error
        if sha256:
            raise missing(sha256) from error
        raise
    except BaseError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> MissingResource:
    """What is wrong with the store as a whole, and what to do."""
    codes = _codes(error)
    if "NoSuchBucket" in codes:
        return MissingResource("对象存储里没有 CAISHEN_BLOB_URL 所指的桶", "请建立这个桶，或改正 CAISHEN_BLOB_URL")
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or codes & _REFUSALS:
        reason = f"对象存储拒绝访问（{'、'.join(sorted(codes)) or '没有说明'}）"
        return MissingResource(reason, "请检查 CAISHEN_S3_ACCESS_KEY、CAISHEN_S3_SECRET_KEY 和桶的权限")
    if codes:
        return MissingResource(f"对象存储回答了错误（{'、'.join(sorted(codes))}）", "请检查对象存储")
    reason = str(error).strip().partition("\n")[0]
    return MissingResource(
        f"连不上对象存储（{reason[:200]}）", "请检查 CAISHEN_S3_ENDPOINT 和网络，以及对象存储是否在运行"
    )


def _codes(error: Exception) -> frozenset[str]:
    """The codes by which S3 says what is wrong; they stand in the text of the error only."""
    return frozenset(_CODE.findall(str(error)))
