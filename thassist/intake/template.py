"""Writing the intake workbook, empty or filled: drop-downs from the code lists, guidance at every column, no macros.

The headers, the guidance and the sheets come from the data dictionary and the profile ``fi-nas``, so that what is
written is what is read. The bytes depend on the content only: no clock and no user name is written.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Boolean, Date, Integer
from sqlalchemy.sql.schema import Column

from thassist import codes, dates, messages
from thassist.errors import InvalidDefinition
from thassist.intake import dictionary
from thassist.intake import profile as profiles
from thassist.intake.archive import MOMENT, new_sheet, replacing, saved
from thassist.intake.profile import SheetMap
from thassist.intake.workbook import GUIDE_MARK, STATE_MARK, SYNTHETIC_MARK, letter
from thassist.records.dataset import Dataset, empty_frame, fields
from thassist.records.trail import Anchor

PROFILE = "fi-nas"
#: Rows that have drop-downs; a sheet may hold more, then without them.
_LISTED_ROWS = 20_000
_PROMPT, _PROMPT_TITLE = 255, 32  # Excel's limits
_HEADER = Font(name="Calibri", size=11, bold=True)
_TITLE = Font(name="Calibri", size=16, bold=True)
_WRAP = Alignment(wrap_text=True, vertical="top")


def write_template(path: Path, lang: str) -> None:
    """Write the empty intake workbook in a language.

    Raises:
        StorageError: the file cannot be written.
    """
    write_workbook(Dataset({}), path, lang)


def write_workbook(
    dataset: Dataset, path: Path, lang: str, *, notes: Sequence[str] = (), state: Anchor | None = None
) -> None:
    """Write records as a filled intake workbook; reading it back gives the same records.

    Args:
        dataset: records of the national system. Where it is synthetic, the guide sheet says so.
        path: the file to write; it appears only when complete.
        lang: language of sheets, headers, guidance and code labels.
        notes: what the guide sheet says about these records, above everything else.
        state: how far the trail had come when the records were read from the database; the guide sheet keeps it, so
            that an import knows what has been stored since.

    Raises:
        InvalidDefinition: the records do not fit this layout.
        StorageError: the file cannot be written.
    """
    layout = profiles.load(PROFILE)
    _check_fits(dataset, layout.sheets)
    with replacing(path) as target:
        target.write_bytes(saved(_book(dataset, layout.sheets, lang, notes, state)))


def _book(
    dataset: Dataset, sheets: tuple[SheetMap, ...], lang: str, notes: Sequence[str], state: Anchor | None
) -> Book:
    book = Book(write_only=True)
    book.properties.title = messages.text("intake.t_title", lang)
    book.properties.language = lang
    book.properties.creator = "thassist"
    book.properties.created = book.properties.modified = MOMENT
    lists = _Lists(sheets, lang)
    _guide(book, sheets, lang, notes, state, synthetic=dataset.synthetic)
    for sheet in sheets:
        _records(book, sheet, dataset, lists, lang)
    lists.write(book)
    return book


def _new_sheet(book: Book, title: str) -> Worksheet:
    """A sheet that prints in its full width."""
    sheet = new_sheet(book, title)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    return sheet


def _check_fits(dataset: Dataset, sheets: tuple[SheetMap, ...]) -> None:
    """Whatever the layout does not ask for must be what the profile says of every record."""
    held = {sheet.subject: sheet.records[0].fields for sheet in sheets}
    for table, frame in dataset.frames.items():
        if frame.empty:
            continue
        for column in fields(table):
            if "precision_of" in column.info:
                continue
            source = held.get(table, {}).get(column.name)
            if source is not None and source.column:
                continue
            expected = source.constant if source else None
            if any(value != expected for value in frame[column.name]):
                raise InvalidDefinition("intake.not_this_layout", table=table, field=column.name, value=expected or "–")


class _Lists:
    """The sheet of code lists, and the ranges by which the drop-downs name their labels."""

    def __init__(self, sheets: tuple[SheetMap, ...], lang: str) -> None:
        self._lang = lang
        used = (name for sheet in sheets for _, column in _asked(sheet) if (name := column.info.get("classification")))
        self._lists = [codes.classification(name) for name in dict.fromkeys(used)]
        self._flags = [messages.text("intake.t_yes", lang), messages.text("intake.t_no", lang)]
        self._title = messages.text("intake.t_codes", lang)

    def label(self, classification: str, code: object) -> str:
        """The label of a code, or the code itself where the label alone would not be read back as this code."""
        known = codes.classification(classification)
        text = known.label(str(code), self._lang)
        return text if known.by_name(text) == code else str(code)

    def flag(self, value: object) -> str:
        """Yes or no."""
        return self._flags[0] if value else self._flags[1]

    def range(self, column: Column[Any]) -> str:
        """The formula of a drop-down; empty where the column has none."""
        if isinstance(column.type, Boolean):
            return self._range(0, len(self._flags))
        name = column.info.get("classification")
        if not name:
            return ""
        number = next(number for number, known in enumerate(self._lists, start=1) if known.id == name)
        return self._range(number, len(self._lists[number - 1].codes))

    def _range(self, number: int, length: int) -> str:
        column = letter(number + 1)  # column A says what the sheet is
        return f"{quote_sheetname(self._title)}!${column}$3:${column}${length + 2}"

    def write(self, book: Book) -> None:
        """One column a list under its title; column A says what the sheet is."""
        sheet = _new_sheet(book, self._title)
        sheet.freeze_panes = "B3"
        columns = [self._flags]
        columns += [[self.label(known.id, code) for code in known.codes] for known in self._lists]
        titles = [messages.text("intake.t_kind_flag", self._lang), *(known.titles[self._lang] for known in self._lists)]
        for index in range(len(columns)):
            sheet.column_dimensions[letter(index + 1)].width = 34
        sheet.column_dimensions["A"].width = 24
        sheet.append([_cell(sheet, f"{GUIDE_MARK}: codes"), *(_cell(sheet, known) for known in ["", *self._refs()])])
        sheet.append([None, *(_cell(sheet, title, _HEADER) for title in titles)])
        for row in range(max(map(len, columns))):
            sheet.append([None, *(_cell(sheet, column[row]) if row < len(column) else None for column in columns)])

    def _refs(self) -> list[str]:
        return [known.ref for known in self._lists]


def _asked(sheet: SheetMap) -> list[tuple[str, Column[Any]]]:
    """The columns of a sheet in the order of the dictionary, with the fields behind them."""
    own = {column.name: column for column in fields(sheet.subject)}
    return [(name, own[name]) for name in sheet.columns]


def _records(book: Book, layout: SheetMap, dataset: Dataset, lists: _Lists, lang: str) -> None:
    subject = dictionary.subject(layout.subject)
    sheet = _new_sheet(book, subject.titles[lang])
    sheet.freeze_panes = "A2"  # a worklist keeps its headers in sight
    asked = _asked(layout)
    for index, (name, column) in enumerate(asked):
        described = subject.fields[name]
        sheet.column_dimensions[letter(index)].width = max(16, min(40, len(described.labels[lang]) + 6))
        sheet.data_validations.append(_validation(column, described, lists, letter(index), lang))
    headers = [_cell(sheet, subject.fields[name].labels[lang], _HEADER) for name, _ in asked]
    for header in headers:
        header.alignment = _WRAP
    sheet.append(headers)
    frame = dataset.frames.get(layout.subject, empty_frame(layout.subject))
    names = [name for name, _ in asked]
    precisions = [f"{name}_precision" for name, column in asked if isinstance(column.type, Date)]
    for values in frame[[*names, *precisions]].itertuples(index=False, name=None):
        known = dict(zip([*names, *precisions], values, strict=True))
        sheet.append([_value(sheet, name, column, known, lists) for name, column in asked])


def _value(sheet: Worksheet, name: str, column: Column[Any], known: dict[str, Any], lists: _Lists) -> Any:
    """A record's value as the cell that is read back as this value."""
    value = known[name]
    if value is None:
        return None
    if isinstance(column.type, Date):
        precision = known[f"{name}_precision"]
        return value if precision == "D" else dates.span(value, precision).code
    if isinstance(column.type, Boolean):
        return lists.flag(value)
    if isinstance(column.type, Integer):
        return int(value) / 100 if column.info.get("hundredths") else int(value)
    if "classification" in column.info:
        return _text(sheet, lists.label(column.info["classification"], value))
    return _text(sheet, str(value))


