"""Measuring the stored records, and the findings of every rule by the month in which the record was stored.

The report holds numbers only, no key and no value of anybody. The numbers may be small, so that it is for the unit's
own use; every form of it says so.
"""

import datetime as dt
import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Engine as Database
from sqlalchemy import select

from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.quality.definition import FILE, RECORDED, Measure, load
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES, Dataset, fields, key_fields, record_table, sql_type
from thassist.records.extract import read
from thassist.records.merging import decided_pairs
from thassist.rules.finding import Finding
from thassist.rules.runner import run

MONTHS = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its outcome.

    Attributes:
        id, group, kind, good, title: as defined, the title in the report's language.
        count: how many; for days the number of cases.
        among: of how many; for days the same number.
        median, ninth: for days, the median and the ninth decile; None where there is no case.
    """

    id: str
    group: str
    kind: str
    good: str
    title: str
    count: int
    among: int
    median: float | None = None
    ninth: float | None = None

    @property
    def share(self) -> float | None:
        """The share, between 0 and 1; None where there is nothing to measure."""
        return self.count / self.among if self.kind == "share" and self.among else None


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """The findings of a rule: in all, by month of storage (``2024-05``), and of records whose month is not told."""

    rule: str
    severity: str
    message: str
    total: int
    months: dict[str, int]
    other: int


@dataclass(frozen=True)
class QualityReport:
    """The quality of the stored records on a day.

    Attributes:
        day: the day.
        lang: language of titles and messages.
        synthetic: whether any record is made up.
        records: table → number of records, of tables that hold any.
        imports: month → number of records stored in it.
        months: the latest months in which records were stored, at most six, oldest first.
        measures: all measures.
        rules: the rules with findings, most first.
    """

    day: dt.date
    lang: str
    synthetic: bool
    records: dict[str, int]
    imports: dict[str, int]
    months: tuple[str, ...]
    measures: tuple[Measured, ...]
    rules: tuple[RuleFindings, ...]

    @property
    def findings(self) -> int:
        """Findings of all rules."""
        return sum(rule.total for rule in self.rules)


def measure(database: Database, lang: str, *, today: dt.date | None = None) -> QualityReport:
    """Measure a database.

    Args:
        database: from :func:`thassist.records.store.open_database`.
        lang: language of titles and messages.
        today: the day of the report; the current one where left out.

    Raises:
        StorageError: the database cannot be read.
        InvalidDefinition: a measure or a rule is wrong.
    """
    day = today or dt.datetime.now().astimezone().date()
    dataset, stored = read(database), _stored(database)
    with reading(database) as connection:
        decided = decided_pairs(connection)
    findings = run(dataset, lang, today=day, decided=decided)
    months = Counter(_month(moment) for rows in stored.values() for _, moment, _ in rows)
    latest = tuple(sorted(months)[-MONTHS:])
    return QualityReport(
        day=day,
        lang=lang,
        synthetic=dataset.synthetic,
        records={table: len(frame) for table, frame in dataset.frames.items() if len(frame)},
        imports=dict(sorted(months.items())),
        months=latest,
        measures=tuple(_measured(dataset, stored, lang, day)),
        rules=tuple(_by_rule(findings, stored, latest)),
    )


_Stored = dict[str, list[tuple[str, dt.datetime, int]]]


def _stored(database: Database) -> _Stored:
    """When each record with a key of one field was stored, by table: key, moment, import."""
    found: _Stored = {}
    with reading(database) as connection:
        for name in RECORDED:
            table = record_table(name)
            columns = (table.c[key_fields(name)[0]], table.c.recorded_at, table.c.batch_id)
            found[name] = [(row[0], row[1], row[2]) for row in connection.execute(select(*columns))]
    return found


def _month(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m}"


def _measured(dataset: Dataset, stored: _Stored, lang: str, day: dt.date) -> list[Measured]:
    with Engine() as engine:
        for table in TABLE_NAMES:
            engine.load(table, {one.name: sql_type(one) for one in fields(table)}, dataset.frames[table])
        for table, rows in stored.items():
            frame = pd.DataFrame(rows, columns=["key", "recorded_at", "batch_id"], dtype=object)
            columns = {"key": "VARCHAR", "recorded_at": "TIMESTAMP", "batch_id": "INTEGER"}
            engine.load(f"recorded_{table}", columns, frame)
        return [_outcome(engine, one, lang, day) for one in load()]


def _outcome(engine: Engine, one: Measure, lang: str, day: dt.date) -> Measured:
    parameters: dict[str, Any] = {"today": day} if "$today" in one.sql else {}
    try:
        rows = engine.rows(one.sql, parameters)
    except EngineError as error:
        raise InvalidDefinition("quality.bad_file", file=FILE, detail=one.id) from error
    base = (one.id, one.group, one.kind, one.good, one.title[lang])
    if one.kind == "share":
        (count, among), *_ = rows
        return Measured(*base, int(count), int(among))
    days = sorted(float(row[0]) for row in rows if row[0] is not None)
    if not days:
        return Measured(*base, 0, 0)
    ninth = statistics.quantiles(days, n=10, method="inclusive")[-1] if len(days) > 1 else days[0]
    return Measured(*base, len(days), len(days), statistics.median(days), ninth)


def _by_rule(findings: list[Finding], stored: _Stored, months: tuple[str, ...]) -> list[RuleFindings]:
    when = {(table, key): _month(moment) for table, rows in stored.items() for key, moment, _ in rows}
    counted: dict[str, Counter[str]] = {}
    known: dict[str, Finding] = {}
    for finding in findings:
        known.setdefault(finding.code, finding)
        counted.setdefault(finding.code, Counter())[when.get((finding.table, finding.key), "")] += finding.count
    rules = [
        RuleFindings(
            rule=code,
            severity=str(known[code].severity),
            message=known[code].message,
            total=counter.total(),
            months={month: counter[month] for month in months},
            other=counter.total() - sum(counter[month] for month in months),
        )
        for code, counter in counted.items()
    ]
    return sorted(rules, key=lambda rule: (-rule.total, rule.rule))
