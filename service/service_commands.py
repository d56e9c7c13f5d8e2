"""`caishen worker` and its kin: what runs the service and cares for its data."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="数据目录（CAISHEN_DATA_DIR）。", show_default="caishen-data"),
]


def worker(
    data_dir: DataDir = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Works until it is told to end."""
    from service.installed_steps import installed_steps
    from service.worker import run_worker

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = _settings(data_dir)
    with installed_steps(settings) as steps:
        run_worker(settings, steps, dies_with_parent=with_parent)


def _settings(data_dir: Path | None, **given: object) -> Settings:
    from service.settings import load_settings

    wanted = {"data_dir": data_dir, **given}
    return load_settings(**{name: value for name, value in wanted.items() if value is not None})


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(help="另开一个处理进程，可以在别的机器上（共用 PostgreSQL 和对象存储）。")(worker)
