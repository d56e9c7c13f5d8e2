"""Reads `multipart/form-data` as it arrives: small fields into memory, files chunk by chunk to whoever stores them.

The framework's own form parser writes whole bodies to the temporary directory first and knows no limit on their size.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from models.errors import InputTooLarge, RequestError

_LONGEST_FIELD: Final = 4096
_MOST_PARTS: Final = 5000


@dataclass(frozen=True, slots=True)
class Field:
    """A form field other than a file."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FileStart:
    """A file begins; its bytes follow as `Chunk`s until its `FileEnd`.

    Attributes:
        name: of the form field.
        filename: as the browser gave it, without a folder; may be empty.
    """

    name: str
    filename: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes of the file that began last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class FileEnd:
    """The file that began last is complete."""


Event = Field | FileStart | Chunk | FileEnd


class _Collector:
    """Turns the parser's callbacks into events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.parts = 0
        self.is_complete = False
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._name = ""
        self._is_file = False
        self._field = b""

    def on_part_begin(self) -> None:
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise InputTooLarge(f"一次提交超过 {_MOST_PARTS} 个部分", "请分几次上传")
        self._disposition = self._header = self._value = self._field = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        filename = options.get(b"filename")
        self._is_file = filename is not None
        if filename is not None:
            self.events.append(FileStart(self._name, _last_part(filename.decode("utf-8", "replace"))))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.events.append(Chunk(data[start:end]))
            return
        self._field += data[start:end]
        if len(self._field) > _LONGEST_FIELD:
            raise InputTooLarge(f"表单项“{self._name}”过长", f"请缩短到 {_LONGEST_FIELD} 字节以内")

    def on_part_end(self) -> None:
        if self._is_file:
            self.events.append(FileEnd())
        else:
            self.events.append(Field(self._name, self._field.decode("utf-8", "replace")))

    def on_end(self) -> None:
        self.is_complete = True


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type header names.

    Raises:
        RequestError: the header is not that of a form with files.
    """
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or len(boundary) > 200:
        raise RequestError("请求不是 multipart/form-data 表单", "请检查 Content-Type 头")
    return boundary.encode("latin-1", "replace")


async def read_multipart(stream: AsyncIterator[bytes], content_type: str) -> AsyncIterator[Event]:
    """The parts of a form in the order sent; never holds more than one network chunk of a file.

    Raises:
        RequestError: not such a form, or one that breaks off or is malformed.
        InputTooLarge: too many parts, or a field of more than 4 KiB.
    """
    collector = _Collector()
    names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data", "part_end")
    parser = MultipartParser(
        boundary_of(content_type),
        {f"on_{name}": getattr(collector, f"on_{name}") for name in (*names, "end")},  # type: ignore[arg-type]
    )
    try:
        async for data in stream:
            parser.write(data)
            events, collector.events = collector.events, []
            for event in events:
                yield event
        parser.finalize()
    except FormParserError as error:
        raise RequestError("表单内容残缺或格式不对", "请重新提交") from error
    if not collector.is_complete:
        raise RequestError("表单没有传完", "请重新提交")


def _last_part(filename: str) -> str:
    """Browsers give a bare name; some programs a whole path, with either slash."""
    return filename.replace("\\", "/").rpartition("/")[2]
