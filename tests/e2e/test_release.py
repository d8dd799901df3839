"""``thassist release`` from the command line, on made-up Finnish data and on what the Home Office published."""

import csv
import datetime as dt
import gzip
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from pypdf import PdfReader
from thassist_cli.main import cli

from thassist import _data
from thassist.snapshot import Snapshot, open_snapshot

UK = Path(__file__).parents[1] / "data" / "uk_nrm"


def run(home: Path, *arguments: str, exit_code: int = 0, lang: str = "en") -> Result:
    environment = {"THASSIST_DB": f"sqlite:///{home / 'thassist.db'}", "THASSIST_LANG": lang}
    result = CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result


@pytest.fixture(scope="module")
def finland(ten_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ten years of made-up cases, imported and frozen, and the annual release of 2022."""
    return Path(shutil.copytree(ten_years, tmp_path_factory.mktemp("finland") / "office"))


@pytest.fixture(scope="module")
def frozen(finland: Path) -> Snapshot:
    return open_snapshot(finland / "snapshots")


def figures(folder: Path, table: str) -> dict[tuple[str, ...], str]:
    """Code or codes → value, in the last period of a table."""
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if f"{name}_label" in rows[0]]
    last = max(row["period"] for row in rows)
    return {tuple(row[name] for name in names): row["value"] for row in rows if row["period"] == last}


def test_the_annual_release_of_2022_shows_the_published_figures(finland: Path) -> None:
    """The figures are those of the annual review of 2022 as the issue names them."""
    annual = finland / "annual"
    assert figures(annual, "fi_referrals_source")["_T",] == "478"
    assert figures(annual, "fi_new_victims_form")["_T",] == "367"
    sexes = figures(annual, "fi_new_victims_sex_age")
    assert int(sexes["WOMEN",]) + int(sexes["GIRLS",]) == 192
    assert int(sexes["MEN",]) + int(sexes["BOYS",]) == 175
    assert figures(annual, "fi_new_victims_place")["IN_FINLAND",] == "236"
    assert figures(annual, "fi_new_in_finland_form_sex")["LAB", "_T"] == "178"
    stock = figures(annual, "fi_stock_group")
    assert stock["_T",] == "1314"
    assert sorted(stock.values()) == ["1051", "1314", "263"]


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_workbook_and_pdf_say_the_same_as_the_data(finland: Path, lang: str) -> None:
    stem = f"national-annual_2022_internal_{lang}"
    book = load_workbook(finland / "annual" / f"{stem}.xlsx", read_only=True)
    numbers = {
        cell for sheet in book.worksheets[3:] for row in sheet.iter_rows(values_only=True) for cell in row
        if isinstance(cell, int)
    }  # fmt: skip
    assert {478, 367, 236, 178, 1051, 263, 1314} <= numbers
    text = "\n".join(page.extract_text() for page in PdfReader(finland / "annual" / f"{stem}.pdf").pages)
    text = text.replace("\xa0", " ")
    for figure in ("478", "367", "236", "178", "263", "1,051" if lang == "en" else "1 051"):
        assert re.search(rf"(?m)^ ?{figure}$", text), figure


def test_every_output_says_internal_and_synthetic(finland: Path) -> None:
    annual = finland / "annual"
    for path in annual.glob("*.pdf"):
        for page in PdfReader(path).pages:
            assert re.search("INTERNAL|SISÄINEN|INTERNT", page.extract_text())
            assert re.search("SYNTHETIC|KEINOTEKOINEN|KONSTGJORDA", page.extract_text())
    assert all("_internal_" in path.name for path in annual.glob("national*"))
    for path in (annual / "manifest.json", annual / "data" / "datapackage.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        assert (content["audience"], content["synthetic"]) == ("internal", True)


def test_the_command_says_that_the_release_is_internal(finland: Path) -> None:
    for lang, word in (("fi", "SISÄINEN"), ("sv", "INTERN"), ("en", "INTERNAL")):
        result = run(
            finland,
            *("release", "build", "national-quarterly", "--period", "2024-Q4", "--out", str(finland / "quarter")),
            *("--only", "fi", "--lang", lang),
        )
        assert word in result.stderr
    assert sorted(path.suffix for path in (finland / "quarter").glob("national*")) == [".html", ".pdf", ".xlsx"]


def test_a_second_build_is_the_same_bytes_and_leaves_the_first(finland: Path, frozen: Snapshot) -> None:
    annual = finland / "annual"
    result = run(
        finland,
        *("release", "build", "national-annual", "--period", "2022", "--snapshot", frozen.id, "--out", str(annual)),
    )
    assert "byte for byte" in result.stdout
    listed = {entry["path"]: entry["sha256"] for entry in json.loads((annual / "manifest.json").read_bytes())["files"]}
    found = {
        path.relative_to(annual).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in annual.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert listed == found


@pytest.mark.parametrize(
    ("release", "period", "key"),
    [
        ("national-annual", "2022-Q1", "release.wrong_period"),
        ("national-annual", "2999", "release.not_begun"),
        ("national-annual", "2005", "release.outside_data"),
        ("national-annul", "2022", "release.no_release"),
        ("uk-nrm-quarterly", "2022-Q2", "release.no_data"),
    ],
)
def test_what_cannot_be_built_is_refused_and_nothing_is_written(
    finland: Path, tmp_path: Path, release: str, period: str, key: str
) -> None:
    result = run(finland, "release", "build", release, "--period", period, "--out", str(tmp_path / "out"), exit_code=11)
    assert f"[{key}]" in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_another_release_in_the_way_is_refused(finland: Path) -> None:
    before = (finland / "annual" / "manifest.json").read_bytes()
    result = run(
        finland,
        *("release", "build", "national-annual", "--period", "2021", "--out", str(finland / "annual"), "--only", "en"),
        exit_code=11,
    )
    assert "[publish.in_the_way]" in result.stderr
    assert (finland / "annual" / "manifest.json").read_bytes() == before


def test_no_snapshot_is_a_storage_error(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        *("release", "build", "national-annual", "--period", "2022", "--out", str(tmp_path / "out")),
        exit_code=13,
    )
    assert "Traceback" not in result.output


def test_the_list_speaks_three_languages_and_json(tmp_path: Path) -> None:
    assert "vuosittain" in run(tmp_path, "release", "list", lang="fi").stdout
    assert "årsvis" in run(tmp_path, "release", "list", lang="sv").stdout
    found = json.loads(run(tmp_path, "release", "list", "--format", "json").stdout)
    assert {"national-annual", "national-quarterly", "uk-nrm-quarterly"} <= {entry["id"] for entry in found}
    assert all(entry["tables"] for entry in found)
    public = {entry["id"] for entry in found if entry["audience"] == "public"}
    assert {"national-quarterly-public", "national-annual-public", "uk-nrm-public", "sdg-16-2-2-public"} <= public
    assert public == {entry["id"] for entry in found if entry["id"].endswith("-public")}


def test_the_uk_release_from_real_referrals_is_not_called_synthetic(tmp_path: Path) -> None:
    file = tmp_path / "nrm_expanded_2022_q2.csv"
    file.write_bytes(gzip.decompress((UK / "nrm_2022_q2.csv.gz").read_bytes()))
    with file.open(encoding="utf-8", newline="") as opened:
        plain = Counter(row["First responder type"] for row in csv.DictReader(opened))
    run(tmp_path, "init")
    run(tmp_path, "import", "--profile", "uk-nrm", str(file))
    run(tmp_path, "freeze")
    out = tmp_path / "uk"
    result = run(
        tmp_path, *("release", "build", "uk-nrm-quarterly", "--period", "2022-Q2", "--out", str(out), "--only", "en")
    )
    assert "SYNTHETIC" not in result.stderr
    book = load_workbook(out / "uk-nrm-quarterly_2022-Q2_internal_en.xlsx", read_only=True)
    shown = {row[0]: row[1] for row in book["Table 1"].iter_rows(values_only=True) if len(row) > 1 and row[1]}
    assert {kind: shown[kind] for kind in plain} == dict(plain)
    assert shown["Total"] == plain.total() == 4171
    cover = " ".join(str(row[0]) for row in book["Cover"].iter_rows(values_only=True))
    assert "Open Government Licence v3.0" in cover
    assert "SYNTHETIC" not in cover
    package = json.loads((out / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "OGL-UK-3.0"
    assert package["synthetic"] is False
    text = "\n".join(page.extract_text() for page in PdfReader(next(out.glob("*.pdf"))).pages)
    assert "60 of " in text
    assert "rows are shown" in text


_SHORT = """
[[chapter]]
id = "all"
tables = ["fi_referrals_source", "fi_new_victims_form_sex", "fi_stock_role"]
title = { fi = "Kaikki", sv = "Allt", en = "All" }
"""
QUARTER = ("release", "build", "national-quarterly", "--period", "2022-Q2", "--only", "en")


@pytest.fixture(scope="module")
def two_releases(one_year: Callable[[str], Path]) -> Path:
    """Releases A and B of one quarter; between them a late referral and a corrected sex came in a workbook.

    They hold three tables, so that they are built in a second.
    """
    home = one_year("revised")
    shutil.copytree(_data.reports_dir(), home / "reports")
    release = home / "reports" / "releases" / "national-quarterly.toml"
    release.write_text(release.read_text(encoding="utf-8").partition("[[chapter]]")[0] + _SHORT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THASSIST_REPORTS", str(home / "reports"))
        run(home, *QUARTER, "--out", str(home / "a"))
        made = load_workbook(home / "cases.xlsx")
        new = next(
            row[1]
            for row in made["Client episodes"].iter_rows(min_row=2, values_only=True)
            if row[3] == "Victim of trafficking" and row[5] == "yes" and (row[6].year, row[6].month) == (2022, 5)
        )
        person = next(row for row in made["Persons"].iter_rows(min_row=2) if row[0].value == new)
        person[1].value = "Male" if person[1].value == "Female" else "Female"
        made["Referrals"].append(["R-900001", new, dt.datetime(2022, 5, 20), "Police"])  # noqa: DTZ001 - a cell's date
        made.save(home / "corrected.xlsx")
        run(home, "import", str(home / "corrected.xlsx"), "--correct", "--why", "entered wrongly")
        run(home, "freeze")
        before = {path: path.read_bytes() for path in (home / "a").rglob("*") if path.is_file()}
        built = run(home, *QUARTER, "--out", str(home / "b"), "--previous", str(home / "a"))
        assert "figures published in national-quarterly 2022-Q2 are others now" in built.output
        assert {path: path.read_bytes() for path in before} == before, "what was published stays as it was"
    return home


@pytest.fixture
def revised(two_releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The two releases, with their definitions in use."""
    monkeypatch.setenv("THASSIST_REPORTS", str(two_releases / "reports"))
    return two_releases


def tidy(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def diff(home: Path, *more: str, lang: str = "en") -> str:
    return run(home, "release", "diff", str(home / "a"), str(home / "b"), *more, exit_code=1, lang=lang).stdout


def test_a_late_record_and_a_correction_are_traced_from_release_to_release(revised: Path) -> None:
    told = json.loads(diff(revised, "--format", "json"))
    changes = {(one["table"], *one["codes"].values()): one for one in told["changes"]}
    police = changes["fi_referrals_source", "POLICE"]
    assert (police["difference"], police["reasons"]) == (1, [{"cause": "late", "records": 1}])
    sexes = [changes["fi_new_victims_form_sex", "_T", sex] for sex in ("F", "M")]
    assert sorted(one["difference"] for one in sexes) == [-1, 1]
    assert [one["reasons"] for one in sexes] == [[{"cause": "correction", "records": 1}]] * 2
    assert ("fi_new_victims_form_sex", "_T", "_T") not in changes
    with (revised / "b" / "data" / "revisions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(changes) == told["changed"]


def test_the_later_release_shows_its_revisions_in_every_format(revised: Path) -> None:
    [path] = (revised / "b").glob("*.xlsx")
    book = load_workbook(path, read_only=True)
    rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
    shown = {cell for row in rows for cell in row}
    assert {"late entry (records: 1)", "correction (records: 1)"} <= shown
    [pdf] = (revised / "b").glob("*.pdf")
    assert "late entry" in "".join(page.extract_text() for page in PdfReader(pdf).pages)
    old = next(row["value"] for row in tidy(revised / "a", "fi_referrals_source") if row["source"] == "POLICE")
    notes = {row["note"] for row in tidy(revised / "b", "fi_referrals_source") if row["source"] == "POLICE"}
    assert notes == {f"Revised; published before: {old}."}


def test_differences_are_told_in_three_languages_and_as_csv(revised: Path) -> None:
    for lang, word in (("fi", "myöhässä kirjattu"), ("sv", "sen registrering"), ("en", "late entry")):
        assert word in diff(revised, lang=lang)
    rows = list(csv.DictReader(diff(revised, "--format", "csv").splitlines()))
    assert {row["reasons"] for row in rows} == {"late", "correction"}
    same = run(revised, "release", "diff", str(revised / "a"), str(revised / "a"))
    assert "No figure changed" in same.stdout
    latest = open_snapshot(revised / "snapshots").id
    again = run(revised, "release", "diff", str(revised / "a"), latest, "--format", "csv", exit_code=1)
    assert list(csv.DictReader(again.stdout.splitlines())) == rows


def test_without_the_snapshots_a_reason_is_not_told_and_no_revision_is_released(revised: Path, tmp_path: Path) -> None:
    assert "cannot be traced here" in diff(revised, "--snapshots", str(tmp_path))
    latest = open_snapshot(revised / "snapshots")
    shutil.copytree(latest.folder, tmp_path / "snapshots" / latest.id)
    refused = run(
        revised,
        *(*QUARTER, "--out", str(tmp_path / "c"), "--previous", str(revised / "a")),
        *("--snapshots", str(tmp_path / "snapshots")),
        exit_code=11,
    )
    assert "R53" in refused.stderr
    assert not (tmp_path / "c").exists()


def test_a_figure_is_explained_and_counted_anew(revised: Path) -> None:
    asked = ("release", "explain", str(revised / "a"), "fi_referrals_source")
    told = run(revised, *asked, "2022-Q2,source=Police")
    for part in ("Population", "2022-04-01", "2022-06-30", "referral_source@1", "Not counted anew"):
        assert part in told.stdout
    live = run(
        revised, *asked, "2022-Q2,source=POLICE", "--snapshots", str(revised / "snapshots"), "--format", "json"
    ).stdout
    found = json.loads(live)
    assert found["live"] == {"value": found["value"], "records": found["value"], "same": True}
    assert "the nearest is source" in run(revised, *asked, "2022-Q2,sauce=POLICE", exit_code=2).stderr
    assert "C-0" not in told.stdout + live


def test_a_restricted_release_waits_for_protection(revised: Path, tmp_path: Path) -> None:
    release = revised / "reports" / "releases" / "national-quarterly.toml"
    text = release.read_text(encoding="utf-8")
    release.write_text(text.replace('audience = "internal"', 'audience = "restricted"'), encoding="utf-8")
    try:
        refused = run(revised, *QUARTER, "--out", str(tmp_path / "public"), exit_code=12)
    finally:
        release.write_text(text, encoding="utf-8")
    assert "[release.not_protected]" in refused.stderr
    assert list(tmp_path.iterdir()) == []
