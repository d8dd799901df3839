"""A delivery against the database: judged by what is stored, stored whole or not at all, never twice."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from thassist.errors import StorageError
from thassist.intake import deliver, template
from thassist.records import extract, store
from thassist.records.dataset import Dataset

from .conftest import TODAY, clean_records, dataset

Book = openpyxl.Workbook


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(found)
    return found


def stored(url: str) -> dict[str, int]:
    engine = store.open_database(url)
    try:
        return {table: len(frame) for table, frame in extract.read(engine).frames.items() if len(frame)}
    finally:
        engine.dispose()


def bring(url: str, path: Path) -> deliver.ImportResult:
    return deliver.import_file(url, path, by="tester", today=TODAY)


def test_a_clean_delivery_is_stored_whole(url: str, filled: Path, clean: Dataset) -> None:
    result = bring(url, filled)
    assert result.stored is not None
    assert stored(url) == {table: len(frame) for table, frame in clean.frames.items() if len(frame)}


def test_the_same_file_again_changes_nothing(url: str, filled: Path) -> None:
    before, again = bring(url, filled), bring(url, filled)
    assert before.stored is not None
    assert again.stored is not None
    assert again.stored.already_imported
    assert again.stored.batch_id == before.stored.batch_id
    assert stored(url)["person"] == 3


def test_the_same_records_in_another_file_are_left_as_they_are(url: str, filled: Path, tmp_path: Path) -> None:
    bring(url, filled)
    template.write_workbook(dataset(clean_records(4)), tmp_path / "more.xlsx", "sv")
    result = bring(url, tmp_path / "more.xlsx")
    assert result.stored is not None
    assert (result.stored.inserted["person"], result.stored.unchanged["person"]) == (1, 3)


def test_one_error_and_nothing_is_stored(url: str, change: Callable[[Callable[[Book], None]], Path]) -> None:
    def plant(book: Book) -> None:
        book["Esitykset"]["D4"] = "nobody"

    result = bring(url, change(plant))
    assert result.stored is None
    assert stored(url) == {}


def test_a_record_that_says_otherwise_is_a_finding_at_its_row(
    url: str, filled: Path, change: Callable[[Callable[[Book], None]], Path]
) -> None:
    bring(url, filled)

    def otherwise(book: Book) -> None:
        book["Hyväksikäyttö"]["H3"] = "Ravintola-ala"
        book["Henkilöt"]["B4"] = "Mies"

    path = change(otherwise)
    result = bring(url, path)
    assert result.stored is None
    told = [(one.code, one.cell) for one in result.delivery.findings if one.severity == "error"]
    assert ("intake.key_conflict", "Henkilöt!4") in told
    assert stored(url)["person"] == 3


def test_a_delivery_continues_what_is_stored(url: str, filled: Path, write: Callable[..., Path]) -> None:
    """A second proposal of a known person, and a country by the key of an exploitation already stored."""
    path = write(
        "referral_id,person_id,received_date,source,referrer_organisation\nR-9,C-000001,2024-01-01,POLICE,Police\n"
    )
    alone = deliver.validate(path, today=TODAY)
    assert not alone.acceptable  # nobody knows this person
    bring(url, filled)
    with deliver.stored_records(url, chosen=True) as engine:
        assert deliver.validate(path, today=TODAY, engine=engine).acceptable
    other = write("exploitation_id,country\nX-000002,SE\n", "countries.csv")
    result = bring(url, other)
    assert result.stored is not None
    assert result.stored.inserted["exploitation_country"] == 1


def test_no_database_by_default_is_no_error_but_a_chosen_one_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with deliver.stored_records(url, chosen=False) as engine:
        assert engine is None
    with pytest.raises(StorageError), deliver.stored_records(url, chosen=True):
        pass


def test_a_day_to_come_is_judged_by_the_day_given(filled: Path) -> None:
    early = deliver.validate(filled, today=dt.date(2022, 6, 30))
    assert "R03" in {one.code for one in early.findings}
