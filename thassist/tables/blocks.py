"""The blocks of a table spec's file, each read into its value; ``spec.py`` puts them together."""

import itertools
from contextlib import suppress
from typing import Any

from thassist import messages
from thassist.codes import UNKNOWN, Correspondence, classification, correspondence
from thassist.dates import PRECISIONS
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables.definition import Reader, nearest
from thassist.tables.model import (
    REFERENCES,
    Dimension,
    Layout,
    Measure,
    Population,
    Texts,
    Time,
    Unit,
)
from thassist.tables.population import population as population_of

#: What one figure may be a number of.
UNITS = (
    *("person", "referral", "decision", "appeal", "episode", "service", "permit", "period", "stage", "provision"),
    *("contact", "compensation", "return", "identification", "family", "organisation"),
    *("day", "month", "percent", "euro", "hour", "rate"),
)
#: Parameters that every query has, beside those of the definition.
PARAMETERS = ("period_start", "period_end")
#: Function of a measure → the keys that it needs and those that it may have, beside ``function`` and ``decimals``.
FUNCTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "count_distinct": (("field",), ()),
    "count": ((), ()),
    "distinct": (("field",), ()),
    "sum": (("field",), ("divisor",)),
    "median": (("field",), ("divisor",)),
    "quantile": (("field", "probability"), ("divisor",)),
    "share": (("where",), ("field", "per")),
    "proportion": (("over",), ("field", "per")),
    "rate": (("field", "population"), ("per", "by")),
    "survival_median": (("field", "event"), ("divisor",)),
    "survival_share": (("field", "event", "after"), ()),
}


def texts(reader: Reader, data: dict[str, Any], key: str) -> Texts:
    """A text in every language."""
    block = reader.block(data, key)
    reader.keys(block, key, (), LANGUAGES)
    return reader.texts(block, key)


def population(reader: Reader, data: dict[str, Any]) -> Population:
    """Who or what is counted."""
    block = reader.block(data, "population")
    reader.keys(block, "population", ("view",), ("where", *LANGUAGES))
    return Population(
        view=reader.string(block, "population", "view"),
        where=reader.string(block, "population", "where"),
        texts=reader.texts(block, "population"),
    )


def unit(reader: Reader, data: dict[str, Any]) -> Unit:
    """What one figure counts."""
    block = reader.block(data, "unit")
    reader.keys(block, "unit", ("statistical_unit", "counting_rule"), LANGUAGES)
    return Unit(
        statistical_unit=reader.choice(block, "unit", "statistical_unit", UNITS, "person"),
        counting_rule=reader.string(block, "unit", "counting_rule"),
        labels=reader.texts(block, "unit"),
    )


def parameters(reader: Reader, data: dict[str, Any]) -> dict[str, int]:
    """The numbers that conditions and texts may name; the reader fills them into every text that it reads later."""
    block = reader.block(data, "parameters")
    found = {name: reader.number(block, "parameters", name, default=0, least=0) for name in block}
    for name in found:
        if not name.isidentifier() or name in (*PARAMETERS, "horizon"):
            reader.note("tables.bad_name", id=name, reserved=", ".join((*PARAMETERS, "horizon")))
    horizon = reader.block(data, "time").get("horizon")
    if isinstance(horizon, int) and not isinstance(horizon, bool):
        found["horizon"] = horizon
    reader.fills.update(found)
    return found


def time(reader: Reader, data: dict[str, Any]) -> Time:
    """How a record gets its place in time."""
    block = reader.block(data, "time")
    reference = reader.choice(block, "time", "reference", tuple(REFERENCES), "flow")
    needed = [*REFERENCES[reference], *(["horizon"] if reference == "cohort" else [])]
    reader.keys(block, "time", ("reference", *needed), ("periods", "frequency"))
    return Time(
        reference=reference,
        date=reader.string(block, "time", "date"),
        start=reader.string(block, "time", "start"),
        end=reader.string(block, "time", "end"),
        periods=reader.number(block, "time", "periods", default=1, least=1),
        frequency=reader.choice(block, "time", "frequency", PRECISIONS[1:], "") if "frequency" in block else "",
        horizon=reader.number(block, "time", "horizon", default=0, least=0),
    )


def dimension(reader: Reader, block: dict[str, Any]) -> Dimension:
    """One classification by which the table is broken down."""
    place = f"dimension {reader.string(block, 'dimension', 'id')}".strip()
    reader.keys(
        block, place, ("id", "classification", "field", "title"), ("via", "older", "response", "parents", "rest")
    )
    titles = reader.block(block, "title")
    reader.keys(titles, f"{place}.title", (), LANGUAGES)
    return Dimension(
        id=reader.string(block, "dimension", "id"),
        classification=reader.string(block, place, "classification"),
        via=reader.string(block, place, "via"),
        field=reader.string(block, place, "field"),
        response=reader.choice(block, place, "response", ("single", "multiple", "combined"), "single"),
        parents=reader.flag(block, place, "parents"),
        titles=reader.texts(titles, f"{place}.title"),
        older=reader.strings(block, place, "older"),
        rest=reader.choice(block, place, "rest", ("total",), "total") if "rest" in block else "",
    )


