"""The root command. Sub-commands are loaded when called, so that ``thassist --help`` answers at once."""

import importlib
import sys

import click

from thassist import __version__, messages
from thassist.errors import ThassistError
from thassist_cli.common import default_language

#: Command → module and attribute, with the short help shown without importing the module (from the catalogue).
COMMANDS = {
    "check": "thassist_cli.commands.check:check",
    "codes": "thassist_cli.commands.codes:codes",
    "demo": "thassist_cli.commands.demo:demo",
    "freeze": "thassist_cli.commands.freeze:freeze",
    "import": "thassist_cli.commands.intake:import_",
    "init": "thassist_cli.commands.init:init",
    "release": "thassist_cli.commands.release:release",
    "rules": "thassist_cli.commands.rules:rules",
    "synth": "thassist_cli.commands.synth:synth",
    "tables": "thassist_cli.commands.tables:tables",
    "template": "thassist_cli.commands.intake:template",
    "validate": "thassist_cli.commands.intake:validate",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, loaded now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short help from the catalogue, importing none of them."""
        language = default_language()
        rows = [(name, messages.text(f"cli.{name}", language)) for name in self.list_commands(ctx)]
        with formatter.section(messages.text("cli.commands", language)):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run, and turn our errors into a message and an exit code: a user error never shows a traceback."""
        try:
            return super().invoke(ctx)
        except ThassistError as error:
            language = ctx.find_root().meta.get("thassist.lang", default_language())
            click.echo(messages.explain(error, language), err=True)
            sys.exit(error.exit_code)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="thassist")
def cli() -> None:
    """Statistics on assistance to victims of human trafficking: from case entries to safe, comparable releases.

    Exit codes: 0 clean, 1 findings, 2 usage, 10 unreadable input, 11 invalid definition, 12 disclosure audit
    failed, 13 storage error.
    """
