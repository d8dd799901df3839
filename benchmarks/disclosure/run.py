"""Compare methods of disclosure control on seeded instances, and write the table of results.

``python benchmarks/disclosure/run.py --peers PYTHON [--only S:1 …] [--out RESULTS.md]``

``--peers`` is the interpreter of another environment that has pytauargus. Every method gets the same instance. What a
peer withholds in one table counts as withheld wherever the cell is shown, which favours the peer: whoever protects
tables one by one can publish in the second what is withheld in the first. The judge is a linear programme over the full
cross (``judge.py``), which shares nothing with our audit, and which is asked to the end on every instance.
GaussSuppression is not run: neither it nor its sources can be reached from here, and an adapter that was never run
would show nothing.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import judge
from instances import Hierarchy, Instance, instance

HERE = Path(__file__).parent
K = 5
#: From an instance and its true figures to what is withheld.
Method = Callable[[Instance, dict[tuple[str, ...], int]], "Outcome"]
SUITE = [
    "tiny:1", "tiny:2", "tiny:3", "single:1", "single/1500:1", "mid2d:1", "S:1", "S:2", "S:3", "M:1", "S+quarters:1",
]  # fmt: skip


@dataclass
class Outcome:
    """What a method withheld, in how long; ``said`` where it did not finish, ``note`` what else is to be known."""

    withheld: set[tuple[str, ...]]
    seconds: float
    said: str = ""
    note: str = ""


def lines(each: Hierarchy, depth: int) -> list[str]:
    """A hierarchy down to a level as tau-ARGUS reads it; none where it is flat."""

    def below(parent: str) -> Iterator[str]:
        for code, own in each.parents.items():
            if own == parent and each.level[code] <= depth:
                yield "@" * (each.level[code] - 1) + code
                yield from below(code)

    return list(below("")) if depth > 1 else []


def tau(python: str, found: Instance, method: str, seconds: float) -> Outcome:
    """tau-ARGUS on every table by itself; with quarters, on every table of every period and of the year."""
    started = time.monotonic()
    withheld: set[tuple[str, ...]] = set()
    for table in found.tables:
        periods = ["", *found.hierarchies[-1].leaves] if "quarter" in table else [""]
        for period in periods:
            columns = found.micro(table)
            own = columns.pop("quarter", None)
            if period and own is not None:
                kept = [place for place, code in enumerate(own) if code == period]
                columns = {name: [codes[place] for place in kept] for name, codes in columns.items()}
            cells, said = tau_once(python, found, table, columns, method, seconds)
            if said:
                return Outcome(set(), time.monotonic() - started, said)
            for cell in cells:
                named = {**cell, **({"quarter": period} if period else {})}
                withheld.add(tuple(named.get(each.name, "_T") for each in found.hierarchies))
    return Outcome(withheld, time.monotonic() - started)


def tau_once(
    python: str, found: Instance, table: dict[str, int], columns: dict[str, list[str]], method: str, seconds: float
) -> tuple[list[dict[str, str]], str]:
    """One table in a process and a folder of its own."""
    hierarchies = {each.name: lines(each, table[each.name]) for each in found.hierarchies if each.name in columns}
    task = {"columns": columns, "hierarchies": hierarchies, "method": method, "k": K, "percent": 20}
    folder = Path(tempfile.mkdtemp(prefix="tau-"))
    try:
        done = subprocess.run(
            [python, str(HERE / "tauargus_worker.py")],
            input=json.dumps(task),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode or not (folder / "result.json").exists():
            return [], f"ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"
        cells = json.loads((folder / "result.json").read_text())["withheld"]
        return [{name: "_T" if code in {"Total", ""} else code for name, code in cell.items()} for cell in cells], ""
    except subprocess.TimeoutExpired:
        return [], f"not finished in {seconds:.0f} s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def primary_only(_found: Instance, truth: dict[tuple[str, ...], int]) -> Outcome:
    return Outcome({key for key, count in truth.items() if 0 < count < K}, 0.0)


def ours(found: Instance, seconds: float, promise: str = "threshold") -> Outcome:
    """Our protector over all tables and periods at once."""
    from thassist.disclosure.attack import Records
    from thassist.disclosure.protect import protect_system
    from thassist.disclosure.rule import Rule

    started = time.monotonic()
    system = found.system()
    values = np.asarray(system.count(0, found.records), float)
    rule = Rule(threshold=K, protect_seconds=seconds, audit_seconds=seconds, promise=promise)
    kinds, how_many = np.unique(found.records, axis=0, return_counts=True)
    protection = protect_system(system, values, rule, records={0: Records(kinds, how_many)})
    taken = time.monotonic() - started
    withheld = {system.name(int(cell))[1:] for cell in np.flatnonzero(protection.withheld)}
    refused = promise == "threshold" and not protection.safe
    why = (
        " (refused by our audit: not to be published)" if protection.in_time else " (out of time: not to be published)"
    )
    return Outcome(withheld, taken, note=why * refused)


def parse(name: str) -> Instance:
    """``S:1``; ``single/1500:1`` has 1,500 records; ``S+quarters:1`` four quarters and the year."""
    size, _, seed = name.partition(":")
    size, _, records = size.partition("/")
    if size.endswith("+quarters"):
        return instance(size.removesuffix("+quarters"), int(seed), records=4000, quarters=True)
    return instance(size, int(seed), records=int(records or 0))


def rows_of(name: str, methods: dict[str, Method], seconds: float) -> Iterator[str]:
    found = parse(name)
    cells, matrix = judge.cross(found)
    inner = judge.counts(found)
    truth = np.asarray(matrix @ inner).astype(int)
    told = {key: int(truth[place]) for key, place in cells.items()}
    primaries = int(np.sum((truth > 0) & (truth < K)))
    first = f"{name}: {len(cells)} cells, {primaries} small"
    for label, method in methods.items():
        outcome = method(found, told)
        if outcome.said:
            yield f"| {first} | {label} | {outcome.seconds:.1f} | – | – | {outcome.said} | – | – | – | – |"
            continue
        withheld = np.zeros(len(cells), bool)
        unknown = 0
        for key in outcome.withheld:
            if key in cells:
                withheld[cells[key]] = True
            else:
                unknown += 1
        missing = int(np.sum((truth > 0) & (truth < K) & ~withheld))
        secondary = withheld & ~((truth > 0) & (truth < K))
        judged = [judge.judge(matrix, inner, withheld, K, least, seconds) for least in (1, 0)]
        judged.append(judge.insiders(matrix, inner, withheld, K, seconds))
        exact = [f"{each.exact}" + ("" if each.finished else f" of {each.asked} asked") for each in judged]
        inside = f"{len(judged[2].found - judged[0].found)}" + ("" if judged[2].finished else " (not finished)")
        note = (
            outcome.note + f" ({unknown} cells not known)" * bool(unknown) + f" ({missing} small shown)" * bool(missing)
        )
        loss = f"{int(secondary.sum())} | {int(truth[secondary].sum())}"
        yield (
            f"| {first} | {label}{note} | {outcome.seconds:.1f} | {loss} "
            f"| {exact[0]} | {exact[1]} | {judged[0].small} | {inside} | {sum(each.seconds for each in judged):.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="", help="interpreter of an environment with pytauargus")
    parser.add_argument("--only", nargs="*", default=SUITE)
    parser.add_argument("--methods", nargs="*", default=[])
    parser.add_argument("--limit", type=float, default=120.0, help="seconds a run of one peer on one table, or of ours")
    parser.add_argument("--judge", type=float, default=900.0, help="seconds of the judge, per attacker")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    methods: dict[str, Method] = {"small cells only": primary_only}
    if chosen.peers:
        methods["tau-ARGUS OPT, per table"] = lambda found, _: tau(chosen.peers, found, "OPT", chosen.limit)
        methods["tau-ARGUS MOD, per table"] = lambda found, _: tau(chosen.peers, found, "MOD", chosen.limit)
    if find_spec("thassist.disclosure.protect"):
        methods["thassist, all at once"] = lambda found, _: ours(found, chosen.limit)
    else:
        print("our protector is not there", file=sys.stderr)
    if chosen.methods:
        methods = {label: method for label, method in methods.items() if any(part in label for part in chosen.methods)}
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    head = [
        f"{machine}, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC",
        "",
        (
            "| Instance | Method | s | Secondary | Units in them | Exact, rules known | Exact, not known "
            "| Provably < 5 | Insiders, further | Judge, s |"
        ),
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(head), flush=True)
    table = []
    for name in chosen.only:
        for row in rows_of(name, methods, chosen.judge):
            table.append(row)
            print(row, flush=True)
    if chosen.out:
        chosen.out.write_text("\n".join([*head, *table]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
