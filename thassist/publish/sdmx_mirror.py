"""Tables in the columns in which a receiver publishes its own: Eurostat's SDMX-CSV, so that the two can be compared.

What the receiver's codes are is said by the table's classifications; which column is what, in which order, and how a
status is written, by a layout of the release (TOML). A suppressed figure has an empty value and its confidentiality
mark; a real zero is ``0``; what is not applicable or not known is empty with the receiver's flag.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thassist.codes import TOTAL, UNKNOWN, classification
from thassist.publish.grid import Axes
from thassist.publish.tidy_csv import LABELS
from thassist.tables.cube import Cube

#: What a column may hold besides the code of a dimension, by name: a column of a layout is one of these, a dimension
#: of the table, or a text of its own after ``=``.
VALUES = ("time", "value", "flag", "confidentiality", "updated")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a receiver's file.

    Attributes:
        columns: header → what stands in it, in order.
        flags: status of a cell (CL_OBS_STATUS) → the receiver's flag.
        confidentiality: the same for the column of confidentiality.
        keep: dimension → codes that the receiver knows; cells of other codes are left out. All where not named.
    """

    columns: Mapping[str, str]
    flags: Mapping[str, str]
    confidentiality: Mapping[str, str]
    keep: Mapping[str, Sequence[str]] = field(default_factory=dict)


def content(cubes: Sequence[Cube], layout: Layout, updated: str = "") -> str:
    """The text of the file: the cells of one or more tables of the same dimensions, each in its reading order.

    Args:
        cubes: the tables, protected.
        layout: the columns.
        updated: when the figures were made, as the receiver writes it.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(layout.columns)
    for cube in cubes:
        axes = Axes(cube, LABELS)
        names = [each.id for each in cube.spec.dimensions]
        owners = [classification(each.classification) for each in cube.spec.dimensions]
        for key in sorted(cube.cells, key=lambda key: axes.rank(axes.names, key)):
            cell = cube.cells[key]
            special = {TOTAL: "total_code", UNKNOWN: "unknown_code"}
            codes = {
                name: getattr(owner, special[code]) if code in special else code
                for name, owner, code in zip(names, owners, key[1:], strict=True)
            }
            # A receiver without a total has no place for it: an empty code is no row.
            if not all(codes.values()) or any(codes[name] not in kept for name, kept in layout.keep.items()):
                continue
            values = codes | {
                "time": key[0],
                "value": "" if cell.value is None else f"{cell.value:.{cube.spec.measure.decimals}f}",
                "flag": layout.flags.get(cell.status.value, ""),
                "confidentiality": layout.confidentiality.get(cell.status.value, ""),
                "updated": updated,
            }
            writer.writerow([said[1:] if said.startswith("=") else values[said] for said in layout.columns.values()])
    return stream.getvalue()
