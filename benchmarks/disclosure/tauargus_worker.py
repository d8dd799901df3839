"""One run of tau-ARGUS (pytauargus) on one table, in a process and a folder of its own: it crashes at times.

Run by the interpreter of another environment; imports nothing of ours. Reads a JSON object from standard input
(``columns``: variable → codes of the records, ``hierarchies``: variable → lines of its .hrc file, ``method``: OPT or
MOD, ``k``, ``percent``), works in the current folder, and leaves the withheld cells in ``result.json``.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    from pytauargus import protect

    task = json.load(sys.stdin)
    names = list(task["columns"])
    hrc = {}
    for name, lines in task["hierarchies"].items():
        if lines:
            Path(f"{name}.hrc").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
            hrc[name] = f"{name}.hrc"
    size = len(next(iter(task["columns"].values())))
    result = protect(
        {**task["columns"], "n": [1.0] * size},
        [names],
        response="n",
        safety_rules=f"FREQ({task['k']},{task['percent']})",
        suppress=f"{task['method']}(1)",
        hrc=hrc or None,
        hierleadstring="@",
        totcode="Total",
        workdir="run",
    )
    rows = result.tables[0].rows
    safe = result.tables[0].safe("x")
    hidden = [row for row, shown in zip(rows, safe, strict=True) if shown == "x"]
    withheld = [{name: str(row[name]).strip() for name in names} for row in hidden]
    Path("result.json").write_text(json.dumps({"withheld": withheld}))


if __name__ == "__main__":
    main()
