"""International tables over a few persons whose figures were worked out by hand.

A has two forms; B is readmitted in the year; C is of another sex, from Kosovo, forced to beg; D is stateless, of
unknown sex and age; E is a witness and F a dependent child, counted nowhere; G is a child with forms of all three
groups; H came in 2021 and was readmitted in 2022.
"""

from dataclasses import replace

import pytest

from thassist.codes import settings
from thassist.dates import parse_period
from thassist.errors import InconsistentRelease
from thassist.release.spec import all_releases
from thassist.tables.conserve import conserved
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.population import population
from thassist.tables.spec import load

CASES = """
person|sex|born      |role           |admitted  |left      |form          |country|citizenship
A     |F  |1990-01-01|               |2022-02-01|          |*SEX_PROST LAB|FI     |NG
B     |M  |1985-01-01|               |2022-03-01|2022-05-01|LAB           |FI     |EE
B     |   |          |               |2022-09-01|          |              |       |
C     |O  |1999-01-01|               |2022-03-05|          |BEG           |FI     |XK
D     |_U |          |               |2022-04-01|          |              |       |STLS
E     |F  |1970-01-01|WITNESS        |2022-04-01|          |              |       |FI
F     |F  |2015-01-01|DEPENDENT_CHILD|2022-04-01|          |              |       |SO
G     |F  |2008-01-01|               |2022-10-01|          |*MARR SEX LAB |FI     |FI
H     |M  |1980-01-01|               |2021-05-01|2021-08-01|LAB           |FI     |PH
H     |   |          |               |2022-06-01|          |              |       |
"""


def shown(cube: Cube) -> dict[tuple[str, ...], float]:
    """Codes → figures that are not zero."""
    return {key[1:]: cell.value for key, cell in cube.cells.items() if cell.value}


def test_the_total_of_sex_includes_who_is_neither(table):
    cube = table("intl_eurostat_sex", "2022", CASES)
    assert shown(cube) == {("_T",): 5, ("F",): 2, ("M",): 1}
    assert any("Other; not known" in note["en"] for note in cube.spec.notes)


def test_who_was_registered_before_is_not_registered_again(table):
    assert shown(table("intl_eurostat_sex", "2021", CASES)) == {("_T",): 1, ("M",): 1}


def test_unknown_age_is_in_the_total_of_age_only(table):
    assert shown(table("intl_eurostat_sex_age", "2022", CASES)) == {
        ("_T", "_T"): 5, ("_T", "Y_GE18"): 3, ("_T", "Y_LT18"): 1,
        ("F", "_T"): 2, ("F", "Y_GE18"): 1, ("F", "Y_LT18"): 1,
        ("M", "_T"): 1, ("M", "Y_GE18"): 1,
    }  # fmt: skip


def test_kosovo_is_outside_the_union_and_stateless_in_no_group(table):
    cube = table("intl_eurostat_citizen_sex", "2022", CASES)
    assert {key[0]: value for key, value in shown(cube).items() if key[1] == "_T"} == {
        "_T": 5, "NAT": 1, "EU27_2020_FOR": 1, "NEU27_2020_FOR": 2,
    }  # fmt: skip
    assert "NEU27_2020" not in {key[1] for key in cube.cells}, "a zero of a code that is not told would be no fact"


def test_two_forms_are_one_combination_and_three_have_no_code(table):
    cube = table("intl_eurostat_mixed_sex_age", "2022", CASES)
    assert {key[0]: value for key, value in shown(cube).items() if key[1:] == ("_T", "_T")} == {
        "_T": 5, "ICCS02041_02042": 1, "ICCS02042": 1, "ICCS02043_02044": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "labour", "other"), [("other", 1, 2), ("forced_labour", 2, 1)], ids=["other", "forced_labour"]
)
def test_begging_under_both_settings(table, monkeypatch, choice, labour, other):
    chosen = tuple(
        replace(each, choice=choice) if each.id == "forced_begging" else each for each in settings.all_settings()
    )
    monkeypatch.setattr(settings, "all_settings", lambda: chosen)
    cube = table("intl_eurostat_form", "2022", CASES)
    assert shown(cube) == {("_T",): 5, ("ICCS02041",): 1, ("ICCS02042",): labour, ("ICCS02043_02044",): other}
    said = [each.text("sv") for each in chosen]
    assert [note["sv"] for note in cube.spec.notes if note["sv"] in said] == said[:2]
    unodc = shown(table("intl_unodc_form_sex_age", "2022", CASES))
    assert unodc["Forced labour", "_T", "_T"] == labour


def test_unodc_has_unknown_as_a_code(table):
    cube = table("intl_unodc_sex_age", "2022", CASES)
    assert shown(cube)["Unknown", "Unknown"] == 1
    assert shown(cube)["Other", "_T"] == 1
    citizens = shown(table("intl_unodc_citizen", "2022", CASES))
    assert citizens["Kosovo under UNSCR 1244",] == citizens["Unknown",] == 1


