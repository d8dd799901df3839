"""A finding: what is wrong, where, and what to do about it. One format for the reader, the rules and the database."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error stops the import, a warning asks, an information tells."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: the rule (``R04``) or the reader's message (``IN012``).
        severity: see :class:`Severity`.
        message: what is wrong, in the user's language.
        remedy: what to do, in the user's language.
        file, sheet: as the user knows them; empty where there is none.
        row: row number as the spreadsheet shows it; 0 for the whole sheet.
        column: column letter; empty for the whole row.
        header: the column's header as written.
        table, key: the record, by table and key (``person_id`` and the like), for findings in the database.
        value: the cell, only where the field may be echoed.
        suggestion: a value that would be right, or an empty string.
        related: further cells of the same fault, as ``sheet!C12``.
        count: how many findings this one stands for; more than 1 only after :func:`grouped`.
        cause: what findings have in common whose messages differ in a figure; where it is empty, the message says it.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    header: str = ""
    table: str = ""
    key: str = ""
    value: str = ""
    suggestion: str = ""
    related: tuple[str, ...] = ()
    count: int = 1
    cause: str = ""

    def order(self) -> tuple[str, str, int, int, str, str, str]:
        """Sorting key: by place as the user walks through the workbook, then by code."""
        return (self.file, self.sheet, self.row, len(self.column), self.column, self.code, self.key)

    @property
    def cell(self) -> str:
        """The place as a spreadsheet writes it (``Sheet!C12``), or ``table key`` for a stored record."""
        if self.row:
            address = f"{self.column}{self.row}" if self.column else str(self.row)
            return f"{self.sheet}!{address}" if self.sheet else address
        return " ".join(part for part in (self.sheet or self.table, self.key) if part)


#: As many findings on figures of one table, by one cause, are shown one by one.
_FIGURES = 2


def errors(findings: Iterable[Finding]) -> int:
    """How many of the findings stop an import."""
    return sum(finding.count for finding in findings if finding.severity is Severity.ERROR)


def alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings by cause: those with the same code, message and column together, in the order of the first ones."""
    found: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        what = (
            finding.code,
            finding.cause or finding.message,
            finding.file,
            finding.sheet,
            finding.column,
            finding.table,
        )
        found.setdefault(what, []).append(finding)
    return list(found.values())


def grouped(findings: Iterable[Finding], limit: int = 10) -> list[Finding]:
    """The findings for a reader: one line where one cause is repeated down a column.

    Findings with the same code, message (or cause) and column are alike. Where more than ``limit`` are alike, one
    stands for all: it keeps the place of the first, names the next ones in ``related`` (``limit`` in all) and has the
    exact number in ``count``. Figures of one table that break a rule by one cause are told so from the third on.
    """
    shown: list[Finding] = []
    for same in alike(findings):
        if len(same) <= (_FIGURES if same[0].cause else limit):
            shown.extend(same)
            continue
        places = tuple(finding.cell if finding.row else finding.key or finding.cell for finding in same[1:limit])
        total = sum(finding.count for finding in same)
        shown.append(replace(same[0], related=places, count=total, value="", suggestion=""))
    return sorted(shown, key=Finding.order)
