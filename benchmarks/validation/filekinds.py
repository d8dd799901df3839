"""Errors that happen in the workbook itself: each planted in a real file, which is then read as users deliver it.

A kind changes cells of a workbook written by the project and notes for each error where a finding may stand: the row
of a sheet, or the sheet as a whole (row 0). An error has not harmed where the value is read as it was meant, and it
is lost only where it is neither found nor understood.
"""

import datetime as dt
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FILE_KINDS: list["FileKind"] = []


@dataclass(frozen=True)
class Slip:
    """One error: sheet, rows on which a finding counts (0: the sheet), and the field that may be read as meant."""

    sheet: str
    rows: frozenset[int]
    field: str = ""


@dataclass(frozen=True)
class FileKind:
    """A kind of error in a file."""

    id: str
    about: str
    plant: Callable[["Book"], None]
    harmless: bool


def file_kind(about: str, *, harmless: bool = False) -> Callable[[Callable[["Book"], None]], None]:
    """Register a kind; ``harmless`` where the reader should understand it without a word."""

    def keep(function: Callable[["Book"], None]) -> None:
        FILE_KINDS.append(FileKind(function.__name__, about, function, harmless))

    return keep


class Book:
    """A workbook in which errors are planted."""

    def __init__(self, book: Workbook, seed: int, count: int) -> None:
        self.book = book
        self.random = random.Random(seed)
        self.count = count
        self.slips: list[Slip] = []

    def sheet(self, name: str) -> Worksheet:
        return self.book[name]

    def column(self, sheet: str, header: str) -> int:
        return [cell.value for cell in self.sheet(sheet)[1]].index(header) + 1

    def rows(self, sheet: str, header: str, fits: Callable[[Any], bool] = lambda value: value is not None) -> list[int]:
        """Rows drawn at random in which the cell fits."""
        column, last = self.column(sheet, header), self.sheet(sheet).max_row
        known = [row for row in range(2, last + 1) if fits(self.sheet(sheet).cell(row, column).value)]
        return sorted(self.random.sample(known, min(self.count, len(known))))

    def change(
        self,
        sheet: str,
        header: str,
        new: Callable[[Any], Any],
        fits: Callable[[Any], bool] = lambda value: value is not None,
        *,
        field: str = "",
        form: str = "General",
    ) -> None:
        """Change cells of a column; each is one error."""
        column = self.column(sheet, header)
        for row in self.rows(sheet, header, fits):
            cell = self.sheet(sheet).cell(row, column)
            cell.value, cell.number_format = new(cell.value), form
            self.slips.append(Slip(sheet, frozenset({row}), field))

    def whole(self, sheet: str, *rows: int) -> None:
        """Note one error of a whole sheet: a finding at the sheet, its headers or any of the rows counts."""
        self.slips.append(Slip(sheet, frozenset({0, 1, *(rows or range(2, self.sheet(sheet).max_row + 2))})))


def _date(value: Any) -> bool:
    return isinstance(value, dt.datetime)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


# --- cells -----------------------------------------------------------------------------------------------------------


@file_kind("A number written as a word")
def number_as_word(book: Book) -> None:
    book.change("Client episodes", "Number of the episode", lambda _: "first")


@file_kind("A number with its unit in the cell (1200 €)")
def number_with_unit(book: Book) -> None:
    book.change("Services", "Cost, euros", lambda value: f"{value} €", _number, field="cost_cents")


@file_kind("A number as text with a decimal comma", harmless=True)
def decimal_comma(book: Book) -> None:
    book.change("Services", "Cost, euros", lambda value: f"{value:.2f}".replace(".", ","), _number, field="cost_cents")


@file_kind("A fraction where whole numbers belong (1.5)")
def fraction(book: Book) -> None:
    book.change("Client episodes", "Number of the episode", lambda value: value + 0.5)


@file_kind("A negative number")
def negative_number(book: Book) -> None:
    book.change("Services", "Cost, euros", lambda value: -value, lambda value: _number(value) and value > 0)


@file_kind("A date typed as text the Finnish way (5.3.2024)", harmless=True)
def date_as_text(book: Book) -> None:
    book.change(
        "Referrals", "Received", lambda day: f"{day.day}.{day.month}.{day.year}", _date, field="received_date", form="@"
    )


