"""The protector and the audit on tables whose right answer is known, and a test for each pitfall of the method."""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sdc
from scipy import sparse

from thassist.disclosure import library
from thassist.disclosure.attack import Attack, Knowledge, link_rows
from thassist.disclosure.audit import Verdict, audit_system
from thassist.disclosure.equations import UNBOUNDED, Link, Population, System, Variable
from thassist.disclosure.flow import Flow, Target
from thassist.disclosure.parts import split
from thassist.disclosure.proof import proven_most
from thassist.disclosure.propagate import propagate
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import ATTACKERS, OUTSIDER, OUTSIDER_RULES, Rule
from thassist.errors import InvalidDefinition, UnreadableInput

RULE = Rule(threshold=5)
Z1 = Path(__file__).parents[2] / "data" / "sdc" / "z1.csv"


def made(size: int, values: list[int]) -> tuple[System, np.ndarray, np.ndarray]:
    """One variable: the total and its parts."""
    built = sdc.system([sdc.flat("a", size)], [["a"]])
    inner = np.array(values)
    return built, inner, sdc.truth(built, inner)


def grid(rows: list[list[int]]) -> tuple[System, np.ndarray, np.ndarray]:
    inner = np.array(rows)
    built = sdc.system([sdc.flat("a", inner.shape[0]), sdc.flat("b", inner.shape[1])], [["a", "b"]])
    return built, inner.ravel(), sdc.truth(built, inner.ravel())


# -- the reference pattern


def test_z1_gets_the_optimal_pattern() -> None:
    done = library.protect(pd.read_csv(Z1), {"z1": ["region", "hovedint"]}, RULE, count="ant")
    assert done.safe
    table = done.tables["z1"]
    hidden = table[table["count"].isna()]
    # what tau-ARGUS's optimal engine withholds: the four small cells, and the same regions of the cheapest column
    assert set(zip(hidden["region"], hidden["hovedint"], strict=True)) == {
        (region, kind) for region in "BDGH" for kind in ("arbeid", "annet")
    }
    assert done.loss() == {"primary": 4, "secondary": 4, "persons": 35}
    assert set(table["status"]) == {"published", "withheld"}  # one sign for all that is withheld


def test_the_same_input_in_another_order_gives_the_same_pattern() -> None:
    frame = pd.read_csv(Z1)
    tables = {"z1": ["region", "hovedint"], "sums": ["hovedint"]}
    first = library.protect(frame, tables, RULE, count="ant")
    second = library.protect(frame.sample(frac=1, random_state=3), dict(reversed(tables.items())), RULE, count="ant")
    for name in tables:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])


# -- the attackers


def test_who_knows_that_zeros_are_printed_finds_out_more() -> None:
    built, inner, values = made(3, [1, 1, 8])
    withheld = np.array([False, True, True, False])
    audit = audit_system(
        built, sdc.published(built, values, withheld), withheld, RULE, truth=values, records=sdc.records(built, inner)
    )
    told = {(f.cell, f.attacker): f for f in audit.findings}
    assert told[1, OUTSIDER_RULES].verdict == Verdict.EXACT  # two cells of at least one make two
    assert told[1, OUTSIDER].verdict == Verdict.SMALL
    assert (told[1, OUTSIDER].low, told[1, OUTSIDER].high) == (0, 2)


def test_the_insider_of_a_lonely_cell_learns_the_other() -> None:
    built, inner, values = made(3, [1, 4, 20])
    withheld = np.array([False, True, True, False])
    rule = dataclasses.replace(RULE, threshold=5)
    audit = audit_system(
        built, sdc.published(built, values, withheld), withheld, rule, truth=values, records=sdc.records(built, inner)
    )
    # together they are 5: below 5 each for every outsider, so that both are convicted before an insider is asked
    assert {f.cell for f in audit.findings if f.attacker == OUTSIDER_RULES} == {1, 2}
    built, inner, values = made(4, [1, 4, 9, 20])
    withheld = np.array([False, True, True, True, False])
    audit = audit_system(
        built, sdc.published(built, values, withheld), withheld, rule, truth=values, records=sdc.records(built, inner)
    )
    assert audit.safe


def test_cells_that_look_safe_in_each_quarter_are_found_in_the_year() -> None:
    """The example of the manual: each quarter and the year protected alone, laid side by side."""
    time = Variable.periods("time", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2024"])
    form = Variable.groups("form", ["a", "b", "c"], {})
    population = Population("persons", (form, time), ())
    block = population.block("t", {"form": form.codes, "time": ["2024", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]})
    built = System.build([Population("persons", (form, time), (block,))])
    inner = np.array([[3, 9, 8, 7], [6, 8, 9, 9], [20, 20, 20, 20]])
    leaves = np.stack(np.meshgrid(range(3), range(4), indexing="ij"), -1).reshape(-1, 2).astype(np.int64)
    values = built.count(0, leaves, inner.ravel())
    withheld = np.zeros(built.size, bool)
    withheld[built.cells("persons", {"form": ["a", "b"], "time": ["2024-Q1", "2024-Q1"]})] = True
    rule = RULE.with_attackers(ATTACKERS[:2])
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, rule, truth=values)
    found = {built.name(f.cell)[1:]: f for f in audit.findings if f.attacker == OUTSIDER}
    assert found["a", "2024-Q1"].verdict == Verdict.EXACT
    assert found["a", "2024-Q1"].low == 3  # 27 - 9 - 8 - 7
    joint = protect_system(built, values, rule)
    assert joint.safe


