"""Asks which packages of the lock file have known vulnerabilities: exit code 1 when any has, and never silence.

pip-audit skips a package that it could not look up, says "No known vulnerabilities found" all the same, and ends with
0. Here a package counts as examined only if its advisories were read; the others are said to be not checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ("uv", "export", "--quiet", "--locked", "--no-hashes", "--no-emit-project")
PIP_AUDIT = ("uvx", "pip-audit@2.10.1", "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json")
# PyPI hands on the advisories of OSV; mirrors of it often do not, so that OSV itself is asked as well.
SERVICES = ("pypi", "osv")
LONGEST_S = 300


@dataclass(frozen=True)
class Outcome:
    """What one service said.

    Attributes:
        vulnerable: one line for each advisory.
        n_examined: packages whose advisories were read.
        unexamined: why others were not → how many.
    """

    vulnerable: tuple[str, ...]
    n_examined: int
    unexamined: dict[str, int]


def outcome_of(report: dict[str, Any]) -> Outcome:
    """Reads pip-audit's JSON."""
    vulnerable, unexamined = [], Counter[str]()
    packages = report["dependencies"]
    for package in packages:
        if "skip_reason" in package:
            unexamined[package["skip_reason"].partition(":")[0]] += 1
        for advisory in package.get("vulns", ()):
            fixed = ", ".join(advisory["fix_versions"]) or "no release yet"
            vulnerable.append(f"{package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    return Outcome(tuple(vulnerable), len(packages) - unexamined.total(), dict(unexamined))


def verdict(outcomes: dict[str, Outcome | str]) -> tuple[int, str]:
    """Exit code and words; an outcome that is a text says why the service gave none."""
    lines = []
    answers = [outcome for outcome in outcomes.values() if isinstance(outcome, Outcome)]
    vulnerable = sorted({line for answer in answers for line in answer.vulnerable})
    for service, outcome in outcomes.items():
        if isinstance(outcome, str):
            lines.append(f"NOT CHECKED with {service}, because {outcome}")
            continue
        for reason, count in outcome.unexamined.items():
            lines.append(f"NOT CHECKED with {service}: {count} packages, because: {reason}")
        if outcome.n_examined:
            lines.append(f"{outcome.n_examined} packages checked with {service}")
    if vulnerable:
        return 1, "\n".join([*lines, "KNOWN VULNERABILITIES (uv lock --upgrade-package NAME):", *vulnerable])
    is_whole = any(not answer.unexamined for answer in answers)
    return 0, "\n".join([*lines, *(["no known vulnerabilities"] if is_whole else [])])


def ask(service: str, requirements: str) -> Outcome | str:
    """What a service says, or why it could not be asked."""
    command = (*PIP_AUDIT, f"--vulnerability-service={service}", "--requirement=/dev/stdin")
    try:
        done = subprocess.run(
            command, input=requirements, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
        return outcome_of(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return f"it did not answer within {LONGEST_S} s"
    except (OSError, ValueError, KeyError) as error:
        said = done.stderr.strip().splitlines() if isinstance(error, ValueError) else [str(error)]
        return said[-1][:300] if said else "it gave no answer"


def main() -> int:
    """Asks one service after the other until one has examined every package."""
    exported = subprocess.run(EXPORT, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    outcomes: dict[str, Outcome | str] = {}
    for service in SERVICES:
        outcomes[service] = outcome = ask(service, exported)
        if isinstance(outcome, Outcome) and not outcome.unexamined:
            break
    code, words = verdict(outcomes)
    print(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
