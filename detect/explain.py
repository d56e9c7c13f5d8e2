"""A root cause to a finding that can be pasted into a working paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from detect.checks import Check, Operand, OperandKey
from detect.localise import RootCause, is_unit_slip
from detect.reconcile import Verdict
from detect.registry import Rule
from models.finding import Evidence, Finding
from models.money import yuan_text

_OPEN = "（合计与各项中必有一处有误，仅凭此式不能判定是哪一处）"
MOST_TERMS = 8
"""Terms that a formula writes out; the places of all of them are in the evidence."""
MOST_FORMULAS = 3
"""Further statements that a message writes out; the equations of the finding have all of them."""
MAX_EVIDENCE = 80
"""Places beyond this number are named in the equations only."""


def explain(
    cause: RootCause, verdict: Verdict, rules: Mapping[str, Rule], operands: Mapping[OperandKey, Operand]
) -> Finding:
    """Word the finding of one root cause.

    Args:
        cause: the disputed cells and the statements they break.
        verdict: whether the fault is printed or misread.
        rules: by id.
        operands: by key, every operand of the document.
    """
    primary = cause.checks[0]
    rule = rules[primary.rule]
    disputed = operands[cause.cells[0]]
    printed = disputed.interval_source.value
    corrected = printed + cause.delta
    unit = disputed.unit
    if printed and is_unit_slip(printed, corrected, disputed):
        small = abs(printed) > abs(corrected)
        slip = (
            "，疑似以元填列"
            if (unit == "万元" and small)
            else "，疑似以万元填列"
            if (unit == "元" and not small)
            else "，疑似金额单位错误"
        )
    else:
        slip = _swapped(printed, corrected, disputed)
    evidence = _evidence(cause, operands)
    return Finding(
        key=f"{primary.rule}:{disputed.form or 'text'}:{disputed.line}:{disputed.column}",
        rule=primary.rule,
        category=rule.category,
        severity=rule.severity if verdict.reading == "real" else "hint",
        confidence=verdict.confidence,
        reading=verdict.reading,
        message=_message(cause, operands, corrected, slip, verdict.note),
        evidence=evidence,
        basis=rule.basis,
        equations=tuple(check.equation() for check in cause.checks),
        expected=_money(corrected, unit),
        observed=_money(printed, unit) if disputed.state != "blank" else "空白",
        difference=_money(printed - corrected, unit),
    )


def _money(value: Decimal, unit: str) -> str:
    return yuan_text(value, unit) if unit else f"{value.normalize():,f}"


def _message(cause: RootCause, operands: Mapping[OperandKey, Operand], corrected: Decimal, slip: str, note: str) -> str:
    disputed = operands[cause.cells[0]]
    unit = disputed.unit
    printed = disputed.interval_source.value
    verb = "填列" if disputed.key[0] else "写为"
    shown = f"{verb}{disputed.text.strip()}{unit}" if disputed.state != "blank" else "未填列"
    first = cause.checks[0]
    relation = "不应大于" if first.relation == "<=" else "应为"
    gap = _money(abs(printed - corrected), unit)
    remark = f"{slip}{_OPEN if cause.is_open else ''}"
    sentences = [
        f"{disputed.name}{shown}，按“{first.name}”{relation}{_money(corrected, unit)}，相差{gap}{remark}",
        f"算式：{_formula(first, disputed)}",
    ]
    # what a text states three times is one statement to the reader
    told = list(dict.fromkeys(f"“{check.name}”：{_formula(check, disputed)}" for check in cause.checks))
    others = [one for one in told if one != f"“{first.name}”：{_formula(first, disputed)}"]
    if others:
        more = f"；等{len(others)}处" if len(others) > MOST_FORMULAS else ""
        sentences.append(f"同时不满足{'；'.join(others[:MOST_FORMULAS])}{more}")
    sentences += _others(cause, operands)
    if note:
        sentences.append(note)
    return "。".join(sentences) + "。"


def _others(cause: RootCause, operands: Mapping[OperandKey, Operand]) -> list[str]:
    """What else is off with the disputed cell: the totals that follow from it, or the row that has its amount."""
    alike = [cell for cell in cause.cells[1:] if (cause.changes[cell] < 0) == (cause.delta < 0)]
    opposite = [operands[cell] for cell in cause.cells if cell not in alike and cell != cause.cells[0]]
    sentences = [f"同一差额还出现在同表{len(alike)}个单元格"] if alike else []
    if opposite:
        other = opposite[0]
        right = _money(other.interval_source.value + cause.changes[other.key], other.unit)
        shown = f"填列{other.text.strip()}{other.unit}" if other.state != "blank" else "未填列"
        sentences.append(f"{other.name}{shown}，应为{right}，差额相同而方向相反，疑似金额错列在两行之间")
    return sentences


def _formula(check: Check, disputed: Operand) -> str:
    """The statement with printed amounts: `《支出总表》“合计”12.00万元 ≠ 11.00万元（5.00 + 6.00）`.

    The disputed amount itself is `该项`; a statement of two amounts says where the other one stands.
    """
    unit = check.total.unit
    right = check.total.interval_source.value - check.residual
    sign = "＞" if check.relation == "<=" else "≠"
    stated = [term for term in check.terms if term.state == "number"]
    shown = " ".join(f"{'-' if term.sign < 0 else '+'} {term.text.strip()}" for term in stated[:MOST_TERMS])
    left = f"{_called(check.total, disputed)}{_money(check.total.interval_source.value, unit)}"
    if len(stated) == 1 and stated[0].sign > 0:
        return f"{left} {sign} {_called(stated[0], disputed)}{_money(right, unit)}"
    detail = f"（{shown.removeprefix('+ ')}）" if stated and len(stated) <= MOST_TERMS else ""
    return f"{left} {sign} {_money(right, unit)}{detail}"


def _called(operand: Operand, disputed: Operand) -> str:
    """The name of an operand as short as it is clear behind the name of the disputed one."""
    if operand.key == disputed.key:
        return "该项"
    table, closed, rest = operand.name.partition("》")
    same = operand.key[0] and operand.key[0] == disputed.key[0] and disputed.name.startswith(table + closed)
    return f"同表{rest}" if same and closed and rest else operand.name


def _swapped(printed: Decimal, corrected: Decimal, operand: Operand) -> str:
    """A remark when exactly two neighbouring digits of the printed amount stand the wrong way round."""
    if not operand.unit_yuan:
        return ""
    one = re.sub(r"\D", "", f"{abs(printed / operand.unit_yuan):.{operand.decimals}f}")
    two = re.sub(r"\D", "", f"{abs(corrected / operand.unit_yuan):.{operand.decimals}f}")
    if len(one) != len(two):
        return ""
    wrong = [index for index, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if (
        len(wrong) == 2
        and wrong[1] - wrong[0] == 1
        and one[wrong[0]] == two[wrong[1]]
        and one[wrong[1]] == two[wrong[0]]
    ):
        return "，疑似相邻两位数字颠倒"
    return ""


def _evidence(cause: RootCause, operands: Mapping[OperandKey, Operand]) -> tuple[Evidence, ...]:
    places: dict[OperandKey, Evidence] = {}
    for cell in cause.cells:
        places[cell] = operands[cell].evidence
    for check in cause.checks:
        for operand in check.operands:
            if operand.state != "blank":
                places.setdefault(operand.key, operand.evidence)
    return tuple(list(places.values())[:MAX_EVIDENCE])