def measure(reader: Reader, data: dict[str, Any]) -> Measure:
    """What is computed."""
    block = reader.block(data, "measure")
    function = reader.choice(block, "measure", "function", tuple(FUNCTIONS), "count_distinct")
    required, optional = FUNCTIONS[function]
    by = reader.block(block, "by")
    reader.keys(block, "measure", ("function", *required), ("decimals", *optional))
    return Measure(
        function=function,
        field=reader.string(block, "measure", "field"),
        decimals=reader.number(block, "measure", "decimals", default=0, least=0),
        where=reader.string(block, "measure", "where"),
        over=reader.strings(block, "measure", "over"),
        per=reader.number(block, "measure", "per", default=100, least=1),
        probability=reader.fraction(block, "measure", "probability", default=0.5, most=1),
        event=reader.string(block, "measure", "event"),
        after=reader.number(block, "measure", "after", default=0, least=0),
        divisor=reader.fraction(block, "measure", "divisor", default=1, most=1e6),
        population=reader.string(block, "measure", "population"),
        by=tuple((name, reader.string(by, "measure.by", name)) for name in by),
    )


def margins(reader: Reader, data: dict[str, Any], dimensions: tuple[Dimension, ...]) -> tuple[tuple[str, ...], ...]:
    """The sets of dimensions that are computed."""
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


def layout(reader: Reader, data: dict[str, Any]) -> Layout:
    """How the table is shown."""
    block = reader.block(data, "layout")
    reader.keys(block, "layout", ("form", "stub"), ("heading",))
    return Layout(
        form=reader.choice(block, "layout", "form", ("cross", "list"), "cross"),
        stub=reader.strings(block, "layout", "stub"),
        heading=reader.strings(block, "layout", "heading"),
    )


def notes(reader: Reader, data: dict[str, Any]) -> list[Texts]:
    """The file's own notes."""
    notes = []
    for block in reader.blocks(data, "note"):
        reader.keys(block, "note", (), LANGUAGES)
        notes.append(reader.texts(block, "note"))
    return notes


def standing_notes(
    dimensions: tuple[Dimension, ...], when: Time, zeros: str, measured: Measure | None = None
) -> list[Texts]:
    """What the catalogue says of every table of a kind, and the settings that decided how something is coded."""
    said: list[tuple[str, dict[str, Any]]] = []
    if any(found.multiple for found in dimensions):
        said.append(("note_multiple", {}))
    if zeros == "omit":
        said.append(("note_zeros_omitted", {}))
    if when.reference == "cohort":
        said.append(("note_cohort", {"days": when.horizon}))
    said += [("note_older", {"dimension": found}) for found in dimensions if found.older]
    said += [("note_combined", {"dimension": found}) for found in dimensions if found.combined]
    said += [("note_rest", {"dimension": found}) for found in dimensions if found.rest]
    said += _residents(measured) if measured and measured.population else []
    texts = [{lang: _said(key, lang, params) for lang in LANGUAGES} for key, params in said]
    settings = {each.id: each for found in dimensions for via in _maps(found) for each in via.settings}
    return texts + [{lang: each.text(lang) for lang in LANGUAGES} for each in settings.values()]


def _residents(measured: Measure) -> list[tuple[str, dict[str, Any]]]:
    """What a rate is divided by, and which of those figures nobody has confirmed."""
    with suppress(InvalidDefinition):
        found = population_of(measured.population)
        days = ", ".join(sorted(str(day) for day in found.remembered))
        said: list[tuple[str, dict[str, Any]]] = [("note_rate", {"titles": found.titles})]
        return [*said, ("note_remembered", {"days": days})] if days else said
    return []


def _maps(dimension: Dimension) -> list[Correspondence]:
    """The correspondences of a dimension; one that is wrong is told where the spec is held against what it names."""
    found = []
    for ref in (dimension.via, *dimension.older):
        with suppress(InvalidDefinition):
            found += [correspondence(ref)] if ref else []
    return found


def _without(dimension: Dimension, lang: str) -> str:
    """The names of the codes that are counted in totals only; in the source's own words, and not known as such."""
    named = {via.source.label(code, lang): None for via in _maps(dimension) for code in via.without if code != UNKNOWN}
    with suppress(InvalidDefinition):
        target = classification(dimension.classification)
        if target.unknown_code not in target.codes:
            named[messages.text("tables.rest_unknown", lang)] = None
    return "; ".join(named) or "–"


def _said(key: str, lang: str, params: dict[str, Any]) -> str:
    found = params.get("dimension")
    if "titles" in params:
        params = {"title": params["titles"][lang]}
    elif isinstance(found, Dimension) and key == "note_rest":
        params = {"dimension": found.titles[lang], "codes": _without(found, lang)}
    elif isinstance(found, Dimension) and key == "note_combined":
        params = {"dimension": found.titles[lang]}
    elif isinstance(found, Dimension):
        older = ", ".join(ref.partition("--")[0] for ref in found.older)
        params = {"dimension": found.titles[lang], "older": older, "target": found.classification}
    return messages.text(f"tables.{key}", lang, **params)


def check(reader: Reader, data: dict[str, Any]) -> str:
    """The key of the grand total that other tables share."""
    block = reader.block(data, "check")
    reader.keys(block, "check", (), ("measure",))
    return reader.string(block, "check", "measure")


def concepts(reader: Reader, data: dict[str, Any]) -> tuple[str, ...]:
    """What breaks of comparability may touch."""
    block = reader.block(data, "comparability")
    reader.keys(block, "comparability", (), ("concepts",))
    return reader.strings(block, "comparability", "concepts")
