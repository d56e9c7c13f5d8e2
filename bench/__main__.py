"""`python -m bench`: accuracy and speed on documents with truth, and whether each target is met.

The documents lie outside the repository. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import accuracy, speed
from bench.accuracy import Target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with corpus/ and score/")
    parser.add_argument("--out", type=Path, help="where the outputs go (default: a temporary folder)")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of documents")
    parser.add_argument("--skip", choices=["accuracy", "speed"], help="leave one half out")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    targets: list[Target] = []
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.skip != "speed":
            targets += speed.measure(arguments.shared)
        if arguments.skip != "accuracy":
            targets += accuracy.measure(arguments.shared, arguments.out or Path(scratch), arguments.only)
    for target in targets:
        sign = "≥" if target.at_least else "≤"
        print(
            f"{'met   ' if target.is_met else 'MISSED'} {target.name}: {target.value:.4f} ({sign} {target.wanted:.4g})"
        )
    return 0 if all(target.is_met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
