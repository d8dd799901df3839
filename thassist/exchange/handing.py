"""Handing records over: written beside, proved, entered in the register, and only then moved into place."""

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thassist import __version__
from thassist.errors import AuditFailed, StorageError, ThassistError
from thassist.exchange.anonymity import Anonymous, anonymous
from thassist.exchange.definition import Definition
from thassist.exchange.proof import Proof, prove
from thassist.exchange.register import Register
from thassist.exchange.rows import rows
from thassist.snapshot import Snapshot

#: What every file of records says of itself.
HANDLING = "restricted: not for publication"
_LEAST = 3


@dataclass(frozen=True)
class Handed:
    """What was handed over.

    Attributes:
        file: the records; ``about`` is the file beside it that says what they are.
        persons: those who fulfil the layout's conditions.
        written: records in the file.
        entry: the line of the register.
        lost: column → (cells that said something, cells blanked of them); empty where nothing had to be made anonymous.
        proof: what the independent check found; None where nothing had to be made anonymous.
    """

    file: Path
    about: Path
    persons: int
    written: int
    entry: Mapping[str, Any]
    lost: Mapping[str, tuple[int, int]]
    proof: Proof | None

    @property
    def dropped(self) -> int:
        """Persons of whom no record was written."""
        return self.persons - self.written


def hand_over(
    definition: Definition,
    snapshot: Snapshot,
    target: Path,
    register: Register,
    *,
    receiver: str,
    why: str,
    by: str,
    first: int,
    last: int,
) -> Handed:
    """Write the records of a layout for a named receiver and purpose.

    Raises:
        ThassistError: no receiver or purpose is named (exit code 2 is for the command line).
        AuditFailed: too few persons, records of these years were contributed before, or the file is not k-anonymous.
        StorageError: the file exists, or cannot be written.
        InvalidDefinition: the layout's query cannot run.
    """
    receiver, why = " ".join(receiver.split()), " ".join(why.split())
    if len(receiver) < _LEAST or len(why) < _LEAST:
        raise ThassistError("exchange.no_reason")
    about = target.with_name(f"{target.name}.about.json")
    for path in (target, about):
        if path.exists():
            raise StorageError("exchange.exists", file=path.name)
    if definition.k:
        _not_twice(definition, register, first, last)
    found = rows(definition, snapshot, first, last)
    names = [column.name for column in definition.columns]
    made: Anonymous | None = None
    if definition.k:
        fixed = frozenset(column.name for column in definition.columns if column.way == "constant")
        made = anonymous(
            found, names, k=definition.k, missing=definition.missing, weights=definition.weights, fixed=fixed
        )
        if not made.rows:
            raise AuditFailed("exchange.too_few", k=definition.k)
    out: Sequence[tuple[str, ...]] = found if made is None else made.rows
    beside = _write(target, names, out)
    try:
        proof = _proved(beside, names, out, definition) if definition.k else None
        content = {
            "exchange": definition.id,
            "version": definition.version,
            "to": receiver,
            "why": why,
            "by": by,
            "first": first,
            "last": last,
            "snapshot": snapshot.id,
            "synthetic": snapshot.synthetic_for(definition.reporting_system),
            "persons": len(found),
            "records": len(out),
            "k": definition.k,
            "sha256": hashlib.sha256(beside.read_bytes()).hexdigest(),
        }
        lost = {} if made is None else dict(zip(names, zip(made.told, made.blanked, strict=True), strict=True))
        note = _noted(about, definition, content | _cells(definition, out), lost, proof)
        try:
            entry = register.add(content)
            note.replace(about)
            beside.replace(target)
        finally:
            note.unlink(missing_ok=True)
    finally:
        beside.unlink(missing_ok=True)
    return Handed(target, about, len(found), len(out), entry, lost, proof)


def _not_twice(definition: Definition, register: Register, first: int, last: int) -> None:
    """Two contributions of one year differ by few persons, whom their difference would show."""
    for entry in register.entries():
        if entry["exchange"] == definition.id and entry["first"] <= last and first <= entry["last"]:
            raise AuditFailed("exchange.overlaps", first=entry["first"], last=entry["last"], number=entry["number"])


def _proved(file: Path, names: Sequence[str], out: Sequence[tuple[str, ...]], definition: Definition) -> Proof:
    proof = prove(file, names)
    if not proof.holds(definition.k, len(out)):
        raise AuditFailed("exchange.not_anonymous", k=definition.k, fewest=min(proof.fewest, proof.fewest_answer))
    return proof


def _write(target: Path, names: Sequence[str], out: Sequence[tuple[str, ...]]) -> Path:
    """The records in a file of their owner's beside the target."""
    path = _beside(target)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows(out)
        file.flush()
        os.fsync(file.fileno())
    return path


def _cells(definition: Definition, out: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """How many cells of the file say something, how many nothing, and how many are of columns that are not ours."""
    ours = [place for place, column in enumerate(definition.columns) if column.way != "empty"]
    filled = sum(row[place] != definition.missing for row in out for place in ours)
    counts = {
        "cells": len(out) * len(definition.columns),
        "filled": filled,
        "not_known": len(out) * len(ours) - filled,
        "not_ours": len(out) * (len(definition.columns) - len(ours)),
    }
    return {"columns": len(definition.columns), "content": counts}


def _noted(
    about: Path,
    definition: Definition,
    content: Mapping[str, Any],
    lost: Mapping[str, tuple[int, int]],
    proof: Proof | None,
) -> Path:
    """The file that says what the records are, beside its place."""
    settings = {
        each.id: each.choice
        for column in definition.columns
        if column.correspondence
        for each in column.correspondence.settings
    }
    told = {
        "handling": HANDLING,
        "thassist": __version__,
        **content,
        "settings": settings,
        "cells": {name: {"told": told, "blanked": gone} for name, (told, gone) in lost.items() if told},
        "proof": None
        if proof is None
        else {
            "combinations": proof.combinations,
            "fewest_records": proof.fewest,
            "questions": proof.questions,
            "fewest_answer": proof.fewest_answer,
        },
    }
    path = _beside(about)
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _beside(target: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # for its owner alone
    except OSError as error:
        raise StorageError("exchange.unwritable", file=target.name) from error
    os.close(handle)
    return Path(name)
