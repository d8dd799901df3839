"""The protector: which figures to withhold, over all tables and releases at once, so that nobody is revealed.

Small figures first (primary). Then, for each of them, the cheapest other figures that must go with it (secondary),
from :mod:`thassist.disclosure.flow`; then the same against insiders; then dearest first everything is published again
that is not needed. Figures that are out already cannot move. Each proposal is judged by the audit, which shares nothing
with the protector but the equations, and what it finds is protected further. Only what the audit passes is safe:
a limit of time, an impossibility or a doubt leaves :attr:`Protection.safe` False, and says which figure and why.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from thassist.disclosure.attack import Doubt, Point, Records
from thassist.disclosure.audit import Audit, audit_system
from thassist.disclosure.benders import Problem, least_loss
from thassist.disclosure.equations import BoolArray, FloatArray, IntArray, System
from thassist.disclosure.flow import Certificate, Flow, Target
from thassist.disclosure.lifting import Lifting
from thassist.disclosure.rule import INSIDER, OUTSIDER, Rule
from thassist.disclosure.solver import OutOfTime
from thassist.disclosure.witness import Witness

#: How often the audit may send a proposal back.
_MOST_ROUNDS = 8
#: Programmes spent on publishing again, per withheld cell.
_CLEANING = 12
#: Ways to propose: the power of the cost, and whether the largest small figures come first.
_WAYS = ((1.0, False), (1.0, True), (2.0, False), (0.5, False), (3.0, True), (1.5, True))
#: Above so much work (small cells times cells that may be withheld), only the first way is tried.
_MANY_WAYS = 300_000
#: From so many findings on, one move is asked to show as many of them as it can before each is asked about alone.
_TOGETHER = 4
_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Impossible:
    """A small figure that no withholding can protect, and the figures that already give it away.

    Attributes:
        cell: the small figure.
        because: cells published earlier, or that must stay public, without which it could be protected. Empty where
            nothing would help (the whole population is smaller than the threshold).
    """

    cell: int
    because: tuple[int, ...]


@dataclass
class Protection:
    """What to withhold, and whether that is enough.

    Attributes:
        system: the registry.
        withheld: every withheld cell, earlier ones included.
        primary: the small cells among them.
        secondary: the others that were withheld now.
        audit: the attacker's verdict on exactly this; None where time ran out before.
        impossible: what cannot be protected.
        in_time: False where the limit of time was reached.
        rounds: how often the audit was asked.
        seconds: how long all took, the audits included.
        truth: the true values; confidential, as is the whole object.
        records: the kinds of real records, where they were given.
    """

    system: System = field(repr=False)
    truth: FloatArray = field(repr=False)
    withheld: BoolArray = field(repr=False)
    primary: BoolArray = field(repr=False)
    secondary: BoolArray = field(repr=False)
    audit: Audit | None = None
    impossible: list[Impossible] = field(default_factory=list)
    in_time: bool = True
    rounds: int = 0
    seconds: float = 0.0
    records: Mapping[int, Records] = field(default_factory=dict, repr=False)

    @property
    def safe(self) -> bool:
        """Whether the audit passed exactly this pattern; nothing else may be published."""
        return self.in_time and not self.impossible and self.audit is not None and self.audit.safe

    @property
    def published(self) -> FloatArray:
        """The values to print; nan where withheld and for auxiliary cells."""
        return np.where(self.withheld | ~self.system.shown, np.nan, self.truth)

    def loss(self) -> dict[str, int]:
        """What the reader loses: cells and persons (counted once a cell) withheld though not small."""
        return {
            "primary": int(self.primary.sum()),
            "secondary": int(self.secondary.sum()),
            "persons": int(self.truth[self.secondary].sum()),
        }

    def dearest(self, most: int = 10) -> IntArray:
        """The secondary cells that hide the most persons, largest first."""
        cells = np.flatnonzero(self.secondary)
        return np.asarray(cells[np.argsort(-self.truth[cells], kind="stable")][:most], np.int64)


def protect_system(
    system: System,
    truth: FloatArray,
    rule: Rule,
    *,
    records: Mapping[int, Records] | None = None,
    public: BoolArray | None = None,
    withheld: BoolArray | None = None,
    must_stay: BoolArray | None = None,
    weights: FloatArray | None = None,
    witnesses: Sequence[Witness] = (),
) -> Protection:
    """Choose what to withhold.

    Plan ahead by registering tables that come later too (the year when the first quarter goes out), with their
    expected values: what is chosen for the first quarter then leaves the annual table possible.

    Args:
        system: the registry of everything published before, now and planned.
        truth: the true value of every cell.
        rule: what must not be found out.
        records: the kinds of real records by population, if they are known: for insiders and for the audit.
        public: cells that are published already.
        withheld: cells that were withheld in an earlier release.
        must_stay: cells that may not be withheld to protect others (small ones are withheld all the same).
        weights: the cost of withholding each cell; 1 + log of its value by default.
        witnesses: alternatives from an audit of earlier releases; they save time, nothing rests on them.

    Returns:
        The pattern with its audit. Look at :attr:`Protection.safe` before anything leaves the house.
    """
    work = _Protector(system, truth, rule, records, public, withheld, must_stay, weights, witnesses)
    return work.run()


class _Protector:
    def __init__(
        self,
        system: System,
        truth: FloatArray,
        rule: Rule,
        records: Mapping[int, Records] | None,
        public: BoolArray | None,
        withheld: BoolArray | None,
        must_stay: BoolArray | None,
        weights: FloatArray | None,
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self.started = time.monotonic()
        nothing = np.zeros(system.size, bool)
        self.system, self.truth, self.rule = system, truth, rule
        self.records = dict(records or {})
        self.earlier = nothing if withheld is None else withheld
        self.public = nothing if public is None else public & ~self.earlier
        stay = nothing if must_stay is None else must_stay
        small = (truth > 0) & (truth < rule.threshold) & system.shown
        self.primary = np.asarray(small & ~self.public & ~self.earlier, np.bool_)
        some = system.shown & ((truth > 0) | (not rule.zeros_shown))
        self.movable = some & ~self.public & (~stay | self.primary | self.earlier)
        self.cost = np.asarray(1 + np.log(np.maximum(truth, 1)) if weights is None else weights, np.float64)
        self.deadline = self.started + rule.protect_seconds
        self.proven: dict[Target, Certificate] = {}
        self.impossible: dict[int, Impossible] = {}
        self.witnesses: Sequence[Witness] = witnesses

    def run(self) -> Protection:
        result = Protection(self.system, self.truth, self.earlier, self.primary, self.primary, records=self.records)
        flow: Flow | None = None
        try:
            flow = self._proposal()
            self._judged(flow, result)
            self._cheapest(flow, result)
        except OutOfTime:
            result.in_time = False
        pattern = flow.withheld if flow else self.primary | self.earlier
        result.withheld = pattern.copy()
        result.secondary = pattern & ~self.primary & ~self.earlier
        result.impossible = [self.impossible[cell] for cell in sorted(self.impossible)]
        result.seconds = time.monotonic() - self.started
        return result

    def _proposal(self) -> Flow:
        """The cheapest of several proposals: other orders and other costs lead to other patterns."""
        least = 1.0 if self.rule.zeros_shown and self.rule.promise == "threshold" else 0.0
        best: tuple[float, Flow, dict[Target, Certificate]] | None = None
        ways = _WAYS if int(self.primary.sum()) * int(self.movable.sum()) <= _MANY_WAYS else _WAYS[:1]
        for power, reverse in ways:
            cost = self.cost**power
            flow = Flow(self.system, self.truth, least, self.movable, cost, self.deadline)
            flow.withhold(np.flatnonzero(self.primary | self.earlier))
            self.proven = {}
            targets = self._targets()
            self._demand(flow, targets[::-1] if reverse else targets)
            self._clean(flow)
            if INSIDER in self.rule.attackers and self.rule.promise == "threshold":
                self._against_insiders(flow)
                self._clean(flow)
            total = float(self.cost[flow.withheld].sum())
            if best is None or total < best[0] - _NOISE:
                best = total, flow, self.proven
            if self.impossible:
                break
        assert best is not None  # noqa: S101
        self.proven = best[2]
        return best[1]

    def _judged(self, flow: Flow, result: Protection) -> None:
        """Ask the audit, and protect further what it finds, until it finds nothing."""
        if self.rule.promise == "interval":
            return
        for result.rounds in range(1, _MOST_ROUNDS + 1):
            published = np.where(flow.withheld | ~self.system.shown, np.nan, self.truth)
            rule = replace(self.rule, audit_seconds=min(self.rule.audit_seconds, self.deadline - time.monotonic()))
            if set(rule.attackers) > {OUTSIDER}:  # whoever does not know that zeros are printed finds nothing more
                rule = rule.with_attackers(each for each in rule.attackers if each != OUTSIDER)
            result.audit = audit_system(
                self.system,
                published,
                flow.withheld.copy(),
                rule,
                truth=self.truth,
                records=self.records,
                witnesses=self.witnesses,
            )
            self.witnesses = result.audit.witnesses
            if result.audit.safe or self.impossible or not result.audit.consistent:
                return
            if len(self.records) == len(self.system.populations):
                self._lift(flow, result)
                continue
            wanted = []
            for finding in result.audit.findings:
                held = frozenset({finding.insider} if finding.insider >= 0 and self.truth[finding.insider] == 1 else ())
                wanted.append(Target(finding.cell, self._goal(finding.cell) + result.rounds, held=held))
            self._demand(flow, [target for target in wanted if target not in self.proven], fresh=True)

    def _goal(self, cell: int) -> float:
        return max(float(self.rule.threshold), float(self.truth[cell]) + self.rule.width)

    def _lift(self, flow: Flow, result: Protection) -> None:
        """Withhold what the cheapest moves of records need that show each finding large.

        Raises:
            OutOfTime: the limit is reached.
        """
        assert result.audit is not None  # noqa: S101
        least = 1.0 if self.rule.zeros_shown else 0.0
        lifting = Lifting(
            self.system, self.truth, self.records, least, self.movable, flow.withheld.copy(), self.cost, self.deadline
        )
        found: list[Point] = []
        try:
            outside = sorted({each.cell for each in result.audit.findings if each.insider < 0})
            if len(outside) >= _TOGETHER:
                goals = np.array([self._goal(cell) + result.rounds for cell in outside])
                found.append(lifting.lift_all(np.array(outside, np.int64), goals))
            for finding in result.audit.findings:
                held, present = lifting.insider(finding.insider) if finding.insider >= 0 else ((), ())
                goal = self._goal(finding.cell) + result.rounds
                if not held and not present and any(lifting.shows(point, finding.cell, goal) for point in found):
                    continue
                point = lifting.lift(finding.cell, goal, held, present)
                if point is None and finding.insider < 0:
                    point = lifting.lift(finding.cell, self._goal(finding.cell))
                    if point is None:
                        because = lifting.in_the_way(finding.cell, self._goal(finding.cell))
                        self.impossible[finding.cell] = Impossible(finding.cell, because)
                if point is not None:
                    found.append(point)
        except Doubt:
            if time.monotonic() >= self.deadline:
                raise OutOfTime from None
        flow.withhold(np.flatnonzero(lifting.withheld & ~flow.withheld))
        self.witnesses = [*self.witnesses, *(point.witness for point in found if point.witness is not None)]

    def _cheapest(self, flow: Flow, result: Protection) -> None:
        """Where there are few cells to choose from: the least loss that the audit accepts."""
        if self.impossible or not (self.rule.promise == "interval" or (result.audit and result.audit.safe)):
            return
        must, small = self.primary | self.earlier, self._small()
        problem = Problem(self.system, self.truth, self.rule, self.records, self.movable, must, small, self.cost)
        found = least_loss(problem, flow.withheld, self.deadline, self.witnesses)
        flow.withheld, result.audit = found.withheld, found.audit or result.audit

    def _small(self) -> BoolArray:
        """The withheld figures that must not be found out."""
        small = self.earlier & (self.truth > 0) & (self.truth < self.rule.threshold)
        return np.asarray(self.primary | small, np.bool_)

    def _targets(self) -> list[Target]:
        """What each small figure needs, the smallest figures first: they need the most."""
        small = np.flatnonzero(self._small())
        order = small[np.lexsort((small, self.truth[small]))]
        if self.rule.promise == "interval":
            pairs = ((Target(c, self.truth[c] + 1), Target(c, self.truth[c] - 1, up=False)) for c in order.tolist())
            return [target for pair in pairs for target in pair]
        return [Target(cell, float(self.rule.threshold)) for cell in order.tolist()]

    def _demand(self, flow: Flow, targets: list[Target], *, fresh: bool = False) -> None:
        """Withhold what targets need; ``fresh`` asks for other ways than those that were not enough."""
        if fresh:
            before = flow.withheld.copy()
            flow.expensive = True
            flow.withhold(np.flatnonzero(before))
        failed = flow.protect(targets, self.proven)
        if fresh:
            flow.expensive = False
            flow.withhold(np.flatnonzero(flow.withheld))
        for target in failed:
            if target.held or fresh:
                continue
            self.impossible[target.cell] = Impossible(target.cell, self._because(target))

    def _because(self, target: Target) -> tuple[int, ...]:
        """The fewest published figures without which a target could be met."""
        fixed = self.system.shown & (self.truth > 0) & ~self.movable
        cost = np.where(fixed, 1_000.0, 1.0)
        every = Flow(self.system, self.truth, 1.0, self.movable | fixed, cost, self.deadline)
        certificate = every.find(target)
        return tuple(sorted(cell for cell in certificate.moves if fixed[cell])) if certificate else ()

    def _against_insiders(self, flow: Flow) -> None:
        """For each small figure and each cell of one person a certificate that leaves that cell as it is."""
        ones = np.flatnonzero(flow.withheld & (self.truth == 1))
        own = self._same_person(ones)
        for target in list(self.proven):
            certificate = self.proven[target]
            moved = [one for one in ones.tolist() if one in certificate.moves and one != target.cell]
            moved = [one for one in moved if (target.cell, one) not in own]
            if not moved:
                continue
            together = Target(target.cell, target.goal, held=frozenset(moved))
            if flow.protect([together], self.proven):
                self._demand(flow, [Target(target.cell, target.goal, held=frozenset({one})) for one in moved])

    def _same_person(self, ones: IntArray) -> set[tuple[int, int]]:
        """Pairs of cells of one person that certainly count the same one: nobody learns anything there."""
        found: set[tuple[int, int]] = set()
        for number, known in self.records.items():
            member = self.system.incidence(number, known.leaves)
            kinds: dict[int, list[int]] = {}
            for one in ones.tolist():
                for kind in member.indices[member.indptr[one] : member.indptr[one + 1]].tolist():
                    kinds.setdefault(kind, []).append(one)
            for same in kinds.values():
                found.update((a, b) for a in same for b in same)
        found.update(self._same_unit(ones))
        return found

    def _same_unit(self, ones: IntArray) -> set[tuple[int, int]]:
        """The same across populations that show the same units."""
        by_unit: dict[int, list[int]] = {}
        for number, known in self.records.items():
            if known.units is None:
                continue
            member = self.system.incidence(number, known.leaves)[ones]
            for place, one in enumerate(ones.tolist()):
                for kind in member.indices[member.indptr[place] : member.indptr[place + 1]].tolist():
                    for unit in np.flatnonzero(known.units == kind).tolist():
                        by_unit.setdefault(unit, []).append(one)
        return {(a, b) for same in by_unit.values() for a in same for b in same}

    def _clean(self, flow: Flow) -> None:
        removable = np.flatnonzero(flow.withheld & ~self.primary & ~self.earlier)
        order = removable[np.lexsort((removable, -self.cost[removable]))]
        flow.clean(self.proven, order, _CLEANING * max(10, order.size))
