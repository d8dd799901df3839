"""Files as they are published: every format is read back to the same cells, and a leak is found in each place."""

import datetime as dt
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from reportlab.pdfgen import canvas

from thassist.dates import parse_period
from thassist.disclosure import files
from thassist.disclosure.files import Written
from thassist.disclosure.publication import of_folder
from thassist.errors import InvalidDefinition, UnreadableInput
from thassist.messages import LANGUAGES
from thassist.publish import package
from thassist.release import spec as releases
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import load

TABLE = "fi_new_victims_form_sex"
#: Form by sex. BEG is withheld with OTH, so that no line hides a single cell.
FORMS = {"LAB": (60, 50), "SEX": (31, 8), "MARR": (17, 9), "BEG": (None, None), "OTH": (None, None)}
TOTALS = {"LAB": 110, "SEX": 39, "MARR": 26, "BEG": None, "OTH": None}


def cube() -> Cube:
    spec = load(TABLE)
    cells = {("2022", "_T", "_T"): Cell(1190), ("2022", "_T", "F"): Cell(614), ("2022", "_T", "M"): Cell(576)}
    for form, counts in FORMS.items():
        for sex, count in (("F", counts[0]), ("M", counts[1]), ("_T", TOTALS[form])):
            cells["2022", form, sex] = Cell(count) if count is not None else Cell(None, Status.SUPPRESSED)
    return Cube(spec, (parse_period("2022"),), cells, unplaced=0, synthetic=True, snapshot="0123456789abcdef")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one table, in every format of a public package: SDMX and the quality report are not among them."""
    spec = releases.load("national-annual")
    chapter = replace(spec.chapters[0], tables=(TABLE,))
    chart = next(each for each in spec.charts if each.dimension == "form")
    spec = replace(spec, chapters=(chapter,), charts=(replace(chart, table=TABLE),), formats=(), quality=False)
    day = dt.date(2023, 1, 15)
    release = Release(
        spec=spec, period=parse_period("2022"), cubes=(cube(),), snapshot="0123456789abcdef", as_of=day,
        first=dt.date(2015, 1, 2), last=dt.date(2022, 12, 30), synthetic=True, provisional=False,
    )  # fmt: skip
    out = tmp_path_factory.mktemp("release") / "national-annual_2022"
    package.publish(release, out, ("fi",))
    manifest = out / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"internal"', '"public"'), encoding="utf-8")
    return out


@pytest.fixture
def release(whole: Path, tmp_path: Path) -> Path:
    """A copy, in which a leak may be planted."""
    return Path(shutil.copytree(whole, tmp_path / whole.name))


@pytest.fixture(scope="module")
def sound(whole: Path) -> Written:
    """What stands in the whole release."""
    return files.read(whole)


def faults(whole: Path, sound: Written, release: Path) -> list[files.Fault]:
    """What is wrong with a copy; only the files that were changed in it are read again."""

    def same(name: str) -> bool:
        ours, theirs = release / name, whole / name
        return theirs.exists() and ours.exists() and ours.read_bytes() == theirs.read_bytes()

    names = [file.relative_to(release).as_posix() for file in release.rglob("*") if file.is_file()]
    changed = release.parent / "changed"
    for name in names:
        if not same(name):
            (changed / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(release / name, changed / name)
    written = Written(
        [cell for cell in sound.cells if same(cell.file)], [text for text in sound.texts if same(text.file)]
    )
    written.take(files.read(changed))
    return files.faults_of(written)


def values(written: Written, ending: str) -> dict[tuple[tuple[str, str], ...], tuple[float | None, str]]:
    return {cell.codes: (cell.value, cell.status) for cell in written.cells if cell.file.endswith(ending)}


EXPECTED: dict[tuple[tuple[str, str], ...], tuple[float | None, str]] = {
    **{
        (("form", form), *((("sex", sex),) if sex else ())): (count, "A" if count is not None else "Q")
        for form, counts in FORMS.items()
        for sex, count in (("F", counts[0]), ("M", counts[1]), ("", TOTALS[form]))
    },
    (): (1190, "A"),
    (("sex", "F"),): (614, "A"),
    (("sex", "M"),): (576, "A"),
}


@pytest.mark.parametrize("ending", [".csv", ".px", "_fi.xlsx", "_fi.html"])
def test_every_format_gives_back_what_was_published(sound: Written, ending: str) -> None:
    found = values(sound, ending)
    assert found == EXPECTED
    assert {cell.period for cell in sound.cells} == {"2022"}
    assert {cell.table for cell in sound.cells} == {TABLE}


def test_a_sound_release_has_no_fault(sound: Written) -> None:
    assert files.faults_of(sound) == []


def test_it_goes_into_the_ledger_as_it_went_out(whole: Path, release: Path) -> None:
    publication = of_folder(whole, "en")
    assert (publication.release, publication.period, publication.synthetic) == ("national-annual", "2022", True)
    [(table, cells)] = publication.tables.items()
    assert table == TABLE
    assert {tuple(sorted(codes.items())): (value, status) for _, codes, value, status, _, _ in cells} == EXPECTED
    manifest = release / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"public"', '"internal"'), encoding="utf-8")
    with pytest.raises(InvalidDefinition, match="internal"):
        of_folder(release, "en")


def edit(change: Callable[[openpyxl.Workbook], None]) -> Callable[[Path], None]:
    def plant(release: Path) -> None:
        [file] = release.glob("*_fi.xlsx")
        book = openpyxl.load_workbook(file)
        change(book)
        book.save(file)

    return plant


def figure(book: openpyxl.Workbook, words: str) -> tuple[openpyxl.worksheet.worksheet.Worksheet, int]:
    """The sheet of the table, and the row of a category."""
    sheet = next(each for each in book.worksheets if any(name.endswith(TABLE) for name in each.tables))
    row = next(cell.row for [cell] in sheet.iter_rows(max_col=1) if cell.value == words)
    return sheet, row


def behind_a_format(book: openpyxl.Workbook) -> None:
    sheet, row = figure(book, "Pakottaminen kerjäämiseen")
    sheet.cell(row, 2).value = 3
    sheet.cell(row, 2).number_format = '"[c]"'


def hidden_sheet(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("x")
    sheet["B7"] = 3
    sheet.sheet_state = "hidden"


def comment(book: openpyxl.Workbook) -> None:
    sheet, row = figure(book, "Pakottaminen kerjäämiseen")
    sheet.cell(row, 2).comment = Comment("oikeasti 3", "a")


def defined_name(book: openpyxl.Workbook) -> None:
    book.defined_names["apu"] = DefinedName("apu", attr_text='"kerjäämiseen 3"')


def properties(book: openpyxl.Workbook) -> None:
    book.properties.keywords = "kerjäämiseen 3 henkilöä"


def title(book: openpyxl.Workbook) -> None:
    book.worksheets[-1]["A1"] = f"{book.worksheets[-1]['A1'].value} (kerjäämiseen 3)"


def footer(book: openpyxl.Workbook) -> None:
    book.worksheets[0].oddFooter.center.text = "kerjäämiseen 3"


def chart(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    drawn = BarChart()
    drawn.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    drawn.title = "kerjäämiseen 3"
    sheet.add_chart(drawn, "D5")


def chart_cache(release: Path) -> None:
    """A chart keeps the figures it was drawn from, also when the cells are withheld."""
    edit(chart)(release)
    [file] = release.glob("*_fi.xlsx")
    rewrite(file, "xl/charts/chart1.xml", b"<a:t>kerj\xc3\xa4\xc3\xa4miseen 3</a:t>", b"<a:t>x</a:t>")
    cache = b'<c:numCache><c:ptCount val="1"/><c:pt idx="0"><c:v>3</c:v></c:pt></c:numCache></c:numRef>'
    rewrite(file, "xl/charts/chart1.xml", b"</numRef>", cache.replace(b"c:", b""))


def formula(release: Path) -> None:
    edit(lambda book: figure(book, "Pakkotyö")[0].cell(figure(book, "Pakkotyö")[1], 2, "=1+2") and None)(release)


def rewrite(file: Path, part: str, old: bytes, new: bytes) -> None:
    content = io.BytesIO(file.read_bytes())
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old in data, data[-1500:]
                data = data.replace(old, new)
            target.writestr(name, data)


def replaced(pattern: str, old: str, new: str) -> Callable[[Path], None]:
    def plant(release: Path) -> None:
        [file] = release.rglob(pattern)
        text = file.read_text(encoding="utf-8")
        assert re.search(old, text), text[:3000]
        file.write_text(re.sub(old, new, text, count=1), encoding="utf-8")

    return plant


def pdf_page(release: Path) -> None:
    [file] = release.glob("*_fi.pdf")
    extra = io.BytesIO()
    page = canvas.Canvas(extra)
    page.drawString(100, 100, "begging: 3 persons")
    page.save()
    with pikepdf.open(file, allow_overwriting_input=True) as pdf, pikepdf.open(extra) as more:
        pdf.pages.append(more.pages[0])
        pdf.save(file)


def pdf_property(release: Path) -> None:
    [file] = release.glob("*_fi.pdf")
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Keywords"] = "begging 3"
        pdf.save(file)


def pdf_alternative(release: Path) -> None:
    [file] = release.glob("*_fi.pdf")
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        pdf.Root.Spoken = pdf.make_indirect(pikepdf.Dictionary(Alt="Pakottaminen kerjäämiseen 3"))
        pdf.save(file)


def pdf_attachment(release: Path) -> None:
    [file] = release.glob("*_fi.pdf")
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        pdf.attachments["cells.csv"] = b"BEG,3"
        pdf.save(file)


def html(inside: str) -> Callable[[Path], None]:
    def plant(release: Path) -> None:
        (release / "page_en.html").write_text(PAGE.replace("<!-- here -->", inside), encoding="utf-8")

    return plant


PAGE = """<!doctype html><html lang="en"><head><title>New clients, 2022</title></head><body>
<table id="fi_new_victims_form_sex"><caption>New clients by form of exploitation and sex, 2022</caption>
<tr><th scope="col">Form of exploitation</th><th>Total</th><th>Female</th><th>Male</th></tr>
<tr><th scope="row">Total</th><td>1,190</td><td>614</td><td>576</td></tr>
<tr><th scope="row">Forced begging</th><td>[c]</td><td>[c]</td><td>[c]</td></tr></table>
<!-- here --></body></html>"""

LEAKS: dict[str, Callable[[Path], None]] = {
    "a number behind a format": edit(behind_a_format),
    "a hidden sheet": edit(hidden_sheet),
    "a comment": edit(comment),
    "a defined name": edit(defined_name),
    "a property of the workbook": edit(properties),
    "a title": edit(title),
    "a footer": edit(footer),
    "a title of a chart": edit(chart),
    "the cache of a chart": chart_cache,
    "a cell of the CSV": replaced(f"{TABLE}.csv", "(2022,BEG,[^\n]*?,F,Female,person),,Q", r"\1,3,A"),
    "a withheld cell that keeps its value": replaced(
        f"{TABLE}.csv", "(2022,BEG,[^\n]*?,F,Female,person),,Q", r"\1,3,Q"
    ),
    "a note of the CSV": replaced(f"{TABLE}.csv", "(2022,LAB,[^\n]*?,F,Female,person,60,A),", r"\1,begging 3"),
    "a cell of the PX": replaced(f"{TABLE}.px", r'"\.\.\."', "3"),
    "a note of the PX": replaced(f"{TABLE}.px", r'NOTE="', 'NOTE="Kerjääminen: 3. '),
    "the data package": replaced("datapackage.json", '"description": "', '"description": "Begging: 3. '),
    "a page of the PDF": pdf_page,
    "a property of the PDF": pdf_property,
    "words for a picture in the PDF": pdf_alternative,
    "an attachment of the PDF": pdf_attachment,
    "a cell of the page": html(
        '<table id="t_fi_new_victims_form_sex"><caption>x, 2022</caption><tr>'
        "<th>Form of exploitation</th><th>Total</th></tr><tr><th>Forced begging</th><td>3</td></tr></table>"
    ),
    "a chart of the page": html('<svg role="img"><text x="3">Forced begging</text><text>3</text></svg>'),
    "words for a screen reader": html('<svg aria-label="Forced begging 3"></svg>'),
    "a title in a picture": html("<svg><title>Forced begging: 3</title></svg>"),
    "a description in a picture": html("<svg><desc>begging 3</desc></svg>"),
    "the words for an image": html('<img src="a.png" alt="Forced begging 3">'),
    "a data attribute": html('<rect data-count="3"></rect>'),
    "a script": html("<script>var cells = [614, 3];</script>"),
    "a comment of the page": html("<!-- begging 3 -->"),
    "a sentence": html("<p>Only 3 persons had been forced to beg.</p>"),
    "a share": html("<p>Forced begging made up 12.7 % of all.</p>"),
    "a file that nobody can read": lambda release: (release / "cells.bin").write_bytes(b"\xff\xfe\x00") and None,
}  # fmt: skip


@pytest.mark.parametrize("place", list(LEAKS))
def test_a_planted_leak_is_found(whole: Path, sound: Written, release: Path, place: str) -> None:
    LEAKS[place](release)
    found = [fault for fault in faults(whole, sound, release) if fault.leak]
    assert found, place
    for fault in found:
        for lang in LANGUAGES:
            assert "?" not in fault.text(lang)
            assert fault.text(lang, "remedy")


def test_a_release_that_leaks_does_not_go_into_the_ledger(release: Path) -> None:
    LEAKS["a comment"](release)
    with pytest.raises(UnreadableInput, match="contradict"):
        of_folder(release, "en")


def test_a_formula_is_told(whole: Path, sound: Written, release: Path) -> None:
    formula(release)
    assert "written.formula" in {fault.key for fault in faults(whole, sound, release)}


@pytest.mark.parametrize(
    "said",
    [
        "<p>In 2022 there were 1,190 new clients, 614 of them women.</p>",
        "<p>Women made up 51.6 % of them.</p>",  # 614 / 1190 = 51.597 %
        "<p>Table 3, note 2; 31.12.2022; 2022-06-30.</p>",
        '<svg aria-label="Forced labour 110"></svg>',
        "<p>Forced begging [c]; Forced labour 110.</p>",
    ],
)
def test_a_public_figure_in_a_sentence_is_no_leak(whole: Path, sound: Written, release: Path, said: str) -> None:
    html(said)(release)
    assert faults(whole, sound, release) == []


def test_another_figure_beside_a_withheld_name_is_a_leak(whole: Path, sound: Written, release: Path) -> None:
    """31 is a public figure, but of another category."""
    html("<p>Forced begging: 31</p>")(release)
    assert [fault.key for fault in faults(whole, sound, release)] == ["written.beside_withheld"]


def test_a_contradiction_without_a_leak(whole: Path, sound: Written, release: Path) -> None:
    replaced(f"{TABLE}.csv", "(2022,LAB,[^\n]*?,F,Female,person),60", r"\1,61")(release)
    found = faults(whole, sound, release)
    assert {fault.key for fault in found} == {"written.disagree"}
    assert not any(fault.leak for fault in found)


def test_a_page_is_read_as_its_table(release: Path) -> None:
    html("")(release)
    found = values(files.read(release / "page_en.html"), ".html")
    assert found[()] == (1190, "A")
    assert found[("form", "BEG"), ("sex", "F")] == (None, "Q")


def test_a_file_alone_or_none(release: Path) -> None:
    [file] = release.rglob("*.px")
    assert values(files.read(file), ".px") == EXPECTED
    for wrong in (release / "absent", release / "broken.px", release / "broken.xlsx", release / "broken.pdf"):
        if wrong.suffix:
            wrong.write_bytes(b"no such thing")
        with pytest.raises(UnreadableInput):
            files.read(wrong)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["BE0101F1ensvdescdefault.px", "example.px", "Issue220Finland.px"])
def test_px_files_of_statistical_offices_agree_with_pyaxis(shared: Path, name: str) -> None:
    import pyaxis.pyaxis as other

    file = shared / "data" / "px_samples" / name
    ours = files.read(file).cells
    theirs = other.parse(str(file), encoding="latin-1", timeout=1)["DATA"]
    assert len(ours) == len(theirs)
    told = [str(value).strip('"') for value in theirs["DATA"]]
    assert sum(cell.value or 0 for cell in ours) == pytest.approx(
        sum(float(value) for value in told if re.fullmatch(r"-?[\d.]*\d[\d.]*", value))
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(
            ("1,234", 1234),
            ("1 234", 1234),
            ("1\N{NO-BREAK SPACE}234,5", 1234.5),
            ("123,535.00", 123535),
            ("12,5", 12.5),
        ),
        *(("0", 0), ("−3", -3), ("[c]", None), ("1.234.5", None), ("", None), (True, None), (7, 7)),
    ],
)
def test_numbers_as_the_languages_write_them(written: object, value: float | None) -> None:
    from thassist.disclosure.files.labels import number

    assert number(written) == value


@pytest.mark.parametrize(
    ("lang", "label"), [("fi", "tammi–maaliskuu 2023 [huomautus 19]"), ("en", "January–March 2023 [note 2]")]
)
def test_the_mark_of_a_note_is_no_part_of_a_label(lang: str, label: str) -> None:
    from thassist.disclosure.files import labels

    spec = load("fi_series_new_clients")
    title = {"fi": "Ajanjakso", "en": "Period"}[lang]
    total = {"fi": "Yhteensä", "en": "Total"}[lang]
    found = labels.decode(spec, lang, "x", [title, total], [("1", [label, 12.0])], "a.xlsx")
    assert found.faults == []
    assert [(cell.period, cell.codes, cell.value) for cell in found.cells] == [("2023-Q1", (), 12.0)]
