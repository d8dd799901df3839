"""What of the stored records stands against a delivery: other values under its keys, and what others did meanwhile.

No value and no key is said: a finding names the row, or the sheet and a number.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from thassist import messages
from thassist.intake.changes import field_names
from thassist.intake.judge import Delivery
from thassist.records.dataset import TABLE_NAMES, key_fields
from thassist.records.model import ChangeEntry
from thassist.records.plan import Conflict, batch_of, compare, conflicts
from thassist.records.trail import Anchor, written_key
from thassist.records.values import plain_rows
from thassist.rules.finding import Finding, Severity

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Records of the trail: table and written key → whether somebody else than the importer was the last to touch it.
_Touched = dict[tuple[str, str], bool]


def against(delivery: Delivery, found: Iterable[Conflict], lang: str) -> list[Finding]:
    """A finding for each record of a delivery that contradicts another."""
    made = _Maker(delivery, lang)
    findings = []
    for conflict in found:
        kind = "key_twice" if conflict.within else "key_conflict" if conflict.fields else "key_withdrawn"
        names = ", ".join(field_names(conflict.table, conflict.fields, lang))
        findings.append(made.finding(kind, conflict.table, made.row(conflict), fields=names))
    return sorted(findings, key=Finding.order)


def outdated(connection: "Connection", delivery: Delivery, lang: str, *, by: str) -> list[Finding]:
    """What a workbook that the program wrote would undo, because it does not know of it.

    A record that the workbook leaves out is withdrawn only as it was when the workbook was written. A record that it
    holds replaces no values that another account stored since; one's own may be corrected with the same workbook.

    Args:
        connection: by which the delivery is judged or stored.
        delivery: the delivery.
        lang: language of the findings.
        by: the account that imports.
    """
    if delivery.written is None or not delivery.acceptable:
        return []
    withdrawn = delivery.withdrawals
    if batch_of(connection, delivery.sha256) is not None and not withdrawn:
        return []  # nothing would be done
    differing = list(conflicts(compare(connection, plain_rows(delivery.dataset))))
    if not differing and not withdrawn:
        return []
    made = _Maker(delivery, lang)
    if not _knows(connection, delivery.written):
        return [made.finding("other_state")]
    touched = _touched(connection, delivery.written, by)
    findings = [
        made.finding("newer_stored", one.table, made.row(one))
        for one in differing
        if touched.get((one.table, written_key(one.key.values())))
    ]
    for table, rows in withdrawn.items():
        names = key_fields(table)
        count = sum((table, written_key([row[name] for name in names])) in touched for row in rows)
        if count:
            findings.append(made.finding("newer_left_out", table, count=count))
    return sorted(findings, key=Finding.order)


def _knows(connection: "Connection", written: Anchor) -> bool:
    """Whether the trail once had come as far as this."""
    ends = select(ChangeEntry.seq_no, ChangeEntry.hash).where(ChangeEntry.seq_no.in_({1, written.entries}))
    hashes = {row.seq_no: row.hash for row in connection.execute(ends)}
    return hashes.get(1) == written.first and hashes.get(written.entries) == written.head


def _touched(connection: "Connection", written: Anchor, by: str) -> _Touched:
    """The records that were stored, changed or withdrawn since."""
    entry = ChangeEntry
    query = (
        select(entry.record_table, entry.record_key, entry.recorded_by)
        .where(entry.seq_no > written.entries, entry.record_table.in_(TABLE_NAMES))
        .order_by(entry.seq_no)
    )
    return {(table, key): account != by for table, key, account in connection.execute(query)}


class _Maker:
    """Findings on the records of a delivery."""

    def __init__(self, delivery: Delivery, lang: str) -> None:
        self._dataset, self._lang = delivery.dataset, lang
        self._rows: dict[str, dict[tuple[object, ...], int]] = {}

    def row(self, conflict: Conflict) -> int:
        """The row of a record as the spreadsheet shows it."""
        table, key = conflict.table, key_fields(conflict.table)
        if table not in self._rows:
            frame = self._dataset.frames[table][[*key, "_row"]]
            self._rows[table] = {tuple(one): int(row) for *one, row in frame.itertuples(index=False)}
        return self._rows[table].get(tuple(conflict.key[name] for name in key), 0)

    def finding(self, kind: str, table: str = "", row: int = 0, **params: Any) -> Finding:
        source = self._dataset.sources.get(table)
        return Finding(
            code=f"intake.{kind}",
            severity=Severity.ERROR,
            message=messages.text(f"intake.{kind}", self._lang, **params),
            remedy=messages.text(f"intake.{kind}", self._lang, part="remedy", **params),
            file=source.file if source else "",
            sheet=source.sheet if source else "",
            row=row,
            table=table,
        )
