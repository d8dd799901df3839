"""The United Kingdom's referrals of four quarters and the year, protected and audited as one by the library.

``python benchmarks/disclosure/nrm.py [--nationalities 20] [--seconds 900]``

17,920 persons (``tests/data/uk_nrm``, see ATTRIBUTION.md there): exploitation, age, gender and nationality, all two-way
tables of them with their margins, each quarter and the year together. The 371 nationalities (combinations of two
included) are shown down to those with most persons, the others as one.
"""

import argparse
import itertools
import time
from pathlib import Path

import pandas as pd

from thassist.disclosure import library
from thassist.disclosure.rule import Rule

DATA = Path(__file__).parents[2] / "tests" / "data" / "uk_nrm"
YEAR = "2022-Q2..2023-Q1"
COLUMNS = {
    "Exploitation type": "exploitation",
    "Age at exploitation": "age",
    "Gender": "gender",
    "Nationality": "nationality",
}


def persons(nationalities: int) -> pd.DataFrame:
    """One row a person; rare nationalities as one code."""
    frames = [pd.read_csv(file, dtype=str).fillna("not recorded") for file in sorted(DATA.glob("nrm_2*.csv.gz"))]
    frame = pd.concat(frames, ignore_index=True)
    frame["time"] = frame["quarter"].str.replace(" ", "-")
    frame = frame[[*COLUMNS, "time"]].rename(columns=COLUMNS)
    kept = frame["nationality"].value_counts().index[:nationalities]
    frame["nationality"] = frame["nationality"].where(frame["nationality"].isin(kept), "other")
    return frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nationalities", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--width", type=int, default=3)
    chosen = parser.parse_args()
    frame = persons(chosen.nationalities)
    times = [*sorted(set(frame["time"])), YEAR]
    tables = {
        f"{one}_{other}": {one: None, other: None, "time": times}
        for one, other in itertools.combinations(COLUMNS.values(), 2)
    }
    rule = Rule(width=chosen.width, protect_seconds=chosen.seconds, audit_seconds=chosen.seconds)
    started, cpu = time.monotonic(), time.process_time()
    done = library.protect(frame, tables, rule)
    taken, used = time.monotonic() - started, time.process_time() - cpu
    found = done.protection
    shown = found.system.shown & (found.truth > 0)
    print(f"{len(frame)} persons, {int(shown.sum())} cells that are not zero, {chosen.nationalities} nationalities")
    print(f"protect: {taken:.0f} s ({used:.0f} s of processor); safe {done.safe}; {done.loss()}; rounds {found.rounds}")
    if found.audit:
        verdicts = pd.Series([str(each.verdict) for each in found.audit.findings], dtype=str).value_counts().to_dict()
        print(f"audit within: {found.audit.seconds:.1f} s, {found.audit.parts} parts, findings {verdicts}")
    print(f"impossible: {len(found.impossible)}")


if __name__ == "__main__":
    main()
