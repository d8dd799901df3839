"""What a publisher printed about one area, held against what is held here: figure by figure, with the difference.

Which of their cells is which of ours stands in the profile::

    [against]
    area = "Iso3_code"                 # column of the area
    [[against.table]]
    table = "intl_unodc_sex_age"       # ours
    where = { Dimension = "Total" }    # their rows that it answers
    codes = { Sex = "sex", Age = "age" }   # their column = our dimension; their totals are our totals
    silent = "zero"                    # optional: what they say of an address that they do not print; else nothing

The room knows no table: whoever asks hands it the figures that are held (:class:`Held`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from thassist.errors import InvalidDefinition
from thassist.verify.cells import mended
from thassist.verify.figures import Figure, Kind, Publication
from thassist.verify.profile import Profile

TOTAL = "_T"
SILENT = ("zero", "nothing")


class Status(StrEnum):
    """How two figures about one thing stand to each other."""

    EQUAL = "equal"
    DIFFERS = "differs"
    PUBLISHED_ONLY = "published_only"
    OURS_ONLY = "ours_only"
    WITHHELD_CONSISTENT = "withheld_consistent"
    WITHHELD_CONTRADICTS = "withheld_contradicts"
    NOT_KNOWN = "not_known"
    VINTAGES = "vintages"


#: Those that somebody must look at.
FAULTS = (Status.DIFFERS, Status.WITHHELD_CONTRADICTS, Status.OURS_ONLY, Status.VINTAGES)

#: Period, and dimension with code of what is not at its total.
Address = tuple[str, tuple[tuple[str, str], ...]]


class Held(Protocol):
    """The figures that are held here."""

    def periods(self, table: str) -> Collection[str]:
        """The periods of which the table tells."""

    def figures(self, table: str) -> Iterable[tuple[Address, float | None]]:
        """Every figure of a table; None where it is withheld or not known."""

    def figure(self, table: str, address: Address) -> float | None:
        """One figure of a period that is told."""


@dataclass(frozen=True, slots=True)
class Map:
    """Their rows that one of our tables answers; see the module."""

    table: str
    where: Mapping[str, str]
    codes: Mapping[str, str]
    silent: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing of which a figure is told.

    Attributes:
        table: ours.
        address: what it is about, in our codes.
        published: their figure in each edition, as printed; empty where one does not print it.
        cells: where the figures stand.
        ours: our figure.
        status: how they stand to each other.
        difference: theirs, less ours.
    """

    table: str
    address: Address
    published: tuple[str, ...]
    cells: tuple[str, ...]
    ours: float | None
    status: Status
    difference: float | None = None


@dataclass(frozen=True)
class Comparison:
    """All of it: what was compared, and how many rows of the area no table here answers."""

    area: str
    editions: tuple[str, ...]
    rows: tuple[Compared, ...]
    unanswered: Mapping[str, int]


def maps(profile: Profile) -> tuple[str, tuple[Map, ...]]:
    """The column of the area and the tables that answer, of a profile.

    Raises:
        InvalidDefinition: the profile has none, or they are wrong.
    """
    found = profile.against
    file = f"{profile.id}.toml"
    if not found:
        raise InvalidDefinition("against.none", profile=profile.id)
    area, tables = found.get("area"), found.get("table", [])
    _ensure(set(found) <= {"area", "table"} and area in profile.key and isinstance(tables, list), file, "area, table")
    answers = []
    for each in tables:
        _ensure(isinstance(each, dict) and set(each) <= {"table", "where", "codes", "silent"}, file, "table")
        one = Map(
            str(each.get("table", "")),
            dict(each.get("where", {})),
            dict(each.get("codes", {})),
            str(each.get("silent", "nothing")),
        )
        _ensure(bool(one.table) and one.silent in SILENT, file, f"{one.table}: table, silent")
        for column in (*one.where, *one.codes):
            _ensure(column in profile.key, file, f"{one.table}: {column}")
        answers.append(one)
    return str(area), tuple(answers)


def _ensure(holds: Any, file: str, name: str) -> None:
    if not holds:
        raise InvalidDefinition("verify.bad_profile", file=file, name=f"against: {name}")


