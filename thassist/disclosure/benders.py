"""The least loss there is, where the tables are small: a master that chooses, and attackers that object.

The master is a programme of one yes or no a cell (withheld or not) at the least cost. Every attacker that learns too
much under its choice objects by an inequality that every good pattern fulfils (:mod:`thassist.disclosure.separation`);
then it chooses again. What no attacker objects to is judged by the audit, which plays them all, in whole numbers too;
what the audit convicts, and whatever publishes more, is forbidden. The first choice that the audit accepts costs the
least there is.

Withholding more never tells an attacker more: cells of one or two persons, by which insiders are told, are withheld
in every pattern. So all inequalities bind in one direction only.

Source: Fischetti and Salazar-González, Management Science 47 (2001), 1008-1027.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from thassist.disclosure.attack import Doubt, Records
from thassist.disclosure.audit import Audit, Finding, audit_system
from thassist.disclosure.equations import BoolArray, FloatArray, System
from thassist.disclosure.master import Master
from thassist.disclosure.rule import INSIDER, OUTSIDER, Rule
from thassist.disclosure.separation import Alternative, Cut, Demand, Separator
from thassist.disclosure.solver import OutOfTime, OutOfWork, Work
from thassist.disclosure.witness import Witness

#: Up to so many cells may be withheld or not; above, the heuristic's pattern stands.
MOST_FREE = 150
#: Work after which the best accepted pattern stands, never seconds: steps of all programmes times their rows,
#: choices of the master, patterns that the audit is asked about, and how often it may object without a reason that
#: an inequality can tell.
_MOST_WORK, _MOST_CHOICES, _MOST_AUDITS, _MOST_PLAIN = 1e8, 150, 40, 12
#: Of this work the part that choices in fractions may use.
_RELAXED = 0.25
#: How far from the least the first choices may be: they cost little time, and most inequalities come from them.
_FIRST_GAP = 0.03
#: How often whole numbers are asked to make one inequality stronger.
_MOST_WHOLE = 60
_NOISE, _TIGHT = 1e-6, 1e-4


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
    truth: FloatArray = field(repr=False)
    rule: Rule
    records: Mapping[int, Records] = field(repr=False)
    movable: BoolArray
    must: BoolArray
    small: BoolArray
    cost: FloatArray = field(repr=False)

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
        audit: the verdict on it; None where it is the pattern that was given, or for the promise ``interval``.
        proven: whether nothing cheaper is accepted, for certain.
        choices, solves: the work.
    """

    withheld: BoolArray
    audit: Audit | None
    proven: bool
    choices: int = 0
    solves: int = 0


def least_loss(problem: Problem, incumbent: BoolArray, deadline: float, witnesses: Sequence[Witness] = ()) -> Least:
    """Choose what to withhold at the least cost.

    Args:
        problem: what is to be protected.
        incumbent: a pattern that was accepted.
        deadline: of :func:`time.monotonic`. A search that it cuts off gives nothing: how far it got would depend on the
            machine.
        witnesses: alternatives that save the audit time.

    Returns:
        The cheapest accepted pattern. The incumbent where the tables are too large, where zeros are not printed (a
        withheld zero would itself need protection), or where a solver is in doubt.

    Raises:
        OutOfTime: the deadline is reached.
    """
    rule = problem.rule
    given = Least(incumbent, None, proven=False)
    known = len(problem.records) == len(problem.system.populations)
    fits = 0 < int(problem.free.sum()) <= MOST_FREE and rule.zeros_shown
    if not fits or (INSIDER in rule.attackers and not known):
        return given
    try:
        return _Search(problem, given, deadline, witnesses).run()
    except Doubt:
        return given


