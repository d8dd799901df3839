"""The tags of the PDF: nothing is drawn outside them, their order is the reading order, tables have their headers."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from thassist.messages import LANGUAGES
from thassist.publish import pdf
from thassist.publish.document import document
from thassist.publish.page import Document, Figure, Grid, KeyFigure, Picture, Row, Sentence, Stream
from thassist.publish.pdf_tags import HOOKS
from thassist.release.build import Release

#: Operators that paint something (ISO 32000-1, tables 59, 107, 74 and 87).
_PAINTS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "BI", "EI", "INLINE IMAGE"}


def full(release: Release) -> Document:
    """A document with everything that a page can hold, over several pages, upright and lying."""
    page = document(release, "en")
    long = Grid(
        id="long",
        name="Table 3",
        title="A long one",
        facts=(),
        notes=(1,),
        stub_headers=("Label",),
        headers=("Column",),
        rows=tuple(Row((f"Row {row}",), (Figure(row),)) for row in range(120)),
    )
    wide = replace(
        long,
        id="wide",
        name="Table 4",
        headers=tuple(f"Column{place}" for place in range(30)),
        rows=tuple(Row((f"Row {row}",), tuple(Figure(place) for place in range(30))) for row in range(3)),
    )
    routes = Picture(
        "Figure 2",
        "Figure 2: Routes",
        "long",
        "Unit: persons",
        (),
        "Chart of routes.",
        stages=(("From", ("A", "B")), ("To", ("C",))),
        streams=(Stream(0, "A", "C", 5), Stream(0, "B", "C", 2)),
    )
    broken = Picture(
        "Figure 3",
        "Figure 3: Years",
        "long",
        "Unit",
        (("2014", Figure(3)), ("2015", Figure(4))),
        "Words",
        0,
        ((1, "x"),),
    )
    more = replace(page.chapters[0], tables=(long, wide), pictures=(routes, broken), sentences=(Sentence("Said.", ()),))
    figures = tuple(KeyFigure(f"What {place}", f"{place}", "2021: 3", ()) for place in range(3))
    return replace(page, chapters=(*page.chapters, more), key_figures=figures, quality=(("Coverage", "All."),))


@pytest.fixture
def opened(release: Release, tmp_path: Path) -> Iterator[pikepdf.Pdf]:
    pdf.write(full(release), tmp_path / "release.pdf")
    with pikepdf.open(tmp_path / "release.pdf") as file:
        yield file


def elements(parent: Any) -> Iterator[Any]:
    """Every element below one, in the order of the tree."""
    kids = parent.get("/K", pikepdf.Array())
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def contents(element: Any) -> Iterator[tuple[Any, int]]:
    """The pieces of content of an element itself, as page and number."""
    kids = element.get("/K", pikepdf.Array())
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            yield element.Pg.objgen, int(kid)
        elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/MCR":
            yield kid.Pg.objgen, int(kid.MCID)


def kinds(file: pikepdf.Pdf) -> list[str]:
    return [str(element.S)[1:] for element in elements(file.Root.StructTreeRoot)]


def test_reportlab_still_has_the_names_that_the_tags_need() -> None:
    """When this fails, reportlab has changed inside: read pdf_tags.py before the pin is raised."""
    canvas = Canvas("unused.pdf")
    assert [name for name in HOOKS if not hasattr(canvas, name)] == []
    canvas._code.append("% a mark")
    canvas.showPage()
    page = canvas._doc.Pages[0]
    assert "% a mark" in page.stream
    page.stream += "% later"
    assert b"% later" in Canvas.getpdfdata(canvas) or page.compression
    assert issubclass(pdfdoc.LinkAnnotation, pdfdoc.PDFObject)


def test_everything_that_is_painted_is_content_or_artifact(opened: pikepdf.Pdf) -> None:
    for number, page in enumerate(opened.pages, start=1):
        depth = 0
        for step in pikepdf.parse_content_stream(page):
            name = str(step.operator)
            if name in ("BDC", "BMC"):
                depth += 1
                assert depth == 1, f"page {number}: marks within marks"
            elif name == "EMC":
                depth -= 1
            elif name in _PAINTS:
                assert depth == 1, f"page {number}: {name} outside all marks"
        assert depth == 0


def test_the_order_of_the_tree_is_the_order_of_the_pages(opened: pikepdf.Pdf) -> None:
    """Only the page numbers in the contents are drawn late: each at its line, which the tree has in its place."""
    places = {page.objgen: number for number, page in enumerate(opened.pages)}
    late = {"/Link"}
    read = [
        (places[page], number)
        for element in elements(opened.Root.StructTreeRoot)
        if str(element.S) not in late
        for page, number in contents(element)
    ]
    assert len(read) > 300
    assert read == sorted(read)


def test_every_piece_of_content_leads_back_to_its_element(opened: pikepdf.Pdf) -> None:
    numbers = list(opened.Root.StructTreeRoot.ParentTree.Nums)
    back = dict(zip(numbers[::2], numbers[1::2], strict=True))
    owned = {
        (page, number): element.objgen
        for element in elements(opened.Root.StructTreeRoot)
        for page, number in contents(element)
    }
    drawn = set()
    for page in opened.pages:
        owners = back[int(page.obj.StructParents)]
        for step in pikepdf.parse_content_stream(page):
            if str(step.operator) == "BDC" and "/MCID" in step.operands[1]:
                number = int(step.operands[1].MCID)
                owner = owners[number]
                assert str(step.operands[0]) == str(owner.S)
                assert owned[page.objgen, number] == owner.objgen
                drawn.add((page.objgen, number))
    assert drawn == set(owned)


def test_links_belong_to_their_element_and_say_where_they_lead(opened: pikepdf.Pdf) -> None:
    numbers = list(opened.Root.StructTreeRoot.ParentTree.Nums)
    back = dict(zip(numbers[::2], numbers[1::2], strict=True))
    links = [link for page in opened.pages for link in page.obj.get("/Annots", [])]
    assert len(links) == kinds(opened).count("TOCI") > 5
    for link in links:
        element = back[int(link.StructParent)]
        assert element.S == "/Link"
        assert any(isinstance(kid, pikepdf.Dictionary) and kid.get("/Obj") == link for kid in element.K)
        assert str(link.Contents)
        assert len(list(contents(element))) == 2  # the words, and the number of the page


def test_header_cells_have_their_scope_and_every_row_is_whole(opened: pikepdf.Pdf) -> None:
    tables = [element for element in elements(opened.Root.StructTreeRoot) if element.S == "/Table"]
    assert len(tables) >= 5  # the wide one is folded into parts
    for table in tables:
        rows = [list(row.K) for row in table.K]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(cell.S == "/TH" and cell.A.Scope == "/Column" for cell in rows[0])
        for row in rows[1:]:
            heads = [cell for cell in row if cell.S == "/TH"]
            assert heads
            assert all(cell.A.Scope == "/Row" and cell.A.O == "/Table" for cell in heads)
            assert all(cell.S == "/TD" for cell in row[len(heads) :])


def test_a_table_on_several_pages_is_one_and_its_repeated_headings_are_artifacts(opened: pikepdf.Pdf) -> None:
    [long] = [
        element for element in elements(opened.Root.StructTreeRoot) if element.S == "/Table" and len(element.K) > 100
    ]
    assert len(long.K) == 121
    assert sum(1 for cell in elements(long) if cell.S == "/TH" and cell.A.Scope == "/Column") == 2
    pages = {page for cell in elements(long) for page, _ in contents(cell)}
    assert len(pages) >= 3


def test_charts_are_read_in_words_and_have_their_place(opened: pikepdf.Pdf) -> None:
    figures = [element for element in elements(opened.Root.StructTreeRoot) if element.S == "/Figure"]
    assert [str(figure.Alt).partition(".")[0] for figure in figures] == [
        "Bar chart of Table 1",
        "Chart of routes",
        "Words",
    ]
    for figure in figures:
        left, low, right, top = (float(at) for at in figure.A.BBox)
        assert 0 < left < right < 842
        assert 0 < low < top < 842


def test_headings_are_in_their_order_and_notes_have_names(opened: pikepdf.Pdf) -> None:
    found = kinds(opened)
    levels = [int(kind[1]) for kind in found if kind in ("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    names = [str(each.ID) for each in elements(opened.Root.StructTreeRoot) if each.S == "/Note"]
    assert names
    assert len(names) == len(set(names))
    for inside, outside in (("LI", "L"), ("TOCI", "TOC"), ("TR", "Table")):
        for element in elements(opened.Root.StructTreeRoot):
            if str(element.S) == f"/{inside}":
                assert str(element.P.S) == f"/{outside}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_file_says_what_it_is_and_claims_no_conformance(release: Release, tmp_path: Path, lang: str) -> None:
    pdf.write(document(release, lang), tmp_path / "release.pdf")
    with pikepdf.open(tmp_path / "release.pdf") as file:
        assert file.Root.Lang == lang
        assert file.Root.MarkInfo.Marked
        assert file.Root.ViewerPreferences.DisplayDocTitle
        xmp = bytes(file.Root.Metadata.read_bytes()).decode()
        assert all(page.obj.Tabs == "/S" for page in file.pages)
    assert f"Hand-made statistics ({lang}), 2022" in xmp
    assert f"<rdf:li>{lang}</rdf:li>" in xmp
    assert "pdfuaid" not in xmp
