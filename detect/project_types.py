"""Names of projects to the kind of work they pay for: only projects of one kind are compared with each other."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from detect.wording import plain


@dataclass(frozen=True, slots=True)
class ProjectType:
    """One line of `vocabulary/project_types.csv`.

    Attributes:
        name: Chinese.
        words, not_words: patterns that the name of a project must and must not match.
        units: in which its work is counted, the most telling first.
    """

    name: str
    words: re.Pattern[str]
    not_words: re.Pattern[str] | None
    units: tuple[str, ...]


@lru_cache(maxsize=1)
def project_types() -> tuple[ProjectType, ...]:
    """Every type, in the order of the file."""
    text = resources.files("detect.vocabulary").joinpath("project_types.csv").read_text(encoding="utf-8")
    return tuple(
        ProjectType(
            row["type"],
            re.compile(row["words"]),
            re.compile(row["not_words"]) if row["not_words"] else None,
            tuple(row["units"].split("|")),
        )
        for row in csv.DictReader(text.splitlines())
    )


def type_of(project: str) -> ProjectType | None:
    """The one type that a project's name speaks of; None when it speaks of none, or of several."""
    name = plain(project)
    found = [
        kind
        for kind in project_types()
        if kind.words.search(name) and not (kind.not_words and kind.not_words.search(name))
    ]
    return found[0] if len(found) == 1 else None
