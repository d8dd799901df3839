"""What a release changes of an earlier one: every figure, with the records that make the difference counted by hand."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thassist import _data, messages, publish
from thassist.errors import InconsistentRelease, UnreadableInput
from thassist.release import build, figures, revise, telling
from thassist.release.figures import ReleaseFigures, of_folder, of_release
from thassist.release.revision import Cause, Change, Reason
from thassist.snapshot import Snapshot

pytestmark = pytest.mark.usefixtures("short")
TABLE = "fi_new_victims_form_sex"


@pytest.fixture(scope="module")
def two(shared_office: Any) -> tuple[Snapshot, Snapshot]:
    """Clients 0–39 but 38; then 38 is entered late, 3 turns out to be a woman, and the stay of 37 is withdrawn."""
    office = shared_office
    office.enter(office.all_records(client for client in range(40) if client != 38))
    before = office.freeze()
    office.enter(office.all_records([38]))
    person = office.records(3)["person"][0]
    office.enter({"person": [{**person, "sex": "F"}]}, corrections=True, why="read again")
    office.withdraw("episode", "E-000037")
    return before, office.freeze()


_ASSEMBLED: dict[tuple[str, Path], build.Release] = {}


def assembled(snapshot: Snapshot) -> build.Release:
    """The annual release of 2022 from a snapshot, by the definitions in use; assembled once."""
    found = _ASSEMBLED.get((snapshot.id, _data.reports_dir()))
    if found is None:
        found = build.assemble("national-annual", "2022", snapshot)
        _ASSEMBLED[snapshot.id, _data.reports_dir()] = found
    return found


def told(snapshot: Snapshot) -> ReleaseFigures:
    return of_release(assembled(snapshot), "x")


def found(changes: tuple[Change, ...], **codes: str) -> Change:
    """The change of one figure of the table."""
    for change in changes:
        place = dict(zip(change.dimensions, change.key[1:], strict=True))
        if change.table == TABLE and place == {"form": "_T", "sex": "_T", **codes}:
            return change
    raise AssertionError(codes)


def test_every_change_is_found_and_traced_to_the_records(two: tuple[Snapshot, Snapshot]) -> None:
    """Men 14 → 13 (client 3). Women 25 → 26: 38 came with person and stay, 3 became one, the stay of 37 went."""
    revisions = revise.revisions(told(two[0]), told(two[1]), two)
    men, women = found(revisions.changes, sex="M"), found(revisions.changes, sex="F")
    assert (men.old, men.new, men.difference) == (14, 13, -1)
    assert men.reasons == (Reason(Cause.CORRECTION, 1),)
    assert (women.old, women.new) == (25, 26)
    assert women.reasons == (Reason(Cause.LATE, 2), Reason(Cause.CORRECTION, 1), Reason(Cause.WITHDRAWAL, 1))
    assert all(change.traced for change in revisions.changes)
    totals = [change for change in revisions.changes if change.table == TABLE and change.key == ("2022", "_T", "_T")]
    assert totals == [], "39 and 39: one came and one went"


def test_nothing_changes_between_a_release_and_itself(two: tuple[Snapshot, Snapshot]) -> None:
    same = told(two[0])
    revisions = revise.revisions(same, same, (two[0], two[0]))
    assert revisions.changes == ()
    assert revisions.compared == sum(len(table.cells) for table in same.tables.values())


def test_without_the_snapshots_the_reason_is_not_told(two: tuple[Snapshot, Snapshot]) -> None:
    revisions = revise.revisions(told(two[0]), told(two[1]), None)
    assert {change.reasons for change in revisions.changes} == {(Reason(Cause.UNTRACED),)}


def redefined(short: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the table leaves the men out."""
    shutil.copytree(short, folder)
    path = folder / "tables" / f"{TABLE}.toml"
    text = path.read_text(encoding="utf-8")
    wrong = text.replace('where = "is_new', "where = \"sex <> 'M' AND is_new")
    assert wrong != text
    path.write_text(wrong, encoding="utf-8")
    release = folder / "releases" / "national-annual.toml"
    kept = release.read_text(encoding="utf-8").replace("'fi_new_victims_form', 'fi_new_victims_place', ", "")
    kept = kept.replace('table = "fi_new_victims_form"', f'table = "{TABLE}"')
    release.write_text(kept, encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(folder))


