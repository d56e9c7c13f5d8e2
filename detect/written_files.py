"""Files that people write (TOML, CSV) to checked records; what is wrong with them, in Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

_SHOWN_VALUE = 40
_AT = re.compile(r"line (\d+), column (\d+)")
Words = TypeVar("Words", bound=BaseModel)


class Strict(BaseModel):
    """A record that knows all of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        file: as it was given, or found from there.
        key: where in the file (`thresholds.ND001.min_fields`, `第3行 high`); empty for the whole file.
        reason: Chinese, what is wrong.
        remedy: Chinese, what to do.
    """

    file: Path
    key: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = f"“{self.file}”{f' 的 {self.key}' if self.key else ''}"
        return f"{where}：{self.reason}。{self.remedy}。"


class Problems(list[Problem]):
    """What was found wrong so far."""

    def wrong(self, file: Path, key: str, reason: str, remedy: str) -> None:
        self.append(Problem(file, key, reason, remedy))


def read_text(file: Path, found: Problems) -> str | None:
    """The text of a UTF-8 file; None, and a problem, where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        found.wrong(file, "", "没有这个文件", "请检查路径；相对路径从写它的文件所在的文件夹算起")
    except UnicodeDecodeError:
        found.wrong(file, "", "不是 UTF-8 编码", "请用编辑器另存为 UTF-8（Excel 选“CSV UTF-8”）")
    except OSError as error:
        found.wrong(file, "", f"不能读取（{error.strerror or error}）", "请检查路径和读取权限")
    return None


def read_toml(file: Path, found: Problems) -> dict[str, Any] | None:
    """The content of a TOML file, decimals exact; None, and a problem, where it is none."""
    text = read_text(file, found)
    if text is None:
        return None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        place = _AT.search(str(error))
        where = f"第{place.group(1)}行第{place.group(2)}列" if place else "文件末尾"
        found.wrong(
            file, where, "TOML 写法不对", '请检查这一处：文字要加双引号，列表写作 ["甲", "乙"]，同一个键只能写一次'
        )
        return None


def read_words(file: Path, kind: type[Words], found: Problems) -> Words | None:
    """A TOML file as a record; None, and its problems, where it is none."""
    words = read_toml(file, found)
    return None if words is None else validated(file, words, kind, found)


def validated(file: Path, words: Mapping[str, Any], kind: type[Words], found: Problems) -> Words | None:
    """Content as a record; None, and a problem for every wrong key, where it is none."""
    try:
        return kind.model_validate(words)
    except ValidationError as error:
        for item in error.errors():
            key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
            found.wrong(file, key, *_in_chinese(item["type"], item["input"], item.get("ctx", {}), kind, item["loc"]))
    return None


def _in_chinese(
    kind: str, given: object, context: Mapping[str, Any], model: type[BaseModel], place: Sequence[int | str]
) -> tuple[str, str]:
    shown = str(given)[:_SHOWN_VALUE]
    if kind == "extra_forbidden":
        known = f"这里可以写的有：{'、'.join(model.model_fields)}" if len(place) == 1 else "请删去，或检查拼写"
        return "不认识这个键", known
    if kind == "missing":
        return "缺少这个键", "请补上"
    if kind == "literal_error":
        return f"“{shown}”不在可选的值里", f"只能是 {str(context.get('expected', '')).replace(' or ', '、')}"
    if kind.startswith(("decimal", "int", "float", "finite")):
        return f"“{shown}”不是数字", "请填数字，不加引号"
    if kind.startswith("string"):
        return f"“{shown}”不是文字", "请用双引号括起来"
    if kind.startswith(("tuple", "list")):
        return f"“{shown}”不是列表", '请写作 ["甲", "乙"]'
    if kind.startswith(("model", "dict")):
        return f"“{shown}”不是一组设置", "请写作 [名称] 加下面各行 键 = 值"
    return f"写法不对（{context.get('error', kind)}）", "请对照 docs/settings.md 的例子"
