"""Why figures changed: from the records of two snapshots, without anything of a person leaving this module.

For every changed figure it is asked who stands behind it in the one snapshot and in the other. If what is counted (a
referral, a stay, the person) came or went because its record was entered late or withdrawn, that is the reason. Else it
is the other records of the person that the table's view reads and that differ between the snapshots: one that only the
later has was entered late, one that only the earlier has was withdrawn, one that both have was corrected. Where a
figure changed and nobody came or went (a median), all who stand behind it are looked at.

Where the table's definition changed too, today's definition over the earlier snapshot tells the two apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from thassist.codes import TOTAL
from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, key_fields, way_to_person
from thassist.release.definition import fingerprint
from thassist.release.figures import ReleaseFigures
from thassist.release.lineage import record_tables
from thassist.release.revision import Cause, Change, Reason, Revisions
from thassist.tables.compute import compute
from thassist.tables.cube import CellKey
from thassist.tables.model import TIME, Layout, TableSpec
from thassist.tables.query import TableQuery
from thassist.tables.spec import load as load_table
from thassist.tables.spec import paths_of_specs
from thassist.tables.views import view

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

_PERSON = "person_id"
#: Address → who stands there: the key columns of the view, as column and value; that of the person first.
_Members = dict[CellKey, set[tuple[tuple[str, str], ...]]]


@dataclass(frozen=True)
class _Differing:
    """The records of one table that differ between the snapshots.

    Attributes:
        keys: key of a record → what became of it.
        persons: person → how many of their records came, were corrected or went.
    """

    keys: dict[tuple[Any, ...], Cause]
    persons: dict[str, Counter[Cause]]


_Records = dict[str, _Differing]


def trace(revisions: Revisions, old: "Snapshot", new: "Snapshot", figures: ReleaseFigures) -> Revisions:
    """The revisions with their reasons, as far as today's definitions are those of the later release.

    Args:
        revisions: what :func:`thassist.release.compare.compare` found.
        old: the snapshot behind the earlier release.
        new: the snapshot behind the later one.
        figures: the later release.

    Raises:
        StorageError: a snapshot is missing a file or was changed.
    """
    known = {path.stem for path in paths_of_specs()}
    records: _Records | None = None
    by_table: dict[str, list[Change]] = defaultdict(list)
    for change in revisions.changes:
        by_table[change.table].append(change)
    traced: list[Change] = []
    for table, changes in by_table.items():
        spec = load_table(table) if table in known else None
        if spec is None or fingerprint(spec) != figures.tables[table].definition:
            traced += changes
            continue
        if any(reason.cause is Cause.DEFINITION for change in changes for reason in change.reasons):
            changes = _by_definition(changes, spec, old)  # noqa: PLW2901
        if old.id != new.id:
            records = _differing(old, new) if records is None else records
            changes = _by_records(changes, spec, old, new, records)  # noqa: PLW2901
        traced += changes
    return replace(revisions, changes=tuple(traced))


def _by_definition(changes: Sequence[Change], spec: TableSpec, old: "Snapshot") -> list[Change]:
    """How much of each change today's definition makes over the earlier records."""
    found = []
    for code in dict.fromkeys(change.key[0] for change in changes):
        cube = compute(_single(spec), old, parse_period(code))
        for change in (change for change in changes if change.key[0] == code):
            cell = cube.cells.get(change.key)
            value = cell.value if cell else (0 if spec.measure.counts else None)
            found.append(replace(change, by_definition=_less(value, change.old)))
    return found


def _by_records(
    changes: Sequence[Change], spec: TableSpec, old: "Snapshot", new: "Snapshot", records: _Records
) -> list[Change]:
    before, after = _members(spec, old, changes), _members(spec, new, changes)
    read = record_tables(spec.population.view)
    found = []
    for change in changes:
        reasons = [
            reason for reason in change.reasons if reason.cause is Cause.DEFINITION and change.by_definition != 0
        ]
        moved = change.by_definition is None or _less(change.new, change.old) != change.by_definition
        if moved:
            was, is_ = before.get(change.key, set()), after.get(change.key, set())
            counted = _counted(was ^ is_ or was | is_, read, records)
            reasons += [Reason(cause, counted[cause]) for cause in Cause if counted[cause]]
            if not counted:
                reasons.append(Reason(Cause.UNTRACED))
        found.append(replace(change, reasons=tuple(reasons)))
    return found


