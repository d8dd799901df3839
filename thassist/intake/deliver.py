"""A delivery from end to end: judged, and stored whole or not at all."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from thassist.errors import StorageError
from thassist.intake.changes import Change, Withdrawal, changes, withdrawals
from thassist.intake.judge import OWN_PROFILE, Delivery, judged, judged_on, read, stored_records, validate
from thassist.intake.leftout import keys_of
from thassist.intake.standing import against, outdated
from thassist.records import store
from thassist.records.database import reading, writing
from thassist.records.trail import anchor
from thassist.rules import personal

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from thassist.rules.finding import Finding

__all__ = ["Delivery", "ImportResult", "Preview", "import_file", "preview", "stored_records", "validate"]

#: As often a file is judged without holding up others; then they wait until it is judged and stored.
_ATTEMPTS = 2
#: Account and reason of what is taken back at once.
_NOBODY = "dry-run"


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        delivery: the file as read and judged.
        stored: None where it was refused and nothing changed.
        changes: the fields of stored records that got another value.
        withdrawn: the records that were withdrawn.
    """

    delivery: Delivery
    stored: store.StoreResult | None
    changes: tuple[Change, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What an import would do.

    Attributes:
        delivery: the file as read and judged.
        plan: None where errors stand against the import.
        changes: the fields of stored records that would get another value.
        withdrawn: the records that would be withdrawn.
    """

    delivery: Delivery
    plan: store.Plan | None
    changes: tuple[Change, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


def import_file(
    url: str,
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    by: str,
    correct: bool = False,
    complete: bool = False,
    why: str = "",
    today: dt.date | None = None,
) -> ImportResult:
    """Validate a file and store all of it, or nothing where an error stands against it.

    What is stored was judged by the records that are stored at that very moment: where somebody else imports between
    judging and storing, the file is judged anew. Nobody waits while a file is read, nor, but for a third attempt, while
    it is judged.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        by: the account that imports.
        correct: whether stored records get the values of the file; :func:`preview` says beforehand what that means.
        complete: whether stored records of the file's cases that it does not hold are withdrawn; likewise.
        why: the reason for corrections and withdrawals, without anything about a person.
        today: as in :func:`validate`.

    Raises:
        UnreadableInput, InvalidDefinition, StorageError: as in :func:`validate`; nothing was stored.
    """
    if personal.found(why, written=True):
        raise StorageError("intake.why_personal")
    engine = store.open_database(url)
    try:
        file = read(path, profile_id, lang, today)

        def stored(connection: "Connection", delivery: Delivery) -> ImportResult:
            late = outdated(connection, delivery, lang, by=by)
            if late:
                return ImportResult(_with(delivery, late), None)
            done = store.store_on(
                connection,
                delivery.dataset,
                profile=profile_id,
                file_sha256=delivery.sha256,
                by=by,
                corrections=correct,
                withdrawals=keys_of(delivery.withdrawals),
                why=why,
            )
            return _told(delivery, done, lang)

        for _ in range(_ATTEMPTS):
            delivery = judged(file, engine, complete=complete)
            if not delivery.acceptable:
                return ImportResult(delivery, None)
            try:
                with writing(engine) as connection:
                    if anchor(connection) == delivery.state:
                        return stored(connection, delivery)
            except store.ConflictingRecords as error:
                return ImportResult(_with(delivery, against(delivery, error.conflicts, lang)), None)
        try:  # others import all the time: now they wait
            with writing(engine) as connection:
                delivery = judged_on(connection, file, complete=complete)
                if not delivery.acceptable:
                    return ImportResult(delivery, None)
                return stored(connection, delivery)
        except store.ConflictingRecords as error:
            return ImportResult(_with(delivery, against(delivery, error.conflicts, lang)), None)
    finally:
        engine.dispose()


def preview(
    url: str,
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    by: str = "",
    complete: bool = False,
    today: dt.date | None = None,
) -> Preview:
    """What importing a file would do; nothing is stored.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        by: the account that would import.
        complete: as in :func:`import_file`.
        today: as in :func:`validate`.

    Raises:
        UnreadableInput, InvalidDefinition, StorageError: as in :func:`validate`.
    """
    engine = store.open_database(url)
    try:
        delivery = validate(path, profile_id, lang, engine=engine, complete=complete, today=today)
        if not delivery.acceptable:
            return Preview(delivery, None)
        with reading(engine) as connection:
            late = outdated(connection, delivery, lang, by=by)
        if late:
            return Preview(_with(delivery, late), None)
        plan = store.plan(
            engine, delivery.dataset, file_sha256=delivery.sha256, withdraws=any(delivery.withdrawals.values())
        )
        if plan.conflicts:
            return Preview(_with(delivery, against(delivery, plan.conflicts, lang)), None)
        if plan.corrected or plan.reinstated or any(delivery.withdrawals.values()):
            _rehearse(engine, delivery, profile_id)
        return Preview(
            delivery,
            plan,
            tuple(changes(plan.corrected, delivery.dataset, lang)),
            tuple(withdrawals(delivery.withdrawals, delivery.dataset, lang)),
        )
    finally:
        engine.dispose()


def _rehearse(engine: "Engine", delivery: Delivery, profile_id: str) -> None:
    """Let the database say what it would refuse: a correction or a withdrawal may touch what the file does not hold.

    Raises:
        StorageError: the import would be refused with it.
    """
    store.rehearse(
        engine,
        delivery.dataset,
        profile=profile_id,
        file_sha256=delivery.sha256,
        by=_NOBODY,
        corrections=True,
        withdrawals=keys_of(delivery.withdrawals),
        why=_NOBODY,
    )


def _told(delivery: Delivery, stored: store.StoreResult, lang: str) -> ImportResult:
    """What an import did, in words."""
    return ImportResult(
        delivery,
        stored,
        tuple(changes(stored.corrections, delivery.dataset, lang)),
        tuple(withdrawals(delivery.withdrawals, delivery.dataset, lang)),
    )


def _with(delivery: Delivery, more: "list[Finding]") -> Delivery:
    """The delivery with further findings."""
    return replace(delivery, findings=[*delivery.findings, *more])
