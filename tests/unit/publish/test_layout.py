"""Layouts for receivers: what is wrong with a file, and what stops a release."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thassist import _data
from thassist.errors import InconsistentRelease
from thassist.publish import layout
from thassist.publish.layout_rows import check

Spoil = Callable[..., list[str]]


@pytest.fixture
def spoil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """``spoil(old, new, ...)``: the keys of the problems of a layout with pieces of its text replaced."""
    home = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), home)
    monkeypatch.setenv("THASSIST_REPORTS", str(home))
    for path in (home / "layouts").glob("*.toml"):
        if path.stem != "unodc-glotip":
            path.unlink()

    def change(*pieces: str) -> list[str]:
        path = home / "layouts" / "unodc-glotip.toml"
        content = path.read_text(encoding="utf-8")
        for old, new in zip(pieces[::2], pieces[1::2], strict=True):
            assert old in content, old
            content = content.replace(old, new, 1)
        path.write_text(content, encoding="utf-8")
        return [problem.key for problem in layout.lint_all()]

    return change


def test_every_layout_shipped_is_right() -> None:
    assert layout.lint_all() == []
    assert len(layout.paths_of_layouts()) >= 8


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('Sex = "glotip_sex@2023"', 'Sex = "ictip_act@2025"', "tables.placeholder_codes"),
        ('Sex = "sex", Age = "age"', 'Sex = "gender", Age = "age"', "tables.no_dimension"),
        ('margins = [["citizen"]]', 'margins = [["citizen", "citizen2"]]', "tables.no_dimension"),
        ('who = "police"', 'who = "nobody"', "tables.bad_choice"),
        ('txtVALUE = "value"', 'txtVALUE = "figure"', "tables.bad_choice"),
        ('key = ["Iso3_code", ', 'key = ["Iso3", ', "layout.no_column"),
        ('Country = "Finland", ', "", "layout.not_filled"),
        ('standing = "not_known"', 'standing = "no_idea"', "tables.bad_choice"),
        ('table = "intl_unodc_citizen"', 'table = "intl_unodc_city"', "tables.no_table"),
    ],
)
def test_what_is_wrong_is_told(spoil: Spoil, old: str, new: str, key: str) -> None:
    assert key in spoil(old, new)


def rows(*changes: tuple[str, str]) -> None:
    """Two rows of the sheet of victims, the second changed, held against its lists."""
    found = layout.load("unodc-glotip")
    sheet = found.sheets[0]
    row = dict.fromkeys(sheet.columns, "") | {
        "Iso3_code": "FIN", "Indicator": "Detected trafficking victims", "Dimension": "Total", "Category": "Total",
        "Sex": "Total", "Age": "Total", "Year": "2022",
    }  # fmt: skip
    check(found, sheet, [tuple(row.values()), tuple((row | dict(changes)).values())])


def test_a_code_of_no_list_and_a_key_that_stands_twice_stop_the_release() -> None:
    rows(("Sex", "Female"))
    with pytest.raises(InconsistentRelease) as caught:
        rows(("Sex", "F"))
    assert caught.value.key == "layout.strange_code"
    with pytest.raises(InconsistentRelease) as caught:
        rows(("txtVALUE", "7"))
    assert caught.value.key == "layout.key_twice"