@file_kind("A date typed as text the American way (03/25/2024)")
def date_american(book: Book) -> None:
    book.change(
        "Referrals", "Received", lambda day: f"{day:%m/%d/%Y}", lambda day: _date(day) and day.day > 12,
        field="received_date", form="@",
    )  # fmt: skip


@file_kind("A date with a year of two digits (5.3.24)")
def date_short_year(book: Book) -> None:
    book.change(
        "Referrals", "Received", lambda day: f"{day.day}.{day.month}.{day:%y}", _date, field="received_date", form="@"
    )


@file_kind("A day that does not exist (31.2.2024)")
def date_impossible(book: Book) -> None:
    book.change("Referrals", "Received", lambda day: f"31.2.{day.year}", _date, form="@")


@file_kind("A date in words (spring 2023)")
def date_in_words(book: Book) -> None:
    book.change("Referrals", "Received", lambda day: f"spring {day.year}", _date, form="@")


@file_kind("A date that lost its format: Excel's serial number (45000)")
def date_serial(book: Book) -> None:
    book.change(
        "Referrals", "Received", lambda day: (day.date() - dt.date(1899, 12, 30)).days, _date, field="received_date"
    )


@file_kind("A date with a time of day")
def date_with_time(book: Book) -> None:
    book.change(
        "Referrals", "Received", lambda day: day.replace(hour=13, minute=5), _date, field="received_date",
        form="yyyy-mm-dd hh:mm",
    )  # fmt: skip


@file_kind("Blanks after a choice", harmless=True)
def blanks_after_choice(book: Book) -> None:
    book.change("Persons", "Sex", lambda value: f"{value}  ", field="sex")


@file_kind("A no-break space after a key", harmless=True)
def odd_blank_in_key(book: Book) -> None:
    book.change("Client episodes", "Person key", lambda value: f"{value}\u00a0", field="person_id")


@file_kind("An invisible sign inside a key")
def invisible_sign(book: Book) -> None:
    book.change("Client episodes", "Person key", lambda value: f"{value[:2]}\u200b{value[2:]}", field="person_id")


@file_kind("A choice mistyped (Femle)")
def choice_mistyped(book: Book) -> None:
    book.change("Persons", "Sex", lambda value: value[:3] + value[4:])


@file_kind("A choice in another language (Nainen)", harmless=True)
def choice_in_finnish(book: Book) -> None:
    book.change("Persons", "Sex", lambda _: "Nainen", lambda value: value == "Female", field="sex")


@file_kind("A tick (x) for yes", harmless=True)
def tick(book: Book) -> None:
    book.change("Client episodes", "New client", lambda _: "x", lambda value: value == "yes", field="is_new")


@file_kind("Two choices in one cell (A; B)")
def two_choices(book: Book) -> None:
    book.change("Forms of exploitation", "Form", lambda value: f"{value}; Other")


@file_kind("A key that the program turned into a date")
def key_as_date(book: Book) -> None:
    days = itertools.count()
    first = dt.datetime.fromisoformat("2024-03-05")
    book.change("Referrals", "Referral key", lambda _: first + dt.timedelta(days=next(days)), form="yyyy-mm-dd")


@file_kind("An error value of the program (#REF!)")
def error_value(book: Book) -> None:
    book.change("Referrals", "Received", lambda _: "#REF!")


@file_kind("A formula without a stored result")
def formula(book: Book) -> None:
    book.change("Referrals", "Received", lambda _: "=TODAY()-3")


@file_kind("A question mark for what is not known")
def question_mark(book: Book) -> None:
    book.change("Decisions", "Date of decision", lambda _: "?")


@file_kind("A remark beside the value (Female (check))")
def remark_in_cell(book: Book) -> None:
    book.change("Persons", "Sex", lambda value: f"{value} (check)")


@file_kind("A personal identity code in a cell of a key")
def identity_code(book: Book) -> None:
    book.change("Referrals", "Person key", lambda _: "010190-900P")


# --- rows and columns ------------------------------------------------------------------------------------------------


@file_kind("The cells of a row moved one column to the right")
def row_shifted(book: Book) -> None:
    sheet = book.sheet("Client episodes")
    for row in book.rows("Client episodes", "Role"):
        values = [cell.value for cell in sheet[row]]
        for column, value in enumerate([None, *values], start=1):
            sheet.cell(row, column).value = value
        book.slips.append(Slip("Client episodes", frozenset({row})))


