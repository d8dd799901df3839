"""A value that would be right: the slips of the hand that turn the recorded value into one with which all rules hold.

Tried in this order: two dates of a record in each other's place; day and month swapped; the wrong century; the year
before or after, as in January; two digits swapped. For codes: the nearest code, where the recorded one does not exist,
and the only possible one. A value is suggested only where the program says that every rule holds with it.
"""

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from thassist.codes import classification
from thassist.records.dataset import fields
from thassist.rules.localise.cases import Built
from thassist.rules.localise.mip import Problem, Solution, Variable

_FEW = 30  #: as many codes as are tried one by one


def suggestions(built: Built, solution: Solution) -> dict[str, tuple[str, str]]:
    """Field → suggested value and how it was found; fields without a suggestion are left out."""
    problem = replace(built.problem, weights=_only(built.problem, set(solution.fields)))
    found = _swapped(built, solution)
    for name, variable in _cells(built, solution).items():
        offered = None if name in found else _offered(built, problem, variable)
        if offered:
            found[name] = offered
    return found


def _cells(built: Built, solution: Solution) -> dict[str, str]:
    """Field → the variable that holds its value, for the fields of a solution that are cells."""
    return {
        name: variable
        for name in sorted(solution.fields)
        if (variable := " ".join(map(str, built.fields[name]))) in built.cells
    }


def _swapped(built: Built, solution: Solution) -> dict[str, tuple[str, str]]:
    """Two dates of one record, of which the rules would accept each in the other's place."""
    problem = built.problem
    days = {v: built.cells[v] for v, one in problem.variables.items() if v in built.cells and one.kind == "date"}
    days = {variable: cell for variable, cell in days.items() if not cell[2].endswith("_last")}
    found: dict[str, tuple[str, str]] = {}
    for one, other in itertools.combinations(days, 2):
        first, second = problem.variables[one], problem.variables[other]
        names = {first.owners[0], second.owners[0]}
        if days[one][:2] != days[other][:2] or not solution.fields & names or first.value == second.value:
            continue
        if first.value is None or second.value is None:
            continue
        allowed = replace(problem, weights=_only(problem, names | solution.fields))
        fixed = _with_last(problem, one, second.value) | _with_last(problem, other, first.value)
        if allowed.solve(fixed=fixed) is not None:
            found |= {
                first.owners[0]: (_day(second.value), "swapped"),
                second.owners[0]: (_day(first.value), "swapped"),
            }
    return found


def _only(problem: Problem, names: Iterable[str]) -> dict[str, float]:
    names = frozenset(names)
    return {name: weight if name in names else math.inf for name, weight in problem.weights.items()}


def _with_last(problem: Problem, variable: str, value: object) -> dict[str, object]:
    """A date known to the day has itself as its last day."""
    last = f"{variable}_last"
    return {variable: value} | ({last: value} if last in problem.variables else {})


def _day(value: object) -> str:
    return dt.date.fromordinal(value).isoformat() if isinstance(value, int) else ""


def _offered(built: Built, problem: Problem, variable: str) -> tuple[str, str] | None:
    known = problem.variables[variable]
    table, _, column = built.cells[variable]
    if known.kind == "date":
        if not isinstance(known.value, int):
            return None
        for day, how in slips(dt.date.fromordinal(known.value)):
            if problem.solve(fixed=_with_last(problem, variable, day.toordinal())) is not None:
                return day.isoformat(), how
        return None
    if known.domain is None or not known.category:
        return None
    return _code(problem, variable, known, table, column)


def _code(problem: Problem, variable: str, known: Variable, table: str, column: str) -> tuple[str, str] | None:
    info = next(one.info for one in fields(table) if one.name == column)
    if "classification" in info and isinstance(known.value, str):
        codes = classification(str(info["classification"]))
        if known.value not in codes.codes:
            nearest = codes.nearest(known.value)
            fits = nearest and problem.solve(fixed={variable: nearest}) is not None
            return (str(nearest), "code") if fits else None
    domain = sorted(known.domain or (), key=str)
    if len(domain) > _FEW:
        return None
    possible: list[object] = [*domain, *([None] if known.nullable and known.value is not None else [])]
    fitting = [v for v in possible if v != known.value and problem.solve(fixed={variable: v}) is not None]
    if len(fitting) == 1 and fitting[0] is not None:
        return (str(fitting[0]).lower() if isinstance(fitting[0], bool) else str(fitting[0])), "only"
    return None


def slips(day: dt.date) -> Iterator[tuple[dt.date, str]]:
    """The dates that a slip of the hand could have turned into this one, the likeliest first."""
    tried = {day}
    for year, month, number, how in _numbers(day):
        try:
            other = dt.date(year, month, number)
        except ValueError:
            continue
        if other not in tried:
            tried.add(other)
            yield other, how


def _numbers(day: dt.date) -> Iterator[tuple[int, int, int, str]]:
    yield day.year, day.day, day.month, "day_month"
    for step in (100, -100):
        yield day.year + step, day.month, day.day, "century"
    for step in (1, -1):
        yield day.year + step, day.month, day.day, "year"
    digits = f"{day:%Y%m%d}"
    for place in range(len(digits) - 1):
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        yield int(swapped[:4]), int(swapped[4:6]), int(swapped[6:]), "digits"
    for step in (10, -10):
        yield day.year + step, day.month, day.day, "digits"
