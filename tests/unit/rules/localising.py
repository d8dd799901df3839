"""A record as a problem of error localisation, for tests: every column is a field of its own."""

import datetime as dt
from collections.abc import Mapping, Sequence

from thassist.rules.localise.mip import Problem, Variable
from thassist.rules.localise.sql import Category, Column, Number, Translator


def problem(
    values: Mapping[str, object],
    conditions: Sequence[str],
    weights: Mapping[str, float] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    domains: Mapping[str, Sequence[object]] | None = None,
    missing_is_free: bool = True,
) -> Problem:
    """Conditions in SQL over the values of one record.

    ``missing_is_free`` reads a missing value as R errorlocate does: it may become anything at no cost. Otherwise it is
    a value like any other, and filling it is a change.
    """
    columns: dict[str, Column] = {}
    variables: dict[str, Variable] = {}
    for name, value in values.items():
        kind = (kinds or {}).get(name) or _kind(value)
        columns[name] = Category(name) if kind == "category" else Number(name)
        free = missing_is_free and value is None
        variables[name] = Variable(
            value=value.toordinal() if isinstance(value, dt.date) else value,
            kind=kind,
            owners=() if free else (name,),
            nullable=not missing_is_free,
            domain=frozenset(domains[name]) if domains and name in domains else None,
            free=free,
        )
    translator = Translator(columns)
    formulas = [translator.condition(condition).true for condition in conditions]
    return Problem(variables, formulas, weights or {}, shifted=translator.shifted)


def _kind(value: object) -> str:
    if isinstance(value, dt.date):
        return "date"
    return "category" if isinstance(value, str | bool) else "real"
