"""Terms and truth values of conditions, and how two terms compare (for :mod:`thassist.rules.localise.sql`)."""

import datetime as dt
from dataclasses import dataclass

from sqlglot import exp

from thassist.rules.localise.formula import (
    FALSE,
    TRUE,
    Constant,
    Formula,
    Linear,
    Missing,
    OneOf,
    Same,
    at_most_zero,
    either,
    every,
)


class Outside(Exception):
    """A part of a condition that no mixed-integer program can express; ``part`` is its SQL."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True, slots=True)
class Number:
    """A column of numbers or dates."""

    variable: str


@dataclass(frozen=True, slots=True)
class Category:
    """A column of codes, keys, texts or truth values."""

    variable: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """One sum divided by another."""

    above: Linear
    below: Linear


#: What a column name stands for; a plain value is a constant.
Column = Number | Category | str | bool | float | dt.date | list[object] | None
Term = Linear | Category | Ratio | str | bool | None
Pieces = list[tuple[Formula, Term]]


@dataclass(frozen=True, slots=True)
class Three:
    """When a condition is TRUE, when FALSE, and when SQL does not know."""

    true: Formula
    false: Formula
    unknown: Formula


def as_term(value: object) -> Term:
    """A constant as a term.

    Raises:
        Outside: its kind is not known here.
    """
    if isinstance(value, dt.date):
        return Linear((), value.toordinal())
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return Linear((), value)
    raise Outside(str(type(value).__name__))


def as_number(term: Term, node: exp.Expr) -> Linear:
    """A term that must be a number.

    Raises:
        Outside: it is none.
    """
    if isinstance(term, Linear):
        return term
    raise Outside(node.sql(dialect="duckdb"))


def when_known(term: Term) -> Formula:
    """The term has a value."""
    return Missing(term.variable, filled=True) if isinstance(term, Category) else TRUE


def when_blank(pieces: Pieces) -> Formula:
    """When a term is NULL."""
    return either(*(guard for guard, term in pieces if term is None))


def when_filled(pieces: Pieces) -> Formula:
    """When a term has a value."""
    return either(*(guard for guard, term in pieces if term is not None))


def of_category(column: Category) -> Three:
    """A column of truth values as a condition."""
    true, false = (OneOf(column.variable, frozenset([value])) for value in (True, False))
    return Three(true, false, Missing(column.variable))


def negated(three: Three) -> Three:
    """NOT."""
    return Three(three.false, three.true, three.unknown)


def conjunction(one: Three, other: Three) -> Three:
    """AND."""
    unknown = either(every(one.unknown, either(other.true, other.unknown)), every(one.true, other.unknown))
    return Three(every(one.true, other.true), either(one.false, other.false), unknown)


def equality(one: Three, other: Three, *, equal: bool) -> Three:
    """Whether two conditions have the same truth value."""
    same = either(every(one.true, other.true), every(one.false, other.false))
    differ = either(every(one.true, other.false), every(one.false, other.true))
    three = Three(same, differ, either(one.unknown, other.unknown))
    return three if equal else negated(three)


def guarded(guard: Formula, three: Three) -> Three:
    """A condition under a guard."""
    return Three(every(guard, three.true), every(guard, three.false), every(guard, three.unknown))


def any_of(threes: list[Three]) -> Three:
    """One condition out of parts whose guards exclude each other."""
    return Three(
        either(*(three.true for three in threes)),
        either(*(three.false for three in threes)),
        either(*(three.unknown for three in threes)),
    )


_OPPOSITE = {"EQ": "NEQ", "NEQ": "EQ", "LT": "GTE", "GTE": "LT", "GT": "LTE", "LTE": "GT"}
_TURNED = {"EQ": "EQ", "NEQ": "NEQ", "LT": "GT", "GTE": "LTE", "GT": "LT", "LTE": "GTE"}


def compare(operator: str, left: Term, right: Term, node: exp.Expr) -> Three:
    """A comparison of two filled terms."""
    if left is None or right is None:
        return Three(FALSE, FALSE, TRUE)
    if isinstance(right, Category | Ratio) and not isinstance(left, Category | Ratio):
        left, right, operator = right, left, _TURNED[operator]
    if isinstance(left, Linear) and isinstance(right, Linear):
        difference = left + right.times(-1)
        return Three(_sign(operator, difference), _sign(_OPPOSITE[operator], difference), FALSE)
    if isinstance(left, Ratio) and isinstance(right, Linear) and not right.terms:
        return _compare_ratio(operator, left, right.constant)
    if operator in {"EQ", "NEQ"}:
        three = _same(left, right, node)
        return three if operator == "EQ" else negated(three)
    raise Outside(node.sql(dialect="duckdb"))


def _same(left: Term, right: Term, node: exp.Expr) -> Three:
    if isinstance(left, Category) and left == right:
        return Three(TRUE, FALSE, FALSE)
    if isinstance(left, Category) and isinstance(right, Category):
        return Three(Same(left.variable, right.variable), Same(left.variable, right.variable, different=True), FALSE)
    if isinstance(left, Category) and isinstance(right, str | bool):
        values = frozenset([right])
        return Three(OneOf(left.variable, values), OneOf(left.variable, values, outside=True), FALSE)
    if isinstance(left, str | bool) and isinstance(right, str | bool):
        return Three(Constant(left == right), Constant(left != right), FALSE)
    raise Outside(node.sql(dialect="duckdb"))


def _sign(operator: str, total: Linear) -> Formula:
    match operator:
        case "LTE" | "LT":
            return at_most_zero(total, strict=operator == "LT")
        case "GTE" | "GT":
            return at_most_zero(total.times(-1), strict=operator == "GT")
        case "EQ":
            return every(at_most_zero(total), at_most_zero(total.times(-1)))
        case _:
            return either(at_most_zero(total, strict=True), at_most_zero(total.times(-1), strict=True))


def _compare_ratio(operator: str, ratio: Ratio, limit: float) -> Three:
    """``above / below`` against a number: multiplied out, apart for each sign of what is below.

    By zero the engine calculates as IEEE 754 does, and sorts what is no number above all numbers.
    """
    positive, negative, zero = (_sign(sign, ratio.below) for sign in ("GT", "LT", "EQ"))
    out = ratio.above + ratio.below.times(-limit)

    def multiplied(name: str) -> Formula:
        infinite = {"EQ": FALSE, "NEQ": TRUE, **dict.fromkeys(("LT", "LTE"), _sign("LT", ratio.above))}
        by_zero = infinite.get(name, _sign("GTE", ratio.above))
        return either(
            every(positive, _sign(name, out)), every(negative, _sign(_TURNED[name], out)), every(zero, by_zero)
        )

    return Three(multiplied(operator), multiplied(_OPPOSITE[operator]), FALSE)
