"""What the comparison of methods rests on: the instances, the independent judge, the drawing of the manual."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "benchmarks" / "disclosure"


def module(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, found)
    spec.loader.exec_module(found)
    return found


@pytest.mark.shared
@pytest.mark.parametrize(
    ("size", "seed", "quarters"), [("tiny", 1, False), ("single", 2, False), ("S", 1, False), ("S", 1, True)]
)
def test_the_instances_are_those_of_the_ground(
    shared: Path, monkeypatch: pytest.MonkeyPatch, size: str, seed: int, quarters: bool
) -> None:
    theirs = module(shared / "design" / "disclosure_instances.py", monkeypatch).random_instance(
        size, seed, period=quarters
    )
    ours = module(HERE / "instances.py", monkeypatch).instance(size, seed, quarters=quarters)
    assert np.array_equal(ours.records, theirs.micro)
    assert [dict(table) for table in ours.tables] == theirs.tables
    system = ours.system()
    shown = np.asarray(system.count(0, ours.records))[np.asarray(system.shown)]
    assert sorted(shown) == sorted(theirs.y)


def test_the_judge_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows, two columns, worked out by hand.

    Inner cells 3 6 / 8 9, all sums printed. With both cells of the first row and of the second withheld, 3 is between 1
    and 8 (row sum 9), so 5 is possible. With the second row printed, the first follows by subtraction.
    """
    judging = module(HERE / "judge.py", monkeypatch)

    rows = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]])
    matrix = sparse.csr_array(np.vstack([np.eye(4), rows]).astype(float))
    inner = np.array([3, 6, 8, 9])
    every = np.array([True] * 4 + [False] * 5)
    first = np.array([True, True] + [False] * 7)
    nothing = np.zeros(9, bool)
    for withheld, exact, small in ((first, 1, 1), (every, 0, 0), (nothing, 1, 1)):
        told = judging.judge(matrix, inner, withheld, 5, 1, 60)
        assert (told.exact, told.small, told.asked, told.finished) == (exact, small, 1, True)
    assert not judging.judge(matrix, inner, first, 5, 1, 0.0).finished


def test_the_judge_plays_insiders(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sum of 1 + 3 + 3 = 7, the parts withheld: outsiders leave each 3 up to 5, who is the 1 knows 6 for both."""
    judging = module(HERE / "judge.py", monkeypatch)
    matrix = sparse.csr_array(np.vstack([np.ones((1, 3)), np.eye(3)]))
    withheld = np.array([False, True, True, True])
    outside = judging.judge(matrix, np.array([1, 3, 3]), withheld, 5, 1, 60)
    assert (outside.exact, outside.small) == (0, 0)
    inside = judging.insiders(matrix, np.array([1, 3, 3]), withheld, 5, 60)
    assert inside.found == set()  # 6 leaves each up to 5
    inside = judging.insiders(matrix, np.array([1, 2, 3]), withheld, 4, 60)
    # of 1 + 2 + 3 = 6, an outsider leaves each up to 4; who is the 1 leaves up to 4 of the other 5, and each of the two
    # in the second cell leaves the third at most 4; but for the first there are at most 6 - 1 - 1 = 4: nothing below 4
    assert inside.found == set()
    inside = judging.insiders(matrix, np.array([1, 2, 2]), withheld, 4, 60)
    assert judging.judge(matrix, np.array([1, 2, 2]), withheld, 4, 1, 60).small == 3  # 5 - 1 - 1
    assert inside.found == {1, 2, 3}


def test_the_judge_agrees_with_one_programme_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same by scipy, every kind of record in it from the start, nothing shared."""
    judging = module(HERE / "judge.py", monkeypatch)
    found = module(HERE / "instances.py", monkeypatch).instance("tiny", 2)
    _, matrix = judging.cross(found)
    inner = judging.counts(found)
    truth = np.asarray(matrix @ inner)
    small = (truth > 0) & (truth < 5)
    some = small | ((truth >= 5) & (truth < 30) & (np.arange(truth.size) % 3 > 0))
    for least in (0, 1):
        fixed = ~some
        ends = []
        for cell in np.flatnonzero(small):
            both = [
                linprog(
                    sign * matrix[[cell]].toarray().ravel(),
                    A_ub=-matrix[some],
                    b_ub=np.full(some.sum(), -float(least)),
                    A_eq=matrix[fixed],
                    b_eq=truth[fixed],
                )
                for sign in (1.0, -1.0)
            ]
            ends.append((np.ceil(both[0].fun - 1e-6), np.floor(-both[1].fun + 1e-6)))
        told = judging.judge(matrix, inner, some, 5, least, 60)
        assert told.exact == sum(low == high for low, high in ends) > 0
        assert told.small == sum(high < 5 for _, high in ends)
        assert told.asked == small.sum() > told.small


def test_rounding_a_linked_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six linked tables at once: additive wherever two of them share a margin."""
    from thassist.disclosure.rounding import round_counts

    found = module(HERE / "instances.py", monkeypatch).instance("S", 1)
    system = found.system()
    counts = np.asarray(system.count(0, found.records)).astype(np.int64)
    for base in (3, 5):
        done = round_counts(
            counts, system.rows, system.low, system.high, base=base, seed=11, shown=np.asarray(system.shown), seconds=60
        )
        assert not np.any(done.values % base)
        sums = system.rows @ done.values
        equal = system.low == system.high
        assert np.array_equal(sums[equal], system.low[equal])
        assert np.all((done.low <= counts) & (counts <= done.high))
        assert np.all(done.values[counts == 0] == 0)


def test_the_drawing_is_as_the_script_draws_it_and_says_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = module(ROOT / "scripts" / "draw_disclosure.py", monkeypatch)
    assert drawn.TARGET.read_text(encoding="utf-8") == drawn.drawing(), "run scripts/draw_disclosure.py"
    # By hand: 3 + 6 = 9 persons share the two withheld cells of the quarter; the year gives 14 - 6 - 5 - 0.
    assert drawn.possible(drawn.ALONE, year=False) == (1, 8)
    assert drawn.possible(drawn.ALONE, year=True) == (3, 3)
    # Planned together: begging in Q1 and Q2 makes 9, and each quarter's pair 9 and 15.
    assert drawn.possible(drawn.TOGETHER, year=True) == (1, 8)
