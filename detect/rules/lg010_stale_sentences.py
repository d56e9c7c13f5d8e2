"""LG010: a sentence that states this year's amount names this year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detect.checks import Passed
from detect.conclude import conclude
from detect.narrative import statements
from detect.registry import Example, Outcome, rule
from detect.texts import Words
from models.citation import Citation
from models.report import Report

_YEAR = re.compile(r"(?<![-—–~～至\d])(20\d\d)年(?:度)?")
_COMPARED = re.compile(r"[比较与同和自截从]")


@rule(
    id="LG010",
    name="文字说明的年度",
    severity="warning",
    category="language",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年预算支出总表》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 130.00 | 80.00 | 50.00
            206 | 科学技术支出 | 130.00 | 80.00 | 50.00
            # 三、支出预算情况说明
            2030年度支出预算130.00万元，其中：基本支出80.00万元；项目支出50.00万元。
            """,
        near_miss={"2030年度支出": "2031年度支出"},
        because="年度一致",
    ),
)
def stale_sentences(report: Report) -> Iterator[Outcome]:
    """The year before an amount of the explanation is the year of the table that prints the amount.

    ## 查什么
    文字说明中金额之前所写的年度，与印有同一金额的报表的年度是否一致。

    ## 为什么要查
    句子是从其他年度沿用的，只换了金额。

    ## 不报的情形
    金额与报表不同的句子（由其他规则报出）；与其他年度的比较；金额为零。
    """
    year = report.year
    if year is None:
        return
    for statement in statements(report):
        mention = statement.mention
        named = list(_YEAR.finditer(mention.lead))
        if not named or not mention.claim.value or statement.table_value != mention.claim.value:
            continue
        stated = named[-1]
        if int(stated.group(1)) == year:
            yield Passed(f"“{mention.claim.subject[:30]}”的年度")
        elif not _COMPARED.search(mention.lead[: stated.start()][-2:]):
            yield conclude(
                stale_sentences,
                report.document,
                places=[Words(mention.passage, mention.start)],
                key=f"text:{statement.name}",
                message=(
                    f"“{mention.claim.subject[-40:]}{mention.claim.text}”所述年度为{stated.group(1)}年，该金额即本文件"
                    f"{year}年度《{statement.places[0].form.name}》所列金额，疑似沿用其他年度的文字。"
                ),
                expected=f"{year}年",
                observed=f"{stated.group(1)}年",
            )
