"""Observations as SDMX-CSV 1.0, 2.0 and 2.1 and as SDMX-ML 3.0 (structure specific, one element an observation).

The bytes are those of pysdmx's writers, but for what those get wrong: they turn every apostrophe of a text into a
quotation mark, write ``NaN`` into SDMX-CSV 1.0, which leaves what is missing empty, and need pyarrow, whose presence
changes how pandas keeps text everywhere else. Tests compare the two.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from thassist.publish.sdmx_model import DIMENSION, MEASURE, MISSING, TIME, DataSet

#: SDMX-CSV 2: the columns before those of the structure, and what is to be done with the data (I information, M merge).
_ACTIONS = {"2.0": "I", "2.1": "M"}
_ML = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
_NAMESPACES = " ".join(
    f'xmlns:{name}="{place}"'
    for name, place in {
        "xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "mes": f"{_ML}/message",
        "ss": f"{_ML}/data/structurespecific",
        "com": f"{_ML}/common",
    }.items()
)


def as_csv(data: DataSet, version: str) -> str:
    """The observations as SDMX-CSV.

    Args:
        data: what is written.
        version: ``1.0``, ``2.0`` or ``2.1``.
    """
    structure = data.structure
    roles = {each.id: each.role for each in structure.components}
    first = ["DATAFLOW"] if version == "1.0" else ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    lead = [structure.ref] if version == "1.0" else ["dataflow", structure.ref, _ACTIONS[version]]
    # Dimensions, measure, attributes, and last what holds for all rows.
    order = sorted(range(len(data.columns)), key=lambda place: _RANK.get(roles[data.columns[place]], 2))
    missing = {MISSING: ""} if version == "1.0" else {}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*first, *(data.columns[place] for place in order), *data.whole])
    for row in data.rows:
        writer.writerow([*lead, *(missing.get(row[place], row[place]) for place in order), *data.whole.values()])
    return stream.getvalue()


_RANK = {DIMENSION: 0, TIME: 0, MEASURE: 1}


def as_xml(data: DataSet, name: str, prepared: dt.date) -> str:
    """The observations as SDMX-ML 3.0.

    Args:
        data: what is written.
        name: id of the message.
        prepared: the day that the message is of.
    """
    structure = data.structure
    urn = f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={structure.ref}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<mes:StructureSpecificData {_NAMESPACES}",
        f'  xmlns:ns1="{urn}:ObsLevelDim:AllDimensions">',
        "  <mes:Header>",
        f"    <mes:ID>{name}</mes:ID>",
        "    <mes:Test>false</mes:Test>",
        f"    <mes:Prepared>{prepared.isoformat()}T00:00:00Z</mes:Prepared>",
        f"    <mes:Sender id={quoteattr(structure.agency)}/>",
        f'    <mes:Structure structureID="{structure.id}" namespace="{urn}" dimensionAtObservation="AllDimensions">',
        f"      <com:StructureUsage>{urn}</com:StructureUsage>",
        "    </mes:Structure>",
        "  </mes:Header>",
        f'  <mes:DataSet ss:structureRef="{structure.id}" xsi:type="ns1:DataSetType"',
        f'    action="Information"{_attributes(data.whole.items())}>',
    ]
    lines += [f"    <Obs{_attributes(zip(data.columns, row, strict=True))}/>" for row in data.rows]
    return "\n".join([*lines, "  </mes:DataSet>", "</mes:StructureSpecificData>", ""])


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in pairs if value)
