"""Sentences and key figures: each case has its own words, and every figure in them is a published cell."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.publish import document, html, pdf, story, texts, xlsx
from thassist.release import story as words
from thassist.release.build import Release
from thassist.tables.breaks import SeriesBreak
from thassist.tables.cube import Cell, Cube, Status

from .conftest import SEX, Layout, Time, cross, release_spec, table

YEARS = tuple(parse_period(year) for year in ("2020", "2021", "2022"))
TEXT = """
schema = 1
id = "hand-made"
[[key_figure]]
cell = { table = "series" }
compare = true
fi = "Uudet"
sv = "Nya"
en = "New persons"
[[sentence]]
chapter = "people"
fi = "Uusia oli {new} (vuotta aiemmin {before})."
sv = "Nya var {new} (ett år tidigare {before})."
en = "There were {new} new persons ({before} a year earlier)."
cells.new = { table = "series" }
cells.before = { table = "series", period = "year_before" }
when_zero = { fi = "Ei ketään.", sv = "Ingen.", en = "Nobody." }
when_one = { fi = "Yksi.", sv = "En.", en = "One." }
when_break = { fi = "Uusia {new}, katkos.", sv = "Nya {new}, brott.", en = "{new}, not compared." }
when_suppressed = { fi = "Uusia oli {new}.", sv = "Nya: {new}.", en = "There were {new}." }
when_not_known = { fi = "Ei tiedetä.", sv = "Inte känt.", en = "Not known." }
[[sentence]]
chapter = "people"
fi = "Naisia {share}."
sv = "Kvinnor {share}."
en = "Women {share}."
shares.share = { table = "series", codes = { sex = "F" } }
[[sentence]]
chapter = "people"
fi = "Suurimmat: {most}."
sv = "Störst: {most}."
en = "Largest: {most}."
tops.most = { table = "series", dimension = "sex", count = 2 }
when_suppressed = { fi = "Näytettävistä: {most}.", sv = "Av dem: {most}.", en = "Of those shown: {most}." }
"""


def series(**last: Cell) -> Cube:
    """Persons by sex in three years; ``last`` are cells of the last year, ``before`` the total of the year before."""
    counts = {"F": 30, "M": 1200, "O": 4, "_U": 2000}
    cells = {(year.code, sex): Cell(count) for year in YEARS for sex, count in counts.items()}
    cells.update({(year.code, "_T"): Cell(3234) for year in YEARS})
    cells["2021", "_T"] = last.pop("before", Cell(1500))
    for code, cell in last.items():
        cells["2022", {"total": "_T", "unknown": "_U"}.get(code, code)] = cell
    spec = table("series", (SEX,), Layout("cross", ("time",), ("sex",)), time=Time("flow", "day", "", "", 3))
    return Cube(spec, YEARS, cells, unplaced=0, synthetic=True, snapshot="0123456789abcdef")


@pytest.fixture
def said(release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = tmp_path / "hand-made.toml"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(words, "path_of", lambda _release: path)

    def with_(cube: Cube) -> Release:
        chapters = (replace(release.spec.chapters[0], tables=("cross_age_sex", "series")),)
        return replace(release, spec=release_spec(chapters=chapters), cubes=(cross(), cube))

    return with_


def first(release: Release, lang: str = "en") -> str:
    return story.sentences(release, lang)["people"][0].text


def test_figures_stand_in_the_sentence_as_each_language_writes_them(said) -> None:
    release = said(series())
    assert first(release, "fi") == "Uusia oli 3\xa0234 (vuotta aiemmin 1\xa0500)."
    assert first(release, "sv") == "Nya var 3\xa0234 (ett år tidigare 1\xa0500)."
    assert first(release, "en") == "There were 3,234 new persons (1,500 a year earlier)."


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"total": Cell(0)}, "Nobody."),
        ({"total": Cell(1)}, "One."),
        ({"before": Cell(None, Status.SUPPRESSED)}, "There were 3,234."),
        ({"total": Cell(None, Status.NOT_KNOWN)}, "Not known."),
        ({"before": Cell(0)}, "There were 3,234 new persons (0 a year earlier)."),
    ],
)
def test_each_case_has_its_own_words(said, cells: dict[str, Cell], expected: str) -> None:
    assert first(said(series(**cells))) == expected


def test_a_sentence_without_words_for_a_hidden_figure_is_not_said(said) -> None:
    release = said(series(total=Cell(None, Status.SUPPRESSED), F=Cell(None, Status.SUPPRESSED)))
    assert [sentence.text.partition(":")[0] for sentence in story.sentences(release, "en")["people"]] == [
        "Of those shown"  # neither the total nor the share of women can be told
    ]


def test_nothing_is_compared_over_a_break(said) -> None:
    found = SeriesBreak("law", dt.date(2022, 1, 1), "2022", dict.fromkeys(LANGUAGES, "A law"))
    broken = said(replace(series(), breaks=(found,)))
    assert first(broken) == "3,234, not compared."
    [figure] = story.key_figures(broken, "en")
    assert figure.shown == "3,234"
    assert "1,500" not in figure.before
    assert figure.cells == (("series", "2022", "_T"),)
    earlier = replace(found, period="2021")
    assert first(said(replace(series(), breaks=(earlier,)))).endswith("(1,500 a year earlier).")


def test_nothing_is_compared_with_a_year_before_the_records(said) -> None:
    release = replace(said(series()), first=dt.date(2022, 1, 1))
    assert first(release) == "Not known."
    assert story.key_figures(release, "en")[0].before == ""


def test_a_key_figure_that_is_hidden_has_its_sign(said) -> None:
    [figure] = story.key_figures(said(series(total=Cell(None, Status.SUPPRESSED))), "sv")
    assert (figure.label, figure.shown, figure.before) == ("Nya", "[c]", "2021: 1\xa0500")


def test_the_largest_are_chosen_by_what_is_published_and_never_not_known(said) -> None:
    assert story.sentences(said(series()), "en")["people"][2].text == "Largest: Male (1,200) and Female (30)."
    hidden = said(series(M=Cell(None, Status.SUPPRESSED)))
    assert story.sentences(hidden, "en")["people"][-1].text == "Of those shown: Female (30) and Other (4)."
    assert story.sentences(said(series()), "fi")["people"][2].text == "Suurimmat: Mies (1\xa0200) ja Nainen (30)."


@pytest.mark.parametrize(
    ("lang", "expected"), [("fi", "Naisia 1\xa0%."), ("sv", "Kvinnor 1\xa0%."), ("en", "Women 1%.")]
)
def test_a_share_is_of_the_total_and_written_by_the_language(said, lang: str, expected: str) -> None:
    assert story.sentences(said(series()), lang)["people"][1].text == expected


def test_shares_are_rounded_half_up() -> None:
    assert [texts.percent(share, "en") for share in (0.125, 0.004, 0.995, 1.0)] == ["13%", "0%", "100%", "100%"]


def test_every_figure_of_a_sentence_is_told_with_its_cells(said) -> None:
    sentences = story.sentences(said(series()), "en")["people"]
    assert [set(sentence.cells) for sentence in sentences] == [
        {("series", "2022", "_T"), ("series", "2021", "_T")},
        {("series", "2022", "F"), ("series", "2022", "_T")},
        {("series", "2022", "M"), ("series", "2022", "F")},
    ]


def test_all_formats_say_the_same(said, tmp_path: Path) -> None:
    from openpyxl import load_workbook
    from pypdf import PdfReader

    page = document.document(said(series()), "en")
    sentence = "There were 3,234 new persons (1,500 a year earlier)."
    assert f"<p>{sentence}</p>" in html.page(page)
    assert "<strong>3,234</strong> <span>New persons</span>" in html.page(page)
    xlsx.write(page, tmp_path / "a.xlsx")
    cover = [row[0] for row in load_workbook(tmp_path / "a.xlsx").worksheets[0].iter_rows(values_only=True)]
    assert sentence in cover
    assert "New persons: 3,234 (2021: 1,500)" in cover
    pdf.write(page, tmp_path / "a.pdf")
    text = " ".join(" ".join(each.extract_text() for each in PdfReader(tmp_path / "a.pdf").pages).split())
    assert sentence in text
    assert "3,234 New persons 2021: 1,500" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_quality_description_tells_what_the_release_knows(said, lang: str) -> None:
    found = SeriesBreak("law", dt.date(2022, 1, 1), "2022", {each: f"A law ({each})" for each in LANGUAGES})
    whole = dict(document.document(said(replace(series(), breaks=(found,))), lang).quality)
    assert len(whole) == 8
    told = " ".join(whole.values())
    assert f"A law ({lang})" in told
    assert texts.day(dt.date(2022, 12, 31), lang) in told
    assert texts.day(dt.date(2023, 1, 15), lang) in told


def test_a_mistyped_code_is_an_error_and_not_a_zero(said, tmp_path: Path) -> None:
    release = said(series())
    (tmp_path / "hand-made.toml").write_text(TEXT.replace('sex = "F"', 'sex = "FF"'), encoding="utf-8")
    with pytest.raises(InvalidDefinition, match="FF"):
        story.sentences(release, "en")
