"""Controlled rounding: multiples, sums that hold in all tables, zeros that stay, a window that holds the truth."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from thassist.disclosure.rounding import Rounding, round_counts
from thassist.errors import AuditFailed

_spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
assert _spec is not None
assert _spec.loader is not None
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)


def margins(inner: np.ndarray) -> tuple[np.ndarray, sparse.csr_array]:
    """All cells of a table with all its margins, and one equation a sum along one axis."""
    shape = inner.shape
    full = inner
    for axis in range(inner.ndim):
        full = np.concatenate([full.sum(axis=axis, keepdims=True), full], axis=axis)
    number = np.arange(full.size).reshape(full.shape)
    rows: list[np.ndarray] = []
    for axis in range(len(shape)):
        lines = np.moveaxis(number, axis, -1).reshape(-1, full.shape[axis])
        for line in lines:
            row = np.zeros(full.size)
            row[line[0]], row[line[1:]] = -1, 1
            rows.append(row)
    return full.ravel().astype(np.int64), sparse.csr_array(np.array(rows))


def rounded(counts: np.ndarray, rows: sparse.csr_array, base: int, seed: int = 1, **extra: object) -> Rounding:
    zero = np.zeros(rows.shape[0])
    return round_counts(counts, rows, zero, zero, base=base, seed=seed, **extra)  # type: ignore[arg-type]


def sound(found: Rounding, counts: np.ndarray, rows: sparse.csr_array) -> None:
    assert not np.any(found.values % found.base), "multiples"
    assert not np.any(rows @ found.values), "additive"
    assert np.all(found.values[counts == 0] == 0), "zeros stay"
    assert np.all((found.low <= counts) & (counts <= found.high)), "the truth is possible"
    assert np.all(np.abs(found.values - counts) < found.base * found.steps), "within the window"
    assert np.all(found.high - found.low >= found.base - 1), "and the window hides"


@given(
    shape=st.sampled_from([(2, 2), (3, 4), (2, 3, 2), (5, 4)]),
    base=st.sampled_from([3, 5]),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_every_table_can_be_rounded(shape: tuple[int, ...], base: int, seed: int, data: st.DataObject) -> None:
    size = int(np.prod(shape))
    inner = data.draw(st.lists(st.integers(0, 14), min_size=size, max_size=size))
    counts, rows = margins(np.array(inner).reshape(shape))
    found = rounded(counts, rows, base, seed)
    sound(found, counts, rows)
    if len(shape) == 2:
        assert found.steps == 1, "a two-way table can always be rounded to the next multiples (Cox 1987)"


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    counts, rows = margins(np.arange(1, 41).reshape(5, 8))
    first, again, other = (rounded(counts, rows, 5, seed).values for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_figure_alone_is_right_on_average() -> None:
    """4000 figures of 7 to base 5: two of five go up to 10; the mean stays within four standard errors of 7."""
    none = sparse.csr_array((0, 4000))
    found = round_counts(np.full(4000, 7), none, np.zeros(0), np.zeros(0), base=5, seed=3)
    assert set(found.values) == {5, 10}
    assert abs(found.values.mean() - 7) < 4 * np.sqrt(2 / 5 * 3 / 5) * 5 / np.sqrt(4000)


def test_what_is_out_already_stays_and_the_rest_follows() -> None:
    quarters = np.array([[7, 4, 11], [3, 8, 2], [6, 6, 1], [9, 1, 4]])
    counts, rows = margins(quarters)
    number = np.arange(counts.size).reshape(5, 4)
    first = rounded(counts[number[1]], margins(quarters[0])[1], 5, seed=1)
    published = np.full(counts.size, np.nan)
    published[number[1]] = first.values
    found = rounded(counts, rows, 5, seed=2, published=published)
    sound(found, counts, rows)
    assert np.array_equal(found.values[number[1]], first.values)


def test_what_is_out_already_may_make_it_impossible_and_then_nothing_is_given() -> None:
    counts, rows = margins(np.array([0, 0, 9]))
    published = np.array([0.0, np.nan, np.nan, 9.0])  # the total is out as 0, its only part as 9
    with pytest.raises(AuditFailed, match="cannot be rounded"):
        rounded(counts, rows, 3, published=published)


def test_a_published_figure_that_is_no_multiple_is_refused() -> None:
    counts, rows = margins(np.array([1, 2]))
    with pytest.raises(ValueError, match="4"):
        rounded(counts, rows, 3, published=np.array([4.0, np.nan, np.nan]))
    with pytest.raises(ValueError, match="10"):
        rounded(counts, rows, 10)


def test_no_time_no_result() -> None:
    rng = np.random.default_rng(1)
    counts, rows = margins(rng.integers(0, 9, (6, 6, 6)))
    with pytest.raises(AuditFailed, match="not finished"):
        rounded(counts, rows, 5, seconds=0.0)


def test_bounds_between_tables_hold_too() -> None:
    """A part may not be rounded above what it is part of: 4 of 5, both unsettled."""
    rows = sparse.csr_array(np.array([[1.0, -1.0]]))
    for seed in range(20):
        found = round_counts(np.array([8, 7]), rows, np.zeros(1), np.full(1, 1e7), base=5, seed=seed)
        assert found.values[0] >= found.values[1]


@pytest.mark.parametrize("base", [3, 5])
def test_what_a_reader_can_work_out_lies_within_the_window_and_holds_the_truth(base: int) -> None:
    """By enumeration: all tables that agree with every printed figure and its window."""
    inner = np.array([[2, 1], [4, 3]])
    counts, rows = margins(inner)
    found = rounded(counts, rows, base, seed=5)
    name = [f"{row}{column}" for row in range(3) for column in range(3)]
    bounds = {each: (int(low), int(high)) for each, low, high in zip(name, found.low, found.high, strict=True)}
    sums = [
        ("10", ["11", "12"]),
        ("20", ["21", "22"]),
        ("01", ["11", "21"]),
        ("02", ["12", "22"]),
        ("00", ["10", "20"]),
    ]
    reach = oracle.intervals(["11", "12", "21", "22"], sums, bounds, most=20)
    for each, count in zip(name, counts, strict=True):
        low, high = reach[each]
        assert low <= count <= high
        assert low < high, "nothing is known exactly"
