"""Breaks of comparability as a file, and codes recorded under older versions of a classification."""

import datetime as dt

import pytest

from thassist.dates import parse_period, run
from thassist.errors import InvalidDefinition
from thassist.tables.breaks import all_breaks, breaks_of, in_series, read
from thassist.tables.compute import compute, compute_all, periods_of
from thassist.tables.lint import lint_file, lint_view
from thassist.tables.spec import load, load_file

PEOPLE = {
    "person": [
        {"person_id": name, "reporting_system": "FI_NAS", "sex": sex}
        for name, sex in (("A", "F"), ("B", "M"), ("C", "X"))
    ],
    "episode": [
        {
            "episode_id": f"E{name}",
            "person_id": name,
            "role": "VICTIM",
            "seq_no": 1,
            "is_new": True,
            "admission_date": dt.date(2022, 3, 1),
            "admission_date_precision": "D",
        }
        for name in "ABC"
    ],
}


def test_the_shipped_breaks_are_told_in_three_languages_and_dated():
    assert [found.date.year for found in all_breaks()] == [2015, 2017, 2018, 2023, 2024, 2025, 2026]
    assert all(all(found.texts.values()) and found.source for found in all_breaks())


@pytest.mark.parametrize(
    ("table", "ids"),
    [
        ("fi_referrals_source", {"statutory-process-2015", "immigration-service-2017", "identification-2023"}),
        ("fi_new_victims_form", {"statutory-process-2015", "identification-2023", "forced-marriage-2024"}),
        ("fi_indicator_residence_security", {"statutory-process-2015", "identification-2023", "lawful-stay-2025"}),
        ("uk_responder", set()),
    ],
)
def test_a_break_touches_what_it_names(table, ids):
    assert {found.id for found in breaks_of(load(table))} == ids


@pytest.mark.parametrize(
    ("table", "first", "last", "marked"),
    [
        ("fi_series_referrals", "2022", "2024", ["2023"]),
        ("fi_series_referrals", "2023", "2024", []),
        ("fi_series_referrals", "2022-04-01/P1Y", "2023-04-01/P1Y", ["2022-04-01/P1Y"]),
        ("fi_series_stock", "2022-Q4", "2023-Q2", ["2023-Q1"]),
        ("fi_series_stock", "2015-S1", "2015-S2", ["2015-S2"]),
    ],
)
def test_where_a_series_crosses_a_break(table, first, last, marked):
    """A period in the middle of which the break lies is itself the first one that it concerns."""
    periods = run(parse_period(first), parse_period(last))
    assert [found.period for found in in_series(load(table), periods)] == marked


def test_what_is_wrong_with_a_file_of_breaks_is_named(reports):
    path = reports / "breaks.toml"
    path.write_text(
        'schema = 1\n[[break]]\nid = "x"\ndate = "2023"\nconcept = ["a"]\nsource = "s"\nconfidence = "sure"\n'
        'fi = "a"\nsv = "b"\n'
    )
    _, problems = read(path)
    assert {problem.key for problem in problems} == {
        "tables.wrong_type",
        "tables.unknown_key",
        "tables.missing_key",
        "tables.bad_choice",
        "tables.no_text",
    }
    assert any(problem.params.get("nearest") == "concepts" for problem in problems)


def test_a_mistyped_concept_is_named_with_the_nearest(spoil):
    path = spoil("[check]", '[comparability]\nconcepts = ["identifikation"]\n\n[check]')
    [problem] = lint_file(path)
    assert (problem.key, problem.params["nearest"]) == ("tables.no_concept", "identification")


HEAD = "code,label_fi,label_sv,label_en,parent,valid_from,valid_to,lower,upper,note\n"


