"""``csv-metadata.json``: what the CSV files are, as linked data tools read it (W3C CSV on the Web).

The same facts as in ``datapackage.json``: the columns with their types and permitted codes, the key, and where the
codes are listed. It follows *Metadata Vocabulary for Tabular Data* (W3C, 2015); the codes of a dimension are
foreign keys into the code lists beside the tables.
"""

import json
from pathlib import Path
from typing import Any

from thassist.codes import classification
from thassist.messages import LANGUAGES
from thassist.release.build import Release
from thassist.tables.cube import Cube, Status

FILE = "csv-metadata.json"
_CONTEXT = "http://www.w3.org/ns/csvw"


def write(release: Release, folder: Path) -> None:
    """Write the description beside the CSV files and code lists of ``folder``."""
    refs = sorted({dimension.classification for cube in release.cubes for dimension in cube.spec.dimensions})
    group = {
        "@context": [_CONTEXT, {"@language": "en"}],
        "dc:title": {lang: f"{release.spec.titles[lang]}, {release.period.code}" for lang in LANGUAGES},
        "dc:publisher": {lang: release.spec.publisher[lang] for lang in LANGUAGES},
        "dc:license": release.spec.licence.path or release.spec.licence.name,
        "dc:modified": release.as_of.isoformat(),
        "dc:source": release.snapshot,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "lineTerminators": ["\n"], "header": True},
        "tables": [*(_table(cube) for cube in release.cubes), *(_code_list(ref) for ref in refs)],
    }
    (folder / FILE).write_text(json.dumps(group, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="")


def _table(cube: Cube) -> dict[str, Any]:
    spec = cube.spec
    columns: list[dict[str, Any]] = [
        _column("period", required=True, said={"format": "|".join(period.code for period in cube.periods)})
    ]
    for dimension in spec.dimensions:
        columns.append(_column(dimension.id, required=True) | {"titles": [dimension.id], "dc:title": dimension.titles})
        columns.append(_column(f"{dimension.id}_label"))
    number = "decimal" if spec.measure.decimals else "integer"
    columns += [
        _column("unit"),
        {"name": "value", "titles": ["value"], "datatype": number, "null": ""},
        _column("status", required=True, said={"format": "|".join(status.value for status in Status)}),
        _column("note"),
    ]
    return {
        "url": f"{spec.id}.csv",
        "dc:title": spec.titles,
        "dc:description": {
            lang: " ".join([spec.population.texts[lang], *(note[lang] for note in spec.notes)]) for lang in LANGUAGES
        },
        "tableSchema": {
            "columns": columns,
            "primaryKey": ["period", *(dimension.id for dimension in spec.dimensions)],
            "foreignKeys": [
                {
                    "columnReference": dimension.id,
                    "reference": {"resource": _codes(dimension.classification), "columnReference": "code"},
                }
                for dimension in spec.dimensions
            ],
        },
    }


def _code_list(ref: str) -> dict[str, Any]:
    known = classification(ref)
    return {
        "url": _codes(ref),
        "dc:title": known.titles,
        "dc:source": known.source,
        "tableSchema": {
            "columns": [
                _column("code", required=True),
                *(_column(f"label_{lang}") | {"lang": lang} for lang in LANGUAGES),
                _column("parent"),
            ],
            "primaryKey": "code",
        },
    }


def _column(name: str, *, required: bool = False, said: dict[str, str] | None = None) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": name,
        "titles": [name],
        "datatype": {"base": "string", **said} if said else "string",
    }
    return column | ({"required": True} if required else {"null": ""})


def _codes(ref: str) -> str:
    return f"codes/{ref}.csv"
