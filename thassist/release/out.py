"""What is out already about the same units as a release."""

from thassist.disclosure.counted import population_of
from thassist.disclosure.ledger import KNOWN, Figure, Ledger
from thassist.errors import InvalidDefinition
from thassist.tables.spec import load as load_table


def figures_of(ledger: Ledger, *, synthetic: bool) -> list[Figure]:
    """What is out already about the same people: known figures are about real ones."""
    return [
        figure
        for entry in ledger.entries()
        if entry.publication.kind != KNOWN or not synthetic
        for figure in entry.figures()
    ]


def same_units(table: str, names: set[tuple[str, ...]]) -> bool:
    """Whether a table counts one of these kinds of units."""
    spec = load_table(table)
    try:
        return population_of(spec) in names
    except InvalidDefinition:
        return False
