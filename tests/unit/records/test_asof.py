"""The state at a past moment is what was read, and frozen, at that moment."""

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from thassist_cli.main import cli

from thassist.records.asof import parse_moment, state
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields
from thassist.records.extract import provenance, read
from thassist.records.store import store, withdraw
from thassist.records.verify import verify
from thassist.snapshot import anchors, freeze, open_snapshot

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[..., Dataset]
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _everything(dataset: Dataset) -> dict[str, list[Any]]:
    return {name: frame.to_dict("records") for name, frame in dataset.frames.items()}


def _steps(rows: Rows, make_dataset: Make) -> list[Callable[[Engine], object]]:
    """A small history: two deliveries, corrections, withdrawals, one again, and made-up data of another system."""
    first = {name: found for name, found in rows.items() if name in {"person", "citizenship", "contact", "referral"}}
    fixed = {
        "person": [{**rows["person"][0], "sex": "M", "birth_date": None, "birth_date_precision": None}],
        "referral": [{**rows["referral"][0], "source": "SELF", "contact_id": None}],
    }
    foreign = {"person": [{"person_id": "N-1", "reporting_system": "UK_NRM", "sex": "M"}]}
    iraq, why = {"citizenship": [{"person_id": "C-000001", "country": "IQ"}]}, "wrong row"

    def put(found: Rows, sha: str, **options: Any) -> Callable[[Engine], object]:
        synthetic = options.pop("synthetic", False)
        dataset = make_dataset(found, synthetic=synthetic)
        return lambda engine: store(engine, dataset, profile="p", file_sha256=sha, by="tester", **options)

    return [
        put(first, "1"),
        put(rows, "2"),
        put(fixed, "3", corrections=True, why=why),
        lambda engine: withdraw(engine, iraq, by="tester", why=why),
        put(foreign, "4", synthetic=True),
        put({"citizenship": rows["citizenship"]}, "5", corrections=True, why=why),
        put({"person": rows["person"]}, "6", corrections=True, why=why),
        lambda engine: withdraw(
            engine,
            {
                "staff_time": [
                    dict(
                        zip(
                            key_fields("staff_time"),
                            [rows["staff_time"][0][part] for part in key_fields("staff_time")],
                            strict=True,
                        )
                    )
                ]
            },
            by="t",
            why=why,
        ),
        put({"person": rows["person"]}, "7"),
    ]


def test_every_past_state_reads_and_freezes_as_it_did_then(
    url: str, engine: Engine, rows: Rows, make_dataset: Make, tmp_path: Path
) -> None:
    then: list[tuple[dt.datetime, Any, Any, str]] = []
    for number, step in enumerate([lambda _: None, *_steps(rows, make_dataset)]):
        step(engine)
        with reading(engine) as connection:
            facts = provenance(connection)
        then.append((_now(), _everything(read(engine)), facts, freeze(url, tmp_path / str(number)).id))
    assert len({found for *_, found in then}) == len(then) - 1, "the last delivery changes nothing"
    for number, (moment, records, facts, snapshot_id) in enumerate(then):
        assert _everything(read(engine, as_of=moment)) == records
        with reading(engine) as connection:
            assert provenance(connection, state(connection, moment)) == facts
        again = freeze(url, tmp_path / "again", as_of=moment)
        assert again.id == snapshot_id
        assert again.trail == open_snapshot(tmp_path / str(number)).trail or number == len(then) - 1
        for name in TABLE_NAMES:
            assert (
                again.file(name).read_bytes() == (tmp_path / str(number) / snapshot_id / f"{name}.parquet").read_bytes()
            )
    for _, _, facts, snapshot_id in then[1:]:
        assert freeze(url, tmp_path / "noted", as_of=facts.as_of).id == snapshot_id, "a manifest says its own moment"
    noted = anchors(tmp_path / "again")
    assert len(noted) == len(then) - 2  # the empty database has no anchor
    assert (verify(engine, noted).compared, verify(engine, noted).problems) == (len(noted), ())


def test_persons_choose_what_is_read_of_the_past_too(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    store(engine, make_dataset(rows), profile="p", file_sha256="1", by="tester")
    for persons in ({"C-000001"}, {"C-000002"}, {"C-404"}, set[str](), {"C-000001", "C-000002"}):
        assert _everything(read(engine, persons=persons, as_of=_now())) == _everything(read(engine, persons=persons))
    assert list(read(engine, ["person"], as_of=_now()).frames) == ["person"]
    assert read(engine, as_of=dt.datetime(2000, 1, 1)).count() == 0  # noqa: DTZ001


def test_any_history(engine: Engine, make_dataset: Make) -> None:
    """Random changes of a few citizenships: every state in between is found again."""
    chance = random.Random(7)
    store(
        engine,
        make_dataset({"person": [{"person_id": "C-1", "reporting_system": "FI_NAS", "sex": "F"}]}),
        profile="p",
        file_sha256="people",
        by="t",
    )
    states = []
    held: dict[str, bool | None] = {}
    for number in range(25):
        chosen = chance.sample(["FI", "SE", "NO", "DK", "IS"], 3)
        if held and chance.random() < 0.3:
            gone = chance.choice(sorted(held))
            del held[gone]
            withdraw(engine, {"citizenship": [{"person_id": "C-1", "country": gone}]}, by="t", why="chance")
        else:
            rows = [{"person_id": "C-1", "country": one, "is_primary": chance.choice([None, False])} for one in chosen]
            held.update({row["country"]: row["is_primary"] for row in rows})
            store(
                engine,
                make_dataset({"citizenship": rows}),
                profile="p",
                file_sha256=str(number),
                by="t",
                corrections=True,
                why="chance",
            )
        states.append((_now(), dict(sorted(held.items()))))
    for moment, expected in states:
        found = read(engine, ["citizenship"], as_of=moment).frames["citizenship"]
        assert dict(zip(found["country"], found["is_primary"], strict=True)) == expected
    assert verify(engine).problems == ()


def test_freeze_as_of_on_the_command_line(
    url: str, engine: Engine, rows: Rows, make_dataset: Make, moment: dt.datetime, tmp_path: Path
) -> None:
    store(engine, make_dataset({"person": rows["person"]}), profile="p", file_sha256="1", by="t", at=moment)
    first = freeze(url, tmp_path / "then").id
    store(engine, make_dataset(rows), profile="p", file_sha256="2", by="t", at=moment + dt.timedelta(days=1))

    def run(when: str) -> Any:
        return CliRunner().invoke(
            cli, ["freeze", "--db", url, "--snapshots", str(tmp_path / "s"), "--as-of", when, "--lang", "en"]
        )

    assert f"Snapshot {first}" in run("2024-05-06").output
    assert f"Snapshot {first}" in run("2024-05-06T10:08:09+03:00").output
    assert f"Snapshot {first}" not in run("2024-05-06T07:08:08").output
    wrong = run("yesterday")
    assert wrong.exit_code == 2
    assert "yesterday is not a moment" in wrong.output


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-30", dt.datetime(2024, 6, 30, 23, 59, 59, 999999)),  # noqa: DTZ001
        ("2024-06-30T12:00", dt.datetime(2024, 6, 30, 12)),  # noqa: DTZ001
        ("2024-06-30T12:00:00Z", dt.datetime(2024, 6, 30, 12)),  # noqa: DTZ001
        ("2024-01-01T01:00:00+02:00", dt.datetime(2023, 12, 31, 23)),  # noqa: DTZ001
    ],
)
def test_moments(url: str, text: str, moment: dt.datetime) -> None:
    assert parse_moment(text) == moment
