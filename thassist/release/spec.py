"""What a release is: which tables in which chapters, for whom, how often, and the texts around them.

One TOML file a release under ``reports/releases``; the file name is the id. All that is wrong with a file is said at
once, a mistyped key with the nearest known name: it would otherwise be a silently missing chapter.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import classification
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.release import story
from thassist.release.based import OWN, basis, completed
from thassist.release.counting import counting_rules
from thassist.tables.definition import Problem, Reader, nearest, problem_of
from thassist.tables.spec import TIME, TableSpec, paths_of_specs
from thassist.tables.spec import load as load_table

#: A text in every language that a release is published in.
Text = Mapping[str, str]

#: Length of a release's period by SDMX CL_FREQ (quarter, half-year, year), with a period as a user writes it.
EXAMPLES = {"Q": "2024-Q4", "S": "2024-S1", "A": "2024"}
#: Who may read a release: the office itself, those with a contract, everybody.
AUDIENCES = ("internal", "restricted", "public")
#: The audiences whose figures need no joint protection, and those whose figures get it; the rest is refused.
UNPROTECTED = ("internal",)
PROTECTED = ("public",)
ROUTES = "routes"
CHART_KINDS = ("bar", ROUTES)
#: What a release may be written as besides; the writers are in ``publish/package.py``.
FORMATS = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1", "sdmx-ml-3.0")
_FOLDER = "releases"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Tables that belong together, in the order in which a reader meets them."""

    id: str
    titles: Text
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one dimension of one table, in its last period; the figures stand in the table beside it.

    ``largest`` keeps only that many of the largest categories; 0 keeps all. A chart of routes (``kind = "routes"``)
    runs through ``dimensions``, two or more of the table's.
    """

    table: str
    dimension: str
    kind: str
    titles: Text
    largest: int = 0
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of use. ``name`` is an identifier of the Open Definition, as Data Package asks."""

    name: str
    titles: Text
    path: str = ""


