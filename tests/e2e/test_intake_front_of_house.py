"""What users of other tools asked for in vain, each as a test of the command line, with the complaint it answers."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli

from thassist import messages
from thassist.intake import template
from thassist.intake.cells import read_date
from thassist.records.dataset import Dataset, empty_frame

Run = Callable[..., Result]
LANGUAGES = messages.LANGUAGES


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Three persons with their citizenships, as the English intake workbook."""
    keys = [f"C-{number:06d}" for number in range(1, 4)]
    people = [{"person_id": key, "reporting_system": "FI_NAS", "sex": "F"} for key in keys]
    lands = [{"person_id": key, "country": "NG", "is_primary": True} for key in keys]
    frames = {"person": empty_frame("person", people), "citizenship": empty_frame("citizenship", lands)}
    template.write_workbook(Dataset(frames), tmp_path / "b.xlsx", "en")
    return tmp_path / "b.xlsx"


def edit(path: Path, **cells: object) -> Path:
    """Set cells of the sheet of persons."""
    book = openpyxl.load_workbook(path)
    for ref, value in cells.items():
        book["Persons"][ref] = value
    book.save(path)
    return path


def findings(result: Result) -> list[dict[str, object]]:
    return list(json.loads(result.stdout)["findings"])


def test_a_finding_has_sheet_row_column_and_header(run: Run, book: Path) -> None:
    """commcare-hq 10300: «which row … not which column»; nova-import-card 2: rows off by the header."""
    (found,) = findings(run("validate", edit(book, B3="Femal"), "--format", "json"))
    place = [found[name] for name in ("file", "sheet", "row", "column", "header", "value")]
    assert place == ["b.xlsx", "Persons", 3, "B", "Sex", "Femal"]


def test_all_findings_at_once_in_the_same_order_in_every_language(run: Run, book: Path) -> None:
    """pandera 1164, 484, 531, 577, 1993: only the first, or the first ten; Laravel-Excel 2091: translations."""
    cells = {"B2": "x1", "B3": "x2", "B4": "x3", "C2": "1.3.22", "C3": "31.2.2022", "D4": "perhaps"}
    edit(book, **cells)
    told = [findings(run("validate", book, "--format", "json", "--lang", lang)) for lang in LANGUAGES]
    places = [[(one["sheet"], one["row"], one["column"], one["code"]) for one in found] for found in told]
    assert {f"{column}{row}" for _, row, column, _ in places[0]} == set(cells)
    assert places[0] == places[1] == places[2]
    words = [[one["message"] for one in found] for found in told]
    assert not set(words[0]) & set(words[1]) | set(words[1]) & set(words[2])
    assert "?" not in "".join(str(one["message"]) for found in told for one in found)


def test_no_import_is_called_successful_that_was_none(run: Run, book: Path) -> None:
    """SORMAS 3307: «Import successful» despite errors."""
    run("init")
    refused = run("import", edit(book, B3="Femal"), "--lang", "en")
    assert refused.exit_code == 1
    assert "Nothing was stored" in refused.output
    assert "Imported" not in refused.output
    accepted = run("import", edit(book, B3="F"), "--lang", "en")
    assert accepted.exit_code == 0
    assert "6 records stored" in accepted.output


def test_years_of_two_digits_and_days_to_come_do_not_slip_through(run: Run, book: Path) -> None:
    """SORMAS 2122 (0020) and 10433 (the future)."""
    found = findings(run("validate", edit(book, C2="1.3.22", C3="0020-01-01", C4="1.1.2999"), "--format", "json"))
    codes = {f"{one['column']}{one['row']}": one["code"] for one in found if str(one["code"]).startswith("intake.date")}
    assert codes == {"C2": "intake.date_two_digit_year", "C3": "intake.date_year", "C4": "intake.date_year"}


