"""Rows to records, and the marks by which a list goes on."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement

from models.errors import SettingsError
from service.schema import Base

R = TypeVar("R")
# What the databases take as a whole number.
_LARGEST: Final = 2**63 - 1


def columns(record: type[Any], row: type[Base]) -> list[Any]:
    """The mapped columns that a record is made of, in its order."""
    return [getattr(row, field.name) for field in fields(record)]


def records(record: type[R], rows: Iterable[Sequence[Any]]) -> tuple[R, ...]:
    """Records of rows that were selected by `columns`."""
    return tuple(record(*row) for row in rows)


def mark(*values: object) -> str:
    """Where a list goes on, as text for an address."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_mark(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The values of a mark.

    Raises:
        SettingsError: the text is no mark of this list.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _no_mark() from error
    if not isinstance(values, list) or len(values) != len(kinds):
        raise _no_mark()
    return tuple(_part(value, kind) for value, kind in zip(values, kinds, strict=True))


def _part(value: object, kind: type) -> Any:
    """A part of a mark, of the kind that the list is ordered by; moments are written as text."""
    if kind is datetime and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _no_mark() from error
        if moment.tzinfo is not None:
            return moment
    elif type(value) is kind and not (isinstance(value, int) and abs(value) > _LARGEST):
        return value
    raise _no_mark()


def portions(values: Sequence[R]) -> Iterator[Sequence[R]]:
    """A few values at a time: a statement takes a limited number of them."""
    for start in range(0, len(values), 1000):
        yield values[start : start + 1000]


def any_of(column: Any, values: Sequence[object]) -> list[ColumnElement[bool]]:
    """The condition that `column` is one of `values`; none when they are empty."""
    if not values:
        return []
    return [column == values[0]] if len(values) == 1 else [column.in_(values)]


def _no_mark() -> SettingsError:
    return SettingsError("列表的翻页位置无效", "请从列表第一页重新开始")
