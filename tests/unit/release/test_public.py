"""Public releases: what is small is withheld with what gives it away, leaks are found, and doubt stops everything."""

import csv
import json
import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.unit.release.conftest import CLIENTS, admitted, person
from thassist.codes import correspondence
from thassist.disclosure.cliques import tree
from thassist.disclosure.ledger import RELEASE, Ledger, Publication
from thassist.disclosure.policy import policy
from thassist.errors import AuditFailed, ThassistError
from thassist.publish import package
from thassist.publish import public as publishing
from thassist.publish.public import Published, publish_public
from thassist.release.build import Release, assemble
from thassist.release.history import audit_history
from thassist.release.place import Words
from thassist.release.public import secure
from thassist.snapshot import Snapshot

RELEASE_ID = "national-annual-public"
FORM_SEX = "fi_new_victims_form_sex"


@pytest.fixture(scope="module")
def snapshot(few_of_some: Snapshot) -> Snapshot:
    return few_of_some


@pytest.fixture(scope="module")
def release(in_use: Path, snapshot: Snapshot) -> Release:
    return assemble(RELEASE_ID, "2022", snapshot)


@pytest.fixture(scope="module")
def made(release: Release, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Published:
    home = tmp_path_factory.mktemp("house")
    return publish_public(release, snapshot, Ledger(home / "ledger.jsonl"), home / "out", "tester", ("en",))


def truth() -> Counter[tuple[str, str]]:
    """Form and sex of those admitted in 2022, counted by hand."""
    published = correspondence("exploitation_form@1--exploitation_form_published@2022").targets
    found: Counter[tuple[str, str]] = Counter()
    for client in CLIENTS:
        if admitted(client).year == 2022:
            form, sex = published[person(client)[0]], person(client)[1]
            found.update([(form, sex), (form, "_T"), ("_T", sex), ("_T", "_T")])
    return found


def printed(folder: Path, table: str = FORM_SEX) -> dict[tuple[str, str], tuple[str, str]]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["form"], row["sex"]): (row["value"], row["status"]) for row in csv.DictReader(stream)}


def test_small_figures_are_withheld_and_no_other_is_changed(made: Published) -> None:
    known = truth()
    assert {count for count in known.values() if count < 5}, "the example has small figures"
    for address, (value, status) in printed(made.built.folder).items():
        if status == "Q":
            assert value == ""
        else:
            assert int(value) == known[address]
            assert int(value) == 0 or int(value) >= 5


def test_no_withheld_figure_follows_by_subtraction(made: Published) -> None:
    """In every line of a table none or at least two figures are withheld."""
    cells = printed(made.built.folder)
    forms, sexes = {form for form, _ in cells}, ("F", "M", "O", "_T")
    lines = [[(form, sex) for sex in sexes if (form, sex) in cells] for form in forms]
    lines += [[(form, sex) for form in forms] for sex in sexes if ("_T", sex) in cells]
    for line in lines:
        assert sum(cells[address][1] == "Q" for address in line) != 1


def test_it_is_named_entered_and_reported_in_confidence(made: Published) -> None:
    home = made.built.folder.parent
    assert (made.built.folder / f"{RELEASE_ID}_2022_en.xlsx").exists()
    assert [entry.publication.release for entry in Ledger(home / "ledger.jsonl").entries()] == [RELEASE_ID]
    assert made.annex.parent == home
    assert not list(made.built.folder.rglob("*confidential*"))
    assert stat.S_IMODE(made.annex.stat().st_mode) == 0o600
    report = json.loads(made.annex.read_text(encoding="utf-8"))
    assert report["safe"]
    withheld = [cell for one in report["populations"] for cell in one["withheld"]]
    named = {(each["table"], tuple(each["cell"])) for cell in withheld for each in cell["figures"]}
    hidden = {(FORM_SEX, ("2022", *key)) for key, (_, status) in printed(made.built.folder).items() if status == "Q"}
    assert hidden <= named
    for cell in withheld:
        low, high = cell["may_be"]
        assert high - low >= policy().width
    assert report["merges"]
    for merge in report["merges"]:
        count = merge["fewer_small"] if merge["saves"] is None else merge["saves"]
        assert set(merge["said"]) == {"fi", "sv", "en"}
        assert merge["said"]["en"].startswith("Merge ")
        assert f" {count} " in merge["said"]["en"]


