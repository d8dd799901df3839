"""What does not fit between a table and the definitions that it names."""

import pytest

from thassist.messages import LANGUAGES
from thassist.tables.lint import lint_all, lint_file, lint_view

FORM = "exploitation_form@1--exploitation_form_published@2022"


def test_everything_shipped_is_right():
    assert [problem.text("en") for problem in lint_all()] == []


SPOILT = {
    "tables.no_view": ('view = "fi_episode"', 'view = "fi_episodes"'),
    "engine.sql_unknown_column": ("is_new AND", "is_old AND"),
    "engine.sql_not_parsed": ("is_new AND", "is_new AND ("),
    "engine.sql_forbidden": ("is_new AND", "getenv('HOME') = 'x' AND"),
    "engine.sql_unknown_parameter": ("is_new AND", "exit_date > $period_last AND"),
    "tables.no_column": ('field = "sex"', 'field = "gender"'),
    "tables.no_precision": ('date = "admission_date"', 'date = "exit_reason"'),
    "tables.measure_empty": ('field = "person_id"', 'field = "citizenship"'),
    "codes.no_classification": ('classification = "sex@1"', 'classification = "sex@9"'),
    "codes.no_correspondence": (f'via = "{FORM}"', 'via = "exploitation_form@1--sex@1"'),
    "tables.no_version": ('classification = "sex@1"', 'classification = "sex"'),
    "tables.field_differs": ('field = "sex"', 'field = "citizenship"'),
    "tables.via_target": (
        'classification = "exploitation_form_published@2022"',
        'classification = "exploitation_form@1"',
    ),
    "tables.not_numeric": ('field = "sex"', 'field = "age_at_admission"'),
    "tables.response": ('response = "single"', 'response = "multiple"'),
    "tables.query_fails": ("is_new AND", "admission_date > 5 AND"),
    "tables.bad_name": ('id = "sex"', 'id = "value"'),
    "tables.layout_once": ('heading = ["sex"]', 'heading = ["sex", "form"]'),
    "tables.no_dimension": ('heading = ["sex"]', 'heading = ["sex", "seks"]'),
    "tables.layout_time": ('date = "admission_date"', 'date = "admission_date"\nperiods = 3'),
    "tables.layout_cross": ("[layout]", '[margins]\nsets = [["form"], ["sex"], []]\n[layout]'),
}


@pytest.mark.parametrize("key", sorted(SPOILT))
def test_every_misfit_is_named(spoil, key):
    path = spoil(*SPOILT[key])
    problems = lint_file(path)
    assert key in [problem.key for problem in problems]
    for problem in problems:
        assert problem.file == path.name
        for lang in LANGUAGES:
            assert "?" not in problem.text(lang), problem.text(lang)
            assert problem.text(lang)
            assert problem.remedy(lang)


def test_all_misfits_at_once(spoil):
    keys = ["tables.no_column", "engine.sql_unknown_column", "tables.measure_empty", "tables.layout_time"]
    problems = lint_file(spoil(*[piece for key in keys for piece in SPOILT[key]]))
    assert sorted(problem.key for problem in problems) == sorted(keys)


def test_problems_of_the_file_and_of_what_it_names_together(spoil):
    problems = lint_file(spoil('zeros = "show"', 'zeros = "hide"', *SPOILT["tables.no_column"]))
    assert [problem.key for problem in problems] == ["tables.bad_choice", "tables.no_column"]


def test_the_nearest_name_is_told(spoil):
    assert "fi_episode" in lint_file(spoil(*SPOILT["tables.no_view"]))[0].text("en")


def test_a_column_that_may_be_empty_needs_a_code_for_it(spoil):
    """Roles have no code for «not known»: a table by role must not lose a row without one."""
    spoil('name = "role"\ntype = "code"', 'name = "role"\nempty = true\ntype = "code"', file="views/fi_episode")
    problems = lint_file(spoil('id = "fi_stock_role"', 'id = "fi_stock_role"', file="tables/fi_stock_role"))
    assert [problem.key for problem in problems] == ["tables.no_unknown"]


def test_extra_codes_of_a_column_need_a_place(spoil):
    """A witness has no form: a table by our own forms has no line for that."""
    path = spoil(
        'classification = "exploitation_form_published@2022"',
        'classification = "exploitation_form@1"',
        f'via = "{FORM}"\n',
        "",
    )
    assert [problem.key for problem in lint_file(path)] == ["tables.not_exhaustive"]


def test_a_correspondence_must_be_total(spoil, reports):
    (reports / "correspondences" / "sex@1--sex_age@1.csv").write_text("source,target,note\nF,WOMEN,\n_U,_U,\n")
    path = spoil('classification = "sex@1"', 'classification = "sex_age@1"\nvia = "sex@1--sex_age@1"')
    problems = lint_file(path)
    assert [problem.key for problem in problems] == ["tables.via_partial"]
    assert problems[0].params["codes"] == "M, O"


def test_a_placeholder_code_can_leave_in_no_table(spoil):
    path = spoil(
        'classification = "exploitation_form_published@2022"',
        'classification = "ictip_form_of_exploitation@2025"',
        "exploitation_form@1--exploitation_form_published@2022",
        "exploitation_form@1--ictip_form_of_exploitation@2025",
    )
    assert "tables.placeholder_codes" in [problem.key for problem in lint_file(path)]


def test_codes_without_a_counterpart_must_be_told_of(spoil):
    path = spoil('response = "single"\nrest = "total"', 'response = "single"', file="tables/intl_eurostat_sex")
    assert [problem.key for problem in lint_file(path)] == ["tables.no_rest"]


