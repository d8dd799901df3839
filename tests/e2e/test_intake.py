"""The intake workbook on the command line: written, validated, imported, killed; nothing personal is ever printed."""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli

from thassist.intake import template
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise

Run = Callable[..., Result]
#: The command as a process of its own.
COMMAND = [sys.executable, "-c", "from thassist_cli.main import cli; cli()"]
PERSON = {"reporting_system": "FI_NAS", "sex": "F"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments])


def persons(path: Path, count: int, first: int = 1) -> Path:
    """A workbook of persons who are known by their key only."""
    people = [{**PERSON, "person_id": f"C-{number:06d}"} for number in range(first, first + count)]
    lands = [{"person_id": one["person_id"], "country": "NG", "is_primary": True} for one in people]
    frames = {"person": empty_frame("person", people), "citizenship": empty_frame("citizenship", lands)}
    template.write_workbook(Dataset(frames), path, "en")
    return path


def test_from_template_to_database(run: Run, tmp_path: Path) -> None:
    assert run("template", "-o", "t.xlsx", "--lang", "sv").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    book["Personer"].append(["C-000001", "Kvinna", "1990", "nej"])
    book["Medborgarskap"].append(["C-000001", "Namibia", "ja"])
    book.save(tmp_path / "t.xlsx")
    checked = run("validate", "t.xlsx", "--lang", "fi")
    assert (checked.exit_code, checked.output) == (0, "Ei havaintoja: luettiin 2 tietuetta.\n")
    assert run("init").exit_code == 0
    assert run("import", "t.xlsx", "--lang", "en").output.startswith(
        "No findings: 2 records read.\nImported as batch 1"
    )
    again = run("import", "t.xlsx", "--lang", "en")
    assert again.exit_code == 0
    assert "nothing changed" in again.output


def test_findings_are_shown_by_sheet_and_cell_with_a_remedy(run: Run, tmp_path: Path) -> None:
    path = persons(tmp_path / "p.xlsx", 2)
    book = openpyxl.load_workbook(path)
    book["Persons"]["B3"] = "Femal"
    book.save(path)
    result = run("validate", path, "--lang", "en")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == "Persons"
    assert lines[1].startswith("  B3 (Sex): error [intake.unknown_code]")
    assert "did you mean: F (" in lines[1]
    assert lines[2].startswith("      → ")
    assert lines[-1] == "Errors 1, warnings 0, information 0. Records read: 4."


def test_findings_for_a_machine(run: Run, tmp_path: Path) -> None:
    path = persons(tmp_path / "p.xlsx", 2)
    book = openpyxl.load_workbook(path)
    book["Persons"]["C3"] = "1.3.90"
    book.save(path)
    told = json.loads(run("validate", path, "--format", "json").output)
    assert told["error"] == 1
    (finding,) = told["findings"]
    place = {name: finding[name] for name in ("file", "sheet", "row", "column", "header", "code", "value")}
    assert place == {
        "file": "p.xlsx",
        "sheet": "Persons",
        "row": 3,
        "column": "C",
        "header": "Date of birth",
        "code": "intake.date_two_digit_year",
        "value": "",  # a date of birth is not repeated
    }


def test_an_import_with_an_error_stores_nothing(run: Run, tmp_path: Path) -> None:
    path = persons(tmp_path / "p.xlsx", 2)
    book = openpyxl.load_workbook(path)
    book["Persons"]["B3"] = "?"
    book.save(path)
    run("init")
    refused = run("import", path, "--lang", "en")
    assert refused.exit_code == 1
    assert refused.output.endswith("Nothing was stored: correct the errors and import the file again.\n")
    assert contents(tmp_path / "thassist.db")["person"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "key"),
    [
        (["validate", "none.xlsx"], 10, "intake.no_file"),
        (["validate", "empty.csv"], 10, "intake.file_empty"),
        (["validate", "empty.csv", "--profile", "fi-nass"], 11, "intake.no_profile"),
        (["import", "p.xlsx"], 13, "records."),
        (["import", "p.xlsx", "--db", "nonsense"], 13, "records."),
        (["template", "-o", "nowhere/t.xlsx"], 13, "intake.cannot_write"),
        (["validate"], 2, "FILE"),
    ],
)
def test_exit_codes(run: Run, tmp_path: Path, arguments: list[str], code: int, key: str) -> None:
    persons(tmp_path / "p.xlsx", 1)
    (tmp_path / "empty.csv").touch()
    result = run(*arguments)
    assert result.exit_code == code
    assert key in result.output
    assert "Traceback" not in result.output


