"""Witnesses: alternatives that were found once, kept, and checked again by arithmetic alone.

A witness says which records would have to be others. Whether it agrees with everything that is published is a matter of
adding up, whoever found it and however: the audit believes nothing about where it comes from. A file that is audited
after its figures were chosen therefore needs no solver for what was refuted then, and a later release none for what
the earlier audit refuted, as long as it still holds.

Witnesses tell the truth by what they take away: they are as confidential as the records.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from thassist.disclosure.equations import Cross, FloatArray, IntArray, System

if TYPE_CHECKING:
    from thassist.disclosure.attack import Knowledge, Records

_NOISE = 1e-6
#: So many are added up at a time.
_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Witness:
    """An alternative: by population, kinds of records (their leaves) and how many more or fewer there are of each."""

    changes: Mapping[int, tuple[IntArray, FloatArray]]


@dataclass(frozen=True, eq=False)
class Checked:
    """A witness that agrees with everything published.

    Attributes:
        witness: what was checked.
        values: of every cell of the system.
        whole: whether its records are whole.
        moved: by population the numbers of its kinds (:func:`numbered`), ascending, and the change of each.
    """

    witness: Witness
    values: FloatArray
    whole: bool
    moved: Mapping[int, tuple[IntArray, FloatArray]]

    def more(self, population: int, kinds: IntArray) -> FloatArray:
        """How many more records than in truth there are of these kinds (by number)."""
        found = np.zeros(kinds.size)
        if population in self.moved:
            numbers, amounts = self.moved[population]
            place = np.minimum(np.searchsorted(numbers, kinds), numbers.size - 1)
            same = numbers[place] == kinds
            found[same] = amounts[place[same]]
        return found


def numbered(system: System, population: int, leaves: IntArray) -> IntArray:
    """Leaves → one number a kind."""
    sizes = tuple(variable.leaves for variable in system.populations[population].variables)
    return np.asarray(np.ravel_multi_index(tuple(leaves.T), sizes), np.int64) if sizes else np.zeros(len(leaves), int)


def changed(crosses: Sequence[Cross], pieces: Iterable[tuple[int, IntArray, FloatArray]]) -> Witness:
    """A witness from what a programme moved: (population, columns of its cross, how many more)."""
    found: dict[int, list[tuple[IntArray, FloatArray]]] = {}
    for number, columns, amounts in pieces:
        found.setdefault(number, []).append((columns, amounts))
    changes = {}
    for number, parts in found.items():
        columns, place = np.unique(np.concatenate([each for each, _ in parts]), return_inverse=True)
        total = np.zeros(columns.size)
        np.add.at(total, place.ravel(), np.concatenate([each for _, each in parts]))
        moved = np.abs(total) > _NOISE
        if moved.any():
            changes[number] = crosses[number].leaves(columns[moved]), total[moved]
    return Witness(changes)


def check(
    system: System,
    known: "Knowledge",
    links: IntArray,
    truth: FloatArray,
    records: Mapping[int, "Records"],
    witnesses: Sequence[Witness],
) -> Iterator[Checked]:
    """The witnesses that agree with what an attacker knows; the others are passed over in silence."""
    counted = {}
    for number, kinds in records.items():
        numbers = numbered(system, number, kinds.leaves)
        order = np.argsort(numbers)
        counted[number] = numbers[order], kinds.counts[order].astype(np.float64)
    rows = sparse.csr_array(system.rows[links])
    for first in range(0, len(witnesses), _AT_ONCE):
        batch = []
        for each in witnesses[first : first + _AT_ONCE]:
            moved = _moved(each, counted, system)
            if moved is not None:
                batch.append((each, moved))
        values = np.repeat(truth[:, None], len(batch), 1)
        for number in records:
            own = [(place, moved[number]) for place, (_, moved) in enumerate(batch) if number in moved]
            if own:
                kinds_moved, where = np.unique(np.concatenate([each[0] for _, each in own]), return_inverse=True)
                column = np.repeat([place for place, _ in own], [each[1].size for _, each in own])
                amounts = np.concatenate([each[1] for _, each in own])
                change = sparse.csr_array((amounts, (where.ravel(), column)), shape=(kinds_moved.size, len(batch)))
                sizes = tuple(variable.leaves for variable in system.populations[number].variables)
                leaves = np.stack(np.unravel_index(kinds_moved, sizes), 1).astype(np.int64)
                values += (system.incidence(number, leaves) @ change).toarray()
        fine = ((values >= known.low[:, None] - _NOISE) & (values <= known.high[:, None] + _NOISE)).all(0)
        if links.size:
            tied = rows @ values
            low, high = system.low[links][:, None], system.high[links][:, None]
            fine &= ((tied >= low - _NOISE) & (tied <= high + _NOISE)).all(0)
        for place in np.flatnonzero(fine).tolist():
            witness, moved = batch[place]
            whole = all((np.abs(amounts - np.rint(amounts)) < _NOISE).all() for _, amounts in moved.values())
            yield Checked(witness, np.rint(values[:, place]) if whole else values[:, place], whole, moved)


def _moved(
    witness: Witness, counted: Mapping[int, tuple[IntArray, FloatArray]], system: System
) -> dict[int, tuple[IntArray, FloatArray]] | None:
    """The changes of a witness by number of kind; None where a kind cannot be or more is taken away than there is."""
    found = {}
    for number, (leaves, amounts) in witness.changes.items():
        if number not in counted:
            return None
        sizes = [variable.leaves for variable in system.populations[number].variables]
        if leaves.shape != (amounts.size, len(sizes)) or (leaves < 0).any() or (leaves >= sizes).any():
            return None
        kinds, place = np.unique(numbered(system, number, leaves), return_inverse=True)
        total = np.zeros(kinds.size)
        np.add.at(total, place.ravel(), amounts)
        there, many = counted[number]
        at = np.minimum(np.searchsorted(there, kinds), max(0, there.size - 1))
        now = np.where(there[at] == kinds, many[at], 0.0) if there.size else np.zeros(kinds.size)
        if (now + total < -_NOISE).any():
            return None
        if kinds.size:
            found[number] = kinds, total
    return found
