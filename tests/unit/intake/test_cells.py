"""The normaliser: what each kind of field makes of what people type."""

import datetime as dt

import pytest

from thassist import codes
from thassist.intake import cells
from thassist.intake.cells import Mark

WINDOW = (1900, 2044)
D = dt.date


@pytest.mark.parametrize(
    ("raw", "day", "precision"),
    [
        (D(2022, 3, 1), D(2022, 3, 1), "D"),
        (dt.datetime.fromisoformat("2022-03-01T14:30"), D(2022, 3, 1), "D"),
        ("2022-03-01", D(2022, 3, 1), "D"),
        ("2022-03-01T14:30", D(2022, 3, 1), "D"),
        ("1.3.2022", D(2022, 3, 1), "D"),
        (" 01.03.2022\u00a0", D(2022, 3, 1), "D"),
        ("2022/3/1", D(2022, 3, 1), "D"),
        ("2022-03", D(2022, 3, 1), "M"),
        ("3/2022", D(2022, 3, 1), "M"),
        ("2022 Q2", D(2022, 4, 1), "Q"),
        ("2022-q2", D(2022, 4, 1), "Q"),
        ("Q2 2022", D(2022, 4, 1), "Q"),
        ("2022-H2", D(2022, 7, 1), "S"),
        ("2022", D(2022, 1, 1), "A"),
        (2022, D(2022, 1, 1), "A"),
        (2022.0, D(2022, 1, 1), "A"),
        (None, None, None),
        ("  ", None, None),
    ],
)
def test_a_date_is_known_as_precisely_as_it_is_written(raw: object, day: dt.date | None, precision: str | None) -> None:
    found = cells.read_date(raw, WINDOW)  # type: ignore[arg-type]
    assert (found.value, found.precision, found.fault) == (day, precision, None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1.3.22", "date_two_digit_year"),
        ("22-03-01", "date_two_digit_year"),
        ("3/22", "date_two_digit_year"),
        ("1/3/22", "date_two_digit_year"),
        ("1/3/2022", "date_order"),
        ("13/12/2022", "date_order"),
        ("0022-03-01", "date_year"),
        (D(1899, 12, 31), "date_year"),
        ("1.1.2922", "date_year"),
        (44600, "date_number"),
        ("44600", "date_number"),
        (2021.5, "date_number"),
        ("31.2.2022", "date_unreadable"),
        ("2022-13", "date_unreadable"),
        ("maaliskuu", "date_unreadable"),
        (True, "date_unreadable"),
    ],
)
def test_a_date_is_never_guessed(raw: object, code: str) -> None:
    found = cells.read_date(raw, WINDOW)  # type: ignore[arg-type]
    assert found.value is None
    assert found.fault is not None
    assert found.fault.code == code


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("1.3.22", "2022-03-01"),
        ("1.13.2024", "2024-01-13"),  # month and day in each other's place
        ("2024-13-01", "2024-01-13"),
        ("13/12/2022", "2022-12-13"),
        ("12/13/2022", "2022-12-13"),
        ("1/3/2022", ""),  # the first of March, or the third of January
        ("3/3/2022", "2022-03-03"),
        ("1.1.2922", "2022-01-01"),
        (D(2922, 1, 1), "2022-01-01"),
        ("0022-03-01", "2022-03-01"),
        ("31.2.2022", ""),
        ("22-03-01", ""),
        ("44600", ""),
        ("maaliskuu", ""),
    ],
)
def test_a_date_that_can_only_mean_one_day_is_suggested(raw: object, meant: str) -> None:
    found = cells.read_date(raw, WINDOW)  # type: ignore[arg-type]
    assert found.value is None
    assert found.fault is not None
    assert found.fault.suggestion == meant


@pytest.mark.parametrize("raw", ["kyllä", "Ja", "YES", "x", 1, 1.0, True, "TOSI", "1"])
def test_yes(raw: cells.Raw) -> None:
    assert cells.read_boolean(raw).value is True


@pytest.mark.parametrize("raw", ["ei", "Nej", "no", 0, False, "EPÄTOSI"])
def test_no(raw: cells.Raw) -> None:
    assert cells.read_boolean(raw).value is False


