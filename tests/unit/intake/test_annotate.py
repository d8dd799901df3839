"""The user's own workbook back: every finding at its cell, and nothing else touched."""

import re
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill

from thassist.errors import StorageError, UnreadableInput
from thassist.intake import annotate, deliver
from thassist.intake.annotate import Annotated
from thassist.rules.finding import Finding

from .conftest import TODAY

Change = Callable[[Callable[[openpyxl.Workbook], None]], Path]
CODE = "131052-308T"  # the specimen of the Digital and Population Data Services Agency


def faulty(book: openpyxl.Workbook) -> None:
    """Five kinds of faults on three sheets."""
    persons, decisions = book["Henkilöt"], book["Päätökset"]
    persons["B3"], persons["C4"] = "Nainnen", "1.3.90"
    book["Esitykset"]["F3"] = f"soita {CODE}"
    decisions["E2"] = "31.2.2023"
    decisions["B2"] = None


def back(path: Path, target: Path, lang: str = "fi") -> tuple[Annotated, list[Finding]]:
    delivery = deliver.validate(path, lang=lang, today=TODAY)
    done = annotate.annotate(path, delivery.findings, target, profile_id="fi-nas", sha256=delivery.sha256, lang=lang)
    return done, delivery.findings


def coloured(sheet: object) -> set[str]:
    return {
        ref
        for area in sheet.conditional_formatting  # type: ignore[attr-defined]
        for ref in str(area.sqref).split()
        if any("thassist" in rule.formula[0] for rule in area.rules)
    }


def comments(sheet: object) -> dict[str, str]:
    return {
        cell.coordinate: cell.comment.text
        for row in sheet.iter_rows()  # type: ignore[attr-defined]
        for cell in row
        if cell.comment
    }


def links(sheet: object) -> dict[str, str]:
    return {
        cell.coordinate: cell.hyperlink.location
        for row in sheet.iter_rows()  # type: ignore[attr-defined]
        for cell in row
        if cell.hyperlink
    }


