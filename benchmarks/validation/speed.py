"""Twenty record rules over a million rows: thassist, pandera and pointblank, in one run on one machine.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install . pandera polars pointblank pyarrow
    /tmp/peers/bin/python benchmarks/validation/speed.py [--rows 1000000] [--repeat 7] [--out FILE.md]

Run it with the checkout installed, so that the definitions are found. The same rows and the same rules for all: the
decisions of the record schema, of which about one in a thousand breaks each rule.

All start from the same Parquet file and must end with one finding for each broken rule and row that names the rule
and the row's key (``decision_id``). Timed is everything between: reading the file, looking, and collecting rule and
key. Not timed, for any of them, is what is done once before many runs: making the data, and stating the rules (ours:
the definitions read, parsed and made one query; pandera: the schema; pointblank: the expressions). The tools take
turns, so that other work on the machine meets all alike; the best turn counts. The findings must be equal, or the run
stops. The peers on polars are also measured on a frame that lies ready in memory.
"""

import argparse
import datetime as dt
import os
import platform
import resource
import shutil
import tempfile
import time
import tomllib
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thassist import _data
from thassist.rules.columnar import ColumnarRules

TODAY = dt.date(2025, 6, 30)
TYPES = ["ADMISSION", "REMOVAL", "REFLECTION", "RECOVERY", "SERVICE"]
OUTCOMES = ["POSITIVE", "NEGATIVE", "LAPSED"]
REASONS = ["NOT_VICTIM", "NO_NEED", "NOT_IN_FINLAND", "WITHDRAWN", "OTHER", "_U"]
KEY = "^[A-Za-z0-9-]{1,64}$"
#: Rule and key of the row, for each finding.
Findings = set[tuple[str, ...]]
Timed = Callable[[], Findings]

#: Rule → (applies where, must hold), in SQL. Where «applies» is not TRUE the rule says nothing; «must hold» breaks it
#: where it is not TRUE.
RULES: dict[str, tuple[str, str]] = {
    "B01": ("TRUE", "person_id IS NOT NULL"),
    "B02": ("TRUE", "decision_date IS NOT NULL"),
    "B03": ("TRUE", "outcome IS NOT NULL"),
    "B04": ("TRUE", "decision_type IS NOT NULL"),
    "B05": ("decision_type IS NOT NULL", f"decision_type IN ({str(TYPES)[1:-1]})"),
    "B06": ("outcome IS NOT NULL", f"outcome IN ({str(OUTCOMES)[1:-1]})"),
    "B07": ("reason IS NOT NULL", f"reason IN ({str(REASONS)[1:-1]})"),
    "B08": ("decision_date_precision IS NOT NULL", "decision_date_precision IN ('D', 'M', 'Q', 'S', 'A')"),
    "B09": ("decision_date IS NOT NULL", "decision_date <= DATE '2025-06-30'"),
    "B10": ("decision_date IS NOT NULL", "decision_date >= DATE '2006-01-01'"),
    "B11": ("outcome = 'NEGATIVE'", "reason IS NOT NULL"),
    "B12": ("outcome = 'POSITIVE'", "reason IS NULL"),
    "B13": ("outcome = 'POSITIVE' AND decision_type = 'ADMISSION'", "criterion_victim"),
    "B14": ("outcome = 'POSITIVE' AND decision_type = 'ADMISSION'", "criterion_need"),
    "B15": ("decision_type = 'ADMISSION'", "referral_id IS NOT NULL"),
    "B16": ("TRUE", f"regexp_matches(decision_id, '{KEY}')"),
    "B17": ("person_id IS NOT NULL", f"regexp_matches(person_id, '{KEY}')"),
    "B18": ("referral_id IS NOT NULL", f"regexp_matches(referral_id, '{KEY}')"),
    "B19": ("decision_date IS NOT NULL", "decision_date_precision IS NOT NULL"),
    "B20": ("decision_type = 'REFLECTION' AND outcome = 'POSITIVE'", "decision_date >= DATE '2007-01-01'"),
}


