"""pysdmx reads our SDMX data, and writes the same: in a process of its own, since it needs pyarrow for data.

pyarrow is no dependency: where it is installed pandas keeps text otherwise, and tests would not run what users run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.packaging, pytest.mark.slow]

SCRIPT = """
import csv, io, json, sys
from pathlib import Path
sys.path.insert(0, "tests/unit/publish")
from conftest import cross
from thassist.publish import sdmx_data
from thassist.publish.sdmx_model import data_set
from thassist.publish.sdmx_structure import content
import datetime as dt
from pysdmx.io import get_datasets
from pysdmx.io.csv.sdmx20.writer import write as write20
from pysdmx.io.csv.sdmx21.writer import write as write21

home = Path(sys.argv[1])
data = data_set(cross(), "FI_NAS")
structure = home / "structure.xml"
structure.write_bytes(content([data.structure], "m", dt.date(2023, 1, 15)))
out = {}
for name, text in [(f"{v}.csv", sdmx_data.as_csv(data, v)) for v in ("1.0", "2.0", "2.1")] + [
    ("3.0.xml", sdmx_data.as_xml(data, "m", dt.date(2023, 1, 15)))]:
    (home / name).write_text(text, encoding="utf-8")
    [found] = get_datasets(home / name, structure)
    frame = found.data
    out[name] = [
        [row["AGE"], row["SEX"], "" if str(row["OBS_VALUE"]) in ("<NA>", "nan", "None") else float(row["OBS_VALUE"]),
         row["OBS_STATUS"], row["CONF_STATUS"]]
        for row in frame.astype(object).to_dict("records")
    ]
    if name in ("2.0.csv", "2.1.csv"):
        again = list(csv.reader(io.StringIO((write20 if name == "2.0.csv" else write21)([found]))))
        mine = list(csv.reader(io.StringIO(text)))
        out[f"{name} columns"] = [sorted(again[0]), sorted(mine[0])]
out["cells"] = [
    [key[1], key[2], "" if cell.value is None else float(cell.value), cell.status.value]
    for key, cell in cross().cells.items()
]
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def arrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arrow")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), "pyarrow>=14,<26"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no pyarrow to be had here")
    return folder


def test_pysdmx_reads_every_format_and_writes_the_same_columns(arrow: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(arrow)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    cells = sorted([age, sex, str(value), status] for age, sex, value, status in found["cells"])
    for name in ("1.0.csv", "2.0.csv", "2.1.csv", "3.0.xml"):
        assert sorted([age, sex, str(value), status] for age, sex, value, status, _ in found[name]) == cells, name
        assert {conf for *_, status, conf in found[name] if status == "Q"} == {"C"}
    for name in ("2.0.csv columns", "2.1.csv columns"):
        theirs, ours = found[name]
        assert theirs == ours
