"""Published figures as rules see them: three tables, whoever the publisher is.

A figure stands in a table (``table_id``), for a period, at a ``place``: the codes that are not at their total, as
``form=LAB; sex=F``, and empty for the grand total. The release room stages its cubes (:func:`staged`); a published
file of anybody is staged row by row.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from thassist.codes import TOTAL
from thassist.dates import parse_period

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Staged table → column → the engine's type.
STAGED: dict[str, dict[str, str]] = {
    "cell": {
        "table_id": "VARCHAR",  # the table
        "measure": "VARCHAR",  # what it measures, the same in all tables that show it; empty where not declared
        "counting_rule": "VARCHAR",  # by which rule a unit is counted
        "reference": "VARCHAR",  # flow or stock
        "counter": "VARCHAR",  # the reporting system that counted
        "counters": "INTEGER",  # from how many counters the figure is made
        "period": "VARCHAR",
        "precision": "VARCHAR",  # length of the period: A, S, Q, M
        "first_day": "DATE",
        "last_day": "DATE",
        "place": "VARCHAR",
        "value": "DOUBLE",
        "status": "VARCHAR",  # SDMX CL_OBS_STATUS
        "noted": "BOOLEAN",  # an analyst's note stands at the figure
        "break_noted": "BOOLEAN",  # the figure is marked as a break
    },
    "caption": {
        "table_id": "VARCHAR",
        "place": "VARCHAR",  # the page and language on which the caption stands
        "period": "VARCHAR",  # the table's period
        "reference_date": "DATE",  # the table's last day
        "period_said": "VARCHAR",  # what the caption says
        "date_said": "DATE",
    },
    "percentage": {
        "table_id": "VARCHAR",
        "period": "VARCHAR",
        "place": "VARCHAR",
        "percent": "DOUBLE",  # as published
        "part": "DOUBLE",
        "whole": "DOUBLE",
    },
}

#: Rows of staged tables; a column that is left out is not known.
Rows = Mapping[str, list[dict[str, Any]]]


class _Cell(Protocol):
    @property
    def value(self) -> float | int | None: ...
    @property
    def status(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


class _Named(Protocol):
    @property
    def id(self) -> str: ...


class _Unit(Protocol):
    @property
    def counting_rule(self) -> str: ...


class _Time(Protocol):
    @property
    def reference(self) -> str: ...


class _Spec(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def check_measure(self) -> str: ...
    @property
    def unit(self) -> _Unit: ...
    @property
    def time(self) -> _Time: ...
    @property
    def dimensions(self) -> "Sequence[_Named]": ...


class CubeLike(Protocol):
    """What staging needs to know of a cube; the rules room does not know the tables room."""

    @property
    def spec(self) -> _Spec:
        """Its definition."""

    @property
    def cells(self) -> "Mapping[tuple[str, ...], _Cell]":
        """Period and codes → cell."""


def staged(cubes: Iterable[CubeLike], counter: str) -> dict[str, list[dict[str, Any]]]:
    """The figures of cubes as rows of the staged table ``cell``.

    Args:
        cubes: computed tables.
        counter: the reporting system whose case work stands behind all of them.
    """
    rows = []
    for cube in cubes:
        names = [dimension.id for dimension in cube.spec.dimensions]
        for (code, *codes), cell in cube.cells.items():
            period = parse_period(code)
            at = [f"{name}={value}" for name, value in zip(names, codes, strict=True) if value != TOTAL]
            rows.append(
                {
                    "table_id": cube.spec.id,
                    "measure": cube.spec.check_measure,
                    "counting_rule": cube.spec.unit.counting_rule,
                    "reference": cube.spec.time.reference,
                    "counter": counter,
                    "counters": 1,
                    "period": code,
                    "precision": period.precision,
                    "first_day": period.start,
                    "last_day": period.end,
                    "place": "; ".join(at),
                    "value": cell.value,
                    "status": str(cell.status),
                    "noted": bool(cell.notes),
                    "break_noted": str(cell.status) == "B",
                }
            )
    return {"cell": rows}
