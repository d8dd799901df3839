"""Release definitions: the shipped ones are right, and a wrong one is refused with the place and the nearest name."""

import copy
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
    text = (_data.reports_dir() / "releases" / FILE).read_text(encoding="utf-8")
    return copy.deepcopy(tomllib.loads(text))


def refused(content: dict[str, Any]) -> InvalidDefinition:
    with pytest.raises(InvalidDefinition) as caught:
        specs.parse(content, FILE)
    assert caught.value.params["file"] == FILE
    return caught.value


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
        assert found.status == "active"
    for chart in release.charts:
        assert chart.dimension in (TIME, *(dimension.id for dimension in load_table(chart.table).dimensions))


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
    ("place", "key", "wrong", "nearest"),
    [
        ((), "frequncy", "frequncy", "frequency"),
        (("publisher",), "se", "publisher.se", "sv"),
        (("chapter", 0), "tabels", "chapter 1.tabels", "tables"),
        (("chart", 1), "dimenson", "chart 2.dimenson", "dimension"),
        (("pdf",), "longest_tabel", "pdf.longest_tabel", "longest_table"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(
    content: dict[str, Any], place: tuple[str | int, ...], key: str, wrong: str, nearest: str
) -> None:
    block: Any = content
    for step in place:
        block = block[step]
    block[key] = "x"
    error = refused(content)
    assert (error.key, error.params["key"], error.params["nearest"]) == ("release.unknown_key", wrong, nearest)


@pytest.mark.parametrize("key", ["title", "frequency", "audience", "licence", "contact", "schema"])
def test_what_is_missing_is_named(content: dict[str, Any], key: str) -> None:
    del content[key]
    assert refused(content).params["key"] == key


def test_a_missing_language_is_named(content: dict[str, Any]) -> None:
    del content["chapter"][2]["title"]["sv"]
    assert refused(content).params["key"] == "chapter 3.title.sv"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("frequency", "W"),
        ("audience", "public"),
        ("schema", 2),
        ("id", "other"),
        ("version", 1),
        ("title", "text"),
        ("chapter", "text"),
        ("pdf", {"longest_table": -1}),
        ("chapter", [{"id": "a", "title": {"fi": "a", "sv": "a", "en": "a"}, "tables": "fi_stock_form"}]),
    ],
)
def test_a_wrong_value_is_refused(content: dict[str, Any], key: str, value: object) -> None:
    content[key] = value
    assert refused(content).key == "release.bad_value"


def test_a_table_stands_in_a_release_once(content: dict[str, Any]) -> None:
    content["chapter"][0]["tables"].append(content["chapter"][1]["tables"][0])
    assert refused(content).key == "release.table_twice"


def test_a_release_without_tables_is_none(content: dict[str, Any]) -> None:
    content["chapter"], content["chart"] = [], []
    assert refused(content).params["key"] == "chapter"


def test_a_chart_needs_its_table(content: dict[str, Any]) -> None:
    content["chart"][0]["table"] = "fi_nothing"
    error = refused(content)
    assert (error.key, error.params["table"]) == ("release.chart_without_table", "fi_nothing")


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "releases"
    folder.mkdir()
    (folder / "broken.toml").write_text("schema = ", encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path))
    with pytest.raises(InvalidDefinition) as caught:
        specs.load("broken")
    assert caught.value.exit_code == 11
