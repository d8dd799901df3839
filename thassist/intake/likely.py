"""Where the error of a delivery is most likely: the smallest change of its cells with which every rule would hold.

Only what breaks several rules is looked at: one broken rule names its cells itself, and each case takes a while.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from thassist import messages
from thassist.intake.deliver import Delivery
from thassist.rules.finding import Finding, Severity
from thassist.rules.localise import Location, locate

_SEVERAL = 2
#: As many cases are looked at; each takes about a sixth of a second.
MOST = 200


@dataclass(frozen=True)
class Likely:
    """Where the errors are.

    Attributes:
        locations: of the cases that were looked at.
        cases: how many cases break several rules; more than there are locations where some were not looked at.
    """

    locations: list[Location]
    cases: int


def likely(delivery: Delivery, *, today: dt.date | None = None, most: int = MOST) -> Likely:
    """Look for the error in the cases of a delivery that break several rules.

    Args:
        delivery: as judged.
        today: the day after which a date lies in the future; the current day where left out.
        most: how many cases are looked at.

    Raises:
        InvalidDefinition: a rule or a weight is wrong.
    """
    total = 0

    def told(_done: int, cases: int) -> None:
        nonlocal total
        total = cases

    found = locate(delivery.dataset, context=delivery.context, today=today, told=told, least=_SEVERAL, most=most)
    return Likely(found, total)


def marks(found: Sequence[Location], lang: str) -> list[Finding]:
    """What is said of the cells that are most likely wrong, for the user's own workbook.

    A cell of the only smallest change is told apart from one of several that are equally likely.
    """
    made: dict[tuple[str, int, str], Finding] = {}
    for location in found:
        for suspects in location.sets:
            for suspect in suspects:
                place = (suspect.sheet, suspect.row, suspect.column)
                if not suspect.row or not suspect.column or place in made:
                    continue
                key = "intake.likely" if len(location.sets) == 1 else "intake.likely_or"
                said = {"rules": ", ".join(location.rules), "ways": len(location.sets)}
                made[place] = Finding(
                    code=key,
                    severity=Severity.INFORMATION,
                    message=messages.text(key, lang, "what", **said),
                    remedy=messages.text(key, lang, "remedy", **said),
                    sheet=suspect.sheet,
                    row=suspect.row,
                    column=suspect.column,
                    header=suspect.header,
                    table=suspect.table,
                    suggestion=suspect.suggestion,
                )
    return sorted(made.values(), key=Finding.order)
