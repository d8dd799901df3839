"""Records made k-anonymous: no question, of any columns, is answered by fewer than k; judged by counting them all."""

import csv
import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thassist.exchange.anonymity import Row, anonymous
from thassist.exchange.proof import prove

NAMES = ("source", "a", "b", "c", "d")
CELL = st.sampled_from(["-99", "0", "1", "x", "y"])
RECORDS = st.lists(st.tuples(st.just("here"), CELL, CELL, CELL, CELL), max_size=60)


def fewest(rows: list[Row]) -> int:
    """The rarest answer to any question at all: the values of every set of columns, counted one by one."""
    answers = [
        count
        for width in range(1, len(NAMES) + 1)
        for places in itertools.combinations(range(len(NAMES)), width)
        for count in Counter(tuple(row[place] for place in places) for row in rows).values()
    ]
    return min(answers, default=0)


@settings(max_examples=150, deadline=None)
@given(RECORDS, st.integers(2, 6))
def test_no_question_is_answered_by_fewer_than_k(rows: list[Row], k: int) -> None:
    made = anonymous(rows, NAMES, k=k, missing="-99", weights={"b": 3.0}, fixed=frozenset({"source"}))
    assert not made.rows or fewest(list(made.rows)) >= k
    assert len(rows) == len(made.rows) + made.dropped
    # Cells are kept or blanked, never changed: each column holds no value more often than it came.
    for place in range(len(NAMES)):
        came = Counter(row[place] for row in rows)
        left = Counter(row[place] for row in made.rows)
        assert all(left[value] <= came[value] for value in left if value != "-99")
        if place:
            said = sum(count for value, count in came.items() if value != "-99")
            assert said - made.blanked[place] == sum(count for value, count in left.items() if value != "-99")


@given(RECORDS)
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_records_makes_no_difference(rows: list[Row]) -> None:
    def make(each: list[Row]) -> tuple[Row, ...]:
        return anonymous(each, NAMES, k=3, missing="-99", weights={}, fixed=frozenset({"source"})).rows

    assert make(rows) == make(rows[::-1])


def test_what_enough_records_share_is_kept_whole() -> None:
    rows = [("here", "1", "x", "0", "y")] * 11 + [("here", "0", "x", "0", "y")] * 11
    made = anonymous(rows, NAMES, k=11, missing="-99", weights={}, fixed=frozenset({"source"}))
    assert sorted(made.rows) == sorted(rows)
    assert made.blanked == (0, 0, 0, 0, 0)


def test_too_few_records_are_all_dropped() -> None:
    rows = [("here", "1", "x", "0", "y")] * 10
    made = anonymous(rows, NAMES, k=11, missing="-99", weights={}, fixed=frozenset({"source"}))
    assert (made.rows, made.dropped) == ((), 10)


@pytest.mark.parametrize("rare", [0, 1, 10])
def test_the_proof_counts_the_file_itself(tmp_path: Path, rare: int) -> None:
    file = tmp_path / "k.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(NAMES)
        writer.writerows([("here", "1", "x", "0", "y")] * 30 + [("here", "1", "x", "1", "y")] * rare)
    proof = prove(file, NAMES)
    assert proof.holds(11, 30 + rare) == (rare == 0)
    assert proof.fewest == (rare or 30) == proof.fewest_answer
    assert not proof.holds(11, 29 + rare)
    assert not prove(file, (*NAMES, "e")).holds(11, 30 + rare)
