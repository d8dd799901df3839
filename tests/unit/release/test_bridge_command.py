"""``thassist release bridge``: the same account as text, CSV and JSON, in three languages; and a public answer."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli

from thassist import _data
from thassist.messages import LANGUAGES
from thassist.snapshot import Snapshot


def run(snapshot: Snapshot, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["release", *arguments, "--snapshots", str(snapshot.folder.parent)])


def test_every_form_tells_the_same(snapshot: Snapshot) -> None:
    asked = ("bridge", "fi_bridge_unodc", "--period", "2022", "--lang", "en")
    said = json.loads(run(snapshot, *asked, "--format", "json").output)
    persons = {line["code"]: line["persons"] for line in said["lines"]}
    # forty victims, fourteen men, every tenth a child; no witness
    assert persons == {"START": 40, "WITNESS": 0, "KEPT": 40, "READMITTED": 0, "END": 40}
    assert said["lines"][-1]["by"] == {"Female": 26, "Male": 14, "Other": 0, "Unknown": 0}
    rows = list(csv.DictReader(io.StringIO(run(snapshot, *asked, "--format", "csv").output)))
    assert {row["step"]: int(row["persons"]) for row in rows} == persons
    shown = run(snapshot, *asked)
    assert shown.exit_code == 0
    assert "40 − 0 + 0 = 40" in shown.output


def test_the_list_and_the_account_speak_three_languages(snapshot: Snapshot) -> None:
    for words in (("bridge", "--list"), ("bridge", "fi_bridge_stock", "--period", "2022")):
        shown = [run(snapshot, *words, "--lang", lang) for lang in LANGUAGES]
        assert [one.exit_code for one in shown] == [0, 0, 0]
        assert len({one.output for one in shown}) == 3


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("fi_bridge_unodk", "--period", "2022"), 11, "fi_bridge_unodc"),
        (("fi_new_victims_sex_age", "fi_exits_reason", "--period", "2022"), 11, "fi_new_victims_sex_age"),
        (("fi_bridge_us_tip", "--period", "2022"), 11, "2022-04-01/P1Y"),
        (("fi_bridge_unodc",), 2, "--period"),
        (("--period", "2022"), 2, "A"),
        (("fi_bridge_unodc", "--period", "last year"), 2, "last year"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    words: tuple[str, ...], exit_code: int, said: str, snapshot: Snapshot
) -> None:
    shown = run(snapshot, "bridge", *words, "--lang", "en")
    assert (shown.exit_code, said in shown.output) == (exit_code, True), shown.output


@pytest.mark.slow
def test_a_public_answer_is_protected_entered_and_remembered(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["adhoc", "--view", "new_clients", "--by", "age_class", "--by", "sex", "--period", "2022", "--only", "en"]
    asked += ["--audience", "public", "--ledger", str(tmp_path / "ledger.jsonl"), "--out", str(tmp_path / "answer")]
    refused = run(snapshot, *asked)
    assert refused.exit_code == 11  # nobody keeps definitions here
    assert not (tmp_path / "answer").exists()
    shutil.copytree(_data.reports_dir(), tmp_path / "reports")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    done = run(snapshot, *asked)
    assert done.exit_code == 0, done.output
    (data,) = (tmp_path / "answer" / "data").glob("adhoc_*.csv")
    with data.open(encoding="utf-8") as file:
        cells = {(row["age_class"], row["sex"]): (row["value"], row["status"]) for row in csv.DictReader(file)}
    assert cells["_T", "_T"] == ("40", "A")
    hidden = [key for key, (value, status) in cells.items() if status == "Q" and not value]
    assert len(hidden) >= 2  # four minors, and what would give them away
    assert all(not value or int(value) == 0 or int(value) >= 5 for value, _ in cells.values())
    assert len((tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()) >= 1
    assert (tmp_path / "reports" / "tables" / f"{data.stem}.toml").is_file()
