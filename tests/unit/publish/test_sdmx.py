"""SDMX of a release: what the standard's own schemas and two other programs read from it is what the cubes hold."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pysdmx.io.reader import read_sdmx
from pysdmx.io.xml.doc_validation import validate_doc

from thassist.errors import InvalidDefinition
from thassist.publish import sdmx, sdmx_check, sdmx_data, sdmx_read
from thassist.publish.sdmx_model import code_list, data_set, identifier
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status

ALL = tuple(sdmx.FORMATS)
#: Status of a cell → CONF_STATUS, as the specification of international outputs pairs them.
CONFIDENTIALITY = {"A": "F", "B": "F", "P": "F", "M": "F", "O": "F", "Q": "C"}


@pytest.fixture
def folder(release: Release, tmp_path: Path) -> Path:
    sdmx.write(release, tmp_path, ALL)
    return tmp_path / "sdmx"


def cells(cube: Cube) -> dict[tuple[str, ...], tuple[str, str]]:
    """The cells of a cube by codes and period: value or nothing, and status."""
    return {
        (*key[1:], key[0]): ("" if cell.value is None else f"{cell.value:.{cube.spec.measure.decimals}f}", cell.status)
        for key, cell in cube.cells.items()
    }


def test_the_structure_is_valid_by_the_schema_of_sdmx(folder: Path) -> None:
    validate_doc((folder / "structure.xml").read_text(encoding="utf-8"))


def test_data_are_valid_by_the_schema_of_sdmx(folder: Path) -> None:
    for path in (folder / "ml-3.0").iterdir():
        validate_doc(path.read_text(encoding="utf-8"))


def test_pysdmx_reads_the_structures(folder: Path, release: Release) -> None:
    found = {each.short_urn: each for each in read_sdmx(folder / "structure.xml").structures or []}
    for cube in release.cubes:
        definition: Any = found[f"DataStructure=FI_NAS:{cube.spec.id.upper()}(1.0.0)"]
        names = [each.id for each in definition.components.dimensions]
        assert names == ["FREQ", "REF_AREA", *(each.id.upper() for each in cube.spec.dimensions), "TIME_PERIOD"]
        required = {each.id for each in definition.components.attributes if each.required}
        assert required == {"OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "DECIMALS"}
        for name, used in zip(names[2:-1], zip(*(key[1:] for key in cube.cells), strict=True), strict=True):
            codes = {code.id for code in definition.components[name].enumeration}
            assert set(used) <= codes
    assert f"Dataflow=FI_NAS:{release.cubes[0].spec.id.upper()}(1.0.0)" in found


@pytest.mark.filterwarnings("ignore")
def test_sdmx1_reads_names_in_three_languages_parents_and_concepts(folder: Path) -> None:
    import sdmx as sdmx1

    message: Any = sdmx1.read_sdmx(folder / "structure.xml")
    sexes = message.codelist["CL_SEX"]
    assert sexes["F"].name.localizations.keys() == {"fi", "sv", "en"}
    assert sexes["F"].name["en"] == "Female"
    assert sexes["_T"].name["sv"] == "Totalt"
    concepts = message.concept_scheme["CS_THB"]
    assert {
        "FREQ",
        "REF_AREA",
        "TIME_PERIOD",
        "OBS_VALUE",
        "OBS_STATUS",
        "CONF_STATUS",
        "UNIT_MEASURE",
        "DECIMALS",
    } <= {each.id for each in concepts.items.values()}
    definition = message.structure["CROSS_AGE_SEX"]
    assert [each.id for each in definition.dimensions] == ["FREQ", "REF_AREA", "AGE", "SEX", "TIME_PERIOD"]
    assert definition.dimensions.get("SEX").local_representation.enumerated.id == "CL_SEX"


@pytest.mark.filterwarnings("ignore")
def test_sdmx1_reads_back_every_cell(folder: Path, release: Release) -> None:
    """Read by a program that is not ours, the observations are the cells of the cube.

    sdmx1 2.28 reads of our formats SDMX-CSV 2.0; its reader of SDMX-ML 3.0 data stops at attributes without codes.
    """
    import sdmx as sdmx1
    import sdmx.reader.csv

    message: Any = sdmx1.read_sdmx(folder / "structure.xml")
    for cube in release.cubes:
        name = cube.spec.id
        definition = message.structure[name.upper()]
        read: Any = sdmx1.read_sdmx(folder / "csv-2.0" / f"{name}.csv", structure=definition)
        found = {}
        for obs in read.data[0].obs:
            codes = [str(obs.dimension[each.id.upper()].value) for each in cube.spec.dimensions]
            value = "" if str(obs.value).lower() == "nan" else str(obs.value)
            status = str(obs.attached_attribute["OBS_STATUS"].value)
            found[(*codes, str(obs.dimension["TIME_PERIOD"].value))] = (value, status)
        assert found == cells(cube)


def test_our_reader_reads_back_every_cell_of_every_format(folder: Path, release: Release) -> None:
    for cube in release.cubes:
        for path in folder.glob(f"*/{cube.spec.id}.*"):
            [part] = sdmx_read.observations(path)
            found = {}
            for row in part.rows:
                codes = [row.values[each.id.upper()] for each in cube.spec.dimensions]
                value = row.values.get("OBS_VALUE", "").replace("NaN", "")
                found[(*codes, row.values["TIME_PERIOD"])] = (value, row.values["OBS_STATUS"])
            assert found == cells(cube)


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.1"])
def test_csv_has_the_columns_of_its_version_and_every_cell(folder: Path, release: Release, version: str) -> None:
    lead = {
        "1.0": {"DATAFLOW": "FI_NAS:CROSS_AGE_SEX(1.0.0)"},
        "2.0": {"STRUCTURE": "dataflow", "STRUCTURE_ID": "FI_NAS:CROSS_AGE_SEX(1.0.0)", "ACTION": "I"},
        "2.1": {"STRUCTURE": "dataflow", "STRUCTURE_ID": "FI_NAS:CROSS_AGE_SEX(1.0.0)", "ACTION": "M"},
    }[version]
    with (folder / f"csv-{version}" / "cross_age_sex.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[: len(lead)] == list(lead)
    assert all({name: row[name] for name in lead} == lead for row in rows)
    missing = "" if version == "1.0" else "NaN"
    found = {}
    for row in rows:
        value = "" if row["OBS_VALUE"] == missing else row["OBS_VALUE"]
        found[row["AGE"], row["SEX"], row["TIME_PERIOD"]] = (value, row["OBS_STATUS"])
        assert row["CONF_STATUS"] == CONFIDENTIALITY[row["OBS_STATUS"]]
        assert (row["FREQ"], row["REF_AREA"], row["UNIT_MEASURE"], row["DECIMALS"]) == ("A", "FI", "person", "0")
    assert found == cells(release.cubes[0])


def test_a_withheld_figure_has_one_mark_and_no_value_anywhere(folder: Path) -> None:
    """Primary and secondary suppression must not be told apart: Q with C, whatever the reason."""
    for path in folder.glob("csv-*/cross_age_sex.csv"):
        withheld = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines() if ",Q," in line]
        assert len(withheld) == 1
        assert {"Q", "C"} <= set(withheld[0])
        assert {"A", "D"}.isdisjoint(set(withheld[0][-6:]))
    xml = (folder / "ml-3.0" / "cross_age_sex.xml").read_text(encoding="utf-8")
    assert 'OBS_VALUE="NaN" OBS_STATUS="Q" CONF_STATUS="C"' in xml


def test_zero_stays_zero(folder: Path) -> None:
    assert ",0,A,F," in (folder / "csv-2.1" / "cross_age_sex.csv").read_text(encoding="utf-8")


def test_what_is_absent_means_zero_only_where_the_table_says_so(folder: Path) -> None:
    structure = (folder / "structure.xml").read_text(encoding="utf-8")
    flows = structure[structure.index("<str:Dataflows") :]
    cross, listed = flows.index('id="CROSS_AGE_SEX"'), flows.index('id="LIST_COUNTRY"')
    assert cross < listed
    assert "ABSENT_IS_ZERO" not in flows[cross:listed]
    assert "ABSENT_IS_ZERO" in flows[listed:]


def test_texts_that_xml_and_csv_must_escape_come_back(release: Release, tmp_path: Path) -> None:
    """pysdmx's own writer turns an apostrophe into a quotation mark; ours keeps every letter."""
    nasty = 'it\'s "5 < 6" & åäö, Ž'
    cube = release.cubes[1]
    noted = replace(
        cube,
        cells={**cube.cells, ("2022", "RO"): Cell(700, Status.NORMAL, ("n",))},
        remarks={"n": {"fi": "x", "sv": "x", "en": nasty}},
        spec=replace(cube.spec, notes=({"fi": "x", "sv": "x", "en": nasty}, {"fi": "y", "sv": "y", "en": "Rounded."})),
    )
    data = data_set(noted, "FI_NAS")
    (tmp_path / "d.xml").write_text(sdmx_data.as_xml(data, "m", dt.date(2023, 1, 1)), encoding="utf-8")
    (tmp_path / "d.csv").write_text(sdmx_data.as_csv(data, "2.1"), encoding="utf-8", newline="")
    for name in ("d.xml", "d.csv"):
        [part] = sdmx_read.observations(tmp_path / name)
        assert [row.values["COMMENT_OBS"] for row in part.rows if "COMMENT_OBS" in row.values] == [nasty]
        assert {row.values["COMMENT_DSET"] for row in part.rows} == {f"{nasty} Rounded."}


