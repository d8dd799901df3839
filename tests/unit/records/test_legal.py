"""The law as data: what the files say, when it is in force, and what is wrong with a wrong file."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.records import legal
from thassist.records.store import initialise

RECOVERY = ["recovery_max", "recovery_max_extended"]


def test_regimes_begin_on_the_days_of_the_reforms() -> None:
    assert [regime.valid_from.isoformat() for regime in legal.regimes()] == [
        "2006-01-01",
        "2015-07-01",
        "2023-01-01",
        "2025-05-06",
    ]
    assert [regime.valid_to for regime in legal.regimes()][-1] is None


@pytest.mark.parametrize(
    ("day", "regime"),
    [
        ("2005-12-31", None),
        ("2006-01-01", "R2006"),
        ("2015-06-30", "R2006"),
        ("2015-07-01", "R2015"),
        ("2022-12-31", "R2015"),
        ("2023-01-01", "R2023"),
        ("2025-05-05", "R2023"),
        ("2025-05-06", "R2025"),
        ("2030-01-01", "R2025"),
    ],
)
def test_the_regime_of_a_day(day: str, regime: str | None) -> None:
    found = legal.regime_on(dt.date.fromisoformat(day))
    assert (found.id if found else None) == regime


def test_the_reform_of_2023_moved_identification_into_admission() -> None:
    before, after = legal.regime_on(dt.date(2022, 12, 31)), legal.regime_on(dt.date(2023, 1, 1))
    assert before is not None
    assert after is not None
    assert set(before.codes["identification.status"].codes) == {"PRESUMED", "IDENT_OLD"}
    assert set(after.codes["identification.status"].codes) == {"PRESUMED", "IDENT_S35"}
    assert "IDENT_OLD" in before.codes["decision.decision_type"].codes
    assert "IDENT_OLD" not in after.codes["decision.decision_type"].codes
    assert "episode.exit_reason" not in before.codes
    assert "CASE_CLOSED" not in after.codes["episode.exit_reason"].codes
    assert "identification.authority" not in after.codes
    assert ("MUNICIPALITY" in before.codes["provision.provider"].codes) is True
    assert ("MUNICIPALITY" in after.codes["provision.provider"].codes) is False


def test_the_reflection_period_is_30_days_to_6_months_under_every_regime() -> None:
    for regime in legal.regimes():
        low, high = regime.parameters["reflection_min"], regime.parameters["reflection_max"]
        assert (low.value, low.unit, high.value, high.unit) == (30, "days", 6, "months")


def test_what_was_not_read_in_a_statute_says_so() -> None:
    """The lengths of the recovery period are from memory: nobody may take them for the law."""
    for regime in legal.regimes()[1:]:
        assert {regime.parameters[name].origin.confidence for name in RECOVERY} == {"from memory"}


def test_the_database_holds_the_law_and_a_correction_takes_effect(
    engine: Engine, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = (
        "SELECT r.regime_id, value, unit, p.confidence FROM legal_parameter p JOIN legal_regime r USING (regime_id) "
        "WHERE parameter = 'recovery_max' ORDER BY valid_from"
    )
    with engine.connect() as connection:
        held = [tuple(row) for row in connection.exec_driver_sql(query)]
    assert held == [(name, 30, "days", "from memory") for name in ("R2015", "R2023", "R2025")]
    reports = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), reports)
    path = reports / "legal" / "R2023.toml"
    text = path.read_text(encoding="utf-8")
    before = "[parameter.recovery_max]\nvalue = 30"
    assert before in text
    path.write_text(text.replace(before, before.replace("30", "45")), encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(reports))
    assert initialise(url).law == 2
    with engine.connect() as connection:
        held = [tuple(row) for row in connection.exec_driver_sql(query)]
    assert [row[:2] for row in held] == [("R2015", 30), ("R2023", 45), ("R2025", 45)]
    assert initialise(url).law == 0


def test_rows_have_the_columns_of_the_tables() -> None:
    columns = legal.columns()
    for table, rows in legal.rows().items():
        assert rows
        assert all(list(columns[table]) == list(row) or set(columns[table]) == set(row) for row in rows), table


Change = Callable[[str], str]
WRONG: dict[str, tuple[str, Change, str]] = {
    "another id": ("R2023", lambda text: text.replace('id = "R2023"', 'id = "R2024"'), "schema, id"),
    "no first day": ("R2023", lambda text: text.replace("valid_from = 2023-01-01\n", ""), "valid_from"),
    "a moment for a day": ("R2023", lambda text: text.replace("2023-01-01", "2023-01-01T00:00:00"), "valid_from"),
    "a gap": ("R2023", lambda text: text.replace("valid_from = 2023-01-01", "valid_from = 2023-01-02"), "valid_from"),
    "an overlap": ("R2015", lambda text: text.replace("valid_to = 2022-12-31", "valid_to = 2023-06-30"), "valid_from"),
    "open before another": ("R2015", lambda text: text.replace("valid_to = 2022-12-31", ""), "valid_from"),
    "no Swedish name": ("R2025", lambda text: text.replace("sv = ", "se = "), "title"),
    "heir of nobody": ("R2025", lambda text: text.replace('inherits = "R2023"', 'inherits = "R2022"'), "inherits"),
    "unknown key": ("R2025", lambda text: text.replace("schema = 1", "schema = 1\nlength = 3"), "length"),
    "no source": ("R2025", lambda text: text.replace("source = ", "sauce = ", 1), "sauce"),
    "unknown confidence": ("R2025", lambda text: text.replace('"seen"', '"sure"', 1), "source"),
    "unknown unit": ("R2025", lambda text: text.replace('"flag"', '"weeks"'), "lawful_stay_when_filed"),
    "number as text": ("R2025", lambda text: text.replace("value = 1", 'value = "1"'), "lawful_stay_when_filed"),
    "unknown code": ("R2023", lambda text: text.replace('"IDENT_S35"', '"IDENT_S36"'), "IDENT_S36"),
    "field without codes": ("R2023", lambda text: text.replace("identification.status", "person.birth_date"), "birth"),
    "unknown status": ("R2006", lambda text: text.replace('"WITHDRAWN"', '"GONE"'), "GONE"),
    "unknown status before": ("R2006", lambda text: text.replace('from = "ACTIVE"', 'from = "IDLE"'), "IDLE"),
    "statuses not a list": ("R2006", lambda text: text.replace('to = ["ACTIVE"]', 'to = "ACTIVE"'), "transition"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_is_named_with_the_place(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, change, where = WRONG[fault]
    reports = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), reports)
    path = reports / "legal" / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(reports))
    with pytest.raises(InvalidDefinition) as caught:
        initialise(f"sqlite:///{tmp_path / 'new.db'}")
    assert caught.value.key == "records.legal_wrong"
    assert where in str(caught.value.params["where"])
    assert not (tmp_path / "new.db").exists()