@pytest.fixture
def versions(reports, spoil):
    """``sex@0`` had X for what is now O; the view still holds some of its codes."""
    codes = reports / "classifications"
    (codes / "sex@0.csv").write_text(HEAD + "F,n,k,w,,,,,,\nM,m,m,m,,,,,,\nX,x,x,x,,,,,,\n_U,u,u,u,,,,,,\n")
    (codes / "sex@0.toml").write_text((codes / "sex@1.toml").read_text())
    (reports / "correspondences" / "sex@0--sex@1.csv").write_text("source,target,note\nF,F,\nM,M,\nX,O,\n_U,_U,\n")
    named = 'name = "sex"\ntype = "code"\nclassification = "sex@1"'
    spoil(named, f'{named}\nolder = ["sex@0"]', file="views/fi_episode")
    return reports


def test_a_series_is_mapped_through_the_change_of_a_classification(snapshot, spoil, versions):
    path = spoil('field = "sex"', 'field = "sex"\nolder = ["sex@0--sex@1"]')
    assert lint_file(path) == []
    assert lint_view(versions / "views" / "fi_episode.toml") == []
    spec = load_file(path)
    assert any("sex@0" in note["en"] for note in spec.notes)
    cube = compute(spec, snapshot(**PEOPLE), parse_period("2022"))
    assert [cube.value("2022", sex=code) for code in ("_T", "F", "M", "O")] == [3, 1, 1, 1]


def test_a_code_without_a_target_stops_the_table(snapshot, spoil, versions):
    path = spoil('field = "sex"', 'field = "sex"\nolder = ["sex@0--sex@1"]')
    spoilt = {**PEOPLE, "person": [{**row, "sex": "Q"} for row in PEOPLE["person"]]}
    with pytest.raises(InvalidDefinition) as raised:
        compute(load_file(path), snapshot(**spoilt), parse_period("2022"))
    assert raised.value.key == "tables.outside"
    assert raised.value.params["classification"] == "sex@1, sex@0"


@pytest.mark.parametrize(
    ("older", "rows", "key"),
    [
        ("", "X,O,", "tables.older_missing"),
        ('older = ["sex@1--sex@1"]', "X,O,", "tables.older_missing"),
        ('older = ["sex@0--sex@1"]', "", "tables.via_partial"),
        ('older = ["sex@0--sex@1"]', "X,O,", ""),
    ],
)
def test_what_is_wrong_with_older_versions(spoil, versions, older, rows, key):
    (versions / "correspondences" / "sex@0--sex@1.csv").write_text(f"source,target,note\nF,F,\nM,M,\n{rows}\n_U,_U,\n")
    keys = [problem.key for problem in lint_file(spoil('field = "sex"', f'field = "sex"\n{older}'))]
    assert key in keys if key else keys == []


def test_a_code_that_changed_its_meaning_is_refused(spoil, versions):
    (versions / "correspondences" / "sex@0--sex@1.csv").write_text("source,target,note\nF,M,\nM,F,\nX,O,\n_U,_U,\n")
    path = spoil('field = "sex"', 'field = "sex"\nolder = ["sex@0--sex@1"]')
    [problem] = lint_file(path)
    assert (problem.key, problem.params["codes"]) == ("tables.older_changed", "F, M")


def test_many_tables_over_one_engine_are_the_same_as_one_by_one(snapshot):
    people = {**PEOPLE, "person": [{**row, "sex": "F"} for row in PEOPLE["person"]]}
    specs = [load(name) for name in ("fi_stock_age", "fi_new_victims_form_sex", "fi_series_stock", "fi_length_median")]
    together = compute_all(specs, snapshot(**people), parse_period("2022"))
    assert [cube.cells for cube in together] == [
        compute(spec, snapshot(**people), parse_period("2022")).cells for spec in specs
    ]


def test_a_series_of_any_length_from_one_definition(snapshot):
    people = {**PEOPLE, "person": [{**row, "sex": "F"} for row in PEOPLE["person"]]}
    last, first = parse_period("2024-Q4"), parse_period("2015-Q1")
    cube = compute(load("fi_series_stock"), snapshot(**people), last, first)
    assert len(cube.periods) == 40
    assert [cube.value(code) for code in ("2021-Q4", "2022-Q1", "2024-Q4")] == [0, 3, 3]
    with pytest.raises(ValueError, match="2015"):
        periods_of(load("fi_series_stock"), last, parse_period("2015"))
