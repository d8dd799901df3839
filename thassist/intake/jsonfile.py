"""JSON as tables: an array of objects is one sheet, an object of such arrays is a workbook.

The names in the objects are the headers. Rows are counted as in a sheet whose first row holds the headers: the first
object is row 2. An entry ``"thassist-synthetic": true`` says that the records are made up.
"""

import json
from pathlib import Path
from typing import Any, NoReturn

from thassist.errors import UnreadableInput
from thassist.intake import workbook
from thassist.intake.cells import Mark, Raw

#: JSON is read whole into memory, where it needs many times its size.
MAX_BYTES = 100 * 1024 * 1024


class _RepeatedNameError(ValueError):
    """An object says one name twice; which of the two values counts is not guessed."""


def read(path: Path) -> list[workbook.RawSheet]:
    """The sheets of a JSON file.

    Raises:
        UnreadableInput: too large, no JSON, or not of this form.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableInput("intake.file_too_large", file=path.name, limit=MAX_BYTES // 2**20)
    try:
        held = json.loads(path.read_bytes(), object_pairs_hook=_object, parse_constant=_no_number)
    except _RepeatedNameError as error:
        raise UnreadableInput("intake.json_name_twice", file=path.name) from error
    except (ValueError, RecursionError) as error:
        place = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "–"
        raise UnreadableInput("intake.json_damaged", file=path.name, place=place) from None
    tables = held if isinstance(held, dict) else {"": held}
    sheets: list[workbook.RawSheet] = []
    for name, content in tables.items():
        sheet = workbook.RawSheet(name, len(sheets) + 1)
        if isinstance(content, list) and all(isinstance(one, dict) for one in content):
            sheet.fill(_rows(content))
        elif name and not isinstance(content, list | dict):
            sheet.fill([[f"{name}: {json.dumps(content)}"], [workbook.GUIDE_MARK]])
        else:
            raise UnreadableInput("intake.json_form", file=path.name)
        sheets.append(sheet)
    return sheets


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedNameError
    return found


def _no_number(_word: str) -> NoReturn:
    """Not a number, and infinity: words that JSON does not know, but the library does."""
    raise ValueError


def _rows(objects: list[dict[str, Any]]) -> list[list[Raw]]:
    headers = list(dict.fromkeys(name for one in objects for name in one))
    return [list(headers), *([_raw(one.get(name)) for name in headers] for one in objects)]


def _raw(value: Any) -> Raw:
    return Mark.NESTED if isinstance(value, list | dict) else value
