"""From what a check found to a finding of the house: code, severity, words, place, and the other cells of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from thassist.messages import text
from thassist.rules.finding import Finding, Severity
from thassist.verify.figures import Figure, Publication
from thassist.verify.profile import Bounds, Check

#: Entry of the catalogue → code of the finding and how much it weighs unless the profile says otherwise.
CODES = {
    "unreadable": ("V01", Severity.WARNING),
    "two_in_one": ("V02", Severity.ERROR),
    "repeated": ("V03", Severity.INFORMATION),
    "conflicting": ("V04", Severity.ERROR),
    "pages": ("V05", Severity.ERROR),
    "vintages": ("V06", Severity.WARNING),
    "unknown_code": ("V07", Severity.WARNING),
    "damaged": ("V08", Severity.WARNING),
    "definition": ("V09", Severity.INFORMATION),
    "sum_below": ("V10", Severity.ERROR),
    "sum_above": ("V11", Severity.ERROR),
    "part_above": ("V12", Severity.ERROR),
    "share": ("V13", Severity.WARNING),
    "magnitude": ("V14", Severity.WARNING),
    "glued": ("V15", Severity.ERROR),
    "own_year": ("V16", Severity.WARNING),
    "caption": ("V17", Severity.ERROR),
    "exact": ("V18", Severity.ERROR),
    "narrow": ("V19", Severity.WARNING),
}
#: Cells that a finding names; a sum of hundreds of parts is not told part by part.
_MOST_RELATED = 20


@dataclass(frozen=True)
class Voice:
    """Says what a check found in one publication, in one language."""

    publication: Publication
    lang: str

    def say(
        self,
        entry: str,
        figure: Figure,
        check: Check | None = None,
        *,
        column: str = "",
        value: str = "",
        suggestion: str = "",
        related: Iterable[Figure] = (),
        **params: object,
    ) -> Finding:
        """A finding at a figure.

        Args:
            entry: of the catalogue ``verify``; gives the code too.
            figure: where it stands.
            check: by which it was found; may weigh it otherwise.
            column: the column it is in; the value's where it is empty.
            value: what stands there, quoted.
            suggestion: what would be right.
            related: the other figures of it.
            **params: placeholders of the entry.
        """
        code, severity = CODES[entry]
        name = column or self.publication.profile.value
        place = self.publication.places[name]
        params |= {"about": self.publication.label(figure)}
        others = dict.fromkeys(self.publication.cell(each) for each in related if each.row != figure.row)
        return Finding(
            code=code,
            severity=check.severity if check and check.severity else severity,
            message=text(f"verify.{entry}", self.lang, "what", **params),
            remedy=text(f"verify.{entry}", self.lang, "remedy", **params),
            file=self.publication.file,
            sheet=self.publication.sheet,
            row=figure.row,
            column=place[0],
            header=place[1],
            table=check.id if check else "",
            key=self.publication.label(figure),
            value=value,
            suggestion=suggestion,
            related=tuple(others)[:_MOST_RELATED],
        )


def number(value: float) -> str:
    """A number as short as it is exact to two decimals."""
    return str(int(value)) if value == int(value) else f"{value:.2f}".rstrip("0")


def span(bounds: Bounds) -> str:
    """What a value may be: ``5``, ``5–9`` or ``≥ 5``."""
    low, high = bounds
    if low == high:
        return number(low)
    return f"≥ {number(low)}" if high == inf else f"{number(low)}–{number(high)}"
