"""The signed-off report of an audit: for every withheld figure what each attacker can know of it. Confidential.

It stands beside the ledger, never in the folder of a release, and belongs to its owner alone: whoever holds it knows
which figures are small. It also says what the protection costs, which figures were dearest, and which two categories
would, joined, save most.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from thassist import messages
from thassist.codes import TOTAL, classification
from thassist.disclosure import merging
from thassist.disclosure.counted import MEMBER
from thassist.disclosure.rule import Rule
from thassist.release.public import Secured, must_stay
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
        **({} if isinstance(secured, SecuredByRounding) else {"merges": merges(secured)[:_MOST]}),
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
        "not_assumed": [list(pair) for pair in one.not_assumed],
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
        "not_assumed": [list(pair) for pair in one.not_assumed],
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


def merges(secured: Secured) -> list[dict[str, Any]]:
    """Which two categories to make one, most saved first: measured by protecting again, else estimated.

    Where figures of a population are out already, joining protects nothing, and nothing is told of it.
    """
    found: list[tuple[tuple[int, int], dict[str, Any]]] = []
    for number, (one, pattern) in enumerate(zip(secured.joints, secured.patterns, strict=True)):
        if any(each.any() for each in secured.before[number]):
            continue
        left = secured.policy.protect_seconds - pattern.seconds
        rule = replace(Rule.of(secured.policy), protect_seconds=max(1.0, left / merging.MOST))
        fit = min(merging.MOST, int(left / max(1.0, pattern.seconds)))
        named = _categories(secured, number)
        stay = must_stay(secured, number)
        for each in merging.merges(pattern, rule, most=fit, keep={MEMBER}, must_stay=stay):
            first, second = (named.get((each.variable, code), {}) for code in each.codes)
            for place in sorted(first.keys() & second.keys())[:1]:  # one table is enough to name them
                rank = (each.saves is None, -(each.small if each.saves is None else each.saves))
                found.append((rank, _merge(one.spec(place[0]), place, (first[place], second[place]), each)))
    return [told for _, told in sorted(found, key=lambda each: (*each[0], each[1]["table"], each[1]["join"]))]


def _categories(secured: Secured, number: int) -> dict[tuple[str, str], dict[tuple[str, str], str]]:
    """(variable, node) → by (table, dimension) the category of this release that it is."""
    one = secured.joints[number]
    found: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for cube in secured.release.cubes:
        if secured.joint_of(cube.spec.id) != number or not cube.spec.measure.counts:
            continue
        for key in cube.cells:
            codes = [(d.id, code) for d, code in zip(cube.spec.dimensions, key[1:], strict=True) if code != TOTAL]
            cell = one.cells(cube.spec, key)[0]
            if len(codes) != 1 or cell < 0:
                continue
            name, *nodes = one.system.name(cell)
            variables = one.system.populations[one.system.population(name)].variables
            at = [(v.name, n) for v, n in zip(variables, nodes, strict=True) if n != TOTAL and v.name != MEMBER]
            if len(at) == 1:
                found.setdefault(at[0], {})[cube.spec.id, codes[0][0]] = codes[0][1]
    return found


def _merge(spec: TableSpec, place: tuple[str, str], codes: tuple[str, str], merge: merging.Merge) -> dict[str, Any]:
    known = classification(spec.dimension(place[1]).classification)
    entry = "public.merge_estimated" if merge.saves is None else "public.merge_measured"
    count = merge.small if merge.saves is None else merge.saves
    return {
        "table": place[0],
        "dimension": place[1],
        "join": list(codes),
        "saves": merge.saves,
        "fewer_small": merge.small,
        "said": {
            lang: messages.text(
                entry, lang, "what", one=known.label(codes[0], lang), other=known.label(codes[1], lang), count=count
            )
            for lang in messages.LANGUAGES
        },
    }
