"""Builds every international collection of two years on made-up cases, and writes what came out into the manual.

``make`` does not run it: it takes minutes. ``scripts/write_international.py`` rewrites the block between the marks in
``docs/manual/how-to/international-reports.md``; with ``--check`` it exits with 1 where the block differs. Everything
is done as a user does it, through the command line; the numbers come from the files that were written.
"""

import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from thassist_cli.main import cli

PAGE = Path(__file__).resolve().parents[1] / "docs" / "manual" / "how-to" / "international-reports.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
YEARS = ("2022", "2023")


@dataclass(frozen=True)
class Collection:
    """One of the eleven: its release or exchange, the layout whose items are its own, and what accepts its files."""

    id: str
    name: str
    package: str
    layout: str
    files: str
    validator: str
    period: str = "{year}"


LISTS = "codes, keys and rows when read back"
SDMX = f"{LISTS}; `sdmx check` and pysdmx's schemas on its SDMX"
UNODC = f"{LISTS}; `verify --profile unodc-glotip`"
ANONYMOUS = "the proof of k = 11; `validate --profile ctdc-2020`"
BLOCKED = "none: refused until the official list is loaded"
_THB, _US = "eurostat-thb", "us-tip"
COLLECTIONS = (
    Collection("E1", "Article 19a", _THB, "art19a-questionnaire", "`art19a-questionnaire.xlsx`, `art19a.csv`", LISTS),
    Collection("E2", "Eurostat `crim_thb`", _THB, "eurostat-crim-thb", "six `CRIM_THB_*.csv`", SDMX),
    Collection(
        "E3", "UNODC", "unodc-glotip", "unodc-glotip", "`data_glotip_FIN.csv`, `glotip-questionnaire.xlsx`", UNODC
    ),
    Collection("E4", "SDG 16.2.2", "sdg-16-2-2", "sdg-16-2-2", "`sdg-16-2-2.csv`", LISTS),
    Collection("E5", "GRETA, Part III", "greta", "greta", "`greta-part-iii.xlsx`", LISTS),
    Collection("E6", "HTCDS records", "htcds", "", "`htcds.csv`", "`validate --profile htcds`"),
    Collection("E7", "CTDC contribution", "ctdc", "", "`ctdc.csv`", ANONYMOUS),
    Collection("E8", "First permits", "eurostat-resper", "eurostat-resper", "`MIGR_RESOTH.csv`", SDMX),
    Collection("E9", "EMN annex", "emn-annex", "emn-annex", "`emn-annex.xlsx`", LISTS),
    Collection("E10", "US report", _US, _US, "`us-tip.xlsx`", LISTS, "{year}-04-01/P1Y"),
    Collection("E11", "IC-TIP", "ic-tip", "", "–", BLOCKED),
)


