"""The lint of a release's words: every table, code and placeholder exists, and a comparison may meet a break."""

from pathlib import Path

import pytest

from thassist.release import story
from thassist.release.spec import load, release_ids
from thassist.tables.spec import load as load_table

GOOD = """
schema = 1
id = "some"
[[key_figure]]
cell = { table = "fi_series_stock", codes = { group = "CLIENT" } }
compare = true
fi = "Asiakkaat"
sv = "Klienter"
en = "Clients"
[[sentence]]
chapter = "stock"
fi = "Heitä oli {all} (aiemmin {before}), osuus {share}; suurimmat {most}."
sv = "De var {all} (tidigare {before}), andel {share}; störst {most}."
en = "They were {all} ({before} before), share {share}; largest {most}."
cells.all = { table = "fi_series_stock" }
cells.before = { table = "fi_series_stock", period = "year_before" }
shares.share = { table = "fi_stock_group", codes = { group = "CHILD" } }
tops.most = { table = "fi_stock_sex", dimension = "sex", count = 2 }
when_break = { fi = "{all}", sv = "{all}", en = "{all}" }
"""
TABLES = ("fi_series_stock", "fi_stock_group", "fi_stock_sex", "fi_exits_reason_role_sex")


def problems(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(story, "path_of", lambda _release: path)
    tables = {name: load_table(name) for name in TABLES}
    found = story.lint("some", {"stock": TABLES}, tables)
    for lang in ("fi", "sv", "en"):
        assert all("some.toml" in problem.text(lang) and problem.remedy(lang) for problem in found)
    return [problem.key for problem in found]


def test_what_is_right_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(GOOD, tmp_path, monkeypatch) == []


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('chapter = "stock"', 'chapter = "stok"', "release.story_no_chapter"),
        ('cells.all = { table = "fi_series_stock" }', 'cells.all = { table = "fi_serie" }', "release.story_no_table"),
        ('group = "CHILD"', 'group = "CHILDREN"', "release.story_no_code"),
        ('{ group = "CHILD" }', '{ grupp = "CHILD" }', "release.story_no_dimension"),
        ('dimension = "sex"', 'dimension = "gender"', "release.story_no_dimension"),
        ("They were {all}", "They were {al}", "release.story_placeholder"),
        ("andel {share}", "andel", "release.story_placeholders_differ"),
        ("count = 2 }", 'count = 2 }\ncells.more = { table = "fi_stock_sex" }', "release.story_unused"),
        ("when_break =", "when_zero =", "release.story_no_break"),
        ('before = { table = "fi_series_stock"', 'before = { table = "fi_stock_sex"', "release.story_no_year_before"),
        ('en = "Clients"', "", "tables.missing_key"),
        ('period = "year_before"', 'period = "before"', "tables.bad_choice"),
        ("compare = true", "compared = true", "tables.unknown_key"),
        ("{ fi = \"{all}\"", "{ fi = \"{all\"", "release.story_placeholder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(
    right: str, wrong: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert right in GOOD
    assert key in problems(GOOD.replace(right, wrong, 1), tmp_path, monkeypatch)


def test_a_figure_that_the_table_does_not_compute_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load_table("fi_series_stock")
    assert ("group",) in spec.margins
    cut = spec.__class__(**{**{name: getattr(spec, name) for name in spec.__dataclass_fields__}, "margins": ((),)})
    path = tmp_path / "some.toml"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(story, "path_of", lambda _release: path)
    tables = {**{name: load_table(name) for name in TABLES}, "fi_series_stock": cut}
    assert [problem.key for problem in story.lint("some", {"stock": TABLES}, tables)] == ["release.story_no_margin"]


def test_words_on_tables_that_a_release_does_not_hold_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "some.toml"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(story, "path_of", lambda _release: path)
    tables = {name: load_table(name) for name in TABLES}
    whole, part = story.load("some", tables), story.load("some", {"fi_series_stock": tables["fi_series_stock"]})
    assert (len(whole.key_figures), len(whole.sentences)) == (1, 1)
    assert (len(part.key_figures), len(part.sentences)) == (1, 0)


@pytest.mark.parametrize("release", [name for name in release_ids() if story.path_of(name).stem == name])
def test_the_words_that_come_with_it_are_in_order(release: str) -> None:
    spec = load(release)
    tables = {name: load_table(name) for name in spec.tables}
    assert story.lint(release, {chapter.id: chapter.tables for chapter in spec.chapters}, tables) == []
