"""Which sheet is which, and which column is what: a workbook against the layout of a profile."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from thassist.intake import dictionary
from thassist.intake.cells import Fault, Raw, blank, blocked, plain
from thassist.intake.profile import ANY_SHEET, Profile, SheetMap, folded
from thassist.intake.report import Place, Report
from thassist.intake.workbook import GUIDE_MARK, RawSheet, Workbook, letter

#: Deliveries of other systems, which leave out the tables that they have nothing for.
_SETS = frozenset({"csvset", "json"})
#: Absent columns beyond so many are told in one finding: layouts of others have many that a delivery may leave out.
_MANY = 12
_NEAR = 0.6  # difflib's ratio from which one name is taken for a slip of another


@dataclass(frozen=True, slots=True)
class Placed:
    """A column of the layout, found in the file: zero-based index and header as written."""

    index: int
    header: str

    @property
    def letter(self) -> str:
        """As the spreadsheet shows it."""
        return letter(self.index)


@dataclass(frozen=True)
class Match:
    """A sheet of the file with the sheet of the layout that it is.

    Attributes:
        raw: the sheet of the file.
        layout: the sheet of the layout.
        columns: column id → where it stands.
        headed: the zero-based columns that have any header.
    """

    raw: RawSheet
    layout: SheetMap
    columns: Mapping[str, Placed]
    headed: frozenset[int]

    @cached_property
    def read(self) -> frozenset[int]:
        """The zero-based columns that are part of the layout."""
        return frozenset(placed.index for placed in self.columns.values())

    def place(self, row: int = 0, column: str = "", header: str = "", table: str = "", field: str = "") -> Place:
        """A place on this sheet."""
        return Place(self.raw.number, self.raw.name, row, column, header, table, field)


def match(book: Workbook, profile: Profile, report: Report, lang: str) -> list[Match]:
    """The sheets that can be read, with a finding for each that is missing, misnamed, repeated or not ours."""
    if book.one_table:
        return _match_csv(book.sheets[0], profile, report, lang)
    pairs, unused, missing = _by_name(book.sheets, profile, report)
    if not pairs:
        report.structure_broken = True
        report.add(Fault("no_subject", {"profile": profile.id}), Place())
        return []
    absent = []
    for layout in missing:
        title = _title(layout, lang)
        near = _nearest(layout.names, {sheet.name: sheet for sheet in unused})
        if near is not None:
            unused.remove(near)
            pairs.append((near, layout))
            report.add(Fault("sheet_missing", {"sheet": title}, title), Place(near.number, near.name))
        elif layout.required and book.kind in _SETS:
            absent.append(title)
        elif layout.required:
            report.structure_broken = True
            report.add(Fault("sheet_missing", {"sheet": title}), Place())
    if absent:
        report.add(Fault("tables_absent", {"tables": ", ".join(absent)}), Place())
    for sheet in unused:
        if sheet.rows and not sheet.hidden and not is_guide(sheet):
            report.add(Fault("sheet_unknown", {"number": sheet.number}), Place(sheet.number))
    pairs.sort(key=lambda pair: pair[0].number)
    found = (_columns(sheet, layout, report, lang) for sheet, layout in pairs)
    return [one for one in found if one is not None]


def headings(book: Workbook, profile: Profile) -> dict[str, int]:
    """Row of the headers of each sheet that is part of the layout, by the sheet's name."""
    found = match(book, profile, Report(book.file, "en"), "en")
    return {one.raw.name: one.layout.header_row for one in found}


def is_guide(sheet: RawSheet, mark: str = GUIDE_MARK) -> bool:
    """Whether a sheet is the guide, the code lists or the findings of our own workbook."""
    return any(
        isinstance(cell, str) and cell.startswith(mark)
        for _, cells in sheet.rows[:50]
        for cell in cells[:2]
    )  # fmt: skip


def _by_name(
    sheets: list[RawSheet], profile: Profile, report: Report
) -> tuple[list[tuple[RawSheet, SheetMap]], list[RawSheet], list[SheetMap]]:
    pairs: list[tuple[RawSheet, SheetMap]] = []
    unused, missing = list(sheets), []
    for layout in profile.sheets:
        names = {folded(name) for name in layout.names}
        same = [sheet for sheet in unused if folded(plain(sheet.name)) in names]
        if not same and ANY_SHEET in layout.names:
            same = [sheet for sheet in unused if sheet.rows][:1]
        for extra in same[1:]:
            report.structure_broken = True
            report.add(Fault("sheet_twice"), Place(extra.number, extra.name))
        unused = [sheet for sheet in unused if sheet not in same]
        if same:
            pairs.append((same[0], layout))
        else:
            missing.append(layout)
    return pairs, unused, missing


