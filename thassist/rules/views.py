"""Rule views: the documented queries over the record tables on which the conditions of rules stand.

They are data, in ``reports/rules/views.toml`` (those over published figures in ``reports/rules/cells/views.toml``).
A view has one row for each thing that can be wrong, carries the columns that conditions need, and says to which
record the row belongs (``_pos`` of the table ``record``). Views with ``built_in`` are written from the record schema
itself and have a row for every cell, in whatever table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thassist import _data
from thassist.engine import check_query
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records import legal
from thassist.records.dataset import TABLE_NAMES, fields
from thassist.rules.staged import STAGED

FILE = "views.toml"
#: The table of pairs of persons on which a decision stands (``thassist duplicates decide``), in both orders.
DECISIONS = "duplicate_decision"
#: What rules look at → the folder of their definitions, under ``reports``.
FOLDERS = {"records": "rules", "cells": "rules/cells"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A small table of facts that views may join: a CSV file beside the rules, with typed columns."""

    name: str
    file: str
    columns: dict[str, str]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A view on which conditions stand.

    Attributes:
        id: the name by which rules name it in ``on``.
        about: language → what one row is.
        record: the record table to which a row belongs; empty where a row belongs to no single record (a share over
            the whole data) or says itself to which table and field it belongs (``table_name``, ``field_name``).
        sql: the query; empty for a view written from the schema.
        built_in: the name of a view written from the schema, or an empty string.
        whole: its rows speak of all the data, so that rules on it need all records.
        refers: alias → record table of further records that a row names in ``<alias>_pos`` (one position or a list);
            the table ``.`` is that of the row.
        columns: documented columns that the view adds to those of its record.
        dates: for coded cells, ``table.field`` → the field whose date decides whether the code was valid.
    """

    id: str
    about: Mapping[str, str]
    record: str = ""
    sql: str = ""
    built_in: str = ""
    whole: bool = False
    refers: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)


def load(over: str = "records") -> tuple[list[Reference], dict[str, RuleView]]:
    """All reference tables and rule views over records, or over published figures (``cells``).

    Raises:
        InvalidDefinition: the file is wrong; the message says where.
    """
    document = _data.read_toml(_data.reports_dir() / FOLDERS[over] / FILE)
    if document.get("schema") != 1:
        raise InvalidDefinition("rules.bad_file", file=FILE, detail="schema = 1")
    try:
        references = [Reference(**entry) for entry in document.get("reference", [])]
        views = [RuleView(**{**entry, "about": spoken(entry["about"])}) for entry in document["view"]]
    except (KeyError, TypeError) as error:
        raise InvalidDefinition("rules.bad_file", file=FILE, detail=str(error)) from error
    own = {*TABLE_NAMES, *legal.columns(), "code_list", DECISIONS} if over == "records" else set(STAGED)
    tables = {*own, *(reference.name for reference in references)}
    for view in views:
        _check(view, tables)
    return references, {view.id: view for view in views}


def spoken(texts: Mapping[str, str]) -> dict[str, str]:
    """A text in every language.

    Raises:
        KeyError: a language is missing.
        TypeError: it is no text in several languages.
    """
    if not isinstance(texts, dict) or not all(isinstance(text, str) and text for text in texts.values()):
        raise TypeError(texts)
    return {lang: texts[lang] for lang in LANGUAGES}


def _check(view: RuleView, tables: set[str]) -> None:
    where = f"views.toml: {view.id}"
    if bool(view.sql) == bool(view.built_in):
        raise InvalidDefinition("rules.bad_file", file=FILE, detail=f"{view.id}: sql / built_in")
    if view.sql:
        check_query(view.sql, tables, where)
    for name in (view.record, *view.refers.values()):
        if name not in {"", "."} and name not in TABLE_NAMES:
            raise InvalidDefinition("rules.bad_file", file=FILE, detail=f"{view.id}: {name}")
    for place, date in view.dates.items():
        table, _, name = place.partition(".")
        if table not in TABLE_NAMES or not {name, date} <= {column.name for column in fields(table)}:
            raise InvalidDefinition("rules.bad_file", file=FILE, detail=f"{view.id}: {place}")
