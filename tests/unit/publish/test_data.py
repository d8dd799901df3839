"""Tidy CSV and its description: what a program reads."""

import csv
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thassist.codes import Classification, Code
from thassist.publish import csvw, datapackage, grid, tidy_csv
from thassist.publish.package import publish
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube


@pytest.fixture
def folder(release: Release, tmp_path: Path) -> Path:
    return publish(release, tmp_path / "out", langs=()).folder / "data"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_are_those_of_the_architecture(folder: Path) -> None:
    header = (folder / "cross_age_sex.csv").read_bytes().split(b"\n")[0]
    assert header == b"period,age,age_label,sex,sex_label,unit,value,status,note"


def test_it_is_utf8_without_mark_and_with_line_feeds(folder: Path) -> None:
    content = (folder / "list_country.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert "Åland".encode() in content


def test_read_again_it_is_the_cube(folder: Path, release: Release) -> None:
    for cube in release.cubes:
        names = [dimension.id for dimension in cube.spec.dimensions]
        again = {
            (row["period"], *(row[name] for name in names)): (row["value"], row["status"])
            for row in rows(folder / f"{cube.spec.id}.csv")
        }
        assert again == {
            key: ("" if cell.value is None else str(cell.value), cell.status.value) for key, cell in cube.cells.items()
        }


def test_zero_not_known_suppressed_and_not_applicable_are_told_apart(folder: Path) -> None:
    found = {(row["age"], row["sex"]): (row["value"], row["status"]) for row in rows(folder / "cross_age_sex.csv")}
    assert found["Y40T49", "M"] == ("0", "A")
    assert found["Y40T49", "F"] == ("", "Q")
    assert found["Y40T49", "O"] == ("", "M")
    assert found["Y_GE50", "M"] == ("", "O")
    assert found["_T", "_T"] == ("1367", "A")
    assert found["_U", "_U"] == ("0", "A")


def test_totals_come_first_and_labels_are_english(folder: Path) -> None:
    first = rows(folder / "cross_age_sex.csv")[0]
    assert (first["age"], first["age_label"], first["sex"], first["sex_label"]) == ("_T", "Total", "_T", "Total")


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_label_like_a_formula_is_only_text(release: Release, tmp_path: Path, label: str,
                                             monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    texts = {"fi": label, "sv": label, "en": label}
    wild = Classification("sex", "1", texts, "own", "own", {"F": Code("F", texts)}, {"fi": "x", "sv": "x", "en": "x"})
    monkeypatch.setattr(grid, "classification", lambda _ref: wild)
    spec = replace(release.cubes[0].spec, dimensions=release.cubes[0].spec.dimensions[1:])
    cube = Cube(spec, release.cubes[0].periods, {("2022", "F"): Cell(-3)}, 0, synthetic=False, snapshot="s")
    tidy_csv.write(cube, tmp_path / "x.csv")
    [row] = rows(tmp_path / "x.csv")
    assert row["sex_label"] == f"'{label}"
    assert row["value"] == "-3"  # a number stays a number


def described(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_the_description_says_what_the_release_is(folder: Path) -> None:
    package = described(folder)
    assert package["name"] == "hand-made_2022"
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    assert (package["audience"], package["synthetic"], package["provisional"]) == ("internal", True, False)
    assert package["period"] == {"code": "2022", "start": "2022-01-01", "end": "2022-12-31"}
    assert package["licenses"] == [{"name": "other-closed", "title": "Internal (en)"}]
    assert package["snapshot"] == {"id": "0123456789abcdef", "as_of": "2023-01-15"}


def test_every_resource_is_the_file_it_says(folder: Path) -> None:
    package = described(folder)
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    paths = {resource["path"] for resource in package["resources"]}
    assert paths == {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")}
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        header = content.decode().split("\n")[0].split(",")
        assert header == [field["name"] for field in resource["schema"]["fields"]]


def test_every_code_refers_to_a_code_list_in_the_package(folder: Path) -> None:
    package = described(folder)
    by_name = {resource["name"]: resource for resource in package["resources"]}
    checked = 0
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", []):
            target = by_name[key["reference"]["resource"]]
            codes = {row[key["reference"]["fields"][0]] for row in rows(folder / target["path"])}
            used = {row[key["fields"][0]] for row in rows(folder / resource["path"])}
            assert used <= codes
            checked += 1
    assert checked == 3


def test_keys_are_unique_and_required_fields_filled(folder: Path) -> None:
    for resource in described(folder)["resources"]:
        found = rows(folder / resource["path"])
        key = resource["schema"]["primaryKey"]
        assert len({tuple(row[name] for name in key) for row in found}) == len(found)
        for field in resource["schema"]["fields"]:
            constraints = field.get("constraints", {})
            values = [row[field["name"]] for row in found]
            assert not constraints.get("required") or all(values)
            assert "enum" not in constraints or set(values) <= set(constraints["enum"])
            if field["type"] == "integer":
                assert all(re.fullmatch(r"-?\d+|", value) for value in values)


def test_a_licence_with_an_address_keeps_it(release: Release, tmp_path: Path) -> None:
    licence = replace(release.spec.licence, name="CC-BY-4.0", path="https://creativecommons.org/licenses/by/4.0/")
    open_release = replace(release, spec=replace(release.spec, licence=licence))
    folder = publish(open_release, tmp_path / "open", langs=()).folder / "data"
    assert described(folder)["licenses"][0]["path"].startswith("https://creativecommons.org/")
    assert datapackage.FILE == "datapackage.json"


def changed(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def test_frictionless_accepts_the_package_and_finds_a_planted_code_and_a_doubled_row(folder: Path) -> None:
    from frictionless import Package

    assert Package(str(folder / "datapackage.json")).validate().valid
    changed(folder, "cross_age_sex", "Y18T29,", "Y18T30,")
    changed(folder, "list_country", "RO,", "GB,")
    found = {row[0] for row in Package(str(folder / "datapackage.json")).validate().flatten(["type"])}
    assert {"foreign-key", "primary-key", "hash-count"} <= found


def test_a_csvw_reader_accepts_the_tables_and_finds_a_planted_code_and_status(folder: Path) -> None:
    from csvw import TableGroup

    def read() -> TableGroup:
        group = TableGroup.from_file(str(folder / csvw.FILE))
        for each in group.tables:
            list(each.iterdicts(strict=True))
        return group

    assert read().check_referential_integrity()
    changed(folder, "cross_age_sex", "Y18T29,", "Y18T30,")
    with pytest.raises(ValueError, match="Y18T30"):
        read().check_referential_integrity()
    changed(folder, "cross_age_sex", ",A,", ",X,")
    with pytest.raises(ValueError, match="X"):
        read()


def test_both_descriptions_name_every_table_in_three_languages(folder: Path) -> None:
    group = json.loads((folder / csvw.FILE).read_text(encoding="utf-8"))
    urls = [each["url"] for each in group["tables"]]
    assert urls[:2] == ["cross_age_sex.csv", "list_country.csv"]
    assert all((folder / url).is_file() for url in urls)
    assert set(group["tables"][0]["dc:title"]) == {"fi", "sv", "en"}
