"""`caishen demo`: the bundled sample, audited before the user's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.errors import MissingResource
from service.batch import audit_all
from service.inputs import plan
from service.stages import Stages

if TYPE_CHECKING:
    from service.console import Console

SAMPLES: Final = Path(__file__).parent / "sample"


def run_demo(out: Path, stages: Stages, console: Console, samples: Path = SAMPLES) -> int:
    """Audits every PDF in `samples` into `out` and returns the exit code.

    Raises:
        MissingResource: the sample is not installed.
    """
    files = sorted(samples.glob("*.pdf"))
    if not files:
        raise MissingResource(f"没有找到样例文件（{samples}）", "请重新安装 caishen")
    console.message("样例为虚构单位的公开文件，其中的差错是有意埋入的。")
    return audit_all(plan(files, out), stages, console, out=out)
