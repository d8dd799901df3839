"""The records keep to the law, told again from the files of the law and the records alone."""

import datetime as dt
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from thassist.records.dataset import Dataset

REFORM = dt.date(2023, 1, 1)
ORDER = ["REPORT", "INVESTIGATION", "CHARGE", "JUDGMENT"]
Frames = dict[str, pd.DataFrame]


@pytest.fixture(params=[1, 7], ids=["seed 1", "seed 7"])
def frames(request: pytest.FixtureRequest, recounts: dict[int, Any]) -> Frames:
    found: Frames = recounts[request.param].frames
    return found


@pytest.fixture(scope="module")
def regimes(root: Path) -> list[dict[str, Any]]:
    """The regimes with what they inherit, in the order of time."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in (root / "reports" / "legal").glob("*.toml")]
    made: dict[str, dict[str, Any]] = {}
    for one in sorted(files, key=lambda entry: str(entry["valid_from"])):
        base = made.get(one.get("inherits", ""), {"ways": {}, "lengths": {}})
        ways = base["ways"] | {way["from"]: set(way["to"]) for way in one.get("transition", [])}
        lengths = base["lengths"] | {name: (p["value"], p["unit"]) for name, p in one.get("parameter", {}).items()}
        made[one["id"]] = {"from": one["valid_from"], "ways": ways, "lengths": lengths}
    return list(made.values())


def in_force(regimes: list[dict[str, Any]], day: dt.date) -> dict[str, Any]:
    return [one for one in regimes if one["from"] <= day][-1]


def later(day: dt.date, length: tuple[int, str]) -> dt.date:
    return (pd.Timestamp(day) + pd.DateOffset(**{length[1]: length[0]})).date()


def test_statuses_follow_one_another_as_the_law_of_the_day_allows(frames: Frames, regimes: list[Any]) -> None:
    refused = []
    for key, events in frames["status_event"].groupby("referral_id"):
        ordered = events.sort_values("seq_no")
        assert list(ordered["seq_no"]) == list(range(1, len(ordered) + 1))
        assert ordered["status_date"].is_monotonic_increasing
        for (before, after), day in zip(pairwise(["_Z", *ordered["status"]]), ordered["status_date"], strict=True):
            if after not in in_force(regimes, day)["ways"].get(before, set()):
                refused.append((key, before, after))
    assert refused == []


def test_a_decision_that_was_overturned_is_kept(frames: Frames) -> None:
    decisions = frames["decision"].set_index("decision_id")
    overturned = frames["appeal"][frames["appeal"]["ruling"] == "OVERTURNED"]
    assert len(overturned) > 3
    old = decisions.loc[overturned["decision_id"]]
    new = decisions.loc[overturned["new_decision_id"]]
    assert set(old["outcome"]) == {"NEGATIVE"}
    assert set(new["outcome"]) == {"POSITIVE"}
    assert (old["decision_date"].to_numpy() < new["decision_date"].to_numpy()).all()
    assert (old["referral_id"].to_numpy() == new["referral_id"].to_numpy()).all()
    assert set(overturned["new_decision_id"]) <= set(frames["episode"]["decision_id"])


def test_an_appeal_is_made_in_time_and_ruled_on_later(frames: Frames) -> None:
    appeals = frames["appeal"].merge(frames["decision"], on="decision_id")
    court = appeals[appeals["body"] == "ADMIN_COURT"]
    wait = [(made - decided).days for made, decided in zip(court["appeal_date"], court["decision_date"], strict=True)]
    assert 1 <= min(wait) <= max(wait) <= 30
    ruled = appeals.dropna(subset="ruling_date")
    assert (ruled["ruling_date"] > ruled["appeal_date"]).all()
    assert set(appeals["outcome"]) == {"NEGATIVE"}
    higher = appeals[appeals["body"] == "SUPREME_ADMIN_COURT"]
    assert set(higher["decision_id"]) <= set(court.loc[court["ruling"] == "DISMISSED", "decision_id"])


def test_admission_presumes_until_the_reform_and_identifies_from_it(frames: Frames) -> None:
    stays = frames["episode"][frames["episode"]["role"] == "VICTIM"]
    found = frames["identification"]
    assert set(found["person_id"]) == set(stays["person_id"])
    for status, kind in (
        ("IDENT_S35", stays["admission_date"] >= REFORM),
        ("PRESUMED", stays["admission_date"] < REFORM),
    ):
        admitted = stays[kind].drop_duplicates("person_id").set_index("person_id")["decision_id"]
        named = found[found["status"] == status].set_index("person_id")
        assert admitted.to_dict() == named["decision_id"].to_dict()
        day = frames["decision"].set_index("decision_id")["decision_date"]
        assert (named["identified_date"] == named["decision_id"].map(day)).all()
        assert set(named["authority"]) == {"NAS"}


def test_the_separate_act_belongs_to_the_old_law(frames: Frames) -> None:
    old = frames["identification"][frames["identification"]["status"] == "IDENT_OLD"]
    assert old["identified_date"].between(dt.date(2015, 7, 1), dt.date(2022, 12, 31)).all()
    decided = frames["decision"][frames["decision"]["decision_type"] == "IDENT_OLD"]
    assert set(old["decision_id"].dropna()) == set(decided["decision_id"])
    assert set(old.loc[old["decision_id"].isna(), "authority"]) == {"POLICE", "MIGRI", "PROSECUTOR"}


def test_the_statute_is_that_of_the_decision(frames: Frames) -> None:
    decisions = frames["decision"]
    sections = decisions.groupby("decision_type")["statute"].agg(set)
    assert sections["REFLECTION"] <= {"ALIENS_S52B", "A746_OTHER"}
    assert sections["IDENT_OLD"] == {"A746_S38"}
    admission = decisions[decisions["decision_type"] == "ADMISSION"]
    assert ((admission["statute"] == "A746_S35") == (admission["decision_date"] >= dt.date(2015, 7, 1))).all()


def test_every_decision_on_a_period_has_its_period(frames: Frames) -> None:
    decided = frames["decision"][frames["decision"]["decision_type"].isin(["RECOVERY", "REFLECTION"])]
    own = frames["assistance_period"][frames["assistance_period"]["granted_by"] == "NAS"]
    wanted = sorted(decided[["person_id", "decision_type", "decision_date"]].itertuples(index=False, name=None))
    assert wanted == sorted(own[["person_id", "period_type", "start_date"]].itertuples(index=False, name=None))
    others = frames["assistance_period"][frames["assistance_period"]["granted_by"] != "NAS"]
    assert set(others["granted_by"]) <= {"POLICE", "BORDER"}
    assert len(others) > 3


def test_periods_are_as_long_as_the_law_allows(frames: Frames, regimes: list[Any]) -> None:
    for row in frames["assistance_period"].itertuples():
        lengths = in_force(regimes, row.start_date)["lengths"]
        if row.period_type == "REFLECTION":
            assert later(row.start_date, lengths["reflection_min"]) <= row.end_date
            assert row.end_date <= later(row.start_date, lengths["reflection_max"])
            assert row.extended == (row.end_date > later(row.start_date, lengths["reflection_min"]))
        elif "recovery_max" in lengths:
            usual = later(row.start_date, lengths["recovery_max"])
            assert row.end_date <= later(row.start_date, lengths["recovery_max_extended"])
            assert row.extended == (row.end_date > usual)
    assert not frames["assistance_period"].duplicated(["person_id", "period_type"]).any()


def test_a_reflection_period_is_for_those_without_right_of_residence(frames: Frames) -> None:
    both = frames["assistance_period"].merge(frames["residence_status"], on="person_id")
    valid = both[
        (both["valid_from"] <= both["start_date"]) & ~(both["valid_to"] < both["start_date"]).fillna(value=False)
    ]
    statuses = valid.groupby("period_type")["status"].agg(set)
    assert statuses["REFLECTION"] == {"NONE"}
    assert "NONE" not in statuses["RECOVERY"]


def test_a_new_permit_was_applied_for_and_granted_on_its_first_day(frames: Frames) -> None:
    victims = set(frames["episode"].loc[frames["episode"]["role"] == "VICTIM", "person_id"])
    standings = frames["residence_status"][frames["residence_status"]["person_id"].isin(victims)]
    second = standings[standings.duplicated("person_id")]
    assert set(second["status"]) == {"PERMIT"}
    granted = frames["permit"][frames["permit"]["outcome"] == "POSITIVE"]
    wanted = set(second[["person_id", "valid_from"]].itertuples(index=False, name=None))
    assert wanted <= set(granted[["person_id", "decision_date"]].itertuples(index=False, name=None))
    seekers = standings[standings["status"] == "ASYLUM"]
    protection = frames["permit"][frames["permit"]["ground"] == "PROTECTION"]
    assert sorted(seekers[["person_id", "valid_from"]].itertuples(index=False, name=None)) == sorted(
        protection[["person_id", "application_date"]].itertuples(index=False, name=None)
    )
    decided = frames["permit"].dropna(subset="decision_date")
    assert (decided["application_date"] <= decided["decision_date"]).all()


def test_it_is_said_whether_an_application_was_filed_in_a_reflection_period(frames: Frames) -> None:
    reflection = frames["assistance_period"][frames["assistance_period"]["period_type"] == "REFLECTION"]
    spans = reflection.set_index("person_id")[["start_date", "end_date"]]
    said = frames["permit"].dropna(subset="filed_in_reflection")
    for row in said.itertuples():
        period = spans.loc[row.person_id]
        assert row.filed_in_reflection == (period["start_date"] <= row.application_date <= period["end_date"])
    assert set(said["filed_in_reflection"]) == {True, False}
    silent = frames["permit"][frames["permit"]["filed_in_reflection"].isna()]
    victims_ground = silent[silent["ground"].str.startswith("S52A")]
    assert not set(victims_ground["person_id"]) & set(spans.index)


def test_the_stages_of_the_criminal_process_come_in_their_order(frames: Frames) -> None:
    for _person, stages in frames["criminal_stage"].groupby("person_id"):
        days = stages.set_index("stage")["stage_date"]
        assert days.index.is_unique
        reached = [stage for stage in ORDER if stage in days.index]
        assert reached == ORDER[: len(reached)]
        assert days[reached].is_monotonic_increasing
        if "CLOSED" in days.index:
            assert "JUDGMENT" not in days.index
            assert days["CLOSED"] == days.max()
        if {"NONE", "_U"} & set(days.index):
            assert len(days) == 1
    titles = frames["criminal_stage"].pivot_table(
        index="person_id", columns="stage", values="title_thb", aggfunc="first"
    )
    assert not ((titles["INVESTIGATION"] == False) & (titles["CHARGE"] == True)).any()  # noqa: E712 - may be empty


def test_a_stay_that_ended_with_the_case_has_a_case_that_ended(frames: Frames) -> None:
    closed = frames["episode"][
        (frames["episode"]["exit_reason"] == "CASE_CLOSED") & (frames["episode"]["role"] == "VICTIM")
    ]
    assert len(closed) > 20
    ended = frames["criminal_stage"][frames["criminal_stage"]["stage"].isin(["CLOSED", "JUDGMENT"])]
    days = ended.set_index("person_id")["stage_date"]
    assert (closed["person_id"].map(days) <= closed["exit_date"]).all()


def test_damages_follow_a_judgment(frames: Frames) -> None:
    judged = frames["criminal_stage"][frames["criminal_stage"]["stage"] == "JUDGMENT"].set_index("person_id")[
        "stage_date"
    ]
    awarded = frames["compensation"][frames["compensation"]["kind"] == "COURT"]
    assert (awarded["person_id"].map(judged) == awarded["decided_date"]).all()
    state = frames["compensation"][frames["compensation"]["kind"] == "STATE"]
    assert (state["person_id"].map(judged) < state["decided_date"]).all()
    assert set(state["person_id"]) <= set(awarded["person_id"])
    assert (frames["compensation"]["amount_cents"] > 0).all()


def test_for_a_child_the_guardian_or_the_representative_consents(frames: Frames) -> None:
    referrals = frames["referral"].merge(frames["person"], on="person_id")
    given = referrals.dropna(subset="consent_by")
    assert given["consent"].astype(bool).all()
    exact = given[given["birth_date_precision"] == "D"]
    of_age = [
        (day.year - birth.year) - ((day.month, day.day) < (birth.month, birth.day)) >= 18
        for day, birth in zip(exact["received_date"], exact["birth_date"], strict=True)
    ]
    by = exact.groupby(of_age)["consent_by"].agg(set)
    assert by[False] == {"GUARDIAN", "REPRESENTATIVE"}
    assert by[True] == {"PERSON", "_U"}
    recent = referrals["received_date"] >= dt.date(2022, 1, 1)
    assert referrals.loc[recent, "consent"].notna().all()
    assert referrals.loc[~recent, "consent"].isna().any()


def test_a_rare_form_has_been_looked_at_twice(dataset: Dataset) -> None:
    frames = dataset.frames
    rare = frames["exploitation_form"][frames["exploitation_form"]["form"].isin(["ORG", "SOLD", "BEG"])]
    reviewed = frames["exploitation"][frames["exploitation"]["second_reviewed"] == True]  # noqa: E712 - may be empty
    assert set(reviewed["exploitation_id"]) == set(rare["exploitation_id"])
