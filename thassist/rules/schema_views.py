"""Rule views that the record schema itself implies: one row a cell, a date, a key or a reference of any table.

They are written from the columns of :mod:`thassist.records.model`, so that a new column is checked from the day on
which it exists. Each row says its place in ``table_name`` and ``field_name``.
"""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Integer, String

from thassist.records import legal
from thassist.records.dataset import TABLE_NAMES, fields, key_fields, record_table
from thassist.records.model import BOOKKEEPING
from thassist.rules.personal import QUICK

Dates = Mapping[str, str]
#: The engine's name of :func:`thassist.rules.personal.found`, an empty text where nothing points to a person.
POINTING = "points_to_person"


def _select(table: str, field: str, columns: str, where: str = "TRUE", join: str = "") -> str:
    place = f"'{table}' AS table_name, '{field}' AS field_name, t._pos, t._given"
    return f'SELECT {place}, {columns} FROM "{table}" t {join} WHERE {where}'  # noqa: S608 - names of our own schema


def mandatory_cells(dates: Dates) -> str:  # noqa: ARG001 - one signature for all
    """Every cell that may not be empty, of every record; ``filled`` says whether it is not."""
    parts = []
    for table in TABLE_NAMES:
        for column in fields(table):
            if not column.nullable and "precision_of" not in column.info:
                filled = f't."{column.name}" IS NOT NULL'
                if isinstance(column.type, String):
                    filled = f"length(trim(coalesce(t.\"{column.name}\", ''))) > 0"
                parts.append(_select(table, column.name, f"{filled} AS filled"))
    return " UNION ALL ".join(parts)


def text_cells(dates: Dates) -> str:  # noqa: ARG001
    """Every filled text that is no code: keys, references and free text; ``points_to`` is what in it names a person."""
    parts = []
    for table in TABLE_NAMES:
        references = {name for name, _, _ in _references(table)}
        keys = references.union(key_fields(table))
        for column in fields(table):
            if not isinstance(column.type, String) or column.info.keys() & _CODED:
                continue
            longest = column.type.length or 0
            text, written = f't."{column.name}"', column.name not in keys
            pointing = f"CASE WHEN regexp_matches({text}, '{QUICK[written]}') THEN {POINTING}({text}, {written}) END"
            columns = (
                f"{text} AS value, nullif({pointing}, '') AS points_to, length({text}) AS length, "
                f"{longest} AS max_length, {not written} AS is_key, {column.name in references} AS is_reference"
            )
            parts.append(_select(table, column.name, columns, f't."{column.name}" IS NOT NULL'))
    return " UNION ALL ".join(parts)


_CODED = {"classification", "classification_in", "precision_of"}


def number_cells(dates: Dates) -> str:  # noqa: ARG001
    """Every filled whole number."""
    parts = []
    for table in TABLE_NAMES:
        for column in fields(table):
            if isinstance(column.type, Integer):
                columns = f't."{column.name}" AS value'
                parts.append(_select(table, column.name, columns, f't."{column.name}" IS NOT NULL'))
    return " UNION ALL ".join(parts)


def coded_cells(dates: Dates) -> str:
    """Every filled code, whether its list has it, and the date of its use against the validity of the code.

    ``by_law`` is true where a legal regime of that date limits the field, ``lawful`` where one of them has the code.
    """
    parts = []
    limited = {field for regime in legal.regimes() for field in regime.codes}
    for table in TABLE_NAMES:
        for column in fields(table):
            if "classification" in column.info:
                scheme = f"'{column.info['classification']}'"
            elif "classification_in" in column.info:
                scheme = f't."{column.info["classification_in"]}"'
            else:
                continue
            date = dates.get(f"{table}.{column.name}")
            used = f't."{date}" AS used_first, t."{date}_last" AS used_last' if date else _NEVER
            law = (
                _law(f"{table}.{column.name}", column.name, str(date))
                if date and f"{table}.{column.name}" in limited
                else _NO_LAW
            )
            columns = f"{scheme} AS scheme, c.code IS NOT NULL AS known, c.valid_from, c.valid_to, {used}, {law}"
            join = f'LEFT JOIN code_list c ON c.classification = {scheme} AND c.code = t."{column.name}"'
            parts.append(_select(table, column.name, columns, f't."{column.name}" IS NOT NULL', join))
    return " UNION ALL ".join(parts)


