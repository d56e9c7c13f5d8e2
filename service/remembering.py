"""A run that compares documents: all are read and remembered first, then each is checked against the archive.

So no result depends on the order of the documents. What the first pass has read waits on disk for the second one.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from service.inputs import Job, Unreadable
from service.stages import Stages

if TYPE_CHECKING:
    from detect.archive import GrowingArchive
    from models.document import Document
    from service.console import Console
    from service.stages import Progress


@contextmanager
def comparing(
    jobs: Sequence[Job | Unreadable], stages: Stages, archive: GrowingArchive, console: Console
) -> Iterator[Stages]:
    """Reads every document and adds it to the archive; yields the stages for the second pass.

    A document that cannot be read is left out of the archive and fails again, with the same error, in the second pass.
    """
    with tempfile.TemporaryDirectory(prefix="caishen-") as folder:
        read: dict[Path, Path] = {}
        failed: dict[Path, Exception] = {}
        for number, job in enumerate(job for job in jobs if isinstance(job, Job)):
            try:
                with console.reading(job.source.name) as progress:
                    document = stages.read(job.source, progress=progress)
                # One document at a time: a run that is interrupted leaves those that were read in the archive.
                archive.add([stages.remember(document)])
            except Exception as error:  # noqa: BLE001 - told by the second pass, which knows how to
                failed[job.source] = error
                continue
            read[job.source] = Path(folder) / f"{number}.pickle"
            read[job.source].write_bytes(pickle.dumps(document))
        again = partial(_read_again, read, failed)
        yield replace(stages, read=again, check=partial(stages.check, archive=archive))


def _read_again(
    read: dict[Path, Path], failed: dict[Path, Exception], path: Path, *, progress: Progress | None = None
) -> Document:
    del progress
    if path in failed:
        raise failed[path]
    document: Document = pickle.loads(read[path].read_bytes())  # noqa: S301 - written by the first pass of this run
    return document