@pytest.mark.parametrize("raw", ["maybe", 2, "-1", D(2022, 1, 1)])
def test_neither_yes_nor_no(raw: cells.Raw) -> None:
    assert cells.read_boolean(raw).fault == cells.Fault("not_boolean")


@pytest.mark.parametrize(("raw", "number"), [(3, 3), (3.0, 3), ("3", 3), (" 3 ", 3), ("3,0", 3), ("-2", -2)])
def test_whole_numbers_also_as_text(raw: cells.Raw, number: int) -> None:
    assert cells.read_integer(raw).value == number


@pytest.mark.parametrize("raw", [3.5, "3,5", "three", D(2022, 1, 1), "1e3"])
def test_no_whole_number(raw: cells.Raw) -> None:
    assert cells.read_integer(raw).fault == cells.Fault("not_integer")


@pytest.mark.parametrize("raw", ["NA", "na", "Namibia", "  namibia "])
def test_the_code_of_namibia_is_not_an_empty_cell(raw: str) -> None:
    assert cells.read_code(raw, codes.classification("country"), "en").value == "NA"


def test_a_code_by_its_name_in_any_language() -> None:
    known = codes.classification("sex")
    assert {cells.read_code(known.label("F", lang), known, "en").value for lang in ("fi", "sv", "en")} == {"F"}


def test_an_unknown_code_gets_the_nearest_suggested_in_the_users_language() -> None:
    known = codes.classification("referral_source")
    found = cells.read_code("POLISE", known, "fi")
    assert found.value is None
    assert found.fault is not None
    assert found.fault.suggestion == f"POLICE ({known.label('POLICE', 'fi')})"


def test_nothing_near_is_suggested_for_something_else() -> None:
    fault = cells.read_code("qqqqqqqq", codes.classification("sex"), "en").fault
    assert fault is not None
    assert fault.suggestion == ""


@pytest.mark.parametrize("raw", ["=SUM(A1)", "+358", "-5", "@here"])
def test_a_leading_sign_is_text(raw: str) -> None:
    assert cells.read_text(raw, limit=20).value == raw


def test_text_is_composed_trimmed_and_without_invisible_characters() -> None:
    assert cells.read_text("\ufeff a\u0308lä\u00adn \n\t kö ", limit=20).value == "älän kö"


def test_text_may_be_too_long() -> None:
    assert cells.read_text("a" * 21, limit=20).fault == cells.Fault("text_too_long", {"limit": 20})


@pytest.mark.parametrize(("raw", "text"), [(17, "17"), (17.0, "17"), (0.1, "0.1"), (True, "TRUE"), (None, "")])
def test_numbers_as_text_have_no_surplus_decimals(raw: cells.Raw, text: str) -> None:
    assert cells.plain(raw) == text


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (Mark.FORMULA, "formula"),
        (Mark.ERROR, "excel_error"),
        ("#N/A", "excel_error"),
        ("#PUUTTUU!", "excel_error"),
        ("#SAKNAS!", "excel_error"),
        ("a\x00b", "bad_character"),
        ("M\ufffdnn", "bad_character"),
        ("010190-123A", "identity_code"),
        ("tunnus 010190A123B.", "identity_code"),
        ("R-010190-1234", "identity_code"),
    ],
)
def test_what_may_not_be_read(raw: cells.Raw, code: str) -> None:
    fault = cells.blocked(raw)
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    "raw",
    ["C-000001", "R-000123-1234", "1a010190-123a-4bcd-8e00-010190-1234567", "#1", "2022-03-01", None, 5, "", "a\nb"],
)
def test_what_may_be_read(raw: cells.Raw) -> None:
    assert cells.blocked(raw) is None


def test_a_key_that_became_a_date_is_told_and_a_remark_that_is_one_is_kept() -> None:
    day = dt.datetime.fromisoformat("2024-03-05")
    assert cells.read_text(day, limit=40).fault == cells.Fault("text_became_date")
    assert cells.read_text(day, limit=40, written=True).value == "2024-03-05"
    assert cells.read_text("2024-03-05", limit=40).value == "2024-03-05"
