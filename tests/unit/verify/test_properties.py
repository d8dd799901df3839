"""Faults planted in an additive cube are found, and what is called disclosed is: held against exhaustive counting."""

import csv
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from thassist.rules.finding import Finding
from thassist.verify.figures import read
from thassist.verify.profile import parse
from thassist.verify.runner import run

from .conftest import LAYOUT

ROWS, COLUMNS = ("a", "b", "c"), ("x", "y", "z")
CHECKS: list[dict[str, Any]] = [
    {"id": "sums", "kind": "sum", "over": ["*"]},
    {"id": "lone", "kind": "disclosure", "sums": ["sums"], "width": 1},
]
Table = dict[tuple[str, str], Any]


def cube(inner: list[int]) -> Table:
    """A table of three by three with all its margins."""
    cells: Table = dict(zip(product(ROWS, COLUMNS), inner, strict=True))
    for row in ROWS:
        cells[row, "T"] = sum(cells[row, column] for column in COLUMNS)
    for column in (*COLUMNS, "T"):
        cells["All", column] = sum(cells[row, column] for row in ROWS)
    return cells


def found(cells: Table, checks: list[dict[str, Any]]) -> list[Finding]:
    layout = {"columns": {"key": ["region", "sex"], "value": "persons"}, "check": checks}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("region", "sex", "persons"), *((*key, value) for key, value in cells.items())])
        return run(read(path, parse(LAYOUT | layout, "made.toml")), "en").findings


def lines() -> list[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Every total of a three by three table with its parts."""
    across = [((row, "T"), [(row, column) for column in COLUMNS]) for row in (*ROWS, "All")]
    down = [(("All", column), [(row, column) for row in ROWS]) for column in (*COLUMNS, "T")]
    return across + down


inner = st.lists(st.integers(0, 30), min_size=9, max_size=9)


@settings(max_examples=60, deadline=None)
@given(inner, st.lists(st.tuples(st.integers(0, 15), st.integers(1, 9)), max_size=5, unique_by=lambda each: each[0]))
def test_planted_faults_are_found_exactly_where_a_line_no_longer_adds_up(
    numbers: list[int], faults: list[tuple[int, int]]
) -> None:
    cells = cube(numbers)
    names = list(cells)
    for place, much in faults:
        cells[names[place]] += much
    reported = [(each.key or "grand", each.code) for each in found(cells, CHECKS[:1])]
    expected = [
        (
            " · ".join(code for code in total if code not in {"All", "T"}) or "grand",
            "V11" if sum(cells[part] for part in parts) > cells[total] else "V10",
        )
        for total, parts in lines()
        if cells[total] != sum(cells[part] for part in parts)
    ]
    assert sorted(reported) == sorted(expected)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9), st.sets(st.integers(0, 8), max_size=5))
def test_a_cell_called_exact_has_one_value_in_every_table_that_fits(numbers: list[int], extra: set[int]) -> None:
    """Every way to fill the withheld cells is tried: a cell reported as exact must be the same in all of them."""
    cells = cube([max(number, 1) for number in numbers])
    names = list(cells)
    hidden = [name for place, name in enumerate(names[:9]) if cells[name] <= 4 and place in extra]
    shown: Table = {name: "<5" if name in hidden else value for name, value in cells.items()}
    fits = []
    for values in product(range(1, 5), repeat=len(hidden)):
        trial = shown | dict(zip(hidden, values, strict=True))
        if all(trial[total] == sum(trial[part] for part in parts) for total, parts in lines()):
            fits.append(trial)
    single = {name for name in hidden if len({trial[name] for trial in fits}) == 1}
    reported = {tuple(each.key.split(" · ")) for each in found(shown, CHECKS) if each.code == "V18"}
    assert reported <= single
    lone = {name for name in hidden for total, parts in lines() if name in parts and len({*parts} & {*hidden}) == 1}
    assert lone <= reported
