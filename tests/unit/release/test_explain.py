"""A figure told with its population, its query and its sources, and counted anew from the records behind it."""

import json
from pathlib import Path
from typing import Any

import pytest

from thassist import publish
from thassist.engine import Engine
from thassist.messages import LANGUAGES
from thassist.release import build
from thassist.release.explain import NoSuchFigure, explain
from thassist.snapshot import Snapshot

TABLE = "fi_new_victims_form_sex"
pytestmark = pytest.mark.usefixtures("short")


@pytest.fixture(scope="module")
def folder(snapshot: Snapshot, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explain") / "annual"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THASSIST_REPORTS", str(shipped))
        publish.publish(build.assemble("national-annual", "2022", snapshot), out, ["en"])
    return out


def test_a_figure_is_counted_anew_and_is_the_same(folder: Path, snapshot: Snapshot) -> None:
    """Of clients 0–39 those of the form LAB (remainder 0, 1 or 2 by 6) who are women (not divisible by 3)."""
    expected = sum(client % 6 in (0, 1, 2) and client % 3 != 0 for client in range(40))
    found = explain(folder, TABLE, "2022,form=LAB,sex=F", "en", snapshot)
    assert (found.figure, found.live and found.live.value) == ((expected, "A"), expected)
    assert found.live
    assert found.live.records == expected
    assert found.agrees


@pytest.mark.parametrize("cell", ["", "2022", "form=_T", "2022, sex = _T"])
def test_what_is_not_named_stands_at_its_total(folder: Path, snapshot: Snapshot, cell: str) -> None:
    assert explain(folder, TABLE, cell, "en", snapshot).live == explain(folder, TABLE, "2022", "en", snapshot).live
    assert explain(folder, TABLE, cell, "en").figure == (40, "A")


def test_every_figure_of_every_table_is_explained_by_its_own_query(folder: Path, snapshot: Snapshot) -> None:
    """One figure of each table, the last of it; counted with the query as it is printed."""
    release = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for table in release["tables"]:
        lines = (folder / "data" / f"{table}.csv").read_text(encoding="utf-8").splitlines()
        header, last = lines[0].split(","), lines[1].split(",")
        row = dict(zip(header, last, strict=False))
        codes = [f"{name}={row[name]}" for name in header if f"{name}_label" in header]
        found = explain(folder, table, ",".join([row["period"], *codes]), "en", snapshot)
        assert found.live
        assert str(found.live.value) == row["value"], table
        with Engine() as engine:
            snapshot.attach(engine)
            assert str(engine.rows(found.sql)[0][0]) == row["value"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_everything_in_every_language(folder: Path, snapshot: Snapshot, lang: str) -> None:
    found = explain(folder, TABLE, "2022,form=LAB,sex=F", lang)
    said: dict[str, Any] = found.said(lang)
    assert said["snapshot"] == snapshot.id
    assert said["definition"]["same_here"] is True
    assert [one["ref"] for one in said["classifications"]] == ["exploitation_form_published@2022", "sex@1"]
    assert said["correspondences"] == ["exploitation_form@1--exploitation_form_published@2022"]
    assert "2022-01-01" in said["sql"]
    assert "2022-12-31" in said["sql"]
    assert said["live"] is None
    assert said["population"] == found.spec.population.texts[lang]
    assert len(said["counting_rule"]) > 20
    assert said["place"].startswith("2022, ")
    assert json.loads(json.dumps(said)) == said


def test_names_are_understood_like_codes(folder: Path) -> None:
    assert explain(folder, TABLE, "sex=Female", "en").place.key == explain(folder, TABLE, "sex=F", "en").place.key


@pytest.mark.parametrize(
    ("table", "cell", "key", "nearest"),
    [
        ("fi_new_victims_from_sex", "2022", "release.no_such_table", TABLE),
        (TABLE, "2022,frm=LAB", "release.no_such_dimension", "form"),
        (TABLE, "2022,sex=Femail", "release.no_such_code", "F (Female)"),
        (TABLE, "2021", "release.no_such_period", None),
        (TABLE, "last year", "release.no_such_period", None),
        ("fi_stock_age", "age=_U,group=nothing", "release.no_such_dimension", None),
    ],
)
def test_a_mistake_is_answered_with_the_nearest(
    folder: Path, table: str, cell: str, key: str, nearest: str | None
) -> None:
    with pytest.raises(NoSuchFigure) as caught:
        explain(folder, table, cell, "en")
    assert (caught.value.key, caught.value.exit_code) == (key, 2)
    if nearest:
        assert caught.value.params["nearest"] == nearest
