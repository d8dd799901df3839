"""Who is counted, and by what: the units of tables over one population, as the tables' own queries place them.

Tables that count the same units (persons, referrals) at the same place in time are one population. Each unit has, by
column of the views, its codes in every classification that a table uses: alternative classifications of one column
are one variable. Conditions of tables are a variable too (*scope*): which of them a unit meets. Several answers of one
unit are one leaf, the set of its answers. Only combinations that occur become leaves: whoever attacks is assumed to
know which occur at all.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from thassist.dates import Period
from thassist.disclosure.variables import TOTAL, Variable
from thassist.errors import InvalidDefinition
from thassist.tables.bench import Bench
from thassist.tables.model import Dimension, Measure, TableSpec
from thassist.tables.query import TableQuery
from thassist.tables.views import view

TIME, SCOPE = "time", "scope"
#: How a column is classified: column, classification, correspondences, whether codes above are shown, whether the set
#: of a unit's answers is one code, what becomes of those without a code.
Variant: TypeAlias = tuple[str, str, str, tuple[str, ...], bool, bool, str]
#: A condition of a table, with the table that says it.
Face: TypeAlias = tuple[str, str, tuple[tuple[str, int], ...]]
Codes: TypeAlias = tuple[str, ...]

_COUNTS = ("count_distinct", "count", "share", "rate", "proportion")


@dataclass(frozen=True)
class Asked:
    """A table and the periods that it shows."""

    spec: TableSpec
    periods: tuple[Period, ...]


def variant(dimension: Dimension) -> Variant:
    """How a dimension classifies its column."""
    one = dimension
    return (one.field, one.classification, one.via, one.older, one.parents, one.combined, one.rest)


def population_of(spec: TableSpec) -> tuple[str, ...]:
    """What tables must have in common to count the same units.

    Raises:
        InvalidDefinition: the figures of the table are no counts of units that can be told apart.
    """
    source = view(spec.population.view)
    unit = spec.measure.field if spec.measure.function != "count" else ""
    if spec.measure.function not in _COUNTS or not (unit or _key(spec)):
        raise InvalidDefinition("public.no_count", table=spec.id, function=spec.measure.function)
    own = unit or f"{spec.population.view}/{_key(spec)}"
    return (source.reporting_system, own, spec.time.reference, str(spec.time.horizon), *spec.time.columns)


def _key(spec: TableSpec) -> str:
    columns = view(spec.population.view).columns.values()
    return next((column.name for column in columns if column.type == "key"), "")


def faces(spec: TableSpec) -> tuple[Face, ...]:
    """The conditions under which a table counts: its population; of a share also those who meet its condition."""
    where, given = spec.population.where, tuple(sorted(spec.parameters.items()))
    found = [(spec.population.view, where, given if where else ())]
    if spec.measure.where:
        met = f"({where}) AND ({spec.measure.where})" if where else spec.measure.where
        found.append((spec.population.view, met, given))
    return tuple(found)


@dataclass
class Axis:
    """A variable while it is collected: its values are the leaves, and its nodes are named by the leaves they cover."""

    name: str
    values: dict[Hashable, int] = field(default_factory=dict)
    sets: dict[frozenset[int], str] = field(default_factory=dict)

    def leaf(self, value: Hashable) -> int:
        """The leaf of a value."""
        return self.values.setdefault(value, len(self.values))

    def node(self, leaves: frozenset[int]) -> str:
        """The node that covers these leaves: one name however many tables mean it. Empty where there are none."""
        if not leaves:
            return ""
        if len(leaves) == len(self.values):
            return TOTAL
        if len(leaves) == 1:
            return f"l{min(leaves)}"
        return self.sets.setdefault(leaves, f"n{len(self.sets)}")

    def variable(self) -> Variable:
        """The variable with all nodes asked for so far."""
        leaves = [f"l{number}" for number in range(len(self.values))]
        groups = {name: [f"l{number}" for number in sorted(covered)] for covered, name in self.sets.items()}
        return Variable.groups(self.name, leaves, groups)


@dataclass
class Counted:
    """The units of one population.

    Attributes:
        axes: the variables by name, time and scope first.
        records: one row a unit: its leaf on each axis, in their order.
        context: the same, without time, of all units that were looked at: which combinations occur at all.
        held: variant → the axis that holds it, and its place in the axis's values (-1: rows of several answers).
        rows: of axes of several answers, variant → its place in a row.
    """

    axes: dict[str, Axis]
    records: list[tuple[int, ...]] = field(default_factory=list, repr=False)
    context: list[tuple[int, ...]] = field(default_factory=list, repr=False)
    held: dict[tuple[str, Variant], tuple[str, int]] = field(default_factory=dict)
    rows: dict[tuple[str, Variant], int] = field(default_factory=dict)

    def time(self, period: str) -> str:
        """The node of a period; empty where nobody was counted in it."""
        axis = self.axes[TIME]
        return axis.node(frozenset(leaf for value, leaf in axis.values.items() if period in value))  # type: ignore[operator]

    def scope(self, face: Face) -> str:
        """The node of a condition; empty where nobody meets it."""
        axis = self.axes[SCOPE]
        return axis.node(frozenset(leaf for value, leaf in axis.values.items() if face in value))  # type: ignore[operator]

    def node(self, view_id: str, codes: Iterable[tuple[Variant, str]]) -> dict[str, str]:
        """Axis → node of the given codes of one table; an empty node where no unit ever had them."""
        wanted: dict[str, list[tuple[Variant, str]]] = defaultdict(list)
        for each, code in codes:
            wanted[self.held[view_id, each][0]].append((each, code))
        return {name: self._node(view_id, name, pairs) for name, pairs in wanted.items()}

    def _node(self, view_id: str, name: str, pairs: Sequence[tuple[Variant, str]]) -> str:
        axis = self.axes[name]
        covered = []
        for value, leaf in axis.values.items():
            if name.startswith("*"):
                places = [self.rows[view_id, each] for each, _ in pairs]
                hit = any(
                    all(code in row[place] for place, (_, code) in zip(places, pairs, strict=True))
                    for row in value  # type: ignore[attr-defined]
                )
            else:
                hit = all(code in value[self.held[view_id, each][1]] for each, code in pairs)  # type: ignore[index]
            if hit:
                covered.append(leaf)
        return axis.node(frozenset(covered))


def counted(tables: Sequence[Asked], opened: Bench, context: Sequence[Period] = ()) -> Counted:
    """The units of tables over one population.

    Args:
        tables: tables of which :func:`population_of` is the same.
        opened: where the views lie.
        context: further periods, from which is learnt which combinations occur at all.
    """
    shown = {period for asked in tables for period in asked.periods}
    periods = sorted(shown | set(context), key=lambda each: (each.start, each.end))
    variants: dict[str, list[tuple[Variant, Dimension]]] = defaultdict(list)
    every: dict[Face, TableSpec] = {}
    several: set[tuple[str, Variant]] = set()
    for asked in tables:
        source = asked.spec.population.view
        variants.setdefault(source, [])
        for dimension in asked.spec.dimensions:
            one = variant(dimension)
            if one not in [known for known, _ in variants[source]]:
                variants[source].append((one, dimension))
            if dimension.multiple:
                several.add((source, one))
        for face in faces(asked.spec):
            every.setdefault(face, asked.spec)
    # unit and period → the conditions met, and by view the rows of codes
    met: dict[tuple[object, str], set[Face]] = defaultdict(set)
    rows: dict[str, dict[tuple[object, str], set[tuple[Codes, ...]]]] = {
        source: defaultdict(set) for source in variants
    }
    for face, spec in every.items():
        for unit, period, codes in _members(face, spec, [d for _, d in variants[face[0]]], periods, opened):
            met[unit, period].add(face)
            rows[face[0]][unit, period].add(codes)
    for source, found in rows.items():
        for place, (one, _) in enumerate(variants[source]):
            if any(len({row[place] for row in own}) > 1 for own in found.values()):
                several.add((source, one))
    known = {source: [one for one, _ in pairs] for source, pairs in variants.items()}
    flow = tables[0].spec.time.reference in {"flow", "cohort"}
    return _collected(known, several, met, rows, {period.code for period in shown}, flow=flow)


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


def _collected(
    variants: dict[str, list[Variant]],
    several: set[tuple[str, Variant]],
    met: dict[tuple[object, str], set[Face]],
    rows: dict[str, dict[tuple[object, str], set[tuple[Codes, ...]]]],
    shown: set[str],
    *,
    flow: bool,
) -> Counted:
    found = Counted({TIME: Axis(TIME), SCOPE: Axis(SCOPE)})
    columns = _columns(found, variants, several, rows)
    whole: dict[object, dict[tuple[object, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for (unit, period), conditions in met.items():
        values: tuple[object, ...] = (frozenset(conditions), *(column((unit, period)) for column in columns))
        # whoever counts once counts in a quarter and its year with one record; whoever is open at two days, with two
        whole[unit if flow else (unit, period)][values].add(period)
    axes = [axis for name, axis in found.axes.items() if name != TIME]
    for own in sorted(whole.values(), key=lambda each: sorted(map(repr, each.values()))):
        for values, periods in own.items():
            leaves = tuple(axis.leaf(value) for axis, value in zip(axes, values, strict=True))
            found.context.append(leaves)
            if periods & shown:
                found.records.append((found.axes[TIME].leaf(frozenset(periods & shown)), *leaves))
    return found


def _columns(
    found: Counted,
    variants: dict[str, list[Variant]],
    several: set[tuple[str, Variant]],
    rows: dict[str, dict[tuple[object, str], set[tuple[Codes, ...]]]],
) -> list["_Column"]:
    """What each axis but time and scope reads of a unit; views that agree on a column share its axis."""
    columns: list[_Column] = []
    for source, own in variants.items():
        answers = [place for place, one in enumerate(own) if (source, one) in several]
        if answers:
            name = f"*{source}"
            found.axes[name] = Axis(name)
            columns.append(_Answers([(rows[source], answers)]))
            for row_place, place in enumerate(answers):
                found.held[source, own[place]] = (name, -1)
                found.rows[source, own[place]] = row_place
        for column in dict.fromkeys(one[0] for place, one in enumerate(own) if place not in answers):
            places = [place for place, one in enumerate(own) if one[0] == column and place not in answers]
            mine = [own[place] for place in places]
            shared = next(
                (
                    each
                    for each in columns
                    if isinstance(each, _Single) and each.joins(column, rows[source], places, mine)
                ),
                None,
            )
            if shared is None:
                name = column if column not in found.axes else f"{source}.{column}"
                found.axes[name] = Axis(name)
                shared = _Single(name, column, [], [])
                columns.append(shared)
            shared.take(rows[source], places, mine)
            for one in mine:
                found.held[source, one] = (shared.name, shared.variants.index(one))
    return columns


class _Column(ABC):
    @abstractmethod
    def __call__(self, unit: tuple[object, str]) -> object: ...


@dataclass
class _Answers(_Column):
    """The set of a unit's rows, in the columns of several answers."""

    parts: list[tuple[dict[tuple[object, str], set[tuple[Codes, ...]]], list[int]]]

    def __call__(self, unit: tuple[object, str]) -> object:
        rows, places = self.parts[0]
        return frozenset(tuple(row[place] for place in places) for row in rows.get(unit, ()))


