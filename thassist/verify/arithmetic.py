"""Checks by calculation: sums, shares recomputed from counts, and what subtraction reveals."""

from collections.abc import Iterator, Mapping
from itertools import product

from thassist.rules.finding import Finding
from thassist.verify import disclosure
from thassist.verify.figures import Figure, Kind, Publication, chosen
from thassist.verify.profile import Check
from thassist.verify.saying import Voice, number, span
from thassist.verify.sums import Cell, Group, Sum, judge, sums, too_large

#: Points by which a share may differ when nothing is said: it is printed in whole points.
_HALF_POINT = 0.5
_NOISE = 1e-9
_HUNDRED = 100.0

Sums = Mapping[str, list[Sum]]


def all_sums(publication: Publication) -> dict[str, list[Sum]]:
    """Check → its sums."""
    return {check.id: list(sums(publication, check)) for check in publication.profile.checks if check.kind == "sum"}


def settled(known: Sums) -> dict[Cell, Figure]:
    """The figures that sums single out among contradicting ones, where all sums that single one out agree."""
    found: dict[Cell, set[Figure]] = {}
    for each in (each for listed in known.values() for each in listed):
        if any(len(cell) > 1 for cell in (*each.left, *each.right)):
            for cell, figure in judge(each).settled.items():
                found.setdefault(cell, set()).add(figure)
    return {cell: next(iter(figures)) for cell, figures in found.items() if len(figures) == 1}


def broken_sums(check: Check, known: Sums, voice: Voice) -> Iterator[Finding]:
    """Sums that do not hold, and parts that alone are more than their total."""
    for each in known[check.id]:
        judgement = judge(each)
        figures = [figure for cell in (*each.left, *each.right) for figure in cell]
        if not judgement.holds:
            above = judgement.right[0] > judgement.left[1]
            yield voice.say(
                "sum_above" if above else "sum_below",
                figures[0],
                check,
                value=f"{span(judgement.left)} ≠ {_written(each, judgement.right)}",
                related=figures[1:],
                total=span(judgement.left),
                parts=span(judgement.right),
            )
        elif each.relation == ">=":
            for cell in too_large(each):
                yield voice.say(
                    "part_above",
                    cell[0],
                    check,
                    value=cell[0].text,
                    related=[figure for one in each.left for figure in one],
                    total=span(judgement.left),
                )


def _written(each: Sum, right: tuple[float, float]) -> str:
    """The parts as an addition where they are few; else only what they make."""
    parts = [cell[0].text for cell in each.right if cell[0].kind is not Kind.NOTHING]
    return f"{' + '.join(parts)} = {span(right)}" if 1 < len(parts) <= 6 else span(right)


def shares(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Percentages that their counts do not give, within the tolerance in points."""
    per = list(check.settings["per"])
    tolerance = float(check.get("tolerance", _HALF_POINT)) + _NOISE
    figures = list(chosen(publication, publication.figures, check.where))
    parts = [Group(publication, figures, per, selector) for selector in check.settings["part"]]
    bases = [Group(publication, figures, per, selector) for selector in check.settings["base"]]
    places = [publication.index(name) for name in per]
    for figure in chosen(publication, figures, check.settings["percent"]):
        group = tuple(figure.codes[at] for at in places)
        part = [cell for each in parts for cell in each.cells(group)]
        base = [cell for each in bases for cell in each.cells(group)]
        absent = sum(each.absent(group) for each in (*parts, *bases))
        if not figure.known or not part or not base or absent:
            continue
        possible = [_HUNDRED * above / below for above, below in product(_totals(part), _totals(base)) if below > 0]
        if possible and min(abs(figure.low - each) for each in possible) > tolerance:
            computed = min(possible, key=lambda each: abs(figure.low - each))
            yield voice.say(
                "share",
                figure,
                check,
                value=figure.text,
                suggestion=number(round(computed, 1)),
                related=[each for cell in (*part, *base) for each in cell],
                computed=number(round(computed, 1)),
            )


def _totals(cells: list[Cell]) -> list[float]:
    """What cells may add up to; nothing where one of them is not known."""
    if not all(figure.known for cell in cells for figure in cell):
        return []
    return [sum(choice) for choice in product(*({figure.low for figure in cell} for cell in cells))]


def disclosures(check: Check, known: Sums, voice: Voice) -> Iterator[Finding]:
    """Withheld figures that the printed ones give away, exactly or within a few values.

    The figure itself is not quoted: a list of findings should not become the disclosure.
    """
    equations = [each for name in check.settings["sums"] for each in known[name]]
    width = int(check.get("width", 1))
    found = disclosure.revealed(equations, absent=check.get("absent", "zero"), complete=check.get("complete", False))
    for each in found:
        if each.values > width:
            continue
        figure = each.cell[0]
        yield voice.say(
            "exact" if each.values == 1 else "narrow",
            figure,
            check,
            value=figure.text,
            related=[one for cell in (*each.through.left, *each.through.right) for one in cell],
            count=int(each.values),
        )
