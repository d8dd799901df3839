"""Layouts of records for others: ``reports/exchange/<id>.toml``.

```toml
schema = 1
id = "ctdc"                        # the file's name
version = "1.0.0"
reporting_system = "FI_NAS"        # whose records: foreign records never leave under our name
variables = "ctdc_variable@2017"   # the receiver's columns, all of them; each stands once below, or in empty
missing = "-99"                    # how a cell without a value is written
separator = ";"                    # between the values of one cell
empty = ["isAbduction"]            # columns that the assistance system cannot fill
partial = false                    # true: only the columns below are written
sql = "SELECT …"                   # one row a person, with registered, registered_precision and what the columns name
[title]                            # fi, sv, en
[anonymity]                        # only where the records are made k-anonymous
k = 11
weights = { yearOfRegistration = 4 }   # how much a cell is worth; 1 where nothing is said

[[column]]                         # exactly one of constant, value, date, age
name = "gender"
value = "sex"                      # a code or a list of codes of ours
correspondence = "sex@1--ctdc_gender@2017"
leave_out = ["_U"]                 # codes of ours that say nothing
[[column]]
name = "isForcedLabour"
value = "forms"
correspondence = "…"
flag = ["isForcedLabour"]          # 1 where one of these is among the codes, 0 where others are, else missing
[[column]]
name = "ageBroad"
age = "age"                        # years, with age_upper beside it: written where both are in one class
bands = "age_union@1"
correspondence = "…"
[[column]]
name = "yearOfRegistration"
date = "registered"                # with registered_precision beside it
precision = "A"                    # the finest that is written: D, M or A
```
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thassist import _data, codes
from thassist.codes import Correspondence
from thassist.codes.proof import placeholders
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES

FOLDER = "exchange"
PRECISIONS = ("A", "M", "D")
_KEYS = frozenset(
    (
        *("schema", "id", "version", "reporting_system", "variables", "missing", "separator", "empty", "partial"),
        *("sql", "title", "anonymity", "column"),
    )
)
_WAYS = ("constant", "value", "date", "age")
_COLUMN_KEYS = frozenset({"name", *_WAYS, "correspondence", "leave_out", "flag", "bands", "precision"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the receiver: where its cells come from.

    Attributes:
        name: the receiver's name.
        way: ``constant``, ``value``, ``date``, ``age``, or ``empty``.
        of: the constant, or the column of the query.
        correspondence: from our codes to the receiver's; None where ours are written.
        leave_out: codes of ours that say nothing.
        flag: the codes of which one makes the cell 1; empty where the codes themselves are written.
        bands: the classification of age groups.
        precision: the finest date that is written.
    """

    name: str
    way: str
    of: str = ""
    correspondence: Correspondence | None = None
    leave_out: frozenset[str] = frozenset()
    flag: frozenset[str] = frozenset()
    bands: str = ""
    precision: str = "A"


@dataclass(frozen=True)
class Definition:
    """A checked layout; ``k`` is 0 where records are handed over as they are."""

    id: str
    version: str
    titles: Mapping[str, str]
    reporting_system: str
    missing: str
    separator: str
    sql: str = field(repr=False)
    columns: tuple[Column, ...] = field(repr=False)
    k: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)


def exchange_ids() -> list[str]:
    """The layouts that exist."""
    return [path.stem for path in _data.definitions(FOLDER)]


def load(exchange_id: str) -> Definition:
    """One layout, checked.

    Raises:
        InvalidDefinition: there is none of that name, or it is wrong; the message names the place.
    """
    known = exchange_ids()
    if exchange_id not in known:
        raise InvalidDefinition("exchange.unknown", id=exchange_id, known=", ".join(known))
    return _Reader(f"{exchange_id}.toml", _data.read_toml(_data.reports_dir() / FOLDER / f"{exchange_id}.toml")).read()


