"""Referrals to the UK National Referral Mechanism, from delivered files to the figures that the Home Office publishes.

The four quarters go through the command line into a fresh database and a snapshot. What ``tables`` computes from it is
compared with the whole published cube, in both directions, and with a plain count of the delivered rows.
"""

import csv
import gzip
import itertools
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist import _data
from thassist.codes import classification, correspondence
from thassist.dates import parse_period
from thassist.publish import layout_files
from thassist.records.extract import read
from thassist.records.migrate import open_database
from thassist.release.build import assemble
from thassist.snapshot import Snapshot, open_snapshot
from thassist.tables import spec as specs
from thassist.tables.compute import compute
from thassist.tables.cube import Cube
from thassist.tables.spec import TableSpec

DATA = Path(__file__).parents[1] / "data" / "uk_nrm"
QUARTERS = ("2022_q2", "2022_q3", "2022_q4", "2023_q1")

#: Cells of the published cube in the four quarters, and the referrals that they count.
PUBLISHED_CELLS, REFERRALS = 15_398, 17_920

#: Column of the publisher's files → dimension of our tables and classification.
COLUMNS = {
    "First responder type": ("responder_type", "uk_first_responder_type@2022"),
    "First responder": ("responder", "uk_first_responder@2022"),
    "Exploitation type": ("exploitation", "uk_exploitation@2022"),
    "Age at exploitation": ("age", "uk_age@2022"),
    "Gender": ("gender", "uk_gender@2022"),
    "Nationality": ("nationality", "uk_nationality@2022"),
}

#: The margins that are published for a responder, and the table that holds each; the last three are in no table of a
#: release, because four-way tables of persons are not for publishing.
RESPONDER_MARGINS = {
    (): "uk_responder",
    ("nationality",): "uk_responder_nationality",
    ("exploitation",): "uk_responder_exploitation",
    ("exploitation", "nationality"): "uk_responder_exploitation_nationality",
    ("exploitation", "age"): "uk_responder_exploitation_age",
    ("exploitation", "age", "nationality"): "uk_responder_cube",
    ("exploitation", "age", "gender"): "uk_responder_cube",
    ("exploitation", "age", "gender", "nationality"): "uk_responder_cube",
}
#: Those published for a type of responder.
TYPE_MARGINS = {(): "uk_responder_type", ("nationality",): "uk_responder_type_nationality"}

#: The local authorities are one responder. Its total, and its cells by nationality, stand in the row of its type only.
ONE_RESPONDER = {"LOCAL_AUTHORITY": "LOCAL_AUTHORITY"}

Margin = dict[tuple[str, ...], int]


@dataclass(frozen=True)
class Published:
    """The published cube of a quarter: (dimension of the row, other dimensions) → codes → people; and its size."""

    margins: dict[tuple[str, tuple[str, ...]], Margin]
    cells: int


def words_to_codes(ref: str) -> dict[str, str]:
    return {code.labels["en"]: code.code for code in classification(ref).codes.values()}


