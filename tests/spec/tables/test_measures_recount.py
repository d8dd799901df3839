"""Every measure recounted with pandas from synthetic record tables, without the views and without the engine."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made import made_up
from scipy import stats

from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, Dataset, fields, sql_type
from thassist.tables.compute import compute_all
from thassist.tables.cube import Cube
from thassist.tables.spec import load

SEEDS = (1, 29)
LAST = "2024"
YEARS = [str(year) for year in range(2020, 2025)]


class Made:
    """Made-up records as a snapshot."""

    id = "0" * 16

    def __init__(self, made: Dataset) -> None:
        self._made = made

    def attach(self, engine: Engine) -> None:
        for name in TABLE_NAMES:
            engine.load(name, {column.name: sql_type(column) for column in fields(name)}, self._made.frames[name])

    def synthetic_for(self, reporting_system: str) -> bool:
        return True


class Recounted:
    """The records as frames, with days as timestamps where they are known to the day."""

    def __init__(self, made: Dataset) -> None:
        self.frames = {name: self._dated(frame) for name, frame in made.frames.items()}

    @staticmethod
    def _dated(frame: pd.DataFrame) -> pd.DataFrame:
        found = frame.copy()
        for name in [column for column in found.columns if f"{column}_precision" in found.columns]:
            found[name] = pd.to_datetime(found[name])
            found[f"{name}_day"] = found[name].where(found[f"{name}_precision"] == "D")
        return found

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]


@cache
def made(seed: int) -> tuple[Recounted, dict[str, Cube]]:
    records = made_up(2015, 2024, seed)
    cubes = compute_all([load(name) for name in RECOUNTS], Made(records), parse_period(LAST))
    return Recounted(records), {cube.spec.id: cube for cube in cubes}


def span(year: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(f"{year}-01-01"), pd.Timestamp(f"{year}-12-31")


def within(days: pd.Series, year: str) -> pd.Series:
    first, last = span(year)
    return (days >= first) & (days <= last)


def half_up(value: float, decimals: int = 1) -> float:
    return float(np.floor(value * 10**decimals + 0.5 + 1e-9) / 10**decimals)


def first_decisions(r: Recounted) -> pd.DataFrame:
    decided = r["decision"].query("decision_type == 'ADMISSION'").dropna(subset=["referral_id"])
    decided = decided.sort_values(["decision_date", "decision_id"]).drop_duplicates("referral_id")
    found = r["referral"].merge(decided, on="referral_id", suffixes=("", "_d"))
    found["days"] = (found["decision_date_day"] - found["received_date_day"]).dt.days
    return found[found.outcome.isin(["POSITIVE", "NEGATIVE"])]


def decision_time(quantile: float) -> Callable[[Recounted, str], float]:
    def recount(r: Recounted, year: str) -> float:
        found = first_decisions(r)
        days = found[within(found.decision_date, year)].days.dropna()
        return half_up(float(np.quantile(days, quantile)))

    return recount


def admission_rate(r: Recounted, year: str) -> float | None:
    if year == LAST:
        return None
    found = first_decisions(r)
    found = found[within(found.received_date, year) & (found.days <= 180)]
    return half_up(100 * float((found.outcome == "POSITIVE").mean()))


def backlog(r: Recounted, year: str) -> float:
    end = span(year)[1]
    closed = pd.concat(
        [
            r["decision"].query("decision_type == 'ADMISSION'")[["referral_id", "decision_date"]],
            r["status_event"].query("status == 'WITHDRAWN'").rename(columns={"status_date": "decision_date"}),
        ]
    )
    first = closed.groupby("referral_id").decision_date.min()
    found = r["referral"].assign(closed=lambda frame: frame.referral_id.map(first))
    pending = found[(found.received_date <= end) & ~(found.closed <= end)]
    return half_up(100 * float(((end - pending.received_date).dt.days > 90).mean()))


def detection_lag(r: Recounted, year: str) -> float:
    referrals = r["referral"].set_index("referral_id")
    lags = []
    for key, told in r["exploitation"].dropna(subset=["referral_id"]).groupby("referral_id"):
        received = referrals.received_date[key]
        if received.year != int(year):
            continue
        if told.ongoing.eq(True).any():
            lags.append(0)
            continue
        known = told.dropna(subset=["end_date"]).sort_values("end_date")
        if len(known) and known.end_date_precision.iloc[-1] in "DM":
            end = known.end_date.iloc[-1]
            lags.append((received.year - end.year) * 12 + received.month - end.month)
    return half_up(float(np.median(lags)))


def breadth(r: Recounted, year: str) -> dict[str, float]:
    sources = r["referral"][within(r["referral"].received_date, year)].source
    return {code: half_up(100 * share) for code, share in sources.value_counts(normalize=True).items()}


def bodies(r: Recounted, year: str) -> int:
    found = r["referral"][within(r["referral"].received_date, year)].referrer_organisation.dropna()
    return int(found.str.strip().str.lower().nunique())


def identified(r: Recounted, year: str) -> dict[str, float]:
    stays = r["episode"]
    new = stays[within(stays.admission_date, year) & stays.is_new.eq(True) & (stays.role == "VICTIM")]
    known = r["identification"][r["identification"].identified_date <= span(year)[1]]
    rank = known.assign(rank=known.status.map({"IDENT_S35": 2, "IDENT_OLD": 1, "PRESUMED": 0}))
    best = new.person_id.map(rank.groupby("person_id")["rank"].max()).fillna(0)
    shares = best.value_counts(normalize=True)
    return {["PRESUMED", "IDENT_OLD", "IDENT_S35"][int(code)]: half_up(100 * share) for code, share in shares.items()}


def client_days(r: Recounted, year: str) -> int:
    first, last = span(year)
    stays = r["episode"]
    begin = stays.admission_date.clip(lower=first)
    end = stays.exit_date.fillna(last + pd.Timedelta(days=1)).clip(upper=last + pd.Timedelta(days=1))
    return int((end - begin).dt.days.clip(lower=0).sum())


def followed(r: Recounted, year: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and whether they ended, of everybody admitted by the end of a year."""
    end = span(year)[1]
    stays = r["episode"][r["episode"].admission_date <= end]
    ended = stays.exit_date <= end
    until = stays.exit_date.where(ended, end)
    return (until - stays.admission_date).dt.days.to_numpy(), ended.to_numpy()


