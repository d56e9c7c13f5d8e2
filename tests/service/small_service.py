"""A service with an application of one page and workers that do nothing, run as a program with a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI

from service.serve import run_service
from service.settings import Settings

app = FastAPI()


@app.get("/")
def root() -> str:
    """Says that it is there."""
    return "here"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    note = (
        "import os, sys, time; from pathlib import Path; "
        f"Path({str(folder)!r}, f'worker-{{os.getpid()}}').touch(); time.sleep(600)"
    )
    run_service(
        Settings(data_dir=folder, port=0, workers=2),
        app,
        worker_command=("-c", note),
        announce=lambda address: print(address, flush=True),  # noqa: T201
    )
