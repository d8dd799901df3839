"""``thassist rules``: look at the validation catalogue."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json, show_table

if TYPE_CHECKING:
    from thassist.rules.catalogue import Catalogue, Rule
    from thassist.rules.elsewhere import ElsewhereRule


@click.group()
def rules() -> None:
    """The validation catalogue: what must hold, why, and what to do where it does not."""


@rules.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List all rules, with where each is enforced.

    «validate, import, check» stand for deliveries and stored records, «release build» for published figures. A rule
    that nothing enforces yet says so.
    """
    entries = _entries()
    if output == "json":
        show_json([_as_json(entry, lang) for entry in entries])
        return
    show_table(
        [
            [
                entry.rule.id,
                text(f"rules.severity_{entry.rule.severity}", lang),
                entry.where(lang),
                entry.said("what", lang),
            ]
            for entry in entries
        ]
    )


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@lang_option
@format_option
def show(rule_id: str, lang: str, output: str) -> None:
    """Show the rule ID (for example R05) with its parts, its condition and its source."""
    from thassist.rules.catalogue import matching

    entries = _entries()
    names = matching(rule_id, [entry.rule.id for entry in entries])
    by_id = {entry.rule.id: entry for entry in entries}
    found = [by_id[name] for name in names]
    if output == "json":
        show_json([_as_json(entry, lang) for entry in found])
        return
    for number, entry in enumerate(found):
        if number:
            click.echo()
        click.echo(click.style(f"{entry.rule.id}  {entry.said('what', lang)}", bold=True))
        click.echo(entry.said("why", lang))
        click.echo(f"→ {entry.said('remedy', lang)}")
        show_table([[text(f"rules.show_{name}", lang), said] for name, said in _facts(entry, lang) if said])


@dataclass(frozen=True)
class _Entry:
    """A rule as it is shown; ``known`` is the catalogue in which it stands, None for one without a condition."""

    rule: "Rule | ElsewhereRule"
    known: "Catalogue | None" = None
    over: str = ""

    def where(self, lang: str) -> str:
        """Where the rule is enforced."""
        if self.rule.waits_for:
            return text("rules.where_nowhere", lang)
        if self.over:
            return text(f"rules.where_{self.over}", lang)
        return text("rules.where_elsewhere", lang, place=getattr(self.rule, "enforced_by", ""))

    def said(self, part: str, lang: str) -> str:
        """A text as it stands in the catalogue: parameters filled, what only a finding knows left open."""
        shows = dict.fromkeys(getattr(self.rule, "shows", ()), "…")
        parameters = self.known.parameters if self.known else {}
        return self.rule.texts[part][lang].format_map(
            {**shows, **{name: _value(parameter.value) for name, parameter in parameters.items()}}
        )


def _entries() -> list[_Entry]:
    """All rules of the specification and of ours, in the order of their ids."""
    from thassist.rules import elsewhere
    from thassist.rules.catalogue import load

    found = [_Entry(rule) for rule in elsewhere.load().values()]
    for over in ("records", "cells"):
        known = load(over)
        found += [_Entry(rule, known, over) for rule in known.rules.values()]
    return sorted(found, key=lambda entry: entry.rule.id)


def _facts(entry: _Entry, lang: str) -> list[tuple[str, str]]:
    rule, known = entry.rule, entry.known
    facts = [
        ("severity", text(f"rules.severity_{rule.severity}", lang)),
        ("where", entry.where(lang)),
        ("waits_for", rule.waits_for.get(lang, "")),
    ]
    if known is not None and entry.over:
        stated = known.rules[rule.id]
        view = known.views[stated.on]
        between = f"{stated.valid_from or ''} … {stated.valid_to or ''} ({stated.valid_on})" if stated.valid_on else ""
        parameters = _parameters(stated, known)
        facts += [
            ("fields", ", ".join(stated.fields)),
            ("on", f"{view.id}: {view.about[lang]}"),
            ("systems", ", ".join(stated.systems)),
            ("valid", between),
            ("when", stated.when),
            ("must_hold", stated.must_hold),
            ("parameters", "; ".join(f"${name} = {_value(found['value'])}" for name, found in parameters.items())),
        ]
    confidence = text(f"rules.confidence_{rule.confidence.replace(' ', '_')}", lang)
    return [*facts, ("source", rule.source), ("confidence", confidence)]


def _parameters(rule: "Rule", known: "Catalogue") -> dict[str, dict[str, Any]]:
    """The parameters that the rule's conditions or texts use."""
    return {
        name: {"value": known.parameters[name].value, "source": known.parameters[name].source}
        for name in known.used_parameters(rule)
    }


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _as_json(entry: _Entry, lang: str) -> dict[str, object]:
    rule, known = entry.rule, entry.known
    shown: dict[str, object] = {
        "id": rule.id,
        "severity": rule.severity,
        "what": entry.said("what", lang),
        "why": entry.said("why", lang),
        "remedy": entry.said("remedy", lang),
        "source": rule.source,
        "confidence": rule.confidence,
        "status": "not yet" if rule.waits_for else "enforced",
        "enforced_by": None if rule.waits_for else entry.where("en"),
        "waits_for": rule.waits_for.get(lang),
    }
    if known is not None:
        stated = known.rules[rule.id]
        shown |= {
            "on": stated.on,
            "when": stated.when or None,
            "must_hold": stated.must_hold,
            "fields": list(stated.fields),
            "systems": list(stated.systems),
            "valid_on": stated.valid_on or None,
            "valid_from": stated.valid_from.isoformat() if stated.valid_from else None,
            "valid_to": stated.valid_to.isoformat() if stated.valid_to else None,
            "parameters": {
                name: {
                    **found,
                    "value": found["value"] if isinstance(found["value"], int | float | list) else str(found["value"]),
                }
                for name, found in _parameters(stated, known).items()
            },
            "file": stated.file,
        }
    return shown