@dataclass
class _Single(_Column):
    """One value a unit, in every classification of one column, from every view that tells the same."""

    name: str
    column: str
    sources: list[tuple[dict[tuple[object, str], set[tuple[Codes, ...]]], list[int], list[Variant]]]
    variants: list[Variant]

    def joins(
        self,
        column: str,
        rows: dict[tuple[object, str], set[tuple[Codes, ...]]],
        places: list[int],
        mine: list[Variant],
    ) -> bool:
        """Whether another view's column of that name says the same of every unit that both know."""
        common = [one for one in mine if one in self.variants]
        if column != self.column or not common:
            return False
        for known, at, own in self.sources:
            for one in common:
                if one not in own:
                    continue
                ours, theirs = at[own.index(one)], places[mine.index(one)]
                for unit, row in rows.items():
                    other = known.get(unit)
                    if other and {each[ours] for each in other} != {each[theirs] for each in row}:
                        return False
        return True

    def take(
        self,
        rows: dict[tuple[object, str], set[tuple[Codes, ...]]],
        places: list[int],
        mine: list[Variant],
    ) -> None:
        self.sources.append((rows, places, mine))
        self.variants += [one for one in mine if one not in self.variants]

    def __call__(self, unit: tuple[object, str]) -> object:
        values: dict[Variant, Codes] = {}
        for rows, places, own in self.sources:
            for row in rows.get(unit, ()):
                for place, one in zip(places, own, strict=True):
                    values[one] = row[place]
        return tuple(values.get(one, ()) for one in self.variants)