# -- pitfalls of the method, as listed in the decision


def test_pitfall_up_and_down_at_once_is_no_move() -> None:
    built, _, values = made(3, [3, 10, 20])
    flow = Flow(built, values, 1.0, np.array([False, True, True, True]), np.ones(4), 1e12)
    found = flow.find(Target(1, 5.0))
    assert found is not None
    assert found.moves[1] == pytest.approx(2)
    assert sum(found.moves.values()) == pytest.approx(0)  # somebody else is fewer by two


def test_pitfall_large_bounds_do_not_swallow_counts() -> None:
    rows = sparse.csr_array(np.array([[1.0, -1.0, -1.0]]))
    found = propagate(rows, np.zeros(1), np.zeros(1), np.array([7.0, 1, 0]), np.array([7.0, np.inf, np.inf]))
    assert found.high.tolist() == [7, 7, 6]
    assert UNBOUNDED == 1e7


def test_pitfall_out_of_time_is_not_safe() -> None:
    built, _inner, values = grid([[3, 9, 8], [7, 8, 9], [9, 9, 9]])
    rule = dataclasses.replace(RULE, audit_seconds=0.0, protect_seconds=0.0)
    found = protect_system(built, values, rule)
    assert not found.safe
    assert not found.in_time
    withheld = (values > 0) & (values < 10)
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, rule, truth=values)
    assert not audit.safe
    assert audit.count(Verdict.DOUBT)


def test_pitfall_a_total_that_must_stay_is_never_withheld() -> None:
    built, inner, values = made(2, [2, 30])
    stay = np.array([True, False, False])
    found = protect_system(built, values, RULE, must_stay=stay, records=sdc.records(built, inner))
    assert found.safe
    assert found.withheld.tolist() == [False, True, True]
    impossible = protect_system(built, values, RULE, must_stay=np.array([True, False, True]))
    assert not impossible.safe
    assert impossible.impossible[0].cell == 1
    assert impossible.impossible[0].because == (0,) or impossible.impossible[0].because == (2,)


def test_pitfall_an_exact_verdict_is_proven_in_rational_arithmetic() -> None:
    """Two cells of one row and one column: the rows say a0 + a1 = 5 and the columns a0 + b0 = 9, b0 is public."""
    built, _, values = grid([[2, 3], [7, 8]])
    withheld = np.zeros(built.size, bool)
    withheld[built.cells("persons", {"a": ["a0", "a0"], "b": ["b0", "b1"]})] = True
    known = Knowledge(np.where(withheld, 1.0, values), np.where(withheld, np.inf, values))
    part = split(built, built.shown, link_rows(built))[0]
    attack = Attack(built, known, part, {}, time.monotonic() + 60)
    assert attack.feasible()
    cell = int(built.cells("persons", {"a": ["a0"], "b": ["b0"]})[0])
    attack.ask(np.array([cell]))
    assert proven_most(attack, cell, attack.duals) == 2
    wrong = attack.duals.copy()
    wrong[attack.rows == cell] += 0.25
    assert (found := proven_most(attack, cell, wrong)) is None or found >= 2  # any multipliers prove something true
    attack.ask(np.array([cell]), least=True)
    assert proven_most(attack, cell, attack.duals, least=True) == 2


def test_pitfall_not_recorded_completes_the_sum() -> None:
    """Withholding every known category but publishing 'not known' reveals their sum; the sum itself is small."""
    built, _, values = made(3, [2, 1, 30])
    withheld = np.array([False, True, True, False])
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, RULE.with_attackers([OUTSIDER]))
    assert {f.cell for f in audit.findings} == {1, 2}


def test_pitfall_a_single_child_gives_its_parent_away() -> None:
    tree = Variable.tree("r", {"N": "", "S": "", "n1": "N", "s1": "S", "s2": "S"})
    built = sdc.system([tree], [["r"]])
    values = built.count(0, np.array([[0], [1], [2]]), np.array([3, 9, 9]))
    withheld = np.zeros(built.size, bool)
    withheld[built.cells("persons", {"r": ["n1", "s1"]})] = True
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, RULE, truth=values)
    assert audit.count(Verdict.EXACT) == 1
    assert protect_system(built, values, RULE).safe


