"""Periods, days and figures as a reader of each language writes them."""

import datetime as dt
from pathlib import Path

import pytest

from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.publish import texts
from thassist.tables.cube import Status


@pytest.mark.parametrize(
    ("code", "fi", "sv", "en"),
    [
        ("2022", "2022", "2022", "2022"),
        ("2022-S1", "tammi–kesäkuu 2022", "januari–juni 2022", "January–June 2022"),
        ("2022-S2", "heinä–joulukuu 2022", "juli–december 2022", "July–December 2022"),
        ("2022-Q1", "tammi–maaliskuu 2022", "januari–mars 2022", "January–March 2022"),
        ("2022-Q2", "huhti–kesäkuu 2022", "april–juni 2022", "April–June 2022"),
        ("2022-Q3", "heinä–syyskuu 2022", "juli–september 2022", "July–September 2022"),
        ("2022-Q4", "loka–joulukuu 2022", "oktober–december 2022", "October–December 2022"),
        ("2022-05", "toukokuu 2022", "maj 2022", "May 2022"),
        ("2023-04-01/P1Y", "huhtikuu 2023 – maaliskuu 2024", "april 2023 – mars 2024", "April 2023 – March 2024"),
    ],
)
def test_periods(code: str, fi: str, sv: str, en: str) -> None:
    assert [texts.period(parse_period(code), lang) for lang in LANGUAGES] == [fi, sv, en]


def test_a_row_of_periods_is_its_first_and_last() -> None:
    assert texts.periods((parse_period("2018"), parse_period("2022")), "fi") == "2018–2022"
    quarters = (parse_period("2021-Q4"), parse_period("2022-Q4"))
    assert texts.periods(quarters, "sv") == "oktober–december 2021 – oktober–december 2022"
    assert texts.periods(quarters[:1], "en") == "October–December 2021"


def test_days() -> None:
    day = dt.date(2022, 6, 3)
    assert [texts.day(day, lang) for lang in LANGUAGES] == ["3.6.2022", "3.6.2022", "2022-06-03"]
    assert texts.period_days(parse_period("2022-Q2"), "fi") == "huhti–kesäkuu 2022 (1.4.2022–30.6.2022)"
    assert texts.period_days(parse_period("2022-Q2"), "en") == "April–June 2022 (2022-04-01 to 2022-06-30)"


@pytest.mark.parametrize(
    ("value", "decimals", "fi", "en"),
    [
        (0, 0, "0", "0"),
        (1051, 0, "1\xa0051", "1,051"),
        (1234567.25, 1, "1\xa0234\xa0567,2", "1,234,567.2"),
        (-1000, 0, "−1\xa0000", "−1,000"),
    ],
)
def test_figures(value: float, decimals: int, fi: str, en: str) -> None:
    assert [texts.number(value, decimals, lang) for lang in LANGUAGES] == [fi, fi, en]


def test_every_status_without_a_figure_has_a_sign_that_the_cover_explains() -> None:
    signs = {texts.sign(status) for status in (Status.SUPPRESSED, Status.NOT_KNOWN, Status.NOT_APPLICABLE)}
    assert len(signs) == 3
    for lang in LANGUAGES:
        explained = dict(texts.symbols(lang))
        assert signs | {"0"} <= set(explained)
        assert all(explained.values())


def test_an_office_may_change_the_words_but_not_leave_one_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "standing.toml").write_text(
        'schema = 1\n[banner.internal]\nfi = "Vain meille."\n', encoding="utf-8"
    )
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path))
    assert texts.standing("banner", "internal", "fi") == "Vain meille."
    with pytest.raises(InvalidDefinition) as caught:
        texts.standing("banner", "internal", "sv")
    assert caught.value.params["key"] == "banner.internal.sv"
    with pytest.raises(InvalidDefinition):
        texts.sign("Q")
