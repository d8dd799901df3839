"""What the figures of a table come from, found from the SQL of its view alone.

Some columns mean another thing in another period: a client's age at the end of it, for example. Figures by such a
column do not add up over time, and a stock does not balance by it. They are found by the names of columns; a column is
rather suspected once too often.
"""

from functools import cache

from sqlglot import exp

from thassist.engine import parsed_of
from thassist.records.dataset import TABLE_NAMES
from thassist.tables.spec import TableSpec
from thassist.tables.views import PARAMETERS, view


def record_tables(view_id: str) -> tuple[str, ...]:
    """The record tables that a view reads, by itself or through other views."""
    source = view(view_id)
    names = {table.name for table in parsed_of(source.sql).find_all(exp.Table)}
    names |= {name for other in source.reads for name in record_tables(other)}
    return tuple(name for name in TABLE_NAMES if name in names)


def depends(spec: TableSpec, column: str) -> bool:
    """Whether a column of a table's view depends on the period that is asked for."""
    everything, columns = _dependent(spec.population.view, view(spec.population.view).sql)
    return everything or column in columns


def rows_depend(spec: TableSpec) -> bool:
    """Whether the period decides which rows there are to count, beside the dates of the table's ``time``."""
    if spec.population.where and _periods(parsed_of(spec.population.where)):
        return True
    return _dependent(spec.population.view, view(spec.population.view).sql)[0]


@cache
def _dependent(view_id: str, sql: str) -> tuple[bool, frozenset[str]]:
    """Whether all columns depend on the period, and which do; views that it reads among them."""
    found: set[str] = set()
    for name in view(view_id).reads:
        everything, columns = _dependent(name, view(name).sql)
        if everything:
            return True, frozenset()
        found |= columns
    tree = parsed_of(sql)
    shown = [(item.alias_or_name, item) for select in tree.find_all(exp.Select) for item in select.expressions]
    inside = {id(node) for _, item in shown for node in _periods(item)}
    if any(id(node) not in inside for node in _periods(tree)):
        return True, frozenset()
    while True:
        more = {
            name
            for name, item in shown
            if name not in found
            and (_periods(item) or any(column.name in found for column in item.find_all(exp.Column)))
        }
        if not more:
            return False, frozenset(found)
        found |= more


def _periods(node: exp.Expr) -> list[exp.Placeholder]:
    """The places at which the days of the period are filled in."""
    return [found for found in node.find_all(exp.Placeholder) if str(found.this) in PARAMETERS]
