"""UC003: prices stay within the public standards of their thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from detect.checks import Passed
from detect.conclude import conclude
from detect.registry import Outcome, rule
from detect.standards import Priced, Standard, priced_things, standards_for
from models.citation import Citation
from models.finding import Severity
from models.report import Report


@rule(
    id="UC003",
    name="单价与支出标准",
    severity="warning",
    category="unit_cost",
    basis=Citation("《中华人民共和国预算法》", "第三十二条"),
)
def legal_standards(report: Report) -> Iterator[Outcome]:
    """A price of a project form does not exceed the standard for its thing, year and place.

    ## What it checks
    Prices per unit among the cost indicators and in the text against `vocabulary/standards.csv`: equipment, furniture,
    meetings, training, travel, vehicles. The finding cites the standard with its year and region.

    ## Why it matters
    The law asks for budgets by standard; what exceeds it must be justified.

    ## What it leaves alone
    Things without a standard, other years and provinces. Standards of the central government are a yardstick for other
    places, which may have their own: then it is a hint.
    """
    done: set[tuple[str, str, str]] = set()
    for thing in priced_things(report):
        for standard in standards_for(report, thing):
            key = (thing.form.project, standard.item, str(thing.price.yuan))
            if standard.high is None or key in done:
                continue
            if thing.price.yuan <= standard.high:
                yield Passed(f"项目“{thing.form.project}”“{thing.name}”")
                continue
            done.add(key)
            yield _finding(report, thing, standard)


def _finding(report: Report, thing: Priced, standard: Standard) -> Outcome:
    severity: Severity = "hint" if standard.region == "中央" else "warning"
    assert standard.high is not None
    where = "中央单位标准" if standard.region == "中央" else f"{standard.region}标准"
    note = f"（{standard.note}）" if standard.note else ""
    finding = conclude(
        legal_standards,
        report.document,
        key=f"project:{thing.form.project}:{standard.item}",
        severity=severity,
        message=(
            f"《{thing.form.title}》项目“{thing.form.project}”“{thing.name}”为{thing.price.text}，高于{standard.item}"
            f"{standard.high:,f}元的{where}，依据{standard.basis}，{standard.since}年起执行{note}，超出"
            f"{thing.price.yuan - standard.high:,f}元，请核实适用标准。"
        ),
        places=[(thing.form.table, thing.cell)],
        expected=f"不超过{standard.high:,f}元",
        observed=thing.price.text,
        difference=f"{thing.price.yuan - standard.high:,f}元",
    )
    return replace(finding, basis=standard.basis)
