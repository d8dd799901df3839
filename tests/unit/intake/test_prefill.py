"""Stored cases as a workbook: unchanged it changes nothing, children come with their guardian, nothing lies about."""

import datetime as dt
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from thassist.errors import InvalidDefinition, StorageError
from thassist.intake import archive, deliver, prefill, template
from thassist.records import store

from .conftest import TODAY, clean_records, dataset

DAY = dt.date(2015, 5, 1)


def put(rows: dict[str, list[dict[str, Any]]], table: str, **record: Any) -> None:
    rows.setdefault(table, []).append(record)


def child_decision(child: str) -> dict[str, Any]:
    return {"decision_id": f"D-{child}", "person_id": child, "decision_type": "ADMISSION", "outcome": "POSITIVE",
            "decision_date": dt.date(2023, 1, 3), "decision_date_precision": "D", "criterion_need": True}  # fmt: skip


def family_records() -> dict[str, list[dict[str, Any]]]:
    """Three clients; the first one, whose case is open, has two children, one of them not yet in the system."""
    rows = clean_records(3)
    for episode in rows["episode"][1:]:
        episode |= {"exit_date": dt.date(2023, 9, 1), "exit_date_precision": "D", "exit_reason": "NEED_ENDED"}
    for child in ("C-000101", "C-000102"):
        put(
            rows,
            "person",
            person_id=child,
            reporting_system="FI_NAS",
            sex="M",
            birth_date=DAY,
            birth_date_precision="D",
            birth_date_estimated=False,
        )
        put(rows, "citizenship", person_id=child, country="NA", is_primary=True)
        put(rows, "family_link", person_id=child, related_person_id="C-000001", relation="GUARDIAN")
    put(rows, "decision", **child_decision("C-000101"))
    put(rows, "episode", episode_id="E-000101", person_id="C-000101", decision_id="D-C-000101", role="DEPENDENT_CHILD",
        seq_no=1, is_new=True, admission_date=dt.date(2023, 1, 3), admission_date_precision="D")  # fmt: skip
    return rows


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database with the families."""
    found = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(found)
    template.write_workbook(dataset(family_records()), tmp_path / "first.xlsx", "fi")
    result = deliver.import_file(found, tmp_path / "first.xlsx", by="tester", today=TODAY)
    assert result.stored is not None, result.delivery.findings
    return found


def keys(path: Path, sheet: str, column: int = 1) -> list[Any]:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True)
    return [row[column - 1] for row in rows]


def test_a_workbook_of_cases_that_is_not_changed_changes_nothing(url: str, tmp_path: Path) -> None:
    out = tmp_path / "cases.xlsx"
    made = prefill.write_cases(url, out, "sv", clients=["C-000002", "C-000003"])
    assert (made.clients, made.children, made.proposed) == (2, 0, 0)
    found = deliver.preview(url, out, today=TODAY)
    assert found.plan is not None
    assert found.changes == ()
    assert sum(found.plan.new.values()) == 0
    assert found.plan.unchanged["person"] == 2
    assert found.plan.unchanged["exploitation_form"] == 2


def test_open_cases_bring_the_children_after_their_guardian(url: str, tmp_path: Path) -> None:
    out = tmp_path / "open.xlsx"
    made = prefill.write_cases(url, out, "en", open_cases=True)
    assert (made.clients, made.children, made.proposed) == (2, 1, 1)
    assert keys(out, "Persons") == ["C-000001", "C-000101", "C-000102"]
    assert keys(out, "Referrals") == ["R-000001"]
    assert keys(out, "Client episodes") == ["E-000001", "E-000101", "E-000102"]


def test_a_proposed_row_is_imported_only_when_somebody_has_filled_it_in(url: str, tmp_path: Path) -> None:
    out = tmp_path / "open.xlsx"
    prefill.write_cases(url, out, "en", open_cases=True)
    found = [one for one in deliver.preview(url, out, today=TODAY).delivery.findings if one.severity == "error"]
    places = [(one.sheet, one.header) for one in found]
    assert places == [
        ("Decisions", "Date of decision"),
        ("Decisions", "Outcome"),
        ("Client episodes", "Date of admission"),
    ]
    book = openpyxl.load_workbook(out)
    filled = {"Date of decision": "2023-01-03", "Outcome": "POSITIVE", "Need criterion met": "yes"}
    for title, values in {"Decisions": filled, "Client episodes": {"Date of admission": "2023-01-03"}}.items():
        sheet = book[title]
        names = {cell.value: cell.column for cell in sheet[1]}
        row = next(one.row for one in found if one.sheet == title)
        assert sheet.cell(row, names["Person key"]).value == "C-000102"
        for header, value in values.items():
            sheet.cell(row, names[header]).value = value
    book.save(out)
    result = deliver.import_file(url, out, by="tester", today=TODAY)
    assert result.stored is not None, result.delivery.findings
    assert {name: count for name, count in result.stored.inserted.items() if count} == {"decision": 1, "episode": 1}


def test_a_person_who_is_not_stored_is_said_without_a_file(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        prefill.write_cases(url, tmp_path / "none.xlsx", "en", clients=["C-999999"])
    assert (caught.value.key, caught.value.params) == ("intake.no_client", {"count": 1})
    assert not (tmp_path / "none.xlsx").exists()


def test_persons_of_another_system_have_another_layout(url: str, tmp_path: Path) -> None:
    engine = store.open_database(url)
    rows = [{"person_id": "NRM-1", "reporting_system": "UK_NRM", "sex": "F"}]
    lands = [{"person_id": "NRM-1", "country": "NA", "is_primary": True}]
    made = dataset({"person": rows, "citizenship": lands})
    store.store(engine, made, profile="uk-nrm", file_sha256="0" * 64, by="tester")
    engine.dispose()
    with pytest.raises(InvalidDefinition) as caught:
        prefill.write_cases(url, tmp_path / "uk.xlsx", "en", clients=["NRM-1"])
    assert caught.value.key == "intake.not_this_layout"


@pytest.mark.parametrize("nameless", [True, False])
def test_only_the_owner_reads_the_file_and_nothing_lies_beside_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    if not nameless:
        monkeypatch.setattr(archive, "_unnamed", lambda _folder: -1)
    scratch, folder = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    os.umask(os.umask(0o022))
    prefill.write_cases(url, folder / "cases.xlsx", "fi", open_cases=True)
    assert stat.S_IMODE((folder / "cases.xlsx").stat().st_mode) == 0o600
    assert [one.name for one in folder.iterdir()] == ["cases.xlsx"]
    assert list(scratch.iterdir()) == []


_WRITER = """
import sys
from pathlib import Path
from thassist.intake import template
from thassist.records.dataset import Dataset, empty_frame
rows = [{"person_id": f"C-{n:06d}", "reporting_system": "FI_NAS", "sex": "F"} for n in range(40000)]
data = Dataset({"person": empty_frame("person", rows)})
print("ready", flush=True)
while True:
    template.write_workbook(data, Path(sys.argv[1]), "en")
    print("written", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="a file without a name is an invention of Linux")
def test_a_writer_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    folder.mkdir()
    for delay in (0.1, 0.6, 1.5):
        command = [sys.executable, "-c", _WRITER, str(folder / "cases.xlsx")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(scratch)}) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert {one.name for one in folder.iterdir()} <= {"cases.xlsx"}
        assert list(scratch.iterdir()) == []
