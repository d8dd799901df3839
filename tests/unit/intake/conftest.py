"""A small clean delivery, and workbooks and text files made of rows."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from thassist.errors import UnreadableInput
from thassist.intake import deliver, template
from thassist.records.dataset import Dataset, empty_frame
from thassist.rules.finding import Finding

TODAY = dt.date(2024, 6, 30)
Rows = list[list[Any]]


def clean_records(count: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Records of victims admitted in 2023 against which no rule has anything to say."""
    day = dt.date
    rows: dict[str, list[dict[str, Any]]] = {}

    def put(table: str, **record: Any) -> None:
        rows.setdefault(table, []).append(record)

    for n in range(1, count + 1):
        person, referral = f"C-{n:06d}", f"R-{n:06d}"
        put("person", person_id=person, reporting_system="FI_NAS", sex="F", birth_date=day(1990, 1, 1),
            birth_date_precision="A", birth_date_estimated=False)  # fmt: skip
        put("citizenship", person_id=person, country="NA", is_primary=True)
        put("referral", referral_id=referral, person_id=person, received_date=day(2022, 11, 3),
            received_date_precision="D", source="POLICE", referrer_organisation="=1+1 Poliisi")  # fmt: skip
        put("decision", decision_id=f"D-{n:06d}", person_id=person, referral_id=referral, decision_type="ADMISSION",
            decision_date=day(2023, 1, 3), decision_date_precision="D", outcome="POSITIVE", criterion_victim=True,
            criterion_need=True)  # fmt: skip
        put("episode", episode_id=f"E-{n:06d}", person_id=person, decision_id=f"D-{n:06d}", role="VICTIM", seq_no=1,
            is_new=True, admission_date=day(2023, 1, 3), admission_date_precision="D")  # fmt: skip
        put("exploitation", exploitation_id=f"X-{n:06d}", person_id=person, referral_id=referral, is_primary=True,
            start_date=day(2021, 4, 1), start_date_precision="Q", end_date=day(2021, 7, 1), end_date_precision="S",
            ongoing=False, industry="BERRY_FARM")  # fmt: skip
        put("exploitation_form", exploitation_id=f"X-{n:06d}", form="LAB", is_primary=True)
        put("exploitation_country", exploitation_id=f"X-{n:06d}", country="FI")
        put("residence_status", person_id=person, valid_from=day(2020, 1, 1), valid_from_precision="A", status="VISA")
    return rows


def dataset(rows: dict[str, list[dict[str, Any]]], *, synthetic: bool = False) -> Dataset:
    return Dataset({table: empty_frame(table, records) for table, records in rows.items()}, synthetic=synthetic)


@pytest.fixture
def clean() -> Dataset:
    return dataset(clean_records())


@pytest.fixture
def filled(tmp_path: Path, clean: Dataset) -> Path:
    """The clean delivery as a workbook in Finnish."""
    path = tmp_path / "delivery.xlsx"
    template.write_workbook(clean, path, "fi")
    return path


@pytest.fixture
def change(filled: Path) -> Callable[[Callable[[openpyxl.Workbook], None]], Path]:
    """Change the clean workbook as a user would, and save it."""

    def changed(edit: Callable[[openpyxl.Workbook], None]) -> Path:
        book = openpyxl.load_workbook(filled)
        edit(book)
        book.save(filled)
        return filled

    return changed


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of sheets of rows, or a file of bytes."""

    def written(content: dict[str, Rows] | bytes | str, name: str = "") -> Path:
        if isinstance(content, dict):
            path = tmp_path / (name or "made.xlsx")
            book = openpyxl.Workbook()
            book.remove(book.worksheets[0])
            for title, rows in content.items():
                sheet = book.create_sheet(title)
                for row in rows:
                    sheet.append(row)
            book.save(path)
            return path
        path = tmp_path / (name or "made.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def check() -> Callable[..., list[Finding]]:
    """The findings of a file, without those of the rules' warnings and of what was assumed."""

    def checked(path: Path, profile: str = "fi-nas", lang: str = "en") -> list[Finding]:
        found = deliver.validate(path, profile, lang, today=TODAY).findings
        return [finding for finding in found if finding.severity == "error"]

    return checked


@pytest.fixture
def refused() -> Callable[[Path], str]:
    """The key of the message with which a file is refused."""

    def key(path: Path) -> str:
        with pytest.raises(UnreadableInput) as caught:
            deliver.validate(path, "fi-nas", "en", today=TODAY)
        return caught.value.key

    return key
