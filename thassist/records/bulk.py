"""All records of the live database in bulk: for an engine that holds them by column, not as objects of the language.

A database of a million proposals has twenty million records. Read as objects they need several gigabytes and most of
the time goes into making the objects. So the database itself writes them as CSV, in large pieces; nothing here looks
at a single cell. Where there is no way to hand CSV on, they come in chunks of rows, with dates still as text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Date, String, func, select
from sqlalchemy.sql.schema import Column

from thassist.records.dataset import TABLE_NAMES, Source, fields, record_table

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 100_000


@dataclass(frozen=True)
class StoredRecords:
    """The records of a database, on a connection whose transaction the caller holds.

    Attributes:
        connection: from :func:`thassist.records.database.reading`.
        sources: always empty: stored records came from no file that is still at hand.
    """

    connection: Connection
    sources: Mapping[str, Source] = field(default_factory=dict)

    def count(self, table: str = "") -> int:
        """Number of records of a table, or over all tables."""
        names = [table] if table else TABLE_NAMES
        return sum(self.connection.scalar(select(func.count()).select_from(record_table(name))) or 0 for name in names)

    def csv(self, table: str) -> Iterator[bytes]:
        """The records of a table as CSV in pieces: no header, fields as in :func:`fields`; an empty cell is not known.

        Truth values are 1 and 0, or t and f; dates are ISO text.
        """
        return self._copied(table) if self.connection.dialect.name == "postgresql" else self._printed(table)

    def _copied(self, table: str) -> Iterator[bytes]:
        names = ", ".join(f'"{column.name}"' for column in fields(table))
        driver: Any = self.connection.connection.driver_connection
        sql = f'COPY (SELECT {names} FROM "{table}") TO STDOUT (FORMAT csv)'  # noqa: S608 - our own schema
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            for piece in copy:
                yield bytes(piece)

    def _printed(self, table: str) -> Iterator[bytes]:
        form = ",".join(["%s"] * len(fields(table)))
        cells = ", ".join(_cell(column) for column in fields(table))
        # One statement makes a whole piece, without a step back into the language for each row.
        lines = f"SELECT rowid AS place, printf('{form}\n', {cells}) AS line FROM \"{table}\""  # noqa: S608 - our own schema
        sql = f"SELECT group_concat(line, ''), max(place) FROM ({lines} WHERE rowid > ? ORDER BY rowid LIMIT {_CHUNK})"  # noqa: S608
        place = -(2**63)
        while True:
            text, last = self.connection.exec_driver_sql(sql, (place,)).one()
            if text is None:
                return
            yield str(text).encode()
            place = last

    def chunks(self, table: str) -> Iterator["pd.DataFrame"]:
        """The records of a table by chunks; dates are ISO text, and nothing known is None."""
        import pandas as pd

        names = [column.name for column in fields(table)]
        picked = ", ".join(
            f'CAST("{column.name}" AS TEXT) AS "{column.name}"' if isinstance(column.type, Date) else f'"{column.name}"'
            for column in fields(table)
        )
        # Not streamed: SQLAlchemy would hold back the rows it reads ahead, which the plain cursor then never gives.
        with self.connection.exec_driver_sql(f'SELECT {picked} FROM "{table}"') as result:  # noqa: S608 - our own schema
            cursor = result.cursor
            while rows := cursor.fetchmany(_CHUNK):
                yield pd.DataFrame(rows, columns=names, dtype=object)


def _cell(column: Column[Any]) -> str:
    """SQL of a cell of CSV: quoted where the schema does not limit what may stand in it."""
    name = f'"{column.name}"'
    limited = not isinstance(column.type, String) or column.info.keys() & {"classification", "precision_of"}
    if limited or column.primary_key or column.foreign_keys:
        return name
    return f"'\"' || replace({name}, '\"', '\"\"') || '\"'"
