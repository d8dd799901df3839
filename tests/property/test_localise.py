"""Error localisation against brute force: DuckDB evaluates the very conditions on every record that could be."""

import datetime as dt
import importlib.util
import itertools
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

_path = Path(__file__).parents[1] / "unit" / "rules" / "localising.py"
_spec = importlib.util.spec_from_file_location("localising", _path)
assert _spec
assert _spec.loader
localising = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(localising)

DAYS = [dt.date(2004, 2, 28), dt.date(2004, 2, 29), dt.date(2022, 3, 1), dt.date(2022, 2, 28), None]
DOMAIN: dict[str, list[object]] = {
    "a": [0, 1, 2, 3, None],
    "b": [0, 1, 2, None],
    "c": ["X", "Y", "Z", None],
    "d": ["X", "Y", None],
    "f": [True, False, None],
}
KINDS = {"a": "integer", "b": "integer", "c": "category", "d": "category", "f": "category"}
FENCE = ["(a BETWEEN 0 AND 3) IS NOT FALSE", "(b BETWEEN 0 AND 2) IS NOT FALSE"]

comparison = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])
number = st.sampled_from(
    ["a", "b", "a + b", "a - b", "2 * a", "coalesce(a, b)", "coalesce(b, 1)", "1", "-b"]
) | st.just("CASE WHEN f THEN a ELSE b END")
code = st.sampled_from(["c", "d", "'X'", "coalesce(c, d)", "coalesce(d, 'Z')", "CASE WHEN a > 1 THEN c ELSE 'Y' END"])
atom = st.one_of(
    st.builds("{} {} {}".format, number, comparison, number),
    st.builds("{} {} {}".format, code, st.sampled_from(["=", "<>"]), code),
    st.builds("{} IN ({})".format, code, st.sampled_from(["'X'", "'X', 'Y'", "'Z', NULL"])),
    st.builds("{} IS {}NULL".format, st.sampled_from(["a", "b", "c", "d", "f"]), st.sampled_from(["", "NOT "])),
    st.builds("{} IS DISTINCT FROM {}".format, st.sampled_from(["a", "b"]), st.sampled_from(["a", "b", "2"])),
    st.just("c IS NOT DISTINCT FROM d"),
    st.sampled_from(["f", "(a IS NULL) = (c IS NULL)", "b BETWEEN 1 AND a", "a / b >= 2", "a IN (1, 3)"]),
)


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("(NOT {})".format, inner),
        st.builds("(({}) IS {})".format, inner, st.sampled_from(["TRUE", "NOT TRUE", "FALSE", "NOT FALSE"])),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("(CASE WHEN {} THEN {} ELSE {} END)".format, inner, inner, inner),
    )


condition = st.recursive(atom, grow, max_leaves=4)
record = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in DOMAIN.items()})
weights = st.fixed_dictionaries({name: st.sampled_from([1.0, 1.5, 2.0, 4.0]) for name in DOMAIN})

engine = duckdb.connect()
engine.execute("CREATE TABLE possible (a INTEGER, b INTEGER, c VARCHAR, d VARCHAR, f BOOLEAN)")
engine.executemany(
    "INSERT INTO possible VALUES (?, ?, ?, ?, ?)", [list(one) for one in itertools.product(*DOMAIN.values())]
)


def changed(record: dict[str, object], other: tuple[object, ...]) -> frozenset[str]:
    return frozenset(name for name, new in zip(DOMAIN, other, strict=True) if record[name] != new)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(record, st.lists(condition, min_size=1, max_size=3), weights)
def test_the_solution_is_feasible_and_none_is_lighter(
    record: dict[str, object], conditions: list[str], weights: dict[str, float]
) -> None:
    where = " AND ".join(f"({one}) IS TRUE" for one in conditions)
    feasible = engine.execute(f"SELECT * FROM possible WHERE {where}").fetchall()
    domains = {name: [value for value in DOMAIN[name] if value is not None] for name in "cdf"}
    found = localising.problem(
        record, [*conditions, *FENCE], weights, kinds=KINDS, domains=domains, missing_is_free=False
    ).solve()
    if not feasible:
        assert found is None
        return
    assert found is not None
    sets = {changed(record, one) for one in feasible}
    lightest = min(sum(weights[name] for name in one) for one in sets)
    assert found.weight == lightest
    assert found.fields in sets
    assert tuple(found.values[name] for name in DOMAIN) in feasible


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(DAYS), st.sampled_from(DAYS), st.sampled_from([216, -216, 1, 12]), comparison, st.booleans())
def test_dates_moved_by_months_are_exact_while_kept(
    born: dt.date | None, seen: dt.date | None, months: int, sign: str, fixed: bool
) -> None:
    moved = f"born + to_months({months})"
    sql = f"{moved} {sign} seen"
    (holds,) = engine.execute(
        f"SELECT ({sql}) IS TRUE FROM (SELECT ?::DATE AS born, ?::DATE AS seen)", [born, seen]
    ).fetchone() or (None,)
    weights = dict.fromkeys(["born", "seen"], float("inf") if fixed else 1.0)
    kinds = {"born": "date", "seen": "date"}
    found = localising.problem({"born": born, "seen": seen}, [sql], weights, kinds=kinds, missing_is_free=False).solve()
    if fixed:
        assert (found is not None) is holds
    else:
        assert found is not None
        assert (not found.fields) is holds
