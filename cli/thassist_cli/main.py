"""The root command. Sub-commands are loaded when called, so that ``thassist --help`` answers at once."""

import importlib
import os
import sys
from typing import Any

import click

from thassist import __version__, messages
from thassist.errors import StorageError, ThassistError
from thassist_cli.common import asked_language, lang_option, language_of, remember_language
from thassist_cli.lastresort import BUG, INTERRUPTED, PIPE_CLOSED, abandon_output, describe_bug, is_full_disk

#: Command → module and attribute; the short help is in the catalogue, so that it shows without importing the module.
COMMANDS = {
    "check": "thassist_cli.commands.check:check",
    "codes": "thassist_cli.commands.codes:codes",
    "demo": "thassist_cli.commands.demo:demo",
    "disclosure": "thassist_cli.commands.disclosure:disclosure",
    "duplicates": "thassist_cli.commands.duplicates:duplicates",
    "exchange": "thassist_cli.commands.exchange:exchange",
    "freeze": "thassist_cli.commands.freeze:freeze",
    "import": "thassist_cli.commands.intake:import_",
    "init": "thassist_cli.commands.init:init",
    "ledger": "thassist_cli.commands.ledger:ledger",
    "release": "thassist_cli.commands.release:release",
    "rules": "thassist_cli.commands.rules:rules",
    "sdmx": "thassist_cli.commands.sdmx:sdmx",
    "synth": "thassist_cli.commands.synth:synth",
    "tables": "thassist_cli.commands.tables:tables",
    "template": "thassist_cli.commands.intake:template",
    "validate": "thassist_cli.commands.intake:validate",
    "verify": "thassist_cli.commands.verify:verify",
    "accessibility": "thassist_cli.commands.accessibility:accessibility",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one only to run it or to show its own help."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, speaking UTF-8 whatever the locale says: names of countries are not ASCII.

        A disk without room may be the one that takes the output, and so is noticed here, where help is written too.
        """
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if not is_full_disk(error):
                raise
            abandon_output()
            full = StorageError("core.disk_full")
            click.echo(messages.explain(full, asked_language(sys.argv[1:])), err=True)
            sys.exit(full.exit_code)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the language first, so that help and usage errors are in it too."""
        remember_language(ctx, asked_language(args))
        translate(self, "", language_of(ctx))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, loaded now, with its help in the language of this run; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        translate(command, cmd_name, language_of(ctx))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; for a mistyped one, the nearest are named, which click cannot do for lazy ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from error

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What thassist is and what its exit codes mean, in the language of this run."""
        for key in ("cli.about", "cli.exit_codes"):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(messages.text(key, language_of(ctx)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short help from the catalogue, importing none of them."""
        language = language_of(ctx)
        rows = [(name, messages.text(f"cli.{name}", language)) for name in self.list_commands(ctx)]
        with formatter.section(messages.text("cli.commands", language)):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run, and turn what goes wrong into a message and an exit code: a user never sees a traceback."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ThassistError as error:
            click.echo(messages.explain(error, language_of(ctx)), err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo(messages.text("cli.interrupted", language_of(ctx)), err=True)
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            abandon_output()
            sys.exit(PIPE_CLOSED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the last resort: a bug is told without anybody's data
            if is_full_disk(error):
                raise
            if os.environ.get("THASSIST_DEBUG") == "1":
                raise
            click.echo(describe_bug(error), err=True)
            sys.exit(BUG)
        return result


def translate(command: click.Command, path: str, lang: str) -> None:
    """Give a command, its options and its sub-commands their help in a language, from the catalogue ``help``.

    The entry of a command is its path (``release build``), that of an option the path and the option (``release build
    --out``), or the option alone where it means the same everywhere (``--lang``).
    """
    entries = messages.catalogue("help", lang)
    command.help = str(entries.get(path, command.help))
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            option = max(parameter.opts, key=len)
            parameter.help = str(entries.get(f"{path} {option}", entries.get(option, parameter.help)))
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            translate(below, f"{path} {name}".strip(), lang)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="thassist")
@lang_option
def cli(lang: str) -> None:
    """Statistics on assistance to victims of human trafficking: from case entries to comparable releases."""
