"""Release definitions: the shipped ones are right, and a wrong one is refused with the place and the nearest name."""

import copy
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from thassist import _data
from thassist.codes import classification
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.release import spec as specs
from thassist.tables.spec import TIME
from thassist.tables.spec import load as load_table

FILE = "national-annual.toml"


@pytest.fixture
def content() -> dict[str, Any]:
    """The annual release with three chapters."""
    text = (_data.reports_dir() / "releases" / FILE).read_text(encoding="utf-8")
    found = copy.deepcopy(tomllib.loads(text))
    titles = {"fi": "x", "sv": "x", "en": "x"}
    tables = (["fi_stock_group", "fi_stock_role"], ["fi_stock_form"], ["fi_stock_sex"])
    found["chapter"] = [
        {"id": name, "title": dict(titles), "tables": held} for name, held in zip("abc", tables, strict=True)
    ]
    found["chart"] = [
        {"table": table, "dimension": dimension, "kind": "bar", "title": dict(titles)}
        for table, dimension in (("fi_stock_group", "group"), ("fi_stock_form", "form"))
    ]
    return found


def problems(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Message and place of everything that is wrong with the annual release as it is given here."""
    path = _data.reports_dir() / "releases" / FILE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_data, "read_toml", lambda _path: content)
        _, found = specs.read(path)
    assert {problem.file for problem in found} <= {FILE}
    return [(problem.key, str(problem.params.get("key", ""))) for problem in found]


def test_the_national_releases_and_the_uk_one_are_shipped() -> None:
    assert {"national-annual", "national-half-year", "national-quarterly", "uk-nrm-quarterly"} <= set(
        specs.release_ids()
    )


@pytest.mark.parametrize("name", specs.release_ids())
def test_a_shipped_release_names_what_exists(name: str) -> None:
    release = specs.load(name)
    assert release.reporting_system in classification("reporting_system").codes
    for table in release.tables:
        found = load_table(table)
        # a draft may wait for a list that its owner has not given; such a release is refused when it is built
        assert found.status == ("draft" if specs.waiting(release) else "active")
    for chart in release.charts:
        known = {TIME, *(dimension.id for dimension in load_table(chart.table).dimensions)}
        assert set(chart.dimensions or (chart.dimension,)) <= known


@pytest.mark.parametrize("name", specs.release_ids())
def test_a_shipped_release_has_every_text_in_every_language(name: str) -> None:
    release = specs.load(name)
    texts = [release.titles, release.publisher, release.contact, release.source, release.licence.titles]
    texts += [chapter.titles for chapter in release.chapters] + [chart.titles for chart in release.charts]
    for text in (*texts, *release.notes):
        assert set(text) == set(LANGUAGES)


def test_the_annual_release_holds_the_figures_of_the_2022_review() -> None:
    """Twelve of them at least, as the review of 2022 prints them (figures 1–18)."""
    tables = set(specs.load("national-annual").tables)
    assert len(tables) >= 12
    assert {"fi_referrals_source", "fi_new_clients_kind", "fi_new_victims_form", "fi_stock_citizenship"} <= tables


def test_an_unknown_release_names_the_nearest() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        specs.load("national-anual")
    assert caught.value.params == {"id": "national-anual", "nearest": "national-annual"}


@pytest.mark.parametrize(
    ("place", "key", "wrong"),
    [
        ((), "frequncy", "frequncy"),
        (("publisher",), "se", "publisher.se"),
        (("chapter", 0), "tabels", "chapter a.tabels"),
        (("chart", 1), "dimenson", "chart fi_stock_form.dimenson"),
        (("pdf",), "longest_tabel", "pdf.longest_tabel"),
    ],
)
def test_a_key_that_nobody_reads_is_told(
    content: dict[str, Any], place: tuple[str | int, ...], key: str, wrong: str
) -> None:
    block: Any = content
    for step in place:
        block = block[step]
    block[key] = "x"
    assert problems(content) == [("tables.unknown_key", wrong)]


@pytest.mark.parametrize("key", ["title", "frequency", "audience", "licence", "contact", "schema"])
def test_what_is_missing_is_named(content: dict[str, Any], key: str) -> None:
    del content[key]
    assert ("tables.missing_key", key) in problems(content)


def test_a_missing_language_is_named(content: dict[str, Any]) -> None:
    del content["chapter"][2]["title"]["sv"]
    assert problems(content) == [("tables.no_text", "chapter c.title")]


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("frequency", "W", "tables.bad_choice"),
        ("audience", "everybody", "tables.bad_choice"),
        ("schema", 2, "tables.bad_schema"),
        ("id", "other", "tables.bad_id"),
        ("version", 1, "tables.wrong_type"),
        ("title", "text", "tables.wrong_type"),
        ("chapter", "text", "tables.wrong_type"),
        ("pdf", {"longest_table": -1}, "tables.bad_number"),
        (
            "chapter",
            [{"id": "a", "title": {"fi": "a", "sv": "a", "en": "a"}, "tables": "fi_stock_form"}],
            "tables.wrong_type",
        ),
    ],
)
def test_a_wrong_value_is_told(content: dict[str, Any], key: str, value: object, problem: str) -> None:
    content[key] = value
    assert problem in {found for found, _ in problems(content)}


def test_a_table_stands_in_a_release_once(content: dict[str, Any]) -> None:
    content["chapter"][0]["tables"].append(content["chapter"][1]["tables"][0])
    assert [found for found, _ in problems(content)] == ["release.table_twice"]


def test_a_release_without_tables_is_none(content: dict[str, Any]) -> None:
    content["chapter"], content["chart"] = [], []
    assert [found for found, _ in problems(content)] == ["release.no_tables"]


def test_a_chart_needs_its_table(content: dict[str, Any]) -> None:
    content["chart"][0]["table"] = "fi_nothing"
    assert [found for found, _ in problems(content)] == ["release.chart_without_table"]


def test_all_faults_are_told_at_once(short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six faults of six kinds in one file: in the file itself, and between it and the tables."""
    shutil.copytree(short, tmp_path / "reports")
    path = tmp_path / "reports" / "releases" / FILE
    text = path.read_text(encoding="utf-8")
    for right, wrong in (
        ('frequency = "A"', 'frequency = "W"'),
        ("longest_table", "longest_tabel"),
        ("fi_referrals_source", "fi_referrals_sauce"),
        ('sv = "Allt", ', ""),
        ('dimension = "form"', 'dimension = "from"'),
    ):
        assert right in text
        text = text.replace(right, wrong, 1)
    path.write_text(text, encoding="utf-8")
    table = tmp_path / "reports" / "tables" / "fi_stock_group.toml"
    table.write_text(
        table.read_text(encoding="utf-8").replace("clients_on_last_day", "clients_on_last_night"), encoding="utf-8"
    )
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    found = [
        problem
        for problem in specs.lint_all()
        if problem.file == FILE and not problem.key.startswith("release.story")  # its sentences name what is gone now
    ]
    assert [problem.key for problem in found] == [
        "tables.unknown_key",
        "tables.bad_choice",
        "tables.no_text",
        "release.no_table",
        "release.no_counting_rule",
        "release.chart_without_dimension",
    ]
    assert found[3].params["nearest"] == "fi_referrals_source"
    for lang in LANGUAGES:
        assert all(FILE in problem.text(lang) and problem.remedy(lang) for problem in found)


def test_the_shipped_releases_are_in_order() -> None:
    assert specs.lint_all() == []


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "releases"
    folder.mkdir()
    (folder / "broken.toml").write_text("schema = ", encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path))
    with pytest.raises(InvalidDefinition) as caught:
        specs.load("broken")
    assert caught.value.exit_code == 11
