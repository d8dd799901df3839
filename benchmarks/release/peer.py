"""The tables of a release written by gptables, in an environment of its own; called by run.py.

Reads a JSON file of tables as :func:`run.tables` writes it and prints the seconds that writing took.
"""

import json
import sys
import time
from pathlib import Path

import gptables
import pandas as pd


def main(source: Path, target: Path) -> None:
    """Write the workbook; the reading of JSON and the imports are not timed."""
    content = json.loads(source.read_text(encoding="utf-8"))
    frames = [pd.DataFrame(table["rows"], columns=[*table["stub"], *table["headers"]]) for table in content["tables"]]
    started = time.perf_counter()
    sheets = {}
    for table, frame in zip(content["tables"], frames, strict=True):
        sheets[table["name"]] = gptables.GPTable(
            table=frame,
            table_name=table["id"],
            title=table["title"],
            subtitles=[],
            scope=table["population"],
            source=content["source"],
            index_columns={1: 0},
            instructions="This sheet contains one table.",
        )
    cover = gptables.Cover(
        cover_label="Cover", title=content["title"], intro=content["facts"], about=[], contact=[], width=80
    )
    gptables.write_workbook(str(target), sheets, cover=cover, contentsheet_label="Contents")
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
