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
from thassist.intake.changes import Change, changes, field_names
from thassist.intake.context import stored_context
from thassist.intake.report import Place, Report
from thassist.intake.workbook import read_file
from thassist.records import store
from thassist.records.database import reading
from thassist.records.dataset import Dataset, key_fields, record_table
from thassist.records.merging import decided_pairs
from thassist.records.pseudonym import open_secret
from thassist.rules import personal, runner
from thassist.rules.finding import Finding, Severity, errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

OWN_PROFILE = "fi-nas"


@dataclass(frozen=True)
class Delivery:
    """A file as read and judged.

    Attributes:
        dataset: its records; a cell that could not be read is empty.
        findings: all of them, in the order of the workbook.
        sha256: of the file's bytes.
    """

    dataset: Dataset
    findings: list[Finding] = field(repr=False)
    sha256: str

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
    """

    delivery: Delivery
    stored: store.StoreResult | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What an import would do.

    Attributes:
        delivery: the file as read and judged.
        plan: None where errors stand against the import.
        changes: the fields of stored records that would get another value.
    """

    delivery: Delivery
    plan: store.Plan | None
    changes: tuple[Change, ...] = ()


def validate(
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    engine: "Engine | None" = None,
    today: dt.date | None = None,
) -> Delivery:
    """Read a file and find everything that is wrong with it. Nothing is stored.

    Args:
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        engine: the database whose stored records the delivery continues; without it the file is judged alone.
        today: the day after which a date lies in the future; the current day where left out.

    Raises:
        UnreadableInput: the file cannot be read at all.
        InvalidDefinition: the profile, the dictionary or a rule is wrong.
        StorageError: the database cannot be read.
    """
    profile = profiles.load(profile_id)
    if engine is not None and profile.derives:
        _check_secret(engine)
    book = read_file(path)
    report = Report(book.file, lang)
    day = today or dt.datetime.now().astimezone().date()
    dataset = assemble(book, profile, report, lang=lang, today=day)
    ruled: list[Finding] = []
    if report.structure_broken:
        if dataset.count():
            report.add(Fault("rules_skipped"), Place())
    elif dataset.count():
        context, whole = stored_context(engine, dataset) if engine is not None else (None, True)
        decided = _decided(engine) if engine is not None else []
        ruled = runner.run(
            dataset, lang, context=context, whole=whole, today=day, reported=report.cells(), decided=decided
        )
    order = {sheet.name: sheet.number for sheet in book.sheets}
    found = sorted(
        [*report.findings(), *ruled],
        key=lambda one: (order.get(one.sheet, 0) if one.sheet else 0, *one.order(), one.table),
    )
    return Delivery(dataset, found, book.sha256)


def import_file(
    url: str,
    path: Path,
    profile_id: str = OWN_PROFILE,
    lang: str = "en",
    *,
    by: str,
    correct: bool = False,
    why: str = "",
    today: dt.date | None = None,
) -> ImportResult:
    """Validate a file and store all of it, or nothing where an error stands against it.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        by: the account that imports.
        correct: whether stored records get the values of the file; :func:`preview` says beforehand what that means.
        why: the reason for the corrections, without anything about a person.
        today: as in :func:`validate`.

    Raises:
        UnreadableInput, InvalidDefinition, StorageError: as in :func:`validate`; nothing was stored.
    """
    if personal.found(why, written=True):
        raise StorageError("intake.why_personal")
    engine = store.open_database(url)
    try:
        delivery = validate(path, profile_id, lang, engine=engine, today=today)
        if not delivery.acceptable:
            return ImportResult(delivery, None)
        try:
            stored = store.store(
                engine,
                delivery.dataset,
                profile=profile_id,
                file_sha256=delivery.sha256,
                by=by,
                corrections=correct,
                why=why,
            )
        except store.ConflictingRecords as error:
            return ImportResult(_refused(delivery, error.conflicts, lang), None)
        return ImportResult(delivery, stored, tuple(changes(stored.corrections, delivery.dataset, lang)))
    finally:
        engine.dispose()


def preview(
    url: str, path: Path, profile_id: str = OWN_PROFILE, lang: str = "en", *, today: dt.date | None = None
) -> Preview:
    """What importing a file would do; nothing is stored.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        today: as in :func:`validate`.

    Raises:
        UnreadableInput, InvalidDefinition, StorageError: as in :func:`validate`.
    """
    engine = store.open_database(url)
    try:
        delivery = validate(path, profile_id, lang, engine=engine, today=today)
        if not delivery.acceptable:
            return Preview(delivery, None)
        plan = store.plan(engine, delivery.dataset, file_sha256=delivery.sha256)
        if plan.conflicts:
            return Preview(_refused(delivery, plan.conflicts, lang), None)
        return Preview(delivery, plan, tuple(changes(plan.corrected, delivery.dataset, lang)))
    finally:
        engine.dispose()


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


def _decided(engine: "Engine") -> list[tuple[str, str]]:
    with reading(engine) as connection:
        return decided_pairs(connection)


def _check_secret(engine: "Engine") -> None:
    """Refuse a secret by which every client would become another person.

    Raises:
        StorageError: stored keys were made with another secret.
    """
    own, key = open_secret(), record_table("person").c.person_id
    with reading(engine) as connection:
        made = connection.execute(select(key).where(key.like("P____-%"))).scalars()
        others = any(own.made(one) is False for one in made)
    if others:
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
