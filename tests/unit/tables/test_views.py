"""Views: the two helper functions written out, and what they give for every precision."""

import datetime as dt

import pytest

from thassist.dates import PRECISIONS, parse_period, span
from thassist.engine import Engine
from thassist.errors import InvalidDefinition
from thassist.tables.views import all_views, expand, view, view_sql

PERIOD = parse_period("2024-Q1")


def value(sql):
    with Engine() as engine:
        return engine.rows(expand(f"SELECT {sql}", PERIOD, "test"))[0][0]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("day", ["2024-02-29", "2023-02-01", "2024-12-31", "1900-02-10", "2000-06-30"])
def test_the_last_day_of_a_span(day, precision):
    period = span(dt.date.fromisoformat(day), precision)
    assert value(f"span_end(DATE '{period.start}', '{precision}')") == period.end


def test_the_last_day_of_nothing():
    assert value("span_end(CAST(NULL AS DATE), 'D')") is None
    assert value("span_end(DATE '2024-01-01', NULL)") is None


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        ("2000-01-01", "2024-12-31", 24),
        ("2000-12-31", "2024-12-30", 23),
        ("2000-02-29", "2024-02-29", 24),
        ("2000-02-29", "2023-02-28", 22),
        ("2000-02-29", "2023-03-01", 23),
        ("2024-01-01", "2024-01-01", 0),
        ("2024-01-02", "2024-01-01", -1),
    ],
)
def test_completed_years(birth, day, years):
    assert value(f"completed_years(DATE '{birth}', DATE '{day}')") == years


def test_helpers_within_each_other_and_parameters():
    sql = "completed_years(span_end(DATE '2000-01-01', 'A'), $period_end)"
    assert value(sql) == 23
    assert value("$period_start") == dt.date(2024, 1, 1)


def test_an_unknown_parameter():
    with pytest.raises(InvalidDefinition, match=r"\$today"):
        expand("SELECT $today", PERIOD, "x.toml")


def test_a_view_over_a_view_is_one_query():
    sql = view_sql("fi_episode_form", PERIOD)
    assert sql.startswith("WITH ")
    assert "fi_episode AS (" in sql
    assert "$" not in sql


def test_no_such_view():
    with pytest.raises(InvalidDefinition, match="fi_episode"):
        view("fi_episod", "t.toml")


def test_views_are_described():
    for found in all_views():
        assert found.reporting_system in {"FI_NAS", "UK_NRM", "IOM_CTDC"}
        assert f"'{found.reporting_system}'" in found.sql or found.reads
        assert all(column.description.endswith(".") for column in found.columns.values()), found.id
