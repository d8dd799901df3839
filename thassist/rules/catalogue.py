"""The validation catalogue: every rule is data under ``reports/rules/``, one file a subject.

Rules over published figures are in ``reports/rules/cells/``: there the rows of a view say their table, period and
place, so that the rule names no fields. ``elsewhere.toml`` lists the rules of the specification that another room
enforces (``enforced_by``) or that nothing enforces yet (``status = "not yet"``).

**When a rule is broken.** A rule stands on a rule view (``on``) and is looked at for each of its rows:

* it *applies* where ``when`` is TRUE (left out: always), the row's ``reporting_system`` is one of ``systems`` (left
  out: all) and the date ``valid_on`` lies within ``valid_from`` … ``valid_to``; where any of these is not known (SQL's
  NULL), it does not apply;
* it *holds* only where ``must_hold`` is TRUE. FALSE and not known (NULL) both break it. A rule that accepts the not
  known says so, by ``when = "x IS NOT NULL"`` or ``coalesce(…, TRUE)``.

So the author, not SQL's three-valued logic, decides what the not known means.
"""

import datetime as dt
import difflib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thassist import _data
from thassist.codes import classification
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records.dataset import TABLE_NAMES, fields
from thassist.rules import views as rule_views
from thassist.rules.finding import Severity
from thassist.rules.views import Reference, RuleView

_TEXTS = ("what", "why", "remedy")
_CONFIDENCE = ("seen", "inferred", "from memory", "own")
#: Files beside the rules that hold something else: the views, and how reliable fields are.
_NO_RULES = {rule_views.FILE, "reliability.toml", "elsewhere.toml"}
#: The parameter that the runner gives itself: the day on which the rules are run.
TODAY = "today"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, date, text or list that conditions name as ``$name``, with where it comes from."""

    name: str
    value: object
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; the module says when it is broken.

    Attributes:
        id: the rule's number in the specification; a letter after it marks a part with a remedy of its own.
        severity: how much a finding weighs.
        on: the rule view.
        must_hold: SQL condition that must be TRUE.
        when: SQL condition for the rows to which the rule applies.
        fields: ``table.field`` or ``alias.field``; the first is the place of the finding, the others are related.
            Empty for views whose rows say their place.
        systems: the reporting systems to which the rule applies; empty: all.
        valid_from, valid_to, valid_on: the dates between which the rule is law, and the column that decides.
        source: rule of the specification, and statute where there is one.
        confidence: seen, inferred, from memory or own (our decision).
        secret: the cell of a finding may not be quoted, not even as the key of its record.
        shows: columns of the view whose values the texts may name.
        suggests: the column, one of ``shows``, whose value would be right in the cell of the finding; empty where none.
        texts: part (what, why, remedy) → language → text.
        file: the file that defines it.
        waits_for: language → what must come before anything hands the rule what it looks at; empty for a rule that is
            enforced.
    """

    id: str
    severity: Severity
    on: str
    must_hold: str
    when: str
    fields: tuple[str, ...]
    systems: tuple[str, ...]
    valid_from: dt.date | None
    valid_to: dt.date | None
    valid_on: str
    source: str
    confidence: str
    secret: bool
    shows: tuple[str, ...]
    suggests: str
    texts: Mapping[str, Mapping[str, str]] = field(repr=False)
    file: str = field(repr=False)
    waits_for: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self, part: str, lang: str, values: Mapping[str, object]) -> str:
        """A text of the rule in a language, with its placeholders filled."""
        return self.texts[part][lang].format_map(values)

    def applies(self) -> str:
        """The SQL condition for the rows to which the rule applies."""
        parts = [self.when] if self.when else []
        if self.systems:
            parts.append("reporting_system IN (" + ", ".join(f"'{code}'" for code in self.systems) + ")")
        if self.valid_from:
            parts.append(f"{self.valid_on} >= DATE '{self.valid_from}'")
        if self.valid_to:
            parts.append(f"{self.valid_on} <= DATE '{self.valid_to}'")
        return " AND ".join(f"({part})" for part in parts) or "TRUE"


