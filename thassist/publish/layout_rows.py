"""The rows of a layout: every figure of the release at its place, and empty rows where somebody else has the figure."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thassist.codes import TOTAL, Classification, classification
from thassist.codes.proof import placeholders
from thassist.errors import InconsistentRelease, InvalidDefinition
from thassist.messages import text
from thassist.publish.layout import NOT_KNOWN, NOT_OURS, OURS, Block, Layout, Sheet
from thassist.publish.tidy_csv import LABELS
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status

#: What a cell of a file holds: a text, or a figure.
Content = str | int | float
#: What is told of every item, beside what it is.
COUNTS = ("cells", "filled", "zero", "withheld", "not_known", "not_applicable", "not_ours")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a receiver's file.

    Attributes:
        cells: its columns, in the order of the sheet.
        standing: ``ours``, ``not_ours`` or ``not_known``.
        who: who can answer, where it is not ours.
        status: of the figure; *not known* where nobody here has it.
        zero: whether the figure is zero.
    """

    cells: tuple[Content, ...]
    standing: str
    who: str
    status: str
    zero: bool = False

    @property
    def filled(self) -> bool:
        """Whether a figure stands there."""
        return self.standing == OURS and self.status in {Status.NORMAL, Status.BREAK, Status.PROVISIONAL}


def rows(layout: Layout, sheet: Sheet, release: Release) -> list[Row]:
    """The rows of one sheet, checked: codes are of their lists, and no two rows have the same key.

    Raises:
        InvalidDefinition: the layout asks for a table or a margin that the release does not have.
        InconsistentRelease: a code is in no list, or two rows have the same key.
    """
    found = []
    for block in sheet.blocks:
        found += list(_figures(layout, sheet, block, release) if block.table else _empty(layout, sheet, block, release))
    check(layout, sheet, [row.cells for row in found])
    return found


def counted(found: Iterable[Row]) -> dict[str, int]:
    """How many cells of an item are what, by :data:`COUNTS`."""
    counts: Counter[str] = Counter()
    for row in found:
        counts["cells"] += 1
        counts["filled"] += row.filled
        counts["zero"] += row.zero
        counts["withheld"] += row.status == Status.SUPPRESSED
        counts["not_ours"] += row.standing == NOT_OURS
        counts["not_known"] += row.standing == NOT_KNOWN or (row.standing == OURS and row.status == Status.NOT_KNOWN)
        counts["not_applicable"] += row.standing == OURS and row.status == Status.NOT_APPLICABLE
    return {name: counts[name] for name in COUNTS}


def how_known(sheet: Sheet, lang: str) -> str:
    """Whether the receiver's form was seen, inferred or written from memory, in words."""
    return text(f"layout.{sheet.confidence.replace(' ', '_')}", lang, source=sheet.source)


def check(layout: Layout, sheet: Sheet, cells: list[tuple[Content, ...]]) -> None:
    """Hold rows against the code lists and the key of their sheet.

    Raises:
        InconsistentRelease: a code is in no list or a placeholder, or two rows have the same key.
    """
    allowed = {column: _allowed(sheet, column) for column in sheet.codes}
    stand_ins = placeholders()
    seen: set[tuple[str, ...]] = set()
    for row in cells:
        at = dict(zip(sheet.columns, row, strict=True))
        for column, codes in allowed.items():
            if at[column] not in codes:
                raise InconsistentRelease(
                    "layout.strange_code", layout=layout.id, sheet=sheet.id, column=column, code=at[column]
                )
        for column, code in at.items():
            if code in stand_ins:
                raise InconsistentRelease(
                    "layout.placeholder", layout=layout.id, sheet=sheet.id, column=column, code=code
                )
        key = tuple(str(at[column]) for column in sheet.key)
        if key in seen:
            raise InconsistentRelease("layout.key_twice", layout=layout.id, sheet=sheet.id, key=", ".join(key))
        seen.add(key)


def _allowed(sheet: Sheet, column: str) -> set[Content]:
    known = classification(sheet.codes[column])
    totals = {sheet.totals.get(column, known.total_code), sheet.totals.get(column, "")}
    none: set[Content] = {""}
    allowed: set[Content] = {*known.codes, *totals}
    return (allowed - none) | (none if column in sheet.totals and not sheet.totals[column] else set())


def _figures(layout: Layout, sheet: Sheet, block: Block, release: Release) -> Iterator[Row]:
    if release.protected and block.table not in release.spec.tables:
        return  # left out, and its readers are told why
    cube = _cube(layout, block, release)
    names = [dimension.id for dimension in cube.spec.dimensions]
    lists = {dimension.id: classification(dimension.classification) for dimension in cube.spec.dimensions}
    for key, cell in cube.cells.items():
        at = dict(zip(names, key[1:], strict=True))
        margin = frozenset(name for name, code in at.items() if code != TOTAL)
        if (block.margins is not None and margin not in block.margins) or cell.status in layout.dropped:
            continue
        if cell.value == 0 and not block.zeros:
            continue
        coded = {
            column: _code(layout, sheet, column, lists[name], at[name]) for column, name in block.dimensions.items()
        }
        said = {
            "period": key[0],
            "value": _value(cell, cube),
            "status": cell.status.value,
            "note": "; ".join(cube.note(name, LABELS) for name in cell.notes),
            "as_of": release.as_of.isoformat(),
            "standing": OURS,
            "who": "",
        }
        cells = _row(layout, sheet, block, coded, said)
        yield Row(cells, OURS, "", cell.status.value, cell.value == 0)


def _empty(layout: Layout, sheet: Sheet, block: Block, release: Release) -> Iterator[Row]:
    said: dict[str, Content] = {
        "period": release.period.code,
        "value": "",
        "status": Status.NOT_KNOWN.value,
        "note": "",
        "as_of": release.as_of.isoformat(),
        "standing": block.standing,
        "who": layout.who[block.who][LABELS],
    }
    for codes in itertools.product(*block.lists.values()):
        coded = dict(zip(block.lists, codes, strict=True))
        yield Row(_row(layout, sheet, block, coded, said), block.standing, block.who, str(said["status"]))


def _row(
    layout: Layout, sheet: Sheet, block: Block, coded: dict[str, str], said: dict[str, Content]
) -> tuple[Content, ...]:
    filled: dict[str, Content] = {**sheet.totals, **sheet.constants}
    filled |= {column: said[content] for column, content in layout.columns.items()}
    filled |= layout.statuses.get(str(said["status"]), {})
    filled |= {**coded, **block.constants}
    return tuple(filled[column] for column in sheet.columns)


def _cube(layout: Layout, block: Block, release: Release) -> Cube:
    try:
        return release.cube(block.table)
    except KeyError as error:
        raise InvalidDefinition(
            "layout.no_table", layout=layout.id, table=block.table, release=release.spec.id
        ) from error


def _code(layout: Layout, sheet: Sheet, column: str, known: Classification, code: str) -> str:
    if code != TOTAL:
        return code
    written = sheet.totals.get(column, known.total_code)
    if not written and column not in sheet.totals:
        raise InvalidDefinition("layout.no_total", layout=layout.id, sheet=sheet.id, column=column)
    return written


def _value(cell: Cell, cube: Cube) -> Content:
    if cell.value is None:
        return ""
    return round(cell.value, cube.spec.measure.decimals) if cube.spec.measure.decimals else int(cell.value)