def _text(sheet: Worksheet, text: str) -> "str | Cell":
    """A text that never becomes a formula or an error value; only those that could need a cell of their own."""
    return _cell(sheet, text) if text.startswith(("=", "#")) else text


def _cell(sheet: Worksheet, text: str, font: Font | None = None) -> Cell:
    """A cell with a text, never a formula."""
    cell: Cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell


def _validation(
    column: Column[Any], described: dictionary.Described, lists: _Lists, where: str, lang: str
) -> DataValidation:
    """The drop-down of a coded column, and for every column the guidance shown when one of its cells is chosen."""
    formula = lists.range(column)
    title = described.labels[lang]
    found = DataValidation(
        type="list" if formula else None,
        formula1=formula or None,
        allow_blank=True,
        showErrorMessage=bool(formula),
        showInputMessage=True,
        promptTitle=title if len(title) <= _PROMPT_TITLE else title[: _PROMPT_TITLE - 1] + "…",
        prompt=described.guidance[lang][:_PROMPT],
        errorTitle=title[:_PROMPT_TITLE] if formula else None,
        error=messages.text("intake.t_prompt_list", lang) if formula else None,
        errorStyle="warning" if formula else None,  # a code or another language's label may be typed
    )
    found.add(f"{where}2:{where}{_LISTED_ROWS}")
    return found