@dataclass(frozen=True)
class Catalogue:
    """All rules with the parameters, views and reference tables that they use."""

    rules: dict[str, Rule]
    parameters: dict[str, Parameter]
    views: dict[str, RuleView]
    references: list[Reference]

    def find(self, name: str) -> list[Rule]:
        """The rule of an id, followed by its parts (``R05``, ``R05b``); ``r5`` is read as ``R05``.

        Raises:
            InvalidDefinition: there is none; the message names the nearest.
        """
        return [self.rules[found] for found in matching(name, self.rules)]

    def used_parameters(self, rule: Rule) -> list[str]:
        """The parameters that a rule's conditions or texts name, in the order of the catalogue."""
        texts = [text for by_lang in rule.texts.values() for text in by_lang.values()]
        named = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
        for condition in (rule.must_hold, rule.when):
            named.update(re.findall(r"\$(\w+)", condition))
        return [name for name in self.parameters if name in named]


def matching(name: str, ids: Iterable[str]) -> list[str]:
    """The id that is meant, followed by those of its parts (``R05``, ``R05b``); ``r5`` is read as ``R05``.

    Raises:
        InvalidDefinition: there is none; the message names the nearest.
    """
    ids = list(ids)
    parts = re.fullmatch(r"([A-Za-z])(\d+)([a-z]?)", name)
    if parts:
        name = f"{parts[1].upper()}{int(parts[2]):02d}{parts[3]}"
    found = [one for one in ids if one.rstrip(string.ascii_lowercase) == name]
    if name in ids:
        found = [name, *(one for one in found if one != name)]
    if not found:
        raise InvalidDefinition("rules.no_rule", rule=name, nearest=_nearest(name, ids))
    return found


def load(over: str = "records") -> Catalogue:
    """Read and check the catalogue; the SQL is checked where the columns are known, in the runner.

    Args:
        over: what the rules look at: ``records``, or ``cells`` (published figures).

    Raises:
        InvalidDefinition: a definition is wrong; the message says which and where.
    """
    references, known_views = rule_views.load(over)
    rules: dict[str, Rule] = {}
    parameters: dict[str, Parameter] = {}
    for path in _data.definitions(rule_views.FOLDERS[over]):
        if path.name in _NO_RULES:
            continue
        document = _data.read_toml(path)
        _only(document, ("schema", "parameters", "rule"), path.name)
        if document.get("schema") != 1:
            raise InvalidDefinition("rules.bad_file", file=path.name, detail="schema = 1")
        for name, entry in document.get("parameters", {}).items():
            if name in parameters or name == TODAY:
                raise InvalidDefinition("rules.repeated", file=path.name, name=name)
            parameters[name] = _parameter(name, entry, path.name)
        for entry in document.get("rule", []):
            rule = _rule(entry, path.name)
            if rule.id in rules:
                raise InvalidDefinition("rules.repeated", file=path.name, name=rule.id)
            rules[rule.id] = rule
    known = Catalogue(dict(sorted(rules.items())), parameters, known_views, references)
    for rule in known.rules.values():
        _check(rule, known, over)
    return known


def _parameter(name: str, entry: Mapping[str, Any], file: str) -> Parameter:
    _only(entry, ("value", "source", "confidence"), f"{file}: {name}")
    try:
        found = Parameter(name=name, **entry)
    except TypeError as error:
        raise InvalidDefinition("rules.bad_file", file=file, detail=name) from error
    if found.confidence not in _CONFIDENCE:
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{name}: confidence")
    return found


_KEYS = (
    *("id", "severity", "on", "must_hold", "when", "fields", "systems", "valid_from", "valid_to", "valid_on"),
    *("source", "confidence", "secret", "shows", "suggests", "waits_for", *_TEXTS),
)


