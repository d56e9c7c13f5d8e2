"""`caishen serve` and its kin: what runs the service and cares for its data."""

from __future__ import annotations

from datetime import UTC, datetime
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

    settings = settings_of(data_dir, host=host, port=port, workers=workers)
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
    settings = settings_of(data_dir)
    with installed_steps(settings) as steps:
        run_worker(settings, steps, dies_with_parent=with_parent)


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help="备份目录；同一目录可反复使用，只复制新增的内容。", show_default=False)
    ],
    data_dir: DataDir = None,
    without_key: Annotated[bool, typer.Option("--without-key", help="不带操作日志的密钥，由你另存。")] = False,
) -> None:
    """Writes a backup while the service runs or not."""
    from service.backend import open_backend
    from service.backup import back_up

    with open_backend(settings_of(data_dir)) as backend:
        done = back_up(backend, target, datetime.now(UTC), with_key=not without_key)
    typer.echo(f"已备份到“{done.folder}”：{done.rows} 行记录，新增 {done.copied} 份内容。")
    _tell_missing(done.missing, "原处已丢失或损坏，未能备份。请运行 caishen check 查看是哪些文件")


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help="备份目录（用其中最新的一份），或其中一份备份。", show_default=False)
    ],
    data_dir: DataDir = None,
) -> None:
    """Fills an empty installation."""
    from service.backend import open_backend
    from service.backup import restore as restore_from

    settings = settings_of(data_dir)
    with open_backend(settings) as backend:
        done = restore_from(backend, source)
    typer.echo(
        f"已从“{done.folder}”恢复到“{settings.root}”：{done.rows} 行记录，{done.copied} 份内容。所有人需重新登录。"
    )
    _tell_missing(done.missing, "备份中没有。请运行 caishen check 查看是哪些文件")


def check(
    data_dir: DataDir = None,
    repair: Annotated[bool, typer.Option("--repair", help="改正能改正的：重新处理、清除没有用到的内容。")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="只看内容在不在，不逐份核对校验值。")] = False,
) -> None:
    """Looks whether rows and blobs fit together."""
    from service.backend import open_backend
    from service.check import check as examine

    remaining = 0
    with open_backend(settings_of(data_dir)) as backend:
        for problem in examine(backend, datetime.now(UTC), repair=repair, quick=quick):
            typer.echo(("✓ " if problem.is_repaired else "✗ ") + problem.message)
            remaining += not problem.is_repaired
    typer.echo("数据完整。" if not remaining else f"还有 {remaining} 个问题。")
    raise typer.Exit(1 if remaining else 0)


def reprocess(
    data_dir: DataDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说有多少，不安排。")] = False,
) -> None:
    """Has results of older versions made again."""
    from service import reprocessing
    from service.audit import open_audit_log
    from service.backend import open_backend
    from service.installed_versions import installed_versions

    settings = settings_of(data_dir)
    present = installed_versions(settings)
    with open_backend(settings) as backend:
        n_documents, n_to_read = reprocessing.count(backend, present)
        typer.echo(
            f"{n_documents} 份文件的结果由旧的规则、模型或设置做成：{n_to_read} 份须重新读取页面，"
            f"{n_documents - n_to_read} 份只重新核对。"
        )
        if dry_run or not n_documents:
            return
        log, n_queued = open_audit_log(settings), 0
        while queued := reprocessing.submit_some(backend, log, "caishen reprocess", present):
            n_queued += queued
            typer.echo(f"已安排 {n_queued} 份。")
        typer.echo("排在所有上传之后，由处理进程逐份进行；中断了再运行一次即可。人的认定不受影响。")


def _tell_missing(missing: tuple[str, ...], reason: str) -> None:
    if missing:
        typer.echo(f"其中 {len(missing)} 份内容{reason}：{missing[0][:12]}…", err=True)
        raise typer.Exit(1)


def settings_of(data_dir: Path | None, **given: object) -> Settings:
    """The settings of the environment; what is given on the command line goes before it."""
    from service.settings import load_settings

    wanted = {"data_dir": data_dir, **given}
    return load_settings(**{name: value for name, value in wanted.items() if value is not None})


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(help="启动网页服务和处理进程；一条命令，不需要别的服务。")(serve)
    app.command(help="备份全部数据；服务可以照常运行。")(backup)
    app.command(help="把备份恢复到空的数据目录。")(restore)
    app.command(help="核对数据库与存储的内容，指出缺失和损坏。")(check)
    app.command(help="重新处理结果由旧规则、旧模型或旧设置做成的全部文件；只重做变了的步骤。")(reprocess)
    app.command(help="另开一个处理进程，可以在别的机器上（共用 PostgreSQL 和对象存储）。")(worker)
