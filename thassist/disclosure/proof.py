"""A verdict that came from floating point, confirmed in whole numbers: weak duality over the full cross.

Whatever the multipliers, what they prove holds; those of the programme's end make it tight. They are rounded to
fractions, brought to one denominator and priced over every live column: sums of whole numbers, hence exact.
"""

import math
from fractions import Fraction

import numpy as np

from thassist.disclosure.attack import Attack
from thassist.disclosure.equations import UNBOUNDED, FloatArray

_DENOMINATOR = 5040
#: Denominators that multipliers mostly have, tried before each is taken apart; and what counts as a whole number.
_SCALES = (1, 2, 3, 4, 6, 12, 60, 840, 5040)
_CLOSE = 1e-7
#: Sums of multipliers beyond this would no longer be exact.
_LARGEST = 2**40


def proven_most(attack: Attack, cell: int, duals: FloatArray, *, least: bool = False) -> Fraction | None:
    """An upper bound of a cell in rational arithmetic (with ``least``, a lower one); None where none is proven.

    Args:
        attack: the programme, asked about the cell; with its columns, priced and complete.
        cell: which.
        duals: of all rows of the programme (cells, then links), as it ended.
        least: confirm the least value instead.
    """
    if not attack.complete:
        return None
    sign = -1 if least else 1
    scale, whole = _whole(duals)
    size = attack.rows.size
    if not scale or _gains(attack, whole[:size]):
        return None
    rest = dict(enumerate(whole[:size]))
    place = int(attack.place[cell])
    rest[place] = rest.get(place, 0) + sign * scale
    bound = Fraction(0)
    for row, factor in zip(attack.links.tolist(), whole[size:], strict=True):
        if factor:
            end = attack.system.high[row] if factor > 0 else attack.system.low[row]
            if abs(end) >= UNBOUNDED:
                return None
            bound += factor * Fraction(float(end))
            for at in range(attack.system.rows.indptr[row], attack.system.rows.indptr[row + 1]):
                other = int(attack.place[attack.system.rows.indices[at]])
                rest[other] = rest.get(other, 0) - factor * int(attack.system.rows.data[at])
    for other, factor in rest.items():
        if factor:
            known = attack.known.high if factor > 0 else attack.known.low
            end = float(known[attack.rows[other]])
            if not math.isfinite(end):
                return None
            bound += factor * Fraction(end)
    return sign * bound / scale


def _whole(duals: FloatArray) -> tuple[int, list[int]]:
    """Multipliers as whole numbers over one denominator; 0 where that gets too large to stay exact.

    How they are rounded proves nothing and may be anything: what follows from them is worked out exactly.
    """
    for scale in _SCALES:
        scaled = np.rint(duals * scale)
        if np.abs(duals * scale - scaled).max(initial=0.0) < _CLOSE:
            return (0, []) if np.abs(scaled).max(initial=0.0) > _LARGEST else (scale, [int(each) for each in scaled])
    used = np.flatnonzero(np.abs(duals) > _CLOSE)
    fractions = {int(place): Fraction(float(duals[place])).limit_denominator(_DENOMINATOR) for place in used}
    scale = math.lcm(*(each.denominator for each in fractions.values())) if fractions else 1
    whole = [0] * duals.size
    for place, each in fractions.items():
        whole[place] = int(each * scale)
    return (0, []) if max([scale, *map(abs, whole)]) > _LARGEST else (scale, whole)


def _gains(attack: Attack, whole: list[int]) -> bool:
    """Whether some kind of record would still gain: then the multipliers were rounded too far."""
    weights = np.zeros(attack.system.size)
    weights[attack.rows] = whole
    pairs = zip(attack.crosses, attack.live, strict=True)
    return any(live.size > 0 and cross.price(weights, live).min() < 0 for cross, live in pairs)
