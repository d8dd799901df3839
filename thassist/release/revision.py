"""A revision: one published figure that is another now, with old, new, reason and date (validation rule R53)."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from thassist.tables.cube import CellKey


class Cause(StrEnum):
    """Why a figure changed."""

    LATE = "late"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    DEFINITION = "definition"
    #: Figures of the one or the other are rounded, and their windows overlap: the count need not have changed.
    ROUNDING = "rounding"
    #: The records differ, and which ones cannot be seen from here.
    UNTRACED = "untraced"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of a change.

    Attributes:
        cause: what it was.
        records: how many records entered late, were corrected or were withdrawn; None of a definition, and where it
            cannot be told.
    """

    cause: Cause
    records: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that was published and is another now.

    Attributes:
        table: id of the table.
        dimensions: ids of its dimensions.
        key: period, and one code a dimension.
        old, new: the values; None where there was, or is, none.
        old_status, new_status: SDMX CL_OBS_STATUS.
        by_definition: how much of the difference the definition makes; None where that cannot be told.
        reasons: all causes; at least one.
    """

    table: str
    dimensions: tuple[str, ...]
    key: CellKey
    old: float | int | None
    new: float | int | None
    old_status: str
    new_status: str
    by_definition: float | int | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def difference(self) -> float | int | None:
        """New less old, where both have a value."""
        if self.old is None or self.new is None:
            return None
        difference = self.new - self.old
        return round(difference, 6) if isinstance(difference, float) else difference

    @property
    def traced(self) -> bool:
        """Whether every cause is known."""
        return bool(self.reasons) and all(reason.cause is not Cause.UNTRACED for reason in self.reasons)

    @property
    def place(self) -> str:
        """The figure's place in codes: ``2022, form=LAB``."""
        named = [f"{name}={code}" for name, code in zip(self.dimensions, self.key[1:], strict=True) if code != "_T"]
        return ", ".join([self.key[0], *named])


@dataclass(frozen=True)
class Revisions:
    """What changed between a release and one before it.

    Attributes:
        release, period, snapshot, as_of: of the earlier release.
        date: of the revision: the day of the newest entry behind the later release.
        compared: how many figures stand in both.
        changes: the changed ones, by table and place.
        redefined: tables in both whose dimensions are others now, so that no figure can be set beside one of before.
        added, dropped: tables that only the later, or only the earlier release has.
    """

    release: str
    period: str
    snapshot: str
    as_of: dt.date
    date: dt.date
    compared: int
    changes: tuple[Change, ...] = field(repr=False)
    redefined: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
