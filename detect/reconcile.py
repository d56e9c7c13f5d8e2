"""A root cause to a verdict: is the fault printed, was it misread, or can nobody tell from this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from detect.checks import Check, Operand, OperandKey
from detect.joint import other_readings
from detect.localise import RootCause
from models.finding import ReadingVerdict

SURE = 0.9
"""Confidence from which a reading is taken as sure; below, one numeric cell in about fifty is wrong in our own
measurement of scanned pages, which is far more often than a published table is."""
MIN_AGREEING = 2
"""Independent statements that must agree before a reading is taken as settled (the design's requirement)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a root cause.

    Attributes:
        reading: whether the page shows the fault or its reading does.
        confidence: probability that the page shows it, 0 to 1.
        note: Chinese, why it is not sure; empty when it is real.
    """

    reading: ReadingVerdict
    confidence: float
    note: str = ""


def reconcile(cause: RootCause, operands: Mapping[OperandKey, Operand], checks: Sequence[Check]) -> Verdict:
    """Judge one root cause by the readings of the cells that can explain it.

    Args:
        cause: the disputed cells and the statements they break.
        operands: by key, every operand of the document.
        checks: all statements of the document that can be decided.
    """
    others = other_readings(cause.checks, checks, operands)
    if others:
        note = "；".join(
            f"{operands[other.key].name}可能误读：识别为“{operands[other.key].text}”，"
            f"另一种读法“{other.text}”可使勾稽成立"
            for other in others
        )
        # One statement can be settled by chance; two that agree on a digit cannot.
        if all(other.settled >= MIN_AGREEING for other in others):
            return Verdict("probable-misread", 0.1, note)
        return Verdict("undecided", 0.3, note)
    ways = [cause.changes, *(rival.changes for rival in cause.rivals)]
    for changes in ways:
        for cell, delta in changes.items():
            operand = operands[cell]
            if _lost_point(operand, delta):
                note = f"{operand.name}可能误读：识别为“{operand.text}”，疑似漏识小数点"
                agreed = len(cause.checks) >= MIN_AGREEING
                return Verdict("probable-misread" if agreed else "undecided", 0.2, note)
    for changes in ways:
        cell, delta = next(iter(changes.items()))
        senseless = operands[cell].state == "blank" and delta <= 0
        if len(changes) == 1 and not senseless and (doubt := _doubt(operands[cell])):
            return Verdict("undecided", 0.4, doubt)
    blank = next((operands[cell] for cell in cause.cells if operands[cell].state == "blank"), None)
    if blank is not None:
        return Verdict("undecided", 0.4, f"{blank.name}未填列，不能确定是没有金额还是没有读出，请核对原件")
    own = [
        doubt for cell in cause.cells if not _is_confirmed(cell, cause, operands) and (doubt := _doubt(operands[cell]))
    ]
    if own:
        return Verdict("undecided", 0.4, own[0])
    ends = [operand for check in cause.checks for operand in check.operands]
    sure = min((operand.confidence for operand in ends), default=1.0)
    return Verdict("real", round(max(0.5, min(0.99, sure)), 3))


def _is_confirmed(cell: OperandKey, cause: RootCause, operands: Mapping[OperandKey, Operand]) -> bool:
    """Whether another of the disputed cells shows the same amount, off by the same difference.

    They lie apart under different ink and were read one by one: that both were misread alike cannot be.
    """
    amount, delta = operands[cell].interval_source.value, cause.changes[cell]
    return any(
        other != cell
        and cause.changes[other] == delta
        and operands[other].state == "number"
        and not operands[other].cut_off
        and operands[other].interval_source.value == amount
        for other in cause.cells
    )


def _lost_point(operand: Operand, delta: Decimal) -> bool:
    """Whether a scanned amount without a decimal point becomes right when one is put back at its usual place."""
    if not operand.from_ocr or operand.state != "number" or not operand.decimals or "." in operand.text:
        return False
    corrected = operand.interval_source.value + delta
    return abs(operand.interval_source.value.scaleb(-operand.decimals) - corrected) <= operand.unit_yuan.scaleb(
        -operand.decimals
    )


def _doubt(operand: Operand) -> str:
    """Why the reading of a cell cannot be trusted; empty when it can."""
    if operand.damaged:
        return f"{operand.name}被水印或印章遮挡，识别结果不确定，请核对原件"
    if operand.state == "blank" and operand.from_ocr:
        return f"{operand.name}未识别出数字，可能漏识，请核对原件"
    if operand.cut_off:
        return f"{operand.name}读作“{operand.text}”，小数位数少于本表其他金额，末位数字可能未读全，请核对原件"
    if operand.confidence < SURE:
        return f"{operand.name}识别把握不足（{operand.confidence:.2f}），请核对原件"
    return ""
