"""Pictures that show more than the sheet, at a slant or in uneven light, become flat white pages; others stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from examples import capture
from examples.degrade import Scan
from models.geometry import Box
from ocr.clean.flatten import flatten_pages
from ocr.clean.keystone import find_keystone
from ocr.clean.light import even_out
from ocr.clean.sheet import find_sheet, lies_askew
from ocr.clean.skew import straighten
from ocr.wayback import WayBack

Image = NDArray[np.uint8]
DPI = 100


@pytest.fixture(scope="module")
def scan() -> Scan:
    """A4 with a ruled table of six columns, a black square in one of its cells, and no text."""
    image = np.full((1169, 827), 250, np.uint8)
    for y in range(200, 961, 40):
        cv2.line(image, (80, y), (740, y), (20,), 2)
    for x in range(80, 741, 110):
        cv2.line(image, (x, 200), (x, 960), (20,), 2)
    image[368:392, 560:590] = 0
    grain = np.random.default_rng(1).normal(0, 2, image.shape)
    return Scan(np.clip(image + grain, 0, 255).astype(np.uint8), DPI, np.diag([DPI / 72, DPI / 72, 1.0]))


#: The cell with the square, in page points.
CELL = Box(520 * 0.72, 360 * 0.72, 630 * 0.72, 400 * 0.72)


def corners_of(scan: Scan) -> NDArray[np.float64]:
    page = np.array([[0, 0, 1], [595.44, 0, 1], [595.44, 841.68, 1], [0, 841.68, 1]]) @ scan.to_px.T
    return np.asarray(page[:, :2] / page[:, 2:])


@pytest.mark.parametrize(("tilt", "turn"), [(0.04, 1.0), (0.12, -4.0)])
def test_the_outline_of_a_photographed_sheet_is_found(scan: Scan, tilt: float, turn: float) -> None:
    seen = capture.photographed(scan, tilt, turn)
    sheet = find_sheet(seen.image)
    assert sheet is not None
    assert sheet.corners is not None
    assert lies_askew(sheet.corners)
    assert np.abs(sheet.corners - corners_of(seen)).max() < 3.0
    assert sheet.outside[5, 5]
    assert not sheet.outside[seen.image.shape[0] // 2, seen.image.shape[1] // 2]


def test_black_borders_are_outside_and_their_page_is_not_bent(scan: Scan) -> None:
    seen = capture.bordered(scan)
    sheet = find_sheet(seen.image)
    assert sheet is not None
    assert sheet.outside[seen.image < 15].mean() > 0.9  # rules are as dark and inside
    assert not sheet.outside[60:, 40:-40].any()
    assert sheet.corners is None


def test_a_sheet_that_fills_the_picture_has_no_outline_in_whatever_light(scan: Scan) -> None:
    assert find_sheet(scan.image) is None
    assert find_sheet(capture.shaded(scan, 0.6, seed=2).image) is None
    assert find_sheet(capture.side_by_side(scan, scan)[0].image) is None


def test_rules_tell_the_slant_where_no_edge_of_the_sheet_is_seen(scan: Scan) -> None:
    seen = capture.cropped(capture.photographed(scan, 0.06, 0.0), 30.0)
    assert find_sheet(seen.image) is None
    straight = straighten(seen.image)
    assert straight.to_stored is not None
    x, y, w = np.linalg.inv(straight.to_stored) @ seen.to_px @ (CELL.center_x, CELL.center_y, 1)
    assert straight.image[int(y / w), int(x / w)] < 30
    assert find_keystone(straight.image) is None


@pytest.mark.parametrize("angle", [0.0, 0.4, -3.0])
def test_a_page_that_only_leans_has_no_slant(scan: Scan, angle: float) -> None:
    turn = cv2.getRotationMatrix2D((413, 585), -angle, 1.0)
    assert find_keystone(np.asarray(cv2.warpAffine(scan.image, turn, (827, 1169), borderValue=(250,)))) is None


@pytest.mark.parametrize("paper", [250, 190])
def test_paper_becomes_white_in_any_light(scan: Scan, paper: int) -> None:
    dark = capture.shaded(Scan((scan.image * (paper / 250)).astype(np.uint8), DPI, scan.to_px), 0.5, seed=3)
    even = even_out(dark.image, DPI)
    blank = cv2.dilate((scan.image < 200).astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    assert np.percentile(dark.image[blank], 5) < 0.6 * paper
    assert np.percentile(even[blank], 2) > 225
    assert even[380, 575] < 40  # ink stays ink


def test_an_evenly_lit_page_with_a_shaded_row_is_not_touched(scan: Scan) -> None:
    shaded = scan.image.copy()
    shaded[203:238, 82:738] = 200
    assert even_out(shaded, DPI) is shaded


@pytest.mark.parametrize("turn", [0, 270])
def test_boxes_find_their_way_back_into_the_photograph(scan: Scan, turn: int) -> None:
    seen = capture.turned(capture.photographed(scan, 0.08, 2.0), turn)
    flat = flatten_pages(seen.image, DPI)[0]  # without text a page is taken as it lies
    assert flat.way_back is not None
    ink = np.argwhere(cv2.erode((flat.image < 60).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)
    y, x = (ink.mean(axis=0) + 0.5) * 72 / flat.dpi
    back = flat.way_back.box(Box(x - 5, y - 5, x + 5, y + 5))
    place = seen.to_px @ (CELL.center_x, CELL.center_y, 1)
    px = place[:2] / place[2] * 72 / DPI
    assert np.hypot(back.center_x - px[0], back.center_y - px[1]) < 1.5
    assert (flat.width_pt, flat.height_pt) == pytest.approx((seen.image.shape[1] * 0.72, seen.image.shape[0] * 0.72))


def test_on_a_leaning_page_a_box_keeps_its_size_and_on_a_slanted_one_it_takes_in_its_corners() -> None:
    cos, sin = np.cos(0.05), np.sin(0.05)
    leaning = WayBack(np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]]), 600, 800)
    back = leaning.box(Box(100, 100, 300, 120))
    assert (back.width, back.height) == pytest.approx((200, 20))
    slanted = WayBack(np.array([[1, 0, 0], [0, 1, 0], [0, 0.001, 1.0]]), 600, 800)
    assert slanted.box(Box(0, 0, 110, 100)).as_list() == [0, 0, 110, pytest.approx(90.91)]
