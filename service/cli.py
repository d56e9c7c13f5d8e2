"""The command line; nothing heavy is imported before a command needs it."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from models.finding import SEVERITY_ORDER, Severity
from service import audit_log_command, rules_command, service_commands

if TYPE_CHECKING:
    from detect.settings import AuditSettings
    from service.console import Console
    from service.inputs import Job, Unreadable
    from service.stages import Stages

_EPILOG: Final = (
    "退出码：0 完成（不论有无问题）；1 有达到 --fail-on 级别的问题；2 参数或设置不对；"
    "3 有输入无法读取（其余照常审核）；5 内部错误；130 被中断。同时出现时取 5、3、2、1 中靠前的。"
)
# Typer carries its own copy of click and does not export this class.
_UsageError: Final[type[Exception]] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="caishen",
    help="财审：审核政府预算、决算公开文件。读取 PDF 和扫描图片里的表格，指出对不上的地方，并标出它在哪一页、哪一格。",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(rules_command.app, name="rules")
app.add_typer(audit_log_command.app, name="audit-log")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"caishen {version('caishen')}")
        raise typer.Exit


@app.callback(epilog=_EPILOG)
def _caishen(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="显示版本。")
    ] = False,
) -> None:
    pass


@app.command(
    epilog=_EPILOG, help="审核文件。结果写入 DIR/文件名/：report.html、tables.xlsx、findings.json、document.json。"
)
def audit(
    context: typer.Context,
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT",
            help="PDF、PNG、JPEG、TIFF 文件，或文件夹（逐级查找）。只放着页面图片的文件夹按文件名顺序作为一份文件。",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="结果目录，每份文件一个子文件夹；再次运行会替换旧结果。")
    ] = Path("caishen-out"),
    separate: Annotated[bool, typer.Option("--separate", help="文件夹里的每张图片各算一份文件。")] = False,
    fail_on: Annotated[
        Severity | None,
        typer.Option(
            "--fail-on", metavar="SEVERITY", help="有这一级或更严重的问题时退出码为 1：error、warning、hint。"
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            "--archive",
            metavar="FILE",
            help="档案文件，没有则新建：把本次文件加入其中，并与其中所有文件比较单价、同类项目、上年数和雷同文字。",
        ),
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(
            "--facts", metavar="FILE", help="另把本次全部文件中认出的金额写成一张 CSV 表，一行一个，供统计分析。"
        ),
    ] = None,
    settings: rules_command.SettingsOption = None,
    debug: Annotated[bool, typer.Option("--debug", help="出现内部错误时显示详情。")] = False,
) -> None:
    """Audits files and folders."""
    from service.batch import audit_all
    from service.console import Console
    from service.export.facts_csv import collecting_facts
    from service.inputs import Unreadable, find_documents, plan

    own = rules_command.settings_for(settings)
    found = list(find_documents(inputs, separate=separate, leave_out=out))
    jobs = [item for item in found if isinstance(item, Unreadable)]
    planned = plan([item for item in found if isinstance(item, Path)], out)
    console = Console(sys.stdout, sys.stderr, for_people=sys.stdout.isatty())
    if own is not None and settings is None:
        console.message(f"使用设置文件“{own.source}”。")
    stages = _stages(context, own) if planned else None
    if stages is None:
        for job in jobs:
            console.not_done(job.source, job.error)
        raise typer.Exit(3)
    with _comparing(archive, planned, stages, console) as comparing, collecting_facts(facts, comparing) as ready:
        code = audit_all([*jobs, *planned], ready, console, out=out, fail_on=fail_on, debug=debug)
    raise typer.Exit(code)


@app.command(help="审核随附的样例：一份虚构单位的扫描件，带水印，埋有差错。在浏览器里查看，或用 --out 写成文件。")
def demo(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="不启动网页服务，把结果写入这个目录。")
    ] = None,
    port: Annotated[int, typer.Option(help="网页服务的端口；0 为任选一个空闲的。")] = 0,
) -> None:
    """Audits the bundled sample."""
    from service.console import Console
    from service.demo import run_demo, serve_demo

    console = Console(sys.stdout, sys.stderr, for_people=True)
    if out is not None:
        raise typer.Exit(run_demo(out, _stages(context), console))
    from service.settings import load_settings

    serve_demo(load_settings(port=port), console)


@app.command(help="检查运行环境：缺什么、怎么补。")
def doctor(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="打算写入结果的目录。")] = Path("caishen-out"),
) -> None:
    """Looks at the machine."""
    from service.doctor import examine, is_sound, table

    checks = examine(out)
    typer.echo(table(checks))
    raise typer.Exit(0 if is_sound(checks) else 5)


service_commands.register(app)


def _stages(context: typer.Context, settings: AuditSettings | None = None) -> Stages:
    """The shipped stages, unless a caller of `app` brought others."""
    from service.stages import Stages, installed_stages

    return context.obj if isinstance(context.obj, Stages) else installed_stages(settings)


@contextmanager
def _comparing(
    path: Path | None, jobs: Sequence[Job | Unreadable], stages: Stages, console: Console
) -> Iterator[Stages]:
    """The stages themselves, or with an archive those of the second pass, when all documents are remembered."""
    if path is None:
        yield stages
        return
    from service.archive_file import ArchiveFile
    from service.remembering import comparing

    with closing(ArchiveFile(path)) as archive, comparing(jobs, stages, archive, console) as ready:
        yield ready


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and leaves with its exit code; never shows a traceback unless asked to."""
    from models.errors import CaishenError

    # A result folder is put in place by renaming: on a request to end, the unfinished one must be removed as well.
    signal.signal(signal.SIGTERM, _end)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=given, prog_name="caishen", standalone_mode=False)
    except _UsageError as error:
        _say(f"用法不对：{_usage_message(error)}。运行 caishen --help 或 caishen 命令 --help 查看用法。")
        code = 2
    except CaishenError as error:
        _say(str(error))
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _say("已中断。")
        code = 130
    except BrokenPipeError:
        # The reader of the pipe has left; nothing more can be said to it.
        sys.stdout = None
        code = 141
    except Exception as error:
        if "--debug" in given:
            raise
        _say(f"程序内部错误（{type(error).__name__}: {error}）。加 --debug 重新运行可显示详情，反馈时请附上。")
        code = 5
    sys.exit(code if isinstance(code, int) else 0)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _usage_message(error: Any) -> str:
    """The parser's complaint in Chinese; its own words where it is of an unknown kind."""
    parameter = getattr(error, "param", None)
    options = [option for option in getattr(parameter, "opts", []) if option.startswith("-")]
    name = options[0] if options else getattr(parameter, "metavar", None) or getattr(parameter, "name", None) or ""
    kind = type(error).__name__
    if kind == "MissingParameter":
        return f"缺少 {name}"
    if kind == "NoSuchOption":
        return f"没有选项 {error.option_name}"
    if kind == "NoArgsIsHelpError":
        return "缺少命令"
    if name == "--fail-on":
        return f"{name} 只能是 {'、'.join(SEVERITY_ORDER)}"
    message = str(getattr(error, "message", error)).rstrip(".")
    if command := re.fullmatch(r"No such command '(.*)'", message):
        return f"没有命令 {command.group(1)}"
    return f"{name}：{message}" if name else message


if __name__ == "__main__":
    main()
