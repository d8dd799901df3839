"""Periods and dates of limited precision."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thassist.dates import PRECISIONS, parse_period, span

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end", "code"),
    [
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
