"""Quotation marks inside quotation marks, as Chinese is printed."""

from __future__ import annotations

_OPENING, _CLOSING = ("“", "‘"), ("”", "’")


def nested_quotes(text: str) -> str:
    """The text with single marks inside double ones and double ones inside those (GB/T 15834-2011, 4.8).

    What a document prints is quoted here together with its own marks: “按““三公”经费合计”” is hard to follow. A text
    whose double marks do not pair is returned as it is, and so is one with single marks already inside.
    """
    changed: list[str] = []
    depth = 0
    for character in text:
        if character == "“":
            changed.append(_OPENING[depth % 2])
            depth += 1
        elif character == "”":
            depth -= 1
            if depth < 0:
                return text
            changed.append(_CLOSING[depth % 2])
        elif character in "‘’" and depth:
            return text
        else:
            changed.append(character)
    return text if depth else "".join(changed)
