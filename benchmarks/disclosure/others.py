"""Other people's publications audited: UNODC's file, and the NRM cubes with their small cells hidden.

``python benchmarks/disclosure/others.py glotip FILE.xlsx [--seconds 60]``
``python benchmarks/disclosure/others.py nrm published_cube_2022_q2.csv.gz … [--seconds 60]``

Both outsiders are played (insiders need the records). GLOTIP: every country, indicator, category and year is a table
of sex by age; no zero is printed, so that ``<5`` is 0 to 4 and what is not printed is unknown. NRM: every figure
of 1 to 4 is hidden and no other, as an office would do that stops there; a hidden figure is 1 or more.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import pandas as pd

from thassist.disclosure.library import audit
from thassist.disclosure.rule import OUTSIDER, OUTSIDER_RULES, Rule

K = 5


def report(name: str, cells: int, hidden: int, found: Counter[tuple[str, str]], wrong: int, seconds: float) -> None:
    verdicts = {who: {v: n for (w, v), n in sorted(found.items()) if w == who} for who, _ in sorted(found)}
    print(f"{name}: {cells} cells, {hidden} hidden, {verdicts}, contradictory {wrong}, {seconds:.1f} s", flush=True)


def glotip(file: Path, seconds: float) -> None:
    frame = pd.read_excel(file, skiprows=2, dtype=str, keep_default_na=False, engine="openpyxl")
    frame = frame.rename(columns={"Sex": "sex", "Age": "age"})
    keys = ["Iso3_code", "Country", "Indicator", "Dimension", "Category", "Year"]
    frame["count"] = pd.to_numeric(frame["txtVALUE"].str.replace(",", ""), errors="coerce")
    frame = frame.drop_duplicates([*keys, "sex", "age"], keep=False)  # figures that contradict themselves say nothing
    frame = frame[frame["sex"].ne("Unknown") & frame["age"].ne("Unknown")].replace({"Total": "_T"})
    rule = Rule(threshold=K, zeros_shown=False, attackers=(OUTSIDER,), audit_seconds=seconds)
    found: Counter[tuple[str, str]] = Counter()
    started, contradictory = time.monotonic(), 0
    hidden = int(frame["count"].isna().sum())
    for _, table in frame.groupby(keys):
        if table["count"].notna().any() and table["count"].isna().any() and len(table) > 1:
            told = audit({"t": table[["sex", "age", "count"]]}, rule)
            contradictory += not told.consistent
            if told.consistent:
                found.update((each.attacker, str(each.verdict)) for each in told.findings)
    report("GLOTIP", len(frame), hidden, found, contradictory, time.monotonic() - started)


def nrm(files: list[Path], seconds: float) -> None:
    kind, one = "First responder type", "First responder"
    names = ["Exploitation type", "Age at exploitation", "Gender", "Nationality"]
    for file in files:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        frame["count"] = pd.to_numeric(frame["People"])
        frame.loc[frame["count"].between(1, K - 1), "count"] = float("nan")
        # one responder in one type: a pair of columns is one variable with a level
        frame["responder"] = frame[kind].where(frame[one].eq("Total"), frame[one])
        parents = frame[frame[one].ne("Total")].drop_duplicates(one)
        tree = dict(zip(parents[one], parents[kind], strict=True))
        tree |= dict.fromkeys(set(frame[kind]) - {"Total"}, "_T")
        columns = ["responder", *names, "count"]
        table = frame[columns].replace({"Total": "_T"}).rename(columns={n: n.split()[0].lower() for n in names})
        rule = Rule(threshold=K, attackers=(OUTSIDER_RULES, OUTSIDER), audit_seconds=seconds)
        started = time.monotonic()
        shown = {"+".join(used) or "total": part[[*used, "count"]] for used, part in split(table)}
        told = audit(shown, rule, hierarchies={"responder": tree})
        found = Counter((each.attacker, str(each.verdict)) for each in told.findings)
        hidden = int(frame["count"].isna().sum())
        report(file.name, len(frame), hidden, found, int(not told.consistent), time.monotonic() - started)


def split(table: pd.DataFrame) -> list[tuple[list[str], pd.DataFrame]]:
    """A cube as tables: the rows that are at no total in the same columns belong together."""
    names = [name for name in table.columns if name != "count"]
    pattern = table[names].ne("_T")
    groups = table.groupby([pattern[name] for name in names])
    return [([name for name, on in zip(names, key, strict=True) if on], part) for key, part in groups]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["glotip", "nrm"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    if chosen.what == "glotip":
        glotip(chosen.files[0], chosen.seconds)
    else:
        nrm(chosen.files, chosen.seconds)


if __name__ == "__main__":
    main()
