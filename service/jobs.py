"""What the rest of the service may ask of the job queue; which engine does the work is nobody else's concern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Jobs(Protocol):
    """Documents as jobs. How far each one is stands in its row (`state`, `stage`, `pages_done`, `n_pages`).

    Every method is safe to repeat; asking for what is already so changes nothing.
    """

    def submit(self, document_ids: Sequence[int]) -> None:
        """Hands documents in state `queued` to the workers, each at the priority and for the owner of its row.

        A document whose hand-over fails stays `queued` and is handed over by the next sweep.
        """
        ...

    def cancel(self, document_id: int) -> None:
        """Ends the work on a document before its next step; former results stay.

        Raises:
            NotFound: there is no such document.
        """
        ...

    def retry(self, document_ids: Sequence[int], *, priority: int) -> None:
        """Processes documents again, whatever became of them before: state `queued`, attempts 0.

        Steps whose inputs and versions have not changed are taken from the stage cache.
        """
        ...

    def close(self) -> None:
        """Lets go of connections; jobs go on."""
        ...
