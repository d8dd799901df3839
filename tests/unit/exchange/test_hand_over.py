"""What leaves the house: for whom, of whom, in which codes, and what comes back from it."""

import csv
import datetime as dt
import json
import shutil
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.errors import AuditFailed, StorageError, ThassistError
from thassist.exchange import Handed, anonymity, definition, hand_over, handing, load
from thassist.exchange.register import Register
from thassist.intake.assemble import assemble
from thassist.intake.profile import load as profile
from thassist.intake.report import Report
from thassist.intake.workbook import read_file
from thassist.snapshot import Snapshot

from .conftest import VICTIMS

TODAY = dt.date(2024, 6, 1)
ROOT = Path(__file__).resolve().parents[3]


def hand(taken: Snapshot, name: str, folder: Path, file: str = "out.csv", **options: Any) -> Handed:
    chosen: dict[str, Any] = {
        "receiver": "IOM",
        "why": "agreement 7",
        "by": "me",
        "first": 2000,
        "last": 2030,
        **options,
    }
    return hand_over(load(name), taken, folder / file, Register(folder / "register.jsonl"), **chosen)


#: What a fact of ours is after it went out in HTCDS fields and came back; what is not named comes back as it was.
FORM = {"CRIM": {"OTH"}, "BENF": {"OTH"}, "SLAV": {"DOM"}}
MEANS = {"RESTRICTED": {"OTHER"}, "ISOLATION": {"OTHER"}, "_U": set[str]()}
RECRUITMENT = {
    "JOB_OFFER": "OTHER",
    "RELATIONSHIP": "ACQUAINTANCE",
    "SMUGGLER": "OTHER",
    "ABDUCTION": "OTHER",
    "_U": None,
}
RELATION = {
    "PARTNER": "OWN_CIRCLE",
    "SPOUSE": "FAMILY",
    "ORGANISED_CRIME": "OTHER",
    "EMPLOYER": "OWN_CIRCLE",
    "AGENCY": "OTHER",
    "ONLINE_RECRUITER": "OTHER",
    "_U": None,
}
INDUSTRY = {
    "OTHER": None,
    "_U": None,
    "WILD_PRODUCE": "BERRY_FARM",
    "GARDENING": "BERRY_FARM",
    "FORESTRY": "BERRY_FARM",
}
SEXUAL = {"SEX_PROST", "SEX_PORN", "SEX_OTH"}


def survives(case: dict[str, Any]) -> tuple[Any, ...]:
    """A case as it should come back."""
    forms = {kept for form in case["exploitation_form"] - {"_U"} for kept in FORM.get(form, {form})}
    if forms & SEXUAL:
        forms -= {"SEX"}
    means = {kept for each in case["exploitation_means"] for kept in MEANS.get(each, {each})}
    return (
        case["sex"],
        case["birth_date"].year,
        case["received"].replace(day=1),
        frozenset(case["citizenship"] - {"STLS", "_U"} or {"_U"}),
        frozenset(forms or {"_U"}),
        frozenset(means),
        frozenset(case["exploitation_country"] - {"_U"}),
        RECRUITMENT.get(case["recruitment"], case["recruitment"]),
        RELATION.get(case["exploiter_relation"], case["exploiter_relation"]),
        INDUSTRY.get(case["industry"], case["industry"]),
    )


