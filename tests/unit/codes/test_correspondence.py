import pytest

from thassist.codes import all_correspondences, correspondence
from thassist.errors import InvalidDefinition

REF = "colour@1--warmth@1"


@pytest.fixture
def home(write):
    write("colour@1", "RED,Punainen,Röd,Red,,,,,,\nBLUE,Sininen,Blå,Blue,,,,,,\n")
    write("warmth@1", "WARM,Lämmin,Varm,Warm,,,,,,\nCOLD,Kylmä,Kall,Cold,,,,,,\n")
    return write


def test_each_source_code_has_its_target(home):
    home(REF, "RED,WARM,\nBLUE,COLD,\n")
    found = correspondence(REF)
    assert (found.ref, found.targets, found.missing()) == (REF, {"RED": "WARM", "BLUE": "COLD"}, [])
    assert all_correspondences() == [found]


def test_a_source_code_without_a_target_is_told(home):
    home(REF, "RED,WARM,\n")
    assert correspondence(REF).missing() == ["BLUE"]


@pytest.mark.parametrize(
    ("rows", "line"), [("RED,WARM,\nRED,COLD,\n", 3), ("GREEN,COLD,\n", 2), ("RED,HOT,\n", 2), ("RED\n", 2)]
)
def test_a_wrong_row_is_named_by_its_line(home, rows, line):
    home(REF, rows)
    with pytest.raises(InvalidDefinition) as error:
        correspondence(REF)
    assert (error.value.key, error.value.params["line"]) == ("codes.bad_row", line)


def test_a_mistyped_correspondence_gets_the_nearest_one(home):
    home(REF, "RED,WARM,\n")
    with pytest.raises(InvalidDefinition) as error:
        correspondence("color@1--warmth@1")
    assert error.value.params["nearest"] == REF
