"""SQL in definition files: parsed, never trusted. Conditions may name the columns of their view and nothing else."""

from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from thassist.errors import InvalidDefinition

#: What reads files, the network or the environment has no place in a definition.
_FORBIDDEN = ("read_", "glob", "getenv", "copy", "attach", "install", "load", "query", "sniff_")


def _parse(sql: str, where: str) -> exp.Expr:
    try:
        parsed = sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError as error:
        raise InvalidDefinition("engine.sql_not_parsed", where=where) from error
    for call in parsed.find_all(exp.Func):
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        if name.casefold().startswith(_FORBIDDEN):
            raise InvalidDefinition("engine.sql_forbidden", where=where, name=name)
    return parsed


def check_condition(sql: str, columns: Iterable[str], where: str) -> None:
    """Check that a condition is one expression over the given columns, without sub-queries.

    Raises:
        InvalidDefinition: it does not parse, holds a query, or names an unknown column; ``where`` says whose it is.
    """
    parsed = _parse(sql, where)
    if isinstance(parsed, exp.Query | exp.DDL | exp.DML | exp.Command) or parsed.find(exp.Select):
        raise InvalidDefinition("engine.sql_no_condition", where=where)
    known = set(columns)
    for column in parsed.find_all(exp.Column):
        if column.name not in known:
            raise InvalidDefinition("engine.sql_unknown_column", where=where, column=column.name)


def check_query(sql: str, tables: Iterable[str], where: str) -> None:
    """Check that a text is one SELECT over the given tables and its own common table expressions.

    Raises:
        InvalidDefinition: it is something else or reads another table.
    """
    parsed = _parse(sql, where)
    if not isinstance(parsed, exp.Query):
        raise InvalidDefinition("engine.sql_no_query", where=where)
    known = set(tables) | {cte.alias for cte in parsed.find_all(exp.CTE)}
    for table in parsed.find_all(exp.Table):
        if table.name not in known or not isinstance(table.this, exp.Identifier):
            raise InvalidDefinition("engine.sql_unknown_table", where=where, table=table.name)
