"""`caishen serve` and its kin: what runs the service and cares for its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="数据目录（CAISHEN_DATA_DIR）。", show_default="caishen-data"),
]


def serve(
    data_dir: DataDir = None,
    host: Annotated[
        str | None, typer.Option(help="监听的地址（CAISHEN_HOST）；0.0.0.0 为所有网卡。", show_default="127.0.0.1")
    ] = None,
    port: Annotated[int | None, typer.Option(help="监听的端口（CAISHEN_PORT）。", show_default="8765")] = None,
    workers: Annotated[
        int | None, typer.Option(help="处理进程数（CAISHEN_WORKERS）；0 为只开网页。", show_default="1")
    ] = None,
) -> None:
    """Serves until it is told to end."""
    from service.app import create_app
    from service.auth.invitations import invite_first
    from service.backend import open_backend
    from service.db import has_safe_wal
    from service.serve import run_service
    from service.store.workers import present

    settings = _settings(data_dir, host=host, port=port, workers=workers)
    with open_backend(settings) as backend:
        with backend.database.read() as connection:
            now = present(connection)
        secret = invite_first(backend.database, now)

    def announce(address: str) -> None:
        typer.echo(f"财审已启动：{address}")
        typer.echo(f"数据目录：{settings.root}")
        if settings.uses_sqlite and not has_safe_wal():
            typer.echo("本机的 SQLite 版本较旧，已改用较慢但安全的日志方式；安装 pysqlite3 可提速。")
        if secret is not None:
            typer.echo("第一次使用：请在 24 小时内打开下面的链接，设置管理员（只能用一次）：")
            typer.echo(f"{address}/set-up?invitation={secret}")
        typer.echo("按 Ctrl+C 停止。")

    run_service(settings, create_app(settings), worker_command=WORKER_COMMAND, announce=announce)


WORKER_COMMAND = ("-m", "service.cli", "worker", "--with-parent")


def worker(
    data_dir: DataDir = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Works until it is told to end."""
    from service.installed_steps import installed_steps
    from service.logs import configure_logs
    from service.worker import run_worker

    configure_logs()
    settings = _settings(data_dir)
    with installed_steps(settings) as steps:
        run_worker(settings, steps, dies_with_parent=with_parent)


def _settings(data_dir: Path | None, **given: object) -> Settings:
    from service.settings import load_settings

    wanted = {"data_dir": data_dir, **given}
    return load_settings(**{name: value for name, value in wanted.items() if value is not None})


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(help="启动网页服务和处理进程；一条命令，不需要别的服务。")(serve)
    app.command(help="另开一个处理进程，可以在别的机器上（共用 PostgreSQL 和对象存储）。")(worker)
