"""The least loss there is, where the tables are small: a master that chooses, and attackers that object.

The master is a programme of one yes or no a cell (withheld or not) at the least cost. Every attacker that learns too
much under its choice objects by an inequality that every good pattern fulfils (:mod:`thassist.disclosure.separation`);
then it chooses again. What no attacker objects to is judged by the audit, which plays them all, in whole numbers too;
what the audit convicts, and whatever publishes more, is forbidden. The first choice that the audit accepts costs the least
there is.

Withholding more never tells an attacker more: cells of one or two persons, by which insiders are told, are withheld
in every pattern. So all inequalities bind in one direction only.

Source: Fischetti and Salazar-González, Management Science 47 (2001), 1008-1027.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.attack import Records
from thassist.disclosure.audit import Audit, Finding, Verdict, audit_system
from thassist.disclosure.equations import BoolArray, FloatArray, System
from thassist.disclosure.flow import OutOfTime
from thassist.disclosure.rule import INSIDER, OUTSIDER_RULES, Rule
from thassist.disclosure.separation import Alternative, Cut, Demand, Separator
from thassist.disclosure.solver import solver
from thassist.disclosure.witness import Witness

#: Up to so many cells may be withheld or not; above, the heuristic's pattern stands.
MOST_FREE = 150
#: Work after which the heuristic's pattern stands: programmes of attackers, choices of the master, its branches.
_MOST_SOLVES, _MOST_CHOICES, _MOST_NODES = 60_000, 250, 200_000
_NOISE = 1e-6
_TIGHT = 1e-4
_INF = highspy.kHighsInf
#: How long whole numbers may take about one demand.
_WHOLE_SECONDS = 3.0


@dataclass
class Problem:
    """What is to be protected.

    Attributes:
        system, truth, rule, records: as for :func:`thassist.disclosure.protect.protect_system`.
        movable: cells that may be withheld or are.
        must: those that are withheld in every pattern.
        small: those of them that must not be found out.
        cost: of withholding each cell.
    """

    system: System = field(repr=False)
    truth: FloatArray
    rule: Rule
    records: Mapping[int, Records]
    movable: BoolArray
    must: BoolArray
    small: BoolArray
    cost: FloatArray

    @property
    def free(self) -> BoolArray:
        """The cells of which there is a choice."""
        return np.asarray(self.movable & ~self.must, np.bool_)

    def spent(self, pattern: BoolArray) -> float:
        """What a pattern costs."""
        return float(self.cost[pattern & self.free].sum())


@dataclass
class Least:
    """The cheapest pattern that the audit accepts.

    Attributes:
        withheld: every withheld cell.
        audit: the verdict on it; None for the promise ``interval``, which is not audited.
        proven: whether nothing cheaper is accepted, for certain.
        choices, solves: the work.
    """

    withheld: BoolArray
    audit: Audit | None
    proven: bool
    choices: int
    solves: int


def least_loss(
    problem: Problem, incumbent: BoolArray | None, deadline: float, witnesses: Sequence[Witness] = ()
) -> Least | None:
    """Choose what to withhold at the least cost.

    Args:
        problem: what is to be protected.
        incumbent: a pattern that was accepted, if there is one; only a cheaper one is looked for.
        deadline: of :func:`time.monotonic`.
        witnesses: alternatives that save the audit time.

    Returns:
        The cheapest pattern; the incumbent itself (with no audit of its own) if nothing is cheaper. None where the
        tables are too large, the work or the time was used up, or nothing can be accepted: then whatever the
        heuristic has stands.
    """
    if not 0 < int(problem.free.sum()) <= MOST_FREE:
        return None
    if INSIDER in problem.rule.attackers and len(problem.records) != len(problem.system.populations):
        return None
    try:
        return _Search(problem, incumbent, deadline, witnesses).run()
    except OutOfTime:
        return None


class _Search:
    def __init__(
        self, problem: Problem, incumbent: BoolArray | None, deadline: float, witnesses: Sequence[Witness]
    ) -> None:
        self.problem, self.incumbent, self.deadline = problem, incumbent, deadline
        rule = problem.rule
        least = 1.0 if rule.zeros_shown and rule.promise == "threshold" and rule.attackers != ("outsider",) else 0.0
        self.separator = Separator(
            problem.system, problem.truth, least, problem.movable, problem.must, problem.records, deadline
        )
        self.known: list[Alternative] = []
        self.cells = np.flatnonzero(problem.free)
        self.demands = list(self._demands())
        self.insiders: list[Demand] = list(self._of_insiders()) if self._plays_insiders() else []
        self.witnesses = list(witnesses)
        self.master = _Master(problem.cost[self.cells], deadline)
        for gain in self._rows():
            self.master.add(gain)
        if incumbent is not None:
            self.master.incumbent = incumbent[self.cells].astype(float)
        self.choices = 0

    def run(self) -> Least | None:
        problem = self.problem
        self._relaxed()
        best = problem.spent(self.incumbent) if self.incumbent is not None else np.inf
        while self.choices < _MOST_CHOICES and self.separator.solves < _MOST_SOLVES:
            self.choices += 1
            chosen = self.master.choose()
            if chosen is None:
                return None
            pattern = problem.must.copy()
            pattern[self.cells[chosen]] = True
            if problem.spent(pattern) >= best - _NOISE:
                assert self.incumbent is not None  # noqa: S101
                return self._least(self.incumbent, None)
            if self._objections(pattern):
                continue
            if problem.rule.promise == "interval":
                return self._least(pattern, None)
            audit = self._audit(pattern)
            if audit.safe:
                return self._least(pattern, audit)
            if not audit.consistent:
                return None
            self._forbid(pattern, audit)
        return None

    def _least(self, pattern: BoolArray, audit: Audit | None) -> Least:
        return Least(pattern, audit, proven=True, choices=self.choices, solves=self.separator.solves)

    # -- what must hold

    def _demands(self) -> Iterator[Demand]:
        """What outsiders must not be able to rule out."""
        rule, truth = self.problem.rule, self.problem.truth
        for cell in np.flatnonzero(self.problem.small).tolist():
            value = float(truth[cell])
            if rule.promise == "interval":
                yield Demand(cell, value + 1)
                yield Demand(cell, value - 1, up=False)
                continue
            yield Demand(cell, float(rule.threshold))
            if rule.threshold - value < rule.width:
                yield Demand(cell, value + rule.width, width=float(rule.width))

    def _plays_insiders(self) -> bool:
        known = len(self.problem.records) == len(self.problem.system.populations)
        return INSIDER in self.problem.rule.attackers and self.problem.rule.promise == "threshold" and known

    def _of_insiders(self) -> Iterator[Demand]:
        """The same for everybody who is counted in a withheld cell of one or two, about everybody else."""
        if not self.separator.leaves:
            return
        problem, truth = self.problem, self.problem.truth
        targets = np.flatnonzero(problem.small)
        for number, first, leaves in self.separator.leaves:
            inner = self.separator.inner[first : first + leaves.shape[0]]
            there = np.flatnonzero(inner > 0)
            member = sparse.csr_array(problem.system.incidence(number, leaves[there])).toarray() > 0
            lonely = set()
            for place, kind in enumerate(there.tolist()):
                counted = np.flatnonzero(member[:, place] & problem.must)
                alone = counted[truth[counted] == 1].tolist()
                if alone:
                    lonely.add(kind)
                abouts = alone or ([-1] if (truth[counted] == 2).any() else [])
                for about in abouts:
                    for target in targets.tolist():
                        if target != about and not (member[target, place] and truth[target] == 1):
                            yield Demand(target, float(problem.rule.threshold), alone=about, kind=first + kind)

    def _rows(self) -> Iterator[FloatArray]:
        """In no sum is one cell withheld alone: it would follow from the others, and could as well be published."""
        problem, system = self.problem, self.problem.system
        rows = system.rows
        hidden = problem.must | (~system.shown & ~((problem.truth == 0)))
        for row in np.flatnonzero(system.low == system.high).tolist():
            cells = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
            certain = cells[hidden[cells]]
            choice = cells[problem.free[cells]]
            if certain.size > 1:
                continue
            for cell in certain.tolist() if certain.size else choice.tolist():
                if not (problem.free[cell] or problem.small[cell]):
                    continue
                gain = np.zeros(system.size)
                gain[choice] = 1.0
                if problem.free[cell]:
                    gain[cell] = -1.0
                    yield np.concatenate([gain[self.cells], [0.0]])
                else:
                    yield np.concatenate([gain[self.cells], [1.0]])

    # -- objections

    def _relaxed(self) -> None:
        """Inequalities for choices in fractions: cheap, and most of what there is to say."""
        while self.separator.solves < _MOST_SOLVES // 4:
            share = self.master.relaxed()
            pattern = self.problem.must.astype(float)
            pattern[self.cells] = share
            added = 0
            for demand in self.demands:
                added += self._add(self.separator.cut(demand, pattern), share)
            if not added:
                return

    def _add(self, cut: Cut | Alternative | None, share: FloatArray) -> bool:
        if not isinstance(cut, Cut):
            return False
        gain = cut.gain[self.cells]
        if gain @ share >= 1 - _TIGHT:
            return False
        self.master.add(np.concatenate([gain, [1.0]]))
        return True

    def _objections(self, pattern: BoolArray) -> bool:
        """Whether anybody objects to a choice; the master is told why."""
        share = pattern[self.cells].astype(float)
        added = False
        for demands in (self.demands, self.insiders):
            for demand in demands:
                if self._refuted(demand, pattern):
                    continue
                told = self.separator.ask(demand, pattern.astype(float))
                if isinstance(told, Alternative):
                    self.known.append(told)
                elif self._add(told, share):
                    added = True
            if added:
                return True
        return False

    def _refuted(self, demand: Demand, pattern: BoolArray) -> bool:
        hidden = pattern | self.problem.must
        return any(
            each.meets(demand, self.problem.truth) and not (each.moved & ~hidden).any() for each in self.known
        )

    def _audit(self, pattern: BoolArray) -> Audit:
        problem = self.problem
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        from dataclasses import replace

        found = audit_system(
            problem.system,
            np.where(pattern | ~problem.system.shown, np.nan, problem.truth),
            pattern.copy(),
            replace(problem.rule, audit_seconds=min(problem.rule.audit_seconds, left)),
            truth=problem.truth,
            records=problem.records,
            witnesses=self.witnesses,
        )
        self.witnesses = list(found.witnesses)
        return found

    def _forbid(self, pattern: BoolArray, audit: Audit) -> None:
        """Forbid what the audit convicts, and whatever publishes more than that."""
        publishes = self.problem.free & ~pattern
        gain = publishes[self.cells].astype(float)
        self.master.add(np.concatenate([gain, [1.0]]))


class _Master:
    """The choice at the least cost: one binary a cell, rows ``gain @ s >= right``."""

    def __init__(self, cost: FloatArray, deadline: float) -> None:
        self.deadline, self.size = deadline, cost.size
        self.cost = cost
        self.rows: list[FloatArray] = []
        self.incumbent: FloatArray | None = None
        self.highs = self._model()

    def _model(self) -> highspy.Highs:
        highs = solver()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, 0
        model.col_cost_, model.col_lower_, model.col_upper_ = self.cost, np.zeros(self.size), np.ones(self.size)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.zeros(self.size + 1, np.int32)
        highs.passModel(model)
        return highs

    def add(self, row: FloatArray) -> None:
        """Add a row: a gain a cell, and at last the right side."""
        self.rows.append(row)
        used = np.flatnonzero(row[:-1]).astype(np.int32)
        self.highs.addRow(float(row[-1]), _INF, used.size, used, row[used])

    def _run(self, highs: highspy.Highs) -> highspy.HighsModelStatus:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        highs.setOptionValue("time_limit", highs.getRunTime() + left)
        highs.run()
        return highs.getModelStatus()

    def relaxed(self) -> FloatArray:
        """The cheapest choice in fractions."""
        if self._run(self.highs) != highspy.HighsModelStatus.kOptimal:
            raise OutOfTime
        self.bound = self.highs.getInfo().objective_function_value
        return np.clip(np.array(self.highs.getSolution().col_value), 0, 1)

    def choose(self) -> BoolArray | None:
        """The cheapest choice; None if there is none."""
        highs = self._model()
        used = [np.flatnonzero(row[:-1]) for row in self.rows]
        highs.addRows(
            len(self.rows),
            np.array([row[-1] for row in self.rows]),
            np.full(len(self.rows), _INF),
            sum(each.size for each in used),
            np.concatenate([[0], np.cumsum([each.size for each in used])[:-1]]).astype(np.int32),
            np.concatenate(used).astype(np.int32),
            np.concatenate([row[each] for row, each in zip(self.rows, used, strict=True)]),
        )
        highs.changeColsIntegrality(
            self.size, np.arange(self.size, dtype=np.int32), [highspy.HighsVarType.kInteger] * self.size
        )
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("mip_abs_gap", _NOISE)
        highs.setOptionValue("mip_max_nodes", _MOST_NODES)
        if self.incumbent is not None:
            solution = highspy.HighsSolution()
            solution.col_value = self.incumbent.tolist()
            highs.setSolution(solution)
        status = self._run(highs)
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise OutOfTime
        return np.array(highs.getSolution().col_value) > 0.5
