"""``thassist check`` of a million proposals with every table filled: how long, and how much memory.

    python benchmarks/validation/large.py [--referrals 1000000] [--repeat 3] [--folder DIR] [--out FILE.md]

The database is made from synthetic cases of seven years, stored by the project itself and then copied within the
database under new keys until there are so many proposals. All tables are filled in the proportions of the cases, but
for the working time of the staff, which is of the office and not of a case. Making the database is not timed. The
check is run in a process of its own, with every rule of the catalogue, as a user runs it.
"""

import argparse
import datetime as dt
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import String

import thassist
from thassist.records.dataset import KEY_FIELDS, TABLE_NAMES, fields, way_to_person
from thassist.records.migrate import initialise, open_database
from thassist.records.store import store
from thassist.synthetic import generate

#: A copy is another person: of grown-ups each copy is born a day earlier, of the young the day in the month differs.
_OTHER = {
    "birth_date": """CASE WHEN birth_date_precision <> 'D' THEN birth_date
        WHEN birth_date < '2000-01-01' THEN date(birth_date, '-' || number || ' days')
        ELSE substr(birth_date, 1, 8) || printf('%02d', 1 + (substr(birth_date, 9) + number) % 28) END"""
}


def small(path: Path, seed: int) -> None:
    """A database of the synthetic cases of seven years."""
    initialise(f"sqlite:///{path}")
    engine = open_database(f"sqlite:///{path}")
    store(engine, generate(2018, 2024, seed), profile="fi-nas", file_sha256="a" * 64, by="benchmark")
    engine.dispose()


def multiply(path: Path, referrals: int) -> dict[str, int]:
    """Copy the cases within the database, with the triggers and indexes away; the number of records by table."""
    with sqlite3.connect(path) as database:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -2000000"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("PRAGMA ignore_check_constraints = ON")  # the copies are copies of what was checked
        # Indexes for look-ups are made after the copying, triggers too: they judge changes, and this is none.
        kept = list(
            database.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'trigger')"
            )
        )
        for kind, name, _ in kept:
            database.execute(f'DROP {kind} "{name}"')
        have = database.execute("SELECT count(*) FROM referral").fetchone()[0]
        copies = -(-referrals // have) - 1
        database.execute("CREATE TEMP TABLE copy (number INTEGER)")
        database.executemany("INSERT INTO copy VALUES (?)", [(number,) for number in range(1, copies + 1)])
        for table in TABLE_NAMES:
            if table == "contact" or way_to_person(table) or table == "person":
                _copy(database, table)
        for _, _, sql in kept:
            database.execute(sql)
        return {table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in TABLE_NAMES}


def _copy(database: sqlite3.Connection, table: str) -> None:
    names = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
    keys = {
        column.name
        for column in fields(table)
        if isinstance(column.type, String)
        and (column.name in KEY_FIELDS or any(key.column.name in KEY_FIELDS for key in column.foreign_keys))
    }
    picked = ", ".join(
        f"\"{name}\" || 'k' || number" if name in keys else _OTHER.get(name, f'"{name}"') for name in names
    )
    database.execute(f'INSERT INTO "{table}" SELECT {picked} FROM (SELECT * FROM "{table}") CROSS JOIN copy')


def check(path: Path) -> tuple[float, float, float]:
    """Seconds, peak gigabytes and processor seconds of one check."""
    command = str(Path(sys.executable).with_name("thassist"))
    program = [command, "check", "--db", f"sqlite:///{path}", "--lang", "en"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode not in {0, 1}:
        raise SystemExit(errors.decode())
    print(output.decode()[-1500:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 1024**2, worked


def _lines(counts: dict[str, int], runs: list[tuple[float, float, float]], made: float) -> Iterator[str]:
    seconds = [run[0] for run in runs]
    yield (
        f"thassist {thassist.__version__}, {platform.platform()}, {os.cpu_count()} CPUs, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {dt.datetime.now().astimezone().date()}."
    )
    yield ""
    yield (
        f"{counts['referral']} referrals, {sum(counts.values())} records; best of {len(runs)}: {min(seconds):.1f} s "
        f"(all: {', '.join(f'{one:.1f}' for one in seconds)}), peak memory {max(run[1] for run in runs):.2f} GB, "
        f"{min(run[2] for run in runs):.0f} s of processor time. "
        f"Making the database took {made:.0f} s."
    )
    yield ""
    yield "| Table | Records |"
    yield "|---|---:|"
    yield from (f"| `{table}` | {count} |" for table, count in counts.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the database is made, or is already")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = (given.folder or Path(scratch)) / "large.db"
        started = time.perf_counter()
        if not path.exists():
            small(path, given.seed)
            counts = multiply(path, given.referrals)
        else:
            with sqlite3.connect(path) as database:
                sizes = ((table, database.execute(f'SELECT count(*) FROM "{table}"')) for table in TABLE_NAMES)
                counts = {table: rows.fetchone()[0] for table, rows in sizes}
        made = time.perf_counter() - started
        text = "\n".join(_lines(counts, [check(path) for _ in range(given.repeat)], made)) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
