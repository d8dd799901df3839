"""The ledger: what is entered stays, and whoever changes, removes, adds twice, kills or peeps is noticed."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thassist_cli.main import cli

from thassist import _data
from thassist.disclosure import known
from thassist.disclosure.ledger import RELEASE, Ledger, Publication
from thassist.errors import StorageError
from thassist.messages import LANGUAGES

AT = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def publication(period: str = "2024-Q1", value: int | None = 7, *, synthetic: bool = False) -> Publication:
    cells = [
        [period, {"sex": "F"}, value, "A" if value is not None else "Q", None, None],
        [period, {}, 9, "A", None, None],
    ]
    return Publication(RELEASE, "national-quarterly", period, "Office", synthetic, {"fi_stock_sex": cells})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger of three entries."""
    book = Ledger(tmp_path / "book.jsonl")
    for period in ("2024-Q1", "2024-Q2", "2024-Q3"):
        assert book.add(publication(period), "anna", AT)[1]
    return book


def kinds(book: Ledger, noted: str = "") -> list[tuple[str, int]]:
    return [(fault.kind, fault.line) for fault in book.verify(noted).faults]


def test_an_entry_comes_back_as_it_was_published(ledger: Ledger) -> None:
    first = ledger.entries()[0]
    assert (first.number, first.by, first.at, first.version) == (1, "anna", "2026-11-21T12:00:00+00:00", 1)
    figures = list(ledger.figures())
    assert len(figures) == 6
    [women] = [each for each in figures if each.codes and each.period == "2024-Q2"]
    assert (women.table, women.codes, women.value, women.status) == ("fi_stock_sex", (("sex", "F"),), 7, "A")
    assert ledger.verify().faults == ()
    assert ledger.verify().cells == 6


def test_the_form_on_disk_never_changes(tmp_path: Path) -> None:
    """Written out by hand, hashed with sha256sum: another form would make every stored ledger seem broken."""
    book = Ledger(tmp_path / "book.jsonl")
    told = Publication(
        RELEASE, "r", "2024", "s", synthetic=False, tables={"t": [["2024", {"d": "c"}, 5, "A", None, None]]}
    )
    book.add(told, "x", AT)
    assert book.file.read_text(encoding="ascii") == (
        '{"at":"2026-11-21T12:00:00+00:00","base":0,"by":"x",'
        '"digest":"74838e92b3b4210627052ad173ba1c7c62f7a583bb32076e420da4a5e791700c",'
        '"hash":"427a4c8e5796fbb8c6fab048003d3b8ebec8cf7655f4400b978def834b35491f","kind":"release","number":1,"period":"2024","release":"r","source":"s","synthetic":false,'
        '"tables":{"t":[["2024",{"d":"c"},5,"A",null,null]]},"version":1}\n'
    )


def test_adding_again_changes_nothing(ledger: Ledger) -> None:
    before = ledger.file.read_bytes()
    entry, new = ledger.add(publication("2024-Q2"), "bert", AT)
    assert not new
    assert (entry.number, entry.by) == (2, "anna")
    assert ledger.file.read_bytes() == before


def test_a_revision_is_the_next_version_and_both_stay_known(ledger: Ledger) -> None:
    entry, new = ledger.add(publication("2024-Q2", 8), "anna", AT)
    assert new
    assert entry.version == 2
    values = {(each.version, each.value) for each in ledger.figures() if each.codes and each.period == "2024-Q2"}
    assert values == {(1, 7), (2, 8)}


