"""PF007: the money of the whole period, the money of the year and the years of a project fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Check, Naming, Operand, cell_operand
from detect.conclude import conclude
from detect.localise import is_unit_slip
from detect.registry import Example, Outcome, Threshold, rule
from detect.wording import plain
from models.citation import Citation
from models.form import Funding, ProjectForm
from models.report import Report

_YEARS = re.compile(r"^(\d{1,2})年$")
_RECURRING = re.compile(
    r"工资|聘用|见习|劳务|租赁|租用|运维|运行维护|维护费|差旅|培训|物业|水电|取暖|保洁|保安|网络|日常|办公|档案"
)
"""Things that a body pays for every year."""


@rule(
    id="PF007",
    name="实施期与年度资金、项目期",
    severity="error",
    category="project",
    basis=Citation("《中央部门预算绩效目标管理办法》（财预〔2015〕88号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | 星图馆穹幕修缮费 | > | > | >
            项目属性 | > | 一次性项目（1年结束） | 项目期 | 1年 | >
            项目资金（元） | 实施期资金总额： | 500,000 | 年度资金总额： | > | 300,000
            ^ | 单位自筹 | 500,000 | 单位自筹 | > | 300,000
            """,
        near_miss={"500,000": "300,000"},
        because="一年期项目两个总额相等",
    ),
    thresholds=(
        Threshold(
            "many", "个", "项目达到此数且全部写成一次性，才合为一项报出", "更少的可能确实都是一次性", low=2, high=1000
        ),
    ),
)
def period_and_year(report: Report, *, many: int = 5) -> Iterator[Outcome]:
    """The whole period costs at least what one year costs, and the same where the project lasts one year.

    ## 查什么
    实施期资金总额与年度资金总额按项目期是否说得通（一年期应相等，多年期不少于一年）；一次性项目的项目期是否为一年；
    一份文件是否把长期项目全部写成一次性。

    ## 为什么要查
    以后年度的钱是按实施期总额决定的。

    ## 不报的情形
    各年金额不同的多年期项目；单位填错的（由 PF002 报出）。
    """
    forms = [form for form in report.project_forms if form.kind == "target" and not form.is_list]
    for form in forms:
        period, year = form.funding("period"), form.funding("year")
        if period is not None and year is not None:
            check = _check(report, form, period, year)
            if check is not None:
                yield check
        if "一次性" in _said(form, "attribute") and _years(form) not in (None, 1):
            yield _attribute(report, form)
    once = [form for form in forms if "一次性" in _said(form, "attribute")]
    recurring = [form for form in once if _RECURRING.search(form.project)]
    if len(once) == len(forms) >= many and len(recurring) * 2 >= len(once):
        named = "、".join(f"“{form.project}”" for form in recurring[:6])
        yield conclude(
            period_and_year,
            report.document,
            key="project:document:项目属性",
            severity="warning",
            message=(
                f"{len(forms)}张绩效目标表的项目属性全部填为一次性项目，其中{named}等{len(recurring)}个项目是每年都要"
                "发生的支出，应按经常性项目填列。"
            ),
            places=[(form.table, text.cell) for form in recurring if (text := form.text("attribute")) is not None],
            expected="经常性项目",
            observed="一次性项目",
        )


def _said(form: ProjectForm, field: str) -> str:
    text = form.text(field)
    return plain(text.text) if text is not None else ""


def _years(form: ProjectForm) -> int | None:
    found = _YEARS.match(_said(form, "duration"))
    return int(found.group(1)) if found else None


def _operand(report: Report, form: ProjectForm, funding: Funding) -> Operand:
    name = f"《{form.title}》项目“{form.project}”的{funding.name}"
    naming = Naming("project", form.project, f"{funding.name}/{funding.name}", funding.name, name, funding.unit)
    return cell_operand(report.document, form.table.id, funding.total, naming)


def _check(report: Report, form: ProjectForm, period: Funding, year: Funding) -> Check | None:
    whole, one = _operand(report, form, period), _operand(report, form, year)
    left, right = one.interval_source.value, whole.interval_source.value
    if not left or not right or is_unit_slip(left, right, one) or left > right * 1000 or right > left * 1000:
        return None
    if _years(form) == 1:
        return Check("项目期1年，年度资金总额等于实施期资金总额", one, (whole,))
    return Check("年度资金总额不大于实施期资金总额", one, (whole,), "<=")


def _attribute(report: Report, form: ProjectForm) -> Outcome:
    attribute, duration = form.text("attribute"), form.text("duration")
    assert attribute is not None
    assert duration is not None
    return conclude(
        period_and_year,
        report.document,
        key=f"project:{form.project}:项目期",
        severity="warning",
        message=(
            f"《{form.title}》项目“{form.project}”的项目属性为“{attribute.text}”，项目期填列{duration.text}，"
            "一次性项目的项目期应为1年。"
        ),
        places=[(form.table, duration.cell), (form.table, attribute.cell)],
        expected="1年",
        observed=duration.text,
    )
