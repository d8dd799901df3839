"""Bring drawn records to the published figures, whole person by whole person.

Combinatorial optimisation, as statistical offices use it for synthetic microdata: the records are first drawn from
assumed shares; then, as long as a figure is not met, one attribute of one record is drawn again (or two records
exchange it), and the change is kept only if the figures together come no farther away. So the records stay draws from
the assumptions, and chance works only inside the published figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from random import Random

from thassist.errors import InvalidDefinition
from thassist.synthetic.stays import Stay
from thassist.synthetic.targets import Target

#: Draws new values of an attribute, and of those that hang together with it, for one stay.
Proposal = Callable[[Stay, Random], Mapping[str, object]]
#: Nearly all searches end within half of this.
_MOST_STEPS = 200_000
_PICKS = 25
#: How readily a step away is taken, to leave a dead end: a step of one person is kept about four times in a million.
_HEAT = 0.08


@dataclass(frozen=True, slots=True)
class Moves:
    """What may change in a record.

    Attributes:
        proposals: attribute → how it is drawn again.
        exchanged: attribute → sets of attributes that two records may exchange together.
        allowed: whether a record makes sense as it is.
    """

    proposals: Mapping[str, Proposal]
    exchanged: Mapping[str, Sequence[tuple[str, ...]]]
    allowed: Callable[[Stay], bool]


def calibrate(
    stays: Sequence[Stay], targets: Sequence[Target], moves: Moves, rng: Random, *, most_steps: int = _MOST_STEPS
) -> int:
    """Change stays until every target is met.

    Args:
        stays: the records; changed in place.
        targets: the figures; those that hang on nothing in ``moves`` must already be met.
        moves: what may change.
        rng: the source of chance.
        most_steps: after so many steps the figures count as contradictory.

    Returns:
        The number of steps tried.

    Raises:
        InvalidDefinition: the figures cannot all be met (within a bound of steps); names those that are not.
    """
    search = _Search(stays, targets, moves, rng)
    for step in range(most_steps):
        if not search.wrong:
            return step
        search.step()
    raise InvalidDefinition("synthetic.not_met", figures="; ".join(target.label for target in search.wrong))


class _Search:
    def __init__(self, stays: Sequence[Stay], targets: Sequence[Target], moves: Moves, rng: Random) -> None:
        self.moves, self.rng, self.targets, self.everyone = moves, rng, targets, stays
        for target in targets:
            target.counts.clear()
            for stay in stays:
                target.add(target.bucket(stay), 1)
        self.free = {target: sorted(target.hangs_on & set(moves.proposals)) for target in targets}
        self.pools = {
            target: [stay for stay in stays if stay.role in target.roles and target.first <= stay.half <= target.last]
            for target in targets
        }
        self.off = {target: target.deviation() for target in targets}
        self.wrong = [target for target in targets if self.off[target]]
        fixed = [target for target in self.wrong if not self.free[target]]
        if fixed:
            raise InvalidDefinition("synthetic.not_met", figures="; ".join(target.label for target in fixed))
        self.touched = cache(self._touched)

    def _touched(self, names: frozenset[str], half: int) -> list[Target]:
        return [
            target
            for target in self.targets
            if target.first <= half <= target.last and not names.isdisjoint(target.hangs_on)
        ]

    def step(self) -> None:
        """Try one change that may help a target that is not met."""
        target = self.rng.choice(self.wrong)
        name = self.rng.choice(self.free[target])
        pool = self.pools[target]
        for _ in range(_PICKS):
            stay = self.rng.choice(pool)
            if name not in stay.settled and target.helps(stay):
                break
        else:
            return
        self._try(self._changes(target, name, stay))

    def _changes(self, target: Target, name: str, stay: Stay) -> list[tuple[Stay, Mapping[str, object]]]:
        way = self.rng.random()
        if way < 0.5:
            # A partner of the same figure keeps its total; any other one can carry the surplus to another year.
            other = self.rng.choice(self.pools[target] if way < 0.25 else self.everyone)
            names = self.rng.choice(self.moves.exchanged[name])
            settled = stay.settled | other.settled
            return [] if other is stay or not settled.isdisjoint(names) else _exchange(stay, other, names)
        wanted = target.wanted(name) if way < 0.65 else []
        return [(stay, {name: self.rng.choice(wanted)} if wanted else self.moves.proposals[name](stay, self.rng))]

    def _try(self, changes: list[tuple[Stay, Mapping[str, object]]]) -> None:
        moved = [(stay, self.touched(frozenset(change), stay.half)) for stay, change in changes]
        before = [[(target, target.bucket(stay)) for target in touched] for stay, touched in moved]
        undo = [(stay, {name: getattr(stay, name) for name in change}) for stay, change in changes]
        _apply(changes)
        if not all(self.moves.allowed(stay) for stay, _change in changes):
            _apply(undo)
            return
        shifts = [
            (target, old, new)
            for (stay, _touched), row in zip(moved, before, strict=True)
            for target, old in row
            if old != (new := target.bucket(stay))
        ]
        for target, old, new in shifts:
            target.add(old, -1)
            target.add(new, 1)
        now = {target: target.deviation() for target, _old, _new in shifts}
        worse = sum(now.values()) - sum(self.off[target] for target in now)
        if worse <= 0 or self.rng.random() < exp(-worse / _HEAT):
            self.off.update(now)
            self.wrong = [target for target in self.targets if self.off[target]]
            return
        for target, old, new in shifts:
            target.add(old, 1)
            target.add(new, -1)
        _apply(undo)


def _exchange(one: Stay, other: Stay, names: Sequence[str]) -> list[tuple[Stay, Mapping[str, object]]]:
    return [
        (one, {name: getattr(other, name) for name in names}),
        (other, {name: getattr(one, name) for name in names}),
    ]


def _apply(changes: Sequence[tuple[Stay, Mapping[str, object]]]) -> None:
    for stay, change in changes:
        for name, value in change.items():
            setattr(stay, name, value)
