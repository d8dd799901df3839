"""A delivery from end to end: read, assembled into records, judged by the rules, and stored whole or not at all."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from thassist import messages
from thassist.intake import profile as profiles
from thassist.intake.assemble import assemble
from thassist.intake.cells import Fault
from thassist.intake.report import Place, Report
from thassist.intake.workbook import read_file
from thassist.records import extract, store
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields
from thassist.rules import runner
from thassist.rules.finding import Finding, Severity, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

OWN_PROFILE = "fi-nas"

#: Fields that refer to a record of another table which a delivery may leave to what is stored.
_REFERENCES = {
    "referral_id": "referral",
    "decision_id": "decision",
    "exploitation_id": "exploitation",
}


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
    """What an import did; ``stored`` is None where it was refused and nothing changed."""

    delivery: Delivery
    stored: store.StoreResult | None


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
    book = read_file(path)
    report = Report(book.file, lang)
    day = today or dt.datetime.now().astimezone().date()
    dataset = assemble(book, profile, report, lang=lang, today=day)
    ruled: list[Finding] = []
    if report.structure_broken:
        if dataset.count():
            report.add(Fault("rules_skipped"), Place())
    elif dataset.count():
        context = _context(engine, dataset) if engine is not None else None
        ruled = runner.run(dataset, lang, context=context, today=day, reported=report.cells())
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
    today: dt.date | None = None,
) -> ImportResult:
    """Validate a file and store all of it, or nothing where an error stands against it.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the file.
        profile_id: the mapping profile that describes its layout.
        lang: language of the findings.
        by: the account that imports.
        today: as in :func:`validate`.

    Raises:
        UnreadableInput, InvalidDefinition, StorageError: as in :func:`validate`; nothing was stored.
    """
    engine = store.open_database(url)
    try:
        delivery = validate(path, profile_id, lang, engine=engine, today=today)
        if not delivery.acceptable:
            return ImportResult(delivery, None)
        try:
            stored = store.store(engine, delivery.dataset, profile=profile_id, file_sha256=delivery.sha256, by=by)
        except store.ConflictingRecords as error:
            clashes = _conflicts(error, delivery.dataset, lang)
            return ImportResult(Delivery(delivery.dataset, [*delivery.findings, *clashes], delivery.sha256), None)
        return ImportResult(delivery, stored)
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


def _context(engine: "Engine", dataset: Dataset) -> Dataset:
    """What is stored of the persons whom the delivery mentions, or everything where it mentions them by other keys."""
    persons: set[str] = set()
    for frame in dataset.frames.values():
        for name in ("person_id", "related_person_id"):
            if name in frame.columns:
                persons.update(value for value in frame[name] if value is not None)
    delivered = {
        table: {key for key in dataset.frames[table][name] if key is not None} for name, table in _REFERENCES.items()
    }
    named = {
        table: {
            value
            for frame in dataset.frames.values()
            if name in frame.columns
            for value in frame[name]
            if value is not None
        }
        for name, table in _REFERENCES.items()
    }
    if all(named[table] <= delivered[table] for table in delivered):
        return extract.read(engine, persons=persons)
    return extract.read(engine)


def _conflicts(error: store.ConflictingRecords, dataset: Dataset, lang: str) -> list[Finding]:
    """Findings for the records that contradict what is stored, at their rows. No value and no key is said."""
    rows = {
        table: {
            tuple(key): int(row)
            for *key, row in dataset.frames[table][[*key_fields(table), "_row"]].itertuples(index=False)
        }
        for table in {conflict.table for conflict in error.conflicts}
        if table in TABLE_NAMES
    }
    found = []
    for conflict in error.conflicts:
        source = dataset.sources.get(conflict.table)
        key = tuple(conflict.key[name] for name in key_fields(conflict.table))
        found.append(
            Finding(
                code="intake.key_conflict",
                severity=Severity.ERROR,
                message=messages.text("intake.key_conflict", lang, fields=", ".join(conflict.fields)),
                remedy=messages.text("intake.key_conflict", lang, part="remedy"),
                file=source.file if source else "",
                sheet=source.sheet if source else "",
                row=rows[conflict.table].get(key, 0),
                table=conflict.table,
            )
        )
    return sorted(found, key=Finding.order)