def rows(number: int, seed: int = 1) -> pd.DataFrame:
    """Decisions, of which about one in a thousand breaks each rule."""
    draw = np.random.default_rng(seed)
    index = np.arange(number)
    frame = pd.DataFrame(
        {
            "decision_id": pd.Series(index).map("D-{:07d}".format),
            "person_id": pd.Series(index // 2).map("C-{:07d}".format),
            "referral_id": pd.Series(index // 3).map("R-{:07d}".format),
            "decision_type": draw.choice(TYPES, number),
            "outcome": draw.choice(OUTCOMES, number),
            "criterion_victim": True,
            "criterion_need": True,
        }
    ).astype(object)
    first = np.datetime64("2008-01-01")
    frame["decision_date"] = (first + draw.integers(0, 6000, number).astype("timedelta64[D]")).astype("datetime64[s]")
    frame["decision_date_precision"] = "D"
    frame["reason"] = np.where(frame["outcome"] == "NEGATIVE", draw.choice(REASONS, number), None)

    def spoil(column: str, value: object) -> None:
        frame.loc[draw.random(number) < 0.001, column] = value

    spoilt: list[tuple[str, Any]] = [
        ("person_id", None),
        ("person_id", "C 1/2"),
        ("referral_id", None),
        ("referral_id", "R.1"),
        ("decision_id", "D 0"),
        ("decision_type", None),
        ("decision_type", "ADMISION"),
        ("outcome", None),
        ("outcome", "positive"),
        ("reason", "NONE"),
        ("criterion_victim", False),
        ("criterion_need", False),
        ("decision_date_precision", "X"),
        ("decision_date_precision", None),
        ("decision_date", pd.NaT),
        ("decision_date", pd.Timestamp("2031-05-04")),
        ("decision_date", pd.Timestamp("1921-05-04")),
    ]
    for column, value in spoilt:
        spoil(column, value)
    spoilt_keys = frame["decision_id"] == "D 0"  # still one key for each row
    frame.loc[spoilt_keys, "decision_id"] = [f"D 0/{number}" for number in range(int(spoilt_keys.sum()))]
    frame.loc[(frame["outcome"] == "NEGATIVE") & (draw.random(number) < 0.001), "reason"] = None
    return frame


# --- thassist ---


def definitions(folder: Path) -> None:
    """A folder of definitions in which the catalogue holds the twenty rules and nothing else."""
    shutil.copytree(_data.reports_dir(), folder)
    for path in (folder / "rules").glob("*.toml"):
        if path.name not in {"views.toml", "reliability.toml"}:
            path.unlink()
    view = (
        '\n[[view]]\nid = "benchmark"\nrecord = "decision"\nabout = {fi = "x", sv = "x", en = "x"}\n'
        'sql = "SELECT d.* FROM decision d"\n'
    )
    views = folder / "rules" / "views.toml"
    views.write_text(views.read_text(encoding="utf-8") + view, encoding="utf-8")
    text = ["schema = 1"]
    for name, (when, must) in RULES.items():
        said = "\n".join(f'[rule.{part}]\nfi = "x"\nsv = "x"\nen = "x"' for part in ("what", "why", "remedy"))
        text.append(
            f'[[rule]]\nid = "{name}"\nseverity = "error"\non = "benchmark"\nwhen = """{when}"""\n'
            f'must_hold = """{must}"""\nfields = ["decision.decision_id"]\nsource = "x"\nconfidence = "own"\n{said}'
        )
    content = "\n".join(text)
    tomllib.loads(content)
    (folder / "rules" / "benchmark.toml").write_text(content, encoding="utf-8")


def with_thassist(path: Path) -> Timed:
    rules = ColumnarRules("benchmark")
    return lambda: set(rules.check(path, today=TODAY))


# --- pandera ---


def with_pandera_pandas(path: Path) -> Timed:
    import pandera.pandas as pa

    limit, first, early = pd.Timestamp(TODAY), pd.Timestamp("2006-01-01"), pd.Timestamp("2007-01-01")

    def when(name: str, applies: Callable[[Any], Any], holds: Callable[[Any], Any]) -> Any:
        return pa.Check(lambda f: ~applies(f) | holds(f).fillna(value=False), name=name, ignore_na=False)

    def filled(column: str) -> Callable[[Any], Any]:
        return lambda f: f[column].notna()

    def key(column: str) -> Callable[[Any], Any]:
        return lambda f: f[column].str.match(KEY).fillna(value=False).astype(bool)

    def always(f: Any) -> Any:
        return pd.Series(data=True, index=f.index)

    def admitted(f: Any) -> Any:
        return (f["outcome"] == "POSITIVE") & (f["decision_type"] == "ADMISSION")

    checks = [
        when("B01", always, filled("person_id")),
        when("B02", always, filled("decision_date")),
        when("B03", always, filled("outcome")),
        when("B04", always, filled("decision_type")),
        when("B05", filled("decision_type"), lambda f: f["decision_type"].isin(TYPES)),
        when("B06", filled("outcome"), lambda f: f["outcome"].isin(OUTCOMES)),
        when("B07", filled("reason"), lambda f: f["reason"].isin(REASONS)),
        when("B08", filled("decision_date_precision"), lambda f: f["decision_date_precision"].isin(list("DMQSA"))),
        when("B09", filled("decision_date"), lambda f: f["decision_date"] <= limit),
        when("B10", filled("decision_date"), lambda f: f["decision_date"] >= first),
        when("B11", lambda f: f["outcome"] == "NEGATIVE", filled("reason")),
        when("B12", lambda f: f["outcome"] == "POSITIVE", lambda f: f["reason"].isna()),
        when("B13", admitted, lambda f: f["criterion_victim"].astype(bool)),
        when("B14", admitted, lambda f: f["criterion_need"].astype(bool)),
        when("B15", lambda f: f["decision_type"] == "ADMISSION", filled("referral_id")),
        when("B16", always, key("decision_id")),
        when("B17", filled("person_id"), key("person_id")),
        when("B18", filled("referral_id"), key("referral_id")),
        when("B19", filled("decision_date"), filled("decision_date_precision")),
        when(
            "B20",
            lambda f: (f["decision_type"] == "REFLECTION") & (f["outcome"] == "POSITIVE"),
            lambda f: f["decision_date"] >= early,
        ),
    ]
    schema = pa.DataFrameSchema(checks=checks)

    def timed() -> Findings:
        plain = pd.read_parquet(path)
        plain["decision_date"] = pd.to_datetime(plain["decision_date"])
        try:
            schema.validate(plain, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            keys = plain["decision_id"].to_numpy()[cases["index"].astype(int)]
            return set(zip(cases["check"], keys, strict=True))
        return set()

    return timed


# --- polars, for pandera and pointblank ---


def polars_frame(frame: pd.DataFrame) -> Any:
    import polars as pl

    missing = frame.isna()
    data = {
        name: [None if gone else value for value, gone in zip(frame[name], missing[name], strict=True)]
        for name in frame
        if name != "decision_date"
    }
    made = pl.DataFrame(data).with_row_index("row")
    dates = pl.Series("decision_date", frame["decision_date"].to_numpy().astype("datetime64[ms]")).cast(pl.Date)
    return made.with_columns(dates)


def polars_rules() -> dict[str, Any]:
    """Rule → an expression that is true where the rule is not broken."""
    import polars as pl

    def of(sql: str) -> Any:
        return pl.sql_expr(sql.replace("regexp_matches", "REGEXP_LIKE"))

    rules = {}
    for name, (when, must) in RULES.items():
        holds = of(must).fill_null(value=False)
        rules[name] = holds if when == "TRUE" else ~of(when).fill_null(value=False) | holds
    return rules


def with_pandera_polars(path: Path, ready: Any = None) -> Timed:
    import pandera.polars as pa
    import polars as pl

    rules = polars_rules()
    checks = [pa.Check(lambda data, rule=rule: data.lazyframe.select(rule), name=name) for name, rule in rules.items()]
    schema = pa.DataFrameSchema(checks=checks)

    def timed() -> Findings:
        made = pl.read_parquet(path) if ready is None else ready
        try:
            schema.validate(made, lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            return set(zip(cases["check"], made["decision_id"].gather(cases["index"]), strict=True))
        return set()

    return timed


def with_pointblank(path: Path, ready: Any = None) -> Timed:
    import pointblank as pb
    import polars as pl

    rules = polars_rules()

    def timed() -> Findings:
        made = pl.read_parquet(path) if ready is None else ready
        plan = pb.Validate(data=made)
        for name, rule in rules.items():
            plan = plan.col_vals_expr(expr=rule, brief=name)
        done = plan.interrogate(get_first_n=len(made), extract_limit=len(made))
        extracts = done.get_data_extracts()
        return {
            (name, key)
            for step, name in enumerate(rules, start=1)
            if extracts.get(step) is not None
            for key in extracts[step]["decision_id"]
        }

    return timed


def _ready(made: Callable[[Path, Any], Timed]) -> Callable[[Path], Timed]:
    def prepare(path: Path) -> Timed:
        import polars as pl

        return made(path, pl.read_parquet(path))

    return prepare


READY = ", frame in memory"
TOOLS: dict[str, Callable[[Path], Timed]] = {
    "thassist": with_thassist,
    "pandera (pandas)": with_pandera_pandas,
    "pandera (polars)": with_pandera_polars,
    "pointblank (polars)": with_pointblank,
    f"pandera (polars){READY}": _ready(with_pandera_polars),
    f"pointblank (polars){READY}": _ready(with_pointblank),
}


def measured(path: Path, repeat: int) -> dict[str, tuple[float, float, Findings]]:
    """Tool → best seconds, best seconds of processor time, and findings; the tools take turns."""
    started = time.perf_counter()
    turns = {name: prepare(path) for name, prepare in TOOLS.items()}
    print(f"prepared in {time.perf_counter() - started:.2f} s", flush=True)
    results: dict[str, tuple[float, float, Findings]] = {}
    for _ in range(repeat):
        for name, timed in turns.items():
            started, worked = time.perf_counter(), time.process_time()
            found = timed()
            seconds, work = time.perf_counter() - started, time.process_time() - worked
            before = results.get(name, (seconds, work))
            results[name] = min(before[0], seconds), min(before[1], work), found
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        definitions(Path(folder) / "reports")
        os.environ["THASSIST_REPORTS"] = str(Path(folder) / "reports")
        path = Path(folder) / "decisions.parquet"
        polars_frame(rows(given.rows)).write_parquet(path)
        results = measured(path, given.repeat)
    first = results["thassist"][2]
    for name, (_, _, found) in results.items():
        if found != first:
            difference = sorted(found ^ first)[:5]
            said = f"{name} finds something else: {difference}"
            raise SystemExit(said)
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("thassist", "duckdb", "pandera", "pointblank", "polars", "pandas")
    )
    day = dt.datetime.now().astimezone().date()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    peer = min(one[0] for name, one in results.items() if name != "thassist" and not name.endswith(READY))
    lines = [
        f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {day}; {packages}.",
        (
            f"{given.rows} rows, {len(RULES)} rules, {len(first)} findings, the same from all; best of {given.repeat} "
            f"turns; peak memory of the whole run {memory:.1f} GB."
        ),
        "",
        "| Tool | Seconds | Processor seconds | Times the fastest peer from the file |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {seconds:.3f} | {work:.3f} | {seconds / peer:.2f} |"
            for name, (seconds, work, _) in results.items()
        ),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
