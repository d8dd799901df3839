"""Is a workbook accessible? The 36 points of the UK Analysis Function's checklist, as far as a machine can check.

The points are data (``reports/accessibility.toml``); each names the check in :mod:`thassist.verify.workbook_points`
that tells where it is not met. A point without a check is left to a person, and said to be.
"""

import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition, UnreadableInput
from thassist.messages import LANGUAGES
from thassist.verify import workbook_points

_FILE = "accessibility.toml"
#: Larger than any workbook of statistics; more is refused rather than unpacked (bytes).
_LARGEST = 400_000_000


class Verdict(StrEnum):
    """What was found of a point."""

    MET = "met"
    NOT_MET = "not_met"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the checklist and what was found.

    Attributes:
        number: in the checklist.
        essential: whether the accessibility regulations need it, as the checklist says.
        group: which part of the checklist it stands in.
        texts: what to do, by language.
        verdict: what was found.
        places: where it is not met.
    """

    number: int
    essential: bool
    group: str
    texts: dict[str, str]
    verdict: Verdict
    places: tuple[str, ...]


def inspect(path: Path) -> tuple[Point, ...]:
    """All points, each with what was found in a workbook.

    Args:
        path: an Excel workbook (xlsx, xlsm), ours or anyone's.

    Raises:
        UnreadableInput: it is no such workbook, or unpacked too large.
        InvalidDefinition: the list of points is wrong.
    """
    book = _opened(path)
    found = []
    for entry in _points():
        name = str(entry.get("check", ""))
        if name and name not in workbook_points.CHECKS:
            raise InvalidDefinition("verify.no_point_check", file=_FILE, name=name)
        places = tuple(workbook_points.CHECKS[name](book)) if name else ()
        verdict = Verdict.PERSON if not name else Verdict.NOT_MET if places else Verdict.MET
        texts = {lang: str(entry[lang]) for lang in LANGUAGES}
        found.append(Point(int(entry["number"]), bool(entry["essential"]), str(entry["group"]), texts, verdict, places))
    return tuple(found)


def _opened(path: Path) -> workbook_points.Book:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise UnreadableInput("verify.too_large", file=path.name)
            parts = {
                name: archive.read(name) if name.startswith("xl/drawings/") else b"" for name in archive.namelist()
            }
        return workbook_points.Book(load_workbook(path), parts)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError) as error:
        raise UnreadableInput("verify.no_workbook", file=path.name) from error


def _points() -> list[dict[str, Any]]:
    data = _data.read_toml(_data.reports_dir() / _FILE)
    points = data.get("point")
    if data.get("schema") != 1 or not isinstance(points, list):
        raise InvalidDefinition("verify.no_points", file=_FILE)
    for entry in points:
        if not {"number", "essential", "group", *LANGUAGES} <= entry.keys():
            raise InvalidDefinition("verify.no_points", file=_FILE)
    return points
