"""What a condition says about the values of a record, in a form that a solver can read.

A formula is built of three kinds of atoms – a linear inequality over numbers, a value out of a set, a missing value –
joined by *and* and *or*. There is no negation: SQL knows three truth values, so the translation of a condition is three
formulas (it is TRUE, it is FALSE, it is not known), of which exactly one holds of any values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of variables times numbers, plus a number. Dates are day numbers (``date.toordinal``)."""

    terms: tuple[tuple[str, float], ...] = ()
    constant: float = 0

    def __add__(self, other: "Linear") -> "Linear":
        """The sum; a variable that cancels out is dropped."""
        summed: dict[str, float] = {}
        for name, factor in (*self.terms, *other.terms):
            summed[name] = summed.get(name, 0) + factor
        return Linear(tuple((n, f) for n, f in summed.items() if f), self.constant + other.constant)

    def times(self, factor: float) -> "Linear":
        """Every part multiplied by a number."""
        return Linear(tuple((name, factor * own) for name, own in self.terms if factor), factor * self.constant)

    def renamed(self, names: dict[str, str]) -> "Linear":
        """The same sum over other variables."""
        return Linear((), self.constant) + Linear(tuple((names.get(name, name), own) for name, own in self.terms))


@dataclass(frozen=True, slots=True)
class Constant:
    """Always true, or never."""

    value: bool


@dataclass(frozen=True, slots=True)
class AtMostZero:
    """A sum is at most zero; ``strict``: below zero."""

    sum: Linear
    strict: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """A filled value is in a set; ``outside``: a filled value is not in it."""

    variable: str
    values: frozenset[object]
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """Two filled values are equal; ``different``: are not."""

    left: str
    right: str
    different: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A value is missing; ``filled``: it is not."""

    variable: str
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple["Formula", ...]


Formula = Constant | AtMostZero | OneOf | Same | Missing | Every | Either
TRUE, FALSE = Constant(value=True), Constant(value=False)


def every(*parts: Formula) -> Formula:
    """All of the parts, without what is always true."""
    return _joined(parts, Every, neutral=TRUE, deciding=FALSE)


def either(*parts: Formula) -> Formula:
    """One of the parts, without what is never true."""
    return _joined(parts, Either, neutral=FALSE, deciding=TRUE)


def _joined(
    parts: Iterable[Formula], kind: type[Every] | type[Either], neutral: Constant, deciding: Constant
) -> Formula:
    flat: dict[Formula, None] = {}
    for part in parts:
        for one in part.parts if isinstance(part, kind) else (part,):
            if one == deciding:
                return deciding
            if one != neutral:
                flat[one] = None
    if not flat:
        return neutral
    return next(iter(flat)) if len(flat) == 1 else kind(tuple(flat))


def at_most_zero(total: Linear, *, strict: bool = False) -> Formula:
    """A sum is at most (below) zero; decided at once where it has no variable."""
    if total.terms:
        return AtMostZero(total, strict)
    return Constant(total.constant < 0 if strict else total.constant <= 0)


def atoms(formula: Formula) -> Iterator[Constant | AtMostZero | OneOf | Same | Missing]:
    """The atoms of a formula."""
    if isinstance(formula, Every | Either):
        for part in formula.parts:
            yield from atoms(part)
    else:
        yield formula


def variables(formula: Formula) -> set[str]:
    """The variables that a formula names."""
    names: set[str] = set()
    for atom in atoms(formula):
        if isinstance(atom, AtMostZero):
            names.update(name for name, _ in atom.sum.terms)
        elif isinstance(atom, OneOf | Missing):
            names.add(atom.variable)
        elif isinstance(atom, Same):
            names.update((atom.left, atom.right))
    return names


def renamed(formula: Formula, names: dict[str, str]) -> Formula:
    """The same formula over other variables: a rule is translated once and stands for every row."""
    match formula:
        case Every(parts):
            return every(*(renamed(part, names) for part in parts))
        case Either(parts):
            return either(*(renamed(part, names) for part in parts))
        case AtMostZero(total, strict):
            return at_most_zero(total.renamed(names), strict=strict)
        case OneOf(variable, values, outside):
            return OneOf(names.get(variable, variable), values, outside)
        case Same(left, right, different):
            return Same(names.get(left, left), names.get(right, right), different)
        case Missing(variable, filled):
            return Missing(names.get(variable, variable), filled)
        case _:
            return formula
