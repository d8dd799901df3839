"""SQL in definition files: parsed, never trusted. Conditions may name the columns of their view and nothing else."""

import difflib
from collections.abc import Iterable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from thassist.errors import InvalidDefinition

#: What reads files, the network or the environment has no place in a definition.
_FORBIDDEN = ("read_", "glob", "getenv", "copy", "attach", "install", "load", "query", "sniff_")


@lru_cache(maxsize=4096)
def parsed_of(sql: str) -> exp.Expr:
    """A query or condition as a tree, which is shared by all who ask: to be read, or copied and changed.

    Raises:
        SqlglotError: it does not parse.
    """
    return sqlglot.parse_one(sql, dialect="duckdb")


def _parse(sql: str, where: str) -> exp.Expr:
    try:
        parsed = parsed_of(sql)
    except SqlglotError as error:
        raise InvalidDefinition("engine.sql_not_parsed", where=where) from error
    for call in parsed.find_all(exp.Func):
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        if name.casefold().startswith(_FORBIDDEN):
            raise InvalidDefinition("engine.sql_forbidden", where=where, name=name)
    return parsed


def check_condition(sql: str, columns: Iterable[str], where: str, parameters: Iterable[str] = ()) -> frozenset[str]:
    """Check that a condition is one expression over the given columns and parameters, without sub-queries.

    Returns:
        The names of the parameters (``$name``) that it uses.

    Raises:
        InvalidDefinition: it does not parse, holds a query, or names an unknown column or parameter; ``where`` says
            whose it is, and the message names the nearest right name.
    """
    parsed = _parse(sql, where)
    if isinstance(parsed, exp.Query | exp.DDL | exp.DML | exp.Command) or parsed.find(exp.Select):
        raise InvalidDefinition("engine.sql_no_condition", where=where)
    known, given = set(columns), set(parameters)
    for column in parsed.find_all(exp.Column):
        if column.name not in known:
            near = _nearest(column.name, known)
            raise InvalidDefinition("engine.sql_unknown_column", where=where, column=column.name, nearest=near)
    used = frozenset(str(placeholder.this) for placeholder in parsed.find_all(exp.Placeholder))
    for name in sorted(used - given):
        near = _nearest(name, given)
        raise InvalidDefinition("engine.sql_unknown_parameter", where=where, parameter=name, nearest=near)
    return used


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.4)
    return near[0] if near else "–"


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
