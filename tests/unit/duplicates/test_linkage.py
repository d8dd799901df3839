"""Candidates: who is found, why, and who is not; the score is recomputed by hand."""

import datetime as dt
import json
import math
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist import _data
from thassist.duplicates import candidates, load
from thassist.errors import InvalidDefinition
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database, store

BORN = dt.date(1990, 4, 3)


def person(key: str, born: dt.date | None = BORN, precision: str = "D", **more: Any) -> dict[str, Any]:
    known = {"birth_date": born, "birth_date_precision": precision} if born else {}
    return {"person_id": key, "reporting_system": "FI_NAS", "sex": "F", **known, **more}


def dataset(
    *persons: dict[str, Any], countries: dict[str, str] | None = None, **tables: list[dict[str, Any]]
) -> Dataset:
    # a crowd of others, each born on a day of their own, so that shares mean something
    crowd = [person(f"Z-{number:03d}", dt.date(1950, 1, 1) + dt.timedelta(days=97 * number)) for number in range(100)]
    rows = [*persons, *crowd]
    held = countries or {}
    citizen = [
        {"person_id": one["person_id"], "country": held.get(one["person_id"], "VN"), "is_primary": True} for one in rows
    ]
    frames = {"person": rows, "citizenship": citizen, **tables}
    return Dataset({table: empty_frame(table, found) for table, found in frames.items()})


def found(data: Dataset, **options: Any) -> list[tuple[str, str]]:
    return [(one.person, one.other) for one in candidates(data, **options)]


def test_the_same_day_of_birth_and_sex_make_a_candidate_with_its_reasons() -> None:
    (one,) = candidates(dataset(person("C-2"), person("C-1"), countries={"C-1": "NP", "C-2": "NP"}))
    assert (one.person, one.other) == ("C-1", "C-2")
    assert set(one.reasons) == {"birth.0", "sex.0", "citizenship.0"}
    assert load().reason("birth.0", "fi") == "sama syntymäpäivä"


def test_the_score_is_the_sum_of_the_model() -> None:
    (one,) = candidates(dataset(person("C-2"), person("C-1"), countries={"C-1": "NP", "C-2": "NP"}))
    text = (_data.reports_dir() / "duplicates" / "persons.toml").read_text(encoding="utf-8")
    model = tomllib.loads(text)
    levels = {entry["id"]: entry["level"][0] for entry in model["comparison"]}
    odds = 2 * model["expected_share"] / 101
    bits = math.log2(odds / (1 - odds))
    bits += math.log2(levels["birth"]["m"] / levels["birth"]["u"])
    bits += math.log2(levels["sex"]["m"] / levels["sex"]["u"])
    bits += math.log2(levels["citizenship"]["m"] / (2 / 102))  # two of 102 persons are of that citizenship
    assert one.weight == pytest.approx(bits)
    assert one.probability == pytest.approx(1 / (1 + 2**-bits))


def test_swapped_day_and_month_of_birth_is_found() -> None:
    turned = person("C-2", dt.date(1990, 3, 4))
    (one,) = candidates(dataset(person("C-1"), turned, countries={"C-1": "NP", "C-2": "NP"}))
    assert "birth.1" in one.reasons


def test_a_rare_citizenship_weighs_more_than_a_common_one() -> None:
    common = candidates(dataset(person("C-1"), person("C-2")))
    rare = candidates(dataset(person("C-1"), person("C-2"), countries={"C-1": "NP", "C-2": "NP"}))
    assert rare[0].weight > (common[0].weight if common else -math.inf)


def test_what_is_not_known_speaks_for_nothing() -> None:
    assert found(dataset(person("C-1", None), person("C-2", None))) == []


def test_exploitation_at_the_same_time_speaks_for_it() -> None:
    def experience(key: str, of: str, year: int) -> dict[str, Any]:
        return {
            "exploitation_id": key,
            "person_id": of,
            "start_date": dt.date(year, 1, 1),
            "start_date_precision": "A",
            "end_date": dt.date(year + 1, 1, 1),
            "end_date_precision": "A",
        }

    people = (person("C-1"), person("C-2"))
    countries = {"C-1": "NP", "C-2": "NP"}
    together = candidates(
        dataset(
            *people, countries=countries, exploitation=[experience("X-1", "C-1", 2020), experience("X-2", "C-2", 2021)]
        )
    )
    apart = candidates(
        dataset(
            *people, countries=countries, exploitation=[experience("X-1", "C-1", 2010), experience("X-2", "C-2", 2021)]
        )
    )
    assert "exploitation_time.0" in together[0].reasons
    assert together[0].weight > apart[0].weight


def test_decided_pairs_and_rows_of_foreign_systems_are_left_out() -> None:
    data = dataset(person("C-1"), person("C-2"), countries={"C-1": "NP", "C-2": "NP"})
    assert found(data) == [("C-1", "C-2")]
    assert found(data, decided=[("C-2", "C-1")]) == []
    foreign = [person(f"N-{number}", reporting_system="UK_NRM") for number in (1, 2)]
    assert found(dataset(*foreign)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("expected_share = 0.01", "expected_share = 1.5"),
        ("m = 0.985", "m = 0.999"),
        ('when = "l.sex = r.sex"', 'when = "l.sexx = r.sex"'),
        ('right = ["birth_year", ', "right = ["),
        ("share of citizenship", "share of citizen"),
    ],
)
def test_a_wrong_model_is_refused(old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(_data.reports_dir(), tmp_path / "reports")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    file = tmp_path / "reports" / "duplicates" / "persons.toml"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        candidates(dataset(person("C-1")))


def test_list_decide_and_undo_on_the_command_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    initialise(url)
    engine = open_database(url)
    data = dataset(person("C-1"), person("C-2"), countries={"C-1": "NP", "C-2": "NP"})
    store(engine, data, profile="p", file_sha256="1" * 64, by="tester")

    def call(*words: str) -> Any:
        return CliRunner().invoke(cli, ["duplicates", *words, "--db", url, "--lang", "en"])

    listed = call("list")
    assert listed.exit_code == 0
    assert "C-1  C-2" in listed.output
    assert "same date of birth" in listed.output
    assert BORN.isoformat() not in listed.output
    decided = call("decide", "C-1", "C-2", "--same", "--why", "same file", "--by", "anna")
    assert "Before: Persons 102, counted 102" in decided.output
    assert "After: Persons 102, counted 101" in decided.output
    assert json.loads(call("list", "--format", "json").stdout)["candidates"] == []
    assert "anna  C-1 and C-2: one person. same file" in call("list", "--decided").output
    assert "counted 102" in call("undo", "1", "--why", "two sisters", "--by", "otto").output.split("After")[1]
    assert call("undo", "1", "--why", "again").exit_code == 13
