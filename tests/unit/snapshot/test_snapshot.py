"""Opening and checking: a changed byte is found and its file named."""

import json
from pathlib import Path

import pytest

from thassist.engine import Engine
from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.dataset import TABLE_NAMES
from thassist.snapshot import default_folder, freeze, open_snapshot


@pytest.mark.parametrize("table", TABLE_NAMES)
@pytest.mark.parametrize("place", [4, -5])
def test_a_changed_byte_is_found_and_its_file_named(url: str, folder: Path, table: str, place: int) -> None:
    snapshot = freeze(url, folder)
    path = snapshot.file(table)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    for use in (snapshot.verify, lambda: snapshot.attach(Engine())):
        with pytest.raises(StorageError) as caught:
            use()
        assert caught.value.key == "snapshot.changed"
        for lang in LANGUAGES:
            assert f"{table}.parquet" in explain(caught.value, lang)


def test_a_missing_file_is_named(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    snapshot.file("episode").unlink()
    with pytest.raises(StorageError) as caught:
        snapshot.verify()
    assert (caught.value.key, caught.value.params["file"]) == ("snapshot.no_file", "episode.parquet")


@pytest.mark.parametrize(
    ("find", "put"),
    [
        ('"rows": 3', '"rows": 4'),
        ('"synthetic": false', '"synthetic": true'),
        ('"referrals": 1', '"referrals": 2'),
        ('"country": "2026"', '"country": "2025"'),
        ('"as_of": "2024-05-06', '"as_of": "2025-05-06'),
    ],
)
def test_a_changed_manifest_is_found(url: str, folder: Path, find: str, put: str) -> None:
    manifest = freeze(url, folder).folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    assert find in text
    manifest.write_text(text.replace(find, put), encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        open_snapshot(folder).verify()
    assert (caught.value.key, caught.value.params["file"]) == ("snapshot.changed", "manifest.json")


def test_a_changed_file_with_a_changed_manifest_is_found(url: str, folder: Path) -> None:
    """Replacing a table by another, hashes and all, gives another content and so another id."""
    snapshot = freeze(url, folder)
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"]["person"]["content"] = "0" * 64
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StorageError, match=r"manifest\.json"):
        open_snapshot(folder).verify()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "snapshot.changed"),
        ("[]", "snapshot.other_version"),
        ('{"schema": 2}', "snapshot.other_version"),
        ('{"schema": 1}', "snapshot.changed"),
        ('{"schema": 1, "tables": 3}', "snapshot.changed"),
    ],
)
def test_a_broken_manifest(url: str, folder: Path, text: str, key: str) -> None:
    (freeze(url, folder).folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        open_snapshot(folder)
    assert caught.value.key == key


@pytest.mark.parametrize("chosen", ["0123456789abcdef", "../etc", "", "ABCDEF0123456789"])
def test_there_is_no_such_snapshot(tmp_path: Path, chosen: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_snapshot(tmp_path, chosen)
    assert caught.value.key in {"snapshot.unknown", "snapshot.none"}
    assert caught.value.exit_code == 13


def test_there_is_no_snapshot_at_all(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="thassist freeze"):
        open_snapshot(tmp_path / "nowhere")


def test_a_folder_with_signs_that_mean_something_to_others(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "it's [a] 100 % * test?"
    freeze(url, folder)
    with Engine() as engine:
        open_snapshot(folder).attach(engine)
        assert engine.rows("SELECT count(*) FROM person") == [(3,)]


def test_the_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THASSIST_SNAPSHOTS", raising=False)
    assert default_folder(f"sqlite:///{tmp_path / 'x.db'}") == tmp_path / "snapshots"
    assert default_folder("sqlite:///x.db") == Path("snapshots")
    assert default_folder("postgresql://host/db") == Path("snapshots")
    monkeypatch.setenv("THASSIST_SNAPSHOTS", str(tmp_path / "chosen"))
    assert default_folder("sqlite:///x.db") == tmp_path / "chosen"
