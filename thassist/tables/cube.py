"""The cube: the only currency between rooms. Cells are a value with a status and notes, and never change.

``0`` is a fact, *not known* is a status, *suppressed* is a status; they are never the same thing.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from thassist.codes import classification

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thassist.dates import Period
    from thassist.tables.breaks import SeriesBreak
    from thassist.tables.model import Texts
    from thassist.tables.spec import TableSpec


class Status(StrEnum):
    """What a cell's value is, by SDMX CL_OBS_STATUS (2.2)."""

    NORMAL = "A"
    BREAK = "B"
    PROVISIONAL = "P"
    NOT_APPLICABLE = "M"
    NOT_KNOWN = "O"
    SUPPRESSED = "Q"


@dataclass(frozen=True, slots=True)
class Cell:
    """One published figure.

    Attributes:
        value: the figure; None where the status says why there is none.
        status: what the value is.
        notes: keys of the notes that it carries; :meth:`Cube.note` has their texts.
        base: the counts on which a figure that is no count itself rests: of a share numerator and denominator, of a
            sum, a quantile or a survival estimate the number of units. Empty for a count. It is never written to a
            file, but disclosure control protects it: whoever knows a share of few persons knows the persons.
    """

    value: float | int | None
    status: Status = Status.NORMAL
    notes: tuple[str, ...] = ()
    base: tuple[int, ...] = ()


#: A cell's address: the period's code, then one code per dimension of the spec, in its order.
CellKey = tuple[str, ...]


@dataclass(frozen=True)
class Cube:
    """The cells of one table.

    Attributes:
        spec: the definition by which it was computed.
        periods: the periods shown, oldest first.
        cells: address → cell. Where ``spec.zeros`` is ``omit``, an address that is absent is zero.
        unplaced: records of the population that fall in no shown period because their date is too imprecise.
        synthetic: True where made-up records stand behind it.
        snapshot: the id of the snapshot.
        breaks: breaks of comparability between the shown periods, oldest first; each names the first period after it.
        remarks: texts, by language, of further notes that cells carry: that a figure was revised, what an analyst says.
    """

    spec: "TableSpec"
    periods: tuple["Period", ...]
    cells: dict[CellKey, Cell] = field(repr=False)
    unplaced: int
    synthetic: bool
    snapshot: str
    breaks: "tuple[SeriesBreak, ...]" = ()
    remarks: "Mapping[str, Texts]" = field(default_factory=dict)

    def note(self, key: str, lang: str) -> str:
        """The text of a note that a cell carries, in a language; a key that the cube does not know is its own text."""
        if key in self.remarks:
            return self.remarks[key][lang]
        return next((found.texts[lang] for found in self.breaks if found.id == key), key)

    def value(self, period: str, **codes: str) -> float | int | None:
        """The value at an address; dimensions not named stand at their total."""
        key = (period, *(codes.get(dimension.id, "_T") for dimension in self.spec.dimensions))
        cell = self.cells.get(key)
        return cell.value if cell else (0 if self.spec.zeros == "omit" else None)

    def codes(self, dimension_id: str) -> list[str]:
        """The codes of a dimension that have a cell, in the order of the classification; the total is not among them.

        Raises:
            KeyError: the table has no such dimension.
        """
        dimension = self.spec.dimension(dimension_id)
        place = self.spec.dimensions.index(dimension) + 1
        present = {key[place] for key in self.cells}
        return [code for code in classification(dimension.classification).codes if code in present]
