"""The records that rules look at: a delivery and what is already stored, side by side in the engine.

Every record table is there under its own name, with its recorded fields and, in addition,

* ``_pos``: the record's position (the delivery first, then what is stored), by which a finding finds its cell;
* ``_given``: true for the delivery. What is stored is context and never has findings of its own;
* ``<date>_last`` for every date with a precision: the last day of the span in which the date lies. ``<date>`` is
  the first. Two imprecise dates contradict each other only where no days of their spans agree.

A stored record that the delivery holds too (same key) is seen only once, as delivered.
"""

import csv
import os
from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from thassist import _data
from thassist.codes import Classification, all_classifications, classification
from thassist.engine import PIPES, Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.records import legal
from thassist.records.bulk import StoredRecords
from thassist.records.dataset import TABLE_NAMES, Dataset, fields, key_fields, sql_type
from thassist.rules.personal import found
from thassist.rules.schema_views import POINTING, SCHEMA_VIEWS
from thassist.rules.views import DECISIONS, Reference, RuleView

if TYPE_CHECKING:
    import pandas as pd

_LAST_DAY = """CASE "{0}_precision"
    WHEN 'M' THEN last_day("{0}")
    WHEN 'Q' THEN last_day(date_trunc('quarter', "{0}") + INTERVAL 2 MONTH)
    WHEN 'S' THEN last_day(date_trunc('year', "{0}") + INTERVAL (CASE WHEN month("{0}") <= 6 THEN 5 ELSE 11 END) MONTH)
    WHEN 'A' THEN last_day(date_trunc('year', "{0}") + INTERVAL 11 MONTH)
    ELSE "{0}" END AS "{0}_last\""""
_CODE_LIST = {
    "classification": "VARCHAR",
    "code": "VARCHAR",
    "valid_from": "DATE",
    "valid_to": "DATE",
}
_PAIR = {"person_id": "VARCHAR", "other_person_id": "VARCHAR"}

#: Records to look at: a delivery, or all that a database holds.
Records: TypeAlias = Dataset | StoredRecords


#: Threads of the engine; more than four would take more memory than they save time.
THREADS = min(os.cpu_count() or 1, 4)


