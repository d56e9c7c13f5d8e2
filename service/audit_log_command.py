"""`caishen audit-log`: examines the log of an installation, and takes it out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from service.service_commands import DataDir, settings_of

app = typer.Typer(help="操作日志：校验有没有被改动，或导出。", no_args_is_help=True, rich_markup_mode=None)

FAULT: Final = 1


@app.command(help="从头校验操作日志；发现改动时退出码为 1。")
def verify(
    data_dir: DataDir = None,
    expect: Annotated[
        str, typer.Option("--expect", metavar="N:HASH", help="以前抄录的序号和校验值，用来发现末尾被删除的记录。")
    ] = "",
) -> None:
    """Reads the whole log."""
    from models.errors import SettingsError
    from service.audit import open_audit_log
    from service.backend import open_backend

    noted = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", expect)
    if expect and noted is None:
        raise SettingsError("--expect 应写作 序号:校验值（64 位十六进制）", "请照抄导出或校验时给出的那一行")
    settings = settings_of(data_dir)
    with open_backend(settings) as backend, backend.database.read() as connection:
        wanted = (int(noted[1]), noted[2]) if noted is not None else None
        verdict = open_audit_log(settings).verify(connection, expected=wanted)
    if verdict.fault:
        typer.echo(f"操作日志有问题：{verdict.fault}。此前 {verdict.n_entries} 条完好。", err=True)
        raise typer.Exit(FAULT)
    typer.echo(f"{verdict.n_entries} 条记录全部衔接，没有改动。")
    typer.echo(f"{verdict.n_entries}:{verdict.head}")


@app.command(help="导出全部操作日志，每行一条 JSON；最后给出最新一条的序号和校验值，请另行保存。")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="写入的文件；- 为标准输出。")] = Path("-"),
    data_dir: DataDir = None,
) -> None:
    """Writes the log."""
    import contextlib
    import sys

    from models.errors import MissingResource
    from service.audit import NO_ENTRY, as_json, entries
    from service.backend import open_backend

    settings = settings_of(data_dir)
    head = f"0:{NO_ENTRY}"
    with contextlib.ExitStack() as stack:
        backend = stack.enter_context(open_backend(settings))
        connection = stack.enter_context(backend.database.read())
        try:
            file = sys.stdout if out == Path("-") else stack.enter_context(out.open("w", encoding="utf-8"))
            for entry in entries(connection):
                file.write(as_json(entry) + "\n")
                head = f"{entry.id}:{entry.hash}"
        except OSError as error:
            reason = f"不能写入“{out}”（{error.strerror or error}）"
            raise MissingResource(reason, "请检查写入权限和剩余空间") from error
    typer.echo(head, err=True)