def read_back(file: Path) -> Counter[tuple[Any, ...]]:
    report = Report(file.name, "en")
    data = assemble(read_file(file), profile("htcds"), report, lang="en", today=TODAY)
    assert [each.message for each in report.findings() if each.severity.name == "ERROR"] == []
    rows: dict[str, list[dict[str, Any]]] = {name: frame.to_dict("records") for name, frame in data.frames.items()}  # type: ignore[misc]

    def several(table: str, key: str, name: str, field: str) -> frozenset[str]:
        return frozenset(row[field] for row in rows[table] if row[name] == key)

    found: Counter[tuple[Any, ...]] = Counter()
    referred = {row["person_id"]: row["received_date"] for row in rows["referral"]}
    experience = {row["person_id"]: row for row in rows["exploitation"]}
    for person in rows["person"]:
        assert person["reporting_system"] == "HTCDS"
        key = person["person_id"]
        lived = experience[key]
        found[
            person["sex"],
            person["birth_date"].year,
            referred[key],
            several("citizenship", key, "person_id", "country"),
            several("exploitation_form", lived["exploitation_id"], "exploitation_id", "form"),
            several("exploitation_means", lived["exploitation_id"], "exploitation_id", "means"),
            several("exploitation_country", lived["exploitation_id"], "exploitation_id", "country"),
            lived["recruitment"],
            lived["exploiter_relation"],
            lived["industry"],
        ] += 1
    return found


def test_what_goes_out_in_htcds_fields_comes_back_as_the_same_facts(
    frozen: Snapshot, of_person: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    handed = hand(frozen, "htcds", tmp_path)
    assert (handed.persons, handed.written) == (VICTIMS, VICTIMS)
    assert read_back(handed.file) == Counter(survives(case) for case in of_person.values())


@pytest.mark.parametrize(("name", "by"), [("htcds", "htcds"), ("ctdc", "ctdc-2020")])
def test_our_own_file_is_accepted_by_the_profile_that_reads_such_files(
    frozen: Snapshot, tmp_path: Path, name: str, by: str
) -> None:
    """As a receiver would: every rule over it, and no error."""
    handed = hand(frozen, name, tmp_path, first=2021, last=2021)  # one year: it is never blanked
    said = CliRunner().invoke(cli, ["validate", str(handed.file), "--profile", by, "--lang", "en", "--format", "json"])
    assert said.exit_code == 0, said.output


@pytest.mark.parametrize("name", ["htcds", "ctdc"])
def test_the_note_counts_the_cells_of_the_file(frozen: Snapshot, tmp_path: Path, name: str) -> None:
    handed = hand(frozen, name, tmp_path)
    told = json.loads(handed.about.read_text(encoding="utf-8"))["content"]
    with handed.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    empty = set(
        tomllib.loads((ROOT / "reports" / "exchange" / f"{name}.toml").read_text(encoding="utf-8")).get("empty", [])
    )
    ours = [cell for row in rows for column, cell in row.items() if column not in empty]
    missing = "-99" if name == "ctdc" else ""
    filled = sum(cell != missing for cell in ours)
    assert told == {
        "cells": sum(map(len, rows)),
        "filled": filled,
        "not_known": len(ours) - filled,
        "not_ours": len(empty) * len(rows),
    }


def test_htcds_holds_no_key_no_name_no_place_and_only_its_own_codes(frozen: Snapshot, tmp_path: Path) -> None:
    handed = hand(frozen, "htcds", tmp_path)
    text = handed.file.read_text(encoding="utf-8")
    assert not [key for key in ("P-0", "X-0", "R-0", "E-0") if key in text]
    with handed.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {len(row["prs_Birthdate"]) for row in rows} == {4}
    assert {len(row["cas_IncomingReferralDate"]) for row in rows} == {7}
    kinds = {value for row in rows for value in row["vic_TypeOfExploitation"].split(";") if value}
    assert kinds <= {
        *("ForcedLabour", "SexualExploitation", "ForcedMarriage", "Servitude", "ForcedMilitaryByNonStateActors"),
        *("OrganRemoval", "ForcedBegging", "ForcedAdoption", "Surrogacy", "Other"),
    }


def test_the_file_belongs_to_its_owner_and_the_register_knows_of_it(frozen: Snapshot, tmp_path: Path) -> None:
    handed = hand(frozen, "htcds", tmp_path, receiver=" IOM \n Helsinki ")
    assert [path.stat().st_mode & 0o077 for path in (handed.file, handed.about, tmp_path / "register.jsonl")] == [0] * 3
    (entry,) = Register(tmp_path / "register.jsonl").entries()
    assert (entry["to"], entry["why"], entry["persons"], entry["synthetic"]) == (
        "IOM Helsinki",
        "agreement 7",
        VICTIMS,
        True,
    )
    said = json.loads(handed.about.read_text(encoding="utf-8"))
    assert said["handling"].startswith("restricted")
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "out.csv.about.json", "register.jsonl"}


