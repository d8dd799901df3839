"""Statistics Norway's example tables, as every method of disclosure control is shown on them.

The verdict is by a programme of scipy over all kinds of records, one a figure, that shares nothing with the audit.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sdc
from scipy.optimize import linprog

from thassist.disclosure import library
from thassist.disclosure.equations import System, Variable
from thassist.disclosure.protect import Protection, protect_system
from thassist.disclosure.rule import Rule

DATA = Path(__file__).parents[2] / "data" / "sdc"
RULE = Rule(threshold=5)


@pytest.mark.shared
@pytest.mark.parametrize("engine", ["OPT", "MOD"])
def test_z1_gets_the_reference_pattern(shared: Path, engine: str) -> None:
    reference = pd.read_csv(shared / "data" / "sdc" / f"z1_{engine}.csv", skipinitialspace=True)
    reference = reference.replace("Total", "_T")
    theirs = reference[reference["published"] == "x"]
    done = library.protect(pd.read_csv(DATA / "z1.csv"), {"z1": ["region", "hovedint"]}, RULE, count="ant")
    ours = done.tables["z1"]
    assert done.safe
    hidden = ours[ours["count"].isna()]
    assert set(zip(hidden["region"], hidden["hovedint"], strict=True)) == set(
        zip(theirs["region"], theirs["hovedint"], strict=True)
    )
    told = ours.set_index(["region", "hovedint"])["count"].dropna()
    their_values = reference.set_index(["region", "hovedint"])["freq"]
    assert len(ours) == len(reference)
    assert all(told[key] == their_values[key] for key in told.index)


def regions(frame: pd.DataFrame) -> Variable:
    """Regions with their two memberships at once."""
    leaves = sorted(set(frame["region"]))
    groups = {}
    for column in ("fylke", "kostragr"):
        for code, inside in frame.groupby(column)["region"]:
            groups[f"{column}{int(code)}"] = sorted(set(inside))
    return Variable.groups("region", leaves, groups)


def built_of(
    frame: pd.DataFrame, others: list[Variable], tables: list[list[str]] | None = None
) -> tuple[System, np.ndarray]:
    variables = [regions(frame), *others]
    built = sdc.system(variables, tables or [[variable.name for variable in variables]])
    every = sdc.kinds(built)
    shape = [variable.leaves for variable in variables]
    places = [[{v.codes[n]: int(v.member[n].argmax()) for n in range(1, len(v.codes)) if v.member[n].sum() == 1}[c]
               for c in frame[v.name]] for v in variables]  # fmt: skip
    inner = np.bincount(np.ravel_multi_index(tuple(places), shape), frame["ant"], every.shape[0])
    return built, np.rint(inner).astype(np.int64)


def all_could_be_large(built: System, inner: np.ndarray, found: Protection) -> bool:
    """Whether every withheld small figure can be 5 or more for who knows that zeros are printed."""
    member = built.incidence(0, sdc.kinds(built)).tocsr()
    values = member @ inner
    printed = built.shown & ~found.withheld
    small = np.flatnonzero((values > 0) & (values < 5) & built.shown)
    assert found.withheld[small].all()
    for cell in small:
        done = linprog(
            -member[[cell]].toarray().ravel(),
            A_ub=-member[found.withheld],
            b_ub=-np.ones(int(found.withheld.sum())),
            A_eq=member[printed],
            b_eq=values[printed],
            method="highs",
        )
        if done.status != 3 and (done.status or -done.fun < 5 - 1e-6):  # 3: without an end
            return False
    return True


def test_z2_with_two_memberships_of_the_same_regions() -> None:
    """Counties and groups of municipalities cut across each other; region B is alone in its county."""
    frame = pd.read_csv(DATA / "z2.csv")
    built, inner = built_of(frame, [Variable.groups("hovedint", sorted(set(frame["hovedint"])), {})])
    values = sdc.truth(built, inner)
    found = protect_system(built, values, RULE, records=sdc.records(built, inner))
    assert found.safe
    assert all_could_be_large(built, inner, found)
    cells = built.cells("persons", {"region": ["B", "fylke4"], "hovedint": ["arbeid", "arbeid"]})
    assert found.withheld[cells].all()  # the same figure under two names: 1
    bare = Protection(built, values, found.primary, found.primary, np.zeros(built.size, bool))
    assert not all_could_be_large(built, inner, bare)
    # nothing is withheld for nothing: each of the others, printed again, gives something away
    for cell in np.flatnonzero(found.secondary):
        less = found.withheld.copy()
        less[cell] = False
        assert not all_could_be_large(built, inner, Protection(built, values, less, found.primary, found.secondary))


@pytest.mark.shared
@pytest.mark.slow
def test_z3_in_half_years_too(shared: Path) -> None:
    """Three linked tables: regions with two memberships, income, months and their halves."""
    frame = pd.read_csv(shared / "data" / "sdc" / "z3.from_r.csv")
    months = Variable.groups(
        "mnd", sorted(set(frame["mnd"])), {code: set(own) for code, own in frame.groupby("mnd2")["mnd"]}
    )
    incomes = Variable.groups("hovedint", sorted(set(frame["hovedint"])), {})
    built, inner = built_of(frame, [incomes, months], [["region", "hovedint"], ["region", "mnd"], ["hovedint", "mnd"]])
    values = sdc.truth(built, inner)
    found = protect_system(built, values, RULE, records=sdc.records(built, inner))
    assert found.safe
    assert all_could_be_large(built, inner, found)
