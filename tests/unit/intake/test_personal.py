"""What points to a person is refused wherever it stands, and the finding does not repeat it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import openpyxl
import pytest
from stdnum.fi import hetu

from thassist.intake import deliver
from thassist.rules import personal

from .conftest import TODAY

Change = Callable[[Callable[[openpyxl.Workbook], None]], Path]

#: The signs of the century: decree 128/2010, and the new ones since 2023 (690/2022).
SIGNS = "+-YXWVUABCDEF"
#: Specimens of the publishers: DVV's example code, the European Banking Authority's and Finance Finland's accounts.
CODE, ACCOUNT = "131052-308T", "FI2112345600000785"


def code(sign: str, day: str = "010594", number: str = "902") -> str:
    """A code with its check sign: the remainder by 31, as the population register explains it."""
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(day + number) % 31]
    return f"{day}{sign}{number}{check}"


@pytest.mark.parametrize("sign", SIGNS)
def test_identity_codes_with_every_sign_of_the_century(sign: str) -> None:
    assert hetu.is_valid(code(sign), True)
    for text in (code(sign), code(sign).lower(), f"Asiakas {code(sign)}, Espoo", f"({code(sign)})"):
        assert personal.found(text) == personal.IDENTITY_CODE


@pytest.mark.parametrize(
    "text",
    ["131052–308T", "131052−308T", "131052 - 308 T", "１３１０５２-３０８T", "131052-308U", "x\u00a0131052-308T"],
    ids=["en dash", "minus", "spread", "wide digits", "wrong check sign", "no-break space"],
)
def test_identity_codes_as_people_write_them(text: str) -> None:
    assert personal.found(text) == personal.IDENTITY_CODE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("soita: maija.meikalainen@example.org.", personal.EMAIL),
        ("Ääkkönen@esimerkki.fi", personal.EMAIL),
        ("nimi＠example.org", personal.EMAIL),
        ("nimi@palvelin.2.fi", personal.EMAIL),
        ("htcds_gender@2.0 ja nimi@example.org", personal.EMAIL),
        (ACCOUNT, personal.ACCOUNT),
        ("FI21 1234 5600 0007 85 maksettu", personal.ACCOUNT),
        ("tili fi21-1234-5600-0007-85", personal.ACCOUNT),
        ("GB33BUKB20201555555555", personal.ACCOUNT),
        ("SE35 5000 0000 0549 1000 0003", personal.ACCOUNT),
        ("+358 40 123 4567", personal.TELEPHONE),
        ("puh. 040-1234567", personal.TELEPHONE),
        ("(09) 123 4567", personal.TELEPHONE),
        ("0401234567", personal.TELEPHONE),
        ("00358 50 1234567", personal.TELEPHONE),
    ],
)
def test_addresses_and_numbers(text: str, kind: str) -> None:
    assert personal.found(text, written=True) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Helsingin poliisilaitos",
        "Y-tunnus 0201256-6",
        "C-000001",
        "R-2022-0001234",
        "Dnro VVM/1234/2022",
        "1.3.2022",
        "2022-03-01",
        "1.1.2022-31.12.2022",
        "FI2112345600000786",  # a wrong check number: no account
        "@thl",
        "50 % @ 2022",
        "htcds_trafficking_status@2.0",  # a code list at a version: no domain ends in digits (RFC 3696)
        "Laki 746/2011 38 c §",
        "12345",
        "131052-308",
        "320152-308T",
    ],
)
def test_what_points_to_nobody(text: str) -> None:
    assert personal.found(text, written=True) == ""


def test_a_row_of_digits_is_a_telephone_number_only_in_free_text() -> None:
    assert personal.found("0401234567") == ""


PLACES = {
    "Henkilöt": ["A3", "B3", "C3", "D3"],
    "Kansalaisuudet": ["B3"],
    "Esitykset": ["A3", "C3", "F3"],
    "Hyväksikäyttö": ["E3"],
}


@pytest.mark.parametrize("secret", [CODE, code("U"), "maija@example.org", ACCOUNT])
def test_every_cell_of_every_kind_refuses_it_and_no_finding_repeats_it(change: Change, secret: str) -> None:
    def plant(book: openpyxl.Workbook) -> None:
        for sheet, refs in PLACES.items():
            for ref in refs:
                book[sheet][ref] = f"x {secret}"

    for lang in ("fi", "sv", "en"):
        delivery = deliver.validate(change(plant), lang=lang, today=TODAY)
        told = {one.cell for one in delivery.findings if one.code.removeprefix("intake.") in personal.KINDS}
        assert {f"{sheet}!{ref}" for sheet, refs in PLACES.items() for ref in refs} <= told
        everything = json.dumps([asdict(one) for one in delivery.findings], ensure_ascii=False)
        assert secret not in everything
        assert secret[:6] not in everything.replace("x " + secret, "")


def test_a_telephone_number_in_free_text_is_one_finding(change: Change) -> None:
    def plant(book: openpyxl.Workbook) -> None:
        book["Esitykset"]["F3"] = "Poliisi, 040 123 4567"

    found = [one for one in deliver.validate(change(plant), today=TODAY).findings if one.cell == "Esitykset!F3"]
    assert [one.code for one in found] == ["intake.telephone_number"]
    assert found[0].value == ""


def test_columns_that_are_not_read_are_looked_at_too(change: Change) -> None:
    def plant(book: openpyxl.Workbook) -> None:
        sheet = book["Henkilöt"]
        column = sheet.max_column + 1
        sheet.cell(1, column).value = "Muistiinpano"
        sheet.cell(3, column).value = f"oik. {CODE}"

    delivery = deliver.validate(change(plant), today=TODAY)
    found = [one for one in delivery.findings if one.code == "intake.identity_code"]
    assert [(one.sheet, one.row, one.header) for one in found] == [("Henkilöt", 3, "")]
    assert not delivery.acceptable
