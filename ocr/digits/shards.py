"""Draws lines for training into files: `python -m ocr.digits.shards --seed 1 --out FOLDER`, until it is stopped."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np

from ocr.clean.restorer.fonts import Faces, find_faces, find_families, sets
from ocr.clean.restorer.restore import TILE_PX, WEIGHTS
from ocr.digits.sheets import number_lines
from ocr.networks import compile_network, use_threads

LINES = 4_000
"""Lines in a file."""

DIGIT_FAMILIES = (
    "Free",
    "Carlito",
    "Caladea",
    "NimbusRoman",
    "NimbusSans",
    "texgyretermes",
    "texgyreheros",
    "texgyrecursor",
    "texgyrepagella",
    "OpenSans-",
    "Roboto-",
    "P052",
    "C059",
)
"""Families of digits besides those that the restoring network knows: faces for running text, with lining digits."""

SLANTED = ("Italic", "Oblique", "Ita.", "italic")

HELD_OUT = ("Caladea", "FreeSerif", "texgyreheros", "gbsn00lp", "TW-Sung", "DejaVuSerif", "wqy-zenhei", "STIX")
"""Files that no line for training is set in: they judge, and choose the floor of what is accepted."""


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line and draws."""
    parser = argparse.ArgumentParser(prog="python -m ocr.digits.shards", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of everything (default %(default)s)")
    parser.add_argument("--count", type=int, default=0, help="files to write; without it, until it is stopped")
    parser.add_argument("--held-out", action="store_true", help="only in the faces that training never sees")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    faces = chosen_faces(held_out=given.held_out)
    use_threads(1)
    restorer = compile_network(WEIGHTS, (1, TILE_PX, TILE_PX)).each
    for order in itertools.count() if not given.count else range(given.count):
        random = np.random.default_rng((given.seed, order))
        strips: list[np.ndarray] = []
        labels: list[list[int]] = []
        while len(strips) < LINES:
            for pixels, classes in number_lines(random, faces, restorer):
                strips.append(pixels)
                labels.append(classes)
        fresh = given.out / f"{given.seed}-{order:05d}.part"
        with fresh.open("wb") as file:
            np.savez(
                file,
                pixels=np.concatenate(strips, axis=1),
                widths=np.array([strip.shape[1] for strip in strips]),
                labels=np.concatenate([np.array(some, np.int64) for some in labels]),
                lengths=np.array([len(some) for some in labels]),
            )
        fresh.rename(fresh.with_suffix(".npz"))
    return 0


def chosen_faces(*, held_out: bool) -> Faces:
    """The faces of training, or those kept from it; digits upright, for disclosures print no others."""
    found = find_faces()
    digits = {face.path: face for face in (*found.digits, *find_families(DIGIT_FAMILIES))}
    wanted = [
        face
        for path, face in digits.items()
        if not any(word in path.name for word in SLANTED) and sets(path, "0123456789,.%-()")
    ]
    return Faces(
        tuple(face for face in found.chinese if face.path.name.startswith(HELD_OUT) == held_out),
        tuple(face for face in wanted if face.path.name.startswith(HELD_OUT) == held_out),
    )


if __name__ == "__main__":
    sys.exit(main())
