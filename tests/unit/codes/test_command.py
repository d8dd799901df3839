import json

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

REF = "exploitation_form@1--exploitation_form_published@2022"


def run(*arguments: str):
    return CliRunner().invoke(cli, ["codes", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(("lang", "title"), [("fi", "Sukupuoli"), ("sv", "Kön"), ("en", "Sex")])
def test_list_speaks_the_language_asked_for(lang, title):
    answer = json.loads(run("list", "--lang", lang, "--format", "json").stdout)
    assert {"ref": "sex@1", "codes": 4, "title": title} in answer["classifications"]
    assert REF in [each["ref"] for each in answer["correspondences"]]
    assert any(line.split() == ["sex@1", "4", title] for line in run("list", "--lang", lang).stdout.splitlines())


def test_show_gives_codes_with_their_validity():
    answer = json.loads(run("show", "decision_type", "--lang", "sv", "--format", "json").stdout)
    codes = {code["code"]: code for code in answer["codes"]}
    assert answer["ref"] == "decision_type@1"
    assert codes["REFLECTION"]["label"] == "Betänketid"
    assert codes["IDENT_OLD"]["valid_to"] == "2022-12-31"
    assert "valid_to" not in codes["ADMISSION"]
    assert "2022-12-31 asti" in run("show", "decision_type@1", "--lang", "fi").stdout


def test_show_of_a_mistyped_classification_suggests_the_nearest_one():
    result = run("show", "sexx", "--lang", "en")
    assert result.exit_code == 11
    assert "sex@1" in result.stderr
    assert not result.stdout


def test_map_shows_the_whole_correspondence():
    answer = json.loads(run("map", REF, "--format", "json", "--lang", "en").stdout)
    assert {(each["source"], each["target"]) for each in answer["map"]} >= {("DOM", "LAB"), ("_U", "_U")}
    assert len(answer["map"]) == 17


def test_map_takes_codes_and_labels():
    result = run("map", REF, "SEX_PORN", "pakkotyö", "--lang", "fi")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["SEX_PORN", "LAB"]


def test_map_tells_what_it_cannot_map():
    result = run("map", REF, "LAB", "SEX_PROS", "--lang", "en")
    assert result.exit_code == 1
    assert result.stdout.startswith("LAB ")
    assert "SEX_PROS has no counterpart" in result.stderr
    assert "SEX_PROST" in result.stderr


def test_lint_proves_every_shipped_correspondence():
    answer = json.loads(run("lint", "--format", "json").stdout)
    assert all(each["holds"] for each in answer["correspondences"])
    assert len(answer["correspondences"]) >= 56
    assert answer["settings"]["forced_begging"] == "other"
    said = run("lint", "--lang", "sv")
    assert said.exit_code == 0
    assert "0 inte bevisade" in said.stdout


def test_map_tells_codes_without_a_counterpart_and_the_setting_behind_it():
    result = run("map", "exploitation_form@1--eurostat_iccs@2024", "BEG", "_U", "--lang", "en")
    assert result.exit_code == 0
    assert "ICCS02043_02044" in result.stdout
    assert "counted in CRIM_THB_SEX only" in result.stdout
    assert "Setting: Forced begging" in result.stdout
