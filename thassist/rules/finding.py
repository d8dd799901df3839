"""A finding: what is wrong, where, and what to do about it. One format for the reader, the rules and the database."""

from dataclasses import dataclass
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

    def order(self) -> tuple[str, str, int, int, str, str, str]:
        """Sorting key: by place as the user walks through the workbook, then by code."""
        return (self.file, self.sheet, self.row, len(self.column), self.column, self.code, self.key)


def errors(findings: list[Finding]) -> int:
    """How many of the findings stop an import."""
    return sum(finding.severity is Severity.ERROR for finding in findings)
