"""Judging a delivery: read, assembled into records, and held against the rules, beside what is stored."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url, select

from thassist.errors import StorageError
from thassist.intake import profile as profiles
from thassist.intake.assemble import assemble
from thassist.intake.cells import Fault
from thassist.intake.context import stored_context
from thassist.intake.leftout import LeftOut, left_out, without
from thassist.intake.profile import Profile
from thassist.intake.report import Place, Report
from thassist.intake.workbook import STATE_MARK, Workbook, read_file
from thassist.records import store
from thassist.records.database import reading
from thassist.records.dataset import Dataset, record_table
from thassist.records.merging import decided_pairs
from thassist.records.pseudonym import open_secret
from thassist.records.trail import Anchor, anchor
from thassist.rules import runner
from thassist.rules.finding import Finding, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

OWN_PROFILE = "fi-nas"


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
        written: how far the trail had come when the program wrote the workbook; None where it did not.
    """

    dataset: Dataset
    findings: list[Finding] = field(repr=False)
    sha256: str
    left_out: LeftOut = field(default_factory=dict, repr=False)
    complete: bool = False
    state: Anchor | None = None
    context: Dataset | None = field(default=None, repr=False)
    written: Anchor | None = None

    @property
    def withdrawals(self) -> LeftOut:
        """The stored records that go with the import: what it leaves out, where it is complete."""
        return self.left_out if self.complete else {}

    @property
    def acceptable(self) -> bool:
        """Whether nothing stands against the import."""
        return not errors(self.findings)


@dataclass(frozen=True)
class File:
    """A file as read, before its records are judged; ``written`` as in :class:`Delivery`."""

    book: Workbook
    profile: Profile
    report: Report
    dataset: Dataset
    lang: str
    today: dt.date
    written: Anchor | None


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
    file = read(path, profile_id, lang, today)
    return judged(file, engine, complete=complete)


def read(path: Path, profile_id: str, lang: str, today: dt.date | None) -> File:
    """Read a file into records; arguments and errors as for :func:`validate`."""
    profile = profiles.load(profile_id)
    book = read_file(path)
    report = Report(book.file, lang)
    day = today or dt.datetime.now().astimezone().date()
    dataset = assemble(book, profile, report, lang=lang, today=day)
    if report.structure_broken and dataset.count():
        report.add(Fault("rules_skipped"), Place())
    return File(book, profile, report, dataset, lang, day, _written(book))


def _written(book: Workbook) -> Anchor | None:
    """How far the trail had come when the workbook was written; a mark that is damaged is of no trail."""
    for said in book.marks(STATE_MARK):
        try:
            return Anchor.read(said)
        except ValueError:
            return Anchor(0, head="", first="")
    return None


def judged(file: File, engine: "Engine | None", *, complete: bool) -> Delivery:
    """A file judged by the records that are stored, all read in one moment."""
    if engine is None:
        return ruled(file, None)
    with reading(engine) as connection:
        stored = _beside(connection, file, complete=complete)
    return ruled(file, stored)


def judged_on(connection: "Connection", file: File, *, complete: bool) -> Delivery:
    """The same on a connection whose transaction the caller holds."""
    return ruled(file, _beside(connection, file, complete=complete))


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


def _beside(connection: "Connection", file: File, *, complete: bool) -> _Beside:
    if file.profile.derives:
        _check_secret(connection)
    state = anchor(connection)
    if file.report.structure_broken or not file.dataset.count():
        return _Beside(state, None, whole=True, decided=[], left_out={}, complete=complete)
    context, whole = stored_context(connection, file.dataset)
    missing = left_out(file.dataset, context, file.profile)
    stays = without(context, missing) if complete else context
    return _Beside(state, stays, whole, decided_pairs(connection), missing, complete)


def ruled(file: File, beside: _Beside | None) -> Delivery:
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
    delivery = Delivery(file.dataset, found, file.book.sha256, written=file.written)
    if beside is None:
        return delivery
    return replace(
        delivery,
        left_out=beside.left_out,
        complete=beside.complete,
        state=beside.state,
        context=beside.context,
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