@dataclass(frozen=True)
class ReleaseSpec:
    """The definition of a release.

    Attributes:
        id: file name, and first part of the names of the files written.
        version: a new minor version changes words, a new major version changes numbers.
        frequency: ``Q``, ``S`` or ``A`` (SDMX CL_FREQ): the length of a period.
        reporting_system: whose records are counted, a code of ``reporting_system@1``.
        audience: who may read it, one of :data:`AUDIENCES`.
        titles, publisher, contact, source: texts of the cover.
        licence: terms of use of the data files.
        chapters, charts: what is in it.
        notes: notes on the whole release.
        pdf_longest_table: a list table with more rows is shortened in the PDF; 0 never shortens.
        formats: what it is written as besides the formats of every release, names in :data:`FORMATS`, or layouts of
            receivers (``reports/layouts``).
        begins: month in which its period begins; 0 leaves it open. A year of the US report begins in April.
        quality: whether its quality report is written with it.
    """

    id: str
    version: str
    frequency: str
    reporting_system: str
    audience: str
    titles: Text
    publisher: Text
    contact: Text
    source: Text
    licence: Licence
    chapters: tuple[Chapter, ...]
    charts: tuple[Chart, ...] = ()
    notes: tuple[Text, ...] = ()
    pdf_longest_table: int = 0
    formats: tuple[str, ...] = ()
    quality: bool = False
    begins: int = 0

    @property
    def example(self) -> str:
        """A period of it as a user writes one."""
        example = EXAMPLES[self.frequency]
        return f"{example[:4]}-{self.begins:02}-01/P1Y" if self.begins and self.frequency == "A" else example

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts of receivers among its formats."""
        return tuple(name for name in self.formats if name not in FORMATS)

    @property
    def tables(self) -> tuple[str, ...]:
        """The ids of all tables, in reading order."""
        return tuple(table for chapter in self.chapters for table in chapter.tables)


def release_ids() -> list[str]:
    """The ids of all releases that can be built."""
    return [path.stem for path in paths_of_releases()]


def waiting(spec: ReleaseSpec) -> tuple[str, ...]:
    """The lists with placeholder codes that a release waits for; it cannot be built before they are loaded."""
    named = {each.classification for table in spec.tables for each in load_table(table).dimensions}
    return tuple(sorted(ref for ref in named if classification(ref).placeholder))


def paths_of_releases() -> list[Path]:
    """The files of all releases, by name."""
    return _data.definitions(_FOLDER)


def all_releases() -> list[ReleaseSpec]:
    """Every release, by id.

    Raises:
        InvalidDefinition: one of them is wrong.
    """
    return [load(name) for name in release_ids()]


def load(release_id: str) -> ReleaseSpec:
    """One release by its id.

    Raises:
        InvalidDefinition: there is none, or its file is wrong.
    """
    known = release_ids()
    if release_id not in known:
        near = difflib.get_close_matches(release_id, known, n=1, cutoff=0.4)
        raise InvalidDefinition("release.no_release", id=release_id, nearest=near[0] if near else "–")
    spec, problems = read(_data.reports_dir() / _FOLDER / f"{release_id}.toml")
    if problems:
        raise problems[0].error()
    return spec


def lint_all() -> list[Problem]:
    """Every problem of every release, by file; those of the tables themselves are not told again."""
    return [problem for path in paths_of_releases() for problem in lint_file(path)]


def lint_file(path: Path) -> list[Problem]:
    """Every problem of one release: of its file, and between it and the tables that it names."""
    try:
        spec, problems = read(path)
    except InvalidDefinition as error:
        return [problem_of(error, path.name)]
    tables = {}
    known = [found.stem for found in paths_of_specs()]
    for name in spec.tables:
        if name not in known:
            problems.append(
                Problem(path.name, "release.no_table", {"table": name, "nearest": nearest(name, known)}),
            )
            continue
        try:
            tables[name] = load_table(name)
        except InvalidDefinition:
            continue  # told by the lint of tables
        rule, rules = tables[name].unit.counting_rule, counting_rules()
        if rule not in rules:
            params = {"table": name, "rule": rule, "nearest": nearest(rule, rules)}
            problems.append(Problem(path.name, "release.no_counting_rule", params))
    chapters = {chapter.id: chapter.tables for chapter in spec.chapters}
    return problems + lint_charts(spec, tables) + story.lint(spec.id, chapters, tables)


def lint_charts(spec: ReleaseSpec, tables: Mapping[str, TableSpec]) -> list[Problem]:
    """The charts that show a dimension which their table does not have."""
    problems = []
    for chart in spec.charts:
        if chart.table in tables:
            known = (TIME, *(dimension.id for dimension in tables[chart.table].dimensions))
            for dimension in chart.dimensions or (chart.dimension,):
                if dimension not in known:
                    params = {"table": chart.table, "dimension": dimension, "known": ", ".join(known)}
                    problems.append(Problem(f"{spec.id}.toml", "release.chart_without_dimension", params))
    return problems


def read(path: Path) -> tuple[ReleaseSpec, list[Problem]]:
    """The release in one file as far as it can be read, and everything that is wrong with the file in itself.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(path)
    if basis(path):
        data = completed(reader, reader.open(OWN, ("left_out", "title", "formats")))
    else:
        data = reader.open(
            (
                "version", "frequency", "reporting_system", "audience", "title", "publisher", "contact", "source",
                "licence",
            ),
            ("chapter", "chart", "note", "pdf", "formats", "quality", "begins"),
        )  # fmt: skip
    for key in ("title", "publisher", "contact", "source"):
        reader.keys(reader.block(data, key), key, (), LANGUAGES)
    licence = reader.block(data, "licence")
    reader.keys(licence, "licence", ("name",), ("path", *LANGUAGES))
    pdf = reader.block(data, "pdf")
    reader.keys(pdf, "pdf", (), ("longest_table",))
    for key in ("version", "reporting_system"):
        if data.get(key) == "":
            reader.note("tables.wrong_type", key=key, expected='"…"')
    spec = ReleaseSpec(
        id=path.stem,
        version=reader.string(data, "", "version"),
        frequency=reader.choice(data, "", "frequency", tuple(EXAMPLES), "A"),
        reporting_system=reader.string(data, "", "reporting_system"),
        audience=reader.choice(data, "", "audience", AUDIENCES, AUDIENCES[0]),
        titles=reader.texts(reader.block(data, "title"), "title"),
        publisher=reader.texts(reader.block(data, "publisher"), "publisher"),
        contact=reader.texts(reader.block(data, "contact"), "contact"),
        source=reader.texts(reader.block(data, "source"), "source"),
        licence=Licence(
            reader.string(licence, "licence", "name"),
            reader.texts(licence, "licence"),
            reader.string(licence, "licence", "path"),
        ),
        chapters=tuple(_chapter(reader, block) for block in reader.blocks(data, "chapter")),
        charts=tuple(_chart(reader, block) for block in reader.blocks(data, "chart")),
        notes=tuple(_note(reader, block) for block in reader.blocks(data, "note")),
        pdf_longest_table=reader.number(pdf, "pdf", "longest_table", default=0, least=0),
        formats=reader.strings(data, "", "formats") if "formats" in data else (),
        begins=reader.number(data, "", "begins", default=0, least=1) if "begins" in data else 0,
        quality=reader.flag(data, "", "quality") if "quality" in data else False,
    )
    for format_ in spec.formats:
        known = (*FORMATS, *(layout.stem for layout in _data.definitions("layouts")))
        if format_ not in known:
            reader.note("release.no_format", format=format_, known=", ".join(known))
    _check(reader, spec)
    return spec, reader.problems


def _check(reader: Reader, spec: ReleaseSpec) -> None:
    tables = spec.tables
    if not tables:
        reader.note("release.no_tables")
    for table in dict.fromkeys(tables):
        if tables.count(table) > 1:
            reader.note("release.table_twice", table=table)
    for chart in spec.charts:
        if chart.table not in tables:
            reader.note("release.chart_without_table", table=chart.table)


def _chapter(reader: Reader, block: dict[str, Any]) -> Chapter:
    place = f"chapter {reader.string(block, 'chapter', 'id')}".strip()
    reader.keys(block, place, ("id", "title", "tables"))
    titles = reader.block(block, "title")
    reader.keys(titles, f"{place}.title", (), LANGUAGES)
    return Chapter(
        reader.string(block, place, "id"),
        reader.texts(titles, f"{place}.title"),
        reader.strings(block, place, "tables"),
    )


def _chart(reader: Reader, block: dict[str, Any]) -> Chart:
    place = f"chart {reader.string(block, 'chart', 'table')}".strip()
    kind = reader.choice(block, place, "kind", CHART_KINDS, CHART_KINDS[0])
    of = "dimensions" if kind == ROUTES else "dimension"
    reader.keys(block, place, ("table", of, "kind", "title"), ("largest",))
    titles = reader.block(block, "title")
    reader.keys(titles, f"{place}.title", (), LANGUAGES)
    return Chart(
        reader.string(block, place, "table"),
        "" if kind == ROUTES else reader.string(block, place, "dimension"),
        kind,
        reader.texts(titles, f"{place}.title"),
        reader.number(block, place, "largest", default=0, least=0),
        reader.strings(block, place, "dimensions") if kind == ROUTES else (),
    )


def _note(reader: Reader, block: dict[str, Any]) -> Text:
    reader.keys(block, "note", (), LANGUAGES)
    return reader.texts(block, "note")
