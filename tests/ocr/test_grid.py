"""Rules on a page become the cells that a person sees."""

import pytest

from ocr.grid import Grid, Span, cluster, find_grids
from ocr.pages import Rule


def across(y: float, x0: float, x1: float) -> Rule:
    return Rule(x0, y, x1, y, 0.6)


def down(x: float, y0: float, y1: float) -> Rule:
    return Rule(x, y0, x, y1, 0.6)


def lattice(xs: list[float], ys: list[float]) -> list[Rule]:
    return [across(y, xs[0], xs[-1]) for y in ys] + [down(x, ys[0], ys[-1]) for x in xs]


def spans(grid: Grid) -> set[tuple[int, int, int, int]]:
    return {(span.row, span.col, span.rowspan, span.colspan) for span in grid.spans}


def test_a_full_lattice_has_one_cell_for_each_position() -> None:
    (grid,) = find_grids(lattice([50, 150, 300], [100, 118, 136, 154]))
    assert (grid.n_rows, grid.n_cols) == (3, 2)
    assert spans(grid) == {(row, col, 1, 1) for row in range(3) for col in range(2)}
    assert grid.span_box(Span(1, 1, 1, 1)).as_list() == [150, 118, 300, 136]


def test_missing_borders_merge_cells_both_ways() -> None:
    rules = [
        across(100, 50, 300), across(118, 150, 300), across(136, 50, 300), across(154, 50, 300),
        down(50, 100, 154), down(150, 100, 154), down(225, 118, 154), down(300, 100, 154),
    ]  # fmt: skip
    (grid,) = find_grids(rules)
    assert spans(grid) == {
        (0, 0, 2, 1),
        (0, 1, 1, 2),
        (1, 1, 1, 1),
        (1, 2, 1, 1),
        (2, 0, 1, 1),
        (2, 1, 1, 1),
        (2, 2, 1, 1),
    }


def test_broken_rules_still_separate_and_stubs_do_not() -> None:
    rules = [*lattice([50, 150, 300], [100, 118, 136]), down(225, 118, 121)]
    rules.remove(across(118, 50, 300))
    rules += [across(118, 50, 140), across(118.4, 147, 220), across(117.8, 226, 300)]
    (grid,) = find_grids(rules)
    assert (grid.n_rows, grid.n_cols) == (2, 2)


def test_a_table_without_outer_verticals_keeps_its_outer_columns() -> None:
    rules = [across(y, 50, 300) for y in (100, 118, 136)] + [down(150, 100, 136), down(220, 100, 136)]
    (grid,) = find_grids(rules)
    assert grid.xs == (50, 150, 220, 300)


def test_strokes_of_type_that_cross_a_rule_are_no_columns() -> None:
    strokes = [down(90, 110, 126), down(97, 108, 124), across(112, 85, 101)]
    (grid,) = find_grids([*lattice([50, 150, 300], [100, 118, 136]), *strokes])
    assert grid.xs == (50, 150, 300)


def test_two_tables_on_one_page_stay_two() -> None:
    upper, lower = lattice([50, 150, 300], [100, 118, 136]), lattice([50, 200, 300], [200, 218, 236])
    assert [grid.xs for grid in find_grids(upper + lower)] == [(50, 150, 300), (50, 200, 300)]


def test_a_frame_and_parallel_lines_are_no_table() -> None:
    assert find_grids(lattice([50, 300], [100, 400])) == []
    assert find_grids([across(100, 50, 300), across(200, 50, 300)]) == []


@pytest.mark.parametrize(
    ("values", "groups"), [([], []), ([3.0, 1.0, 1.5, 9.0], [11 / 6, 9.0]), ([1, 3.5, 6, 8.5], [2.25, 7.25])]
)
def test_cluster_joins_neighbours_of_the_mean(values: list[float], groups: list[float]) -> None:
    assert cluster(values) == pytest.approx(groups)
