"""`python -m bench.duplicates`: an archive of a million passages, built, opened and asked by a new document.

The passages are made: sentences of office words with some words exchanged in one of ten, phrases that everybody
carries, and copies. CPU time is counted, not the clock; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

from detect.duplicates import likeness
from models.archive import Excerpt, Memory, Source
from service.archive_file import ArchiveFile

_OFFICE: Final = (
    "预算编制 绩效目标 管理办法 项目支出 财政资金 监督检查 业务培训 工作会议 设备购置 信息系统 运行维护 "
    "第三方评价 专项审计 物业服务 聘用人员 劳务派遣 防汛抗旱 应急演练 水质监测 执法巡查 宣传教育 法律援助 "
    "统计调查 市场监管 食品抽检 采购程序 合同签订 按季付款 组织验收 年底总结 三月招标 六月完成 覆盖全市 "
    "服务群众 提升能力 保障运转 规范使用 及时足额 公开透明 严格控制"
)
_WORDS: Final = _OFFICE.split()
PASSAGES_A_DOCUMENT: Final = 500
PHRASES: Final = 40
"""Passages of each document that all others carry, the year and one word apart: the statutory ones."""
Result = TypeVar("Result")


def memories(passages: int, seed: int) -> Iterator[Memory]:
    """Documents of 500 passages: phrases that everybody carries, near copies of what was written before, new text."""
    source = random.Random(seed)
    kept: list[str] = []
    phrases = [_sentence(source, 8) for _ in range(PHRASES)]
    for number in range(passages // PASSAGES_A_DOCUMENT):
        texts = [f"{source.choice(_WORDS)}{phrase}" for phrase in phrases]
        while len(texts) < PASSAGES_A_DOCUMENT:
            copied = kept and source.random() < 0.1
            texts.append(_changed(source, source.choice(kept)) if copied else _sentence(source, source.randint(4, 9)))
        kept = [*kept[-5000:], *texts[PHRASES : PHRASES + 20]]
        own = Source(f"{seed}-{number}", f"{number}.pdf", f"第{seed}-{number}局", "预算公开", 2031)
        yield Memory(own, (), tuple(Excerpt("plan", "实施计划", text, text, 1) for text in texts))


def _sentence(source: random.Random, words: int) -> str:
    return "".join(source.choices(_WORDS, k=words))


def _changed(source: random.Random, text: str) -> str:
    at = source.randrange(len(text))
    return text[:at] + source.choice("一二三四五六七八") + text[at + 1 :]


def timed(what: str, call: Callable[[], Result]) -> Result:
    """Calls it and prints the CPU seconds of this process and the peak of its memory so far."""
    start = time.process_time()
    result = call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:42s} {time.process_time() - start:8.2f} s CPU {peak:6.2f} GB", flush=True)
    return result


def build(path: Path, passages: int) -> None:
    with closing(ArchiveFile(path)) as archive:
        made = memories(passages, 1)
        # Making the passages is no work of the archive: a batch is made, then added and timed.
        seconds = 0.0
        while batch := [memory for _, memory in zip(range(20), made, strict=False)]:
            start = time.process_time()
            archive.add(batch)
            seconds += time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = path.stat().st_size / 1e9
    print(f"{passages:,} passages added{'':19s} {seconds:8.2f} s CPU {peak:6.2f} GB, {size:.2f} GB file", flush=True)


def ask(path: Path) -> None:
    """In a process of its own, as a run of the command line is: open, then ask twice."""
    first, second = memories(2 * PASSAGES_A_DOCUMENT, 2)
    with closing(ArchiveFile(path)) as archive:
        one = [excerpt.skeleton for excerpt in first.excerpts]
        timed("opened, 500 passages compared", lambda: archive.resembling(one, besides=first.source))
        known = archive.excerpts(archive.sources()[0])
        two = [excerpt.skeleton for excerpt in second.excerpts[: PASSAGES_A_DOCUMENT // 2]]
        copies = [_changed(random.Random(at), excerpt.skeleton) for at, excerpt in enumerate(known[PHRASES:][:250])]
        asked = [*two, *copies]
        found = timed("the next 500 passages compared", lambda: archive.resembling(asked, besides=second.source))
        of = found.of[len(two) :]
        true = [
            near
            for copy, old, near in zip(copies, known[PHRASES:], of, strict=False)
            if any(likeness(copy, [old.skeleton]))
        ]
        print(f"changed copies found: {sum(map(bool, true))} of {len(true)}; buckets left out: {found.skipped}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--ask", type=Path, help="only ask this archive (the program calls itself so)")
    arguments = parser.parse_args()
    if arguments.ask:
        ask(arguments.ask)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        build(path, arguments.passages)
        subprocess.run([sys.executable, "-m", "bench.duplicates", "--ask", str(path)], check=True)


if __name__ == "__main__":
    main()
