"""``thassist disclosure``: what the office has decided on the protection of published figures."""

import sys
from typing import TYPE_CHECKING

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json

if TYPE_CHECKING:
    from thassist.disclosure.policy import PackageRule, Policy


@click.group()
def disclosure() -> None:
    """The protection of published figures."""


@disclosure.command("policy")
@lang_option
@format_option
def policy_(lang: str, output: str) -> None:
    """Show the policy in words, whether its approval stands, and every fault in it (exit code 11)."""
    from thassist.disclosure.policy import path, read

    policy, problems = read(path())
    if output == "json":
        faults = [{"key": each.key, "what": each.text(lang), "remedy": each.remedy(lang)} for each in problems]
        show_json({**_as_json(policy), "problems": faults})
    else:
        for line in _in_words(policy, lang):
            click.echo(line)
        if problems:
            click.echo(click.style(text("policy.problems", lang, count=len(problems)), bold=True))
        for each in problems:
            click.echo(f"  [{each.key}] {each.text(lang)}\n    {each.remedy(lang)}")
    if problems:
        sys.exit(problems[0].error().exit_code)


def _in_words(policy: "Policy", lang: str) -> list[str]:
    attackers = ", ".join(text(f"policy.attacker_{name}", lang) for name in policy.attackers)
    lines = [
        text("policy.heading", lang, version=policy.version),
        text("policy.threshold", lang, threshold=policy.threshold, last=policy.threshold - 1),
        text("policy.zeros_shown" if policy.zeros_shown else "policy.zeros_hidden", lang),
        text("policy.symbol", lang, symbol=policy.symbol),
        text("policy.width", lang, width=policy.width),
        text("policy.attackers", lang, attackers=attackers),
        text("policy.limits", lang, protect=policy.protect_seconds, audit=policy.audit_seconds),
        text("policy.packages", lang),
    ]
    for name in sorted(policy.packages):
        lines.append(_package(name, policy.packages[name], lang))
        others = [other for other in policy.together(name) if other != name]
        if others:
            lines.append("    " + text("policy.package_together", lang, releases=", ".join(others)))
    lines.append(_package(text("policy.package_default", lang), policy.default, lang))
    for table in sorted({table for margin in policy.public for table in margin.tables}):
        sets = sorted(policy.must_stay(table))
        named = ", ".join(" × ".join(names) if names else text("policy.grand_total", lang) for names in sets)
        lines.append("  " + text("policy.public", lang, table=table, sets=named))
    approval = policy.approval
    key = (
        "policy.is_approved" if policy.approved else "policy.is_void" if approval.complete else "policy.is_not_approved"
    )
    told = {"by": approval.by, "on": approval.on, "reference": approval.reference}
    return [*lines, text("policy.digest", lang, digest=policy.digest), text(key, lang, "what", **told)]


def _package(name: str, rule: "PackageRule", lang: str) -> str:
    method = text(f"policy.method_{rule.method}", lang, base=rule.base)
    horizon = text(f"policy.horizon_{rule.horizon.replace('-', '_')}", lang)
    return "  " + text("policy.package", lang, release=name, method=method, horizon=horizon)


def _as_json(policy: "Policy") -> dict[str, object]:
    def rule(each: "PackageRule") -> dict[str, object]:
        return {
            "method": each.method,
            "base": each.base or None,
            "horizon": each.horizon,
            "together": list(each.together),
        }

    return {
        "version": policy.version,
        "threshold": policy.threshold,
        "zeros": "shown" if policy.zeros_shown else "hidden",
        "symbol": policy.symbol,
        "width": policy.width,
        "attackers": list(policy.attackers),
        "limits": {"protect": policy.protect_seconds, "audit": policy.audit_seconds},
        "packages": {name: rule(each) for name, each in policy.packages.items()},
        "default": rule(policy.default),
        "public": [
            {"tables": list(margin.tables), "sets": [list(names) for names in margin.sets]} for margin in policy.public
        ],
        "approval": {
            "by": policy.approval.by,
            "on": policy.approval.on.isoformat() if policy.approval.on else None,
            "reference": policy.approval.reference,
            "stands": policy.approved,
        },
        "digest": policy.digest,
    }
