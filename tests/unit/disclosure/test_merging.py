"""What joining two classes saves, measured by protecting the joined tables."""

import pandas as pd

from thassist.disclosure import library
from thassist.disclosure.merging import merges
from thassist.disclosure.rule import Rule

RULE = Rule(threshold=5)


def _frame(begging: int, fraud: int) -> pd.DataFrame:
    counts = {
        ("begging", "F"): begging,
        ("begging", "M"): 4,
        ("fraud", "F"): fraud,
        ("fraud", "M"): 3,
        ("labour", "F"): 30,
        ("labour", "M"): 40,
        ("sexual", "F"): 50,
        ("sexual", "M"): 20,
    }
    return pd.DataFrame([(form, sex, n) for (form, sex), n in counts.items()], columns=["form", "sex", "n"])


def test_joining_the_two_small_classes_saves_all_that_is_withheld() -> None:
    """3 + 2 and 4 + 3 are no longer small, so that nothing has to be withheld: worked out by hand."""
    done = library.protect(_frame(3, 2), {"t": ["form", "sex"]}, RULE, count="n")
    assert done.safe
    hidden = int(done.protection.withheld.sum())
    found = done.merges(RULE)
    assert found.iloc[0].to_dict() == {
        "variable": "form",
        "one": "begging",
        "other": "fraud",
        "fewer_small": 4,
        "withheld": hidden,
        "withheld_joined": 0,
        "saves": hidden,
        "figures": 15,
        "figures_joined": 12,
    }
    assert found["saves"].dropna().is_monotonic_decreasing


def test_merges_are_the_same_every_time_and_estimates_stand_behind() -> None:
    done = library.protect(_frame(1, 2), {"t": ["form", "sex"]}, RULE, count="n")
    first, second = (merges(done.protection, RULE, most=1) for _ in range(2))
    assert first == second
    assert first[0].saves is not None
    assert all(each.saves is None for each in first[1:])
    assert [each.small for each in first[1:]] == sorted((each.small for each in first[1:]), reverse=True)
    assert not merges(done.protection, RULE, keep={"form", "sex"})


def test_only_siblings_are_joined() -> None:
    """A region of the north is not joined with one of the south, nor a form with the total."""
    rows = [("n1", 2), ("n2", 9), ("s1", 3), ("s2", 12), ("s3", 2)]
    parents = {"N": "", "S": "", "n1": "N", "n2": "N", "s1": "S", "s2": "S", "s3": "S"}
    done = library.protect(
        pd.DataFrame(rows, columns=["r", "n"]), {"t": ["r"]}, RULE, hierarchies={"r": parents}, count="n"
    )
    pairs = {each.codes for each in merges(done.protection, RULE, most=0)}
    assert pairs
    assert all(one[0] == other[0] for one, other in pairs)
