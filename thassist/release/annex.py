"""The signed-off report of an audit: for every withheld figure what each attacker can know of it. Confidential.

It stands beside the ledger, never in the folder of a release, and belongs to its owner alone: whoever holds it knows
which figures are small. It also says what the protection costs, which figures were dearest, and which two categories
would, joined, save most.
"""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from thassist.codes import TOTAL
from thassist.release.public import Secured
from thassist.release.rounded import SecuredByRounding
from thassist.tables.cube import CellKey
from thassist.tables.model import TableSpec

_MOST = 10


def file_of(secured: Secured, folder: Path) -> Path:
    """Where the report of a release stands."""
    release = secured.release
    return folder / f"{release.spec.id}_{release.period.slug}_audit_confidential.json"


def write(secured: Secured, folder: Path) -> Path:
    """Write the report into a folder that is no release's; readable by its owner alone."""
    path = file_of(secured, folder)
    text = json.dumps(report(secured), ensure_ascii=False, indent=1) + "\n"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.replace(path)
    return path


def report(secured: Secured) -> dict[str, Any]:
    """The content of the report."""
    release, policy = secured.release, secured.policy
    return {
        "schema": 1,
        "confidential": True,
        "release": release.spec.id,
        "period": release.period.code,
        "snapshot": release.snapshot,
        "synthetic": release.synthetic,
        "policy": {
            "version": policy.version,
            "digest": policy.digest,
            "approved_by": policy.approval.by,
            "threshold": policy.threshold,
            "width": policy.width,
            "attackers": list(policy.attackers),
        },
        "safe": bool(secured.audits) and all(audit.safe for audit in secured.audits),
        "totals": secured.totals() if isinstance(secured, SecuredByRounding) else totals(secured),
        "populations": [_population(secured, number) for number in range(len(secured.joints))],
        "revised": [{"table": table, "cell": list(key)} for table, key in secured.revised],
        **(
            {} if isinstance(secured, SecuredByRounding) else {"merges": list(itertools.islice(merges(secured), _MOST))}
        ),
    }


def summary(secured: Secured) -> tuple[str, dict[str, Any]]:
    """What was done to the figures, as an entry of the catalogue and what stands in it."""
    if isinstance(secured, SecuredByRounding):
        return "public.rounded", secured.totals()
    return "public.protected", totals(secured)


def totals(secured: Secured) -> dict[str, int]:
    """Figures of this release: all, withheld, and those of them withheld to protect others."""
    cells = withheld = secondary = persons = 0
    for number, one in enumerate(secured.joints):
        pattern = secured.patterns[number]
        own = np.zeros(one.system.size, bool)
        for cube in secured.release.cubes:
            if secured.joint_of(cube.spec.id) == number:
                places = [cell for key in cube.cells for cell in one.cells(cube.spec, key) if cell >= 0]
                own[places] = True
        hidden = own & pattern.withheld
        large = hidden & (one.truth >= secured.policy.threshold)
        cells, withheld = cells + int(own.sum()), withheld + int(hidden.sum())
        secondary, persons = secondary + int(large.sum()), persons + int(one.truth[large].sum())
    return {"cells": cells, "withheld": withheld, "secondary": secondary, "units_hidden": persons}


def _rounded(secured: SecuredByRounding, number: int) -> dict[str, Any]:
    """A rounded population: every small figure, how it is printed, and what the attackers know of it."""
    one, rounding = secured.joints[number], secured.roundings[number]
    audit = secured.audits[number] if secured.audits else secured.expected[number]
    names = _names(secured, number)
    cells = [
        {
            "figures": [{"table": table, "cell": list(key)} for table, key in names.get(cell, ())],
            "printed": int(rounding.values[cell]),
            "known_to_be": [_number(audit.proven_low[cell]), _number(audit.proven_high[cell])],
            "may_be": [_number(audit.shown_low[cell]), _number(audit.shown_high[cell])],
        }
        for cell in np.flatnonzero(audit.sensitive).tolist()
    ]
    return {
        "counts": "/".join(one.name),
        "tables": list(one.tables),
        "units": one.units,
        "equations": int(one.system.rows.shape[0]),
        "seconds": {"audit": round(audit.seconds, 2)},
        "small": cells,
    }