def published(quarter: str) -> Published:
    maps = {column: words_to_codes(ref) for column, (_, ref) in COLUMNS.items()}
    margins: dict[tuple[str, tuple[str, ...]], Margin] = defaultdict(dict)
    cells = 0
    with gzip.open(DATA / f"published_cube_{quarter}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            whole_type = row["First responder"] == f"{row['First responder type']} total"
            column = "First responder type" if whole_type else "First responder"
            given = [name for name in list(COLUMNS)[2:] if row[name] != "Total"]
            margin = margins[COLUMNS[column][0], tuple(COLUMNS[name][0] for name in given)]
            codes = tuple(maps[name][row[name]] for name in (column, *given))
            assert codes not in margin
            margin[codes] = int(row["People"])
            cells += 1
    return Published(dict(margins), cells)


def spec_of(table: str) -> TableSpec:
    own = DATA / "specs" / f"{table}.toml"
    return specs.load_file(own) if own.is_file() else specs.load(table)


@cache
def cube_of(folder: Path, quarter: str, table: str) -> Cube:
    snapshot = open_snapshot(folder.parent, folder.name)
    cube = compute(spec_of(table), snapshot, parse_period(quarter.replace("_", "-")))
    assert cube.unplaced == 0
    return cube


def margin_of(snapshot: Snapshot, quarter: str, table: str, names: tuple[str, ...]) -> Margin:
    """The non-zero cells of one margin of a table."""
    spec = spec_of(table)
    assert names in spec.margins
    dimensions = [dimension.id for dimension in spec.dimensions]
    cube = cube_of(snapshot.folder, quarter, table)
    found: Margin = {}
    for (_, *codes), cell in cube.cells.items():
        at = {name: code for name, code in zip(dimensions, codes, strict=True) if code != "_T"}
        if tuple(at) == names and cell.value:
            assert isinstance(cell.value, int)
            found[tuple(at.values())] = cell.value
    return found


def differences(snapshot: Snapshot, quarter: str, home_office: Published) -> Iterator[str]:
    """Every cell of a published margin in which we and the Home Office differ, a cell absent being zero."""
    for row, tables in (("responder_type", TYPE_MARGINS), ("responder", RESPONDER_MARGINS)):
        for others, table in tables.items():
            expected = dict(home_office.margins[row, others])
            if row == "responder" and others in TYPE_MARGINS:
                for (kind, *codes), people in home_office.margins["responder_type", others].items():
                    if kind in ONE_RESPONDER:
                        expected[ONE_RESPONDER[kind], *codes] = people
            found = margin_of(snapshot, quarter, table, (row, *others))
            for cell in sorted(expected.keys() | found.keys()):
                if expected.get(cell, 0) != found.get(cell, 0):
                    yield f"{quarter} {table} {cell}: {expected.get(cell, 0)} published, {found.get(cell, 0)} computed"


@cache
def delivered(quarter: str) -> tuple[dict[str, str], ...]:
    with gzip.open(DATA / f"nrm_{quarter}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def run(home: Path, *arguments: str, exit_code: int = 0) -> str:
    environment = {
        "THASSIST_DB": f"sqlite:///{home / 'thassist.db'}",
        "THASSIST_SNAPSHOTS": str(home / "snapshots"),
        "THASSIST_LANG": "en",
    }
    result = CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == exit_code, result.output
    return result.output


def import_files(home: Path, files: list[Path]) -> Snapshot:
    run(home, "init")
    for file in files:
        run(home, "import", "--profile", "uk-nrm", str(file))
    run(home, "freeze")
    return open_snapshot(home / "snapshots")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four quarters as CSV files, imported and frozen."""
    folder = tmp_path_factory.mktemp("uk_nrm")
    files = []
    for quarter in QUARTERS:
        files.append(folder / f"nrm_expanded_{quarter}.csv")
        files[-1].write_bytes(gzip.decompress((DATA / f"nrm_{quarter}.csv.gz").read_bytes()))
    import_files(folder, files)
    return folder


@pytest.fixture(scope="module")
def snapshot(home: Path) -> Snapshot:
    return open_snapshot(home / "snapshots")


@pytest.fixture(scope="module")
def records(home: Path) -> dict[str, pd.DataFrame]:
    """What the database holds of the four quarters."""
    return read(open_database(f"sqlite:///{home / 'thassist.db'}")).frames


def test_every_published_cell_is_equal_and_no_other_cell_exists(snapshot, capsys):
    compared: Counter[int] = Counter()
    found = []
    for quarter in QUARTERS:
        home_office = published(quarter)
        ours = {("responder_type", others) for others in TYPE_MARGINS} | {
            ("responder", others) for others in RESPONDER_MARGINS
        }
        assert set(home_office.margins) == ours  # no published margin is left out
        for (_, others), cells in home_office.margins.items():
            compared[1 + len(others)] += len(cells)
        found += differences(snapshot, quarter, home_office)
    with capsys.disabled():
        ways = ", ".join(f"{count:,} {way}-way" for way, count in sorted(compared.items()))
        sys.stdout.write(f"\n{compared.total():,} published cells compared ({ways}), {len(found)} differences\n")
    assert found == []
    assert compared.total() == PUBLISHED_CELLS


def test_the_cubes_own_margins_agree_with_the_tables_of_the_release(snapshot):
    """The same margin from two definitions: the one table with all margins, and the table that is released."""
    for others, table in RESPONDER_MARGINS.items():
        names = ("responder", *others)
        assert margin_of(snapshot, "2022_q3", "uk_responder_cube", names) == margin_of(
            snapshot, "2022_q3", table, names
        )


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("First responder", "Home Office - UK Border Force UKBF"),
        ("Gender", "Other"),
        ("Nationality", "Congolese (Drc)"),
    ],
)
def test_one_changed_record_is_found(tmp_path, column, other):
    """A comparison that could not fail would prove nothing."""
    rows = [dict(row) for row in delivered("2022_q2")]
    changed = next(row for row in rows if row["First responder type"] == "Government agency" and row[column] != other)
    changed[column] = other
    file = tmp_path / "changed.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    snapshot = import_files(tmp_path, [file])
    assert list(differences(snapshot, "2022_q2", published("2022_q2")))


#: A form in the Home Office's words → Eurostat's code, and the sets of codes that Eurostat has a code for.
EUROSTAT = {
    "Labour": "ICCS02042", "Domestic": "ICCS02042", "Sexual": "ICCS02041",
    "Criminal": "ICCS02043_02044", "Organ Harvesting": "ICCS02043_02044",
}  # fmt: skip
COMBINED = {
    frozenset({"ICCS02041", "ICCS02042"}): "ICCS02041_02042",
    frozenset({"ICCS02041", "ICCS02043_02044"}): "ICSS02041_02043_02044",
    frozenset({"ICCS02042", "ICCS02043_02044"}): "ICSS02042_02043_02044",
}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_referrals_come_out_in_the_codes_of_eurostat_and_unodc(snapshot, quarter):
    rows = delivered(quarter)
    home_office = sum(published(quarter).margins["responder_type", ()].values())
    single: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for row in rows:
        words = re.split(", | & ", row["Exploitation type"])
        codes = {EUROSTAT[word] for word in words if word in EUROSTAT}
        every.update(codes)
        single[next(iter(codes)) if len(codes) == 1 else COMBINED.get(frozenset(codes), "")] += 1
    mixed = cube_of(snapshot.folder, quarter, "intl_uk_eurostat_mixed_sex_age")
    form = cube_of(snapshot.folder, quarter, "intl_uk_eurostat_any_form")
    unodc = cube_of(snapshot.folder, quarter, "intl_uk_unodc_sex_age")
    period = mixed.periods[0].code
    assert mixed.value(period) == form.value(period) == unodc.value(period) == home_office == len(rows)
    assert {code: mixed.value(period, form=code) for code in single if code} == {
        code: count for code, count in single.items() if code
    }
    assert {code: form.value(period, form=code) for code in every} == every
    genders = Counter(row["Gender"] for row in rows)
    assert mixed.value(period, sex="F") == unodc.value(period, sex="Female") == genders["Female"]
    assert unodc.value(period, sex="Other") == genders["Other"]
    assert unodc.value(period, age="Unknown") == sum(
        row["Age at exploitation"] not in {"Adult (18 or over)", "Child (17 or under)"} for row in rows
    )


def test_the_files_of_the_crosswalk_hold_the_published_total(snapshot, tmp_path):
    release = assemble("uk-crosswalk", "2022-Q3", snapshot)
    for layout in release.spec.layouts:
        layout_files.write(layout, release, tmp_path / "receiver")
    with (tmp_path / "receiver" / "UK_CRIM_THB_VSAGE.csv").open(encoding="utf-8", newline="") as file:
        total = next(row for row in csv.DictReader(file) if (row["sex"], row["age"]) == ("T", "TOTAL"))
    expected = sum(published("2022_q3").margins["responder_type", ()].values())
    assert int(total["OBS_VALUE"]) == expected
    with (tmp_path / "receiver" / "data_glotip_GBR.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[2:]
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    everybody = {"Dimension": "Total", "Sex": "Total", "Age": "Total"}
    assert [row["txtVALUE"] for row in rows if everybody.items() <= row.items()] == [str(expected)]


def uk_tables() -> list[str]:
    return [path.stem for path in specs.paths_of_specs() if path.stem.startswith("uk_")]


@pytest.mark.parametrize("table", uk_tables())
def test_every_margin_of_every_table_equals_a_plain_count_of_the_rows(snapshot, table):
    maps = {name: (column, words_to_codes(ref)) for column, (name, ref) in COLUMNS.items()}
    forms = {"Labour": "LAB", "Domestic": "DOM", "Criminal": "CRIM", "Sexual": "SEX", "Organ Harvesting": "ORG"}
    rows = []
    for row in delivered("2022_q4"):
        said = {name: {codes[row[column]]} for name, (column, codes) in maps.items()}
        said["form"] = {forms.get(word, "_U") for word in re.split(", | & ", row["Exploitation type"])}
        rows.append(said)
    spec = spec_of(table)
    if "POLICE" in spec.population.where:
        rows = [row for row in rows if row["responder_type"] != {"POLICE"}]
    for names in spec.margins:
        plain: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            plain.update(itertools.product(*(row[name] for name in names)))
        assert margin_of(snapshot, "2022_q4", table, names) == plain, names


def test_what_is_known_is_stored_with_its_precision_and_the_rest_is_not_invented(records):
    assert {name: len(frame) for name, frame in records.items() if len(frame)} == {
        "person": REFERRALS,
        "citizenship": 18_587,  # one each, and one more for every dual nationality
        "referral": REFERRALS,
        "source_code": 6 * REFERRALS,
        "exploitation": REFERRALS,
        "exploitation_form": 21_937,
    }
    person, referral, exploitation = records["person"], records["referral"], records["exploitation"]
    assert set(person["reporting_system"]) == {"UK_NRM"}
    assert person["sex"].value_counts().to_dict() == {"M": 14_051, "F": 3_855, "O": 13, "_U": 1}
    assert person["birth_date"].isna().all()
    assert sorted(
        {
            (str(day), span)
            for day, span in zip(referral["received_date"], referral["received_date_precision"], strict=True)
        }
    ) == [(day, "Q") for day in ("2022-04-01", "2022-07-01", "2022-10-01", "2023-01-01")]
    assert referral["source"].value_counts().to_dict() == {"OTH_AUTH": 9_012 + 3_902, "POLICE": 3_996, "NGO": 1_010}
    assert exploitation["reported_age_class"].value_counts().to_dict() == {"ADULT": 9_395, "MINOR": 7_456, "_U": 1_069}
    assert exploitation["start_date"].isna().all()


@pytest.mark.parametrize(
    ("word", "people", "countries"),
    [
        ("JAMAICAN_UK", 39, {"JM", "GB"}),
        ("UNKNOWN_UK", 22, {"_U", "GB"}),
        ("_U", 45, {"_U"}),
        ("KOSOVAN", 18, {"XK"}),
        ("PALESTINIAN", 13, {"PS"}),
        ("CONGOLESE_DRC", 19, {"CD"}),
        ("CONGOLESE_DRC_VARIANT", 6, {"CD"}),
        ("CONGOLESE_CONGO", 4, {"CG"}),
        ("BRITISH_VIRGIN_ISLANDER_CITIZEN_OF_THE_DOMINICAN_REPUBLIC", 1, {"VG", "DO"}),
        ("RUSSIAN_UKRAINIAN", 1, {"RU", "UA"}),
        ("CENTRAL_AFRICAN_CONGOLESE_DRC_VARIANT", 1, {"CF", "CD"}),
    ],
)
def test_nationality_words_become_countries_and_are_kept_beside(records, word, people, countries):
    kept = records["source_code"]
    with_word = set(kept.loc[(kept["scheme"] == "uk_nationality@2022") & (kept["code"] == word), "referral_id"])
    assert len(with_word) == people
    citizenship = records["citizenship"]
    held = citizenship[citizenship["person_id"].isin(with_word)].groupby("person_id")["country"].agg(set)
    assert len(held) == people
    assert all(each == countries for each in held)


def test_the_profile_maps_forms_as_the_correspondence_says():
    profile = _data.read_toml(_data.reports_dir() / "profiles" / "uk-nrm.toml")
    agreed = correspondence("uk_exploitation_form@2022--exploitation_form@1")
    assert profile["map"]["form"]["values"] == {
        agreed.source.codes[code].labels["en"]: target for code, target in agreed.targets.items()
    }


def test_a_word_that_no_list_knows_is_reported_and_nothing_is_stored(tmp_path):
    rows = [dict(row) for row in delivered("2022_q2")[:20]]
    rows[4]["Nationality"] = "Ruritanian"
    rows[7]["Exploitation type"] = "Labour & Sorcery"
    file = tmp_path / "unknown.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run(tmp_path, "init")
    said = json.loads(run(tmp_path, "validate", "--profile", "uk-nrm", "--format", "json", str(file), exit_code=1))
    places = {(found["row"], found["column"], found["header"]) for found in said["findings"]}
    assert {(6, "G", "Nationality"), (9, "D", "Exploitation type")} <= places  # as a spreadsheet shows them
    run(tmp_path, "import", "--profile", "uk-nrm", str(file), exit_code=1)
    records = read(open_database(f"sqlite:///{tmp_path / 'thassist.db'}"))
    assert records.count() == 0


def test_the_release_holds_the_published_margins(home, tmp_path):
    """The CSV files of the release, as a reader gets them, against the published cube."""
    run(home, "release", "build", "uk-nrm-quarterly", "--period", "2022-Q2", "--out", str(tmp_path / "out"))
    home_office = published("2022_q2")
    folders = list((tmp_path / "out").rglob("data"))
    assert len(folders) == 1
    compared = 0
    for row, tables in (("responder_type", TYPE_MARGINS), ("responder", RESPONDER_MARGINS)):
        for others, table in tables.items():
            if table == "uk_responder_cube":
                continue
            with (folders[0] / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                figures = {tuple(line[name] for name in (row, *others)): line["value"] for line in csv.DictReader(file)}
            for cell, people in home_office.margins[row, others].items():
                assert figures[cell] == str(people), (table, cell)
                compared += 1
    assert compared == sum(
        len(cells) for (_, others), cells in home_office.margins.items() if len(others) < 3 and "gender" not in others
    )
