"""Kept alternatives: they save the solver, and nobody is believed who offers a wrong one."""

import numpy as np
import pytest
import sdc

from thassist.disclosure.audit import audit_system
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import Rule
from thassist.disclosure.witness import Witness

RULE = Rule(threshold=5)


@pytest.fixture
def built():
    inner = np.array([[3, 9, 8, 12], [7, 8, 9, 6], [1, 9, 2, 10], [9, 9, 9, 4]])
    system = sdc.system([sdc.flat("a", 4), sdc.flat("b", 4)], [["a", "b"]])
    return system, inner.ravel(), sdc.truth(system, inner.ravel()), sdc.records(system, inner.ravel())


def test_what_one_audit_refuted_the_next_only_adds_up(built) -> None:
    system, _, values, records = built
    found = protect_system(system, values, RULE, records=records)
    assert found.safe
    assert found.audit.witnesses
    again = audit_system(
        system, found.published, found.withheld, RULE, truth=values, records=records, witnesses=found.audit.witnesses
    )
    assert again.safe
    assert found.audit.solves > 0
    assert again.solves == 0


def test_a_witness_for_another_pattern_acquits_nobody(built) -> None:
    """What was withheld then is published now: the old alternatives contradict it, and the verdicts are the same."""
    system, _, values, records = built
    found = protect_system(system, values, RULE, records=records)
    fewer = found.primary.copy()
    published = sdc.published(system, values, fewer)
    plain = audit_system(system, published, fewer, RULE, truth=values, records=records)
    offered = audit_system(
        system, published, fewer, RULE, truth=values, records=records, witnesses=found.audit.witnesses
    )
    assert not plain.safe
    assert {(f.cell, f.attacker, f.verdict) for f in offered.findings} == {
        (f.cell, f.attacker, f.verdict) for f in plain.findings
    }


@pytest.mark.parametrize(
    "change",
    [
        ([[0, 0]], [9.0]),  # adds up to more than is published
        ([[0, 0], [0, 1]], [20.0, -20.0]),  # takes away records that are not there
        ([[0, 0], [0, 9]], [3.0, -3.0]),  # a kind that does not exist
        ([[0], [1]], [3.0, -3.0]),  # of other variables
    ],
)
def test_forged_witnesses_are_passed_over(built, change) -> None:
    system, _, values, records = built
    withheld = np.zeros(system.size, bool)
    withheld[system.cells("persons", {"a": ["a0", "a0"], "b": ["b0", "b1"]})] = True
    published = sdc.published(system, values, withheld)
    forged = Witness({0: (np.array(change[0], np.int64), np.array(change[1]))})
    audit = audit_system(system, published, withheld, RULE, truth=values, records=records, witnesses=[forged])
    plain = audit_system(system, published, withheld, RULE, truth=values, records=records)
    assert not audit.safe
    assert audit.findings == plain.findings