def test_no_planted_secret_is_printed_or_left_on_disk(tmp_path: Path) -> None:
    """Keys, dates of birth, free text, headers, sheet names and identity codes, in good cells and in faulty ones."""
    path = persons(tmp_path / "p.xlsx", 3)
    book = openpyxl.load_workbook(path)
    secret = "SENTINEL"
    book["Persons"]["A2"] = f"{secret} Person"
    book["Persons"]["A3"] = "010190-123A"
    book["Persons"]["B3"] = "010190-123A"
    book["Persons"]["C4"] = f"{secret} birth"
    book["Persons"]["G1"] = f"{secret} header"
    book["Persons"]["K4"] = f"{secret} stray"
    book["Referrals"].append([f"R-{secret}", f"C-{secret}", "1.1.2023", "Other", f"{secret} who", f"{secret} org"])
    book["Referrals"].append([f"R-{secret}", f"C-{secret}", "x", "Police", "=1", f"{secret}" * 40])
    book.create_sheet(f"{secret} sheet").append([secret])
    book.save(path)
    folder = tmp_path / "temporary"
    folder.mkdir()
    initialise(f"sqlite:///{tmp_path / 'o.db'}")
    for command in (["validate", "--format", "json"], ["validate"], ["import"]):
        done = thassist(tmp_path, *command, path.name, "--db", "sqlite:///o.db", temporary=folder)
        assert done.returncode == 1
        assert "intake.identity_code" in done.stdout
        assert secret not in done.stdout + done.stderr
        assert "010190" not in done.stdout + done.stderr
    assert list(folder.iterdir()) == []


def thassist(folder: Path, *arguments: str, temporary: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """The command as a process of its own."""
    import os

    environment = {**os.environ, "TMPDIR": str(temporary or folder), "THASSIST_LANG": "en"}
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def contents(database: Path) -> dict[str, int]:
    """Number of rows by table, read without our code."""
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    connection.close()
    return found


@pytest.mark.slow
def test_an_import_killed_at_any_moment_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    database, kept = tmp_path / "o.db", tmp_path / "kept.db"
    initialise(f"sqlite:///{database}")
    persons(tmp_path / "first.xlsx", 5)
    assert thassist(tmp_path, "import", "first.xlsx", "--db", "sqlite:///o.db").returncode == 0
    shutil.copy(database, kept)
    before = contents(database)
    persons(tmp_path / "many.xlsx", 4000, first=100)
    start = time.monotonic()
    assert thassist(tmp_path, "import", "many.xlsx", "--db", "sqlite:///o.db").returncode == 0
    whole = time.monotonic() - start
    complete = contents(database)
    assert complete["person"] == before["person"] + 4000
    chance = random.Random(20240630)
    killed, tries = 0, 0
    while killed < 8:
        tries += 1
        assert tries < 40
        shutil.copy(kept, database)
        process = subprocess.Popen(
            [*COMMAND, "import", "many.xlsx", "--db", "sqlite:///o.db"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(whole * chance.uniform(0.3, 1.0))  # the first third is starting up
        process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
            assert contents(database) in (before, complete)  # complete: killed between the commit and the end
        else:
            whole *= 0.9  # the machine is less busy than when the time was taken
        for left in tmp_path.glob("o.db-*"):
            left.unlink()


TORTURE = "data/intake_torture"


@pytest.mark.shared
@pytest.mark.parametrize("profile", ["fi-nas", "uk-nrm"])
def test_every_file_of_other_readers_test_corpora_ends_in_findings_or_an_error(
    shared: Path, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # no database lies there by which the files would be judged
    files = sorted(path for path in (shared / TORTURE).rglob("*") if path.is_file())
    assert len(files) > 90
    for path in files:
        start = time.monotonic()
        result = CliRunner().invoke(cli, ["validate", str(path), "--profile", profile])
        assert result.exit_code in {1, 10}, path.name
        assert "Traceback" not in result.output
        assert time.monotonic() - start < 10, path.name
