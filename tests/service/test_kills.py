"""Real worker processes, really killed; the full size is `make soak`."""

from __future__ import annotations

from pathlib import Path

from bench.soak import Load, soak
from service.settings import Settings
from tests.service.real_files import text_pdf


def test_killed_workers_lose_and_double_nothing(settings: Settings, tmp_path: Path) -> None:
    quick = settings.model_copy(update={"poll_s": 0.1, "heartbeat_s": 0.3, "dead_after_s": 2.0})
    real = [text_pdf(tmp_path / f"文件{number}.pdf", f"澄川市水务局第{number}号") for number in range(3)]
    workers = 1 if settings.uses_sqlite else 2
    load = Load(documents=20, kills=3, workers=workers, page_s=(0.02, 0.3), kill_s=(0.0, 1.0))
    outcome = soak(quick, load, real)
    assert outcome.kills == load.kills
    assert (outcome.lost, outcome.doubled, outcome.missing) == (0, 0, 0)
    assert outcome.documents == 23


def test_a_full_disk_locks_and_cut_connections_lose_nothing(settings: Settings) -> None:
    quick = settings.model_copy(update={"poll_s": 0.1, "heartbeat_s": 0.3, "dead_after_s": 2.0, "retry_after_s": 0.2})
    load = Load(documents=16, kills=0, workers=1 if settings.uses_sqlite else 2, page_s=(0.1, 0.4), trouble_s=1.0)
    outcome = soak(quick, load)
    assert (outcome.lost, outcome.doubled, outcome.missing) == (0, 0, 0)
