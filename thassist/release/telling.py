"""Revisions in words: the same rows for the command, the CSV file, the JSON form and the table in a release."""

import csv
import io
from typing import Any

from thassist import messages
from thassist.release.place import Place
from thassist.release.revision import Change, Revisions
from thassist.tables.spec import load as load_table
from thassist.tables.spec import paths_of_specs

#: The columns of the CSV file, which are the same in every language.
COLUMNS = (
    *("table", "period", "codes", "figure", "old", "new", "difference", "old_status", "new_status"),
    *("reasons", "records_late", "records_corrected", "records_withdrawn", "definition_difference", "date"),
)


def reasons_said(change: Change, lang: str) -> str:
    """Why a figure changed: ``late entry (records: 2); correction (records: 1)``."""
    said = []
    for reason in change.reasons:
        cause = messages.text(f"release.cause_{reason.cause}", lang)
        told = reason.records is not None
        said.append(messages.text("release.reason_records", lang, cause=cause, count=reason.records) if told else cause)
    return "; ".join(said)


def place_said(change: Change, lang: str) -> str:
    """Which figure it is, in words where the table is defined here, else in codes."""
    if change.table not in {path.stem for path in paths_of_specs()}:
        return change.place
    spec = load_table(change.table)
    if tuple(dimension.id for dimension in spec.dimensions) != change.dimensions:
        return change.place
    return Place(spec, change.key).said(lang)


def as_json(revisions: Revisions, lang: str) -> dict[str, Any]:
    """The revisions for a machine."""
    return {
        "previous": {
            "release": revisions.release,
            "period": revisions.period,
            "snapshot": revisions.snapshot,
            "as_of": revisions.as_of.isoformat(),
        },
        "date": revisions.date.isoformat(),
        "compared": revisions.compared,
        "changed": len(revisions.changes),
        "redefined": list(revisions.redefined),
        "added": list(revisions.added),
        "dropped": list(revisions.dropped),
        "changes": [
            {
                "table": change.table,
                "period": change.key[0],
                "codes": dict(zip(change.dimensions, change.key[1:], strict=True)),
                "figure": place_said(change, lang),
                "old": change.old,
                "new": change.new,
                "difference": change.difference,
                "old_status": change.old_status,
                "new_status": change.new_status,
                "by_definition": change.by_definition,
                "reasons": [{"cause": str(reason.cause), "records": reason.records} for reason in change.reasons],
            }
            for change in revisions.changes
        ],
    }


def as_csv(revisions: Revisions, lang: str) -> str:
    """The revisions as a CSV file: UTF-8, comma, LF; one row a changed figure."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change in revisions.changes:
        records = {str(reason.cause): reason.records for reason in change.reasons}
        pairs = zip(change.dimensions, change.key[1:], strict=True)
        row = [
            *(change.table, change.key[0], "; ".join(f"{name}={code}" for name, code in pairs)),
            *(place_said(change, lang), change.old, change.new, change.difference),
            *(change.old_status, change.new_status, "+".join(str(reason.cause) for reason in change.reasons)),
            *(records.get(cause) for cause in ("late", "correction", "withdrawal")),
            *(change.by_definition, revisions.date.isoformat()),
        ]
        writer.writerow("" if value is None else value for value in row)
    return stream.getvalue()
