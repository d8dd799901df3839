"""Where the error is, on our own rules: planted slips are named, with the value that was there before."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.errors import InvalidDefinition
from thassist.records.dataset import Dataset
from thassist.records.store import initialise, open_database, store
from thassist.rules.localise import Location, Suspect, coverage, locate
from thassist.rules.localise.suggest import slips

Records = Callable[..., Dataset]


def day(name: str, year: int, month: int, number: int) -> dict[str, Any]:
    return {name: dt.date(year, month, number), f"{name}_precision": "D"}


def client(number: int, **changes: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A client whose records break no rule; ``table={field: value}`` plants an error."""
    person, referral, decision = f"C-{number:06d}", f"R-{number:06d}", f"D-{number:06d}"
    whole: dict[str, list[dict[str, Any]]] = {
        "person": [
            {
                "person_id": person,
                "reporting_system": "FI_NAS",
                "sex": "F",
                **day("birth_date", 1950 + number % 40, 4, 3),
                "birth_date_estimated": False,
            }
        ],
        "citizenship": [{"person_id": person, "country": "VN", "is_primary": True}],
        "referral": [
            {
                "referral_id": referral,
                "person_id": person,
                **day("received_date", 2021, 3, 1),
                "source": "POLICE",
                "referrer_organisation": "Poliisi",
            }
        ],
        "decision": [
            {
                "decision_id": decision,
                "person_id": person,
                "referral_id": referral,
                "decision_type": "ADMISSION",
                **day("decision_date", 2021, 3, 9),
                "outcome": "POSITIVE",
                "criterion_victim": True,
                "criterion_need": True,
            }
        ],
        "episode": [
            {
                "episode_id": f"E-{number:06d}",
                "person_id": person,
                "decision_id": decision,
                "role": "VICTIM",
                "seq_no": 1,
                "is_new": True,
                **day("admission_date", 2021, 3, 9),
                **day("exit_date", 2022, 5, 10),
                "exit_reason": "NEED_ENDED",
            }
        ],
        "exploitation": [
            {
                "exploitation_id": f"X-{number:06d}",
                "person_id": person,
                "referral_id": referral,
                "is_primary": True,
                "ongoing": False,
            }
        ],
        "exploitation_form": [{"exploitation_id": f"X-{number:06d}", "form": "SEX", "is_primary": True}],
        "exploitation_country": [{"exploitation_id": f"X-{number:06d}", "country": "FI"}],
        "residence_status": [{"person_id": person, **day("valid_from", 2020, 1, 1), "status": "PERMIT"}],
    }
    for table, values in changes.items():
        whole[table][0] |= values
    return whole


