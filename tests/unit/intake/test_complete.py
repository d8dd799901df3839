"""A file that is complete for its cases withdraws what it leaves out: told before, with a reason, never deleted."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from thassist.errors import StorageError
from thassist.intake import deliver, prefill, template
from thassist.records import extract, store
from thassist.records.trail import history
from thassist.records.verify import verify

from .conftest import TODAY, clean_records, dataset

Book = openpyxl.Workbook
Change = Callable[[Callable[[Book], None]], Path]
WHY = "Kirjattu väärälle asiakkaalle"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that holds the clean delivery, one citizenship more of each of two clients, and a stage of one."""
    found = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(found)
    rows = clean_records()
    for client in ("C-000002", "C-000003"):
        rows["citizenship"].append({"person_id": client, "country": "GH", "is_primary": False})
    day = {"stage_date": dt.date(2023, 2, 1), "stage_date_precision": "M"}
    rows["criminal_stage"] = [{"person_id": "C-000002", "stage": "REPORT", "title_thb": True, **day}]
    path = tmp_path / "before.xlsx"
    template.write_workbook(dataset(rows), path, "fi")
    assert deliver.import_file(found, path, by="tester", today=TODAY).stored is not None
    return found


def counts(url: str) -> dict[str, int]:
    engine = store.open_database(url)
    try:
        return {name: len(frame) for name, frame in extract.read(engine).frames.items() if len(frame)}
    finally:
        engine.dispose()


def shorter(book: Book) -> None:
    """Two rows of the second client are not there any more; the third client is not listed."""
    for sheet in book:
        for row in range(sheet.max_row, 1, -1):
            if any(str(cell.value).endswith("-000003") for cell in sheet[row]):
                sheet.delete_rows(row)


def test_without_the_flag_it_is_counted_and_stays(url: str, change: Change) -> None:
    before = counts(url)
    path = change(shorter)
    found = deliver.preview(url, path, today=TODAY)
    assert found.withdrawn == ()
    assert {name: len(rows) for name, rows in found.delivery.left_out.items()} == {
        "citizenship": 1,
        "criminal_stage": 1,
    }
    result = deliver.import_file(url, path, by="tester", today=TODAY)
    assert result.stored is not None
    assert result.stored.withdrawn == {}
    assert counts(url) == before


def test_a_preview_tells_field_by_field_what_would_go(url: str, change: Change) -> None:
    before = counts(url)
    found = deliver.preview(url, change(shorter), lang="fi", complete=True, today=TODAY)
    assert [(one.sheet, one.key, one.fields) for one in found.withdrawn] == [
        ("Kansalaisuudet", "C-000002 · Ghana", (("Ensisijainen", "ei"),)),
        ("Rikosprosessi", "C-000002 · Rikosilmoitus · 2023-02", (("Nimikkeenä ihmiskauppa", "kyllä"),)),
    ]
    assert found.changes == ()
    assert counts(url) == before


def test_what_is_left_out_goes_and_stays_in_the_trail(url: str, change: Change) -> None:
    before = counts(url)
    path = change(shorter)
    told = deliver.preview(url, path, lang="fi", complete=True, today=TODAY).withdrawn
    result = deliver.import_file(url, path, lang="fi", by="anna", complete=True, why=WHY, today=TODAY)
    assert result.stored is not None
    assert result.withdrawn == told
    assert result.stored.withdrawn == {"citizenship": 1, "criminal_stage": 1}
    assert counts(url) == {
        name: count - (name == "citizenship") for name, count in before.items() if name != "criminal_stage"
    }
    engine = store.open_database(url)
    *_, last = history(engine, "citizenship", ["C-000002", "GH"])
    assert (last.action, last.by, last.why, last.batch_id) == ("WITHDRAW", "anna", WHY, result.stored.batch_id)
    assert verify(engine).problems == ()
    engine.dispose()
    again = deliver.import_file(url, path, by="anna", complete=True, why=WHY, today=TODAY)
    assert again.stored is not None
    assert again.stored.already_imported


def test_the_same_file_can_be_declared_complete_afterwards(url: str, change: Change) -> None:
    path = change(shorter)
    first = deliver.import_file(url, path, by="anna", today=TODAY)
    assert deliver.preview(url, path, complete=True, today=TODAY).plan.already_imported is False  # type: ignore[union-attr]
    second = deliver.import_file(url, path, by="anna", complete=True, why=WHY, today=TODAY)
    assert first.stored is not None
    assert second.stored is not None
    assert (second.stored.batch_id, second.stored.withdrawn) == (
        first.stored.batch_id,
        {"citizenship": 1, "criminal_stage": 1},
    )
    engine = store.open_database(url)
    assert verify(engine).problems == ()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM import_batch")).scalar_one() == 2
    engine.dispose()


def test_it_needs_a_reason(url: str, change: Change) -> None:
    before = counts(url)
    with pytest.raises(StorageError, match="why_needed"):
        deliver.import_file(url, change(shorter), by="anna", complete=True, today=TODAY)
    assert counts(url) == before


