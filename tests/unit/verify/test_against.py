"""What was published about one area beside what is held: every way in which two figures can stand to each other."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pytest

from thassist.errors import InvalidDefinition
from thassist.verify.against import Address, Comparison, Status, compare
from thassist.verify.figures import read
from thassist.verify.profile import load, parse

from .conftest import LAYOUT, Rows, write

AGAINST: dict[str, Any] = {
    "area": "region",
    "table": [{"table": "ours", "where": {"topic": "victims"}, "codes": {"sex": "sex"}, "silent": "zero"}],
}
COLUMNS = {"key": ["year", "region", "topic", "sex"], "value": "persons", "time": "year"}


class Ours:
    """Figures held here: (year, sex) → value; sex T is the total. Years without a figure are not told."""

    def __init__(self, cells: dict[tuple[str, str], float | None]) -> None:
        self.cells = {(year, () if sex == "T" else (("sex", sex),)): value for (year, sex), value in cells.items()}

    def periods(self, _table: str) -> Collection[str]:
        return {year for year, _ in self.cells}

    def figures(self, _table: str) -> Iterable[tuple[Address, float | None]]:
        return self.cells.items()

    def figure(self, _table: str, address: Address) -> float | None:
        return self.cells.get(address, 0)


@pytest.fixture
def beside(tmp_path: Path):
    def run(editions: list[Rows], ours: Ours, area: str = "FIN", against: object = AGAINST) -> Comparison:
        profile = parse(LAYOUT | {"columns": COLUMNS, "against": against}, "made.toml")
        files = [
            write(tmp_path / f"{number}.csv", "year,region,topic,sex,persons", rows)
            for number, rows in enumerate(editions)
        ]
        return compare([read(file, profile) for file in files], area, ours)

    return run


def told(found: Comparison) -> dict[tuple[str, str], tuple[str, float | None]]:
    return {
        (row.address[0], dict(row.address[1]).get("sex", "T")): (str(row.status), row.difference) for row in found.rows
    }


def test_every_status(beside) -> None:
    rows: Rows = [
        ("2020", "FIN", "victims", "T", "10"),  # the same
        ("2020", "FIN", "victims", "F", "7"),  # one more than ours
        ("2020", "FIN", "victims", "M", "<5"),  # 1 to 4; ours is 4
        ("2020", "FIN", "victims", "O", "<5"),  # ours is 0, which the symbol excludes
        ("2020", "FIN", "victims", "U", ".."),  # not known there
        ("2021", "FIN", "victims", "T", "12"),
        ("2021", "FIN", "victims", "F", "8"),
        ("2021", "FIN", "victims", "F", "9"),  # printed with two values
        ("2021", "FIN", "victims", "M", "3"),  # withheld by us
        ("2019", "FIN", "victims", "T", "5"),  # a year of which we tell nothing
        ("2020", "FIN", "offences", "T", "99"),
        ("2020", "SWE", "victims", "T", "77"),
    ]
    ours = Ours(
        {
            ("2020", "T"): 10,
            ("2020", "F"): 6,
            ("2020", "M"): 4,
            ("2020", "U"): 0,
            ("2020", "X"): 2,  # nothing printed there
            ("2021", "T"): 12,
            ("2021", "F"): 8,
            ("2021", "M"): None,
            ("2022", "F"): 3,  # of that year they tell nothing
        }
    )
    found = beside([rows], ours)
    assert told(found) == {
        ("2019", "T"): ("published_only", None),
        ("2020", "T"): ("equal", 0),
        ("2020", "F"): ("differs", 1),
        ("2020", "M"): ("withheld_consistent", None),
        ("2020", "O"): ("withheld_contradicts", None),
        ("2020", "U"): ("not_known", None),
        ("2020", "X"): ("ours_only", -2),
        ("2021", "T"): ("equal", 0),
        ("2021", "F"): ("vintages", None),
        ("2021", "M"): ("not_known", None),
    }
    assert sum(found.unanswered.values()) == 1
    assert next(row.cells for row in found.rows if row.status is Status.VINTAGES) == ("E8", "E9")


def test_editions_stand_beside_each_other_and_the_last_decides(beside) -> None:
    old: Rows = [("2020", "FIN", "victims", "T", "8"), ("2019", "FIN", "victims", "T", "4")]
    new: Rows = [("2020", "FIN", "victims", "T", "9")]
    found = beside([old, new], Ours({("2020", "T"): 8, ("2019", "T"): 4}))
    assert [(row.address[0], row.published, str(row.status)) for row in found.rows] == [
        ("2019", ("4", ""), "published_only"),
        ("2020", ("8", "9"), "differs"),
    ]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({}, "against.none"),
        ({"area": "nowhere", "table": []}, "verify.bad_profile"),
        ({"area": "region", "table": [{"table": "ours", "codes": {"sexx": "sex"}}]}, "verify.bad_profile"),
        ({"area": "region", "table": [{"table": "ours", "silent": "loud"}]}, "verify.bad_profile"),
        ({"area": "region", "tables": []}, "verify.bad_profile"),
    ],
)
def test_what_is_wrong_with_the_profile_is_told(beside, change: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidDefinition) as found:
        beside([[("2020", "FIN", "victims", "T", "8")]], Ours({}), against=change)
    assert found.value.key == key


def test_an_area_without_a_row_is_told(beside) -> None:
    with pytest.raises(InvalidDefinition) as found:
        beside([[("2020", "FIN", "victims", "T", "8")]], Ours({}), area="FI")
    assert found.value.key == "against.no_area"


def test_a_name_encoded_twice_is_read_as_it_was_meant(tmp_path: Path) -> None:
    profile = load("unodc-glotip")
    path = tmp_path / "glotip.csv"
    head = "Iso3_code,Country,Indicator,Dimension,Category,Sex,Age,Year,txtVALUE"
    row = "FIN,Finland,Detected trafficking victims,by citizenship,CÃ´te d'Ivoire,Total,Total,2020,6"
    path.write_text(f"\n\n{head}\n{row}\n", encoding="utf-8")
    found = compare([read(path, profile)], "FIN", Ours({}))
    assert [row.address for row in found.rows] == [("2020", (("citizen", "Côte d'Ivoire"),))]


@pytest.mark.shared
@pytest.mark.slow
def test_the_world_report_on_finland(shared: Path) -> None:
    """The file as its publisher wrote it; what stands there was read by a person."""
    publication = read(shared / "data" / "glotip" / "data_glotip_2023-05-30.xlsx", load("unodc-glotip"))
    found = compare([publication], "FIN", Ours({}))
    totals = {
        row.address[0]: row.published[0]
        for row in found.rows
        if row.table == "intl_unodc_sex_age" and not row.address[1]
    }
    assert {year: totals[year] for year in ("2007", "2012", "2016", "2019", "2020", "2021")} == {
        "2007": "5",
        "2012": "50",
        "2016": "134",
        "2019": "229",
        "2020": "247",
        "2021": "243",
    }
    assert sum(found.unanswered.values()) == 642 - (175 + 173 + 142)  # rows of Finland, less those of victims
    assert {row.status for row in found.rows} <= {Status.PUBLISHED_ONLY, Status.VINTAGES}
