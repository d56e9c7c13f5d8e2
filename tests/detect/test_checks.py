"""Interval arithmetic, root causes and verdicts on statements made by hand."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from detect.checks import Check, Operand
from detect.localise import localise
from detect.reconcile import reconcile
from models.finding import Evidence
from models.money import Amount
from models.page import Reading

STEP = Decimal("0.01")


def operand(row: int, col: int, value: str | Decimal | None, sign: int = 1, step: Decimal = STEP) -> Operand:
    text = "" if value is None else str(value)
    amount = None if value is None else Amount(Decimal(value), step)
    state = "blank" if value is None else "number"
    return Operand(
        sign,
        ("t1", row, col),
        f"r{row}",
        f"r{row}c{col}",
        text,
        state,
        amount,
        Evidence(0, None, text, "t1", row, col),
        decimals=2,
    )


def check(total: Operand, *terms: Operand, name: str = "合计等于分项之和") -> Check:
    return Check(name, total, terms)


parts = st.lists(st.decimals(min_value=0, max_value=10**6, places=5), min_size=1, max_size=30)


@given(parts)
def test_a_consistent_table_that_was_rounded_is_never_flagged(exact: list[Decimal]) -> None:
    terms = [operand(row, 0, value.quantize(STEP)) for row, value in enumerate(exact, 1)]
    assert check(operand(0, 0, sum(exact, Decimal(0)).quantize(STEP)), *terms).holds()


@given(parts, st.integers(min_value=1, max_value=10**6), st.booleans())
def test_a_difference_beyond_rounding_is_always_flagged(exact: list[Decimal], steps: int, up: bool) -> None:
    terms = [operand(row, 0, value.quantize(STEP)) for row, value in enumerate(exact, 1)]
    beyond = STEP / 2 * (len(terms) + 1) + STEP * steps
    printed = sum((term.interval_source.value for term in terms), Decimal(0))
    assert not check(operand(0, 0, printed + (beyond if up else -beyond)), *terms).holds()


@given(st.decimals(min_value=1, max_value=10**6, places=2), st.decimals(min_value=0, max_value=10**6, places=2))
def test_a_part_may_be_smaller_than_its_whole(part: Decimal, more: Decimal) -> None:
    one, whole = operand(0, 0, part), operand(1, 0, part + more)
    assert Check("部分不大于整体", one, (whole,), "<=").holds()
    assert Check("部分不大于整体", whole, (one,), "<=").holds() == (more <= STEP)


def square(wrong: tuple[int, int], value: str) -> list[Check]:
    """A 3x3 table of 1.00 with totals below and to the right, one cell printed wrong."""
    printed = {(r, c): Decimal({2: 9, 1: 3, 0: 1}[(r == 3) + (c == 3)]) for r in range(4) for c in range(4)}
    printed[wrong] = Decimal(value)
    cells = {place: operand(*place, amount) for place, amount in printed.items()}
    rows = [check(cells[r, 3], *(cells[r, c] for c in range(3))) for r in range(4)]
    columns = [check(cells[3, c], *(cells[r, c] for r in range(3))) for c in range(4)]
    return rows + columns


def test_all_identities_that_one_cell_breaks_have_one_cause() -> None:
    (cause,) = localise(square((1, 1), "7.50"))
    assert cause.cells == (("t1", 1, 1),)
    assert cause.delta == Decimal("-6.50")
    assert len(cause.checks) == 2


def test_two_wrong_cells_are_two_causes() -> None:
    first, second = square((0, 0), "5.00"), square((2, 2), "0.25")
    merged = {operand.key: operand for one in (first, second) for item in one for operand in item.operands}
    merged[("t1", 0, 0)] = first[0].terms[0]
    both = [
        replace(item, total=merged[item.total.key], terms=tuple(merged[term.key] for term in item.terms))
        for item in second
    ]
    assert {cause.cells for cause in localise(both)} == {(("t1", 0, 0),), (("t1", 2, 2),)}


def test_a_cell_with_the_totals_computed_from_it_is_one_cause() -> None:
    item, group, total = operand(2, 0, "7.00"), operand(1, 0, "7.00"), operand(0, 0, "10.00")
    other = operand(3, 0, "3.00")
    elsewhere = {
        row: replace(operand(row, 0, value), key=("t2", row, 0))
        for row, value in ((0, "8.00"), (1, "5.00"), (2, "5.00"))
    }
    inside = [check(group, item), check(total, group, other)]
    across = [check(cell, elsewhere[cell.key[1]], name="表间一致") for cell in (item, group, total)]
    held = [check(elsewhere[0], replace(elsewhere[1], sign=1), other), check(elsewhere[1], elsewhere[2])]
    agreed = [check(elsewhere[0], replace(operand(0, 9, "8.00"), key=("t3", 0, 0)))]
    (cause,) = localise(inside + across + held + agreed)
    assert set(cause.cells) == {("t1", 0, 0), ("t1", 1, 0), ("t1", 2, 0)}
    assert len(cause.checks) == 3


def test_an_amount_in_the_wrong_one_of_two_rows_is_one_cause() -> None:
    here = {row: operand(row, 0, value) for row, value in ((0, "10.00"), (1, "7.00"), (2, "3.00"))}
    parts = {row: operand(row, 1, here[row].text) for row in here}
    there = {
        row: replace(operand(row, 0, value), key=("t2", row, 0))
        for row, value in ((0, "10.00"), (1, "4.00"), (2, "6.00"))
    }
    within = [check(cells[0], cells[1], cells[2]) for cells in (here, parts, there)]
    rows = [check(here[row], parts[row]) for row in here]
    across = [check(here[row], there[row], name="表间一致") for row in here]
    limits = [Check("部分不大于整体", here[row], (there[row],), "<=") for row in here]
    witness = [check(replace(there[row], key=("t3", row, 0)), there[row]) for row in there]
    (cause,) = localise(within + rows + across + limits + witness)
    assert dict(cause.changes) == {
        ("t1", 1, 0): Decimal(-3),
        ("t1", 2, 0): Decimal(3),
        ("t1", 1, 1): Decimal(-3),
        ("t1", 2, 1): Decimal(3),
    }
    assert len(cause.checks) == 3


def test_statements_that_dispute_one_total_alike_are_one_cause() -> None:
    total, group = operand(0, 0, "9.00"), operand(5, 0, "9.00")
    other = replace(operand(0, 0, "8.00"), key=("t2", 0, 0))
    agreed = [check(group, total), check(operand(6, 0, "9.00"), total), check(operand(7, 0, "9.00"), group)]
    witness = [check(replace(operand(1, 0, "8.00"), key=("t2", 1, 0)), other)]
    disputed = [Check("部分不大于整体", total, (other,), "<="), check(total, other, name="表间一致")]
    (cause,) = localise(agreed + witness + disputed)
    assert {one.name for one in cause.checks} == {"表间一致", "部分不大于整体"}


def verdict(checks: list[Check]) -> str:
    (cause,) = localise(checks)
    return reconcile(cause, {item.key: item for one in checks for item in one.operands}, checks).reading


def changed(checks: list[Check], key: tuple[str, int, int], **fields: object) -> list[Check]:
    def swap(item: Operand) -> Operand:
        return replace(item, **fields) if item.key == key else item  # type: ignore[arg-type]

    return [replace(one, total=swap(one.total), terms=tuple(swap(term) for term in one.terms)) for one in checks]


def test_a_confident_reading_stays_a_real_fault() -> None:
    assert verdict(square((1, 1), "7.50")) == "real"


def test_another_reading_that_settles_two_identities_is_a_misread() -> None:
    scanned = changed(
        square((1, 1), "7.00"), ("t1", 1, 1), confidence=0.7, alternatives=(Reading("1.00", 0.25),), from_ocr=True
    )
    assert verdict(scanned) == "probable-misread"


def test_two_cells_that_were_misread_together_are_a_misread() -> None:
    scanned = square((1, 1), "7.00")
    for place in ((1, 1), (1, 2)):
        amount = Amount(Decimal("7.00"), STEP)
        scanned = changed(
            scanned,
            ("t1", *place),
            text="7.00",
            amount=amount,
            confidence=0.9,
            alternatives=(Reading("1.00", 0.1),),
            from_ocr=True,
        )
    causes = localise(scanned)
    operands = {item.key: item for one in scanned for item in one.operands}
    assert {reconcile(cause, operands, scanned).reading for cause in causes} <= {"probable-misread", "undecided"}


def test_a_reading_that_breaks_what_holds_is_no_explanation() -> None:
    cells = [operand(row, 0, value) for row, value in enumerate(("9.00", "5.00", "3.00"))]
    doubtful = replace(cells[1], confidence=0.95, alternatives=(Reading("6.00", 0.05),), from_ocr=True)
    witness = check(replace(operand(1, 1, "5.00"), key=("t2", 1, 1)), doubtful)
    violated = check(cells[0], doubtful, cells[2])
    assert verdict([violated]) == "undecided"
    (cause,) = localise([violated, witness])
    operands = {item.key: item for one in (violated, witness) for item in one.operands}
    assert reconcile(cause, operands, [violated, witness]).reading == "real"


def test_the_same_wrong_amount_in_two_damaged_cells_is_printed_so() -> None:
    total = [operand(0, col, "7.00") for col in (0, 1)]
    terms = [[operand(row, col, value) for row, value in ((1, "4.00"), (2, "5.00"))] for col in (0, 1)]
    checks = [check(total[col], *terms[col]) for col in (0, 1)] + [check(total[0], total[1])]
    for cell in total:
        checks = changed(checks, cell.key, damaged=True, from_ocr=True)
    assert verdict(checks) == "real"
    assert verdict(changed(checks[:1], total[0].key, damaged=True)) == "undecided"


def test_another_reading_without_probability_is_no_evidence() -> None:
    scanned = changed(square((1, 1), "7.00"), ("t1", 1, 1), alternatives=(Reading("1.00", 0.001),), from_ocr=True)
    assert verdict(scanned) == "real"


def test_a_doubtful_cell_leaves_the_fault_undecided() -> None:
    assert verdict(changed(square((1, 1), "7.00"), ("t1", 1, 1), confidence=0.6)) == "undecided"
    assert verdict(changed(square((1, 1), "7.00"), ("t1", 1, 1), damaged=True)) == "undecided"


def test_a_doubtful_bystander_does_not_excuse_a_fault() -> None:
    assert verdict(changed(square((1, 1), "7.00"), ("t1", 1, 0), confidence=0.6)) == "real"


def test_a_cell_without_reading_on_a_scan_may_be_lost() -> None:
    sum_only = [check(operand(0, 0, "9.00"), operand(1, 0, "4.00"), replace(operand(2, 0, None), from_ocr=True))]
    assert verdict(sum_only) == "undecided"
    assert verdict(changed(sum_only, ("t1", 2, 0), from_ocr=False)) == "real"


def test_a_lost_decimal_point_is_a_misread() -> None:
    scanned = changed(square((1, 1), "100"), ("t1", 1, 1), from_ocr=True)
    assert verdict(scanned) == "probable-misread"
