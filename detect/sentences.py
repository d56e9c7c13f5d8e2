"""What a rule saw in a sentence to a finding, with the verdict on the reading from the lines that print it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detect.claims import Mention
from detect.prose import Passage
from detect.reconcile import SURE
from detect.registry import Rule
from models.document import Document
from models.finding import Evidence, Finding, Severity

LONGEST_NAME = 24
_BEFORE = re.compile(
    r"^(?:.*?20\d\d年(?:度)?|[（(][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[.、．]|[^，。]{2,20}(?:局|委员会|中心)(?=.{4}))?"
    r"(?:其中[：:]?|和|收入包括)?"
)


def trust(document: Document, passage: Passage) -> float:
    """Probability that every line of the passage is read right."""
    return min(document.blocks[index].confidence for index in passage.blocks)


def where(document: Document, passage: Passage) -> str:
    """How messages call the place of a passage: its section, or its page."""
    return passage.section or passage.part or f"第{document.blocks[passage.blocks[0]].page + 1}页正文"


def thing(mention: Mention) -> str:
    """What a quantity speaks of, without year, numbering and connection: for messages and keys."""
    return _BEFORE.sub("", mention.claim.subject)[-LONGEST_NAME:] or "金额"


def conclude_sentence(
    rule: Rule,
    document: Document,
    passage: Passage,
    offset: int,
    *,
    key: str,
    message: str,
    others: Sequence[Evidence] = (),
    severity: Severity | None = None,
    expected: str = "",
    observed: str = "",
    difference: str = "",
) -> Finding:
    """The finding of a rule about the sentence around `offset`.

    Args:
        rule: what it is a finding of.
        document: that shows it.
        passage: the paragraph.
        offset: of the disputed words in the paragraph.
        key: what follows the rule's id in the key of the finding.
        message: Chinese, complete; the place is put before it.
        others: what the sentence was compared with.
        severity: the rule's own when None; a hint in any case where the reading is not sure.
        expected: as text with its unit, as the others.
        observed: what is printed.
        difference: observed less expected.
    """
    sure = trust(document, passage)
    is_real = sure >= SURE
    own = passage.evidence(document, offset)
    return Finding(
        key=f"{rule.id}:{key}",
        rule=rule.id,
        category=rule.category,
        severity=(severity or rule.severity) if is_real else "hint",
        confidence=round(min(0.99, sure), 3),
        reading="real" if is_real else "undecided",
        message=f"第{own.page + 1}页“{where(document, passage)[:24]}”：{message}",
        evidence=(own, *(other for other in dict.fromkeys(others) if other != own)),
        basis=rule.basis,
        expected=expected,
        observed=observed,
        difference=difference,
    )
