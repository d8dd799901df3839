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
    """A witness that agrees with everything published: the value of every cell, and whether its records are whole."""

    witness: Witness
    values: FloatArray
    whole: bool

    def has(self, population: int, leaf: IntArray, counted: float) -> float:
        """How many records of a kind there are in it, where there are ``counted`` in truth."""
        leaves, change = self.witness.changes.get(population, (np.zeros((0, leaf.size), np.int64), np.zeros(0)))
        return counted + float(change[(leaves == leaf).all(1)].sum())


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
    counted = {number: _numbers(known_records) for number, known_records in records.items()}
    rows = sparse.csr_array(system.rows[links])
    for first in range(0, len(witnesses), _AT_ONCE):
        batch = [each for each in witnesses[first : first + _AT_ONCE] if _possible(each, counted, system)]
        if not batch:
            continue
        values = np.repeat(truth[:, None], len(batch), 1)
        for number in records:
            own = [(place, each.changes[number]) for place, each in enumerate(batch) if number in each.changes]
            if own:
                leaves, where = np.unique(np.concatenate([each[0] for _, each in own]), axis=0, return_inverse=True)
                column = np.repeat([place for place, _ in own], [each[1].size for _, each in own])
                amounts = np.concatenate([each[1] for _, each in own])
                change = sparse.csr_array((amounts, (where.ravel(), column)), shape=(leaves.shape[0], len(batch)))
                values += (system.incidence(number, leaves) @ change).toarray()
        fine = ((values >= known.low[:, None] - _NOISE) & (values <= known.high[:, None] + _NOISE)).all(0)
        if links.size:
            tied = rows @ values
            low, high = system.low[links][:, None], system.high[links][:, None]
            fine &= ((tied >= low - _NOISE) & (tied <= high + _NOISE)).all(0)
        for place in np.flatnonzero(fine).tolist():
            parts = [amounts for _, amounts in batch[place].changes.values()]
            whole = all((np.abs(amounts - np.rint(amounts)) < _NOISE).all() for amounts in parts)
            yield Checked(batch[place], np.rint(values[:, place]) if whole else values[:, place], whole)


def _numbers(known: "Records") -> dict[bytes, float]:
    leaves = np.ascontiguousarray(known.leaves, np.int64)
    return {leaf.tobytes(): float(count) for leaf, count in zip(leaves, known.counts, strict=True)}


def _possible(witness: Witness, counted: Mapping[int, Mapping[bytes, float]], system: System) -> bool:
    """Whether its kinds exist here, and it takes away no more records than there are."""
    for number, (leaves, amounts) in witness.changes.items():
        if number not in counted:
            return False
        sizes = [variable.leaves for variable in system.populations[number].variables]
        if leaves.shape[1:] != (len(sizes),) or (leaves < 0).any() or (leaves >= sizes).any():
            return False
        there = counted[number]
        fewer = np.flatnonzero(amounts < 0)
        kept = np.ascontiguousarray(leaves[fewer], np.int64)
        if any(
            there.get(leaf.tobytes(), 0.0) + amount < -_NOISE
            for leaf, amount in zip(kept, amounts[fewer].tolist(), strict=True)
        ):
            return False
    return True
