"""What is measured: ``reports/quality/measures.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass

from thassist import _data
from thassist.engine import check_query
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records.dataset import TABLE_NAMES, key_fields

FILE = "quality/measures.toml"
GROUPS = ("completeness", "unknown", "timeliness")
#: The tables that tell when a record was stored: ``recorded_<table>``.
RECORDED = tuple(table for table in TABLE_NAMES if len(key_fields(table)) == 1)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Attributes:
        id: its name in the file.
        group: completeness, unknown or timeliness.
        kind: ``share`` (two numbers) or ``days`` (one row a case).
        good: for a share, whether ``high`` or ``low`` is wanted.
        sql: the query.
        title: by language.
    """

    id: str
    group: str
    kind: str
    sql: str
    title: Mapping[str, str]
    good: str = ""


def load() -> list[Measure]:
    """Read and check the measures.

    Raises:
        InvalidDefinition: the file is wrong; the message says where.
    """
    document = _data.read_toml(_data.reports_dir() / FILE)
    if document.get("schema") != 1:
        raise InvalidDefinition("quality.bad_file", file=FILE, detail="schema = 1")
    tables = {*TABLE_NAMES, *(f"recorded_{table}" for table in RECORDED)}
    found = []
    for entry in document.get("measure", []):
        name = str(entry.get("id", "?"))
        try:
            one = Measure(**entry)
        except TypeError as error:
            raise InvalidDefinition("quality.bad_file", file=FILE, detail=name) from error
        kinds = {"share": {"high", "low"}, "days": {""}}
        if one.group not in GROUPS or one.good not in kinds.get(one.kind, ()) or set(one.title) != set(LANGUAGES):
            raise InvalidDefinition("quality.bad_file", file=FILE, detail=name)
        check_query(one.sql, tables, f"{FILE}: {name}")
        found.append(one)
    return found
