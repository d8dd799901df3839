"""Reading a profile file into the checked model of :mod:`thassist.intake.profile`, naming the place of a fault."""

import csv
import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from thassist import _data, codes
from thassist.errors import InvalidDefinition
from thassist.intake import dictionary
from thassist.intake.profile import MISSING_KINDS, FieldSource, Flags, Profile, RecordMap, SheetMap, folded
from thassist.messages import LANGUAGES
from thassist.records import dataset

_KEYS = {
    "profile": {"schema", "id", "version", "synthetic", "title", "sheet", "map"},
    "sheet": {
        "name",
        "dictionary",
        "required",
        "header_row",
        "columns",
        "record",
        "constant",
        "missing",
        "without_place",
        "refused",
    },
    "record": {"table", "optional", "distinct", "each", "field"},
    "field": {"column", "part", "map", "blank", "constant", "key", "derive", "scheme", "separators", "several"},
    "each": {"column", "map", "separators", "flags", "yes", "no", "unless"},
    "map": {"values", "file", "reverse", "open"},
    "headers": {"headers"},
}
#: What a value may be made from a cell by.
_DERIVATIONS = ("pseudonym",)


def read(path: Path) -> Profile:
    """The profile of a file.

    Raises:
        InvalidDefinition: something in it is unknown, missing or contradictory.
    """
    return _Reader(path).profile()


