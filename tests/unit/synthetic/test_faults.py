"""The deliberate faults: exactly these are found, at exactly these places."""

import datetime as dt

import pandas as pd
import pytest

from thassist.intake import dictionary
from thassist.intake.deliver import validate
from thassist.intake.template import write_workbook
from thassist.records.dataset import Dataset
from thassist.rules.finding import Finding, Severity
from thassist.synthetic import generate
from thassist.synthetic.faults import Fault, plant, with_faults

Outcome = tuple[str, list[Fault], list[Finding]]


@pytest.fixture(scope="module", params=[(1, "fi"), (2, "en")], ids=["seed 1", "seed 2"])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Language of the workbook, what was planted, what was found."""
    seed, lang = request.param
    faulty, faults = plant(generate(2023, 2024, 1), seed)
    path = tmp_path_factory.mktemp("faults") / "faulty.xlsx"
    write_workbook(faulty, path, lang)
    return lang, faults, validate(path, lang="en", today=dt.date(2025, 1, 31)).findings


def test_exactly_the_planted_faults_are_found(outcome: Outcome) -> None:
    lang, faults, found = outcome
    wanted = {
        (
            fault.finding,
            dictionary.subject(fault.table).titles[lang],
            fault.position + 2,
            dictionary.subject(fault.table).fields[fault.field].labels[lang],
        )
        for fault in faults
    }
    assert len(wanted) == len(faults) == 10
    assert {(one.code, one.sheet, one.row, one.header) for one in found} == wanted
    assert len(found) == len(faults)
    assert sum(one.severity is Severity.ERROR for one in found) == 9


def test_the_code_that_was_meant_is_suggested(outcome: Outcome) -> None:
    [unknown] = [one for one in outcome[2] if one.code == "intake.unknown_code"]
    assert unknown.value == "POLISE"
    assert unknown.suggestion.startswith("POLICE")


def test_the_identity_code_is_not_repeated(outcome: Outcome) -> None:
    _lang, faults, found = outcome
    [planted] = [str(fault.value) for fault in faults if fault.kind == "identity code"]
    assert planted.split()[-1] not in repr(found)


def test_the_records_themselves_are_left_as_they_are(dataset: Dataset) -> None:
    before = {table: frame.copy() for table, frame in dataset.frames.items()}
    faulty = with_faults(dataset)
    assert faulty.synthetic
    for table, frame in dataset.frames.items():
        pd.testing.assert_frame_equal(frame, before[table])
    changed = [table for table in before if not faulty.frames[table].equals(before[table])]
    assert sorted(changed) == ["decision", "episode", "exploitation", "family_link", "referral"]
