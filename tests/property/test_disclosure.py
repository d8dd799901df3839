"""The audit against exhaustive search, and what may not change anything."""

import numpy as np
import sdc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thassist.disclosure.audit import Verdict, audit_system
from thassist.disclosure.equations import System, Variable
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import ATTACKERS, INSIDER, OUTSIDER_RULES, Rule

SHAPES = (
    ((3,), [["a"]]),
    ((2, 2), [["a", "b"]]),
    ((3, 2), [["a", "b"]]),
    ((2, 2, 2), [["a", "b"], ["b", "c"]]),
    ((2, 2, 2), [["a", "b"], ["b", "c"], ["a", "c"]]),
)
RULE = Rule(threshold=3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[System, np.ndarray, np.ndarray]:
    """A system of up to eight inner cells, its records, and a pattern that leaves the grand total public."""
    sizes, tables = draw(st.sampled_from(SHAPES))
    built = sdc.system([sdc.flat(name, size) for name, size in zip("abc", sizes, strict=False)], tables)
    inner = np.array(draw(st.lists(st.integers(0, 3), min_size=int(np.prod(sizes)), max_size=int(np.prod(sizes)))))
    while inner.sum() > 9:
        inner[inner.argmax()] -= 1
    values = sdc.truth(built, inner)
    small = (values > 0) & (values < 3) & built.shown
    more = np.array(draw(st.lists(st.booleans(), min_size=built.size, max_size=built.size)))
    withheld = small | (more & built.shown & (values > 0))
    withheld[0] = False
    return built, inner, withheld


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_the_audit_agrees_with_enumeration(case: tuple[System, np.ndarray, np.ndarray]) -> None:
    built, inner, withheld = case
    values = sdc.truth(built, inner)
    audit = audit_system(
        built, sdc.published(built, values, withheld), withheld, RULE, truth=values, records=sdc.records(built, inner)
    )
    assert audit.consistent
    outside = {(f.cell, f.attacker) for f in audit.findings if f.attacker != INSIDER}
    told = {(f.cell, f.attacker) for f in audit.findings}
    expected = sdc.revealed(built, inner, withheld, RULE)
    assert outside == {each for each in expected if each[1] != INSIDER}
    # a cell that outsiders know is not asked about again for insiders
    outsiders = {cell for cell, attacker in expected if attacker == OUTSIDER_RULES}
    assert {e for e in told if e[1] == INSIDER} == {e for e in expected if e[1] == INSIDER and e[0] not in outsiders}
    for finding in audit.findings:
        if finding.attacker == OUTSIDER_RULES:
            _, cells = sdc.worlds(built, inner, withheld, 1.0)
            low, high = cells[:, finding.cell].min(), cells[:, finding.cell].max()
            assert (finding.low, finding.high) == (low, high)
            assert (finding.verdict == Verdict.EXACT) == (low == high)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_without_the_truth_nothing_is_missed(case: tuple[System, np.ndarray, np.ndarray]) -> None:
    built, inner, withheld = case
    values = sdc.truth(built, inner)
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, RULE.with_attackers(ATTACKERS[:1]))
    expected = {cell for cell, attacker in sdc.revealed(built, inner, withheld, RULE) if attacker == OUTSIDER_RULES}
    assert expected <= {finding.cell for finding in audit.findings}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_what_the_protector_calls_safe_is_safe_by_enumeration(case: tuple[System, np.ndarray, np.ndarray]) -> None:
    built, inner, _ = case
    values = sdc.truth(built, inner)
    grand = np.zeros(built.size, bool)
    grand[0] = values[0] >= RULE.threshold
    found = protect_system(built, values, RULE, records=sdc.records(built, inner), must_stay=grand)
    if found.safe and not found.withheld[0]:
        assert not sdc.revealed(built, inner, found.withheld, RULE)
    assert found.safe or found.impossible or (found.audit is not None and found.audit.findings)


@settings(max_examples=25, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_truth_is_feasible_and_names_do_not_matter(case: tuple[System, np.ndarray, np.ndarray], random) -> None:
    built, inner, withheld = case
    values = sdc.truth(built, inner)
    assert built.holds(values)
    # the same tables with the codes renamed and reordered
    variables, orders = [], []
    for variable in built.populations[0].variables:
        order = list(range(variable.leaves))
        random.shuffle(order)
        orders.append(order)
        variables.append(Variable.groups(variable.name, [f"z{n}" for n in range(variable.leaves)], {}))
    tables = [
        [v.name for v, nodes in zip(built.populations[0].variables, block.nodes, strict=True) if nodes.size > 1]
        for block in built.populations[0].blocks
    ]
    other = sdc.system(variables, tables)
    leaves = sdc.kinds(built)
    renamed = np.stack([np.array(order)[leaves[:, axis]] for axis, order in enumerate(orders)], 1)
    moved = other.count(0, renamed, inner)
    nodes = built.nodes[0]
    translated = np.stack(
        [np.concatenate([[0], np.array(order) + 1])[nodes[:, axis]] for axis, order in enumerate(orders)], 1
    )
    place = other.find(0, translated)
    assert (moved[place] == values).all()
    hidden = np.zeros(other.size, bool)
    hidden[place] = withheld
    rule = RULE.with_attackers(ATTACKERS[:2])
    first = audit_system(built, sdc.published(built, values, withheld), withheld, rule, truth=values)
    second = audit_system(other, sdc.published(other, moved, hidden), hidden, rule, truth=moved)
    assert {(int(place[f.cell]), f.verdict, f.attacker, f.low, f.high) for f in first.findings} == {
        (f.cell, f.verdict, f.attacker, f.low, f.high) for f in second.findings
    }
