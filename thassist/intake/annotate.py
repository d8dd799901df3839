"""The user's own workbook back, with every finding at its cell: coloured, commented, and listed on a sheet of its own.

Nothing else in the workbook changes (see :mod:`thassist.intake.xlsxmarks`). A file of another format comes back as a
workbook made of its cells. The annotated workbook holds the delivered case data, and what it quotes is what the
findings quote; it can be corrected and delivered as it is, and be annotated again.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thassist import messages
from thassist.errors import StorageError, UnreadableInput
from thassist.intake import findingsheet
from thassist.intake import profile as profiles
from thassist.intake.archive import replacing
from thassist.intake.findingsheet import FINDINGS_MARK, Line
from thassist.intake.layout import headings, is_guide
from thassist.intake.plainbook import as_workbook
from thassist.intake.workbook import Workbook, index, letter, read_file
from thassist.intake.xlsxmarks import Link, Mark, clear, mark, quoted
from thassist.intake.xlsxparts import Parts
from thassist.rules.finding import Finding, Severity, alike

_CELL = re.compile(r"(?:(?P<sheet>.*)!)?(?P<column>[A-Z]{1,3})(?P<row>[1-9]\d{0,6})")
#: Findings written out in one comment, and commented cells of one sheet; the sheet of findings has them all.
_IN_COMMENT, _COMMENTED = 6, 5_000
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFORMATION: 2}


@dataclass(frozen=True)
class Annotated:
    """What was written: how many cells are marked, and under which name the findings stand."""

    cells: int
    sheet: str


@dataclass
class _Place:
    """A cell with what is said of it."""

    row: int
    column: int
    said: list[tuple[Finding, int]] = field(default_factory=list)


def annotate(
    path: Path, findings: Sequence[Finding], target: Path, *, profile_id: str, sha256: str, lang: str
) -> Annotated:
    """Write the delivered file back with its findings.

    Args:
        path: the delivered file; it is not changed.
        findings: those of :func:`thassist.intake.deliver.validate`, in their order.
        target: the workbook to write, readable by its owner only.
        profile_id: the profile by which the file was read.
        sha256: of the file as it was judged.
        lang: language of comments and of the sheet of findings.

    Raises:
        StorageError: the target is the delivered file itself, has the wrong ending, or cannot be written.
        UnreadableInput: the delivered file is not the one that was judged any more.
    """
    if target.exists() and target.samefile(path):
        raise StorageError("intake.annotate_input", file=target.name)
    book = read_file(path)
    if book.sha256 != sha256:
        raise UnreadableInput("intake.annotate_changed", file=path.name)
    with replacing(target) as written:
        parts = Parts(path) if book.kind == "xlsx" else as_workbook(book)
        if target.suffix.lower() != parts.suffix:
            raise StorageError("intake.annotate_suffix", file=target.name, suffix=parts.suffix)
        heads = headings(book, profiles.load(profile_id))
        done = _Annotation(parts, book, findings, heads, lang).write()
        written.write_bytes(parts.saved())
    return done


class _Annotation:
    """One workbook with its findings."""

    def __init__(
        self, parts: Parts, book: Workbook, findings: Sequence[Finding], heads: dict[str, int], lang: str
    ) -> None:
        self._parts, self._findings, self._heads, self._lang = parts, findings, heads, lang
        self._sheets = parts.sheets()
        old = (sheet.name for sheet in book.sheets if is_guide(sheet, FINDINGS_MARK))
        self._old = next((name for name in old if name in self._sheets), "")
        self._only = next(iter(self._sheets), "") if len(book.sheets) == 1 else ""
        self._name = self._old or self._free_name(messages.text("intake.f_title", lang))
        self._places: dict[str, dict[tuple[int, int], _Place]] = {}

    def write(self) -> Annotated:
        for part in self._sheets.values():
            clear(self._parts, part, self._old)
        lines = self._lines()
        styles = findingsheet.add_styles(self._parts)
        for sheet, places in self._places.items():
            marks = [
                Mark(one.row, one.column, styles.colours[self._worst(one)], self._comment(one, number))
                for number, one in enumerate(sorted(places.values(), key=lambda place: (place.row, place.column)))
            ]
            mark(self._parts, self._sheets[sheet], marks, self._links(sheet, places.values()))
        findingsheet.write(self._parts, self._name, lines, styles, self._lang, replace=bool(self._old))
        return Annotated(sum(map(len, self._places.values())), self._name)

    def _free_name(self, wanted: str) -> str:
        taken = {name.casefold() for name in self._sheets}
        names = (wanted, *(f"{wanted} {number}" for number in range(2, 1_000)))
        return next(name for name in names if name.casefold() not in taken)

    def _lines(self) -> list[Line]:
        """The lines of the sheet of findings; every finding and every further cell of it has one."""
        lines: list[Line] = []
        for same in alike(self._findings):
            whole = len(same) > findingsheet.TOGETHER or (len(same) == 1 and same[0].related)
            total = sum(finding.count for finding in same) if len(same) > findingsheet.TOGETHER else same[0].count
            for place, finding in enumerate(same):
                number = findingsheet.FIRST_ROW + len(lines)
                below = bool(whole) and place > 0
                told = total if whole and not place else finding.count
                lines.append(Line(finding, *self._at(finding, number), below=below, count=told))
                for cell in finding.related:
                    sheet, row, column = self._cell(cell)
                    if row:
                        number = findingsheet.FIRST_ROW + len(lines)
                        self._say(sheet, row, column, finding, number)
                        lines.append(Line(finding, sheet, f"{letter(column)}{row}", below=True, also=True))
        return lines

    def _at(self, finding: Finding, number: int) -> tuple[str, str]:
        """Sheet and cell of a finding; one about a whole row is shown at the row's first cell."""
        sheet = finding.sheet or self._only
        if sheet not in self._sheets:
            return "", ""
        if not finding.row:
            return sheet, ""
        column = index(finding.column) if finding.column else 0
        self._say(sheet, finding.row, column, finding, number)
        return sheet, f"{letter(column)}{finding.row}"

    def _cell(self, cell: str) -> tuple[str, int, int]:
        """A related cell; row 0 where it is not a cell of this workbook."""
        found = _CELL.fullmatch(cell)
        sheet = (found["sheet"] or self._only) if found else ""
        if not found or sheet not in self._sheets:
            return "", 0, 0
        return sheet, int(found["row"]), index(found["column"])

    def _say(self, sheet: str, row: int, column: int, finding: Finding, number: int) -> None:
        place = self._places.setdefault(sheet, {}).setdefault((row, column), _Place(row, column))
        place.said.append((finding, number))

    def _worst(self, place: _Place) -> Severity:
        return min((finding.severity for finding, _ in place.said), key=_WEIGHT.__getitem__)

    def _comment(self, place: _Place, number: int) -> str:
        """What is wrong with a cell and what to do, the worst first, with the line of the sheet of findings."""
        if number >= _COMMENTED:
            return ""
        said = sorted(place.said, key=lambda one: _WEIGHT[one[0].severity])
        texts = [self._words(finding, line) for finding, line in said[:_IN_COMMENT]]
        if len(said) > _IN_COMMENT:
            texts.append(messages.text("intake.f_more", self._lang, count=len(said) - _IN_COMMENT, sheet=self._name))
        return "\n\n".join(texts)

    def _words(self, finding: Finding, line: int) -> str:
        severity = messages.text(f"rules.severity_{finding.severity}", self._lang)
        words = [f"{severity[:1].upper()}{severity[1:]}: {finding.message}"]
        if finding.suggestion:
            words.append(messages.text("intake.f_suggestion_is", self._lang, suggestion=finding.suggestion))
        words.append(f"→ {finding.remedy}")
        words.append(messages.text("intake.f_line", self._lang, sheet=self._name, row=line, code=finding.code))
        return "\n".join(words)

    def _links(self, sheet: str, places: Iterable[_Place]) -> list[Link]:
        """From the header of each column to the first of its findings. Cells of data stay free of links."""
        head = self._heads.get(sheet, 0)
        first: dict[int, int] = {}
        many: dict[int, int] = {}
        for place in places:
            line = min(number for _, number in place.said)
            first[place.column] = min(line, first.get(place.column, line))
            many[place.column] = many.get(place.column, 0) + 1
        return [
            Link(
                f"{letter(column)}{head}",
                f"{quoted(self._name)}!A{first[column]}",
                messages.text("intake.f_tip", self._lang, count=many[column], sheet=self._name),
            )
            for column in sorted(first)
            if head
        ]