def test_every_form_of_date_that_the_guidance_names_is_accepted() -> None:
    """DataHarmonizer 44: the guidance said YYYY-MM, the validator refused it."""
    for lang in LANGUAGES:
        for key in ("intake.t_intro_3", "intake.date_unreadable", "intake.date_two_digit_year", "intake.date_order"):
            for part in ("what", "remedy"):
                said = messages.text(key, lang, part=part)
                for example in re.findall(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}(?:-(?:Q\d|\d{2}))?(?:-\d{2})?", said):
                    assert read_date(example, (1900, 2030)).value is not None, example


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_as_spreadsheets_write_it(run: Run, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Clever/csvlint 21, 37, 43 and csvlint.rb 205: byte order marks, semicolons, ANSI letters."""
    path = tmp_path / "p.csv"
    rows = [["Henkilötunniste", "Sukupuoli"], ["C-1", "Nainen"], ["C-2", "Mies"], ["C-3", "Nainnen"]]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    found = findings(run("validate", path, "--format", "json"))
    assert [(one["row"], one["header"], one["value"]) for one in found if one["code"] == "intake.unknown_code"] == [
        (4, "Sukupuoli", "Nainnen")
    ]
    assumed = next(str(one["message"]) for one in found if one["code"] == "intake.csv_assumed")
    assert {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}[encoding] in assumed


def test_headers_by_code_or_by_any_of_three_labels(run: Run, book: Path) -> None:
    """DataHarmonizer 445: a title that is not the field's name."""
    for header in ("sex", "Sukupuoli", "Kön", "Sex", " SEX * "):
        assert run("validate", edit(book, B1=header)).exit_code == 0


def test_merged_cells_and_stray_columns_are_named(run: Run, book: Path) -> None:
    """formr 111 and frictionless 1024."""
    made = openpyxl.load_workbook(book)
    made["Persons"].merge_cells("B2:B3")
    made.save(book)
    found = [one for one in findings(run("validate", book, "--format", "json")) if one["code"] == "intake.merged"]
    assert "B2:B3" in str(found[0]["message"])
    made["Persons"].unmerge_cells("B2:B3")
    made["Persons"]["XFD5"] = "x"
    made.save(book)
    stray = run("validate", book, "--lang", "en")
    assert stray.exit_code == 10
    assert "XFD5" in stray.output


def test_numbers_are_numbers_and_numbers_as_text_are_read(run: Run, book: Path, tmp_path: Path) -> None:
    """aftables 93, PxStat 321, formhub 44."""
    stay = {"episode_id": "E-1", "person_id": "C-000001", "role": "VICTIM", "seq_no": 1, "is_new": True}
    template.write_workbook(Dataset({"episode": empty_frame("episode", [stay])}), tmp_path / "e.xlsx", "en")
    made = openpyxl.load_workbook(tmp_path / "e.xlsx")
    sheet = made["Client episodes"]
    cell = next(one for one in sheet[2] if one.value == 1)
    assert cell.data_type == "n"
    cell.value = "1"
    made.save(tmp_path / "e.xlsx")
    codes = {one["code"] for one in findings(run("validate", tmp_path / "e.xlsx", "--format", "json"))}
    assert "intake.not_integer" not in codes


#: Words of programmers, and what staff see instead. «JSON» and «CSV» are what the file is called where it comes from.
JARGON = re.compile(
    r"\b(null|string|boolean|integer|parse[dr]?|regex|schema|exception|traceback|dtype|foreign key|primary key|"
    r"column index|missing-label|datatype|varchar|enum)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_messages_are_in_plain_words(lang: str) -> None:
    """opendataeditor 917: «missing-label» became «Missing header» after staff had seen it."""
    for key, entry in messages.catalogue("intake", lang).items():
        for said in [entry] if isinstance(entry, str) else entry.values():
            assert not JARGON.search(re.sub(r"\{\w+\}", "", said)), f"{key}: {said}"


def test_every_message_has_its_place_in_the_manual(root: Path) -> None:
    """ehrQL 1625, 2096: the page of errors that nobody finds. The code in a finding is its heading there."""
    page = (root / "docs/manual/reference/errors.md").read_text(encoding="utf-8")
    for key, entry in messages.catalogue("intake", "en").items():
        if isinstance(entry, dict):
            assert f"### intake.{key}\n" in page


def test_the_workbook_comes_back_with_its_findings(run: Run, book: Path, tmp_path: Path) -> None:
    result = run("validate", edit(book, B3="Femal"), "--annotate", tmp_path / "out.xlsx", "--lang", "en")
    assert result.exit_code == 1
    assert "marked cells: 1;" in result.output
    made = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert made.sheetnames[-1] == "Findings"
    assert "Did you mean: F (" in made["Persons"]["B3"].comment.text
    machine = run("validate", book, "--annotate", tmp_path / "out.xlsx", "--format", "json")
    assert json.loads(machine.stdout)["error"] == 1
    own = run("validate", book, "--annotate", book)
    assert own.exit_code == 13
    assert "intake.annotate_input" in own.output


def test_a_correction_from_preview_to_trail(run: Run, book: Path) -> None:
    run("init")
    run("import", book)
    edit(book, B3="Male")
    assert run("import", book, "--lang", "en").exit_code == 1
    before = run("import", book, "--dry-run", "--lang", "en")
    assert before.exit_code == 0
    assert "  B3 (Sex): Female → Male\n" in before.output
    assert before.output.endswith("Nothing was stored.\n")
    told = json.loads(run("import", book, "--dry-run", "--format", "json").stdout)["plan"]
    assert [(one["table"], one["field"], one["row"]) for one in told["corrected"]] == [("person", "sex", 3)]
    no_reason = run("import", book, "--correct", "--lang", "sv")
    assert (no_reason.exit_code, "--why" in no_reason.output) == (2, True)
    personal = run("import", book, "--correct", "--why", "soita 040 123 4567", "--lang", "fi")
    assert personal.exit_code == 13
    assert "040" not in personal.output
    done = run("import", book, "--correct", "--why", "entered wrongly", "--lang", "en")
    assert done.exit_code == 0
    assert "Corrected records: 1, fields: 1." in done.output
    again = run("import", book, "--correct", "--why", "entered wrongly", "--lang", "en")
    assert "nothing changed" in again.output
    assert run("check", "--trail").exit_code == 0


def test_stored_cases_are_written_for_continuation(run: Run, book: Path, tmp_path: Path) -> None:
    run("init")
    run("import", book)
    made = run("template", "-o", "cases.xlsx", "--prefill", "C-000002", "--prefill", "C-000003", "--lang", "en")
    assert made.exit_code == 0
    assert "Persons asked for: 2;" in made.output
    assert "C-000002" not in made.output
    sheet = openpyxl.load_workbook(tmp_path / "cases.xlsx")["Persons"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["C-000002", "C-000003"]
    same = run("import", "cases.xlsx", "--lang", "en")
    assert "Nothing changed: all 4 records are stored already" in same.output
    assert run("template", "-o", "none.xlsx", "--prefill", "C-9").exit_code == 13
    assert not (tmp_path / "none.xlsx").exists()
