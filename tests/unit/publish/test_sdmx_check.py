"""The check of SDMX data: every kind of fault is told with its place, and right data pass."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from thassist_cli.main import cli

from thassist.errors import UnreadableInput
from thassist.publish import sdmx
from thassist.publish.sdmx_check import check_file
from thassist.release.build import Release

HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,AGE,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,COMMENT_OBS,"
HEAD += "UNIT_MEASURE,DECIMALS"
LEAD = "dataflow,FI_NAS:CROSS_AGE_SEX(1.0.0),M"
GOOD = "A,FI,Y0T17,F,2022,5,A,F,,person,0"


@pytest.fixture
def structure(release: Release, tmp_path: Path) -> Path:
    sdmx.write(release, tmp_path, ("sdmx-csv-2.1",))
    return tmp_path / "sdmx" / "structure.xml"


def found(structure: Path, *rows: str, head: str = HEAD, lead: str = LEAD) -> list[tuple[str, int, str]]:
    """Code, line and component of every fault of some rows."""
    path = structure.parent / "data.csv"
    path.write_text("\n".join([head, *(f"{lead},{row}" for row in rows), ""]), encoding="utf-8")
    return [(each.code, each.row, each.header) for each in check_file(path, structure, "en").findings]


def test_right_data_pass(structure: Path) -> None:
    assert not found(structure, GOOD, "A,FI,Y0T17,M,2022,NaN,Q,C,,person,0", "A,FI,_T,M,2022-Q1,0,A,F,,person,0")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A,FI,Y0T17,X,2022,5,A,F,,person,0", ("SX06", 2, "SEX")),
        ("A,FI,,F,2022,5,A,F,,person,0", ("SX03", 2, "AGE")),
        ("A,FI,Y0T17,F,,5,A,F,,person,0", ("SX03", 2, "TIME_PERIOD")),
        ("A,FI,Y0T17,F,2022,5,,F,,person,0", ("SX05", 2, "OBS_STATUS")),
        ("A,FI,Y0T17,F,2022,5,A,F,,,0", ("SX05", 2, "UNIT_MEASURE")),
        ("A,FI,Y0T17,F,2022,many,A,F,,person,0", ("SX07", 2, "OBS_VALUE")),
        ('A,FI,Y0T17,F,2022,"5,5",A,F,,person,0', ("SX07", 2, "OBS_VALUE")),
        ("A,FI,Y0T17,F,2022-Q5,5,A,F,,person,0", ("SX07", 2, "TIME_PERIOD")),
        ("A,FI,Y0T17,F,2022-02-30,5,A,F,,person,0", ("SX07", 2, "TIME_PERIOD")),
        ("A,FI,Y0T17,F,2022,5,A,F,,person,none", ("SX07", 2, "DECIMALS")),
        ("A,FI,Y0T17,F,2022,5,O,F,,person,0", ("SX08", 2, "OBS_VALUE")),
        ("A,FI,Y0T17,F,2022,NaN,A,F,,person,0", ("SX09", 2, "OBS_VALUE")),
        ("A,FI,Y0T17,F,2022,,A,F,,person,0", ("SX09", 2, "OBS_VALUE")),
        ("A,FI,Y0T17,F,2022,5,A,C,,person,0", ("SX10", 2, "OBS_VALUE")),
    ],
)
def test_a_fault_is_told_with_its_place(structure: Path, row: str, fault: tuple[str, int, str]) -> None:
    assert found(structure, row) == [fault]


def test_a_figure_that_should_be_withheld_is_told(structure: Path) -> None:
    row = "A,FI,Y0T17,F,2022,3,Q,C,,person,0"
    assert {code for code, _, _ in found(structure, row)} == {"SX08", "SX10"}


def test_a_key_that_is_there_twice_is_told_where_it_is_again(structure: Path) -> None:
    assert found(structure, GOOD, "A,FI,Y0T17,M,2022,1,A,F,,person,0", GOOD) == [("SX04", 4, "")]


def test_columns_are_those_of_the_structure(structure: Path) -> None:
    head = HEAD.replace("COMMENT_OBS", "COLOUR").replace("CONF_STATUS", "SECRECY")
    assert found(structure, GOOD, head=head) == [
        ("SX01", 0, "SECRECY"),
        ("SX01", 0, "COLOUR"),
        ("SX02", 0, "CONF_STATUS"),
    ]


def test_a_structure_that_is_not_there_is_told(structure: Path) -> None:
    lead = LEAD.replace("1.0.0", "2.0.0")
    assert [code for code, _, _ in found(structure, GOOD, lead=lead)] == ["SX11"]


def test_names_beside_codes_are_read(structure: Path) -> None:
    head = HEAD.replace(",SEX,", ",SEX: Sex,")
    assert not found(structure, GOOD.replace(",F,2022", ",F: Female,2022"), head=head)


def test_series_with_attributes_above_the_observations_are_read(structure: Path) -> None:
    """SDMX-ML 2.1 by series, as others write it: what stands at the series holds for its observations."""
    path = structure.parent / "series.xml"
    path.write_text(
        """<?xml version="1.0" encoding="UTF-8"?>
