"""IOM's records: flags, several values in a cell, and the three ways in which the source says nothing."""

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from thassist.errors import UnreadableInput
from thassist.intake import profile
from thassist.intake.assemble import assemble
from thassist.intake.report import Report
from thassist.intake.workbook import read_file
from thassist.rules.finding import Finding

TODAY = dt.date(2024, 6, 1)
CTDC = ["yearOfRegistration", "gender", "ageBroad", "citizenship", "CountryOfExploitation", "isForcedLabour"]
CTDC += ["isSexualExploit", "typeOfLabourBegging", "typeOfSexProstitution", "meansOfControlThreats", "datasource"]


def taken(
    name: str, header: list[str], rows: list[list[str]], folder: Path, file: str = "d.csv"
) -> tuple[dict[str, list[dict[str, Any]]], list[Finding], bool]:
    path = folder / file
    lines = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    path.write_bytes(gzip.compress(lines.encode(), mtime=0) if file.endswith(".gz") else lines.encode())
    report = Report(path.name, "en")
    data = assemble(read_file(path), profile.load(name), report, lang="en", today=TODAY)
    frames: dict[str, list[dict[str, Any]]] = {table: frame.to_dict("records") for table, frame in data.frames.items()}  # type: ignore[misc]
    return frames, report.findings(), data.synthetic


def said(frames: dict[str, list[dict[str, Any]]], scheme: str) -> list[str | None]:
    """The publisher's own code of each row; None where there is none."""
    codes = {row["referral_id"]: row["code"] for row in frames["source_code"] if row["scheme"] == scheme}
    return [codes.get(row["referral_id"]) for row in frames["referral"]]


def test_minus_99_zero_and_blank_stay_three_things(tmp_path: Path) -> None:
    rows = [
        ["2016", "Female", "9--17", "NA", "FI", "1.0", "0", "0", "-99", "1", "Hotline"],
        ["2016", "-99", "-99", "-99", "-99", "-99", "-99", "-99", "-99", "-99", ""],
        ["2016", "Male", "48+", "0", "0", "0", "0", "0", "0", "0", "Hotline"],
        ["2016", "", "", "", "", "", "", "", "", "", "Case management"],
    ]
    frames, findings, synthetic = taken("ctdc-2020", CTDC, rows, tmp_path)
    assert said(frames, "ctdc_is_forced_labour@2020") == ["1", "-99", "0", None]
    assert said(frames, "ctdc_citizenship_told@2020") == ["told", "-99", "0", None]
    assert said(frames, "ctdc_country_of_exploitation_told@2020") == ["told", "-99", "0", None]
    assert said(frames, "ctdc_gender@2017") == ["Female", "-99", "Male", None]
    assert said(frames, "ctdc_age_broad@2017") == ["9--17", "-99", "48+", None]
    assert [row["country"] for row in frames["citizenship"]] == ["NA", "_U", "_U", "_U"]
    assert [row["country"] for row in frames["exploitation_country"]] == ["FI"]
    assert [row["form"] for row in frames["exploitation_form"]] == ["LAB", "_U", "_U", "_U"]
    assert [row["means"] for row in frames["exploitation_means"]] == ["THREAT_VICTIM"]
    told = {each.header: each.message for each in findings if each.code == "intake.cells_missing"}
    assert told["isForcedLabour"] == "Of 4 rows in this column: no in 1; not recorded in 1; blank in 1."
    assert (
        told["citizenship"] == "Of 4 rows in this column: not recorded in 1; withheld by the source in 1; blank in 1."
    )
    (aside,) = (each for each in findings if each.code == "intake.column_without_place")
    assert (aside.header, "3 rows" in aside.message) == ("datasource", True)
    assert not synthetic
    assert {row["reporting_system"] for row in frames["person"]} == {"IOM_CTDC"}


def test_a_kind_that_is_told_takes_the_place_of_the_general_flag(tmp_path: Path) -> None:
    row = ["2016", "Female", "9--17", "NG", "FI", "1", "1", "1", "1", "0", ""]
    frames, _, _ = taken("ctdc-2020", CTDC, [row], tmp_path)
    assert {row["form"] for row in frames["exploitation_form"]} == {"BEG", "SEX_PROST"}