def test_a_withheld_figure_has_no_value(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "book.jsonl")
    book.add(publication(value=None), "anna", AT)
    assert {(each.value, each.status) for each in book.figures() if each.codes} == {(None, "Q")}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: [lines[0], lines[1].replace(b",7,", b",8,"), lines[2]], ("changed", 2)),
        (lambda lines: [lines[0], lines[1].replace(b'"by":"anna"', b'"by":"bert"'), lines[2]], ("changed", 2)),
        (lambda lines: [lines[0], lines[1].replace(b'":', b'": ', 1), lines[2]], ("changed", 2)),
        (lambda lines: [lines[0], lines[2]], ("removed", 2)),
        (lambda lines: [lines[1], lines[2]], ("removed", 1)),
        (lambda lines: [lines[1], lines[0], lines[2]], ("removed", 1)),
        (lambda lines: [lines[0], lines[0], lines[1], lines[2]], ("removed", 2)),
        (lambda lines: [lines[0], lines[1]], ("shortened", 3)),
        (lambda lines: [], ("shortened", 1)),
        (lambda lines: [lines[0], b"{}", lines[2]], ("changed", 2)),
        (lambda lines: [lines[0], lines[1], b"\xff\xfe"], ("changed", 3)),
    ],
)
def test_a_changed_or_removed_line_is_detected(ledger: Ledger, change: object, found: tuple[str, int]) -> None:
    lines = ledger.file.read_bytes().splitlines()
    ledger.file.write_bytes(b"".join(line + b"\n" for line in change(lines)))  # type: ignore[operator]
    assert found in kinds(ledger)
    with pytest.raises(StorageError, match="not as it was written"):
        ledger.entries()
    with pytest.raises(StorageError):
        ledger.add(publication("2024-Q4"), "anna", AT)


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_is_detected(tmp_path: Path, place: int, byte: int) -> None:
    book = Ledger(tmp_path / "any.jsonl")
    if not book.file.exists():
        for period in ("2024-Q1", "2024-Q2"):
            book.add(publication(period), "anna", AT)
        (tmp_path / "whole").write_bytes(book.file.read_bytes())
    content = bytearray((tmp_path / "whole").read_bytes())
    place %= len(content)
    changed = content[place] != byte
    content[place] = byte
    book.file.write_bytes(content)
    assert bool(book.verify().faults) == changed


def test_a_ledger_written_anew_is_found_by_what_was_noted(ledger: Ledger, tmp_path: Path) -> None:
    noted = ledger.verify().anchor
    ledger.add(publication("2024-Q4"), "anna", AT)
    assert kinds(ledger, noted) == []
    forged = Ledger(tmp_path / "forged" / "book.jsonl")
    for period in ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"):
        forged.add(publication(period, 6), "anna", AT)
    assert kinds(forged) == []
    assert kinds(forged, noted) == [("noted", 3)]
    assert kinds(ledger, "nonsense") == [("noted", 0)]


def test_a_missing_head_is_found(ledger: Ledger) -> None:
    ledger.head.unlink()
    assert kinds(ledger) == [("shortened", 4)]


def test_an_unfinished_line_was_never_entered_and_is_taken_away(ledger: Ledger) -> None:
    with ledger.file.open("ab") as stream:
        stream.write(b'{"at":"2026')
    assert kinds(ledger) == [("unfinished", 4)]
    assert len(ledger.entries()) == 3
    ledger.add(publication("2024-Q4"), "anna", AT)
    assert kinds(ledger) == []
    assert len(ledger.entries()) == 4


def test_it_is_confidential(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.file.stat().st_mode & 0o777 == 0o600
    assert ledger.head.stat().st_mode & 0o777 == 0o600
    ledger.file.chmod(0o644)
    assert kinds(ledger) == [("open", 0)]
    with pytest.raises(StorageError, match="chmod 600"):
        ledger.entries()
    release = tmp_path / "release"
    (release / "data").mkdir(parents=True)
    (release / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match="confidential"):
        Ledger(release / "data" / "book.jsonl")


def test_real_and_made_up_figures_never_mix(ledger: Ledger) -> None:
    with pytest.raises(StorageError, match="made-up"):
        ledger.add(publication("2024-Q4", synthetic=True), "anna", AT)


_WRITER = """
import sys
from pathlib import Path
from thassist.disclosure.ledger import Ledger, Publication
book = Ledger(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    cells = [["2024", {"d": f"c{cell}"}, 5 + number, "A", None, None] for cell in range(300)]
    book.add(Publication("release", f"r{sys.argv[2]}", f"{number}", "s", synthetic=False, tables={"t": cells}), "x")
"""


def writer(book: Ledger, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _WRITER, str(book.file), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "book.jsonl")
    writers = [writer(book, name, 8) for name in ("a", "b")]
    assert [each.wait(timeout=60) for each in writers] == [0, 0]
    for each in writers:
        assert each.stdout is not None
        each.stdout.close()
    assert book.verify().faults == ()
    assert sorted((entry.publication.release, entry.publication.period) for entry in book.entries()) == sorted(
        (f"r{name}", str(number)) for name in ("a", "b") for number in range(8)
    )


def test_a_killed_writer_leaves_whole_entries(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "book.jsonl")
    for wait in (0.0, 0.005, 0.02, 0.05):
        each = writer(book, f"{wait}", 10_000)
        assert each.stdout is not None
        each.stdout.readline()
        time.sleep(wait)
        each.send_signal(signal.SIGKILL)
        each.wait()
        each.stdout.close()
        assert {fault.kind for fault in book.verify().faults} <= {"unfinished"}
        before = len(book.entries())
        book.add(publication(f"2024-{wait}"), "anna", AT)
        assert book.verify().faults == ()
        assert len(book.entries()) == before + 1


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["ledger", *arguments])


