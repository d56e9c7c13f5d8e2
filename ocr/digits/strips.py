"""Images of short lines → strips that the number-reading network takes: of its height, paper white, ink black."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocr.strips import Image, Look, Strip, levels, strip_of

LOOK = Look(height=32, ink=22.4, margin=7)
"""About the size that 9-pt digits have at 200 dpi."""

STEP_PX = 4
"""Width of one step of the network."""

WIDTHS_PX = (48, 64, 80, 96, 112, 128, 160, 192, 256)
"""Widths the network is fed with; 256 px hold twenty digits."""


def number_strip(crop: Image) -> Strip | None:
    """The crop cut to its ink, at the network's height, stretched to the full range of grey; none without ink.

    Args:
        crop: one line, uint8, grey or RGB.
    """
    strip = strip_of(crop, LOOK)
    if strip is None:
        return None
    paper, dark = levels(strip.pixels)
    grey = np.arange(256, dtype=np.float32)
    table = np.clip(255 * (grey - dark) / max(paper - dark, 1.0), 0, 255).astype(np.uint8)
    return replace(strip, pixels=table[strip.pixels])
