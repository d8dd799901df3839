"""Rules over a table kept by column find what the same rules find over records, and nothing else."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.records.dataset import Dataset, empty_frame, fields, sql_type
from thassist.rules.columnar import ColumnarRules
from thassist.rules.runner import run

TODAY = dt.date(2025, 1, 1)


def parquet(path: Path, table: str, frame: pd.DataFrame, without: str = "") -> Path:
    columns = {column.name: sql_type(column) for column in fields(table) if column.name != without}
    with Engine() as engine:
        engine.load(table, columns, frame)
        engine.write_parquet(f"SELECT * FROM {table}", path)
    return path


def ties(number: int) -> pd.DataFrame:
    """Family ties, of which every third is of a person with the same person."""
    rows = [
        {"person_id": f"C-{n}", "related_person_id": f"C-{n if n % 3 == 0 else n + 1}", "relation": "GUARDIAN"}
        for n in range(number)
    ]
    return empty_frame("family_link", rows)


@pytest.mark.parametrize("threads", [1, 4])
def test_findings_are_rule_and_key_in_the_order_of_the_file(tmp_path: Path, threads: int) -> None:
    """Over more rows than one thread takes at a time."""
    path = parquet(tmp_path / "ties.parquet", "family_link", ties(300_000))
    with ColumnarRules("family_link", threads=threads) as rules:
        broken = rules.check(path, today=TODAY)
        assert len(broken) == 100_000
        assert list(broken) == [("S12", f"C-{n}", f"C-{n}", "GUARDIAN") for n in range(0, 300_000, 3)]
        assert list(rules.check(path, today=TODAY)) == list(broken), "again, in the same engine"


def dated(year: int, name: str, precision: str = "D") -> dict[str, object]:
    return {name: dt.date(year, 1, 1), f"{name}_precision": precision}


#: View → records, of which the second and the last break its rule.
RECORDS = {
    "family_link": [
        {"person_id": f"C-{n}", "related_person_id": other, "relation": "SPOUSE"}
        for n, other in enumerate(["C-9", "C-1", None, "C-3"])
    ],
    "residence_status": [
        {"person_id": f"C-{n}", **dated(2020, "valid_from"), "status": "PERMIT", **ends}
        for n, ends in enumerate(
            [{}, dated(2019, "valid_to"), dated(2020, "valid_to", "A"), dated(2019, "valid_to", "A")]
        )
    ],
    "staff_time": [
        {"process": "P", **dated(2020 + n, "month_date", precision), "unit": "U", "reporting_system": "FI_NAS"}
        for n, precision in enumerate(["M", "A", "M", "D"])
    ],
}


@pytest.mark.parametrize("view", list(RECORDS))
def test_the_same_rules_find_the_same_over_records(tmp_path: Path, view: str) -> None:
    """Also at the end of an imprecise date, which no file holds."""
    frame = empty_frame(view, RECORDS[view])
    with ColumnarRules(view) as rules:
        found = list(rules.check(parquet(tmp_path / "t.parquet", view, frame), today=TODAY))
    wanted = [one for one in run(Dataset({view: frame}), "en", today=TODAY) if one.code in rules.rules]
    assert len(found) == 2
    assert sorted((rule, " / ".join(map(str, key))) for rule, *key in found) == sorted((w.code, w.key) for w in wanted)


def test_a_field_that_the_file_lacks_is_not_known(tmp_path: Path) -> None:
    """Rule S12 says nothing where one of the two persons is not known."""
    path = parquet(tmp_path / "ties.parquet", "family_link", ties(3), without="related_person_id")
    with ColumnarRules("family_link") as rules:
        assert not len(rules.check(path))


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    with ColumnarRules("family_link") as rules, pytest.raises(EngineError):
        rules.check(tmp_path / "x.parquet")


@pytest.mark.parametrize("view", ["episode", "person", "record_key", "no_such_view"])
def test_a_view_over_more_than_its_own_record_is_refused(view: str) -> None:
    with pytest.raises(InvalidDefinition):
        ColumnarRules(view)
