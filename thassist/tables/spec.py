"""A table spec: the definition of one statistical table, one file ``reports/tables/<id>.toml``.

The file::

    schema = 1
    id = "fi_new_victims_form_sex"            # == file name == worksheet == CSV file
    version = "1.0.0"                         # minor: wording; major: numbers change
    status = "active"                         # draft | active | retired

    [title]                                   # every text has fi, sv and en, without placeholders
    [population]                              # who or what is counted (SIMS 3.6)
    view = "fi_episode"                       # reports/views/fi_episode.toml
    where = "is_new AND role = 'VICTIM'"      # optional: a condition over the columns of the view
    fi = "…"
    [unit]                                    # SIMS 3.5 and 4
    statistical_unit = "person"               # person | referral | decision | episode
    counting_rule = "first_admission_in_period"
    fi = "henkilöä"
    [time]                                    # SIMS 5
    reference = "flow"                        # flow: what happened in the period
    date = "admission_date"
    # reference = "stock", start = "admission_date", end = "exit_date": what is open at the end of its last day
    periods = 1                               # optional: how many periods are shown, the asked one last
    [[dimension]]                             # possibly none: then the table is its totals over time
    id = "form"
    classification = "exploitation_form_published@2022"
    via = "exploitation_form@1--exploitation_form_published@2022"   # where the field has another classification
    field = "form"                            # a column of the view; a number where the classification has bounds
    response = "single"                       # multiple: one unit may stand in several categories
    parents = false                           # true: codes above the recorded ones are shown too (queried)
    [dimension.title]
    [measure]
    function = "count_distinct"               # of a column; or "count" of rows, which names no field
    field = "person_id"
    decimals = 0
    zeros = "show"                            # top level; omit: an absent combination is zero
    [margins]                                 # optional; default "all"
    sets = [["form", "sex"], ["form"], []]    # the combinations computed; in the others a dimension is at its total
    [layout]
    form = "cross"                            # cross | list
    stub = ["form"]                           # down the side; "time" may stand among them
    heading = ["sex"]                         # across the top
    [[note]]                                  # optional
    [check]                                   # optional
    measure = "new_victims"                   # tables with this key must show the same grand total for a period

The standing notes (categories that do not add up, zeros left out) come from the message catalogue by themselves.
Shares are no part of the format, so that none can be taken over categories that do not add up.
"""

import itertools
from pathlib import Path
from typing import Any

from thassist import _data, messages
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables.definition import Problem, Reader, nearest
from thassist.tables.model import TIME, Dimension, Layout, Measure, Population, TableSpec, Texts, Time, Unit

__all__ = [
    "TIME",
    "Dimension",
    "Layout",
    "Measure",
    "Population",
    "TableSpec",
    "Texts",
    "Time",
    "Unit",
    "all_specs",
    "load",
    "load_file",
    "path_of",
    "paths_of_specs",
    "read",
]

FOLDER = "tables"
UNITS = ("person", "referral", "decision", "episode")


def load(table_id: str) -> TableSpec:
    """The spec of one table.

    Raises:
        InvalidDefinition: there is no such table, or its file is wrong.
    """
    return load_file(path_of(table_id))


def path_of(table_id: str) -> Path:
    """The file of one table spec.

    Raises:
        InvalidDefinition: there is no such table.
    """
    paths = {path.stem: path for path in paths_of_specs()}
    if table_id not in paths:
        raise InvalidDefinition("tables.no_table", id=table_id, nearest=nearest(table_id, paths))
    return paths[table_id]


def load_file(path: Path) -> TableSpec:
    """The spec in one file.

    Raises:
        InvalidDefinition: the file is wrong; the first problem is named. ``lint`` tells all of them.
    """
    spec, problems = read(path)
    if problems:
        raise problems[0].error()
    return spec


def all_specs() -> list[TableSpec]:
    """Every table spec, by id.

    Raises:
        InvalidDefinition: a file is wrong.
    """
    return [load_file(path) for path in paths_of_specs()]


def paths_of_specs() -> list[Path]:
    """The files of all table specs, by name."""
    return _data.definitions(FOLDER)


