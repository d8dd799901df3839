"""The embedded engine: DuckDB, in memory, single-threaded where the order of rows must be the same every time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

if TYPE_CHECKING:
    import pandas as pd


#: What the engine raises when a query cannot run.
EngineError = duckdb.Error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Engine:
    """Tables and views in memory, queried by SQL of the DuckDB dialect. Use it as a context manager."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 1,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": "",  # personal data are never spilled to disk
            },
        )

    def __enter__(self) -> Self:
        """The engine itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Forget everything."""
        self._connection.close()

    def load(self, name: str, columns: Mapping[str, str], frame: "pd.DataFrame") -> None:
        """Make a table of typed columns (name → SQL type) from a frame that holds at least those columns."""
        self.create(name, columns)
        if len(frame):
            values = ", ".join(f"CAST({_quoted(column)} AS {kind})" for column, kind in columns.items())
            self._connection.register("_incoming", frame[list(columns)])
            self._connection.execute(f"INSERT INTO {_quoted(name)} SELECT {values} FROM _incoming")  # noqa: S608
            self._connection.unregister("_incoming")

    def append(self, name: str, select: str, frame: "pd.DataFrame") -> None:
        """Add to a table what a SELECT over ``_incoming`` makes of a frame."""
        self._connection.register("_incoming", frame)
        self._connection.execute(f"INSERT INTO {_quoted(name)} BY NAME {select}")
        self._connection.unregister("_incoming")

    def parquet(self, name: str, path: Path) -> None:
        """Make a view of a Parquet file."""
        literal = "'" + str(path).replace("'", "''") + "'"
        self._connection.execute(f"CREATE VIEW {_quoted(name)} AS SELECT * FROM read_parquet({literal})")  # noqa: S608

    def create(self, name: str, columns: Mapping[str, str]) -> None:
        """Make an empty table of typed columns."""
        typed = ", ".join(f"{_quoted(column)} {kind}" for column, kind in columns.items())
        self._connection.execute(f"CREATE TABLE {_quoted(name)} ({typed})")

    def view(self, name: str, sql: str) -> None:
        """Make a view of a query."""
        self._connection.execute(f"CREATE VIEW {_quoted(name)} AS {sql}")

    def keep(self, name: str, sql: str) -> None:
        """Make a table of the result of a query, for what is read many times."""
        self._connection.execute(f"CREATE TABLE {_quoted(name)} AS {sql}")

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the result of a query, whose order is part of it, as Parquet."""
        literal = "'" + str(path).replace("'", "''") + "'"
        self._connection.execute(f"COPY ({sql}) TO {literal} (FORMAT parquet, COMPRESSION zstd)")

    def columns(self, name: str) -> dict[str, str]:
        """Column → SQL type of a table or view."""
        rows = self._connection.execute(f"DESCRIBE {_quoted(name)}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def rows(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        """The result of a query as tuples; parameters by position (``?``) or by name (``$name``)."""
        bound = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
        return self._connection.execute(sql, bound).fetchall()

    def frame(self, sql: str, parameters: Sequence[object] = ()) -> "pd.DataFrame":
        """The result of a query as a frame."""
        return self._connection.execute(sql, list(parameters)).df()
