"""Waiting for other processes: as long as the slowest machine needs, and no longer than they take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 300.0
"""Longer than anything takes, on any machine: only what hangs for good lasts so long."""


def waited_for(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true."""
    last = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > last:
            return False
        time.sleep(0.05)
    return True
