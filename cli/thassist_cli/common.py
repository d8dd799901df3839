"""Options that every command shares, and progress on a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from thassist.messages import LANGUAGES

Function = TypeVar("Function", bound=Callable[..., Any])


def default_language() -> str:
    """``THASSIST_LANG``, else the language of the locale where it is one of ours, else English."""
    for name in ("THASSIST_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = os.environ.get(name, "")[:2].lower()
        if language in LANGUAGES:
            return language
    return "en"


def _remember(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    ctx.find_root().meta["thassist.lang"] = value
    return value


def lang_option(function: Function) -> Function:
    """``--lang``: the language of everything the command says, given as ``lang``."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default=default_language,
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


def format_option(function: Function) -> Function:
    """``--format text|json``, given as ``output``."""
    return click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text", help="Form of the output."
    )(function)


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Show on a terminal that long work goes on, and how long it took; say nothing when piped."""
    import time

    if not sys.stderr.isatty():
        yield
        return
    start = time.monotonic()
    click.echo(f"{label} … ", nl=False, err=True)
    try:
        yield
    finally:
        click.echo(f"{time.monotonic() - start:.1f} s", err=True)
