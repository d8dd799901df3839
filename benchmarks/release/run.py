"""The annual release: time and memory of the whole, and its workbook beside the same tables written by gptables.

    python benchmarks/release/run.py --peer PATH/TO/PEER/python

The peer's environment has ``gptables`` and nothing of ours. Synthetic cases of ten years are made, imported and frozen
first; what is timed is one ``thassist release build national-annual`` in three languages and all formats, and then the
writing of one English workbook by both.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from thassist.publish import xlsx
from thassist.publish.document import document
from thassist.publish.page import Document
from thassist.release.build import assemble
from thassist.snapshot import open_snapshot
from thassist.verify.accessibility import Verdict, inspect

_PEER = Path(__file__).with_name("peer.py")


def tables(content: Document) -> dict[str, Any]:
    """The tables of a document as plain values, for the peer."""
    return {
        "title": content.title,
        "facts": [f"{name}: {text}" for name, text in content.facts],
        "source": content.publisher,
        "tables": [
            {
                "id": table.id,
                "name": table.name,
                "title": table.title,
                "population": dict(table.facts).popitem()[1] if table.facts else "",
                "stub": list(table.stub_headers),
                "headers": list(table.headers),
                "rows": [
                    [*row.stub, *(figure.sign if figure.value is None else figure.value for figure in row.figures)]
                    for row in table.rows
                ],
            }
            for table in content.tables
        ],
    }


def points(path: Path) -> tuple[int, list[int]]:
    """How many points a workbook meets, and the numbers of those it does not."""
    found = inspect(path)
    return (
        sum(point.verdict is Verdict.MET for point in found),
        [point.number for point in found if point.verdict is Verdict.NOT_MET],
    )


def main() -> None:
    """Run both and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, help="python of an environment that has gptables")
    parser.add_argument("--period", default="2022")
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), chosen)


def _measure(folder: Path, chosen: argparse.Namespace) -> None:
    command = Path(sys.executable).with_name("thassist")
    options = ["--db", f"sqlite:///{folder / 'cases.db'}"]
    snapshots = ["--snapshots", str(folder / "snapshots")]

    def run(*words: str) -> float:
        started = time.perf_counter()
        subprocess.run([str(command), *words], cwd=folder, check=True, capture_output=True)
        return time.perf_counter() - started

    run("synth", "--from", "2015", "--to", "2024", "--seed", "1", "-o", "cases.xlsx")
    run("init", *options)
    run("import", "cases.xlsx", *options)
    run("freeze", *options, *snapshots)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    times = [
        run("release", "build", "national-annual", "--period", chosen.period, *snapshots, "--out", f"release-{place}")
        for place in range(chosen.repeat)
    ]
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(f"release: {min(times):.1f} s (best of {len(times)}), peak memory of any command {peak / 1024:.0f} MB")
    content = document(assemble("national-annual", chosen.period, open_snapshot(folder / "snapshots")), "en")
    ours, theirs, source = folder / "ours.xlsx", folder / "theirs.xlsx", folder / "tables.json"
    spent = []
    for _ in range(chosen.repeat):
        started = time.perf_counter()
        xlsx.write(content, ours)
        spent.append(time.perf_counter() - started)
    print("| Workbook | Tables | Charts | Seconds | KB | Points met | Not met |\n|---|---:|---:|---:|---:|---:|---|")
    _row("thassist", len(content.tables), len(content.pictures), min(spent), ours)
    if chosen.peer:
        source.write_text(json.dumps(tables(content)), encoding="utf-8")
        spent = [
            float(subprocess.check_output([str(chosen.peer), str(_PEER), str(source), str(theirs)], text=True))
            for _ in range(chosen.repeat)
        ]
        _row("gptables", len(content.tables), 0, min(spent), theirs)


def _row(name: str, count: int, charts: int, seconds: float, path: Path) -> None:
    met, missed = points(path)
    size = path.stat().st_size / 1024
    numbers = ", ".join(map(str, missed)) or "none"
    print(f"| {name} | {count} | {charts} | {seconds:.2f} | {size:.0f} | {met} | {numbers} |")


if __name__ == "__main__":
    main()
