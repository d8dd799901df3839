"""Sums that follow from sets of leaves: hierarchies, alternatives, time, several answers."""

import numpy as np
import pytest

from thassist.disclosure.variables import TOTAL, Sum, Variable


def sums(variable: Variable, *codes: str) -> set[tuple[str, frozenset[str], str]]:
    found = variable.sums(variable.nodes(codes or variable.codes))
    return {(variable.codes[s.parent], frozenset(variable.codes[part] for part in s.parts), s.relation) for s in found}


def test_a_tree_adds_up_level_by_level() -> None:
    tree = Variable.tree("region", {"N": "", "S": "", "n1": "N", "n2": "N", "s1": "S"})
    assert sums(tree) == {
        (TOTAL, frozenset({"N", "S"}), "="),
        ("N", frozenset({"n1", "n2"}), "="),
        ("S", frozenset({"s1"}), "="),
    }


def test_a_level_that_is_not_shown_is_passed_over() -> None:
    tree = Variable.tree("region", {"N": "", "S": "", "n1": "N", "n2": "N", "s1": "S"})
    assert sums(tree, TOTAL, "n1", "n2", "s1") == {(TOTAL, frozenset({"n1", "n2", "s1"}), "=")}


def test_some_parts_only_bound_the_whole() -> None:
    tree = Variable.tree("region", {"N": "", "S": "", "W": ""})
    assert sums(tree, TOTAL, "N", "S") == {(TOTAL, frozenset({"N", "S"}), ">=")}


def test_alternative_classifications_both_add_up() -> None:
    both = Variable.groups("age", ["a", "b", "c", "d"], {"young": "ab", "old": "cd", "low": "abc", "high": "d"})
    found = sums(both, TOTAL, "young", "old", "low", "d")
    assert (TOTAL, frozenset({"young", "old"}), "=") in found
    assert (TOTAL, frozenset({"low", "d"}), "=") in found


def test_a_code_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValueError, match="x"):
        Variable.levels("region", [("a", "x"), ("x", "y")])


def test_time_falls_apart_into_quarters() -> None:
    time = Variable.periods("time", ["2024", "2024-S1", "2024-Q3", "2024-Q1..2024-Q3"])
    found = sums(time, "2024", "2024-S1", "2024-Q3", "2024-Q1..2024-Q3")
    assert ("2024-Q1..2024-Q3", frozenset({"2024-S1", "2024-Q3"}), "=") in found
    assert [code for code in time.codes if "Q" in code and ".." not in code] == [f"2024-Q{n}" for n in (1, 2, 3, 4)]


def test_several_answers_only_bound_each_other() -> None:
    answers = Variable.multiple("form", ["sex", "work", "other"])
    found = sums(answers)
    assert (TOTAL, frozenset({"sex", "work", "other"}), "<=") in found
    assert {relation for _, _, relation in found} == {"<=", ">="}
    assert answers.leaves == 7
    assert not any(relation == "<=" for *_, relation in sums(Variable.multiple("form", ["a", "b"], everyone=False)))


def test_a_single_child_equals_its_parent() -> None:
    tree = Variable.tree("region", {"N": "", "n1": "N"})
    assert Sum(0, (1,), "=") in tree.sums(np.array([0, 1, 2]))
    assert Sum(1, (2,), "=") in tree.sums(np.array([0, 1, 2]))
