"""PX files: two readers that nobody here wrote find the same figures under the same labels, in every language."""

import json
import os
import re
import shutil
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from thassist.codes import classification
from thassist.dates import parse_period
from thassist.messages import LANGUAGES
from thassist.publish import px
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import Layout

WEB = Path(__file__).resolve().parents[2] / "web"
#: What the reader of JavaScript finds in a file.
READER = """
const Px = require(process.argv[1]);
const fs = require('fs');
const px = new (Px.Px || Px)(fs.readFileSync(process.argv[2], 'utf8'));
const names = px.variables();
console.log(JSON.stringify({codes: names.map((_, i) => [].concat(px.codes(i))), data: px.data, names: names}));
"""


def written(release: Release, cube: Cube, folder: Path) -> Path:
    path = folder / f"{cube.spec.id}.px"
    px.write(release, cube, path)
    return path


def series(release: Release) -> Cube:
    """Two half-years of stock with a break at the second; the margin by age alone is not computed."""
    periods = (parse_period("2022-S2"), parse_period("2023-S1"))
    cells = {}
    for place, period in enumerate(periods):
        for sex, value in (("_T", 30), ("F", 20), ("M", 10)):
            status = Status.BREAK if place else Status.NORMAL
            cells[period.code, "_T", sex] = Cell(value + place, status)
        cells[period.code, "Y0T17", "F"] = Cell(4)
    spec = replace(
        release.cubes[0].spec,
        id="series",
        layout=Layout("cross", ("time",), ("sex", "age")),
        margins=((), ("sex",), ("age", "sex")),
        zeros="omit",
        time=replace(release.cubes[1].spec.time, periods=2),
    )
    return replace(release.cubes[0], spec=spec, periods=periods, cells=cells)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", [0, 1])
def test_pyaxis_finds_every_figure_under_its_labels(release: Release, tmp_path: Path, place: int, lang: str) -> None:
    cube = release.cubes[place]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyaxis import pyaxis

        read = pyaxis.parse(str(written(release, cube, tmp_path)), encoding="utf-8", lang=lang)["DATA"]
    names = [dimension.titles[lang] for dimension in cube.spec.dimensions]
    period = next(column for column in read.columns if column not in (*names, "DATA"))
    found = {(row[period], *(row[name] for name in names)): row["DATA"] for row in read.to_dict("records")}
    for key, cell in cube.cells.items():
        labels = tuple(
            classification(dimension.classification).label(code, lang)
            for dimension, code in zip(cube.spec.dimensions, key[1:], strict=True)
        )
        if cell.value is not None:
            assert found[key[0], *labels] == str(cell.value)
        else:
            assert not str(found[key[0], *labels]).isdigit()
    assert len(found) == len(cube.cells)


@pytest.mark.skipif(
    not (WEB / "node_modules").is_dir() and "CI" not in os.environ, reason="`make web` installs the reader"
)
def test_px_js_finds_every_figure_under_its_codes(release: Release, tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None
    for cube in (*release.cubes, series(release)):
        path = written(release, cube, tmp_path)
        program = ("-e", READER, str(WEB / "node_modules/px/lib/px.js"), str(path))
        read = json.loads(subprocess.run([node, *program], capture_output=True, text=True, check=True).stdout)
        places = {dimension.titles["fi"]: place for place, dimension in enumerate(cube.spec.dimensions, start=1)}
        order = [places.get(name, 0) for name in read["names"]]
        sizes = [len(codes) for codes in read["codes"]]
        for key, cell in cube.cells.items():
            index = 0
            for size, codes, place in zip(sizes, read["codes"], order, strict=True):
                index = index * size + codes.index(key[place])
            dots = {Status.NOT_APPLICABLE: '"."', Status.NOT_KNOWN: '".."', Status.SUPPRESSED: '"..."'}
            assert read["data"][index] == (dots[cell.status] if cell.value is None else str(cell.value))


def test_zero_not_counted_and_suppressed_are_three_marks(release: Release) -> None:
    text = px.content(release, series(release))
    # time down the side; sex by age across: not counted is the margin of age alone, 0 is what the cube leaves out
    head, data = text.split("DATA=\n")
    assert data.rstrip(";\n").splitlines()[0].split() == ["30", '"...."', "20", "4", "10", "0"]
    assert 'DATASYMBOL3="[c]";' in head
    assert 'DATASYMBOL4[en]="not counted";' in head
    assert "AGGREGALLOWED=NO;" in head
    assert 'STOCKFA="S";' in head


def test_half_years_and_breaks_are_told(release: Release) -> None:
    text = px.content(release, series(release))
    assert 'TIMEVAL("Ajanjakso")=TLIST(H1),"20222","20231";' in text
    notes = [line for line in text.splitlines() if line.startswith("CELLNOTE[en]")]
    assert len(notes) == 3
    assert all("Break in the series" in line and "2023" in line for line in notes)


def test_texts_hold_no_quotation_mark_and_no_line_longer_than_the_format_allows(release: Release) -> None:
    cube = release.cubes[0]
    spec = replace(cube.spec, titles={lang: f'Say "{lang}" ' + "long " * 100 for lang in LANGUAGES})
    text = px.content(release, replace(cube, spec=spec))
    assert "”en”" in text
    for line in text.splitlines():
        assert len(line) <= 512
    for piece in re.findall(r'"([^"]*)"', text):
        assert len(piece) <= 256


def test_the_same_release_gives_the_same_bytes(release: Release, tmp_path: Path) -> None:
    first = written(release, release.cubes[0], tmp_path).read_bytes()
    assert written(release, release.cubes[0], tmp_path).read_bytes() == first
