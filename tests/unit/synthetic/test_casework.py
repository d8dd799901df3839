"""Referrals stay within what was published, and no applicant can be taken for another person."""

import datetime as dt
from random import Random

import pytest

from thassist.records.dataset import Dataset
from thassist.synthetic import assumptions
from thassist.synthetic.cases import Case, Referral
from thassist.synthetic.casework import Casework
from thassist.synthetic.stays import Stay


def client(received: dt.date) -> Case:
    return Case(Stay("VICTIM", 2 * received.year, received), referrals=[Referral(received)])


@pytest.mark.parametrize(
    ("received", "number", "most"),
    [
        # 2021: 300 referrals, 147 of them in the first half. 2019: 303, and no figure of the first half.
        (dt.date(2021, 10, 1), 160, {(2021, 1): 147, (2021, 2): 153}),
        (dt.date(2021, 10, 1), 320, {(2021, 1): 147, (2021, 2): 153, (2020, 2): 20}),
        (dt.date(2021, 3, 1), 150, {(2021, 1): 147, (2020, 2): 3}),
        (dt.date(2019, 3, 1), 310, {(2019, 1): 303, (2018, 2): 7}),
        (dt.date(2017, 3, 1), 500, {(2017, 1): 500}),
    ],
)
def test_referrals_that_led_to_an_admission_are_older_where_a_half_year_has_too_many(
    received: dt.date, number: int, most: dict[tuple[int, int], int]
) -> None:
    clients = [client(received + dt.timedelta(days=day % 80)) for day in range(number)]
    before = [case.referrals[0].received for case in clients]
    Casework(assumptions.load(), Random(1))._keep_within_published(clients)
    after = [case.referrals[0].received for case in clients]
    assert all(new <= old for new, old in zip(after, before, strict=True))
    halves = [(day.year, 1 if day.month <= 6 else 2) for day in after]
    counted = {half: halves.count(half) for half in set(halves)}
    assert all(counted[half] <= most[half] for half in counted)
    assert sum(counted.values()) == number
    stayed = [old for new, old in zip(after, before, strict=True) if new == old]
    moved = [old for new, old in zip(after, before, strict=True) if new != old]
    assert not moved or max(moved) <= min(stayed)


def test_no_applicant_is_like_another_person(dataset: Dataset) -> None:
    frames = dataset.frames
    primary = frames["citizenship"][frames["citizenship"]["is_primary"].astype(bool)]
    persons = frames["person"].merge(primary, on="person_id")
    persons = persons[persons["birth_date_precision"] == "D"]
    persons = persons[persons["person_id"].isin(set(frames["referral"]["person_id"]))]
    alike = persons[persons.duplicated(["sex", "birth_date", "country"], keep=False)]
    clients = set(frames["episode"]["person_id"])
    assert set(alike["person_id"]) <= clients
    assert len(set(frames["referral"]["person_id"]) - clients) > 500
