"""Mapping profiles: how a delivered layout becomes our records. One TOML file each, ``reports/profiles/<id>.toml``.

```toml
schema = 1
id = "uk-nrm"                      # the file's name
version = "1.0.0"
synthetic = false                  # default; true: whatever is delivered in this layout is made up
[title]
fi = "…"
sv = "…"
en = "…"

[[sheet]]                          # a foreign sheet, or the one table of a CSV file
name = "*"                         # accepted sheet names, a text or a list; "*" is the first sheet and any CSV file
required = true                    # default true: the sheet must be there
header_row = 1                     # default 1
[sheet.columns]                    # column id = accepted headers, a text or a list; compared without case and blanks
quarter = "quarter"
forms = ["Exploitation type", "Type of exploitation"]

[[sheet.record]]                   # one record a row; a table may be filled several times, from one sheet only
table = "referral"
optional = false                   # true: no record where all its columns are blank in that row
distinct = false                   # true: what several rows say in the same words is one record, of the first row
[sheet.record.field]               # field of the table = where its value comes from, one of:
referral_id = { key = "NRM-{file}-{row}" }         # {file}: 12 hex digits of the file's SHA-256; {row}: its row number
source = { column = "quarter", map = "quarters" }  # a column, by a value map; without a map a code or a label is read
received_date = { column = "quarter" }             # dates fill <field>_precision too: "2022 Q2", "2022-05", "2022"
reporting_system = { constant = "UK_NRM" }         # the same in every record
sex = { column = "sex", blank = "_U" }             # blank: the value of an empty cell
person_id = { column = "client", derive = "pseudonym" }   # a key made with the secret outside the database
recruitment = { column = "how", map = "how", separators = [";"], several = "OTHER" }  # one field for several values
decision_id = { column = "case", derive = "pseudonym", scheme = "admission" }  # scheme: keys of several kinds from one

[[sheet.record]]                   # one record for every part of a cell with several values
table = "exploitation_form"
each = { column = "forms", separators = [",", "&"] }
[sheet.record.field]
exploitation_id = { key = "NRM-{file}-{row}" }
form = { part = true, map = "forms" }

[[sheet.record]]                   # or of what a value map makes of the whole cell: "Jamaican UK" → "JM GB"
table = "citizenship"
each = { column = "nationality", map = "countries", separators = [" "] }
[sheet.record.field]
person_id = { key = "NRM-{file}-{row}" }
country = { part = true }

[[sheet.record]]                   # one record for every column of a group that says yes; the part is the column's id
table = "exploitation_means"
each = { flags = ["debt", "threats"], yes = ["1", "1.0"], no = ["0", "0.0"], unless = { debt = ["bondage"] } }
[sheet.record.field]
exploitation_id = { key = "NRM-{file}-{row}" }
means = { part = true, map = "means" }

[sheet.missing]                    # words by which the source says that it says nothing, each for a reason of its own
"-99" = "not_recorded"             # not_recorded or withheld; the empty cell is a third thing: not asked or not told
[sheet.missing.nationality]        # of one column only
"0" = "withheld"
[sheet.without_place]              # known headers for which our records have no field: counted and said, never silent
headers = ["datasource"]
[sheet.refused]                    # headers of columns that name or locate persons: filled, they are errors
headers = ["First Name"]

[map.quarters.values]              # a value map in the profile …
"first" = "2022-Q1"
[map.forms]                        # … or in a CSV file beside it with the columns source,target
file = "uk-nrm-forms.csv"          # an empty target leaves the field empty: the source says nothing
[map.means]                        # … or a correspondence of ours read backwards
reverse = "means_of_control@1--htcds_methods_of_control@2.0"
[map.means.values]                 # with an answer for each foreign code that stands for several of ours or for none
"Other" = "OTHER"
[map.country]                      # open: what the map does not hold is read as it is
open = true
[map.country.values]
"ZZ" = "_U"

[[sheet]]                          # a sheet of our own layout: names, headers and fields from reports/dictionary.toml
dictionary = "person"
[sheet.constant]                   # fields that the sheet does not ask for
reporting_system = "FI_NAS"
```

``derive = "pseudonym"`` makes a key of the identifier that the delivering system uses, with the secret of
``THASSIST_SECRET_FILE`` (see :mod:`thassist.records.pseudonym`). The identifier itself is neither stored nor quoted;
only there may it be a personal identity code. Equal identifiers give equal keys within one ``scheme``, which is by
default the table that the key belongs to. An ``optional`` record needs more than its derived keys to be made.

``unless`` leaves a part out where another column (filled, or among flags saying yes) tells the same more exactly.
Words of ``[sheet.missing]`` read as an empty cell, unless the field's own map holds them; how often each column says
them, and how often it is blank, is one finding a column, so that the three kinds of missing stay apart.

A value that its map does not hold is reported, never guessed. A field whose column names its code list in another
field (``source_code.code`` by ``scheme``) is read by the list which that field, a constant, names.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.records import dataset

FOLDER = "profiles"
ANY_SHEET = "*"
#: Why a source says nothing, apart from the cell that it left blank.
MISSING_KINDS = ("not_recorded", "withheld")


def folded(text: str) -> str:
    """A header, sheet name or source value as it is compared: without case and surplus blanks."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where the value of one field comes from; exactly one of column, part, constant and key is given.

    Attributes:
        column: id of a column of the sheet.
        part: True for the current part of the record's ``each`` cell.
        constant: the value itself.
        key: a template with ``{file}`` and ``{row}``.
        values: the value map, by folded source value; None where codes, labels and dates are read as they are.
        blank: the value of an empty cell.
        scheme: the code list, where the field's own column does not name one.
        derived: what kind of thing the key that is made of the cell identifies; empty where the cell is read as it is.
        open_map: whether what the value map does not hold is read as it is.
        separators: what stands between the values of a cell for which the records have one field.
        several: the value where those are not the same.
    """

    column: str = ""
    part: bool = False
    constant: object = None
    key: str = ""
    values: Mapping[str, str] | None = None
    blank: str | None = None
    scheme: str = ""
    derived: str = ""
    open_map: bool = False
    separators: tuple[str, ...] = ()
    several: str = ""


@dataclass(frozen=True, slots=True)
class Flags:
    """Columns of which each says yes or no of one thing.

    Attributes:
        columns: their ids.
        yes, no: the words, folded.
    """

    columns: tuple[str, ...]
    yes: frozenset[str]
    no: frozenset[str]


@dataclass(frozen=True, slots=True)
class RecordMap:
    """How rows of a sheet become records of one table.

    Attributes:
        table: the table.
        fields: field → where its value comes from.
        optional: True where a row without any of its values makes no record.
        distinct: True where equal records of several rows are one record.
        each_column: id of the column with several values, where every value makes a record; else empty.
        each_values: the value map by which that cell as a whole is replaced before it is divided.
        separators: what stands between the values.
        flags: the columns of which every one that says yes makes a record.
        unless: part, folded → the columns that tell it more exactly, where they are filled or say yes.
    """

    table: str
    fields: Mapping[str, FieldSource]
    optional: bool = False
    distinct: bool = False
    each_column: str = ""
    each_values: Mapping[str, str] | None = None
    separators: tuple[str, ...] = ()
    flags: Flags | None = None
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self) -> set[str]:
        """The columns that it reads."""
        found = {source.column for source in self.fields.values() if source.column}
        found |= {self.each_column} if self.each_column else set()
        return found | set(self.flags.columns if self.flags else ())


@dataclass(frozen=True, slots=True)
class SheetMap:
    """One sheet of the layout.

    Attributes:
        names: accepted names of the sheet; ``*`` is the first sheet.
        columns: column id → accepted headers.
        records: the records made of each row.
        required: whether the sheet must be there.
        header_row: row of the headers, as the spreadsheet shows it.
        subject: the table whose dictionary entry describes the sheet; empty for a foreign one.
        missing: column id, or empty for every column → word, folded → why the source says nothing: a kind of
            :data:`MISSING_KINDS`.
        without_place: column ids of known headers for which the records have no field.
        refused: column ids of headers that name or locate persons.
    """

    names: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    records: tuple[RecordMap, ...]
    required: bool = True
    header_row: int = 1
    subject: str = ""
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without_place: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def silent(self, column: str) -> Mapping[str, str]:
        """The words by which a column says nothing, folded, with the kind of each."""
        return {**self.missing.get("", {}), **self.missing.get(column, {})}

    def flag_words(self, column: str) -> frozenset[str]:
        """The words by which a column says no, folded; empty where it is no flag."""
        found = (record.flags for record in self.records if record.flags and column in record.flags.columns)
        return frozenset(word for flags in found for word in flags.no)

    def mandatory(self) -> set[str]:
        """The columns without which no row can become a record: those of fields that may not be empty."""
        found = {record.each_column for record in self.records if record.each_column and not record.optional}
        for record in self.records:
            needed = {column.name for column in dataset.fields(record.table) if not column.nullable}
            for name, source in record.fields.items():
                if source.column and name in needed and not record.optional:
                    found.add(source.column)
        return found


@dataclass(frozen=True)
class Profile:
    """A checked mapping profile; ``synthetic`` says that whatever is delivered by it is made up."""

    id: str
    version: str
    titles: Mapping[str, str]
    synthetic: bool
    sheets: tuple[SheetMap, ...] = field(repr=False)

    @property
    def derives(self) -> bool:
        """Whether keys are made with the secret."""
        records = (record for sheet in self.sheets for record in sheet.records)
        return any(source.derived for record in records for source in record.fields.values())

    @property
    def own_layout(self) -> bool:
        """Whether all sheets are of our own layout, described by the data dictionary."""
        return all(sheet.subject for sheet in self.sheets)


def profile_ids() -> list[str]:
    """The profiles that exist."""
    return [path.stem for path in _data.definitions(FOLDER)]


def load(profile_id: str) -> Profile:
    """One profile, checked: every table, field, column, map and code that it names exists.

    Raises:
        InvalidDefinition: no such profile, or it is wrong; the message names the place.
    """
    known = profile_ids()
    if profile_id not in known:
        near = difflib.get_close_matches(profile_id, known, n=1, cutoff=0.3)
        raise InvalidDefinition("intake.no_profile", profile=profile_id, nearest=near[0] if near else ", ".join(known))
    path = _data.reports_dir() / FOLDER / f"{profile_id}.toml"
    return _load(path, path.stat().st_mtime_ns)


@cache
def _load(path: Path, _mtime_ns: int) -> Profile:
    from thassist.intake.profile_file import read

    return read(path)
