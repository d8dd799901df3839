"""The classifications that thassist ships, against what others say of them."""

import csv
import gzip
import itertools
import re
from pathlib import Path

import pytest

from thassist.codes import all_classifications, all_correspondences, classification, correspondence
from thassist.messages import LANGUAGES
from thassist.records.model import CODE_LISTS
from thassist.tables.cube import Status

DATA = Path(__file__).parents[2] / "data" / "uk_nrm"


def test_every_enforced_code_list_exists_and_fits_its_column():
    for name in CODE_LISTS:
        for code in classification(name).codes.values():
            assert len(code.code) <= 40
            assert all(len(label) <= 200 for label in code.labels.values())


@pytest.mark.parametrize("found", all_classifications(), ids=lambda found: found.ref)
def test_labels_tell_the_codes_apart_in_every_language(found):
    for lang in LANGUAGES:
        labels = [code.labels[lang] for code in found.codes.values()]
        assert len(set(labels)) == len(labels), f"{found.ref} {lang}"


@pytest.mark.parametrize("found", all_classifications(), ids=lambda found: found.ref)
def test_codes_are_plain_and_never_the_total(found):
    assert "_T" not in found.codes
    assert found.total_code not in found.codes
    plain = r"\S(.*\S)?" if found.foreign else r"[A-Z0-9_]+"  # an owner's code is written as the owner writes it
    assert all(re.fullmatch(plain, code) for code in found.codes)


@pytest.mark.parametrize("found", all_correspondences(), ids=lambda found: found.ref)
def test_correspondences_are_total(found):
    assert not found.missing()


def test_published_forms_of_exploitation():
    """The groups of the 2022 review: prostitution is in sexual exploitation, rare forms in other."""
    to_published = correspondence("exploitation_form@1--exploitation_form_published@2022").targets
    assert {source for source, target in to_published.items() if target == "SEX"} == {
        *("SEX", "SEX_PROST", "SEX_PORN", "SEX_OTH")
    }
    assert to_published["_U"] == "_U"
    assert "_Z" not in to_published.values()


def test_only_the_person_itself_is_no_authority_or_organisation():
    """2022 review: 48 referrals by the person, 430 by others, 478 in all."""
    groups = correspondence("referral_source@1--referral_source_group@1").targets
    assert {source for source, target in groups.items() if target != "AUTH_ORG"} == {"SELF", "_U"}


def test_age_classes_leave_no_gap_and_do_not_overlap():
    for ref in ("age_class@1", "age_group@1"):
        bounds = [(code.lower, code.upper) for code in classification(ref).codes.values() if code.lower is not None]
        assert bounds[0][0] == 0
        assert bounds[-1][1] is None
        assert all(before is not None and after == before + 1 for (_, before), (after, _) in itertools.pairwise(bounds))


def test_old_law_ends_with_2022():
    ended = {
        code.code: code.valid_to.isoformat()
        for ref in ("decision_type", "exit_reason")
        for code in classification(ref).codes.values()
        if code.valid_to
    }
    assert ended == {"IDENT_OLD": "2022-12-31", "CASE_CLOSED": "2022-12-31"}


def test_countries():
    """249 officially assigned ISO 3166-1 codes (2024) and four of ours; some names as each language writes them."""
    countries = classification("country@2026")
    assert len([code for code in countries.codes if re.fullmatch(r"[A-Z]{2}", code) and code != "XK"]) == 249
    assert set(countries.codes) >= {"XK", "STLS", "RNC", "_U"}
    assert countries.codes["DE"].labels == {"fi": "Saksa", "sv": "Tyskland", "en": "Germany"}
    assert countries.codes["AX"].labels == {"fi": "Ahvenanmaa", "sv": "Åland", "en": "Åland Islands"}
    assert countries.codes["CI"].labels["fi"] == "Norsunluurannikko"
    assert not [code.code for code in countries.codes.values() if "&" in "".join(code.labels.values())]


def test_cell_statuses_are_those_of_the_cube():
    assert set(classification("cell_status").codes) == {str(status) for status in Status}


@pytest.mark.parametrize(
    ("ref", "column"),
    [
        ("uk_first_responder_type", "First responder type"),
        ("uk_first_responder", "First responder"),
        ("uk_exploitation", "Exploitation type"),
        ("uk_age", "Age at exploitation"),
        ("uk_gender", "Gender"),
        ("uk_nationality", "Nationality"),
    ],
)
def test_the_home_offices_words_are_kept_exactly(ref, column):
    words = set()
    for path in DATA.glob("nrm_*.csv.gz"):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            words |= {row[column] for row in csv.DictReader(file)}
    found = classification(ref)
    labels = {code.labels["en"] for code in found.codes.values()}
    assert labels == words
    assert all(found.label(found.by_name(word) or "", "en") == word for word in words)


def test_the_published_misspellings_of_eurostat_are_kept():
    assert {code for code in classification("eurostat_iccs_mixed@2024").codes if code.startswith("ICSS")} == {
        *("ICSS02041_02043_02044", "ICSS02042_02043_02044")
    }


def test_placeholder_lists_say_that_they_are():
    for found in all_classifications():
        assert found.placeholder == any(code.startswith("x_") for code in found.codes) or found.id == "ictip_entity"


def test_the_26_other_member_states_and_nobody_else_are_other_eu_citizens():
    groups = correspondence("country@2026--citizenship_group@2020").targets
    assert sum(group == "EU_OTHER" for group in groups.values()) == 26
    assert (groups["FI"], groups["GB"], groups["XK"], groups["STLS"]) == ("FI", "NON_EU", "XK", "STLS")


def test_british_forms_arrive_in_eurostats_codes():
    """Labour and domestic servitude are forced labour, sexual is sexual, the rest other (Eurostat crim_thb)."""
    way = correspondence("uk_exploitation_form@2022--exploitation_form@1--eurostat_iccs@2024")
    assert way.targets == {
        "LABOUR": "ICCS02042",
        "DOMESTIC": "ICCS02042",
        "SEXUAL": "ICCS02041",
        "CRIMINAL": "ICCS02043_02044",
        "ORGAN_HARVESTING": "ICCS02043_02044",
    }
    assert set(way.without) == {"_U"}
