"""The records as they stood at a past moment, put together from the trail."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from thassist.records.dataset import TABLE_NAMES, key_fields, references, way_to_person
from thassist.records.model import WITHDRAWN
from thassist.records.trail import DECISIONS, IMPORTS, entries, restored

Row = dict[str, Any]


def parse_moment(text: str) -> dt.datetime:
    """A moment in UTC, without zone, from what a person wrote: ``2024-06-30`` (the end of that day) or with a time.

    A time without a zone is UTC; one with a zone is turned into it.

    Raises:
        ValueError: the text is no moment.
    """
    if len(text) == len("2024-06-30"):
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max)
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class State:
    """The records at a moment.

    Attributes:
        rows: record table → its records, sorted by key.
        batches: record table → the import that stored each record or changed it last, in the same order.
        made_up: the imports of made-up data until then.
        changed_at: when the last change until then was made; None where there was none.
    """

    rows: dict[str, list[Row]]
    batches: dict[str, list[int]]
    made_up: frozenset[int] = field(default_factory=frozenset)
    changed_at: dt.datetime | None = None


def state(connection: Connection, moment: dt.datetime) -> State:
    """The records as they stood at a moment, changes made in that very microsecond included.

    Args:
        connection: of a database with the newest schema.
        moment: in UTC, without zone.
    """
    held: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in TABLE_NAMES}
    made_up: set[int] = set()
    newest: dt.datetime | None = None
    for entry in entries(connection, until=moment):
        if entry.record_table == IMPORTS:
            if json.loads(entry.content)["synthetic"]:
                made_up.add(entry.batch_id)
            continue
        if entry.record_table == DECISIONS:  # no change of a record
            continue
        newest = entry.recorded_at if newest is None else max(newest, entry.recorded_at)
        table = held.get(entry.record_table)
        if table is not None:
            if entry.action == WITHDRAWN:
                table.pop(entry.record_key, None)
            else:
                table[entry.record_key] = (entry.content, entry.batch_id)
    rows, batches = {}, {}
    for name, found in held.items():
        key = key_fields(name)
        records = [(restored(name, content), batch_id) for content, batch_id in found.values()]
        records.sort(key=lambda record: tuple(record[0][part] for part in key))
        rows[name] = [row for row, _ in records]
        batches[name] = [batch_id for _, batch_id in records]
    return State(rows, batches, frozenset(made_up), newest)


def owners_in(past: State, table: str) -> Callable[[Row], set[str]] | None:
    """A function that says to which persons a row of a table belongs; None for a table whose records are nobody's."""
    if table == "person":
        return lambda row: {row["person_id"]}
    named = [field for field, parent, _ in references(table) if parent == "person"]
    if named:
        return lambda row: {row[field] for field in named if row[field] is not None}
    way = way_to_person(table)
    if not way:
        return None
    field, parent, key = way[0]
    above = {row[key]: row for row in past.rows[parent]}
    further = owners_in(past, parent)
    return lambda row: further(above[row[field]]) if further and row[field] is not None else set()
