"""Where is the error? The smallest set of fields that must change so that every rule holds (Fellegi and Holt 1976).

For each case in which rules are broken – a record, the records joined to it and those joined to them – the lightest
set of fields is found exactly, with the weights of ``reports/rules/reliability.toml``; where several sets weigh the
same, each is told. Where a value can be worked out that satisfies every rule, it is suggested.

What a mixed-integer program cannot express is not guessed: :func:`coverage` says of each rule whether it is taken as
it is, which of its parts are seen only as true or false, or why it is left out.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from thassist.records.dataset import TABLE_NAMES, Dataset, fields, key_fields
from thassist.rules.catalogue import TODAY, Catalogue, load
from thassist.rules.localise.cases import (
    Built,
    Case,
    Field,
    Row,
    broken_cells,
    build,
    hard_rules,
    rows_of,
    translate,
)
from thassist.rules.localise.mip import Solution
from thassist.rules.localise.near import around
from thassist.rules.localise.suggest import suggestions
from thassist.rules.localise.weights import load as load_weights
from thassist.rules.workspace import Workspace

_ALTERNATIVES = 4
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Suspect:
    """A field that would have to change.

    Attributes:
        table, key, field: which one; for records that are missing or too many, the table and key of the record at which
            that shows, and no field.
        sheet, row, column, header: its place in a delivered file; empty where it was read from the database.
        value: what it holds, only where the field may be echoed.
        suggestion: a value with which every rule holds; empty where none can be told.
        how: how the suggestion was found: ``swapped``, ``day_month``, ``century``, ``year``, ``digits``, ``code``,
            ``only``.
    """

    table: str
    key: str
    field: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    header: str = ""
    value: str = ""
    suggestion: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A case with broken rules and what would have to change.

    Attributes:
        rules: the broken rules.
        sets: the lightest set of fields, and others of the same weight; empty where no change can satisfy all rules.
        weight: their weight.
    """

    rules: tuple[str, ...]
    sets: tuple[tuple[Suspect, ...], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a rule is taken in error localisation.

    Attributes:
        rule: its id.
        kind: ``exact``; ``parts``: the given parts only as true, false or not known; ``cell``: it concerns one cell,
            which is wrong where the rule is broken; ``asks``: it only asks or tells, so that nothing need change;
            ``none``: left out.
        parts: SQL of those parts.
    """

    rule: str
    kind: str
    parts: tuple[str, ...] = ()


def coverage(known: Catalogue | None = None) -> list[Coverage]:
    """How each rule of the catalogue is taken."""
    known = known or load()
    found: list[Coverage] = []
    with Workspace(Dataset({})) as work:
        _prepare(known, work)
        texts = {one.rule.id: one for text in translate(known, work, dt.date(2000, 1, 1)) for one in text.rules}
    for rule in known.rules.values():
        view = known.views[rule.on]
        if rule not in hard_rules(known, view):
            found.append(Coverage(rule.id, "asks"))
        elif rule.id in texts:
            parts = tuple(texts[rule.id].facts.values())
            found.append(Coverage(rule.id, "parts" if parts else "exact", parts))
        else:
            found.append(Coverage(rule.id, "cell" if view.built_in and not view.refers else "none"))
    return found


def locate(
    dataset: Dataset,
    *,
    context: Dataset | None = None,
    today: dt.date | None = None,
    told: Callable[[int, int], None] | None = None,
    least: int = 1,
    most: int | None = None,
) -> list[Location]:
    """Find the error in every case that breaks a rule.

    Args:
        dataset: the records to look at.
        context: records already stored.
        today: the day after which a date lies in the future; the current day where left out.
        told: called after each case with how many are done and how many there are.
        least: leave out cases that break fewer rules: where it is one, its own finding names the cells.
        most: look at so many cases only, the first ones; all where not given.

    Raises:
        InvalidDefinition: a rule, a view or a weight is wrong.
    """
    known, reliability = load(), load_weights()
    day = today or dt.datetime.now().astimezone().date()
    with Workspace(dataset, context) as work:
        _prepare(known, work)
        broken = _broken_records(known, work, day)
    dataset, context = around(broken, dataset, context)
    with Workspace(dataset, context) as work:
        _prepare(known, work)
        work.fetch(_all_places(dataset, context))
        cases = [case for case in _cases(known, work, day) if len(case.broken) >= least]
        writer = _Writer(work, dataset)
        found = []
        for number, case in enumerate(cases[:most], start=1):
            found.append(_located(case, build(case, work, reliability), writer))
            if told:
                told(number, len(cases))
    return found


def _all_places(*datasets: Dataset | None) -> dict[str, range]:
    """The positions of all records."""
    held = [one.frames for one in datasets if one is not None]
    return {table: range(sum(len(frames.get(table, ())) for frames in held)) for table in TABLE_NAMES}


def _prepare(known: Catalogue, work: Workspace) -> None:
    for reference in known.references:
        work.add_reference(reference)
    for name in dict.fromkeys(rule.on for rule in known.rules.values()):
        work.add_view(known.views[name])


def _cases(known: Catalogue, work: Workspace, day: dt.date) -> list[Case]:
    """The cases of a workspace that holds little more than them."""
    parameters = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    rows = [row for text in translate(known, work, day) for row in rows_of(text, work, parameters, broken=False)]
    return _joined(rows, list(broken_cells(known, work, day)))


def _broken_records(known: Catalogue, work: Workspace, day: dt.date) -> set[tuple[str, int]]:
    """The records on which a rule is broken, as table and position."""
    parameters = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    found = {place[:2] for _, places in broken_cells(known, work, day) for place in places}
    for text in translate(known, work, day):
        for row in rows_of(text, work, parameters, broken=True):
            found.update(_places(row))
    return found


def _places(row: Row) -> list[tuple[str, int]]:
    return [(table, place) for name, table in row.text.positions.items() for place in row.places(name)]


def _joined(rows: list[Row], cells: list[tuple[str, frozenset[Field]]]) -> list[Case]:
    """Rows and cells that share a record belong to one case; cases without a broken rule are left out."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def first(place: tuple[str, int]) -> tuple[str, int]:
        while leader.setdefault(place, place) != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    groups = [_places(row) for row in rows] + [[place[:2] for place in places] for _, places in cells]
    for group in groups:
        for place in group[1:]:
            leader[first(place)] = first(group[0])
    cases: dict[tuple[str, int], Case] = {}
    for row in rows:
        case = cases.setdefault(first(_places(row)[0]), Case([], [], []))
        case.rows.append(row)
        case.broken += row.broken
    for rule, places in cells:
        case = cases.setdefault(first(next(iter(places))[:2]), Case([], [], []))
        case.certain.append((rule, places))
        case.broken.append(rule)
    return [replace(case, broken=sorted(set(case.broken))) for case in cases.values() if case.broken]


def _located(case: Case, built: Built, writer: "_Writer") -> Location:
    solutions: list[Solution] = []
    while len(solutions) < _ALTERNATIVES:
        found = built.problem.solve(but_not=[known.fields for known in solutions])
        if found is None or (solutions and found.weight > solutions[0].weight + _SAME):
            break
        solutions.append(found)
    sets = tuple(writer.suspects(built, solution, case) for solution in solutions)
    return Location(tuple(case.broken), sets, solutions[0].weight if solutions else 0.0)


def _quotable(place: Field) -> bool:
    """Whether a field may be quoted: what would be right must not be told of a field that may not be shown."""
    return any(column.name == place[2] and column.info.get("echo") for column in fields(place[0]))


class _Writer:
    """Says which field a variable is, where it stands, and what it could be instead."""

    def __init__(self, work: Workspace, dataset: Dataset) -> None:
        self._work = work
        self._sources = dataset.sources

    def suspects(self, built: Built, solution: Solution, case: Case) -> tuple[Suspect, ...]:
        """The fields of a solution, in the order of their places."""
        offered = suggestions(built, solution)
        rows = {row.id: row for row in case.rows}
        found = {}
        for name in solution.fields:
            place = built.fields[name]
            suspect = self._related(place, rows) if place[1] < 0 else self._suspect(place)
            value, how = offered.get(name, ("", "")) if place[1] >= 0 and _quotable(place) else ("", "")
            found[suspect.table, suspect.key, suspect.field] = replace(suspect, suggestion=value, how=how)
        return tuple(found[place] for place in sorted(found))

    def _related(self, place: Field, rows: dict[str, Row]) -> Suspect:
        row = rows[place[0]]
        own = self._suspect((row.text.view.record, row.places("_pos")[0], key_fields(row.text.view.record)[0]))
        return replace(own, field="", column="", header="", value="")

    def _suspect(self, place: Field) -> Suspect:
        table, position, name = place
        column = next(one for one in fields(table) if one.name == name)
        source = self._sources.get(table)
        row = self._work.row(table, position)
        written = source.columns.get(name) if source and row else None
        key = " / ".join(str(self._work.cell(table, position, part)) for part in key_fields(table))
        value = self._work.cell(table, position, name) if column.info.get("echo") else None
        return Suspect(
            table=table,
            key="" if row else key,
            field=name,
            sheet=source.sheet if source and row else "",
            row=row,
            column=written.letter if written else "",
            header=written.header if written else "",
            value="" if value is None else str(value),
        )
