"""How the exploitation came about and was kept up: recruitment, who exploited, means of control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw

_NOT_KNOWN, _OTHER_FORMS = "_U", "OTH"


@dataclass(frozen=True, slots=True)
class Control:
    """What is recorded of it; None and no means where nothing was recorded."""

    means: tuple[str, ...]
    recruitment: str | None
    relation: str | None
    second_reviewed: bool | None


def control(assumed: Assumptions, forms: Sequence[str], rng: Random) -> Control:
    """Draw it by the first of the forms; rare forms have been looked at by a second person."""
    plan = assumed["control"]
    recorded: Mapping[str, float] = plan["recorded_share"]
    kind = forms[0].partition("_")[0]  # the kinds of sexual exploitation are alike

    def shares(of: str) -> Mapping[str, float]:
        by_form: Mapping[str, Mapping[str, float]] = plan[of]
        return by_form.get(kind, by_form[_OTHER_FORMS])

    def single(of: str) -> str | None:
        return draw(rng, shares(of)) if rng.random() < recorded[of] else None

    means = _several(shares("means"), plan["most_means"], rng) if rng.random() < recorded["means"] else ()
    reviewed = True if set(forms) & set(plan["reviewed_forms"]) else None
    return Control(means, single("recruitment"), single("relation"), reviewed)


def _several(shares: Mapping[str, float], most: int, rng: Random) -> tuple[str, ...]:
    """Some codes by their shares; not known stands alone."""
    found = {draw(rng, shares) for _ in range(rng.randint(1, most))}
    known = found - {_NOT_KNOWN}
    return tuple(code for code in shares if code in (known or found))
