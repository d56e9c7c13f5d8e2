"""`caishen doctor`: what the machine has, what it lacks, and how to get it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from models.errors import CaishenError

_LEAST_MEMORY_GIB: Final = 2.0
_LEAST_DISK_GIB: Final = 0.5
_PYTHONS: Final = ((3, 11), (3, 13))
_NAME_WIDTH: Final = 18


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        is_needed: without it nothing can be audited; a check that is not needed is advice.
        remedy: what to do; shown when the check failed.
    """

    name: str
    is_met: bool
    detail: str
    remedy: str = ""
    is_needed: bool = True


def examine(out: Path) -> tuple[Check, ...]:
    """Looks at the machine; `out` is where results are to be written. Changes nothing."""
    return (
        _python(),
        _one_cv2(),
        _cv2_loads(),
        _models(),
        _writable("结果目录", out),
        _writable("临时目录", Path(tempfile.gettempdir())),
        _memory(),
        _processor(),
        _encoding(),
        _fonts(),
    )


def is_sound(checks: tuple[Check, ...]) -> bool:
    """Whether everything that is needed is there."""
    return all(check.is_met for check in checks if check.is_needed)


def table(checks: tuple[Check, ...]) -> str:
    """The checks as lines of text, each failed one with its remedy below."""
    lines = []
    for check in checks:
        mark = "✓" if check.is_met else "✗" if check.is_needed else "!"
        lines.append(f"{mark} {_padded(check.name, _NAME_WIDTH)} {check.detail}")
        if not check.is_met and check.remedy:
            lines.append(f"    → {check.remedy}")
    lines.append("可以运行。" if is_sound(checks) else "还不能运行：请先处理标 ✗ 的各项。")
    return "\n".join(lines)


def _python() -> Check:
    lowest, highest = _PYTHONS
    is_met = lowest <= sys.version_info[:2] <= highest
    remedy = f"请安装 Python {lowest[0]}.{lowest[1]} 到 {highest[0]}.{highest[1]}"
    return Check("Python", is_met, f"{platform.python_version()}（{sys.executable}）", remedy)


def _one_cv2() -> Check:
    owners = sorted(set(packages_distributions().get("cv2", [])))
    remedy = (
        f"请运行 pip uninstall -y {' '.join(owners)}，再运行 pip install opencv-contrib-python，只留一个"
        if owners
        else "请运行 pip install opencv-contrib-python"
    )
    return Check("OpenCV 安装包", len(owners) == 1, "、".join(owners) or "没有安装", remedy)


def _cv2_loads() -> Check:
    try:
        import cv2
    except ImportError as error:
        remedy = "Debian、Ubuntu 请运行 sudo apt-get install -y libgl1 libglib2.0-0（其他系统请装 libGL 和 glib）"
        return Check("OpenCV 与 libGL", False, f"不能加载：{error}", remedy)
    return Check("OpenCV 与 libGL", True, f"cv2 {cv2.__version__} 能加载")


def _models() -> Check:
    from ocr.weights import find_weights

    try:
        weights = find_weights()
    except CaishenError as error:
        return Check("文字识别模型", False, error.reason, error.remedy)
    size_mib = sum(path.stat().st_size for path in (weights.detection, weights.recognition)) / 2**20
    return Check("文字识别模型", True, f"{weights.detection.parent}（{size_mib:.0f} MiB）")


def _writable(name: str, folder: Path) -> Check:
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            free_gib = shutil.disk_usage(existing).free / 2**30
    except OSError as error:
        reason = f"{folder} 不能写入（{error.strerror or error}）"
        return Check(name, False, reason, "请检查写入权限，或换一个目录")
    detail = f"{folder} 可以写入，剩余 {free_gib:.1f} GiB"
    return Check(name, free_gib >= _LEAST_DISK_GIB, detail, f"请腾出至少 {_LEAST_DISK_GIB} GiB，或换一个目录")


def _memory() -> Check:
    total_gib = _memory_gib()
    if total_gib is None:
        return Check("内存", True, "无法得知", is_needed=False)
    remedy = f"识别扫描件建议至少 {_LEAST_MEMORY_GIB:.0f} GiB 内存；文字型 PDF 不受影响"
    return Check("内存", total_gib >= _LEAST_MEMORY_GIB, f"{total_gib:.1f} GiB", remedy, is_needed=False)


def _memory_gib() -> float | None:
    """Memory of the machine, or what the container may use of it."""
    try:
        limit = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            limit = min(limit, int(text))
    return limit / 2**30


def _processor() -> Check:
    features: set[str] = set()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("flags"):
                features = set(line.split())
                break
    except OSError:
        pass
    known = [name for flag, name in (("avx2", "AVX2"), ("avx512f", "AVX-512"), ("amx_bf16", "AMX")) if flag in features]
    detail = f"{os.cpu_count()} 核，{platform.machine()}" + (f"，{'、'.join(known)}" if known else "")
    is_met = "avx2" in features or platform.machine() not in ("x86_64", "AMD64") or not features
    return Check("处理器", is_met, detail, "没有 AVX2 的处理器也能运行，但识别扫描件会慢很多", is_needed=False)


def _encoding() -> Check:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    is_met = encoding.startswith(("utf", "gb"))
    return Check("终端编码", is_met, encoding or "未知", "中文显示不全时请设 PYTHONUTF8=1", is_needed=False)


def _fonts() -> Check:
    program = shutil.which("fc-list")
    if program is None or sys.platform != "linux":
        return Check("中文字体", True, "由系统提供", is_needed=False)
    listed = subprocess.run([program, ":lang=zh", "family"], capture_output=True, check=False, timeout=20)  # noqa: S603
    families = sorted({line.split(",")[0] for line in listed.stdout.decode("utf-8", "replace").splitlines() if line})
    remedy = "只影响在本机看报告：sudo apt-get install -y fonts-noto-cjk"
    return Check("中文字体", bool(families), "、".join(families[:3]) or "没有找到", remedy, is_needed=False)


def _padded(text: str, width: int) -> str:
    """Text padded to a number of terminal columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(width - taken, 0)