def _guide(
    book: Book,
    layouts: tuple[SheetMap, ...],
    lang: str,
    notes: Sequence[str],
    state: Anchor | None,
    *,
    synthetic: bool,
) -> None:
    """The first sheet: what the workbook is, the machine-readable marks, and every column with its guidance."""
    sheet = _new_sheet(book, messages.text("intake.t_guide", lang))
    for place, width in zip("ABCDE", (32, 32, 14, 34, 80), strict=True):
        sheet.column_dimensions[place].width = width

    def say(*texts: str, font: Font | None = None) -> None:
        cells = [_cell(sheet, text, font) for text in texts]
        for cell in cells[1:]:
            cell.alignment = _WRAP
        sheet.append(cells)

    sheet.row_dimensions[1].height = 24
    say(messages.text("intake.t_title", lang), font=_TITLE)
    if synthetic:
        say(messages.text("intake.t_synthetic", lang), font=_HEADER)
    for note in notes:
        say(note, font=_HEADER)
    for number in range(1, 6):
        say(messages.text(f"intake.t_intro_{number}", lang))
    say(f"{GUIDE_MARK}: {PROFILE}")
    say(f"{SYNTHETIC_MARK}: {'true' if synthetic else 'false'}")
    if state is not None:
        say(f"{STATE_MARK}: {state}")
    sheet.append([])
    heads = ("t_sheet", "t_column", "t_needed", "t_values", "t_what")
    say(*(messages.text(f"intake.{head}", lang) for head in heads), font=_HEADER)
    for layout in layouts:
        subject = dictionary.subject(layout.subject)
        say(subject.titles[lang], "", "", "", subject.guidance[lang])
        mandatory = layout.mandatory()
        for name, column in _asked(layout):
            described = subject.fields[name]
            needed = messages.text("intake.t_yes" if name in mandatory else "intake.t_no", lang)
            say(subject.titles[lang], described.labels[lang], needed, _kind(column, lang), described.guidance[lang])


def _kind(column: Column[Any], lang: str) -> str:
    """What a column holds, in words."""
    if "classification" in column.info:
        titles = codes.classification(column.info["classification"]).titles
        return messages.text("intake.t_kind_code", lang, list=titles[lang])
    if isinstance(column.type, Date):
        return messages.text("intake.t_kind_date", lang)
    if isinstance(column.type, Boolean):
        return messages.text("intake.t_kind_flag", lang)
    return messages.text("intake.t_kind_number" if isinstance(column.type, Integer) else "intake.t_kind_text", lang)
