"""Forms with files are read as they arrive, however the network cuts them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputTooLarge, RequestError
from service.api.multipart import Chunk, Event, Field, FileEnd, FileStart, boundary_of, read_multipart

TYPE = "multipart/form-data; boundary=edge"
CONTENT = bytes(range(256)) * 5 + b"\r\n--edg\r\n--"
FORM = (
    b'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nabc\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="files"; filename="C:\\\\x\\\\' + "预算.pdf".encode() + b'"\r\n'
    b"Content-Type: application/pdf\r\n\r\n" + CONTENT + b"\r\n--edge--\r\n"
)


def read(body: bytes, cuts: list[int], content_type: str = TYPE) -> list[Event]:
    async def stream() -> AsyncIterator[bytes]:
        edges = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
        for start, end in itertools.pairwise(edges):
            yield body[start:end]

    async def collect() -> list[Event]:
        return [event async for event in read_multipart(stream(), content_type)]

    return asyncio.run(collect())


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(FORM)), max_size=12))
def test_a_form_reads_the_same_however_it_is_cut(cuts: list[int]) -> None:
    events = read(FORM, cuts)
    assert events[0] == Field("csrf", "abc")
    assert events[1] == FileStart("files", "预算.pdf")
    assert b"".join(event.data for event in events if isinstance(event, Chunk)) == CONTENT
    assert events[-1] == FileEnd()


@settings(derandomize=True, max_examples=120, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(FORM)))
def test_a_broken_form_is_refused_and_breaks_nothing(noise: bytes, at: int) -> None:
    with contextlib.suppress(RequestError, InputTooLarge):
        read(FORM[:at] + noise, [at])


def test_a_form_that_breaks_off_is_no_form() -> None:
    with pytest.raises(RequestError):
        read(FORM[:-4], [])


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300]
)
def test_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(RequestError):
        boundary_of(content_type)


def test_fields_are_short() -> None:
    with pytest.raises(InputTooLarge):
        read(b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 5000, [])


def test_parts_are_few() -> None:
    part = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    with pytest.raises(InputTooLarge):
        read(part * 5001 + b"--edge--\r\n", [])
