"""Run the rules over published figures: the same conditions and the same findings as for records.

Whoever is about to publish hands over plain figures, captions and percentages (:func:`check_figures`); nothing here
knows tables, releases or file formats. A finding says the table, the period and the place of the figure. The rules are
in ``reports/rules/cells``; what they see is described in :mod:`thassist.rules.staged`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from thassist.codes import TOTAL
from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.rules.captions import times
from thassist.rules.catalogue import TODAY, load
from thassist.rules.conditions import broken_rows
from thassist.rules.finding import Finding
from thassist.rules.notes import AnalystNotes
from thassist.rules.runner import said
from thassist.rules.staged import STAGED, Rows
from thassist.rules.workspace import load_reference

#: SDMX CL_OBS_STATUS: the series has a break at this figure.
_BREAK = "B"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, as it is to be published.

    Attributes:
        table: the table's id.
        period: code of the period (``2024``, ``2024-S1``).
        codes: dimension → code, in the order of the table; totals (``_T``) may be left out.
        value: None where there is none.
        status: SDMX CL_OBS_STATUS (``A`` normal, ``B`` break, ``P`` provisional, ``M``, ``O``, ``Q``).
        notes: the notes that stand at the figure; any text says that somebody explained it.
        counters: the reporting systems whose counts are in the figure (codes of ``reporting_system``); more than one
            means that counts of different counters were added up. The first one's breaks of series apply.
        counted: whether the figure is a number of units (persons, decisions), not computed from one.
    """

    table: str
    period: str
    codes: Mapping[str, str]
    value: float | int | None
    status: str = "A"
    notes: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption or title: the table, where it stands (page and language), the table's periods in order, the text."""

    table: str
    place: str
    periods: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Percentage:
    """A published percentage with the counts behind it; a count that is not known is None."""

    table: str
    period: str
    codes: Mapping[str, str]
    percent: float | None
    part: float | None
    whole: float | None


@dataclass(frozen=True)
class Published:
    """All that is about to be published together, or that others have published: the input of the rules over figures.

    Attributes:
        figures: those of the periods before too, where they are shown or known (a change is looked at between two).
        captions: every title of every page.
        percentages: with the counts from which they were computed.
        notes: what analysts say of single figures (:func:`thassist.rules.notes.load`).
    """

    figures: Iterable[Figure]
    captions: Iterable[Caption] = ()
    percentages: Iterable[Percentage] = ()
    notes: AnalystNotes = field(default_factory=AnalystNotes)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of the staged tables."""
        figures = list(self.figures)
        return {
            "cell": [_cell(one, self.notes) for one in figures],
            "caption": [row for caption in self.captions for row in _caption(caption)],
            "percentage": [_percentage(one) for one in self.percentages],
            "note": _notes(figures, self.notes),
        }


def check_figures(published: Published, lang: str, *, today: dt.date | None = None) -> list[Finding]:
    """All findings of the rules over what is about to be published, by table, period and place.

    Call it before anything is written; an error-severity finding (:func:`thassist.rules.finding.errors`) says that it
    should not be.

    Raises:
        InvalidDefinition: a rule or view is wrong.
        ValueError: a period is none.
    """
    return run_on_figures(published.rows(), lang, today=today)


def run_on_figures(rows: Rows, lang: str, *, today: dt.date | None = None) -> list[Finding]:
    """All findings of the rules over figures, by table, period and place.

    Args:
        rows: staged table → its rows (:meth:`Published.rows` makes them).
        lang: language of the findings.
        today: what rules may take for the current day.

    Raises:
        InvalidDefinition: a rule or view is wrong.
    """
    known = load("cells")
    day = today or dt.datetime.now().astimezone().date()
    values = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    findings = []
    with Engine() as engine:
        for table, columns in STAGED.items():
            engine.load(table, columns, pd.DataFrame(list(rows.get(table, [])), columns=list(columns), dtype=object))
        for reference in known.references:
            load_reference(engine, reference)
        for view in known.views.values():
            engine.view(f"rule_{view.id}", view.sql)
            rules = [rule for rule in known.rules.values() if rule.on == view.id]
            for rule, row in broken_rows(engine, view.id, rules, ["table_id", "period", "place"], values):
                shown = {name: said(value, lang) for name, value in {**values, **row}.items()}
                findings.append(
                    Finding(
                        code=rule.id,
                        severity=rule.severity,
                        message=rule.text("what", lang, shown),
                        remedy=rule.text("remedy", lang, shown),
                        table=row["table_id"],
                        key=" ".join(part for part in (row["period"], row["place"]) if part),
                        cause=rule.id,
                    )
                )
    return sorted(findings, key=lambda finding: (finding.table, *finding.order(), finding.message))


def _place(codes: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={code}" for name, code in codes.items() if code != TOTAL)


def _cell(one: Figure, notes: AnalystNotes) -> dict[str, Any]:
    period = parse_period(one.period)
    return {
        "table_id": one.table,
        "counter": one.counters[0] if one.counters else None,
        "counters": len(set(one.counters)) or None,
        "period": one.period,
        "precision": period.precision,
        "first_day": period.start,
        "last_day": period.end,
        "place": _place(one.codes),
        "value": one.value,
        "status": one.status,
        "counted": one.counted,
        "noted": bool(one.notes) or notes.at(one.table, one.period, one.codes) is not None,
        "break_noted": one.status == _BREAK,
    }


def _caption(caption: Caption) -> list[dict[str, Any]]:
    return [
        {
            "table_id": caption.table,
            "place": caption.place,
            "period": time.period,
            "period_said": time.period_said,
            "reference_date": time.date,
            "date_said": time.date_said,
        }
        for time in times(caption.text, [parse_period(code) for code in caption.periods])
    ]


def _percentage(one: Percentage) -> dict[str, Any]:
    counts = {"percent": one.percent, "part": one.part, "whole": one.whole}
    return {"table_id": one.table, "period": one.period, "place": _place(one.codes), **counts}


def _notes(figures: Iterable[Figure], notes: AnalystNotes) -> list[dict[str, Any]]:
    """The notes on tables and periods that are here, and whether each has its figure."""
    here: dict[tuple[str, str], set[frozenset[tuple[str, str]]]] = {}
    for one in figures:
        here.setdefault((one.table, one.period), set()).add(_codes(one.codes))
    return [
        {
            "table_id": note.table,
            "period": note.period,
            "place": _place(note.cell),
            "has_figure": _codes(note.cell) in here[note.table, note.period],
        }
        for note in notes
        if (note.table, note.period) in here
    ]


def _codes(codes: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((name, code) for name, code in codes.items() if code != TOTAL)
