"""Every malformed, oversized or encrypted file must end as read or as refused: no crash, no hang, no full memory.

`python -m bench.hostile DIR` sends every file under DIR through the reader; with `--whole` through the whole
`caishen audit` command. Each file gets a process of its own, whose memory is summed over all its children.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

# What one file may cost, children included.
MAX_SECONDS = 30.0
MAX_MEMORY_BYTES = 2 << 30
SAMPLE_S = 0.05
# Exit codes: 0 read, 3 refused with a reason.
READ, REFUSED = 0, 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended: `read`, `refused`, or one of the failures `crash`, `hang`, `memory`."""

    file: Path
    kind: str
    seconds: float
    memory_bytes: int
    message: str


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--whole", action="store_true", help="run the whole audit command, recognition included")
    arguments.add_argument("--only", default="", help="only files whose path contains this")
    arguments.add_argument("--verbose", action="store_true", help="one line for every file")
    options = arguments.parse_args()
    files = [file for file in sorted(options.folder.rglob("*")) if file.is_file() and file.name != "MANIFEST.csv"]
    outcomes = []
    for file in files:
        if options.only not in str(file):
            continue
        outcome = run(file, whole=options.whole)
        outcomes.append(outcome)
        if options.verbose or outcome.kind not in ("read", "refused"):
            name = file.relative_to(options.folder)
            print(
                f"{outcome.kind:8} {outcome.seconds:6.2f} s {outcome.memory_bytes >> 20:5d} MB  {name}  "
                f"{outcome.message}",
                flush=True,
            )
    return report(outcomes)


def run(file: Path, *, whole: bool) -> Outcome:
    """Read one file in a process group of its own and watch over it."""
    with tempfile.TemporaryDirectory() as target, tempfile.TemporaryFile() as output:
        reader = [sys.executable, "-m", "bench.hostile", "--read", str(file)]
        audit = [sys.executable, "-m", "service.cli", "audit", str(file), "--out", target]
        start = time.perf_counter()
        child = subprocess.Popen(
            audit if whole else reader, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        most, kind = 0, ""
        while child.poll() is None and not kind:
            time.sleep(SAMPLE_S)
            most = max(most, memory_of_group(child.pid))
            if time.perf_counter() - start > MAX_SECONDS:
                kind = "hang"
            elif most > MAX_MEMORY_BYTES:
                kind = "memory"
        if kind:
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
        seconds = time.perf_counter() - start
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    if not kind:
        kind = {READ: "read", REFUSED: "refused"}.get(code, "crash")
    return Outcome(file, kind, seconds, most, lines[-1][:160] if lines else "")


def memory_of_group(group: int) -> int:
    """Resident bytes of all processes of the session that `group` leads."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[3]) == group:
            total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


def report(outcomes: list[Outcome]) -> int:
    """Print the table; 1 where a file crashed, hung or filled the memory, or where there was none."""
    counts = Counter(outcome.kind for outcome in outcomes)
    print("outcome   files")
    for kind in ("read", "refused", "crash", "hang", "memory"):
        print(f"{kind:8} {counts[kind]:6d}")
    print("slowest")
    for outcome in sorted(outcomes, key=lambda one: -one.seconds)[:5]:
        print(f"  {outcome.seconds:6.2f} s  {outcome.file.name}  {outcome.kind}")
    print("largest")
    for outcome in sorted(outcomes, key=lambda one: -one.memory_bytes)[:5]:
        print(f"  {outcome.memory_bytes >> 20:5d} MB  {outcome.file.name}  {outcome.kind}")
    return 0 if outcomes and not set(counts) - {"read", "refused"} else 1


def read(file: Path) -> int:
    """The reader alone: pages are counted and thrown away."""
    from models.errors import InputError
    from ocr.source import read_pages

    kinds: Counter[str] = Counter()
    try:
        for content in read_pages(file):
            kinds[type(content).__name__] += 1
    except InputError as error:
        print(f"{error.code}: {error}")
        return REFUSED
    print(", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    return READ


if __name__ == "__main__":
    sys.exit(read(Path(sys.argv[2])) if sys.argv[1:2] == ["--read"] else main())