def _population(secured: Secured, number: int) -> dict[str, Any]:
    if isinstance(secured, SecuredByRounding):
        return _rounded(secured, number)
    one, pattern = secured.joints[number], secured.patterns[number]
    audit = secured.audits[number] if secured.audits else pattern.audit
    names = _names(secured, number)
    cells = []
    hidden = pattern.withheld if audit is None else audit.withheld  # what is planned for later is not out yet
    for cell in np.flatnonzero(hidden).tolist():
        told: dict[str, Any] = {
            "figures": [{"table": table, "cell": list(key)} for table, key in names.get(cell, ())],
            "reason": "small" if one.truth[cell] < secured.policy.threshold else "protects",
        }
        if audit is not None:
            told["known_to_be"] = [_number(audit.proven_low[cell]), _number(audit.proven_high[cell])]
            told["may_be"] = [_number(audit.shown_low[cell]), _number(audit.shown_high[cell])]
        cells.append(told)
    return {
        "counts": "/".join(one.name),
        "tables": list(one.tables),
        "units": one.units,
        "equations": int(one.system.rows.shape[0]),
        "seconds": {"protect": round(pattern.seconds, 2), "audit": round(audit.seconds, 2) if audit else None},
        "loss": pattern.loss(),
        "withheld": cells,
        "dearest": [
            {"figures": [{"table": t, "cell": list(k)} for t, k in names.get(c, ())], "units": int(one.truth[c])}
            for c in pattern.dearest(_MOST).tolist()
        ],
    }


def _number(value: float) -> int | None:
    """An end of an interval; None where there is none."""
    return int(value) if np.isfinite(value) and value < 10**7 else None


def _names(secured: Secured, number: int) -> dict[int, list[tuple[str, CellKey]]]:
    """Cell → the figures that show it."""
    one = secured.joints[number]
    found: dict[int, list[tuple[str, CellKey]]] = {}
    for table in one.tables:
        spec = one.spec(table)
        for key in one.figures[table]:
            for cell in one.cells(spec, key):
                if cell >= 0:
                    found.setdefault(cell, []).append((table, key))
    return found


def merges(secured: Secured) -> Iterator[dict[str, Any]]:
    """Pairs of categories whose joining would save most withheld figures, most first: an estimate per table."""
    found = []
    for number, one in enumerate(secured.joints):
        hidden = secured.patterns[number].withheld
        for cube in secured.release.cubes:
            if secured.joint_of(cube.spec.id) == number and cube.spec.measure.counts:
                withheld = {
                    key: float(one.truth[one.cells(cube.spec, key)[0]])
                    for key in cube.cells
                    if one.cells(cube.spec, key)[0] >= 0 and hidden[one.cells(cube.spec, key)[0]]
                }
                found += list(_pairs(cube.spec, withheld, secured.policy.threshold))
    yield from sorted(found, key=lambda each: (-each["saves"], each["table"], each["join"]))


def _pairs(spec: TableSpec, withheld: dict[CellKey, float], threshold: int) -> Iterator[dict[str, Any]]:
    for place, dimension in enumerate(spec.dimensions, start=1):
        if dimension.multiple:
            continue
        by_code: dict[str, dict[CellKey, float]] = {}
        for key, value in withheld.items():
            if key[place] != TOTAL:
                by_code.setdefault(key[place], {})[(*key[:place], *key[place + 1 :])] = value
        for one, other in itertools.combinations(sorted(by_code), 2):
            ours, theirs = by_code[one], by_code[other]
            joined = {key: ours.get(key, 0) + theirs.get(key, 0) for key in ours.keys() | theirs.keys()}
            saved = len(ours) + len(theirs) - sum(0 < value < threshold for value in joined.values())
            if saved > 0:
                yield {"table": spec.id, "dimension": dimension.id, "join": [one, other], "saves": saved}
