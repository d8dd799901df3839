"""The folder of a release: all of it or nothing, never overwritten, the same bytes every time."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from thassist.errors import InvalidDefinition, StorageError
from thassist.publish import package, pdf
from thassist.publish.package import publish
from thassist.release.build import Release


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_are_named_as_agreed(release: Release, tmp_path: Path) -> None:
    result = publish(release, tmp_path / "out")
    assert result.new
    stem = "hand-made_2022_internal"
    assert sorted(str(path.relative_to(result.folder)) for path in result.files) == sorted(
        [
            *(f"{stem}_{lang}.{ending}" for lang in ("fi", "sv", "en") for ending in ("xlsx", "pdf", "html")),
            *("data/cross_age_sex.csv", "data/list_country.csv", "data/datapackage.json"),
            *("data/csv-metadata.json", "px/cross_age_sex.px", "px/list_country.px"),
            *("data/codes/age_group@1.csv", "data/codes/country@2026.csv", "data/codes/sex@1.csv"),
            "manifest.json",
        ]
    )


def test_the_manifest_has_the_hash_of_every_other_file(release: Release, tmp_path: Path) -> None:
    folder = publish(release, tmp_path / "out").folder
    listed = {entry["path"]: entry for entry in json.loads((folder / "manifest.json").read_bytes())["files"]}
    found = content(folder)
    del found["manifest.json"]
    assert listed.keys() == found.keys()
    for name, entry in listed.items():
        assert (entry["bytes"], entry["sha256"]) == (len(found[name]), hashlib.sha256(found[name]).hexdigest())


def test_two_builds_are_the_same_bytes_wherever_they_are(release: Release, tmp_path: Path) -> None:
    one = content(publish(release, tmp_path / "one").folder)
    two = content(publish(release, tmp_path / "other" / "two").folder)
    assert one == two


def test_the_same_release_in_the_way_is_left_as_it_is(release: Release, tmp_path: Path) -> None:
    first = publish(release, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in first.files}
    second = publish(release, tmp_path / "out")
    assert not second.new
    assert second.files == first.files
    assert {path: path.stat().st_mtime_ns for path in second.files} == before


def test_another_release_in_the_way_is_never_overwritten(release: Release, tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(release, out)
    before = content(out)
    with pytest.raises(InvalidDefinition) as caught:
        publish(replace(release, snapshot="f" * 16), out)
    assert caught.value.key == "publish.in_the_way"
    assert content(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["file", "folder with a file"])
def test_something_else_in_the_way_is_left_alone(release: Release, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine", encoding="utf-8")
    else:
        out.mkdir()
        (out / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        publish(release, out, langs=())
    assert "mine" in {path.read_text(encoding="utf-8") for path in [out, *out.glob("*")] if path.is_file()}


def test_an_empty_folder_is_filled(release: Release, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert publish(release, tmp_path / "out", langs=("en",)).new


def test_a_failure_leaves_nothing_behind(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pdf, "write", full)
    with pytest.raises(StorageError) as caught:
        publish(release, tmp_path / "out")
    assert caught.value.exit_code == 13
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_laid_out_leaves_nothing_behind(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impossible(*_args: object) -> None:
        raise InvalidDefinition("publish.header_twice", table="t", header="h")

    monkeypatch.setattr(package, "document", impossible)
    with pytest.raises(InvalidDefinition):
        publish(release, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_a_storage_error(release: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError):
        publish(release, tmp_path / "file" / "out", langs=())