class _Search:
    def __init__(self, problem: Problem, given: Least, deadline: float, witnesses: Sequence[Witness]) -> None:
        self.problem, self.best, self.deadline = problem, given, deadline
        self.work = Work(_MOST_WORK)
        self.threshold = problem.rule.promise == "threshold"
        knows = self.threshold and set(problem.rule.attackers) != {OUTSIDER}
        self.separator = Separator(
            problem.system,
            problem.truth,
            float(knows),
            problem.movable,
            problem.must,
            problem.records,
            self.work,
            deadline,
        )
        self.known: list[Alternative] = []
        self.cells = np.flatnonzero(problem.free)
        self.demands = list(self._demands())
        self.insiders = list(self._of_insiders()) if self.threshold and INSIDER in problem.rule.attackers else []
        self.witnesses = list(witnesses)
        self.master = Master(problem.cost[self.cells], self.work, deadline)
        for row in self._rows():
            self.master.add(row)
        self.choices = self.audits = self.plain = 0
        self.certain = True

    def run(self) -> Least:
        """The best pattern: proven, or when the work is done."""
        try:
            self._relaxed()
            while not self._nearest(_FIRST_GAP):
                pass
            while not self._nearest(0.0):
                pass
            self.best.proven = self.certain
        except OutOfWork:
            pass
        return replace(self.best, choices=self.choices, solves=self.separator.solves)

    def _nearest(self, gap: float) -> bool:
        """Choose once; whether the choice stands: it is accepted, or not cheaper than the best that was."""
        problem = self.problem
        self.choices += 1
        if self.choices > _MOST_CHOICES:
            raise OutOfWork
        pattern = problem.must.copy()
        pattern[self.cells[self.master.choose(gap, self.best.withheld[self.cells])]] = True
        if problem.spent(pattern) >= problem.spent(self.best.withheld) - _NOISE:
            return True
        if self._objections(pattern):
            return False
        audit = self._audit(pattern) if self.threshold else None
        if audit and not audit.safe:
            reason = self._reason(pattern, audit)
            if reason is not None:
                self._forbid(reason)
                return False
            audit = self._audit(pattern)
            if not audit.safe:
                self.certain = False  # taken at its word
                self._forbid(pattern)
                return False
        self.best = Least(pattern, audit, proven=False)
        return True

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
            for place, kind in enumerate(there.tolist()):
                counted = np.flatnonzero(member[:, place] & problem.must)
                alone = counted[truth[counted] == 1].tolist()
                abouts = alone or ([-1] if (truth[counted] == 2).any() else [])
                for about in abouts:
                    for target in targets.tolist():
                        if target != about and not (member[target, place] and truth[target] == 1):
                            yield Demand(target, float(problem.rule.threshold), alone=about, kind=first + kind)

    def _rows(self) -> Iterator[FloatArray]:
        """In no sum is one cell withheld alone: it would follow from the others, and could as well be published."""
        problem, system = self.problem, self.problem.system
        rows = system.rows
        hidden = problem.must | ~system.shown
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
        while self.work.done < _RELAXED * _MOST_WORK:
            share = self.master.relaxed()
            pattern = self.problem.must.astype(float)
            pattern[self.cells] = share
            cuts = [self.separator.cut(demand, pattern) for demand in self.demands]
            if not sum(self._add(cut, share) for cut in cuts if cut):
                return

    def _add(self, cut: Cut, share: FloatArray) -> bool:
        gain = cut.gain[self.cells]
        if gain @ share >= 1 - _TIGHT:
            return False
        self.master.add(np.concatenate([gain, [1.0]]))
        return True

    def _objections(self, pattern: BoolArray) -> bool:
        """Whether anybody objects to a choice; the master is told why."""
        share = pattern.astype(float)
        standing = [each for each in self.known if not (each.moved & ~pattern).any()]
        added = False
        for demands in (self.demands, self.insiders):
            for demand in demands:
                if any(each.meets(demand, self.problem.truth) for each in standing):
                    continue
                told = self.separator.ask(demand, share)
                if isinstance(told, Alternative):
                    standing.append(told)
                    self.known.append(told)
                    continue
                for cut in told:
                    added |= self._add(cut, share[self.cells])
            if added:
                return True
        self.witnesses += self.separator.witnesses(standing)
        return False

    def _audit(self, pattern: BoolArray) -> Audit:
        problem = self.problem
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        self.audits += 1
        if self.audits > _MOST_AUDITS:
            raise OutOfWork
        return audit_system(
            problem.system,
            np.where(pattern | ~problem.system.shown, np.nan, problem.truth),
            pattern.copy(),
            replace(problem.rule, audit_seconds=min(problem.rule.audit_seconds, left)),
            truth=problem.truth,
            records=problem.records,
            witnesses=self.witnesses,
        )

    def _reason(self, pattern: BoolArray, audit: Audit) -> BoolArray | None:
        """Whole numbers about what the audit convicts or doubts.

        The pattern, with as many cells withheld besides as change nothing, where they convict too; None where they
        refute all of it, so that the audit has to be asked again.
        """
        if not self.separator.leaves or not audit.consistent:
            return None
        for finding in audit.findings:
            for demand in self._behind(finding):
                try:
                    told = self.separator.whole(demand, pattern)
                except Doubt:
                    return None
                if told is None:
                    return self._still(demand, pattern)
                self.known.append(told)
                self.witnesses += self.separator.witnesses([told])
        return None

    def _behind(self, finding: Finding) -> list[Demand]:
        """The demands that a finding says are not met."""
        if finding.insider < 0:
            return [each for each in self.demands if each.cell == finding.cell and not each.width]
        about = finding.insider if self.problem.truth[finding.insider] == 1 else -1
        return [each for each in self.insiders if each.cell == finding.cell and each.alone == about]

    def _still(self, demand: Demand, pattern: BoolArray) -> BoolArray:
        """A pattern that withholds more, dearest first, and still does not meet a demand in whole numbers."""
        more = pattern.copy()
        published = self.cells[~pattern[self.cells]]
        order = published[np.lexsort((published, -self.problem.cost[published]))]
        for cell in order[:_MOST_WHOLE].tolist():
            more[cell] = True
            try:
                met = self.separator.whole(demand, more) is not None
            except Doubt:
                met = True
            more[cell] = not met
        return more

    def _forbid(self, pattern: BoolArray) -> None:
        """Forbid a pattern and whatever publishes more."""
        row = np.concatenate([~pattern[self.cells], [True]]).astype(float)
        self.master.add(row)
        self.plain += 1
        if self.plain > _MOST_PLAIN:
            raise OutOfWork
