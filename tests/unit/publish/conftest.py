"""A hand-made release: cubes as the tables room makes them, with every kind of cell."""

import datetime as dt
from dataclasses import replace

import pytest

from thassist.dates import parse_period
from thassist.release.build import Release
from thassist.release.spec import Chapter, Chart, Licence, ReleaseSpec
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import Dimension, Layout, Measure, Population, TableSpec, Time, Unit


def words(text: str) -> dict[str, str]:
    """A text in three languages, told apart by the language's name."""
    return {lang: f"{text} ({lang})" for lang in ("fi", "sv", "en")}


def dimension(name: str, ref: str, *, response: str = "single") -> Dimension:
    return Dimension(name, ref, "", name, response, parents=False, titles=words(name.capitalize()))


def table(name: str, dimensions: tuple[Dimension, ...], layout: Layout, **changes: object) -> TableSpec:
    names = [each.id for each in dimensions]
    margins: list[tuple[str, ...]] = [()]
    for each in names:
        margins += [(*margin, each) for margin in margins]
    spec = TableSpec(
        id=name,
        version="1.0.0",
        status="active",
        titles=words(f"Persons of {name}"),
        population=Population("v", "", words("All persons – counted once, aged ≥ 0")),
        unit=Unit("person", "once", words("persons")),
        time=Time("flow", "day", "", "", 1),
        dimensions=dimensions,
        measure=Measure("count_distinct", "person_id", 0),
        zeros="show",
        margins=tuple(margins),
        layout=layout,
        notes=(words("A note of the table"),),
        check_measure="persons",
    )
    return replace(spec, **changes)


SEX = dimension("sex", "sex@1")
AGE = dimension("age", "age_group@1")
COUNTRY = dimension("country", "country@2026")
PERIOD = parse_period("2022")


def cross() -> Cube:
    """Age by sex; 1,367 persons. One figure is suppressed, one not known, one cannot be."""
    counts = {
        "Y0T17": (100, 60, 0, 0),
        "Y18T29": (400, 500, 0, 7),
        "Y30T39": (200, 100, 0, 0),
        "Y40T49": (0, 0, 0, 0),
        "Y_GE50": (0, 0, 0, 0),
        "_U": (0, 0, 0, 0),
    }
    cells = {}
    for age, row in counts.items():
        for sex, count in zip(("F", "M", "O", "_U"), row, strict=True):
            cells["2022", age, sex] = Cell(count)
        cells["2022", age, "_T"] = Cell(sum(row))
    for place, sex in enumerate(("F", "M", "O", "_U")):
        cells["2022", "_T", sex] = Cell(sum(row[place] for row in counts.values()))
    cells["2022", "_T", "_T"] = Cell(1367)
    cells["2022", "Y40T49", "F"] = Cell(None, Status.SUPPRESSED)
    cells["2022", "Y40T49", "O"] = Cell(None, Status.NOT_APPLICABLE)
    cells["2022", "Y_GE50", "M"] = Cell(None, Status.NOT_KNOWN)
    spec = table("cross_age_sex", (AGE, SEX), Layout("cross", ("age",), ("sex",)))
    return Cube(spec, (PERIOD,), cells, unplaced=3, synthetic=True, snapshot="0123456789abcdef")


def listed() -> Cube:
    """Countries, sparse; 1,367 persons."""
    counts = {"RO": 700, "GB": 500, "AX": 100, "CI": 60, "XK": 5, "_U": 2}
    cells = {("2022", "_T"): Cell(1367), **{("2022", code): Cell(count) for code, count in counts.items()}}
    spec = table(
        "list_country", (COUNTRY,), Layout("list", ("country",), ()), zeros="omit", time=Time("stock", "", "a", "b", 1)
    )
    return Cube(spec, (PERIOD,), cells, unplaced=0, synthetic=True, snapshot="0123456789abcdef")


def release_spec(**changes: object) -> ReleaseSpec:
    spec = ReleaseSpec(
        id="hand-made",
        version="1.0.0",
        frequency="A",
        reporting_system="FI_NAS",
        audience="internal",
        titles=words("Hand-made statistics"),
        publisher=words("The office"),
        contact=words("The statistician"),
        source=words("Case records"),
        licence=Licence("other-closed", words("Internal")),
        chapters=(
            Chapter("people", words("People"), ("cross_age_sex",)),
            Chapter("countries", words("Countries"), ("list_country",)),
        ),
        charts=(Chart("cross_age_sex", "age", "bar", words("Persons by age")),),
        notes=(words("A note of the release"),),
        pdf_longest_table=4,
    )
    return replace(spec, **changes)


@pytest.fixture
def release() -> Release:
    return Release(
        spec=release_spec(),
        period=PERIOD,
        cubes=(cross(), listed()),
        snapshot="0123456789abcdef",
        as_of=dt.date(2023, 1, 15),
        first=dt.date(2015, 1, 2),
        last=dt.date(2022, 12, 30),
        synthetic=True,
        provisional=False,
    )
