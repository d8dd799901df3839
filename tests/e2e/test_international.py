"""Every package for an international receiver over made-up cases, its files read again as the receiver would."""

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from pypdf import PdfReader
from thassist_cli.main import cli

from thassist import _data
from thassist.codes import classification
from thassist.codes.proof import placeholders
from thassist.errors import InvalidDefinition
from thassist.publish import layout, layout_files
from thassist.publish.sdmx_model import code_list
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
def home(one_year: Callable[[str], Path]) -> Path:
    return one_year("world")


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


def stand_ins(folder: Path) -> set[str]:
    """The placeholder codes that stand anywhere in the files of a folder, workbooks unpacked."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if path.suffix == ".xlsx":
            sheets = load_workbook(path, read_only=True)
            text = "\n".join(
                str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell
            )
        elif path.suffix == ".pdf":
            text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        else:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found |= {code for code in placeholders() if re.search(rf"\b{code}\b", text)}
    return found


def test_no_placeholder_code_can_leave(releases: dict[str, tuple[Release, Path]]) -> None:
    for release, folder in releases.values():
        for cube in release.cubes:
            assert not any(classification(each.classification).placeholder for each in cube.spec.dimensions)
        assert not stand_ins(folder)


def refused(home: Path, *command: str) -> str:
    places = {"THASSIST_DB": f"sqlite:///{home / 'thassist.db'}", "THASSIST_SNAPSHOTS": str(home / "snapshots")}
    done = CliRunner(env=places).invoke(cli, [*command, "--lang", "en"])
    assert done.exit_code == 11, done.output
    return done.output


def own_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(_data.reports_dir(), tmp_path / "reports")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    return tmp_path / "reports"


def test_a_release_of_ic_tip_waits_for_the_official_list_and_is_built_when_it_is_loaded(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_definitions(tmp_path, monkeypatch)
    build = ("release", "build", "ic-tip", "--period", "2022", "--only", "en", "--out", str(tmp_path / "ictip"))
    said = refused(home, *build)
    assert "codes load ictip_form_of_exploitation@2025" in said
    assert not (tmp_path / "ictip").exists()
    assert "waits for the official list" in run(home, "release", "list")
    official = [
        f"OFF{number},Form {number},{code}"
        for number, code in enumerate(classification("ictip_form_of_exploitation@2025").codes)
    ]
    file = tmp_path / "official.csv"
    file.write_text("\n".join(["code,label_en,replaces", *official]), encoding="utf-8")
    run(home, "codes", "load", "ictip_form_of_exploitation@2025", str(file), "--source", "an invented list")
    run(home, *build)
    rows = table(tmp_path / "ictip" / "data" / "intl_ictip_form.csv")
    assert {row["form"] for row in rows} <= {"_T", *(f"OFF{number}" for number in range(len(official)))}
    assert not stand_ins(tmp_path / "ictip")
    # everybody arrives once, and forced crime is the eighth code: at home crime and benefit fraud (crosswalk.csv)
    found = {row["form"]: int(row["value"]) for row in rows}
    own = {row["form"]: int(row["value"]) for row in table_of(home, tmp_path, "form")}
    assert sum(found.values()) == 2 * found["_T"] == 2 * own["_T"]
    assert found["OFF7"] == own["CRIM"] + own["BENF"]


def table_of(home: Path, tmp_path: Path, by: str) -> list[dict[str, str]]:
    """The registered victims by the national codes, from an answer on demand."""
    out = tmp_path / f"by_{by}"
    run(home, "release", "adhoc", "--view", "registered_victims", "--by", by, "--period", "2022", "--out", str(out))
    return table(next((out / "data").glob("*.csv")))


def test_placeholders_are_stopped_on_every_way_out(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout, an exchange of records, SDMX and an answer on demand that name a list of stand-ins are refused."""
    folder = own_definitions(tmp_path, monkeypatch)
    ref = "ictip_form_of_exploitation@2025"
    layout_file = folder / "layouts" / "sdg-16-2-2.toml"
    original = layout_file.read_text(encoding="utf-8")
    layout_file.write_text(
        re.sub(r"(constants = \{.*?= )\"[^\"]*\"", r'\1"x_LAB"', original, count=1), encoding="utf-8"
    )
    assert "x_LAB" in refused(
        home, "release", "build", "sdg-16-2-2", "--period", "2022", "--out", str(tmp_path / "sdg"), "--only", "en"
    )
    exchange = folder / "exchange" / "htcds.toml"
    text = exchange.read_text(encoding="utf-8")
    assert "exploitation_form@1--htcds_type_of_exploitation@2.0" in text
    exchange.write_text(
        text.replace("exploitation_form@1--htcds_type_of_exploitation@2.0", f"exploitation_form@1--{ref}"),
        encoding="utf-8",
    )
    out = tmp_path / "records.csv"
    assert ref in refused(home, "exchange", "htcds", "--to", "nobody", "--why", "a test", "-o", str(out))
    with pytest.raises(InvalidDefinition):
        code_list(classification(ref), "FI_NAS")
    library = folder / "dimensions.toml"
    library.write_text(
        library.read_text(encoding="utf-8")
        + f'''
[dimension.ictip]
classification = "{ref}"
via = "exploitation_form@1--{ref}"
fields = ["form"]
fi = "a"
sv = "b"
en = "c"
''',
        encoding="utf-8",
    )
    assert ref in refused(
        home, "release", "adhoc", "--view", "registered_victims", "--by", "ictip", "--period", "2022",
        "--out", str(tmp_path / "answer"),
    )  # fmt: skip
    assert not any((tmp_path / name).exists() for name in ("sdg", "records.csv", "answer"))


def test_the_same_snapshot_gives_the_same_bytes(releases: dict[str, tuple[Release, Path]], tmp_path: Path) -> None:
    release, folder = releases["eurostat-thb"]
    for name in release.spec.layouts:
        layout_files.write(name, release, tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
