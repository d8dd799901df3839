"""Each check on a clean publication and on a broken one; the expected places are read off the rows by eye."""

from pathlib import Path
from typing import Any

import pytest

from thassist.rules.finding import Severity

PAGES = {
    "header": "year,region,sex,page,persons",
    "columns": {"key": ["year", "region", "sex"], "value": "persons", "time": "year", "page": "page"},
}
ADDITIVE = [
    (2020, "All", "T", 100),
    (2020, "All", "F", 60),
    (2020, "All", "M", 40),
    (2020, "North", "T", 30),
    (2020, "South", "T", 70),
]
OVER = {"kind": "sum", "over": ["*"]}


def places(findings: list[Any]) -> list[tuple[str, int]]:
    return [(each.code, each.row) for each in findings]


def changed(row: int, *cells: object) -> list[tuple[object, ...]]:
    """The additive rows with one row in another form; row 2 is the first below the header."""
    return [tuple(cells) if number == row else each for number, each in enumerate(ADDITIVE, 2)]


def test_a_figure_printed_twice(check: Any) -> None:
    once = {"kind": "repeated"}
    assert not check(ADDITIVE, once)
    assert places(check([*ADDITIVE, (2020, "All", "F", 60)], once)) == [("V03", 3)]
    conflicting = check([*ADDITIVE, (2020, "All", "F", 66)], once)
    assert places(conflicting) == [("V04", 3)]
    assert (conflicting[0].value, conflicting[0].related) == ("60 ≠ 66", ("D7",))
    assert conflicting[0].severity is Severity.ERROR


def test_a_sum_settles_which_of_two_figures_is_meant(check: Any) -> None:
    found = check([*ADDITIVE, (2020, "All", "F", 66)], {"kind": "repeated"}, OVER)
    assert [(each.code, each.suggestion) for each in found] == [("V04", "60")]


def test_pages_that_contradict_each_other(check: Any) -> None:
    pages = {"kind": "agreement", "across": "page"}
    rows = [(2022, "FI", "T", "a", 236), (2022, "FI", "T", "b", 236)]
    assert not check(rows, pages, **PAGES)
    found = check([rows[0], (2022, "FI", "T", "b", 263)], pages, **PAGES)
    assert [(each.code, each.row, each.related) for each in found] == [("V05", 2, ("E3",))]
    assert not check([rows[0], (2022, "FI", "T", "b", 237)], pages | {"tolerance": 1}, **PAGES)


def test_editions_that_differ(check: Any) -> None:
    editions = {"kind": "agreement", "across": "page", "says": "vintages"}
    rows = [(2022, "UK", "T", "2024-Q1", 4524), (2022, "UK", "T", "2024-Q2", 4521)]
    assert places(check(rows, editions, **PAGES)) == [("V06", 2)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ADDITIVE, []),
        (changed(3, 2020, "All", "F", 59), [("V10", 2)]),
        (changed(3, 2020, "All", "F", 61), [("V11", 2)]),
        (changed(2, 2020, "All", "T", 99), [("V11", 2), ("V11", 2)]),
        (changed(3, 2020, "All", "F", "<5"), [("V10", 2)]),  # 4 + 40 is still less than 100
        (changed(4, 2020, "All", "M", ".."), []),  # not known can be anything
        ([(2020, "All", "T", 5), (2020, "All", "F", 5), (2020, "All", "M", "<5")], [("V11", 2)]),  # <5 is 1 at least
    ],
)
def test_totals_and_their_parts(check: Any, rows: Any, expected: Any) -> None:
    assert places(check(rows, OVER)) == expected


def test_parts_that_may_be_incomplete(check: Any) -> None:
    fewer = OVER | {"relation": "<="}
    assert not check(changed(3, 2020, "All", "F", 1), fewer)
    assert places(check(changed(3, 2020, "All", "F", 61), fewer)) == [("V11", 2)]


