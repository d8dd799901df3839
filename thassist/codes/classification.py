"""A classification: an ordered list of codes at one version, each with labels, a parent and a validity.

Total, not known and not applicable are codes, never blanks (SDMX cross-domain codes ``_T``, ``_U``, ``_Z``).
The total is never a row of a file: every classification has it by nature.
"""

import csv
import datetime as dt
import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES

TOTAL, UNKNOWN, NOT_APPLICABLE = "_T", "_U", "_Z"
#: How sure a classification's source is: read there, concluded from it, remembered, or made by us.
CONFIDENCE = ("seen", "inferred", "from memory", "own")
_FOLDER = "classifications"


@dataclass(frozen=True, slots=True)
class Code:
    """One category.

    Attributes:
        code: the stable identifier, as stored and exchanged.
        labels: the name by language.
        parent: the code one level up, or an empty string; several, set apart by blanks, where it stands below each.
        valid_from, valid_to: first and last day on which the code may be used; None where open.
        lower, upper: for a classification of a number (age), the inclusive bounds; None where open or not numeric.
        note: definition or source of this one code.
    """

    code: str
    labels: dict[str, str]
    parent: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    lower: int | None = None
    upper: int | None = None
    note: str = ""

    @property
    def parents(self) -> tuple[str, ...]:
        """The codes one level up: none, one, or several that overlap."""
        return tuple(self.parent.split())

    def valid_on(self, day: dt.date) -> bool:
        """Whether the code may be used for something that happened on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Classification:
    """A classification at one version. ``ref`` is ``id@version``.

    Attributes:
        alphabetical: a reader expects the codes by their names (countries), but for the codes in ``last``.
        total_code: how its owner writes the total: ``_T``, Eurostat's ``T``; empty where the owner has no total.
        unknown_code: how its owner writes *not known*: ``_U``, UNODC's ``Unknown``; it counts only where it is listed.
        placeholder: the codes are stand-ins until the owner's list is at hand; no release may carry them.
        members: for a classification of combinations, code → the codes of another classification that make it.
        foreign: somebody else's list, with the codes and the names its owner gives, in the owner's language.
    """

    id: str
    version: str
    titles: dict[str, str]
    source: str
    confidence: str
    codes: dict[str, Code] = field(repr=False)
    total_labels: dict[str, str] = field(default_factory=dict, repr=False)
    alphabetical: bool = False
    last: tuple[str, ...] = ()
    total_code: str = TOTAL
    unknown_code: str = UNKNOWN
    members: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    placeholder: bool = False
    foreign: bool = False

    @property
    def ref(self) -> str:
        """The identifier with its version, as a table spec names it."""
        return f"{self.id}@{self.version}"

    @property
    def numeric(self) -> bool:
        """Whether the codes are classes of a number with bounds."""
        return any(code.lower is not None or code.upper is not None for code in self.codes.values())

    def label(self, code: str, lang: str) -> str:
        """The name of a code, the total included; an unlisted code is shown as it is."""
        if code == TOTAL:
            return self.total_labels[lang]
        known = self.codes.get(code)
        return known.labels[lang] if known else code

    def reading_order(self, lang: str) -> list[str]:
        """The codes as a reader of a language expects them: as in the file, or by name where it says so.

        Finnish and Swedish put å, ä and ö after z; every other letter with a mark stands with its base letter.
        """
        if not self.alphabetical:
            return list(self.codes)
        named = [code for code in self.codes if code not in self.last]
        return [*sorted(named, key=lambda code: _collation(self.codes[code].labels[lang], lang)), *self.last]

    def nearest(self, text: str, *, day: dt.date | None = None) -> str | None:
        """The valid code that a mistyped code or label most likely means, or None where nothing is near.

        A code or label that is right but for case and blanks wins; otherwise difflib's ratio decides, over the
        codes and the labels of all languages. ``day`` leaves out codes not valid then.
        """
        wanted = " ".join(text.split()).casefold()
        names: dict[str, str] = {}
        for code in self.codes.values():
            if day is None or code.valid_on(day):
                for name in (code.code, *code.labels.values()):
                    names.setdefault(name.casefold(), code.code)
        if wanted in names:
            return names[wanted]
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
        return names[near[0]] if near else None

    def by_name(self, text: str) -> str | None:
        """The code that a cell means by its code or by its label in any language, or None.

        Case and blanks do not matter, unless only they tell two codes apart; then the text must be exact.
        """
        wanted = " ".join(text.split())
        meant = self._names.get(wanted) or self._names.get(wanted.casefold()) or set()
        return next(iter(meant)) if len(meant) == 1 else None

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for code in self.codes.values():
            for name in code.labels.values():
                for form in {name, name.casefold()}:
                    names.setdefault(form, set()).add(code.code)
        for itself in self.codes:  # a code always means itself, even where a label reads the same
            names[itself] = names[itself.casefold()] = {itself}
        return names


#: Letters that Finnish and Swedish put after z, as characters that stand after z.
_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


def _collation(label: str, lang: str) -> str:
    """A key that sorts labels alphabetically in a language."""
    folded = unicodedata.normalize("NFC", label).casefold()
    if lang in {"fi", "sv"}:
        folded = folded.translate(_AFTER_Z)
    return "".join(letter for letter in unicodedata.normalize("NFD", folded) if not unicodedata.combining(letter))


def classification(ref: str) -> Classification:
    """One classification by ``id@version``, or its newest version by ``id``.

    Raises:
        InvalidDefinition: it does not exist, or its files are wrong.
    """
    return _find(ref, _data.reports_dir())


@cache
def _find(ref: str, _home: Path) -> Classification:
    name, _, version = ref.partition("@")
    found = [path for path in _data.definitions(_FOLDER, ".csv") if path.stem.partition("@")[0] == name]
    if version:
        found = [path for path in found if path.stem == ref]
    if not found:
        near = difflib.get_close_matches(ref, _refs(), n=1, cutoff=0.4)
        raise InvalidDefinition("codes.no_classification", ref=ref, nearest=near[0] if near else "–")
    return _read(max(found, key=lambda path: _version_order(path.stem.partition("@")[2])))


def forget() -> None:
    """Read the lists anew: their files were changed by this process."""
    _find.cache_clear()


def _version_order(version: str) -> list[tuple[int, str]]:
    """Versions in the order in which they were made: ``2`` before ``10``, ``2.1`` before ``2.2``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in version.split(".")]


