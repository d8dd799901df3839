"""The published examples of R ``errorlocate`` 1.1 (manual, vignettes and its own tests), with their published answers.

An ``if (a) b`` of R is written ``NOT a OR b``; R's random choice between equal solutions is read as: any of them.
"""

import importlib.util
import math
from pathlib import Path

import pytest

from thassist.rules.localise.mip import Solution
from thassist.rules.localise.sql import Category, Number, Outside, Translator

_spec = importlib.util.spec_from_file_location("localising", Path(__file__).with_name("localising.py"))
assert _spec
assert _spec.loader
localising = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(localising)
problem = localising.problem

INF = math.inf
BALANCE = ["profit + cost = turnover", "cost >= 0.6 * turnover", "turnover >= 0"]
RATIO = ["profit + cost = turnover", "cost / turnover >= 0.6", "cost >= 0", "turnover >= 0"]
TAX = ["branch IN ('government', 'industry')", "tax IN ('none', 'VAT')", "NOT tax = 'VAT' OR branch = 'industry'"]
VOTE = ["citizen IN (TRUE, FALSE)", "voted IN (TRUE, FALSE)", "NOT voted = TRUE OR citizen = TRUE"]
MARRIED = ["married IN (TRUE, FALSE)", "NOT married = TRUE OR age >= 17"]
WORK = [
    "working IN ('no_job', 'job', 'retired')",
    "NOT age < 12 OR working = 'no_job'",
    "NOT working = 'retired' OR age > 50",
    "age >= 0",
]
PARTS = ["60 = y", "5 = yA", "5 = yB", "5 = yC", "25 = yD", "20 = yE", "y = yA + yB + yC + yD + yE"]

EXAMPLES = [
    # linear rules
    ({"profit": 755, "cost": 125, "turnover": 200}, BALANCE, {}, {"profit"}),
    ({"profit": 755, "cost": 125, "turnover": 200}, [*BALANCE[:2], "cost >= 0", "profit >= 0"], {}, {"profit"}),
    ({"age": 12, "income": 2000}, ["age >= 18", "income >= 0"], {}, {"age"}),
    ({"age": 35, "income": -1000}, ["age >= 18", "income >= 0"], {}, {"income"}),
    ({"age": -10, "income": 0}, ["age > 0"], {}, {"age"}),
    ({"age": 15, "income": 2000}, ["age > 0"], {}, set()),
    ({"x": 0}, ["x = 0"], {}, set()),
    ({"x": 1}, ["x = 0"], {}, {"x"}),
    ({"x": 0.1}, ["x > 1"], {}, {"x"}),
    (dict(zip(["y", "yA", "yB", "yC", "yD", "yE"], [60, 5, 5, 5, 45, 0], strict=True)), PARTS, {}, {"yD", "yE"}),
    # ratios
    ({"profit": 30, "cost": 70, "turnover": 80}, RATIO, {"profit": INF, "turnover": INF}, {"cost"}),
    ({"profit": 30, "cost": 70, "turnover": 80}, RATIO, {"profit": INF, "cost": INF}, {"turnover"}),
    ({"x": 4, "y": 10}, ["x / y <= 1", "x > 5"], {}, {"x"}),
    # categorical rules
    ({"branch": "industry", "tax": "VAT"}, TAX, {}, set()),
    ({"voted": True, "citizen": False}, VOTE, {"voted": 2, "citizen": 1}, {"citizen"}),
    ({"voted": True, "citizen": False}, VOTE, {"voted": 3, "citizen": 1}, {"citizen"}),
    ({"x": "C"}, ["x IN ('B', 'A')"], {}, {"x"}),
    ({"x": "C"}, ["x IN ('A')"], {}, {"x"}),
    ({"working": "?"}, ["working IN ('job', 'retired')"], {}, {"working"}),
    # conditional rules and weights
    ({"married": True, "age": 16}, MARRIED, {"married": 1, "age": 2}, {"married"}),
    ({"married": True, "age": 14}, MARRIED, {"married": 2, "age": 1}, {"age"}),
    ({"married": True, "age": 16}, MARRIED, {"age": INF}, {"married"}),
    ({"age": 15, "income": 2000}, ["age > 0", "NOT income > 0 OR age > 16"], {"age": 2, "income": 1}, {"income"}),
    ({"a": 0, "b": 1}, ["NOT a = 0 OR b = 0"], {"a": 2, "b": 1}, {"b"}),
    ({"working": "retired", "age": 12}, WORK, {}, {"age"}),
    ({"x": 6, "y": 6, "z": 5}, ["x + y = z", "x >= 0", "y >= 0"], {"z": INF}, {"x", "y"}),
    # missing values
    ({"age": None, "income": 1000}, ["age > 0", "NOT income > 0 OR age > 16"], {}, set()),
    ({"x": 10, "y": None, "z": 5}, ["x + y = z", "x >= 0", "y >= 0"], {"z": 2}, {"x"}),
    # a value that R refuses as too large
    ({"profit": 1e10, "cost": 200, "turnover": 300}, ["profit = turnover - cost", *BALANCE[1:]], {}, {"profit"}),
]


@pytest.mark.parametrize(("values", "rules", "weights", "wrong"), EXAMPLES)
def test_published_examples(values: dict, rules: list[str], weights: dict, wrong: set[str]) -> None:
    found = problem(values, rules, weights).solve()
    assert found is not None
    assert found.fields == wrong


def test_where_two_fields_are_equally_suspect_both_are_found() -> None:
    record = problem({"branch": "government", "tax": "VAT"}, TAX)
    first = record.solve()
    assert first is not None
    second = record.solve(but_not=[first.fields])
    assert second is not None
    assert {first.fields, second.fields} == {frozenset({"branch"}), frozenset({"tax"})}
    assert first.weight == second.weight == 1


def test_a_missing_truth_value_costs_nothing() -> None:
    found = problem({"age": 15, "adult": None}, ["NOT age >= 18 OR adult = TRUE"], kinds={"adult": "category"}).solve()
    assert found is not None
    assert not found.fields


def test_rules_that_contradict_each_other_have_no_solution() -> None:
    assert problem({"x": 0}, ["x > 1", "x < 1"]).solve() is None
    assert problem({"x": 0}, ["x > 1"]).solve() is not None


def test_the_values_of_a_solution_are_published_too() -> None:
    found = problem({"profit": 755, "cost": 125, "turnover": 200}, BALANCE).solve()
    assert isinstance(found, Solution)
    assert found.values == {"profit": 75, "cost": 125, "turnover": 200}


@pytest.mark.parametrize(
    "condition", ["sin(x) <= 1", "x * x > 2", "regexp_matches(a, 'b')", "x IN (SELECT 1)", "x < a"]
)
def test_what_is_outside_says_so(condition: str) -> None:
    with pytest.raises(Outside):
        Translator({"x": Number("x"), "a": Category("a")}).condition(condition)
