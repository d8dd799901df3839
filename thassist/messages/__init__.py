"""All text that a user reads, by key and language.

One TOML file a room and language (``messages/fi/intake.toml``). An entry is a string, or a table with ``what``
(what is wrong, or the text itself), and optionally ``why`` and ``remedy``. The three languages hold the same
keys with the same placeholders; a test keeps it so.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from thassist.errors import ThassistError

LANGUAGES = ("fi", "sv", "en")
_HERE = Path(__file__).resolve().parent


@runtime_checkable
class Said(Protocol):
    """A placeholder's value that reads differently in each language, such as the name of a code."""

    def said(self, lang: str) -> str:
        """The value in a language."""


@cache
def catalogue(room: str, lang: str) -> dict[str, Any]:
    """The entries of one room in one language."""
    path = _HERE / lang / f"{room}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def rooms() -> list[str]:
    """The rooms that have a catalogue."""
    return sorted(path.stem for path in (_HERE / "en").glob("*.toml"))


def text(key: str, lang: str, /, part: str = "what", **params: object) -> str:
    """The text of ``room.entry`` in a language, with its placeholders filled.

    Args:
        key: ``room.entry``.
        lang: ``fi``, ``sv`` or ``en``.
        part: ``what``, ``why`` or ``remedy``; an entry without that part gives an empty string.
        **params: placeholders. A missing one shows as ``?`` instead of failing while reporting a failure; a
            :class:`Said` one is said in the language.

    Raises:
        KeyError: no such entry.
    """
    room, entry = key.split(".", 1)
    found = catalogue(room, lang)[entry]
    template = found if isinstance(found, str) and part == "what" else ""
    if isinstance(found, dict):
        template = str(found.get(part, ""))
    filled = {name: value.said(lang) if isinstance(value, Said) else value for name, value in params.items()}
    return template.format_map(_Placeholders(filled))


def explain(error: "ThassistError", lang: str) -> str:
    """An error as its user reads it: the code, what is wrong, and what to do."""
    what = text(error.key, lang, part="what", **error.params)
    remedy = text(error.key, lang, part="remedy", **error.params)
    return f"[{error.key}] {what}" + (f"\n{remedy}" if remedy else "")


class _Placeholders(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"
