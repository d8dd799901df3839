"""The figures that are held here, for whoever compares them with what others published: of a release, or of records."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from thassist.codes import TOTAL
from thassist.dates import span
from thassist.release.covered import covered
from thassist.release.figures import TableFigures, manifest_of, of_folder
from thassist.tables.compute import compute_all
from thassist.tables.cube import Cube
from thassist.tables.spec import load
from thassist.tables.views import view

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

#: Period, and dimension with code of what is not at its total.
Address = tuple[str, tuple[tuple[str, str], ...]]


class Figures:
    """Figures of some tables, by address.

    Args:
        tables: table → its figures.
        synthetic: whether made-up records stand behind them.
    """

    def __init__(self, tables: dict[str, TableFigures], *, synthetic: bool) -> None:
        self._tables = tables
        self.synthetic = synthetic

    def periods(self, table: str) -> Collection[str]:
        """The periods of which a table tells; none where it is not held."""
        return self._tables[table].periods if table in self._tables else ()

    def figures(self, table: str) -> Iterator[tuple[Address, float | None]]:
        """Every figure of a table; None where it is withheld or not known."""
        held = self._tables.get(table)
        for key, (value, _) in held.cells.items() if held else ():
            pairs = zip(held.dimensions if held else (), key[1:], strict=True)
            yield (key[0], tuple(sorted((name, code) for name, code in pairs if code != TOTAL))), value

    def figure(self, table: str, address: Address) -> float | None:
        """One figure of a period that is told; None where it is withheld, not known or not computed."""
        held, codes = self._tables[table], dict(address[1])
        if not codes.keys() <= set(held.dimensions):
            return None
        return held.at((address[0], *(codes.get(name, TOTAL) for name in held.dimensions)))[0]


def of_release(folder: Path, tables: Iterable[str]) -> Figures:
    """The figures of a release as it was written; its period decides which years are told.

    Raises:
        UnreadableInput: the folder holds no release, or one that was changed since.
    """
    found = of_folder(folder).tables
    synthetic = bool(manifest_of(folder).get("synthetic"))
    return Figures({table: found[table] for table in tables if table in found}, synthetic=synthetic)


def of_snapshot(snapshot: "Snapshot", tables: Iterable[str]) -> Figures:
    """The figures of the records, for every whole year of which they tell.

    Raises:
        InvalidDefinition: a table is wrong, or the snapshot holds no records of its reporting system.
    """
    specs = [load(table) for table in dict.fromkeys(tables)]
    systems = {spec.id: view(spec.population.view).reporting_system for spec in specs}
    days = {system: covered(system, snapshot) for system in set(systems.values())}
    found = {}
    for spec in specs:
        first, last, _ = days[systems[spec.id]]
        begin, end = span(first, "A"), span(last, "A")
        begin = begin if begin.start == first else begin.previous(-1)
        end = end if end.end == last else end.previous()
        if begin.start <= end.start:
            found[spec.id] = _held(compute_all([spec], snapshot, end, begin)[0])
    return Figures(found, synthetic=any(snapshot.synthetic_for(system) for system in days))


def _held(cube: Cube) -> TableFigures:
    return TableFigures(
        version=cube.spec.version,
        definition="",
        absent=0 if cube.spec.measure.counts else None,
        dimensions=tuple(dimension.id for dimension in cube.spec.dimensions),
        cells={key: (cell.value, cell.status.value) for key, cell in cube.cells.items()},
    )
