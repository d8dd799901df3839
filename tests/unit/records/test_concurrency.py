"""Two who import at once never lose or mix anything: one waits for the other, or is told that it waited too long."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from thassist.errors import StorageError
from thassist.records import database
from thassist.records.database import writing
from thassist.records.dataset import Dataset
from thassist.records.extract import read
from thassist.records.store import open_database, store, withdraw
from thassist.records.verify import verify

Make = Callable[..., Dataset]
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)

#: Waits for a line of input, then imports as told, delivery after delivery, and prints what came of each.
_IMPORTER = """
import sys
from thassist.errors import ThassistError
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import open_database, store
url, who, kind, count, size = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
engine = open_database(url)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    owner = who if kind == "own" else "both"
    keys = [f"C-{owner}-{number}-{place}" for place in range(size)]
    sex = "F" if kind == "same" or who == "anna" else "M"
    people = [{"person_id": key, "reporting_system": "FI_NAS", "sex": sex} for key in keys]
    homes = [{"person_id": key, "country": "FI"} for key in keys]
    dataset = Dataset({"person": empty_frame("person", people), "citizenship": empty_frame("citizenship", homes)})
    sha = f"{number}" if kind == "same" else f"{who}-{number}"
    try:
        result = store(engine, dataset, profile="p", file_sha256=sha, by=who)
        print("earlier" if result.already_imported else sum(result.inserted.values()), flush=True)
    except ThassistError as error:
        print(error.key, flush=True)
"""


def _at_once(url: str, kind: str, count: int, size: int) -> dict[str, list[str]]:
    """What two importers, let loose at the same moment, say of each of their deliveries."""
    running = {
        who: subprocess.Popen(
            [sys.executable, "-c", _IMPORTER, url, who, kind, str(count), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("anna", "bo")
    }
    for process in running.values():
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running.values():
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = {who: process.communicate()[0].split() for who, process in running.items()}
    assert all(process.returncode == 0 for process in running.values())
    return said


def _batches(engine: Engine) -> dict[int, str]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT batch_id, recorded_by FROM import_batch ORDER BY batch_id"))
        return dict(found.all())


def test_different_files(url: str, engine: Engine) -> None:
    """Every delivery of both is stored whole, under the name of the one who delivered it."""
    said = _at_once(url, "own", 12, 40)
    assert said == {"anna": ["80"] * 12, "bo": ["80"] * 12}
    people = read(engine).frames["person"]
    assert len(people) == 2 * 12 * 40
    batches = _batches(engine)
    assert sorted(batches.values()) == ["anna"] * 12 + ["bo"] * 12
    with engine.connect() as connection:
        stored = connection.execute(
            text("SELECT batch_id, recorded_by, count(*), min(person_id), max(person_id) FROM person GROUP BY 1, 2")
        ).all()
    for batch_id, who, count, first, last in stored:
        assert (batches[batch_id], count) == (who, 40)
        assert first.rsplit("-", 1)[0] == last.rsplit("-", 1)[0], "one delivery only"
        assert who in first
    verdict = verify(engine)
    assert (verdict.entries, verdict.problems) == (24 * 81, ())


def test_the_same_files(url: str, engine: Engine) -> None:
    """Each file is stored by the one who came first; the other is told so."""
    said = _at_once(url, "same", 12, 20)
    for one, other in zip(said["anna"], said["bo"], strict=True):
        assert {one, other} == {"40", "earlier"}
    assert len(_batches(engine)) == 12
    assert len(read(engine).frames["person"]) == 12 * 20
    assert verify(engine).problems == ()


def test_files_that_contradict_each_other(url: str, engine: Engine) -> None:
    """Of two deliveries that say different things of the same persons, one is stored whole and the other not at all."""
    said = _at_once(url, "contradicting", 12, 20)
    for one, other in zip(said["anna"], said["bo"], strict=True):
        assert {one, other} == {"40", "records.conflict"}
    people = read(engine).frames["person"]
    people["delivery"] = people["person_id"].str.rsplit("-", n=1).str[0]
    assert people.groupby("delivery")["sex"].nunique().tolist() == [1] * 12
    assert verify(engine).problems == ()


def test_who_waits_too_long_is_told(
    url: str, engine: Engine, rows: Any, make_dataset: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(engine, make_dataset({"person": rows["person"]}), profile="p", file_sha256="1", by="anna")
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    other = open_database(url)
    with writing(engine):
        assert len(read(other).frames["person"]) == 2, "reading goes on"
        for attempt in (
            lambda: store(other, make_dataset(rows), profile="p", file_sha256="2", by="bo"),
            lambda: withdraw(other, {"person": [{"person_id": "C-000002"}]}, by="bo", why="waiting"),
        ):
            with pytest.raises(StorageError) as caught:
                attempt()
            assert caught.value.key == "records.locked"
    assert store(other, make_dataset(rows), profile="p", file_sha256="2", by="bo").unchanged["person"] == 2
    other.dispose()


def test_an_office_account_needs_no_right_to_change_the_trail(
    url: str, engine: Engine, rows: Any, make_dataset: Make
) -> None:
    """With exactly the rights of the manual's page an account can do its work, and cannot touch what was."""
    if engine.dialect.name == "sqlite":
        pytest.skip("a file has no accounts")
    role = "office" + url.partition("@/")[2].partition("?")[0]
    with engine.begin() as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE UPDATE, DELETE ON change_entry, import_batch FROM {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            connection.exec_driver_sql(statement)
    office = open_database(url.replace("tester@", f"{role}@"))
    store(office, make_dataset(rows), profile="p", file_sha256="1", by="anna")
    fixed = make_dataset({"person": [{**rows["person"][0], "sex": "M"}]})
    store(office, fixed, profile="p", file_sha256="2", by="anna", corrections=True, why="seen")
    assert verify(office).problems == ()
    for statement in (
        "ALTER TABLE change_entry DISABLE TRIGGER ALL",
        "UPDATE change_entry SET why = 'x'",
        "TRUNCATE change_entry",
        "DELETE FROM import_batch",
    ):
        with pytest.raises(StorageError, match="no_right"), writing(office) as connection:
            connection.exec_driver_sql(statement)
    office.dispose()