@file_kind("A column moved down by one row")
def column_shifted_down(book: Book) -> None:
    sheet, column = book.sheet("Client episodes"), book.column("Client episodes", "Date of admission")
    values = [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]
    for row, value in enumerate([None, *values], start=2):
        sheet.cell(row, column).value = value
    book.whole("Client episodes")


@file_kind("A sheet sorted by one column only")
def column_sorted_alone(book: Book) -> None:
    sheet, column = book.sheet("Client episodes"), book.column("Client episodes", "Date of admission")
    values = [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]
    for row, value in enumerate(sorted(values, key=str, reverse=True), start=2):
        sheet.cell(row, column).value = value
    book.whole("Client episodes")


@file_kind("A row copied to the end and not changed")
def row_copied_in_file(book: Book) -> None:
    sheet = book.sheet("Referrals")
    for row in book.rows("Referrals", "Referral key"):
        sheet.append([cell.value for cell in sheet[row]])
        book.slips.append(Slip("Referrals", frozenset({row, sheet.max_row})))


@file_kind("Two cells of a column merged into one")
def cells_merged(book: Book) -> None:
    sheet, column = book.sheet("Persons"), book.column("Persons", "Sex")
    for row in range(2, min(sheet.max_row, 2 * book.count), 2):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
        book.slips.append(Slip("Persons", frozenset({row, row + 1})))


@file_kind("A header mistyped (Sx)")
def header_mistyped(book: Book) -> None:
    book.sheet("Persons").cell(1, book.column("Persons", "Sex")).value = "Sx"
    book.whole("Persons")


@file_kind("A header deleted")
def header_deleted(book: Book) -> None:
    book.sheet("Persons").cell(1, book.column("Persons", "Sex")).value = None
    book.whole("Persons")


@file_kind("The same header twice")
def header_twice(book: Book) -> None:
    sheet = book.sheet("Client episodes")
    sheet.cell(1, book.column("Client episodes", "Date of exit")).value = "Date of admission"
    book.whole("Client episodes")


@file_kind("The headers of two dates exchanged")
def headers_exchanged(book: Book) -> None:
    sheet = book.sheet("Client episodes")
    first, second = (book.column("Client episodes", name) for name in ("Date of admission", "Date of exit"))
    sheet.cell(1, first).value, sheet.cell(1, second).value = sheet.cell(1, second).value, sheet.cell(1, first).value
    book.whole("Client episodes")


@file_kind("An empty row above the headers")
def row_above_headers(book: Book) -> None:
    book.sheet("Persons").insert_rows(1)
    book.whole("Persons")


@file_kind("A total below the rows")
def total_below(book: Book) -> None:
    sheet = book.sheet("Services")
    sheet.append(["Total", None, None, None, None, None, None, 12345])
    book.whole("Services", sheet.max_row)


@file_kind("A remark below the rows")
def remark_below(book: Book) -> None:
    sheet = book.sheet("Persons")
    sheet.cell(sheet.max_row + 2, 1).value = "Checked on Friday"
    book.whole("Persons", sheet.max_row)


@file_kind("Rows of another sheet pasted in")
def rows_of_another_sheet(book: Book) -> None:
    sheet = book.sheet("Referrals")
    for row in book.rows("Decisions", "Decision key"):
        sheet.append([cell.value for cell in book.sheet("Decisions")[row]][:10])
        book.slips.append(Slip("Referrals", frozenset({sheet.max_row})))


@file_kind("A sheet renamed")
def sheet_renamed(book: Book) -> None:
    book.sheet("Citizenships").title = "Sheet1"
    book.slips.append(Slip("Sheet1", frozenset(range(5000))))


@file_kind("A child sheet deleted")
def sheet_deleted(book: Book) -> None:
    del book.book["Citizenships"]
    book.slips.append(Slip("Persons", frozenset(range(5000))))


# --- what the reader should understand -------------------------------------------------------------------------------


@file_kind("Empty rows between the rows", harmless=True)
def empty_rows(book: Book) -> None:
    book.sheet("Persons").insert_rows(3, 2)
    book.slips.append(Slip("Persons", frozenset({3, 4})))


@file_kind("The columns in another order", harmless=True)
def columns_reordered(book: Book) -> None:
    sheet = book.sheet("Persons")
    for row in range(1, sheet.max_row + 1):
        values = [cell.value for cell in sheet[row]]
        for column, value in enumerate(reversed(values), start=1):
            sheet.cell(row, column).value = value
    book.slips.append(Slip("Persons", frozenset({0, 1})))
