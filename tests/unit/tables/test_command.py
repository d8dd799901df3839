"""``thassist tables``."""

import json

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.tables.spec import all_specs


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(cli, ["tables", *arguments])


def test_list(run):
    done = run("list", "--lang", "fi")
    assert done.exit_code == 0
    assert "Asiakkaat ajanjakson lopussa sukupuolen mukaan" in done.output
    assert len(done.output.splitlines()) == len(all_specs()) + 1


def test_list_for_machines(run):
    listed = json.loads(run("list", "--format", "json", "--lang", "sv").output)
    assert [item["id"] for item in listed] == [spec.id for spec in all_specs()]
    assert {"id", "version", "status", "title"} == set(listed[0])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fi", "Perusjoukko"),
        ("sv", "antal perioder som visas 10"),
        ("en", "end of the period (admission_date – exit_date)"),
    ],
)
def test_show(run, lang, said):
    done = run("show", "fi_series_stock", "--lang", lang)
    assert done.exit_code == 0
    assert said in done.output


def test_show_for_machines(run):
    shown = json.loads(run("show", "fi_new_victims_form_sex", "--format", "json", "--lang", "en").output)
    assert shown["population"]["view"] == "fi_episode"
    assert [item["field"] for item in shown["dimensions"]] == ["form", "sex"]
    assert shown["margins"] == [[], ["form"], ["sex"], ["form", "sex"]]
    assert shown["check"] == "new_victims"


def test_show_nothing(run):
    done = run("show", "fi_stok_sex", "--lang", "en")
    assert done.exit_code == 11
    assert "fi_stock_sex" in done.stderr


def test_lint_is_silent_about_what_is_right(run):
    done = run("lint", "--lang", "en")
    assert done.exit_code == 0
    assert "are right" in done.output
    assert run("lint", "fi_stock_sex", "--format", "json").output.strip() == "[]"


def test_lint_shows_every_problem(run, spoil):
    spoil('field = "sex"', 'field = "seks"', 'zeros = "show"', 'zeros = "hide"')
    spoil("r.source,", "r.sauce AS source,", file="views/fi_referral")
    done = run("lint", "--lang", "en")
    assert done.exit_code == 11
    assert "[tables.no_column]" in done.output
    assert "the nearest is sex" in done.output
    assert "[tables.bad_choice]" in done.output
    assert "[tables.query_fails] fi_referral.toml" in done.output
    assert "Problems: 3, in 2 of" in done.stderr
    problems = json.loads(run("lint", "--format", "json", "--lang", "fi").stdout)
    assert {problem["file"] for problem in problems} == {"fi_referral.toml", "fi_new_victims_form_sex.toml"}


def test_lint_of_one_table_only(run, spoil):
    spoil('field = "sex"', 'field = "seks"')
    assert run("lint", "fi_stock_sex").exit_code == 0
    assert run("lint", "fi_new_victims_form_sex", "fi_stock_sex").exit_code == 11
    assert run("lint", "fi_nothing").exit_code == 11


def test_show_tells_measure_time_parameters_and_breaks(run):
    shown = run("show", "fi_indicator_residence_security", "--lang", "en").output
    assert "share of those for whom days_to_permit <= $horizon, per 100" in shown
    assert "followed for 365 days" in shown
    assert "horizon = 365" in shown
    assert "2025-05-06: From 6 May 2025" in shown
    assert "shown by months" in run("show", "fi_time_decision_median", "--lang", "en").output
    assert "none that touches this table" in run("show", "uk_responder", "--lang", "en").output
    breaks = json.loads(run("show", "fi_length_median", "--format", "json").output)["breaks"]
    assert [found["date"] for found in breaks] == ["2015-07-01", "2023-01-01"]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (("--period", "2024-Q5"), "tables.bad_period"),
        (("--period", "2024", "--from", "soon"), "tables.bad_period"),
        (("--period", "2024-Q4", "--from", "2025-Q1"), "tables.bad_series"),
        (("--period", "2024-Q4", "--from", "2020"), "tables.bad_series"),
    ],
)
def test_compute_refuses_what_is_no_series(run, options, key, frozen):
    done = run("compute", "fi_stock_sex", *options, "--snapshots", str(frozen), "--lang", "en")
    assert (done.exit_code, done.stdout) == (11, "")
    assert key in done.stderr


def test_compute_prints_a_series_marked_internal(run, frozen):
    done = run(
        "compute", "fi_indicator_client_days", "--period", "2024-Q1", "--from", "2023-Q1", "--snapshots", str(frozen),
        "--lang", "en",
    )  # fmt: skip
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "period,role,role_label,unit,value,status,note"
    assert [line[:7] for line in lines[1::4]] == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
    assert "not protected against disclosure" in done.stderr


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A folder of snapshots with one of an empty database."""
    folder = tmp_path_factory.mktemp("frozen")
    db = ("--db", f"sqlite:///{(folder / 'x.db').as_posix()}")
    for command in ("init", "freeze"):
        done = CliRunner().invoke(cli, [command, *db])
        assert done.exit_code == 0, done.output
    return folder / "snapshots"
