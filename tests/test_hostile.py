"""A sample of the malformed files beside the project, through the whole command; all of them: `make hostile`."""

from pathlib import Path

import pytest

from bench.hostile import run

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "real" / "hostile"
EVERY = 29


def sample() -> list[Path]:
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.name != "MANIFEST.csv")
    return files[::EVERY]


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the hostile files lie outside the repository and are not here")
@pytest.mark.parametrize("file", sample(), ids=lambda file: file.name)
def test_a_hostile_file_ends_as_read_or_refused(file: Path) -> None:
    outcome = run(file, whole=True)
    assert outcome.kind in ("read", "refused"), outcome
