"""The rules of the specification that no condition states: another room enforces them, or nothing does yet.

They are in ``reports/rules/elsewhere.toml``, so that the catalogue names every rule of the specification and none as
enforced that is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.rules.finding import Severity
from thassist.rules.views import spoken

_FILE = "elsewhere.toml"
_TEXTS = ("what", "why", "remedy")
NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class ElsewhereRule:
    """A rule without a condition.

    Attributes:
        id, severity, source, confidence, texts: as of :class:`thassist.rules.catalogue.Rule`.
        enforced_by: the module that enforces it (``release.consistency``); empty where nothing does yet.
        waits_for: language → what it waits for, where nothing enforces it yet.
    """

    id: str
    severity: Severity
    enforced_by: str
    waits_for: Mapping[str, str]
    source: str
    confidence: str
    texts: Mapping[str, Mapping[str, str]] = field(repr=False)


def load() -> dict[str, ElsewhereRule]:
    """All such rules by id.

    Raises:
        InvalidDefinition: the file is wrong; the message says where.
    """
    document = _data.read_toml(_data.reports_dir() / "rules" / _FILE)
    if document.get("schema") != 1:
        raise InvalidDefinition("rules.bad_file", file=_FILE, detail="schema = 1")
    found = {}
    for entry in document.get("rule", []):
        name = str(entry.get("id", "?"))
        try:
            rule = ElsewhereRule(
                id=entry["id"],
                severity=Severity(entry["severity"]),
                enforced_by=entry.get("enforced_by", ""),
                waits_for=spoken(entry["waits_for"]) if "waits_for" in entry else {},
                source=entry["source"],
                confidence=entry["confidence"],
                texts={part: {lang: str(entry[part][lang]) for lang in LANGUAGES} for part in _TEXTS},
            )
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidDefinition("rules.bad_file", file=_FILE, detail=f"{name}: {error}") from error
        if bool(rule.enforced_by) == (entry.get("status") == NOT_YET) or bool(rule.enforced_by) == bool(rule.waits_for):
            raise InvalidDefinition("rules.bad_file", file=_FILE, detail=f"{name}: enforced_by / status, waits_for")
        found[name] = rule
    return found
