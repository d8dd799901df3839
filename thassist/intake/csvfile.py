"""Text with columns: character set, separator and line ends as they come, and what was assumed about them is said."""

import codecs
import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from thassist.errors import UnreadableInput
from thassist.intake import workbook
from thassist.intake.cells import Fault, Raw

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
#: Separators in order of preference where a file does not decide: Finnish Excel writes semicolons.
_DELIMITERS = {";": "semicolon", "\t": "tab", ",": "comma", "|": "bar"}
_SAMPLE_CHARACTERS, _SAMPLE_ROWS = 64 * 1024, 20
_CHUNK = 1 << 20


def read(source: Path | bytes, name: str) -> tuple[workbook.RawSheet, Fault]:
    """The one sheet of a CSV file, and what was assumed about the file.

    Args:
        source: the file, or its content.
        name: its name for messages.

    Raises:
        UnreadableInput: the file is no text or all blank, or a quotation mark is out of place or never closed.
    """
    codec, encoding = _encoding(source, name)
    sheet = workbook.RawSheet("", 1)
    # Bytes that even Windows-1252 does not know become U+FFFD, which the cell normaliser reports in its place.
    with io.TextIOWrapper(_open(source), encoding=codec, newline="", errors="replace") as file:
        delimiter = _delimiter(file)
        file.seek(0)
        sheet.fill(_rows(file, delimiter, name))
    if not sheet.rows and not sheet.faults:
        raise UnreadableInput("intake.file_empty", file=name)
    assumed = Fault("csv_assumed", {"encoding": encoding, "delimiter": f"delimiter_{_DELIMITERS[delimiter]}"})
    return sheet, assumed


def _open(source: Path | bytes) -> IO[bytes]:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _encoding(source: Path | bytes, file_name: str) -> tuple[str, str]:
    """Codec and its name for people: by byte order mark, by the zeros of UTF-16, else UTF-8 where it is valid."""
    with _open(source) as file:
        start = file.read(4096)
        for mark, codec, name in _BOMS:
            if start.startswith(mark):
                return codec, name
        even, odd = start[::2].count(0), start[1::2].count(0)
        if max(even, odd) * 4 > len(start) and min(even, odd) * 4 < max(even, odd):
            return ("utf-16-be", "UTF-16") if even > odd else ("utf-16-le", "UTF-16")
        if start.count(0) * 10 > len(start) > 64:
            raise UnreadableInput("intake.file_kind", file=file_name)
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", "Windows-1252"
    return "utf-8", "UTF-8"


def _delimiter(file: IO[str]) -> str:
    """The separator that gives the first row the most columns; the hint line ``sep=;`` of Excel decides."""
    sample = file.read(_SAMPLE_CHARACTERS)
    hint = _hint(sample.split("\n", 1)[0])
    if hint:
        return hint
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
            widths = [len(row) for row in itertools.islice(rows, _SAMPLE_ROWS) if any(row)]
        except csv.Error:
            continue
        if widths and widths[0] > most:
            best, most = delimiter, widths[0]
    return best


def _hint(line: str) -> str:
    line = line.strip("\ufeff \r\n").lower()
    return line[4:] if line.startswith("sep=") and line[4:] in _DELIMITERS else ""


def _rows(file: IO[str], delimiter: str, name: str) -> Iterator[list[Raw]]:
    lines: Iterator[str] = iter(file)
    first = next(lines, "")
    if not _hint(first):  # Excel does not show the hint line as a row
        lines = itertools.chain([first], lines)
    # Strict, or an unclosed quotation mark would make one cell of all the rows that follow it.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):  # noqa: B007 - the number is for the error
            yield list(row)
    except csv.Error as error:
        raise UnreadableInput("intake.csv_quote", file=name, row=number + 1) from error