class Office:
    """An office of its own: a database of made-up cases, and a folder for what it writes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        places = {"THASSIST_DB": f"sqlite:///{home / 'thassist.db'}", "THASSIST_SNAPSHOTS": str(home / "snapshots")}
        self._runner = CliRunner(env=places | {"THASSIST_EXCHANGES": str(home / "exchanges.jsonl")})

    def run(self, *command: str, expected: int = 0) -> str:
        """What a command says; it must end as expected."""
        done = self._runner.invoke(cli, [*command, "--lang", "en"])
        if done.exit_code != expected:
            said = f"thassist {' '.join(command)}: exit code {done.exit_code}\n{done.output}"
            raise SystemExit(said)
        return done.output

    def fill(self) -> None:
        """Ten made-up years."""
        cases = str(self.home / "cases.xlsx")
        self.run("synth", "--from", "2015", "--to", "2024", "--seed", "7", "-o", cases)
        for command in (("init",), ("import", cases), ("freeze",)):
            self.run(*command)

    def build(self, package: str, period: str) -> Path:
        """A release, built once."""
        out = self.home / f"{package}_{period.replace('/', '-')}"
        if not out.exists():
            self.run("release", "build", package, "--period", period, "--out", str(out), "--only", "en")
        return out


def counts(office: Office, one: Collection, year: str) -> Counter[str]:
    """The cells of a collection by what they are; its validators are run, and must accept the files."""
    if not one.layout and one.validator != BLOCKED:
        out = office.home / f"{one.package}_{year}.csv"
        office.run(
            "exchange", one.package, "--to", "a receiver", "--why", "to measure", "--first", year, "--last", year,
            "-o", str(out),
        )  # fmt: skip
        office.run("validate", str(out), "--profile", "ctdc-2020" if one.package == "ctdc" else one.package)
        return Counter(json.loads((out.parent / f"{out.name}.about.json").read_text(encoding="utf-8"))["content"])
    period = one.period.format(year=year)
    if one.validator == BLOCKED:
        office.run("release", "build", one.package, "--period", year, "--out", str(office.home / "none"), expected=11)
        return Counter()
    folder = office.build(one.package, period)
    if one.validator == SDMX:
        _check_sdmx(office, folder / "sdmx")
    if one.validator == UNODC:
        office.run("verify", str(folder / "receiver" / "data_glotip_FIN.csv"), "--profile", "unodc-glotip")
    found: Counter[str] = Counter()
    with (folder / "receiver" / f"{one.layout}_items.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.update({name: int(row[name]) for name in ("cells", "filled", "not_known", "not_ours")})
    return found


def _check_sdmx(office: Office, folder: Path) -> None:
    from pysdmx.io.xml.doc_validation import validate_doc

    for path in sorted(folder.rglob("*.xml")):
        validate_doc(path.read_text(encoding="utf-8"))
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        office.run("sdmx", "check", str(path), str(folder / "structure.xml"))


def block() -> Iterator[str]:
    """The lines between the marks."""
    with tempfile.TemporaryDirectory() as name:
        office = Office(Path(name))
        office.fill()
        yield "Made-up cases (`thassist synth --from 2015 --to 2024 --seed 7`), counted in the files as written:"
        yield ""
        yield from _collections(office)
        yield ""
        yield from _bridges(office)
        yield ""
        yield from _proofs(office)


def _collections(office: Office) -> Iterator[str]:
    head = ["", "Collection", "Command", "File", "Accepted by"]
    head += [f"{what} {year}" for year in YEARS for what in ("Cells", "filled", "not known", "not ours")]
    yield from _table(head, (_row(office, one) for one in COLLECTIONS))


def _row(office: Office, one: Collection) -> list[str]:
    cells: list[str] = []
    for year in YEARS:
        found = counts(office, one, year)
        cells += [str(found[name]) if found else "–" for name in ("cells", "filled", "not_known", "not_ours")]
    command = f"`release build {one.package} --period {one.period.format(year='YEAR')}`"
    if not one.layout and one.validator != BLOCKED:
        command = f"`exchange {one.package} --to … --why … --first YEAR --last YEAR`"
    return [one.id, one.name, command, one.files, one.validator, *cells]


def _bridges(office: Office) -> Iterator[str]:
    rows = []
    for bridge in json.loads(office.run("release", "bridge", "--list", "--format", "json")):
        for year in YEARS:
            period = f"{year}-04-01/P1Y" if bridge["id"] == "fi_bridge_us_tip" else year
            said = json.loads(office.run("release", "bridge", bridge["id"], "--period", period, "--format", "json"))
            steps = Counter[str]()
            for line in said["lines"]:
                steps[line["kind"]] += line["persons"]
            if steps["start"] - steps["remove"] + steps["add"] != steps["end"]:
                said_so = f"{bridge['id']} {period} does not add up"
                raise SystemExit(said_so)
            named = [
                f"{'−' if line['kind'] == 'remove' else '+'} {line['persons']} {line['label'].partition(':')[0]}"
                for line in said["lines"]
                if line["kind"] in ("remove", "add") and line["persons"]
            ]
            rows.append([f"`{bridge['id']}`", period, str(steps["start"]), "; ".join(named) or "–", str(steps["end"])])
    yield from _table(["Bridge", "Period", "First figure", "Steps", "Second figure"], rows)


def _proofs(office: Office) -> Iterator[str]:
    proofs = json.loads(office.run("codes", "lint", "--format", "json"))["correspondences"]
    total, held = sum(proof["total"] for proof in proofs), sum(proof["holds"] for proof in proofs)
    yield (
        f"Correspondences (`thassist codes lint`): {len(proofs)}, of which {total} are proved total and {held - total} "
        f"proved with codes that are declared to have no target; {len(proofs) - held} are not proved."
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def written(page: str, lines: Iterable[str]) -> str:
    """A page with the lines between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"])


def main(arguments: list[str]) -> int:
    """0 where the page is as it should be."""
    lines = list(block())  # it takes minutes: the page is read afterwards
    page = PAGE.read_text(encoding="utf-8")
    made = written(page, lines)
    if made == page:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{PAGE.name}: what was measured has changed; run scripts/write_international.py\n")
        return 1
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