def test_every_finding_is_at_its_cell_and_on_the_sheet_of_findings(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    done, findings = back(path, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert coloured(book["Henkilöt"]) == {"B3", "C4"}
    assert "F3" in coloured(book["Esitykset"])
    assert {"E2", "B2"} <= coloured(book["Päätökset"])
    for title in ("Henkilöt", "Esitykset", "Päätökset"):
        assert set(comments(book[title])) == coloured(book[title])
    assert "vain kaksi numeroa" in comments(book["Henkilöt"])["C4"]
    listed = book[done.sheet]
    rows = list(listed.iter_rows(min_row=7, values_only=True))
    for finding in findings:
        assert any(row[3] == finding.message and row[1] == finding.cell for row in rows), finding.code
    assert links(listed)["B7"] == "'Henkilöt'!B3"
    heads = links(book["Henkilöt"])
    assert heads == {"B1": f"'{done.sheet}'!A7", "C1": f"'{done.sheet}'!A8"}


def test_nothing_else_is_touched(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    back(path, tmp_path / "out.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / "out.xlsx") as after:
        own = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"}
        assert set(before.namelist()) <= set(after.namelist())
        for name in set(before.namelist()) - own:
            old, new = before.read(name), after.read(name)
            if old != new:
                assert name.startswith("xl/worksheets/sheet")
                for part in ("sheetData", "dataValidations", "cols", "sheetViews"):
                    pattern = re.compile(f"<{part}\\b.*</{part}>".encode(), re.DOTALL)
                    assert pattern.findall(old) == pattern.findall(new)
    old, new = openpyxl.load_workbook(path), openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert new.sheetnames[:-1] == old.sheetnames
    for sheet in old.worksheets:
        for row in sheet.iter_rows(max_row=6):
            for cell in row:
                same = new[sheet.title][cell.coordinate]
                assert (same.value, same.number_format) == (cell.value, cell.number_format)
                assert repr(same.font) + repr(same.fill) == repr(cell.font) + repr(cell.fill)


def test_the_corrected_annotated_workbook_is_clean_again(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    first, findings = back(path, tmp_path / "out.xlsx")
    again, same = back(tmp_path / "out.xlsx", tmp_path / "again.xlsx", "sv")
    assert [(one.code, one.cell) for one in same] == [(one.code, one.cell) for one in findings]
    assert again == first  # the marks of the first time are replaced, not repeated
    book = openpyxl.load_workbook(tmp_path / "again.xlsx")
    assert comments(book["Henkilöt"])["C4"].count("[thassist]") == 1
    book["Henkilöt"]["B3"], book["Henkilöt"]["C4"], book["Esitykset"]["F3"] = "Nainen", "1990", "Poliisi"
    book["Päätökset"]["E2"], book["Päätökset"]["B2"] = "3.1.2023", "C-000001"
    book.save(tmp_path / "mended.xlsx")
    done, none = back(tmp_path / "mended.xlsx", tmp_path / "clean.xlsx")
    assert (done.cells, none) == (0, [])
    clean = openpyxl.load_workbook(tmp_path / "clean.xlsx")
    for sheet in clean.worksheets:
        assert not coloured(sheet)
        assert not comments(sheet)
        assert not links(sheet)


def test_a_personal_code_is_nowhere_but_where_the_user_wrote_it(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    back(path, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        holding = [name for name in archive.namelist() if CODE.encode() in archive.read(name)]
    with zipfile.ZipFile(path) as archive:
        assert holding == [name for name in archive.namelist() if CODE.encode() in archive.read(name)]


def test_the_users_own_comments_and_colours_stay(change: Change, tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        faulty(book)
        sheet = book["Henkilöt"]
        sheet["B3"].comment = Comment("tarkistettu kahdesti", "Maija")
        sheet["A2"].comment = Comment("vanha asiakas", "Maija")
        sheet["B3"].hyperlink = "https://example.org/"
        sheet.conditional_formatting.add("A1:A9", FormulaRule(formula=["TRUE"], fill=PatternFill(bgColor="FF00FF00")))

    path = change(edit)
    back(path, tmp_path / "one.xlsx")
    back(tmp_path / "one.xlsx", tmp_path / "two.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "two.xlsx")["Henkilöt"]
    said = comments(sheet)
    assert said["A2"] == "vanha asiakas"
    assert said["B3"].startswith("tarkistettu kahdesti\n\n[thassist] ")
    assert said["B3"].count("[thassist]") == 1
    assert sheet["B3"].hyperlink.target == "https://example.org/"
    assert [str(area.sqref) for area in sheet.conditional_formatting].count("A1:A9") == 1


def test_drop_downs_that_excel_keeps_in_an_extension_stay(change: Change, tmp_path: Path) -> None:
    """openpyxl drops them with a warning; Excel writes them where a list stands on another sheet."""
    extension = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations/></ext></extLst>'
    )
    path = change(faulty)
    made = tmp_path / "excel.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                content = content.replace(b"</worksheet>", extension.encode() + b"</worksheet>")
            new.writestr(name, content)
    back(made, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        content = archive.read("xl/worksheets/sheet2.xml").decode()
    assert content.endswith(extension + "</worksheet>")
    order = ["<sheetData", "<conditionalFormatting", "<dataValidations", "<hyperlinks", "<legacyDrawing", "<extLst"]
    assert [content.index(one) for one in order] == sorted(content.index(one) for one in order)


def test_a_workbook_with_prefixed_elements(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    made = tmp_path / "prefixed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                text = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", content.decode()).replace("xmlns=", "xmlns:x=")
                content = text.encode()
            new.writestr(name, content)
    back(made, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert coloured(book["Henkilöt"]) == {"B3", "C4"}


def test_text_with_columns_comes_back_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "Kansalaisuudet.csv"
    path.write_text("person_id;country;is_primary\nC-1;Suomi;x\n\nC-2;=1+1;kyllä\n", encoding="utf-8")
    done, findings = back(path, tmp_path / "out.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["Kansalaisuudet", "Findings"]
    sheet = book["Kansalaisuudet"]
    assert [cell.value for cell in sheet[4]] == ["C-2", "=1+1", "kyllä"]
    assert sheet["B4"].data_type == "s"
    assert "B4" in coloured(sheet)
    assert len(coloured(sheet)) == done.cells
    targets = set(links(book["Findings"]).values())
    assert targets == {
        f"'Kansalaisuudet'!{one.column}{one.row}" if one.row else "'Kansalaisuudet'!A1" for one in findings
    }


def test_one_cause_is_one_line_that_unfolds(change: Change, tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        sheet = book["Perhesuhteet"]
        for row in range(2, 32):
            sheet.cell(row, 1, "C-000001")
            sheet.cell(row, 2, "C-000002")
            sheet.cell(row, 3, "Serkku")

    done, _ = back(change(edit), tmp_path / "out.xlsx", "en")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")[done.sheet]
    first = next(row for row in range(7, 20) if sheet.cell(row, 9).value == "intake.unknown_code")
    assert sheet.cell(first, 8).value == 30
    below = [row for row in range(first + 1, first + 30) if sheet.row_dimensions[row].outlineLevel == 1]
    assert [sheet.cell(row, 2).value for row in below] == [f"Perhesuhteet!C{row}" for row in range(3, 32)]
    assert all(sheet.row_dimensions[row].hidden for row in below)


def test_the_delivered_file_is_never_the_target(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    before = path.read_bytes()
    (tmp_path / "link.xlsx").symlink_to(path)
    for target in (path, tmp_path / "." / path.name, tmp_path / "link.xlsx"):
        with pytest.raises(StorageError) as caught:
            back(path, target)
        assert caught.value.key == "intake.annotate_input"
    assert path.read_bytes() == before


def test_the_target_is_private_and_has_the_right_ending(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    back(path, tmp_path / "out.xlsx")
    assert stat.S_IMODE((tmp_path / "out.xlsx").stat().st_mode) == 0o600
    with pytest.raises(StorageError) as caught:
        back(path, tmp_path / "out.csv")
    assert caught.value.key == "intake.annotate_suffix"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["delivery.xlsx", "out.xlsx"]


def test_a_file_that_changed_meanwhile_is_not_annotated(change: Change, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        annotate.annotate(change(faulty), [], tmp_path / "out.xlsx", profile_id="fi-nas", sha256="0" * 64, lang="en")
    assert caught.value.key == "intake.annotate_changed"


def test_equal_content_is_equal_bytes(change: Change, tmp_path: Path) -> None:
    path = change(faulty)
    back(path, tmp_path / "a.xlsx")
    back(path, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_marks_of_a_workbook_saved_by_libreoffice_are_replaced(change: Change, tmp_path: Path) -> None:
    """It forgets the authors of comments and writes every part anew."""
    back(change(faulty), tmp_path / "out.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/office"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved")]
    subprocess.run([*command, str(tmp_path / "out.xlsx")], check=True, capture_output=True, timeout=120)
    done, _ = back(tmp_path / "saved" / "out.xlsx", tmp_path / "again.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "again.xlsx")
    said = comments(book["Henkilöt"])
    assert set(said) == {"B3", "C4"} == coloured(book["Henkilöt"])
    assert all(words.count("[thassist]") == 1 for words in said.values())
    assert [one.startswith("Havainnot") for one in book.sheetnames].count(True) == 1
    assert done.sheet == "Havainnot"
