"""Protecting tables together, and what to do where the cheapest pattern does not hold.

The protector proposes over sums of cells; the audit judges over the cross of all variables. Where proposals keep
failing, the breakdowns in which the audit finds something are withheld whole for that period and condition, and the
protector begins again from there. What is not safe even so is left to the caller to refuse: nothing is guessed.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from thassist.disclosure.audit import audit_system
from thassist.disclosure.counted import MEMBER
from thassist.disclosure.equations import TOTAL, BoolArray, IntArray, System
from thassist.disclosure.protect import Protection, protect_system
from thassist.disclosure.rule import Rule
from thassist.disclosure.tables import Joint

#: How often breakdowns are withheld whole before a population is given up.
_ESCALATIONS = 6


def guard(
    joint: Joint,
    rule: Rule,
    *,
    public: BoolArray,
    withheld: BoolArray,
    must_stay: BoolArray,
    told: Callable[[int, int], None] | None = None,
) -> Protection:
    """A pattern for all tables over one population.

    Args:
        joint: the population.
        rule: what must not be found out.
        public: cells that are out already.
        withheld: cells that were withheld when they were published.
        must_stay: cells that may not be withheld to protect others.
        told: is told how many findings there were at each step.

    Returns:
        The last pattern tried; look at its ``safe``.
    """
    system, truth = joint.system, joint.truth
    public = public | joint.never
    deadline = time.monotonic() + rule.protect_seconds
    forced = withheld.copy()
    found = _as_it_was(joint, rule, public, withheld) if withheld.any() else None
    if found is not None:
        return found
    for step in range(_ESCALATIONS + 1):
        left = max(1.0, deadline - time.monotonic())
        found = protect_system(
            system,
            truth,
            replace(rule, protect_seconds=left),
            records=joint.records,
            public=public,
            withheld=forced,
            must_stay=must_stay,
            witnesses=found.audit.witnesses if found and found.audit else (),
        )
        if found.safe or found.audit is None or not found.audit.consistent or not found.in_time:
            break
        cells = np.array(sorted({f.cell for f in found.audit.findings} | {i.cell for i in found.impossible}), np.int64)
        if told:
            told(step, cells.size)
        more = siblings(system, _told(joint, cells)) & system.shown & (truth > 0) & ~public & ~must_stay & ~forced
        if not more.any():
            break
        forced = forced | more
    assert found is not None  # noqa: S101
    found.secondary = found.withheld & ~found.primary & ~withheld
    small = found.secondary & (truth < rule.threshold)
    found.primary, found.secondary = found.primary | small, found.secondary & ~small
    return found


def _as_it_was(joint: Joint, rule: Rule, public: BoolArray, withheld: BoolArray) -> Protection | None:
    """What was withheld before, with the small figures, where that is enough: a release that is built again."""
    system, truth = joint.system, joint.truth
    small = (truth > 0) & (truth < rule.threshold) & system.shown & ~public & ~withheld
    hidden = np.asarray(withheld | small, np.bool_)
    published = np.where(hidden | ~system.shown, np.nan, truth)
    audit = audit_system(system, published, hidden, rule, truth=truth, records=joint.records)
    if not audit.safe:
        return None
    nothing = np.zeros(system.size, bool)
    return Protection(system, truth, hidden, np.asarray(small, np.bool_), nothing, audit, seconds=audit.seconds)


def _told(joint: Joint, cells: IntArray) -> IntArray:
    """These cells, and of differences that nothing shows the figures between which they are."""
    pairs = [each for cell in cells.tolist() for each in joint.between.get(cell, (cell,)) if each >= 0]
    return np.array(sorted({*pairs, *cells.tolist()}), np.int64)


def siblings(system: System, cells: IntArray) -> BoolArray:
    """The cells of the same breakdown as each of these: by the same variables, in the same period and condition."""
    found = np.zeros(system.size, bool)
    for cell in cells.tolist():
        number = int(np.searchsorted(system.start, cell, side="right")) - 1
        nodes, own = system.nodes[number], system.nodes[number][cell - system.start[number]]
        same = np.ones(nodes.shape[0], bool)
        for axis, variable in enumerate(system.populations[number].variables):
            total = variable.place[TOTAL]
            if variable.name == MEMBER:
                same &= nodes[:, axis] == own[axis]
            else:
                same &= (nodes[:, axis] == total) == (own[axis] == total)
        found[system.start[number] : system.start[number + 1]] |= same
    return found
