"""Proof that nothing gets lost on the way from one classification to another.

A person counted under a source code must arrive under exactly one target code, or be declared to stand in totals
only. What is checked of every correspondence: each source code is named once (the reader refuses a second target),
none is missing, each code without target gives its reason, and no code is a placeholder unless the list says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from thassist.codes.classification import all_classifications
from thassist.codes.correspondence import Correspondence

#: Placeholder codes begin so, until the owner's list is at hand.
PLACEHOLDER = "x_"


def placeholders() -> frozenset[str]:
    """The codes that stand in for an owner's list; they can leave in nothing."""
    found = [known for known in all_classifications() if known.placeholder]
    return frozenset(code for known in found for code in known.codes if code.startswith(PLACEHOLDER))


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of one correspondence.

    Attributes:
        ref: the correspondence.
        codes: how many codes its source has.
        mapped: how many have a target.
        without: how many are declared to have none.
        missing: the source codes of which nothing is said; empty where it is proved.
        unmarked: target codes that look like placeholders though their list does not say so.
    """

    ref: str
    codes: int
    mapped: int
    without: int
    missing: tuple[str, ...]
    unmarked: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every source code is accounted for."""
        return not self.missing and not self.unmarked

    @property
    def total(self) -> bool:
        """Whether every source code has exactly one target."""
        return self.holds and not self.without


def prove(correspondences: Iterable[Correspondence]) -> list[Proof]:
    """The proof of each correspondence, in their order."""
    return [
        Proof(
            found.ref,
            len(found.source.codes),
            len(found.targets),
            len(found.without),
            tuple(found.missing()),
            ()
            if found.target.placeholder
            else tuple(sorted({code for code in found.targets.values() if code.startswith(PLACEHOLDER)})),
        )
        for found in correspondences
    ]
