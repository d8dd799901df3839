"""``thassist verify`` on what others published and on what we publish; the expected facts were found by people."""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from thassist_cli.main import cli

ROOT = Path(__file__).parents[2]
ANCHORS = ROOT / "reports" / "synthetic" / "anchors.csv"
UK = ROOT / "tests" / "data" / "uk_nrm"
QUARTERS = ("2022_q2", "2022_q3", "2022_q4", "2023_q1")


def run(*arguments: str, exit_code: int = 0, lang: str = "en", db: str = "") -> Result:
    environment = {"THASSIST_LANG": lang, **({"THASSIST_DB": db} if db else {})}
    result = CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result


def findings(path: Path, profile: str, exit_code: int) -> list[dict[str, Any]]:
    shown = json.loads(run("verify", str(path), "--profile", profile, "--format", "json", exit_code=exit_code).output)
    return list(shown["findings"])


def contradictions(path: Path) -> set[tuple[str, str, str]]:
    """Code, what stands there and what is suggested, of everything found in the Finnish figures."""
    return {
        (each["code"], each["value"].split(" = ")[-1] if each["code"] == "V10" else each["value"], each["suggestion"])
        for each in findings(path, "published-figures", exit_code=1)
    }


#: The contradictions that reading the Finnish reviews found, and nothing else.
KNOWN = {
    ("V05", "9 ≠ 6", ""),  # clients of the first year
    ("V05", "15 ≠ 11", ""),  # 2020, sexual exploitation in Finland
    ("V05", "123 ≠ 120", ""),  # 2020, exploited in Finland
    ("V05", "236 ≠ 263", "236"),  # 2022: with 131 abroad, 236 makes the total of 367
    ("V10", "138", ""),  # the first half of 2022: ages make 138 of 139
    ("V10", "124", ""),  # adults by age 124, adults by sex 125
    ("V13", "61", "60.4"),
    ("V13", "39", "39.6"),
    ("V09", "witness", ""),
    ("V09", "unknown_or_stateless", ""),
}


def test_the_contradictions_in_the_finnish_reviews_are_found() -> None:
    assert contradictions(ANCHORS) == KNOWN


@pytest.mark.shared
def test_and_so_they_are_in_the_figures_as_collected(shared: Path) -> None:
    assert contradictions(shared / "domain" / "published_figures.csv") == KNOWN


@pytest.mark.parametrize("quarter", QUARTERS)
def test_nothing_is_found_in_the_published_cubes(quarter: str) -> None:
    assert (
        "No findings" in run("verify", str(UK / f"published_cube_{quarter}.csv.gz"), "--profile", "uk-nrm-cube").output
    )


def test_a_fault_planted_in_a_published_cube_is_found(tmp_path: Path) -> None:
    lines = gzip.decompress((UK / "published_cube_2022_q2.csv.gz").read_bytes()).decode().splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("Labour,Total,Total,Slovak,1"))
    lines[at] = lines[at][:-1] + "3"
    path = tmp_path / "cube.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = findings(path, "uk-nrm-cube", exit_code=1)
    assert {each["code"] for each in found} <= {"V10", "V11"}
    assert any(each["row"] == at + 1 or f"G{at + 1}" in each["related"] for each in found)


@pytest.fixture(scope="module")
def release(one_year: Callable[[str], Path]) -> Path:
    """The data files of a release of one year of made-up cases."""
    home = one_year("verify")
    database = f"sqlite:///{home / 'thassist.db'}"
    made = ("release", "build", "national-annual", "--period", "2022", "--out", str(home / "out"), "--only", "en")
    run(*made, db=database)
    return home / "out" / "data"


def test_nothing_is_found_in_our_own_release(release: Path) -> None:
    files = sorted(release.glob("*.csv"))
    assert len(files) > 10
    for path in files:
        assert findings(path, "tidy", exit_code=0) == [], path.name


def test_a_changed_figure_of_our_own_release_is_found(release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(release, folder)
    path = folder / "fi_new_victims_form.csv"
    before = path.read_text(encoding="utf-8")
    line = next(line for line in before.splitlines() if ",LAB," in line)
    cells = line.split(",")
    cells[-3] = str(int(cells[-3]) + 1)
    path.write_text(before.replace(line, ",".join(cells)), encoding="utf-8")
    assert [each["code"] for each in findings(path, "tidy", exit_code=1)] == ["V11"]
    path.write_text(before.replace(",LAB,", ",LABB,"), encoding="utf-8")
    assert [(each["code"], each["suggestion"]) for each in findings(path, "tidy", exit_code=0)] == [("V07", "LAB")]


@pytest.mark.shared
def test_the_errors_of_the_global_report_are_found(shared: Path) -> None:
    found = findings(shared / "data" / "glotip" / "data_glotip_2023-05-30.xlsx", "unodc-glotip", exit_code=1)
    counted = Counter(each["code"] for each in found)
    assert counted["V04"] == 192  # keys with different values, by grouping the file with pandas
    assert counted["V03"] == 336 - 192
    finland = [each for each in found if "Finland · Detected trafficking victims · 2012" in each["key"]]
    assert any(each["code"] == "V11" and each["value"].startswith("50 ≠ 5 + 48") for each in finland)
    assert counted["V18"] > 1000


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_report_is_grouped_and_in_every_language(lang: str) -> None:
    shown = run("verify", str(ANCHORS), "--profile", "published-figures", exit_code=1, lang=lang).output
    assert shown.count("[V05]") == 1
    assert "236 ≠ 263" in shown
    assert "?" not in shown.replace("236?", "").replace("60.4?", "").replace("39.6?", "")


def test_wrong_profiles_and_files_have_their_exit_codes(tmp_path: Path) -> None:
    assert "tidy" in run("verify", str(ANCHORS), "--profile", "tydi", exit_code=11).output
    assert "status" in run("verify", str(ANCHORS), "--profile", "tidy", exit_code=10).output
    assert "missing.csv" in run("verify", str(tmp_path / "missing.csv"), "--profile", "tidy", exit_code=10).output
