"""Analysts' notes stand at their figures, and only there."""

from types import SimpleNamespace

from thassist.dates import parse_period
from thassist.release import analyst
from thassist.tables.cube import Cell, Cube
from thassist.tables.spec import load

TEXT = {"fi": "Syy.", "sv": "Orsak.", "en": "Reason."}


def cube() -> Cube:
    spec = load("fi_series_new_clients")
    total = ["_T"] * len(spec.dimensions)
    cells = {(year, *total): Cell(value) for year, value in (("2021", 243), ("2022", 367))}
    return Cube(spec, (parse_period("2021"), parse_period("2022")), cells, 0, synthetic=True, snapshot="0")


def note(period: str, **cell: str) -> SimpleNamespace:
    return SimpleNamespace(table="fi_series_new_clients", period=period, cell=cell, text=TEXT)


def test_a_note_stands_at_its_figure_in_every_language() -> None:
    before = cube()
    (after,) = analyst.marked([before], [note("2022")])
    total = tuple(["_T"] * len(before.spec.dimensions))
    assert [after.note(key, "sv") for key in after.cells["2022", *total].notes] == ["Orsak."]
    assert after.cells["2021", *total].notes == ()
    assert {lang: analyst.said(after, lang) for lang in TEXT} == {lang: [text] for lang, text in TEXT.items()}
    assert before.cells["2022", *total].notes == ()


def test_a_note_without_its_figure_changes_nothing() -> None:
    before = cube()
    for wrong in (note("2020"), note("2022", colour="RED")):
        assert analyst.marked([before], [wrong]) == (before,)
