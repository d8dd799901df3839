"""The kinds of records that there can be: what is listed and how it is priced, against writing everything out."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thassist.disclosure import equations, tables
from thassist.disclosure.axes import Axis
from thassist.disclosure.counted import MEMBER, Counted
from thassist.disclosure.equations import Block, Cross, Population, System, TooWide
from thassist.disclosure.variables import Variable


def system(margins: list[tuple[int, ...]]) -> System:
    """Three variables of 3, 2 and 4 leaves, the first with a group; every margin with all its totals."""
    variables = (
        Variable.groups("a", ["l0", "l1", "l2"], {"n0": ["l0", "l2"]}),
        Variable.groups("b", ["l0", "l1"], {}),
        Variable.groups("c", ["l0", "l1", "l2", "l3"], {"n0": ["l1", "l2"]}),
    )
    blocks = []
    for number, margin in enumerate(margins):
        nodes = tuple(
            np.arange(len(variable.codes)) if axis in margin else np.zeros(1, np.int64)
            for axis, variable in enumerate(variables)
        )
        blocks.append(Block(str(number), nodes))
    return System.build([Population("p", variables, tuple(blocks))])


MARGINS = st.lists(st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(MARGINS, st.integers(0, 2**32 - 1))
def test_live_kinds_and_their_prices_are_those_of_the_full_cross(margins: list[tuple[int, ...]], seed: int) -> None:
    built, random = system(margins), np.random.default_rng(seed)
    cross = Cross(built, 0)
    every = np.array(list(itertools.product(range(3), range(2), range(4))), np.int64)
    counted = built.incidence(0, every).toarray()
    zero = random.random(built.size) < random.choice([0.0, 0.1, 0.3])
    live = cross.live(zero)
    expected = np.flatnonzero(~(counted[zero] > 0).any(0))
    assert live.tolist() == expected.tolist()
    assert cross.leaves(live).tolist() == every[expected].tolist()
    weights = random.integers(-5, 6, built.size).astype(float)
    assert cross.price(weights, live).tolist() == (weights @ counted)[expected].tolist()
    some = live[::2].copy()
    assert cross.price(weights, some).tolist() == (weights @ counted)[expected[::2]].tolist()


def test_leaves_that_are_kept_keep_their_numbers() -> None:
    built = system([(0, 2)])
    kept = np.array([True, False, True])
    cross = Cross(built, 0, (0, kept))
    leaves = cross.leaves(cross.live(np.zeros(built.size, bool)))
    assert set(leaves[:, 0].tolist()) == {0, 2}
    assert cross.columns(leaves).tolist() == list(range(2 * 2 * 4))


def test_more_than_can_be_looked_through_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dead does not count: 24 columns are too many, the eight that are left are not."""
    monkeypatch.setattr(equations, "MOST_LIVE", 8)
    built = system([(0,)])
    nobody = np.zeros(built.size, bool)
    cross = Cross(built, 0)
    with pytest.raises(TooWide):
        cross.live(nobody)
    assert not cross.complete
    nobody[built.cells("p", {"a": ["l0", "l2"]})] = True
    assert Cross(built, 0).live(nobody).size == 8


def _counted(random: np.random.Generator) -> Counted:
    """Five hundred units with an age, a form and a set of answers; minors never say C, and form x never meets set B."""
    names = {"age": 2, "form": 3, "*answers": 4}
    found = Counted(
        {MEMBER: Axis(MEMBER, {"m": 0}), **{n: Axis(n, {i: i for i in range(k)}) for n, k in names.items()}}
    )
    units = np.column_stack([random.integers(0, size, 500) for size in names.values()])
    units = units[~((units[:, 0] == 0) & (units[:, 2] == 2)) & ~((units[:, 1] == 0) & (units[:, 2] == 1))]
    found.context = [tuple(row) for row in units.tolist()]
    for name, size in names.items():
        found.told[name] = np.ones(len(units), bool)
        found.open[name], found.barred[name] = np.ones((1, size), bool), np.zeros((1, size), bool)
    return found


def test_what_was_learnt_of_sets_of_answers_is_left_out_only_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    units = _counted(np.random.default_rng(1))
    margins = {("t", frozenset({each}), ""): [] for each in ("age", "form", "*answers")}
    known, zeros, left = tables._tree(units, margins)
    assert {frozenset(("age", "*answers")), frozenset(("form", "*answers"))} == set(zeros)
    assert left == []
    monkeypatch.setattr(tables, "_WIDE", 8)
    known, zeros, left = tables._tree(units, margins)
    assert left == [("*answers", "form")], "of twelve combinations one cannot be; of age, of eight"
    assert set(zeros) == {frozenset(("age", "*answers"))}
    assert max(map(len, known.cliques)) == 2
