"""Synthetic cases through the whole chain: the release of 2022 prints the figures of the published review."""

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from made import made_up
from thassist_cli.main import cli

from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.records.dataset import Dataset, fields, sql_type
from thassist.tables import spec as specs
from thassist.tables.bench import bench
from thassist.tables.compute import compute

if TYPE_CHECKING:
    from thassist.tables.cube import Cube


def thassist(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def out(ten_years: Path) -> Path:
    return ten_years / "annual"


def cell(out: Path, table: str, **codes: str) -> int:
    with (out / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {"period": "2022", **codes}
    [value] = [row["value"] for row in rows if all(row[name] == code for name, code in wanted.items())]
    return int(value)


@pytest.mark.parametrize(
    ("table", "codes", "value"),
    [
        ("fi_referrals_source_group", {"source_group": "_T"}, 478),
        ("fi_referrals_source_group", {"source_group": "SELF"}, 48),
        ("fi_referrals_source_group", {"source_group": "AUTH_ORG"}, 430),
        ("fi_new_clients_kind", {"kind": "_T"}, 429),
        ("fi_new_clients_kind", {"kind": "CHILD"}, 62),
        ("fi_new_victims_form_sex", {"form": "_T", "sex": "_T"}, 367),
        ("fi_new_victims_form_sex", {"form": "_T", "sex": "F"}, 192),
        ("fi_new_victims_form_sex", {"form": "_T", "sex": "M"}, 175),
        ("fi_new_victims_place", {"place": "IN_FINLAND"}, 236),
        ("fi_new_victims_place", {"place": "ABROAD"}, 131),
        ("fi_new_in_finland_form_sex", {"form": "LAB", "sex": "_T"}, 178),
        ("fi_new_in_finland_form_sex", {"form": "MARR", "sex": "_T"}, 25),
        ("fi_new_in_finland_form_sex", {"form": "SEX", "sex": "_T"}, 24),
        ("fi_new_in_finland_form_sex", {"form": "SOLD", "sex": "_T"}, 0),
        ("fi_new_in_finland_residence_status", {"residence_status": "VISA"}, 104),
        ("fi_new_in_finland_residence_status", {"residence_status": "PERMIT"}, 54),
        ("fi_new_in_finland_residence_status", {"residence_status": "FI_EU"}, 21),
        ("fi_stock_group", {"group": "_T"}, 1314),
        ("fi_stock_group", {"group": "CLIENT"}, 1051),
        ("fi_stock_group", {"group": "CHILD"}, 263),
        ("fi_stock_form", {"form": "SOLD"}, 10),
        ("fi_stock_form", {"form": "CRIM"}, 23),
    ],
)
def test_the_release_of_2022_shows_the_published_figures(
    out: Path, table: str, codes: dict[str, str], value: int
) -> None:
    assert cell(out, table, **codes) == value


def test_every_output_says_that_it_is_synthetic(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    package = (out / "data" / "datapackage.json").read_text(encoding="utf-8")
    assert "synthetic" in package


class InMemory:
    """The records as tables are computed from them, without a database."""

    id = "0" * 16

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def attach(self, engine: Engine) -> None:
        for table, frame in self.dataset.frames.items():
            engine.load(table, {column.name: sql_type(column) for column in fields(table)}, frame)

    def synthetic_for(self, reporting_system: str) -> bool:
        return self.dataset.synthetic


#: Published measure and dimension → the table that shows it, the dimension, and the codes where their names differ.
TABLES = {
    ("new_clients_victims", "total"): ("fi_new_victims_form", ""),
    ("new_clients_victims", "form_primary"): ("fi_new_victims_form", "form"),
    ("new_clients_victims", "sex"): ("fi_new_victims_form_sex", "sex"),
    ("new_clients_victims", "place_of_exploitation"): ("fi_new_victims_place", "place"),
    ("new_clients_victims", "age_class"): ("fi_new_victims_sex_age_class", "age_class"),
    ("new_clients_victims", "age_group"): ("fi_new_victims_age_group", "age_group"),
    ("new_clients_victims", "sex_by_age_class"): ("fi_new_victims_sex_age", "sex_age"),
    ("new_clients_victims", "citizenship"): ("fi_new_victims_citizenship", "citizenship"),
    ("new_clients_in_finland", "form_primary"): ("fi_new_in_finland_form_sex", "form"),
    ("new_clients_in_finland", "residence_status"): ("fi_new_in_finland_residence_status", "residence_status"),
    ("new_clients_all_persons", "total"): ("fi_new_clients_kind", ""),
    ("stock_all_persons", "total"): ("fi_stock_group", ""),
    ("stock_victims", "total"): ("fi_stock_form", ""),
    ("stock_victims", "form_primary"): ("fi_stock_form", "form"),
    ("stock_victims", "sex"): ("fi_stock_sex", "sex"),
    ("stock_victims", "admitted_as_minor"): ("fi_stock_age", "age_on_admission"),
    ("stock_victims", "age_class_at_reference_date"): ("fi_stock_age", "age_at_end"),
    ("referrals", "total"): ("fi_referrals_source_group", ""),
    ("referrals", "referral_source"): ("fi_referrals_source", "source"),
    ("referrals", "referral_source_group"): ("fi_referrals_source_group", "source_group"),
    ("decisions", "total"): ("fi_decisions_type_outcome", ""),
}
CODES = {
    "forced_labour": "LAB",
    "sexual_exploitation": "SEX",
    "forced_marriage": "MARR",
    "forced_criminality": "CRIM",
    "benefit_fraud": "BENF",
    "begging": "BEG",
    "child_soldier": "SOLD",
    "organ_removal": "ORG",
    "witness": "_Z",
    "partly_unclear": "OTH",
    "in_finland": "IN_FINLAND",
    "abroad": "ABROAD",
    "minor": "MINOR",
    "adult": "ADULT",
    "18-29": "Y18T29",
    "30-39": "Y30T39",
    "40-49": "Y40T49",
    "50+": "Y_GE50",
    "yes": "MINOR",
    "asylum_seeker": "ASYLUM",
    "finnish_or_eu_citizen": "FI_EU",
    "no_legal_right_of_residence": "NONE",
    "residence_permit": "PERMIT",
    "temporary_protection": "TEMP_PROT",
    "visa": "VISA",
    "police": "POLICE",
    "self": "SELF",
    "social_services": "SOCIAL",
    "authorities_and_organisations": "AUTH_ORG",
    "Finland": "FI",
    "Nigeria": "NG",
    "Ukraine": "UA",
}
SEXES = {
    "sex": {"women": "F", "men": "M", "women_and_girls": "F", "men_and_boys": "M"},
    "sex_age": {"women": "WOMEN", "girls": "GIRLS", "men": "MEN", "boys": "BOYS", "other": "OTHER"},
}


def test_the_national_tables_count_what_the_reviews_publish_in_every_period(root: Path) -> None:
    source = InMemory(made_up(2015, 2024, 1))
    cubes: dict[tuple[str, str], Cube] = {}
    wrong, compared = [], 0
    anchors = pd.read_csv(root / "reports" / "synthetic" / "anchors.csv").dropna(subset="target")
    with bench(source):
        for row in anchors.itertuples():
            known = TABLES.get((row.measure, row.dimension))
            code = SEXES.get(known[1], {}).get(row.category) or CODES.get(row.category) if known else None
            if known is None or (known[1] and code is None):
                continue  # orders, shares and merged classes are no cells of a table; the unit tests count them
            table, dimension = known
            period = f"{row.year}-S1" if row.period == "H1" else str(row.year)
            if (table, period) not in cubes:
                cubes[table, period] = compute(specs.load(table), source, parse_period(period))
            found = cubes[table, period].value(period, **({dimension: code} if dimension and code else {}))
            compared += 1
            if found != row.target:
                wrong.append(f"{period} {row.measure} {row.category}: {found}, not {row.target:.0f}")
    assert wrong == []
    assert compared > 150
    assert all(cube.synthetic and cube.unplaced == 0 for cube in cubes.values())


@pytest.mark.parametrize(
    "lang", ["en", pytest.param("fi", marks=pytest.mark.slow), pytest.param("sv", marks=pytest.mark.slow)]
)
def test_the_workbook_says_that_it_is_synthetic_and_reads_back_without_a_finding(
    tmp_path: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a database that lies about in the working folder is not ours
    written = thassist("synth", "--from", 2024, "-o", tmp_path / "cases.xlsx", "--lang", lang)
    assert {"fi": "synteettisiä", "sv": "syntetiska", "en": "synthetic"}[lang] in written.output
    assert lang != "en" or "no row describes a real person" in written.output
    thassist("validate", tmp_path / "cases.xlsx", "--lang", lang)
    guide = pd.read_excel(tmp_path / "cases.xlsx", sheet_name=0, header=None, dtype=str, engine="openpyxl")
    assert guide.map(lambda text: str(text).startswith("thassist-synthetic")).to_numpy().any()


@pytest.mark.parametrize("years", [("--from", 2014), ("--to", 2025), ("--from", 2023, "--to", 2022)])
def test_years_that_cannot_be_made_are_a_usage_error(tmp_path: Path, years: tuple[object, ...]) -> None:
    result = CliRunner().invoke(cli, ["synth", *map(str, years), "-o", str(tmp_path / "x.xlsx"), "--lang", "en"])
    assert result.exit_code == 2
    assert "2015 to 2024" in result.output
    assert not (tmp_path / "x.xlsx").exists()