<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
  xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<m:Header><m:ID>x</m:ID><m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><c:Structure>
<Ref agencyID="FI_NAS" id="CROSS_AGE_SEX" version="1.0.0"/></c:Structure></m:Structure></m:Header>
<m:DataSet s:structureRef="S" UNIT_MEASURE="person" DECIMALS="0">
<Series FREQ="A" REF_AREA="FI" AGE="_T" SEX="F"><Obs TIME_PERIOD="2021" OBS_VALUE="1" OBS_STATUS="A" CONF_STATUS="F"/>
<Obs TIME_PERIOD="2022" OBS_VALUE="2" OBS_STATUS="Z" CONF_STATUS="F"/></Series>
</m:DataSet></m:StructureSpecificData>""",
        encoding="utf-8",
    )
    done = check_file(path, structure, "en")
    assert done.observations == 2
    assert [(each.code, each.row, each.header) for each in done.findings] == [("SX06", 2, "OBS_STATUS")]


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"<html></html>", b"<unclosed", b'STRUCTURE_ID,A\n"x', b"\x00" * 40,
     b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
)  # fmt: skip
def test_what_is_no_sdmx_is_told_without_a_traceback(structure: Path, content: bytes) -> None:
    path = structure.parent / "wrong"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput):
        check_file(path, structure, "en")
    with pytest.raises(UnreadableInput):
        check_file(structure.parent / "csv-2.1" / "cross_age_sex.csv", path, "en")


def test_files_that_are_not_there_are_told(structure: Path) -> None:
    with pytest.raises(UnreadableInput):
        check_file(structure.parent / "none.csv", structure, "en")
    with pytest.raises(UnreadableInput):
        check_file(structure.parent / "csv-2.1" / "cross_age_sex.csv", structure.parent / "none.xml", "en")


SEXES = ("F", "M", "O", "_U", "_T")


def test_as_many_faults_are_told_as_were_planted(structure: Path) -> None:
    """n wrong codes in rows of otherwise right data are n findings, at those rows."""

    @settings(max_examples=25, deadline=None)
    @given(
        data=st.lists(st.tuples(st.sampled_from(SEXES), st.integers(2015, 2020)), min_size=1, max_size=12, unique=True),
        planted=st.sets(st.integers(0, 11)),
    )
    def check(data: list[tuple[str, int]], planted: set[int]) -> None:
        rows = [
            f"A,FI,{'HELICOPTER' if place in planted else '_T'},{sex},{year},1,A,F,,person,0"
            for place, (sex, year) in enumerate(data)
        ]
        expected = [("SX06", place + 2, "AGE") for place in sorted(planted) if place < len(data)]
        assert found(structure, *rows) == expected

    check()


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_the_command_tells_clean_faulty_and_unreadable_apart(structure: Path, lang: str) -> None:
    """Exit codes 0, 1 and 10, in every language and without a traceback."""
    good = structure.parent / "csv-2.1" / "cross_age_sex.csv"
    bad = structure.parent / "bad.csv"
    bad.write_text(good.read_text(encoding="utf-8").replace(",F,2022,", ",FEMALE,2022,"), encoding="utf-8")
    for path, code in ((good, 0), (bad, 1), (structure.parent / "none.csv", 10)):
        arguments = ["sdmx", "check", str(path), str(structure), "--lang", lang]
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert result.exit_code == code, result.output
        assert ("SX06" in result.output) is (code == 1)
    told = json.loads(CliRunner().invoke(cli, ["sdmx", "check", str(bad), str(structure), "--format", "json"]).output)
    assert (told["observations"], told["error"], len(told["findings"])) == (35, 7, 7)
