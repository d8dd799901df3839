"""The hash of all that decides the figures of a table: its definition, its view, its code lists and correspondences.

Words are left out: a better title changes no figure. The manifest of a release keeps the hash, so that a later one can
tell a change of definition from a change in the records.
"""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from thassist.codes import classification, correspondence
from thassist.dates import parse_period
from thassist.messages import LANGUAGES
from thassist.tables.model import TableSpec
from thassist.tables.population import population
from thassist.tables.views import view_sql

_ANY_PERIOD = parse_period("2000")
#: What says how a table looks or what it is compared with, not what is in it.
_NOT_COUNTED = {"version", "status", "layout", "notes", "check_measure", "concepts", "counting_rule"}


def fingerprint(spec: TableSpec) -> str:
    """The SHA-256 of what decides a table's figures, in hexadecimal digits.

    Raises:
        InvalidDefinition: a definition that the table names does not exist or is wrong.
    """
    refs = sorted({dimension.classification for dimension in spec.dimensions})
    maps = sorted({ref for dimension in spec.dimensions for ref in (dimension.via, *dimension.older) if ref})
    residents = population(spec.measure.population).persons if spec.measure.population else {}
    content = {
        "spec": _without_words({name: value for name, value in asdict(spec).items() if name not in _NOT_COUNTED}),
        "view": view_sql(spec.population.view, _ANY_PERIOD),
        "classifications": {ref: _codes(ref) for ref in refs},
        "residents": sorted((str(day), *codes, persons) for (day, codes), persons in residents.items()),
        "correspondences": {ref: dict(sorted(correspondence(ref).targets.items())) for ref in maps},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _codes(ref: str) -> list[list[object]]:
    members = classification(ref).members
    return [
        [
            code.code,
            code.parent,
            code.lower,
            code.upper,
            code.valid_from,
            code.valid_to,
            sorted(members.get(code.code, ())),
        ]
        for code in classification(ref).codes.values()
    ]


def _without_words(content: Any) -> Any:
    """The content without its texts (blocks of fi, sv and en) and without what is not counted."""
    if isinstance(content, dict):
        if content and set(content) <= set(LANGUAGES):
            return None
        return {name: _without_words(value) for name, value in content.items() if name not in _NOT_COUNTED}
    if isinstance(content, (list, tuple)):
        return [_without_words(value) for value in content]
    return content
