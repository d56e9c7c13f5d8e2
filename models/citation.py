"""Where a rule gets its authority from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """A law, a regulation or a published convention.

    Attributes:
        title: as it is cited in a working paper, such as `《中华人民共和国预算法》`.
        clause: such as `第十四条`; empty when the whole text is meant.
    """

    title: str
    clause: str = ""

    def __str__(self) -> str:
        return f"{self.title}{self.clause}"
