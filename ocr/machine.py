"""What this machine, or the container on it, lets the process use, and how the process uses its memory."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from functools import cache
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")

KEPT_BYTES = 128 << 20
"""Freed memory that a process keeps for its next arrays: a page's largest, of 4 bytes a pixel, take a tenth of it."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
_LARGEST_MMAP_THRESHOLD = 32 << 20


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


@cache
def keep_freed_memory() -> None:
    """Has this process keep up to `KEPT_BYTES` that it has freed, where its C library is glibc.

    Otherwise each large array is taken from the system anew, and filling it costs more in page faults than computing
    it: a third of the time of finding rules. Costs nothing but this memory, once a process.
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
