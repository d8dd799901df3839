"""What must hold between periods, with figures drawn by hand that contradict each other, and with real records."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thassist import messages
from thassist.dates import parse_period
from thassist.errors import InconsistentRelease
from thassist.release import build, counting, lineage, overtime
from thassist.snapshot import Snapshot
from thassist.tables import compute
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import load

YEAR = parse_period("2022")


@pytest.fixture(scope="module")
def cubes(snapshot: Snapshot) -> dict[str, tuple[Cube, list[list[Cube]]]]:
    """A flow and a stock with what is computed beside them, from the sixty clients."""
    found = {}
    for table in ("fi_new_victims_form_sex", "fi_series_stock"):
        spec = load(table)
        cube = compute.compute(spec, snapshot, YEAR)
        relations = overtime.beside(spec, YEAR)
        found[table] = cube, [list(compute.compute_all(list(others), snapshot, YEAR)) for others in relations]
    return found


def changed(cube: Cube, value: int | None, *key: str) -> Cube:
    status = Status.NORMAL if value is not None else Status.SUPPRESSED
    return replace(cube, cells={**cube.cells, key: Cell(value, status)})


def test_a_year_is_its_half_years_and_its_quarters(cubes: dict[str, Any]) -> None:
    cube, relations = cubes["fi_new_victims_form_sex"]
    assert [[len(each.periods) for each in others] for others in relations] == [[2], [4]]
    for others in relations:
        overtime.check(cube, others)
        assert sum(others[0].value(part.code) or 0 for part in others[0].periods) == 40


def test_a_year_that_is_not_its_half_years_is_refused_and_both_are_named(cubes: dict[str, Any]) -> None:
    """Client 0 is a man of the form LAB admitted in January: 14 men, of whom 8 in the first half-year."""
    cube, relations = cubes["fi_new_victims_form_sex"]
    wrong = changed(cube, 15, "2022", "_T", "M")
    with pytest.raises(InconsistentRelease) as caught:
        overtime.check(wrong, relations[0])
    assert caught.value.key == "release.year_and_parts"
    assert (caught.value.params["value"], caught.value.params["sum"]) == (15, 14)
    men = {half: sum(k % 12 // 6 == half for k in range(0, 40, 3)) for half in (0, 1)}
    assert caught.value.params["parts"] == f"2022-S1: {men[0]} + 2022-S2: {men[1]}"
    said = {lang: messages.explain(caught.value, lang) for lang in messages.LANGUAGES}
    assert "Sex: Male" in said["en"]
    assert all("fi_new_victims_form_sex" in text and "2022" in text for text in said.values())
    assert len(set(said.values())) == 3


def test_a_year_may_hold_what_no_quarter_does_but_no_more_than_the_imprecise_records(cubes: dict[str, Any]) -> None:
    cube, relations = cubes["fi_new_victims_form_sex"]
    quarters = replace(relations[1][0], unplaced=2)
    overtime.check(changed(cube, 16, "2022", "_T", "M"), [quarters])
    for wrong in (17, 13):
        with pytest.raises(InconsistentRelease):
            overtime.check(changed(cube, wrong, "2022", "_T", "M"), [quarters])


def test_what_is_not_shown_is_not_checked(cubes: dict[str, Any]) -> None:
    cube, relations = cubes["fi_new_victims_form_sex"]
    overtime.check(changed(cube, None, "2022", "_T", "M"), relations[0])


def test_a_stock_is_the_one_before_and_what_began_less_what_ended(cubes: dict[str, Any]) -> None:
    cube, [others] = cubes["fi_series_stock"]
    overtime.check(cube, others)
    with pytest.raises(InconsistentRelease) as caught:
        overtime.check(changed(cube, 41, "2022", "_T"), others)
    params = caught.value.params
    assert caught.value.key == "release.stock_and_flows"
    assert (params["value_before"], params["began"], params["ended"], params["value"]) == (0, 40, 0, 41)
    assert str(params["before"]) == "2021, _T"


def test_what_means_another_thing_in_another_period_is_not_compared() -> None:
    assert lineage.depends(load("fi_stock_age"), "age_at_period_end")
    assert lineage.depends(load("fi_stock_age"), "age_at_period_end_upper")
    assert not lineage.depends(load("fi_stock_age"), "age_at_admission")
    assert not lineage.depends(load("fi_stock_age"), "role")
    spec = load("fi_new_victims_form")
    assert overtime.beside(spec, YEAR)
    period = "admission_date >= $period_start"
    assert overtime.beside(replace(spec, population=replace(spec.population, where=period)), YEAR) == []


def test_only_what_a_counting_rule_promises_is_checked() -> None:
    spec = load("fi_new_victims_form")
    assert overtime.beside(replace(spec, unit=replace(spec.unit, counting_rule="persons_seen")), YEAR) == []
    assert [len(others) for others in overtime.beside(load("fi_stock_group"), YEAR)] == [3]
    served = load("fi_services_kind_sex")  # counted in every period in which they were served: no sum is promised
    assert overtime.beside(served, YEAR) == []
    promising = replace(served, unit=replace(served.unit, counting_rule="decisions_made_in_period"))
    assert [len(others) for others in overtime.beside(promising, YEAR)] == [1, 1]  # half-years, quarters
    rules = counting.counting_rules()
    assert not any(rule.additive_over_time and rule.balances for rule in rules.values())
    assert all(set(rule.texts) == set(messages.LANGUAGES) for rule in rules.values())


def test_a_release_whose_counting_rule_does_not_keep_its_promise_is_not_built(
    office: Any, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client is referred in both half-years; a table of persons that calls itself additive counts one in the year."""
    rows = office.records(0)
    rows["referral"].append(
        {**rows["referral"][0], "referral_id": "R-900000", "received_date": dt.date(2022, 10, 3)},
    )
    rows["referral"][0]["received_date"] = dt.date(2022, 1, 5)
    office.enter(rows)
    shutil.copytree(short, tmp_path / "reports")
    table = tmp_path / "reports" / "tables" / "fi_referrals_source.toml"
    text = table.read_text(encoding="utf-8")
    wrong = text.replace('field = "referral_id"', 'field = "person_id"')
    assert wrong != text
    table.write_text(wrong, encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    with pytest.raises(InconsistentRelease) as caught:
        build.assemble("national-annual", "2022", office.freeze())
    assert (caught.value.key, caught.value.params["value"], caught.value.params["sum"]) == (
        "release.year_and_parts",
        1,
        2,
    )
    assert str(caught.value.params["table"]) == "fi_referrals_source"
