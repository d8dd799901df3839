"""The assumptions are data: each says why, and uses codes that exist."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thassist.codes import classification
from thassist.synthetic.assumptions import load, quotas


@pytest.fixture(scope="module")
def sections(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "reports" / "synthetic" / "assumptions.toml").read_text(encoding="utf-8"))


def test_every_section_says_why(sections: dict[str, Any]) -> None:
    silent = [name for name, section in sections.items() if isinstance(section, dict) and len(section["why"]) < 20]
    assert silent == []


def codes(sections: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for row in sections["forms"]["shares"]:
        yield from (("exploitation_form_published", code) for code in row["codes"])
    for name in ("citizenships", "residence", "industries"):
        list_id = {"citizenships": "country", "residence": "residence_status", "industries": "industry"}[name]
        for row in sections[name]["shares"]:
            yield from ((list_id, code) for code in row["codes"])
    for name in ("finland_and_eu", "tail", "second_of_finns"):
        yield from (("country", code) for code in sections["citizenships"][name])
    for name in ("before_2023", "from_2023", "children"):
        yield from (("exit_reason", code) for code in sections["exit_reasons"][name])
    yield from (("country", code) for code in sections["countries_of_exploitation"]["abroad"])
    yield from (("referral_source", code) for code in sections["referral_sources"]["shares"])
    yield from (("decision_outcome", code) for code in sections["rejections"]["outcomes"])
    yield from (("decision_reason", code) for code in sections["rejections"]["reasons"])
    yield from (("decision_type", code) for code in sections["other_decisions"]["types"])
    for detail in sections["further_forms"]["with"].values():
        yield from (("exploitation_form", code) for code in detail)


def test_every_code_exists(sections: dict[str, Any]) -> None:
    assert [pair for pair in codes(sections) if pair[1] not in classification(pair[0]).codes] == []


def test_every_citizen_of_a_member_state_is_known_as_one(sections: dict[str, Any], root: Path) -> None:
    """A citizen of the Union with another status would be an error by R38."""
    members = {
        line.split(",")[0]
        for line in (root / "reports" / "rules" / "eu_members.csv").read_text(encoding="utf-8").splitlines()[1:]
    }
    drawn = {code for list_id, code in codes(sections) if list_id == "country"}
    assert drawn & members <= set(sections["citizenships"]["finland_and_eu"]) <= members | {"FI"}


def test_every_source_but_the_client_has_an_organisation(sections: dict[str, Any]) -> None:
    sources = sections["referral_sources"]
    assert set(sources["shares"]) - {"SELF"} == set(sources["organisations"])


def test_a_year_takes_the_latest_value_before_it() -> None:
    assumed = load()
    assert assumed.at("exits", "victims", 2017) == assumed["exits"]["victims"]["2016"]
    assert assumed.at("exits", "victims", 2018) == assumed["exits"]["victims"]["2018"]


@given(
    total=st.integers(0, 5000),
    shares=st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0.001, 1000), min_size=1, max_size=12),
)
def test_quotas_add_up_and_stay_within_one_of_the_share(total: int, shares: dict[str, float]) -> None:
    given_out = quotas(total, shares)
    assert sum(given_out.values()) == total
    whole = sum(shares.values())
    assert all(abs(given_out[code] - total * share / whole) < 1 + 1e-6 for code, share in shares.items())
