"""A plain count of synthetic records, written without the code that made them."""

import csv
import datetime as dt
import math
from pathlib import Path

import pandas as pd
import pytest
from made import made_up

from thassist.records.dataset import Dataset

#: The published classes, as the reviews name them → the recorded codes.
FORMS = {
    "forced_labour": {"LAB", "DOM"},
    "sexual_exploitation": {"SEX", "SEX_PROST", "SEX_PORN", "SEX_OTH"},
    "forced_marriage": {"MARR"},
    "forced_criminality": {"CRIM"},
    "benefit_fraud": {"BENF"},
    "begging": {"BEG"},
    "child_soldier": {"SOLD"},
    "organ_removal": {"ORG"},
    "partly_unclear": {"ADOPT", "SURR", "SLAV", "OTH"},
}
STATUSES = {
    "asylum_seeker": {"ASYLUM"},
    "finnish_or_eu_citizen": {"FI_CITIZEN", "EU_CITIZEN"},
    "no_legal_right_of_residence": {"NONE"},
    "residence_permit": {"PERMIT"},
    "temporary_protection": {"TEMP_PROT"},
    "visa": {"VISA"},
}
COUNTRIES = {
    "Afghanistan": {"AF"},
    "China": {"CN"},
    "Finland": {"FI"},
    "Iraq": {"IQ"},
    "Morocco": {"MA"},
    "Nigeria": {"NG"},
    "Philippines": {"PH"},
    "Russia": {"RU"},
    "Somalia": {"SO"},
    "Thailand": {"TH"},
    "Uganda": {"UG"},
    "Ukraine": {"UA"},
    "Vietnam": {"VN"},
}
INDUSTRIES = {
    "berry_farms": "BERRY_FARM",
    "cleaning": "CLEANING",
    "gardening_greenhouse": "GARDENING",
    "restaurant": "RESTAURANT",
    "wellbeing_beauty": "WELLBEING",
    "wild_produce_picking": "WILD_PRODUCE",
}
SOURCES = {"police": "POLICE", "self": "SELF", "social_services": "SOCIAL"}
AGES = {"18-29": (18, 29), "30-39": (30, 39), "40-49": (40, 49), "50+": (50, 999), "60+": (60, 999)}
SEXES = {"women": "F", "women_and_girls": "F", "women_and_girls_approx": "F", "men": "M", "men_and_boys": "M"}


def years(birth: dt.date, day: dt.date) -> int:
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return day.year - birth.year - (0 if had_birthday else 1)


