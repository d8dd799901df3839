"""Sums that a publication must keep: which cells they tie together, and whether any reading of them agrees.

A cell may be printed more than once with different values; each is a candidate. A sum is broken only where no choice
among the candidates, and no value that the symbols allow, satisfies it. Where only one candidate does, the sum
settles which of the contradicting figures is meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import inf, prod

from thassist.verify.figures import Figure, Kind, Publication, chosen
from thassist.verify.profile import ANY, Bounds, Check, Selector

#: Choices among contradicting figures that are tried one by one; beyond it each cell may be anything between them.
_MOST_CHOICES = 256
_NOISE = 1e-9

#: One cell of a sum: the figures printed for it.
Cell = tuple[Figure, ...]


@dataclass(frozen=True)
class Sum:
    """One sum: a total (or several cells, or a constant) against its parts.

    Attributes:
        check: by which it must hold.
        left: the cells of the total; empty for a constant.
        right: the cells of the parts.
        absent: how many parts that the profile names are not printed.
        relation: ``=``; ``<=`` where parts may be incomplete; ``>=`` where one unit may stand in several parts.
    """

    check: Check
    left: tuple[Cell, ...]
    right: tuple[Cell, ...]
    absent: int
    relation: str

    @property
    def constant(self) -> float:
        """What is added to the left side."""
        return float(self.check.get("constant", 0.0))


@dataclass
class Judgement:
    """What a sum says: whether it can hold, what its sides may be, and which candidates it leaves."""

    holds: bool
    left: Bounds
    right: Bounds
    settled: dict[Cell, Figure] = field(default_factory=dict)


def sums(publication: Publication, check: Check) -> Iterator[Sum]:
    """All sums of a check, in the order of their totals in the file."""
    if "over" in check.settings:
        over = check.settings["over"]
        for name in publication.key if over == [ANY] else [each for each in over if each in publication.key]:
            totals = publication.profile.total_codes(name)
            if not totals or publication.responses.get(name) == "open":
                continue
            per = [other for other in publication.key if other != name]
            relation = _relation_over(publication, check, name)
            yield from _grouped(publication, check, per, [{name: totals}], [{name: (ANY,)}], relation)
        return
    settings = check.settings
    relation = check.get("relation", "=")
    yield from _grouped(
        publication, check, settings.get("per", []), settings.get("left", []), settings["right"], relation
    )


def _relation_over(publication: Publication, check: Check, name: str) -> str:
    """The relation along a dimension: what the package beside the file says of it, else what the profile says."""
    response = publication.responses.get(name)
    if response is None:
        return str(check.get("relation", "="))
    return {"multiple": ">=", "partial": "<="}.get(response, "=")


def _grouped(
    publication: Publication,
    check: Check,
    per: Iterable[str],
    left: list[Selector],
    right: list[Selector],
    relation: str,
) -> Iterator[Sum]:
    figures = list(chosen(publication, publication.figures, check.where))
    per = list(per)
    totals = [Group(publication, figures, per, selector) for selector in left]
    parts = [Group(publication, figures, per, selector) for selector in right]
    seen = set()
    places = [publication.index(name) for name in per]
    leading = totals or parts
    for figure in chosen(publication, figures, leading[0].selector):
        group = tuple(figure.codes[at] for at in places)
        if group in seen:
            continue
        seen.add(group)
        on_left = [cell for each in totals for cell in each.cells(group)]
        on_right = [cell for each in parts for cell in each.cells(group)]
        if on_right and sum(each.absent(group) for each in totals) == 0 and (on_left or not totals):
            absent = sum(each.absent(group) for each in parts)
            yield Sum(check, tuple(on_left), tuple(on_right), absent, relation)


class Group:
    """The figures of a selector, found by the codes that a group of figures shares."""

    def __init__(self, publication: Publication, figures: list[Figure], per: list[str], selector: Selector) -> None:
        self.selector = selector
        self._use = [number for number, name in enumerate(per) if name not in selector]
        places = [publication.index(per[number]) for number in self._use]
        found: dict[tuple[str, ...], dict[tuple[str, ...], list[Figure]]] = defaultdict(lambda: defaultdict(list))
        for figure in chosen(publication, figures, selector):
            shared = tuple(figure.codes[at] for at in places)
            found[shared][publication.about(figure)].append(figure)
        self._cells = {shared: [tuple(same) for same in cells.values()] for shared, cells in found.items()}
        open_ended = any(codes == (ANY,) for codes in selector.values())
        self._expected = 0 if open_ended else prod(len(codes) for codes in selector.values())

    def cells(self, group: tuple[str, ...]) -> list[Cell]:
        """The cells of this selector in a group."""
        return self._cells.get(tuple(group[number] for number in self._use), [])

    def absent(self, group: tuple[str, ...]) -> int:
        """How many cells that the selector names are not printed in a group."""
        return max(0, self._expected - len(self.cells(group)))


def judge(total: Sum) -> Judgement:
    """Whether a sum can hold."""
    cells = list(dict.fromkeys((*total.left, *total.right)))
    candidates = [_different(cell) for cell in cells]
    if prod(map(len, candidates)) > _MOST_CHOICES:
        hulls = {cell: _hull(each) for cell, each in zip(cells, candidates, strict=True)}
        left, right = _sides(total, hulls)
        return Judgement(_agree(total, left, right), left, right)
    admitted: list[tuple[Figure, ...]] = []
    for choice in product(*candidates):
        left, right = _sides(total, {cell: (one.low, one.high) for cell, one in zip(cells, choice, strict=True)})
        if _agree(total, left, right):
            admitted.append(choice)
    hulls = {cell: _hull(each) for cell, each in zip(cells, candidates, strict=True)}
    left, right = _sides(total, hulls)
    settled = {}
    for number, cell in enumerate(cells):
        left_over = {choice[number] for choice in admitted}
        if len(candidates[number]) > 1 and len(left_over) == 1:
            settled[cell] = left_over.pop()
    return Judgement(bool(admitted), left, right, settled)


def too_large(total: Sum) -> list[Cell]:
    """The parts that alone are more than the total; for sums in which one unit may stand in several parts."""
    most = sum(max(each.high for each in cell) for cell in total.left) + total.constant
    slack = _slack(total)
    return [cell for cell in total.right if min(each.low for each in cell) > most + slack]


def _slack(total: Sum) -> float:
    return float(total.check.get("tolerance", 0.0)) + _NOISE


def _different(cell: Cell) -> list[Figure]:
    """One figure for each different value of a cell."""
    return list({(each.low, each.high): each for each in reversed(cell)}.values())[::-1]


def _hull(figures: Iterable[Figure]) -> Bounds:
    each = list(figures)
    return min(one.low for one in each), max(one.high for one in each)


def _sides(total: Sum, values: Mapping[Cell, Bounds]) -> tuple[Bounds, Bounds]:
    left = [values[cell] for cell in total.left]
    right = [values[cell] for cell in total.right]
    unknown = total.absent and total.check.get("absent", "zero") == "unknown"
    return (
        (sum(low for low, _ in left) + total.constant, sum(high for _, high in left) + total.constant),
        (sum(low for low, _ in right), inf if unknown else sum(high for _, high in right)),
    )


def _agree(total: Sum, left: Bounds, right: Bounds) -> bool:
    slack = _slack(total)
    at_most = right[0] <= left[1] + slack
    at_least = right[1] >= left[0] - slack
    return {"=": at_most and at_least, "<=": at_most, ">=": at_least}[total.relation]


def certain(cell: Cell) -> bool:
    """Whether a cell is printed with one value only."""
    return len(_different(cell)) == 1


def withheld(cell: Cell) -> bool:
    """Whether a cell's value is kept back."""
    return all(each.kind is Kind.WITHHELD for each in cell)