def test_the_same_release_gives_the_same_bytes(release: Release, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "other").mkdir()
    sdmx.write(release, tmp_path / "other", ALL)
    for path in folder.rglob("*.*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "other" / "sdmx" / path.relative_to(folder)).read_bytes()


def test_nothing_is_written_where_no_sdmx_is_asked_for(release: Release, tmp_path: Path) -> None:
    sdmx.write(release, tmp_path, ("eurostat-questionnaire",))
    assert not list(tmp_path.iterdir())


def test_a_code_that_no_list_has_stops_everything(release: Release, tmp_path: Path) -> None:
    """Codes are checked before the first file is written."""
    good = data_set(release.cubes[0], "FI_NAS")
    bad = replace(good, rows=((*good.rows[0][:3], "HELICOPTER", *good.rows[0][4:]), *good.rows[1:]))
    with pytest.raises(InvalidDefinition) as caught:
        sdmx_check.require(bad)
    assert "HELICOPTER" in str(caught.value)


def test_a_system_without_an_agency_is_told(release: Release) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        data_set(release.cubes[0], "XX_NONE")
    assert caught.value.key == "sdmx.no_agency"


def test_ids_are_what_sdmx_allows_and_tell_codes_apart() -> None:
    from thassist.codes import classification

    assert identifier("Case management") == "Case_management"
    known = classification("art2_form")
    made = code_list(known, "FI_NAS")
    assert len({code.id for code in made.codes}) == len(known.codes) + 1
    import re

    assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", code.id) for code in made.codes)
    assert any(code.description == "forced labour or services" for code in made.codes)
