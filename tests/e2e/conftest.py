"""Offices with made-up cases, imported and frozen by command."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli


def _run(home: Path, *arguments: str) -> None:
    environment = {"THASSIST_DB": f"sqlite:///{home / 'thassist.db'}", "THASSIST_LANG": "en"}
    result = CliRunner(env=environment).invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def _office(home: Path, first: int, last: int) -> None:
    _run(home, "synth", "--from", str(first), "--to", str(last), "--seed", "7", "-o", str(home / "cases.xlsx"))
    _run(home, "init")
    _run(home, "import", str(home / "cases.xlsx"))
    _run(home, "freeze")


@pytest.fixture(scope="session")
def one_year(
    made_once: Callable[[str, Callable[[Path], None]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """From a name: a folder of one's own with the cases of 2022, their database and a snapshot."""

    def copy(name: str) -> Path:
        made = made_once("one-year", lambda home: _office(home, 2022, 2022))
        return Path(shutil.copytree(made, tmp_path_factory.mktemp(name) / "office"))

    return copy


@pytest.fixture(scope="session")
def ten_years(
    made_once: Callable[[str, Callable[[Path], None]], Path],
) -> Path:
    """The cases of 2015 to 2024 and the internal annual release of 2022 in ``annual``; not to be written into."""

    def make(home: Path) -> None:
        _office(home, 2015, 2024)
        _run(home, "release", "build", "national-annual", "--period", "2022", "--out", str(home / "annual"))

    return made_once("ten-years", make)
