"""A release as a document: banners, notes and their numbers, facts and charts."""

from dataclasses import replace

import pytest

from thassist.messages import LANGUAGES
from thassist.publish.document import document
from thassist.publish.page import Figure
from thassist.release.build import Release
from thassist.tables.cube import Cell, Status


@pytest.mark.parametrize("lang", LANGUAGES)
def test_notes_are_numbered_by_first_use_and_shared(release: Release, lang: str) -> None:
    page = document(release, lang)
    one, two = (table.name for table in page.tables)
    assert [(note.number, note.tables) for note in page.notes] == [(1, ()), (2, (one, two)), (3, (one,)), (4, (two,))]
    assert [table.notes for table in page.tables] == [(2, 3), (2, 4)]
    assert page.notes[0].text == f"A note of the release ({lang})"
    assert page.notes[1].text == f"A note of the table ({lang})"


def test_what_falls_out_is_counted_in_a_note(release: Release) -> None:
    assert document(release, "en").notes[2].text.endswith("Their number: 3.")


def test_a_stock_names_its_day(release: Release) -> None:
    assert "31.12.2022" in document(release, "fi").notes[3].text


def test_banners_say_what_is_so_and_nothing_else(release: Release) -> None:
    real = document(replace(release, synthetic=False), "en")
    assert [banner.split(".")[0] for banner in real.banners] == ["INTERNAL"]
    assert real.mark == "INTERNAL"
    every = document(replace(release, provisional=True), "en")
    assert every.mark == "INTERNAL · SYNTHETIC DATA · PROVISIONAL"
    assert "2023-01-15" in every.banners[2]


@pytest.mark.parametrize(
    ("status", "word"), [(Status.BREAK, "break in the series: 2022"), (Status.PROVISIONAL, "Provisional: 2022")]
)
def test_flagged_figures_call_for_a_note(release: Release, status: Status, word: str) -> None:
    cube = release.cubes[0]
    changed = replace(cube, cells={**cube.cells, ("2022", "_T", "_T"): Cell(1367, status)})
    page = document(replace(release, cubes=(changed, release.cubes[1])), "en")
    [note] = [note for note in page.notes if word in note.text]
    assert note.number in page.tables[0].notes


def test_a_chart_shows_the_parts_and_not_the_total(release: Release) -> None:
    [picture] = document(release, "en").chapters[0].pictures
    assert [figure for _, figure in picture.bars] == [
        Figure(160),
        Figure(907),
        Figure(300),
        Figure(0),
        Figure(0),
        Figure(0),
    ]
    assert picture.title == "Figure 1: Persons by age (en), 2022"


def test_a_chart_of_the_largest_keeps_the_order_of_the_classification(release: Release) -> None:
    chart = replace(release.spec.charts[0], largest=2)
    page = document(replace(release, spec=replace(release.spec, charts=(chart,))), "en")
    assert [figure.value for _, figure in page.chapters[0].pictures[0].bars] == [160, 907, 300][1:]


def test_a_chart_over_time_shows_the_periods(release: Release) -> None:
    chart = replace(release.spec.charts[0], dimension="time")
    page = document(replace(release, spec=replace(release.spec, charts=(chart,))), "en")
    assert page.chapters[0].pictures[0].bars == (("2022", Figure(1367)),)


def test_a_chart_without_figures_says_so(release: Release) -> None:
    cube = release.cubes[0]
    empty = replace(cube, cells={key: Cell(0) for key in cube.cells})
    page = document(replace(release, cubes=(empty, release.cubes[1])), "en")
    assert page.chapters[0].pictures[0].words == "Bar chart of Table 1. No figure is above zero."
