"""Places, context, silence and order of findings."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thassist.records.dataset import Dataset, empty_frame
from thassist.rules.finding import Finding, Severity, errors, grouped
from thassist.rules.runner import run

LATER = dt.date(2030, 1, 1)


def test_a_rule_may_say_what_would_be_right(records, make) -> None:
    """Espoo (049) belongs to West Uusimaa."""
    provision = {
        "provision_id": "V-1",
        "episode_id": "E-1",
        "provider": "COUNTY",
        "payer": "COUNTY",
        "county": "HELSINKI",
        "municipality": "049",
        **make.day("start_date", dt.date(2024, 1, 1)),
    }
    episode = {"episode_id": "E-1", "person_id": "C-000001", **make.day("admission_date", dt.date(2024, 1, 1))}
    found = records(person=[make.person(1, reporting_system="FI_NAS")], episode=[episode], provision=[provision])
    (wrong,) = [one for one in run(found, "en", today=dt.date(2025, 6, 30)) if one.code == "R39g"]
    assert (wrong.value, wrong.suggestion) == ("HELSINKI", "WEST_UUSIMAA (Wellbeing services county of West Uusimaa)")


def test_nothing_gives_nothing(today) -> None:
    assert run(Dataset({}), "en", today=today) == []
    assert run(Dataset({"person": empty_frame("person")}), "fi", today=today) == []


def test_a_finding_of_a_file_says_sheet_row_letter_header_and_no_key(records, make, today) -> None:
    referral = {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF", "_row": 17}
    staged = records(
        file=True,
        person=[make.person(1)],
        citizenship=[make.citizenship(1)],
        referral=[{**referral, **make.day("received_date", LATER)}],
    )
    (found,) = run(staged, "en", today=today)
    assert (found.code, found.file, found.sheet, found.row) == ("R03", "cases.xlsx", "Referral", 17)
    assert (found.column, found.header, found.value) == ("C", "Header of received_date", "2030-01-01")
    assert (found.table, found.key, found.cell) == ("referral", "", "Referral!C17")


def test_a_finding_of_the_database_says_table_key_and_field(records, make, today) -> None:
    link = {"person_id": "C-000001", "related_person_id": "C-000001", "relation": "OTHER"}
    stored = records(person=[make.person(1)], citizenship=[make.citizenship(1)], family_link=[link])
    (found,) = run(stored, "en", today=today)
    assert (found.file, found.sheet, found.row, found.column) == ("", "", 0, "")
    assert (found.table, found.key, found.header) == ("family_link", "C-000001 / C-000001 / OTHER", "related_person_id")
    assert found.value == ""  # keys are not echoed as values


def test_related_cells_are_named(records, make, today) -> None:
    referral = {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF", "_row": 4}
    decision = {
        "decision_id": "D-1",
        "person_id": "C-000001",
        "referral_id": "R-1",
        "decision_type": "ADMISSION",
        "outcome": "LAPSED",
        "_row": 9,
    }
    staged = records(
        file=True,
        person=[make.person(1)],
        citizenship=[make.citizenship(1)],
        referral=[referral | make.day("received_date", dt.date(2022, 4, 1), "Q")],
        decision=[decision | make.day("decision_date", dt.date(2022, 3, 31))],
    )
    (found,) = run(staged, "en", today=today)
    assert (found.code, found.cell, found.related) == ("R04", "Decision!E9", ("Referral!C4",))
    in_database = records(
        person=[make.person(1)],
        citizenship=[make.citizenship(1)],
        referral=[referral | make.day("received_date", dt.date(2022, 4, 1), "Q")],
        decision=[decision | make.day("decision_date", dt.date(2022, 3, 31))],
    )
    (found,) = run(in_database, "en", today=today)
    assert found.related == ("referral R-1 received_date",)


def test_an_imprecise_date_is_quoted_as_it_is_entered(records, make, today) -> None:
    referral = {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF"}
    staged = records(
        person=[make.person(1)],
        citizenship=[make.citizenship(1)],
        referral=[referral | make.day("received_date", dt.date(2026, 7, 1), "S")],
    )
    assert [found.value for found in run(staged, "en", today=today)] == ["2026-S2"]


def test_a_date_of_birth_is_never_quoted(records, make, today) -> None:
    people = [
        make.person(1, **make.day("birth_date", LATER)),
        make.person(2, **make.day("birth_date", dt.date(95, 1, 1))),
    ]
    staged = records(person=people, citizenship=[make.citizenship(1), make.citizenship(2)])
    found = run(staged, "en", today=today)
    assert [one.code for one in found] == ["S10", "S11"]
    assert not any("2030" in repr(one) or "0095" in repr(one) for one in found)


def test_a_near_code_is_suggested(records, make, today) -> None:
    staged = records(person=[make.person(1)], citizenship=[{"person_id": "C-000001", "country": "vietnam"}])
    (found,) = run(staged, "en", today=today)
    assert (found.code, found.value, found.suggestion) == ("S04", "vietnam", "VN")


class TestContext:
    """What is stored judges the delivery, and is not judged."""

    def test_stored_records_have_no_findings(self, records, make, today) -> None:
        wrong = records(person=[make.person(1, sex=None)], citizenship=[make.citizenship(9)])
        assert len(run(wrong, "en", today=today)) == 3
        assert run(Dataset({}), "en", context=wrong, today=today) == []

    def test_a_parent_may_be_stored(self, records, make, today) -> None:
        stored = records(person=[make.person(1)], citizenship=[make.citizenship(1)])
        referral = {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF"}
        delivered = records(referral=[referral | make.day("received_date", dt.date(2024, 1, 1))])
        assert [found.code for found in run(delivered, "en", today=today)] == ["R01b"]
        assert run(delivered, "en", context=stored, today=today) == []

    def test_the_same_record_again_is_seen_once(self, records, make, today) -> None:
        both = records(person=[make.person(1)], citizenship=[make.citizenship(1)])
        assert run(both, "en", context=both, today=today) == []

    @pytest.mark.parametrize("first", ["stored", "delivered"])
    def test_an_episode_may_overlap_with_a_stored_one(self, records, make, today, first: str) -> None:
        def episode(number: int, year: int) -> dict[str, object]:
            at = make.day("admission_date", dt.date(year, 1, 1))
            return {
                "episode_id": f"E-{number}",
                "person_id": "C-000001",
                "role": "VICTIM",
                "seq_no": number,
                "is_new": number == 1,
                **at,
            }

        early, late = episode(1, 2020), episode(2, 2021)
        there, given_ = (early, late) if first == "stored" else (late, early)
        stored = records(person=[make.person(1)], citizenship=[make.citizenship(1)], episode=[there])
        (found,) = run(records(episode=[given_]), "en", context=stored, today=today)
        assert (found.code, found.key) == ("R15", given_["episode_id"])
        assert found.related == (f"episode {there['episode_id']} admission_date",)


def test_a_cell_already_reported_is_not_reported_again(records, make, today) -> None:
    staged = records(file=True, person=[make.person(1, sex=None)], citizenship=[make.citizenship(1)])
    assert [found.code for found in run(staged, "en", today=today)] == ["R24"]
    assert run(staged, "en", today=today, reported=[("person", 2, "sex")]) == []
    assert len(run(staged, "en", today=today, reported=[("person", 3, "sex")])) == 1


def test_languages_differ_in_words_only(records, make, today) -> None:
    staged = records(person=[make.person(1, sex=None)], citizenship=[])
    said = {lang: run(staged, lang, today=today) for lang in ("fi", "sv", "en")}
    assert len({tuple(f.message for f in found) for found in said.values()}) == 3
    assert len({tuple((f.code, f.key, f.header) for f in found) for found in said.values()}) == 1


FAULTS = ("sex", "citizenship", "future", "code", "text")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(FAULTS), max_size=30), st.randoms(use_true_random=False))
def test_n_planted_faults_give_n_findings(faults: list[str], chance) -> None:
    """Each person carries at most one fault; rows come in any order, and the findings come in one order."""
    tables: dict[str, list[dict[str, object]]] = {"person": [], "citizenship": [], "referral": []}
    for number, fault in enumerate([*faults, ""], start=1):
        key = f"C-{number:06d}"
        tables["person"].append(
            {"person_id": key, "reporting_system": "UK_NRM", "sex": None if fault == "sex" else "M"}
        )
        if fault != "citizenship":
            tables["citizenship"].append({"person_id": key, "country": "ZZ" if fault == "code" else "VN"})
        tables["referral"].append(
            {
                "referral_id": f"R-{number:06d}",
                "person_id": key,
                "received_date": LATER if fault == "future" else dt.date(2022, 4, 1),
                "received_date_precision": "D",
                "source": "SELF",
                "source_other": "010190-123A" if fault == "text" else None,
            }
        )
    for rows in tables.values():
        chance.shuffle(rows)
    found = run(
        Dataset({name: empty_frame(name, rows) for name, rows in tables.items()}), "en", today=dt.date(2025, 1, 1)
    )
    assert len(found) == len(faults)
    code = {"sex": "R24", "citizenship": "R25", "future": "R03", "code": "S04", "text": "S08"}
    planted = [
        (code[fault], f"C-{n:06d}" if fault in {"sex", "citizenship"} else n) for n, fault in enumerate(faults, 1)
    ]
    said = [(f.code, f.key if f.table == "person" else int(f.key.split(" ")[0][-6:])) for f in found]
    assert sorted(said, key=str) == sorted(planted, key=str)
    assert found == sorted(found, key=Finding.order)


def finding(row: int, column: str = "B", code: str = "R05", message: str = "m") -> Finding:
    return Finding(code, Severity.ERROR, message, "do", file="f.xlsx", sheet="S", row=row, column=column, value="x")


class TestGrouped:
    """One cause down a column is one line, with the exact number kept."""

    def test_few_stay_as_they_are(self) -> None:
        found = [finding(row) for row in range(2, 12)]
        assert grouped(found, limit=10) == found

    def test_many_become_one(self) -> None:
        (one,) = grouped([finding(row) for row in range(2, 52)], limit=10)
        assert (one.row, one.count, one.value) == (2, 50, "")
        assert one.related == tuple(f"S!B{row}" for row in range(3, 12))
        assert errors([one]) == 50

    def test_other_causes_and_columns_stay_apart(self) -> None:
        found = [finding(row) for row in range(2, 22)] + [
            finding(3, "C"),
            finding(4, message="other"),
            finding(5, code="R1"),
        ]
        assert [one.count for one in grouped(found, limit=10)] == [20, 1, 1, 1]

    def test_what_is_grouped_can_be_grouped_again(self) -> None:
        once = grouped([finding(row) for row in range(2, 52)], limit=10)
        assert grouped(once, limit=10) == once


@pytest.mark.slow
def test_a_hundred_thousand_rows_in_a_few_seconds(records, make, today) -> None:
    import time

    numbers = range(1, 33_001)
    referral = {"source": "SELF", **make.day("received_date", dt.date(2022, 4, 1), "Q")}
    many = records(
        person=[make.person(n) for n in numbers],
        citizenship=[make.citizenship(n) for n in numbers],
        referral=[{"referral_id": f"R-{n:06d}", "person_id": f"C-{n:06d}", **referral} for n in numbers]
        + [{"referral_id": f"R-9{n:05d}", "person_id": "C-000001", **referral} for n in range(1000)],
    )
    started = time.monotonic()
    assert run(many, "en", today=today) == []
    assert time.monotonic() - started < 10