class Workspace:
    """Records in an engine, ready for rules. Use it as a context manager: nothing outlives it."""

    def __init__(
        self, given: Records, context: Dataset | None = None, decided: Collection[tuple[str, str]] = ()
    ) -> None:
        self._given = given
        self._decided = decided
        self._stored = context
        self.engine = Engine(THREADS)
        self._counts: dict[str, int] = {}
        self._rows: dict[str, list[int]] = {}
        self._cells: dict[str, dict[int, dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        """Load the records, the code lists and the law."""
        self.engine.function(POINTING, _points_to, ["VARCHAR", "BOOLEAN"], "VARCHAR")
        for table in TABLE_NAMES:
            self._load(table)
        self._load_code_lists()
        self._load_law()
        self._load_decisions()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Forget everything."""
        self.engine.__exit__(kind, error, tb)

    def _load(self, table: str) -> None:
        columns = {column.name: sql_type(column) for column in fields(table)}
        self.engine.create(table, staged_columns(table))
        own = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items())
        last = "".join(f", {one}" for one in last_days(table))
        same = " AND ".join(f'g."{key}" = i."{key}"' for key in key_fields(table))
        unseen = f'WHERE NOT EXISTS (SELECT 1 FROM "{table}" g WHERE g._given AND {same})'  # noqa: S608
        count = 0
        for given, records in ((True, self._given), (False, self._stored)):
            if isinstance(records, StoredRecords) and self._loaded(records, table, columns, last):
                count = records.count(table)
                break  # all that there is
            for frame in _chunks(records, table):
                numbered = frame[list(columns)].assign(_pos=range(count, count + len(frame)))
                typed = f"SELECT {own}, _pos, {given} AS _given FROM _incoming"  # noqa: S608
                sql = f"SELECT *{last} FROM ({typed}) i"  # noqa: S608 - names of our own schema
                self.engine.append(table, sql if given else f"{sql} {unseen}", numbered)
                count += len(frame)
            if given:
                self._counts[table] = count
        self._counts.setdefault(table, count)

    def _loaded(self, records: StoredRecords, table: str, columns: dict[str, str], last: str) -> bool:
        """Load a table of a database as a whole; not where there are no pipes, or its text is not what it should be."""
        if not PIPES:
            return False
        numbered = "SELECT *, (row_number() OVER ()) - 1 AS _pos, TRUE AS _given FROM _incoming"
        try:
            self.engine.append_csv(table, f"SELECT *{last} FROM ({numbered}) i", columns, records.csv(table))  # noqa: S608
        except EngineError:
            return False
        if self.engine.rows(f'SELECT count(*) FROM "{table}"')[0][0] == records.count(table):  # noqa: S608
            return True
        self.engine.empty(table)
        return False

    def _load_code_lists(self) -> None:
        import pandas as pd

        rows = [
            {"classification": name, "code": code.code, "valid_from": code.valid_from, "valid_to": code.valid_to}
            for known in self._classifications()
            for name in dict.fromkeys((known.ref, known.id))
            for code in known.codes.values()
        ]
        frame = pd.DataFrame(rows, columns=list(_CODE_LIST), dtype=object)
        self.engine.load("code_list", _CODE_LIST, frame.drop_duplicates(["classification", "code"], keep="last"))

    def _load_law(self) -> None:
        """The legal regimes, as the database has them: what lengths, codes and statuses were allowed when."""
        import pandas as pd

        rows = legal.rows()
        for table, columns in legal.columns().items():
            self.engine.load(table, columns, pd.DataFrame(rows[table], columns=list(columns), dtype=object))

    def _load_decisions(self) -> None:
        """The pairs of persons on which a decision stands, whichever of the two is asked for."""
        import pandas as pd

        pairs = sorted({pair for one, other in self._decided for pair in ((one, other), (other, one))})
        self.engine.load(DECISIONS, _PAIR, pd.DataFrame(pairs, columns=list(_PAIR), dtype=object))

    def _classifications(self) -> list[Classification]:
        """The code lists of coded columns, and those that the records name themselves."""
        enforced = {str(c.info["classification"]) for t in TABLE_NAMES for c in fields(t) if "classification" in c.info}
        known = [classification(name) for name in sorted(enforced)]
        for table in TABLE_NAMES:
            for column in fields(table):
                scheme = column.info.get("classification_in")
                if scheme is not None:
                    rows = self.engine.rows(f'SELECT DISTINCT "{scheme}" FROM "{table}" WHERE _given')  # noqa: S608
                    named = {str(row[0]) for row in rows}
                    known += [found for found in all_classifications() if {found.id, found.ref} & named]
        return known

    def add_reference(self, reference: Reference) -> None:
        """Load a small table of facts that views join (:func:`load_reference`)."""
        load_reference(self.engine, reference)

    def add_view(self, view: RuleView) -> None:
        """Make a rule view."""
        sql = SCHEMA_VIEWS[view.built_in](view.dates) if view.built_in else view.sql
        self.engine.view(f"rule_{view.id}", sql)

    def view_columns(self, view: RuleView) -> dict[str, str]:
        """The columns that conditions on a view may name, with their types."""
        return self.engine.columns(f"rule_{view.id}")

    @property
    def has_context(self) -> bool:
        """Whether anything is stored beside the delivery."""
        return self._stored is not None

    def given_records(self, table: str) -> int:
        """How many records of a table the delivery has; they have the first positions."""
        return self._counts[table]

    def count(self) -> int:
        """How many records the delivery has."""
        return sum(self._counts.values())

    def given(self, table: str, position: int) -> bool:
        """Whether the record at a position belongs to the delivery."""
        return position < self.given_records(table)

    def fetch(self, places: Mapping[str, Collection[int]]) -> None:
        """Read the records at the positions of each table, so that :meth:`cell` can say their values."""
        for table, positions in places.items():
            names = [column.name for column in fields(table)]
            picked = ", ".join(f'"{name}"' for name in names)
            wanted = [position for position in positions if position not in self._cells.setdefault(table, {})]
            sql = f'SELECT _pos, {picked} FROM "{table}" WHERE _pos IN (SELECT unnest($wanted))'  # noqa: S608
            for position, *values in self.engine.rows(sql, {"wanted": wanted}) if wanted else []:
                self._cells[table][position] = dict(zip(names, values, strict=True))

    def cell(self, table: str, position: int, field: str) -> Any:
        """The value of a fetched record's field."""
        return self._cells[table][position][field]

    def row(self, table: str, position: int) -> int:
        """The row of a record in its sheet; 0 for what came from no sheet."""
        if not isinstance(self._given, Dataset) or not self.given(table, position):
            return 0
        if table not in self._rows:
            self._rows[table] = [int(row or 0) for row in self._given.frames[table]["_row"]]
        return self._rows[table][position]


def _chunks(records: Records | None, table: str) -> "Iterable[pd.DataFrame]":
    if isinstance(records, Dataset):
        frame = records.frames.get(table)
        return [frame] if frame is not None and len(frame) else []
    return records.chunks(table) if records is not None else []


def _points_to(text: str, written: bool) -> str:  # noqa: FBT001 - called by the engine, by position
    return found(text, written=written)


def load_reference(engine: Engine, reference: Reference) -> None:
    """Load a small table of facts that views join, from a CSV file beside the rules.

    Raises:
        InvalidDefinition: the file is missing or lacks a column.
    """
    import pandas as pd

    path = _data.reports_dir() / "rules" / reference.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [{name: row[name] or None for name in reference.columns} for row in csv.DictReader(file)]
    except (OSError, KeyError) as error:
        raise InvalidDefinition("rules.bad_reference", name=reference.name, file=reference.file) from error
    engine.load(reference.name, reference.columns, pd.DataFrame(rows, columns=list(reference.columns), dtype=object))


def precision_fields(table: str) -> list[str]:
    """The precision columns of a table."""
    return [column.name for column in fields(table) if "precision_of" in column.info]


def staged_columns(table: str) -> dict[str, str]:
    """The columns of a table as views see it, with their types."""
    columns = {column.name: sql_type(column) for column in fields(table)}
    lasts = {name.replace("_precision", "_last"): "DATE" for name in precision_fields(table)}
    return {**columns, "_pos": "INTEGER", "_given": "BOOLEAN", **lasts}


def last_days(table: str) -> list[str]:
    """SQL of the last days of a table's dates."""
    return [_LAST_DAY.format(name.removesuffix("_precision")) for name in precision_fields(table)]
