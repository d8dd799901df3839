"""The audit: what every kind of attacker can work out from all that is published, proven or refuted cell by cell.

Three tiers. **Propagation** along the sums convicts in milliseconds. The **linear programme** over the full cross
acquits: a cell is fine once an alternative shows it at the threshold or above; it convicts where the maximum over all
live columns stays below. Where the programme passes by less than one unit and only with fractions of persons, **whole
numbers** decide. A limit of time or any doubt of the solver is a verdict too, and never a safe one.

Nothing here is shared with the protectors but the equations.

Which attacker is asked what: everything an outsider can rule out, one who knows more can rule out too. An
alternative found for the insider therefore also acquits for the outsiders, and one for the outsider who knows that
zeros are printed also for the one who does not; the weaker ones are asked only about what the stronger ones convict.

Sums of withheld siblings need no question of their own: all parts of a sum are at least 0, so a sum that is provably
below k has only parts that are provably below k, and those are convicted one by one.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from thassist.disclosure.attack import Attack, Doubt, Knowledge, Point, Records, implied, link_rows
from thassist.disclosure.equations import BoolArray, FloatArray, IntArray, System
from thassist.disclosure.insider import Insiders
from thassist.disclosure.moves import Moves
from thassist.disclosure.parts import Part, split
from thassist.disclosure.proof import proven_most
from thassist.disclosure.propagate import propagate
from thassist.disclosure.rule import INSIDER, OUTSIDER, OUTSIDER_RULES, Rule
from thassist.disclosure.witness import Checked, Witness, check

_NOISE = 1e-6


class Verdict(StrEnum):
    """What is wrong about a withheld cell. ``DOUBT`` is not known to be wrong, and not safe."""

    EXACT = "exact"
    SMALL = "small"
    NARROW = "narrow"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be published as it stands.

    Attributes:
        cell: the withheld cell.
        verdict: see :class:`Verdict`.
        attacker: who finds it out, of :data:`thassist.disclosure.rule.ATTACKERS`.
        low, high: what that attacker knows the cell to be between.
        insider: the cell whose only person (or one of whose two) the insider is; -1 for outsiders.
        tier: 1 propagation, 2 linear programme, 3 whole numbers; 0 for a doubt.
    """

    cell: int
    verdict: Verdict
    attacker: str
    low: float
    high: float
    insider: int = -1
    tier: int = 2


@dataclass
class Audit:
    """The outcome.

    Attributes:
        system: the registry.
        withheld: the cells that were withheld.
        sensitive: the withheld cells that were judged (small ones; without the truth, all that may be small).
        shown_low, shown_high: each cell takes both values in some alternative, so that neither can be ruled out; nan
            where no alternative was needed.
        proven_low, proven_high: the cell is certainly between these, by propagation and by every finished maximum.
        findings: what is wrong, in the order of the cells.
        consistent: whether the published figures can come from any records at all.
        seconds: how long it took.
        solves: how many programmes were solved.
        parts: into how many independent parts the system fell.
        witnesses: the alternatives that refuted something; confidential.
    """

    system: System = field(repr=False)
    withheld: BoolArray = field(repr=False)
    sensitive: BoolArray = field(repr=False)
    shown_low: FloatArray = field(repr=False)
    shown_high: FloatArray = field(repr=False)
    proven_low: FloatArray = field(repr=False)
    proven_high: FloatArray = field(repr=False)
    findings: list[Finding] = field(default_factory=list)
    consistent: bool = True
    seconds: float = 0.0
    solves: int = 0
    parts: int = 0
    witnesses: list[Witness] = field(default_factory=list, repr=False)

    @property
    def safe(self) -> bool:
        """Whether everything may be published: nothing found, nothing in doubt, nothing contradictory."""
        return self.consistent and not self.findings

    def count(self, verdict: Verdict, attacker: str | None = None) -> int:
        """How many cells have a verdict (by an attacker)."""
        return len({f.cell for f in self.findings if f.verdict == verdict and attacker in {None, f.attacker}})


def audit_system(
    system: System,
    published: FloatArray,
    withheld: BoolArray,
    rule: Rule,
    *,
    truth: FloatArray | None = None,
    records: Mapping[int, Records] | None = None,
    known: tuple[FloatArray, FloatArray] | None = None,
    judged: BoolArray | None = None,
    witnesses: Sequence[Witness] = (),
) -> Audit:
    """Play the attackers of a rule against what is published.

    Args:
        system: the registry of every figure ever published about these populations.
        published: the value of each published cell; nan where withheld or not shown.
        withheld: the cells that are shown with the symbol instead of a figure.
        rule: what must not be found out.
        truth: the true values. Needed to play insiders; without it every withheld cell that may be small is judged.
        records: the kinds of real records by population; where known, they are where the search starts.
        known: further ends of every cell (rounding windows, shares printed, known elsewhere).
        judged: cells that are judged like withheld ones, though nobody knows that they are not zero (rounded to zero).
        witnesses: alternatives from an earlier audit or from anybody. They are checked against what is published, need
            the truth and the records, and only save time.

    Returns:
        The verdicts. Never raises for lack of time: what is not finished is ``DOUBT``.
    """
    started = time.monotonic()
    judge = _Judge(system, published, withheld, rule, truth, dict(records or {}), known, started + rule.audit_seconds)
    judge.offered = witnesses
    judge.judged = withheld if judged is None else withheld | judged
    judge.run()
    judge.audit.seconds = time.monotonic() - started
    return judge.audit


