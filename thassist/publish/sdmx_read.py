"""Reading anyone's SDMX: structures through pysdmx, observations of SDMX-CSV 1.0 to 2.1 and structure-specific SDMX-ML.

Every observation keeps its place in the file (line or number), which the readers of pysdmx and sdmx1 do not, so that
a fault can be found again.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thassist.errors import UnreadableInput
from thassist.publish.sdmx_model import (
    ATTRIBUTE,
    DIMENSION,
    MEASURE,
    TIME,
    CodeList,
    Component,
    ListedCode,
    Observation,
    Observations,
    Structure,
)

#: Columns of SDMX-CSV that are of the message, not of the data; names and keys may stand beside the codes.
_LEAD = {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "OBS_KEY", "SERIES_KEY"}
_REF = re.compile(r"([A-Za-z][\w.-]*):([\w@$-]+)\(([\w.+-]+)\)")
_KINDS = {
    "INTEGER": "integer",
    "BIG_INTEGER": "integer",
    "LONG": "integer",
    "SHORT": "integer",
    "COUNT": "integer",
    "DECIMAL": "double",
    "DOUBLE": "double",
    "FLOAT": "double",
    "NUMERIC": "double",
    "PERIOD": "period",
    "STD_TIME_PERIOD": "period",
}


def structures(path: Path) -> list[Structure]:
    """The data structures of a structure file, one for every data flow and one for every definition without a flow.

    Raises:
        UnreadableInput: the file is no SDMX structure message.
    """
    from pysdmx.errors import PysdmxError
    from pysdmx.io.reader import read_sdmx
    from pysdmx.model import DataStructureDefinition

    try:
        message = read_sdmx(path, validate=False)
        artefacts: list[Any] = list(message.structures or [])
        definitions = {each.short_urn: each for each in artefacts if isinstance(each, DataStructureDefinition)}
        found = {ref: _structure(each, ref) for each in definitions.values() for ref in (_ref(each),)}
        for flow in (each for each in artefacts if type(each).__name__ == "Dataflow"):
            about = flow.structure
            definition = about if isinstance(about, DataStructureDefinition) else definitions.get(str(about))
            if definition is not None:
                found[_ref(flow)] = _structure(definition, _ref(flow))
    except (PysdmxError, OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise UnreadableInput("sdmx.no_structure_file", file=path.name) from error
    if not found:
        raise UnreadableInput("sdmx.no_structure_file", file=path.name)
    return list(found.values())


def _ref(artefact: Any) -> str:
    agency = artefact.agency if isinstance(artefact.agency, str) else artefact.agency.id
    return f"{agency}:{artefact.id}({artefact.version})"


def _structure(definition: Any, ref: str) -> Structure:
    from pysdmx.model import Role

    roles = {Role.ATTRIBUTE: ATTRIBUTE, Role.MEASURE: MEASURE}
    components = []
    for each in definition.components:
        role = roles.get(each.role, TIME if each.id == "TIME_PERIOD" else DIMENSION)
        codes = None
        if each.enumeration is not None:
            known = each.enumeration
            listed = tuple(ListedCode(code.id, {}) for code in known)
            codes = CodeList(str(known.agency), known.id, known.version, {}, listed)
        kind = "period" if role == TIME else _KINDS.get(each.dtype.name, "string")
        whole = role == ATTRIBUTE and each.attachment_level == "D"
        components.append(Component(each.id, role, codes, kind, each.required, whole))
    match = _REF.fullmatch(ref)
    agency, name, version = match.groups() if match else ("", ref, "")
    return Structure(agency, name, version, {}, tuple(components))


def observations(path: Path) -> list[Observations]:
    """The observations of a data file, by structure.

    Raises:
        UnreadableInput: the file is neither SDMX-CSV nor structure-specific SDMX-ML.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
        found = _of_xml(path) if start.startswith(b"<") else _of_csv(path)
    except (OSError, UnicodeDecodeError, csv.Error, SyntaxError) as error:
        raise UnreadableInput("sdmx.no_data_file", file=path.name) from error
    if not found:
        raise UnreadableInput("sdmx.no_data_file", file=path.name)
    return found


def _of_csv(path: Path) -> list[Observations]:
    rows: dict[str, list[Observation]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        columns = list(reader.fieldnames or [])
        lead = next((name for name in ("STRUCTURE_ID", "DATAFLOW") if name in columns), None)
        if lead is None or len(set(columns)) != len(columns):
            return []
        named = tuple(name.partition(":")[0].strip() for name in columns if name not in _LEAD and name != "LAST UPDATE")
        for row in reader:
            if None in row or None in row.values():
                raise csv.Error(reader.line_num)
            values = {_id(name): _id(value) if ": " in name else value for name, value in row.items() if value}
            ref = _REF.search(row[lead])
            kept = {name: value for name, value in values.items() if name in named}
            rows.setdefault(ref[0] if ref else row[lead], []).append(Observation(reader.line_num, kept))
    return [Observations(ref, named, tuple(found)) for ref, found in rows.items()]


def _id(text: str) -> str:
    """The id of what may be written with its name beside it, as ``SEX: Sex``."""
    return text.partition(": ")[0].strip()


def _of_xml(path: Path) -> list[Observations]:
    from lxml import etree  # type: ignore[import-untyped]

    found, refs = [], {}
    tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    root = tree.getroot()
    if not etree.QName(root).localname.startswith("StructureSpecific"):
        return []
    for element in root.iter("{*}Header"):
        for named in element.iter("{*}Structure"):
            if named.get("structureID"):
                refs[named.get("structureID")] = _header_ref(named)
    for data in root.iter("{*}DataSet"):
        ref = next((value for name, value in data.attrib.items() if name.endswith("structureRef")), "")
        whole = _plain(data)
        rows = [Observation(place, whole | values) for place, values in enumerate(_observed(data), start=1)]
        names = dict.fromkeys([*whole, *(name for row in rows for name in row.values)])
        names.pop("action", None)
        cleaned = tuple(
            Observation(row.place, {name: value for name, value in row.values.items() if name != "action"})
            for row in rows
        )
        found.append(Observations(refs.get(ref) or str(ref), tuple(names), cleaned))
    return found


def _header_ref(named: Any) -> str:
    for element in named.iter():
        match = _REF.search(element.text or "")
        if match:
            return match[0]
        if element.get("agencyID") and element.get("id"):
            return f"{element.get('agencyID')}:{element.get('id')}({element.get('version', '1.0')})"
    return ""


def _observed(data: Any) -> Iterator[dict[str, str]]:
    for element in data.iter("{*}Obs", "Obs"):
        parent = element.getparent()
        series = _plain(parent) if parent is not data else {}
        yield series | _plain(element)


def _plain(element: Any) -> dict[str, str]:
    """The attributes without a namespace: those of the structure."""
    return {str(name): str(value) for name, value in element.attrib.items() if not str(name).startswith("{")}
