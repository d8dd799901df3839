"""R46: the clients at the end of a half-year are those before, the new and the readmitted, less those who left."""

import datetime as dt

import pytest

from thassist.rules.runner import run

DAY = dt.date


def episode(make, number: int, person: int, role: str, start: dt.date, end: dt.date | None = None, *, new: bool = True):
    return {
        "episode_id": f"E-{number}",
        "person_id": f"C-{person:06d}",
        "role": role,
        "seq_no": 1 if new else 2,
        "is_new": new,
        **make.day("admission_date", start),
        **(make.day("exit_date", end) | {"exit_reason": "OWN_WISH"} if end else {}),
    }


def said(records, make, *episodes) -> list[str]:
    persons = sorted({one["person_id"] for one in episodes})
    found = records(
        person=[make.person(int(key[2:]), reporting_system="FI_NAS") for key in persons], episode=list(episodes)
    )
    return [one.message for one in run(found, "en", today=DAY(2025, 6, 30)) if one.code == "R46"]


def test_new_readmitted_and_left_balance(records, make) -> None:
    assert (
        said(
            records,
            make,
            episode(make, 1, 1, "VICTIM", DAY(2021, 3, 1), DAY(2022, 6, 30)),  # the last day of a half-year
            episode(make, 2, 1, "VICTIM", DAY(2023, 1, 1), new=False),
            episode(make, 3, 2, "VICTIM", DAY(2021, 3, 1), DAY(2021, 3, 1)),  # in and out on one day
            episode(make, 4, 3, "WITNESS", DAY(2021, 12, 31)),
        )
        == []
    )


@pytest.mark.parametrize("begins", [DAY(2022, 5, 1), DAY(2022, 5, 2)], ids=["the same day", "the day after"])
def test_a_change_of_role_is_no_exit(records, make, begins) -> None:
    """The child who is found to be a victim leaves one stock for the other."""
    assert (
        said(
            records,
            make,
            episode(make, 1, 1, "DEPENDENT_CHILD", DAY(2021, 3, 1), DAY(2022, 5, 1)),
            episode(make, 2, 1, "VICTIM", begins, new=False),
        )
        == []
    )


def test_a_person_twice_in_one_stock_is_counted_once(records, make) -> None:
    """Two admissions, one person at the end of the half-year."""
    assert said(
        records,
        make,
        episode(make, 1, 1, "VICTIM", DAY(2022, 1, 10)),
        episode(make, 2, 1, "VICTIM", DAY(2022, 2, 10), new=False),
        episode(make, 3, 2, "VICTIM", DAY(2021, 7, 1)),
    ) == [
        "The stock (VICTIM, 2022-S1) does not balance: 1 + new 1 + readmitted 1 + changes of role 0 − exits 0 is not 2."
    ]


def test_an_exit_before_the_admission_breaks_both_half_years(records, make) -> None:
    found = said(
        records,
        make,
        episode(make, 1, 1, "VICTIM", DAY(2022, 3, 1), DAY(2021, 6, 1)),
        episode(make, 2, 2, "VICTIM", DAY(2021, 2, 1)),
    )
    assert [message.removeprefix("The stock (VICTIM, ") for message in found] == [
        "2021-S1) does not balance: 0 + new 1 + readmitted 0 + changes of role 0 − exits 1 is not 1.",
        "2022-S1) does not balance: 1 + new 1 + readmitted 0 + changes of role 0 − exits 0 is not 1.",
    ]


def test_a_delivery_alone_says_nothing_of_the_whole(records, make) -> None:
    some = records(
        person=[make.person(1, reporting_system="FI_NAS")],
        episode=[episode(make, 1, 1, "VICTIM", DAY(2022, 3, 1), DAY(2021, 6, 1))],
    )
    assert "R46" not in {one.code for one in run(some, "en", whole=False, today=DAY(2025, 6, 30))}
