"""Answers on demand: counted by hand, refused where they must be, and the same files as every release."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli

from thassist.errors import AuditFailed, InvalidDefinition, ThassistError
from thassist.messages import LANGUAGES
from thassist.release import adhoc
from thassist.release.spec import ReleaseSpec
from thassist.snapshot import Snapshot
from thassist.tables.lint import lint
from thassist.tables.spec import load_file

from .conftest import CLIENTS, COUNTRIES, FORMS, admitted

NEW_2022 = [client for client in CLIENTS if admitted(client).year == 2022]


def test_an_answer_is_what_a_hand_counts(snapshot: Snapshot) -> None:
    content = adhoc.answer(adhoc.question("new_clients", ["citizenship", "sex"]), "2022", snapshot)
    (cube,) = content.cubes
    sexes = Counter("M" if client % 3 == 0 else "F" for client in NEW_2022)
    both = Counter((COUNTRIES[client % 6], "M" if client % 3 == 0 else "F") for client in NEW_2022)
    assert cube.value("2022") == len(NEW_2022) == 40
    assert {sex: cube.value("2022", sex=sex) for sex in sexes} == sexes
    assert {pair: cube.value("2022", citizenship=pair[0], sex=pair[1]) for pair in both} == both
    assert content.spec.titles["fi"] == "Uudet asiakkaat: kansalaisuus, sukupuoli"
    assert content.spec.titles["sv"] == "Nya klienter: medborgarskap, kön"


def test_a_condition_and_margins_are_kept(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "q.toml"
    path.write_text(
        'of = "new_clients"\nwhere = "citizenship = \'IQ\'"\nmargins = [["sex", "form"], ["form"]]', encoding="utf-8"
    )
    (cube,) = adhoc.answer(adhoc.read(path), "2022", snapshot).cubes
    # every client with citizenship 1 modulo 6 has the second form
    wanted = [client for client in NEW_2022 if COUNTRIES[client % 6] == "IQ"]
    assert {FORMS[client % 6] for client in wanted} == {"LAB"}
    codes = {key[1:]: cell.value for key, cell in cube.cells.items() if cell.value}
    assert codes == {
        ("_T", "LAB"): len(wanted),
        ("F", "LAB"): sum(client % 3 != 0 for client in wanted),
    }
    assert "citizenship = 'IQ'" in cube.spec.population.texts["en"]


def test_everything_on_offer_can_be_answered(tmp_path: Path) -> None:
    known = adhoc.library()
    wrong = []
    for subject in known.subjects:
        for name in known.offered(subject):
            asked = adhoc.question(subject, [name])
            path = tmp_path / f"{adhoc.table_id(asked)}.toml"
            path.write_text(adhoc.definition(asked), encoding="utf-8")
            wrong += [problem.text("en") for problem in lint(load_file(path))]
    assert not wrong
    assert {name for subject in known.subjects for name in known.offered(subject)} == set(known.dimensions)


@pytest.mark.parametrize(
    ("of", "by", "where", "period", "key", "exit_code"),
    [
        ("new_client", ["sex"], "", "2022", "adhoc.no_subject", 2),
        ("new_clients", ["sexx"], "", "2022", "adhoc.no_dimension", 2),
        ("referrals", ["form"], "", "2022", "adhoc.no_dimension", 2),
        ("new_clients", ["sex"], "rol = 'VICTIM'", "2022", "engine.sql_unknown_column", 11),
        ("new_clients", ["sex"], "sex = 'F') OR (SELECT TRUE", "2022", "engine.sql_no_condition", 11),
        ("new_clients", ["sex"], "", "2022-05", "release.wrong_period", 11),
        ("new_clients", ["sex"], "", "next year", "release.wrong_period", 11),
        ("new_clients", ["sex"], "", "1999", "release.outside_data", 11),
    ],
)
def test_what_cannot_be_asked_is_told(
    of: str, by: list[str], where: str, period: str, key: str, exit_code: int, snapshot: Snapshot
) -> None:
    with pytest.raises(ThassistError) as found:
        adhoc.answer(adhoc.question(of, by, where), period, snapshot)
    assert (found.value.key, found.value.exit_code) == (key, exit_code)


@pytest.mark.parametrize(
    "text", ["by = ['sex']", "of = 'new_clients'\nbi = ['sex']", "of = 'new_clients'\nmargins = 3"]
)
def test_a_wrong_file_is_an_invalid_definition(text: str, tmp_path: Path) -> None:
    path = tmp_path / "q.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        adhoc.read(path)


def test_two_questions_never_share_a_table() -> None:
    asked = [
        adhoc.question("new_clients", ["sex"]),
        adhoc.question("new_clients", ["sex"], "sex = 'F'"),
        adhoc.question("clients", ["sex"]),
        adhoc.question("new_clients", ["sex", "form"]),
    ]
    assert len({adhoc.table_id(one) for one in asked}) == len(asked)
    assert adhoc.question("fi_episode", ["sex"]) == asked[0]  # a view stands for the first subject over it


def run(snapshot: Snapshot, *arguments: str) -> Result:
    words = ["release", "adhoc", *arguments, "--snapshots", str(snapshot.folder.parent)]
    return CliRunner().invoke(cli, words)


def test_the_command_writes_the_answer_with_its_metadata(snapshot: Snapshot, tmp_path: Path) -> None:
    asked = ("--view", "new_clients", "--by", "sex", "--period", "2022", "--only", "en", "--lang", "en")
    done = run(snapshot, *asked, "--out", str(tmp_path / "a"), "--save", str(tmp_path / "kept"))
    assert done.exit_code == 0, done.output
    (data,) = (tmp_path / "a" / "data").glob("adhoc_*.csv")
    with data.open(encoding="utf-8") as file:
        rows = {row["sex"]: row["value"] for row in csv.DictReader(file)}
    assert (rows["_T"], rows["F"], rows["M"]) == ("40", "26", "14")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["release"], manifest["audience"], manifest["synthetic"]) == ("adhoc", "internal", True)
    (kept,) = (tmp_path / "kept").glob("*.toml")
    assert kept.stem == data.stem
    again = run(snapshot, *asked, "--out", str(tmp_path / "b"))
    assert again.exit_code == 0
    assert (tmp_path / "b" / "manifest.json").read_bytes() == (tmp_path / "a" / "manifest.json").read_bytes()


def test_the_list_speaks_three_languages(snapshot: Snapshot) -> None:
    shown = [run(snapshot, "--list", "--lang", lang).output for lang in LANGUAGES]
    assert len(set(shown)) == 3
    said = json.loads(run(snapshot, "--list", "--format", "json", "--lang", "sv").output)
    assert said["new_clients"]["by"]["sex"] == "Kön"


def test_an_answer_for_others_is_decided_on_as_every_release(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever assembles a release sees the audience of an answer and may refuse it."""

    def refuse(spec: ReleaseSpec, *_: object) -> None:
        raise AuditFailed("release.not_protected", release=spec.id, audience=spec.audience)

    monkeypatch.setattr(adhoc, "assembled", refuse)
    with pytest.raises(AuditFailed) as found:
        adhoc.answer(adhoc.question("new_clients", ["sex"]), "2022", snapshot, "public")
    assert found.value.params == {"release": "adhoc", "audience": "public"}
