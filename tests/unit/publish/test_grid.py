"""From a cube to a grid: what stands where, in every shape of table."""

from dataclasses import replace

import pytest

from thassist.codes import classification
from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.publish import grid
from thassist.publish.page import Figure
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.spec import Dimension, Layout, Measure, Population, TableSpec, Time, Unit

TEXTS = {"fi": "henkilöä", "sv": "personer", "en": "persons"}
SEX = Dimension("sex", "sex@1", "", "sex", "single", parents=False, titles=TEXTS | {"en": "Sex"})
PLACE = Dimension("place", "place_published@2022", "", "place", "single", parents=False, titles=TEXTS | {"en": "Place"})


def cube(
    cells: dict[CellKey, int | Cell], layout: Layout, *dimensions: Dimension, periods: tuple[str, ...] = ("2022",),
    **changes: object,
) -> Cube:  # fmt: skip
    margins: list[tuple[str, ...]] = [()]
    for each in dimensions:
        margins += [(*margin, each.id) for margin in margins]
    spec = TableSpec(
        id="t",
        version="1.0.0",
        status="active",
        titles=TEXTS,
        population=Population("v", "", TEXTS),
        unit=Unit("person", "once", TEXTS),
        time=Time("flow", "day", "", "", len(periods)),
        dimensions=dimensions,
        measure=Measure("count", "", 0),
        zeros="show",
        margins=tuple(margins),
        layout=layout,
        notes=(),
        check_measure="",
    )
    values = {key: value if isinstance(value, Cell) else Cell(value) for key, value in cells.items()}
    return Cube(
        replace(spec, **changes), tuple(map(parse_period, periods)), values, unplaced=0, synthetic=False, snapshot="s"
    )


def drawn(made: Cube, lang: str = "en") -> list[list[object]]:
    """The whole grid as a reader sees it."""
    stub, headers, rows = grid.arrange(made, lang)
    lines = [[*row.stub, *(figure.sign or figure.value for figure in row.figures)] for row in rows]
    return [[*stub, *headers], *lines]


BOTH: dict[CellKey, int | Cell] = {
    ("2022", "_T", "_T"): 10, ("2022", "M", "_T"): 4, ("2022", "F", "_T"): 6,
    ("2022", "_T", "ABROAD"): 3, ("2022", "M", "ABROAD"): 1, ("2022", "F", "ABROAD"): 2,
    ("2022", "_T", "IN_FINLAND"): 7, ("2022", "M", "IN_FINLAND"): 3, ("2022", "F", "IN_FINLAND"): 4,
}  # fmt: skip


def test_a_cross_table_puts_totals_first_and_follows_the_classification() -> None:
    assert drawn(cube(BOTH, Layout("cross", ("sex",), ("place",)), SEX, PLACE)) == [
        ["Sex", "Total", "In Finland", "Abroad"],
        ["Total", 10, 7, 3],
        ["Female", 6, 4, 2],
        ["Male", 4, 3, 1],
    ]


def test_two_dimensions_down_the_side_repeat_their_labels_in_every_row() -> None:
    assert drawn(cube(BOTH, Layout("cross", ("sex", "place"), ()), SEX, PLACE)) == [
        ["Sex", "Place", "Number of persons"],
        ["Total", "Total", 10],
        ["Total", "In Finland", 7],
        ["Total", "Abroad", 3],
        ["Female", "Total", 6],
        ["Female", "In Finland", 4],
        ["Female", "Abroad", 2],
        ["Male", "Total", 4],
        ["Male", "In Finland", 3],
        ["Male", "Abroad", 1],
    ]


def test_two_dimensions_across_the_top_share_one_header_row() -> None:
    made = cube(BOTH, Layout("cross", (), ("sex", "place")), SEX, PLACE)
    assert drawn(made)[0] == [
        *("Total, Total", "Total, In Finland", "Total, Abroad", "Female, Total", "Female, In Finland"),
        *("Female, Abroad", "Male, Total", "Male, In Finland", "Male, Abroad"),
    ]


def test_a_dimension_that_the_layout_leaves_out_stands_at_its_total() -> None:
    assert drawn(cube(BOTH, Layout("cross", ("sex",), ()), SEX, PLACE)) == [
        ["Sex", "Number of persons"],
        ["Total", 10],
        ["Female", 6],
        ["Male", 4],
    ]


SERIES: dict[CellKey, int | Cell] = {
    ("2021", "_T"): 3, ("2021", "F"): 3, ("2022", "_T"): 5, ("2022", "F"): 5,
}  # fmt: skip


def test_several_periods_stand_across_the_top_where_the_layout_does_not_say() -> None:
    made = cube(SERIES, Layout("cross", ("sex",), ()), SEX, periods=("2021", "2022"))
    assert drawn(made) == [["Sex", "2021", "2022"], ["Total", 3, 5], ["Female", 3, 5]]


def test_periods_down_the_side_are_no_totals() -> None:
    made = cube(SERIES, Layout("cross", ("time",), ("sex",)), SEX, periods=("2021", "2022"))
    assert drawn(made) == [["Period", "Total", "Female"], ["2021", 3, 3], ["2022", 5, 5]]
    assert [row.total for row in grid.arrange(made, "en")[2]] == [False, False]


