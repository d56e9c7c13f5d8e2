"""XT001 and XT002: what two tables print of the same thing agrees, and no part exceeds its whole."""

from __future__ import annotations

from collections.abc import Iterator

from detect.checks import Check, check_of
from detect.facts import Ledger, Place
from detect.registry import Example, Outcome, rule
from detect.vocabulary import CrossIdentity, cross_identities, vocabulary
from models.citation import Citation
from models.finding import Relation, Skip
from models.report import Report


@rule(
    id="XT001",
    name="表间勾稽",
    severity="error",
    category="cross_table",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年一般公共预算支出预算表（不含上年结转）》万元
            项目 | > | 2031年预算数 | > | >
            科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
            合计 | > | 70.00 | 70.00 |
            206 | 科学技术支出 | 70.00 | 70.00 |
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 71.00 | 71.00 |
            工资福利支出 | | 71.00 | 71.00 |
            基本工资 | 工资奖金津补贴 | 71.00 | 71.00 |
            """,
        near_miss={"71.00": "70.00"},
        because="两张表的基本支出相等",
    ),
)
def same_quantity(report: Report) -> Iterator[Outcome]:
    """Tables that print the same quantity print the same amount, or amounts that add up across tables.

    ## 查什么
    几张表印出的同一个数是否相等，跨表相加的关系是否成立（收支总表与收入总表、支出总表，公开01与公开02等），总额和每
    个科目都核对。

    ## 为什么要查
    同一个数印成两个，至少有一个是错的。

    ## 不报的情形
    四舍五入的尾差；条件不满足的关系（如有上年结转时）；同一种表有两张的文件（列入“未检查”）。
    """
    yield from _identities(report, "XT001", "=")


@rule(
    id="XT002",
    name="部分不大于整体",
    severity="error",
    category="cross_table",
    basis=Citation("《地方预决算公开操作规程》（财预〔2016〕143号）"),
    example=Example(
        """
            《2031年一般公共预算安排基本支出分经济科目表（不含上年结转）》万元
            部门预算支出经济科目名称 | 政府预算支出经济科目名称 | 2031年预算数 | > | >
            ^ | ^ | 合计 | 人员经费 | 公用经费
            合计 | > | 10.00 | | 10.00
            商品和服务支出 | | 10.00 | | 10.00
            公务用车运行维护费 | 公务用车运行维护费 | 3.90 | | 3.90
            办公费 | 办公经费 | 6.10 | | 6.10
            《2031年财政拨款安排“三公”经费支出预算表》万元
            项目 | 2031年预算数 | > | > | >
            ^ | 合计 | 一般公共预算 | 政府性基金预算 | 国有资本经营预算
            公务接待费 | 1.20 | 1.20 | |
            公务用车购置及运行费 | 3.60 | 3.60 | |
            ②公务用车运行维护费 | 3.60 | 3.60 | |
            合计 | 4.80 | 4.80 | |
            """,
        near_miss={"3.90": "3.60", "6.10": "6.40"},
        because="基本支出中的运行费不大于“三公”经费表",
    ),
)
def part_of_whole(report: Report) -> Iterator[Outcome]:
    """A part in one table is not greater than its whole in another (general budget and all funds, 基本支出 and “三公”).

    ## 查什么
    一张表中的部分是否大于另一张表中的整体（一般公共预算与全部资金、基本支出中的公务用车费与“三公”经费等）。

    ## 为什么要查
    部分大于整体，口径不同也解释不了。

    ## 不报的情形
    部分小于整体（属正常）；四舍五入的尾差。
    """
    yield from _identities(report, "XT002", "<=")


def _identities(report: Report, rule_id: str, relation: Relation) -> Iterator[Outcome]:
    ledger = Ledger(report)
    present = {form.form for form in report.forms if form.form}
    for identity in cross_identities():
        named = [address.removeprefix("-").partition(":")[0] for address in (identity.total, *identity.terms)]
        if identity.relation != relation or named[0] not in present:
            continue
        if missing := [form for form in named if form not in present]:
            # A form of single cities is not missed elsewhere.
            if any(vocabulary().by_id[form].is_statutory for form in missing):
                yield Skip(rule_id, identity.name, "文件中没有识别出参与核对的另一张表")
            continue
        if repeated := [form for form in set(named) & present if not ledger.is_unique(form)]:
            yield Skip(rule_id, identity.name, f"同一报表在文件中出现多次（{repeated[0]}），无法确定以哪张为准")
            continue
        if not _is_meant(ledger, identity):
            yield Skip(rule_id, identity.name, "存在上年结转或年终结转，该勾稽关系在本文件中不适用")
            continue
        checks = list(_checks(report, ledger, identity))
        if not checks:
            yield Skip(rule_id, identity.name, "没有识别出参与核对的行或列")
        yield from checks


def _is_meant(ledger: Ledger, identity: CrossIdentity) -> bool:
    """Whether the condition of the identity holds in this document."""
    own = identity.total.partition(":")[0]
    titles = [form.table.title for form in ledger.report.forms if form.form == own]
    if identity.unless_titled and any(identity.unless_titled in title for title in titles):
        return True
    return all(_is_nothing(ledger, address) for address in identity.needs)


def _is_nothing(ledger: Ledger, address: str) -> bool:
    form, _, rest = address.partition(":")
    line, _, column = rest.rpartition("@")
    return all(
        place.fact.is_blank or (place.fact.amount is not None and not place.fact.amount.value)
        for place in ledger.all_of(form, line, column)
    )


def _checks(report: Report, ledger: Ledger, identity: CrossIdentity) -> Iterator[Check]:
    form = identity.total.partition(":")[0]
    codes = [""]
    if identity.each:
        codes = [
            line.id for line in ledger.lines_of(form) if line.code and (identity.each == "code" or len(line.code) == 3)
        ]
        if identity.each == "code":
            codes.append("total")
    for code in codes:
        for total in _places(ledger, identity.total, code):
            terms: list[tuple[int, Place]] = []
            complete = True
            for address in identity.terms:
                found = _places(ledger, address.removeprefix("-"), code)
                # The rows of one economic item (one for each kind of unit) are counted together.
                if len(found) != 1 and not (found and ":item:" in address):
                    complete = complete and not found and address in identity.absent_is_nothing
                    continue
                terms += [(-1 if address.startswith("-") else 1, place) for place in found]
            if complete and terms:
                yield check_of(identity.name, total, terms, report.document, identity.relation)


def _places(ledger: Ledger, address: str, code: str) -> list[Place]:
    form, _, rest = address.partition(":")
    line, _, column = rest.rpartition("@")
    found = ledger.all_of(form, line.replace("{code}", code), column)
    return found if line.startswith("item:") else found if len(found) == 1 else []
