"""Reading table specs: what a file says, and what is wrong with it."""

import pytest

from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables import spec as specs
from thassist.tables.spec import Measure, Time


def test_what_a_file_says():
    spec = specs.load("fi_new_in_finland_residence_status")
    assert spec.population.view == "fi_episode"
    assert spec.unit.labels == {"fi": "henkilöä", "sv": "personer", "en": "persons"}
    assert spec.time == Time(reference="flow", date="admission_date", start="", end="", periods=1)
    assert spec.time.columns == ("admission_date",)
    assert spec.measure == Measure("count_distinct", "person_id", 0)
    assert spec.margins == ((), ("residence_status",))
    assert spec.layout.stub == ("residence_status",)
    assert spec.check_measure == "new_in_finland"
    assert spec.dimension("residence_status").classification == "residence_status_published@2022"
    with pytest.raises(KeyError):
        spec.dimension("sex")


def test_a_stock_has_two_dates():
    assert specs.load("fi_stock_sex").time.columns == ("admission_date", "exit_date")


def test_standing_notes_come_by_themselves():
    several, sparse = specs.load("fi_new_victims_any_form"), specs.load("fi_new_victims_citizenship")
    assert several.notes[-1]["fi"].startswith("Sama henkilö tai tapaus voi kuulua useaan luokkaan")
    assert sparse.notes[-1]["sv"] == "Kombinationer som inte visas är noll."
    assert specs.load("fi_new_victims_place").notes[-1]["en"].startswith("Exploitation in Finland")


def test_every_shipped_table_is_complete():
    found = specs.all_specs()
    assert len([spec for spec in found if spec.population.view.startswith("fi_")]) >= 12
    for spec in found:
        for texts in (spec.titles, spec.population.texts, spec.unit.labels, *spec.notes):
            assert set(texts) == set(LANGUAGES)
            assert len(set(texts.values())) == len(LANGUAGES), spec.id
            assert all(texts.values())


def test_margins_in_the_order_of_the_dimensions(spoil):
    path = spoil("[layout]", '[margins]\nsets = [["sex", "form"], [], ["sex"]]\n[layout]')
    assert specs.load_file(path).margins == (("form", "sex"), (), ("sex",))


def test_no_such_table():
    with pytest.raises(InvalidDefinition, match="fi_stock_sex"):
        specs.load("fi_stok_sex")


WRONG = {
    "tables.unknown_key": ('field = "form"', 'feild = "form"\nfield = "form"'),
    "tables.missing_key": ('field = "form"', ""),
    "tables.bad_schema": ("schema = 1", "schema = 2"),
    "tables.bad_id": ('id = "fi_new_victims_form_sex"', 'id = "fi_other"'),
    "tables.wrong_type": ('version = "1.0.0"', "version = 1"),
    "tables.bad_choice": ('zeros = "show"', 'zeros = "hide"'),
    "tables.bad_number": ('date = "admission_date"', 'date = "admission_date"\nperiods = 0'),
    "tables.no_text": ('sv = "Form av utnyttjande"', ""),
    "tables.placeholder": ('sv = "Form av utnyttjande"', 'sv = "Form {period}"'),
    "tables.repeated": ("[layout]", '[margins]\nsets = [["form", "form"]]\n[layout]'),
    "tables.no_dimension": ("[layout]", '[margins]\nsets = [["form", "sexx"]]\n[layout]'),
}


@pytest.mark.parametrize("key", sorted(WRONG))
def test_every_fault_is_named(spoil, key):
    path = spoil(*WRONG[key])
    _, problems = specs.read(path)
    assert [problem.key for problem in problems] == [key]
    for lang in LANGUAGES:
        assert problems[0].text(lang).startswith(path.name)
        assert "?" not in problems[0].text(lang)
        assert problems[0].remedy(lang)
    with pytest.raises(InvalidDefinition) as raised:
        specs.load_file(path)
    assert raised.value.key == key


def test_all_faults_at_once(spoil):
    pieces = [
        piece for key in sorted(WRONG) if key not in ("tables.repeated", "tables.missing_key") for piece in WRONG[key]
    ]
    pieces[pieces.index('sv = "Form av utnyttjande"')] = 'sv = "Kön"'  # one text cannot be both missing and spoilt
    _, problems = specs.read(spoil(*pieces))
    assert sorted(problem.key for problem in problems) == sorted(set(WRONG) - {"tables.repeated", "tables.missing_key"})


def test_a_mistyped_key_is_told_the_nearest(spoil):
    _, problems = specs.read(spoil('field = "form"', 'field = "form"\nclasification = "x"'))
    assert problems[0].params["nearest"] == "classification"


@pytest.mark.parametrize("text", ["half a } brace", "{", "{0}"])
def test_braces_of_any_kind_are_no_text(spoil, text):
    _, problems = specs.read(spoil("Form av utnyttjande", text, 'sv = "Kön"', f'sv = "{text}"'))
    assert {problem.key for problem in problems} == {"tables.placeholder"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[unit]", "[[unit]]"),
        ("[[note]]", "[note]"),
        ('stub = ["form"]', 'stub = "form"'),
        ('response = "single"', "response = true"),
        ('response = "single"', 'response = "single"\nparents = "yes"'),
        ("[layout]", '[margins]\nsets = "some"\n[layout]'),
    ],
)
def test_a_wrong_shape_is_a_problem_and_no_crash(spoil, old, new):
    _, problems = specs.read(spoil(old, new))
    assert problems


def test_not_toml(spoil):
    with pytest.raises(InvalidDefinition) as raised:
        specs.read(spoil("schema = 1", "schema 1"))
    assert raised.value.key == "core.definition_not_toml"