def survivors(r: Recounted, year: str) -> Any:
    times, ended = followed(r, year)
    return stats.ecdf(stats.CensoredData(times[ended], right=times[~ended])).sf


def length(r: Recounted, year: str) -> float:
    curve = survivors(r, year)
    return half_up(float(curve.quantiles[curve.probabilities < 0.5][0]) / 30.4375)


def still(days: int) -> Callable[[Recounted, str], float]:
    return lambda r, year: half_up(100 * float(survivors(r, year).evaluate(days)))


def planned(r: Recounted, year: str) -> float:
    left = r["episode"][within(r["episode"].exit_date, year)]
    known = left[left.exit_reason.notna() & (left.exit_reason != "_U")]
    return half_up(100 * float(known.exit_reason.isin(["NEED_ENDED", "CASE_CLOSED", "REACHED_ADULTHOOD"]).mean()))


def readmitted(r: Recounted, year: str) -> float | None:
    if year == LAST:
        return None
    stays = r["episode"].sort_values(["person_id", "admission_date"])
    back = (stays.groupby("person_id").admission_date.shift(-1) - stays.exit_date).dt.days
    left = within(stays.exit_date, year) & (stays.exit_reason != "DECEASED")
    return half_up(100 * float((back[left] <= 365).mean()))


def without_right(r: Recounted, year: str) -> pd.DataFrame:
    stays = r["episode"]
    stays = stays[within(stays.admission_date, year) & (stays.role == "VICTIM")]
    found = stays.merge(r["residence_status"], on="person_id")
    found = found[(found.valid_from <= found.admission_date)]
    found = found[found.valid_to.isna() | (found.valid_to >= found.admission_date)]
    found = found.sort_values("valid_from").drop_duplicates("episode_id", keep="last")
    return found[found.status == "NONE"]


def secured(r: Recounted, year: str) -> float | None:
    if year == LAST:
        return None
    stays = without_right(r, year)
    permits = r["permit"].query("outcome == 'POSITIVE'")[["person_id", "decision_date"]]
    joined = stays.merge(permits, on="person_id", how="left")
    wait = (joined.decision_date - joined.admission_date).dt.days
    held = joined[(wait >= 0) & (wait <= 365)].episode_id.nunique()
    return half_up(100 * held / len(stays))


