"""The machine that figures come from, and the same page on the same machine without its newest instructions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from models.page import Page
from ocr.machine import usable_cores
from ocr.pages import ImagePage

FEATURES = {
    "amx_bf16": "AMX-BF16",
    "amx_int8": "AMX-INT8",
    "avx512_bf16": "AVX-512-BF16",
    "avx512_vnni": "AVX-512-VNNI",
    "avx512f": "AVX-512",
    "avx2": "AVX2",
}

# The first keeps OpenVINO's own kernels and choice of precision to AVX2, the second those of oneDNN inside it; either
# alone leaves half of the newer instructions in use.
PLAIN = {"OV_CPU_MAX_ISA": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}


def features() -> list[str]:
    """The processor's vector and matrix instructions, newest first; nothing where the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    flags = next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())
    return [name for flag, name in FEATURES.items() if flag in flags]


def described() -> str:
    """One line."""
    newest = ", ".join(features()) or "no vector instructions known"
    return f"{platform.machine()}, {usable_cores()} cores, {newest}, Python {platform.python_version()}"


def compare_plain(name: str, page: ImagePage) -> None:
    """Prints the time of one page as it is read here, and with nothing newer than AVX2."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.npy"
        np.save(picture, page.image)
        command = [sys.executable, "-m", "bench.machine", str(picture), str(page.dpi)]
        here, plain = (
            json.loads(subprocess.run(command, env={**os.environ, **more}, check=True, capture_output=True).stdout)
            for more in ({}, PLAIN)
        )
    if plain["precision"] == here["precision"] == "bf16":
        print("newer instructions could not be switched off: no comparison")
        return
    print(
        f"{name}: {here['seconds']:.2f} s in {here['precision']}; with AVX2 only {plain['seconds']:.2f} s in "
        f"{plain['precision']} ({plain['seconds'] / here['seconds']:.1f} times), "
        f"{'the same text' if plain['text'] == here['text'] else 'other text'}"
    )


def main() -> None:
    """Times the page in the file named first, at the resolution named second, and prints what was found as JSON."""
    from ocr.engine import engine
    from ocr.scan import see_scan

    page = ImagePage(Page(0, 1.0, 1.0, source="ocr"), np.load(sys.argv[1]), float(sys.argv[2]))
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        seen = see_scan(page)
        best = min(best, time.perf_counter() - start)
    words = [word.text for word in seen.words]
    print(json.dumps({"seconds": best, "precision": engine().precision, "text": words}))


if __name__ == "__main__":
    main()