def compare(editions: Sequence[Publication], area: str, held: Held) -> Comparison:
    """Hold one or several editions of a publication, oldest first, against what is held.

    Args:
        editions: read by one profile.
        area: as the publication writes it.
        held: what is held here.

    Raises:
        InvalidDefinition: the profile does not say which of its cells are ours, or the area has no row.
    """
    profile = editions[-1].profile
    column, answers = maps(profile)
    theirs: dict[tuple[str, Address], list[list[Figure]]] = defaultdict(lambda: [[] for _ in editions])
    silent: dict[str, str] = {one.table: one.silent for one in answers}
    unanswered: dict[str, int] = defaultdict(int)
    told: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)  # periods, and the dimensions of a figure
    for number, edition in enumerate(editions):
        for figure, codes in _rows(edition, column, area):
            places = list(_addresses(profile, answers, codes))
            for table, address in places:
                theirs[table, address][number].append(figure)
                told[table].add(_shape(address))
            if not places and number == len(editions) - 1:
                unanswered[_about(profile, column, codes)] += 1
    if not theirs and not unanswered:
        raise InvalidDefinition("against.no_area", area=area, column=column, file=editions[-1].file)
    rows = [_one(table, address, found, editions, held) for (table, address), found in theirs.items()]
    for table, shapes in told.items():
        for address, value in held.figures(table):
            here = _shape(address) in shapes and (table, address) not in theirs
            if here and value and silent[table] == "zero":
                empty = ("",) * len(editions)
                rows.append(Compared(table, address, empty, (), value, Status.OURS_ONLY, -value))
    order = {one.table: number for number, one in enumerate(answers)}
    rows.sort(key=lambda row: (order[row.table], row.address[0], len(row.address[1]), row.address[1]))
    return Comparison(area, tuple(one.file for one in editions), tuple(rows), dict(unanswered))


def _rows(edition: Publication, column: str, area: str) -> Iterator[tuple[Figure, dict[str, str]]]:
    at = edition.index(column)
    for figure in edition.figures:
        if figure.codes[at] == area:
            yield figure, dict(zip(edition.key, edition.about(figure), strict=True))


def _addresses(profile: Profile, answers: Iterable[Map], codes: Mapping[str, str]) -> Iterator[tuple[str, Address]]:
    """Where a row of theirs stands in our tables."""
    for one in answers:
        if any(codes[name] != wanted for name, wanted in one.where.items()):
            continue
        pairs = [(dimension, codes[name]) for name, dimension in one.codes.items()]
        totals = {dimension: profile.total_codes(name) for name, dimension in one.codes.items()}
        kept = sorted((dimension, mended(code) or code) for dimension, code in pairs if code not in totals[dimension])
        yield one.table, (codes[profile.time], tuple(kept))


def _shape(address: Address) -> tuple[str, tuple[str, ...]]:
    """The period of a figure and the dimensions that are not at their total."""
    return address[0], tuple(name for name, _ in address[1])


def _about(profile: Profile, column: str, codes: Mapping[str, str]) -> str:
    """What a row without an answer is about: its first columns that are neither area nor time nor a total."""
    names = [name for name in profile.key if name not in (column, profile.time)]
    said = [codes[name] for name in names if codes[name] not in profile.total_codes(name)]
    return " · ".join(dict.fromkeys(said[1:3] or said))


def _one(
    table: str, address: Address, found: list[list[Figure]], editions: Sequence[Publication], held: Held
) -> Compared:
    """One thing: what the last edition prints of it decides, and what it prints twice is told."""
    printed = tuple(" / ".join(dict.fromkeys(figure.text for figure in figures)) for figures in found)
    cells = tuple(edition.cell(figure) for edition, figures in zip(editions, found, strict=True) for figure in figures)
    last = found[-1]
    known = address[0] in held.periods(table)
    ours = held.figure(table, address) if known else None
    status, difference = Status.PUBLISHED_ONLY, None
    if len({figure.text for figure in last}) > 1:
        status = Status.VINTAGES
    elif last and known:
        status, difference = _status(last[0], ours)
    return Compared(table, address, printed, cells, ours, status, difference)


def _status(figure: Figure, ours: float | None) -> tuple[Status, float | None]:
    if ours is None or figure.kind not in (Kind.NUMBER, Kind.WITHHELD):
        return Status.NOT_KNOWN, None
    if figure.kind is Kind.WITHHELD:
        inside = figure.low <= ours <= figure.high
        return (Status.WITHHELD_CONSISTENT if inside else Status.WITHHELD_CONTRADICTS), None
    difference = figure.low - ours
    return (Status.DIFFERS if difference else Status.EQUAL), difference
