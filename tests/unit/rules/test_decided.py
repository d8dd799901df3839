"""A pair of persons on which a decision stands is not asked about again (R02)."""

import datetime as dt
import json
from pathlib import Path

from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.records.store import initialise, open_database, store
from thassist.rules.runner import run

TODAY = dt.date(2025, 6, 30)


def alike(records, make, *persons: int):
    """Persons proposed day after day who share date of birth, sex and citizenship."""
    born = {"birth_date": dt.date(1990, 5, 1), "birth_date_precision": "D", "birth_date_estimated": False}
    return records(
        person=[make.person(number, **born) for number in persons],
        citizenship=[make.citizenship(number) for number in persons],
        referral=[
            {
                "referral_id": f"R-{number}",
                "person_id": f"C-{number:06d}",
                "source": "POLICE",
                **make.day("received_date", dt.date(2022, 3, number)),
            }
            for number in persons
        ],
    )


def asked(dataset, *decided: tuple[str, str]) -> list[str]:
    findings = run(dataset, "en", today=TODAY, decided=decided)
    return sorted(found.key for found in findings if found.code == "R02")


def test_a_decided_pair_is_no_finding_in_whatever_order(records, make) -> None:
    two = alike(records, make, 1, 2)
    assert asked(two) == ["C-000002"]
    assert asked(two, ("C-000001", "C-000002")) == []
    assert asked(two, ("C-000002", "C-000001")) == []
    assert asked(two, ("C-000001", "C-000003")) == ["C-000002"]


def test_a_decision_on_the_nearest_does_not_hide_the_next(records, make) -> None:
    """2 and 3 are two persons; whether 1 and 3 are one is still to be asked."""
    three = alike(records, make, 1, 2, 3)
    pairs = [("C-000001", "C-000002"), ("C-000002", "C-000003")]
    assert asked(three) == ["C-000002", "C-000003"]
    assert asked(three, *pairs) == ["C-000003"]
    assert asked(three, *pairs, ("C-000001", "C-000003")) == []


def test_the_command_remembers_until_the_decision_is_undone(tmp_path: Path, records, make) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    initialise(url)
    engine = open_database(url)
    store(engine, alike(records, make, 1, 2), profile="fi-nas", file_sha256="0" * 64, by="tester")
    engine.dispose()

    def codes() -> list[str]:
        done = CliRunner().invoke(cli, ["check", "--db", url, "--format", "json"])
        return [found["code"] for found in json.loads(done.output)["findings"]]

    def decide(*words: str) -> None:
        done = CliRunner().invoke(cli, ["duplicates", *words, "--db", url, "--by", "tester"])
        assert done.exit_code == 0, done.output

    assert "R02" in codes()
    decide("decide", "C-000001", "C-000002", "--different", "--why", "born in different places")
    assert "R02" not in codes()
    decide("undo", "1", "--why", "the papers were wrong")
    assert "R02" in codes()
