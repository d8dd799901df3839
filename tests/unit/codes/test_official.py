"""An owner's list in the place of placeholder codes: what is carried over, and what stops it."""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist import _data
from thassist.codes import classification, correspondence
from thassist.codes.official import load
from thassist.codes.proof import PLACEHOLDER, placeholders, prove
from thassist.errors import InvalidDefinition, UnreadableInput

REF = "ictip_form_of_exploitation@2025"
MAP = f"exploitation_form@1--{REF}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), home)
    monkeypatch.setenv("THASSIST_REPORTS", str(home))
    return home


def listed(folder: Path, *changes: tuple[str, str]) -> Path:
    """An invented list of an owner: a number for every stand-in, the first a parent of the second."""
    rows = [["code", "label_en", "parent", "replaces"]]
    for number, code in enumerate(classification(REF).codes, start=1):
        rows.append([f"F{number:02}", f"Form {number}", "F01" if number == 2 else "", code])
    path = folder / "official.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def everything(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_the_list_takes_the_place_and_every_form_arrives_where_it_did(home: Path) -> None:
    before = correspondence(MAP).targets
    names = dict(zip(classification(REF).codes, (f"F{n:02}" for n in range(1, 99)), strict=False))
    done = load(REF, listed(home.parent), "the UN, 2031")
    assert (done.codes, done.correspondences) == (len(names), (MAP,))
    after = classification(REF)
    assert not after.placeholder
    assert (after.source, after.confidence, list(after.codes)) == ("the UN, 2031", "seen", list(names.values()))
    assert after.codes["F02"].parents == ("F01",)
    carried = correspondence(MAP)
    assert carried.targets == {code: names[target] for code, target in before.items()}
    assert prove([carried])[0].total
    assert carried.confidence == "inferred"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ((("F01,Form 1,,x_SEX\n", "x_1,Form 1,,x_SEX\n"),), "codes.bad_official_row"),
        ((("F03", "F04"),), "codes.bad_official_row"),
        ((("Form 5", ""),), "codes.bad_official_row"),
        ((("x_SLAV", "x_SLAVE"),), "codes.bad_official_row"),
        ((("x_SLAV", "x_LAB"),), "codes.bad_official_row"),
        ((("F01,x_SEX_PROST", "F99,x_SEX_PROST"),), "codes.no_parent"),
        ((("x_BEG", ""),), "codes.left_over"),
    ],
)
def test_what_is_wrong_changes_nothing(home: Path, changes: tuple[tuple[str, str], ...], key: str) -> None:
    file, before = listed(home.parent, *changes), everything(home)
    with pytest.raises(InvalidDefinition) as caught:
        load(REF, file, "the UN")
    assert caught.value.key == key
    assert everything(home) == before


def test_a_list_with_its_owners_codes_and_a_file_that_is_not_there_are_refused(home: Path) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        load("sex@1", listed(home.parent), "me")
    assert caught.value.key == "codes.no_placeholder"
    with pytest.raises(UnreadableInput):
        load(REF, home / "nowhere.csv", "me")


def test_an_empty_list_is_none(home: Path) -> None:
    file = home.parent / "empty.csv"
    file.write_text("code,label_en\n", encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        load(REF, file, "the UN")


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_command_says_what_it_did_and_what_still_waits(home: Path, lang: str) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["codes", *words, "--lang", lang])
        assert done.exit_code == 0, done.output
        return done.output

    line = next(line for line in run("list").splitlines() if line.startswith(REF))
    assert line.endswith(")")
    assert MAP in run("load", REF, str(listed(home.parent)), "--source", "the UN")
    assert not next(line for line in run("list").splitlines() if line.startswith(REF)).endswith(")")


def test_the_stand_ins_are_those_of_the_lists_that_wait() -> None:
    assert "x_LAB" in placeholders()
    assert all(code.startswith(PLACEHOLDER) for code in placeholders())
    assert len(placeholders()) == 64, "the IC-TIP codes of the specification, section 3"
