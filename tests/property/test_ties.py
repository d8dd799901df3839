"""The same persons under two conditions: the truth fits the equations, and the audit agrees with exhaustive search."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thassist.dates import parse_period
from thassist.disclosure import counted as counting
from thassist.disclosure import tables as tying
from thassist.disclosure.audit import Verdict, audit_system
from thassist.disclosure.counted import MEMBER, Asked
from thassist.disclosure.rule import OUTSIDER_RULES, Rule
from thassist.disclosure.tables import Joint
from thassist.tables.spec import load

#: Present at the end of 2022 (a victim or a witness), and registered as a victim in 2022: the same persons, nearly.
PRESENT, REGISTERED = load("fi_stock_sex"), load("intl_eurostat_sex")
RULE = Rule(threshold=3, attackers=(OUTSIDER_RULES,))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_MOST = 6


@dataclass(frozen=True)
class One:
    """A made-up person: where it counts, and its sex there (it may be recorded otherwise the second time)."""

    present: bool
    registered: bool
    sex: str
    sex_there: str


def persons(*, same_sex: bool) -> st.SearchStrategy[list[One]]:
    flags = st.tuples(st.booleans(), st.booleans()).filter(any)
    sexes = st.sampled_from("FM")
    one = st.builds(lambda where, sex, other: One(*where, sex, sex if same_sex else other), flags, sexes, sexes)
    return st.lists(one, min_size=1, max_size=7)


def joint_of(people: list[One]) -> Joint:
    """The equations over both tables."""

    def members(face: Any, _spec: Any, *_: Any) -> Iterator[tuple[object, str, tuple[tuple[str, ...], ...]]]:
        present = face[0] == counting.source_of(PRESENT)
        for number, one in enumerate(people):
            if one.present if present else one.registered:
                yield f"P{number}", "2022", ((one.sex if present else one.sex_there,),)

    year = parse_period("2022")
    asked = [Asked(PRESENT, (year,)), Asked(REGISTERED, (year,))]
    cubes = {
        PRESENT.id: figures([one.sex for one in people if one.present]),
        REGISTERED.id: figures([one.sex_there for one in people if one.registered]),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_members", members)
        units = counting.counted(asked, None)  # type: ignore[arg-type]
        return tying._joint(("FI_NAS", "person_id"), asked, cubes, units, RULE.threshold)


def figures(sexes: list[str]) -> dict[Any, float | int | None]:
    return {("2022", "_T"): len(sexes), **{("2022", sex): sexes.count(sex) for sex in "FM"}}


def cell(joint: Joint, spec: Any, sex: str) -> int:
    return joint.cells(spec, ("2022", sex))[0]


@QUICK
@given(persons(same_sex=False))
def test_the_truth_fits_and_every_small_difference_is_a_figure(people: list[One]) -> None:
    joint = joint_of(people)
    assert joint.system.holds(joint.truth)
    found = {pair: float(joint.truth[each]) for each, pair in joint.between.items()}
    for sex in ("_T", "F", "M"):
        for ours, theirs, larger, smaller in (
            ("present", "registered", PRESENT, REGISTERED),
            ("registered", "present", REGISTERED, PRESENT),
        ):
            said = {"present": "sex", "registered": "sex_there"}

            def there(one: One, where: str, sex: str = sex, said: dict[str, str] = said) -> bool:
                return bool(getattr(one, where)) and sex in {"_T", getattr(one, said[where])}

            only = [one for one in people if there(one, ours) and not getattr(one, theirs)]
            pair = (cell(joint, larger, sex), cell(joint, smaller, sex))
            if -1 in pair or any(
                there(one, ours) != there(one, theirs) for one in people if one.present and one.registered
            ):
                continue  # nobody has it, or a change of record makes it no difference of persons
            others = [one for one in people if there(one, theirs) and not getattr(one, ours)]
            if 0 < len(only) < RULE.threshold and len(others) < RULE.threshold and pair[0] != pair[1]:
                assert found.get(pair) == len(only) or joint.system.shown[pair[0]]


@QUICK
@given(persons(same_sex=True), st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_audit_agrees_with_exhaustive_search(people: list[One], kept: list[bool]) -> None:
    joint = joint_of(people)
    system = joint.system
    if len(system.populations) != 1:
        return
    hidden = joint.derived()
    shown = joint.never.copy()
    addresses = [(spec, sex) for spec in (PRESENT, REGISTERED) for sex in ("_T", "F", "M")]
    for keep, (spec, sex) in zip(kept, addresses, strict=True):
        place = cell(joint, spec, sex)
        if place < 0:
            continue
        value = joint.truth[place]
        if value == 0 or (keep and value >= RULE.threshold):
            shown[place] = True
        else:
            hidden[place] = True
    hidden &= ~shown
    published = np.where(shown, joint.truth, np.nan)
    found = audit_system(system, published, hidden, RULE, truth=joint.truth, records=joint.records)
    worlds = possible(joint, published, hidden)
    assert len(worlds), "the truth is one of them"
    for place in np.flatnonzero(hidden & (joint.truth > 0) & (joint.truth < RULE.threshold)).tolist():
        told = [each for each in found.findings if each.cell == place]
        assert not any(each.verdict is Verdict.DOUBT for each in told)
        assert bool(told) == (worlds[:, place].max() < RULE.threshold), (place, told)


def possible(joint: Joint, published: Any, hidden: Any) -> Any:
    """The values of all cells in every world that agrees with what is published, with few persons of each kind."""
    sizes = [variable.leaves for variable in joint.system.populations[0].variables]
    leaves = np.array(list(itertools.product(*(range(size) for size in sizes))), np.int64)
    counts = joint.system.incidence(0, leaves).toarray().astype(np.int64)
    barred = np.flatnonzero((counts[joint.never] > 0).any(0))
    free = [number for number in range(len(leaves)) if number not in barred]
    every = np.array(list(itertools.product(range(_MOST + 1), repeat=len(free))), np.int64)
    values = every @ counts[:, free].T
    known = ~np.isnan(published)
    fits = (values[:, known] == published[known]).all(1) & (values[:, hidden] >= 1).all(1)
    return values[fits]


def test_a_person_who_counts_twice_is_one_record_with_one_membership() -> None:
    people = [One(True, True, "F", "F")] * 4 + [One(True, False, "M", "M")]
    joint = joint_of(people)
    assert joint.units == 5
    assert [variable.name for variable in joint.system.populations[0].variables] == [MEMBER, "sex"]
    assert joint.system.populations[0].variables[0].leaves == 2


def test_figures_one_person_apart_are_found_where_both_are_public() -> None:
    """Five present, four of them registered: whoever reads both totals has found the fifth."""
    people = [One(True, True, "F", "F")] * 4 + [One(True, False, "M", "M")]
    joint = joint_of(people)
    both = [cell(joint, PRESENT, "_T"), cell(joint, REGISTERED, "_T")]
    shown = joint.never.copy()
    shown[both] = True
    for public, safe in ((both, False), (both[:1], True)):
        shown = joint.never.copy()
        shown[public] = True
        hidden = joint.derived() & ~shown
        published = np.where(shown, joint.truth, np.nan)
        found = audit_system(joint.system, published, hidden, RULE, truth=joint.truth, records=joint.records)
        assert found.safe is safe
