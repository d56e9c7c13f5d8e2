"""How far the work on a document is."""

from __future__ import annotations

from typing import Final, Literal

DocumentState = Literal["queued", "working", "done", "failed", "quarantined", "cancelled"]
"""`failed`: the file itself cannot be read, trying again would not help. `quarantined`: the work on it failed several
times for another reason, and a person has to look at it. Results of an earlier run stay in every state."""

Stage = Literal["pages", "findings"]
"""`pages`: file to `Document`, minutes for a scan. `findings`: `Document` to `Report`, facts and rules together: taking
the facts again costs less (0.02 s for 30 pages) than decoding them (0.05 s)."""

URGENT: Final = 1
"""Priority of an auditor's upload; the smaller number goes first."""
BULK: Final = 10
"""Priority of an archive run."""