class _Judge:
    def __init__(
        self,
        system: System,
        published: FloatArray,
        withheld: BoolArray,
        rule: Rule,
        truth: FloatArray | None,
        records: dict[int, Records],
        known: tuple[FloatArray, FloatArray] | None,
        deadline: float,
    ) -> None:
        self.system, self.withheld, self.rule, self.truth = system, withheld, rule, truth
        self.records, self.deadline = records, deadline
        self.published, self.extra = published, known
        self.outsider = OUTSIDER if OUTSIDER_RULES not in rule.attackers and INSIDER not in rule.attackers else ""
        self.outsider = self.outsider or OUTSIDER_RULES
        self.known = self._knowledge(self.outsider)
        nothing = np.full(system.size, np.nan)
        self.audit = Audit(
            system,
            withheld,
            np.zeros(system.size, bool),
            nothing.copy(),
            nothing.copy(),
            nothing.copy(),
            nothing.copy(),
        )
        self.found: dict[tuple[int, str], Finding] = {}
        self._moves: Moves | None = None
        self.offered: Sequence[Witness] = ()
        self.judged = withheld
        self._consistent: bool | None = None
        #: those of the offered witnesses that hold
        self.held: list[Checked] = []
        #: the truth, where the records behind it are known too: then it is where every search starts
        self.start = truth if truth is not None and len(self.records) == len(system.populations) else None

    def _knowledge(self, attacker: str) -> Knowledge:
        known = ~np.isnan(self.published)
        low = np.where(known, self.published, np.where(self.withheld, self.rule.least(attacker), 0.0))
        high = np.where(known, self.published, np.inf)
        if self.extra is not None:
            low, high = np.maximum(low, self.extra[0]), np.minimum(high, self.extra[1])
        return Knowledge(low, high)

    def run(self) -> None:
        system, rule, audit = self.system, self.rule, self.audit
        narrowed = propagate(system.rows, system.low, system.high, self.known.low, self.known.high)
        audit.proven_low, audit.proven_high = narrowed.low, narrowed.high
        if not narrowed.consistent:
            audit.consistent = False
            return
        if self.truth is not None:
            audit.sensitive = self.judged & (self.truth < rule.threshold) & (self.truth > 0)
            audit.sensitive |= self.judged & (self.truth == 0) & (not rule.zeros_shown)
        else:
            audit.sensitive = self.judged & (narrowed.low < rule.threshold)
        first = np.flatnonzero(audit.sensitive & (narrowed.high < rule.threshold))
        for cell in first.tolist():
            self.convict(cell, self.outsider, narrowed.low[cell], narrowed.high[cell], tier=1)
        links = link_rows(system)
        tied = self._tied(links)
        parts = split(system, tied, links)
        audit.parts = len(parts)
        if self.start is not None and self.offered:
            self.held = list(check(system, self.known, links, self.start, self.records, self.offered))
        convicted = np.zeros(system.size, bool)
        convicted[first] = True
        for part in parts:
            targets = part.cells[audit.sensitive[part.cells]]
            if targets.size:
                self._part(part, links, targets, convicted)
        self._weaker(parts, links)
        audit.findings = sorted(self.found.values(), key=lambda f: (f.cell, f.attacker, f.insider))

    def _tied(self, links: IntArray) -> BoolArray:
        """The cells for which the linear programme needs a row."""
        fixed = self.known.fixed
        tied = self.system.shown & (self.known.high > 0) & ~implied(self.system, fixed)
        tied &= fixed | self.judged | (self.known.low > 0) | np.isfinite(self.known.high)
        for row in links.tolist():
            tied[self.system.rows.indices[self.system.rows.indptr[row] : self.system.rows.indptr[row + 1]]] = True
        return np.asarray(tied, np.bool_)

    def convict(
        self,
        cell: int,
        attacker: str,
        low: float,
        high: float,
        *,
        insider: int = -1,
        tier: int = 2,
        certain: bool = True,
    ) -> None:
        """Note what an attacker finds out; ``certain``: that there is one value only, if so, is proven."""
        exact = certain and np.floor(high + _NOISE) == np.ceil(low - _NOISE)
        verdict = Verdict.EXACT if exact else Verdict.SMALL if high < self.rule.threshold - _NOISE else Verdict.NARROW
        self.found.setdefault((cell, attacker), Finding(cell, verdict, attacker, low, high, insider, tier))

    def doubt(self, cells: Sequence[int], attacker: str, insider: int = -1) -> None:
        """Note what could not be settled."""
        for cell in cells:
            low, high = self.audit.proven_low[cell], self.audit.proven_high[cell]
            finding = Finding(cell, Verdict.DOUBT, attacker, float(low), float(high), insider, 0)
            self.found.setdefault((cell, attacker), finding)

    def keep(self, point: Point) -> None:
        """Keep an alternative that refuted something."""
        if point.witness is not None and self.outsider != OUTSIDER:
            self.audit.witnesses.append(point.witness)

    def moves(self, attack: Attack) -> Moves | None:
        """The short way to alternatives of a part, where the truth is known."""
        if self.truth is None or not self.records:
            return None
        if self._moves is None or self._moves.part is not attack.part or self._moves.known is not attack.known:
            self._moves = Moves(
                self.system,
                attack.known,
                attack.part,
                attack.links,
                self.truth,
                self.records,
                attack.crosses,
                attack.live,
                self.deadline,
            )
        return self._moves

    def _agrees(self) -> bool:
        """Whether the known records agree with what is published: then nothing contradicts itself."""
        if self._consistent is None and self.start is not None:
            told = sum(self.system.count(each, known.leaves, known.counts) for each, known in self.records.items())
            fits = (told >= self.known.low) & (told <= self.known.high) & (told == self.start)
            self._consistent = bool(fits.all()) and self.system.holds(self.start)
        return bool(self._consistent)

    # -- one part

    def _part(self, part: Part, links: IntArray, targets: IntArray, convicted: BoolArray) -> None:
        attack: Attack | None = None
        try:
            attack = Attack(self.system, self.known, part, self.records, self.deadline, links, self.start)
            if not self._agrees() and not attack.feasible():
                self.audit.consistent = False
                return
            questions = _Questions(self, attack)
            questions.outsider(targets[~convicted[targets]])
            if INSIDER in self.rule.attackers and self.truth is not None:
                self._insiders(attack, targets)
        except Doubt:
            self.doubt(targets.tolist(), self.outsider)
        finally:
            self.audit.solves += attack.solves if attack else 0

    def _insiders(self, attack: Attack, targets: IntArray) -> None:
        assert self.truth is not None  # noqa: S101
        clean = np.array([t for t in targets.tolist() if (t, self.outsider) not in self.found], np.int64)
        insiders = Insiders(
            attack,
            lambda: self.moves(attack),
            self.truth,
            self.judged,
            self.records,
            self.rule.threshold,
            clean,
            self.keep,
        )
        insiders.start(self.held)
        for cell, insider, high in insiders.run():
            if np.isnan(high):
                self.doubt([cell], INSIDER, insider)
            else:
                self.convict(cell, INSIDER, self.known.low[cell], high, insider=insider)

    def _weaker(self, parts: list[Part], links: IntArray) -> None:
        """What the outsider who does not know that zeros are printed finds out too; only convicted cells are asked."""
        if OUTSIDER not in self.rule.attackers or self.outsider == OUTSIDER:
            return
        cells = [f.cell for f in self.found.values() if f.attacker == self.outsider]
        if not cells or not self.rule.zeros_shown:
            return
        audit = self.audit
        kept = audit.proven_low, audit.proven_high, audit.shown_low, audit.shown_high
        self.known = self._knowledge(OUTSIDER)
        narrowed = propagate(self.system.rows, self.system.low, self.system.high, self.known.low, self.known.high)
        audit.proven_low, audit.proven_high = narrowed.low, narrowed.high
        stronger, self.outsider = self.outsider, OUTSIDER
        asked = np.zeros(self.system.size, bool)
        asked[cells] = True
        for part in parts:
            targets = part.cells[asked[part.cells]]
            if targets.size:
                try:
                    attack = Attack(self.system, self.known, part, self.records, self.deadline, links, self.start)
                    _Questions(self, attack).outsider(targets)
                    audit.solves += attack.solves
                except Doubt:
                    self.doubt(targets.tolist(), OUTSIDER)
        self.outsider = stronger
        audit.proven_low, audit.proven_high, audit.shown_low, audit.shown_high = kept