def reflection_use(r: Recounted, year: str) -> float:
    stays = without_right(r, year)
    granted = r["assistance_period"].query("period_type == 'REFLECTION'")[["person_id", "start_date", "end_date"]]
    joined = stays.merge(granted, on="person_id")
    running = (joined.start_date <= span(year)[1]) & (
        joined.end_date.isna() | (joined.end_date >= joined.admission_date)
    )
    return half_up(100 * joined[running].episode_id.nunique() / len(stays))


def reflection_days(r: Recounted, year: str) -> float:
    found = r["assistance_period"].query("period_type == 'REFLECTION'")
    found = found[within(found.end_date, year)]
    return half_up(float(((found.end_date - found.start_date).dt.days + 1).median()))


def justice(r: Recounted, year: str) -> dict[str, float]:
    end = span(year)[1]
    stays = r["episode"]
    stock = stays[(stays.admission_date <= end) & ~(stays.exit_date <= end) & (stays.role == "VICTIM")]
    people = set(stock.person_id)
    stages = r["criminal_stage"][r["criminal_stage"].stage_date <= end]
    above = {"REPORT": ["REPORT", "INVESTIGATION", "CHARGE", "JUDGMENT"], "CHARGE": ["CHARGE", "JUDGMENT"]}
    reached = {code: set(stages[stages.stage.isin(of)].person_id) for code, of in above.items()}
    reached["JUDGMENT"] = set(stages[stages.stage == "JUDGMENT"].person_id)
    reached["THB_TITLE"] = set(stages[stages.title_thb.eq(True)].person_id)
    return {code: half_up(100 * len(who & people) / len(people)) for code, who in reached.items()}


def covered(r: Recounted, year: str) -> float:
    first, last = span(year)
    stays = r["episode"]
    clients = stays[(stays.admission_date <= last) & ~(stays.exit_date <= first)]
    given = r["service"]
    given = given[(given.start_date <= last) & ~(given.end_date < first)]
    helped = clients[clients.episode_id.isin(given.episode_id)].person_id.nunique()
    return half_up(100 * helped / clients.person_id.nunique())


#: Table → what its totals (or the categories of its first dimension) must be in a year, None where not known.
RECOUNTS: dict[str, Callable[[Recounted, str], Any]] = {
    "fi_indicator_decision_time_median": decision_time(0.5),
    "fi_indicator_decision_time_p90": decision_time(0.9),
    "fi_indicator_admission_rate": admission_rate,
    "fi_indicator_backlog": backlog,
    "fi_indicator_detection_lag": detection_lag,
    "fi_indicator_referral_breadth": breadth,
    "fi_indicator_referring_bodies": bodies,
    "fi_indicator_identified_share": identified,
    "fi_indicator_client_days": client_days,
    "fi_length_median": length,
    "fi_length_still_assisted_365": still(365),
    "fi_length_still_assisted_730": still(730),
    "fi_indicator_exit_planned": planned,
    "fi_indicator_readmission": readmitted,
    "fi_indicator_residence_security": secured,
    "fi_indicator_reflection_use": reflection_use,
    "fi_indicator_reflection_days": reflection_days,
    "fi_indicator_justice_access": justice,
    "fi_indicator_service_coverage": covered,
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", RECOUNTS)
def test_every_measure_is_recounted_from_the_records(name: str, seed: int) -> None:
    records, cubes = made(seed)
    cube = cubes[name]
    for year in YEARS:
        expected = RECOUNTS[name](records, year)
        if isinstance(expected, dict):
            [dimension] = cube.spec.dimensions
            found = {code: cube.value(year, **{dimension.id: code}) for code in expected}
            assert found == expected, (name, seed, year)
        else:
            assert cube.value(year) == expected, (name, seed, year)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_share_is_recomputed_from_its_two_counts(seed: int) -> None:
    _, cubes = made(seed)
    shares = [cube for cube in cubes.values() if cube.spec.measure.function in ("share", "proportion")]
    assert shares
    for cube in shares:
        for cell in cube.cells.values():
            if cell.value is not None:
                met, of = cell.base
                assert cell.value == half_up(100 * met / of)
