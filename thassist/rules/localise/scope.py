"""Where the columns of a rule view come from: the field of the record, of a joined record, or a fact about others.

Read from the view's own SQL, so that a new view needs nothing more. For every column that conditions may name it says

* of which record it is a field (``_pos`` or ``<alias>_pos`` gives the record), and
* what else could make it another value: the keys by which its record was joined. A column that is counted or
  collected from other records is a fact; besides those records, the keys that led there can be wrong.
"""

from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from thassist.records.dataset import TABLE_NAMES, fields
from thassist.rules.views import RuleView


@dataclass(frozen=True, slots=True)
class Origin:
    """A field of the record at a position column: (position column, table, field)."""

    position: str
    table: str
    field: str


@dataclass(frozen=True, slots=True)
class ColumnScope:
    """Where a column of a view comes from.

    Attributes:
        origin: the field that it shows; None for a fact about other records.
        keys: fields that led to that record or fact.
        shows: the table and field that it shows, where the view does not say of which record.
    """

    origin: Origin | None
    keys: tuple[Origin, ...] = ()
    shows: tuple[str, str] | None = None


@dataclass
class _Alias:
    """A table or sub-query of a view: its joins' keys, and the position column where a record stands behind it."""

    table: str = ""
    position: str = ""
    on: exp.Expr | None = None
    query: exp.Query | None = None
    facts: list[Origin] = field(default_factory=list)


@dataclass
class ViewScope:
    """The columns of a view by name, and the fields but for which a row would not be there at all."""

    columns: dict[str, ColumnScope] = field(default_factory=dict)
    row: tuple[Origin, ...] = ()


def written_field(table: str, column: str) -> str:
    """The field that a user fills: a precision and the last day belong to their date."""
    own = {one.name: one for one in fields(table)}
    base = column.removesuffix("_last").removesuffix("_precision")
    return base if base in own and own[base].info.get("precise") else column


def scope_of(view: RuleView, named: tuple[Origin, ...] = ()) -> ViewScope:
    """Where the columns of a view with SQL come from.

    Args:
        view: the view.
        named: the fields that its rules name; in a view that is grouped, what is counted depends on them.
    """
    scope = ViewScope()
    select = sqlglot.parse_one(view.sql, dialect="duckdb")
    if not isinstance(select, exp.Select):
        return scope
    aliases = _aliases(select)
    if select.args.get("group"):
        for projection in select.expressions:
            shows = _picked(projection.unalias(), aliases)
            scope.columns[projection.alias_or_name] = ColumnScope(None, () if shows else named, shows)
        return scope
    record = _record_alias(select, aliases, view)
    if record:
        aliases[record].position = "_pos"
    for projection in select.expressions:
        inner = projection.unalias()
        if isinstance(inner, exp.Column) and inner.name == "_pos" and projection.alias.endswith("_pos"):
            aliases[inner.table].position = projection.alias
        _collected(projection, aliases)
    for projection in select.expressions:
        _place(scope, projection, aliases, record)
    scope.row = _row_keys(select, aliases)
    return scope


def _collected(projection: exp.Expr, aliases: dict[str, _Alias]) -> None:
    """Note of a list of records, collected by a sub-query, on which of their fields its facts depend."""
    inner = projection.unalias()
    source = aliases.get(inner.table) if isinstance(inner, exp.Column) else None
    if source is None or source.query is None or not projection.alias_or_name.endswith("_pos"):
        return
    made = next((one for one in source.query.selects if one.alias_or_name == inner.name), None)
    tables = {table.alias_or_name: table.name for table in source.query.find_all(exp.Table)}
    for column in made.find_all(exp.Column) if made is not None else ():
        alias = column.table or (next(iter(tables)) if len(tables) == 1 else "")
        if column.name == "_pos" and tables.get(alias) in TABLE_NAMES:
            names = {c.name for c in source.query.find_all(exp.Column) if (c.table or alias) == alias}
            table = tables[alias]
            source.facts += [Origin(projection.alias_or_name, table, name) for name in sorted(names - {"_pos"})]


def _row_keys(select: exp.Select, aliases: dict[str, _Alias]) -> tuple[Origin, ...]:
    """The fields by which records are paired (inner joins), and those that must have a certain value."""
    conditions = [join.args.get("on") for join in select.args.get("joins") or [] if not join.side]
    columns = [column for on in conditions if on for column in on.find_all(exp.Column) if _equated(column)]
    where = select.args.get("where")
    equal = where.find_all(exp.EQ) if where else ()
    columns += [same.this for same in equal if _to_constant(same)]
    found = []
    for column in columns:
        source = aliases.get(column.table)
        if source and source.position and source.table in TABLE_NAMES and column.name != "_pos":
            found.append(Origin(source.position, source.table, column.name))
    return tuple(dict.fromkeys(found))


