"""Whether observations keep what their structure asks: codes, keys, mandatory values, types, statuses.

Nobody else checks this: pysdmx and sdmx1 write a code that no list has, and the schemas of SDMX-ML cannot know the
lists. It runs over every table before anything is written, and over anyone's file as ``thassist sdmx check``.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from thassist import messages
from thassist.errors import InvalidDefinition
from thassist.publish import sdmx_read
from thassist.publish.sdmx_model import (
    DIMENSION,
    MEASURE,
    MISSING,
    TIME,
    Component,
    DataSet,
    Observation,
    Observations,
    Structure,
    settings,
)
from thassist.rules.finding import Finding, Severity

_NUMBERS = {"integer": re.compile(r"[+-]?\d+"), "double": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")}
#: Observational time periods (SDMX 3.0, section 6.4.1): Gregorian, reporting periods, date and time, and ranges.
_PERIOD = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?(/P\w+)?)?|-(A1|S[12]|T[1-3]|Q[1-4]|M(0[1-9]|1[0-2])|"
    r"W([0-4]\d|5[0-3])|D[0-3]\d\d))?"
)
#: What stands for a text that is known not to be there (SDMX-CSV 2.1).
_NO_TEXT = "#N/A"


def check(structure: Structure, observations: Observations, lang: str, file: str = "") -> list[Finding]:
    """Every fault of some observations, in the order of the file."""
    return _Check(structure, lang, file).run(observations)


def require(data: DataSet) -> None:
    """Refuse a data set of ours that its structure does not permit.

    Raises:
        InvalidDefinition: with the first fault.
    """
    rows = (
        Observation(place, {**{name: said for name, said in zip(data.columns, row, strict=True) if said}, **data.whole})
        for place, row in enumerate(data.rows, start=1)
    )
    found = check(data.structure, Observations(data.structure.ref, (*data.columns, *data.whole), tuple(rows)), "en")
    if found:
        raise InvalidDefinition("sdmx.not_written", table=data.structure.id, detail=found[0].message, count=len(found))


class _Check:
    """The faults of one data set."""

    def __init__(self, structure: Structure, lang: str, file: str) -> None:
        self._structure, self._lang, self._file = structure, lang, file
        self._components = {each.id: each for each in structure.components}
        self._codes = {
            each.id: {code.id for code in each.codes.codes} for each in structure.components if each.codes is not None
        }
        self._values = settings()["values"]
        self._found: list[Finding] = []

    def run(self, observations: Observations) -> list[Finding]:
        named = set(observations.named)
        for name in observations.named:
            if name not in self._components:
                self._tell("SX01", 0, name)
        absent = {each.id for each in self._structure.components if each.required and each.id not in named}
        for name in sorted(absent):
            self._tell("SX02", 0, name)
        seen: dict[tuple[str, ...], int] = {}
        for row in observations.rows:
            for component in self._structure.components:
                if component.id not in absent:
                    self._value(row, component)
            self._statuses(row)
            key = tuple(row.values.get(each.id, "") for each in self._structure.key)
            first = seen.setdefault(key, row.place)
            if first != row.place:
                self._tell("SX04", row.place, key=".".join(key), first=first)
        return self._found

    def _value(self, row: Observation, component: Component) -> None:
        value = row.values.get(component.id, "")
        if value in ("", _NO_TEXT):
            # The measure may be empty: whether it should be is told by the status.
            if component.required and component.role != MEASURE:
                self._tell("SX03" if component.role in (DIMENSION, TIME) else "SX05", row.place, component.id)
        elif component.codes is not None:
            if value not in self._codes[component.id]:
                self._tell("SX06", row.place, component.id, value, list=component.codes.id)
        elif not _fits(value, component):
            self._tell("SX07", row.place, component.id, value, kind=component.kind)

    def _statuses(self, row: Observation) -> None:
        value, status = row.values.get("OBS_VALUE", ""), row.values.get("OBS_STATUS", "")
        there = value not in ("", MISSING)
        if there and status in self._values["absent"]:
            self._tell("SX08", row.place, "OBS_VALUE", status=status)
        if not there and status in self._values["present"]:
            self._tell("SX09", row.place, "OBS_VALUE", status=status)
        conf = row.values.get("CONF_STATUS", "")
        if there and conf in self._values["confidential"]:
            self._tell("SX10", row.place, "OBS_VALUE", status=conf)

    def _tell(self, code: str, place: int, name: str = "", value: str = "", **params: object) -> None:
        entry = f"sdmx.{code}"
        said = {"component": name, "value": value, "structure": self._structure.ref, **params}
        self._found.append(
            Finding(
                code=code,
                severity=Severity.ERROR,
                message=messages.text(entry, self._lang, "what", **said),
                remedy=messages.text(entry, self._lang, "remedy", **said),
                file=self._file,
                sheet=self._structure.id,
                row=place,
                header=name,
            )
        )


def _fits(value: str, component: Component) -> bool:
    if component.kind == "period":
        return bool(_PERIOD.fullmatch(value)) and _days_exist(value)
    if component.role == MEASURE and value == MISSING:
        return True
    return component.kind not in _NUMBERS or bool(_NUMBERS[component.kind].fullmatch(value))


def _days_exist(value: str) -> bool:
    """Whether the day that a period names is in the calendar."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return True
    try:
        dt.date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Checked:
    """How many observations a file has, and its faults."""

    observations: int
    findings: tuple[Finding, ...]


def check_file(data: Path, structure: Path, lang: str) -> Checked:
    """Check a file of observations against a file of structures.

    Raises:
        UnreadableInput: one of the two cannot be read.
    """
    known = {each.ref: each for each in sdmx_read.structures(structure)}
    found: list[Finding] = []
    count = 0
    for part in sdmx_read.observations(data):
        count += len(part.rows)
        if part.ref in known:
            found += check(known[part.ref], part, lang, data.name)
        else:
            found.append(_without_structure(part.ref, known, lang, data.name))
    return Checked(count, tuple(found))


def _without_structure(ref: str, known: Iterable[str], lang: str, file: str) -> Finding:
    """A structure that the data name and the file of structures has not."""
    said = {"structure": ref, "known": ", ".join(sorted(known)[:5])}
    what, remedy = (messages.text("sdmx.SX11", lang, part, **said) for part in ("what", "remedy"))
    return Finding("SX11", Severity.ERROR, what, remedy, file=file, sheet=ref)
