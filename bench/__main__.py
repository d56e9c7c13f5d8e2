"""`python -m bench`: speed, peers and accuracy on documents with truth, and whether each target is met.

The documents lie outside the repository. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import accuracy, machine, speed, text_tables
from bench.accuracy import Target

SECTIONS = ("speed", "tables", "accuracy")
"""Scans and documents beside RapidOCR and PaddleOCR; text PDFs beside pdfplumber; everything against the truth."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with corpus/ and score/")
    parser.add_argument("--out", type=Path, help="where the outputs go (default: a temporary folder)")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of documents")
    parser.add_argument("--skip", nargs="*", choices=SECTIONS, default=[], help="sections to leave out")
    arguments = parser.parse_args()
    print(machine.described())
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.out or Path(scratch)
        if "speed" not in arguments.skip:
            targets += speed.measure(arguments.shared, arguments.only)
        if "tables" not in arguments.skip:
            text_tables.measure(arguments.shared, out, arguments.only)
        if "accuracy" not in arguments.skip:
            targets += accuracy.measure(arguments.shared, out, arguments.only)
    for target in targets:
        sign = "≥" if target.at_least else "≤"
        print(
            f"{'met   ' if target.is_met else 'MISSED'} {target.name}: {target.value:.4f} ({sign} {target.wanted:.4g})"
        )
    return 0 if all(target.is_met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
