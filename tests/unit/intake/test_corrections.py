"""A corrected file: told beforehand, field by field at its place; stored only where a reason is given."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from thassist.errors import StorageError
from thassist.intake import deliver
from thassist.records import extract, store

from .conftest import TODAY

Book = openpyxl.Workbook
Change = Callable[[Callable[[Book], None]], Path]
WHY = "Merkitty väärin"


@pytest.fixture
def url(tmp_path: Path, filled: Path) -> str:
    """A database that holds the clean delivery."""
    found = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(found)
    assert deliver.import_file(found, filled, by="tester", today=TODAY).stored is not None
    return found


def cell(book: Book, sheet: str, header: str, row: int) -> openpyxl.cell.Cell:
    """The cell below a header."""
    return next(one[row - 1] for one in book[sheet].iter_cols() if one[0].value == header)


def corrected(book: Book) -> None:
    """A code, a date of another precision, a text that may not be quoted, a value taken away, a new record."""
    cell(book, "Henkilöt", "Sukupuoli", 4).value = "Mies"
    cell(book, "Henkilöt", "Syntymäaika", 3).value = "1991"
    cell(book, "Hyväksikäyttö", "Alkoi", 3).value = "2021-04"
    cell(book, "Hyväksikäyttö", "Toimiala", 2).value = None
    cell(book, "Esitykset", "Esityksen tehnyt organisaatio", 2).value = "Helsingin poliisilaitos"
    book["Kansalaisuudet"].append(["C-000001", "Ghana", "ei"])


def of(url: str, table: str) -> dict[str, dict[str, object]]:
    engine = store.open_database(url)
    try:
        frame = extract.read(engine).frames[table]
    finally:
        engine.dispose()
    return {row[frame.columns[0]]: row for row in frame.to_dict("records")}  # type: ignore[misc]


def trail_length(url: str) -> int:
    engine = store.open_database(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM change_entry")).scalar_one())
    finally:
        engine.dispose()


def test_a_preview_says_what_would_change_and_stores_nothing(url: str, change: Change) -> None:
    length = trail_length(url)
    found = deliver.preview(url, change(corrected), lang="fi", today=TODAY)
    assert found.plan is not None
    assert found.plan.new["citizenship"] == 1
    assert found.plan.unchanged["person"] == 1
    told = [(one.sheet, one.row, one.header, one.old, one.new) for one in found.changes]
    assert told == [
        ("Henkilöt", 3, "Syntymäaika", None, None),  # a date of birth is not quoted
        ("Henkilöt", 4, "Sukupuoli", "Nainen", "Mies"),
        ("Esitykset", 2, "Esityksen tehnyt organisaatio", None, None),
        ("Hyväksikäyttö", 2, "Toimiala", "Maatalous ja marjatilat", ""),
        ("Hyväksikäyttö", 3, "Alkoi", "2021-Q2", "2021-04"),
    ]
    assert (found.changes[0].cell, found.changes[1].cell) == ("C3", "B4")
    assert trail_length(url) == length
    assert of(url, "person")["C-000003"]["sex"] == "F"


def test_without_leave_a_correction_is_refused(url: str, change: Change) -> None:
    length = trail_length(url)
    result = deliver.import_file(url, change(corrected), by="tester", today=TODAY)
    assert result.stored is None
    codes = [one.code for one in result.delivery.findings if one.severity == "error"]
    assert codes == ["intake.key_conflict"] * 5
    assert trail_length(url) == length


def test_a_correction_stores_what_changed_and_says_it(url: str, change: Change) -> None:
    path = change(corrected)
    told = deliver.preview(url, path, lang="fi", today=TODAY).changes
    result = deliver.import_file(url, path, lang="fi", by="tester", correct=True, why=WHY, today=TODAY)
    assert result.stored is not None
    assert result.changes == tuple(told)
    assert sum(result.stored.corrected.values()) == 5
    assert of(url, "person")["C-000003"]["sex"] == "M"
    exploitation = of(url, "exploitation")["X-000002"]
    assert (str(exploitation["start_date"]), exploitation["start_date_precision"]) == ("2021-04-01", "M")
    assert of(url, "exploitation")["X-000001"]["industry"] is None


def test_the_same_file_again_changes_nothing(url: str, change: Change) -> None:
    path = change(corrected)
    deliver.import_file(url, path, by="tester", correct=True, why=WHY, today=TODAY)
    length = trail_length(url)
    again = deliver.import_file(url, path, by="tester", correct=True, why=WHY, today=TODAY)
    assert again.stored is not None
    assert again.stored.already_imported
    assert again.changes == ()
    assert deliver.preview(url, path, today=TODAY).plan.already_imported  # type: ignore[union-attr]
    book = openpyxl.load_workbook(path)
    book.properties.title = "saved again"
    book.save(path)
    resaved = deliver.import_file(url, path, by="tester", today=TODAY)
    assert resaved.stored is not None
    assert sum(resaved.stored.inserted.values()) == 0
    assert (resaved.changes, trail_length(url) - length <= 1) == ((), True)  # at most that a file came


def test_a_correction_needs_a_reason_without_personal_data(url: str, change: Change) -> None:
    path = change(corrected)
    for why in ("", "henkilö 131052-308T"):
        with pytest.raises(StorageError):
            deliver.import_file(url, path, by="tester", correct=True, why=why, today=TODAY)
    assert of(url, "person")["C-000003"]["sex"] == "F"


def test_a_correction_is_judged_as_it_will_be(url: str, change: Change) -> None:
    """The stored version of a record that is corrected has no say any more; what the file leaves alone has."""

    def early(book: Book) -> None:
        cell(book, "Päätökset", "Päätöspäivä", 2).value = "1.1.2021"  # before the referral

    def later(book: Book) -> None:
        cell(book, "Päätökset", "Päätöspäivä", 2).value = "3.1.2023"

    assert not deliver.import_file(url, change(early), by="t", correct=True, why=WHY, today=TODAY).delivery.acceptable
    assert deliver.preview(url, change(later), today=TODAY).delivery.acceptable


def test_two_rows_of_one_file_that_contradict_each_other_are_never_stored(url: str, change: Change) -> None:
    def twice(book: Book) -> None:
        book["Henkilöt"].append(["C-000003", "Mies", "1990", "ei"])

    path = change(twice)
    found = deliver.preview(url, path, today=TODAY)
    assert found.plan is None
    assert not found.delivery.acceptable
    assert deliver.import_file(url, path, by="t", correct=True, why=WHY, today=TODAY).stored is None
