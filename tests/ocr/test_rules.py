"""Rules of a scan: pale, dashed and broken ones are found, type between them is not taken for one."""

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np
import pytest

from examples.forms import income
from ocr.dashes import remove_dashes
from ocr.grid import Grid, find_grids, held_rules
from ocr.inkcells import find_ink
from ocr.rules import RuledPage, find_rules
from tests.typeset import Damage, PageStyle, Slot, TableSpec, degrade, typeset

OFFICE = Damage(dpi=200, paper=249, blur_px=0.8, noise=5.0, jpeg_quality=70)
PAGE = PageStyle(width_pt=420, height_pt=260, margin_pt=30)
SPEC = TableSpec(
    (
        (Slot("科目编码", 2), Slot("科目名称", 2), Slot("预算数", colspan=2), None),
        (None, None, "基本支出", "项目支出"),
        *((f"21303{n:02d}", "上缴上级支出工业", f"{n}000.000000", "3,114.697216") for n in range(11)),
    ),
    (2, 3, 3, 3),
    n_header=2,
    size_pt=6.0,
    pad_pt=1.6,
)


def scanned(spec: TableSpec) -> tuple[np.ndarray, RuledPage]:
    picture = degrade(typeset([spec], PAGE).pdf, OFFICE)[0].image
    return picture, find_rules(picture, OFFICE.dpi)


def grid(spec: TableSpec) -> Grid:
    (found,) = find_grids(held_rules(scanned(spec)[1].rules))
    return found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="black"),
        pytest.param({"rule_gray": 205}, id="pale"),
        pytest.param({"rule_gray": 225}, id="very pale"),
        pytest.param({"stroke": "dashed"}, id="dashed"),
        pytest.param({"stroke": "dotted"}, id="dotted"),
        pytest.param({"rules": "open-sides"}, id="open sides"),
    ],
)
def test_rules_that_a_person_sees_make_the_grid(change: dict[str, object]) -> None:
    spec = replace(SPEC, pad_pt=3.0, **change)  # type: ignore[arg-type]
    found = grid(spec)
    assert (found.n_rows, found.n_cols, len(found.spans)) == (13, 4, 4 * 13 - 3)
    truth = typeset([spec], PAGE).document.tables[0].cells
    assert {(s.row, s.col, s.rowspan, s.colspan) for s in found.spans} == {
        (cell.row, cell.col, cell.rowspan, cell.colspan) for cell in truth
    }


def test_dashes_that_fill_each_other_in_most_rows_make_a_side_of_all() -> None:
    spec = replace(income(), stroke="dashed", pad_pt=3.0)
    picture = degrade(typeset([spec], PageStyle(rule_pt=0.8)).pdf, OFFICE)[0].image
    (found,) = find_grids(held_rules(find_rules(picture, OFFICE.dpi).rules))
    assert [(s.col, s.rowspan, s.colspan) for s in found.spans if s.row == 0] == [(0, 1, 2), (2, 1, 6), (8, 2, 1)]


def test_small_type_in_low_rows_is_no_rule_and_their_sides_are_seen() -> None:
    found = grid(replace(SPEC, rule_gray=205))
    assert (found.n_rows, found.n_cols) == (13, 4)


def test_a_side_of_the_first_row_alone_is_seen() -> None:
    rows = (("编码", "名称", "金额"), (Slot("合计", colspan=3), None, None), *(("301", "工资", "1.00"),) * 5)
    found = grid(TableSpec(rows, (1, 1, 1), size_pt=6.0, pad_pt=1.2))
    assert [span.colspan for span in found.spans][:4] == [1, 1, 1, 3]


def test_whitening_a_rule_leaves_the_digits_beside_it() -> None:
    rows = tuple(("", "0.600000") for _ in range(8))
    spec = TableSpec(rows, (3, 1), size_pt=6.0, pad_pt=1.4, rule_gray=205, align="lr")
    picture, ruled = scanned(spec)
    (found,) = find_grids(held_rules(ruled.rules))
    mask = ruled.mask([*held_rules(ruled.rules), *found.borders()]) | ruled.faint_mask(found.borders())
    ink = picture < 150  # only type is as dark
    assert ink.sum() > 2000
    assert (ink & mask).sum() <= 0.01 * ink.sum()
    assert (picture[mask] < 249 - 15).mean() > 0.2  # what is whitened holds the rules


@pytest.mark.parametrize("stroke", ["dashed", "dotted"])
def test_no_dash_is_left_and_no_type_is_lost(stroke: Literal["dashed", "dotted"]) -> None:
    spec = replace(SPEC, pad_pt=3.0, stroke=stroke)
    picture, ruled = scanned(spec)
    rules = held_rules(ruled.rules)
    (found,) = find_grids(rules)
    white = picture.copy()
    white[ruled.mask([*rules, *found.borders()]) | ruled.faint_mask(found.borders())] = 255
    printed = find_ink(scanned(replace(spec, rules="borderless"))[0])
    near = cv2.dilate(printed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ink = find_ink(white)
    assert ruled.has_dashes
    assert (ink & ~near).sum() > 100  # long strokes alone were whitened
    remove_dashes(white, ink, found.borders(), ruled.dpi / 72)
    assert (ink & ~near).sum() == 0
    assert (find_ink(white) & ~near).sum() == 0
    assert (printed & ~ink).sum() <= 0.01 * printed.sum()
