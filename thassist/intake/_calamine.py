"""The reading of a workbook in a process of its own: run as a script, prints the cells as lines of JSON.

A workbook of a few kilobytes can claim more memory than the machine has, and the library that reads it would take
the whole program down. Here only this process ends. It imports nothing of ours, and the cells travel by a pipe only:
no personal data touch the disk.

Usage: ``python _calamine.py FILE MEMORY_BYTES SECONDS``. Lines: ``{"sheet": name, "hidden": bool, "first": column,
"merged": [[[row, column], [row, column]], …]}``, then one list a row; a date is ``{"d": ISO}``. The last line is
``{"end": true}``, or ``{"fault": "password"|"damaged"}``.
"""

import datetime as dt
import json
import sys
from typing import Any


def _bounded(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows: the checks before the reading are the bound there
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a memory image would hold personal data


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, dt.time | dt.timedelta):
        return str(value)
    return value


def main(path: str, memory: int, seconds: int) -> None:
    """Print every worksheet of a workbook."""
    _bounded(memory, seconds)
    import python_calamine

    write = sys.stdout.write
    try:
        book = python_calamine.load_workbook(path)
        for about in book.sheets_metadata:
            if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            head = {
                "sheet": about.name,
                "hidden": about.visible is not python_calamine.SheetVisibleEnum.Visible,
                "first": (sheet.start or (0, 0))[1],
                "merged": sheet.merged_cell_ranges or [],
            }
            write(json.dumps(head) + "\n")
            for row in sheet.iter_rows():
                write(json.dumps([_cell(value) for value in row]) + "\n")
        write('{"end": true}\n')
    except python_calamine.PasswordError:
        write('{"fault": "password"}\n')
    except python_calamine.CalamineError:
        write('{"fault": "damaged"}\n')


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
