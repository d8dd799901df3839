"""What a release is: which tables in which chapters, for whom, how often, and the texts around them.

One TOML file a release under ``reports/releases``; the file name is the id. The reader refuses what it does not
know, with the nearest known name, because a mistyped key would otherwise be a silently missing chapter.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES

#: A text in every language that a release is published in.
Text = Mapping[str, str]

#: Length of a release's period by SDMX CL_FREQ (quarter, half-year, year), with a period as a user writes it.
EXAMPLES = {"Q": "2024-Q4", "S": "2024-S1", "A": "2024"}
AUDIENCES = ("internal",)
CHART_KINDS = ("bar",)
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

    ``largest`` keeps only that many of the largest categories; 0 keeps all.
    """

    table: str
    dimension: str
    kind: str
    titles: Text
    largest: int = 0


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
        audience: who may read it. Until joint disclosure control exists there is only ``internal``.
        titles, publisher, contact, source: texts of the cover.
        licence: terms of use of the data files.
        chapters, charts: what is in it.
        notes: notes on the whole release.
        pdf_longest_table: a list table with more rows is shortened in the PDF; 0 never shortens.
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

    @property
    def tables(self) -> tuple[str, ...]:
        """The ids of all tables, in reading order."""
        return tuple(table for chapter in self.chapters for table in chapter.tables)


def release_ids() -> list[str]:
    """The ids of all releases that can be built."""
    return [path.stem for path in _data.definitions(_FOLDER)]


def all_releases() -> list[ReleaseSpec]:
    """Every release, by id."""
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
    return _read(_data.reports_dir() / _FOLDER / f"{release_id}.toml")


def _read(path: Path) -> ReleaseSpec:
    return parse(_data.read_toml(path), path.name)


def parse(content: Mapping[str, Any], file: str) -> ReleaseSpec:
    """A release from the content of its file; ``file`` is named in errors.

    Raises:
        InvalidDefinition: a key is unknown or missing, a text lacks a language, a table stands twice, or a chart
            shows a table that the release does not hold.
    """
    block = _Block(content, file, "")
    block.only(
        *("schema", "id", "version", "frequency", "reporting_system", "audience", "title", "publisher", "contact"),
        *("source", "licence", "chapter", "chart", "note", "pdf"),
    )
    if block.required("schema") != 1 or block.string("id") != Path(file).stem:
        raise InvalidDefinition("release.bad_value", file=file, key="schema, id", allowed=f"1, {Path(file).stem}")
    licence = block.block("licence")
    licence.only("name", "path", *LANGUAGES)
    pdf = _Block(content.get("pdf", {}), file, "pdf")
    pdf.only("longest_table")
    spec = ReleaseSpec(
        id=block.string("id"),
        version=block.string("version"),
        frequency=block.choice("frequency", EXAMPLES),
        reporting_system=block.string("reporting_system"),
        audience=block.choice("audience", AUDIENCES),
        titles=block.text("title"),
        publisher=block.text("publisher"),
        contact=block.text("contact"),
        source=block.text("source"),
        licence=Licence(licence.string("name"), licence.languages(), str(licence.content.get("path", ""))),
        chapters=tuple(_chapter(each) for each in block.blocks("chapter")),
        charts=tuple(_chart(each) for each in block.blocks("chart")),
        notes=tuple(_note(each) for each in block.blocks("note")),
        pdf_longest_table=pdf.number("longest_table", default=0),
    )
    _check(spec, file)
    return spec


def _check(spec: ReleaseSpec, file: str) -> None:
    tables = spec.tables
    if not tables:
        raise InvalidDefinition("release.missing_key", file=file, key="chapter")
    twice = next((table for table in tables if tables.count(table) > 1), None)
    if twice:
        raise InvalidDefinition("release.table_twice", file=file, table=twice)
    for chart in spec.charts:
        if chart.table not in tables:
            raise InvalidDefinition("release.chart_without_table", file=file, table=chart.table)


def _chapter(block: "_Block") -> Chapter:
    block.only("id", "title", "tables")
    tables = block.required("tables")
    if not isinstance(tables, list) or not all(isinstance(table, str) for table in tables):
        raise InvalidDefinition("release.bad_value", file=block.file, key=block.name("tables"), allowed='["…"]')
    return Chapter(block.string("id"), block.text("title"), tuple(tables))


def _chart(block: "_Block") -> Chart:
    block.only("table", "dimension", "kind", "title", "largest")
    return Chart(
        block.string("table"),
        block.string("dimension"),
        block.choice("kind", CHART_KINDS),
        block.text("title"),
        block.number("largest", default=0),
    )


def _note(block: "_Block") -> Text:
    block.only(*LANGUAGES)
    return block.languages()


@dataclass(frozen=True, slots=True)
class _Block:
    """One table of a definition file, with the place it stands in for messages."""

    content: Mapping[str, Any]
    file: str
    place: str

    def name(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def only(self, *known: str) -> None:
        """Refuse every other key, naming the nearest known one."""
        for key in self.content:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                raise InvalidDefinition(
                    "release.unknown_key", file=self.file, key=self.name(key), nearest=near[0] if near else "–"
                )

    def required(self, key: str) -> Any:
        if key not in self.content:
            raise InvalidDefinition("release.missing_key", file=self.file, key=self.name(key))
        return self.content[key]

    def string(self, key: str) -> str:
        value = self.required(key)
        if not isinstance(value, str) or not value.strip():
            raise InvalidDefinition("release.bad_value", file=self.file, key=self.name(key), allowed='"…"')
        return value

    def number(self, key: str, default: int) -> int:
        value = self.content.get(key, default)
        if not isinstance(value, int) or value < 0:
            raise InvalidDefinition("release.bad_value", file=self.file, key=self.name(key), allowed="0, 1, 2, …")
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        value = self.string(key)
        if value not in allowed:
            raise InvalidDefinition("release.bad_value", file=self.file, key=self.name(key), allowed=", ".join(allowed))
        return value

    def block(self, key: str) -> "_Block":
        value = self.required(key)
        if not isinstance(value, dict):
            raise InvalidDefinition("release.bad_value", file=self.file, key=self.name(key), allowed=f"[{key}]")
        return _Block(value, self.file, self.name(key))

    def blocks(self, key: str) -> "list[_Block]":
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise InvalidDefinition("release.bad_value", file=self.file, key=self.name(key), allowed=f"[[{key}]]")
        return [_Block(each, self.file, f"{self.name(key)} {place}") for place, each in enumerate(value, start=1)]

    def text(self, key: str) -> Text:
        inner = self.block(key)
        inner.only(*LANGUAGES)
        return inner.languages()

    def languages(self) -> Text:
        return {lang: self.string(lang) for lang in LANGUAGES}
