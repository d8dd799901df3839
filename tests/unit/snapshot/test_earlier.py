"""Snapshots of databases with an earlier schema: read where they hold the same fields, else refused in plain words."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from thassist.engine import Engine
from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.dataset import TABLE_NAMES
from thassist.records.migrate import newest_revision
from thassist.snapshot import anchors, freeze, open_snapshot
from thassist.snapshot.snapshot import identity

#: The record tables of the first revision; the second added the others, and columns.
FIRST = {
    *("person", "citizenship", "family_link", "residence_status", "referral", "source_code", "decision"),
    *("episode", "exploitation", "exploitation_form", "exploitation_country"),
}


def _rewritten(folder: Path, snapshot_id: str, change: Callable[[dict[str, Any], Path], None]) -> Path:
    """A snapshot as another version would have left it, with hashes and an id that are right."""
    old = folder / snapshot_id
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    change(manifest, old)
    manifest["id"] = identity(manifest)
    (old / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return old.rename(folder / manifest["id"])


@pytest.mark.parametrize("revision", ["0002", "0003", "0004"])
def test_since_the_second_revision_the_records_have_the_same_fields(url: str, folder: Path, revision: str) -> None:
    assert newest_revision() == "0005", "a new revision: does it change the fields of records? Then say so here"

    def change(manifest: dict[str, Any], _folder: Path) -> None:
        manifest["revision"] = revision
        if revision < "0003":
            manifest["trail"] = None

    path = _rewritten(folder, freeze(url, folder).id, change)
    found = open_snapshot(folder, path.name)
    assert found.revision == revision
    with Engine() as engine:
        found.attach(engine)
        assert engine.rows("SELECT count(*) FROM person") == [(3,)]


def _refused(act: Callable[[], object]) -> None:
    with pytest.raises(StorageError) as caught:
        act()
    assert caught.value.key == "snapshot.other_version"
    for lang in LANGUAGES:
        assert explain(caught.value, lang)


def test_one_of_the_first_revision_is_refused_and_still_anchors_the_trail(url: str, folder: Path) -> None:
    def change(manifest: dict[str, Any], old: Path) -> None:
        manifest["revision"] = "0001"
        for name in set(TABLE_NAMES) - FIRST:
            del manifest["tables"][name]
            (old / f"{name}.parquet").unlink()

    made = freeze(url, folder)
    path = _rewritten(folder, made.id, change)
    _refused(lambda: open_snapshot(folder, path.name))
    assert anchors(folder) == [made.trail]


def test_one_that_lacks_a_field_is_refused_before_anything_is_counted(url: str, folder: Path) -> None:
    def change(manifest: dict[str, Any], old: Path) -> None:
        path = old / "referral.parquet"
        duckdb.sql(f"COPY (SELECT * EXCLUDE consent FROM '{path}') TO '{old}/new.parquet'")
        (old / "new.parquet").replace(path)
        manifest["tables"]["referral"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()

    path = _rewritten(folder, freeze(url, folder).id, change)
    found = open_snapshot(folder, path.name)
    with Engine() as engine:
        _refused(lambda: found.attach(engine))
