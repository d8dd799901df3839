"""Which days the records of a reporting system tell about: outside them zeros would be no facts."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import Date

from thassist.dates import span
from thassist.engine import Engine
from thassist.errors import InvalidDefinition
from thassist.records.dataset import TABLE_NAMES, fields

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

_PERSON = "person"


def covered(reporting_system: str, snapshot: "Snapshot") -> tuple[dt.date, dt.date, dt.date]:
    """The day of the first referral, the day of the last event of any kind, and the day of the newest entry.

    An event is every date (``…_date``) of a record that belongs to a person: a referral, a decision, an admission, an
    exit and so on, as far as it lies before the newest entry: what is planned has not happened. The days from and to
    which something is valid are no events. Nothing is known of the time before the first referral.

    Raises:
        InvalidDefinition: the snapshot holds no referral of the system.
    """
    if snapshot.as_of is None:
        raise InvalidDefinition("release.no_data", system=reporting_system, snapshot=snapshot.id)
    as_of = snapshot.as_of.date()
    with Engine() as engine:
        snapshot.attach(engine)
        [(first,)] = engine.rows(
            "SELECT min(received_date) FROM referral JOIN person USING (person_id) WHERE reporting_system = ?",
            [reporting_system],
        )
        if first is None:
            raise InvalidDefinition("release.no_data", system=reporting_system, snapshot=snapshot.id)
        dates = " UNION ALL ".join(
            f"SELECT person_id, {column} AS day, {column}_precision AS precision FROM {table}"  # noqa: S608
            for table, column in _events()
        )
        [(last, precision)] = engine.rows(
            f"SELECT max(day), arg_max(precision, day) FROM ({dates}) JOIN person USING (person_id) "  # noqa: S608
            "WHERE reporting_system = ? AND day <= ?",
            [reporting_system, as_of],
        )
    return first, min(span(last, precision).end, as_of) if last else first, as_of


def _events() -> list[tuple[str, str]]:
    """Every record table of persons with its columns of dated events."""
    found = []
    for table in TABLE_NAMES:
        names = {column.name for column in fields(table)}
        if table != _PERSON and "person_id" in names:
            found += [
                (table, column.name)
                for column in fields(table)
                if isinstance(column.type, Date)
                and column.name.endswith("_date")
                and f"{column.name}_precision" in names
            ]
    return found