def clients(*all_of_them: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {table: [row for one in all_of_them for row in one[table]] for table in all_of_them[0]}


def _told(one: Suspect) -> tuple[str, str, str, str]:
    return (one.table, one.field, one.suggestion, one.how)


def found(locations: list[Location]) -> list[list[tuple[str, str, str, str]]]:
    """Every set of every case as (table, field, suggestion, how)."""
    return [[_told(one) for one in suspects] for location in locations for suspects in location.sets]


def test_clean_records_have_no_error(records: Records, today: dt.date) -> None:
    assert locate(records(**client(1)), today=today) == []


SLIPS: list[tuple[dict[str, dict[str, Any]], tuple[str, str, str, str]]] = [
    ({"decision": {"decision_date": dt.date(1921, 3, 9)}}, ("decision", "decision_date", "2021-03-09", "century")),
    ({"decision": {"decision_date": dt.date(2021, 9, 3)}}, ("decision", "decision_date", "2021-03-09", "day_month")),
    ({"decision": {"decision_date": dt.date(2012, 3, 9)}}, ("decision", "decision_date", "2021-03-09", "digits")),
    ({"episode": {"admission_date": dt.date(2020, 3, 9)}}, ("episode", "admission_date", "2021-03-09", "year")),
    ({"person": {"sex": "FF"}}, ("person", "sex", "F", "code")),
    ({"decision": {"criterion_need": None}}, ("decision", "criterion_need", "true", "only")),
    ({"decision": {"criterion_need": False}}, ("decision", "criterion_need", "true", "only")),
    ({"episode": {"seq_no": 2}}, ("episode", "is_new", "false", "only")),
    ({"episode": {"exit_reason": None}}, ("episode", "exit_reason", "", "")),
]


def test_slips_are_named_and_undone(records: Records, today: dt.date) -> None:
    spoilt = [client(number, **changes) for number, (changes, _) in enumerate(SLIPS, start=1)]
    locations = locate(records(**clients(*spoilt, client(99))), today=today)
    named = {(one.key[2:], *_told(one)) for location in locations for suspects in location.sets for one in suspects}
    assert len(locations) == len(SLIPS)
    for number, (_, wrong) in enumerate(SLIPS, start=1):
        assert (f"{number:06d}", *wrong) in named


def test_dates_in_each_others_place(records: Records, today: dt.date) -> None:
    swapped = day("admission_date", 2022, 5, 10) | day("exit_date", 2021, 3, 9)
    locations = locate(records(**client(1, episode=swapped)), today=today)
    assert [location.rules for location in locations] == [("R13", "R14")]
    assert found(locations) == [[("episode", "admission_date", "2021-03-09", "swapped")]]


def test_a_wrong_reference_is_one_fault_though_three_rules_are_broken(records: Records, today: dt.date) -> None:
    other = client(2, referral=day("received_date", 2021, 6, 1), decision=day("decision_date", 2021, 6, 7))
    other["episode"][0] |= day("admission_date", 2021, 6, 7)
    wrong = client(1, decision={"referral_id": "R-000002"})
    locations = locate(records(**clients(wrong, other)), today=today)
    assert [location.rules for location in locations] == [("R04", "R09", "S09")]
    assert found(locations) == [[("decision", "referral_id", "", "")]]


def test_what_is_missing_is_said_of_the_records_not_of_a_field(records: Records, today: dt.date) -> None:
    data = client(1)
    for table in ("exploitation", "exploitation_form", "exploitation_country"):
        data[table] = []
    locations = locate(records(**data), today=today)
    assert [("episode", "", "", "")] in found(locations)


def test_an_empty_field_is_suspected_before_a_filled_one(records: Records, today: dt.date) -> None:
    rejected = client(1, decision={"outcome": "NEGATIVE", "reason": None})
    for table in ("episode", "exploitation", "exploitation_form", "exploitation_country"):
        rejected[table] = []
    assert found(locate(records(**rejected), today=today)) == [[("decision", "reason", "", "")]]


def test_a_case_in_a_file_is_named_by_its_cell(records: Records, today: dt.date) -> None:
    data = records(file=True, **client(1, person={"sex": "FF"}))
    (suspect,) = locate(data, today=today)[0].sets[0]
    assert (suspect.sheet, suspect.row, suspect.column, suspect.key) == ("Person", 2, "C", "")


def test_a_date_of_birth_is_never_repeated(records: Records, today: dt.date) -> None:
    born_later = client(1, person={"birth_date": dt.date(2090, 4, 3)})
    (location,) = locate(records(**born_later), today=today)
    (suspect,) = location.sets[0]
    assert (suspect.field, suspect.value) == ("birth_date", "")
    assert suspect.suggestion == ""


def test_every_rule_is_taken_or_said_to_be_left_out() -> None:
    kinds = {one.rule: one.kind for one in coverage()}
    assert kinds["R04"] == kinds["R13"] == kinds["R15"] == "exact"
    assert kinds["R05"] == "parts"
    assert kinds["S04"] == "cell"
    assert kinds["S02"] == "none"
    assert kinds["R33"] == "asks"


def test_slips_are_dates_and_none_is_the_date_itself() -> None:
    offered = dict(slips(dt.date(2021, 3, 9)))
    assert offered[dt.date(2021, 9, 3)] == "day_month"
    assert offered[dt.date(1921, 3, 9)] == "century"
    assert offered[dt.date(2012, 3, 9)] == "digits"
    assert dt.date(2021, 3, 9) not in offered


@pytest.mark.parametrize(
    ("old", "new"), [('"person.sex" = 2.0', '"person.sexx" = 2.0'), ("field = 1.0", "field = -1.0"), ("text = 1.0", "")]
)
def test_wrong_weights_are_refused(old: str, new: str, own_reports: Any, records: Records) -> None:
    file = own_reports / "rules" / "reliability.toml"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        locate(records(**client(1)))


def test_the_command_shows_the_likeliest_place(records: Records, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    initialise(url)
    wrong = records(**client(1, decision={"decision_date": dt.date(1921, 3, 9)}))
    store(open_database(url), wrong, profile="fi-nas", file_sha256="0" * 64, by="test")
    shown = CliRunner().invoke(cli, ["check", "--db", url, "--localise", "--lang", "en"])
    assert shown.exit_code == 1
    assert "decision D-000001: decision_date (now 1921-03-09; suggestion 2021-03-09: the wrong century)" in shown.output
    as_json = CliRunner().invoke(cli, ["check", "--db", url, "--localise", "--format", "json"])
    assert json.loads(as_json.stdout)["locations"][0]["sets"][0][0]["field"] == "decision_date"
