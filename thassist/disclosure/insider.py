"""The insider: one of the counted persons, who knows the own record and so more than any outsider.

The insider of a withheld cell of one person is taken to know that it is one (fixed to 1) and that the own record
exists; an insider of a cell of two knows of the own record. For each of them every small figure about anyone else
must still look as if it could be the threshold or more. The own cells (of one person, the insider) disclose nobody.

Every pair of insider and figure has to be refuted by an alternative. One alternative refutes many pairs, so many
insiders are first given to one attacker together; where that one learns too much, they are taken apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from thassist.disclosure.attack import Attack, Doubt, Point, Records
from thassist.disclosure.equations import BoolArray, FloatArray, IntArray
from thassist.disclosure.moves import Moves
from thassist.disclosure.witness import Checked, numbered

_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Scenario:
    """One insider: the cell known to be one (-1: none), the kind of record (-1: not known) and its population.

    ``elsewhere`` is the same record in the other populations that show the same units.
    """

    cell: int
    kind: int
    population: int
    about: int
    elsewhere: tuple[tuple[int, int], ...] = ()

    @property
    def known(self) -> tuple[tuple[int, int], ...]:
        """The records that are known to exist: (population, kind)."""
        return ((self.population, self.kind), *self.elsewhere) if self.kind >= 0 else ()


class Insiders:
    """All insiders of one part against all small figures of it.

    Args:
        attack: the linear programme of the part.
        moves: makes the short way, where records are known; asked for when it is needed.
        truth: true values.
        withheld: the withheld cells.
        records: kinds of real records.
        threshold: k.
        targets: the small figures.
        keep: told every alternative that refuted something.
    """

    def __init__(
        self,
        attack: Attack,
        moves: Callable[[], Moves | None],
        truth: FloatArray,
        withheld: BoolArray,
        records: Mapping[int, Records],
        threshold: int,
        targets: IntArray,
        keep: Callable[[Point], None] = lambda _: None,
    ) -> None:
        self.keep = keep
        self.attack, self._make, self.truth, self.withheld = attack, moves, truth, withheld
        self.records, self.goal, self.targets = records, float(threshold), targets
        self.scenarios, self.pairs = self._pairs()
        self.settled = ~self.pairs
        self.place = attack.place[targets]
        watched = sorted({pair for scenario in self.scenarios for pair in scenario.known})
        self.watched = {pair: place for place, pair in enumerate(watched)}
        for number, kind in watched:
            attack.watch(number, np.array([kind]))

    @cached_property
    def moves(self) -> Moves | None:
        """The short way to alternatives; None without the truth."""
        found = self._make()
        if found:
            found.watched = list(self.watched)
        return found

    def _pairs(self) -> tuple[list[Scenario], BoolArray]:
        """The insiders, and which figures each must not find out: all small ones but the own."""
        cells = self.attack.rows[self.withheld[self.attack.rows]]
        lonely = cells[self.truth[cells] == 1]
        twos = cells[self.truth[cells] == 2]
        system = self.attack.system
        scenarios: list[Scenario] = []
        needed: list[BoolArray] = []
        owner = np.searchsorted(system.start, cells, side="right") - 1
        for number in np.unique(owner).tolist():
            mine = lonely[np.searchsorted(system.start, lonely, side="right") - 1 == number]
            if number not in self.records:
                for cell in mine.tolist():
                    scenarios.append(Scenario(cell, -1, number, cell))
                    needed.append(~self._comparable(number, cell) & (self.targets != cell))
                continue
            part = self.attack.part
            leaves = self.records[number].leaves
            inside = np.flatnonzero(part.leaves[number][leaves[:, part.axis[number]]])
            leaves = leaves[inside]
            member = system.incidence(number, leaves)
            columns = self.attack.crosses[number].columns(leaves)
            own = member[self.targets].toarray() > 0
            only_own = own & (self.truth[self.targets] == 1)[:, None]
            alone = set()
            for cell in mine.tolist():
                kind = int(member.indices[member.indptr[cell]])
                alone.add(kind)
                same = self._same_unit(number, int(inside[kind]))
                elsewhere = tuple(
                    (each, int(self.attack.crosses[each].columns(leaf[None])[0])) for each, leaf, _ in same
                )
                scenarios.append(Scenario(cell, int(columns[kind]), number, cell, elsewhere))
                others = ~only_own[:, kind] & (self.targets != cell)
                for _, _, counted in same:
                    others &= ~(counted & (self.truth[self.targets] == 1))
                needed.append(others)
            pairs = twos[np.searchsorted(system.start, twos, side="right") - 1 == number]
            for cell in pairs.tolist():
                for kind in member.indices[member.indptr[cell] : member.indptr[cell + 1]].tolist():
                    if kind not in alone:
                        alone.add(kind)
                        scenarios.append(Scenario(-1, int(columns[kind]), number, cell))
                        needed.append(~only_own[:, kind])
        return scenarios, np.array(needed, bool).reshape(len(scenarios), self.targets.size)

    def _same_unit(self, number: int, kind: int) -> list[tuple[int, IntArray, BoolArray]]:
        """The record of a kind of which there is one, in the other populations: its leaves, the targets counting it."""
        units = self.records[number].units
        if units is None or self.records[number].counts[kind] != 1:
            return []
        unit = int(np.flatnonzero(units == kind)[0])
        found = []
        for other, known in self.records.items():
            if other != number and known.units is not None:
                leaf = known.leaves[known.units[unit]]
                if not self.attack.part.leaves[other][leaf[self.attack.part.axis[other]]]:
                    continue
                counted = self.attack.system.incidence(other, leaf[None])[self.targets].toarray()[:, 0] > 0
                found.append((other, leaf, counted))
        return found

    def _comparable(self, number: int, cell: int) -> BoolArray:
        """Which targets of one person may be the insider: those that lie inside the cell, or around it."""
        system = self.attack.system
        inside, around = np.ones(self.targets.size, bool), np.ones(self.targets.size, bool)
        first, last = system.start[number], system.start[number + 1]
        mine = (self.targets >= first) & (self.targets < last)
        nodes = system.nodes[number]
        place = np.where(mine, self.targets - first, 0)
        for axis, variable in enumerate(system.populations[number].variables):
            member = variable.member.astype(np.int32)
            sizes = member.sum(1)
            own = nodes[cell - first, axis]
            common = (member @ member[own])[nodes[place, axis]]
            inside &= common == sizes[nodes[place, axis]]
            around &= common == sizes[own]
        return np.asarray(mine & (inside | around) & (self.truth[self.targets] == 1), np.bool_)

    def start(self, witnesses: Sequence[Checked]) -> None:
        """Begin with alternatives that are known already."""
        places: dict[int, list[int]] = {}
        for place, (number, _) in enumerate(self.watched):
            places.setdefault(number, []).append(place)
        counted, kinds = np.zeros(len(self.watched)), {}
        columns = np.array([kind for _, kind in self.watched], np.int64)
        for number, where in places.items():
            kinds[number] = numbered(self.attack.system, number, self.attack.crosses[number].leaves(columns[where]))
            known = numbered(self.attack.system, number, self.records[number].leaves)
            order = np.argsort(known)
            counted[where] = self.records[number].counts[order[np.searchsorted(known, kinds[number], sorter=order)]]
        for each in witnesses:
            watched = counted.copy()
            for number, where in places.items():
                watched[where] += each.more(number, kinds[number])
            self._settle(Point(each.values[self.attack.rows], each.whole, watched, each.witness))

    def run(self) -> Iterator[tuple[int, int, float]]:
        """Every pair that no alternative refutes: (figure, insider's cell, its maximum; nan where in doubt)."""
        if not self.pairs.any():
            return
        every = np.arange(len(self.scenarios))
        # two halves, so that each figure of one person is asked about while it is not itself given away
        for half in (every[::2], every[1::2]):
            self._group(half)
            self._group(half, np.flatnonzero(~self.settled[half].all(0)))
        yield from self._singly()

    def _given(self, scenarios: IntArray) -> tuple[IntArray, dict[int, IntArray]]:
        chosen = [self.scenarios[number] for number in scenarios.tolist()]
        ones = np.array(sorted({each.cell for each in chosen if each.cell >= 0}), np.int64)
        present: dict[int, IntArray] = {}
        known = {pair for each in chosen for pair in each.known}
        for number in sorted({number for number, _ in known}):
            present[number] = np.array(sorted(kind for each, kind in known if each == number), np.int64)
        return ones, present

    def _settle(self, point: Point) -> None:
        """Note every pair that an alternative refutes, for whichever insiders it agrees with."""
        need = self.goal if point.whole else self.goal + 1
        high = point.values[self.place] >= need - _NOISE
        agrees = np.ones(len(self.scenarios), bool)
        for number, scenario in enumerate(self.scenarios):
            if scenario.cell >= 0:
                agrees[number] = abs(point.values[self.attack.place[scenario.cell]] - 1) < _NOISE
            for pair in scenario.known:
                agrees[number] &= point.watched[self.watched[pair]] >= 1 - _NOISE
        refuted = agrees[:, None] & high[None, :]
        if (refuted & ~self.settled).any():
            self.keep(point)
        self.settled |= refuted

    def _group(self, scenarios: IntArray, targets: IntArray | None = None) -> None:
        """Give several insiders' knowledge to one attacker and refute what can be, in bulk or figure by figure."""
        ones, present = self._given(scenarios)
        given = np.isin(self.targets, ones)
        if targets is not None:
            for target in targets.tolist():
                open_ = scenarios[~self.settled[scenarios, target]]
                if open_.size and not given[target]:
                    self._refute(open_, target)
            return
        left = np.flatnonzero(~self.settled[scenarios].all(0) & ~given)
        while left.size:
            _, point = self.attack.ask(self.targets[left], self.goal + 1, ones=ones, present=present)
            self._settle(point)
            before = left.size
            left = left[~self.settled[np.ix_(scenarios, left)].all(0)]
            if before - left.size < max(1, before // 10):
                return

    def _refute(self, scenarios: IntArray, target: int) -> float:
        """Give these insiders' knowledge to one attacker of one figure; the maximum that remains."""
        ones, present = self._given(scenarios)
        value, point = self.attack.ask(self.targets[[target]], self.goal + 1, ones=ones, present=present)
        self._settle(point)
        return value

    def _singly(self) -> Iterator[tuple[int, int, float]]:
        """What is left: fewer insiders at a time, at last each alone; in whole numbers where fractions decide."""
        for target in np.flatnonzero(~self.settled.all(0)).tolist():
            waiting = [np.flatnonzero(~self.settled[:, target])]
            told = False
            while waiting and not told:
                group = waiting.pop()
                group = group[~self.settled[group, target]]
                if not group.size:
                    continue
                try:
                    value = self._refute(group, target)
                except Doubt:
                    value = np.nan
                    if group.size > 1:  # too much knowledge at once can contradict itself
                        waiting += [group[: group.size // 2], group[group.size // 2 :]]
                        continue
                if self.settled[group, target].all():
                    continue
                if group.size > 1:
                    waiting += [group[: group.size // 2], group[group.size // 2 :]]
                    continue
                for finding in self._last(int(group[0]), target, value):
                    told = True  # one insider who finds out is enough
                    yield finding

    def _moved(self, scenarios: IntArray, target: int) -> Point | None:
        """A move of few records that leaves what these insiders know as it is."""
        if self.moves is None:
            return None
        ones, present = self._given(scenarios)
        kinds = [(number, kind) for number, found in present.items() for kind in found.tolist()]
        return self.moves.find(int(self.targets[target]), self.goal, ones, kinds)

    def _last(self, number: int, target: int, value: float) -> Iterator[tuple[int, int, float]]:
        scenario, cell = self.scenarios[number], int(self.targets[target])
        if value >= self.goal - _NOISE:
            ones, present = self._given(np.array([number]))
            try:
                point = self._moved(np.array([number]), target)
                if self.moves is None:
                    point = self.attack.whole(cell, self.goal, ones=ones, present=present)
            except Doubt:
                yield cell, scenario.about, np.nan
                return
            if point is None and self.moves is not None:  # none was found, which does not mean that there is none
                yield cell, scenario.about, np.nan
                return
            if point is not None:
                self._settle(point)
                return
            value = self.goal - 1
        yield cell, scenario.about, value if self.attack.complete else np.nan
