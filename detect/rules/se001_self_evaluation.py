"""SE001 and SE002: the score of a self-evaluation is the sum of its parts, and the grade follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from detect.amounts import parse_number
from detect.checks import Check, Naming, Passed, cell_operand
from detect.conclude import conclude
from detect.projects import is_self_evaluation, project_name, scores
from detect.registry import Example, Outcome, rule
from detect.wording import plain
from models.citation import Citation
from models.finding import Skip
from models.report import Report

BASIS = Citation("《项目支出绩效评价管理办法》（财预〔2020〕10号）")
GRADES = ((Decimal(90), "优"), (Decimal(80), "良"), (Decimal(60), "中"), (Decimal(0), "差"))
"""Lowest score of each grade. Source: 财预〔2020〕10号, and the note that the form itself carries."""
SCORE_DECIMALS = 2
"""Scores are stated, not rounded: `50分` is exact; two decimals are as fine as any form prints them."""


@rule(
    id="SE001",
    name="自评得分合计",
    severity="error",
    category="selfeval",
    basis=BASIS,
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | >
            项目执行情况（10分） | > | 预算执行率=90% | 9分
            绩效指标 | 产出指标（50分） | 观测次数 | 48.5分
            ^ | 效益指标（30分） | 参加人数 | 30分
            ^ | 满意度指标（10分） | 参加者满意度 | 10分
            总分 | > | > | 94.5分
            自评结论 | > | 自评得分97.5分，等级为优。 | >
            """,
        near_miss={"94.5分": "97.5分"},
        because="总分等于各部分之和",
    ),
)
def score_sum(report: Report) -> Iterator[Outcome]:
    """总分 equals the scores of execution, output, benefit and satisfaction.

    ## 查什么
    自评表的总分是否等于执行率、产出、效益、满意度各部分得分之和。

    ## 为什么要查
    等级和来年的资金都取决于总分。

    ## 不报的情形
    有一部分没有填得分的表（列入“未检查”）。
    """
    for table in report.document.tables:
        if not is_self_evaluation(table):
            continue
        project = project_name(table)
        found = scores(table)
        wanted = ("执行", "产出", "效益", "满意度")
        if found is None or any(not any(word in label for label, _ in found.parts) for word in wanted):
            yield Skip("SE001", f"项目“{project}”自评总分", "没有识别出总分或各部分得分，未作核对")
            continue

        def naming(label: str, title: str = table.title, of: str = project) -> Naming:
            return Naming("selfeval", of, label, label, f"《{title}》项目“{of}”的{label}得分", "分", SCORE_DECIMALS)

        total = cell_operand(report.document, table.id, found.total, naming("总分"))
        terms = tuple(cell_operand(report.document, table.id, cell, naming(label)) for label, cell in found.parts)
        yield Check("总分等于各部分得分之和", total, terms)


@rule(
    id="SE002",
    name="自评等级与得分",
    severity="error",
    category="selfeval",
    basis=BASIS,
    example=Example(
        """
            《虚构市项目支出绩效自评表》
            项目名称 | > | 流星雨观测活动经费 | >
            项目执行情况（10分） | > | 预算执行率=90% | 9分
            绩效指标 | 产出指标（50分） | 观测次数 | 48.5分
            ^ | 效益指标（30分） | 参加人数 | 30分
            ^ | 满意度指标（10分） | 参加者满意度 | 10分
            总分 | > | > | 97.5分
            自评结论 | > | 自评得分97.5分，等级为良。 | >
            """,
        near_miss={"等级为良": "等级为优"},
        because="97.5分为优",
    ),
)
def grade_of_score(report: Report) -> Iterator[Outcome]:
    """The grade of the conclusion is the one that the total score stands for (90 优, 80 良, 60 中).

    ## 查什么
    自评结论的等级与总分是否相符（90分以上优，80分以上良，60分以上中，60分以下差）。

    ## 为什么要查
    公开和统计的是等级。

    ## 不报的情形
    结论没有写等级；总分没有识别出来（列入“未检查”）。
    """
    for table in report.document.tables:
        if not is_self_evaluation(table):
            continue
        project = project_name(table)
        found = scores(table)
        if found is None or found.conclusion is None:
            yield Skip("SE002", f"项目“{project}”自评等级", "没有识别出总分或结论中的等级，未作核对")
            continue
        number = parse_number(plain(found.total.text).removesuffix("分"))
        if number is None:
            continue
        due = next(grade for lowest, grade in GRADES if number[0] >= lowest)
        if due == found.grade:
            yield Passed(f"项目“{project}”自评等级")
            continue
        yield conclude(
            grade_of_score,
            report.document,
            key=f"selfeval:{project}:等级",
            message=f"《{table.title}》项目“{project}”自评等级写为“{found.grade}”，总分{found.total.text}应评为“{due}”。",
            places=[(table, found.conclusion), (table, found.total)],
            expected=due,
            observed=found.grade,
        )