def test_parts_of_which_one_unit_may_be_several(check: Any) -> None:
    several = OVER | {"relation": ">="}
    assert not check(changed(3, 2020, "All", "F", 99), several)
    assert places(check(changed(3, 2020, "All", "F", 59), several)) == [("V10", 2)]
    assert places(check(changed(3, 2020, "All", "F", 101), several)) == [("V12", 3)]


def test_rounding_is_tolerated_as_far_as_the_profile_says(check: Any) -> None:
    rows = changed(3, 2020, "All", "F", 63)
    assert not check(rows, OVER | {"tolerance": 3})
    assert places(check(rows, OVER | {"tolerance": 2})) == [("V11", 2)]


def test_a_named_part_that_is_not_printed(check: Any) -> None:
    rows = ADDITIVE[:2]
    parts: dict[str, Any] = {
        "kind": "sum",
        "per": ["year", "region"],
        "left": [{"sex": "T"}],
        "right": [{"sex": ["F", "M"]}],
    }
    assert places(check(rows, parts)) == [("V10", 2)]
    assert not check(rows, parts | {"absent": "unknown"})
    above = [(2020, "All", "T", 50), (2020, "All", "F", 51)]
    assert places(check(above, parts | {"absent": "unknown"})) == [("V11", 2)]


def test_shares_are_recomputed(check: Any) -> None:
    share = {
        "kind": "share",
        "per": ["year", "region"],
        "percent": {"sex": "F%"},
        "part": [{"sex": "F"}],
        "base": [{"sex": "T"}],
    }
    rows = [(2022, "All", "T", 139), (2022, "All", "F", 84)]
    assert not check([*rows, (2022, "All", "F%", 60)], share)
    found = check([*rows, (2022, "All", "F%", 61)], share)
    assert [(each.code, each.row, each.suggestion) for each in found] == [("V13", 4, "60.4")]
    assert not check([*rows, (2022, "All", "F%", 61)], share | {"tolerance": 0.6})


def test_codes(check: Any) -> None:
    sexes = {"kind": "codes", "column": "sex", "codes": ["F", "M"]}
    assert not check(ADDITIVE, sexes)
    assert [(e.code, e.column, e.row, e.value) for e in check([*ADDITIVE, (2020, "All", "X", 1)], sexes)] == [
        ("V07", "C", 7, "X")
    ]
    listed = {"kind": "codes", "column": "sex", "classification": "sex@1"}
    found = check([(2020, "All", "Femal", 1), (2020, "All", "Male", 1), (2020, "All", "T", 2)], listed)
    assert [(each.row, each.suggestion) for each in found] == [(2, "F")]
    form = {"kind": "codes", "column": "region", "pattern": "^[A-Z]"}
    assert places(check([*ADDITIVE, (2020, "2 from abroad", "T", 1)], form)) == [("V07", 7)]


def test_damaged_text_is_mended_where_that_is_possible(check: Any) -> None:
    assert not check([(2020, "Åland", "T", 1), (2020, "Türkiye", "T", 1), (2020, "Côte d’Ivoire", "T", 1)])
    found = check([(2020, "TÃ¼rkiye", "T", 1), (2021, "TÃ¼rkiye", "T", 1), (2020, "pa\ufffds", "T", 1)])
    assert [(each.code, each.row, each.suggestion) for each in found] == [("V08", 2, "Türkiye"), ("V08", 4, "")]


def test_values_that_are_no_numbers(check: Any) -> None:
    fine = [(year, "All", "T", text) for year, text in enumerate(["1,051", "1 051", "0", "12.5", "<5", ".."], 2000)]
    assert not check(fine)
    found = check([(2020, "All", "T", "1, 1051"), (2021, "All", "T", "about ten"), (2022, "All", "T", "")])
    assert places(found) == [("V02", 2), ("V01", 3), ("V01", 4)]


