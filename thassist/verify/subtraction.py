"""What anyone's publication gives away, in numbers: its withheld figures, and those that can simply be computed."""

from dataclasses import dataclass
from pathlib import Path

from thassist.verify import arithmetic, disclosure
from thassist.verify.figures import read
from thassist.verify.profile import load
from thassist.verify.sums import Cell, withheld


@dataclass(frozen=True, slots=True)
class GivenAway:
    """What subtraction finds in a publication.

    Attributes:
        figures: how many figures were read.
        withheld: how many cells are withheld.
        lonely: those that are the only withheld part of a sum.
        computed: those of the lonely ones that the profile's sums give exactly.
        exact: all withheld cells that follow exactly.
        narrow: those of which less remains than their symbol says.
    """

    figures: int
    withheld: int
    lonely: int
    computed: int
    exact: int
    narrow: int


def given_away(path: Path, profile_id: str) -> GivenAway:
    """Subtract along the sums of a profile.

    Args:
        path: the publication.
        profile_id: of ``reports/verify``.

    Raises:
        UnreadableInput: the file cannot be read or has not the columns of the profile.
        InvalidDefinition: the profile does not exist or is wrong.
    """
    publication = read(path, load(profile_id))
    known = arithmetic.all_sums(publication)
    hidden: set[Cell] = set()
    lonely: set[Cell] = set()
    exact: set[Cell] = set()
    narrow: set[Cell] = set()
    for check in publication.profile.checks:
        if check.kind != "disclosure":
            continue
        equations = [each for name in check.settings["sums"] for each in known[name]]
        for each in equations:
            inside = {cell for cell in (*each.left, *each.right) if withheld(cell)}
            hidden |= inside
            lonely |= inside if len(inside) == 1 else set()
        found = disclosure.revealed(
            equations, absent=check.get("absent", "zero"), complete=check.get("complete", False)
        )
        exact |= {one.cell for one in found if one.values == 1}
        narrow |= {one.cell for one in found if one.values > 1}
    figures = len(publication.figures)
    return GivenAway(figures, len(hidden), len(lonely), len(lonely & exact), len(exact), len(narrow - exact))