def _counted(members: set[tuple[tuple[str, str], ...]], read: Iterable[str], records: _Records) -> Counter[Cause]:
    """The records that moved some members: what is counted itself, else what else is known of the person."""
    own: set[tuple[str, str]] = set()
    others: set[str] = set()
    for member in members:
        moved = {key for key in member if _became(key, records) in (Cause.LATE, Cause.WITHDRAWAL)}
        own |= moved
        if not moved:
            others.add(member[0][1])
    counted = Counter(cause for key in own if (cause := _became(key, records)))
    for table in read:
        if table in records:
            for person in others & records[table].persons.keys():
                counted.update(records[table].persons[person])
    return counted


def _became(key: tuple[str, str], records: _Records) -> Cause | None:
    """What became of the record that a key column of a view names, if that is the key of a record."""
    table = _KEYED.get(key[0], "")
    return records[table].keys.get((key[1],)) if table in records else None


#: Key column → the table whose records it identifies by itself.
_KEYED = {key_fields(table)[0]: table for table in TABLE_NAMES if len(key_fields(table)) == 1}


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _single(spec: TableSpec) -> TableSpec:
    """The table for one period at a time; how it is laid out does not matter here."""
    names = tuple(dimension.id for dimension in spec.dimensions)
    return replace(spec, time=replace(spec.time, periods=1, frequency=""), layout=Layout("list", (TIME, *names), ()))


def _members(spec: TableSpec, snapshot: "Snapshot", changes: Iterable[Change]) -> _Members:
    """Who stands behind each changed figure."""
    wanted = {change.key for change in changes}
    periods = [parse_period(code) for code in sorted({key[0] for key in wanted})]
    keys = [column.name for column in view(spec.population.view).columns.values() if column.type == "key"]
    if _PERSON not in keys:
        return {}
    keys = [_PERSON, *(key for key in keys if key != _PERSON)]
    query = TableQuery(spec, periods)
    places = [[query.columns.index(name) + 1 for name in names] for names in query.levels]
    found: _Members = defaultdict(set)
    with Engine() as engine:
        snapshot.attach(engine)
        for row in engine.rows(query.members(keys)):
            member = tuple(zip(keys, row[1 + len(query.columns) :], strict=True))
            for key in wanted:
                if key[0] == periods[row[0]].code and all(
                    code == TOTAL or code in [row[place] for place in levels]
                    for code, levels in zip(key[1:], places, strict=True)
                ):
                    found[key].add(member)
    return found


def _differing(old: "Snapshot", new: "Snapshot") -> _Records:
    """Record table → what differs in it."""
    found: _Records = {}
    with Engine() as engine:
        for side, snapshot in (("old", old), ("new", new)):
            snapshot.verify()
            for table in TABLE_NAMES:
                if table in snapshot.tables:
                    engine.parquet(f"{side}_{table}", snapshot.file(table))
        for table in TABLE_NAMES:
            if table in old.tables and table in new.tables:
                found[table] = _differing_in(engine, table)
    return found


def _differing_in(engine: Engine, table: str) -> _Differing:
    shared = [name for name in engine.columns(f"old_{table}") if name in engine.columns(f"new_{table}")]
    names = ", ".join(f'"{name}"' for name in shared)
    keys = key_fields(table)
    changed: dict[tuple[Any, ...], dict[str, str | None]] = defaultdict(dict)
    for side, other in (("old", "new"), ("new", "old")):
        person, joins = _owner(table, side)
        listed = ", ".join([*(f'c."{key}"' for key in keys), person])
        rows = engine.rows(
            f"SELECT {listed} FROM (SELECT {names} FROM {side}_{table} EXCEPT SELECT {names} FROM {other}_{table}) "  # noqa: S608
            f"AS c {joins}"
        )
        for row in rows:
            changed[row[:-1]][side] = row[-1]
    causes: dict[tuple[Any, ...], Cause] = {}
    counted: dict[str, Counter[Cause]] = defaultdict(Counter)
    for key, sides in changed.items():
        causes[key] = Cause.CORRECTION if len(sides) == 2 else Cause.LATE if "new" in sides else Cause.WITHDRAWAL
        for person_id in set(sides.values()) - {None}:
            counted[str(person_id)][causes[key]] += 1
    return _Differing(causes, dict(counted))


def _owner(table: str, side: str) -> tuple[str, str]:
    """The column of the person to whom a record belongs, and the joins that lead to it."""
    if table == "person":
        return f"c.{_PERSON}", ""
    way = way_to_person(table)
    if not way:
        return "NULL", ""
    above, joins = "c", ""
    for number, (field, parent, key) in enumerate(way):
        if parent == "person":
            return f'{above}."{field}"', joins
        joins += f' LEFT JOIN {side}_{parent} AS p{number} ON p{number}."{key}" = {above}."{field}"'
        above = f"p{number}"
    return "NULL", ""
