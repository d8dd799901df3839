"""The data-quality report: numbers recounted by hand, nobody's key, one page in three languages."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from sqlalchemy import Engine
from thassist_cli.main import cli

from thassist import _data
from thassist.errors import InvalidDefinition, StorageError
from thassist.messages import LANGUAGES
from thassist.quality import QualityReport, measure
from thassist.quality.definition import load
from thassist.quality.pdf import write
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database, store

TODAY = dt.date(2024, 12, 31)


def dated(name: str, year: int, month: int, day: int) -> dict[str, Any]:
    return {name: dt.date(year, month, day), f"{name}_precision": "D"}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Four persons, of whom one has no date of birth and one no known sex; three referrals, two decisions."""
    people = [f"C-{number:06d}" for number in range(1, 5)]
    born = dated("birth_date", 1990, 1, 2) | {"birth_date_estimated": False}
    return {
        "person": [
            {"person_id": key, "reporting_system": "FI_NAS", "sex": "_U" if key == people[0] else "F"}
            | (born if key != people[3] else {})
            for key in people
        ],
        "citizenship": [{"person_id": key, "country": "VN", "is_primary": True} for key in people],
        "referral": [
            {
                "referral_id": f"R-{number:06d}",
                "person_id": people[number - 1],
                **dated("received_date", 2024, number, 1),
                "source": "POLICE",
                "referrer_organisation": "Poliisi",
            }
            for number in (1, 2, 3)
        ],
        "decision": [
            {
                "decision_id": f"D-{number:06d}",
                "person_id": people[number - 1],
                "referral_id": f"R-{number:06d}",
                "decision_type": "ADMISSION",
                **dated("decision_date", 2024, number, 1 + days),
                "outcome": "NEGATIVE",
                "reason": "NOT_VICTIM" if number == 1 else None,
            }
            for number, days in ((1, 4), (2, 10))
        ],
    }


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    initialise(url)
    dataset = Dataset({table: empty_frame(table, found) for table, found in rows().items()}, synthetic=True)
    moment = dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - stored as UTC without zone
    store(open_database(url), dataset, profile="p", file_sha256="1" * 64, by="tester", at=moment)
    return url


@pytest.fixture
def database(url: str) -> Engine:
    return open_database(url)


@pytest.fixture
def report(database: Engine) -> QualityReport:
    return measure(database, "en", today=TODAY)


def test_measures_are_counted(report: QualityReport) -> None:
    found = {one.id: one for one in report.measures}
    assert (found["birth_known"].count, found["birth_known"].among) == (3, 4)
    assert found["birth_to_the_day"].share == 1
    assert (found["sex_unknown"].count, found["sex_unknown"].among) == (1, 4)
    assert found["form_unclear"].share is None
    assert (found["referral_to_decision"].count, found["referral_to_decision"].median) == (2, 7)
    assert (found["undecided"].count, found["undecided"].among) == (1, 3)


def test_findings_stand_by_rule_and_month_of_storage(report: QualityReport) -> None:
    assert report.months == ("2024-05",)
    found = {rule.rule: rule for rule in report.rules}
    assert (found["R11"].total, found["R11"].months, found["R11"].other) == (1, {"2024-05": 1}, 0)
    assert report.findings == sum(rule.total for rule in report.rules)


def test_an_empty_database_has_a_report_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    initialise(url)
    report = measure(open_database(url), "fi", today=TODAY)
    assert report.findings == 0
    assert {one.share for one in report.measures} == {None}
    write(report, tmp_path / "empty.pdf")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_is_one_page_without_anybodys_key(lang: str, database: Engine, tmp_path: Path) -> None:
    report = measure(database, lang, today=TODAY)
    write(report, tmp_path / "a.pdf")
    write(report, tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    pages = PdfReader(tmp_path / "a.pdf").pages
    assert len(pages) == 1
    shown = pages[0].extract_text()
    words = {"fi": "Sisäinen", "sv": "Internt", "en": "Internal"}
    assert words[lang] in shown
    assert "R11" in shown
    assert "C-0000" not in shown
    assert "D-0000" not in shown
    assert not list(tmp_path.glob(".quality-*"))


def test_many_rules_still_leave_one_page(report: QualityReport, tmp_path: Path) -> None:
    from dataclasses import replace

    many = tuple(
        replace(report.rules[0], rule=f"R{number}", message=report.rules[0].message * 2) for number in range(60)
    )
    months = tuple(f"2024-{number:02d}" for number in range(1, 7))
    many = tuple(replace(rule, months=dict.fromkeys(months, 123)) for rule in many)
    write(replace(report, rules=many, months=months), tmp_path / "a.pdf")
    assert len(PdfReader(tmp_path / "a.pdf").pages) == 1


def test_the_command_shows_writes_and_speaks_json(url: str, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    shown = CliRunner().invoke(cli, ["check", "--db", url, "--quality", "--out", str(out), "--lang", "en"])
    assert shown.exit_code == 0, shown.output
    assert "Date of birth recorded" in shown.output
    assert "75.0%" in shown.output
    assert "do not publish" in shown.output
    assert "MADE-UP DATA" in shown.output
    assert out.is_file()
    content = json.loads(CliRunner().invoke(cli, ["check", "--db", url, "--quality", "--format", "json"]).stdout)
    assert content["internal"] is True
    assert "C-0000" not in json.dumps(content)


def test_a_folder_that_does_not_exist_is_said(report: QualityReport, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write(report, tmp_path / "nowhere" / "a.pdf")


@pytest.mark.parametrize(
    ("old", "new"),
    [('good = "high"', 'good = "higher"'), ('kind = "days"', 'kind = "weeks"'), ("FROM person", "FROM persons")],
)
def test_a_wrong_measure_is_refused(old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(_data.reports_dir() / "quality", tmp_path / "reports" / "quality")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    file = tmp_path / "reports" / "quality" / "measures.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        load()