class _Questions:
    """The questions of one outsider about one part."""

    def __init__(self, judge: _Judge, attack: Attack) -> None:
        self.judge, self.attack, self.rule = judge, attack, judge.rule
        self.goal = float(self.rule.threshold)

    def outsider(self, targets: IntArray) -> None:
        """Settle every target: acquit it by an alternative, or convict it by its maximum."""
        self.passed = np.zeros(self.judge.system.size, bool)
        if self.judge.truth is not None:
            self._note(self.judge.truth[self.attack.rows])
        for each in self.judge.held:
            self._settle(Point(each.values[self.attack.rows], each.whole, np.zeros(0), each.witness))
        for cell in self._in_bulk(targets).tolist():
            if not self.passed[cell]:
                try:
                    self._alone(cell)
                except Doubt:
                    self.judge.doubt([cell], self.judge.outsider)
        for cell in targets.tolist():
            self._wide(cell)

    def _note(self, values: FloatArray) -> None:
        audit, rows = self.judge.audit, self.attack.rows
        audit.shown_low[rows] = np.fmin(audit.shown_low[rows], values)
        audit.shown_high[rows] = np.fmax(audit.shown_high[rows], values)

    def _settle(self, point: Point) -> None:
        """Acquit by an alternative: whole at the threshold, fractional only one unit above it."""
        self._note(point.values)
        need = self.goal if point.whole else self.goal + 1
        high = self.attack.rows[point.values >= need - _NOISE]
        if (~self.passed[high] & self.judge.audit.sensitive[high]).any():
            self.judge.keep(point)
        self.passed[high] = True

    def _in_bulk(self, targets: IntArray) -> IntArray:
        """Ask about many at once as long as that settles some; the rest."""
        left = targets[~self.passed[targets]]
        while left.size:
            _, point = self.attack.ask(left, self.goal + 1)
            self._settle(point)
            before, left = left.size, left[~self.passed[left]]
            if before - left.size < max(1, before // 10):
                break
        return left

    def _alone(self, cell: int) -> None:
        one = np.array([cell])
        value, point = self.attack.ask(one, self.goal + 1)
        self._settle(point)
        if self.passed[cell]:
            return
        audit = self.judge.audit
        audit.proven_high[cell] = min(audit.proven_high[cell], np.floor(value + _NOISE))
        if value >= self.goal - _NOISE:
            whole = self._whole(cell)
            if whole is not None:
                self._settle(whole)
                return
            audit.proven_high[cell] = min(audit.proven_high[cell], self.goal - 1)
        if not self.attack.complete and value < self.goal - _NOISE:
            self.judge.doubt([cell], self.judge.outsider)
            return
        most = self.attack.duals
        lowest, _ = self.attack.ask(one, least=True)
        audit.proven_low[cell] = max(audit.proven_low[cell], np.ceil(lowest - _NOISE))
        low, high = float(audit.proven_low[cell]), float(audit.proven_high[cell])
        certain = low != high or self._confirmed(cell, low, high, most, self.attack.duals)
        self.judge.convict(cell, self.judge.outsider, low, high, tier=2, certain=certain)

    def _confirmed(self, cell: int, low: float, high: float, most: FloatArray, least: FloatArray) -> bool:
        """Whether rational arithmetic leaves one value only, too."""
        known = self.judge.known
        above = None if known.high[cell] < high + 1 else proven_most(self.attack, cell, most)
        below = None if known.low[cell] > low - 1 else proven_most(self.attack, cell, least, least=True)
        fine_above = known.high[cell] < high + 1 or (above is not None and above < high + 1)
        return bool(fine_above and (known.low[cell] > low - 1 or (below is not None and below > low - 1)))

    def _whole(self, cell: int) -> Point | None:
        """Tier 3: by moving few real records where they are known; in general otherwise.

        Raises:
            Doubt: nothing whole was found, and it is not certain that there is nothing.
        """
        moves = self.judge.moves(self.attack)
        if moves is None:
            return self.attack.whole(cell, self.goal)
        point = moves.find(cell, self.goal, np.zeros(0, np.int64))
        if point is None:
            raise Doubt("whole")
        return point

    def _wide(self, cell: int) -> None:
        """The interval must be as wide as the rule asks; it is measured only where the alternatives do not show it."""
        audit, width = self.judge.audit, self.rule.width
        if (cell, self.judge.outsider) in self.judge.found or audit.shown_high[cell] - audit.shown_low[cell] >= width:
            return
        one = np.array([cell])
        for least in (True, False):
            value, point = self.attack.ask(one, audit.shown_low[cell] + width if not least else np.inf, least=least)
            self._note(point.values)
            self.judge.keep(point)
            if audit.shown_high[cell] - audit.shown_low[cell] >= width - _NOISE:
                return
            if least:
                audit.proven_low[cell] = max(audit.proven_low[cell], np.ceil(value - _NOISE))
            else:
                audit.proven_high[cell] = min(audit.proven_high[cell], np.floor(value + _NOISE))
        if audit.proven_low[cell] >= self.rule.threshold:  # not small, whatever it is
            return
        self.judge.convict(cell, self.judge.outsider, float(audit.proven_low[cell]), float(audit.proven_high[cell]))
