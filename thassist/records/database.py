"""Opening a database: SQLite by default, PostgreSQL for an office.

What can go wrong with a file or a server becomes a :class:`~thassist.errors.StorageError` that says what to do. No
message holds a password, a statement or a value.

SQLite is opened so that the process may die at any moment: a rollback journal (not WAL, whose side files outlive the
process), ``synchronous=EXTRA`` (a commit is on the disk before it is reported), and explicit BEGIN, because the
driver's own would leave reads and DDL outside a transaction.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    URL,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Row,
    Select,
    Table,
    any_,
    bindparam,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from thassist.errors import StorageError

_BUSY_SECONDS = 30
#: Values in one question: as a list of single ones, as one array.
_LIST, _ARRAY = 500, 20_000
#: The number of the server's advisory lock that whoever writes holds: «thassist» in ASCII.
_WRITERS = int.from_bytes(b"thassist")
_BEGIN = "thassist_begin"
#: SQLite's own names of errors (without what follows the second underscore) → our message.
_SQLITE_ERRORS = {
    "NOTADB": "not_a_database",
    "READONLY": "read_only",
    "CANTOPEN": "cannot_open",
    "PERM": "cannot_open",
    "BUSY": "locked",
    "LOCKED": "locked",
    "FULL": "disk_full",
    "CORRUPT": "damaged",
}
#: SQLSTATE of PostgreSQL → our message.
_SERVER_ERRORS = {"53100": "disk_full", "25006": "read_only", "55P03": "locked", "40P01": "locked", "42501": "no_right"}


def parsed_url(url: str) -> URL:
    """The URL of a database of a kind that we know.

    Raises:
        StorageError: it is not a URL, or of another kind. The message does not repeat it: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError("records.bad_url") from None
    kind = parsed.get_backend_name()
    if kind not in {"sqlite", "postgresql"}:
        raise StorageError("records.unknown_kind", kind=kind)
    if kind == "sqlite" and (not parsed.database or parsed.database.startswith((":memory:", "file:"))):
        raise StorageError("records.no_file")
    return parsed


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for a server."""
    parsed = parsed_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def place(url: URL) -> str:
    """Where a database is, as a message may say it: the file, or host and database, never user or password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return "/".join(part for part in (url.host, url.database) if part) or url.get_backend_name()


def connect(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for a URL, without looking whether its schema is ours.

    Args:
        url: the database.
        foreign_keys: False only for a migration, which must be able to rebuild tables that others point to.

    Raises:
        StorageError: the URL is wrong, or the driver of the server is not installed.
    """
    parsed = parsed_url(url)
    try:
        engine = create_engine(parsed, hide_parameters=True, poolclass=NullPool)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError("records.no_driver", kind=parsed.drivername) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, foreign_keys=foreign_keys)
    return engine


def _prepare_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            f"busy_timeout = {_BUSY_SECONDS * 1000}",
            "trusted_schema = OFF",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "journal_mode = DELETE",
            "synchronous = EXTRA",
            "temp_store = MEMORY",  # personal data are never spilled to a temporary file
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads all see one state of the database.

    Raises:
        StorageError: the database refused.
    """
    with translated(engine.url), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection that alone holds the right to write, and commits at the end or leaves all as it was.

    Others may read meanwhile. Whoever wants to write waits for a while, then gets an error. A server has a lock of our
    own for this (an advisory lock), because locking a table would need rights over the trail that no account should
    have.

    Raises:
        StorageError: another program holds the right to write for too long, or the database refused.
    """
    with translated(engine.url), engine.connect() as connection:
        connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(_BUSY_SECONDS * 1000)}ms'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
            yield connection


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn the driver's errors into ours.

    Raises:
        StorageError: in place of any error of the driver.
    """
    try:
        yield
    except IntegrityError as error:
        raise refused(error, "–") from None
    except DBAPIError as error:
        raise _explained(error.orig, url) from None
    except sqlite3.Error as error:
        raise _explained(error, url) from None


def bulk_insert(connection: Connection, table: Table, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows past SQLAlchemy's handling of single values, which takes longer than the database itself.

    A server gets them as one COPY. Values are None, texts, whole numbers, flags, dates and moments.

    Raises:
        sqlalchemy.exc.DBAPIError: the database refused.
    """
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - our own names
        values = list(zip(*rows, strict=True))
        for place, name in enumerate(names):
            if isinstance(table.c[name].type, Date | DateTime):  # SQLite has no dates: as SQLAlchemy keeps them
                values[place] = tuple(map(_dated, values[place]))
        connection.exec_driver_sql(statement, list(zip(*values, strict=True)))
        return
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    failure = connection.dialect.loaded_dbapi.Error
    try:
        with connection.connection.cursor() as cursor, cursor.copy(statement) as sink:  # type: ignore[attr-defined]
            for row in rows:
                sink.write_row(row)
    except failure as error:
        raise DBAPIError.instance(  # as SQLAlchemy itself does for a statement of its own
            statement, None, error, failure, hide_parameters=True, dialect=connection.dialect
        ) from None


def chosen(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Row[Any]]:
    """The rows of a query whose column has one of many values, asked for in portions.

    A server takes each portion as one array: a list of single values costs it more to read than to look up.
    """
    wanted = sorted(values)
    if connection.dialect.name == "postgresql":
        for start in range(0, len(wanted), _ARRAY):
            array = bindparam("among", wanted[start : start + _ARRAY], type_=ARRAY(column.type))
            yield from connection.execute(query.where(column == any_(array)))
        return
    for start in range(0, len(wanted), _LIST):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _LIST])))


def _dated(value: dt.date | None) -> str | None:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return None if value is None else value.isoformat()


def refused(error: IntegrityError, table: str) -> StorageError:
    """The error of a row of ``table`` that breaks a rule of the schema."""
    return StorageError("records.refused", table=table, constraint=_constraint(error.orig))


def _explained(error: BaseException | None, url: URL) -> StorageError:
    """The error of the driver in our words; its own text stays behind, as a server's may hold values."""
    where = place(url)
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_")
        key = _SQLITE_ERRORS.get(name.partition("_")[0], "failed")
        return StorageError(f"records.{key}", where=where, detail=name or type(error).__name__)
    state = getattr(error, "sqlstate", None) or ""
    if not state:
        return StorageError("records.no_connection", where=where)
    return StorageError(f"records.{_SERVER_ERRORS.get(state, 'failed')}", where=where, detail=state)


def _constraint(error: BaseException | None) -> str:
    """The name of the rule that refused a row; SQLite's text holds names only, a server's also values."""
    if isinstance(error, sqlite3.Error):
        text = str(error)
        return text.partition(": ")[2].removeprefix("index ").strip("'") or text.partition(" constraint")[0]
    return str(getattr(getattr(error, "diag", None), "constraint_name", None) or "–")


def make_file(path: Path) -> None:
    """Create the file where it does not exist, so that only its owner can read it from its first moment.

    Raises:
        StorageError: the folder does not exist or may not be written.
    """
    try:
        if path.is_dir():
            raise StorageError("records.cannot_open", where=path)
        path.touch(mode=0o600, exist_ok=True)
    except FileNotFoundError as error:
        raise StorageError("records.no_folder", where=path) from error
    except OSError as error:
        raise StorageError("records.cannot_open", where=path) from error


def keep_private(path: Path) -> None:
    """Let only the owner read the file, where it is ours to say so; SQLite gives its journal the same mode."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
