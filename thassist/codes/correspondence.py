"""A correspondence: how each code of one classification is expressed in another.

File ``reports/correspondences/<source>@<v>--<target>@<v>.csv`` with columns ``source``, ``target``, ``note`` and,
where an answer is contested, ``setting`` and ``choice``: such a row holds only while that setting has that choice.
An empty ``target`` says that the other side has no code for it, and ``note`` why; such a unit is counted in totals
only. Every source code is named exactly once, so that nothing gets lost unseen: the correspondence is many-to-one,
and *total* where no target is empty.

A file ``<the same name>.toml`` beside it may give ``source`` and ``confidence``, as a classification has them.
"""

import difflib
import itertools
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.codes.classification import CONFIDENCE, Classification, classification, read_rows
from thassist.codes.settings import Setting, setting
from thassist.errors import InvalidDefinition

_FOLDER = "correspondences"
_BETWEEN = "--"


@dataclass(frozen=True)
class Correspondence:
    """A checked map from the codes of ``source`` to the codes of ``target``.

    Attributes:
        source, target: the two classifications.
        targets: source code → target code.
        without: source code → why the target classification has no code for it.
        settings: the settings that decided some of the rows.
        origin: where the map comes from; empty where it is our own.
        confidence: how sure that source is, by :data:`~thassist.codes.classification.CONFIDENCE`.
    """

    source: Classification
    target: Classification
    targets: dict[str, str]
    without: dict[str, str] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    origin: str = ""
    confidence: str = "own"
    steps: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """``source@v--target@v``, with the steps between where it is composed."""
        return _BETWEEN.join((self.source.ref, *self.steps, self.target.ref))

    @property
    def total(self) -> bool:
        """Whether every source code has a target."""
        return not self.without and not self.missing()

    def missing(self) -> list[str]:
        """The source codes that are neither mapped nor declared to have no target; empty where it is proved."""
        return [code for code in self.source.codes if code not in self.targets and code not in self.without]


def correspondence(ref: str) -> Correspondence:
    """One correspondence by ``source@v--target@v``; ``a@1--b@1--c@1`` is the one from ``a`` to ``c`` by way of ``b``.

    Raises:
        InvalidDefinition: it does not exist, names an unknown code, or gives a source code two targets.
    """
    refs = ref.split(_BETWEEN)
    if len(refs) <= 2:
        return _current(ref)
    found = _current(_BETWEEN.join(refs[:2]))
    for left, right in itertools.pairwise(refs[1:]):
        found = _composed(found, _current(f"{left}{_BETWEEN}{right}"))
    return found


def all_correspondences() -> list[Correspondence]:
    """Every correspondence that is written down, by name."""
    return [correspondence(path.stem) for path in _data.definitions(_FOLDER, ".csv")]


def _composed(first: Correspondence, second: Correspondence) -> Correspondence:
    targets = {code: second.targets[middle] for code, middle in first.targets.items() if middle in second.targets}
    without = first.without | {
        code: second.without[middle] for code, middle in first.targets.items() if middle in second.without
    }
    weakest = max(first.confidence, second.confidence, key=CONFIDENCE.index)
    settings = tuple({each.id: each for each in (*first.settings, *second.settings)}.values())
    origin = "; ".join(dict.fromkeys(part for part in (first.origin, second.origin) if part))
    steps = (*first.steps, second.source.ref)
    return Correspondence(first.source, second.target, targets, without, settings, origin, weakest, steps)


def _current(ref: str) -> Correspondence:
    path = _find(ref, _data.reports_dir())
    choices = _needed(path)
    return _read(path, tuple(setting(name).choice for name in choices))


def forget() -> None:
    """Read the correspondences anew: their files, or the lists that they join, were changed by this process."""
    for found in (_find, _needed, _read):
        found.cache_clear()


@cache
def _find(ref: str, _home: Path) -> Path:
    known = {path.stem: path for path in _data.definitions(_FOLDER, ".csv")}
    if ref not in known:
        near = difflib.get_close_matches(ref, known, n=1, cutoff=0.4)
        raise InvalidDefinition("codes.no_correspondence", ref=ref, nearest=near[0] if near else "–")
    return known[ref]


@cache
def _needed(path: Path) -> tuple[str, ...]:
    """The settings that a file names."""
    return tuple(dict.fromkeys(row["setting"] for _, row in read_rows(path) if row.get("setting")))


@cache
def _read(path: Path, _choices: tuple[str, ...]) -> Correspondence:
    source_ref, _, target_ref = path.stem.partition(_BETWEEN)
    source, target = classification(source_ref), classification(target_ref)
    targets: dict[str, str] = {}
    without: dict[str, str] = {}
    for line, row in read_rows(path):
        left, right, note = row.get("source", ""), row.get("target", ""), row.get("note", "")
        name, choice = row.get("setting", ""), row.get("choice", "")
        if name and choice not in setting(name).choices:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line)
        if name and setting(name).choice != choice:
            continue
        known = right in target.codes if right else bool(note)
        if left not in source.codes or not known or left in targets or left in without:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line)
        if right:
            targets[left] = right
        else:
            without[left] = note
    meta = _data.read_toml(path.with_suffix(".toml")) if path.with_suffix(".toml").is_file() else {}
    confidence = str(meta.get("confidence", "own"))
    if confidence not in CONFIDENCE:
        raise InvalidDefinition("codes.bad_header", file=path.with_suffix(".toml").name)
    used = tuple(setting(name) for name in _needed(path))
    return Correspondence(source, target, targets, without, used, str(meta.get("source", "")), confidence)
