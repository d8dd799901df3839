"""Rounded public releases: multiples, sums, windows; read back and attacked with everything that is out."""

import csv
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.release.test_public import FORM_SEX, RELEASE_ID, truth
from thassist import messages
from thassist.disclosure.ledger import RELEASE, Ledger, Publication
from thassist.disclosure.policy import policy
from thassist.errors import AuditFailed
from thassist.publish.public import Published, publish_public
from thassist.release.annex import summary
from thassist.release.build import Release, RoundedTo, assemble
from thassist.release.compare import compare
from thassist.release.figures import of_folder, of_release
from thassist.release.public import secure
from thassist.release.revision import Cause
from thassist.release.rounded import SecuredByRounding, secret_file, words
from thassist.snapshot import Snapshot

BASE = 5
#: With a threshold of 5 a figure may go two multiples away at most: a zero must be able to stand for 5 or more.
MOST = 9
_RULE = f'[[package]]\nrelease = "{RELEASE_ID}"\nmethod = "rounding"\nbase = {BASE}\nhorizon = "year"\n'


#: Few tables, so that the tests are quick.
_TABLES = '["fi_new_victims_form_sex", "fi_new_victims_form", "fi_exits_reason"]'


@pytest.fixture(scope="module")
def rounding(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shipped definitions with a policy that rounds the package, and with few tables in it."""
    reports = Path(shutil.copytree(shipped, tmp_path_factory.mktemp("rounding") / "reports"))
    file = reports / "disclosure.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + _RULE, encoding="utf-8")
    file = reports / "releases" / "national-annual.toml"
    file.write_text(re.sub(r"(?m)^tables = .*$", f"tables = {_TABLES}", file.read_text(encoding="utf-8")), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THASSIST_REPORTS", str(reports))
        yield reports


@pytest.fixture(autouse=True)
def _in_use(rounding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THASSIST_REPORTS", str(rounding))


@pytest.fixture(scope="module")
def snapshot(few_of_some: Snapshot) -> Snapshot:
    return few_of_some


@pytest.fixture(scope="module")
def release(rounding: Path, snapshot: Snapshot) -> Release:
    return assemble(RELEASE_ID, "2022", snapshot)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def made(release: Release, snapshot: Snapshot, home: Path) -> Published:
    return publish_public(release, snapshot, Ledger(home / "ledger.jsonl"), home / "out", "tester", ("en",))


def secured(made: Published) -> SecuredByRounding:
    assert isinstance(made.secured, SecuredByRounding)
    return made.secured


def printed(folder: Path, table: str) -> dict[tuple[str, ...], int]:
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    dimensions = [name for name in rows[0] if f"{name}_label" in rows[0]]
    return {(row["period"], *(row[name] for name in dimensions)): int(row["value"]) for row in rows}


def test_every_count_is_a_multiple_near_the_truth(made: Published) -> None:
    known = truth()
    found = printed(made.built.folder, FORM_SEX)
    assert found
    for (_, form, sex), value in found.items():
        assert value % BASE == 0
        assert abs(value - known[form, sex]) <= MOST


def test_a_zero_does_not_tell_that_somebody_is_there(made: Published) -> None:
    """Where zeros are left out, a figure rounded to zero is left out too."""
    silent = [cube for cube in made.built.release.cubes if cube.spec.zeros == "omit"]
    for cube in silent:
        found = printed(made.built.folder, cube.spec.id)
        assert all(value for key, value in found.items() if set(key[1:]) != {"_T"})


def test_sums_hold_in_every_table_of_the_release(made: Published) -> None:
    """Added up here from the files, along every dimension in which a person stands once."""
    checked = 0
    for cube in made.built.release.cubes:
        if not cube.spec.measure.counts:
            continue
        found = printed(made.built.folder, cube.spec.id)
        for place, dimension in enumerate(cube.spec.dimensions, start=1):
            if dimension.multiple or dimension.rest or dimension.parents:
                continue
            parts: dict[tuple[str, ...], int] = defaultdict(int)
            for key, value in found.items():
                if key[place] != "_T":
                    parts[(*key[:place], "_T", *key[place + 1 :])] += value
            for total, value in parts.items():
                assert found.get(total, 0) == value, (cube.spec.id, total)
                checked += 1
    assert checked > 5


def test_the_ledger_holds_base_and_window(made: Published) -> None:
    told = made.entry.publication
    assert told.base == BASE
    ends = {(value, low, high) for _, _, value, _, low, high in told.tables[FORM_SEX]}
    assert ends
    assert all((low, high) == (max(0, value - MOST), value + MOST) for value, low, high in ends)


def test_readers_are_told_in_every_form_and_language(made: Published) -> None:
    folder = made.built.folder
    said = {lang: words(RoundedTo(BASE, MOST), lang) for lang in messages.LANGUAGES}
    assert len(set(said.values())) == 3
    assert all(str(BASE) in text and str(MOST) in text for text in said.values())
    [page] = folder.glob("*_en.html")
    assert page.read_text(encoding="utf-8").count(said["en"]) >= 2, "on the cover and among the notes"
    assert (
        said["en"]
        in json.loads((folder / "data" / "datapackage.json").read_text("utf-8"))["resources"][0]["description"]
    )
    px = (folder / "px" / f"{FORM_SEX}.px").read_bytes().decode("utf-8", "replace")
    assert f"multiples of {BASE}" in px.replace('"\r\n"', "").replace('"\n"', "")
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["rounding"] == {"base": BASE, "most": MOST}


def test_every_small_figure_can_be_the_threshold_or_more(made: Published) -> None:
    """What the audit proved, from its report: no small figure is known to be small."""
    report = json.loads(made.annex.read_text(encoding="utf-8"))
    small = [cell for each in report["populations"] for cell in each["small"]]
    assert report["safe"]
    assert small
    assert all(cell["may_be"][1] >= 5 for cell in small)
    assert all(cell["may_be"][1] - cell["may_be"][0] >= 3 for cell in small)
    entry, told = summary(made.secured)
    assert entry == "public.rounded"
    assert 0 < told["largest_change"] <= MOST


def test_built_again_it_is_the_same(made: Published, release: Release, snapshot: Snapshot, home: Path) -> None:
    """What is out stays as it is, even if the secret of the draw is lost."""
    ledger = Ledger(home / "ledger.jsonl")
    secret_file(ledger).unlink()
    again = secure(release, snapshot, ledger, policy())
    assert [cube.cells for cube in again.release.cubes] == [cube.cells for cube in secured(made).release.cubes]


@pytest.mark.parametrize("value", ["3", "5", ""])
def test_another_figure_in_the_files_is_found(value: str, made: Published, copy: Path) -> None:
    path = copy / "data" / f"{FORM_SEX}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(
        n for n, line in enumerate(lines) if ",_T," in line and ",10,A" not in line and ",5,A" not in line and n
    )
    before, _, after = lines[place].rpartition(",A")
    rest, _, _ = before.rpartition(",")
    lines[place] = f"{rest},{value},A{after}" if value else f"{rest},,Q{after}"
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(AuditFailed):
        secured(made).judge(copy)


def _exact(known: dict[tuple[str, str], int], without: str) -> list[list[Any]]:
    """The total and every form but one, as an earlier exact publication."""
    cells: list[list[Any]] = [["2022", {}, known["_T", "_T"], "A", None, None]]
    for (form, sex), count in known.items():
        if sex == "_T" and form not in {"_T", without}:
            cells.append(["2022", {"form": form}, count, "A", None, None])
    return cells


def test_exact_figures_that_are_out_are_attacked_with_the_rounded_ones(
    release: Release, snapshot: Snapshot, tmp_path: Path
) -> None:
    """The total and all other forms were published exactly: the last one follows, whatever is rounded now."""
    known = truth()
    small = min((form for form, sex in known if sex == "_T" and form != "_T"), key=lambda form: known[form, "_T"])
    assert 0 < known[small, "_T"] < 5
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(Publication(RELEASE, "old-review", "2022", "us", True, {FORM_SEX: _exact(known, small)}), "tester")
    with pytest.raises(AuditFailed) as caught:
        secure(release, snapshot, ledger, policy())
    assert caught.value.key == "public.leak"
    assert caught.value.exit_code == 12


def test_rounded_figures_that_are_out_are_attacked_with_the_exact_ones(
    release: Release, snapshot: Snapshot, tmp_path: Path
) -> None:
    """A small figure was published within so narrow a window that withholding it now does not help."""
    known = truth()
    small = min((form for form, sex in known if sex == "_T" and form != "_T"), key=lambda form: known[form, "_T"])
    count = known[small, "_T"]
    cell = ["2022", {"form": small}, 3, "A", count - 1, count + 1]
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(Publication(RELEASE, "old-review", "2022", "us", True, {FORM_SEX: [cell]}, base=3), "tester")
    withholding = replace(policy(), packages={})
    with pytest.raises(AuditFailed) as caught:
        secure(release, snapshot, ledger, withholding)
    assert caught.value.exit_code == 12
    with pytest.raises(AuditFailed) as caught:
        secure(release, snapshot, ledger, policy())
    assert caught.value.key == "public.leak"


def test_no_time_is_no_release(release: Release, snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(AuditFailed):
        secure(release, snapshot, Ledger(tmp_path / "l"), replace(policy(), protect_seconds=0, audit_seconds=0))


def test_a_difference_within_the_windows_is_no_revision(made: Published, release: Release) -> None:
    """Beside the exact figures of the same records, every difference is the rounding's."""
    exact, printed_ = of_release(release, "x"), of_folder(made.built.folder)
    found = compare(exact, printed_)
    assert found.changes
    assert {reason.cause for change in found.changes for reason in change.reasons} == {Cause.ROUNDING}
    thousands = {
        name: replace(each, cells=dict.fromkeys(each.cells, (1000, "A"))) for name, each in exact.tables.items()
    }
    others = compare(replace(exact, tables=thousands), printed_).changes
    assert Cause.ROUNDING not in {reason.cause for change in others for reason in change.reasons}
