"""A table spec: the definition of one statistical table, one file ``reports/tables/<id>.toml``.

The file::

    schema = 1
    id = "fi_new_victims_form_sex"            # == file name == worksheet == CSV file
    version = "1.0.0"                         # minor: wording; major: numbers change
    status = "active"                         # draft (may wait for a list) | active | retired

    [title]                                   # every text has fi, sv and en, without placeholders
    [population]                              # who or what is counted (SIMS 3.6)
    view = "fi_episode"                       # reports/views/fi_episode.toml
    where = "is_new AND role = 'VICTIM'"      # optional: a condition over the columns of the view
    fi = "…"
    [unit]                                    # SIMS 3.5 and 4
    statistical_unit = "person"               # one of UNITS in blocks.py: person, referral, day, percent …
    counting_rule = "first_admission_in_period"
    fi = "henkilöä"
    [time]                                    # SIMS 5
    reference = "flow"                        # flow: what happened in the period
    date = "admission_date"
    # reference = "stock", start = "admission_date", end = "exit_date": what is open at the end of its last day
    # reference = "during", start, end: what was open on at least one day of the period
    # reference = "cohort", date, horizon = 365: what happened in the period, followed for so many days
    # reference = "to_date", date: everything that has happened by the end of the period
    periods = 1                               # optional: how many periods are shown, the asked one last
    frequency = "M"                           # optional: shown by months (Q, S) where the asked period is longer
    [parameters]                              # optional: whole numbers, $name in conditions and {name} in texts
    days = 90
    [[dimension]]                             # possibly none: then the table is its totals over time
    id = "form"
    classification = "exploitation_form_published@2022"
    via = "exploitation_form@1--exploitation_form_published@2022"   # where the field has another classification
    older = ["exploitation_form@1--exploitation_form@2"]   # optional: for codes recorded under older versions
    field = "form"                            # a column of the view; a number where the classification has bounds
    response = "single"                       # multiple: one unit may stand in several categories; combined: it stands
                                              # once, in the code for the set of its categories
    rest = "total"                            # optional: who has no code here is counted in totals only
    parents = false                           # true: codes above the recorded ones are shown too (queried)
    [dimension.title]
    [measure]
    function = "count_distinct"               # of a column; or "count" of rows, which names no field
    field = "person_id"
    decimals = 0
    # function = "distinct", field: how many different values stand in a column
    # function = "sum" | "median", field: of a number; "quantile" also has probability = 0.9
    # function = "share", where = "…", field = "person_id", per = 100: units that meet a condition, of all units
    # function = "rate", field = "person_id", per = 100000, population = "fi": per residents of the period's first day
    #   by = { sex = "sex" }: dimension → column of reports/population/fi.csv; others by the whole population
    # function = "proportion", over = ["form"], field = "person_id", per = 100: of the total over these dimensions
    # function = "survival_median", field = "days", event = "ended": Kaplan-Meier; optional divisor = 30.4375
    # function = "survival_share", field, event, after = 365: the share still without the event by then
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
    [comparability]                           # optional
    concepts = ["identification"]             # what breaks of comparability (reports/breaks.toml) may touch

The standing notes (categories that do not add up, zeros left out, codes of older versions, who is counted in totals
only, cohorts not over) come from the message catalogue by themselves, and so do the settings that decided a ``via``.
"""

from pathlib import Path

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.tables import blocks
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
    path = _data.reports_dir() / FOLDER / f"{table_id}.toml"
    if path.name != f"{table_id}.toml" or not path.is_file():  # an id is a name, never a way to another folder
        names = [each.stem for each in paths_of_specs()]
        raise InvalidDefinition("tables.no_table", id=table_id, nearest=nearest(table_id, names))
    return path


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
        ("dimension", "zeros", "margins", "note", "check", "parameters", "comparability"),
    )
    parameters = blocks.parameters(reader, data)
    dimensions = tuple(blocks.dimension(reader, block) for block in reader.blocks(data, "dimension"))
    time = blocks.time(reader, data)
    zeros = reader.choice(data, "", "zeros", ("show", "omit"), "show")
    measure = blocks.measure(reader, data)
    spec = TableSpec(
        id=path.stem,
        version=reader.string(data, "", "version"),
        status=reader.choice(data, "", "status", ("draft", "active", "retired"), "active"),
        titles=blocks.texts(reader, data, "title"),
        population=blocks.population(reader, data),
        unit=blocks.unit(reader, data),
        time=time,
        dimensions=dimensions,
        measure=measure,
        zeros=zeros,
        margins=blocks.margins(reader, data, dimensions),
        layout=blocks.layout(reader, data),
        notes=(*blocks.notes(reader, data), *blocks.standing_notes(dimensions, time, zeros, measure)),
        check_measure=blocks.check(reader, data),
        parameters=parameters,
        concepts=blocks.concepts(reader, data),
    )
    return spec, reader.problems
