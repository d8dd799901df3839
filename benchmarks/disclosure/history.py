"""Ten years of the public packages: protected year by year as they go out, then all of it audited at once.

``python benchmarks/disclosure/history.py SNAPSHOTS [--years 2015 2024]``

``SNAPSHOTS`` is the folder that ``thassist freeze`` fills (made-up records of those years). The tables are those of
``national-quarterly-public`` (each quarter) and ``national-annual-public`` (each year). Measured, in seconds of
processor: making the equations, protecting each year's four quarters and the year together, one more quarter when three
are out, and the audit of everything that is out over all years, with nothing offered to it.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from thassist.dates import Period, parse_period
from thassist.disclosure.audit import audit_system
from thassist.disclosure.counted import Asked
from thassist.disclosure.guard import guard
from thassist.disclosure.policy import policy
from thassist.disclosure.rule import Rule
from thassist.disclosure.tables import Joint, figures, joint
from thassist.release.public import context_of
from thassist.release.spec import load
from thassist.snapshot import Snapshot, open_snapshot
from thassist.tables.compute import compute_all, periods_of
from thassist.tables.cube import CellKey
from thassist.tables.spec import load as load_table

PACKAGES = ("national-quarterly-public", "national-annual-public")
COUNTS = {"count", "count_distinct", "share", "rate"}


@contextmanager
def measured(what: str) -> Iterator[None]:
    wall, cpu = time.monotonic(), time.process_time()
    yield
    print(f"{what}: {time.process_time() - cpu:.1f} s of processor, {time.monotonic() - wall:.1f} s", flush=True)


def asked_of(
    packages: dict[str, list[Period]], snapshot: Snapshot
) -> tuple[list[Asked], dict[str, dict[CellKey, float | int | None]]]:
    """The tables of packages in periods, with their figures."""
    asked: list[Asked] = []
    known: dict[str, dict[CellKey, float | int | None]] = {}
    have: set[tuple[str, str]] = set()
    for package, periods in packages.items():
        specs = [load_table(table) for table in load(package).tables]
        for period in periods:
            for spec in specs:
                if spec.measure.function not in COUNTS or spec.time.reference not in {"flow", "cohort", "stock"}:
                    continue
                for each in periods_of(spec, period):
                    if (spec.id, each.code) in have:
                        continue
                    have.add((spec.id, each.code))
                    alone = replace(spec, time=replace(spec.time, frequency=""))
                    (cube,) = compute_all([alone], snapshot, each, first=each)
                    asked.append(Asked(spec, (each,)))
                    known.setdefault(spec.id, {}).update(figures(cube))
    return asked, known


def quarters(year: int) -> list[Period]:
    return [parse_period(f"{year}-Q{number}") for number in range(1, 5)]


def shown_at(one: Joint, pattern: np.ndarray) -> set[tuple[str, CellKey]]:
    """Which figures of a population a pattern withholds."""
    return {
        (table, key)
        for table in one.tables
        for key in one.figures[table]
        if any(cell >= 0 and pattern[cell] for cell in one.cells(one.spec(table), key))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshots", type=Path)
    parser.add_argument("--years", nargs=2, type=int, default=[2015, 2024])
    chosen = parser.parse_args()
    snapshot, rule = open_snapshot(chosen.snapshots, None), Rule.of(policy())
    years = list(range(chosen.years[0], chosen.years[1] + 1))
    context = context_of(years[-1])
    hidden: set[tuple[str, CellKey]] = set()
    refused = 0
    for year in years:
        with measured(f"{year}: figures and equations"):
            asked, known = asked_of({PACKAGES[0]: quarters(year), PACKAGES[1]: [parse_period(str(year))]}, snapshot)
            joints = joint(asked, known, snapshot, context)
        cells = sum(int(one.system.shown.sum()) for one in joints)
        with measured(f"{year}: {len(known)} tables, {cells} cells, {len(joints)} populations: protect and audit"):
            for one in joints:
                nothing = np.zeros(one.system.size, bool)
                found = guard(one, rule, public=nothing, withheld=nothing, must_stay=nothing)
                hidden |= shown_at(one, found.withheld)
                refused += not found.safe
                if year == years[-1]:
                    _one_more(one, found.withheld, rule, f"{year}-Q4", str(year))
    print(f"populations of a year that could not be protected: {refused}")
    with measured("all years: figures and equations"):
        packages = {
            PACKAGES[0]: [each for year in years for each in quarters(year)],
            PACKAGES[1]: [parse_period(str(year)) for year in years],
        }
        asked, known = asked_of(packages, snapshot)
        joints = joint(asked, known, snapshot, context)
    cells = sum(int(one.system.shown.sum()) for one in joints)
    with measured(f"all years: {cells} cells: audit, nothing offered"):
        for one in joints:
            gone = np.zeros(one.system.size, bool)
            for table in one.tables:
                for key in one.figures[table]:
                    if (table, key) in hidden:
                        gone[[cell for cell in one.cells(one.spec(table), key) if cell >= 0]] = True
            gone &= one.system.shown & (one.truth > 0)
            published = np.where(gone | ~one.system.shown, np.nan, one.truth)
            audit = audit_system(one.system, published, gone, rule, truth=one.truth, records=one.records)
            verdicts = {str(verdict): audit.count(verdict) for verdict in {each.verdict for each in audit.findings}}
            print(f"  {'/'.join(one.name)}: safe {audit.safe} {verdicts}, {audit.parts} parts, {audit.seconds:.1f} s")


def _one_more(one: Joint, withheld: np.ndarray, rule: Rule, quarter: str, year: str) -> None:
    """One more quarter when what came before it is out: the year is still to come."""
    later = np.zeros(one.system.size, bool)
    for table in one.tables:
        for key in one.figures[table]:
            if key[0] in {quarter, year}:
                later[[cell for cell in one.cells(one.spec(table), key) if cell >= 0]] = True
    earlier = one.system.shown & ~later & (one.truth > 0)
    nothing = np.zeros(one.system.size, bool)
    started = time.process_time()
    found = guard(one, rule, public=earlier & ~withheld, withheld=earlier & withheld, must_stay=nothing)
    print(f"  {quarter} of {'/'.join(one.name)}: {time.process_time() - started:.1f} s of processor, safe {found.safe}")


if __name__ == "__main__":
    main()