def test_a_flag_that_is_neither_yes_nor_no_is_reported(tmp_path: Path) -> None:
    row = ["2016", "Female", "9--17", "NG", "FI", "2", "1", "", "", "", ""]
    _, findings, _ = taken("ctdc-2020", CTDC, [row], tmp_path)
    wrong = [each for each in findings if each.code == "intake.flag_unknown"]
    assert [(each.header, each.row) for each in wrong] == [("isForcedLabour", 2)]


def test_synthetic_records_say_so_and_have_two_names_for_a_column(tmp_path: Path) -> None:
    header = ["yearOfRegistration", "gender", "ageBroad", "citizenship", "CountryOfExploitation", "isForcedLabour"]
    rows = [["2020", "Woman", "30--38", "XKX", "FIN", "1", "1"], ["2021", "", "", "", "", "", ""]]
    frames, _, synthetic = taken("ctdc-synthetic", [*header, "sectorOfLabourDomesticWork"], rows, tmp_path, "d.csv.gz")
    assert synthetic
    assert [row["sex"] for row in frames["person"]] == ["F", "_U"]
    assert [row["country"] for row in frames["citizenship"]] == ["XK", "_U"]
    assert [row["form"] for row in frames["exploitation_form"]] == ["DOM", "_U"]


def test_htcds_columns_that_name_a_person_are_refused_unsaid(tmp_path: Path) -> None:
    header = ["prs_FirstName", "prs_Gender", "cas_IncomingReferralDate", "prs_Citizenship", "vic_TypeOfExploitation"]
    row = ["Hidden", "Feminine", "2023-05", "NG;FI", "ForcedLabour;Forced begging"]
    frames, findings, _ = taken("htcds", header, [row], tmp_path)
    (refused,) = (each for each in findings if each.code == "intake.column_refused")
    assert refused.severity.name == "ERROR"
    assert "Hidden" not in "".join(map(str, findings))
    assert {row["country"] for row in frames["citizenship"]} == {"NG", "FI"}
    assert {row["form"] for row in frames["exploitation_form"]} == {"LAB", "BEG"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x1f\x8b broken",
        gzip.compress(b"", mtime=0),
        gzip.compress(gzip.compress(b"a,b", mtime=0), mtime=0),
        gzip.compress(b"PK\x03\x04", mtime=0),
    ],
    ids=["broken", "empty", "packed twice", "archive"],
)
def test_a_packed_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.csv.gz").write_bytes(content)
    with pytest.raises(UnreadableInput):
        read_file(tmp_path / "d.csv.gz")


@pytest.mark.shared
@pytest.mark.slow
def test_the_published_records_of_2020_are_read_whole(shared: Path) -> None:
    """Every count of the file, taken by the csv module, is the count of the records."""
    file = shared / "data" / "ctdc" / "ctdc_global_2020-04-14_reshaped.csv.gz"
    report = Report(file.name, "en")
    data = assemble(read_file(file), profile.load("ctdc-2020"), report, lang="en", today=TODAY)
    assert [each for each in report.findings() if each.severity.name != "INFORMATION"] == []
    with gzip.open(file, "rt", encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 48_773 == len(data.frames["person"])
    countries = Counter(row["citizenship"] if row["citizenship"] not in {"", "0"} else "_U" for row in rows)
    assert Counter(data.frames["citizenship"]["country"]) == countries
    years = Counter(row["yearOfRegistration"] for row in rows)
    assert Counter(str(day.year) for day in data.frames["referral"]["received_date"]) == years
    codes = data.frames["source_code"]
    for scheme, name in (
        ("ctdc_is_forced_labour@2020", "isForcedLabour"),
        ("ctdc_is_sexual_exploit@2020", "isSexualExploit"),
    ):
        counted = Counter(codes[codes["scheme"] == scheme]["code"])
        assert counted == Counter(row[name][0] for row in rows if row[name])
    forms = Counter(data.frames["exploitation_form"]["form"])
    assert forms == {
        "LAB": sum(row["isForcedLabour"] == "1.0" for row in rows),
        "SEX": sum(row["isSexualExploit"] == "1.0" for row in rows),
        "_U": sum("1.0" not in {row["isForcedLabour"], row["isSexualExploit"]} for row in rows),
    }
