"""Synthetic records as a delivery: repeatable, cut to years, and without a finding."""

import datetime as dt
from random import Random
from typing import Any

import pandas as pd
import pytest

from thassist.errors import InvalidDefinition
from thassist.records.dataset import Dataset
from thassist.rules.runner import run
from thassist.synthetic import assumptions, generate
from thassist.synthetic.generator import _drawn, _records
from thassist.synthetic.population import Draws


def test_the_same_seed_gives_the_same_records(dataset: Dataset) -> None:
    _records.cache_clear()
    again = generate(2015, 2024, 1)
    for table, frame in dataset.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[table])


def test_another_seed_gives_other_persons(recounts: dict[int, Any]) -> None:
    one, other = recounts[1].frames["person"], recounts[7].frames["person"]
    assert not one["birth_date"].head(500).equals(other["birth_date"].head(500))


def test_everything_is_marked_synthetic(dataset: Dataset) -> None:
    assert dataset.synthetic
    assert generate(2022, 2022, 1).synthetic


def test_no_rule_has_anything_to_say(dataset: Dataset) -> None:
    assert run(dataset, "en", today=dt.date(2025, 1, 31)) == []


@pytest.mark.parametrize("span", [(2019, 2021), (2022, 2022), (2024, 2024)])
def test_a_span_of_years_keeps_its_figures(recount: Any, anchors: list[dict[str, str]], span: tuple[int, int]) -> None:
    first, last = span
    part = generate(first, last, 1)
    count = recount(part)
    inside = [row for row in anchors if row["target"] and first <= int(row["year"]) <= last]
    assert inside
    assert [row for row in inside if count.figure(row) != int(row["target"])] == []
    findings = run(part, "en", today=dt.date(last, 12, 31))
    assert findings == []


def test_a_span_knows_nothing_of_later_days_and_nobody_who_left_before(dataset: Dataset) -> None:
    part = generate(2020, 2021, 1).frames
    last = dt.date(2021, 12, 31)
    for table, field in (
        ("referral", "received_date"),
        ("decision", "decision_date"),
        ("episode", "admission_date"),
        ("episode", "exit_date"),
        ("residence_status", "valid_from"),
        ("residence_status", "valid_to"),
    ):
        assert part[table][field].dropna().max() <= last
    whole = dataset.frames["episode"]
    left = whole[whole["exit_date"].notna() & (whole["seq_no"] == 1)]
    gone = set(left[left["exit_date"].map(lambda day: day is not None and day < dt.date(2020, 1, 1))]["person_id"])
    again = set(part["episode"][part["episode"]["seq_no"] == 2]["person_id"])
    guardians = set(part["family_link"]["related_person_id"])
    assert gone
    assert not (gone - again - guardians) & set(part["person"]["person_id"])
    assert set(part["person"]["person_id"]) < set(dataset.frames["person"]["person_id"])


def test_a_person_is_the_same_in_every_span(dataset: Dataset) -> None:
    part = generate(2022, 2022, 1).frames["person"].set_index("person_id")
    whole = dataset.frames["person"].set_index("person_id").loc[part.index]
    pd.testing.assert_frame_equal(part, whole)


@pytest.mark.parametrize("span", [(2014, 2020), (2020, 2025), (2022, 2021)])
def test_years_that_cannot_be_made(span: tuple[int, int]) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        generate(*span, 1)
    assert refused.value.key == "synthetic.years"


def test_the_records_hold_what_the_schema_can_say(recounts: dict[int, Any]) -> None:
    """Readmissions, several forms and citizenships, partly in Finland, dates known to a year: each occurs."""
    frames, stays = recounts[1].frames, recounts[1].stays
    assert (frames["episode"]["seq_no"] == 2).sum() > 10
    assert not frames["episode"].loc[frames["episode"]["seq_no"] == 2, "is_new"].any()
    assert frames["exploitation_form"].groupby("exploitation_id").size().max() > 1
    assert frames["citizenship"].groupby("person_id").size().max() == 2
    assert frames["exploitation_country"].groupby("exploitation_id").size().max() == 2
    assert set(frames["exploitation"]["start_date_precision"].dropna()) == {"D", "M", "Q", "A"}
    assert set(frames["person"]["birth_date_precision"]) == {"D", "A"}
    assert set(frames["decision"]["outcome"]) == {"POSITIVE", "NEGATIVE", "LAPSED"}
    assert len(set(frames["decision"]["decision_type"])) == 6
    assert stays.loc[stays["role"] == "WITNESS", "form"].isna().all()


def test_children_come_with_a_guardian_who_is_there(dataset: Dataset) -> None:
    frames = dataset.frames
    stays = frames["episode"]
    children = stays[stays["role"] == "DEPENDENT_CHILD"].merge(frames["family_link"], on="person_id")
    both = children.merge(stays, left_on="related_person_id", right_on="person_id", suffixes=("", "_guardian"))
    both = both[both["admission_date_guardian"] <= both["admission_date"]]
    there = both["exit_date_guardian"].isna() | (both["exit_date_guardian"] > both["admission_date"])
    assert set(both[there]["person_id"]) == set(children["person_id"])
    born = children["person_id"].map(frames["person"].set_index("person_id")["birth_date"])
    ages = [(day - birth).days / 365.25 for day, birth in zip(children["admission_date"], born, strict=True)]
    assert min(ages) >= 0
    assert max(ages) < 18


@pytest.mark.parametrize(("dead_ends", "tries"), [(0, 1), (3, 4)])
def test_a_search_in_a_dead_end_begins_again_with_other_persons(
    monkeypatch: pytest.MonkeyPatch, dead_ends: int, tries: int
) -> None:
    searched: list[dt.date] = []

    def search(stays: list[Any], *_: object) -> None:
        searched.append(stays[0].birth)
        if len(searched) <= dead_ends:
            raise InvalidDefinition("synthetic.not_met", figures="a figure")

    monkeypatch.setattr("thassist.synthetic.generator.calibrate", search)
    assumed = assumptions.load()
    _drawn(assumed, [], Draws(assumed).moves, Random(1))
    assert len(set(searched)) == tries


def test_figures_that_cannot_be_met_are_said_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(*_: object) -> None:
        raise InvalidDefinition("synthetic.not_met", figures="a figure")

    monkeypatch.setattr("thassist.synthetic.generator.calibrate", search)
    assumed = assumptions.load()
    with pytest.raises(InvalidDefinition) as refused:
        _drawn(assumed, [], Draws(assumed).moves, Random(1))
    assert refused.value.params == {"figures": "a figure"}
