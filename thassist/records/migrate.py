"""Creating and upgrading the schema, and filling the code lists; without alembic.ini, from the installed package."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, delete, insert, inspect, select, update

from thassist.codes import Classification, classification
from thassist.errors import StorageError
from thassist.records import legal
from thassist.records.database import connect, keep_private, make_file, place, reading, sqlite_file, writing
from thassist.records.model import CODE_LISTS, Base, CodeList, code_table

_HERE = Path(__file__).resolve().parent / "migrations"


@dataclass(frozen=True)
class InitResult:
    """What ``initialise`` did.

    Attributes:
        where: the database, without user and password.
        before: the revision it had; None where it was empty.
        after: the revision it has now.
        codes: code list → number of codes added or changed; lists without a change are left out.
        law: number of facts of the legal regimes (``reports/legal``) added, changed or removed.
    """

    where: str
    before: str | None
    after: str
    codes: dict[str, int] = field(default_factory=dict)
    law: int = 0


def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def newest_revision() -> str:
    """The revision that this version of thassist works with."""
    return str(_scripts()[1].get_current_head())


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def initialise(url: str) -> InitResult:
    """Create the schema or upgrade it, and fill the code lists and the law; all in one transaction.

    Codes are added and their labels and validity brought up to date, never removed: a record may hold them. The tables
    of the law are made equal to ``reports/legal``: what a correction there takes away goes.

    Raises:
        StorageError: the database cannot be reached or written, belongs to another program, or is newer than this
            version of thassist.
        InvalidDefinition: a classification or a legal regime is missing or wrong.
    """
    lists = {name: classification(name) for name in CODE_LISTS}
    law = legal.rows()
    path = sqlite_file(url)
    created = path is not None and not path.exists()
    if path is not None:
        make_file(path)
    engine = connect(url, foreign_keys=False)
    try:
        with writing(engine) as connection:
            before = revision_of(connection)
            _check_ours(connection, before)
            if path is not None:
                keep_private(path)  # before the first change: the journal gets the same mode
            _upgrade(connection)
            codes = {name: _synchronise(connection, known) for name, known in lists.items()}
            replaced = _replace_law(connection, law)
            _check_foreign_keys(connection)
    except BaseException:
        if created and path is not None and path.stat().st_size == 0:
            path.unlink()
        raise
    return InitResult(
        where=place(engine.url),
        before=before,
        after=newest_revision(),
        codes={name: number for name, number in codes.items() if number},
        law=replaced,
    )


def open_database(url: str) -> Engine:
    """The engine of a database that has the newest schema.

    Raises:
        StorageError: there is no such database, it cannot be read, or ``thassist init`` has yet to create or upgrade
            it.
    """
    path = sqlite_file(url)
    if path is not None:
        if path.is_dir():
            raise StorageError("records.cannot_open", where=path)
        if not path.is_file():
            raise StorageError("records.no_database", where=path)
    engine = connect(url)
    with reading(engine) as connection:
        found = revision_of(connection)
    if found != newest_revision():
        known = found is not None and _known(found)
        key = "records.not_initialised" if found is None else "records.old_schema" if known else "records.new_schema"
        raise StorageError(key, where=place(engine.url), found=found, needed=newest_revision())
    if path is not None:
        keep_private(path)  # only now: a file of another program keeps the rights that it has
    return engine


def upgrade_sql(dialect: str) -> str:
    """The DDL of all revisions, as a database administrator may read it before it is run on a server."""
    config, scripts = _scripts()
    text = io.StringIO()

    def steps(_revision: object, _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("heads", None)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(config, scripts, fn=steps, as_sql=True, destination_rev="heads") as environment:
        environment.configure(dialect_name=dialect, output_buffer=text, literal_binds=True, transactional_ddl=True)
        with environment.begin_transaction():
            environment.run_migrations()
    return text.getvalue()


def _known(revision: str) -> bool:
    return any(script.revision == revision for script in _scripts()[1].walk_revisions())


def _check_ours(connection: Connection, before: str | None) -> None:
    """Refuse the database of another program, or of a newer version of this one."""
    where = place(connection.engine.url)
    if before is None and inspect(connection).get_table_names():
        raise StorageError("records.other_program", where=where)
    if before is not None and not _known(before):
        raise StorageError("records.new_schema", where=where, found=before, needed=newest_revision())


def _upgrade(connection: Connection) -> None:
    config, scripts = _scripts()

    def steps(revision: object, _context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("heads", revision)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(config, scripts, fn=steps, destination_rev="heads") as environment:
        environment.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
        environment.run_migrations()


def _synchronise(connection: Connection, known: Classification) -> int:
    """Bring one code list up to date; the number of codes added or changed."""
    table = Base.metadata.tables[code_table(known.id)]
    wanted = [
        {
            "code": code.code,
            **{f"label_{lang}": label for lang, label in code.labels.items()},
            "valid_from": code.valid_from,
            "valid_to": code.valid_to,
        }
        for code in known.codes.values()
    ]
    held = {row["code"]: dict(row) for row in connection.execute(select(table)).mappings()}
    new = [row for row in wanted if row["code"] not in held]
    changed = [row for row in wanted if row["code"] in held and held[row["code"]] != row]
    if new:
        connection.execute(insert(table), new)
    for row in changed:
        connection.execute(update(table).where(table.c.code == row["code"]).values(row))
    found = connection.execute(select(CodeList.version).where(CodeList.list_id == known.id)).scalar()
    if found is None:
        connection.execute(insert(CodeList).values(list_id=known.id, version=known.version))
    elif found != known.version:
        connection.execute(update(CodeList).where(CodeList.list_id == known.id).values(version=known.version))
    return len(new) + len(changed)


def _replace_law(connection: Connection, law: dict[str, list[dict[str, Any]]]) -> int:
    """Make the tables of the law hold what the definitions say; the number of rows added, changed or removed."""
    changes: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for name, wanted in law.items():
        held = [dict(row) for row in connection.execute(select(Base.metadata.tables[name])).mappings()]
        new, gone = [row for row in wanted if row not in held], [row for row in held if row not in wanted]
        changes[name] = new, gone
    if not any(new or gone for new, gone in changes.values()):
        return 0
    for name in reversed(law):
        connection.execute(delete(Base.metadata.tables[name]))
    for name, wanted in law.items():
        connection.execute(insert(Base.metadata.tables[name]), wanted)
    return sum(max(len(new), len(gone)) for new, gone in changes.values())


def _check_foreign_keys(connection: Connection) -> None:
    """A migration of SQLite runs with foreign keys off; nothing may be left dangling."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise StorageError("records.refused", table=str(broken[0]), constraint="FOREIGN KEY")
