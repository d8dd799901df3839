"""What is assumed where nothing is published: ``reports/synthetic/assumptions.toml``, and how it is drawn from.

The file holds shares with their reasons; this module knows only how a share is looked up and drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from thassist._data import read_toml, reports_dir

#: Place and form of a client who was not exploited (a witness).
NOT_APPLICABLE = "_Z"


@dataclass(frozen=True)
class Assumptions:
    """The assumptions by section.

    Attributes:
        sections: the file as read; every section has a ``why``.
    """

    sections: Mapping[str, Any]

    def __getitem__(self, section: str) -> Mapping[str, Any]:
        """One section."""
        found: Mapping[str, Any] = self.sections[section]
        return found

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that can be made."""
        return int(self.sections["first_year"]), int(self.sections["last_year"])

    def at(self, section: str, key: str, year: int) -> float:
        """The value of a year, or of the latest year before it that has one."""
        values: Mapping[str, float] = self[section][key]
        return values[max(name for name in values if int(name) <= year)]

    def shares(self, section: str, place: str, *, year: int = 9999, form: str | None = None) -> Mapping[str, float]:
        """The shares for a place of exploitation and a year (the latest that has begun) or a form."""
        rows: Sequence[Mapping[str, Any]] = self[section]["shares"]
        fitting = [
            row
            for row in rows
            if row["place"] == place and row.get("from", 0) <= year and (form is None or form in row["forms"])
        ]
        found: Mapping[str, float] = fitting[-1]["codes"]
        return found


def load() -> Assumptions:
    """The shipped assumptions.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    return Assumptions(read_toml(reports_dir() / "synthetic" / "assumptions.toml"))


def draw(rng: Random, shares: Mapping[str, float]) -> str:
    """One code by its share; shares need not add up to one."""
    return rng.choices(list(shares), list(shares.values()))[0]


def draw_between(rng: Random, spans: Sequence[Sequence[float]]) -> int:
    """A whole number from spans given as (least, most, share)."""
    least, most, _share = rng.choices(spans, [span[2] for span in spans])[0]
    return rng.randint(int(least), int(most))


def quotas(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers that add up to ``total``, by largest remainder; equal remainders go to the earlier code."""
    whole = sum(shares.values())
    exact = {code: total * share / whole for code, share in shares.items()}
    given = {code: int(value) for code, value in exact.items()}
    order = sorted(exact, key=lambda code: given[code] - exact[code])
    for code in order[: total - sum(given.values())]:
        given[code] += 1
    return given


def stream(seed: int, name: str) -> Random:
    """A repeatable source of chance for one part of the work; it decides about made-up records only."""
    return Random(f"{seed}:{name}")  # noqa: S311 - no secret hangs on it
