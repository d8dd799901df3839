"""Where rows or bars are chosen by size, a hidden figure has no say: the choice tells nothing about it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from thassist.publish import grid
from thassist.publish.document import document
from thassist.release.build import Release
from thassist.release.spec import Chart
from thassist.tables.cube import Cell, Cube, Status

from .conftest import listed, words

HIDDEN = Cell(None, Status.SUPPRESSED)


def with_hidden(*codes: str) -> Cube:
    made = listed()
    return replace(made, cells={**made.cells, **{("2022", code): HIDDEN for code in codes}})


def chosen(cube: Cube, count: int) -> list[str]:
    keys = grid.list_keys(cube, grid.Axes(cube, "en"))
    return [keys[place][1] for place in grid.essence(cube, count, "en") or ()]


def test_a_hidden_row_gives_way_to_every_figure_that_is_shown() -> None:
    """Romania is the largest; once hidden it is not among the largest shown, whatever stands behind it."""
    assert chosen(with_hidden(), 3) == ["_T", "RO", "GB"]
    assert chosen(with_hidden("RO"), 3) == ["_T", "AX", "GB"]
    assert chosen(with_hidden("XK"), 3) == ["_T", "RO", "GB"]


@given(hidden=st.sets(st.sampled_from(["RO", "GB", "AX", "CI", "XK", "_U"])), count=st.integers(2, 6))
def test_what_is_chosen_is_the_largest_of_what_is_shown(hidden: set[str], count: int) -> None:
    cube = with_hidden(*hidden)
    kept = [code for code in chosen(cube, count) if code not in hidden and code != "_T"]
    values = {code: cube.cells["2022", code].value or 0 for code in ("RO", "GB", "AX", "CI", "XK", "_U")}
    shown = sorted((code for code in values if code not in hidden), key=lambda code: -values[code])
    assert set(kept) == set(shown[: len(kept)])
    assert len(kept) == min(count - 1, len(shown))


def test_a_chart_of_the_largest_takes_what_is_shown_and_says_so(release: Release) -> None:
    chart = Chart("list_country", "country", "bar", words("Largest"), 2)
    for hidden in ((), ("RO",)):
        spec = replace(release.spec, charts=(chart,))
        [picture] = document(replace(release, spec=spec, cubes=(release.cubes[0], with_hidden(*hidden))), "en").pictures
        labels = [label for label, _ in picture.bars]
        assert labels == (["Åland Islands", "United Kingdom"] if hidden else ["Romania", "United Kingdom"])
        assert ("Withheld figures are not considered." in picture.words) is bool(hidden)
