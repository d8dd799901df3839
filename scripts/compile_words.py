"""Compile the .po files under ``thassist/messages/locale`` to the .mo files that ``gettext`` reads."""

import ast
import struct
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "thassist" / "messages" / "locale"
_MAGIC, _HEADER = 0x950412DE, 28


def entries(text: str) -> dict[str, str]:
    """Message id → translation; the forms of a plural are joined by NUL, as the format wants them."""
    found: dict[str, str] = {}
    parts: dict[str, str] = {}
    field = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if parts:
                ids = [parts[name] for name in ("msgid", "msgid_plural") if name in parts]
                forms = [value for name, value in parts.items() if name.startswith("msgstr")]
                found["\0".join(ids)] = "\0".join(forms)
                parts = {}
            continue
        quoted = line
        if not line.startswith('"'):
            field, _, quoted = line.partition(" ")
            parts[field] = ""
        parts[field] += ast.literal_eval(quoted)
    return found


def compiled(text: str) -> bytes:
    """The bytes of a .mo file: header, table of ids, table of translations, strings."""
    pairs = sorted((key.encode(), value.encode()) for key, value in entries(text).items())
    ids_at, texts_at = _HEADER, _HEADER + 8 * len(pairs)
    offset = texts_at + 8 * len(pairs)
    tables: list[bytes] = []
    strings = b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), offset + len(strings)))
            strings += pair[side] + b"\0"
    return struct.pack("<7I", _MAGIC, 0, len(pairs), ids_at, texts_at, 0, 0) + b"".join(tables) + strings


def all_compiled() -> dict[Path, bytes]:
    """Every .mo file with its bytes."""
    return {path.with_suffix(".mo"): compiled(path.read_text("utf-8")) for path in sorted(LOCALE.rglob("*.po"))}