def test_a_change_of_definition_is_told_from_one_of_records(
    two: tuple[Snapshot, Snapshot], short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 39 persons 14 are men: the definition takes them, the records then bring one woman more (and lose none)."""
    old = told(two[0])
    redefined(short, tmp_path / "reports", monkeypatch)
    same_records = revise.revisions(old, told(two[0]), (two[0], two[0]))
    total = found(same_records.changes)
    assert (total.old, total.new, total.by_definition) == (39, 25, -14)
    assert {reason.cause for change in same_records.changes for reason in change.reasons} == {Cause.DEFINITION}
    both = found(revise.revisions(old, told(two[1]), two).changes)
    assert (both.old, both.new, both.by_definition) == (39, 26, -14)
    assert both.reasons[0].cause is Cause.DEFINITION
    assert {Cause.LATE, Cause.CORRECTION, Cause.WITHDRAWAL} < {reason.cause for reason in both.reasons}
    women = [one for one in revise.revisions(old, told(two[0]), None).changes if one.key[2] == "F"]
    assert women == [], "the definition moved no figure of women"


def test_a_release_marks_what_it_revises_and_says_why(two: tuple[Snapshot, Snapshot], tmp_path: Path) -> None:
    publish.publish(assembled(two[0]), tmp_path / "a", ["en"])
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    release = revise.revised(assembled(two[1]), of_folder(tmp_path / "a"), two)
    cube = release.cube(TABLE)
    cell = cube.cells["2022", "_T", "M"]
    assert (cell.value, cell.status.value) == (13, "A")
    assert [cube.note(key, "en") for key in cell.notes] == ["Revised; published before: 14."]
    assert [cube.note(key, "fi") for key in cell.notes] == ["Tarkistettu; aiemmin julkaistu: 14."]
    assert cube.cells["2022", "_T", "_T"].notes == ()
    publish.publish(release, tmp_path / "b", ["en"])
    with (tmp_path / "b" / "data" / "revisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == TABLE and row["codes"] == "form=_T; sex=M"]
    assert [(row["old"], row["new"], row["difference"], row["reasons"], row["records_corrected"]) for row in rows] == [
        ("14", "13", "-1", "correction", "1")
    ]
    assert rows[0]["date"] == release.as_of.isoformat()
    assert rows[0]["figure"] == "2022, Sex: Male"
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["previous"]["snapshot"]["id"] == two[0].id
    assert manifest["previous"]["revised"] == len(release.revisions.changes if release.revisions else ())
    assert {path: path.read_bytes() for path in before} == before, "what was published stays as it was"
    again = of_folder(tmp_path / "b")
    assert again.tables[TABLE].cells == of_release(release, "x").tables[TABLE].cells


def test_a_revision_without_a_reason_is_refused(two: tuple[Snapshot, Snapshot]) -> None:
    with pytest.raises(InconsistentRelease) as caught:
        revise.revised(assembled(two[1]), told(two[0]), None)
    assert caught.value.key == "release.revision_without_reason"
    assert caught.value.params["snapshot"] == two[0].id
    assert "R53" in messages.explain(caught.value, "sv")


def test_no_person_is_in_what_is_told(two: tuple[Snapshot, Snapshot]) -> None:
    revisions = revise.revisions(told(two[0]), told(two[1]), two)
    said = telling.as_csv(revisions, "en") + json.dumps(telling.as_json(revisions, "fi"))
    assert "C-0000" not in said
    assert "E-0000" not in said


def test_a_folder_that_was_changed_is_refused(two: tuple[Snapshot, Snapshot], tmp_path: Path) -> None:
    folder = tmp_path / "a"
    publish.publish(assembled(two[0]), folder, ["en"])
    path = folder / "data" / f"{TABLE}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",14,", ",15,"), encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        of_folder(folder)
    assert (caught.value.key, caught.value.params["file"]) == ("release.folder_changed", f"data/{TABLE}.csv")
    (folder / "manifest.json").write_text('{"schema": 1}', encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        of_folder(folder)
    assert caught.value.key == "release.other_form"
    with pytest.raises(UnreadableInput) as caught:
        of_folder(tmp_path)
    assert caught.value.key == "release.no_folder"


def test_what_only_one_release_has_is_not_compared(two: tuple[Snapshot, Snapshot]) -> None:
    old, new = told(two[0]), told(two[0])
    tables = dict(old.tables)
    gone = tables.pop("fi_stock_group")
    tables["fi_stock_age"] = replace(tables["fi_stock_age"], dimensions=("age",))
    later = revise.revisions(replace(old, tables=tables), new, None)
    assert (later.added, later.dropped, later.redefined) == (("fi_stock_group",), (), ("fi_stock_age",))
    assert later.compared == sum(
        len(t.cells) for n, t in new.tables.items() if n not in ("fi_stock_group", "fi_stock_age")
    )
    assert isinstance(gone, figures.TableFigures)
