"""One engine for many tables: the snapshot is attached once, and each view is computed once for all tables over it.

A view whose query names the period is computed once a period, every other once for all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from thassist.dates import Period
from thassist.engine import Engine
from thassist.tables.views import expand, periodic, view


class Source(Protocol):
    """What a table is computed from: a snapshot."""

    @property
    def id(self) -> str:
        """The snapshot's id."""

    def attach(self, engine: Engine) -> None:
        """Make every record table readable in the engine under its own name."""

    def synthetic_for(self, reporting_system: str) -> bool:
        """Whether made-up records stand behind what this system reports."""


#: The bench that is open around, with its snapshot: views of a period are computed once for all tables of a release.
_OPEN: "ContextVar[tuple[Source, Bench] | None]" = ContextVar("open bench", default=None)


class Bench:
    """An engine in which a snapshot lies open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept: dict[tuple[str, Period | None], str] = {}

    def relation(self, view_id: str, period: Period) -> str:
        """The name of the table that holds a view's rows for a period; it is made where there is none yet.

        Raises:
            InvalidDefinition: the view, or one that it reads, does not exist or is wrong.
            EngineError: its query cannot be run over these records.
        """
        key = (view_id, period if periodic(view_id) else None)
        if key not in self._kept:
            found = view(view_id)
            others = {name: self.relation(name, period) for name in found.reads}
            sql = expand(found.sql, period, f"{view_id}.toml")
            if others:
                named = ", ".join(f"{name} AS (SELECT * FROM {table})" for name, table in others.items())  # noqa: S608
                sql = f"WITH {named} SELECT * FROM ({sql}) AS {view_id}"  # noqa: S608 - checked definitions, no values
            name = f"kept_{len(self._kept)}_{view_id}"
            self.engine.keep(name, sql)
            self._kept[key] = name
        return self._kept[key]


@contextmanager
def bench(snapshot: Source) -> Iterator[Bench]:
    """A bench over a snapshot; within another one over the same snapshot, that one, with what it holds already.

    Raises:
        StorageError: a file of the snapshot is missing or changed.
    """
    around = _OPEN.get()
    if around is not None and around[0] is snapshot:
        yield around[1]
        return
    with Engine() as engine:
        snapshot.attach(engine)
        opened = Bench(engine)
        token = _OPEN.set((snapshot, opened))
        try:
            yield opened
        finally:
            _OPEN.reset(token)
