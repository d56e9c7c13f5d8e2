"""Answers that a caller who has them already need not be sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel


def etag(*parts: object) -> str:
    """A strong tag of what determines an answer."""
    return '"' + hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32] + '"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has the answer with this tag."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in given.split(",")}


def not_modified(tag: str, *, private: bool = True) -> Response:
    """The empty answer to a caller who has it."""
    return Response(status_code=304, headers=caching(tag, private=private))


def caching(tag: str, *, private: bool = True) -> Mapping[str, str]:
    """Headers by which a browser keeps an answer and asks every time whether it still holds."""
    return {"ETag": tag, "Cache-Control": "private, no-cache" if private else "no-cache"}


def tagged_json(request: Request, content: BaseModel) -> Response:
    """A shape as JSON with a tag of its text, or nothing where the caller has it."""
    text = content.model_dump_json()
    tag = etag(text)
    if is_known(request, tag):
        return not_modified(tag)
    return Response(text, media_type="application/json", headers=dict(caching(tag)))
