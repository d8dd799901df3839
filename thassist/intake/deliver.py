"""A delivery from end to end: read, assembled into records, judged by the rules, and stored whole or not at all."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url, select

from thassist import messages
from thassist.errors import StorageError
from thassist.intake import profile as profiles
from thassist.intake.assemble import assemble
from thassist.intake.cells import Fault
from thassist.intake.changes import Change, Withdrawal, changes, field_names, withdrawals
from thassist.intake.context import stored_context
from thassist.intake.leftout import LeftOut, keys_of, left_out, without
from thassist.intake.profile import Profile
from thassist.intake.report import Place, Report
from thassist.intake.workbook import Workbook, read_file
from thassist.records import store
from thassist.records.database import reading, writing
from thassist.records.dataset import Dataset, key_fields, record_table
from thassist.records.merging import decided_pairs
from thassist.records.pseudonym import open_secret
from thassist.records.trail import Anchor, anchor
from thassist.rules import personal, runner
from thassist.rules.finding import Finding, Severity, errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Engine

OWN_PROFILE = "fi-nas"
#: As often a file is judged without holding up others; then they wait until it is judged and stored.
_ATTEMPTS = 2


@dataclass(frozen=True)
class Delivery:
    """A file as read and judged.

    Attributes:
        dataset: its records; a cell that could not be read is empty.
        findings: all of them, in the order of the workbook.
        sha256: of the file's bytes.
        left_out: stored records of its cases that it does not hold, by table.
        complete: whether it was judged as if these were withdrawn.
        state: how far the trail of the stored records had come by which it was judged; None where there were none.
        context: the stored records by which it was judged; None where it was judged alone.
    """

    dataset: Dataset
    findings: list[Finding] = field(repr=False)
    sha256: str
    left_out: LeftOut = field(default_factory=dict, repr=False)
    complete: bool = False
    state: Anchor | None = None
    context: Dataset | None = field(default=None, repr=False)

    @property
    def withdrawals(self) -> LeftOut:
        """The stored records that go with the import: what it leaves out, where it is complete."""
        return self.left_out if self.complete else {}

    @property
    def acceptable(self) -> bool:
        """Whether nothing stands against the import."""
        return not errors(self.findings)


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


@dataclass(frozen=True)
class _File:
    """A file as read, before its records are judged."""

    book: Workbook
    profile: Profile
    report: Report
    dataset: Dataset
    lang: str
    today: dt.date


def validate(
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    engine: "Engine | None" = None,
    complete: bool = False,
    today: dt.date | None = None,
) -> Delivery:
    """Read a file and find everything that is wrong with it. Nothing is stored.

    Args:
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        engine: the database whose stored records the delivery continues; without it the file is judged alone.
        complete: whether stored records of its cases that it does not hold are taken for withdrawn.
        today: the day after which a date lies in the future; the current day where left out.

    Raises:
        UnreadableInput: the file cannot be read at all.
        InvalidDefinition: the profile, the dictionary or a rule is wrong.
        StorageError: the database cannot be read.
    """
    file = _read(path, profile_id, lang, today)
    return _judged(file, engine, complete=complete)


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
        file = _read(path, profile_id, lang, today)

        def stored(connection: "Connection", delivery: Delivery) -> store.StoreResult:
            return store.store_on(
                connection,
                delivery.dataset,
                profile=profile_id,
                file_sha256=delivery.sha256,
                by=by,
                corrections=correct,
                withdrawals=keys_of(delivery.withdrawals),
                why=why,
            )

        for _ in range(_ATTEMPTS):
            delivery = _judged(file, engine, complete=complete)
            if not delivery.acceptable:
                return ImportResult(delivery, None)
            try:
                with writing(engine) as connection:
                    if anchor(connection) == delivery.state:
                        return _told(delivery, stored(connection, delivery), lang)
            except store.ConflictingRecords as error:
                return ImportResult(_refused(delivery, error.conflicts, lang), None)
        try:  # others import all the time: now they wait
            with writing(engine) as connection:
                delivery = _judged_on(connection, file, complete=complete)
                if not delivery.acceptable:
                    return ImportResult(delivery, None)
                return _told(delivery, stored(connection, delivery), lang)
        except store.ConflictingRecords as error:
            return ImportResult(_refused(delivery, error.conflicts, lang), None)
    finally:
        engine.dispose()


def preview(
    url: str,
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    complete: bool = False,
    today: dt.date | None = None,
) -> Preview:
    """What importing a file would do; nothing is stored.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
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
        plan = store.plan(
            engine, delivery.dataset, file_sha256=delivery.sha256, withdraws=any(delivery.withdrawals.values())
        )
        if plan.conflicts:
            return Preview(_refused(delivery, plan.conflicts, lang), None)
        return Preview(
            delivery,
            plan,
            tuple(changes(plan.corrected, delivery.dataset, lang)),
            tuple(withdrawals(delivery.withdrawals, delivery.dataset, lang)),
        )
    finally:
        engine.dispose()


def _read(path: Path, profile_id: str, lang: str, today: dt.date | None) -> _File:
    profile = profiles.load(profile_id)
    book = read_file(path)
    report = Report(book.file, lang)
    day = today or dt.datetime.now().astimezone().date()
    dataset = assemble(book, profile, report, lang=lang, today=day)
    if report.structure_broken and dataset.count():
        report.add(Fault("rules_skipped"), Place())
    return _File(book, profile, report, dataset, lang, day)


