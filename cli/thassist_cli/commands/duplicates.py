"""``thassist duplicates``: persons who may be one, and the decisions on them."""

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from thassist.messages import text
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from thassist.records.dataset import Dataset
    from thassist.records.merging import Counts, MergeDecision


Result = TypeVar("Result")


@click.group()
def duplicates() -> None:
    """Persons who may be one: list them, decide, undo a decision."""


@duplicates.command("list")
@db_option
@lang_option
@format_option
@click.option("--decided", is_flag=True, help="Show the decisions instead, those undone too.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most pairs to show.")
def list_(db: str, lang: str, output: str, *, decided: bool, limit: int) -> None:
    """List pairs of persons who may be one, with the reasons and a probability, and how many persons are counted."""
    from thassist.duplicates import candidates, load
    from thassist.records.extract import read
    from thassist.records.merging import counts, decisions

    with progress(text("duplicates.progress", lang)):
        model = load()
        tables = () if decided else model.tables

        def stored(engine: Any) -> "tuple[list[MergeDecision], Counts, Dataset | None]":
            return decisions(engine), counts(engine), read(engine, tables) if tables else None

        known, counted, dataset = _with(db, stored)
        pairs = [(one.person, one.other) for one in known if one.stands]
        found = candidates(dataset, decided=pairs, model=model) if dataset is not None else []
    if output == "json":
        shown = [asdict(one) for one in (known if decided else found)]
        for row in shown:
            row.update({name: value.isoformat() for name, value in row.items() if hasattr(value, "isoformat")})
        show_json({"counts": asdict(counted), "decisions" if decided else "candidates": shown})
        return
    if decided:
        click.echo(click.style(text("duplicates.decisions_heading", lang), bold=True))
        for decision in known:
            _show_decision(decision, lang)
    else:
        click.echo(text("duplicates.list_heading" if found else "duplicates.list_none", lang))
        for one in found[:limit]:
            click.echo(f"  {one.person}  {one.other}  {_percent(one.probability, lang)}")
            reasons = ", ".join(model.reason(name, lang) for name in one.reasons)
            click.echo(f"      {text('duplicates.list_row_reasons', lang, reasons=reasons)}")
        if len(found) > limit:
            click.echo(text("duplicates.list_more", lang, count=len(found) - limit))
    click.echo(_counted(counted, lang))


@duplicates.command("decide")
@click.argument("person")
@click.argument("other")
@click.option("--same/--different", "same", required=True, help="One person, or two.")
@click.option("--why", required=True, help="The reason, in a few words and without anybody's name.")
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account to record.")
@db_option
@lang_option
@format_option
def decide(person: str, other: str, why: str, by: str, db: str, lang: str, output: str, *, same: bool) -> None:
    """Decide whether PERSON and OTHER are one; records stay as they are, statistics count as decided."""
    from thassist.records import merging

    _check_reason(why)

    def made(engine: Any) -> "tuple[Counts, MergeDecision, Counts]":
        before = merging.counts(engine)
        return (
            before,
            merging.decide(engine, person, other, same=same, why=why, by=by),
            merging.counts(engine),
        )

    _tell(*_with(db, made), lang, output, "duplicates.decided")


@duplicates.command("undo")
@click.argument("number", type=int)
@click.option("--why", required=True, help="The reason, in a few words and without anybody's name.")
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account to record.")
@db_option
@lang_option
@format_option
def undo(number: int, why: str, by: str, db: str, lang: str, output: str) -> None:
    """Undo the decision NUMBER; it stays on record."""
    from thassist.records import merging

    _check_reason(why)

    def made(engine: Any) -> "tuple[Counts, MergeDecision, Counts]":
        before = merging.counts(engine)
        return before, merging.undo(engine, number, why=why, by=by), merging.counts(engine)

    _tell(*_with(db, made), lang, output, "duplicates.undone")


def _check_reason(why: str) -> None:
    """A reason stays for good: it may not say who somebody is.

    Raises:
        StorageError: it holds an identity code, an e-mail address, an account or a telephone number.
    """
    from thassist.errors import StorageError
    from thassist.rules import personal

    if personal.found(why, written=True):
        raise StorageError("intake.why_personal")


def _with(db: str, work: "Callable[[Any], Result]") -> "Result":
    from thassist.records.store import open_database

    engine = open_database(db)
    try:
        return work(engine)
    finally:
        engine.dispose()


def _tell(before: "Counts", decision: "MergeDecision", after: "Counts", lang: str, output: str, key: str) -> None:
    if output == "json":
        show_json({"decision": decision.number, "before": asdict(before), "after": asdict(after)})
        return
    answer = text("duplicates.same" if decision.same else "duplicates.different", lang)
    told = {"number": decision.number, "person": decision.person, "other": decision.other, "answer": answer}
    click.echo(text(key, lang, "what", **told))
    click.echo(text("duplicates.counts_before", lang, counts=_counted(before, lang)))
    click.echo(text("duplicates.counts_after", lang, counts=_counted(after, lang)))
    click.echo(text("duplicates.note", lang))


def _counted(counted: "Counts", lang: str) -> str:
    return text("duplicates.counts", lang, "what", **asdict(counted))


def _show_decision(decision: "MergeDecision", lang: str) -> None:
    told: dict[str, object] = {
        "number": decision.number,
        "at": f"{decision.at:%Y-%m-%d %H:%M}",
        "by": decision.by,
        "person": decision.person,
        "other": decision.other,
        "answer": text("duplicates.same" if decision.same else "duplicates.different", lang),
        "why": decision.why,
    }
    click.echo("  " + text("duplicates.decision_row", lang, "what", **told))
    if decision.undone_at is not None:
        undone: dict[str, object] = {
            "at": f"{decision.undone_at:%Y-%m-%d %H:%M}",
            "by": decision.undone_by,
            "why": decision.undone_why,
        }
        click.echo("      " + text("duplicates.decision_undone", lang, "what", **undone))


def _percent(share: float, lang: str) -> str:
    shown = f"{100 * share:.0f}"
    return f"{shown}%" if lang == "en" else f"{shown} %"
