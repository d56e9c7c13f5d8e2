"""The statutory tables of the sample, as they would be printed without any fault."""

from __future__ import annotations

from examples.items import Slot, TableSpec
from examples.water_bureau import (
    BUREAU,
    CARRIED_PROJECTS,
    CLASSES,
    FUNCTION_NAMES,
    GOODS,
    GROUPS,
    RUNNING_PROJECTS,
    TARGET_PROJECTS,
    YEAR,
    basic,
    carried,
    office_cost,
    projects,
    staff_cost,
    total,
    wan,
    wan_or_blank,
)

Rows = tuple[tuple[Slot | str | None, ...], ...]
_NUMERALS = "一二三四五六七八九十"
_CODES = {name: code for code, name in FUNCTION_NAMES.items() if len(code) == 3}
_FUNDS = ("一般公共预算", "政府性基金预算", "国有资本经营预算")
_EMPTY = ("注：本表无数据",)


def _numeral(number: int) -> str:
    """1 to 39 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _NUMERALS[tens - 1]) + ("十" if tens else "") + (_NUMERALS[ones - 1] if ones else "")


def _form(number: int, title: str, header: Rows, body: Rows, widths: tuple[float, ...], **more: object) -> TableSpec:
    label = "单位名称：" + BUREAU
    return TableSpec(
        header + body,
        widths,
        title,
        f"预算公开表{number}",
        label,
        "单位：万元",
        n_header=len(header),
        **more,  # type: ignore[arg-type]
    )


def balance() -> TableSpec:
    """表一 收支总表."""
    year, left = basic("") + projects(""), carried("")
    income = dict(
        zip(
            range(5),
            (("一、一般公共预算", wan(year)), *((name, "") for name in _other_sources())),
            strict=True,
        )
    )
    body = []
    for index, name in enumerate(CLASSES):
        code = _CODES.get(name, "none")
        now, old = basic(code) + projects(code), carried(code)
        amounts = (wan_or_blank(now + old), wan_or_blank(now), wan_or_blank(old))
        body.append((*income.get(index, ("", "")), f"{_numeral(index + 1)}、{name}", *amounts))
    body += [
        ("本年收入合计", wan(year), "本年支出合计", wan(year + left), wan(year), wan(left)),
        ("上年结转", wan(left), "年终结转", "", "", ""),
        ("收入总计", wan(year + left), "支出总计", wan(year + left), wan(year), wan(left)),
    ]
    header: Rows = (
        (Slot("收入", colspan=2), None, Slot("支出", colspan=4), None, None, None),
        ("项目", f"{YEAR}年", "项目", f"{YEAR}年合计", "当年预算安排", "上年结转安排"),
    )
    note = ("注：本套报表因取数时四舍五入，部分金额可能存在尾差",)
    return _form(1, f"{YEAR}年预算收支总表", header, tuple(body), (3.6, 1.7, 5, 1.8, 1.8, 1.8), notes=note)


def _other_sources() -> tuple[str, ...]:
    return ("二、政府性基金预算", "三、国有资本经营预算", "四、财政专户管理资金", "五、单位资金")


def income() -> TableSpec:
    """表二 收入总表."""
    body = []
    for code, name in (("", "合计"), *FUNCTION_NAMES.items()):
        now = wan_or_blank(basic(code) + projects(code))
        body.append((code, name, now, now, "", "", "", "", wan_or_blank(carried(code))))
    header: Rows = (
        (Slot("项目", colspan=2), None, Slot("本年收入", colspan=6), None, None, None, None, None, Slot("上年结转", 2)),
        (
            "科目编码",
            "科目名称",
            "合计",
            "一般公共预算",
            "政府性基金",
            "国有资本经营预算",
            "财政专户管理资金",
            "单位资金",
            None,
        ),
    )
    widths = (2.1, 5.0, 2.0, 2.0, 1.6, 1.8, 1.8, 1.6, 1.8)
    return _form(2, f"{YEAR}年预算收入总表", header, tuple(body), widths, align="ll.......")


def spending(*, general_budget: bool) -> TableSpec:
    """表三 支出总表, or 表五, which leaves out what was carried over from the year before."""
    body = []
    for code, name in (("", "合计"), *FUNCTION_NAMES.items()):
        project = projects(code) + (0 if general_budget else carried(code))
        body.append((code, name, wan(basic(code) + project), wan_or_blank(basic(code)), wan_or_blank(project)))
    header: Rows = (
        (Slot("项目", colspan=2), None, Slot(f"{YEAR}年预算数", colspan=3), None, None),
        ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
    )
    title = f"{YEAR}年一般公共预算支出预算表（不含上年结转）" if general_budget else f"{YEAR}年预算支出总表"
    return _form(5 if general_budget else 3, title, header, tuple(body), (2, 5, 2, 2, 2), align="ll...")


def grants() -> TableSpec:
    """表四 财政拨款收支总表."""
    year, left = basic("") + projects(""), carried("")
    sources = ((_FUNDS[0], wan(year)), (_FUNDS[1], ""), (_FUNDS[2], ""))
    body = []
    for index, name in enumerate(CLASSES):
        code = _CODES.get(name, "none")
        amount = wan_or_blank(basic(code) + projects(code) + carried(code))
        source = (f"{_numeral(index + 1)}、{sources[index][0]}", sources[index][1]) if index < 3 else ("", "")
        body.append((*source, f"{_numeral(index + 1)}、{name}", amount, amount, "", ""))
    everything = wan(year + left)
    body += [
        ("本年收入合计", wan(year), "本年支出合计", everything, everything, "", ""),
        ("上年财政拨款结转", wan(left), "年终结转", "", "", "", ""),
        (f"一、{_FUNDS[0]}", wan(left), "", "", "", "", ""),
        (f"二、{_FUNDS[1]}", "", "", "", "", "", ""),
        (f"三、{_FUNDS[2]}", "", "", "", "", "", ""),
        ("收入总计", everything, "支出总计", everything, everything, "", ""),
    ]
    header: Rows = (
        (Slot("收入", colspan=2), None, Slot("支出", colspan=5), None, None, None, None),
        (Slot("项目", 2), Slot("金额", 2), Slot("项目", 2), Slot("金额", colspan=4), None, None, None),
        (None, None, None, "小计", *_FUNDS),
    )
    return _form(4, f"{YEAR}年财政拨款收支总表", header, tuple(body), (3.5, 1.8, 5, 1.8, 1.8, 1.8, 1.8), pad_pt=1.1)


def basic_by_subject() -> TableSpec:
    """表六 基本支出分经济科目表."""
    body: list[tuple[Slot | str | None, ...]] = [
        (Slot("合计", align="center"), "", wan(basic("")), wan(staff_cost()), wan(office_cost()))
    ]
    for group, items in GROUPS:
        staff = sum(item.yuan for item in items if item.staff)
        office = total(items) - staff
        body.append((group, "", wan(total(items)), wan_or_blank(staff), wan_or_blank(office)))
        for item in items:
            amount = wan(item.yuan)
            body.append(
                (
                    Slot(item.name, indent_em=1),
                    item.government,
                    amount,
                    amount if item.staff else "",
                    "" if item.staff else amount,
                )
            )
    header: Rows = (
        (
            Slot("部门预算支出经济科目名称", 2),
            Slot("政府预算支出经济科目名称", 2),
            Slot(f"{YEAR}年预算数", colspan=3),
            None,
            None,
        ),
        (None, None, "合计", "人员经费", "公用经费"),
    )
    title = f"{YEAR}年一般公共预算安排基本支出分经济科目表（不含上年结转）"
    return _form(6, title, header, tuple(body), (4.2, 3.6, 2, 2, 2))


def funds_and_capital() -> tuple[TableSpec, TableSpec, TableSpec]:
    """表七, 表八, 表九: nothing to report, so a 合计 row and a note."""
    fund_income = _form(
        7,
        f"{YEAR}年政府性基金预算收入表（不含上年结转）",
        ((Slot("项目", colspan=2), None, Slot("政府性基金收入预算", 2)), ("收入科目编码", "科目名称", None)),
        (("", "合计", ""),),
        (2, 4, 3),
        notes=_EMPTY,
    )
    fund_spending = _form(
        8,
        f"{YEAR}年政府性基金预算支出表（不含上年结转）",
        (
            (Slot("项目", colspan=2), None, Slot(f"{YEAR}年预算数", colspan=3), None, None),
            ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ),
        (("", "合计", "", "", ""),),
        (2, 4, 2, 2, 2),
        notes=_EMPTY,
    )
    capital = _form(
        9,
        f"{YEAR}年国有资本经营预算收支预算表（不含上年结转）",
        (
            (Slot("国有资本经营预算收入", colspan=3), None, None, Slot("国有资本经营预算支出", colspan=5), *[None] * 4),
            ("收入科目编码", "科目名称", "收入预算", "科目编码", "科目名称", "合计", "基本支出", "项目支出"),
        ),
        (("", "合计", "", "", "合计", "", "", ""),),
        (2, 2.6, 1.8, 1.8, 2.6, 1.6, 1.6, 1.6),
        notes=_EMPTY,
    )
    return fund_income, fund_spending, capital


def hospitality_and_cars() -> TableSpec:
    """表十 “三公”经费."""
    guests, cars = (goods_yuan(name) for name in ("公务接待费", "公务用车运行维护费"))
    lines = (
        ("因公出国（境）费", 0),
        ("公务接待费", guests),
        ("公务用车购置及运行费", cars),
        ("①公务用车购置费", 0),
        ("②公务用车运行维护费", cars),
        ("合计", guests + cars),
    )
    body = tuple((Slot(name, indent_em=name[0] in "①②"), wan(yuan), wan(yuan), "0.00", "0.00") for name, yuan in lines)
    header: Rows = (
        (Slot("项目", 2), Slot(f"{YEAR}年预算数", colspan=4), None, None, None),
        (None, "合计", *_FUNDS),
    )
    return _form(10, f"{YEAR}年财政拨款安排“三公”经费支出预算表", header, body, (4, 2, 2, 2, 2))


def goods_yuan(name: str) -> int:
    """Whole yuan of one item of 商品和服务支出."""
    return next(item.yuan for item in GOODS if item.name == name)


def office_running() -> TableSpec:
    """表十一 机关运行经费."""
    amount = wan(office_cost())
    header: Rows = (
        (Slot("单位名称", 2), Slot(f"{YEAR}年预算数", colspan=4), None, None, None),
        (None, "合计", *_FUNDS),
    )
    body = tuple((name, amount, amount, "0.00", "0.00") for name in ("部门合计", BUREAU))
    return _form(11, f"{YEAR}年财政拨款安排机关运行经费预算表", header, body, (4, 2, 2, 2, 2))


def project_spending() -> tuple[TableSpec, TableSpec]:
    """表十二 and 表十三: projects from this year's money, and from last year's balance."""
    listed = RUNNING_PROJECTS + TARGET_PROJECTS

    def row(name: str, yuan: int, indent: int, blanks: int) -> tuple[Slot | str, ...]:
        return (Slot(name, indent_em=indent), wan(yuan), wan(yuan), *["0.00"] * blanks)

    header: Rows = (
        (
            *(Slot("项目名称", 2), Slot("合计", 2), Slot(f"{YEAR}年财政拨款", colspan=3), None, None),
            *(Slot("财政专户管理资金", 2), Slot("单位资金", 2)),
        ),
        (None, None, *_FUNDS, None, None),
        tuple(Slot(str(n), align="center") for n in range(1, 8)),
    )
    now = (
        *(row(BUREAU, total(listed), indent, 4) for indent in (0, 1)),
        *(row(project.name, project.yuan, 2, 4) for project in listed),
    )
    this_year = _form(12, f"{YEAR}年项目支出预算表（本年预算）", header, now, (5, 1.8, 1.8, 1.8, 1.8, 1.8, 1.6))
    header = (
        (Slot("项目名称", 2), Slot("合计", 2), Slot(f"{YEAR}年财政拨款", colspan=3), None, None),
        (None, None, *_FUNDS),
        tuple(Slot(str(n), align="center") for n in range(1, 6)),
    )
    old = (
        *(row(BUREAU, total(CARRIED_PROJECTS), indent, 2) for indent in (0, 1)),
        *(row(project.name, project.yuan, 2, 2) for project in CARRIED_PROJECTS),
    )
    carried_over = _form(13, f"{YEAR}年项目支出预算表（上年结转）", header, old, (5.4, 2, 2, 2, 2))
    return this_year, carried_over
