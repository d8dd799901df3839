"""The command line as a whole: languages, exit codes, what happens when everything goes wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from thassist_cli import main
from thassist_cli.lastresort import describe_bug

from thassist import messages
from thassist.errors import AuditFailed, InvalidDefinition, StorageError, ThassistError, UnreadableInput

HEAVY = {"pandas", "numpy", "duckdb", "openpyxl", "reportlab", "sqlalchemy", "sqlglot", "alembic", "python_calamine"}
Fails = Callable[[BaseException], click.Group]
SENTINEL = "Virtanen 010101-123N"


def python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
        timeout=60,
    )


def commands(group: click.Group, path: str = "") -> list[tuple[str, click.Command]]:
    """Every command that can be called, with its path."""
    found: list[tuple[str, click.Command]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = f"{path} {name}".strip()
        found.append((below, command))
        if isinstance(command, click.Group):
            found += commands(command, below)
    return found


@pytest.mark.parametrize("arguments", [["--help"], ["--lang", "fi", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom thassist_cli.main import cli\n"
        f"try:\n    cli({arguments!r})\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = python(code)
    assert done.returncode == 0
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.parametrize("name", sorted(main.COMMANDS))
def test_help_of_a_command_imports_nothing_heavy(name: str) -> None:
    code = (
        "import sys\nfrom thassist_cli.main import cli\n"
        f"try:\n    cli([{name!r}, '--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = python(code)
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_command_and_option_has_help_in_every_language(lang: str) -> None:
    entries = messages.catalogue("help", lang)
    missing = []
    for path, command in [("", main.cli), *commands(main.cli)]:
        if path and path not in entries:
            missing.append(path)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                option = max(parameter.opts, key=len)
                if option not in entries and f"{path} {option}" not in entries:
                    missing.append(f"{path} {option}")
    assert not missing


def test_no_help_without_a_command() -> None:
    """An entry that no command uses is a leftover."""
    used = set()
    for path, command in [("", main.cli), *commands(main.cli)]:
        used.add(path)
        for parameter in command.params:
            option = max(parameter.opts, key=len)
            used |= {option, f"{path} {option}"}
    assert set(messages.catalogue("help", "en")) <= used


def test_every_command_speaks_every_language_and_lists_for_machines() -> None:
    for path, command in commands(main.cli):
        if isinstance(command, click.Group):
            continue
        options = {option for parameter in command.params for option in parameter.opts}
        assert "--lang" in options, path
        if path.rpartition(" ")[2] in {"list", "show"}:
            assert "--format" in options, path


@pytest.mark.parametrize(
    ("arguments", "environment", "heading"),
    [
        (["--help"], {}, "Commands"),
        (["--help"], {"THASSIST_LANG": "sv"}, "Kommandon"),
        (["--help"], {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "fi_FI.UTF-8"}, "Komennot"),
        (["--lang", "fi", "--help"], {"THASSIST_LANG": "sv"}, "Komennot"),
        (["--help", "--lang=fi"], {}, "Komennot"),
        (["--help"], {"LANG": "de_DE.UTF-8"}, "Commands"),
    ],
)
def test_language_of_the_help(arguments: list[str], environment: dict[str, str], heading: str) -> None:
    result = CliRunner().invoke(main.cli, arguments, env=environment)
    assert result.exit_code == 0
    assert f"{heading}:" in result.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["codes", "list", "--lang", "de"], ["codes", "show"]])
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(main.cli, ["--lang", "en", *arguments])
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "finnish", "swedish"),
    [
        (["nonsense"], "Virhe: Komentoa 'nonsense' ei ole.", "Fel: Kommandot 'nonsense' finns inte."),
        (["codes", "show"], "Virhe: Argumentti puuttuu: 'REF'.", "Fel: Argument saknas: 'REF'."),
        (["codes", "list", "-x"], "Virhe: Valitsinta '-x' ei ole.", "Fel: Flaggan '-x' finns inte."),
        (
            ["codes", "list", "--format", "xml"],
            "ei ole mikään näistä: 'text', 'json'",
            "är inte någon av 'text', 'json'",
        ),
    ],
)
def test_usage_errors_are_in_the_users_language(arguments: list[str], finnish: str, swedish: str) -> None:
    for lang, words in (("fi", finnish), ("sv", swedish)):
        result = CliRunner().invoke(main.cli, ["--lang", lang, *arguments])
        assert result.exit_code == 2
        assert words in result.stderr
        assert "Usage" not in result.stderr


def failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Fails:
    """The command line whose every command fails in one way."""

    def install(error: BaseException) -> click.Group:
        monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: failing(error))
        return main.cli

    return install


@pytest.mark.parametrize(
    ("error", "code"),
    [(UnreadableInput, 10), (InvalidDefinition, 11), (AuditFailed, 12), (StorageError, 13)],
)
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fi", "Määrittelytiedostoa x.toml ei ole"),
        ("sv", "Definitionsfilen x.toml finns inte"),
        ("en", "does not exist"),
    ],
)
def test_a_users_error_has_a_code_a_text_and_a_remedy(
    fails: Fails, error: type[ThassistError], code: int, lang: str, words: str
) -> None:
    result = CliRunner().invoke(fails(error("core.definition_missing", file="x.toml")), ["--lang", lang, "check"])
    assert result.exit_code == code
    assert result.stderr.startswith("[core.definition_missing] ")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 2
    assert result.stdout == ""


def test_a_bug_is_one_line_without_the_data_it_met(fails: Fails) -> None:
    result = CliRunner().invoke(fails(ValueError(SENTINEL)), ["check"])
    assert result.exit_code == 70
    assert len(result.stderr.splitlines()) == 1
    assert re.match(r"\[bug [0-9a-f]{8}\] ", result.stderr)
    assert all(messages.text("cli.bug", lang) in result.stderr for lang in messages.LANGUAGES)
    assert SENTINEL not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_the_same_bug_has_the_same_id_whatever_the_data() -> None:
    def told(text: str) -> str:
        with pytest.raises(KeyError) as caught:
            _ = {}[text]
        return describe_bug(caught.value)

    assert told("a") == told("b")
    assert told("a") != describe_bug(TypeError("a"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")  # noqa: PTH110
@pytest.mark.parametrize("arguments", [["--help"], ["codes", "list"], ["rules", "show", "R05", "--format", "json"]])
def test_an_output_that_takes_no_more(arguments: list[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        code = "import sys\nfrom thassist_cli.main import cli\nsys.argv[0] = 'thassist'\ncli()"
        command = [sys.executable, "-c", code, *arguments, "--lang", "fi"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == StorageError.exit_code
    assert "Traceback" not in done.stderr
    assert messages.explain(StorageError("core.disk_full"), "fi") in done.stderr


def test_a_definition_folder_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THASSIST_REPORTS", "/nowhere/at/all")
    for arguments in (["release", "list"], ["tables", "list"], ["rules", "list"], ["codes", "list"]):
        result = CliRunner().invoke(main.cli, arguments)
        assert (result.exit_code, result.stdout) == (InvalidDefinition.exit_code, "")
        assert "/nowhere/at/all" in result.stderr


@pytest.mark.parametrize("command", ["template", "synth"])
def test_a_workbook_is_written_under_no_other_ending(command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main.cli, [command, "-o", str(tmp_path / "made.csv")])
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert ".xlsx" in result.stderr


@pytest.mark.parametrize(
    ("lang", "said"), [("fi", "Tarkoititko 'check'?"), ("sv", "Menade du 'check'?"), ("en", "Did you mean 'check'?")]
)
def test_a_mistyped_command_gets_the_nearest_one(lang: str, said: str) -> None:
    done = CliRunner().invoke(main.cli, ["chekc", "--lang", lang])
    assert done.exit_code == 2
    assert said in done.output
    assert "?" not in CliRunner().invoke(main.cli, ["xyzzy", "--lang", lang]).output


def test_debug_shows_the_traceback(fails: Fails) -> None:
    result = CliRunner().invoke(fails(ValueError("what")), ["check"], env={"THASSIST_DEBUG": "1"})
    assert isinstance(result.exception, ValueError)


def test_interrupted_is_130(fails: Fails) -> None:
    result = CliRunner().invoke(fails(KeyboardInterrupt()), ["--lang", "fi", "check"])
    assert result.exit_code == 130
    assert "Keskeytetty" in result.stderr


def test_a_real_interrupt_is_130() -> None:
    code = (
        "import click, sys, time\nfrom thassist_cli import main\n"
        "@click.command()\ndef slow():\n    click.echo('ready')\n    sys.stdout.flush()\n    time.sleep(30)\n"
        "main.LazyGroup.get_command = lambda *_: slow\nmain.cli(['check'])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in said


def test_a_closed_pipe_is_no_complaint() -> None:
    code = (
        "import click\nfrom thassist_cli import main\n"
        "@click.command()\ndef much():\n    [click.echo('x' * 1000) for _ in range(1000)]\n"
        "main.LazyGroup.get_command = lambda *_: much\nmain.cli(['check'])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        process.wait(timeout=20)
    assert said == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}],
)
def test_output_is_utf8_whatever_the_locale(environment: dict[str, str]) -> None:
    done = python("from thassist_cli.main import cli; cli(['codes', 'show', 'sex', '--lang', 'fi'])", **environment)
    assert done.returncode == 0
    assert "Lähde" in done.stdout


def test_lists_for_machines_are_json() -> None:
    result = CliRunner().invoke(main.cli, ["codes", "list", "--format", "json", "--lang", "sv"])
    listed = json.loads(result.stdout)
    assert {"ref": "sex@1", "codes": 4, "title": "Kön"} in listed["classifications"]
