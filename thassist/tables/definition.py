"""Reading a definition file: every problem is collected with its place, none stops the reading.

A definition under ``reports/`` is data that a statistician writes by hand. Whoever writes it wants to hear all that is
wrong at once, with the nearest right name where one was mistyped.
"""

import difflib
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thassist import _data, messages
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a definition file.

    Attributes:
        file: name of the file.
        key: entry of the message catalogue.
        params: placeholders of that entry.
    """

    file: str
    key: str
    params: Mapping[str, object]

    def text(self, lang: str) -> str:
        """What is wrong, in a language; it names the file, also where another room's text does not."""
        said = messages.text(self.key, lang, part="what", file=self.file, **self.params)
        return said if self.file in said else f"{self.file}: {said}"

    def remedy(self, lang: str) -> str:
        """What to do about it, in a language."""
        return messages.text(self.key, lang, part="remedy", file=self.file, **self.params)

    def error(self) -> InvalidDefinition:
        """The problem as an error, for whoever cannot go on without the definition."""
        return InvalidDefinition(self.key, file=self.file, **self.params)


def problem_of(error: InvalidDefinition, file: str) -> Problem:
    """An error raised by another room, as a problem of the definition that caused it."""
    return Problem(file, error.key, {name: value for name, value in error.params.items() if name != "file"})


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one most likely means, or a dash."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return near[0] if near else "–"


@dataclass
class Reader:
    """Takes a definition apart. Every method returns a usable value and notes what was wrong.

    Attributes:
        path: the file that is read.
        problems: what was wrong so far.
        fills: placeholders that texts may hold, with what they are filled with.
    """

    path: Path
    problems: list[Problem] = field(default_factory=list)
    fills: dict[str, int] = field(default_factory=dict)

    def open(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
        """The whole file; its schema number and its id, which is the file's name, are checked.

        Raises:
            InvalidDefinition: the file is missing or not TOML; nothing can be read at all.
        """
        data = _data.read_toml(self.path)
        self.keys(data, "", ("schema", "id", *required), optional)
        if data.get("schema", SCHEMA) != SCHEMA:
            self.note("tables.bad_schema", found=data["schema"], expected=SCHEMA)
        if data.get("id", self.path.stem) != self.path.stem:
            self.note("tables.bad_id", id=data["id"], expected=self.path.stem)
        return data

    def note(self, entry: str, /, **params: object) -> None:
        """Note a problem by its entry in the message catalogue."""
        self.problems.append(Problem(self.path.name, entry, params))

    def keys(self, data: Mapping[str, Any], place: str, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Note the keys that are missing and those that nobody reads."""
        needed = tuple(required)
        known = (*needed, *optional)
        for key in data:
            if key not in known:
                self.note("tables.unknown_key", key=_at(place, key), nearest=nearest(key, known))
        for key in needed:
            if key not in data:
                self.note("tables.missing_key", key=_at(place, key))

    def block(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        """A table of the file, empty where it is missing (which :meth:`keys` has noted) or something else."""
        found = data.get(key, {})
        if not isinstance(found, dict):
            self.note("tables.wrong_type", key=key, expected="table")
            return {}
        return found

    def blocks(self, data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        """A repeated table of the file (``[[key]]``), possibly none."""
        found = data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self.note("tables.wrong_type", key=key, expected=f"[[{key}]]")
            return []
        return found

    def string(self, data: Mapping[str, Any], place: str, key: str, default: str = "") -> str:
        """A text that is not for users: a name, an expression."""
        found = data.get(key, default)
        if not isinstance(found, str):
            self.note("tables.wrong_type", key=_at(place, key), expected="string")
            return default
        return found

    def strings(self, data: Mapping[str, Any], place: str, key: str) -> tuple[str, ...]:
        """A list of names, possibly empty."""
        found = data.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            self.note("tables.wrong_type", key=_at(place, key), expected="list of strings")
            return ()
        return tuple(found)

    def choice(self, data: Mapping[str, Any], place: str, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        found = data.get(key, default)
        if found not in choices:
            self.note("tables.bad_choice", key=_at(place, key), found=found, choices=", ".join(choices))
            return default
        return str(found)

    def number(self, data: Mapping[str, Any], place: str, key: str, default: int, least: int) -> int:
        """A whole number not below ``least``."""
        found = data.get(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            self.note("tables.bad_number", key=_at(place, key), found=found, least=least)
            return default
        return found

    def fraction(self, data: Mapping[str, Any], place: str, key: str, default: float, most: float) -> float:
        """A number above zero, and below ``most``."""
        found = data.get(key, default)
        if not isinstance(found, int | float) or isinstance(found, bool) or not 0 < found < most:
            self.note("tables.bad_fraction", key=_at(place, key), found=found, most=f"{most:g}")
            return default
        return float(found)

    def flag(self, data: Mapping[str, Any], place: str, key: str) -> bool:
        """True or false; false where nothing is said."""
        found = data.get(key, False)
        if not isinstance(found, bool):
            self.note("tables.wrong_type", key=_at(place, key), expected="true, false")
            return False
        return found

    def texts(self, data: Mapping[str, Any], place: str) -> dict[str, str]:
        """The text of a block in every language, with the parameters of the definition filled in.

        Any other brace is a mistake: nothing would fill it.
        """
        found: dict[str, str] = {}
        for lang in LANGUAGES:
            text = data.get(lang)
            if not isinstance(text, str) or not text.strip():
                self.note("tables.no_text", key=place, lang=lang)
                text = ""
            elif any(name is not None and name not in self.fills for _, name, _, _ in _fields(text)):
                self.note("tables.placeholder", key=place, lang=lang)
            else:
                text = text.format_map(self.fills)
            found[lang] = text.strip()
        return found


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _fields(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(text))
    except ValueError:  # a single brace
        return [(text, "", None, None)]
