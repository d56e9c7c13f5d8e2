"""PF011: most indicators of a document can be measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from detect.conclude import conclude, or_passed
from detect.registry import Example, Outcome, Threshold, rule
from models.citation import Citation
from models.finding import Severity
from models.form import Indicator, ProjectForm
from models.report import Report

_WITHIN = re.compile(r"控制在|不超过?预算|预算(?:范围|额度)?内|按.{0,12}(?:标准|规定|文件|要求|合同|采购)|成本控制")
_RATE = re.compile(r"(?<!效)率$")
_MONEY = re.compile(r"\d.*元|\d%|^\D?\d[\d,.]*$")
_WORDS_OF_BASIS = re.compile(
    r"《|〔|[\[【(（](?:19|20)\d\d|号|法|条例|办法|规定|意见|通知|方案|规划|纪要|批复|措施|协议|合同|计划|职责|三定|决定|"
    r"会议|标准|规范|要求"
)


@rule(
    id="PF011",
    name="绩效指标未量化",
    severity="warning",
    category="project",
    basis=Citation("《中央部门项目支出核心绩效目标和指标设置及取值指引（试行）》（财预〔2021〕101号）"),
    example=Example(
        """
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 穹幕清洗费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 满意度指标 | 服务对象满意度指标 | 观众满意度 | 满意
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 陨石征集费 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 满意度指标 | 服务对象满意度指标 | 观众满意度 | 满意
            《虚构市项目支出绩效目标表》
            项目名称 | > | > | 望远镜租用 | >
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
            ^ | 满意度指标 | 服务对象满意度指标 | 观众满意度 | 满意
            """,
        near_miss={"观众满意度 | 满意": "观众满意度 | ≥90%"},
        because="满意度有数字",
    ),
    thresholds=(
        Threshold("min_forms", "张", "表达到此数才作整体判断", "更少的分不清是习惯还是个别", low=2, high=1000),
        Threshold("min_indicators", "个", "指标达到此数才看定量比例", "更少的比例没有意义", low=1, high=10000),
        Threshold("min_rates", "个", "没有数字的率达到此数起报", "一两个可能是没有识别出来", low=1, high=1000),
        Threshold("share", "比例", "有这种情形的表或指标达到此比例起报", "过半才是整份文件的问题", low=0, high=1),
    ),
)
def unmeasurable(
    report: Report, *, min_forms: int = 3, min_indicators: int = 20, min_rates: int = 3, share: float = 0.5
) -> Iterator[Outcome]:
    """Cost and satisfaction are stated as numbers, and projects name the document they rest on.

    ## 查什么
    一份文件有若干张表时，是否有半数以上把成本只写成“控制在预算内”、满意度只写成“满意”、率写成文字、立项依据不写
    任何文件、指标大多没有数字。每类合为一项。

    ## 为什么要查
    不能衡量的就不能评价；指引要求尽可能量化。

    ## 不报的情形
    单张表；常用文字表述的效益指标；没有值的指标（由 PF008 报出）。
    """
    forms = [form for form in report.project_forms if form.kind == "target"]
    if len(forms) < min_forms:
        return
    checks = {
        "成本指标量化": _class(
            report, forms, "成本", "成本指标没有金额", lambda value: bool(_MONEY.search(value)), min_forms, share
        ),
        "满意度指标量化": _class(report, forms, "满意度", "满意度没有百分比", _has_digit, min_forms, share),
        "比率类指标量化": _rates(report, min_rates),
        "指标定量比例": _share(report, forms, min_indicators, share),
        "立项依据": _basis(report, forms, min_forms, share),
    }
    for scope, outcomes in checks.items():
        yield from or_passed(outcomes, scope)


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def _class(
    report: Report,
    forms: Sequence[ProjectForm],
    word: str,
    what: str,
    is_measured: Callable[[str], bool],
    min_forms: int,
    share: float,
) -> Iterator[Outcome]:
    stated: list[ProjectForm] = []
    vague: list[tuple[ProjectForm, list[Indicator]]] = []
    for form in forms:
        own = [item for item in form.indicators if word in item.level2 + item.level1 and item.name and item.value]
        if word == "成本":
            own = [item for item in own if "成本" in item.level2]
        if not own:
            continue
        stated.append(form)
        if not any(is_measured(item.value) for item in own):
            vague.append((form, own))
    if len(vague) < min_forms or len(vague) < share * len(stated):
        return
    values = "、".join(dict.fromkeys(f"“{item.value}”" for _, own in vague for item in own[:1]))
    yield _finding(
        report,
        f"{word}未量化",
        f"{len(stated)}张绩效目标表中有{len(vague)}张的{what}，只写为{values[:120]}等，无法考核。",
        vague,
        "warning",
    )


def _rates(report: Report, min_rates: int) -> Iterator[Outcome]:
    """Indicators called a rate whose value is a word."""
    found = [
        (form, item)
        for form in report.project_forms
        for item in form.indicators
        if form.kind != "self_evaluation" and "效益" not in item.level1 and _RATE.search(item.name)
        if item.value and not _has_digit(item.value)
    ]
    rows: dict[tuple[str, int], tuple[ProjectForm, list[Indicator]]] = {}
    for form, item in found:
        rows.setdefault((form.table.id, item.value_cell.row), (form, []))[1].append(item)
    if len(rows) >= min_rates:
        named = "、".join(
            f"“{own[0].name}”填“{own[0].value}”（{form.project}）" for form, own in list(rows.values())[:6]
        )
        yield _finding(
            report, "比率", f"{named}等{len(rows)}个比率类指标没有数值，无法考核。", list(rows.values()), "warning"
        )


def _share(report: Report, forms: Sequence[ProjectForm], min_indicators: int, share: float) -> Iterator[Outcome]:
    rows = {
        (form.table.id, item.value_cell.row): (form, item)
        for form in forms
        for item in form.indicators
        if item.name and item.value and item.side == "year"
    }
    words = [(form, item) for form, item in rows.values() if not any(char.isdigit() for char in item.value)]
    if len(rows) >= min_indicators and len(words) > share * len(rows):
        numbers = len(rows) - len(words)
        yield _finding(
            report,
            "定量比例",
            f"{len(forms)}张绩效目标表共{len(rows)}个年度指标，有数值的{numbers}个，占{numbers * 100 / len(rows):.0f}%"
            "，多数指标无法量化考核。",
            [(form, [item]) for form, item in words],
            "hint",
        )


def _basis(report: Report, forms: Sequence[ProjectForm], min_forms: int, share: float) -> Iterator[Outcome]:
    texts = [(form, text) for form in forms if (text := form.text("basis")) is not None]
    bare = [(form, text) for form, text in texts if not _WORDS_OF_BASIS.search(text.text)]
    if len(bare) >= min_forms and len(bare) >= share * len(texts):
        named = "、".join(f"“{form.project}”" for form, _ in bare[:6])
        yield conclude(
            unmeasurable,
            report.document,
            key="project:document:立项依据",
            message=(
                f"{len(texts)}张绩效目标表中有{len(bare)}张的立项依据没有引用任何政策文件、规划或部门职责（{named}等），"
                "无法核实项目设立的依据。"
            ),
            places=[(form.table, text.cell) for form, text in bare],
            expected="政策文件、规划或职责",
            observed="无",
        )


def _finding(
    report: Report,
    what: str,
    message: str,
    found: Sequence[tuple[ProjectForm, Sequence[Indicator]]],
    severity: Severity,
) -> Outcome:
    return conclude(
        unmeasurable,
        report.document,
        key=f"project:document:{what}",
        severity=severity,
        message=message,
        places=[(form.table, item.value_cell) for form, own in found for item in own],
    )
