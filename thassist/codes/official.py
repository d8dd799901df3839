"""Putting an owner's list in the place of placeholder codes: ``thassist codes load``.

Some lists were announced before anybody here could read them; their codes are stand-ins that can leave in nothing. When
the list is at hand it comes as a CSV file with the columns ``code`` and ``label_en``, optionally ``parent``, ``note``
and ``replaces``: the stand-ins (several with a space between) that the code stands for. With those the correspondences
that end in the list are carried over; where one of their stand-ins is replaced by no code, nothing is written.
"""

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thassist import _data
from thassist.codes.classification import Classification, classification, read_rows
from thassist.codes.classification import forget as forget_lists
from thassist.codes.correspondence import all_correspondences
from thassist.codes.correspondence import forget as forget_correspondences
from thassist.codes.proof import PLACEHOLDER
from thassist.errors import InvalidDefinition, StorageError, UnreadableInput
from thassist.messages import LANGUAGES

_CODES, _MAPS = "classifications", "correspondences"
_COLUMNS = ("code", "label_en", "parent", "note")
_OWNER = "en"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was put in place: the list, how many codes it has, and the correspondences that were carried over."""

    ref: str
    codes: int
    correspondences: tuple[str, ...]


def load(ref: str, file: Path, source: str) -> Loaded:
    """Put an owner's list in the place of a placeholder list.

    Args:
        ref: the placeholder list, ``id@version``.
        file: the owner's list as CSV.
        source: where the list was published.

    Raises:
        InvalidDefinition: the list is no placeholder, or the file has a wrong code or leaves a stand-in over.
        UnreadableInput: the file is not there.
        StorageError: the definitions cannot be written.
    """
    old = classification(ref)
    if not old.placeholder:
        raise InvalidDefinition("codes.no_placeholder", ref=old.ref)
    if not file.is_file():
        raise UnreadableInput("codes.no_list", file=file.name)
    rows = _rows(file, old)
    becomes = {stand_in: row["code"] for row in rows for stand_in in row["replaces"].split()}
    maps = [found for found in all_correspondences() if found.target.ref == old.ref]
    over = sorted({code for found in maps for code in found.targets.values()} - becomes.keys())
    if over:
        raise InvalidDefinition("codes.left_over", file=file.name, ref=old.ref, codes=", ".join(over))
    home = _data.reports_dir()
    written = {home / _CODES / f"{old.ref}.csv": _table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])}
    written[home / _CODES / f"{old.ref}.toml"] = _header(old, source)
    for found in maps:
        path = home / _MAPS / f"{found.ref}.csv"
        written[path] = _carried(path, becomes)
        written[path.with_suffix(".toml")] = f'schema = 1\nsource = {_quoted(source)}\nconfidence = "inferred"\n'
    _write(written)
    forget_lists()
    forget_correspondences()
    return Loaded(old.ref, len(rows), tuple(found.ref for found in maps))


def _rows(file: Path, old: Classification) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    replaced: set[str] = set()
    for line, read in read_rows(file):
        row = {name: (read.get(name) or "").strip() for name in (*_COLUMNS, "replaces")}
        stand_ins = row["replaces"].split()
        if (
            not row["code"]
            or not row["label_en"]
            or row["code"] in {other["code"] for other in rows}
            or row["code"].startswith(PLACEHOLDER)
            or any(name not in old.codes or name in replaced for name in stand_ins)
        ):
            raise InvalidDefinition("codes.bad_official_row", file=file.name, line=line, code=row["code"] or "–")
        replaced |= set(stand_ins)
        rows.append(row)
    known = {row["code"] for row in rows}
    orphans = [row["code"] for row in rows if row["parent"] and row["parent"] not in known]
    if orphans:
        raise InvalidDefinition("codes.no_parent", file=file.name, code=orphans[0])
    if not rows:
        raise InvalidDefinition("codes.bad_official_row", file=file.name, line=1, code="–")
    return rows


def _carried(path: Path, becomes: Mapping[str, str]) -> str:
    """A correspondence with the owner's codes in the place of the stand-ins; its other columns stay."""
    rows = [row for _, row in read_rows(path)]
    columns = list(rows[0])
    return _table(
        columns,
        [[becomes.get(row["target"], "") if name == "target" else row[name] for name in columns] for row in rows],
    )


def _header(old: Classification, source: str) -> str:
    titles = [f"{lang} = {_quoted(old.titles[lang])}" for lang in LANGUAGES]
    head = ["schema = 1", f"source = {_quoted(source)}", 'confidence = "seen"', f'labels = "{_OWNER}"']
    return "\n".join([*head, "", "[title]", *titles, ""])


def _quoted(text: str) -> str:
    """A text as TOML has it; a JSON string is a basic string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def _table(columns: tuple[str, ...] | list[str], rows: list[list[str]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([columns, *rows])
    return stream.getvalue()


def _write(files: Mapping[Path, str]) -> None:
    """All files beside their places first, then each moved into place."""
    beside: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            beside[path] = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(content)
            if path.exists():
                beside[path].chmod(path.stat().st_mode & 0o777)
        for path, new in beside.items():
            new.replace(path)
    except OSError as error:
        raise StorageError("codes.not_written", folder=_data.reports_dir()) from error
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)
