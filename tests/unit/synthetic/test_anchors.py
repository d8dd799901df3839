"""Every published figure that is used is counted again from the records."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

KEY = ("year", "period", "measure", "dimension", "category")


def short(row: dict[str, str]) -> str:
    return " ".join(row[name] for name in KEY)


@pytest.mark.parametrize("seed", [1, 7])
def test_every_figure_with_a_target_holds(recounts: dict[int, Any], anchors: list[dict[str, str]], seed: int) -> None:
    wanted = [row for row in anchors if row["target"]]
    assert len(wanted) > 230
    wrong = [
        f"{short(row)}: {found}, not {row['target']}"
        for row in wanted
        if (found := recounts[seed].figure(row)) != int(row["target"])
    ]
    assert wrong == []


@pytest.mark.parametrize("seed", [1, 7])
def test_the_figures_of_2022_as_the_review_prints_them(recounts: dict[int, Any], seed: int) -> None:
    count = recounts[seed]
    start, end = dt.date(2022, 1, 1), dt.date(2022, 12, 31)
    referrals = count.frames["referral"]
    received = referrals[referrals["received_date"].between(start, end)]
    assert len(received) == 478
    assert (received["source"] == "SELF").sum() == 48
    new = count.group("new_clients_victims", start, end)
    assert len(new) == 367
    assert new["sex"].value_counts().to_dict() == {"F": 192, "M": 175}
    finland = count.group("new_clients_in_finland", start, end)
    assert len(finland) == 236
    forms = finland["form"].replace(dict.fromkeys(("SEX_PROST", "SEX_PORN", "SEX_OTH"), "SEX")).value_counts()
    assert (forms["LAB"], forms["MARR"], forms["SEX"]) == (178, 25, 24)
    statuses = finland["status"].replace({"FI_CITIZEN": "EU", "EU_CITIZEN": "EU"}).value_counts().to_dict()
    assert statuses == {"PERMIT": 54, "VISA": 104, "ASYLUM": 28, "TEMP_PROT": 4, "EU": 21, "NONE": 25}
    assert len(count.group("stock_victims", start, end)) == 1051
    assert len(count.group("stock_minor_children", start, end)) == 263


def test_the_count_notices_a_single_person(
    recounts: dict[int, Any], recount: Any, anchors: list[dict[str, str]]
) -> None:
    """A recount that cannot fail proves nothing: one woman turned into a man breaks the figures by sex."""
    count = recounts[1]
    start, end = dt.date(2022, 1, 1), dt.date(2022, 6, 30)
    new = count.group("new_clients_victims", start, end)
    person = new[(new["sex"] == "F") & (new["age"] >= 18)]["person_id"].iloc[0]
    changed = recount.__new__(recount)
    changed.frames = count.frames
    changed.stays = count.stays.assign(sex=count.stays["sex"].mask(count.stays["person_id"] == person, "M"))
    wrong = [row for row in anchors if row["target"] and changed.figure(row) != int(row["target"])]
    assert {row["category"] for row in wrong} >= {"women", "men", "women_and_girls", "men_and_boys"}


def test_a_figure_is_used_once_and_a_choice_has_a_reason(anchors: list[dict[str, str]]) -> None:
    used = [tuple(row[name] for name in KEY) for row in anchors if row["target"]]
    assert len(used) == len(set(used))
    silent = [short(row) for row in anchors if row["target"] != row["value"] and not row["reason"]]
    assert silent == []
    assert all(row["source"].startswith("http") for row in anchors)


@pytest.mark.parametrize(
    ("figure", "values"),
    [
        (("2022", "Y", "new_clients_victims", "place_of_exploitation", "in_finland"), {"236": "236", "263": ""}),
        (("2020", "Y", "new_clients_victims", "place_of_exploitation", "in_finland"), {"123": "123", "120": ""}),
        (("2020", "Y", "new_clients_in_finland", "form_primary", "sexual_exploitation"), {"15": "15", "11": ""}),
        (("2022", "H1", "new_clients_victims", "age_group", "18-29"), {"56": "57"}),
    ],
)
def test_conflicting_figures_are_decided(
    anchors: list[dict[str, str]], figure: tuple[str, ...], values: dict[str, str]
) -> None:
    rows = [row for row in anchors if tuple(row[name] for name in KEY) == figure]
    assert {row["value"]: row["target"] for row in rows} == values
    assert all("onflict" in row["reason"] for row in rows)


@pytest.mark.shared
def test_no_published_figure_is_left_out_or_made_up(anchors: list[dict[str, str]], shared: Path) -> None:
    with (shared / "domain" / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        published = [tuple(row[name] for name in (*KEY, "value", "source_url")) for row in csv.DictReader(file)]
    assert [tuple(row[name] for name in (*KEY, "value", "source")) for row in anchors] == published
