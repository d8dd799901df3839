"""All records of the live database in bulk: for an engine that holds them by column, not as objects of the language.

A database of a million proposals has many million records. Read as objects they need several gigabytes; in chunks of
rows, with dates still as text, they pass through in a moment and the engine keeps them typed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, func, select

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

    def count(self) -> int:
        """Number of records over all tables."""
        return sum(
            self.connection.scalar(select(func.count()).select_from(record_table(name))) or 0 for name in TABLE_NAMES
        )

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