def read(path: Path) -> tuple[TableSpec, list[Problem]]:
    """The spec in one file as far as it can be read, and everything that is wrong with the file in itself.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(path)
    data = reader.open(
        ("version", "status", "title", "population", "unit", "time", "measure", "layout"),
        ("dimension", "zeros", "margins", "note", "check"),
    )
    dimensions = tuple(_dimension(reader, block) for block in reader.blocks(data, "dimension"))
    zeros = reader.choice(data, "", "zeros", ("show", "omit"), "show")
    spec = TableSpec(
        id=path.stem,
        version=reader.string(data, "", "version"),
        status=reader.choice(data, "", "status", ("draft", "active", "retired"), "active"),
        titles=_texts(reader, data, "title"),
        population=_population(reader, data),
        unit=_unit(reader, data),
        time=_time(reader, data),
        dimensions=dimensions,
        measure=_measure(reader, data),
        zeros=zeros,
        margins=_margins(reader, data, dimensions),
        layout=_layout(reader, data),
        notes=(*_notes(reader, data), *_standing_notes(dimensions, zeros)),
        check_measure=_check(reader, data),
    )
    return spec, reader.problems


def _texts(reader: Reader, data: dict[str, Any], key: str) -> Texts:
    block = reader.block(data, key)
    reader.keys(block, key, (), LANGUAGES)
    return reader.texts(block, key)


def _population(reader: Reader, data: dict[str, Any]) -> Population:
    block = reader.block(data, "population")
    reader.keys(block, "population", ("view",), ("where", *LANGUAGES))
    return Population(
        view=reader.string(block, "population", "view"),
        where=reader.string(block, "population", "where"),
        texts=reader.texts(block, "population"),
    )


def _unit(reader: Reader, data: dict[str, Any]) -> Unit:
    block = reader.block(data, "unit")
    reader.keys(block, "unit", ("statistical_unit", "counting_rule"), LANGUAGES)
    return Unit(
        statistical_unit=reader.choice(block, "unit", "statistical_unit", UNITS, "person"),
        counting_rule=reader.string(block, "unit", "counting_rule"),
        labels=reader.texts(block, "unit"),
    )


def _time(reader: Reader, data: dict[str, Any]) -> Time:
    block = reader.block(data, "time")
    reference = reader.choice(block, "time", "reference", ("flow", "stock"), "flow")
    columns = ("date",) if reference == "flow" else ("start", "end")
    reader.keys(block, "time", ("reference", *columns), ("periods",))
    return Time(
        reference=reference,
        date=reader.string(block, "time", "date"),
        start=reader.string(block, "time", "start"),
        end=reader.string(block, "time", "end"),
        periods=reader.number(block, "time", "periods", default=1, least=1),
    )


def _dimension(reader: Reader, block: dict[str, Any]) -> Dimension:
    place = f"dimension {reader.string(block, 'dimension', 'id')}".strip()
    reader.keys(block, place, ("id", "classification", "field", "title"), ("via", "response", "parents"))
    titles = reader.block(block, "title")
    reader.keys(titles, f"{place}.title", (), LANGUAGES)
    return Dimension(
        id=reader.string(block, "dimension", "id"),
        classification=reader.string(block, place, "classification"),
        via=reader.string(block, place, "via"),
        field=reader.string(block, place, "field"),
        response=reader.choice(block, place, "response", ("single", "multiple"), "single"),
        parents=reader.flag(block, place, "parents"),
        titles=reader.texts(titles, f"{place}.title"),
    )


def _measure(reader: Reader, data: dict[str, Any]) -> Measure:
    block = reader.block(data, "measure")
    function = reader.choice(block, "measure", "function", ("count_distinct", "count"), "count_distinct")
    required = ("function", "field") if function == "count_distinct" else ("function",)
    reader.keys(block, "measure", required, ("decimals",))
    return Measure(
        function=function,
        field=reader.string(block, "measure", "field"),
        decimals=reader.number(block, "measure", "decimals", default=0, least=0),
    )


def _margins(reader: Reader, data: dict[str, Any], dimensions: tuple[Dimension, ...]) -> tuple[tuple[str, ...], ...]:
    names = [dimension.id for dimension in dimensions]
    every = tuple(subset for size in range(len(names) + 1) for subset in itertools.combinations(names, size))
    block = reader.block(data, "margins")
    reader.keys(block, "margins", (), ("sets",))
    sets = block.get("sets", "all")
    if sets == "all":
        return every
    if not isinstance(sets, list) or not sets or not all(isinstance(item, list) for item in sets):
        reader.note("tables.wrong_type", key="margins.sets", expected='"all", [["a", "b"], ["a"], []]')
        return every
    wanted = []
    for item in sets:
        for name in item:
            if name not in names:
                reader.note("tables.no_dimension", key="margins.sets", id=name, nearest=nearest(str(name), names))
        wanted.append(tuple(name for name in names if name in item))
        if len(set(item)) != len(item) or wanted.count(wanted[-1]) > 1:
            reader.note("tables.repeated", key="margins.sets", name=", ".join(map(str, item)))
    return tuple(dict.fromkeys(wanted))


def _layout(reader: Reader, data: dict[str, Any]) -> Layout:
    block = reader.block(data, "layout")
    reader.keys(block, "layout", ("form", "stub"), ("heading",))
    return Layout(
        form=reader.choice(block, "layout", "form", ("cross", "list"), "cross"),
        stub=reader.strings(block, "layout", "stub"),
        heading=reader.strings(block, "layout", "heading"),
    )


def _notes(reader: Reader, data: dict[str, Any]) -> list[Texts]:
    notes = []
    for block in reader.blocks(data, "note"):
        reader.keys(block, "note", (), LANGUAGES)
        notes.append(reader.texts(block, "note"))
    return notes


def _standing_notes(dimensions: tuple[Dimension, ...], zeros: str) -> list[Texts]:
    keys = []
    if any(dimension.multiple for dimension in dimensions):
        keys.append("tables.note_multiple")
    if zeros == "omit":
        keys.append("tables.note_zeros_omitted")
    return [{lang: messages.text(key, lang) for lang in LANGUAGES} for key in keys]


def _check(reader: Reader, data: dict[str, Any]) -> str:
    block = reader.block(data, "check")
    reader.keys(block, "check", (), ("measure",))
    return reader.string(block, "check", "measure")
