"""A report to the numbers of it that can be compared with those of other documents, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from detect.conclude import DOUBTED, CellPlace, Place
from detect.facts import Ledger, row_label
from detect.facts import Place as TablePlace
from detect.pairing import year_amount
from detect.project_types import ProjectType, type_of
from detect.standards import Priced, priced_things
from detect.wording import plain, row_name
from models.archive import Observation
from models.form import Indicator, ProjectForm
from models.money import yuan_text
from models.report import Report
from models.table import Block, Cell

_LEADING = re.compile(r"^(?:其中|具体|主要|分别)?(?:用于|包括|包含|涉及|安排|支付|购置|采购|由|为|即|按)?(?:标准为)?")
_AMOUNT = re.compile(r"[\d.,]+(?:亿|万|千)?元.*$")
_GENERAL = re.compile(
    r"(?:月|年)?(?:补贴|劳务|服务费?|费用?)?标准$|单价|费用|成本|价格|控制|平均|人均|[单每][个次期部台套人门批间件份册条场]|标准|不超过|限额|金额|经费"
)
_QUANTITY = re.compile(r"^[≥≤=>约]?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>[^\d\s]{1,4})$")
_LEAST = ("≥", ">", "＞", "不低于", "不少于", "至少")
_STAFF = re.compile(r"(?:实有|现有)(?:在编|在职)*(?:人员|人数|职工)(?:总数)?(?:共|为|共计)?(?P<count>\d{1,6})[名人]")
_VEHICLES = re.compile(r"(?:共有|实有|现有|保有)(?:车辆|公务用车)(?:数量?|总数)?(?:为|共)?(?P<count>\d{1,4})[辆台]")
MIN_NAME = 2
"""Characters that the name of a priced thing keeps: one Chinese word."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation with the places that show it, the disputed ones first."""

    observation: Observation
    places: tuple[Place, ...]
    project: str = ""


def sure(cell: Cell | Block) -> float:
    """Probability that a place is read right."""
    return min(cell.confidence, DOUBTED) if isinstance(cell, Cell) and cell.damaged else cell.confidence


def seen_prices(report: Report) -> list[Seen]:
    """The prices of the target forms, one for each project, thing and price."""
    found: dict[tuple[str, str, str, Decimal], Seen] = {}
    for thing in priced_things(report):
        item = price_item(thing.name)
        if len(item) < MIN_NAME or not thing.price.yuan or not thing.price.per or thing.price.mark in _LEAST:
            continue
        unit = "元/" + "/".join(sorted(set(thing.price.per), key=lambda word: (word in "年月天", word)))
        key = (thing.form.project, item, unit, thing.price.yuan)
        found.setdefault(key, Seen(_price(thing, item, unit), ((thing.form.table, thing.cell),), thing.form.project))
    return list(found.values())


def _price(thing: Priced, item: str, unit: str) -> Observation:
    label = f"项目“{thing.form.project}”的“{thing.name[-24:]}”"
    price = thing.price
    return Observation(
        "price", item, unit, price.yuan, Decimal(0), label, price.text, thing.cell.page, sure(thing.cell)
    )


def price_item(name: str) -> str:
    """What a price is the price of, without the words that every price has: `台式计算机单价` is of `台式计算机`."""
    bare = _AMOUNT.sub("", _LEADING.sub("", plain(name)))
    return row_name(_GENERAL.sub("", bare))


def seen_projects(report: Report) -> list[Seen]:
    """The money of every project, and that per unit of its work where it is of a known type and one quantity counts it.

    The item is the name of the type, empty for a project of no known one.
    """
    ledger = Ledger(report)
    whole = ledger.one("b12", "total", "total") or ledger.one("b03", "total", "project")
    found: list[Seen] = []
    for form in report.project_forms:
        money, kind = year_amount(form), type_of(form.project)
        funding = form.funding("year")
        if form.kind != "target" or funding is None or money is None or money.value <= 0:
            continue
        place: CellPlace = (form.table, funding.total)
        label = money_of(form.project)
        page, text = funding.total.page, funding.total.text
        all_of_it = Observation(
            "project",
            kind.name if kind is not None else "",
            "",
            money.value,
            money.step,
            label,
            text,
            page,
            sure(funding.total),
            tuple(_features(form, money.value, whole)),
        )
        found.append(Seen(all_of_it, (place,), form.project))
        if kind is not None and (counted := _counted(form, kind)) is not None:
            item, number, unit = counted
            value = (money.value / number).quantize(Decimal("0.01"))
            label = f"项目“{form.project}”每{unit}的年度资金"
            text = f"{yuan_text(money.value, '万元')}÷{item.value.lstrip('≥≤=>约')}"
            per_unit = Observation(
                "project", kind.name, f"元/{unit}", value, Decimal(0), label, text, page, sure(item.value_cell)
            )
            found.append(Seen(per_unit, (place, (form.table, item.value_cell)), form.project))
    return found


