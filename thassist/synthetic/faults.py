"""A handful of deliberate faults, to show what validation finds and how it says so.

Each fault is of a kind that case workers make, concerns another person than the other faults, and breaks one rule
only, so that a test can say exactly what must be found where.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thassist.records.dataset import Dataset, empty_frame
from thassist.synthetic.assumptions import stream

if TYPE_CHECKING:
    from random import Random

    import pandas as pd

#: A made-up identity code: individual numbers from 900 are never given to a person.
_IDENTITY_CODE = "010190-900P"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was put in.

    Attributes:
        kind: what it is, in a word.
        table: the record table.
        position: number of the record in its table, from 0; in an intake workbook the row is two more.
        field: the field in which a reader must look.
        finding: the code of the finding that must be made.
        value: what was put in; None where something was taken away.
    """

    kind: str
    table: str
    position: int
    field: str
    finding: str
    value: object


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: str
    table: str
    field: str
    finding: str
    fits: Callable[[Row], bool]
    value: Callable[[Row], object]


def with_faults(dataset: Dataset, seed: int = 1) -> Dataset:
    """A copy of records with the faults; the records themselves are left as they are."""
    return plant(dataset, seed)[0]


def plant(dataset: Dataset, seed: int = 1) -> tuple[Dataset, list[Fault]]:
    """A copy of records with the faults, and the list of them.

    Some faults can only stand in a workbook: a text where a date should be. Such a cell holds the text.

    Args:
        dataset: synthetic records, with enough of them that every fault has a place.
        seed: which of the fitting records get a fault.
    """
    records = {table: _records(frame) for table, frame in dataset.frames.items()}
    received = {row["referral_id"]: row["received_date"] for row in records["referral"]}
    served = {row["episode_id"] for row in records["service"]}
    rng, used, faults = stream(seed, "faults"), _entangled(records), []
    for plan in _plans(received, served):
        able = [row for row in records[plan.table] if row["person_id"] not in used and plan.fits(row)]
        row = rng.choice(able)
        used.add(row["person_id"])
        row[plan.field] = plan.value(row)
        place = records[plan.table].index(row)
        faults.append(Fault(plan.kind, plan.table, place, plan.field, plan.finding, row[plan.field]))
    faults.append(_orphan(records, rng))
    frames = {table: empty_frame(table, rows) for table, rows in records.items()}
    return Dataset(frames, dict(dataset.sources), synthetic=dataset.synthetic), faults


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False, name=None)]


def _plans(received: Mapping[str, dt.date], served: Collection[str]) -> list[_Plan]:
    return [
        _Plan(
            "unknown code",
            "referral",
            "source",
            "intake.unknown_code",
            lambda row: row["source"] == "POLICE",
            lambda _: "POLISE",
        ),
        _Plan(
            "identity code",
            "referral",
            "referrer_organisation",
            "intake.identity_code",
            lambda row: row["source"] == "LEGAL",
            lambda row: f"{row['referrer_organisation']} {_IDENTITY_CODE}",
        ),
        _Plan(
            "self-referral with an organisation",
            "referral",
            "referrer_organisation",
            "R07",
            lambda row: row["source"] == "SELF",
            lambda _: "Organisation for migrants",
        ),
        _Plan(
            "decision before referral",
            "decision",
            "decision_date",
            "R04",
            lambda row: row["reason"] == "NO_NEED",
            lambda row: received[row["referral_id"]] - dt.timedelta(days=9),
        ),
        _Plan(
            "rejection without a reason", "decision", "reason", "R11", lambda row: row["reason"] == "OTHER", _nothing
        ),
        _Plan(
            "exit before admission",
            "episode",
            "exit_date",
            "R14",
            # Without services: they would lie outside the stay.
            lambda row: (
                row["exit_reason"] == "OWN_WISH" and row["role"] == "VICTIM" and row["episode_id"] not in served
            ),
            lambda row: row["admission_date"] - dt.timedelta(days=20),
        ),
        _Plan(
            "ground of exit no longer in law",
            "episode",
            "exit_reason",
            "R45",
            lambda row: row["exit_reason"] == "LEFT_FINLAND" and row["exit_date"] >= dt.date(2023, 1, 1),
            lambda _: "CASE_CLOSED",
        ),
        _Plan(
            "impossible date",
            "exploitation",
            "start_date",
            "intake.date_unreadable",
            lambda row: row["start_date_precision"] == "D" and row["end_date"] is None,
            lambda _: "31.2.2021",
        ),
        _Plan(
            "two-digit year",
            "exploitation",
            "end_date",
            "intake.date_two_digit_year",
            lambda row: row["end_date_precision"] == "D",
            lambda row: f"{row['end_date'].day}.{row['end_date'].month}.{row['end_date']:%y}",
        ),
    ]


def _nothing(_row: Row) -> None:
    return None


def _entangled(records: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Guardians, persons with two stays or an appeal: a fault of theirs would break more than it shows."""
    guardians = {row["related_person_id"] for row in records["family_link"]}
    appealed = {row["decision_id"] for row in records["appeal"]}
    complained = {row["person_id"] for row in records["decision"] if row["decision_id"] in appealed}
    return guardians | complained | {row["person_id"] for row in records["episode"] if row["seq_no"] > 1}


def _orphan(records: dict[str, list[dict[str, Any]]], rng: "Random") -> Fault:
    """A child without its guardian: the tie is taken away, the stay remains."""
    tie = rng.choice(records["family_link"])
    records["family_link"].remove(tie)
    place = next(place for place, row in enumerate(records["episode"]) if row["person_id"] == tie["person_id"])
    return Fault("child without guardian", "episode", place, "role", "R19", None)
