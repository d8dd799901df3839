"""How many planted errors the validation finds, by kind, and how many findings clean data have.

    python benchmarks/validation/recall.py [--count 25] [--seed 1] [--clean 100000] [--out FILE.md]

Clean cases are synthetic. Each kind of :mod:`kinds` is planted alone, ``count`` times, and every planted error is
looked for among the findings that the clean records did not have: one at the planted record, its person, or a cell
related to these.
Kinds that leave the data consistent are planted too, and are expected not to be found: they are the list of what
validation cannot do.
"""

import argparse
import datetime as dt
import platform
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from kinds import KINDS, Desk, Kind

import thassist
from thassist.records.dataset import Dataset, fields
from thassist.rules.finding import Finding, Severity, errors
from thassist.rules.runner import run
from thassist.synthetic import generate

TODAY = dt.date(2025, 12, 31)
_KEYS = ("person_id", "related_person_id", "referral_id", "decision_id", "episode_id", "exploitation_id", "contact_id")


def places(finding: Finding) -> set[tuple[str, int]]:
    """The rows that a finding names: its own and those of related cells."""
    related = [re.fullmatch(r"(\w+)!A(\d+)", cell) for cell in finding.related]
    return {(finding.sheet, finding.row - 2), *((cell[1], int(cell[2]) - 2) for cell in related if cell)}


def found(
    clean: Dataset, before: Counter[tuple[object, ...]], kind: Kind, seed: int, count: int
) -> tuple[int, int, Counter[str]]:
    """How many errors were planted and found, and by which rules; what clean records have does not count."""
    desk = Desk(clean, seed, count)
    kind.plant(desk)
    known = Counter(before)
    named: dict[tuple[str, int], set[str]] = {}
    for finding in run(desk.dataset(), "en", today=TODAY):
        if known[finding.code, finding.sheet, finding.row, finding.header] > 0:
            known[finding.code, finding.sheet, finding.row, finding.header] -= 1
            continue
        for place in places(finding):
            named.setdefault(place, set()).add(finding.code)
    hit, rules = 0, Counter[str]()
    for group in desk.groups:
        own = {code for place in group for code in named.get(place, ())}
        hit += bool(own)
        rules.update(own)
    return len(desk.groups), hit, rules


def multiplied(clean: Dataset, persons: int) -> Dataset:
    """The clean records again and again under new keys, until there are so many persons."""
    copies = -(-persons // len(clean.frames["person"]))
    frames = {}
    for table, frame in clean.frames.items():
        names = [column.name for column in fields(table) if column.name in _KEYS or column.name.endswith("_id")]
        names = [name for name in names if name in frame]
        parts = []
        for copy in range(copies):
            part = frame.copy()
            for name in names:
                part[name] = part[name].map(lambda key, copy=copy: key if key is None else f"{key}-{copy}")
            parts.append(part)
        frames[table] = pd.concat(parts, ignore_index=True)
    return Dataset(frames, synthetic=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clean", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    clean = generate(2018, 2024, given.seed)
    untouched = run(Desk(clean, given.seed, 0).dataset(), "en", today=TODAY)
    before = Counter((one.code, one.sheet, one.row, one.header) for one in untouched)
    lines = [
        (
            f"thassist {thassist.__version__}, {platform.platform()}, Python {platform.python_version()}, "
            f"{dt.datetime.now().astimezone().date()}; seed {given.seed}, {given.count} errors a kind, "
            f"{len(clean.frames['person'])} clean persons ({errors(untouched)} errors)."
        ),
        "",
        "| Kind | What happened | Planted | Found | Rules | Can a rule tell? |",
        "|---|---|---:|---:|---|---|",
    ]
    missed = []
    for kind in KINDS:
        planted, hit, rules = found(clean, before, kind, given.seed, given.count)
        named = ", ".join(rule for rule, _ in rules.most_common(4))
        lines.append(f"| `{kind.id}` | {kind.about} | {planted} | {hit} | {named} | {'yes' if kind.breaks else 'no'} |")
        print(lines[-1], flush=True)
        if kind.breaks and (hit < planted or not planted):
            missed.append(f"`{kind.id}`: {hit} of {planted}")
    should = [kind for kind in KINDS if kind.breaks]
    lines += ["", f"Kinds that break a rule: {len(should)}; found completely: {len(should) - len(missed)}."]
    lines += [f"Not found completely: {', '.join(missed)}."] if missed else []
    large = multiplied(clean, given.clean)
    started = time.perf_counter()
    findings = run(large, "en", today=TODAY)
    seconds = time.perf_counter() - started
    wrong = [one for one in findings if one.severity is Severity.ERROR]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    lines += [
        "",
        (
            f"Clean data: {len(large.frames['person'])} persons, {large.count()} records, all rules: "
            f"{len(wrong)} findings of severity error, {len(findings) - len(wrong)} others; {seconds:.1f} s, "
            f"peak memory {memory:.1f} GB."
        ),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