def money_of(project: str) -> str:
    """The label of a project's money of the year."""
    return f"项目“{project}”的年度资金"


def _counted(form: ProjectForm, kind: ProjectType) -> tuple[Indicator, Decimal, str] | None:
    """The quantity that counts the work of a project in the first unit of its type that exactly one row states."""
    rows = {item.value_cell.row: item for item in form.indicators if "数量" in item.level2 and item.side == "year"}
    counted = [
        (item, found) for item in rows.values() if (found := _QUANTITY.match(item.value.replace("㎡", "平方米")))
    ]
    for unit in kind.units:
        same = [(item, found) for item, found in counted if found.group("unit") == unit]
        if len(same) == 1:
            number = Decimal(same[0][1].group("number").replace(",", ""))
            return (same[0][0], number, unit) if number else None
        if same:
            return None
    return None


def _features(form: ProjectForm, money: Decimal, whole: TablePlace | None) -> Iterator[tuple[str, float]]:
    yield "年度资金（万元）", float(money) / 10_000
    total = whole.fact.amount.value if whole is not None and whole.fact.amount else Decimal(0)
    if total >= money:
        yield "占项目支出的比重（%）", float(100 * money / total)
    rows = {item.value_cell.row for item in form.indicators if item.name and item.value}
    yield "绩效指标（项）", float(len(rows))
    yield "文字说明（字）", float(sum(len(text.text) for text in form.texts))


_PER_HEAD = (
    ("人均人员经费", (("b06", "total", "personnel"), ("f06", "personnel", "amount"))),
    ("人均公用经费", (("b06", "total", "operating"), ("f06", "operating", "amount"))),
)
_PER_VEHICLE = (("车均运行维护费", (("b10", "running", "total"), ("f09", "total", "final.running"))),)


def seen_ratios(report: Report) -> list[Seen]:
    """Money per head of the staff and per vehicle, where the document states both."""
    ledger = Ledger(report)
    found: list[Seen] = []
    counts = ((_PER_HEAD, _staff(report), "人"), (_PER_VEHICLE, _stated(report, _VEHICLES), "辆"))
    for items, counted, unit in counts:
        if counted is None or not counted[0]:
            continue
        number, of = counted
        for name, addresses in items:
            place = next((place for one in addresses if (place := ledger.one(*one)) is not None), None)
            if place is None or place.fact.amount is None or place.fact.amount.value <= 0:
                continue
            value = (place.fact.amount.value / number).quantize(Decimal("0.01"))
            text = f"{yuan_text(place.fact.amount.value, '万元')}÷{number}{unit}"
            trusted = min(sure(place.fact.cell), sure(of if isinstance(of, Block) else of[1]))
            observation = Observation(
                "ratio", name, f"元/{unit}", value, Decimal(0), name, text, place.fact.cell.page, trusted
            )
            found.append(Seen(observation, ((place.form.table, place.fact.cell), of)))
    return found


def _staff(report: Report) -> tuple[int, CellPlace | Block] | None:
    for form in report.project_forms:
        staff = form.text("staff") if form.kind == "overall" else None
        if staff is not None and (number := re.match(r"^\d{1,6}(?=[人名]?$)", plain(staff.text))):
            return int(number.group()), (form.table, staff.cell)
    return _stated(report, _STAFF)


def _stated(report: Report, pattern: re.Pattern[str]) -> tuple[int, Block] | None:
    """The one number that the prose states in these words; None when it states none or several."""
    found = [
        (int(match.group("count")), block)
        for block in report.document.blocks
        for match in pattern.finditer(plain(block.text))
    ]
    return found[0] if len({number for number, _ in found}) == 1 else None


def seen_totals(report: Report) -> Iterator[Observation]:
    """Every amount of a statutory form that stands in the document once, by form, line and column."""
    ledger = Ledger(report)
    found: dict[str, Observation | None] = {}
    for form in report.forms:
        if not form.form or form.is_part or not ledger.is_unique(form.form):
            continue
        for place in ledger.of_table(form.table.id):
            amount, cell = place.fact.amount, place.fact.cell
            if amount is None:
                continue
            item = "|".join((form.form, place.line.id, place.column.id))
            label = f"《{form.name}》“{row_label(place.line)}”“{place.column.name}”"
            own = Observation(
                "total", item, "元", amount.value, amount.step, label, cell.text.strip(), cell.page, sure(cell)
            )
            # A line that stands twice says nothing: which of the two would be meant?
            found[item] = own if item not in found else None
    return (item for item in found.values() if item is not None)
