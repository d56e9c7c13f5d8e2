"""Records to bytes and back, without loss: the form in which results are kept between stages.

A record that stands in several places (a cell in its table and in a fact) is written once. The bytes are compressed
JSON: a header with the fields of every kind of record, then the records, the inner ones first. Only the dataclasses of
this package are written and made; nothing in the bytes can name code elsewhere.
"""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeVar

FORMAT: Final = 1
R = TypeVar("R")

# Tags of values that JSON has no word for. A list is a tuple; a record is its number among the records.
_RECORD: Final = "r"
_DECIMAL: Final = "d"
_ENUM: Final = "e"


class OutdatedRecord(ValueError):
    """The bytes were written by a version whose records had other fields, or are none of ours: make them again."""


def encode(record: object) -> bytes:
    """The bytes of a record of this package; equal records with equal sharing give equal bytes.

    Raises:
        TypeError: the record holds something that is no record, tuple, decimal, enum, text, number or None.
    """
    writer = _Writer()
    root = writer.value(record)
    content = {"format": FORMAT, "kinds": writer.kinds, "records": writer.records, "root": root}
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def decode(kind: type[R], content: bytes) -> R:
    """The record that `encode` wrote.

    Fields that a newer version has added come back as their defaults.

    Raises:
        OutdatedRecord: the bytes are damaged, of another format, or of records that have changed otherwise.
    """
    try:
        read = json.loads(zlib.decompress(content))
        if read["format"] != FORMAT:
            raise OutdatedRecord(f"format {read['format']}")
        record = _Reader(read["kinds"], read["records"]).value(read["root"])
    except OutdatedRecord:
        raise
    except (ValueError, KeyError, TypeError, IndexError, zlib.error) as error:
        raise OutdatedRecord(f"not readable: {error}") from error
    if not isinstance(record, kind):
        raise OutdatedRecord(f"{type(record).__name__} instead of {kind.__name__}")
    return record


class _Writer:
    def __init__(self) -> None:
        self.kinds: list[list[Any]] = []
        self.records: list[list[Any]] = []
        self._kind_numbers: dict[type, tuple[int, tuple[str, ...]]] = {}
        # By identity: comparing whole tables for equality would cost more than writing them.
        self._numbers: dict[int, int] = {}

    def value(self, value: object) -> Any:
        if value is None or (isinstance(value, str | int | float) and not isinstance(value, Enum)):
            return value
        if isinstance(value, tuple):
            return [self.value(item) for item in value]
        if isinstance(value, Decimal):
            return {_DECIMAL: str(value)}
        if isinstance(value, Enum):
            return {_ENUM: [*_name(type(value)), value.name]}
        if is_dataclass(value) and not isinstance(value, type):
            return {_RECORD: self._record(value)}
        raise TypeError(f"{type(value).__name__} cannot be kept without loss")

    def _record(self, record: object) -> int:
        known = self._numbers.get(id(record))
        if known is not None:
            return known
        kind = type(record)
        if kind not in self._kind_numbers:
            names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
            self._kind_numbers[kind] = (len(self.kinds), names)
            self.kinds.append([*_name(kind), names])
        number, names = self._kind_numbers[kind]
        row = [number, *(self.value(getattr(record, name)) for name in names)]
        self._numbers[id(record)] = len(self.records)
        self.records.append(row)
        return len(self.records) - 1


class _Reader:
    def __init__(self, kinds: list[list[Any]], rows: list[list[Any]]) -> None:
        makers = [_maker(module, name, names) for module, name, names in kinds]
        self._records: list[Any] = []
        for number, *values in rows:
            self._records.append(makers[number]([self.value(value) for value in values]))

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self.value(item) for item in value)
        if not isinstance(value, dict):
            return value
        ((tag, content),) = value.items()
        if tag == _RECORD:
            return self._records[content]
        if tag == _DECIMAL:
            return Decimal(content)
        if tag == _ENUM:
            module, name, member = content
            return _kind(module, name)[member]
        raise OutdatedRecord(f"unknown tag {tag}")


def _maker(module: str, name: str, names: list[str]) -> Callable[[list[Any]], Any]:
    kind = _kind(module, name)
    known = {field.name for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}
    if not needed <= set(names) <= known:
        raise OutdatedRecord(f"fields of {name} have changed")
    return lambda values: kind(**dict(zip(names, values, strict=True)))


def _name(kind: type) -> tuple[str, str]:
    package, _, module = kind.__module__.partition(".")
    if package != __package__:
        raise TypeError(f"{kind.__name__} is no record of this package")
    return module, kind.__qualname__


def _kind(module: str, name: str) -> Any:
    if not module.isidentifier() or not name.isidentifier():
        raise OutdatedRecord(f"no record is called {module}.{name}")
    try:
        kind = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise OutdatedRecord(f"no record is called {module}.{name}") from error
    if not (is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, Enum))):
        raise OutdatedRecord(f"{name} is no record")
    return kind