@pytest.mark.slow
def test_again_it_is_the_same_and_the_ledger_does_not_grow(
    made: Published, release: Release, snapshot: Snapshot
) -> None:
    home = made.built.folder.parent
    again = publish_public(release, snapshot, Ledger(home / "ledger.jsonl"), home / "out", "tester", ("en",))
    assert not again.built.new
    assert again.entry.number == made.entry.number == 1


@pytest.mark.slow
def test_the_history_is_safe_and_a_later_leak_in_it_is_found(made: Published, copy: Path, snapshot: Snapshot) -> None:
    assert audit_history([copy], snapshot, policy()).safe
    known = truth()
    address = next(key for key, (_, status) in printed(copy).items() if status == "Q" and 0 < known[key] < 5)
    path = copy / "data" / f"{FORM_SEX}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if f",{address[0]}," in line and f",{address[1]}," in line)
    lines[place] = lines[place].replace(",,Q", f",{known[address]},A")
    path.write_text("".join(lines), encoding="utf-8")
    found = audit_history([copy], snapshot, policy())
    assert not found.safe
    assert found.faults
    assert any(spec.id == FORM_SEX for spec, _, _ in found.leaks)


def _csv(folder: Path) -> None:
    path = folder / "data" / f"{FORM_SEX}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",,Q", ",3,A", 1), encoding="utf-8")


def _px(folder: Path) -> None:
    path = folder / "px" / f"{FORM_SEX}.px"
    text = path.read_bytes()
    start = text.index(b"DATA=")
    sign = next(each for each in (b'"..."', b'".."', b'"....."', b'"...."', b'"."') if each in text[start:])
    path.write_bytes(text[:start] + text[start:].replace(sign, b"3", 1))


