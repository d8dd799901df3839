"""Many tables over many quarters: what building, the audit's tiers and one more quarter cost.

``python benchmarks/disclosure/national.py [--tables 60] [--quarters 40] [--persons 3000] [--seconds 300]``

Made-up persons (seed 1) over eight variables of the sizes of the national tables, 60 tables of one to three of them,
each quarter and each year. Measured: building the equations, subtraction over everything with only small cells
withheld, into how many parts it falls, and one quarter as it goes out: protected, then audited with what protecting
found. What does not finish in the seconds given is said so.
"""

import argparse
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from thassist.disclosure.attack import Records, link_rows
from thassist.disclosure.audit import audit_system
from thassist.disclosure.equations import BoolArray, Population, System, Variable
from thassist.disclosure.parts import split
from thassist.disclosure.propagate import propagate
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import Rule

#: leaves of each variable: sex, age, form, citizenship, region, referring body, service, decision
SIZES = {"sex": 3, "age": 5, "form": 6, "citizenship": 20, "region": 6, "source": 8, "service": 7, "decision": 4}


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Say how long something took."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    print(f"{what}: {time.process_time() - cpu:.2f} s of processor, {time.monotonic() - wall:.1f} s", flush=True)


def tables(count: int) -> list[tuple[str, ...]]:
    """All single margins, then pairs and threes that stay readable, the smaller first."""
    sets = [c for length in (1, 2, 3) for c in itertools.combinations(SIZES, length)]
    sets.sort(key=lambda names: (len(names) == 3, int(np.prod([SIZES[name] for name in names]))))
    return sets[:count]


def population(count: int, times: list[str]) -> tuple[Population, list[str]]:
    time_ = Variable.periods("time", times)
    kinds = [Variable.groups(name, [f"{name}{n}" for n in range(size)], {}) for name, size in SIZES.items()]
    bare = Population("persons", (*kinds, time_), ())
    codes = {variable.name: variable.codes for variable in kinds}
    blocks = [
        bare.block("_".join(names), {**{name: codes[name] for name in names}, "time": times}) for names in tables(count)
    ]
    return Population("persons", (*kinds, time_), tuple(blocks)), list(time_.codes)


def persons(count: int, quarters: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    columns = []
    for size in SIZES.values():
        weight = 1 / np.arange(1, size + 1)
        columns.append(rng.choice(size, count, p=weight / weight.sum()))
    return np.stack([*columns, rng.integers(0, quarters, count)], 1).astype(np.int64)


def small_only(system: System, truth: np.ndarray) -> BoolArray:
    return np.asarray(system.shown & (truth > 0) & (truth < 5), np.bool_)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=60)
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--persons", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=300.0)
    chosen = parser.parse_args()
    years = range(2014, 2014 + chosen.quarters // 4)
    quarters = [f"{year}-Q{quarter}" for year in years for quarter in range(1, 5)]
    everyone = persons(chosen.persons, len(quarters))
    with measured("build, all periods"):
        found, _ = population(chosen.tables, [*quarters, *map(str, years)])
        system = System.build([found])
    truth = system.count(0, everyone)
    hidden = small_only(system, truth)
    print(
        f"{int(system.shown.sum())} cells, {int((truth[system.shown] > 0).sum())} not zero, {int(hidden.sum())} small"
    )
    low = np.where(hidden, 1.0, np.where(system.shown, truth, 0.0))
    high = np.where(hidden | ~system.shown, np.inf, truth)
    with measured("tier 1 (subtraction) over everything, small cells withheld"):
        bounds = propagate(system.rows, system.low, system.high, low, high)
    exact, below = hidden & (bounds.low == bounds.high), hidden & (bounds.high < 5)
    print(f"  exact {int(exact.sum())}, below 5 {int(below.sum())}")
    with measured("falling apart"):
        parts = split(system, system.shown & (truth > 0), link_rows(system))
    print(f"  {len(parts)} parts, the largest of {max(part.cells.size for part in parts)} cells")
    quarter, _ = population(chosen.tables, quarters[-1:])
    rows = everyone[everyone[:, -1] == len(quarters) - 1].copy()
    rows[:, -1] = 0
    one = System.build([quarter])
    own = one.count(0, rows)
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    known = {0: Records(kinds, counts)}
    rule = Rule(width=3, protect_seconds=chosen.seconds, audit_seconds=chosen.seconds)
    print(f"one quarter: {rows.shape[0]} persons, {int((own[one.shown] > 0).sum())} cells not zero")
    with measured("  protect"):
        done = protect_system(one, own, rule, records=known)
    verdict = "safe" if done.safe else "not finished" if not done.in_time else "not safe"
    print(f"  {verdict}; {done.loss()}; rounds {done.rounds}")
    with measured("  audit with what protecting found"):
        witnesses = done.audit.witnesses if done.audit else ()
        again = audit_system(one, done.published, done.withheld, rule, truth=own, records=known, witnesses=witnesses)
    print(f"  safe {again.safe}, {again.solves} programmes")


if __name__ == "__main__":
    main()
