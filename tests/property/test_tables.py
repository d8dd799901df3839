"""Properties of tables over made-up records, against counting by hand in plain Python."""

import calendar
import datetime as dt
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, empty_frame, fields, sql_type
from thassist.tables import measures
from thassist.tables.compute import compute
from thassist.tables.cube import Cube, Status
from thassist.tables.model import Measure
from thassist.tables.spec import load

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FORMS = ("LAB", "DOM", "SEX_PROST", "SEX", "MARR", "OTH", "_U")
#: As the reviews publish them: domestic work is labour, prostitution is sexual exploitation.
PUBLISHED = {"DOM": "LAB", "SEX_PROST": "SEX"}


@dataclass(frozen=True)
class Stay:
    """One stay of one person. Dates are (first day, last day, precision)."""

    person: str
    new: bool
    role: str
    sex: str
    forms: tuple[str, ...]
    admitted: tuple[dt.date, dt.date, str]
    left: tuple[dt.date, dt.date, str] | None


def span_of(year: int, month: int, day: int, precision: str) -> tuple[dt.date, dt.date, str]:
    """First and last day of what is known, worked out apart from the code under test."""
    months = {"D": (month, month), "M": (month, month), "Q": ((month - 1) // 3 * 3 + 1,) * 2}
    first, last = months.get(precision, ((month - 1) // 6 * 6 + 1,) * 2 if precision == "S" else (1, 1))
    last = {"Q": first + 2, "S": first + 5, "A": 12}.get(precision, last)
    if precision == "D":
        return (dt.date(year, month, day),) * 2 + (precision,)
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1]), precision


def dates(precisions: str) -> st.SearchStrategy[tuple[dt.date, dt.date, str]]:
    return st.builds(
        span_of,
        st.integers(2023, 2024),
        st.integers(1, 12),
        st.integers(1, 28) | st.sampled_from([28]),
        st.sampled_from(precisions),
    )


@st.composite
def stays(draw: st.DrawFn, precisions: str = "DDDMQSA", *, again: bool = True) -> list[Stay]:
    """Up to a dozen persons with one or two stays; the second may overlap the first where dates are imprecise."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        role = draw(st.sampled_from(["VICTIM", "VICTIM", "WITNESS", "DEPENDENT_CHILD"]))
        sex = draw(st.sampled_from(["F", "M", "O", "_U"]))
        forms = draw(st.lists(st.sampled_from(FORMS), unique=True, max_size=3)) if role == "VICTIM" else []
        for stay in range(draw(st.integers(1, 2)) if again else 1):
            admitted, left = draw(dates(precisions)), draw(st.none() | dates(precisions))
            if left and left[0] < admitted[0]:
                admitted, left = left, admitted
            found.append(Stay(f"P{number}", stay == 0, role, sex, tuple(forms), admitted, left))
    return found


class Records:
    """A snapshot in memory, of stays."""

    id = "0123456789abcdef"

    def __init__(self, found: list[Stay]) -> None:
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        numbers: dict[str, int] = defaultdict(int)
        for key, stay in enumerate(found):
            numbers[stay.person] += 1
            if stay.new:
                rows["person"].append({"person_id": stay.person, "reporting_system": "FI_NAS", "sex": stay.sex})
                rows["exploitation"].append({"exploitation_id": stay.person, "person_id": stay.person})
                rows["exploitation_form"] += [
                    {"exploitation_id": stay.person, "form": form, "is_primary": place == 0}
                    for place, form in enumerate(stay.forms)
                ]
            rows["episode"].append(
                {
                    "episode_id": f"E{key}",
                    "person_id": stay.person,
                    "role": stay.role,
                    "seq_no": numbers[stay.person],
                    "is_new": stay.new,
                    "admission_date": stay.admitted[0],
                    "admission_date_precision": stay.admitted[2],
                    "exit_date": stay.left and stay.left[0],
                    "exit_date_precision": stay.left and stay.left[2],
                    "exit_reason": stay.left and "OTHER",
                }
            )
        self._rows = rows

    def attach(self, engine: Engine) -> None:
        for name in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(name)}
            engine.load(name, columns, empty_frame(name, self._rows.get(name)))

    def synthetic_for(self, reporting_system: str) -> bool:
        return True


def cube_of(table: str, found: list[Stay], period: str) -> Cube:
    return compute(load(table), Records(found), parse_period(period))


def total(table: str, found: list[Stay], period: str) -> int:
    return int(cube_of(table, found, period).value(period) or 0)


BOUNDS = {
    "2024": (dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
    "2024-S1": (dt.date(2024, 1, 1), dt.date(2024, 6, 30)),
    "2023-Q4": (dt.date(2023, 10, 1), dt.date(2023, 12, 31)),
    "2024-02": (dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
}
PERIODS = st.sampled_from(sorted(BOUNDS))


def counted(people: dict[tuple[str, ...], set[str]], cube: Cube) -> None:
    """Every cell of the cube equals the number of persons that the oracle put there, and none is missing."""
    figures = {key[1:]: cell.value for key, cell in cube.cells.items()}
    assert {key: value for key, value in figures.items() if value} == {key: len(who) for key, who in people.items()}


def with_margins(codes: list[list[str]]) -> set[tuple[str, ...]]:
    """All addresses at which a unit with these codes (one list a dimension) is counted."""
    return set(itertools.product(*([*one, "_T"] for one in codes)))


@quick
@given(stays(), PERIODS)
def test_every_margin_of_a_flow_is_counted_by_hand(found: list[Stay], period: str) -> None:
    first, last = BOUNDS[period]
    people: dict[tuple[str, ...], set[str]] = defaultdict(set)
    unplaced = set()
    for stay in found:
        if not stay.new or stay.role == "DEPENDENT_CHILD":
            continue
        if first <= stay.admitted[0] and stay.admitted[1] <= last:
            form = "_Z" if stay.role == "WITNESS" else (stay.forms or ("_U",))[0]
            for address in with_margins([[PUBLISHED.get(form, form)], [stay.sex]]):
                people[address].add(stay.person)
        elif stay.admitted[0] <= last and stay.admitted[1] >= first:
            unplaced.add(stay.person)
    cube = cube_of("fi_new_victims_form_sex", found, period)
    counted(people, cube)
    assert cube.unplaced == len(unplaced)


@quick
@given(stays(), PERIODS)
def test_every_margin_of_a_multiple_response_is_counted_by_hand(found: list[Stay], period: str) -> None:
    first, last = BOUNDS[period]
    people: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for stay in found:
        if stay.new and stay.role != "DEPENDENT_CHILD" and first <= stay.admitted[0] and stay.admitted[1] <= last:
            forms = ["_Z"] if stay.role == "WITNESS" else list(stay.forms or ("_U",))
            for address in with_margins([[PUBLISHED.get(form, form) for form in forms], [stay.sex]]):
                people[address].add(stay.person)
    cube = cube_of("fi_new_victims_any_form", found, period)
    counted(people, cube)
    for sex in ("_T", *cube.codes("sex")):
        parts = [cube.value(period, form=form, sex=sex) or 0 for form in cube.codes("form")]
        assert max(parts) <= (cube.value(period, sex=sex) or 0) <= sum(parts)


@quick
@given(stays(), PERIODS)
def test_every_margin_of_a_stock_is_counted_by_hand(found: list[Stay], period: str) -> None:
    """In the stock: surely come by the end of the last day, and surely not gone by then."""
    last = BOUNDS[period][1]
    people: dict[tuple[str, ...], set[str]] = defaultdict(set)
    unplaced = set()
    for stay in found:
        possible = stay.admitted[0] <= last and (stay.left is None or stay.left[1] > last)
        sure = stay.admitted[1] <= last and (stay.left is None or stay.left[0] > last)
        if sure:
            for address in with_margins([[stay.role], [stay.sex]]):
                people[address].add(stay.person)
        elif possible:
            unplaced.add(stay.person)
    cube = cube_of("fi_stock_role", found, period)
    counted(people, cube)
    assert cube.unplaced == len(unplaced)


@quick
@given(stays(), PERIODS)
def test_single_response_adds_up(found: list[Stay], period: str) -> None:
    cube = cube_of("fi_new_victims_form_sex", found, period)
    for form in ("_T", *cube.codes("form")):
        parts = [cube.value(period, form=form, sex=sex) or 0 for sex in cube.codes("sex")]
        assert sum(parts) == cube.value(period, form=form)


@settings(quick, max_examples=6)
@given(stays("D"))
def test_a_year_is_its_quarters_and_its_halves(found: list[Stay]) -> None:
    """Holds for precise dates and for what happens to a person once: an exit is counted by its stay."""
    for table in ("fi_new_victims_form_sex", "fi_exits_reason"):
        year = cube_of(table, found, "2024")
        for part in ("Q", "S"):
            periods = [f"2024-{part}{number}" for number in range(1, 5 if part == "Q" else 3)]
            cubes = [cube_of(table, found, period) for period in periods]
            for key, cell in year.cells.items():
                parts = [cube.cells.get((period, *key[1:])) for cube, period in zip(cubes, periods, strict=True)]
                assert sum(int(one.value or 0) for one in parts if one) == (cell.value or 0)


@quick
@given(stays("D", again=False), st.sampled_from(["2023-Q2", "2023-12", "2024-02", "2024-S1", "2024"]))
def test_stock_is_the_stock_before_and_who_came_less_who_left(found: list[Stay], period: str) -> None:
    before = parse_period(period).previous().code
    came, went = total("fi_new_clients_kind", found, period), total("fi_exits_reason", found, period)
    assert total("fi_stock_group", found, period) == total("fi_stock_group", found, before) + came - went


@settings(quick, max_examples=12)
@given(stays(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(found: list[Stay], random: Any) -> None:
    turned = list(found)
    random.shuffle(turned)
    turned.sort(key=lambda stay: not stay.new)  # a person's first stay stays the first
    for table in ("fi_new_victims_form_sex", "fi_stock_role"):
        one, other = cube_of(table, found, "2024"), cube_of(table, turned, "2024")
        assert list(one.cells.items()) == list(other.cells.items())
        assert one.unplaced == other.unplaced


@pytest.mark.parametrize("table", ["fi_series_stock", "fi_series_new_victims_form"])
@settings(quick, max_examples=8)
@given(found=stays())
def test_a_time_series_is_its_single_periods(table: str, found: list[Stay]) -> None:
    series = cube_of(table, found, "2024-S1")
    single = {"fi_series_stock": "fi_stock_group", "fi_series_new_victims_form": "fi_new_victims_form"}[table]
    for period in series.periods:
        alone = cube_of(single, found, period.code)
        shown = {key: cell.value for key, cell in series.cells.items() if key[0] == period.code}
        assert shown == {key: cell.value for key, cell in alone.cells.items()}  # the series also marks its breaks


@settings(quick, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30), st.integers(0, 45))
def test_survival_is_what_scipy_estimates(pairs: list[tuple[int, bool]], after: int) -> None:
    """The share after a time, and the first time at which fewer than half remain."""
    from scipy import stats

    ended = [time for time, event in pairs if event]
    waiting = [time for time, event in pairs if not event]
    curve = stats.ecdf(stats.CensoredData(ended, right=waiting)).sf
    share = measures.function(Measure("survival_share", "t", 4, event="e", after=after))
    cell = share.cell(Measure("survival_share", "t", 4, event="e", after=after), ([list(pair) for pair in pairs],))
    left = float(curve.evaluate(after)) if ended else 1.0
    if max(time for time, _ in pairs) < after and left > 0:
        assert cell.status is Status.NOT_KNOWN
    else:
        assert cell.value == pytest.approx(100 * left, abs=1e-4)
    median = Measure("survival_median", "t", 0, event="e")
    found = measures.function(median).cell(median, ([list(pair) for pair in pairs],))
    below = curve.quantiles[curve.probabilities < 0.5 - 1e-9] if ended else []
    assert found.value == (below[0] if len(below) else None)
    assert found.base == cell.base == (len(pairs),)


@settings(quick, max_examples=6)
@given(stays("D"), st.sampled_from(["2024", "2023-04-01/P1Y"]))
def test_client_days_of_a_year_are_those_of_its_months(found: list[Stay], period: str) -> None:
    """And those of every person's days, counted one by one."""
    year = parse_period(period)
    cube = cube_of("fi_indicator_client_days", found, period)
    days = sum(
        stay.admitted[0] <= day and (stay.left is None or day < stay.left[0])
        for stay in found
        for day in (year.start + dt.timedelta(days=n) for n in range((year.end - year.start).days + 1))
    )
    assert cube.value(period) == days
    months = compute(load("fi_indicator_client_days"), Records(found), year.parts("M")[-1], year.parts("M")[0])
    assert sum(months.value(part.code) or 0 for part in year.parts("M")) == days
