"""Lengths on paper as pixels."""

from __future__ import annotations


def odd_px(length_mm: float, dpi: float) -> int:
    """A length in pixels, at least 3 and odd, as the size of a kernel."""
    return max(3, round(length_mm / 25.4 * dpi) | 1)
