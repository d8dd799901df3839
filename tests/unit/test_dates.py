"""Periods and dates of limited precision."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thassist.dates import PRECISIONS, parse_period, run, span

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end", "code"),
    [
        ("2023-04-01/P1Y", "2023-04-01", "2024-03-31", "2023-04-01/P1Y"),
        ("2023-04/p1y", "2023-04-01", "2024-03-31", "2023-04-01/P1Y"),
        ("2023-07-01--P12M", "2023-07-01", "2024-06-30", "2023-07-01/P1Y"),
        ("2024-01-01/P1Y", "2024-01-01", "2024-12-31", "2024"),
        ("2024-02-29", "2024-02-29", "2024-02-29", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28", "2023-02"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-02"),
        ("2022-Q2", "2022-04-01", "2022-06-30", "2022-Q2"),
        ("2022 Q2", "2022-04-01", "2022-06-30", "2022-Q2"),
        ("2022q4", "2022-10-01", "2022-12-31", "2022-Q4"),
        ("2022-H1", "2022-01-01", "2022-06-30", "2022-S1"),
        ("2022-S2", "2022-07-01", "2022-12-31", "2022-S2"),
        (" 2022 ", "2022-01-01", "2022-12-31", "2022"),
    ],
)
def test_a_period_is_read(text: str, start: str, end: str, code: str) -> None:
    period = parse_period(text)
    assert (period.start.isoformat(), period.end.isoformat(), period.code) == (start, end, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22",
        "2022-13",
        "2022-Q5",
        "2022-Q0",
        "2022-S3",
        "2022-02-30",
        "2022-1",
        "2022/Q1",
        "Q1 2022",
        "2022-Q1-x",
        "0000",
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError: a calendar's own words differ
        parse_period(text)


@given(day=DAYS, precision=st.sampled_from(PRECISIONS))
def test_a_span_holds_its_day_and_its_code_reads_back(day: dt.date, precision: str) -> None:
    period = span(day, precision)
    assert period.start <= day <= period.end
    assert parse_period(period.code) == period


@given(day=DAYS, precision=st.sampled_from(PRECISIONS), steps=st.integers(0, 30))
def test_the_previous_period_ends_the_day_before(day: dt.date, precision: str, steps: int) -> None:
    period = span(day, precision)
    assert period.previous().end == period.start - dt.timedelta(days=1)
    assert period.previous(steps).previous() == period.previous(steps + 1)


@given(day=DAYS)
def test_longer_spans_hold_shorter_ones(day: dt.date) -> None:
    spans = [span(day, precision) for precision in PRECISIONS]
    for inner, outer in itertools.pairwise(spans):
        assert outer.start <= inner.start
        assert inner.end <= outer.end


def test_a_year_before_1000_keeps_its_four_digits() -> None:
    assert span(dt.date(476, 5, 1), "Q").code == "0476-Q2"


def test_years_from_april_follow_each_other() -> None:
    year = parse_period("2023-04-01/P1Y")
    assert year.previous().code == "2022-04-01/P1Y"
    assert year.previous(-1).start == year.end + dt.timedelta(days=1)
    assert year.slug == "2023-04-01--P1Y"
    assert parse_period(year.slug) == year


@pytest.mark.parametrize(
    ("text", "length", "parts"),
    [
        ("2023-04-01/P1Y", "Q", ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]),
        ("2023", "S", ["2023-S1", "2023-S2"]),
        ("2023-S1", "Q", ["2023-Q1", "2023-Q2"]),
        ("2023-02-01/P1Y", "Q", ["2023-Q2", "2023-Q3", "2023-Q4"]),
        ("2023-Q1", "A", ["2023-Q1"]),
        ("2023-Q1", "Q", ["2023-Q1"]),
    ],
)
def test_the_parts_of_a_period_lie_whole_in_it(text: str, length: str, parts: list[str]) -> None:
    assert [part.code for part in parse_period(text).parts(length)] == parts


def test_a_run_of_periods_has_one_length() -> None:
    found = run(parse_period("2015-Q1"), parse_period("2024-Q4"))
    assert (len(found), found[0].code, found[-1].code) == (40, "2015-Q1", "2024-Q4")
    for first, last in (("2015", "2024-Q4"), ("2025", "2024"), ("2023-04-01/P1Y", "2024")):
        with pytest.raises(ValueError, match="20"):
            run(parse_period(first), parse_period(last))
