"""Reading records back, now or as they stood, and what stands behind them: reporting systems, made-up data, age."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Select, func, or_, select

from thassist.records.asof import State, owners_in, state
from thassist.records.database import reading
from thassist.records.dataset import (
    TABLE_NAMES,
    Dataset,
    fields,
    key_fields,
    record_table,
    references,
    way_to_person,
)
from thassist.records.model import ChangeEntry, CodeList, ImportBatch, Person, Referral
from thassist.records.trail import BESIDE

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What is stored of one reporting system: number of referrals, and whether any delivery behind it was made up."""

    referrals: int
    synthetic: bool


@dataclass(frozen=True)
class Provenance:
    """What stands behind the stored records.

    Attributes:
        reporting_systems: code → facts.
        as_of: when the newest change of a record was made (UTC); None where there never was one.
        code_lists: code list → version that the database enforces.
    """

    reporting_systems: dict[str, SystemFacts]
    as_of: dt.datetime | None
    code_lists: dict[str, str]

    @property
    def synthetic(self) -> bool:
        """Whether any record is made up."""
        return any(facts.synthetic for facts in self.reporting_systems.values())


def read(
    engine: Engine,
    tables: Iterable[str] | None = None,
    persons: set[str] | None = None,
    *,
    as_of: dt.datetime | None = None,
) -> Dataset:
    """Records of the live database, sorted by key.

    Args:
        engine: from :func:`thassist.records.store.open_database`.
        tables: the record tables wanted; all where not given.
        persons: only what belongs to these persons (a family tie belongs to both its persons); all where not given.
            Contacts and working time, which belong to nobody, are always read whole.
        as_of: as they stood at this moment (UTC, without zone); as they stand where not given.

    The dataset is marked synthetic where any record of the database is.

    Raises:
        StorageError: the database cannot be read.
    """
    with reading(engine) as connection:
        if as_of is not None:
            return read_state(state(connection, as_of), tables, persons)
        return read_on(connection, tables, persons)


def read_on(connection: Connection, tables: Iterable[str] | None = None, persons: set[str] | None = None) -> Dataset:
    """As :func:`read`, on a connection whose transaction the caller holds."""
    frames = {name: _frame(name, _records(connection, name, persons)) for name in tables or TABLE_NAMES}
    return Dataset(frames, synthetic=any(facts.synthetic for facts in _systems(connection).values()))


def read_state(past: State, tables: Iterable[str] | None = None, persons: set[str] | None = None) -> Dataset:
    """As :func:`read`, of a past state."""
    frames = {}
    for name in tables or TABLE_NAMES:
        rows = past.rows[name]
        owners = owners_in(past, name) if persons is not None else None
        if owners is not None:
            rows = [row for row in rows if not owners(row).isdisjoint(persons or ())]
        frames[name] = _frame(name, [tuple(row.values()) for row in rows])
    return Dataset(frames, synthetic=any(facts.synthetic for facts in _past_systems(past).values()))


def provenance(connection: Connection, past: State | None = None) -> Provenance:
    """What stands behind all stored records, or behind a past state of them.

    The code lists are those that the database enforces now: which ones it enforced before is not kept.
    """
    versions = connection.execute(select(CodeList.list_id, CodeList.version).order_by(CodeList.list_id))
    newest = select(func.max(ChangeEntry.recorded_at)).where(ChangeEntry.record_table.not_in(BESIDE))
    return Provenance(
        reporting_systems=_systems(connection) if past is None else _past_systems(past),
        as_of=connection.execute(newest).scalar() if past is None else past.changed_at,
        code_lists={row[0]: row[1] for row in versions},
    )


def _query(name: str, *columns: Any) -> tuple[Select[Any], list[Any]]:
    """A query over a record table, and the columns that say whose its records are; none where they are nobody's."""
    table = record_table(name)
    query = select(*columns).select_from(table)
    way = way_to_person(name)
    if len(way) <= 1:
        return query, [table.c[field] for field, parent, _ in references(name) if parent == "person"] or (
            [table.c.person_id] if name == "person" else []
        )
    for field, parent, key in way[:-1]:
        above = record_table(parent)
        query, table = query.join(above, above.c[key] == table.c[field]), above
    return query, [table.c[way[-1][0]]]


def _records(connection: Connection, name: str, persons: set[str] | None) -> list[tuple[Any, ...]]:
    table = record_table(name)
    query, owners = _query(name, *(table.c[column.name] for column in fields(name)))
    if persons is None or not owners:
        found = {tuple(row) for row in connection.execute(query)}
    else:
        wanted = sorted(persons)
        found = set()
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            rows = connection.execute(query.where(or_(*(owner.in_(chunk) for owner in owners))))
            found.update(tuple(row) for row in rows)
    places = [[column.name for column in fields(name)].index(part) for part in key_fields(name)]
    return sorted(found, key=lambda row: tuple(row[place] for place in places))


def _frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[column.name for column in fields(name)], dtype=object)
    frame["_row"] = 0
    return frame


def _systems(connection: Connection) -> dict[str, SystemFacts]:
    """Reporting system → facts. Any record counts, not only the person's own row: a later delivery may be made up."""
    counts = connection.execute(
        select(Person.reporting_system, func.count(Referral.referral_id))
        .outerjoin(Referral, Referral.person_id == Person.person_id)
        .group_by(Person.reporting_system)
        .order_by(Person.reporting_system)
    )
    referrals = {row[0]: row[1] for row in counts}
    made_up = select(ImportBatch.batch_id).where(ImportBatch.synthetic)
    synthetic: set[str] = set()
    for name in TABLE_NAMES:
        table = record_table(name)
        query, owners = _query(name, table.c.batch_id)
        if owners:
            query = query.where(table.c.batch_id.in_(made_up))
            people = query.with_only_columns(owners[0], maintain_column_froms=True).subquery()
            systems = select(Person.reporting_system).distinct().join(people, people.c[0] == Person.person_id)
            synthetic.update(connection.execute(systems).scalars())
        else:
            own = table.c.reporting_system
            for system in connection.execute(select(own).distinct().order_by(own)).scalars():
                referrals.setdefault(system, 0)
            synthetic.update(connection.execute(select(own).distinct().where(table.c.batch_id.in_(made_up))).scalars())
    return {system: SystemFacts(number, system in synthetic) for system, number in referrals.items()}


def _past_systems(past: State) -> dict[str, SystemFacts]:
    """As :func:`_systems`, of a past state."""
    systems = {row["person_id"]: row["reporting_system"] for row in past.rows["person"]}
    referrals = dict.fromkeys(sorted(set(systems.values())), 0)
    for row in past.rows["referral"]:
        referrals[systems[row["person_id"]]] += 1
    synthetic: set[str] = set()
    for name, rows in past.rows.items():
        owners = owners_in(past, name)
        for row, batch_id in zip(rows, past.batches[name], strict=True):
            if owners is None:
                referrals.setdefault(row["reporting_system"], 0)
            if batch_id in past.made_up:
                synthetic.update([row["reporting_system"]] if owners is None else {systems[one] for one in owners(row)})
    return {system: SystemFacts(number, system in synthetic) for system, number in referrals.items()}
