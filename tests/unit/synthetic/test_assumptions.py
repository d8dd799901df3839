"""The assumptions are data: each says why, and uses codes that exist."""

import tomllib
from collections.abc import Iterable, Iterator
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
    yield from process_codes(sections)


def process_codes(sections: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Codes of the sections on the process around a case: code list → where its codes are keys."""
    appeals, identification, periods = sections["appeals"], sections["identification"], sections["periods"]
    permits, provision, services = sections["permits"], sections["provision"], sections["services"]
    control, criminal, staff = sections["control"], sections["criminal"], sections["staff_time"]
    keys: list[tuple[str, Iterable[str]]] = [
        ("authority", [value for name, value in sections["authorities"].items() if name != "why"]),
        ("statute", [*sections["statutes"]["types"].values(), sections["statutes"]["before"]]),
        ("decision_type", sections["statutes"]["types"]),
        ("consent_by", [*sections["consent"]["adult"], *sections["consent"]["child"]]),
        ("hold_reason", [*sections["hold"]["adult"], *sections["hold"]["child"]]),
        ("contact_channel", sections["contacts"]["channels"]),
        ("referral_source", [*sections["contacts"]["sources"], *sections["contacts"]["anonymous_sources"]]),
        ("appeal_ruling", [*appeals["rulings"], *appeals["higher_rulings"], *appeals["rulings_that_admit"]]),
        ("decision_reason", appeals["reasons_overturned"]),
        ("residence_status", [*appeals["statuses"], *permits["application_share"], *provision["municipality_share"]]),
        ("authority", [*identification["by_others"], *periods["by_others"]]),
        ("permit_ground", permits["grounds"]),
        ("decision_outcome", [*permits["outcomes"], *permits["has_permit_outcomes"]]),
        ("provider", [*provision["without_municipality"].values(), *provision["municipal_providers"]]),
        ("payer", [provision["reimbursed_by"], *provision["without_municipality"].values()]),
        ("wellbeing_county", [town["county"] for town in provision["municipalities"]]),
        ("exit_reason", set(services["none_share"]) - {"other"}),
        ("service_kind", [*services["kinds"], *services["child_kinds"]]),
        ("provider", {code for kind in services["kinds"].values() for code in kind.get("providers", {})}),
        ("criminal_stage", [*criminal["last_stage"]["IN_FINLAND"], *criminal["last_stage"]["ABROAD"]]),
        ("criminal_stage", criminal["ends_a_stay"]),
        ("compensation_kind", [*sections["compensation"]["cents"], *sections["compensation"]["wages_kinds"]]),
        ("exploitation_form", control["reviewed_forms"]),
        ("means_of_control", {code for shares in control["means"].values() for code in shares}),
        ("recruitment", {code for shares in control["recruitment"].values() for code in shares}),
        ("exploiter_relation", {code for shares in control["relation"].values() for code in shares}),
        ("work_process", [*staff["processes"], *staff["units"]]),
        ("staff_unit", staff["units"].values()),
    ]
    yield from ((list_id, code) for list_id, found in keys for code in found if code != "pending")


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
