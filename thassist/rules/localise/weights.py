"""How reliable fields are: ``reports/rules/reliability.toml``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import String

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.records.dataset import TABLE_NAMES, fields, key_fields

FILE = "rules/reliability.toml"
_KINDS = ("field", "text", "key", "related", "empty")


@dataclass(frozen=True, slots=True)
class Reliability:
    """Weights of fields: the heavier, the less likely wrong; infinite: never."""

    defaults: Mapping[str, float]
    own: Mapping[str, float]

    @property
    def related(self) -> float:
        """The weight of records that are missing or too many."""
        return self.defaults["related"]

    @property
    def empty(self) -> float:
        """The part of its weight that a field has while it is empty."""
        return self.defaults["empty"]

    def of(self, table: str, name: str) -> float:
        """The weight of a field."""
        place = f"{table}.{name}"
        if place in self.own:
            return self.own[place]
        column = next(column for column in fields(table) if column.name == name)
        if (column.foreign_keys and not column.info) or (name in key_fields(table) and not column.info):
            return self.defaults["key"]
        return self.defaults["text" if isinstance(column.type, String) and not column.info.get("echo") else "field"]


def load() -> Reliability:
    """Read and check the weights.

    Raises:
        InvalidDefinition: a field does not exist, or a weight is neither a positive number nor ``never``.
    """
    document = _data.read_toml(_data.reports_dir() / FILE)
    if document.get("schema") != 1 or set(document.get("default", {})) != set(_KINDS):
        raise InvalidDefinition("rules.bad_file", file=FILE, detail="schema = 1, [default]")
    known = {f"{table}.{column.name}" for table in TABLE_NAMES for column in fields(table)}
    own = document.get("field", {})
    for name in own:
        if name not in known:
            raise InvalidDefinition("rules.bad_file", file=FILE, detail=name)
    return Reliability(_numbers(document["default"]), _numbers(own))


def _numbers(entries: Mapping[str, object]) -> dict[str, float]:
    weights = {}
    for name, given in entries.items():
        weight = math.inf if given == "never" else given
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight <= 0:
            raise InvalidDefinition("rules.bad_file", file=FILE, detail=name)
        weights[name] = float(weight)
    return weights
