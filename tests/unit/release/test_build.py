"""A release assembled from a snapshot: figures counted by hand, and periods that must be refused."""

import datetime as dt
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from thassist.codes import classification
from thassist.errors import AuditFailed, InconsistentRelease, InvalidDefinition
from thassist.release import build, consistency, manifest
from thassist.release import spec as specs
from thassist.snapshot import Snapshot
from thassist.tables.cube import Status

pytestmark = pytest.mark.usefixtures("short")


@pytest.fixture(scope="module")
def annual(snapshot: Snapshot, shipped: Path) -> build.Release:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THASSIST_REPORTS", str(shipped))
        return build.assemble("national-annual", "2022", snapshot)


def test_it_holds_the_tables_of_its_definition_in_order(annual: build.Release) -> None:
    assert tuple(cube.spec.id for cube in annual.cubes) == annual.spec.tables
    assert annual.name == "national-annual_2022_internal"


def test_figures_counted_by_hand(annual: build.Release) -> None:
    """Of clients 0–39: 14 divisible by 3 (men), 4 end in 9 (minors), 20 odd (exploited in Finland), 10 by 4 (self)."""
    assert annual.cube("fi_new_clients_kind").value("2022") == 40
    assert annual.cube("fi_new_clients_kind").value("2022", kind="MINOR_CLIENT") == 4
    assert annual.cube("fi_new_victims_form_sex").value("2022", sex="M") == 14
    assert annual.cube("fi_new_victims_form").value("2022", form="LAB") == 21
    assert annual.cube("fi_new_victims_place").value("2022", place="IN_FINLAND") == 20
    assert annual.cube("fi_stock_group").value("2022") == 40


def test_it_knows_what_it_was_made_from(annual: build.Release, snapshot: Snapshot) -> None:
    assert annual.snapshot == snapshot.id
    assert annual.synthetic
    assert not annual.provisional
    assert (annual.first, annual.last) == (dt.date(2022, 1, 5), dt.date(2023, 12, 15))