class _Reader:
    def __init__(self, file: str, raw: Mapping[str, Any]) -> None:
        self._file, self._raw = file, raw

    def _wrong(self, where: str) -> InvalidDefinition:
        return InvalidDefinition("exchange.wrong", file=self._file, where=where)

    def read(self) -> Definition:
        raw = self._raw
        for key in raw:
            if key not in _KEYS:
                raise self._wrong(key)
        for key in ("id", "version", "reporting_system", "variables", "sql"):
            if not raw.get(key):
                raise self._wrong(key)
        if raw.get("schema") != 1 or f"{raw['id']}.toml" != self._file:
            raise self._wrong("schema, id")
        titles = raw.get("title", {})
        if any(not titles.get(lang) for lang in LANGUAGES):
            raise self._wrong("title")
        if raw["reporting_system"] not in codes.classification("reporting_system").codes:
            raise self._wrong("reporting_system")
        k, weights = self._anonymity(raw.get("anonymity"))
        return Definition(
            id=str(raw["id"]),
            version=str(raw["version"]),
            titles=titles,
            reporting_system=str(raw["reporting_system"]),
            missing=str(raw.get("missing", "")),
            separator=str(raw.get("separator", ";")),
            sql=str(raw["sql"]),
            columns=self._columns(),
            k=k,
            weights=weights,
        )

    def _anonymity(self, raw: Any) -> tuple[int, dict[str, float]]:
        if raw is None:
            return 0, {}
        k = raw.get("k") if isinstance(raw, dict) else None
        if type(k) is not int or k < 2 or set(raw) - {"k", "weights"}:
            raise self._wrong("anonymity")
        weights = raw.get("weights", {})
        if any(not isinstance(weight, int | float) or weight <= 0 for weight in weights.values()):
            raise self._wrong("anonymity.weights")
        return k, {str(name): float(weight) for name, weight in weights.items()}

    def _columns(self) -> tuple[Column, ...]:
        given = [self._column(entry) for entry in self._raw.get("column", [])]
        empty = [Column(str(name), "empty") for name in self._raw.get("empty", [])]
        order = list(codes.classification(str(self._raw["variables"])).codes)
        found: dict[str, Column] = {}
        for column in (*given, *empty):
            if column.name in found or column.name not in order:
                raise self._wrong(column.name)
            found[column.name] = column
        missing = [name for name in order if name not in found]
        if not given or (missing and not self._raw.get("partial")):
            raise self._wrong(", ".join(missing[:8]) or "column")
        if any(name not in found for name in (self._raw.get("anonymity") or {}).get("weights", {})):
            raise self._wrong("anonymity.weights")
        return tuple(found[name] for name in order if name in found)

    def _column(self, entry: Any) -> Column:
        name = str(entry.get("name", "")) if isinstance(entry, dict) else ""
        ways = [way for way in _WAYS if isinstance(entry, dict) and way in entry]
        if not name or len(ways) != 1 or set(entry) - _COLUMN_KEYS:
            raise self._wrong(name or "column")
        way = ways[0]
        flag, bands = _texts(entry.get("flag", ())), str(entry.get("bands", ""))
        precision = str(entry.get("precision", "A"))
        if (flag and way != "value") or bool(bands) != (way == "age") or precision not in PRECISIONS:
            raise self._wrong(name)
        found = codes.correspondence(entry["correspondence"]) if "correspondence" in entry else None
        if found is not None and found.target.placeholder:
            raise InvalidDefinition("codes.is_placeholder", ref=found.target.ref)
        if way == "constant" and str(entry[way]) in placeholders():
            raise self._wrong(name)
        if found is not None and flag - set(found.target.codes):
            raise self._wrong(name)
        if bands:
            codes.classification(bands)
        out = _texts(entry.get("leave_out", ()))
        return Column(name, way, str(entry[way]), found, out, flag, bands, precision)


def _texts(value: object) -> frozenset[str]:
    return frozenset(str(item) for item in value) if isinstance(value, Iterable) else frozenset()
