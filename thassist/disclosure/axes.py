"""The variables of what is counted, while they are collected: which columns are one thing, and what units said when.

A unit (a person) is one record, however many tables count it and in however many periods. By column of a view it has a
*story*: its codes in each period in which it counts there, mostly the same in all. Columns of several views that say
nearly the same of whoever is in both (the sex of a new client, the sex of a registered victim in Eurostat's code) are
one axis, and so are a column and another that it decides; what a unit says there is one value, and only values that
occur are possible. Columns that say different things stay axes of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from thassist.disclosure.variables import TOTAL, Variable
from thassist.tables.model import Dimension

#: How a column is classified: column, classification, correspondences, whether codes above are shown, whether the set
#: of a unit's answers is one code, what becomes of those without a code.
Variant: TypeAlias = tuple[str, str, str, tuple[str, ...], bool, bool, str]
Codes: TypeAlias = tuple[str, ...]
#: A view, and how its rows get their place in time.
Source: TypeAlias = tuple[str, tuple[str, ...]]
#: Of one column the codes of a unit; of several the set of its answers, sorted.
Content: TypeAlias = tuple[object, ...]
#: (period, content) in the order of time; one entry without a period where the content never changes.
Story: TypeAlias = tuple[tuple[str, Content], ...]

#: Two columns are one thing if together they have hardly more values than the richer of them: factor, and a few more.
_RICHER, _FEW = 1.25, 2
#: A column that another one decides is part of its axis where that has at most so many values.
_SMALL = 12
#: An axis of which changes over time make more than so many times the values of any one period is one axis a period.
_CHANGEABLE = 2.0


def variant(dimension: Dimension) -> Variant:
    """How a dimension classifies its column."""
    one = dimension
    return (one.field, one.classification, one.via, one.older, one.parents, one.combined, one.rest)


@dataclass
class Axis:
    """A variable while it is collected: its values are the leaves, and its nodes are named by the leaves they cover."""

    name: str
    values: dict[Hashable, int] = field(default_factory=dict)
    sets: dict[frozenset[int], str] = field(default_factory=dict)

    def leaf(self, value: Hashable) -> int:
        """The leaf of a value."""
        return self.values.setdefault(value, len(self.values))

    def node(self, leaves: frozenset[int]) -> str:
        """The node that covers these leaves: one name however many tables mean it. Empty where there are none."""
        if not leaves:
            return ""
        if len(leaves) == len(self.values):
            return TOTAL
        if len(leaves) == 1:
            return f"l{min(leaves)}"
        return self.sets.setdefault(leaves, f"n{len(self.sets)}")

    def leaves(self, node: str) -> frozenset[int]:
        """The leaves of a node that was asked for before."""
        if node == TOTAL:
            return frozenset(range(len(self.values)))
        if node.startswith("l"):
            return frozenset((int(node[1:]),))
        return next(leaves for leaves, name in self.sets.items() if name == node)

    def variable(self) -> Variable:
        """The variable with all nodes asked for so far."""
        leaves = [f"l{number}" for number in range(len(self.values))]
        groups = {name: [f"l{number}" for number in sorted(covered)] for covered, name in self.sets.items()}
        return Variable.groups(self.name, leaves, groups)


@dataclass
class Told:
    """What the rows of one source say of its units in some of its columns.

    Attributes:
        source: the view and its place in time.
        column: the column; empty for the set of answers in several.
        kinds: marks of what the column is; columns with a common mark may be one thing though they differ now and then.
        places: variant → its place in a content.
        stories: unit → story.
        period: the only period it is about; empty: all.
    """

    source: Source
    column: str
    kinds: frozenset[str]
    places: dict[Variant, int]
    stories: dict[object, Story] = field(repr=False)
    period: str = ""

    def by_period(self, periods: Sequence[str]) -> "list[Told]":
        """One of these a period where what units say changes so much that stories would be too many; else itself."""
        if len(periods) < 2:
            return [self]
        alone = []
        for period in periods:
            own: dict[object, Story] = {unit: (("", at(told, period, periods)),) for unit, told in self.stories.items()}
            alone.append(Told(self.source, self.column, self.kinds, self.places, own, period))
        most = max(len(set(each.stories.values())) for each in alone)
        return [self] if len(set(self.stories.values())) <= _CHANGEABLE * most + _FEW else alone


def story(told: Mapping[str, Content], order: Sequence[str]) -> Story:
    """The story of a unit from its content by period; periods that are not in the order only count if no other does."""
    asked = [(period, told[period]) for period in order if period in told] or [max(told.items())]
    if len({content for _, content in asked}) == 1:
        return (("", asked[0][1]),)
    return tuple(asked)


def at(told: Story, period: str, order: Sequence[str]) -> Content:
    """The content in a period: of the last one before where nothing is told of it, or else of the first."""
    found = told[0][1]
    for name, content in told:
        if name and order.index(name) > order.index(period):
            break
        found = content
    return found


@dataclass
class Shared:
    """An axis and the sources that it is collected from, one slot each."""

    name: str
    slots: list[Told]

    def takes(self, other: Told) -> bool:
        """Whether another source's column says nearly the same of the units that are in both."""
        if other.period or any(each.period for each in self.slots):
            return False
        mine = self.values()
        both = [unit for unit in other.stories if unit in mine]
        if not both:
            return any(set(each.places) & set(other.places) and each.kinds & other.kinds for each in self.slots)
        joined = len({(mine[unit], other.stories[unit]) for unit in both})
        alone = max(len({mine[unit] for unit in both}), len({other.stories[unit] for unit in both}))
        if any(each.kinds & other.kinds for each in self.slots):
            return joined <= _RICHER * alone + _FEW
        return joined <= min(alone, _SMALL)  # the one says what the other does, and more

    def values(self) -> dict[object, tuple[Story | None, ...]]:
        """Unit → its story in each slot. Of a source in which a unit is not, it has the story of those like it."""
        known: dict[object, list[Story | None]] = {}
        for place, slot in enumerate(self.slots):
            for unit, told in slot.stories.items():
                known.setdefault(unit, [None] * len(self.slots))[place] = told
        like = self._companions(known.values())
        return {unit: tuple(self._filled(row, like)) for unit, row in known.items()}

    def _companions(self, rows: Iterable[Sequence[Story | None]]) -> dict[tuple[int, Story, int], Story]:
        """Slot, story, other slot → the story that most units with the first have in the other."""
        counts: dict[tuple[int, Story, int], Counter[Story]] = defaultdict(Counter)
        for row in rows:
            for one, told in enumerate(row):
                for other, beside in enumerate(row):
                    if told is not None and beside is not None and one != other:
                        counts[one, told, other][beside] += 1
        return {key: min(found, key=lambda each: (-found[each], each)) for key, found in counts.items()}

    def _filled(self, row: Sequence[Story | None], like: Mapping[tuple[int, Story, int], Story]) -> list[Story | None]:
        filled = list(row)
        for place, told in enumerate(row):
            if told is not None:
                continue
            for other, beside in enumerate(row):
                if beside is None:
                    continue
                last: Story = (("", beside[-1][1]),)
                found = like.get((other, beside, place)) or like.get((other, last, place))
                if found is None and self.slots[other].places == self.slots[place].places:
                    found = last
                if found is not None:
                    filled[place] = found
                    break
        return filled