def _rule(entry: Mapping[str, Any], file: str) -> Rule:
    where = f"{file}: {entry.get('id', '?')}"
    _only(entry, _KEYS, where)
    try:
        rule = Rule(
            id=entry["id"],
            severity=Severity(entry["severity"]),
            on=entry["on"],
            must_hold=entry["must_hold"],
            when=entry.get("when", ""),
            fields=tuple(entry.get("fields", ())),
            systems=tuple(entry.get("systems", ())),
            valid_from=entry.get("valid_from"),
            valid_to=entry.get("valid_to"),
            valid_on=entry.get("valid_on", ""),
            source=entry["source"],
            confidence=entry["confidence"],
            secret=entry.get("secret", False),
            shows=tuple(entry.get("shows", ())),
            suggests=entry.get("suggests", ""),
            texts={part: {lang: str(entry[part][lang]) for lang in LANGUAGES} for part in _TEXTS},
            file=file,
            waits_for=rule_views.spoken(entry["waits_for"]) if "waits_for" in entry else {},
        )
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{entry.get('id', '?')}: {error}") from error
    if rule.confidence not in _CONFIDENCE:
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{rule.id}: confidence")
    if bool(rule.valid_from or rule.valid_to) != bool(rule.valid_on):
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{rule.id}: valid_from / valid_to / valid_on")
    return rule


def _check(rule: Rule, known: Catalogue, over: str) -> None:
    """What can be said of a rule without an engine: its view, systems, fields and placeholders exist."""
    where = f"{rule.file}: {rule.id}"
    view = known.views.get(rule.on)
    if view is None:
        raise InvalidDefinition("rules.no_view", where=where, view=rule.on, nearest=_nearest(rule.on, known.views))
    systems = classification("reporting_system").codes
    for code in rule.systems:
        if code not in systems:
            raise InvalidDefinition("rules.no_system", where=where, code=code, nearest=_nearest(code, systems))
    if over == "records":
        _check_fields(rule, view, where)
    elif rule.fields:
        raise InvalidDefinition("rules.bad_place", where=where)
    if rule.suggests and rule.suggests not in rule.shows:
        raise InvalidDefinition(
            "rules.no_placeholder", where=where, name=rule.suggests, nearest=_nearest(rule.suggests, rule.shows)
        )
    allowed = {*rule.shows, *known.parameters}
    for part, texts in rule.texts.items():
        names = {
            lang: {name for _, name, _, _ in string.Formatter().parse(text) if name} for lang, text in texts.items()
        }
        if len(set(map(frozenset, names.values()))) != 1 or not all(texts.values()):
            raise InvalidDefinition("rules.uneven_texts", where=where, part=part)
        for name in sorted(names["en"] - allowed):
            raise InvalidDefinition("rules.no_placeholder", where=where, name=name, nearest=_nearest(name, allowed))


def _check_fields(rule: Rule, view: RuleView, where: str) -> None:
    if bool(rule.fields) == bool(view.built_in):
        raise InvalidDefinition("rules.bad_place", where=where)
    for number, place in enumerate(rule.fields):
        owner, _, name = place.partition(".")
        table = view.refers.get(owner, owner)
        columns = [column.name for column in fields(table)] if table in TABLE_NAMES else []
        if name not in columns:
            raise InvalidDefinition("rules.no_field", where=where, field=place, nearest=_nearest(name, columns))
        if number == 0 and view.record and owner != view.record:
            raise InvalidDefinition("rules.bad_place", where=where)
    for name in rule.shows:
        hidden = (
            {column.name for column in fields(view.record) if not column.info.get("echo")} if view.record else set()
        )
        if name in hidden:
            raise InvalidDefinition("rules.hidden_column", where=where, column=name)


def _only(entry: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    for key in entry:
        if key not in set(allowed):
            raise InvalidDefinition("rules.unknown_key", where=where, key=key, nearest=_nearest(key, allowed))


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.4)
    return near[0] if near else "–"
