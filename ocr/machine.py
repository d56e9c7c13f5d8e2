"""What this machine, or the container on it, lets the process use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Cores that may be used: of the processor, of this process, of the container's quota; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text(_CGROUP / "cpu.max").partition(" ")
    if quota.isdecimal() and period.isdecimal():
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(1, cores)


def usable_memory_bytes() -> int | None:
    """Memory that could be taken now without swapping, or None where it cannot be told."""
    available = None
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) << 10
    most, used = _text(_CGROUP / "memory.max"), _text(_CGROUP / "memory.current")
    if available is not None and most.isdecimal() and used.isdecimal():
        available = min(available, max(0, int(most) - int(used)))
    return available


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
