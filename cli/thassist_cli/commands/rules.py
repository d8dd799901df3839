"""``thassist rules``: look at the validation catalogue."""

from typing import TYPE_CHECKING, Any

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json, show_table

if TYPE_CHECKING:
    from thassist.rules.catalogue import Catalogue, Rule


@click.group()
def rules() -> None:
    """The validation catalogue: what must hold, why, and what to do where it does not."""


@rules.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List all rules."""
    from thassist.rules.catalogue import load

    known = load()
    if output == "json":
        show_json([_as_json(rule, known, lang) for rule in known.rules.values()])
        return
    show_table(
        [
            [rule.id, text(f"rules.severity_{rule.severity}", lang), _said(rule, known, "what", lang)]
            for rule in known.rules.values()
        ]
    )


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@lang_option
@format_option
def show(rule_id: str, lang: str, output: str) -> None:
    """Show the rule ID (for example R05) with its parts, its condition and its source."""
    from thassist.rules.catalogue import load

    known = load()
    found = known.find(rule_id)
    if output == "json":
        show_json([_as_json(rule, known, lang) for rule in found])
        return
    for number, rule in enumerate(found):
        if number:
            click.echo()
        click.echo(click.style(f"{rule.id}  {_said(rule, known, 'what', lang)}", bold=True))
        click.echo(_said(rule, known, "why", lang))
        click.echo(f"→ {_said(rule, known, 'remedy', lang)}")
        show_table([[text(f"rules.show_{name}", lang), said] for name, said in _facts(rule, known, lang) if said])


def _facts(rule: "Rule", known: "Catalogue", lang: str) -> list[tuple[str, str]]:
    view = known.views[rule.on]
    parameters = _parameters(rule, known)
    between = f"{rule.valid_from or ''} … {rule.valid_to or ''} ({rule.valid_on})" if rule.valid_on else ""
    return [
        ("severity", text(f"rules.severity_{rule.severity}", lang)),
        ("fields", ", ".join(rule.fields)),
        ("on", f"{view.id}: {view.about}"),
        ("systems", ", ".join(rule.systems)),
        ("valid", between),
        ("when", rule.when),
        ("must_hold", rule.must_hold),
        ("parameters", "; ".join(f"${name} = {_value(entry['value'])}" for name, entry in parameters.items())),
        ("source", rule.source),
        ("confidence", text(f"rules.confidence_{rule.confidence.replace(' ', '_')}", lang)),
    ]


def _parameters(rule: "Rule", known: "Catalogue") -> dict[str, dict[str, Any]]:
    """The parameters that the rule's conditions or texts use."""
    return {
        name: {"value": known.parameters[name].value, "source": known.parameters[name].source}
        for name in known.used_parameters(rule)
    }


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(rule: "Rule", known: "Catalogue", part: str, lang: str) -> str:
    """A text as it stands in the catalogue: parameters filled, what only a finding knows left open."""
    values = {name: _value(parameter.value) for name, parameter in known.parameters.items()}
    return rule.text(part, lang, {**dict.fromkeys(rule.shows, "…"), **values})


def _as_json(rule: "Rule", known: "Catalogue", lang: str) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "what": _said(rule, known, "what", lang),
        "why": _said(rule, known, "why", lang),
        "remedy": _said(rule, known, "remedy", lang),
        "on": rule.on,
        "when": rule.when or None,
        "must_hold": rule.must_hold,
        "fields": list(rule.fields),
        "systems": list(rule.systems),
        "valid_on": rule.valid_on or None,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else None,
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "parameters": {
            name: {**entry, "value": entry["value"] if isinstance(entry["value"], int | list) else str(entry["value"])}
            for name, entry in _parameters(rule, known).items()
        },
        "source": rule.source,
        "confidence": rule.confidence,
        "file": rule.file,
    }
