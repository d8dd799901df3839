"""The PDF: its figures, its parts, its metadata, and that nothing runs off the page."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from thassist.codes import all_classifications
from thassist.messages import LANGUAGES
from thassist.publish import pdf, pdf_style
from thassist.publish.document import document
from thassist.publish.page import Document, Figure, Grid, Row
from thassist.release.build import Release


def written(page: Document, folder: Path) -> PdfReader:
    path = folder / "release.pdf"
    pdf.write(page, path)
    return PdfReader(path)


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def wide(columns: int, rows: int = 3, label: str = "Row") -> Grid:
    return Grid(
        id="wide",
        name="Table 1",
        title="A wide one",
        facts=(),
        notes=(),
        stub_headers=("Label",),
        headers=tuple(f"Column{place}" for place in range(columns)),
        rows=tuple(
            Row((f"{label} {row}",), tuple(Figure(1000 * row + place) for place in range(columns)))
            for row in range(1, rows + 1)
        ),
    )


def only(release: Release, grid: Grid) -> Document:
    page = document(release, "en")
    return replace(page, chapters=(replace(page.chapters[0], tables=(grid,), pictures=()),))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_holds_the_figures_as_its_reader_writes_them(release: Release, tmp_path: Path, lang: str) -> None:
    text = text_of(written(document(release, lang), tmp_path)).replace("\xa0", " ")
    total = {"fi": "1 367", "sv": "1 367", "en": "1,367"}[lang]  # the space does not break; the reader gives it plain
    assert text.count(total) == 2  # the total of each table
    for wanted in ("907", "[c]", "[x]", "[z]", "All persons – counted once, aged ≥ 0"):
        assert wanted in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_warns_and_is_numbered(release: Release, tmp_path: Path, lang: str) -> None:
    reader = written(document(release, lang), tmp_path)
    count = len(reader.pages)
    assert count >= 3
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert re.search("INTERNAL · SYNTHETIC|SISÄINEN · KEINOTEKOINEN|INTERNT · KONSTGJORDA", text)
        assert re.search(rf"\b{number}(/| of | av ){count}\b", text)


def test_metadata_language_and_fonts(release: Release, tmp_path: Path) -> None:
    reader = written(document(release, "sv"), tmp_path)
    assert reader.metadata is not None
    assert reader.metadata.title == "Hand-made statistics (sv), 2022"
    assert reader.metadata.author == "The office (sv)"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]


def test_contents_and_bookmarks_lead_to_every_table_and_figure(release: Release, tmp_path: Path) -> None:
    reader = written(document(release, "en"), tmp_path)
    titles: list[tuple[str, int]] = []

    def walk(items: list[object]) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                titles.append((item.title, reader.get_destination_page_number(item) + 1))

    walk(list(reader.outline))
    assert [title for title, _ in titles] == [
        "People (en)",
        "Table 1: Persons of cross_age_sex (en), 2022",
        "Figure 1: Persons by age (en), 2022",
        "Countries (en)",
        "Table 2: Persons of list_country (en), 2022",
        "Quality description",
        "About this publication",
    ]
    contents = reader.pages[2].extract_text()
    for title, number in titles:
        assert title in contents
        assert title in reader.pages[number - 1].extract_text()


def test_a_chart_has_its_figures_in_words(release: Release, tmp_path: Path) -> None:
    text = " ".join(text_of(written(document(release, "en"), tmp_path)).split())
    [words] = re.findall(r"Bar chart of Table 1\. Largest: (.+?)\. All figures are in the table\.", text)
    assert re.findall(r" (\d+)(?:,|$)", words) == ["907", "300", "160"]


def test_a_long_list_is_shortened_and_says_so(release: Release, tmp_path: Path) -> None:
    text = " ".join(text_of(written(document(release, "en"), tmp_path)).split())
    assert "4 of 7 rows are shown" in text
    assert "data/list_country.csv" in text
    assert "Romania" in text
    assert "Kosovo" not in text


def test_it_is_not_shortened_where_the_release_does_not_ask(release: Release, tmp_path: Path) -> None:
    whole = replace(release, spec=replace(release.spec, pdf_longest_table=0))
    text = text_of(written(document(whole, "en"), tmp_path))
    assert "Kosovo" in text
    assert "rows are shown" not in text


def test_a_table_longer_than_a_page_repeats_its_headings(release: Release, tmp_path: Path) -> None:
    reader = written(only(release, wide(2, rows=120)), tmp_path)
    pages = [page.extract_text() for page in reader.pages if "Column0" in page.extract_text()]
    assert len(pages) >= 3
    text = "".join(pages)
    assert all(f"Row {row}\n" in text for row in range(1, 121))


@pytest.mark.parametrize(("columns", "orientation", "parts"), [(3, "upright", 1), (9, "lying", 1), (30, "lying", 3)])
def test_a_wide_table_lies_down_or_is_folded(
    release: Release, tmp_path: Path, columns: int, orientation: str, parts: int
) -> None:
    reader = written(only(release, wide(columns)), tmp_path)
    [page, *_] = [page for page in reader.pages if "Column0" in page.extract_text()]
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    assert ("lying" if width > height else "upright") == orientation
    text = text_of(reader)
    assert all(f"Column{place}\n" in f"{text}\n".replace(" ", "\n") for place in range(columns))
    assert text.count("Row 1\n") == parts
    if parts > 1:
        assert f"Table 1, part {parts} of {parts}" in text
    else:
        assert "part 1" not in text


def test_nothing_runs_off_the_page(release: Release, tmp_path: Path) -> None:
    """The right edge of every piece of text is within the page: far right figures end at the margin."""
    reader = written(only(release, wide(30, label="A label of several words that is long")), tmp_path)
    for page in reader.pages:
        places: list[tuple[float, float]] = []

        def visit(text: str, _cm: object, matrix: list[float], _font: object, _size: float) -> None:
            if text.strip():
                places.append((matrix[4], matrix[5]))  # noqa: B023 - read at once, below

        page.extract_text(visitor_text=visit)
        assert places
        assert all(0 <= x <= float(page.mediabox.width) for x, _ in places)


def test_the_font_has_every_letter_of_our_code_lists() -> None:
    lacking = {
        (known.ref, code.code)
        for known in all_classifications()
        for code in known.codes.values()
        for lang in LANGUAGES
        if pdf_style.drawable(code.labels[lang]) != code.labels[lang]
    }
    assert not lacking


def test_a_letter_that_the_font_lacks_becomes_its_base_letter() -> None:
    assert pdf_style.drawable("Gdańsk, äöåéÄÖÅ–€≥") == "Gdansk, äöåéÄÖÅ–€≥"


def test_two_builds_are_the_same_bytes(release: Release, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        pdf.write(document(release, "fi"), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_marks_in_a_text_are_not_taken_for_marks_of_the_writer(release: Release, tmp_path: Path) -> None:
    page = replace(document(release, "en"), title="Law & order <b>not bold</b>")
    assert "Law & order <b>not bold</b>" in " ".join(text_of(written(page, tmp_path)).split())