@pytest.mark.parametrize("silent", [{"receiver": " "}, {"why": "x"}])
def test_nothing_leaves_without_a_receiver_and_a_purpose(
    frozen: Snapshot, tmp_path: Path, silent: dict[str, str]
) -> None:
    with pytest.raises(ThassistError, match="no_reason"):
        hand(frozen, "htcds", tmp_path, **silent)
    assert not list(tmp_path.iterdir())


def test_a_register_that_was_changed_stops_everything(frozen: Snapshot, tmp_path: Path) -> None:
    hand(frozen, "htcds", tmp_path)
    register = tmp_path / "register.jsonl"
    register.write_text(register.read_text(encoding="ascii").replace("agreement 7", "agreement 8"), encoding="ascii")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StorageError, match="register_broken"):
        hand(frozen, "htcds", tmp_path, "second.csv")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_file_is_never_overwritten(frozen: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="exists"):
        hand(frozen, "htcds", tmp_path)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "mine"


def test_a_contribution_to_ctdc_holds_its_62_columns_and_eleven_of_everything(frozen: Snapshot, tmp_path: Path) -> None:
    handed = hand(frozen, "ctdc", tmp_path)
    with handed.file.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert len(header) == 62
    assert (header[0], header[7], header[56]) == ("yearOfRegistration", "citizenship", "CountryofExploitation")
    assert min(Counter(map(tuple, rows)).values()) >= 11
    assert len(rows) + handed.dropped == VICTIMS
    assert {row[header.index("isForcedLabour")] for row in rows} <= {"0", "1", "-99"}
    told = {name: said - gone for name, (said, gone) in handed.lost.items()}
    assert told == {
        name: sum(row[place] != "-99" for row in rows) if name != "datasource" else 0
        for place, name in enumerate(header)
    }


def test_years_are_contributed_once(frozen: Snapshot, tmp_path: Path) -> None:
    hand(frozen, "ctdc", tmp_path, first=2020, last=2021)
    with pytest.raises(AuditFailed, match="overlaps"):
        hand(frozen, "ctdc", tmp_path, "again.csv", first=2021, last=2022)
    hand(frozen, "ctdc", tmp_path, "next.csv", first=2022, last=2022)


def test_too_few_people_make_no_file(frozen: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(AuditFailed, match="too_few"):
        hand(frozen, "ctdc", tmp_path, first=1990, last=1999)
    assert not list(tmp_path.iterdir())


def test_a_file_that_does_not_prove_stays_nowhere(
    frozen: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The maker is broken on purpose; the proof, which knows nothing of it, refuses."""
    made = anonymity.anonymous
    monkeypatch.setattr(handing, "anonymous", lambda rows, names, **options: made(rows, names, **{**options, "k": 2}))
    with pytest.raises(AuditFailed, match="not_anonymous"):
        hand(frozen, "ctdc", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\nk = 11", "\nk = 1"),
        ('name = "gender"', 'name = "genders"'),
        ('flag = ["isForcedLabour"]', 'flag = ["isForced"]'),
        ("gender = 8", "genders = 8"),
        ('reporting_system = "FI_NAS"', 'reporting_system = "ELSEWHERE"'),
    ],
)
def test_a_wrong_layout_is_told(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    shutil.copytree(root / "reports", tmp_path / "reports")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    file = tmp_path / "reports" / definition.FOLDER / "ctdc.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ThassistError, match=r"exchange\.wrong"):
        load("ctdc")
