"""Install what users install: the wheel with the runtime lock, in a fresh environment, away from the checkout."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
from thassist_cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.packaging, pytest.mark.slow]

DEMO_DATABASE = "sqlite:///demo/thassist.db"
#: Every command once, in an order in which each finds what it needs.
CALLS = [
    "demo --out demo --lang fi",
    "init",
    "template -o template.xlsx --lang sv",
    "synth --from 2023 --to 2024 --seed 7 -o cases.xlsx",
    "validate cases.xlsx --format json --localise",
    "import cases.xlsx",
    "import cases.xlsx --complete --dry-run",
    "check",
    "check --trail",
    "check --quality",
    "duplicates list",
    "duplicates decide C-000006 C-000016 --different --why made-up",
    "duplicates undo 1 --why made-up",
    "freeze",
    "release list",
    f"release build national-annual --period 2022 --db {DEMO_DATABASE} --out again",
    "release lint",
    (
        "release build national-quarterly-public --period 2023-Q1 --ledger book.jsonl --only en --out out-q1"
        f" --db {DEMO_DATABASE}"
    ),
    f"release audit out-q1 --db {DEMO_DATABASE}",
    "release diff again again",
    f"release explain again fi_stock_sex 2022,sex=F --db {DEMO_DATABASE}",
    f"release bridge fi_bridge_stock --period 2022 --db {DEMO_DATABASE}",
    f"release adhoc --view new_clients --by sex --period 2022 --db {DEMO_DATABASE} --out answer",
    "verify again/data/fi_stock_sex.csv --profile tidy",
    "sdmx check again/sdmx/csv-2.1/fi_stock_sex.csv again/sdmx/structure.xml",
    "accessibility again/national-annual_2022_internal_fi.xlsx",
    "disclosure policy",
    f"exchange ctdc --to IOM --why agreement --db {DEMO_DATABASE} -o ctdc.csv",
    "ledger add fi-reviews",
    "ledger verify",
    "ledger list --format json",
    "rules list",
    "rules show R05",
    "tables list --format json",
    "tables show fi_new_victims_form_sex",
    "tables lint",
    f"tables compute fi_length_median --period 2022 --db {DEMO_DATABASE}",
    "codes list",
    "codes show sex",
    "codes map referral_source@1--referral_source_group@1",
    "codes lint",
    "codes load ictip_form_of_exploitation@2025 list.csv --source made-up",
]


def run(*command: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run without the checkout's settings; the caller looks at the outcome."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment that holds the wheel and the runtime lock, and nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    for arguments in (["--require-hashes", "-r", ROOT / "requirements.lock"], ["--no-deps", wheel]):
        done = run(*pip, *arguments, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_holds_definitions_messages_and_licence_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"thassist", "thassist_cli", "thassist-0.1.0.dist-info"}
    assert "thassist/_data/schema.sql" in names
    assert "thassist/_data/reports/classifications/sex@1.csv" in names
    assert "thassist/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    inside = {name.removeprefix("thassist/_data/") for name in names if name.startswith("thassist/_data/reports/")}
    outside = {path.relative_to(ROOT).as_posix() for path in (ROOT / "reports").rglob("*") if path.is_file()}
    assert inside == outside
    for lang in ("fi", "sv", "en"):
        assert f"thassist/messages/{lang}/cli.toml" in names


def test_nothing_but_the_runtime_is_installed(home: Path) -> None:
    done = run(home / "venv/bin/python", "-m", "pip", "list", "--format", "json", cwd=home)
    installed = {package["name"].lower().replace("_", "-") for package in json.loads(done.stdout)}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {line.partition("==")[0] for line in lock if "==" in line}
    assert installed <= locked | {"thassist", "pip", "setuptools"}


def leaves(group: click.Group, path: str = "") -> set[str]:
    """Every command that does something, by its path."""
    found: set[str] = set()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        below = f"{path} {name}".strip()
        found |= leaves(command, below) if isinstance(command, click.Group) else {below}
    return found


def test_every_command_is_called_below() -> None:
    assert {leaf for leaf in leaves(cli) if any(f"{call} ".startswith(f"{leaf} ") for call in CALLS)} == leaves(cli)


def test_help_and_version(home: Path) -> None:
    program = home / "venv" / "bin" / "thassist"
    assert "Commands:" in run(program, "--help", cwd=home).stdout
    assert "0.1.0" in run(program, "--version", cwd=home).stdout


def test_every_command_runs_away_from_the_checkout(home: Path) -> None:
    folder = home / "work"
    folder.mkdir()
    with (ROOT / "reports/classifications/ictip_form_of_exploitation@2025.csv").open(encoding="utf-8") as stream:
        stand_ins = [row["code"] for row in csv.DictReader(stream)]
    rows = [f"F{number},made-up {number},{code}" for number, code in enumerate(stand_ins)]
    (folder / "list.csv").write_text("\n".join(["code,label_en,replaces", *rows]) + "\n", encoding="utf-8")
    failed = []
    for call in CALLS:
        done = run(home / "venv" / "bin" / "thassist", *call.split(), cwd=folder)
        if done.returncode or "Traceback" in done.stderr:
            failed.append((call, done.returncode, done.stdout[-500:], done.stderr[-2000:]))
    assert not failed
    assert (folder / "again" / "national-annual_2022_internal_sv.pdf").is_file()
