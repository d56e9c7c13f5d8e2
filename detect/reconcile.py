"""A root cause to a verdict: is the fault printed, was it misread, or can nobody tell from this page.

The simple version: it looks at the readings of the disputed cells and of those that would explain the same statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from detect.amounts import parse_amount
from detect.checks import Operand, OperandKey
from detect.localise import RootCause
from models.finding import ReadingVerdict

SURE = 0.9
"""Confidence from which a reading is taken as sure; below, one numeric cell in about fifty is wrong in our own
measurement of scanned pages, which is far more often than a published table is."""
FLOOR = 0.02
"""Probability below which an alternative reading is no evidence from the picture."""


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


def reconcile(cause: RootCause, operands: Mapping[OperandKey, Operand]) -> Verdict:
    """Judge one root cause by the readings of the cells that can explain it."""
    ways = [(cause.cells, cause.delta), *((rival.cells, rival.delta) for rival in cause.rivals)]
    for cells, delta in ways:
        if len(cells) == 1 and (better := _alternative(operands[cells[0]], delta)) is not None:
            operand = operands[cells[0]]
            note = f"{operand.name}可能误读：识别为“{operand.text}”，另一种读法“{better}”可使勾稽成立"
            if len(cause.checks) >= 2:
                return Verdict("probable-misread", 0.1, note)
            return Verdict("undecided", 0.3, note)
    for cells, delta in ways:
        for cell in cells:
            operand = operands[cell]
            if _lost_point(operand, delta):
                note = f"{operand.name}可能误读：识别为“{operand.text}”，疑似漏识小数点"
                return Verdict("probable-misread" if len(cause.checks) >= 2 else "undecided", 0.2, note)
        senseless = operands[cells[0]].state == "blank" and delta <= 0
        if len(cells) == 1 and not senseless and (doubt := _doubt(operands[cells[0]])):
            return Verdict("undecided", 0.4, doubt)
    blank = next((operands[cell] for cell in cause.cells if operands[cell].state == "blank"), None)
    if blank is not None:
        return Verdict("undecided", 0.4, f"{blank.name}未填列，不能确定是没有金额还是没有读出，请核对原件")
    own = [doubt for cell in cause.cells if (doubt := _doubt(operands[cell]))]
    if own:
        return Verdict("undecided", 0.4, own[0])
    ends = [operand for check in cause.checks for operand in check.operands]
    sure = min((operand.confidence for operand in ends), default=1.0)
    return Verdict("real", round(max(0.5, min(0.99, sure)), 3))


def _alternative(operand: Operand, delta: Decimal) -> str | None:
    """Another reading of the cell that gives the corrected amount; None when there is none with evidence."""
    corrected = operand.interval_source.value + delta
    for reading in operand.alternatives:
        if reading.probability < FLOOR:
            continue
        amount = parse_amount(reading.text, operand.unit_yuan, operand.decimals)
        if amount is not None and abs(amount.value - corrected) <= amount.step:
            return reading.text
    return None


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
