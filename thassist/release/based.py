"""A public package says only how it differs from the internal one that it is based on; nothing is written twice.

It takes over texts, chapters, charts and notes. ``[[left_out]]`` names the tables that it does without, each with the
reason that its readers are told.
"""

from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables.definition import Reader, nearest

#: What a package that is based on another may say itself, besides its audience.
OWN = ("version", "audience", "based_on", "licence")
#: What it never takes over: formats (those that are read back it names itself), and reports on the records themselves.
_NOT_INHERITED = ("formats", "quality", "id", "schema")


def basis(path: Path) -> str:
    """The package that one is based on; empty for most.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    found = _data.read_toml(path).get("based_on", "")
    return found if isinstance(found, str) else ""


def completed(reader: Reader, data: dict[str, Any]) -> dict[str, Any]:
    """The definition with everything that it takes over."""
    known = [file.stem for file in _data.definitions("releases")]
    other = str(data["based_on"])
    path = reader.path.with_name(f"{other}.toml")
    if not path.is_file() or basis(path):
        reader.note("release.no_basis", basis=other, nearest=nearest(other, known))
        return data
    try:
        base = _data.read_toml(path)
    except InvalidDefinition:
        return data
    whole = {**{key: value for key, value in base.items() if key not in _NOT_INHERITED}, **data}
    gone, notes = _left_out(reader, data, [table for chapter in base["chapter"] for table in chapter["tables"]])
    chapters = [
        {**chapter, "tables": [table for table in chapter["tables"] if table not in gone]}
        for chapter in base["chapter"]
    ]
    whole["chapter"] = [chapter for chapter in chapters if chapter["tables"]]
    whole["chart"] = [chart for chart in base.get("chart", []) if chart["table"] not in gone]
    whole["note"] = [*base.get("note", []), *notes]
    for key in ("based_on", "left_out"):
        whole.pop(key, None)
    return whole


def _left_out(reader: Reader, data: dict[str, Any], known: list[str]) -> tuple[set[str], list[dict[str, str]]]:
    gone: set[str] = set()
    notes = []
    for place, block in enumerate(reader.blocks(data, "left_out"), start=1):
        reader.keys(block, f"left_out {place}", ("tables", *LANGUAGES))
        tables = reader.strings(block, f"left_out {place}", "tables")
        for table in tables:
            if table not in known:
                reader.note("release.left_out_unknown", table=table, nearest=nearest(table, known))
        gone.update(tables)
        notes.append({lang: str(block.get(lang, "")) for lang in LANGUAGES})
    return gone, notes