def _to_constant(same: exp.EQ) -> bool:
    return (
        isinstance(same.this, exp.Column)
        and isinstance(same.expression, exp.Literal)
        and not same.find_ancestor(exp.Or)
    )


def _equated(column: exp.Column) -> bool:
    return isinstance(column.parent, exp.EQ)


def _aliases(select: exp.Select) -> dict[str, _Alias]:
    found: dict[str, _Alias] = {}
    sources = [(select.args["from_"].this, None)] if select.args.get("from_") else []
    sources += [(join.this, join.args.get("on")) for join in select.args.get("joins") or []]
    for source, on in sources:
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            found[source.alias] = _Alias(on=on, query=source.this)
        elif isinstance(source, exp.Table):
            found[source.alias_or_name] = _Alias(table=source.name, on=on)
    return found


def _picked(inner: exp.Expr, aliases: dict[str, _Alias]) -> tuple[str, str] | None:
    """The field that a column of a grouped view takes from one of its records, where it counts nothing."""
    column = inner.this if isinstance(inner, exp.Max | exp.Min | exp.AnyValue) else inner
    if isinstance(column, exp.Column) and column.table in aliases and column.name not in {"_pos", "_given"}:
        return (aliases[column.table].table, column.name)
    return None


def _record_alias(select: exp.Select, aliases: dict[str, _Alias], view: RuleView) -> str:
    """The alias of the record to which a row belongs: the one whose columns are all shown."""
    for projection in select.expressions:
        if isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
            name = projection.table
            if aliases[name].table == view.record:
                return name
    return ""


def _place(scope: ViewScope, projection: exp.Expr, aliases: dict[str, _Alias], record: str) -> None:
    inner = projection.unalias()
    if isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star):
        alias = aliases[inner.table]
        if alias.table not in TABLE_NAMES:
            return
        for column in fields(alias.table):
            names = [column.name, *([f"{column.name}_last"] if column.info.get("precise") else [])]
            for name in names:
                scope.columns[name] = _direct(inner.table, name, aliases, record)
        return
    if isinstance(inner, exp.Column) and inner.name != "_pos":
        scope.columns[projection.alias_or_name] = _direct(inner.table, inner.name, aliases, record)
        return
    keys = [key for column in inner.find_all(exp.Column) for key in _used(column, aliases, record)]
    scope.columns[projection.alias_or_name] = ColumnScope(None, tuple(dict.fromkeys(keys)))


def _direct(alias: str, column: str, aliases: dict[str, _Alias], record: str) -> ColumnScope:
    source = aliases[alias]
    keys = () if alias == record else _keys(alias, aliases, record, frozenset())
    if source.table in TABLE_NAMES and source.position and column != "_given":
        return ColumnScope(Origin(source.position, source.table, column), keys)
    known = source.table in TABLE_NAMES and column in {one.name for one in fields(source.table)}
    return ColumnScope(None, keys, (source.table, column) if known else None)


def _used(column: exp.Column, aliases: dict[str, _Alias], record: str) -> tuple[Origin, ...]:
    """The fields on which a column inside a calculated one depends."""
    if column.table not in aliases:
        return ()
    direct = _direct(column.table, column.name, aliases, record)
    own = (direct.origin,) if direct.origin and column.name != "_pos" else ()
    return (*own, *direct.keys)


def _keys(alias: str, aliases: dict[str, _Alias], record: str, seen: frozenset[str]) -> tuple[Origin, ...]:
    """The fields by which a table or sub-query is joined, and those by which these are reached."""
    if alias in seen or alias == record:
        return ()
    source = aliases[alias]
    keys = list(source.facts)
    for column in source.on.find_all(exp.Column) if source.on else ():
        other = aliases.get(column.table)
        if other is None or column.table == alias:
            continue
        if column.name == "_pos":
            keys += _inside(source, other)
        elif other.position and other.table in TABLE_NAMES:
            keys.append(Origin(other.position, other.table, column.name))
        keys += _keys(column.table, aliases, record, seen | {alias})
    return tuple(dict.fromkeys(keys))


def _inside(source: _Alias, record: _Alias) -> list[Origin]:
    """The fields of the record itself that a sub-query, joined back to it by position, looks at."""
    if source.query is None or not record.position:
        return []
    inner = {table.alias_or_name for table in source.query.find_all(exp.Table) if table.name == record.table}
    grouped = {
        column.table
        for group in source.query.find_all(exp.Group)
        for column in group.find_all(exp.Column)
        if column.name == "_pos"
    }
    return [
        Origin(record.position, record.table, column.name)
        for column in source.query.find_all(exp.Column)
        if column.table in inner & grouped and column.name != "_pos"
    ]
