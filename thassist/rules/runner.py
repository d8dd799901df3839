"""Run the catalogue over records: the same for the rows of a delivery and for the whole database.

The engine knows no rule by name. For each view one query marks the rows that break a rule; a row becomes a finding
at the place of the rule's first field, with file, sheet, row, column letter and header where the record came from a
file, and with table and key where it is stored.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from thassist import messages
from thassist.codes import classification
from thassist.dates import PRECISIONS, span
from thassist.records.dataset import TABLE_NAMES, Dataset, fields, key_fields
from thassist.rules.catalogue import TODAY, Catalogue, Rule, load
from thassist.rules.conditions import broken_rows
from thassist.rules.finding import Finding
from thassist.rules.views import RuleView
from thassist.rules.workspace import Records, Workspace

#: A cell of a record: table, position, field. Position None: the data as a whole.
_Place = tuple[str, int | None, str]
_RELATED = 5  #: as many related cells as help a reader


@dataclass
class _Fault:
    """A rule broken at a place."""

    rule: Rule
    place: _Place
    shown: dict[str, object]
    related: list[_Place] = field(default_factory=list)


def run(
    dataset: Records,
    lang: str,
    *,
    context: Dataset | None = None,
    whole: bool = True,
    today: dt.date | None = None,
    reported: Collection[tuple[str, int, str]] = (),
    decided: Collection[tuple[str, str]] = (),
) -> list[Finding]:
    """All findings of the rules, in the order of the places (see :meth:`Finding.order`).

    Every broken rule is one finding for each place; :func:`thassist.rules.finding.grouped` shortens the list for a
    reader.

    Args:
        dataset: the records to look at.
        lang: language of the findings.
        context: records already stored, by which the delivery is judged. They have no findings of their own.
        whole: whether the records and the context are all there are. Where not, rules over the whole data (shares)
            say nothing: a share of some persons is no share of all.
        today: the day after which a date lies in the future; the current day where left out.
        reported: cells (table, row, field) of which the reader of the file has already said that they are wrong. A
            rule that stands on such a cell says nothing, so that one cause is one finding.
        decided: pairs of persons of whom it is decided whether they are one; nothing asks of them again.

    Raises:
        InvalidDefinition: a rule or view is wrong, for example names a column that does not exist.
    """
    known = load()
    day = today or dt.datetime.now().astimezone().date()
    with Workspace(dataset, context, decided) as work:
        faults = _merged(_faults(known, work, day, whole=whole))
        writer = _Writer(work, dataset, lang, known, day)
        quiet = set(reported)
        writer.keep_secret(faults)
        work.fetch(_positions(faults))
        findings = [writer.finding(fault) for fault in faults if not writer.already_said(fault, quiet)]
    return sorted(findings, key=lambda finding: (*finding.order(), finding.table, finding.message))


def _faults(known: Catalogue, work: Workspace, day: dt.date, *, whole: bool) -> Iterator[_Fault]:
    for reference in known.references:
        work.add_reference(reference)
    by_view: dict[str, list[Rule]] = {}
    for rule in known.rules.values():
        by_view.setdefault(rule.on, []).append(rule)
    for name, rules in by_view.items():
        view = known.views[name]
        if view.whole and not whole:
            continue
        work.add_view(view)
        yield from _broken(known, work, view, rules, day)


def _broken(known: Catalogue, work: Workspace, view: RuleView, rules: list[Rule], day: dt.date) -> Iterator[_Fault]:
    values = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    for rule, row in broken_rows(work.engine, view.id, rules, _place_columns(view), values, _delivered(view, work)):
        fault = _at_delivery(_fault(rule, view, row), work)
        if fault is not None:
            yield fault


def _delivered(view: RuleView, work: Workspace) -> str:
    """The condition for rows of which a record was delivered: a row is judged whichever of its records came last."""
    parts = ["_given"]
    kinds = work.view_columns(view)
    for alias, table in view.refers.items():
        given = work.given_records(table) if table != "." and work.has_context else 0
        if given:
            position = f'"{alias}_pos"'
            first = f"list_min({position})" if kinds[f"{alias}_pos"].endswith("[]") else position
            parts.append(f"coalesce({first} < {given}, FALSE)")
    return " OR ".join(parts)


def _at_delivery(fault: _Fault, work: Workspace) -> _Fault | None:
    """A fault at a delivered record: where its own is stored, at the first delivered one on which the rule stands."""
    if fault.place[1] is None or work.given(fault.place[0], fault.place[1]):
        return fault
    for place in fault.related:
        if place[1] is not None and work.given(place[0], place[1]):
            fault.related[fault.related.index(place)] = fault.place
            fault.place = place
            return fault
    return None


def _place_columns(view: RuleView) -> list[str]:
    own = ["table_name", "field_name"] if view.built_in else []
    position = ["_pos"] if view.record or view.built_in else []
    return [*own, *position, *(f"{alias}_pos" for alias in view.refers)]


def _fault(rule: Rule, view: RuleView, row: Mapping[str, Any]) -> _Fault:
    if view.built_in:
        table, name = str(row["table_name"]), str(row["field_name"])
    else:
        table, _, name = rule.fields[0].partition(".")
    fault = _Fault(rule, (table, row.get("_pos"), name), {shown: row[shown] for shown in rule.shows})
    for place in rule.fields[1:] or [f"{alias}.{name}" for alias in view.refers if view.built_in]:
        owner, _, other = place.partition(".")
        if owner == table and owner not in view.refers:
            fault.related.append((table, row.get("_pos"), other))
            continue
        target = view.refers[owner]
        positions = row[f"{owner}_pos"]
        for position in positions if isinstance(positions, list) else [positions]:
            if position is not None:
                fault.related.append((table if target == "." else target, position, other))
    return fault


def _merged(faults: Iterator[_Fault]) -> list[_Fault]:
    """One fault for each rule and place, with the related cells of all; of the data as a whole, for each thing said."""
    merged: dict[tuple[str, _Place, str], _Fault] = {}
    for fault in faults:
        said_of = repr(fault.shown) if fault.place[1] is None else ""
        same = merged.setdefault((fault.rule.id, fault.place, said_of), fault)
        same.related += [place for place in fault.related if place not in same.related]
    return list(merged.values())


def _positions(faults: list[_Fault]) -> dict[str, set[int]]:
    """The records that faults name."""
    found: dict[str, set[int]] = {}
    for fault in faults:
        for table, position, _ in (fault.place, *fault.related[:_RELATED]):
            if position is not None:
                found.setdefault(table, set()).add(position)
    return found


class _Writer:
    """Turns faults into findings: finds places, fills texts, and quotes only what may be quoted."""

    def __init__(self, work: Workspace, dataset: Records, lang: str, known: Catalogue, day: dt.date) -> None:
        self._work = work
        self._sources = dataset.sources
        self._lang = lang
        self._columns = {table: {column.name: column for column in fields(table)} for table in TABLE_NAMES}
        parameters = {name: parameter.value for name, parameter in known.parameters.items()}
        self._parameters = {name: said(value, self._lang) for name, value in {TODAY: day, **parameters}.items()}
        self._secret: set[_Place] = set()

    def keep_secret(self, faults: list[_Fault]) -> None:
        """Remember the cells that may not be quoted, in whatever finding."""
        self._secret = {fault.place for fault in faults if fault.rule.secret}

    def already_said(self, fault: _Fault, reported: set[tuple[str, int, str]]) -> bool:
        """Whether the reader of the file has already reported a cell on which the fault stands."""
        return bool(reported) and any(
            (table, self._row(table, position), name) in reported for table, position, name in self._cells(fault)
        )

    def _cells(self, fault: _Fault) -> list[_Place]:
        return [fault.place, *fault.related]

    def finding(self, fault: _Fault) -> Finding:
        """The finding of a fault."""
        table, position, name = fault.place
        rule = fault.rule
        values = self._parameters | {shown: said(value, self._lang) for shown, value in fault.shown.items()}
        source = self._sources.get(table)
        letter, header = self._column(table, name)
        row = self._row(table, position)
        return Finding(
            code=rule.id,
            severity=rule.severity,
            message=rule.text("what", self._lang, values),
            remedy=rule.text("remedy", self._lang, values),
            file=source.file if source else "",
            sheet=source.sheet if source else "",
            row=row,
            column=letter,
            header=header,
            table=table,
            key="" if row or position is None else self._key(table, position),
            value=self._value(table, position, name),
            suggestion=self._right(fault) or self._suggestion(table, position, name),
            related=tuple(self._address(place) for place in fault.related[:_RELATED] if place != fault.place),
        )

    def _row(self, table: str, position: int | None) -> int:
        return 0 if position is None else self._work.row(table, position)

    def _column(self, table: str, name: str) -> tuple[str, str]:
        """Letter and header; a precision stands in the column of its date. Without a file: the field's name."""
        source = self._sources.get(table)
        written = self._columns[table][name].info.get("precision_of", name)
        found = source.columns.get(name) or source.columns.get(written) if source else None
        return (found.letter, found.header) if found else ("", name)

    def _key(self, table: str, position: int) -> str:
        keys = key_fields(table)
        if any((table, position, key) in self._secret for key in keys):
            return ""
        return " / ".join(said(self._work.cell(table, position, key), self._lang) for key in keys)

    def _value(self, table: str, position: int | None, name: str) -> str:
        column = self._columns[table][name]
        if position is None or not column.info.get("echo") or (table, position, name) in self._secret:
            return ""
        value = self._work.cell(table, position, name)
        if column.info.get("precise") and isinstance(value, dt.date):
            precision = self._work.cell(table, position, f"{name}_precision")
            starts = precision in PRECISIONS and span(value, precision).start == value
            return span(value, precision).code if starts else value.isoformat()
        return said(value, self._lang)

    def _right(self, fault: _Fault) -> str:
        """The value that the rule itself says would be right; of a code, with its label."""
        table, _, name = fault.place
        value = said(fault.shown.get(fault.rule.suggests), self._lang)
        scheme = self._columns[table][name].info.get("classification")
        return f"{value} ({classification(scheme).label(value, self._lang)})" if value and scheme else value

    def _suggestion(self, table: str, position: int | None, name: str) -> str:
        """The nearest code for a code that its list does not have."""
        column = self._columns[table][name]
        value = self._value(table, position, name)
        if not value or "classification" not in column.info:
            return ""
        known = classification(column.info["classification"])
        return "" if value in known.codes else known.nearest(value) or ""

    def _address(self, place: _Place) -> str:
        table, position, name = place
        source, row = self._sources.get(table), self._row(table, position)
        letter, header = self._column(table, name)
        if source and row:
            return f"{source.sheet}!{letter}{row}" if source.sheet else f"{letter}{row}"
        key = "" if position is None else self._key(table, position)
        return " ".join(part for part in (table, key, header if not source else name) if part)


def said(value: object, lang: str) -> str:
    """A value as a reader sees it; dates are written as they are entered."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return messages.text("rules.yes" if value else "rules.no", lang)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.1f}" if lang == "en" else f"{value:.1f}".replace(".", ",")
    return str(int(value)) if isinstance(value, float) else str(value)
