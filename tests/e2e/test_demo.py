"""The demonstration: what a newcomer sees and gets, and what it leaves alone."""

import csv
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader
from thassist_cli.commands import demo as demo_module
from thassist_cli.main import cli

from thassist import messages
from thassist.intake import dictionary
from thassist.synthetic import generate
from thassist.synthetic.faults import plant

RELEASES = ("national-quarterly_2024-Q4", "national-annual_2022")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Result, Path]]:
    """One demonstration in Finnish, run as a user runs it."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield CliRunner().invoke(cli, ["demo", "--lang", "fi"], catch_exceptions=False), folder / "thassist-demo"


@pytest.mark.slow
def test_it_succeeds_and_says_each_step(shown: tuple[Result, Path]) -> None:
    result, _ = shown
    assert result.exit_code == 0
    assert result.stderr == ""
    for number in range(1, 8):
        assert f"[{number}/7]" in result.stdout
    assert "\r" not in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.slow
def test_every_planted_fault_is_found_at_its_cell(shown: tuple[Result, Path]) -> None:
    result, folder = shown
    _, faults = plant(generate(2015, 2024, 1))
    assert len(faults) >= 8
    findings = result.stdout.partition("[2/7]")[2].partition("[3/7]")[0]
    book = openpyxl.load_workbook(folder / "intake-with-faults.xlsx", read_only=True)
    for fault in faults:
        sheet = dictionary.subject(fault.table).titles["fi"]
        header = dictionary.label(fault.table, fault.field, "fi")
        headers = [cell.value for cell in next(book[sheet].iter_rows(max_row=1))]
        letter = openpyxl.utils.get_column_letter(headers.index(header) + 1)
        under = findings.partition(f"{sheet}\n")[2]
        assert f"  {letter}{fault.position + 2} ({header}): " in under, fault.kind
        assert f"[{fault.finding}]" in under, fault.kind
    assert findings.count("      → ") == len(faults)


@pytest.mark.slow
def test_the_corrected_workbook_is_clean_and_stored(shown: tuple[Result, Path]) -> None:
    result, _ = shown
    records = generate(2015, 2024, 1).count()
    assert messages.text("intake.clean", "fi", count=records) in result.stdout
    assert messages.text("demo.imported", "fi", count=records, database="thassist.db") in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_releases_in_three_languages_say_synthetic_and_internal(
    shown: tuple[Result, Path], release: str, lang: str
) -> None:
    _, folder = shown
    words = {"fi": ("keinotekoinen", "sisäinen"), "sv": ("konstgjorda", "internt"), "en": ("synthetic", "internal")}
    book = openpyxl.load_workbook(folder / release / f"{release}_internal_{lang}.xlsx")
    cover = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row).lower()
    pages = PdfReader(folder / release / f"{release}_internal_{lang}.pdf").pages
    first = " ".join(pages[0].extract_text().split()).lower()
    synthetic, internal = words[lang]
    for text in (cover, first):
        assert internal in text
        assert synthetic in text
    assert len(pages) > 5
    manifest = json.loads((folder / release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert manifest["audience"] == "internal"


@pytest.mark.slow
def test_the_annual_release_shows_the_published_figures_of_2022(shown: tuple[Result, Path]) -> None:
    """367 new victims, 192 women and girls, 175 men and boys: the assistance system's annual review of 2022."""
    _, folder = shown
    with (folder / "national-annual_2022/data/fi_new_victims_form_sex.csv").open(encoding="utf-8", newline="") as file:
        cells = {(row["form"], row["sex"]): row["value"] for row in csv.DictReader(file) if row["period"] == "2022"}
    assert (cells["_T", "_T"], cells["_T", "F"], cells["_T", "M"]) == ("367", "192", "175")


@pytest.mark.slow
def test_the_files_it_lists_are_there_and_the_commands_it_names_work(shown: tuple[Result, Path]) -> None:
    result, folder = shown
    told = result.stdout.partition(messages.text("demo.made", "fi", folder="thassist-demo"))[2]
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in {".xlsx", ".pdf", ".db"}:
            assert path.relative_to(folder).as_posix() in told
    commands = told.partition(messages.text("demo.next", "fi"))[2].strip().splitlines()
    assert len(commands) == 3
    for command, code in zip(commands, (1, 0, 0), strict=True):
        program, *arguments = shlex.split(command)
        assert program == "thassist"
        assert CliRunner().invoke(cli, arguments, catch_exceptions=False).exit_code == code, command
    assert (folder.parent / "national-annual_2023").is_dir()
    assert (folder.parent / "template.xlsx").is_file()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A demonstration of one file, in a folder of its own."""
    monkeypatch.setattr(
        demo_module._Demonstration, "run", lambda self: (self.folder / "thassist.db").write_text("made", "utf-8")
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_replaces_what_it_made_itself(quick: Path) -> None:
    for _ in range(2):
        assert CliRunner().invoke(cli, ["demo", "--out", "here"]).exit_code == 0
    assert [path.name for path in quick.iterdir()] == ["here"]
    assert (quick / "here" / "thassist.db").read_text(encoding="utf-8") == "made"


def test_it_takes_an_empty_folder(quick: Path) -> None:
    (quick / "here").mkdir()
    assert CliRunner().invoke(cli, ["demo", "--out", "here"]).exit_code == 0


@pytest.mark.parametrize("lang", messages.LANGUAGES)
@pytest.mark.parametrize("mark", [None, "{", '{"files": ["demo.json"]}', "[]"])
def test_it_leaves_a_strangers_folder_alone(quick: Path, mark: str | None, lang: str) -> None:
    (quick / "here").mkdir()
    (quick / "here" / "letter.txt").write_text("mine", encoding="utf-8")
    if mark:
        (quick / "here" / "demo.json").write_text(mark, encoding="utf-8")
    result = CliRunner().invoke(cli, ["demo", "--out", "here", "--lang", lang])
    assert result.exit_code == 13
    assert "[demo.in_the_way]" in result.stderr
    assert (quick / "here" / "letter.txt").read_text(encoding="utf-8") == "mine"
    assert not [path for path in quick.iterdir() if path.name != "here"]


def test_it_leaves_what_was_added_to_its_own_folder_alone(quick: Path) -> None:
    CliRunner().invoke(cli, ["demo", "--out", "here"])
    (quick / "here" / "notes.txt").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(cli, ["demo", "--out", "here"])
    assert result.exit_code == 13
    assert "notes.txt" in result.stderr


def test_a_file_in_the_way_is_wrong_use(quick: Path) -> None:
    (quick / "here").write_text("mine", encoding="utf-8")
    assert CliRunner().invoke(cli, ["demo", "--out", "here"]).exit_code == 2


def test_interrupted_it_leaves_nothing(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_module._Demonstration, "run", interrupt)
    assert CliRunner().invoke(cli, ["demo", "--out", "here"]).exit_code == 130
    assert not list(quick.iterdir())
