"""``thassist codes``: look at classifications and correspondences."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json, show_table

if TYPE_CHECKING:
    from thassist.codes import Classification, Code


@click.group()
def codes() -> None:
    """Classifications with their labels, and how one corresponds to another."""


@codes.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List all classifications and correspondences."""
    from thassist.codes import all_classifications, all_correspondences

    known = [
        {"ref": found.ref, "codes": len(found.codes), "title": found.titles[lang]}
        | ({"waits": True} if found.placeholder else {})
        for found in all_classifications()
    ]
    maps = [
        {"ref": found.ref, "codes": len(found.targets), "title": _between(found.source, found.target, lang)}
        for found in all_correspondences()
    ]
    if output == "json":
        show_json({"classifications": known, "correspondences": maps})
        return
    for heading, rows in (("codes.classifications", known), ("codes.correspondences", maps)):
        click.echo(text(heading, lang))
        waits = f" ({text('codes.waits', lang)})"
        show_table([[str(row["ref"]), str(row["codes"]), f"{row['title']}{waits * ('waits' in row)}"] for row in rows])
        click.echo()


@codes.command("show")
@click.argument("ref")
@lang_option
@format_option
def show(ref: str, lang: str, output: str) -> None:
    """Show the codes of the classification REF, for example sex@1 (or its newest version: sex)."""
    from thassist.codes import classification

    found = classification(ref)
    if output == "json":
        show_json(
            {
                "ref": found.ref,
                "title": found.titles[lang],
                "source": found.source,
                "confidence": found.confidence,
                "codes": [_as_json(code, lang) for code in found.codes.values()],
            }
        )
        return
    click.echo(f"{found.ref}  {found.titles[lang]}")
    click.echo(text("codes.source", lang, source=found.source))
    click.echo(text("codes.confidence", lang, confidence=text(f"codes.{_CONFIDENCE[found.confidence]}", lang)))
    if found.placeholder:
        click.echo(text("codes.is_placeholder", lang, "what", ref=found.ref))
    click.echo()
    show_table([[code.code, code.labels[lang], _remarks(code, lang)] for code in found.codes.values()])


@codes.command("map")
@click.argument("ref")
@click.argument("values", nargs=-1, metavar="[CODE]...")
@lang_option
@format_option
def map_(ref: str, values: tuple[str, ...], lang: str, output: str) -> None:
    """Show the correspondence REF (source@1--target@1), or only how it maps each CODE.

    A CODE may also be a label in any language. Exit code 1 where one has no counterpart.
    """
    from thassist.codes import correspondence

    found = correspondence(ref)
    wanted = {value: found.source.by_name(value) for value in values or found.source.codes}
    rows = [
        {
            "source": code,
            "source_label": found.source.label(code, lang),
            "target": found.targets[code],
            "target_label": found.target.label(found.targets[code], lang),
        }
        for code in wanted.values()
        if code in found.targets
    ]
    without = {code: found.without[code] for code in wanted.values() if code in found.without}
    if output == "json":
        settings = [{"id": each.id, "choice": each.choice} for each in found.settings]
        show_json({"ref": found.ref, "map": rows, "without": without, "settings": settings})
    else:
        show_table(
            [
                *([row["source"], row["source_label"], "→", row["target"], row["target_label"]] for row in rows),
                *([code, found.source.label(code, lang), "→", "–", reason] for code, reason in without.items()),
            ]
        )
        for each in found.settings:
            click.echo(text("codes.set", lang, text=each.text(lang)))
    lost = [value for value, code in wanted.items() if code not in found.targets and code not in found.without]
    for value in lost:
        nearest = found.source.nearest(value) or "–"
        click.echo(text("codes.not_mapped", lang, code=value, ref=found.ref, nearest=nearest), err=True)
    if lost:
        sys.exit(1)


@codes.command("load")
@click.argument("ref")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--source", required=True, metavar="WHERE", help="Where the owner published the list.")
@lang_option
def load(ref: str, file: Path, source: str, lang: str) -> None:
    """Put the owner's list in FILE in the place of the placeholder list REF."""
    from thassist.codes.official import load as put

    done = put(ref, file, source)
    click.echo(text("codes.loaded", lang, ref=done.ref, count=done.codes))
    for carried in done.correspondences:
        click.echo(text("codes.carried", lang, ref=carried))


@codes.command("lint")
@lang_option
@format_option
def lint(lang: str, output: str) -> None:
    """Prove of every correspondence that each source code has exactly one target, or is declared to have none.

    Exit code 11 where one cannot be proved.
    """
    from thassist.codes import all_correspondences, all_settings
    from thassist.codes.proof import prove

    proofs = prove(all_correspondences())
    failed = [proof for proof in proofs if not proof.holds]
    if output == "json":
        show_json(
            {
                "correspondences": [asdict(proof) | {"total": proof.total, "holds": proof.holds} for proof in proofs],
                "settings": {each.id: each.choice for each in all_settings()},
            }
        )
    else:
        verdicts = {
            proof.ref: "proof_failed" if not proof.holds else "proof_total" if proof.total else "proof_partial"
            for proof in proofs
        }
        show_table(
            [
                [proof.ref, text(f"codes.{verdicts[proof.ref]}", lang, mapped=proof.mapped, without=proof.without)]
                for proof in proofs
            ]
        )
        click.echo()
        total = sum(proof.total for proof in proofs)
        partial = len(proofs) - total - len(failed)
        click.echo(text("codes.proved", lang, all=len(proofs), total=total, partial=partial, failed=len(failed)))
        for each in all_settings():
            click.echo(text("codes.set", lang, text=each.text(lang)))
    for proof in failed:
        codes = ", ".join((*proof.missing, *proof.unmarked))
        click.echo(text("codes.not_proved", lang, ref=proof.ref, codes=codes), err=True)
    if failed:
        sys.exit(11)


#: The confidence of a classification's source → its message.
_CONFIDENCE = {
    "seen": "confidence_seen",
    "inferred": "confidence_inferred",
    "from memory": "confidence_memory",
    "own": "confidence_own",
}


def _between(source: "Classification", target: "Classification", lang: str) -> str:
    return f"{source.titles[lang]} → {target.titles[lang]}"


def _as_json(code: "Code", lang: str) -> dict[str, Any]:
    described: dict[str, Any] = {"code": code.code, "label": code.labels[lang]}
    optional = {
        "parent": code.parent or None,
        "valid_from": code.valid_from and code.valid_from.isoformat(),
        "valid_to": code.valid_to and code.valid_to.isoformat(),
        "lower": code.lower,
        "upper": code.upper,
        "note": code.note or None,
    }
    return described | {key: value for key, value in optional.items() if value is not None}


def _remarks(code: "Code", lang: str) -> str:
    """What else there is to say of a code: its validity and its note."""
    said = []
    if code.valid_from:
        said.append(text("codes.valid_from", lang, day=code.valid_from.isoformat()))
    if code.valid_to:
        said.append(text("codes.valid_to", lang, day=code.valid_to.isoformat()))
    return "  ".join([*said, code.note]).strip()
