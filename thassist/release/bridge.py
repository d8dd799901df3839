"""A bridge computed: how many persons lead from one figure to another, and the proof that nobody is left over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from thassist.codes import classification
from thassist.dates import Period
from thassist.errors import InconsistentRelease, InvalidDefinition
from thassist.tables.bench import Source, bench
from thassist.tables.bridges import ADD, REMOVE, UNEXPLAINED, Bridge, End, bridge, bridge_ids
from thassist.tables.compute import compute_all
from thassist.tables.definition import nearest
from thassist.tables.spec import load

#: What a line of a bridge is: one of the two figures, who is in both, or a step.
START, KEPT, END = "start", "kept", "end"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its code, what it is, its persons, and the same by the codes of the dimension shown."""

    code: str
    kind: str
    persons: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A bridge for one period, in reading order; ``parts`` are the codes by which its lines are divided."""

    bridge: Bridge
    period: Period
    parts: tuple[str, ...]
    lines: tuple[Line, ...]

    def persons(self, *kinds: str) -> int:
        """The persons of all lines of some kinds."""
        return sum(line.persons for line in self.lines if line.kind in kinds)

    def labels(self, lang: str) -> tuple[list[str], list[str]]:
        """The lines and the parts in words."""
        steps = classification(self.bridge.classification)
        return [steps.label(line.code, lang) for line in self.lines], [
            self._shown().label(code, lang) for code in self.parts
        ]

    def said(self, lang: str) -> dict[str, Any]:
        """All of it in a language, for a machine."""
        names, parts = self.labels(lang)
        lines = zip(self.lines, names, strict=True)
        return {
            "bridge": self.bridge.id,
            "title": self.bridge.titles[lang],
            "period": self.period.code,
            "start": {"table": self.bridge.start.table, "cell": dict(self.bridge.start.cell)},
            "end": {"table": self.bridge.end.table, "cell": dict(self.bridge.end.cell)},
            "lines": [
                {
                    "code": line.code,
                    "kind": line.kind,
                    "label": name,
                    "persons": line.persons,
                    **({"by": dict(zip(self.parts, line.parts, strict=True))} if line.parts else {}),
                }
                for line, name in lines
            ],
            "parts": dict(zip(self.parts, parts, strict=True)),
        }

    def _shown(self) -> Any:
        table = load(self.bridge.end.table)
        return classification(table.dimension(self.bridge.show[0]).classification)


def between(start: str, end: str) -> Bridge:
    """The bridge of an id (``end`` empty), or the one from a table to another.

    Raises:
        InvalidDefinition: there is none; the nearest is named.
    """
    if not end:
        return bridge(start)
    known = [bridge(name) for name in bridge_ids()]
    for found in sorted(known, key=lambda one: (one.start.months, one.end.months) != (0, 0)):
        if (found.start.table, found.end.table) == (start, end):
            return found
    tables = {table for found in known for table in (found.start.table, found.end.table)}
    near = " → ".join(nearest(name, tables) for name in (start, end))
    raise InvalidDefinition("bridge.no_pair", start=start, end=end, nearest=near)


def account(found: Bridge, snapshot: Source, period: Period) -> Account:
    """Count the persons of every step, and prove that the steps lead from the one figure to the other.

    The steps are sets of persons of the same records, and everybody stands in one. The two figures are counted once
    more by their own tables.

    Raises:
        InconsistentRelease: persons are left over, or a table counts another figure.
        InvalidDefinition: a definition that the bridge names is wrong, or its periods begin in another month.
    """
    if found.begins not in (0, period.start.month):
        example = f"{period.start.year}-{found.begins:02}-01/P1Y"
        raise InvalidDefinition("bridge.not_its_period", id=found.id, period=period.code, example=example)
    shown = classification(load(found.end.table).dimension(found.show[0]).classification) if found.show else None
    counts: dict[tuple[str, str], int] = {}
    with bench(snapshot) as opened:
        part = found.show[0] if found.show else "''"
        rows = opened.engine.rows(
            f"SELECT step, {part}, COUNT(*) FROM {opened.relation(found.id, period)} GROUP BY 1, 2"  # noqa: S608
        )
    for step, code, count in rows:
        counts[step, code] = int(count)
    _explained(found, period, counts)
    parts = tuple(shown.codes) if shown else ()
    kinds = {found.start.code: START, found.kept: KEPT, found.end.code: END}
    kinds |= {step.code: step.kind for step in found.steps}
    leaves = {code: [code] for code in kinds}
    leaves[found.start.code] = [found.kept, *(step.code for step in found.steps if step.kind == REMOVE)]
    leaves[found.end.code] = [found.kept, *(step.code for step in found.steps if step.kind == ADD)]
    order = [found.start.code, *leaves[found.start.code][1:], found.kept, *leaves[found.end.code][1:], found.end.code]
    lines = []
    for code in order:
        here = {key: count for key, count in counts.items() if key[0] in leaves[code]}
        divided = parts if kinds[code] in (KEPT, ADD, END) else ()
        by = tuple(sum(count for key, count in here.items() if key[1] == part) for part in divided)
        lines.append(Line(code, kinds[code], sum(here.values()), by))
    done = Account(found, period, parts, tuple(lines))
    _agrees(done, snapshot, ((found.start, START), (found.end, END)))
    return done


def _explained(found: Bridge, period: Period, counts: dict[tuple[str, str], int]) -> None:
    left = {
        name: sum(count for (step, _), count in counts.items() if step == code) for code, name in UNEXPLAINED.items()
    }
    if any(left.values()):
        raise InconsistentRelease("bridge.unexplained", id=found.id, period=period.code, **left)


def _agrees(done: Account, snapshot: Source, ends: Sequence[tuple[End, str]]) -> None:
    """The two figures, counted by their own tables in the ordinary way."""
    for end, kind in ends:
        period = done.period.moved(end.months)
        cube = compute_all([load(end.table)], snapshot, period)[0]
        value = cube.value(period.code, **end.cell)
        if value is not None and value != done.persons(kind):
            raise InconsistentRelease(
                "bridge.differs",
                id=done.bridge.id,
                code=end.code,
                table=end.table,
                found=done.persons(kind),
                value=value,
            )
