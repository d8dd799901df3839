"""An analyst's note: data, in three languages, at one figure; rule R56 asks for it."""

from pathlib import Path

import pytest

from thassist.errors import InvalidDefinition
from thassist.rules import notes
from thassist.rules.figures import Figure, Published, check_figures

NOTE = """
[[note]]
table = "new"
period = "2022"
cell = { sex = "F", role = "_T" }
fi = "Yksi laaja esitutkinta."
sv = "En omfattande förundersökning."
en = "One large investigation."
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "notes.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def doubled(sex: str) -> list[Figure]:
    return [Figure("new", year, {"role": "_T", "sex": sex}, value) for year, value in (("2021", 30), ("2022", 60))]


def test_a_large_change_asks_for_a_note_and_the_note_answers(written) -> None:
    known = notes.load(written("schema = 1" + NOTE))
    asked = [(one.code, one.key) for one in check_figures(Published([*doubled("F"), *doubled("M")]), "en")]
    assert asked == [("R56", "2022 sex=F"), ("R56", "2022 sex=M")]
    left = check_figures(Published([*doubled("F"), *doubled("M")], notes=known), "en")
    assert [(one.code, one.key) for one in left] == [("R56", "2022 sex=M")]


def test_what_is_no_count_of_persons_may_change(written) -> None:
    days = [Figure("wait", year, {}, value, counted=False) for year, value in (("2021", 30), ("2022", 60))]
    assert check_figures(Published(days), "en") == []


def test_a_note_is_found_by_its_figure_whatever_the_order_of_codes(written) -> None:
    (only,) = known = notes.load(written("schema = 1" + NOTE.replace('"2022"', '"2022-H1"')))
    assert (only.period, only.text["sv"]) == ("2022-S1", "En omfattande förundersökning.")
    assert known.at("new", "2022-S1", {"role": "_T", "sex": "F"}) is only
    for table, period, codes in (
        ("old", "2022-S1", {"sex": "F"}),
        ("new", "2022", {"sex": "F"}),
        ("new", "2022-S1", {}),
    ):
        assert known.at(table, period, codes) is None


def test_a_note_without_a_figure_is_a_finding_only_where_its_table_is(written) -> None:
    known = notes.load(written("schema = 1" + NOTE.replace('"F"', '"X"')))
    quiet = [Figure("new", "2022", {"sex": "F"}, 1), Figure("other", "2022", {}, 1)]
    assert [(one.code, one.key) for one in check_figures(Published(quiet, notes=known), "en")] == [
        ("R56b", "2022 sex=X")
    ]
    assert check_figures(Published(quiet[1:], notes=known), "en") == []


def test_without_a_file_there_are_no_notes(own_reports: Path) -> None:
    (own_reports / "texts" / "analyst_notes.toml").unlink(missing_ok=True)
    assert list(notes.load()) == []


def test_the_office_keeps_its_notes_among_its_texts(own_reports: Path) -> None:
    (own_reports / "texts").mkdir(exist_ok=True)
    (own_reports / "texts" / "analyst_notes.toml").write_text("schema = 1" + NOTE, encoding="utf-8")
    assert [one.table for one in notes.load()] == ["new"]


SPOILED = [
    ("schema = 1" + NOTE.replace('sv = "En omfattande förundersökning."\n', ""), "rules.bad_file"),
    ("schema = 1" + NOTE.replace('period = "2022"', 'period = "in spring"'), "rules.bad_file"),
    ("schema = 1" + NOTE.replace('table = "new"', "table = 3"), "rules.bad_file"),
    ("schema = 1" + NOTE.replace('sex = "F"', "sex = 2"), "rules.bad_file"),
    ("schema = 1" + NOTE.replace("fi = ", "de = "), "rules.unknown_key"),
    ("schema = 1" + NOTE + NOTE.replace('role = "_T"', 'form = "_T"'), "rules.repeated"),
    ("schema = 1" + NOTE.replace("One large", "Ask 040 123 4567, one"), "rules.note_personal"),
    ("schema = 2" + NOTE, "rules.bad_file"),
    ("schema = 1\nnote = 3", "rules.bad_file"),
    ("schema = 1\nnote = [3]", "rules.bad_file"),
    ("schema = ", "core.definition_not_toml"),
]


@pytest.mark.parametrize(("text", "key"), SPOILED)
def test_a_wrong_file_is_refused(written, text: str, key: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        notes.load(written(text))
    assert caught.value.key == key
    assert "040 123" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDefinition):
        notes.load(tmp_path / "none.toml")