def _hidden_sheet(folder: Path) -> None:
    [file] = folder.glob("*_en.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book.create_sheet("x")
    sheet["B7"] = 3
    sheet.sheet_state = "hidden"
    book.save(file)


def _property(folder: Path) -> None:
    [file] = folder.glob("*_en.xlsx")
    book = openpyxl.load_workbook(file)
    book.properties.keywords = "forced begging 3 persons"
    book.save(file)


def _words(old: str, new: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        [file] = folder.glob("*_en.html")
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def _described(name: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text(encoding="utf-8"))
        content["remark"] = "3 persons in forced marriages"
        path.write_text(json.dumps(content), encoding="utf-8")

    return plant


def _revisions(folder: Path) -> None:
    (folder / "data" / "revisions.csv").write_text("table,old,new\nfi_new_victims_form,7,3\n", encoding="utf-8")


def _unknown(folder: Path) -> None:
    (folder / "note.bin").write_bytes(b"\xff\xfe3")


_QUICK = {"csv"}
LEAKS: dict[str, Callable[[Path], None]] = {
    "csv": _csv,
    "px": _px,
    "hidden sheet": _hidden_sheet,
    "document property": _property,
    "html text": _words("</h1>", " (3 in forced marriages)</h1>"),
    "html label": _words("<table", '<table aria-label="3 in forced marriages"'),
    "datapackage": _described("data/datapackage.json"),
    "manifest": _described("manifest.json"),
    "revisions": _revisions,
    "unknown file": _unknown,
}


@pytest.mark.parametrize(
    "place", [each if each in _QUICK else pytest.param(each, marks=pytest.mark.slow) for each in LEAKS]
)
def test_a_leak_in_the_written_files_is_found(place: str, made: Published, copy: Path) -> None:
    """The judge reads files, not cubes: what was meant to be written does not count."""
    LEAKS[place](copy)
    with pytest.raises(AuditFailed) as caught:
        made.secured.judge(copy)
    assert caught.value.exit_code == 12


@pytest.mark.slow
def test_a_release_that_fails_leaves_nothing(
    release: Release, snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = package._fill

    def leaky(content: Any, folder: Path, langs: Any) -> None:
        fill(content, folder, langs)
        _csv(folder)

    monkeypatch.setattr(package, "_fill", leaky)
    with pytest.raises(AuditFailed):
        publish_public(release, snapshot, Ledger(tmp_path / "ledger.jsonl"), tmp_path / "out", "tester", ("en",))
    assert sorted(path.name for path in tmp_path.iterdir()) == []


def test_without_a_judge_or_protection_nothing_public_is_written(release: Release, tmp_path: Path) -> None:
    for content, judge in ((release, None), (release, lambda _: None), (replace(release, protected=True), None)):
        with pytest.raises(AuditFailed) as caught:
            package.publish(content, tmp_path / "out", ("en",), judge)
        assert caught.value.key == "release.not_protected"


def test_no_time_is_no_release(release: Release, snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(AuditFailed) as caught:
        secure(release, snapshot, Ledger(tmp_path / "l"), replace(policy(), protect_seconds=0, audit_seconds=0))
    assert caught.value.key in {"public.time", "public.doubt"}


def test_real_records_need_an_approved_policy(release: Release, snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(AuditFailed) as caught:
        secure(replace(release, synthetic=False), snapshot, Ledger(tmp_path / "l"), policy())
    assert caught.value.key == "policy.not_approved"


def test_an_earlier_publication_that_gives_a_figure_away_is_named(
    release: Release, snapshot: Snapshot, tmp_path: Path
) -> None:
    """Somebody published every form but the small ones, and one of the small ones: the last one follows."""
    known = truth()
    small = sorted(form for (form, sex), n in known.items() if sex == "_T" and form != "_T" and 0 < n < 10)
    cells: list[list[Any]] = [["2022", {}, known["_T", "_T"], "A", None, None]]
    for (form, sex), count in known.items():
        if sex == "_T" and form not in {"_T", small[0]}:
            cells.append(["2022", {"form": form}, count, "A", None, None])
    for sex in "FM":
        cells += [["2022", {"sex": sex}, known["_T", sex], "A", None, None]]
    for (form, sex), count in known.items():
        if form not in {"_T", small[0]} and sex != "_T":
            cells.append(["2022", {"form": form, "sex": sex}, count, "A", None, None])
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(Publication(RELEASE, "old-review", "2022", "us", True, {FORM_SEX: cells}), "tester")
    with pytest.raises(AuditFailed) as caught:
        secure(release, snapshot, ledger, policy())
    assert caught.value.key == "public.given_away"
    assert caught.value.params["release"] == "old-review"


def test_errors_are_said_in_every_language(release: Release, snapshot: Snapshot, tmp_path: Path) -> None:
    from thassist import messages

    error: ThassistError = AuditFailed(
        "public.leak",
        table="t",
        cell="c",
        attacker=Words("public.attacker_insider"),
        count=1,
    )
    said = {lang: messages.explain(error, lang) for lang in messages.LANGUAGES}
    assert "One of the persons counted" in said["en"]
    assert len(set(said.values())) == 3
    assert publishing.LANGUAGES == messages.LANGUAGES


def test_tables_that_hang_together_like_a_tree_need_no_common_cross() -> None:
    sizes = {"sex": 3, "age": 5, "form": 9, "place": 4, "citizenship": 70}
    found = tree([{"sex", "age"}, {"sex", "form"}, {"form", "place"}, {"citizenship"}], sizes)
    assert {frozenset(one) for one in found.cliques} == {
        frozenset(("sex", "age")),
        frozenset(("sex", "form")),
        frozenset(("form", "place")),
        frozenset(("citizenship",)),
    }
    assert len(found.edges) == len(found.cliques) - 1


def test_a_ring_of_tables_is_closed() -> None:
    """Four tables in a ring: two cliques of three, for what goes round may not fit."""
    found = tree([{"a", "b"}, {"b", "c"}, {"c", "d"}, {"d", "a"}], dict.fromkeys("abcd", 2))
    assert sorted(map(len, found.cliques)) == [3, 3]
    assert len(found.cliques[0] & found.cliques[1]) == 2
