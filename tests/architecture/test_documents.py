"""The README is short and true, and the checks are the same on a desk, before a commit and in CI."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
COMMANDS = ("pip install uv && uv run caishen demo", "pip install uv && uv run pytest")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fenced(text: str) -> list[str]:
    """The lines of the shell blocks."""
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def run_caishen(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from service.cli import main; sys.exit(main())"
    return subprocess.run(  # the entry point of the `caishen` script, in this interpreter
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize("name", READMES)
def test_the_readme_is_short_and_begins_with_the_two_commands(name: str) -> None:
    text = read(name)
    assert len(text.splitlines()) < 150
    assert fenced(text)[:2] == list(COMMANDS)


@pytest.mark.parametrize("name", READMES)
def test_the_readmes_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)", read(name))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readmes_commands_and_options_exist() -> None:
    for command in {line.split("caishen ")[1].split()[0] for line in fenced(read("README.md")) if "caishen " in line}:
        assert run_caishen(command, "--help").returncode == 0, command
    shown = run_caishen("audit", "--help").stdout
    options = set(re.findall(r"--[a-z][a-z-]+", read("README.md")))
    assert {option for option in options if option not in shown} == set()


def test_both_readmes_tell_the_same_exit_codes() -> None:
    codes = [re.findall(r"^\| (\d+) \|", read(name), re.MULTILINE) for name in READMES]
    assert codes[0] == codes[1]
    assert codes[0]


def test_checks_are_the_same_everywhere() -> None:
    targets = re.findall(r"^(?:check|audit):.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
    assert len(targets) == 2
    checks = [line.strip() for target in targets for line in target.splitlines()]
    assert re.findall(r"entry: (.*)", read(".pre-commit-config.yaml")) == checks
    ci = [line for line in read(".ci/run").splitlines() if line.startswith("uv run ")]
    assert ci == [*checks, COMMANDS[1].split(" && ")[1]]


def test_the_licence_is_there_in_full() -> None:
    text = read("LICENSE")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_decisions_are_one_page_and_no_number_is_given_twice() -> None:
    papers = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [paper.name[:5] for paper in papers]
    assert all(re.fullmatch(r"\d{4}-", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(len(paper.read_text(encoding="utf-8").splitlines()) <= 60 for paper in papers)
