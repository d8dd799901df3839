"""Options that every command shares, the language of a run, and progress on a terminal."""

import gettext
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from thassist import messages
from thassist.messages import LANGUAGES

Function = TypeVar("Function", bound=Callable[..., Any])

_LANGUAGE = "thassist.lang"


def default_language() -> str:
    """``THASSIST_LANG``, else the language of the locale where it is one of ours, else English."""
    for name in ("THASSIST_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = os.environ.get(name, "")[:2].lower()
        if language in LANGUAGES:
            return language
    return "en"


def asked_language(arguments: Sequence[str]) -> str:
    """The language that a command line asks for, wherever ``--lang`` stands in it; else the default one."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        language = following if word == "--lang" else word.removeprefix("--lang=")
        if language in LANGUAGES and word.startswith("--lang"):
            return language
    return default_language()


def language_of(ctx: click.Context | None) -> str:
    """The language of this run: what a command was told, else the default one."""
    return str(ctx.find_root().meta[_LANGUAGE]) if ctx and _LANGUAGE in ctx.find_root().meta else default_language()


def remember_language(ctx: click.Context, language: str) -> None:
    """Let everything that this run says from now on be in one language, the words of click too.

    click takes its words («Usage», «No such option») from gettext, which takes its language from ``LANGUAGE``.
    """
    ctx.find_root().meta[_LANGUAGE] = language
    gettext.bindtextdomain("click", str(Path(messages.__file__).parent / "locale"))
    gettext.textdomain("click")
    os.environ["LANGUAGE"] = language


def _remember(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    remember_language(ctx, value)
    return value


def lang_option(function: Function) -> Function:
    """``--lang``: the language of everything the command says, given as ``lang``."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default=lambda: language_of(click.get_current_context(silent=True)),
        is_eager=True,
        callback=_remember,
        help="Language of messages.",
    )(function)


def db_option(function: Function) -> Function:
    """``--db``: the database as an SQLAlchemy URL, given as ``db``."""
    return click.option(
        "--db",
        envvar="THASSIST_DB",
        default="sqlite:///thassist.db",
        show_default=True,
        metavar="URL",
        help="Database as an SQLAlchemy URL (or THASSIST_DB).",
    )(function)


def snapshots_option(function: Function) -> Function:
    """``--snapshots``: the folder of snapshots, given as ``snapshots``; None where nobody chose one."""
    return click.option(
        "--snapshots",
        envvar="THASSIST_SNAPSHOTS",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of snapshots (or THASSIST_SNAPSHOTS); by default snapshots beside the database file.",
    )(function)


def workbook_option(function: Function) -> Function:
    """``-o FILE.xlsx``: the workbook to write, given as ``target``.

    Another ending is refused: spreadsheet programs do not open a workbook under it.
    """
    return click.option(
        "-o",
        "--output",
        "target",
        required=True,
        type=click.Path(path_type=Path),
        callback=_named_as_workbook,
        help="File to write (.xlsx).",
    )(function)


def _named_as_workbook(ctx: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".xlsx":
        raise click.BadParameter(messages.text("cli.not_xlsx", language_of(ctx)))
    return value


def format_option(function: Function) -> Function:
    """``--format text|json``, given as ``output``."""
    return click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text", help="Form of the output."
    )(function)


def show_json(content: object) -> None:
    """Print for a machine, with the letters of every language as they are."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def show_table(rows: list[list[str]]) -> None:
    """Print columns aligned by blanks; the last one runs free."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Show on a terminal that long work goes on, and how long it took; say nothing when piped."""
    if not sys.stderr.isatty():
        yield
        return
    start = time.monotonic()
    click.echo(f"{label} … ", nl=False, err=True)
    try:
        yield
    finally:
        click.echo(f"{time.monotonic() - start:.1f} s", err=True)
