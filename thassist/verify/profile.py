r"""Profiles of publications: which column is what, what the symbols mean, and which checks apply.

A profile is a file ``reports/verify/<id>.toml``::

    schema = 1
    id = "example"                     # == file name
    source = "…"                       # what the profile was made from
    confidence = "seen"                # seen | inferred | from memory | own
    [title]                            # fi, sv, en
    [file]
    skip = 2                           # rows above the header
    sheet = "Data"                     # optional; else the first sheet that has the columns
    [columns]
    key = ["country", "sex", "year"]   # what a figure is about: together they name one figure
    value = "count"
    time = "year"                      # optional: one of the key
    page = "source_url"                # optional: where the figure is printed
    status = "status"                  # optional: SDMX CL_OBS_STATUS or the publisher's own
    more = ["caption"]                 # optional: further columns that checks look at
    labelled = "_label"                # optional: each column X that has a neighbour X_label is in the key too
    [names]                            # optional: column = headers under which it may stand
    page = ["source_url", "source"]
    [totals]                           # column = codes that stand for all; "*" for the columns not named
    sex = ["Total"]
    [symbols]                          # text of a value = the least and the most it may stand for; [] for not known
    "<5" = [0, 4]
    [status]                           # code = as for symbols, whatever the value says
    Q = [0, inf]
    [package]                          # optional: the Frictionless package beside the file, see verify.package
    file = "datapackage.json"
    field = "Code of (?P<classification>[^;]+); response (?P<response>\\w+)"
    [against]                          # optional: which cells are ours, see verify.against
    [[check]]                          # what applies; the kinds and their keys are in KINDS
    id = "sexes"
    kind = "sum"
    over = ["sex"]                     # its total against its other codes; "*" for every column of the key, or:
    # per = ["country", "year"]        # what both sides share
    # left = [{ sex = "Total" }]       # the cells of the total, or constant = 100
    # right = [{ sex = ["F", "M"] }]   # the cells of the parts; "*" for all codes that are no totals
    relation = "="                     # "<=": parts may be missing; ">=": one unit may stand in several parts
    absent = "zero"                    # or "unknown": what a named part is that is not printed
    tolerance = 0                      # for rounded figures
    severity = "error"                 # optional, of any check: error | warning | information
    [check.where]                      # optional, of any check: the rows it looks at
    country = ["FI", "SE"]
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.rules.finding import Severity

FOLDER = "verify"
CONFIDENCES = ("seen", "inferred", "from memory", "own")
#: For all codes of a column but its totals, in a selector; for every column of the key, in ``over``.
ANY = "*"

#: Kind of check → the keys it must have and those it may have, with the type of each.
KINDS: dict[str, tuple[dict[str, type], dict[str, type]]] = {
    "repeated": ({}, {}),
    "agreement": ({"across": str}, {"says": str, "tolerance": float}),
    "sum": (
        {},
        {
            "over": list,
            "left": list,
            "right": list,
            "per": list,
            "relation": str,
            "absent": str,
            "tolerance": float,
            "constant": float,
        },
    ),
    "share": ({"per": list, "percent": dict, "part": list, "base": list}, {"tolerance": float}),
    "codes": ({}, {"column": str, "codes": list, "classification": str, "pattern": str, "package": bool}),
    "definition": ({"column": str, "code": list}, {}),
    "magnitude": ({"factor": float, "least": float}, {}),
    "own_year": ({}, {}),
    "caption": ({"column": str}, {}),
    "disclosure": ({"sums": list}, {"absent": str, "width": int, "complete": bool}),
}
_COMMON = {"id": str, "kind": str, "severity": str, "where": dict}
#: How parts and total must stand: equal; parts may be incomplete; one unit may stand in several parts.
RELATIONS = ("=", "<=", ">=")
ABSENT = ("zero", "unknown")
SAYS = ("pages", "vintages")

Bounds = tuple[float, float]
#: Column → the codes of a selector; :data:`ANY` stands for all but the totals.
Selector = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Check:
    """One check of a profile: its kind, the rows it looks at (``where``), and its own settings."""

    id: str
    kind: str
    severity: Severity | None
    where: Selector
    settings: Mapping[str, Any]

    def get(self, name: str, default: Any) -> Any:
        """A setting, or what holds where the profile says nothing."""
        return self.settings.get(name, default)


@dataclass(frozen=True)
class Profile:
    """How a publication is read, and what is checked in it; see the module for the meaning of the parts."""

    id: str
    titles: Mapping[str, str]
    source: str
    confidence: str
    skip: int
    sheet: str
    key: tuple[str, ...]
    value: str
    time: str
    page: str
    status_column: str
    more: tuple[str, ...]
    labelled: str
    names: Mapping[str, tuple[str, ...]]
    totals: Mapping[str, tuple[str, ...]]
    symbols: Mapping[str, Bounds | None]
    statuses: Mapping[str, Bounds | None]
    package_file: str
    package_field: str
    checks: tuple[Check, ...] = field(default_factory=tuple)
    against: Mapping[str, Any] = field(default_factory=dict)

    def total_codes(self, column: str) -> tuple[str, ...]:
        """The codes of a column that stand for all of it."""
        return self.totals.get(column, self.totals.get(ANY, ()))


def profile_ids() -> list[str]:
    """The ids of all profiles."""
    return [path.stem for path in _data.definitions(FOLDER)]


def load(profile_id: str) -> Profile:
    """A profile by its id.

    Raises:
        InvalidDefinition: there is none of that id, or its file is wrong.
    """
    known = profile_ids()
    if profile_id not in known:
        near = difflib.get_close_matches(profile_id, known, n=1, cutoff=0.3)
        raise InvalidDefinition("verify.no_profile", profile=profile_id, nearest=", ".join(near or known))
    path = _data.reports_dir() / FOLDER / f"{profile_id}.toml"
    return parse(_data.read_toml(path), path.name)


def parse(content: Mapping[str, Any], file: str) -> Profile:
    """A profile from the content of its file; ``file`` is named in errors.

    Raises:
        InvalidDefinition: a key is unknown, missing or of the wrong type, or a check names what does not exist.
    """
    block = _Block(content, file)
    block.only(
        *("schema", "id", "source", "confidence", "title", "file", "columns", "names", "totals", "symbols"),
        *("status", "package", "check", "against"),
    )
    block.ensure(content.get("schema") == 1 and content.get("id") == Path(file).stem, "schema, id")
    block.ensure(content.get("confidence") in CONFIDENCES, "confidence")
    title = block.part("title", LANGUAGES)
    block.ensure(all(title.get(lang) for lang in LANGUAGES), "title")
    opened = block.part("file", ("skip", "sheet"))
    columns = block.part("columns", ("key", "value", "time", "page", "status", "more", "labelled"))
    package = block.part("package", ("file", "field"))
    profile = Profile(
        id=str(content["id"]),
        titles=title,
        source=block.text("source"),
        confidence=str(content["confidence"]),
        skip=int(opened.get("skip", 0)),
        sheet=str(opened.get("sheet", "")),
        key=_strings(columns.get("key", [])),
        value=str(columns.get("value", "")),
        time=str(columns.get("time", "")),
        page=str(columns.get("page", "")),
        status_column=str(columns.get("status", "")),
        more=_strings(columns.get("more", [])),
        labelled=str(columns.get("labelled", "")),
        names={name: _strings(each) for name, each in content.get("names", {}).items()},
        totals={name: _strings(each) for name, each in content.get("totals", {}).items()},
        symbols={text: block.bounds(each, text) for text, each in content.get("symbols", {}).items()},
        statuses={text: block.bounds(each, text) for text, each in content.get("status", {}).items()},
        package_file=str(package.get("file", "")),
        package_field=str(package.get("field", "")),
        checks=tuple(_check(each, file) for each in content.get("check", [])),
        against=dict(content.get("against", {})),
    )
    block.ensure(bool(profile.value) and bool(profile.key or profile.labelled), "columns")
    block.ensure(not profile.time or profile.time in profile.key, "columns.time")
    block.pattern(profile.package_field, "package.field")
    _references(profile, block)
    return profile


def _references(profile: Profile, block: "_Block") -> None:
    """Every column and check that a check names exists."""
    sums = {check.id for check in profile.checks if check.kind == "sum"}
    block.ensure(len({check.id for check in profile.checks}) == len(profile.checks), "check.id")
    columns = {*profile.key, profile.page, *profile.more}
    for check in profile.checks:
        selectors = [*check.get("left", []), *check.get("right", []), *check.get("part", []), *check.get("base", [])]
        named = [name for selector in [*selectors, check.where, check.get("percent", {})] for name in selector]
        named += [*check.get("per", []), *(name for name in check.get("over", []) if name != ANY)]
        named += [check.settings[name] for name in ("column", "across") if name in check.settings]
        for name in named:
            if name not in columns and not profile.labelled:
                near = difflib.get_close_matches(name, sorted(columns), n=1)
                nearest = near[0] if near else "–"
                raise InvalidDefinition("verify.unknown_name", file=block.file, name=name, nearest=nearest)
        for selector in selectors:
            missing = set(profile.key) - set(selector) - set(check.get("per", []))
            block.ensure(not missing, f"{check.id}: {', '.join(sorted(missing))}")
        block.ensure(set(check.get("sums", [])) <= sums, f"{check.id}.sums")
        block.ensure(check.kind not in {"magnitude", "own_year", "caption"} or bool(profile.time), f"{check.id}: time")


def _check(content: Mapping[str, Any], file: str) -> Check:
    name = str(content.get("id", ""))
    block = _Block(content, file)
    kind = str(content.get("kind", ""))
    block.ensure(bool(name), "check.id")
    block.ensure(kind in KINDS, f"{name}.kind")
    must, may = KINDS[kind]
    block.only(*_COMMON, *must, *may)
    settings: dict[str, Any] = {}
    for key, wanted in (must | may).items():
        if key not in content:
            block.ensure(key not in must, f"{name}.{key}")
            continue
        found = content[key]
        accepted = (int, float) if wanted is float else wanted
        block.ensure(isinstance(found, accepted), f"{name}.{key}")
        settings[key] = found
    for key in ("left", "right", "part", "base"):
        if key in settings:
            settings[key] = [_selector(each) for each in settings[key]]
    if "percent" in settings:
        settings["percent"] = _selector(settings["percent"])
    block.ensure(settings.get("relation", "=") in RELATIONS, f"{name}.relation")
    block.ensure(settings.get("absent", "zero") in ABSENT, f"{name}.absent")
    block.ensure(settings.get("says", "pages") in SAYS, f"{name}.says")
    block.pattern(str(settings.get("pattern", "")), f"{name}.pattern")
    if kind == "sum":
        explicit = "right" in settings and ("left" in settings or "constant" in settings)
        block.ensure(explicit is not ("over" in settings), f"{name}: over, left, right")
    block.ensure(kind != "codes" or ("column" in settings) is not ("package" in settings), f"{name}.column")
    for code in settings.get("code", []):
        block.ensure(isinstance(code, dict) and set(code) == {"code", *LANGUAGES}, f"{name}.code")
    severity = content.get("severity")
    block.ensure(severity is None or severity in set(Severity), f"{name}.severity")
    return Check(name, kind, Severity(severity) if severity else None, _selector(content.get("where", {})), settings)


def _selector(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: _strings(codes) for name, codes in content.items()}


def _strings(content: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in content) if isinstance(content, list) else (str(content),)


@dataclass(frozen=True, slots=True)
class _Block:
    content: Mapping[str, Any]
    file: str

    def ensure(self, holds: bool, name: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not holds:
            raise InvalidDefinition("verify.bad_profile", file=self.file, name=name)

    def only(self, *known: str) -> None:
        for name in self.content:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                nearest = near[0] if near else "–"
                raise InvalidDefinition("verify.unknown_name", file=self.file, name=name, nearest=nearest)

    def part(self, name: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        found = self.content.get(name, {})
        self.ensure(isinstance(found, dict), name)
        _Block(found, self.file).only(*known)
        return dict(found)

    def text(self, name: str) -> str:
        found = self.content.get(name)
        self.ensure(isinstance(found, str) and bool(found), name)
        return str(found)

    def bounds(self, found: Any, name: str) -> Bounds | None:
        """What a symbol may stand for; None where it says only that there is no figure."""
        if found == []:
            return None
        numbers = isinstance(found, list) and all(isinstance(each, int | float) for each in found)
        self.ensure(numbers and len(found) == 2 and 0 <= found[0] <= found[1] <= inf, name)
        return float(found[0]), float(found[1])

    def pattern(self, expression: str, name: str) -> None:
        try:
            re.compile(expression)
        except re.error:
            self.ensure(holds=False, name=name)