def test_the_shipped_figures_of_earlier_reviews_are_sound(tmp_path: Path) -> None:
    """From the reviews: 139 new victims in the first half of 2022, 236 or 263 in Finland that year."""
    found, wrong = known.read(_data.reports_dir() / "known" / "fi-reviews.csv")
    assert wrong == []
    book = Ledger(tmp_path / "book.jsonl")
    book.add(found, "anna", AT)

    def values(table: str, period: str, *codes: tuple[str, str]) -> set[float | None]:
        place = (table, period, codes)
        return {each.value for each in book.figures() if (each.table, each.period, each.codes) == place}

    assert values("fi_new_victims_form", "2022-S1") == {139}
    assert values("fi_new_victims_place", "2022", ("place", "IN_FINLAND")) == {236, 263}
    assert values("fi_new_victims_sex_age_class", "2022-S1", ("age_class", "MINOR"), ("sex", "F")) == {8}


def test_faults_of_known_figures_are_all_told_and_nothing_is_entered(tmp_path: Path) -> None:
    file, book = tmp_path / "known.csv", str(tmp_path / "book.jsonl")
    file.write_text(
        "table,period,codes,value,low,high,source\n"
        "fi_stock_sex,2022,sex=F,5,,,a page\n"
        "fi_stock_sexx,2022,,5,,,a page\n"
        "fi_stock_sex,soon,,5,,,a page\n"
        "fi_stock_sex,2022,colour=F,5,,,a page\n"
        "fi_stock_sex,2022,sex=W,5,,,a page\n"
        "fi_stock_sex,2022,sex=F,five,,,a page\n"
        "fi_stock_sex,2022,sex=F,,9,3,a page\n"
        "fi_stock_sex,2022,sex=F,5,,,\n"
        "fi_stock_sex,2022\n",
        encoding="utf-8",
    )
    for lang in LANGUAGES:
        result = run("add", str(file), "--ledger", book, "--lang", lang)
        assert result.exit_code == 10
        for line in range(3, 11):
            assert f" {line}:" in result.output
    assert not Path(book).exists()


def test_bounds_are_known_too(tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    file.write_text("table,period,codes,value,low,high,source\nfi_stock_sex,2022,,,3,9,a page\n", encoding="utf-8")
    assert run("add", str(file), "--ledger", str(tmp_path / "book.jsonl")).exit_code == 0
    [figure] = Ledger(tmp_path / "book.jsonl").figures()
    assert (figure.value, figure.low, figure.high) == (None, 3, 9)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00\x01"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "known.csv"
    file.write_bytes(content)
    assert run("add", str(file), "--ledger", str(tmp_path / "book.jsonl")).exit_code == 10


def test_the_commands(ledger: Ledger) -> None:
    book = ["--ledger", str(ledger.file)]
    assert "national-quarterly 2024-Q2" in run("list", *book).output
    listed = json.loads(run("list", *book, "--format", "json").output)
    assert [entry["period"] for entry in listed] == ["2024-Q1", "2024-Q2", "2024-Q3"]
    told = json.loads(run("verify", *book, "--format", "json").output)
    assert (told["entries"], told["cells"], told["faults"]) == (3, 6, [])
    assert run("verify", *book, "--noted", told["anchor"]).exit_code == 0
    lines = ledger.file.read_bytes().splitlines(keepends=True)
    ledger.file.write_bytes(b"".join(lines[1:]))
    for lang in LANGUAGES:
        result = run("verify", *book, "--lang", lang)
        assert result.exit_code == 13
        assert "?" not in result.output
    assert run("list", *book).exit_code == 13


def test_the_place_of_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THASSIST_LEDGER", raising=False)
    monkeypatch.delenv("THASSIST_SNAPSHOTS", raising=False)
    beside = run("list", "--db", f"sqlite:///{tmp_path / 'office.db'}", "--lang", "en")
    assert str(tmp_path / "thassist-ledger.jsonl") in beside.output
    monkeypatch.setenv("THASSIST_LEDGER", str(tmp_path / "named.jsonl"))
    assert "named.jsonl" in run("list", "--lang", "en").output


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever is root may write everywhere")
def test_a_folder_that_refuses(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="could not be written"):
        Ledger(tmp_path / "book.jsonl").add(publication(), "anna", AT)


def test_the_shipped_figures_are_named_without_a_folder(tmp_path: Path) -> None:
    book = str(tmp_path / "book.jsonl")
    assert run("add", "fi-reviews", "--ledger", book).exit_code == 0
    assert run("add", "no-such-figures", "--ledger", book).exit_code == 10