def _refs() -> list[str]:
    return [path.stem for path in _data.definitions(_FOLDER, ".csv")]


def all_classifications() -> list[Classification]:
    """Every classification at every version, by name."""
    return [classification(ref) for ref in _refs()]


def _read(path: Path) -> Classification:
    meta = _data.read_toml(path.with_suffix(".toml"))
    name, _, version = path.stem.partition("@")
    if meta.get("schema") != 1 or not version or meta.get("confidence") not in CONFIDENCE:
        raise InvalidDefinition("codes.bad_header", file=path.name)
    # An international list has the names its owner gives it, in the owner's language; the office translates none.
    owner = str(meta.get("labels", ""))
    codes: dict[str, Code] = {}
    members: dict[str, frozenset[str]] = {}
    for line, row in read_rows(path):
        try:
            code = _code(row, owner)
        except (KeyError, ValueError) as error:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line) from error
        if not code.code or code.code in codes or not all(code.labels.values()):
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line)
        codes[code.code] = code
        if row.get("members"):
            members[code.code] = frozenset(row["members"].split())
    orphans = [code.code for code in codes.values() if any(parent not in codes for parent in code.parents)]
    if orphans:
        raise InvalidDefinition("codes.no_parent", file=path.name, code=orphans[0])
    try:
        return Classification(
            id=name,
            version=version,
            titles={lang: str(meta["title"][lang]) for lang in LANGUAGES},
            source=str(meta["source"]),
            confidence=str(meta["confidence"]),
            codes=codes,
            total_labels={lang: str(meta.get("total", _TOTAL)[lang]) for lang in LANGUAGES},
            alphabetical=meta.get("order", {}).get("by") == "label",
            last=tuple(code for code in meta.get("order", {}).get("last", ()) if code in codes),
            total_code=str(meta.get("total_code", TOTAL)),
            unknown_code=str(meta.get("unknown_code", UNKNOWN)),
            members=members,
            placeholder=bool(meta.get("placeholder", False)),
            foreign=bool(owner),
        )
    except KeyError as error:
        raise InvalidDefinition("codes.bad_header", file=path.with_suffix(".toml").name) from error


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a definition kept as CSV, each with its line number; absent cells are empty strings.

    Raises:
        InvalidDefinition: the file is not UTF-8 (with or without the mark that Excel puts first) or not CSV.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            for row in reader:
                if None in row:  # more cells than the header has columns
                    raise InvalidDefinition("codes.bad_row", file=path.name, line=reader.line_num)
                yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidDefinition("codes.not_csv", file=path.name) from error


_TOTAL = {"fi": "Yhteensä", "sv": "Totalt", "en": "Total"}


def _code(row: dict[str, str], owner: str) -> Code:
    def day(key: str) -> dt.date | None:
        return dt.date.fromisoformat(row[key]) if row.get(key) else None

    def number(key: str) -> int | None:
        return int(row[key]) if row.get(key) else None

    return Code(
        code=row["code"].strip(),
        labels={lang: row[f"label_{owner or lang}"].strip() for lang in LANGUAGES},
        parent=row.get("parent", "").strip(),
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        lower=number("lower"),
        upper=number("upper"),
        note=row.get("note", "").strip(),
    )
