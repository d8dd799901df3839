"""Who is counted, and by what: the units of tables over one population, as the tables' own queries place them.

Tables that count the same units (persons, referrals) are one population, whatever places them in time: who was admitted
in a year, who was registered as a victim in it, who was present at its end, are the same persons. *Membership* is a
variable: its leaves are the combinations of what a unit counts in (which condition, by which date, in which period)
that occur, and every table in every period is a node on it. So a person is one record, and two figures that differ by
one person differ by a leaf.

Each unit has, by column of the views, its codes in every classification that a table uses (:mod:`axes`). Several
answers of one unit are one leaf, the set of its answers. Only values and combinations of memberships that occur become
leaves: whoever attacks is assumed to know which occur at all, which is more than there is to know.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from thassist.dates import Period
from thassist.disclosure.axes import Axis, Codes, Content, Shared, Source, Story, Told, Variant, at, story, variant
from thassist.disclosure.variables import BoolArray
from thassist.errors import InvalidDefinition
from thassist.tables.bench import Bench
from thassist.tables.model import Dimension, Measure, TableSpec
from thassist.tables.query import TableQuery
from thassist.tables.views import view

MEMBER = "member"
#: A condition of a table: its view and place in time, the condition, its parameters.
Face: TypeAlias = tuple[Source, str, tuple[tuple[str, int], ...]]

_COUNTS = ("count_distinct", "count", "share", "rate", "proportion")
#: So many units of a condition must be expected to have a value before their absence means that they cannot.
_EXPECTED = 1.0


@dataclass(frozen=True)
class Asked:
    """A table and the periods that it shows."""

    spec: TableSpec
    periods: tuple[Period, ...]


def population_of(spec: TableSpec) -> tuple[str, ...]:
    """What tables must have in common to count the same units: the reporting system, and what tells units apart.

    Raises:
        InvalidDefinition: the figures of the table are no counts of units that can be told apart.
    """
    source = view(spec.population.view)
    unit = spec.measure.field if spec.measure.function != "count" else ""
    if spec.measure.function not in _COUNTS or not (unit or _key(spec)):
        raise InvalidDefinition("public.no_count", table=spec.id, function=spec.measure.function)
    return (source.reporting_system, unit or f"{spec.population.view}/{_key(spec)}")


def source_of(spec: TableSpec) -> Source:
    """The view of a table, and what places its rows in time."""
    return spec.population.view, (spec.time.reference, str(spec.time.horizon), *spec.time.columns)


def _key(spec: TableSpec) -> str:
    columns = view(spec.population.view).columns.values()
    return next((column.name for column in columns if column.type == "key"), "")


def faces(spec: TableSpec) -> tuple[Face, ...]:
    """The conditions under which a table counts: its population; of a share also those who meet its condition."""
    where, given = spec.population.where, tuple(sorted(spec.parameters.items()))
    found = [(source_of(spec), where, given if where else ())]
    if spec.measure.where:
        met = f"({where}) AND ({spec.measure.where})" if where else spec.measure.where
        found.append((source_of(spec), met, given))
    return tuple(found)


@dataclass
class Counted:
    """The units of one population.

    Attributes:
        axes: the variables by name, membership first.
        records: one row a unit: its leaf on each axis, in their order.
        context: the same, without membership, of all units that were looked at: which combinations occur at all.
        barred: axis → memberships × leaves that cannot be together.
        open: axis → memberships × leaves that can be together and of which some table tells.
        told: axis → which rows of the context are of units that count, ever, where some table tells its codes.
        held: source and variant → the axis that holds it (its name with the period where there is one a period), the
            slot in the axis's values, and the place in a content.
        periods: by source, its periods in the order of time.
        members: condition and period → the memberships in which a unit counts there.
    """

    axes: dict[str, Axis]
    records: list[tuple[int, ...]] = field(default_factory=list, repr=False)
    context: list[tuple[int, ...]] = field(default_factory=list, repr=False)
    barred: dict[str, BoolArray] = field(default_factory=dict, repr=False)
    open: dict[str, BoolArray] = field(default_factory=dict, repr=False)
    told: dict[str, BoolArray] = field(default_factory=dict, repr=False)
    held: dict[tuple[Source, Variant], dict[str, tuple[str, int, int]]] = field(default_factory=dict)
    periods: dict[Source, list[str]] = field(default_factory=dict)
    members: dict[tuple[Face, str], frozenset[int]] = field(default_factory=dict, repr=False)
    _nodes: dict[tuple[object, ...], str] = field(default_factory=dict, repr=False)

    def member(self, face: Face, period: str) -> str:
        """The node of those who count under a condition in a period; empty where nobody does."""
        return self.axes[MEMBER].node(self.members.get((face, period), frozenset()))

    def node(self, source: Source, period: str, codes: Iterable[tuple[Variant, str]]) -> dict[str, str]:
        """Axis → node of the given codes of one table in a period; an empty node where no unit ever had them."""
        wanted: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for each, code in codes:
            held = self.held[source, each]
            name, slot, place = held.get(period) or held[""]
            wanted[name].append((slot, place, code))
        found = {}
        for name, pairs in wanted.items():
            key = (name, source, period, *pairs)
            if key not in self._nodes:
                self._nodes[key] = self._node(name, self.periods[source], period, pairs)
            found[name] = self._nodes[key]
        return found

    def _node(self, name: str, order: list[str], period: str, pairs: Sequence[tuple[int, int, str]]) -> str:
        axis, covered = self.axes[name], []
        for value, leaf in axis.values.items():
            told = value[pairs[0][0]]  # type: ignore[index]
            if told is None:
                continue
            content = at(told, period, order)
            if name.startswith("*"):
                hit = any(all(code in row[place] for _, place, code in pairs) for row in content)  # type: ignore[index]
            else:
                hit = all(code in at(value[slot], period, order)[place] for slot, place, code in pairs)  # type: ignore[index, operator]
            if hit:
                covered.append(leaf)
        return axis.node(frozenset(covered))


def counted(tables: Sequence[Asked], opened: Bench, context: Sequence[Period] = ()) -> Counted:
    """The units of tables over one population.

    Args:
        tables: tables of which :func:`population_of` is the same.
        opened: where the views lie.
        context: further periods, from which is learnt which combinations occur at all.

    Raises:
        InvalidDefinition: what units say changes so much that periods that overlap cannot be tied to each other.
    """
    seen = _Seen(tables, opened, context)
    found = Counted({MEMBER: Axis(MEMBER)}, periods=seen.order)
    shared = [Shared(name, slots) for name, slots in seen.columns()]
    values = []
    for each in shared:
        found.axes[each.name] = Axis(each.name)
        values.append(each.values())
        for slot, told in enumerate(each.slots):
            for one, place in told.places.items():
                found.held.setdefault((told.source, one), {})[told.period] = (each.name, slot, place)
    rows = []
    for unit in seen.ever:
        member = tuple(sorted(seen.member.get(unit, ())))
        rows.append(
            (member, tuple(known.get(unit, (None,) * len(s.slots)) for known, s in zip(values, shared, strict=True)))
        )
    axes = [found.axes[each.name] for each in shared]
    numbered = []
    for unit, (member, own) in sorted(zip(seen.ever, rows, strict=True), key=lambda each: repr(each[1])):
        leaves = tuple(axis.leaf(value) for axis, value in zip(axes, own, strict=True))
        numbered.append((unit, leaves))
        found.context.append(leaves)
        if member:
            found.records.append((found.axes[MEMBER].leaf(member), *leaves))
    covered: dict[tuple[Face, str], set[int]] = defaultdict(set)
    for pairs, leaf in found.axes[MEMBER].values.items():
        for pair in pairs:  # type: ignore[attr-defined]
            covered[pair].add(leaf)
    found.members = {pair: frozenset(leaves) for pair, leaves in covered.items()}
    shown, telling = _shown(found, tables)
    for place, each in enumerate(shared):
        barred = _barred(found, each, place, numbered, seen)
        found.barred[each.name], found.open[each.name] = barred, ~barred & shown[each.name][:, None]
        found.told[each.name] = np.array(
            [not seen.ever[unit].isdisjoint(telling[each.name]) for unit, _ in numbered], np.bool_
        )
    return found


def _shown(found: Counted, tables: Sequence[Asked]) -> tuple[dict[str, BoolArray], dict[str, set[Face]]]:
    """Axis → the memberships, and the conditions, of which some table tells its codes."""
    telling: dict[str, set[Face]] = {name: set() for name in found.axes}
    shown = {name: np.zeros(len(found.axes[MEMBER].values), bool) for name in found.axes}
    for each in tables:
        for face in faces(each.spec):
            for period in each.periods:
                covered = sorted(found.members.get((face, period.code), ()))
                for dimension in each.spec.dimensions:
                    held = found.held[face[0], variant(dimension)]
                    name = (held.get(period.code) or held[""])[0]
                    shown[name][covered] = True
                    telling[name].add(face)
    return shown, telling


def _barred(
    found: Counted,
    shared: Shared,
    place: int,
    numbered: Sequence[tuple[object, tuple[int, ...]]],
    seen: "_Seen",
) -> BoolArray:
    """Memberships × leaves of one axis that cannot be together.

    Whoever counts in a view has something to say in its columns; and a condition that should be met by some of those
    with a value, and is met by none of them in all the records, excludes it.
    """
    axis = found.axes[shared.name]
    every = sorted({face for faces_ in seen.ever.values() for face in faces_})
    met = np.zeros((len(every), len(axis.values)))
    by_leaf, by_face = np.zeros(len(axis.values)), np.zeros(len(every))
    number = {face: row for row, face in enumerate(every)}
    for unit, leaves in numbered:
        own = [number[face] for face in seen.ever[unit]]
        met[own, leaves[place]] += 1
        by_face[own] += 1
        by_leaf[leaves[place]] += 1
    never = (met == 0) & (np.outer(by_face, by_leaf) / max(1, len(numbered)) >= _EXPECTED)
    silent = np.array([[told is None for told in value] for value in axis.values], np.bool_)  # type: ignore[attr-defined]
    silent = silent.reshape(len(axis.values), len(shared.slots))
    members = found.axes[MEMBER]
    barred = np.zeros((len(members.values), len(axis.values)), bool)
    for member, leaf in members.values.items():
        for face, period in member:  # type: ignore[attr-defined]
            barred[leaf] |= never[number[face]]
            for slot, told in enumerate(shared.slots):
                if told.source == face[0] and told.period in {"", period}:
                    barred[leaf] |= silent[:, slot]
    return barred


class _Seen:
    """What the queries of the tables say of units.

    Attributes:
        order: by source, the periods that are shown, in the order of time.
        member: unit → what it counts in: (condition, period) of those that are shown.
        ever: unit → the conditions that it meets in any period, shown or not.
    """

    def __init__(self, tables: Sequence[Asked], opened: Bench, context: Sequence[Period]) -> None:
        self._variants: dict[Source, list[tuple[Variant, Dimension]]] = {}
        self._several: set[tuple[Source, Variant]] = set()
        self._rows: dict[Source, dict[object, dict[str, set[tuple[Codes, ...]]]]] = {}
        every: dict[Face, TableSpec] = {}
        asked: dict[Face, set[Period]] = defaultdict(set)
        spans: dict[Source, set[Period]] = defaultdict(set)
        for each in tables:
            source = source_of(each.spec)
            known = self._variants.setdefault(source, [])
            spans[source] |= set(each.periods)
            for dimension in each.spec.dimensions:
                one = variant(dimension)
                if one not in [other for other, _ in known]:
                    known.append((one, dimension))
                if dimension.multiple:
                    self._several.add((source, one))
            for face in faces(each.spec):
                every.setdefault(face, each.spec)
                asked[face] |= set(each.periods)
        self._spans = {source: sorted(found, key=_when) for source, found in spans.items()}
        self.order = {source: [period.code for period in found] for source, found in self._spans.items()}
        self.member: dict[object, set[tuple[Face, str]]] = defaultdict(set)
        self.ever: dict[object, set[Face]] = defaultdict(set)
        for source in self._variants:
            self._rows[source] = defaultdict(lambda: defaultdict(set))
        for face in sorted(every):
            shown = {period.code for period in asked[face]}
            looked = sorted(asked[face] | set(context), key=_when)
            dimensions = [dimension for _, dimension in self._variants[face[0]]]
            for unit, period, codes in _members(face, every[face], dimensions, looked, opened):
                self.ever[unit].add(face)
                self._rows[face[0]][unit][period].add(codes)
                if period in shown:
                    self.member[unit].add((face, period))
        self._find_several()

    def _find_several(self) -> None:
        """Columns in which some unit says several things at once, whatever their definition says."""
        for source, own in self._variants.items():
            for place, (one, _) in enumerate(own):
                if any(
                    len({row[place] for row in rows}) > 1
                    for told in self._rows[source].values()
                    for rows in told.values()
                ):
                    self._several.add((source, one))

    def columns(self) -> list[tuple[str, list[Told]]]:
        """The axes: name and slots."""
        found: list[Shared] = []
        for source, own in self._variants.items():
            answers = [place for place, (one, _) in enumerate(own) if (source, one) in self._several]
            if answers:
                places = {own[place][0]: number for number, place in enumerate(answers)}
                self._add(found, Told(source, "", frozenset(), places, self._stories(source, answers, several=True)))
            for column in dict.fromkeys(one[0] for place, (one, _) in enumerate(own) if place not in answers):
                mine = [place for place, (one, _) in enumerate(own) if one[0] == column and place not in answers]
                places = {own[place][0]: number for number, place in enumerate(mine)}
                kinds = _kinds(source[0], column)
                self._add(found, Told(source, column, kinds, places, self._stories(source, mine, several=False)))
        return [(each.name, each.slots) for each in found]

    def _add(self, found: list[Shared], told: Told) -> None:
        parts = told.by_period(self.order[told.source])
        if len(parts) > 1:
            self._refuse_overlap(told.source)
        for part in parts:
            shared = next((each for each in found if part.column and each.takes(part)), None)
            if shared is not None:
                shared.slots.append(part)
                continue
            name = part.column or f"*{part.source[0]}"
            name = f"{name}@{part.period}" if part.period else name
            taken = {each.name for each in found}
            while name in taken:
                name += "'"
            found.append(Shared(name, [part]))

    def _refuse_overlap(self, source: Source) -> None:
        spans = self._spans[source]
        if any(one.end >= other.start for place, one in enumerate(spans) for other in spans[place + 1 :]):
            raise InvalidDefinition("public.overlap", table=source[0])

    def _stories(self, source: Source, places: Sequence[int], *, several: bool) -> dict[object, Story]:
        order, found = self.order[source], {}
        for unit, told in self._rows[source].items():
            contents: dict[str, Content] = {}
            for period, rows in told.items():
                kept = sorted({tuple(row[place] for place in places) for row in rows})
                contents[period] = tuple(kept) if several else kept[0]
            found[unit] = story(contents, order)
        return found


def _when(period: Period) -> tuple[object, object]:
    return period.end, period.start


def _kinds(view_id: str, column: str) -> frozenset[str]:
    """What a column is: its name, what it is coded by, or that it is a number."""
    known = view(view_id).columns[column]
    found = {f"name {column}"}
    if known.classification:
        found.add(f"codes {known.classification.partition('@')[0]}")
    if known.type == "number":
        found.add("number")
    return frozenset(found)


def _members(
    face: Face, spec: TableSpec, dimensions: Sequence[Dimension], periods: Sequence[Period], opened: Bench
) -> Iterable[tuple[object, str, tuple[Codes, ...]]]:
    _source, where, given = face
    unit = spec.measure.field if spec.measure.function != "count" else _key(spec)
    asked = replace(
        spec,
        population=replace(spec.population, where=where),
        dimensions=tuple(replace(each, id=f"d{place}") for place, each in enumerate(dimensions)),
        measure=Measure("count_distinct", unit, 0),
        margins=((),),
        parameters=dict(given),
    )
    query = TableQuery(asked, periods, opened.relation)
    ends: list[tuple[int, int]] = []
    start = 1
    for columns in query.levels:
        ends.append((start, start + len(columns)))
        start += len(columns)
    for row in opened.engine.rows(query.members([unit])):
        if row[start] is not None:
            codes = tuple(tuple(code for code in row[first:last] if code) for first, last in ends)
            yield row[start], periods[row[0]].code, codes
