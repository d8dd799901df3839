"""From the SQL of a condition to formulas (:mod:`thassist.rules.localise.formula`).

The sub-set of SQL that a mixed-integer program can express: comparisons of sums, differences and multiples of numbers
and dates, shifting a date by whole days, months or years, a ratio against a constant, equality and IN on codes and
truth values, IS NULL, IS TRUE, IS DISTINCT FROM, BETWEEN, AND, OR, NOT, coalesce and CASE. What is outside raises
:class:`Outside` with the part that cannot be expressed, unless the caller can treat that part as one unknown fact.

SQL's NULL is kept exactly: a term is a list of pieces, each a guard and what the term is under that guard.
"""

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from thassist.rules.localise.formula import FALSE, TRUE, Formula, Linear, Missing, OneOf, either, every
from thassist.rules.localise.terms import (
    Category,
    Column,
    Number,
    Outside,
    Pieces,
    Ratio,
    Three,
    any_of,
    as_number,
    as_term,
    compare,
    conjunction,
    equality,
    guarded,
    negated,
    of_category,
    when_blank,
    when_filled,
    when_known,
)

__all__ = ["Category", "Column", "Number", "Outside", "Three", "Translator", "shifted"]


@dataclass
class Translator:
    """Translates conditions over the given columns and parameters.

    Attributes:
        columns: what the column names stand for.
        parameters: values of ``$name``.
        fact: called with a condition that is outside of the sub-set; it may answer with a column of truth values that
            stands for the whole condition.
        shifted: variables that the translation made: name → (date, months by which it is moved).
    """

    columns: Mapping[str, Column]
    parameters: Mapping[str, object] = field(default_factory=dict)
    fact: Callable[[exp.Expr], Category] | None = None
    shifted: dict[str, tuple[str, int]] = field(default_factory=dict)

    def condition(self, sql: str) -> Three:
        """The three formulas of a condition.

        Raises:
            Outside: a part of it cannot be expressed.
        """
        return self.truth(sqlglot.parse_one(sql, dialect="duckdb"))

    def truth(self, node: exp.Expr) -> Three:
        """The three formulas of a parsed condition."""
        try:
            return self._truth(node)
        except Outside:
            if self.fact is None:
                raise
            return of_category(self.fact(node))

    def _truth(self, node: exp.Expr) -> Three:
        match node:
            case exp.Paren():
                return self.truth(node.this)
            case exp.Not():
                inner = self.truth(node.this)
                return Three(inner.false, inner.true, inner.unknown)
            case exp.And():
                return conjunction(self.truth(node.this), self.truth(node.expression))
            case exp.Or():
                return negated(conjunction(negated(self.truth(node.this)), negated(self.truth(node.expression))))
            case exp.Is():
                return self._is(node)
            case exp.Between():
                low, high = exp.GTE(this=node.this, expression=node.args["low"]), node.args["high"]
                return conjunction(self._compared(low), self._compared(exp.LTE(this=node.this, expression=high)))
            case exp.In():
                return self._in(node)
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                return self._compared(node)
            case exp.NullSafeEQ() | exp.NullSafeNEQ():
                plain = self._compared(exp.EQ(this=node.this, expression=node.expression))
                blank = every(when_blank(self.pieces(node.this)), when_blank(self.pieces(node.expression)))
                same = either(plain.true, blank)
                other = either(plain.false, every(plain.unknown, _not_both(self, node)))
                return Three(same, other, FALSE) if isinstance(node, exp.NullSafeEQ) else Three(other, same, FALSE)
            case exp.Coalesce() | exp.Case():
                return self._chosen(node)
            case _:
                return self._bare(node)

    def _bare(self, node: exp.Expr) -> Three:
        """A column or constant that is itself a truth value."""
        pieces = self.pieces(node)
        parts: list[list[Formula]] = [[], [], []]
        for guard, value in pieces:
            if isinstance(value, Category):
                three = of_category(value)
                for number, formula in enumerate((three.true, three.false, three.unknown)):
                    parts[number].append(every(guard, formula))
            elif value is None or isinstance(value, bool):
                parts[2 if value is None else 1 - value].append(guard)
            else:
                raise Outside(node.sql(dialect="duckdb"))
        return Three(either(*parts[0]), either(*parts[1]), either(*parts[2]))

    def _is(self, node: exp.Is) -> Three:
        if isinstance(node.expression, exp.Null):
            try:
                pieces = self.pieces(node.this)
            except Outside:
                three = self._truth(node.this)
                return Three(three.unknown, either(three.true, three.false), FALSE)
            return Three(when_blank(pieces), when_filled(pieces), FALSE)
        if not isinstance(node.expression, exp.Boolean):
            raise Outside(node.sql(dialect="duckdb"))
        three = self.truth(node.this)
        if node.expression.this:
            return Three(three.true, either(three.false, three.unknown), FALSE)
        return Three(three.false, either(three.true, three.unknown), FALSE)

    def _in(self, node: exp.In) -> Three:
        values = [self.constant(value) for value in node.expressions]
        if node.args.get("field") is not None:
            listed = self.constant(node.args["field"])
            if not isinstance(listed, list):
                raise Outside(node.sql(dialect="duckdb"))
            values = listed
        if node.args.get("query") is not None or not values:
            raise Outside(node.sql(dialect="duckdb"))
        blank = None in values
        found: list[Three] = []
        for guard, term in self.pieces(node.this):
            known = [value for value in values if value is not None]
            if isinstance(term, Category):
                inside = OneOf(term.variable, frozenset(known))
                outside = FALSE if blank else OneOf(term.variable, frozenset(known), outside=True)
                unknown = OneOf(term.variable, inside.values, outside=True) if blank else FALSE
                three = Three(inside, outside, unknown)
            else:
                one_each = [compare("EQ", term, as_term(value), node) for value in known]
                if blank or term is None:
                    one_each.append(Three(FALSE, FALSE, TRUE))
                three = one_each[0]
                for more in one_each[1:]:
                    three = negated(conjunction(negated(three), negated(more)))
            found.append(guarded(guard, three))
        return any_of(found)

    def _compared(self, node: exp.Expr) -> Three:
        operator = type(node).__name__
        try:
            left, right = self.pieces(node.this), self.pieces(node.expression)
        except Outside:
            if operator not in {"EQ", "NEQ"}:
                raise
            return equality(self._truth(node.this), self._truth(node.expression), equal=operator == "EQ")
        return any_of(
            [
                guarded(every(first, second), compare(operator, one, other, node))
                for first, one in left
                for second, other in right
            ]
        )

    def _chosen(self, node: exp.Expr) -> Three:
        """Coalesce or CASE whose outcomes are truth values."""
        if isinstance(node, exp.Coalesce):
            three = self.truth(node.this)
            for later in node.expressions:
                other = self.truth(later)
                three = Three(
                    either(three.true, every(three.unknown, other.true)),
                    either(three.false, every(three.unknown, other.false)),
                    every(three.unknown, other.unknown),
                )
            return three
        return any_of([guarded(guard, self.truth(outcome)) for guard, outcome in self._cases(node)])

    def _cases(self, node: exp.Expr) -> list[tuple[Formula, exp.Expr]]:
        """The outcomes of a CASE with when each is reached."""
        if node.args.get("this") is not None:
            raise Outside(node.sql(dialect="duckdb"))
        before: Formula = TRUE
        cases: list[tuple[Formula, exp.Expr]] = []
        for branch in node.args["ifs"]:
            when = self.truth(branch.this)
            cases.append((every(before, when.true), branch.args["true"]))
            before = every(before, either(when.false, when.unknown))
        return [*cases, (before, node.args.get("default") or exp.Null())]

    # --- terms -------------------------------------------------------------------------------------------------------

    def pieces(self, node: exp.Expr) -> Pieces:
        """What a term can be, each with when it is that."""
        match node:
            case exp.Paren():
                return self.pieces(node.this)
            case exp.Column():
                return self._column(node)
            case exp.Coalesce():
                pieces = self.pieces(node.this)
                for later in node.expressions:
                    blank = when_blank(pieces)
                    kept = [(every(guard, when_known(term)), term) for guard, term in pieces if term is not None]
                    pieces = [*kept, *((every(blank, guard), term) for guard, term in self.pieces(later))]
                return pieces
            case exp.Case():
                return [
                    (every(guard, inner), term)
                    for guard, outcome in self._cases(node)
                    for inner, term in self.pieces(outcome)
                ]
            case exp.Add() | exp.Sub() if _step(node.expression):
                return self._moved(node)
            case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
                return self._calculated(node)
            case exp.Neg():
                pieces = self.pieces(node.this)
                return [(guard, None if term is None else as_number(term, node).times(-1)) for guard, term in pieces]
            case exp.DateDiff() if str(node.args.get("unit", "")).upper() == "DAY":
                return self._calculated(exp.Sub(this=node.this, expression=node.expression))
            case _:
                return [(TRUE, as_term(self.constant(node)))]

    def constant(self, node: exp.Expr) -> object:
        """The value of a part without columns.

        Raises:
            Outside: it is none, or not of a kind known here.
        """
        match node:
            case exp.Paren():
                return self.constant(node.this)
            case exp.Literal():
                return str(node.this) if node.is_string else float(node.this)
            case exp.Boolean():
                return bool(node.this)
            case exp.Null():
                return None
            case exp.Placeholder() if str(node.this) in self.parameters:
                return self.parameters[str(node.this)]
            case exp.Cast() if node.is_type("date") and isinstance(node.this, exp.Literal):
                return dt.date.fromisoformat(str(node.this.this))
            case exp.Array() | exp.Tuple():
                return [self.constant(value) for value in node.expressions]
            case exp.Neg() | exp.Add() | exp.Sub() | exp.Mul() if not node.find(exp.Column):
                total = self.pieces(node.this) if isinstance(node, exp.Neg) else self._calculated(node)
                value = as_number(total[0][1], node).constant
                return -value if isinstance(node, exp.Neg) else value
            case _:
                raise Outside(node.sql(dialect="duckdb"))

    def _column(self, node: exp.Column) -> Pieces:
        if node.name not in self.columns:
            raise Outside(node.sql(dialect="duckdb"))
        column = self.columns[node.name]
        if isinstance(column, Number):
            filled = Missing(column.variable, filled=True)
            return [(filled, Linear(((column.variable, 1),))), (Missing(column.variable), None)]
        if isinstance(column, Category):
            return [(Missing(column.variable, filled=True), column), (Missing(column.variable), None)]
        return [(TRUE, as_term(column))]

    def _calculated(self, node: exp.Expr) -> Pieces:
        """A sum, a difference, a multiple or a ratio."""
        result: Pieces = []
        for first, one in self.pieces(node.this):
            for second, other in self.pieces(node.expression):
                guard = every(first, second)
                if one is None or other is None:
                    result.append((guard, None))
                    continue
                left, right = as_number(one, node), as_number(other, node)
                if isinstance(node, exp.Add | exp.Sub):
                    result.append((guard, left + right.times(1 if isinstance(node, exp.Add) else -1)))
                elif isinstance(node, exp.Mul) and not (left.terms and right.terms):
                    result.append((guard, right.times(left.constant) if right.terms else left.times(right.constant)))
                elif isinstance(node, exp.Div) and (right.terms or right.constant):
                    result.append((guard, Ratio(left, right) if right.terms else left.times(1 / right.constant)))
                else:
                    raise Outside(node.sql(dialect="duckdb"))
        return result

    def _moved(self, node: exp.Expr) -> Pieces:
        """A date moved by days, months or years."""
        amount, unit = self._steps(node.expression)
        amount = -amount if isinstance(node, exp.Sub) else amount
        result: Pieces = []
        for guard, term in self.pieces(node.this):
            if term is None:
                result.append((guard, None))
                continue
            day = as_number(term, node)
            if unit == "days":
                result.append((guard, day + Linear((), amount)))
            elif not day.terms:
                result.append((guard, Linear((), shifted(dt.date.fromordinal(int(day.constant)), amount).toordinal())))
            elif day.constant or len(day.terms) > 1 or day.terms[0][1] != 1:
                raise Outside(node.sql(dialect="duckdb"))
            else:
                name = f"{day.terms[0][0]} {amount:+d} months"
                self.shifted[name] = (day.terms[0][0], amount)
                result.append((guard, Linear(((name, 1),))))
        return result

    def _steps(self, node: exp.Expr) -> tuple[int, str]:
        if isinstance(node, exp.Interval):
            name, given = str(node.args["unit"]).lower().rstrip("s") + "s", node.this
        else:
            name, given = node.name.lower().removeprefix("to_"), node.expressions[0]
        if isinstance(given, exp.Literal):
            amount = int(str(given.this))
        else:
            amount = int(as_number(as_term(self.constant(given)), node).constant)
        if name not in _UNITS:
            raise Outside(node.sql(dialect="duckdb"))
        return amount * _UNITS[name][0], _UNITS[name][1]


#: Unit of an interval → how many of which step.
_UNITS = {"days": (1, "days"), "weeks": (7, "days"), "months": (1, "months"), "years": (12, "months")}


def _step(node: exp.Expr) -> bool:
    return isinstance(node, exp.Interval) or (isinstance(node, exp.Anonymous) and node.name.lower().startswith("to_"))


def shifted(day: dt.date, months: int) -> dt.date:
    """A date moved by whole months as the engine does it: the last day of a shorter month stands for those beyond."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _not_both(translator: Translator, node: exp.Expr) -> Formula:
    return either(when_filled(translator.pieces(node.this)), when_filled(translator.pieces(node.expression)))
