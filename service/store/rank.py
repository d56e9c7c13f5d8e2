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


def ranks_of(severities: Sequence[Severity]) -> tuple[int, int]:
    """The lowest rank of these severities, and the lowest beyond them; other severities may lie between."""
    places = [SEVERITY_ORDER.index(severity) for severity in severities]
    return min(places) * _STEPS, (max(places) + 1) * _STEPS
