"""The embedded engine: DuckDB, in memory, single-threaded where the order of rows must be the same every time."""

import errno
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


#: What the engine raises when a query cannot run.
EngineError = duckdb.Error


#: Whether a pipe can be opened by a name, as :meth:`Engine.append_csv` needs.
PIPES = Path("/dev/fd").exists()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write(descriptor: int, part: bytes) -> None:
    rest = memoryview(part)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class Engine:
    """Tables and views in memory, queried by SQL of the DuckDB dialect. Use it as a context manager."""

    def __init__(self, threads: int = 1) -> None:
        """An empty engine.

        Args:
            threads: how many; with more than one, only what a query sorts has an order, and queries that pick one of
                equal rows (``first``, ``arg_max``) have to say which.
        """
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
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

    def append_csv(self, name: str, select: str, columns: Mapping[str, str], parts: Iterable[bytes]) -> None:
        """Add to a table what a SELECT over ``_incoming`` makes of CSV that comes in parts.

        The parts go through a pipe, so that they are read here while the next one is made; nothing touches a disk.

        Args:
            name: the table.
            select: over ``_incoming``, which has the columns.
            columns: column → SQL type, in the order of the CSV. It has no header; commas and double quotes as in
                RFC 4180, an empty cell without quotes is NULL.
            parts: the CSV, cut anywhere.

        Raises:
            EngineError: the CSV cannot be read; the table is as it was.
            OSError: the operating system has no such pipes (:data:`PIPES`).
        """
        if not PIPES:
            raise OSError(errno.ENOTSUP, "pipes have no names here")
        reading, writing = os.pipe()
        typed = ", ".join(f"{_text(column)}: {_text(kind)}" for column, kind in columns.items())
        source = (
            f"read_csv('/dev/fd/{reading}', columns = {{{typed}}}, auto_detect = false, header = false, delim = ',', "
            "quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, "
            "parallel = false)"
        )
        failed: list[BaseException] = []

        def read() -> None:
            try:
                self._connection.execute(
                    f"INSERT INTO {_quoted(name)} BY NAME WITH _incoming AS (FROM {source}) {select}"
                )
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
                failed.append(error)
            finally:
                os.close(reading)

        reader = threading.Thread(target=read, name="read_csv")
        reader.start()
        try:
            with os.fdopen(writing, "wb", buffering=0) as file:
                for part in parts:
                    _write(file.fileno(), part)
        except BrokenPipeError:
            pass  # the reader gave up; its error says why
        finally:
            reader.join()
        if failed:
            raise failed[0]

    def parquet(self, name: str, path: Path) -> None:
        """Make a view of a Parquet file."""
        source = f"SELECT * FROM read_parquet({_text(str(path))})"  # noqa: S608
        self._connection.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {source}")

    def create(self, name: str, columns: Mapping[str, str]) -> None:
        """Make an empty table of typed columns."""
        typed = ", ".join(f"{_quoted(column)} {kind}" for column, kind in columns.items())
        self._connection.execute(f"CREATE TABLE {_quoted(name)} ({typed})")

    def empty(self, name: str) -> None:
        """Take all rows out of a table."""
        self._connection.execute(f"DELETE FROM {_quoted(name)}")  # noqa: S608

    def view(self, name: str, sql: str) -> None:
        """Make a view of a query."""
        self._connection.execute(f"CREATE VIEW {_quoted(name)} AS {sql}")

    def function(self, name: str, call: Callable[..., object], takes: Sequence[str], gives: str) -> None:
        """Let queries call a function of ours, which never gives None; NULL is not handed to it and stays NULL."""
        self._connection.create_function(name, call, list(takes), gives)

    def instead(self, name: str, sql: str) -> None:
        """Put a view of a query in the place of a table or view."""
        kind = self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        ).fetchall()
        for row in kind:
            self._connection.execute(f"DROP {'VIEW' if row[0] == 'VIEW' else 'TABLE'} {_quoted(name)}")
        self.view(name, sql)

    def keep(self, name: str, sql: str) -> None:
        """Make a table of the result of a query, for what is read many times."""
        self._connection.execute(f"CREATE TABLE {_quoted(name)} AS {sql}")

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the result of a query, whose order is part of it, as Parquet."""
        self._connection.execute(f"COPY ({sql}) TO {_text(str(path))} (FORMAT parquet, COMPRESSION zstd)")

    def columns(self, name: str) -> dict[str, str]:
        """Column → SQL type of a table or view."""
        rows = self._connection.execute(f"DESCRIBE {_quoted(name)}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def bind(self, sql: str) -> None:
        """Check that a query finds every table, column and function that it names, with types that fit; run nothing.

        A view is bound when it is made and planned only when it is read, which takes most of the time.
        """
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW _bound AS {sql}")

    def rows(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        """The result of a query as tuples; parameters by position (``?``) or by name (``$name``)."""
        bound = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
        return self._connection.execute(sql, bound).fetchall()

    def arrays(self, sql: str, parameters: Mapping[str, object]) -> "dict[str, np.ndarray | pd.Categorical]":
        """The result of a query by column: arrays, masked where a value may be NULL; parameters by name (``$name``)."""
        return self._connection.execute(sql, dict(parameters)).fetchnumpy()

    def frame(self, sql: str, parameters: Sequence[object] = ()) -> "pd.DataFrame":
        """The result of a query as a frame."""
        return self._connection.execute(sql, list(parameters)).df()