def test_linked_tables_need_the_full_cross() -> None:
    """Three two-way tables of three variables: the cells alone allow what no records can give."""
    variables = [sdc.flat(name, 2) for name in "abc"]
    built = sdc.system(variables, [["a", "b"], ["b", "c"], ["a", "c"]])
    inner = np.array([4, 0, 0, 1, 0, 3, 2, 0])
    values = sdc.truth(built, inner)
    withheld = (values > 0) & (values < 5) & built.shown
    rule = RULE.with_attackers(ATTACKERS[:2])
    audit = audit_system(built, sdc.published(built, values, withheld), withheld, rule, truth=values)
    expected = sdc.revealed(built, inner, withheld, rule)
    assert expected
    assert {(f.cell, f.attacker) for f in audit.findings} == {e for e in expected if e[1] != "insider"}


def test_contradictory_figures_are_not_safe() -> None:
    built, _, values = made(2, [6, 9])
    values[0] = 14
    audit = audit_system(built, values, np.zeros(3, bool), RULE)
    assert not audit.consistent
    assert not audit.safe


# -- populations, several answers, links


def test_several_answers_are_bounded_by_the_persons() -> None:
    answers = Variable.multiple("form", ["x", "y"])
    population = Population("persons", (answers,), ())
    built = System.build([Population("persons", (answers,), (population.block("t", {"form": answers.codes}),))])
    published = np.array([8.0, 8.0, np.nan])
    withheld = np.array([False, False, True])
    audit = audit_system(built, published, withheld, RULE.with_attackers([OUTSIDER_RULES]))
    assert audit.safe  # anything from 1 to 8
    low = audit_system(built, np.array([8.0, 3.0, np.nan]), withheld, RULE.with_attackers([OUTSIDER_RULES]))
    assert low.proven_low[2] == 5  # 8 persons, each with an answer, 3 with x: at least 5 have y


def test_a_stock_is_tied_to_what_comes_and_goes() -> None:
    one = Variable.groups("v", ["_T"], {})
    names = ("before", "in", "out", "after")
    populations = [Population(name, (one,), (Population(name, (one,), ()).block("t", {}),)) for name in names]
    link = Link(((1, "after", {}), (-1, "before", {}), (-1, "in", {}), (1, "out", {})))
    built = System.build(populations, [link])
    published = np.array([20.0, 7, np.nan, 24])
    withheld = np.array([False, False, True, False])
    audit = audit_system(built, published, withheld, RULE)
    assert audit.findings[0].verdict == Verdict.EXACT
    assert audit.findings[0].low == 3


def test_earlier_publications_stay_and_are_named_where_they_give_a_cell_away() -> None:
    frame = pd.DataFrame({"r": ["a"] * 2 + ["b"] * 9 + ["c"] * 9, "t": "2024-Q1"})
    later = pd.concat([frame, pd.DataFrame({"r": ["a"] * 8 + ["b"] * 9 + ["c"] * 9, "t": "2024-Q2"})])
    both = {"both": {"r": None, "t": ["2024-Q1", "2024-Q2", "2024-S1"]}}
    done = library.protect(later, both, RULE)
    assert done.safe
    first = library.protect(frame, {"q1": {"r": None, "t": ["2024-Q1"]}}, RULE)
    assert first.safe
    second = library.protect(later, {"rest": {"r": None, "t": ["2024-Q2", "2024-S1"]}}, RULE, published=first.tables)
    assert second.safe
    assert second.loss()["secondary"] > 0
    out = pd.DataFrame({"r": ["_T", "b", "c"], "t": "2024-Q1", "count": [20, 9, 9]})
    given_away = library.protect(later, both, RULE, published={"q1": out})
    assert not given_away.safe
    named = {cell for each in given_away.protection.impossible for cell in each.because}
    system = given_away.protection.system
    assert named & set(system.cells("persons", {"r": ["_T", "b", "c"], "t": ["2024-Q1"] * 3}).tolist())


def test_the_audit_reads_anyones_tables() -> None:
    table = pd.DataFrame({"sex": ["_T", "F", "M"], "count": pd.array([12, None, 9], "Int64")})
    audit = library.audit({"t": table}, RULE)
    assert [f.verdict for f in audit.findings if f.attacker == OUTSIDER_RULES] == [Verdict.EXACT]


def test_errors_name_what_is_wrong() -> None:
    frame = pd.DataFrame({"a": ["x"], "n": [1.5]})
    with pytest.raises(UnreadableInput, match="n"):
        library.protect(frame, {"t": ["a"]}, RULE, count="n")
    with pytest.raises(InvalidDefinition, match="b"):
        library.protect(frame, {"t": ["b"]}, RULE)
    with pytest.raises(InvalidDefinition, match="x"):
        library.protect(frame, {"t": ["a"]}, RULE, hierarchies={"a": {"y": ""}})
    with pytest.raises(ValueError, match="threshold=2"):
        Rule(threshold=2)
