"""The showing order of findings over all documents as one number, so that an index can hold it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.finding import SEVERITY_ORDER, Finding, Severity

_STEPS: Final = 1_000_000
"""Numbers that one severity takes: confidence to six places."""


def rank_of(finding: Finding) -> int:
    """Severity first, then confidence; the smaller the graver."""
    return SEVERITY_ORDER.index(finding.severity) * _STEPS + round((1 - finding.confidence) * (_STEPS - 1))


def ranks_of(severities: Sequence[Severity]) -> tuple[int, int, bool]:
    """The lowest rank of these severities, the lowest beyond them, and whether no other severity lies between."""
    places = {SEVERITY_ORDER.index(severity) for severity in severities}
    lowest, highest = min(places), max(places)
    return lowest * _STEPS, (highest + 1) * _STEPS, len(places) == highest - lowest + 1
