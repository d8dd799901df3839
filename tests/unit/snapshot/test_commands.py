"""``thassist init`` and ``thassist freeze`` as a user runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_init(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'new.db'}"
    first = _run("init", "--db", db, "--lang", "en")
    assert first.exit_code == 0, first.output
    assert f"Created the database {tmp_path / 'new.db'}" in first.output
    again = _run("init", "--db", db, "--lang", "fi")
    assert "on ajan tasalla" in again.output
    found = json.loads(_run("init", "--db", db, "--format", "json").output)
    assert (found["database"], found["before"], found["codes_changed"]) == (
        str(tmp_path / "new.db"),
        found["after"],
        {},
    )


def test_freeze(url: str, folder: Path) -> None:
    shown = _run("freeze", "--db", url, "--snapshots", str(folder), "--lang", "en")
    assert shown.exit_code == 0, shown.output
    found = json.loads(_run("freeze", "--db", url, "--snapshots", str(folder), "--format", "json").output)
    assert f"Snapshot {found['id']}" in shown.output
    assert found["tables"]["person"]["rows"] == 3
    assert found["folder"] == str(folder / found["id"])
    assert "made-up" not in shown.output


def test_freeze_finds_its_folder(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THASSIST_SNAPSHOTS", raising=False)
    monkeypatch.setenv("THASSIST_DB", url)
    assert _run("freeze").exit_code == 0
    assert (tmp_path / "snapshots" / "latest").is_file()
    monkeypatch.setenv("THASSIST_SNAPSHOTS", str(tmp_path / "chosen"))
    assert _run("freeze").exit_code == 0
    assert (tmp_path / "chosen" / "latest").is_file()


def test_freeze_says_what_is_made_up(url: str, folder: Path, more: object) -> None:
    assert callable(more)
    more(url, {"citizenship": [{"person_id": "C-000001", "country": "FI"}]}, "2" * 64, synthetic=True)
    shown = _run("freeze", "--db", url, "--snapshots", str(folder), "--lang", "sv")
    assert "påhittade data" in shown.output


@pytest.mark.parametrize("command", ["init", "freeze"])
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_trouble_ends_with_13_and_a_remedy(command: str, lang: str, tmp_path: Path) -> None:
    shown = _run(command, "--db", f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}", "--lang", lang)
    assert shown.exit_code == 13
    assert "Traceback" not in shown.output
    assert len(shown.output.splitlines()) == 2
