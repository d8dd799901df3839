"""The workbook that we write: what it offers, what it never does, and that it reads back as what it was."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from thassist import codes, messages
from thassist.errors import InvalidDefinition, StorageError
from thassist.intake import deliver, dictionary, template
from thassist.records.dataset import TABLE_NAMES, Dataset, fields

from .conftest import TODAY, clean_records, dataset


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_written_and_read_back_is_the_same(tmp_path: Path, lang: str) -> None:
    records = dataset(clean_records(5), synthetic=True)
    template.write_workbook(records, tmp_path / "made.xlsx", lang)
    delivery = deliver.validate(tmp_path / "made.xlsx", today=TODAY)
    assert delivery.findings == []
    assert delivery.dataset.synthetic
    for table in TABLE_NAMES:
        read, columns = delivery.dataset.frames[table], [column.name for column in fields(table)]
        if table in records.frames:
            assert read[columns].to_dict("records") == records.frames[table][columns].to_dict("records")
            assert read["_row"].tolist() == list(range(2, len(read) + 2))
        else:
            assert read.empty


def test_a_delivery_is_synthetic_only_where_its_guide_says_so(filled: Path) -> None:
    assert not deliver.validate(filled, today=TODAY).dataset.synthetic


def test_equal_content_is_equal_bytes(tmp_path: Path, clean: Dataset) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        template.write_workbook(clean, tmp_path / name, "fi")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.xlsx"
    template.write_template(path, "fi")
    return path


def test_one_sheet_a_subject_between_guide_and_codes(empty: Path) -> None:
    book = openpyxl.load_workbook(empty)
    subjects = [dictionary.subject(table).titles["fi"] for table in dictionary.subjects()]
    assert book.sheetnames == ["Ohje", *subjects, "Koodistot"]
    assert [cell.value for cell in book["Esitykset"][1]] == [
        "Esityksen tunniste",
        "Henkilötunniste",
        "Saapunut",
        "Esityksen tekijä",
        "Muu tekijä, mikä",
        "Esityksen tehnyt organisaatio",
        "Yhteydenoton tunniste",
        "Suostumus annettu",
        "Suostumuksen antaja",
        "Odotuksen syy",
    ]


def test_every_coded_column_has_a_drop_down_of_all_labels(empty: Path) -> None:
    book = openpyxl.load_workbook(empty)
    lists = book["Koodistot"]
    offered = {}
    for validation in book["Esitykset"].data_validations.dataValidation:
        if validation.type == "list":
            cells = lists[validation.formula1.split("!")[1].replace("$", "")]
            offered[str(validation.sqref)] = [row[0].value for row in cells]
    named = {"D": "referral_source", "I": "consent_by", "J": "hold_reason"}
    known = {column: codes.classification(name) for column, name in named.items()}
    assert offered == {
        **{f"{column}2:{column}20000": [one.label(code, "fi") for code in one.codes] for column, one in known.items()},
        "H2:H20000": ["kyllä", "ei"],
    }


def test_every_column_has_guidance_within_the_limits_of_excel(empty: Path) -> None:
    book = openpyxl.load_workbook(empty)
    for table in dictionary.subjects():
        validations = book[dictionary.subject(table).titles["fi"]].data_validations.dataValidation
        assert len(validations) == len(dictionary.subject(table).fields)
        for validation in validations:
            assert validation.prompt
            assert len(validation.prompt) <= 255
            assert len(validation.promptTitle) <= 32


def test_no_macros_no_merged_cells_no_formulas(empty: Path, filled: Path) -> None:
    for path in (empty, filled):
        with zipfile.ZipFile(path) as archive:
            assert not [name for name in archive.namelist() if "vba" in name.lower()]
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert not sheet.merged_cells.ranges
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type in "fe"]


def test_text_that_looks_like_a_formula_is_written_as_text(filled: Path) -> None:
    cell = openpyxl.load_workbook(filled)["Esitykset"]["F2"]
    assert (cell.value, cell.data_type) == ("=1+1 Poliisi", "s")


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_the_empty_template_reads_back_without_a_fault_of_structure(tmp_path: Path, lang: str) -> None:
    template.write_template(tmp_path / "t.xlsx", lang)
    assert [one.code for one in deliver.validate(tmp_path / "t.xlsx", today=TODAY).findings] == ["intake.no_rows"]


def test_records_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    rows = clean_records(1)
    rows["person"][0]["reporting_system"] = "UK_NRM"
    with pytest.raises(InvalidDefinition, match="reporting_system"):
        template.write_workbook(dataset(rows), tmp_path / "made.xlsx", "fi")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        template.write_template(tmp_path / "nowhere" / "t.xlsx", "fi")