@pytest.mark.parametrize(
    ("bounds", "number"),
    [("0,17;19,", 18), ("0,17;17,", 17), ("0,17;18,64", 65), ("5,17;18,", 0), (",;18,", 0), (",17;19,", 18)],
)
def test_classes_of_a_number_leave_no_gap(spoil, reports, bounds, number):
    codes = [f"C{place},x{place},x{place},x{place},,,,{pair}," for place, pair in enumerate(bounds.split(";"))]
    head = "code,label_fi,label_sv,label_en,parent,valid_from,valid_to,lower,upper,note"
    folder = reports / "classifications"
    name = f"gap{''.join(filter(str.isdigit, bounds))}@1"
    (folder / f"{name}.csv").write_text("\n".join([head, *codes, "_U,u,u,u,,,,,,"]) + "\n")
    (folder / f"{name}.toml").write_text((folder / "age_class@1.toml").read_text())
    path = spoil('classification = "sex@1"\nfield = "sex"', f'classification = "{name}"\nfield = "age_at_admission"')
    problems = [problem for problem in lint_file(path) if problem.key == "tables.bounds"]
    assert [problem.params["number"] for problem in problems] == [number]


def test_rows_are_no_units_where_a_unit_has_several(spoil):
    path = spoil(
        'function = "count_distinct"\nfield = "person_id"', 'function = "count"', file="tables/fi_new_victims_any_form"
    )
    assert [problem.key for problem in lint_file(path)] == ["tables.multiple_rows"]


SHARE = "tables/fi_indicator_backlog"
#: What is wrong with a measure, a time or a parameter → file, and what to replace.
SPOILT_MEASURES = {
    "tables.bad_choice": (SHARE, 'function = "share"', 'function = "shares"'),
    "tables.unknown_key": (SHARE, "decimals = 1", "decimals = 1\nprobability = 0.9"),
    "tables.missing_key": (SHARE, 'where = "waiting_days > $days"\n', ""),
    "engine.sql_unknown_column": (SHARE, "waiting_days > $days", "waiting > $days"),
    "engine.sql_unknown_parameter": (SHARE, "waiting_days > $days", "waiting_days > $dayz"),
    "tables.omits_no_zeros": (SHARE, 'zeros = "show"', 'zeros = "omit"'),
    "tables.placeholder": (SHARE, "for more than {days}", "for more than {day}"),
    "tables.bad_number": (SHARE, "days = 90", "days = -1"),
    "tables.bad_fraction": ("tables/fi_time_decision_p90", "probability = 0.9", "probability = 90"),
    "tables.measure_type": ("tables/fi_length_median", 'event = "ended"', 'event = "role"'),
    "tables.no_column": ("tables/fi_length_median", 'field = "days_in_assistance"', 'field = "days_in_asistance"'),
    "tables.no_dimension": ("tables/fi_indicator_referral_breadth", 'over = ["source"]', 'over = ["sourse"]'),
    "tables.no_whole": ("tables/fi_indicator_referral_breadth", "[layout]", '[margins]\nsets = [["source"]]\n[layout]'),
    "tables.multiple_rows": (
        "tables/fi_indicator_justice_access",
        'function = "proportion"\nover = ["milestone"]\nfield = "person_id"',
        'function = "count"',
    ),
}


@pytest.mark.parametrize("key", sorted(SPOILT_MEASURES))
def test_measures_are_checked(spoil, key):
    file, old, new = SPOILT_MEASURES[key]
    problems = lint_file(spoil(old, new, file=file))
    assert key in {problem.key for problem in problems}
    for problem in problems:
        assert all(problem.text(lang) and problem.remedy(lang) for lang in ("fi", "sv", "en"))


SPOILT_VIEWS = {
    "tables.column_differs": ('name = "source"', 'name = "sourcing"'),
    "tables.query_fails": ("r.source,", "r.sauce AS source,"),
    "tables.column_type": ('name = "received_date"\ntype = "date"', 'name = "received_date"\ntype = "key"'),
    "engine.sql_unknown_table": ("FROM referral AS r", "FROM proposal AS r"),
    "engine.sql_no_query": ("SELECT\n  r.referral_id", "CREATE TABLE copy AS SELECT\n  r.referral_id"),
    "tables.unknown_parameter": ("r.source,", "$today AS source,"),
    "tables.bad_helper": ("r.source,", "SPAN_END(r.source) AS source,"),
    "codes.no_classification": ('classification = "sex@1"', 'classification = "sex@9"'),
    "tables.no_precision": ("  r.received_date_precision,\n", "  r.received_date_precision AS other,\n"),
    "tables.unknown_key": ('type = "precision"', 'type = "precision"\nupper = "x"'),
    "tables.missing_key": ('description = "Sex of the person."', ""),
}


@pytest.mark.parametrize("key", sorted(SPOILT_VIEWS))
def test_views_are_checked(spoil, key):
    old, new = SPOILT_VIEWS[key]
    pieces = [old, new]
    if key == "tables.no_precision":
        pieces += ['name = "received_date_precision"', 'name = "other"']
    path = spoil(*pieces, file="views/fi_referral")
    assert [problem.key for problem in lint_view(path)] == [key]


def test_a_view_may_not_read_itself(spoil):
    spoil("FROM stay AS s", "FROM stay AS s CROSS JOIN fi_episode_form", file="views/fi_episode")
    path = spoil("SELECT", "SELECT", file="views/fi_episode_form")
    assert [problem.key for problem in lint_view(path)] == ["tables.circular_view"]


def test_the_upper_end_of_a_number_must_be_there(spoil):
    path = spoil('upper = "age_at_admission_upper"', 'upper = "age_at_most"', file="views/fi_episode")
    assert [problem.key for problem in lint_view(path)] == ["tables.no_column"]