def test_what_still_needs_a_record_that_goes_is_a_finding(url: str, change: Change) -> None:
    """The referral is left out, its decision and its exploitation are not: the rules judge what would be stored."""

    def without_referral(book: Book) -> None:
        sheet = book["Esitykset"]
        assert sheet["A2"].value == "R-000001"
        sheet.delete_rows(2)

    path = change(without_referral)
    assert deliver.preview(url, path, today=TODAY).delivery.acceptable
    before = counts(url)
    found = deliver.preview(url, path, complete=True, today=TODAY)
    assert found.plan is None
    assert {one.sheet for one in found.delivery.findings if one.severity == "error"} >= {"Päätökset"}
    assert deliver.import_file(url, path, by="a", complete=True, why=WHY, today=TODAY).stored is None
    assert counts(url) == before


def test_an_absent_sheet_says_nothing_and_an_empty_one_says_none(url: str, change: Change) -> None:
    assert [one.table for one in deliver.preview(url, change(shorter), complete=True, today=TODAY).withdrawn] == [
        "citizenship",
        "criminal_stage",
    ]

    def without_sheet(book: Book) -> None:
        del book["Rikosprosessi"]

    absent = deliver.preview(url, change(without_sheet), complete=True, today=TODAY)
    assert [one.table for one in absent.withdrawn] == ["citizenship"]


def test_a_prefilled_workbook_is_complete(url: str, tmp_path: Path) -> None:
    path = tmp_path / "open.xlsx"
    prefill.write_cases(url, path, "sv", open_cases=True)
    found = deliver.preview(url, path, complete=True, today=TODAY)
    assert found.plan is not None
    assert (found.withdrawn, found.changes, sum(found.plan.new.values())) == ((), (), 0)


def add_citizenship(url: str, folder: Path, country: str, by: str, **options: object) -> None:
    """A colleague's file: one row of the second client, from a workbook of their own."""
    rows = {
        "person": clean_records()["person"][1:2],
        "citizenship": [{"person_id": "C-000002", "country": country, "is_primary": False}],
    }
    path = folder / f"{country}-{by}.xlsx"
    template.write_workbook(dataset(rows), path, "sv")
    assert deliver.import_file(url, path, by=by, today=TODAY, **options).stored is not None  # type: ignore[arg-type]


def codes(found: deliver.Preview) -> list[tuple[str, str, int]]:
    return [(one.code, one.sheet, one.row) for one in found.delivery.findings if one.severity == "error"]


def test_a_workbook_written_before_takes_nothing_away_that_came_since(url: str, tmp_path: Path) -> None:
    lang = "sv"
    path = tmp_path / "monday.xlsx"
    prefill.write_cases(url, path, lang, open_cases=True)
    add_citizenship(url, tmp_path, "NG", "bo")
    before = counts(url)
    found = deliver.preview(url, path, lang=lang, by="anna", complete=True, today=TODAY)
    assert found.plan is None
    assert [(code, row) for code, _, row in codes(found)] == [("intake.newer_left_out", 0)]
    result = deliver.import_file(url, path, lang=lang, by="anna", complete=True, why=WHY, today=TODAY)
    assert result.stored is None
    assert counts(url) == before
    assert deliver.import_file(url, path, by="anna", today=TODAY).stored is not None, "without --complete nothing goes"
    anew = tmp_path / "wednesday.xlsx"
    prefill.write_cases(url, anew, lang, open_cases=True)
    assert deliver.preview(url, anew, by="anna", complete=True, today=TODAY).plan is not None


def test_a_workbook_written_before_brings_no_old_value_back(url: str, tmp_path: Path) -> None:
    """Bo's correction stands; Anna's own, with the workbook that she has already imported, may be made again."""
    path, mended = tmp_path / "monday.xlsx", tmp_path / "bo.xlsx"
    for one in (path, mended):
        prefill.write_cases(url, one, "fi", clients=["C-000002"])

    def sex(file: Path, code: str) -> Path:
        book = openpyxl.load_workbook(file)
        sheet = book["Henkilöt"]
        (column,) = (cell.column for cell in sheet[1] if cell.value == "Sukupuoli")
        sheet.cell(2, column).value = code
        book.save(file)
        return file

    for code in ("O", "M"):
        done = deliver.import_file(url, sex(mended, code), by="bo", correct=True, why=WHY, today=TODAY)
        assert done.stored is not None, done.delivery.findings
    assert codes(deliver.preview(url, path, by="anna", today=TODAY)) == [("intake.newer_stored", "Henkilöt", 2)]
    for correct in (True, False):
        refused = deliver.import_file(url, path, by="anna", correct=correct, why=WHY, today=TODAY)
        assert refused.stored is None
        assert [one.code for one in refused.delivery.findings] == ["intake.newer_stored"]


def test_a_workbook_of_another_database_changes_nothing_in_this_one(url: str, tmp_path: Path) -> None:
    path, other = tmp_path / "cases.xlsx", f"sqlite:///{tmp_path / 'other.db'}"
    prefill.write_cases(url, path, "fi", clients=["C-000002"])
    store.initialise(other)
    assert deliver.import_file(other, path, by="anna", today=TODAY).stored is not None, "what is new may come"
    add_citizenship(other, tmp_path, "NG", "bo")
    found = deliver.preview(other, path, by="anna", complete=True, today=TODAY)
    assert codes(found) == [("intake.other_state", "", 0)]


def test_made_up_data_withdraw_no_true_record(url: str, tmp_path: Path) -> None:
    path = tmp_path / "made-up.xlsx"
    template.write_workbook(dataset(clean_records(2), synthetic=True), path, "fi")
    with pytest.raises(StorageError, match="mixed_with_made_up"):
        deliver.import_file(url, path, by="a", complete=True, why=WHY, today=TODAY)
