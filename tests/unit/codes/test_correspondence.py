import os
from pathlib import Path

import pytest

from thassist.codes import all_correspondences, all_settings, correspondence
from thassist.codes.proof import prove
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


def contested(home, rows: str, choice: str = "warm") -> None:
    home(REF, "")
    folder = Path(os.environ["THASSIST_REPORTS"])
    text = "source,target,note,setting,choice\n" + rows
    (folder / "correspondences" / f"{REF}.csv").write_text(text, encoding="utf-8")
    words = 'fi = "a"\nsv = "b"\nen = "c"\n'
    (folder / "settings.toml").write_text(
        f'schema = 1\n[purple]\nchoice = "{choice}"\nsource = "a test"\n[purple.question]\n{words}'
        f"[purple.answer.warm]\n{words}[purple.answer.cold]\n{words}",
        encoding="utf-8",
    )


def test_a_code_may_be_declared_to_have_no_target_but_only_with_a_reason(home):
    home(REF, "RED,WARM,\nBLUE,,Nobody knows.\n")
    found = correspondence(REF)
    assert (found.targets, found.without, found.missing()) == ({"RED": "WARM"}, {"BLUE": "Nobody knows."}, [])
    assert not found.total
    home("colour@1--warmth@2", "RED,WARM,\nBLUE,,\n")
    home("warmth@2", "WARM,Lämmin,Varm,Warm,,,,,,\n")
    with pytest.raises(InvalidDefinition):
        correspondence("colour@1--warmth@2")


@pytest.mark.parametrize(("choice", "target"), [("warm", "WARM"), ("cold", "COLD")])
def test_a_contested_row_follows_the_setting_and_says_so(home, choice, target):
    contested(home, "RED,WARM,,purple,warm\nRED,COLD,,purple,cold\nBLUE,COLD,,,\n", choice)
    found = correspondence(REF)
    assert found.targets == {"RED": target, "BLUE": "COLD"}
    assert [(each.id, each.choice) for each in found.settings] == [("purple", choice)]
    assert found.settings[0].text("sv") == "b b"


def test_an_unknown_choice_or_setting_stops_it(home):
    contested(home, "RED,WARM,,purple,lukewarm\nBLUE,COLD,,,\n")
    with pytest.raises(InvalidDefinition) as error:
        correspondence(REF)
    assert error.value.params["line"] == 2
    contested(home, "RED,WARM,,purpel,warm\nBLUE,COLD,,,\n")
    with pytest.raises(InvalidDefinition) as error:
        correspondence(REF)
    assert (error.value.key, error.value.params["nearest"]) == ("codes.no_setting", "purple")


def test_a_setting_must_be_one_of_its_answers(home):
    contested(home, "RED,WARM,,purple,warm\nBLUE,COLD,,,\n", choice="tepid")
    with pytest.raises(InvalidDefinition) as error:
        all_settings()
    assert (error.value.key, error.value.params["known"]) == ("codes.bad_choice", "warm, cold")


def test_two_steps_are_one_correspondence_and_lose_nobody(home):
    home("hue@1", "PINK,a,a,a,,,,,,\nNAVY,b,b,b,,,,,,\nGREY,c,c,c,,,,,,\n")
    home("colour@2", "RED,Punainen,Röd,Red,,,,,,\nBLUE,Sininen,Blå,Blue,,,,,,\nNONE,Väritön,Färglös,None,,,,,,\n")
    home("hue@1--colour@2", "PINK,RED,\nNAVY,BLUE,\nGREY,NONE,\n")
    home("colour@2--warmth@1", "RED,WARM,\nBLUE,COLD,\nNONE,,No warmth.\n")
    found = correspondence("hue@1--colour@2--warmth@1")
    assert found.targets == {"PINK": "WARM", "NAVY": "COLD"}
    assert found.without == {"GREY": "No warmth."}
    assert found.ref == "hue@1--colour@2--warmth@1"
    assert not found.missing()


def test_proof_names_what_is_missing_and_unmarked_placeholders(home):
    home("soon@1", "x_WARM,Lämmin,Varm,Warm,,,,,,\n")
    home("colour@1--soon@1", "RED,x_WARM,\n")
    [proof] = prove([correspondence("colour@1--soon@1")])
    assert (proof.missing, proof.unmarked, proof.holds, proof.total) == (("BLUE",), ("x_WARM",), False, False)
    home(REF, "RED,WARM,\nBLUE,COLD,\n")
    [proof] = prove([correspondence(REF)])
    assert proof.total
