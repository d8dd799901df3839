"""Help and who pays for it agree with the stays; the shares are those that are assumed."""

import datetime as dt
import math
from typing import Any

import pandas as pd
import pytest
from made import made_up

from thassist.records.dataset import Dataset

Frames = dict[str, pd.DataFrame]


@pytest.fixture(params=["seed 1", "seed 7", "until the reform"])
def frames(request: pytest.FixtureRequest, recounts: dict[int, Any]) -> Frames:
    if request.param == "until the reform":
        # On the last day of 2022 every municipality still provides: the counties begin on the next day.
        return made_up(2015, 2022, 1).frames
    found: Frames = recounts[int(request.param[-1])].frames
    return found


def on_first_day(frames: Frames) -> pd.DataFrame:
    """Every provision with the residence status on its first day."""
    both = frames["provision"].merge(frames["episode"][["episode_id", "person_id"]], on="episode_id")
    both = both.merge(frames["residence_status"], on="person_id")
    until = both["valid_to"].map(lambda day: day or dt.date.max)
    return both[(both["valid_from"] <= both["start_date"]) & (until >= both["start_date"])]


def test_somebody_provides_on_every_day_of_a_stay_and_never_two(frames: Frames) -> None:
    by_stay = dict(list(frames["provision"].sort_values("start_date").groupby("episode_id")))
    assert set(by_stay) == set(frames["episode"]["episode_id"])
    for stay in frames["episode"].itertuples():
        parts = by_stay[stay.episode_id]
        starts, ends = list(parts["start_date"]), list(parts["end_date"])
        assert starts[0] == stay.admission_date
        assert ends[-1] == stay.exit_date
        assert starts[1:] == [day + dt.timedelta(days=1) for day in ends[:-1]]


def test_who_provides_follows_status_and_municipality(frames: Frames) -> None:
    """Validation rule R39: a municipality provides, then its county; an asylum seeker's centre; else the system."""
    found = on_first_day(frames)
    assert len(found) == len(frames["provision"])
    reform = dt.date(2023, 1, 1)
    wanted = [
        ("COUNTY" if start >= reform else "MUNICIPALITY") if town else "RECEPTION" if status == "ASYLUM" else "NAS"
        for town, status, start in zip(found["municipality"], found["status"], found["start_date"], strict=True)
    ]
    assert list(found["provider"]) == wanted
    assert (found["county"].notna() == (found["provider"] == "COUNTY")).all()
    payers = {
        "COUNTY": {"COUNTY", "ELY"},
        "MUNICIPALITY": {"MUNICIPALITY", "ELY"},
        "NAS": {"NAS"},
        "RECEPTION": {"RECEPTION"},
    }
    reformed = found["start_date"].max() >= reform
    if not reformed:
        del payers["COUNTY"]
    assert found.groupby("provider")["payer"].agg(set).to_dict() == payers
    ends = found.loc[found["provider"] == "MUNICIPALITY", "end_date"]
    assert ends.notna().all() == reformed
    assert (ends.dropna() < reform).all()


def test_a_child_lives_where_the_guardian_does(frames: Frames) -> None:
    homes = frames["provision"].dropna(subset="municipality").merge(frames["episode"], on="episode_id")
    town = homes.groupby("person_id")["municipality"].agg(set)
    assert (town.map(len) == 1).all()
    ties = frames["family_link"]
    both = ties[ties["person_id"].isin(town.index) & ties["related_person_id"].isin(town.index)]
    assert len(both) > 20
    assert (both["person_id"].map(town) == both["related_person_id"].map(town)).all()


def test_services_lie_within_the_stay_and_are_paid_by_who_pays_then(frames: Frames) -> None:
    both = frames["service"].merge(frames["episode"], on="episode_id")
    assert (both["start_date"] >= both["admission_date"]).all()
    ended = both[both["exit_date"].notna()]
    assert ended["end_date"].notna().all()
    assert (ended["end_date"] <= ended["exit_date"]).all()
    paid = frames["service"].merge(frames["provision"], on="episode_id", suffixes=("", "_then"))
    until = paid["end_date_then"].map(lambda day: day or dt.date.max)
    then = paid[(paid["start_date_then"] <= paid["start_date"]) & (until >= paid["start_date"])]
    assert len(then) == len(frames["service"])
    assert (then["payer"] == then["payer_then"]).all()
    costs = frames["service"].dropna(subset="cost_cents")
    assert (costs["cost_cents"] >= 0).all()
    assert (costs.loc[costs["kind"] == "ADVICE", "cost_cents"] == 0).all()
    children = both[both["role"] == "DEPENDENT_CHILD"]
    assert set(children["kind"]) <= {"HEALTH", "SOCIAL", "ALLOWANCE"}


