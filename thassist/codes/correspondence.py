"""A correspondence: how each code of one classification is expressed in another.

File ``reports/correspondences/<source>@<v>--<target>@<v>.csv`` with columns ``source``, ``target``, ``note``.
A correspondence used to publish must be total and many-to-one: every source code has exactly one target.
"""

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.codes.classification import Classification, classification, read_rows
from thassist.errors import InvalidDefinition

_FOLDER = "correspondences"


@dataclass(frozen=True)
class Correspondence:
    """A checked map from the codes of ``source`` to the codes of ``target``."""

    source: Classification
    target: Classification
    targets: dict[str, str]

    @property
    def ref(self) -> str:
        """``source@v--target@v``."""
        return f"{self.source.ref}--{self.target.ref}"

    def missing(self) -> list[str]:
        """The source codes without a target; empty where the correspondence is total."""
        return [code for code in self.source.codes if code not in self.targets]


def correspondence(ref: str) -> Correspondence:
    """One correspondence by ``source@v--target@v``.

    Raises:
        InvalidDefinition: it does not exist, names an unknown code, or gives a source code two targets.
    """
    return _find(ref, _data.reports_dir())


@cache
def _find(ref: str, _home: Path) -> Correspondence:
    known = {path.stem: path for path in _data.definitions(_FOLDER, ".csv")}
    if ref not in known:
        near = difflib.get_close_matches(ref, known, n=1, cutoff=0.4)
        raise InvalidDefinition("codes.no_correspondence", ref=ref, nearest=near[0] if near else "–")
    return _read(known[ref])


def all_correspondences() -> list[Correspondence]:
    """Every correspondence, by name."""
    return [correspondence(path.stem) for path in _data.definitions(_FOLDER, ".csv")]


def _read(path: Path) -> Correspondence:
    source_ref, _, target_ref = path.stem.partition("--")
    source, target = classification(source_ref), classification(target_ref)
    targets: dict[str, str] = {}
    for line, row in read_rows(path):
        left, right = row.get("source", ""), row.get("target", "")
        if left not in source.codes or right not in target.codes or left in targets:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line)
        targets[left] = right
    return Correspondence(source, target, targets)
