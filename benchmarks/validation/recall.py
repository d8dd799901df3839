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
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

sys.path.insert(0, str(Path(__file__).parent))

from filekinds import FILE_KINDS, Book, FileKind, Slip
from kinds import KINDS, Desk, Kind

import thassist
from thassist.duplicates.linkage import candidates
from thassist.errors import UnreadableInput
from thassist.intake.deliver import Delivery, validate
from thassist.intake.template import write_workbook
from thassist.records.dataset import TABLE_NAMES, Dataset, fields, references, way_to_person
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


# --- files ---


def workbook_of(clean: Dataset, persons: int, path: Path) -> None:
    """A real workbook of some of the persons who have a stay, and of all that belongs to them."""
    stays = clean.frames["episode"]
    kept = set(sorted(stays.loc[stays["exit_date"].notna(), "person_id"].unique())[:persons])
    ties = clean.frames["family_link"]
    for _ in range(3):  # families stay together
        near = ties["person_id"].isin(kept) | ties["related_person_id"].isin(kept)
        kept |= set(ties.loc[near, "person_id"]) | set(ties.loc[near, "related_person_id"])
    frames: dict[str, pd.DataFrame] = {}
    for table in TABLE_NAMES:
        frame = clean.frames[table]
        for field, parent, key in references(table)[:1]:
            known = kept if parent == "person" else set(frames[parent][key])
            frame = frame[frame[field].isin(known)]
        frames[table] = frame[frame["person_id"].isin(kept)] if table == "person" else frame
    called = set(frames["referral"]["contact_id"].dropna())
    frames["contact"] = frames["contact"][frames["contact"]["contact_id"].isin(called)]
    write_workbook(Dataset({name: frame.reset_index(drop=True) for name, frame in frames.items()}), path, "en")


def _place(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.sheet, finding.row, finding.header


def _cells(delivery: Delivery) -> dict[tuple[str, int, str], object]:
    """Sheet, row and field → what was read."""
    found = {}
    for table, frame in delivery.dataset.frames.items():
        source = delivery.dataset.sources.get(table)
        if source is not None:
            for record in frame.to_dict("records"):
                found.update({(source.sheet, record["_row"], str(name)): value for name, value in record.items()})
    return found


def in_file(kind: FileKind, path: Path, before: Delivery, seed: int, count: int) -> tuple[int, int, int, Counter[str]]:
    """How many errors were planted, found, and understood without a finding; and by which rules they were found."""
    book = Book(load_workbook(path), seed, count)
    kind.plant(book)
    changed = path.with_name("changed.xlsx")
    book.book.save(changed)
    try:
        delivery = validate(changed, lang="en", today=TODAY)
    except UnreadableInput as error:
        return len(book.slips), len(book.slips), 0, Counter([error.code])
    known = Counter(map(_place, before.findings))
    new = []
    for finding in delivery.findings:
        if known[_place(finding)] > 0:
            known[_place(finding)] -= 1
        else:
            new.append(finding)
    same = delivery.dataset.count() == before.dataset.count() and (
        Counter(one.code for one in delivery.findings) == Counter(one.code for one in before.findings)
    )
    was, now = _cells(before), _cells(delivery)
    hit = understood = 0
    rules = Counter[str]()
    for slip in book.slips:
        own = {one.code for one in new if _stands(one, slip)}
        right = same
        if slip.field:
            cells = [(slip.sheet, row, slip.field) for row in slip.rows]
            right = all(cell in now and now[cell] == was[cell] for cell in cells)
        if own and not (kind.harmless and right):
            hit += 1
            rules.update(own)
        elif right:
            understood += 1
    return len(book.slips), hit, understood, rules


def _stands(finding: Finding, slip: Slip) -> bool:
    """Whether a finding speaks of an error: at its rows, at a cell related to them, or at the whole sheet or file."""
    if finding.sheet in {slip.sheet, ""} and (finding.row in slip.rows or (finding.row <= 1 and 0 in slip.rows)):
        return True
    related = [re.fullmatch(r"(.+)!\$?[A-Z]+\$?(\d+)", cell) for cell in finding.related]
    return any(cell and cell[1] == slip.sheet and int(cell[2]) in slip.rows for cell in related)


def files(clean: Dataset, seed: int, count: int) -> list[str]:
    """The report on errors in files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.xlsx"
        workbook_of(clean, 60, path)
        before = validate(path, lang="en", today=TODAY)
        lines = [
            (
                f"A workbook of {len(before.dataset.frames['person'])} persons and {before.dataset.count()} records, "
                f"written by the project, changed with openpyxl and read by `thassist validate`; "
                f"{errors(before.findings)} errors before."
            ),
            "",
            "| Kind | What happened | Planted | Found | Read as meant | Lost | Findings |",
            "|---|---|---:|---:|---:|---:|---|",
        ]
        lost = []
        for kind in FILE_KINDS:
            planted, hit, right, rules = in_file(kind, path, before, seed, count)
            named = ", ".join(rule for rule, _ in rules.most_common(4))
            gone = planted - hit - right
            lines.append(f"| `{kind.id}` | {kind.about} | {planted} | {hit} | {right} | {gone} | {named} |")
            print(lines[-1], flush=True)
            if gone or not planted:
                lost.append(f"`{kind.id}`: {gone} of {planted}")
    lines += ["", f"Kinds: {len(FILE_KINDS)}; without any loss: {len(FILE_KINDS) - len(lost)}."]
    return [*lines, f"Lost: {', '.join(lost)}."] if lost else lines


def paired(clean: Dataset, seed: int, count: int) -> str:
    """What the list of possible duplicates finds of persons entered twice."""
    said = []
    for kind in KINDS:
        if not kind.id.startswith("person_twice"):
            continue
        desk = Desk(clean, seed, count)
        kind.plant(desk)
        pairs = {frozenset((one.person, one.other)) for one in candidates(desk.dataset())}
        people = desk.frames["person"]["person_id"]
        wanted = [
            frozenset(people[label] for table, label in group if table == "person" and label in people.index)
            for group in desk.groups
        ]
        said.append(f"`{kind.id}` {sum(pair in pairs for pair in wanted)} of {len(wanted)}")
    before = len(candidates(clean))
    return f"`thassist duplicates list` finds of these: {', '.join(said)} (pairs in the clean records: {before})."


def multiplied(clean: Dataset, persons: int) -> Dataset:
    """The clean records again and again under new keys, until there are so many persons."""
    copies = -(-persons // len(clean.frames["person"]))
    frames = {}
    for table, frame in clean.frames.items():
        names = [column.name for column in fields(table) if column.name in _KEYS or column.name.endswith("_id")]
        names = [name for name in names if name in frame]
        parts = []
        of_an_office = table not in {"person", "contact"} and not way_to_person(table)
        for copy in range(1 if of_an_office else copies):
            part = frame.copy()
            for name in names:
                part[name] = part[name].map(lambda key, copy=copy: key if key is None else f"{key}k{copy}")
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
    lines += ["", paired(clean, given.seed, given.count)]
    should = [kind for kind in KINDS if kind.breaks]
    lines += ["", f"Kinds that break a rule: {len(should)}; found completely: {len(should) - len(missed)}."]
    lines += [f"Not found completely: {', '.join(missed)}."] if missed else []
    lines += ["", "### In files", "", *files(clean, given.seed, given.count), "", "### Clean records"]
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