class Recount:
    """Counts what a published figure counts, from the record tables alone."""

    def __init__(self, dataset: Dataset) -> None:
        self.frames = dataset.frames
        frames = dataset.frames
        stays = frames["episode"].merge(frames["person"], on="person_id", validate="many_to_one")
        primary = frames["citizenship"][frames["citizenship"]["is_primary"].astype(bool)]
        stays = stays.merge(primary[["person_id", "country"]], on="person_id", validate="many_to_one")
        told = frames["exploitation"][frames["exploitation"]["is_primary"].astype(bool)]
        forms = frames["exploitation_form"][frames["exploitation_form"]["is_primary"].astype(bool)]
        places = frames["exploitation_country"].groupby("exploitation_id")["country"].agg(set)
        told = told.merge(forms[["exploitation_id", "form"]], on="exploitation_id", validate="one_to_one")
        told = told.assign(place=told["exploitation_id"].map(places).map(lambda found: "FI" in found))
        stays = stays.merge(
            told[["person_id", "form", "place", "industry"]], on="person_id", how="left", validate="many_to_one"
        )
        on_admission = stays[["episode_id", "person_id", "admission_date"]].merge(
            frames["residence_status"], on="person_id", validate="many_to_many"
        )
        valid = on_admission[
            (on_admission["valid_from"] <= on_admission["admission_date"])
            & (on_admission["valid_to"].isna() | (on_admission["valid_to"] >= on_admission["admission_date"]))
        ]
        self.stays = stays.merge(
            valid[["episode_id", "status"]], on="episode_id", how="left", validate="one_to_one"
        ).assign(
            age=[years(birth, day) for birth, day in zip(stays["birth_date"], stays["admission_date"], strict=True)]
        )

    def group(self, measure: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """The stays that a measure counts: new clients of a period, or the stock on its last day."""
        stays = self.stays
        if measure.startswith("stock"):
            there = (stays["admission_date"] <= end) & (stays["exit_date"].isna() | (stays["exit_date"] > end))
        else:
            there = stays["is_new"].astype(bool) & stays["admission_date"].between(start, end)
        stays = stays[there]
        child = stays["role"] == "DEPENDENT_CHILD"
        if "minor_children" in measure:
            stays = stays[child]
        elif "all_persons" not in measure:
            stays = stays[~child]
        if "in_finland" in measure:
            stays = stays[stays["place"] == True]  # noqa: E712 - a witness has no place
        if "minor_victims" in measure:
            stays = stays[stays["age"] < 18]
        if "forced_labour" in measure:
            stays = stays[stays["form"].isin(FORMS["forced_labour"])]
        return stays

    def picked(self, stays: pd.DataFrame, dimension: str, category: str, end: dt.date) -> "pd.Series[bool]":
        """Which of them are in the category."""
        if dimension == "form_primary_x_place":
            form, place = category.split("|")
            of_form = self.picked(stays, "form_primary", form, end)
            return of_form & self.picked(stays, "place_of_exploitation", place, end)
        if dimension.startswith("form_primary"):
            return self.of_form(stays, category)
        if dimension in ("age_class", "admitted_as_minor", "age_class_at_reference_date", "age_group"):
            return self.of_age(stays, dimension, category, end)
        if dimension == "sex_by_age_class":
            sex = {"women": "F", "girls": "F", "men": "M", "boys": "M"}.get(category, "O")
            return (stays["sex"] == sex) & ((stays["age"] < 18) == (category in ("girls", "boys")))
        column, codes = {
            "total": ("reporting_system", {"all": {"FI_NAS"}}),
            "place_of_exploitation": ("place", {"in_finland": {True}, "abroad": {False}}),
            "sex": ("sex", {name: {code} for name, code in SEXES.items()}),
            "residence_status": ("status", STATUSES),
            "entry_route": ("status", STATUSES),
            "citizenship": ("country", COUNTRIES | {"unknown_or_stateless": {"_U", "STLS"}}),
            "industry": ("industry", {name: {code} for name, code in INDUSTRIES.items()}),
        }[dimension]
        return stays[column].isin(codes[category])

    @staticmethod
    def of_form(stays: pd.DataFrame, category: str) -> "pd.Series[bool]":
        if category == "witness":
            return stays["role"] == "WITNESS"
        if category == "other_forms":
            return ~stays["form"].isin(FORMS["forced_labour"] | FORMS["sexual_exploitation"])
        return stays["form"].isin(FORMS[category])

    @staticmethod
    def of_age(stays: pd.DataFrame, dimension: str, category: str, end: dt.date) -> "pd.Series[bool]":
        if dimension == "age_group":
            return stays["age"].between(*AGES[category])
        if dimension == "age_class_at_reference_date":
            return stays["birth_date"].map(lambda birth: years(birth, end)) < 18
        return (stays["age"] < 18) == (category in ("minor", "yes"))

    def figure(self, row: dict[str, str]) -> int:
        """The figure as the records give it; for an order, the position; for a share, whole per cent."""
        year, measure, dimension = int(row["year"]), row["measure"], row["dimension"]
        start = dt.date(year, 1, 1)
        end = dt.date(year, 6, 30) if row["period"] == "H1" else dt.date(year, 12, 31)
        if measure == "decisions":
            return int(self.frames["decision"]["decision_date"].between(start, end).sum())
        if measure == "referrals":
            referrals = self.frames["referral"]
            sources = referrals[referrals["received_date"].between(start, end)]["source"]
            if row["category"] == "authorities_and_organisations":
                return int((sources != "SELF").sum())
            return len(sources) if dimension == "total" else int((sources == SOURCES[row["category"]]).sum())
        stays = self.group(measure, start, end)
        if dimension.startswith("form_primary_within"):
            stays = stays[stays["sex"] == {"men": "M", "women": "F"}[dimension.rsplit("_", 1)[1]]]
        countries = stays[~stays["country"].isin({"_U", "STLS", "RNC"})]["country"]
        if "distinct" in measure:
            return int(countries.nunique())
        if "rank" in measure or "listed_order" in measure:
            return self.position(countries, row)
        inside = int(self.picked(stays, dimension, row["category"], end).sum())
        if "pct" in measure:
            return math.floor(100 * inside / len(stays) + 0.5)
        return inside

    def position(self, countries: "pd.Series[str]", row: dict[str, str]) -> int:
        """How many citizenships come before; an order without counts may hold equal counts."""
        numbers = countries.value_counts()
        own = numbers[next(iter(COUNTRIES[row["category"]]))]
        if "rank" in row["measure"]:
            return int((numbers >= own).sum())
        more, as_many = int((numbers > own).sum()), int((numbers == own).sum())
        listed = int(row["target"])
        return listed if more < listed <= more + as_many else more + 1


@pytest.fixture(scope="session")
def anchors(root: Path) -> list[dict[str, str]]:
    with (root / "reports" / "synthetic" / "anchors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return made_up(2015, 2024, 1)


@pytest.fixture(scope="session")
def recounts(dataset: Dataset) -> dict[int, Recount]:
    """Seed → count."""
    return {1: Recount(dataset), 7: Recount(made_up(2015, 2024, 7))}


@pytest.fixture(scope="session")
def recount() -> type[Recount]:
    return Recount
