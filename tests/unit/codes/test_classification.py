import datetime as dt

import pytest

from thassist.codes import all_classifications, classification
from thassist.errors import InvalidDefinition

RED = "RED,Punainen,Röd,Red,,,,,,\n"
BLUE = "BLUE,Sininen,Blå,Blue,,,,,,\n"


def test_the_newest_version_is_taken_where_none_is_named(write):
    for version in ("2", "10", "9"):
        write(f"colour@{version}", RED)
    assert classification("colour").ref == "colour@10"
    assert classification("colour@2").version == "2"


def test_a_name_is_read_by_code_and_by_label_of_any_language(write):
    write("colour@1", RED + BLUE)
    colours = classification("colour")
    assert [colours.by_name(text) for text in ("RED", "röd", " Punainen ", "blue", "Grön")] == [
        *("RED", "RED", "RED", "BLUE"),
        None,
    ]


def test_labels_that_differ_only_in_case_must_be_exact(write):
    write("colour@1", "A,Yksi,Ett,Congolese (DRC),,,,,,\nB,Kaksi,Två,Congolese (Drc),,,,,,\n")
    colours = classification("colour")
    assert colours.by_name("Congolese (DRC)") == "A"
    assert colours.by_name("Congolese (Drc)") == "B"
    assert colours.by_name("congolese (drc)") is None


def test_a_code_means_itself_even_where_a_label_reads_the_same(write):
    write("colour@1", "X,B,B,B,,,,,,\nB,Kaksi,Två,Two,,,,,,\n")
    assert classification("colour").by_name("b") == "B"


def test_the_nearest_code_is_suggested_among_those_valid_on_the_day(write):
    write("colour@1", RED.replace(",,,,,,", ",,,2022-12-31,,,") + BLUE)
    colours = classification("colour")
    assert colours.nearest("Redd") == "RED"
    assert colours.nearest("Redd", day=dt.date(2023, 1, 1)) is None
    assert colours.codes["RED"].valid_on(dt.date(2022, 12, 31))


def test_total_is_a_label_of_every_classification_and_an_unlisted_code_is_shown_as_it_is(write):
    write("colour@1", RED, title=TITLE_WITH_TOTAL)
    write("shape@1", RED)
    assert classification("colour").label("_T", "fi") == "Kaikki värit"
    assert classification("shape").label("_T", "sv") == "Totalt"
    assert classification("shape").label("ROUND", "fi") == "ROUND"


TITLE_WITH_TOTAL = """
schema = 1
source = "a test"
confidence = "own"
[title]
fi = "Väri"
sv = "Färg"
en = "Colour"
[total]
fi = "Kaikki värit"
sv = "Alla färger"
en = "All colours"
"""


def test_a_file_saved_by_excel_with_a_byte_order_mark_is_read(write):
    write("colour@1", ("\ufeffcode,label_fi,label_sv,label_en\r\nRED,Punainen,Röd,Red\r\n").encode())
    assert list(classification("colour").codes) == ["RED"]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (RED + "BLUE,Sininen,,Blue,,,,,,\n", 3),
        (RED + RED, 3),
        (",Punainen,Röd,Red,,,,,,\n", 2),
        ("RED,Punainen,Röd,Red,,2022-13-01,,,,\n", 2),
        ("RED,Punainen,Röd,Red,,,,young,,\n", 2),
        (RED + "BLUE,Sininen\n", 3),
        ("RED,Punainen,Röd,Red,,,,,,,surplus\n", 2),
    ],
)
def test_a_wrong_row_is_named_by_its_line(write, rows, line):
    write("colour@1", rows)
    with pytest.raises(InvalidDefinition) as error:
        classification("colour")
    assert (error.value.key, error.value.params) == ("codes.bad_row", {"file": "colour@1.csv", "line": line})


def test_an_orphan_is_refused(write):
    write("colour@1", RED.replace(",,,,,,", ",WARM,,,,,"))
    with pytest.raises(InvalidDefinition) as error:
        classification("colour")
    assert error.value.key == "codes.no_parent"


def test_a_file_in_another_encoding_is_refused(write):
    write("colour@1", "code,label_fi,label_sv,label_en\nRED,Punainen,Röd,Red\n".encode("latin-1"))
    with pytest.raises(InvalidDefinition) as error:
        classification("colour")
    assert error.value.key == "codes.not_csv"


@pytest.mark.parametrize(
    "title",
    [
        "schema = 2",
        TITLE_WITH_TOTAL.replace('confidence = "own"', 'confidence = "sure"'),
        TITLE_WITH_TOTAL.replace('sv = "Färg"\n', ""),
        TITLE_WITH_TOTAL.replace('source = "a test"\n', ""),
    ],
)
def test_an_incomplete_description_is_refused(write, title):
    write("colour@1", RED, title=title)
    with pytest.raises(InvalidDefinition) as error:
        classification("colour")
    assert error.value.key == "codes.bad_header"


def test_a_mistyped_classification_gets_the_nearest_one(write):
    write("colour@1", RED)
    with pytest.raises(InvalidDefinition) as error:
        classification("color")
    assert error.value.params == {"ref": "color", "nearest": "colour@1"}
    assert [found.ref for found in all_classifications()] == ["colour@1"]
