"""A table in the words of SDMX: code lists, concepts, the data structure and its observations, as plain values.

The figures are those of the cube: codes, statuses and periods are the standard's already (SDMX 3.0; cross-domain
concepts and code lists). Which agency, which concept and which confidentiality stand for what is in ``sdmx.toml``.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import TOTAL, Classification, classification
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.publish.grid import Axes
from thassist.publish.tidy_csv import LABELS
from thassist.tables.cube import Cell, Cube
from thassist.tables.model import Texts

FILE = "sdmx.toml"
_PARTS = ("schema", "system", "lists", "confidentiality", "values", "scheme", "metadata", "concept")
#: What a component is for. The time dimension stands apart: it has a type where others have codes.
DIMENSION, TIME, MEASURE, ATTRIBUTE = "dimension", "time", "measure", "attribute"
#: What stands for a number that is known not to be there, in SDMX-ML and SDMX-CSV 2; in SDMX-CSV 1.0 the cell is empty.
MISSING = "NaN"
_ID = re.compile(r"[A-Za-z0-9_@$-]+")


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A code with its names by language. ``description`` is the code itself where SDMX does not allow its letters."""

    id: str
    names: Mapping[str, str]
    parent: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list; ``ids`` has the SDMX id of each of our codes."""

    agency: str
    id: str
    version: str
    names: Mapping[str, str]
    codes: tuple[ListedCode, ...] = field(repr=False)
    ids: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Component:
    """A dimension, the measure or an attribute.

    Attributes:
        id: the component and its concept.
        role: one of :data:`DIMENSION`, :data:`TIME`, :data:`MEASURE`, :data:`ATTRIBUTE`.
        codes: the permitted codes; None where it has a type instead.
        kind: ``string``, ``integer``, ``double`` or ``period``.
        required: whether it must have a value.
        whole: of an attribute, whether it belongs to the whole data set rather than to one observation.
    """

    id: str
    role: str
    codes: CodeList | None = None
    kind: str = "string"
    required: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """A data structure with the data flow of the same id, agency and version."""

    agency: str
    id: str
    version: str
    names: Mapping[str, str]
    components: tuple[Component, ...]
    absent_is_zero: bool = False
    concepts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    @property
    def ref(self) -> str:
        """``AGENCY:ID(VERSION)``."""
        return f"{self.agency}:{self.id}({self.version})"

    @property
    def key(self) -> tuple[Component, ...]:
        """The components that together tell one observation from another."""
        return tuple(each for each in self.components if each.role in (DIMENSION, TIME))


@dataclass(frozen=True, slots=True)
class DataSet:
    """Observations of one structure: a value for every component that is not of the whole, in its order."""

    structure: Structure
    whole: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The components that have a value in every row."""
        return tuple(each.id for each in self.structure.components if not each.whole)


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation of a file: where it stands, and its values by component; an absent value is not in it."""

    place: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Observations:
    """The observations of one structure in a file, with the components that the file speaks of."""

    ref: str
    named: tuple[str, ...]
    rows: tuple[Observation, ...] = field(repr=False)


def settings() -> dict[str, Any]:
    """What ``sdmx.toml`` says.

    Raises:
        InvalidDefinition: the file lacks something.
    """
    found = _data.read_toml(_data.reports_dir() / FILE)
    absent = [key for key in _PARTS if not found.get(key)]
    if absent:
        raise InvalidDefinition("sdmx.bad_settings", file=FILE, detail=", ".join(absent))
    return found


def data_set(cube: Cube, system: str) -> DataSet:
    """A cube as a data set.

    Args:
        cube: the table, protected.
        system: the reporting system, which has an agency and an area in ``sdmx.toml``.

    Raises:
        InvalidDefinition: ``sdmx.toml`` does not name the system.
    """
    known = settings()
    if system not in known["system"]:
        raise InvalidDefinition("sdmx.no_agency", file=FILE, system=system)
    structure = _structure(cube, known, known["system"][system]["agency"])
    whole = {"UNIT_MEASURE": cube.spec.unit.statistical_unit, "DECIMALS": str(cube.spec.measure.decimals)}
    if cube.spec.notes:
        whole["COMMENT_DSET"] = " ".join(note[LABELS] for note in cube.spec.notes)
    area = known["system"][system]["area"]
    return DataSet(structure, whole, tuple(_rows(cube, structure, area, known["confidentiality"])))


def _rows(cube: Cube, structure: Structure, area: str, confidential: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    axes = Axes(cube, LABELS)
    lists = [each.codes.ids for each in structure.components[2 : 2 + len(cube.spec.dimensions)] if each.codes]
    frequency = {period.code: period.precision for period in cube.periods}
    for key in sorted(cube.cells, key=lambda key: axes.rank(axes.names, key)):
        cell = cube.cells[key]
        codes = [ids[code] for ids, code in zip(lists, key[1:], strict=True)]
        note = "; ".join(cube.note(name, LABELS) for name in cell.notes)
        conf = confidential[cell.status.value]
        yield (frequency[key[0]], area, *codes, key[0], _value(cell, cube), cell.status.value, conf, note)


def _value(cell: Cell, cube: Cube) -> str:
    return MISSING if cell.value is None else f"{cell.value:.{cube.spec.measure.decimals}f}"


def _structure(cube: Cube, known: Mapping[str, Any], agency: str) -> Structure:
    spec, lists = cube.spec, known["lists"]

    def listed(ref: str) -> CodeList:
        return _listed(ref, agency, _data.reports_dir())

    unit = spec.unit.statistical_unit
    units = CodeList(agency, "CL_UNIT", "1.0", _named(known, "UNIT_MEASURE"), (ListedCode(unit, spec.unit.labels),))
    return Structure(
        agency=agency,
        id=identifier(spec.id).upper(),
        version=spec.version,
        names=spec.titles,
        components=(
            Component("FREQ", DIMENSION, listed(lists["frequency"])),
            Component("REF_AREA", DIMENSION, listed(lists["area"])),
            *(Component(each.id.upper(), DIMENSION, listed(each.classification)) for each in spec.dimensions),
            Component("TIME_PERIOD", TIME, kind="period"),
            Component("OBS_VALUE", MEASURE, kind="double"),  # the one type of a number that NaN belongs to
            Component("OBS_STATUS", ATTRIBUTE, listed(lists["status"])),
            Component("CONF_STATUS", ATTRIBUTE, listed(lists["confidentiality"])),
            Component("COMMENT_OBS", ATTRIBUTE, required=False),
            Component("UNIT_MEASURE", ATTRIBUTE, units, whole=True),
            Component("DECIMALS", ATTRIBUTE, kind="integer", whole=True),
            Component("COMMENT_DSET", ATTRIBUTE, required=False, whole=True),
        ),
        absent_is_zero=spec.zeros == "omit",
        concepts={each.id.upper(): each.titles for each in spec.dimensions},
    )


@cache
def _listed(ref: str, agency: str, _home: Path) -> CodeList:
    return code_list(classification(ref), agency)


def code_list(known: Classification, agency: str) -> CodeList:
    """A classification as a code list; the total is a code of it.

    Raises:
        InvalidDefinition: its codes are placeholders.
    """
    if known.placeholder:
        raise InvalidDefinition("codes.is_placeholder", ref=known.ref)
    ids: dict[str, str] = {}
    for code in (TOTAL, *known.codes):
        own, wanted, number = identifier(code), identifier(code), 1
        while wanted in ids.values():
            number += 1
            wanted = f"{own}_{number}"
        ids[code] = wanted
    langs = ("en",) if known.foreign else LANGUAGES  # names that their owner gave in one language
    codes = [ListedCode(ids[TOTAL], {lang: known.label(TOTAL, lang) for lang in LANGUAGES})]
    codes += [
        ListedCode(
            ids[code.code],
            {lang: code.labels[lang] for lang in langs},
            ids.get(code.parent, ""),  # SDMX knows one parent: a code of several stands alone
            code.code if ids[code.code] != code.code else "",
        )
        for code in known.codes.values()
    ]
    name = f"CL_{identifier(known.id).upper()}"
    return CodeList(agency, name, _version(known.version), known.titles, tuple(codes), ids)


def identifier(text: str) -> str:
    """A text as an SDMX id: letters, digits and ``_ @ $ -``; every other character becomes ``_``."""
    return text if _ID.fullmatch(text) else re.sub(r"[^A-Za-z0-9_@$-]+", "_", text)


def _version(text: str) -> str:
    """A version as SDMX writes it, with a minor number: ``2022`` is ``2022.0``."""
    return text if "." in text else f"{text}.0"


def _named(known: Mapping[str, Any], concept: str) -> Texts:
    return next({lang: each[lang] for lang in LANGUAGES} for each in known["concept"] if each["id"] == concept)


def code_lists(structures: Iterable[Structure]) -> list[CodeList]:
    """The code lists of some structures, each once; the units of all of them are one list.

    Where two tables have different words for one unit, both are its name.
    """
    found: dict[str, CodeList] = {}
    for structure in structures:
        for component in structure.components:
            if component.codes is not None:
                known = found.setdefault(component.codes.id, component.codes)
                if component.id == "UNIT_MEASURE":
                    found[known.id] = replace(known, codes=_merged(known.codes, component.codes.codes))
    return [found[name] for name in sorted(found)]


def _merged(*lists: tuple[ListedCode, ...]) -> tuple[ListedCode, ...]:
    codes: dict[str, ListedCode] = {}
    for code in itertools.chain(*lists):
        known = codes.setdefault(code.id, code)
        if known.names != code.names:
            names = {
                lang: " / ".join(dict.fromkeys([*known.names[lang].split(" / "), name]))
                for lang, name in code.names.items()
            }
            codes[code.id] = replace(known, names=names)
    return tuple(codes.values())


def concept_names(known: Mapping[str, Any], structures: list[Structure]) -> dict[str, Texts]:
    """The concepts of some structures with their names; tables that title a dimension otherwise are named together."""
    names: dict[str, Texts] = {each["id"]: {lang: each[lang] for lang in LANGUAGES} for each in known["concept"]}
    for lang in LANGUAGES:
        titles: dict[str, list[str]] = {}
        for structure in structures:
            for concept, said in structure.concepts.items():
                if said[lang] not in titles.setdefault(concept, []):
                    titles[concept].append(said[lang])
        for concept, said_so in titles.items():
            names.setdefault(concept, {})[lang] = " / ".join(said_so)
    return names
