"""The protector's moves over the full cross against exhaustive search."""

import time

import numpy as np
import sdc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thassist.disclosure.equations import System
from thassist.disclosure.lifting import Lifting
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import Rule

RING = ((2, 2, 2), [["a", "b"], ["b", "c"], ["a", "c"]])
GOAL = 3.0


@st.composite
def cases(draw: st.DrawFn) -> tuple[System, np.ndarray, np.ndarray, int]:
    """Three tables in a ring, which figures may be withheld, and a small one to protect."""
    sizes, tables = RING
    built = sdc.system([sdc.flat(name, size) for name, size in zip("abc", sizes, strict=True)], tables)
    inner = np.array(draw(st.lists(st.integers(0, 2), min_size=8, max_size=8)))
    while inner.sum() > 8:
        inner[inner.argmax()] -= 1
    inner[0] = max(1, inner[0])
    values = sdc.truth(built, inner)
    small = np.flatnonzero(built.shown & (values > 0) & (values < GOAL))
    small = small[small > 0]
    if not small.size:
        inner[:] = [1, 2, 1, 0, 1, 0, 1, 0]
        values = sdc.truth(built, inner)
        small = np.flatnonzero(built.shown & (values > 0) & (values < GOAL))
    more = np.array(draw(st.lists(st.booleans(), min_size=built.size, max_size=built.size)))
    movable = built.shown & (values > 0) & (more | (values < GOAL))
    cell = int(draw(st.sampled_from(small.tolist())))
    movable[cell], movable[0] = True, False
    return built, inner, movable, cell


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_a_lift_is_a_world_and_none_means_none(case: tuple[System, np.ndarray, np.ndarray, int]) -> None:
    built, inner, movable, cell = case
    values = sdc.truth(built, inner)
    small = built.shown & (values > 0) & (values < GOAL) & movable
    lifting = Lifting(
        built,
        values,
        sdc.records(built, inner),
        1.0,
        movable,
        small.copy(),
        1 + np.log(np.maximum(values, 1)),
        time.monotonic() + 60,
    )
    point = lifting.lift(cell, GOAL)
    _, cells = sdc.worlds(built, inner, movable, 1.0)
    possible = bool((cells[:, cell] >= GOAL).any())
    if point is None:
        assert not possible
        because = list(lifting.in_the_way(cell, GOAL))
        assert not movable[because].any()
        freed = movable.copy()
        freed[because] = True
        again = Lifting(
            built,
            values,
            sdc.records(built, inner),
            1.0,
            freed,
            freed.copy(),
            np.ones(built.size),
            time.monotonic() + 60,
        )
        # without them there is a way; none are named only where nothing that is out is in the way
        assert (again.lift(cell, GOAL) is not None) == bool(because)
        return
    place = lifting.moves.place
    rows = lifting.moves.rows
    assert point.values[place[cell]] >= GOAL - 1e-6
    changed = rows[np.abs(point.values - values[rows]) > 1e-6]
    assert movable[changed].all()
    assert lifting.withheld[changed].all()
    # what the lift withheld is enough, by enumeration, wherever the alternative is of whole records
    if point.whole:
        _, cells = sdc.worlds(built, inner, lifting.withheld, 1.0)
        assert (cells[:, cell] >= GOAL).any()


def test_what_sums_allow_and_records_do_not_is_protected_all_the_same() -> None:
    """In a ring of tables the sums between cells let a pattern pass that no records can give."""
    rng = np.random.default_rng(4)
    sent_back = 0
    for _ in range(25):
        built = sdc.system([sdc.flat(name, 3) for name in "abc"], [["a", "b"], ["b", "c"], ["a", "c"]])
        inner = rng.poisson(0.9, 27)
        values = sdc.truth(built, inner)
        found = protect_system(built, values, Rule(threshold=3), records=sdc.records(built, inner))
        assert found.safe or found.impossible
        sent_back += found.rounds > 1
    assert sent_back  # otherwise nothing was tried