def test_rates_are_told_of_known_residents_only(table):
    cube = table("intl_eurostat_sex_rate", "2014", CASES.replace("2022-", "2014-").replace("2021-", "2013-"))
    assert shown(cube) == {  # Statistics Finland: 5,451,270 residents, 2,680,364 of them men, at the end of 2013
        ("_T",): round(5 / 54.51270, 6), ("F",): round(2 / 27.70906, 6), ("M",): round(1 / 26.80364, 6),
    }  # fmt: skip
    assert shown(table("intl_eurostat_sex_rate", "2022", CASES)) == {  # at the end of 2021: 2,743,101 men of 5,548,241
        ("_T",): round(5 / 55.48241, 6), ("F",): round(2 / 28.05140, 6), ("M",): round(1 / 27.43101, 6),
    }  # fmt: skip
    unknown = table("intl_eurostat_sex_rate", "2025", CASES.replace("2022-", "2025-").replace("2021-", "2024-"))
    assert unknown.cells["2025", "F"] == Cell(None, Status.NOT_KNOWN, base=(2,))


def test_residents_of_both_sexes_are_all_residents():
    """Statistics Finland counts every resident as a man or a woman."""
    known = population("fi").persons
    days = {day for day, (sex,) in known if sex == "F"}
    assert len(days) == 11
    assert all(known[day, ("F",)] + known[day, ("M",)] == known[day, ("_T",)] for day in days)


def test_a_year_of_the_us_report_runs_from_april(table):
    cube = table("intl_tip_form_sex_age", "2022-04-01/P1Y", CASES)
    totals = {key[0]: cell.value for key, cell in cube.cells.items() if key[1:] == ("_T", "_T", "_T")}
    assert totals == {"2021-04-01/P1Y": 4, "2022-04-01/P1Y": 2}  # A, B, C and H; then D and G


TABLES = ("intl_eurostat_sex", "intl_eurostat_form", "intl_eurostat_citizen_sex", "intl_unodc_form_sex_age")


def test_each_counted_person_arrives_once(table, held):
    records = held(CASES)
    period = parse_period("2022")
    cubes = [table(name, "2022", CASES) for name in TABLES]
    found = {(each.table, each.dimension): each for each in conserved(cubes, records, period)}
    assert (found["intl_eurostat_sex", "sex"].arrived, found["intl_eurostat_sex", "sex"].rest) == (3, 2)
    assert (found["intl_eurostat_form", "form"].arrived, found["intl_eurostat_form", "form"].rest) == (4, 1)
    lost = cubes[0]
    wrong = replace(lost, cells=lost.cells | {("2022", "F"): Cell(3)})
    with pytest.raises(InconsistentRelease) as caught:
        conserved([wrong], records, period)
    assert caught.value.key == "layout.not_between"


def proved(held, name: str, records: str, cube: Cube) -> dict[str, tuple[int, int, int]]:
    """What of one table was proved, by dimension: counted, arrived, in the total only."""
    found = conserved([cube], held(records), parse_period("2022"))
    assert {each.table for each in found} == {name}
    return {each.dimension: (each.total, each.arrived, each.rest) for each in found}


def test_combinations_hold_each_person_once(table, held):
    """Of five, D has no form and G three, which no combination holds; a person too many in one of them is found."""
    name = "intl_eurostat_mixed_sex_age"
    cube = table(name, "2022", CASES)
    assert proved(held, name, CASES, cube)["form"] == (5, 3, 2)
    at = ("2022", "ICCS02041", "_T", "_T")
    for changed in (cube.cells[at].value + 3, cube.cells[at].value + 1):
        wrong = replace(cube, cells=cube.cells | {at: Cell(changed)})
        with pytest.raises(InconsistentRelease) as caught:
            conserved([wrong], held(CASES), parse_period("2022"))
        assert caught.value.key in {"layout.not_between", "layout.not_conserved"}


def test_no_crosswalk_of_a_package_goes_unproved():
    """Every correspondence by which a package counts something stands in a proof; rates divide what is proved."""
    unproved = {
        (name, dimension.id)
        for release in all_releases()
        if release.layouts
        for name in release.tables
        for dimension in load(name).dimensions
        if dimension.via and load(name).measure.counts
        if dimension.parents or not any(dimension.id in margin for margin in load(name).margins)
    }
    assert unproved == set()


def test_a_dimension_without_a_margin_of_its_own_is_proved_within_the_others(table, held):
    """Of the forms of UNODC by sex and age, sex stands beside form only; one woman too many is found there."""
    name = "intl_unodc_form_sex_age"
    cube = table(name, "2022", CASES)
    assert proved(held, name, CASES, cube).keys() >= {"form", "sex"}
    key = next(key for key, cell in cube.cells.items() if cell.value == 1 and "Female" in key and key[3] == "_T")
    with pytest.raises(InconsistentRelease):
        conserved([replace(cube, cells=cube.cells | {key: Cell(2)})], held(CASES), parse_period("2022"))