@pytest.mark.parametrize(
    ("release", "period"),
    [
        ("national-annual", "2022-Q2"),
        ("national-quarterly", "2022"),
        ("national-half-year", "2022-Q1"),
        ("national-annual", "2022-05-01"),
        ("national-annual", "last year"),
        ("national-annual", ""),
        ("national-quarterly", "2022-Q5"),
    ],
)
def test_a_period_that_does_not_fit_is_refused(snapshot: Snapshot, release: str, period: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble(release, period, snapshot)
    assert caught.value.key == "release.wrong_period"


def test_a_half_year_may_be_written_in_both_ways(snapshot: Snapshot) -> None:
    both = [build.assemble("national-half-year", text, snapshot) for text in ("2022-H1", "2022-S1")]
    assert [each.period.code for each in both] == ["2022-S1", "2022-S1"]
    assert both[0].cube("fi_new_clients_kind").value("2022-S1") == both[1].cube("fi_new_clients_kind").value("2022-S1")


@pytest.mark.parametrize("period", ["2021", "2024"])
def test_a_period_without_data_is_refused_because_its_zeros_would_be_no_facts(snapshot: Snapshot, period: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble("national-annual", period, snapshot)
    assert caught.value.key == "release.outside_data"
    assert caught.value.params["first"] == dt.date(2022, 1, 5)


def test_a_period_that_had_not_begun_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble("national-annual", "2999", snapshot)
    assert caught.value.key == "release.not_begun"


def test_a_system_without_records_is_refused(snapshot: Snapshot) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble("uk-nrm-quarterly", "2022-Q2", snapshot)
    assert caught.value.key == "release.no_data"


def test_a_period_that_had_not_ended_is_provisional(snapshot: Snapshot) -> None:
    """The same records, had they been entered by November 2022."""
    early = SimpleNamespace(
        id=snapshot.id,
        as_of=dt.datetime(2022, 11, 30, 12, 0),  # noqa: DTZ001 - UTC without zone, as the snapshot has it
        attach=snapshot.attach,
        synthetic_for=snapshot.synthetic_for,
    )
    release = build.assemble("national-annual", "2022", cast("Snapshot", early))
    assert release.provisional
    statuses = {cell.status for cell in release.cube("fi_new_victims_form").cells.values() if cell.value is not None}
    assert statuses == {Status.PROVISIONAL}
    years = {
        key[0]: cell.status for key, cell in release.cube("fi_series_stock").cells.items() if cell.value is not None
    }
    assert (years["2021"], years["2022"]) == (Status.NORMAL, Status.PROVISIONAL)
    assert not build.assemble("national-quarterly", "2022-Q3", cast("Snapshot", early)).provisional


def test_a_period_after_the_last_referral_is_told_where_something_happened_in_it(
    office: Any,
) -> None:
    """One client leaves in March 2024, two years after the last referral: that year has facts, the next has none."""
    rows = office.records(0)
    rows["episode"][0] |= {"exit_date": dt.date(2024, 3, 1), "exit_date_precision": "D", "exit_reason": "NEED_ENDED"}
    office.enter(rows)
    frozen = office.freeze()
    assert build.assemble("national-annual", "2024", frozen).cube("fi_exits_reason").value("2024") == 1
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble("national-annual", "2025", frozen)
    assert caught.value.key == "release.outside_data"
    assert caught.value.params["last"] == dt.date(2024, 3, 1)


def test_figures_that_would_need_protection_are_not_released(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    spec = replace(specs.load("national-annual"), audience="restricted")
    monkeypatch.setattr(build, "load", lambda _id: spec)
    with pytest.raises(AuditFailed) as caught:
        build.assemble("national-annual", "2022", snapshot)
    assert (caught.value.key, caught.value.exit_code) == ("release.not_protected", 12)


def test_the_name_of_a_file_tells_the_audience_unless_it_is_everybody(annual: build.Release) -> None:
    from dataclasses import replace

    assert replace(annual, spec=replace(annual.spec, audience="restricted")).name == "national-annual_2022_restricted"
    assert replace(annual, spec=replace(annual.spec, audience="public")).name == "national-annual_2022"


def test_a_contradiction_stops_it(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def contradict(cubes: object) -> None:
        seen.append(cubes)
        raise InconsistentRelease("release.tables_disagree")

    monkeypatch.setattr(consistency, "check", contradict)
    with pytest.raises(InconsistentRelease):
        build.assemble("national-annual", "2022", snapshot)
    assert seen


def test_a_chart_by_a_dimension_that_its_table_lacks_is_refused(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    spec = specs.load("national-annual")
    wrong = replace(spec, charts=(replace(spec.charts[0], dimension="colour"),))
    monkeypatch.setattr(build, "load", lambda _id: wrong)
    with pytest.raises(InvalidDefinition) as caught:
        build.assemble("national-annual", "2022", snapshot)
    assert caught.value.key == "release.chart_without_dimension"


def test_the_manifest_names_everything_and_no_time(annual: build.Release, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(b"abc")
    (tmp_path / "b.pdf").write_bytes(b"")
    text = manifest.manifest(annual, tmp_path)
    found = json.loads(text)
    assert found["files"] == [
        {"path": "b.pdf", "bytes": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {
            "path": "data/a.csv",
            "bytes": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        },
    ]
    assert (found["release"], found["period"], found["audience"]) == ("national-annual", "2022", "internal")
    assert (found["synthetic"], found["provisional"]) == (True, False)
    assert found["snapshot"]["id"] == annual.snapshot
    assert {name: table["version"] for name, table in found["tables"].items()} == {
        cube.spec.id: cube.spec.version for cube in annual.cubes
    }
    assert all(re.fullmatch("[0-9a-f]{64}", table["definition"]) for table in found["tables"].values())
    assert found["previous"] is None
    assert found["classifications"]["sex"] == classification("sex").version
    assert str(tmp_path) not in text
    assert not any(":" in str(value) for value in found["snapshot"].values())
