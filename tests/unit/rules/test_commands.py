"""``thassist check`` and ``thassist rules``."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.records.store import initialise, open_database, store


def call(*words: str):
    return CliRunner().invoke(cli, list(words))


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'cases.db'}"
    initialise(address)
    return address


def fill(url: str, dataset) -> None:
    engine = open_database(url)
    store(engine, dataset, profile="fi-nas", file_sha256="0" * 64, by="tester")
    engine.dispose()


@pytest.fixture
def good(records, make):
    return {"person": [make.person(1)], "citizenship": [make.citizenship(1)]}


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_clean_database_is_clean(url: str, records, good, lang: str) -> None:
    fill(url, records(**good))
    done = call("check", "--db", url, "--lang", lang)
    assert done.exit_code == 0, done.output
    assert "2" in done.output
    assert len(done.output.splitlines()) == 1


def referral(make, **more):
    return {"referral_id": "R-1", "person_id": "C-000001", **make.day("received_date", dt.date(2022, 1, 1)), **more}


def test_an_error_is_exit_code_1(url: str, records, make) -> None:
    """The database has no rule against a person without a citizenship; the catalogue has."""
    fill(url, records(person=[make.person(1)]))
    done = call("check", "--db", url, "--lang", "en")
    assert done.exit_code == 1
    assert "C-000001 (Person key): error [R25] The person has no entry on citizenship." in done.output
    told = json.loads(call("check", "--db", url, "--format", "json").output)
    assert (told["error"], told["warning"], told["records"]) == (1, 0, 1)
    assert [(f["code"], f["table"], f["key"]) for f in told["findings"]] == [("R25", "person", "C-000001")]


def test_a_warning_alone_is_exit_code_0(url: str, records, make) -> None:
    people = [make.person(1, reporting_system="FI_NAS")]
    fill(url, records(person=people, citizenship=[make.citizenship(1)], referral=[referral(make, source="POLICE")]))
    done = call("check", "--db", url, "--lang", "en")
    assert "[R07b]" in done.output
    assert done.exit_code == 0, done.output


def test_many_alike_are_one_line_of_text_and_all_of_json(url: str, records, make) -> None:
    fill(url, records(person=[make.person(n) for n in range(1, 41)]))
    text = call("check", "--db", url, "--lang", "en").output
    assert text.count("[R25]") == 1
    assert "40 times in this table" in text
    assert len(json.loads(call("check", "--db", url, "--format", "json").output)["findings"]) == 40


def test_no_database_is_a_storage_error(tmp_path: Path) -> None:
    done = call("check", "--db", f"sqlite:///{tmp_path / 'none.db'}")
    assert done.exit_code == 13
    assert "Traceback" not in done.output


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_rules_are_listed_and_shown(lang: str) -> None:
    listed = call("rules", "list", "--lang", lang)
    assert listed.exit_code == 0
    shown = call("rules", "show", "R07", "--lang", lang)
    assert shown.exit_code == 0
    assert "R07b" in shown.output
    assert "sources_without_organisation = SELF, PRIVATE" in shown.output
    names = [line.split()[0] for line in listed.output.splitlines()]
    assert names == sorted(names)
    assert {"R01", "R38", "S08"} <= set(names)


@pytest.mark.parametrize(("lang", "said"), [("fi", "Yksi rivi asiakkuutta kohti"), ("sv", "En rad per klientrelation")])
def test_what_is_looked_at_is_said_in_the_readers_language(lang: str, said: str) -> None:
    shown = call("rules", "show", "R14", "--lang", lang).output
    assert said in shown
    assert "One row" not in shown


def test_rules_as_json() -> None:
    every = json.loads(call("rules", "list", "--format", "json").output)
    (one,) = json.loads(call("rules", "show", "R10", "--format", "json").output)
    assert one in every
    assert (one["valid_from"], one["valid_on"], one["systems"]) == ("2015-07-01", "decision_date", ["FI_NAS"])


def test_an_unknown_rule_has_a_nearest_one() -> None:
    done = call("rules", "show", "R77")
    assert done.exit_code == 11
    assert re.search(r"R\d7", done.output)


def test_a_short_name_is_understood() -> None:
    assert call("rules", "show", "r5").output == call("rules", "show", "R05").output