_NEVER = "CAST(NULL AS DATE) AS used_first, CAST(NULL AS DATE) AS used_last"
_NO_LAW = "FALSE AS by_law, TRUE AS lawful"


def _law(place: str, name: str, date: str) -> str:
    """Whether the regimes in force on some day of a date's span limit a field, and whether one has its code.

    A regime without a row for the field does not limit it, so that a code is lawful where any such regime is in force.
    """
    by_law, lawful = "", ""
    for regime in legal.regimes():
        until = f" AND t.\"{date}\" <= DATE '{regime.valid_to}'" if regime.valid_to else ""
        in_force = f"t.\"{date}_last\" >= DATE '{regime.valid_from}'{until}"
        allowed = regime.codes.get(place)
        by_law += f" OR ({in_force})" if allowed else ""
        codes = ", ".join(f"'{code}'" for code in allowed.codes) if allowed else ""
        lawful += f" OR ({in_force}" + (f' AND t."{name}" IN ({codes}))' if allowed else ")")
    return f"FALSE{by_law} AS by_law, FALSE{lawful} AS lawful"


def dated_cells(dates: Dates) -> str:  # noqa: ARG001
    """Every date or precision that is filled, with the first day of the span in which the date lies."""
    parts = []
    for table in TABLE_NAMES:
        for column in fields(table):
            if "precision_of" not in column.info:
                continue
            date = column.info["precision_of"]
            span = (
                f"CASE t.\"{date}_precision\" WHEN 'M' THEN date_trunc('month', t.\"{date}\") "
                f"WHEN 'Q' THEN date_trunc('quarter', t.\"{date}\") WHEN 'A' THEN date_trunc('year', t.\"{date}\") "
                f"WHEN 'S' THEN date_trunc('year', t.\"{date}\") + "
                f'INTERVAL (CASE WHEN month(t."{date}") <= 6 THEN 0 ELSE 6 END) MONTH ELSE t."{date}" END'
            )
            columns = f't."{date}" AS day, t."{date}_precision" AS precision, CAST({span} AS DATE) AS first_day'
            filled = f't."{date}" IS NOT NULL OR t."{date}_precision" IS NOT NULL'
            parts.append(_select(table, date, columns, filled))
    return " UNION ALL ".join(parts)


def record_keys(dates: Dates) -> str:  # noqa: ARG001
    """Every record, how many times its key came before (``occurrence`` 1 is the first), and where it came first."""
    parts = []
    for table in TABLE_NAMES:
        keys = key_fields(table)
        same = ", ".join(f't."{key}"' for key in keys)
        filled = " AND ".join(f't."{key}" IS NOT NULL' for key in keys)
        columns = (
            f"row_number() OVER (PARTITION BY {same} ORDER BY t._pos) AS occurrence, "
            f"min(t._pos) OVER (PARTITION BY {same}) AS first_pos"
        )
        parts.append(_select(table, keys[0], columns, filled))
    return " UNION ALL ".join(parts)


def reference_cells(dates: Dates) -> str:  # noqa: ARG001
    """Every filled reference to another record, and whether that record is there."""
    parts = []
    for table in TABLE_NAMES:
        for name, parent, key in _references(table):
            columns = f"'{parent}' AS parent_table, p.\"{key}\" IS NOT NULL AS parent_exists"
            join = f'LEFT JOIN (SELECT DISTINCT "{key}" FROM "{parent}") p ON p."{key}" = t."{name}"'  # noqa: S608
            parts.append(_select(table, name, columns, f't."{name}" IS NOT NULL', join))
    return " UNION ALL ".join(parts)


def _references(table: str) -> Iterator[tuple[str, str, str]]:
    """The references of a table to other records: field, other table, its key."""
    for constraint in record_table(table).foreign_key_constraints:
        key = constraint.elements[0]
        parent, name = key.column.table.name, key.parent.name
        if name not in BOOKKEEPING and parent in TABLE_NAMES:
            yield name, parent, key.column.name


#: Views that ``reports/rules/views.toml`` may name in ``built_in``.
SCHEMA_VIEWS: dict[str, Callable[[Dates], str]] = {
    view.__name__: view
    for view in (mandatory_cells, text_cells, number_cells, coded_cells, dated_cells, record_keys, reference_cells)
}
