"""``datapackage.json``: what the CSV files are, for programs (Data Package 2.0, Tabular Data Resource).

Beside the tables stand the code lists they use, so that the codes of a table refer to something in the package.
"""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

from thassist.codes import TOTAL, Classification, classification
from thassist.messages import LANGUAGES
from thassist.publish.tidy_csv import LABELS, plain
from thassist.release.build import Release
from thassist.tables.cube import Cube, Status
from thassist.tables.model import Dimension, TableSpec

FILE = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_CODES = "codes"


def write(release: Release, folder: Path) -> None:
    """Write the code lists and the description beside the CSV files of ``folder``."""
    (folder / _CODES).mkdir()
    refs = sorted({dimension.classification for cube in release.cubes for dimension in cube.spec.dimensions})
    lists = []
    for ref in refs:
        path = folder / _CODES / f"{ref}.csv"
        path.write_text(_code_list(classification(ref)), encoding="utf-8", newline="")
        lists.append(_codes_resource(classification(ref), path, folder))
    tables = [_table_resource(cube, folder / f"{cube.spec.id}.csv", folder) for cube in release.cubes]
    (folder / FILE).write_text(
        json.dumps(_package(release, [*tables, *lists]), ensure_ascii=False, indent=2) + "\n",
        encoding="utf-8",
        newline="",
    )


def _package(release: Release, resources: list[dict[str, Any]]) -> dict[str, Any]:
    spec = release.spec
    licence = {"name": spec.licence.name, "title": spec.licence.titles[LABELS]}
    if spec.licence.path:
        licence["path"] = spec.licence.path
    return {
        "$schema": _PROFILE,
        "name": f"{spec.id}_{release.period.code}".lower(),
        "title": f"{spec.titles[LABELS]}, {release.period.code}",
        "version": spec.version,
        "licenses": [licence],
        "contributors": [{"title": spec.publisher[LABELS], "roles": ["publisher"]}],
        "sources": [{"title": spec.source[LABELS]}],
        "audience": spec.audience,
        "synthetic": release.synthetic,
        "provisional": release.provisional,
        "period": {
            "code": release.period.code,
            "start": release.period.start.isoformat(),
            "end": release.period.end.isoformat(),
        },
        "snapshot": {"id": release.snapshot, "as_of": release.as_of.isoformat()},
        "resources": resources,
    }


def _resource(name: str, path: Path, folder: Path, schema: dict[str, Any]) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "name": name,
        "path": path.relative_to(folder).as_posix(),
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _table_resource(cube: Cube, path: Path, folder: Path) -> dict[str, Any]:
    spec = cube.spec
    fields: list[dict[str, Any]] = [
        {
            "name": "period",
            "type": "string",
            "description": f"{', '.join(period.code for period in cube.periods)}; {spec.time.reference}",
            "constraints": {"required": True, "enum": [period.code for period in cube.periods]},
        }
    ]
    for dimension in spec.dimensions:
        fields += [
            {
                "name": dimension.id,
                "type": "string",
                "title": dimension.titles[LABELS],
                "description": f"Code of {dimension.classification}; response {_response(spec, dimension)}",
                "constraints": {"required": True},
            },
            {"name": f"{dimension.id}_label", "type": "string", "description": "English label of the code"},
        ]
    decimals = spec.measure.decimals
    fields += [
        {"name": "unit", "type": "string", "description": spec.unit.labels[LABELS]},
        {
            "name": "value",
            "type": "number" if decimals else "integer",
            "description": "Empty exactly where the status says why there is no figure",
        },
        {
            "name": "status",
            "type": "string",
            "description": "SDMX CL_OBS_STATUS: A normal, B break, P provisional, M not applicable, O not known, "
            "Q suppressed",
            "constraints": {"required": True, "enum": [status.value for status in Status]},
        },
        {"name": "note", "type": "string"},
    ]
    names = [dimension.id for dimension in spec.dimensions]
    schema = {
        "fields": fields,
        "missingValues": [""],
        "primaryKey": ["period", *names],
        "foreignKeys": [
            {
                "fields": [dimension.id],
                "reference": {"resource": _name(dimension.classification), "fields": ["code"]},
            }
            for dimension in spec.dimensions
        ],
    }
    resource = _resource(_name(spec.id), path, folder, schema)
    resource["title"] = spec.titles[LABELS]
    resource["description"] = " ".join([spec.population.texts[LABELS], *(note[LABELS] for note in spec.notes)])
    resource["specVersion"] = spec.version
    resource["countingRule"] = spec.unit.counting_rule
    resource["absentIsZero"] = spec.zeros == "omit"
    return resource


def _codes_resource(known: Classification, path: Path, folder: Path) -> dict[str, Any]:
    labels = [{"name": f"label_{lang}", "type": "string"} for lang in LANGUAGES]
    fields = [{"name": "code", "type": "string"}, *labels, {"name": "parent", "type": "string"}]
    resource = _resource(
        _name(known.ref), path, folder, {"fields": fields, "missingValues": [""], "primaryKey": ["code"]}
    )
    resource["title"] = known.titles[LABELS]
    resource["sources"] = [{"title": known.source}]
    return resource


def _code_list(known: Classification) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["code", *(f"label_{lang}" for lang in LANGUAGES), "parent"])
    writer.writerow([TOTAL, *(known.label(TOTAL, lang) for lang in LANGUAGES), ""])
    for code in known.codes.values():
        writer.writerow([code.code, *(plain(code.labels[lang]) for lang in LANGUAGES), code.parent])
    return stream.getvalue()


def _name(text: str) -> str:
    """A name as Data Package allows: lower case letters, digits, dot, hyphen and underscore."""
    return re.sub(r"[^a-z0-9._-]", "-", text.lower())


def _response(spec: TableSpec, dimension: Dimension) -> str:
    """How the categories stand to their total; shares and medians do not add up, a rest is in the total only."""
    if not spec.measure.additive:
        return "open"
    if dimension.rest:
        return "open" if dimension.multiple else "partial"
    return "multiple" if dimension.multiple else "single"