class _Reader:
    """Turns one file into a :class:`Profile`, naming the place of whatever is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw = _data.read_toml(path)
        self._maps: dict[str, Mapping[str, str]] = {}
        self._open: set[str] = set()

    def profile(self) -> Profile:
        raw = self._raw
        self._only(raw, "profile", self._path.stem)
        if raw.get("schema") != 1 or raw.get("id") != self._path.stem or not raw.get("version"):
            raise self._wrong("schema, id, version")
        titles = raw.get("title", {})
        if any(not titles.get(lang) for lang in LANGUAGES):
            raise self._wrong("title")
        for name, entry in raw.get("map", {}).items():
            self._maps[name] = self._value_map(name, entry)
        sheets = tuple(self._sheet(entry, f"sheet {n}") for n, entry in enumerate(raw.get("sheet", []), start=1))
        if not sheets:
            raise self._wrong("sheet")
        seen: dict[str, int] = {}
        for number, sheet in enumerate(sheets):
            for record in sheet.records:
                if seen.setdefault(record.table, number) != number:
                    raise self._wrong("record", record.table)
        return Profile(raw["id"], str(raw["version"]), titles, raw.get("synthetic") is True, sheets)

    def _wrong(self, *where: str) -> InvalidDefinition:
        return InvalidDefinition("intake.profile_wrong", file=self._path.name, where=", ".join(where))

    def _known(self, name: str, known: Iterable[str], where: str) -> None:
        names = list(known)
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
            raise InvalidDefinition(
                "intake.profile_unknown",
                file=self._path.name,
                where=where,
                name=name,
                nearest=near[0] if near else ", ".join(sorted(names)[:8]),
            )

    def _only(self, entry: object, kind: str, where: str) -> None:
        if not isinstance(entry, dict):
            raise self._wrong(where)
        for key in entry:
            self._known(key, _KEYS[kind], where)

    def _value_map(self, name: str, entry: Any) -> Mapping[str, str]:
        where = f"map.{name}"
        self._only(entry, "map", where)
        if entry.get("open"):
            self._open.add(name)
        if "reverse" in entry and "file" not in entry:
            return self._reversed(entry, where)
        if ("file" in entry) == ("values" in entry) or "reverse" in entry:
            raise self._wrong(where)
        if "values" in entry:
            pairs = [(str(source), str(target)) for source, target in entry["values"].items()]
        else:
            try:
                with (self._path.parent / Path(entry["file"]).name).open(encoding="utf-8", newline="") as file:
                    pairs = [(row["source"], row["target"]) for row in csv.DictReader(file)]
            except (OSError, KeyError, UnicodeDecodeError) as error:
                raise self._wrong(where, str(entry["file"])) from error
        mapped = {folded(source): target.strip() for source, target in pairs}
        if len(mapped) != len(pairs) or not mapped:
            raise self._wrong(where)
        return mapped

    def _reversed(self, entry: Any, where: str) -> Mapping[str, str]:
        """A correspondence from ours to theirs, backwards: every code of theirs gets exactly one of ours.

        A code of theirs that stands for several of ours, or for none, must be answered in ``values``; so is one that
        another answer is wanted for. Their labels are read as their codes are.
        """
        found = codes.correspondence(str(entry["reverse"]))
        own: dict[str, list[str]] = {}
        for ours, theirs in found.targets.items():
            own.setdefault(theirs, []).append(ours)
        answers = {folded(str(source)): str(target).strip() for source, target in entry.get("values", {}).items()}
        mapped: dict[str, str] = {}
        for code in found.target.codes:
            candidates = own.get(code, [])
            if folded(code) not in answers and len(candidates) != 1:
                raise self._wrong(where, code)
            mapped[folded(code)] = answers.get(folded(code), candidates[0] if candidates else "")
        for code in found.target.codes:
            mapped.setdefault(folded(found.target.label(code, "en")), mapped[folded(code)])
        return mapped | answers

    def _sheet(self, entry: Any, where: str) -> SheetMap:
        self._only(entry, "sheet", where)
        if ("dictionary" in entry) == ("name" in entry):
            raise self._wrong(where, "name / dictionary")
        if "dictionary" in entry:
            return self._own_sheet(entry, where)
        columns = {str(name): _texts(headers) for name, headers in entry.get("columns", {}).items()}
        aside = {kind: self._headers(entry.get(kind, {}), f"{where}, {kind}") for kind in ("without_place", "refused")}
        read = dict(columns)
        for headers_aside in aside.values():
            columns |= {header: (header,) for header in headers_aside}
        headers = [folded(header) for accepted in columns.values() for header in accepted]
        if not columns or len(set(headers)) != len(headers):
            raise self._wrong(where, "columns")
        records = tuple(self._record(record, read, where) for record in entry.get("record", []))
        used = set().union(*(record.columns() for record in records)) if records else set()
        if not records:
            raise self._wrong(where, "record")
        missing = self._missing(entry.get("missing", {}), read, f"{where}, missing")
        return SheetMap(
            names=_texts(entry["name"]),
            columns=columns,
            records=records,
            required=bool(entry.get("required", True)),
            header_row=int(entry.get("header_row", 1)),
            missing=missing,
            without_place=aside["without_place"] | (set(read) - used),
            refused=aside["refused"],
        )

    def _missing(self, entry: Any, columns: Iterable[str], where: str) -> Mapping[str, Mapping[str, str]]:
        """The words that say nothing: those of every column, and those of one."""
        if not isinstance(entry, dict):
            raise self._wrong(where)
        of_one = {name: words for name, words in entry.items() if isinstance(words, dict)}
        found = {"": {word: kind for word, kind in entry.items() if word not in of_one}, **of_one}
        for name, words in found.items():
            if name:
                self._known(name, columns, where)
            for kind in words.values():
                self._known(str(kind), MISSING_KINDS, where)
        return {name: {folded(str(word)): str(kind) for word, kind in words.items()} for name, words in found.items()}

    def _headers(self, entry: Any, where: str) -> frozenset[str]:
        self._only(entry, "headers", where)
        return frozenset(_texts(entry.get("headers", ())))

    def _own_sheet(self, entry: Mapping[str, Any], where: str) -> SheetMap:
        for key in ("columns", "record"):
            if key in entry:
                raise self._wrong(where, key)
        table = str(entry["dictionary"])
        self._known(table, dictionary.subjects(), where)
        constants = entry.get("constant", {})
        asked = dictionary.subject(table).fields
        raw: dict[str, Any] = {name: {"column": name} for name in asked}
        raw |= {name: {"constant": value} for name, value in constants.items()}
        columns = {name: (name, *described.labels.values()) for name, described in asked.items()}
        record = self._record({"table": table, "field": raw}, columns, where)
        return SheetMap(
            names=(table, *dictionary.subject(table).titles.values()),
            columns={name: accepted for name, accepted in columns.items() if name not in constants},
            records=(record,),
            required=bool(entry.get("required", True)),
            header_row=int(entry.get("header_row", 1)),
            subject=table,
        )

    def _record(self, entry: Any, columns: Mapping[str, tuple[str, ...]], where: str) -> RecordMap:
        self._only(entry, "record", where)
        table = str(entry.get("table", ""))
        self._known(table, dataset.TABLE_NAMES, where)
        where = f"{where}, {table}"
        each = entry.get("each", {})
        self._only(each, "each", where)
        if "column" in each or (each and "flags" not in each):
            self._known(str(each.get("column", "")), columns, f"{where}, each")
        flags = self._flags(each, columns, f"{where}, each") if "flags" in each else None
        unless = {folded(str(part)): _texts(others) for part, others in each.get("unless", {}).items()}
        for other in (other for others in unless.values() for other in others):
            self._known(other, columns, f"{where}, each, unless")
        if "map" in each:
            self._known(str(each["map"]), self._maps, f"{where}, each")
        fields = entry.get("field", {})
        own = {column.name for column in dataset.fields(table) if "precision_of" not in column.info}
        for name in fields:
            self._known(name, own, where)
        needed = {column.name for column in dataset.fields(table) if not column.nullable} & own
        if missing := sorted(needed - set(fields)):
            raise self._wrong(where, *missing)
        sources = {
            name: self._field(table, name, fields, columns, each=bool(each), where=f"{where}.{name}") for name in fields
        }
        return RecordMap(
            table=table,
            fields=sources,
            optional=bool(entry.get("optional", False)),
            distinct=bool(entry.get("distinct", False)),
            each_column=str(each.get("column", "")),
            each_values=self._maps[each["map"]] if "map" in each else None,
            separators=_texts(each.get("separators", ())),
            flags=flags,
            unless=unless,
        )

    def _flags(self, each: Any, columns: Iterable[str], where: str) -> Flags:
        """The columns of which each says yes or no; both words must be said, and a part is told by one way only."""
        names = _texts(each["flags"])
        for name in names:
            self._known(name, columns, where)
        yes, no = (frozenset(map(folded, _texts(each.get(word, ())))) for word in ("yes", "no"))
        if not names or not yes or yes & no or {"column", "map", "separators"} & each.keys():
            raise self._wrong(where, "flags")
        return Flags(names, yes, no)

    def _field(
        self,
        table: str,
        name: str,
        fields: Mapping[str, Any],
        columns: Mapping[str, tuple[str, ...]],
        *,
        each: bool,
        where: str,
    ) -> FieldSource:
        entry = fields[name]
        self._only(entry, "field", where)
        ways = [way for way in ("column", "part", "constant", "key") if way in entry]
        if len(ways) != 1 or ("part" in entry and not each):
            raise self._wrong(where)
        if "column" in entry:
            self._known(str(entry["column"]), columns, where)
        if "map" in entry:
            self._known(str(entry["map"]), self._maps, where)
        info = next(column.info for column in dataset.fields(table) if column.name == name)
        scheme = str(info.get("classification", ""))
        if "classification_in" in info:
            scheme = str(fields.get(info["classification_in"], {}).get("constant", ""))
        source = FieldSource(
            column=str(entry.get("column", "")),
            part=bool(entry.get("part", False)),
            constant=entry.get("constant"),
            key=str(entry.get("key", "")),
            values=self._maps[entry["map"]] if "map" in entry else None,
            blank=entry.get("blank"),
            scheme=scheme,
            derived=self._derived(table, name, entry, where),
            open_map=entry.get("map") in self._open,
            separators=_texts(entry.get("separators", ())),
            several=str(entry.get("several", "")),
        )
        if bool(source.separators) != bool(source.several) or (
            source.several and not (source.scheme and source.column)
        ):
            raise self._wrong(where, "several")
        self._check_values(source, where)
        return source

    def _derived(self, table: str, name: str, entry: Mapping[str, Any], where: str) -> str:
        """The kind of key that is made of a cell: as the profile says, else the table that the key belongs to."""
        if "derive" not in entry:
            if "scheme" in entry:
                raise self._wrong(where, "scheme")
            return ""
        self._known(str(entry["derive"]), _DERIVATIONS, where)
        if name not in dataset.KEY_FIELDS and name not in {field for field, _, _ in dataset.references(table)}:
            raise self._wrong(where, "derive")
        if {"constant", "key", "map", "blank"} & entry.keys():
            raise self._wrong(where, "derive")
        parents = {field: parent for field, parent, _ in dataset.references(table)}
        return str(entry.get("scheme", parents.get(name, table)))

    def _check_values(self, source: FieldSource, where: str) -> None:
        """The codes that the profile itself writes must exist, and a key template must be one."""
        if source.scheme:
            known = codes.classification(source.scheme).codes
            fixed = [value for value in (source.blank, source.constant, source.several or None) if value is not None]
            for value in [*fixed, *(target for target in (source.values or {}).values() if target)]:
                self._known(str(value), known, where)
        if source.key:
            try:
                source.key.format(file="", row=0)
            except (KeyError, IndexError, ValueError) as error:
                raise self._wrong(where) from error


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, Iterable) else ()
