"""A release that contradicts itself is refused, and both figures are named. Each cube is drawn beside its test."""

from dataclasses import replace

import pytest

from thassist.dates import parse_period
from thassist.errors import InconsistentRelease
from thassist.release.consistency import check
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.spec import Dimension, Layout, Measure, Population, TableSpec, Time, Unit

TEXTS = {"fi": "x", "sv": "x", "en": "x"}
PERIOD = parse_period("2022")


def dimension(name: str, *, response: str = "single", parents: bool = False, ref: str = "sex@1") -> Dimension:
    return Dimension(name, ref, "", name, response, parents, TEXTS)


def cube(name: str, cells: dict[CellKey, int | None], *dimensions: Dimension, **changes: object) -> Cube:
    margins: list[tuple[str, ...]] = [()]
    for each in dimensions:
        margins += [(*margin, each.id) for margin in margins]
    spec = TableSpec(
        id=name,
        version="1.0.0",
        status="active",
        titles=TEXTS,
        population=Population("v", "", TEXTS),
        unit=Unit("person", "once", TEXTS),
        time=Time("flow", "day", "", "", 1),
        dimensions=dimensions,
        measure=Measure("count", "", 0),
        zeros="show",
        margins=tuple(margins),
        layout=Layout("cross", (), ()),
        notes=(),
        check_measure="persons",
    )
    values = {
        ("2022", *key): Cell(value) if value is not None else Cell(None, Status.SUPPRESSED)
        for key, value in cells.items()
    }
    return Cube(replace(spec, **changes), (PERIOD,), values, unplaced=0, synthetic=True, snapshot="s")


SEX, PLACE = dimension("sex"), dimension("place", ref="place_published@2022")


def refused(*cubes: Cube) -> dict[str, object]:
    with pytest.raises(InconsistentRelease) as caught:
        check(cubes)
    said = {name: str(value) if hasattr(value, "said") else value for name, value in caught.value.params.items()}
    return {"key": caught.value.key, **said}


def test_parts_that_add_up_with_not_known_among_them() -> None:
    check([cube("a", {("_T",): 10, ("F",): 6, ("M",): 3, ("_U",): 1}, SEX)])


def test_parts_that_do_not_add_up() -> None:
    found = refused(cube("a", {("_T",): 10, ("F",): 6, ("M",): 3, ("_U",): 0}, SEX))
    assert found == {
        "key": "release.parts_and_total",
        "table": "a",
        "total": "2022, _T",
        "value": 10,
        "parts": "2022, sex=F+M+_U",
        "sum": 9,
    }


def test_parts_that_do_not_add_up_in_one_row_of_two_dimensions() -> None:
    right: dict[CellKey, int | None] = {
        ("_T", "_T"): 10, ("F", "_T"): 6, ("M", "_T"): 4,
        ("_T", "IN_FINLAND"): 7, ("F", "IN_FINLAND"): 4, ("M", "IN_FINLAND"): 3,
        ("_T", "ABROAD"): 3, ("F", "ABROAD"): 2, ("M", "ABROAD"): 1,
    }  # fmt: skip
    check([cube("a", right, SEX, PLACE)])
    found = refused(cube("a", {**right, ("F", "ABROAD"): 1}, SEX, PLACE))
    assert (found["total"], found["value"], found["sum"]) == ("2022, place=ABROAD", 3, 2)


def test_several_answers_may_add_up_to_more() -> None:
    forms = dimension("form", response="multiple")
    check([cube("a", {("_T",): 10, ("F",): 8, ("M",): 7}, forms)])


def test_a_figure_that_is_not_shown_is_neither_confirmed_nor_denied() -> None:
    check([cube("a", {("_T",): 10, ("F",): 6, ("M",): None}, SEX)])
    check([cube("a", {("_T",): None, ("F",): 6, ("M",): 3}, SEX)])


