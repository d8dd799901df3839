"""Every package for an international receiver over made-up cases, its files read again as the receiver would."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from thassist_cli.main import cli

from thassist.codes import classification
from thassist.publish import layout, layout_files
from thassist.release.build import Release, assemble
from thassist.release.spec import load
from thassist.snapshot import Snapshot, open_snapshot

PACKAGES = {
    "eurostat-thb": "2022",
    "unodc-glotip": "2022",
    "sdg-16-2-2": "2022",
    "eurostat-resper": "2022",
    "greta": "2022",
    "emn-annex": "2022",
    "us-tip": "2022-04-01/P1Y",
}


def run(home: Path, *command: str) -> str:
    places = {"THASSIST_DB": f"sqlite:///{home / 'thassist.db'}", "THASSIST_SNAPSHOTS": str(home / "snapshots")}
    done = CliRunner(env=places).invoke(cli, [*command, "--lang", "en"])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("world")
    run(home, "synth", "--from", "2022", "--to", "2022", "--seed", "7", "-o", str(home / "cases.xlsx"))
    run(home, "init")
    run(home, "import", str(home / "cases.xlsx"))
    run(home, "freeze")
    return home


@pytest.fixture(scope="module")
def snapshot(home: Path) -> Snapshot:
    return open_snapshot(home / "snapshots")


@pytest.fixture(scope="module")
def releases(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Release, Path]]:
    """Each package assembled, with its receiver's files."""
    made = {}
    for name, period in PACKAGES.items():
        release, folder = assemble(name, period, snapshot), tmp_path_factory.mktemp(name) / "receiver"
        for each in release.spec.layouts:
            layout_files.write(each, release, folder)
        made[name] = (release, folder)
    return made


def table(path: Path, skip: int = 0) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file.readlines()[skip:]))


def test_the_command_writes_the_files_and_their_hashes(home: Path) -> None:
    out = home / "sdg"
    run(home, "release", "build", "sdg-16-2-2", "--period", "2022", "--out", str(out), "--only", "en")
    listed = {entry["path"] for entry in json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]}
    assert {"receiver/sdg-16-2-2.csv", "receiver/sdg-16-2-2_items.csv"} <= listed


def test_the_six_cubes_are_bound_by_their_totals(releases: dict[str, tuple[Release, Path]]) -> None:
    folder = releases["eurostat-thb"][1]
    cubes = {path.stem: table(path) for path in folder.glob("CRIM_THB_*.csv")}
    assert len(cubes) == 6
    counts = {
        name: {
            tuple(row[k] for k in ("leg_stat", "citizen", "iccs", "sex", "age") if k in row): row["OBS_VALUE"]
            for row in rows
            if row["unit"] == "NR"
        }
        for name, rows in cubes.items()
    }
    everybody = int(counts["CRIM_THB_SEX"]["PER_VICT", "T"])
    assert everybody > 0
    assert everybody >= sum(int(counts["CRIM_THB_SEX"]["PER_VICT", sex]) for sex in "FM")
    assert counts["CRIM_THB_SEX"]["PER_CNV", "T"] == "", "what others count is empty, never a zero"
    assert int(counts["CRIM_THB_VSAGE"]["T", "TOTAL"]) == everybody
    for sex in "TFM":
        ages = [int(counts["CRIM_THB_VSAGE"][sex, age]) for age in ("Y_LT18", "Y_GE18")]
        assert int(counts["CRIM_THB_VSAGE"][sex, "TOTAL"]) >= sum(ages)
    assert sum(map(int, counts["CRIM_THB_VCTZ"].values())) <= everybody
    assert sum(map(int, counts["CRIM_THB_VEXP"].values())) <= everybody
    assert sum(int(v) for k, v in counts["CRIM_THB_EXPSXA"].items() if k[1:] == ("T", "TOTAL")) <= everybody
    rate = next(
        row
        for row in cubes["CRIM_THB_SEX"]
        if (row["leg_stat"], row["sex"], row["unit"]) == ("PER_VICT", "T", "P_HTHAB")
    )
    assert float(rate["OBS_VALUE"]) == pytest.approx(everybody / 55.48241, abs=1e-6)


def test_the_same_victims_everywhere(releases: dict[str, tuple[Release, Path]]) -> None:
    eurostat = table(releases["eurostat-thb"][1] / "CRIM_THB_SEX.csv")[0]["OBS_VALUE"]
    article = table(releases["eurostat-thb"][1] / "art19a.csv")[0]["obs_value"]
    unodc = table(releases["unodc-glotip"][1] / "data_glotip_FIN.csv", skip=2)[0]["txtVALUE"]
    sdg = table(releases["sdg-16-2-2"][1] / "sdg-16-2-2.csv")[0]["Value"]
    assert eurostat == article == unodc == sdg


def test_the_columns_of_the_public_file_of_unodc(releases: dict[str, tuple[Release, Path]]) -> None:
    rows = table(releases["unodc-glotip"][1] / "data_glotip_FIN.csv", skip=2)
    assert list(rows[0]) == [
        "Iso3_code", "Country", "Region", "Subregion", "Indicator", "Dimension", "Category", "Sex", "Age", "Year",
        "Unit of measurement", "txtVALUE", "Source",
    ]  # fmt: skip
    assert all(row["txtVALUE"].isdigit() for row in rows)
    assert {row["Sex"] for row in rows if row["Dimension"] == "by citizenship"} == {"Total"}


def sheets() -> Iterator[tuple[str, layout.Sheet]]:
    for name in PACKAGES:
        for each in load(name).layouts:
            yield from ((name, sheet) for sheet in layout.load(each).sheets)


def test_no_row_of_somebody_else_holds_a_figure(releases: dict[str, tuple[Release, Path]]) -> None:
    seen, books = 0, {}
    for name, sheet in sheets():
        book = next((file for file in sheet.files if file.endswith(".xlsx")), None)
        if book and all(not block.table for block in sheet.blocks):
            if book not in books:
                books[book] = load_workbook(releases[name][1] / book)
            lines = list(books[book][sheet.id].iter_rows(min_row=2, values_only=True))
            value = next(n for n, column in enumerate(sheet.columns) if column in {"obs_value", "value", "txtVALUE"})
            assert lines
            assert all(line[value] is None for line in lines)
            seen += 1
    assert seen > 20


def test_items_say_of_every_cell_whose_it_is(releases: dict[str, tuple[Release, Path]]) -> None:
    for _, folder in releases.values():
        for path in folder.glob("*_items.csv"):
            for row in table(path):
                parts = ("filled", "withheld", "not_known", "not_applicable", "not_ours")
                assert int(row["cells"]) == sum(int(row[part]) for part in parts), row["item"]
                assert bool(row["who_fi"]) == (int(row["not_ours"]) > 0 or "repatriated" in row["item"])


def test_no_placeholder_code_can_leave(releases: dict[str, tuple[Release, Path]]) -> None:
    for release, folder in releases.values():
        for cube in release.cubes:
            assert not any(classification(each.classification).placeholder for each in cube.spec.dimensions)
        for path in folder.glob("*.csv"):
            assert "x_" not in path.read_text(encoding="utf-8")


def test_the_same_snapshot_gives_the_same_bytes(releases: dict[str, tuple[Release, Path]], tmp_path: Path) -> None:
    release, folder = releases["eurostat-thb"]
    for name in release.spec.layouts:
        layout_files.write(name, release, tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
