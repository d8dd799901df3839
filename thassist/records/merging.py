"""Two persons that are one: decisions, kept for good, and what they mean for counting.

Nothing stored is merged. A standing decision «same» lets statistics see one person where the records have two: the
snapshot writes one key for both (:func:`canonical_persons`). A decision undone leaves the records as they always were.
Decisions and their undoing are in the trail like changes of records.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.sql.schema import Table

from thassist.errors import StorageError
from thassist.records.database import reading, writing
from thassist.records.model import CORRECTED, INSERTED, WHY_LENGTH, DuplicateDecision, Episode, Person
from thassist.records.trail import DECISIONS, Writer, check_said

_TABLE: Table = DuplicateDecision.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class MergeDecision:
    """A decision on two persons.

    Attributes:
        number: its running number.
        person, other: the two, in the order of the alphabet.
        same: whether they are one person.
        at, by, why: when (UTC), by whom, for what reason.
        undone_at, undone_by, undone_why: the same of its undoing; None while it stands.
    """

    number: int
    person: str
    other: str
    same: bool
    at: dt.datetime
    by: str
    why: str
    undone_at: dt.datetime | None = None
    undone_by: str | None = None
    undone_why: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been undone."""
        return self.undone_at is None


@dataclass(frozen=True, slots=True)
class Counts:
    """Persons and clients (persons with an episode), as the records have them and as statistics count them."""

    persons: int
    persons_counted: int
    clients: int
    clients_counted: int


def decisions(engine: Engine) -> list[MergeDecision]:
    """All decisions, those undone too, in their order."""
    with reading(engine) as connection:
        return decisions_on(connection)


def decisions_on(connection: Connection, *, until: dt.datetime | None = None) -> list[MergeDecision]:
    """The decisions, as they stood at a moment (UTC) where one is given."""
    found = [MergeDecision(*row) for row in connection.execute(select(_TABLE).order_by(_TABLE.c.decision_no))]
    if until is None:
        return found
    then = [one for one in found if one.at <= until]
    return [
        one
        if one.undone_at is None or one.undone_at <= until
        else MergeDecision(one.number, one.person, one.other, one.same, one.at, one.by, one.why)
        for one in then
    ]


def decide(engine: Engine, one: str, other: str, *, same: bool, why: str, by: str) -> MergeDecision:
    """Record whether two persons are one.

    Args:
        engine: of a database with the newest schema.
        one: key of a stored person.
        other: key of another.
        same: True where they are one person.
        why: the reason, as a text without anybody's name.
        by: the account that decides.

    Raises:
        StorageError: a person is not stored, the reason is missing or too long, a decision on the two stands already,
            or the new one contradicts standing ones. Nothing was recorded.
    """
    person, second = sorted((one, other))
    _check_reason(why, by)
    if person == second:
        raise StorageError("duplicates.one_person")
    with writing(engine) as connection:
        stored = set(
            connection.execute(select(Person.person_id).where(Person.person_id.in_([person, second]))).scalars()
        )
        if len(stored) < 2:
            raise StorageError("duplicates.no_person", person=next(key for key in (one, other) if key not in stored))
        held = decisions_on(connection)
        if any(known.stands and (known.person, known.other) == (person, second) for known in held):
            raise StorageError("duplicates.decided_already", person=person, other=second)
        number = max((known.number for known in held), default=0) + 1
        writer = Writer(connection, by=by, why=why.strip(), at=None)
        made = MergeDecision(number, person, second, same, writer.at, by, why.strip())
        _check_agreement([*held, made])
        row = dict(zip(_TABLE.columns.keys(), dataclasses.astuple(made), strict=True))
        connection.execute(insert(_TABLE).values(**row))
        writer.records(INSERTED, DECISIONS, [row])
        writer.flush()
    return made


def undo(engine: Engine, number: int, *, why: str, by: str) -> MergeDecision:
    """Undo a decision; the records are as they always were, and the decision stays on record.

    Raises:
        StorageError: there is no such decision, it is undone already, or the reason is missing.
    """
    _check_reason(why, by)
    with writing(engine) as connection:
        known = next((one for one in decisions_on(connection) if one.number == number), None)
        if known is None or not known.stands:
            raise StorageError("duplicates.nothing_to_undo", number=number)
        writer = Writer(connection, by=by, why=why.strip(), at=None)
        undone = dataclasses.replace(known, undone_at=writer.at, undone_by=by, undone_why=why.strip())
        row = dict(zip(_TABLE.columns.keys(), dataclasses.astuple(undone), strict=True))
        connection.execute(update(_TABLE).where(_TABLE.c.decision_no == number).values(**row))
        writer.records(CORRECTED, DECISIONS, [row])
        writer.flush()
    return undone


def canonical_persons(known: Iterable[MergeDecision]) -> dict[str, str]:
    """Person → the key under which statistics count that person, for those counted under another key than their own.

    Of the persons of one group the first key in the order of the alphabet stands for all.
    """
    return {person: leader for person, leader in _leaders(known).items() if person != leader}


def counts(engine: Engine) -> Counts:
    """How many persons and clients there are, before and after the standing decisions."""
    with reading(engine) as connection:
        persons = set(connection.execute(select(Person.person_id)).scalars())
        clients = set(connection.execute(select(Episode.person_id).distinct()).scalars())
        same = canonical_persons(decisions_on(connection))
    merged = {person: leader for person, leader in same.items() if person in persons}
    return Counts(
        persons=len(persons),
        persons_counted=len({merged.get(person, person) for person in persons}),
        clients=len(clients),
        clients_counted=len({merged.get(person, person) for person in clients}),
    )


def _leaders(known: Iterable[MergeDecision]) -> dict[str, str]:
    leader: dict[str, str] = {}

    def first(person: str) -> str:
        while leader.setdefault(person, person) != person:
            person = leader[person]
        return person

    for decision in known:
        if decision.same and decision.stands:
            low, high = sorted((first(decision.person), first(decision.other)))
            leader[high] = low
    return {person: first(person) for person in list(leader)}


def _check_agreement(known: list[MergeDecision]) -> None:
    """No two persons are one by some decisions and two by another.

    Raises:
        StorageError: they are.
    """
    leaders = _leaders(known)
    for decision in known:
        apart = decision.stands and not decision.same
        if apart and leaders.get(decision.person, decision.person) == leaders.get(decision.other, decision.other):
            raise StorageError("duplicates.contradiction", person=decision.person, other=decision.other)


def _check_reason(why: str, by: str) -> None:
    if not why.strip() or len(why.strip()) > WHY_LENGTH:
        raise StorageError("duplicates.no_reason", longest=WHY_LENGTH)
    check_said(by, why.strip())


def decided_pairs(connection: Connection) -> list[tuple[str, str]]:
    """The pairs of persons on which a decision stands: that they are one, or that they are two."""
    return [(one.person, one.other) for one in decisions_on(connection) if one.stands]
