"""Published figures as targets: who is counted, and how far made records are from the figure, in persons.

``reports/synthetic/anchors.csv`` holds every figure that was found, with its source and, where figures conflict or
cannot be used, the reason; ``measures.toml`` says what its measures, dimensions and categories mean.
"""

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from thassist._data import read_toml, reports_dir
from thassist.errors import InvalidDefinition
from thassist.synthetic.stays import Stay, age_on, half_end, half_of

#: Codes that are no citizenship; they do not count as a different one.
NO_COUNTRY = frozenset({"STLS", "RNC", "_U"})
#: What a counted field hangs on, where that is not the field itself.
_HANGS_ON = {"age_class": {"birth"}, "age_group": {"birth"}, "age_class_now": {"birth"}, "sex_age": {"sex", "birth"}}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A published figure. ``target`` is the figure the records reproduce, None where it is not used."""

    year: int
    period: str
    measure: str
    dimension: str
    category: str
    value: float
    target: int | None
    reason: str
    source: str

    @property
    def label(self) -> str:
        """The figure in short, for messages."""
        period = "" if self.period == "Y" else f"-{self.period}"
        return f"{self.year}{period} {self.measure} {self.dimension}={self.category}"


@cache
def anchors() -> tuple[Anchor, ...]:
    """All published figures, used or not.

    Raises:
        InvalidDefinition: the file is missing or a row is not readable.
    """
    path = reports_dir() / "synthetic" / "anchors.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(_anchor(row) for row in csv.DictReader(file))
    except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise InvalidDefinition("synthetic.anchors_unreadable", file=path.name) from error


def _anchor(row: Mapping[str, str]) -> Anchor:
    return Anchor(
        year=int(row["year"]),
        period=row["period"],
        measure=row["measure"],
        dimension=row["dimension"],
        category=row["category"],
        value=float(row["value"]),
        target=int(row["target"]) if row["target"] else None,
        reason=row["reason"],
        source=row["source"],
    )


def figure(year: int, period: str, measure: str, dimension: str = "total", category: str = "all") -> int | None:
    """The figure to be reproduced, or None where none is published (or none is used)."""
    wanted = (year, period, measure, dimension, category)
    for anchor in anchors():
        found = (anchor.year, anchor.period, anchor.measure, anchor.dimension, anchor.category)
        if found == wanted and anchor.target is not None:
            return anchor.target
    return None


@dataclass(eq=False)
class Target:
    """One figure (or one published order) and the records that count in it.

    Attributes:
        label: the figure in short.
        statistic: ``count``, ``percent``, ``distinct``, ``rank`` (strict order) or ``order`` (equal counts allowed).
        values: category → figure; for a rank the position.
        roles: roles that count.
        first, last: half-years of admission that may count.
        reference: the half-year at whose end the stock is counted; None for new clients.
        base: conditions on who is counted, as (field, codes).
        member: conditions on the numerator of a count or a share, as (field, codes).
    """

    label: str
    statistic: str
    values: dict[str, int]
    roles: frozenset[str]
    first: int
    last: int
    reference: int | None
    base: tuple[tuple[str, frozenset[str]], ...]
    member: tuple[tuple[str, frozenset[str]], ...]
    counts: dict[str, int] = field(default_factory=dict)

    @cached_property
    def day(self) -> dt.date:
        """The day for which the figure holds."""
        return half_end(self.last)

    @cached_property
    def hangs_on(self) -> frozenset[str]:
        """The attributes of a stay that decide whether it counts."""
        names: set[str] = set() if self.reference is None else {"exit_half"}
        for name, _codes in (*self.base, *self.member):
            names |= _HANGS_ON.get(name, {name})
        if self.statistic in ("distinct", "rank", "order"):
            names.add("citizenship")
        return frozenset(names)

    def bucket(self, stay: Stay) -> str | None:
        """Where a stay counts; None where it does not."""
        if not self.first <= stay.half <= self.last or stay.role not in self.roles:
            return None
        if self.reference is None:
            if stay.earlier is not None:
                return None
        elif stay.exit_half <= self.reference:
            return None
        for name, codes in self.base:
            if self._code(stay, name) not in codes:
                return None
        if self.statistic in ("distinct", "rank", "order"):
            return None if stay.citizenship in NO_COUNTRY else stay.citizenship
        for name, codes in self.member:
            if self._code(stay, name) not in codes:
                return "out"
        return "in"

    def _code(self, stay: Stay, name: str) -> str | None:
        if name == "age_class_now":
            return "MINOR" if age_on(stay.birth, self.day) < 18 else "ADULT"
        code: str | None = getattr(stay, name)
        return code

    def wanted(self, name: str) -> list[str]:
        """The codes of an attribute that would make a record count, where too few do."""
        too_few = self.statistic in ("count", "percent") and not self._too_many()
        return sorted(code for field_name, codes in self.member if field_name == name and too_few for code in codes)

    def _too_many(self) -> bool:
        found = self.counts.get("in", 0)
        base = 100 if self.statistic == "count" else found + self.counts.get("out", 0)
        return 100 * found > self.values["in"] * base

    def add(self, bucket: str | None, number: int) -> None:
        """Count a stay in (1) or out (-1)."""
        if bucket is not None:
            self.counts[bucket] = self.counts.get(bucket, 0) + number

    def helps(self, stay: Stay) -> bool:
        """Whether another value of this stay could bring a count or a share nearer to the figure."""
        if self.statistic not in ("count", "percent"):
            return True
        return (self.bucket(stay) == "in") == self._too_many()

    def deviation(self) -> float:
        """How far the records are from the figure, in persons; 0 where it is met."""
        found = self.counts.get("in", 0)
        if self.statistic == "count":
            return abs(found - self.values["in"])
        if self.statistic == "percent":
            return _share_deviation(found, found + self.counts.get("out", 0), self.values["in"])
        if self.statistic == "distinct":
            return abs(sum(number > 0 for number in self.counts.values()) - self.values["in"])
        return self._order_deviation(1 if self.statistic == "rank" else 0)

    def _order_deviation(self, lead: int) -> float:
        listed = sorted(self.values, key=self.values.__getitem__)
        numbers = [self.counts.get(code, 0) for code in listed]
        wrong = sum(max(0, after + lead - before) for before, after in pairwise(numbers))
        wrong += max(0, 1 - numbers[-1])
        return wrong + sum(
            max(0, number + lead - numbers[-1]) for code, number in self.counts.items() if code not in self.values
        )


def _share_deviation(found: int, base: int, percent: int) -> float:
    """Persons too many or too few for ``percent`` after rounding; exactly half a per cent counts as wrong."""
    low, high = (percent - 0.5) * base / 100, (percent + 0.5) * base / 100
    if low < found < high:
        return 0.0
    return max(0.5, low - found, found - high)


def targets(first_year: int, last_year: int) -> list[Target]:
    """The targets of the years, in the order of the file; figures of referrals and decisions are not among them.

    Raises:
        InvalidDefinition: a figure uses a measure, dimension or category that ``measures.toml`` does not know.
    """
    meaning = read_toml(reports_dir() / "synthetic" / "measures.toml")
    made: list[Target] = []
    ordered: dict[tuple[int, str, str], Target] = {}
    for anchor in anchors():
        if anchor.target is None or not first_year <= anchor.year <= last_year:
            continue
        try:
            measure = meaning["measure"][anchor.measure]
            if measure["population"] == "casework":
                continue
            target = _target(anchor, measure, meaning["dimension"])
        except KeyError as error:
            raise InvalidDefinition("synthetic.anchor_unknown", figure=anchor.label, word=error.args[0]) from error
        if target.statistic in ("rank", "order"):
            known = ordered.setdefault((anchor.year, anchor.period, anchor.measure), target)
            known.values.update(target.values)
            if known is not target:
                continue
        made.append(target)
    return made


def _target(anchor: Anchor, measure: Mapping[str, Any], dimensions: Mapping[str, Any]) -> Target:
    first, last = half_of(anchor.year, anchor.period)
    stock = measure["population"] == "stock"
    base = list(measure.get("where", {}).items())
    member: list[tuple[str, list[str]]] = []
    dimension = dimensions[anchor.dimension]
    names = dimension.get("parts", [anchor.dimension])
    for name, category in zip(names, anchor.category.split("|"), strict=True):
        part = dimensions[name]
        base += part.get("where", {}).items()
        if "field" in part:
            member.append((part["field"], part["codes"][category]))
    ordered = measure["statistic"] in ("rank", "order")
    value = anchor.target if anchor.target is not None else 0
    return Target(
        label=anchor.label,
        statistic=measure["statistic"],
        values={member[0][1][0]: value} if ordered else {"in": value},
        roles=frozenset(measure["roles"]),
        first=0 if stock else first,
        last=last,
        reference=last if stock else None,
        base=tuple((name, frozenset(codes)) for name, codes in base),
        member=() if ordered else tuple((name, frozenset(codes)) for name, codes in member),
    )