def _judged(file: _File, engine: "Engine | None", *, complete: bool) -> Delivery:
    """A file judged by the records that are stored, all read in one moment."""
    if engine is None:
        return _ruled(file, None)
    with reading(engine) as connection:
        stored = _beside(connection, file, complete=complete)
    return _ruled(file, stored)


def _judged_on(connection: "Connection", file: _File, *, complete: bool) -> Delivery:
    """The same on a connection whose transaction the caller holds."""
    return _ruled(file, _beside(connection, file, complete=complete))


@dataclass(frozen=True)
class _Beside:
    """What is stored beside a delivery, at one moment.

    Attributes:
        state: how far the trail had come.
        context: the records by which the rules judge; None where there is nothing to judge.
        whole: whether these are all there are.
        decided: pairs of persons on which a decision stands.
        left_out, complete: as in :class:`Delivery`.
    """

    state: Anchor | None
    context: Dataset | None
    whole: bool
    decided: list[tuple[str, str]]
    left_out: LeftOut
    complete: bool


def _beside(connection: "Connection", file: _File, *, complete: bool) -> _Beside:
    if file.profile.derives:
        _check_secret(connection)
    state = anchor(connection)
    if file.report.structure_broken or not file.dataset.count():
        return _Beside(state, None, whole=True, decided=[], left_out={}, complete=complete)
    context, whole = stored_context(connection, file.dataset)
    missing = left_out(file.dataset, context, file.profile)
    stays = without(context, missing) if complete else context
    return _Beside(state, stays, whole, decided_pairs(connection), missing, complete)


def _ruled(file: _File, beside: _Beside | None) -> Delivery:
    """A file with what the rules find in it."""
    ruled: list[Finding] = []
    if file.dataset.count() and not file.report.structure_broken:
        ruled = runner.run(
            file.dataset,
            file.lang,
            context=beside.context if beside else None,
            whole=beside.whole if beside else True,
            today=file.today,
            reported=file.report.cells(),
            decided=beside.decided if beside else [],
        )
    order = {sheet.name: sheet.number for sheet in file.book.sheets}
    found = sorted(
        [*file.report.findings(), *ruled],
        key=lambda one: (order.get(one.sheet, 0) if one.sheet else 0, *one.order(), one.table),
    )
    if beside is None:
        return Delivery(file.dataset, found, file.book.sha256)
    return Delivery(
        file.dataset, found, file.book.sha256, beside.left_out, beside.complete, beside.state, beside.context
    )


def _told(delivery: Delivery, stored: store.StoreResult, lang: str) -> ImportResult:
    """What an import did, in words."""
    return ImportResult(
        delivery,
        stored,
        tuple(changes(stored.corrections, delivery.dataset, lang)),
        tuple(withdrawals(delivery.withdrawals, delivery.dataset, lang)),
    )


@contextmanager
def stored_records(url: str, *, chosen: bool) -> "Iterator[Engine | None]":
    """The database by whose records a delivery is judged; None where nobody chose one and the default does not exist.

    Args:
        url: the database as an SQLAlchemy URL.
        chosen: whether the user named it, so that its absence is an error.

    Raises:
        StorageError: the database cannot be opened.
    """
    if not chosen:
        file = make_url(url).database
        if not file or not Path(file).is_file():
            yield None
            return
    engine = store.open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _check_secret(connection: "Connection") -> None:
    """Refuse a secret by which every client would become another person.

    Raises:
        StorageError: stored keys were made with another secret.
    """
    own, key = open_secret(), record_table("person").c.person_id
    made = connection.execute(select(key).where(key.like("P____-%"))).scalars()
    if any(own.made(one) is False for one in made):
        raise StorageError("intake.other_secret")


def _refused(delivery: Delivery, conflicts: "Iterable[store.Conflict]", lang: str) -> Delivery:
    """The delivery with a finding for each record that contradicts another. No value and no key is said."""
    dataset = delivery.dataset
    rows: dict[str, dict[tuple[object, ...], int]] = {}
    found = []
    for conflict in conflicts:
        key, source = key_fields(conflict.table), dataset.sources.get(conflict.table)
        if conflict.table not in rows:
            frame = dataset.frames[conflict.table][[*key, "_row"]]
            rows[conflict.table] = {tuple(one): int(row) for *one, row in frame.itertuples(index=False)}
        kind = "key_twice" if conflict.within else "key_conflict" if conflict.fields else "key_withdrawn"
        names = ", ".join(field_names(conflict.table, conflict.fields, lang))
        found.append(
            Finding(
                code=f"intake.{kind}",
                severity=Severity.ERROR,
                message=messages.text(f"intake.{kind}", lang, fields=names),
                remedy=messages.text(f"intake.{kind}", lang, part="remedy"),
                file=source.file if source else "",
                sheet=source.sheet if source else "",
                row=rows[conflict.table].get(tuple(conflict.key[name] for name in key), 0),
                table=conflict.table,
            )
        )
    return replace(delivery, findings=[*delivery.findings, *sorted(found, key=Finding.order)])
