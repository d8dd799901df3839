"""The one mechanism: conditions of rules over a view become one query that marks the rows which break them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thassist.engine import Engine, check_condition
from thassist.rules.catalogue import Rule


@dataclass(frozen=True)
class Marking:
    """One query for all rules of a view.

    Attributes:
        sql: gives each row that breaks a rule: the columns, then for each rule in turn whether it is broken.
        columns: the columns before the marks.
        parameters: the names of the parameters that the query takes.
    """

    sql: str
    columns: tuple[str, ...]
    parameters: frozenset[str]


def marking(
    engine: Engine,
    view: str,
    rules: Sequence[Rule],
    columns: Sequence[str],
    parameters: Iterable[str],
    where: str = "TRUE",
) -> Marking:
    """Make the query of rules over a view; arguments as of :func:`broken_rows`."""
    known, given = engine.columns(f"rule_{view}"), set(parameters)
    used: set[str] = set()
    marks = []
    for number, rule in enumerate(rules):
        at = f"{rule.file}: {rule.id}"
        applies = rule.applies()
        used |= check_condition(applies, known, at, given) | check_condition(rule.must_hold, known, at, given)
        marks.append(f"(coalesce({applies}, FALSE) AND ({rule.must_hold}) IS NOT TRUE) AS _broken_{number}")
        for shown in rule.shows:
            check_condition(f'"{shown}"', known, at)
    wanted = tuple(dict.fromkeys([*columns, *(name for rule in rules for name in rule.shows)]))
    picked = ", ".join(f'"{name}"' for name in wanted)
    any_broken = " OR ".join(f"_broken_{number}" for number in range(len(rules)))
    sql = (
        f"SELECT * FROM (SELECT {picked}, {', '.join(marks)} FROM rule_{view} WHERE {where}) "  # noqa: S608 - checked
        f"WHERE {any_broken}"
    )
    return Marking(sql, wanted, frozenset(used))


def broken_rows(
    engine: Engine,
    view: str,
    rules: Sequence[Rule],
    columns: Sequence[str],
    values: Mapping[str, object],
    where: str = "TRUE",
) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """Each rule with each row of its view that breaks it.

    Args:
        engine: holds the view under the name ``rule_<view>``.
        view: the view's id.
        rules: the rules that stand on it.
        columns: columns of the row that are wanted, besides those that the rules show.
        values: the parameters that conditions may name.
        where: which rows are looked at.

    Raises:
        InvalidDefinition: a condition does not parse, or names what does not exist.
    """
    if not rules:
        return
    query = marking(engine, view, rules, columns, values, where)
    wanted = query.columns
    ordered = f"{query.sql} ORDER BY ALL"  # the same order, however many threads look
    for found in engine.rows(ordered, {name: values[name] for name in query.parameters}):
        row = dict(zip(wanted, found, strict=False))
        for rule, broken in zip(rules, found[len(wanted) :], strict=True):
            if broken:
                yield rule, row