def series(*values: object) -> list[tuple[object, ...]]:
    return [(2018 + number, "All", "T", value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((880, 1051, 1287), []),
        ((880, 11051, 1287), [("V15", 3, "1051")]),
        ((880, 30000, 1287), [("V14", 3, "")]),
        ((880, 3, 1287), [("V14", 3, "")]),
        ((880, 5000, 9000), []),  # a series that grows is no mistake
        ((1, 12, 1), []),  # many times more, but of few persons
    ],
)
def test_values_far_from_their_neighbours(check: Any, values: Any, expected: Any) -> None:
    found = check(series(*values), {"kind": "magnitude", "factor": 5, "least": 50})
    assert [(each.code, each.row, each.suggestion) for each in found] == expected


def test_a_value_that_is_its_own_year(check: Any) -> None:
    year = {"kind": "own_year"}
    assert places(check(series(120, 2019, 130), year)) == [("V16", 3)]
    assert not check(series(1900, 2019, 2100), year)
    assert not check(series(120, 2020, 130), year)


def test_captions_that_name_another_year(check: Any) -> None:
    more = {
        "header": "year,region,sex,caption,persons",
        "columns": {"key": ["year", "region", "sex"], "value": "persons", "time": "year", "more": ["caption"]},
    }
    caption = {"kind": "caption", "column": "caption"}
    assert not check([(2022, "All", "T", "Minors on 31 December 2022", 29), (2022, "All", "F", "", 1)], caption, **more)
    found = check([(2022, "All", "T", "Minors on 31 December 2023", 29)], caption, **more)
    assert [(each.code, each.column) for each in found] == [("V17", "D")]


def test_categories_that_mix_what_is_not_alike(check: Any) -> None:
    mixed = {"kind": "definition", "column": "sex", "code": [{"code": "U", "fi": "a", "sv": "b", "en": "Two in one."}]}
    assert not check(ADDITIVE, mixed)
    found = check([*ADDITIVE, (2020, "All", "U", 1), (2021, "All", "U", 1)], mixed)
    assert [(each.code, each.row, each.message, each.related) for each in found] == [("V09", 7, "Two in one.", ("D8",))]


def test_a_lone_withheld_cell_is_worked_out(check: Any) -> None:
    both = (OVER, {"kind": "disclosure", "sums": ["c0"], "width": 2})
    assert not check(ADDITIVE, *both)
    lone = [(2020, "All", "T", 43), (2020, "All", "F", "<5"), (2020, "All", "M", 40)]
    found = check(lone, *both)
    assert [(each.code, each.row, each.value, each.related) for each in found] == [("V18", 3, "<5", ("D2", "D4"))]
    assert "3" not in found[0].message  # what is withheld is not told by the finding either
    two = [(2020, "All", "T", 7), (2020, "All", "F", "<5"), (2020, "All", "M", "<5")]
    assert [(each.code, each.row) for each in check(two, *both)] == [("V19", 3), ("V19", 4)]
    assert not check([(2020, "All", "T", 5), *two[1:]], *both)
    eight = [(2020, "All", "T", 8), *two[1:]]
    assert places(check(eight, *both)) == [("V18", 3), ("V18", 4)]


def test_everything_is_told_at_once_in_the_order_of_the_file(check: Any) -> None:
    rows = [*changed(3, 2020, "All", "F", 61), (2020, "North", "T", 31), (2020, "South", "F", "x")]
    checks = ({"kind": "repeated"}, OVER)
    found = check(rows, *checks)
    assert [each.row for each in found] == sorted(each.row for each in found)
    assert {each.code for each in found} == {"V01", "V04", "V11"}
    assert found == check(rows, *checks)


def test_the_profile_may_weigh_a_fault_otherwise(check: Any) -> None:
    found = check(changed(3, 2020, "All", "F", 61), OVER | {"severity": "information"})
    assert [each.severity for each in found] == [Severity.INFORMATION]


def test_what_is_found_is_said_in_three_languages(tmp_path: Path) -> None:
    from thassist import messages
    from thassist.verify.saying import CODES

    for lang in messages.LANGUAGES:
        for entry, (code, _) in CODES.items():
            assert messages.text(f"verify.{entry}", lang, "remedy")
            assert messages.text(f"verify.title_{code}", lang)
