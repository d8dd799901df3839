"""The linkage model: ``reports/duplicates/persons.toml``, read and checked."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thassist import _data
from thassist.engine import check_condition, check_query
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records.dataset import TABLE_NAMES

FILE = "duplicates/persons.toml"
_SHARE = "share of "


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison.

    Attributes:
        when: SQL condition over two persons ``l`` and ``r``.
        m: how often it holds for two records of one person.
        u: how often for two persons taken at random; None where ``share`` says it.
        share: the column the frequency of whose value is u.
        reason: what a reader is told, by language; empty for disagreement.
    """

    when: str
    m: float
    u: float | None
    share: str
    reason: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing in which two persons are compared; the first level that holds counts."""

    id: str
    known: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Blocking:
    """Expressions that must be equal for two persons to be compared: those of the one and of the other."""

    about: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkageModel:
    """How candidates are found and scored."""

    expected_share: float
    least_probability: float
    systems: tuple[str, ...]
    features: str
    blocking: tuple[Blocking, ...]
    comparisons: tuple[Comparison, ...]

    def reason(self, name: str, lang: str) -> str:
        """The text of a reason, given as ``comparison.level``."""
        comparison, _, level = name.partition(".")
        found = next(one for one in self.comparisons if one.id == comparison)
        return found.levels[int(level)].reason[lang]

    @property
    def tables(self) -> tuple[str, ...]:
        """The record tables that the features are made of; nothing else need be read."""
        return tuple(name for name in TABLE_NAMES if re.search(rf"\b{name}\b", self.features))

    @property
    def shares(self) -> tuple[str, ...]:
        """The columns whose values' frequencies are needed."""
        named = [level.share for one in self.comparisons for level in one.levels if level.share]
        return tuple(dict.fromkeys(named))


def load() -> LinkageModel:
    """Read and check the model; that its columns exist is checked where they are known.

    Raises:
        InvalidDefinition: the file is wrong; the message says where.
    """
    document = _data.read_toml(_data.reports_dir() / FILE)
    if document.get("schema") != 1:
        raise InvalidDefinition("duplicates.bad_file", file=FILE, detail="schema = 1")
    try:
        model = LinkageModel(
            expected_share=_share(document["expected_share"], "expected_share"),
            least_probability=_share(document["least_probability"], "least_probability"),
            systems=tuple(document["systems"]),
            features=document["features"],
            blocking=tuple(
                Blocking(one["about"], tuple(one["left"]), tuple(one["right"])) for one in document["blocking"]
            ),
            comparisons=tuple(_comparison(one) for one in document["comparison"]),
        )
    except (KeyError, TypeError) as error:
        raise InvalidDefinition("duplicates.bad_file", file=FILE, detail=str(error)) from error
    check_query(model.features, TABLE_NAMES, FILE)
    for block in model.blocking:
        if not block.left or len(block.left) != len(block.right):
            raise InvalidDefinition("duplicates.bad_file", file=FILE, detail=block.about)
    return model


def check_columns(model: LinkageModel, columns: list[str]) -> None:
    """Every condition is one expression over the columns of the features.

    Raises:
        InvalidDefinition: one is not.
    """
    for block in model.blocking:
        for expression in (*block.left, *block.right):
            check_condition(expression, columns, f"{FILE}: {block.about}")
    for comparison in model.comparisons:
        for condition in (comparison.known, *(level.when for level in comparison.levels)):
            check_condition(condition, columns, f"{FILE}: {comparison.id}")
    for name in model.shares:
        check_condition(f'"{name}"', columns, FILE)


def _comparison(entry: Mapping[str, Any]) -> Comparison:
    name = str(entry["id"])
    levels = []
    for one in entry["level"]:
        given = one["u"]
        share = given.removeprefix(_SHARE) if isinstance(given, str) and given.startswith(_SHARE) else ""
        reason = one.get("reason", {})
        if reason and set(reason) != set(LANGUAGES):
            raise InvalidDefinition("duplicates.bad_file", file=FILE, detail=f"{name}: reason")
        u = None if share else _share(given, name)
        levels.append(Level(one["when"], _share(one["m"], name), u, share, reason))
    total = math.fsum(level.m for level in levels)
    if not levels or total > 1 + 1e-9:
        raise InvalidDefinition("duplicates.bad_file", file=FILE, detail=f"{name}: m")
    return Comparison(name, entry["known"], tuple(levels))


def _share(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise InvalidDefinition("duplicates.bad_file", file=FILE, detail=where)
    return float(value)
