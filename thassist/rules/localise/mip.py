"""The smallest set of fields that must change, as a mixed-integer program (Fellegi and Holt 1976; de Waal 2003).

Each field has a binary δ that is 1 where the field changes; the sum of δ times weight is minimised under the condition
that values exist which satisfy every formula and which differ from the record only in fields with δ = 1. HiGHS solves
it with no gap left. Because δ meets the values through large constants, a solver's tolerance could let a kept value
move a little; therefore every solution is solved again with the kept values fixed. Where that has no solution, no part
of that set can have one, which is a valid cut, and the search goes on. So the answer is exact.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import highspy

from thassist.rules.localise.formula import (
    AtMostZero,
    Constant,
    Either,
    Every,
    Formula,
    Linear,
    Missing,
    OneOf,
    Same,
    atoms,
)
from thassist.rules.localise.sql import shifted

#: What a real number must exceed to be greater: below it two numbers count as equal (as in R ``errorlocate``).
_EPSILON = 1e-5
_SECONDS = 20.0
_DAYS = (657438.0, 803534.0)  #: first day of 1801, last day of 2200: where a date may be moved to
_EXACT = 1e-9
_ROUNDS = 100


@dataclass(frozen=True)
class Variable:
    """A value that formulas name.

    Attributes:
        value: as recorded; None where missing. Dates are day numbers.
        kind: ``real``, ``integer``, ``date`` or ``category``.
        owners: the fields whose change sets it free.
        nullable: it may be missing.
        domain: the values that a category may take; None: any.
        mirrors: another variable that it equals while no owner changes: a column joined by a key.
        free: it has no recorded value to keep, and filling it costs nothing.
    """

    value: object
    kind: str = "category"
    owners: tuple[str, ...] = ()
    nullable: bool = True
    domain: frozenset[object] | None = None
    mirrors: str = ""
    free: bool = False

    @property
    def category(self) -> bool:
        """Whether it is a code rather than a number."""
        return self.kind == "category"


@dataclass(frozen=True, slots=True)
class Solution:
    """Fields that must change, their weight, and values with which every formula holds."""

    fields: frozenset[str]
    weight: float
    values: dict[str, object]


@dataclass
class Problem:
    """A record, its rules, and how reliable its fields are.

    Attributes:
        variables: name → variable.
        formulas: what must hold.
        weights: field → how much trust it deserves; ``inf``: it is never changed.
        must_change: sets of fields of which at least one is wrong for certain.
        shifted: dates moved by months: name → (variable, months).
    """

    variables: dict[str, Variable]
    formulas: list[Formula]
    weights: Mapping[str, float]
    must_change: list[frozenset[str]] = field(default_factory=list)
    shifted: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def solve(
        self, *, but_not: Iterable[frozenset[str]] = (), fixed: Mapping[str, object] | None = None
    ) -> Solution | None:
        """The lightest set of fields whose change can satisfy all; among equals the same one every time.

        Args:
            but_not: sets that are known already and, with what contains them, not wanted again.
            fixed: variables to be given a value, to try a suggestion.

        Returns:
            None where nothing satisfies all, or the solver does not finish in time.
        """
        cuts: list[tuple[frozenset[str], bool]] = [(known, False) for known in but_not]
        for _ in range(_ROUNDS):
            program = _Program(self, fixed or {})
            found = program.lightest(cuts)
            if found is None:
                return None
            exact = _Program(self, fixed or {}, kept=set(program.fields) - found).values()
            if exact is not None:
                return Solution(found, sum(self.weights.get(name, 1.0) for name in found), exact)
            cuts.append((found, True))
        return None


class _Program:
    """The program of one problem, row by row."""

    def __init__(self, problem: Problem, fixed: Mapping[str, object], kept: set[str] | None = None) -> None:
        self._problem = problem
        self._kept = kept
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._cost: list[float] = []
        self._integer: list[bool] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self._number: dict[str, int] = {}
        self._choice: dict[str, dict[object, int]] = {}
        self._null: dict[str, int] = {}
        owners = {owner for variable in problem.variables.values() for owner in variable.owners}
        self.fields = sorted(owners.union(*problem.must_change))
        tie = 1e-5 / (len(self.fields) + 1)
        self._delta: dict[str, int] = {}
        for rank, name in enumerate(self.fields):
            weight = problem.weights.get(name, 1.0)
            top = 0.0 if math.isinf(weight) or (kept is not None and name in kept) else 1.0
            low = top if kept is not None else 0.0
            cost = 0.0 if math.isinf(weight) else weight + tie * rank
            self._delta[name] = self._column(low, top, integer=True, cost=cost)
        domains = self._domains()
        for name, variable in problem.variables.items():
            self._add(name, variable, domains)
        for name, (base, months) in problem.shifted.items():
            self._add_shifted(name, base, months)
        for name, variable in problem.variables.items():
            self._keep(name, variable)
        for name, value in fixed.items():
            self._fix(name, value)
        for formula in problem.formulas:
            self._require(formula, None)
        for several in problem.must_change:
            self._row({self._delta[name]: 1.0 for name in several}, 1, math.inf)

    # --- columns -----------------------------------------------------------------------------------------------------

    def _column(self, low: float, high: float, *, integer: bool, cost: float = 0.0) -> int:
        self._lower.append(low)
        self._upper.append(high)
        self._integer.append(integer)
        self._cost.append(cost)
        return len(self._lower) - 1

    def _row(self, terms: dict[int, float], low: float, high: float) -> None:
        self._rows.append((terms, low, high))

    def _domains(self) -> dict[str, list[object]]:
        """The values of each category: those named, those recorded, and one that is none of them where any may be."""
        named: dict[str, set[object]] = {
            name: ({variable.value} - {None}) | set(variable.domain or ())
            for name, variable in self._problem.variables.items()
            if variable.category
        }
        same: list[tuple[str, str]] = [
            (variable.mirrors, name)
            for name, variable in self._problem.variables.items()
            if variable.mirrors and variable.category
        ]
        for formula in self._problem.formulas:
            for atom in atoms(formula):
                if isinstance(atom, OneOf) and self._problem.variables[atom.variable].domain is None:
                    named[atom.variable] |= atom.values
                elif isinstance(atom, Same):
                    same.append((atom.left, atom.right))
        for name, values in named.items():
            if self._problem.variables[name].domain is None:
                values.add(("other", name))
        spread = True
        while spread:
            spread = False
            for one, other in same:
                for target, source in ((one, other), (other, one)):
                    more = named[source] - named[target]
                    if more and self._problem.variables[target].domain is None:
                        named[target] |= more
                        spread = True
        return {name: sorted(values, key=repr) for name, values in named.items()}

    def _add(self, name: str, variable: Variable, domains: Mapping[str, list[object]]) -> None:
        if variable.nullable:
            self._null[name] = self._column(0, 1, integer=True)
        if variable.category:
            self._choice[name] = {value: self._column(0, 1, integer=True) for value in domains[name]}
            ones = dict.fromkeys(self._choice[name].values(), 1.0)
            self._row(ones | ({self._null[name]: 1.0} if variable.nullable else {}), 1, 1)
            return
        low, high = _DAYS
        if variable.kind != "date":
            high = 1e3 * max([1e3, *(abs(value) for value in self._magnitudes())])
            low = -high
        self._number[name] = self._column(low, high, integer=variable.kind != "real")

    def _magnitudes(self) -> Iterable[float]:
        for variable in self._problem.variables.values():
            if isinstance(variable.value, int | float) and variable.kind in {"real", "integer"}:
                yield float(variable.value)
        for formula in self._problem.formulas:
            yield from (atom.sum.constant for atom in atoms(formula) if isinstance(atom, AtMostZero))

    def _add_shifted(self, name: str, base: str, months: int) -> None:
        """A date moved by months: exact while the date is kept, within a few days of the average while it is free."""
        average = months * 365.2425 / 12
        column = self._column(_DAYS[0] - 80000, _DAYS[1] + 80000, integer=True)
        self._number[name] = column
        low, high = math.floor(average) - 3, math.ceil(average) + 3
        self._row({column: 1.0, self._number[base]: -1.0}, low, high)
        variable = self._problem.variables[base]
        root = self._problem.variables[variable.mirrors] if variable.mirrors else variable
        if isinstance(root.value, int | float):
            moved = shifted(dt.date.fromordinal(int(root.value)), months).toordinal()
            self._stay(column, float(moved), self._frees((*variable.owners, *root.owners)))

    def _frees(self, owners: Iterable[str]) -> dict[int, float]:
        return {self._delta[owner]: 1.0 for owner in owners}

    def _keep(self, name: str, variable: Variable) -> None:
        """The value stays unless an owner changes."""
        if variable.free:
            return
        free = self._frees(variable.owners)
        if variable.mirrors:
            self._mirror(name, variable.mirrors, free)
            return
        missing = variable.value is None
        if name in self._null:
            self._stay(self._null[name], float(missing), free)
        if missing:
            return
        if variable.category:
            self._stay(self._choice[name][variable.value], 1.0, free)
        elif isinstance(variable.value, int | float):
            self._stay(self._number[name], float(variable.value), free)

    def _stay(self, column: int, value: float, free: dict[int, float]) -> None:
        """A column keeps a value unless one of the given δ is 1."""
        if all(self._upper[delta] == 0 for delta in free):
            self._lower[column] = self._upper[column] = value
            return
        above, below = self._upper[column] - value, value - self._lower[column]
        self._row({column: 1.0} | dict.fromkeys(free, -above), -math.inf, value)
        self._row({column: 1.0} | dict.fromkeys(free, below), value, math.inf)

    def _mirror(self, name: str, of: str, free: dict[int, float]) -> None:
        pairs = [(self._null[name], self._null[of])] if name in self._null and of in self._null else []
        if name in self._null and of not in self._null:  # what is never empty is not empty where it is joined either
            self._stay(self._null[name], 0.0, free)
        if name in self._choice:
            pairs += [(self._choice[name][value], self._choice[of][value]) for value in self._choice[of]]
        else:
            pairs.append((self._number[name], self._number[of]))
        for one, other in pairs:
            room = self._upper[one] - self._lower[other]
            back = self._upper[other] - self._lower[one]
            self._row({one: 1.0, other: -1.0} | dict.fromkeys(free, -room), -math.inf, 0)
            self._row({one: 1.0, other: -1.0} | dict.fromkeys(free, back), 0, math.inf)

    def _fix(self, name: str, value: object) -> None:
        column, wanted = (self._number.get(name), value)
        if name in self._null:
            null = self._null[name]
            self._lower[null] = self._upper[null] = float(value is None)
        if name in self._choice and value is not None:
            column, wanted = self._choice[name].get(value), 1.0
            if column is None:
                self._row({}, 1, 1)  # a value that the variable cannot take
        if column is not None and isinstance(wanted, int | float):
            self._lower[column] = max(self._lower[column], float(wanted))
            self._upper[column] = min(self._upper[column], float(wanted))

    # --- formulas ----------------------------------------------------------------------------------------------------

    def _require(self, formula: Formula, where: int | None) -> None:
        """The formula holds where the binary ``where`` is 1 (None: always)."""
        match formula:
            case Every(parts):
                for part in parts:
                    self._require(part, where)
            case Either(parts):
                ones: dict[int, float] = {}
                for part in parts:
                    chosen = self._column(0, 1, integer=True)
                    ones[chosen] = 1.0
                    self._require(part, chosen)
                self._at_least_one(ones, where)
            case AtMostZero(total, strict):
                self._at_most_zero(total, where, strict=strict)
            case OneOf(variable, values, outside):
                chosen_values = [c for v, c in self._choice[variable].items() if (v in values) != outside]
                self._at_least_one(dict.fromkeys(chosen_values, 1.0), where)
            case Missing(variable, filled):
                self._missing(variable, where, filled=filled)
            case Same(left, right, different):
                self._same(left, right, where, different=different)
            case Constant(value):
                if not value:
                    self._at_least_one({}, where)

    def _at_least_one(self, ones: dict[int, float], where: int | None) -> None:
        self._row(ones | ({where: -1.0} if where is not None else {}), 1 if where is None else 0, math.inf)

    def _missing(self, variable: str, where: int | None, *, filled: bool) -> None:
        null = self._null.get(variable)
        if null is None:
            if not filled:
                self._at_least_one({}, where)
        elif filled:
            self._row({null: 1.0} | ({where: 1.0} if where is not None else {}), -math.inf, 0 if where is None else 1)
        else:
            self._at_least_one({null: 1.0}, where)

    def _same(self, left: str, right: str, where: int | None, *, different: bool) -> None:
        mine, other = self._choice[left], self._choice[right]
        condition = {where: 1.0} if where is not None else {}
        loose = 1.0 if where is not None else 0.0
        for value in {**mine, **other}:
            one, two = mine.get(value), other.get(value)
            if different:
                if one is not None and two is not None:
                    self._row({one: 1.0, two: 1.0} | condition, -math.inf, 1 + loose)
            else:
                for first, second in ((one, two), (two, one)):
                    if first is not None:
                        against = {second: -1.0} if second is not None else {}
                        self._row({first: 1.0} | against | condition, -math.inf, loose)
        for variable in (left, right):
            self._missing(variable, where, filled=True)

    def _at_most_zero(self, total: Linear, where: int | None, *, strict: bool) -> None:
        terms = {self._number[name]: factor for name, factor in total.terms}
        limit = -total.constant
        if strict:
            whole = all(self._integer[c] for c in terms) and all(f == int(f) for f in (*terms.values(), limit))
            limit -= 1 if whole else _EPSILON * max(1.0, abs(limit) * 1e-3)
        if where is not None:
            top = sum(factor * (self._upper[c] if factor > 0 else self._lower[c]) for c, factor in terms.items())
            slack = max(0.0, top - limit)
            terms = {**terms, where: slack}
            limit += slack
        self._row(terms, -math.inf, limit)

    # --- solving -----------------------------------------------------------------------------------------------------

    def lightest(self, cuts: Iterable[tuple[frozenset[str], bool]]) -> frozenset[str] | None:
        """The lightest set of fields; a cut forbids a set with all above it (False) or all below it (True)."""
        for known, below in cuts:
            if below:
                more = {column: 1.0 for name, column in self._delta.items() if name not in known}
                self._row(more, 1, math.inf)
            else:
                self._row({self._delta[name]: 1.0 for name in known}, -math.inf, len(known) - 1)
        found = self._run()
        if found is None:
            return None
        return frozenset(name for name, column in self._delta.items() if found[column] > 0.5)

    def values(self) -> dict[str, object] | None:
        """Values that satisfy all, with every kept value exactly as recorded."""
        self._cost = [0.0] * len(self._cost)
        found = self._run()
        if found is None:
            return None
        values: dict[str, object] = {}
        for name, column in self._number.items():
            values[name] = round(found[column]) if self._integer[column] else found[column]
        for name, choice in self._choice.items():
            values[name] = next((value for value, column in choice.items() if found[column] > 0.5), None)
        return values | {name: None for name, column in self._null.items() if found[column] > 0.5}

    def _run(self) -> list[float] | None:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._lower), len(self._rows)
        model.col_lower_, model.col_upper_, model.col_cost_ = self._lower, self._upper, self._cost
        model.row_lower_ = [low for _, low, _ in self._rows]
        model.row_upper_ = [high for _, _, high in self._rows]
        kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
        model.integrality_ = [kinds[whole] for whole in self._integer]
        starts, indices, factors = [0], [], []
        for terms, _, _ in self._rows:
            indices += list(terms)
            factors += list(terms.values())
            starts.append(len(indices))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, indices, factors
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("time_limit", _SECONDS),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.0),
            ("mip_feasibility_tolerance", _EXACT),
            ("primal_feasibility_tolerance", _EXACT),
        ):
            solver.setOptionValue(option, value)
        solver.passModel(model)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return list(solver.getSolution().col_value)