def test_only_computed_margins_are_compared() -> None:
    check([cube("a", {("F",): 6, ("M",): 3}, SEX, margins=(("sex",),))])


def test_an_absent_figure_of_a_sparse_table_is_zero() -> None:
    check([cube("a", {("_T",): 6, ("F",): 6}, SEX, zeros="omit")])
    assert refused(cube("a", {("F",): 6}, SEX, zeros="omit"))["value"] == 0
    assert refused(cube("a", {("_T",): 6}, SEX, zeros="omit"))["sum"] == 0


def test_where_codes_above_others_are_shown_the_topmost_divide_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    from thassist.codes import Classification, Code
    from thassist.release import consistency

    tree = Classification(
        "tree", "1", TEXTS, "own", "own", {"A": Code("A", TEXTS), "A1": Code("A1", TEXTS, "A"), "B": Code("B", TEXTS)}
    )
    monkeypatch.setattr(consistency, "classification", lambda _ref: tree)
    nested = dimension("tree", parents=True, ref="tree@1")
    check([cube("a", {("_T",): 10, ("A",): 6, ("A1",): 5, ("B",): 4}, nested)])
    assert refused(cube("a", {("_T",): 15, ("A",): 6, ("A1",): 5, ("B",): 4}, nested))["sum"] == 10


def test_tables_of_one_measure_have_one_total() -> None:
    left = cube("a", {("_T",): 10, ("F",): 6, ("M",): 4}, SEX)
    check([left, cube("b", {("_T",): 10, ("ABROAD",): 10}, PLACE)])
    found = refused(left, cube("b", {("_T",): 11, ("ABROAD",): 11}, PLACE))
    assert found == {
        "key": "release.tables_disagree",
        "measure": "persons",
        "table": "a",
        "cell": "2022, _T",
        "value": 10,
        "other_table": "b",
        "other_cell": "2022, _T",
        "other_value": 11,
    }


def test_tables_of_different_measures_may_differ() -> None:
    left = cube("a", {("_T",): 10, ("F",): 10}, SEX)
    check([left, cube("b", {("_T",): 11, ("F",): 11}, SEX, check_measure="other")])
    check([left, cube("b", {("_T",): 11, ("F",): 11}, SEX, check_measure="")])


def test_a_margin_that_two_tables_share_is_the_same_in_both() -> None:
    left = cube("a", {("_T",): 10, ("F",): 6, ("M",): 4}, SEX)
    cells: dict[CellKey, int | None] = {
        ("_T", "_T"): 10, ("F", "_T"): 5, ("M", "_T"): 5,
        ("_T", "ABROAD"): 10, ("F", "ABROAD"): 5, ("M", "ABROAD"): 5,
    }  # fmt: skip
    found = refused(left, cube("b", cells, SEX, PLACE))
    assert (found["cell"], found["value"], found["other_cell"], found["other_value"]) == (
        "2022, sex=F",
        6,
        "2022, sex=F",
        5,
    )


def test_a_shared_figure_that_a_sparse_table_leaves_out_is_compared_as_zero() -> None:
    left = cube("a", {("_T",): 10, ("F",): 6, ("M",): 4}, SEX)
    cells: dict[CellKey, int | None] = {
        ("_T", "_T"): 10, ("F", "_T"): 10, ("_T", "ABROAD"): 10, ("F", "ABROAD"): 10,
    }  # fmt: skip
    found = refused(left, cube("b", cells, SEX, PLACE, zeros="omit"))
    assert (found["value"], found["other_value"]) == (6, 10)


def test_dimensions_of_one_name_that_count_differently_are_not_compared() -> None:
    primary = cube("a", {("_T",): 10, ("F",): 6, ("M",): 4}, SEX)
    check([primary, cube("b", {("_T",): 10, ("F",): 9, ("M",): 7}, replace(SEX, response="multiple"))])
    check([primary, cube("b", {("_T",): 10, ("F",): 1, ("M",): 9}, replace(SEX, field="other"))])
