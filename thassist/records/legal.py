"""The law in force as data: the regimes of ``reports/legal``, for the database and for rules alike.

A regime is a period in which the same law was in force. It says which lengths the law sets, which codes a field may
hold and which statuses may follow one another. Regimes follow one another without a gap. Figures that nobody has read
in the statute say so (``confidence = "from memory"``) and are corrected in the file. The format::

    schema = 1
    id = "R2023"                     # the name of the file
    inherits = "R2015"               # what is not said here is as there
    valid_from = 2023-01-01
    valid_to = 2025-05-05            # not given for the regime in force
    source = "…"
    confidence = "seen"              # seen, inferred, from memory, own

    [title]                          # fi, sv, en
    [parameter.reflection_min]       # value, unit (days, months, years, flag), source, confidence
    [[code]]                         # field = "table.column", codes = […], source, confidence
    [[transition]]                   # from = "_Z" or a status, to = […], source, confidence
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import classification
from thassist.codes.classification import CONFIDENCE
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records.dataset import TABLE_NAMES, fields, sql_type
from thassist.records.model import Base, LegalCode, LegalParameter, LegalRegime, StatusTransition
from thassist.records.model.law import START, UNITS

_FOLDER = "legal"
_STATUSES = "case_status"
_KEYS = {
    "regime": {"schema", "id", "inherits", "valid_from", "valid_to", "source", "confidence", "title"}
    | {"parameter", "code", "transition"},
    "parameter": {"value", "unit", "source", "confidence"},
    "code": {"field", "codes", "source", "confidence"},
    "transition": {"from", "to", "source", "confidence"},
}
#: The tables of the law, parents before children.
LEGAL_TABLES = (LegalRegime, LegalParameter, LegalCode, StatusTransition)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was read, and how sure that is."""

    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the law sets. ``unit`` is days, months, years, or flag (1 yes, 0 no)."""

    value: int
    unit: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Allowed:
    """Codes or statuses that are allowed; none means that there is no limit (codes) or no way on (statuses)."""

    codes: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class Regime:
    """A period in which the same law was in force.

    Attributes:
        id: the name of its file.
        valid_from, valid_to: first and last day in force; None while in force.
        titles: its name by language.
        origin: where the dates were read.
        parameters: what the law sets, by identifier.
        codes: ``table.column`` → the codes that may be used there; a field that is absent is not limited.
        transitions: status → the statuses that may follow; ``_Z`` is the start of a case.
    """

    id: str
    valid_from: dt.date
    valid_to: dt.date | None
    titles: Mapping[str, str]
    origin: Origin
    parameters: Mapping[str, Parameter]
    codes: Mapping[str, Allowed]
    transitions: Mapping[str, Allowed]

    def allows(self, before: str, after: str) -> bool:
        """Whether a case may go from one status to another; ``_Z`` is before the first."""
        return before in self.transitions and after in self.transitions[before].codes


def regimes() -> tuple[Regime, ...]:
    """All regimes in the order of time.

    Raises:
        InvalidDefinition: a file is wrong, or the regimes overlap or leave a gap.
    """
    paths = _data.definitions(_FOLDER)
    return _load(tuple((path, path.stat().st_mtime_ns) for path in paths), _data.reports_dir())


def regime_on(day: dt.date) -> Regime | None:
    """The regime in force on a day; None before the first."""
    found = [regime for regime in regimes() if regime.valid_from <= day]
    return found[-1] if found and (found[-1].valid_to is None or day <= found[-1].valid_to) else None


def columns() -> dict[str, dict[str, str]]:
    """The tables of the law with their columns and the engine's types, as rules see them."""
    return {
        str(model.__tablename__): {
            column.name: sql_type(column) for column in Base.metadata.tables[model.__tablename__].columns
        }
        for model in LEGAL_TABLES
    }


def rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables of the law, parents before children."""
    made: dict[str, list[dict[str, Any]]] = {str(model.__tablename__): [] for model in LEGAL_TABLES}
    for regime in regimes():
        own = {"regime_id": regime.id}
        labels = {f"label_{lang}": regime.titles[lang] for lang in LANGUAGES}
        validity = {"valid_from": regime.valid_from, "valid_to": regime.valid_to}
        made["legal_regime"].append({**own, **validity, **labels, **_said(regime.origin)})
        made["legal_parameter"] += [
            {**own, "parameter": name, "value": found.value, "unit": found.unit, **_said(found.origin)}
            for name, found in regime.parameters.items()
        ]
        made["legal_code"] += [
            {**own, "field": field, "code": code, **_said(allowed.origin)}
            for field, allowed in regime.codes.items()
            for code in allowed.codes
        ]
        made["status_transition"] += [
            {**own, "from_status": before, "to_status": after, **_said(allowed.origin)}
            for before, allowed in regime.transitions.items()
            for after in allowed.codes
        ]
    return made


def _said(origin: Origin) -> dict[str, str]:
    return {"source": origin.source, "confidence": origin.confidence}


@cache
def _load(paths: tuple[tuple[Path, int], ...], _home: Path) -> tuple[Regime, ...]:
    raw = {path.stem: _data.read_toml(path) for path, _ in paths}
    made: dict[str, Regime] = {}
    for name, entry in sorted(raw.items(), key=lambda item: str(item[1].get("valid_from", ""))):
        made[name] = _Reader(name, entry).regime(made)
    found = tuple(made.values())
    if not found:
        raise InvalidDefinition("records.legal_wrong", file=_FOLDER, where="*.toml")
    for before, after in itertools.pairwise(found):
        if before.valid_to is None or after.valid_from - before.valid_to != dt.timedelta(days=1):
            raise InvalidDefinition("records.legal_wrong", file=f"{after.id}.toml", where="valid_from")
    return found


class _Reader:
    """Turns one file into a :class:`Regime`, naming the place of whatever is wrong."""

    def __init__(self, name: str, raw: Mapping[str, Any]) -> None:
        self._name, self._raw = name, raw

    def regime(self, earlier: Mapping[str, Regime]) -> Regime:
        raw = self._raw
        self._only(raw, "regime", "")
        if raw.get("schema") != 1 or raw.get("id") != self._name:
            raise self._wrong("schema, id")
        for key in ("valid_from", "valid_to"):
            if type(raw.get(key)) is not dt.date and (key in raw or key == "valid_from"):
                raise self._wrong(key)
        titles = raw.get("title", {})
        if any(not titles.get(lang) for lang in LANGUAGES):
            raise self._wrong("title")
        if "inherits" in raw and raw["inherits"] not in earlier:
            raise self._wrong("inherits")
        base = earlier.get(raw.get("inherits", ""))
        parameters = {name: self._parameter(name, entry) for name, entry in raw.get("parameter", {}).items()}
        codes = dict(self._allowed(entry, "code", "field", "codes") for entry in raw.get("code", []))
        ways = dict(self._allowed(entry, "transition", "from", "to") for entry in raw.get("transition", []))
        for field, allowed in codes.items():
            self._known(allowed.codes, self._list_of(field), f"code, {field}")
        statuses = set(classification(_STATUSES).codes)
        for before, allowed in ways.items():
            self._known((before,), {*statuses, START}, "transition")
            self._known(allowed.codes, statuses, f"transition, {before}")
        merged = {**base.codes, **codes} if base else codes
        return Regime(
            id=self._name,
            valid_from=raw["valid_from"],
            valid_to=raw.get("valid_to"),
            titles={lang: str(titles[lang]) for lang in LANGUAGES},
            origin=self._origin(raw, "source"),
            parameters={**base.parameters, **parameters} if base else parameters,
            codes={field: allowed for field, allowed in merged.items() if allowed.codes},
            transitions={**base.transitions, **ways} if base else ways,
        )

    def _wrong(self, *where: str) -> InvalidDefinition:
        return InvalidDefinition("records.legal_wrong", file=f"{self._name}.toml", where=", ".join(where))

    def _only(self, entry: object, kind: str, where: str) -> None:
        if not isinstance(entry, dict) or entry.keys() - _KEYS[kind]:
            unknown = ", ".join(sorted(entry.keys() - _KEYS[kind])) if isinstance(entry, dict) else where
            raise self._wrong(unknown)

    def _known(self, names: Iterable[str], known: Iterable[str], where: str) -> None:
        unknown = [name for name in names if name not in set(known)]
        if unknown:
            raise self._wrong(where, unknown[0])

    def _origin(self, entry: Mapping[str, Any], where: str) -> Origin:
        origin = Origin(str(entry.get("source", "")), str(entry.get("confidence", "")))
        if not origin.source or origin.confidence not in CONFIDENCE:
            raise self._wrong(where)
        return origin

    def _parameter(self, name: str, entry: Any) -> Parameter:
        self._only(entry, "parameter", name)
        if type(entry.get("value")) is not int or entry.get("unit") not in UNITS:
            raise self._wrong("parameter", name)
        return Parameter(entry["value"], entry["unit"], self._origin(entry, f"parameter.{name}"))

    def _allowed(self, entry: Any, kind: str, key: str, values: str) -> tuple[str, Allowed]:
        self._only(entry, kind, kind)
        name, found = entry.get(key), entry.get(values)
        if not isinstance(name, str) or not isinstance(found, list):
            raise self._wrong(kind, key, values)
        return name, Allowed(tuple(map(str, found)), self._origin(entry, f"{kind}, {name}"))

    def _list_of(self, field: str) -> set[str]:
        table, _, name = field.partition(".")
        for column in fields(table) if table in TABLE_NAMES else []:
            if column.name == name and "classification" in column.info:
                return set(classification(str(column.info["classification"])).codes)
        raise self._wrong("code", field)
