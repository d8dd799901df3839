"""From rows to records: every cell read once by the normaliser, every record with the row that it came from."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Boolean, Date, Integer
from sqlalchemy.sql.schema import Column

from thassist import codes
from thassist.intake import cells, dictionary
from thassist.intake.asides import Asides
from thassist.intake.cells import EMPTY, Fault, Raw, Reading
from thassist.intake.layout import Match, Placed, match
from thassist.intake.profile import FieldSource, Flags, Profile, RecordMap, folded
from thassist.intake.report import Place, Report
from thassist.intake.workbook import SYNTHETIC_MARK, Workbook, letter
from thassist.records.dataset import TABLE_NAMES, Dataset, Source, SourceColumn, empty_frame, fields
from thassist.records.pseudonym import Pseudonymiser, open_secret
from thassist.rules import personal

_Record = dict[str, Any]


def assemble(book: Workbook, profile: Profile, report: Report, *, lang: str, today: dt.date) -> Dataset:
    """The records of a file by a profile; whatever is wrong goes to the report, and such a cell is left empty.

    Args:
        book: the file as read.
        profile: its layout.
        report: takes the faults.
        lang: language of the suggestions.
        today: the day from which the window of plausible years is counted.
    """
    for fault in book.faults:
        report.add(_in_language(fault, lang), Place())
    rows: dict[str, list[_Record]] = {table: [] for table in TABLE_NAMES}
    sources: dict[str, Source] = {}
    for found in match(book, profile, report, lang):
        for row, fault in found.raw.faults:
            if row >= found.layout.header_row:
                report.add(fault, found.place(row))
        for record in found.layout.records:
            sources[record.table] = _source(book.file, found, record, sources.get(record.table))
        makers = [_Maker(found, record, book.sha256, report, lang, today) for record in found.layout.records]
        asides = Asides(found)
        for row, raw in found.raw.rows:
            if row > found.layout.header_row:
                _check_shape(found, row, raw, report, whole=book.kind in {"csv", "csvset"})
                asides.take(raw)
                for maker in makers:
                    rows[maker.table].extend(maker.records(row, raw))
        asides.tell(report, lang)
    if not any(rows.values()) and not report.structure_broken:
        report.add(Fault("no_rows"), Place())
    return Dataset(
        frames={table: empty_frame(table, records) for table, records in rows.items()},
        sources=sources,
        synthetic=profile.synthetic or "true" in book.marks(SYNTHETIC_MARK),
    )


def _in_language(fault: Fault, lang: str) -> Fault:
    """A placeholder that is itself an entry of the catalogue, in words."""
    from thassist import messages

    named = {
        name: messages.text(f"intake.{value}", lang) if str(value).startswith("delimiter_") else value
        for name, value in fault.params.items()
    }
    return Fault(fault.code, named, fault.suggestion)


def _source(file: str, found: Match, record: RecordMap, known: Source | None) -> Source:
    """Where the fields of a table stand; a field read from several columns has no one place."""
    columns: dict[str, SourceColumn] = {}
    for name, source in record.fields.items():
        placed = found.columns.get(source.column or (record.each_column if source.part else ""))
        if placed:
            columns[name] = SourceColumn(placed.letter, placed.header)
    if known is not None:
        columns = {name: column for name, column in columns.items() if known.columns.get(name) == column}
    return Source(file, found.raw.name, columns)


def _check_shape(found: Match, row: int, raw: list[Raw], report: Report, *, whole: bool) -> None:
    """Values without a header, rows of a text file that are cut short, and persons named in columns that are not read.

    A finding about an unread column says neither its header nor its value: who knows what stands there.
    """
    for index, cell in enumerate(raw):
        if cell is not None and cell != "" and index not in found.headed and not cells.blank(cell):
            report.add(Fault("row_longer"), found.place(row, letter(index)))
            break
    for index, cell in enumerate(raw):
        if isinstance(cell, str) and index not in found.read and (kind := personal.found(cell)):
            report.add(Fault(kind), found.place(row, letter(index)))
    if whole and len(raw) <= max(found.headed):
        report.add(Fault("row_shorter"), found.place(row))


@dataclass
class _Cell:
    """How one field is read: from which column, by what, and whether the cell may be quoted."""

    name: str
    source: FieldSource
    placed: Placed | None
    read: Callable[[Raw], Reading]
    echo: bool
    dated: bool
    seen: dict[tuple[type, Raw], Reading] = field(default_factory=dict)

    def reading(self, raw: Raw) -> Reading:
        """The cell as read; equal cells are read once."""
        key = (type(raw), raw)
        found = self.seen.get(key)
        if found is None:
            fault = cells.blocked(raw)
            if fault and self.source.derived and fault.code in personal.KINDS:
                fault = None  # an identifier of the delivering system, of which only the derived key is kept
            found = Reading(fault=fault) if fault else self.read(raw)
            if len(self.seen) < _REMEMBERED:
                self.seen[key] = found
        return found


_REMEMBERED = 10_000


class _Maker:
    """Makes the records of one table from the rows of one sheet."""

    def __init__(self, found: Match, record: RecordMap, sha256: str, report: Report, lang: str, today: dt.date) -> None:
        self.table = record.table
        self._found, self._record, self._report = found, record, report
        self._sha = sha256[:12]
        self._lang, self._today = lang, today
        derives = any(source.derived for source in record.fields.values())
        self._pseudonymiser = open_secret() if derives else None
        own = {column.name: column for column in fields(record.table)}
        self._said: set[tuple[Any, ...]] = set()
        self._cells = [self._cell(own[name], source) for name, source in record.fields.items()]
        others = {name for names in record.unless.values() for name in names}
        self._silent = {name: found.layout.silent(name) for name in record.columns() | others}
        self._split = re.compile("|".join(map(re.escape, record.separators)) or r"(?!)")

    def _cell(self, column: Column[Any], source: FieldSource) -> _Cell:
        placed = self._found.columns.get(source.column or (self._record.each_column if source.part else ""))
        read = self._reader(column, source.scheme)
        if source.derived:
            read = _derived(self._pseudonymiser, source.derived)
        elif source.values is not None:
            read = _mapped(read, source.values, quote=bool(column.info.get("echo")), otherwise=source.open_map)
        if source.separators:
            read = _one_of_several(read, source)
        if self._found.layout.missing:
            name = source.column or (self._record.each_column if source.part else "")
            read = _or_missing(read, self._found.layout.silent(name), source.values or {})
        dated = isinstance(column.type, Date)
        return _Cell(column.name, source, placed, read, bool(column.info.get("echo")), dated)

    def _reader(self, column: Column[Any], scheme: str) -> Callable[[Raw], Reading]:
        lang = self._lang
        if scheme:
            known = codes.classification(scheme)
            return lambda raw: cells.read_code(raw, known, lang)
        if isinstance(column.type, Date):
            window = dictionary.window(self.table, column.name, self._today)
            return lambda raw: cells.read_date(raw, window)
        if isinstance(column.type, Boolean):
            return cells.read_boolean
        if isinstance(column.type, Integer):
            return cells.read_hundredths if column.info.get("hundredths") else cells.read_integer
        if digits := int(column.info.get("digits", 0)):
            return lambda raw: cells.read_digits(raw, digits)
        limit = getattr(column.type, "length", None) or _LONGEST
        written = not (column.primary_key or column.foreign_keys or "digits" in column.info)
        return lambda raw: cells.read_text(raw, limit=limit, written=written)

    def records(self, row: int, raw: list[Raw]) -> Iterator[_Record]:
        """The records of one row: one, none, or one for every part of a cell with several values."""
        for record in self._made(row, raw):
            if self._record.distinct:
                said = tuple(value for name, value in record.items() if name != "_row")
                if said in self._said:
                    continue
                self._said.add(said)
            yield record

    def _made(self, row: int, raw: list[Raw]) -> Iterator[_Record]:
        if not self._record.each_column and self._record.flags is None:
            record = self._one(row, raw, None)
            if record is not None:
                yield record
            return
        made: list[_Record] = []
        parts = self._flagged(row, raw, self._record.flags) if self._record.flags else self._parts(row, raw)
        for part in parts:
            if self._told_better(raw, part):
                continue
            record = self._one(row, raw, part)
            if record is not None and record not in made:  # a value said twice in one cell is said once
                made.append(record)
        yield from made

    def _parts(self, row: int, raw: list[Raw]) -> list[Raw]:
        """The values of the cell with several values."""
        placed = self._found.columns.get(self._record.each_column)
        whole = _at(raw, placed)
        by_part = [cell for cell in self._cells if cell.source.part]
        if cells.blank(whole):
            return [None] if any(cell.source.blank for cell in by_part) else []
        if cells.blocked(whole) or not isinstance(whole, str):
            return [whole]
        text = cells.plain(whole)
        if self._record.each_values is not None:
            mapped = self._record.each_values.get(folded(text))
            if mapped is None:
                self._fault(by_part[0], _unmapped(text, quote=by_part[0].echo), row, text)
                return []
            text = mapped
        elif any(cell.source.values is not None and folded(text) in cell.source.values for cell in by_part):
            return [text]
        return [part.strip() for part in self._split.split(text) if part.strip()]

    def _flagged(self, row: int, raw: list[Raw], flags: Flags) -> list[Raw]:
        """The ids of the columns that say yes; what is neither yes, no nor missing is a fault."""
        said: list[Raw] = []
        for name in flags.columns:
            cell = _at(raw, self._found.columns.get(name))
            word = folded(cells.plain(cell))
            if word in flags.yes:
                said.append(name)
            elif cells.blocked(cell) or (word and word not in flags.no and word not in self._silent[name]):
                placed = self._found.columns[name]
                place = self._found.place(row, placed.letter, placed.header, self.table)
                self._report.add(cells.blocked(cell) or Fault("flag_unknown"), place)
        if not said and any(each.source.part and each.source.blank for each in self._cells):
            return [None]
        return said

    def _told_better(self, raw: list[Raw], part: Raw) -> bool:
        """Whether another column tells a part more exactly: it says yes, or where there are no flags, anything."""
        for name in self._record.unless.get(folded(cells.plain(part)), ()):
            word = folded(cells.plain(_at(raw, self._found.columns.get(name))))
            flags = self._record.flags
            if word in flags.yes if flags else word and word not in self._silent[name]:
                return True
        return False

    def _one(self, row: int, raw: list[Raw], part: Raw) -> _Record | None:
        record: _Record = {"_row": row}
        filled = not self._record.optional
        for cell in self._cells:
            if cell.source.key:
                record[cell.name] = cell.source.key.format(file=self._sha, row=row)
                continue
            if cell.source.constant is not None:
                record[cell.name] = cell.source.constant
                continue
            value = part if cell.source.part else _at(raw, cell.placed)
            reading = cell.reading(value)
            if not cell.source.derived and (reading.value is not None or reading.fault is not None):
                filled = True
            elif cells.blank(value) and cell.source.blank is not None:
                reading = Reading(cell.source.blank)
            if reading.fault is not None:
                self._fault(cell, reading.fault, row, cells.plain(value))
            record[cell.name] = reading.value
            if cell.dated:
                record[f"{cell.name}_precision"] = reading.precision
        return record if filled else None

    def _fault(self, cell: _Cell, fault: Fault, row: int, text: str) -> None:
        placed = cell.placed
        column, header = (placed.letter, placed.header) if placed else ("", "")
        quoted = text if cell.echo and not cell.source.derived and _quotable(fault, text) else ""
        place = self._found.place(row, column, header, self.table, cell.name)
        if cell.dated and not quoted:
            fault = replace(fault, suggestion="")  # it would tell the date
        self._report.add(fault, place, value=quoted)


_LONGEST = 200
_NEVER_QUOTED = {"formula", "excel_error", "bad_character", *personal.KINDS}


#: Two letters together: what a code, a date or a number hardly has, and a name always.
_WORD = re.compile(r"[^\W\d_]{2}")


def _quotable(fault: Fault, text: str) -> bool:
    """Whether a finding may repeat a cell of a field that may be echoed.

    A name may have slipped into the column. A code is repeated only where it is nearly a known one, anything else only
    where it is no word. What a profile's value map does not hold is always said: the map cannot be extended without.
    """
    if fault.code in _NEVER_QUOTED:
        return False
    if fault.code == "unknown_code":
        return bool(fault.suggestion)
    return fault.code == "unmapped_value" or _WORD.search(text) is None


def _at(raw: list[Raw], placed: Placed | None) -> Raw:
    return raw[placed.index] if placed is not None and placed.index < len(raw) else None


def _mapped(
    read: Callable[[Raw], Reading], values: Mapping[str, str], *, quote: bool, otherwise: bool = False
) -> Callable[[Raw], Reading]:
    """A reader behind a value map: an empty target is an empty field, what the map does not hold a fault.

    Args:
        read: reads the target.
        values: the map.
        quote: whether the fault may say the cell.
        otherwise: whether what the map does not hold is read as it is.
    """

    def through(raw: Raw) -> Reading:
        text = cells.plain(raw)
        if not text:
            return EMPTY
        target = values.get(folded(text))
        if target is None and otherwise:
            return read(raw)
        return Reading(fault=_unmapped(text, quote=quote)) if target is None else read(target)

    return through


def _one_of_several(read: Callable[[Raw], Reading], source: FieldSource) -> Callable[[Raw], Reading]:
    """A reader of a cell with several values for which the records have one field."""
    split = re.compile("|".join(map(re.escape, source.separators)))

    def through(raw: Raw) -> Reading:
        if not isinstance(raw, str):
            return read(raw)
        readings = [read(part.strip()) for part in split.split(cells.plain(raw)) if part.strip()]
        if wrong := next((reading for reading in readings if reading.fault is not None), None):
            return wrong
        values = {reading.value for reading in readings} - {None}
        return Reading(source.several if len(values) > 1 else next(iter(values), None))

    return through


def _or_missing(
    read: Callable[[Raw], Reading], missing: Mapping[str, str], values: Mapping[str, str]
) -> Callable[[Raw], Reading]:
    """A reader to which the words that say nothing are an empty cell, but for those that the field's map answers."""
    silent = missing.keys() - values.keys()

    def through(raw: Raw) -> Reading:
        return EMPTY if folded(cells.plain(raw)) in silent else read(raw)

    return through


def _derived(pseudonymiser: Pseudonymiser | None, scheme: str) -> Callable[[Raw], Reading]:
    """A reader that makes a key of an identifier."""

    def through(raw: Raw) -> Reading:
        text = cells.plain(raw)
        if not text or pseudonymiser is None:
            return EMPTY
        return Reading(pseudonymiser.key(text, scheme=scheme))

    return through


def _unmapped(text: str, *, quote: bool) -> Fault:
    return Fault("unmapped_value", {"value": text[:60]}) if quote else Fault("unmapped")
