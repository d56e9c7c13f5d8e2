"""`caishen rules`: what the rules are, what one of them does, and whether a settings file is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from models.errors import SettingsError

if TYPE_CHECKING:
    from detect.settings import AuditSettings

DEFAULT_NAME: Final = "caishen.toml"
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help=f"设置文件：停用规则、调整级别和阈值、本地报表和标准。不写时用当前目录或用户配置目录里的 {DEFAULT_NAME}。",
        show_default=False,
    ),
]

app = typer.Typer(help="查看审核规则，核对设置文件。", no_args_is_help=True, rich_markup_mode=None)


def settings_for(file: Path | None) -> AuditSettings | None:
    """The settings of the file given, of `caishen.toml` here, or of the user's own; None where there is none.

    Raises:
        SettingsError: the file is missing or wrong.
    """
    from detect.settings_file import load_settings

    if file is not None:
        return load_settings(file)
    for folder in (Path(), Path(typer.get_app_dir("caishen"))):
        if (folder / DEFAULT_NAME).is_file():
            return load_settings(folder / DEFAULT_NAME)
    return None


@app.command("list", help="列出全部规则：编号、名称、级别、类别、是否启用。")
def list_rules(settings: SettingsOption = None) -> None:
    """Lists the rules."""
    from detect.registry import all_rules
    from detect.rulebook import rule_lines
    from detect.settings import AuditSettings
    from models.finding import SEVERITY_LABEL

    for rule, name, level, family, state in rule_lines(all_rules(), settings_for(settings) or AuditSettings()):
        typer.echo(f"{rule}  {SEVERITY_LABEL[level]}  {family}  {state}  {name}")


@app.command(help="说明一条规则：查什么、为什么、会报和不报的例子、阈值、依据。")
def explain(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="规则编号，如 AR001。")], settings: SettingsOption = None
) -> None:
    """Explains one rule."""
    from detect.registry import all_rules
    from detect.rulebook import explained

    rule = next((rule for rule in all_rules() if rule.id == rule_id.upper()), None)
    if rule is None:
        raise SettingsError(f"没有规则“{rule_id}”", "用 caishen rules list 查看全部规则")
    typer.echo(explained(rule, settings_for(settings)))


@app.command(help="核对设置文件或规则包（文件夹），指出哪个文件、哪个键有什么问题。")
def validate(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="设置文件，或规则包的文件夹。")],
) -> None:
    """Checks a settings file or a pack."""
    from detect.registry import all_rules
    from detect.settings_file import examine_settings

    settings, problems = examine_settings(path)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        typer.echo(f"共 {len(problems)} 处问题。", err=True)
        raise typer.Exit(2)
    used = settings.used(all_rules())
    for change in used.changes:
        typer.echo(change)
    typer.echo(f"“{path}”可以使用，共 {len(used.changes)} 处改动，摘要 {used.digest[:12]}。")


@app.command(help="把全部规则写成一页 Markdown，输出到标准输出。")
def document() -> None:
    """Writes the page of all rules."""
    from detect.rulebook import rules_page

    typer.echo(rules_page(), nl=False)