def test_a_list_has_a_row_for_every_combination_that_is_there() -> None:
    sparse = {key: value for key, value in BOTH.items() if key[1:] not in {("M", "ABROAD"), ("_T", "ABROAD")}}
    made = cube(sparse, Layout("list", ("sex", "place"), ()), SEX, PLACE, zeros="omit")
    assert drawn(made) == [
        ["Sex", "Place", "Number of persons"],
        ["Total", "Total", 10],
        ["Total", "In Finland", 7],
        ["Female", "Total", 6],
        ["Female", "In Finland", 4],
        ["Female", "Abroad", 2],
        ["Male", "Total", 4],
        ["Male", "In Finland", 3],
    ]
    assert [row.total for row in grid.arrange(made, "en")[2]] == [True, *[False] * 6]


def test_a_list_of_several_periods_names_them() -> None:
    made = cube(SERIES, Layout("list", ("sex",), ()), SEX, periods=("2021", "2022"))
    assert drawn(made)[:3] == [["Period", "Sex", "Number of persons"], ["2021", "Total", 3], ["2021", "Female", 3]]


def test_a_sparse_cross_table_shows_zero_for_what_is_absent() -> None:
    sparse = {key: value for key, value in BOTH.items() if key[1:] != ("M", "ABROAD")}
    made = cube(sparse, Layout("cross", ("sex",), ("place",)), SEX, PLACE, zeros="omit")
    assert drawn(made)[-1] == ["Male", 4, 3, 0]


def test_a_margin_that_is_not_computed_is_no_zero() -> None:
    cells = {key: value for key, value in BOTH.items() if key[1:] != ("_T", "_T")}
    made = cube(cells, Layout("cross", ("sex",), ("place",)), SEX, PLACE, zeros="omit", margins=(("sex", "place"),))
    with pytest.raises(InvalidDefinition) as caught:
        grid.arrange(made, "en")
    assert caught.value.key == "publish.margin_not_computed"
    assert caught.value.params["cell"] == "2022, _T, _T"


def test_two_columns_of_one_name_are_refused() -> None:
    made = cube(BOTH, Layout("cross", ("sex", "place"), ()), replace(SEX, titles=TEXTS | {"en": "PLACE"}), PLACE)
    with pytest.raises(InvalidDefinition) as caught:
        grid.arrange(made, "en")
    assert caught.value.params["header"] == "Place"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell(0), Figure(0)),
        (Cell(7, Status.BREAK), Figure(7)),
        (Cell(7, Status.PROVISIONAL), Figure(7)),
        (Cell(None, Status.SUPPRESSED), Figure(None, "[c]")),
        (Cell(None, Status.NOT_KNOWN), Figure(None, "[x]")),
        (Cell(None, Status.NOT_APPLICABLE), Figure(None, "[z]")),
    ],
)
def test_zero_not_known_and_suppressed_are_three_things(cell: Cell, shown: Figure) -> None:
    assert grid.figure(cell) == shown


def test_the_essence_is_the_coarsest_margins_then_the_largest_figures_in_reading_order() -> None:
    made = cube(BOTH, Layout("list", ("sex", "place"), ()), SEX, PLACE)
    rows = drawn(made)[1:]
    chosen = grid.essence(made, 6, "en")
    assert chosen is not None
    assert [rows[place] for place in chosen] == [
        ["Total", "Total", 10],
        ["Total", "In Finland", 7],
        ["Total", "Abroad", 3],
        ["Female", "Total", 6],
        ["Female", "In Finland", 4],
        ["Male", "Total", 4],
    ]


def test_nothing_is_left_out_of_a_short_list_a_cross_table_or_where_nobody_asks() -> None:
    listed = cube(BOTH, Layout("list", ("sex", "place"), ()), SEX, PLACE)
    assert grid.essence(listed, 9, "en") is None
    assert grid.essence(listed, 0, "en") is None
    assert grid.essence(cube(BOTH, Layout("cross", ("sex",), ("place",)), SEX, PLACE), 2, "en") is None


def test_countries_stand_by_their_names_in_each_language_and_stateless_and_not_known_last() -> None:
    country = replace(SEX, id="country", classification="country@2026")
    codes = ("_T", "_U", "AX", "AT", "CN", "EE", "STLS", "TH")
    made = cube({("2022", code): 1 for code in codes}, Layout("list", ("country",), ()), country)
    orders = {lang: [row.stub[0] for row in grid.arrange(made, lang)[2]][1:-2] for lang in ("fi", "sv", "en")}
    assert orders == {
        "fi": ["Ahvenanmaa", "Itävalta", "Kiina", "Thaimaa", "Viro"],
        "sv": ["Estland", "Kina", "Thailand", "Åland", "Österrike"],
        "en": ["Åland Islands", "Austria", "China", "Estonia", "Thailand"],
    }
    assert [row.stub[0] for row in grid.arrange(made, "sv")[2]][-2:] == ["Statslös", "Uppgift saknas"]


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_essence_is_the_same_in_every_language(lang: str) -> None:
    country = replace(SEX, id="country", classification="country@2026")
    sizes = {"_T": 30, "AX": 9, "AT": 1, "CN": 1, "EE": 8, "TH": 11}
    made = cube({("2022", code): size for code, size in sizes.items()}, Layout("list", ("country",), ()), country)
    rows = grid.arrange(made, lang)[2]
    chosen = grid.essence(made, 5, lang)
    assert chosen is not None
    assert {rows[place].figures[0].value for place in chosen} == {30, 9, 8, 11, 1}
    assert classification("country").label("AT", lang) in {rows[place].stub[0] for place in chosen}