def test_an_assisted_return_is_an_exit_to_another_country(frames: Frames) -> None:
    returned = frames["assisted_return"].merge(frames["episode"], on="person_id")
    returned = returned[returned["return_date"] == returned["exit_date"]]
    assert len(returned) == len(frames["assisted_return"]) > 10
    assert set(returned["exit_reason"]) == {"LEFT_FINLAND"}
    assert not set(returned["country"]) & {"FI", "_U", "STLS"}
    helped = frames["service"][frames["service"]["kind"] == "RETURN"]
    assert sorted(helped["episode_id"]) == sorted(returned["episode_id"])
    dates = frames["assisted_return"].set_index("person_id")["return_date"]
    children = returned[returned["role"] == "DEPENDENT_CHILD"].merge(frames["family_link"], on="person_id")
    assert (children["related_person_id"].map(dates) == children["return_date"]).all()


def within(hits: int, number: int, share: float) -> bool:
    """Four standard errors: chance leaves them once in some ten thousand times."""
    return abs(hits / number - share) <= 4 * math.sqrt(share * (1 - share) / number)


def test_shares_are_those_that_are_assumed(frames: Frames) -> None:
    """The shares stand in assumptions.toml; the counts are of the records."""
    referrals, told, periods = frames["referral"], frames["exploitation"], frames["assistance_period"]
    recent = referrals[referrals["received_date"] >= dt.date(2022, 1, 1)]
    recovery = periods[periods["period_type"] == "RECOVERY"]
    municipal = frames["provision"].dropna(subset="municipality").drop_duplicates("episode_id")
    finns = on_first_day(frames).query("status == 'FI_CITIZEN'").drop_duplicates("episode_id")
    rejected = frames["decision"][frames["decision"]["outcome"] == "NEGATIVE"]
    services = frames["service"]
    ended = services[services["end_date"].notna() & (services["kind"] != "RETURN")]
    judged = frames["criminal_stage"][frames["criminal_stage"]["stage"] == "JUDGMENT"]
    damages = frames["compensation"][frames["compensation"]["kind"] == "COURT"]
    with_means = told["exploitation_id"].isin(set(frames["exploitation_means"]["exploitation_id"]))
    counts: dict[str, tuple[int, int, float]] = {
        "contact": (referrals["contact_id"].notna().sum(), len(referrals), 0.35),
        "consent": (recent["consent"].notna().sum(), len(recent), 1.0),
        "means": (with_means.sum(), len(told), 0.85),
        "recruitment": (told["recruitment"].notna().sum(), len(told), 0.8),
        "relation": (told["exploiter_relation"].notna().sum(), len(told), 0.75),
        "extended": (recovery["extended"].astype(bool).sum(), len(recovery), 0.25),
        "reimbursed": ((municipal["payer"] == "ELY").sum(), len(municipal), 0.75),
        "municipality": (finns["municipality"].notna().sum(), len(finns), 0.98),
        "cost known": (ended["cost_cents"].notna().sum(), len(ended), 0.85),
        "damages": (len(damages), len(judged), 0.6),
    }
    assert [name for name, count in counts.items() if not within(*count)] == []
    # Appeals: those rejected again after an appeal do not appeal once more.
    appealed = frames["appeal"][frames["appeal"]["body"] == "ADMIN_COURT"]["decision_id"].nunique()
    again = set(frames["appeal"]["new_decision_id"].dropna())
    first = rejected[~rejected["decision_id"].isin(again)]
    assert abs(appealed / len(first) - 0.22) < 0.05


def test_the_last_stage_of_a_case_has_its_share(frames: Frames) -> None:
    """Cases of victims exploited abroad: no stage is cut off by the last year or tied to the exit."""
    abroad = ~frames["exploitation_country"].groupby("exploitation_id")["country"].agg(set).map(
        lambda found: "FI" in found
    )
    primary = frames["exploitation"][frames["exploitation"]["is_primary"].astype(bool)]
    persons = set(primary.loc[primary["exploitation_id"].map(abroad), "person_id"])
    persons -= set(frames["episode"].loc[frames["episode"]["exit_reason"] == "CASE_CLOSED", "person_id"])
    of_them = frames["criminal_stage"][frames["criminal_stage"]["person_id"].isin(persons)]
    assert within((of_them["stage"] == "NONE").sum(), len(persons), 0.6)
    assert within((of_them["stage"] == "_U").sum(), len(persons), 0.1)


def test_means_and_recruitment_go_by_the_form(dataset: Dataset) -> None:
    frames = dataset.frames
    first = frames["exploitation_form"][frames["exploitation_form"]["is_primary"].astype(bool)]
    told = frames["exploitation"].merge(first[["exploitation_id", "form"]], on="exploitation_id")
    commonest = told.groupby("form")[["recruitment", "exploiter_relation"]].agg(
        lambda part: part.value_counts().index[0]
    )
    assert commonest.loc["LAB"].to_dict() == {"recruitment": "JOB_OFFER", "exploiter_relation": "EMPLOYER"}
    assert commonest.loc["MARR"].to_dict() == {"recruitment": "FAMILY", "exploiter_relation": "FAMILY"}
    means = frames["exploitation_means"].groupby("exploitation_id")["means"].agg(set)
    assert means.map(len).max() == 3
    assert (means[means.map(lambda found: "_U" in found)].map(len) == 1).all()