def _nearest(names: Iterable[str], sheets: Mapping[str, RawSheet]) -> RawSheet | None:
    written = {folded(name): sheet for name, sheet in sheets.items()}
    for name in names:
        near = difflib.get_close_matches(folded(name), written, n=1, cutoff=_NEAR)
        if near:
            return written[near[0]]
    return None


def _match_csv(sheet: RawSheet, profile: Profile, report: Report, lang: str) -> list[Match]:
    """A single table is the one of the layout whose headers it has."""
    known = [(len(_recognised(sheet, layout)), -number) for number, layout in enumerate(profile.sheets)]
    most, number = max(known)
    if not most:
        report.structure_broken = True
        report.add(Fault("no_subject", {"profile": profile.id}), Place(1))
        return []
    found = _columns(sheet, profile.sheets[-number], report, lang)
    return [found] if found else []


def _header(sheet: RawSheet, layout: SheetMap) -> list[Raw]:
    return next((cells for row, cells in sheet.rows if row == layout.header_row), [])


def _name(raw: Raw) -> str:
    """A header as compared; the mark of a mandatory column is not part of it."""
    return folded(plain(raw).rstrip(" *"))


def _recognised(sheet: RawSheet, layout: SheetMap) -> set[str]:
    accepted = _accepted(layout)
    return {accepted[name] for name in map(_name, _header(sheet, layout)) if name in accepted}


def _accepted(layout: SheetMap) -> dict[str, str]:
    return {folded(header): column for column, headers in layout.columns.items() for header in headers}


def _title(layout: SheetMap, lang: str) -> str:
    return dictionary.subject(layout.subject).titles[lang] if layout.subject else layout.names[0]


def _label(layout: SheetMap, column: str, lang: str) -> str:
    return dictionary.label(layout.subject, column, lang) if layout.subject else layout.columns[column][0]


def _columns(sheet: RawSheet, layout: SheetMap, report: Report, lang: str) -> Match | None:
    """The columns of a sheet; None where no header is known."""
    header, row = _header(sheet, layout), layout.header_row
    accepted = _accepted(layout)
    placed: dict[str, Placed] = {}
    strange: list[int] = []
    for index, raw in enumerate(header):
        column = accepted.get(_name(raw))
        if column is None:
            if not blank(raw):
                strange.append(index)
        elif column in placed:
            other = placed[column].letter
            report.structure_broken = True
            fault = Fault("column_twice", {"header": _label(layout, column, lang), "other": other})
            report.add(fault, Place(sheet.number, sheet.name, row, letter(index), plain(raw)))
        else:
            placed[column] = Placed(index, plain(raw))
    if not placed:
        report.structure_broken = True
        report.add(Fault("headers_missing", {"row": row}), Place(sheet.number, sheet.name, row))
        return None
    headed = frozenset(index for index, raw in enumerate(header) if not blank(raw))
    found = Match(sheet, layout, placed, headed)
    _missing(found, header, strange, report, lang)
    for index in strange:
        fault = blocked(header[index]) or Fault("column_unknown")
        report.add(fault, Place(sheet.number, sheet.name, row, letter(index)))
    return found


def _missing(found: Match, header: list[Raw], strange: list[int], report: Report, lang: str) -> None:
    """Findings for the columns that are not there. One whose header is nearly right is read all the same."""
    placed: dict[str, Placed] = found.columns  # type: ignore[assignment]  # being filled
    mandatory, row = found.layout.mandatory(), found.layout.header_row
    absent: list[str] = []
    for column, headers in found.layout.columns.items():
        if column in placed or column in found.layout.without_place or column in found.layout.refused:
            continue
        label = _label(found.layout, column, lang)
        written = {_name(header[index]): index for index in strange}
        near = [near for name in headers for near in difflib.get_close_matches(folded(name), written, 1, _NEAR)]
        if near:
            index = written[near[0]]
            strange.remove(index)
            placed[column] = Placed(index, plain(header[index]))
            place = found.place(row, letter(index), plain(header[index]))
            report.add(Fault("column_missing", {"header": label}, label), place)
        elif column in mandatory:
            report.structure_broken = True
            report.add(Fault("column_missing", {"header": label}), found.place(row))
        else:
            absent.append(label)
    if len(absent) > _MANY:
        report.add(Fault("columns_absent", {"headers": ", ".join(absent)}), found.place(row))
    else:
        for label in absent:
            report.add(Fault("column_absent", {"header": label}), found.place(row))
