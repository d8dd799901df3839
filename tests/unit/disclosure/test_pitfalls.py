"""Adversarial tests of pitfalls that have none elsewhere; decision 31 lists which test covers which."""

import logging
import re
import time
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sdc
from scipy.optimize import linprog

from thassist.disclosure import library
from thassist.disclosure.attack import Attack, Knowledge, link_rows
from thassist.disclosure.equations import System
from thassist.disclosure.parts import split
from thassist.disclosure.protect import protect_system
from thassist.disclosure.rule import Rule
from thassist.disclosure.separation import Demand, Separator
from thassist.disclosure.solver import OutOfTime, OutOfWork, Work

ROOT = Path(__file__).resolve().parents[3]
RULE = Rule(threshold=5)


def block() -> tuple[System, np.ndarray, np.ndarray, np.ndarray]:
    """Three rows, three columns; of the first two rows and columns all inner cells are withheld."""
    built = sdc.system([sdc.flat("a", 3), sdc.flat("b", 3)], [["a", "b"]])
    inner = np.array([3, 9, 8, 7, 2, 9, 9, 9, 9])
    withheld = np.zeros(built.size, bool)
    withheld[built.cells("persons", {"a": ["a0", "a0", "a1", "a1"], "b": ["b0", "b1", "b0", "b1"]})] = True
    return built, inner, sdc.truth(built, inner), withheld


def ends(built: System, values: np.ndarray, withheld: np.ndarray, cell: int) -> tuple[float, float]:
    """The least and the most that a cell can be, by a programme made anew for each."""
    member = built.incidence(0, sdc.kinds(built)).toarray()
    printed = built.shown & ~withheld
    found = [
        linprog(
            sign * member[cell],
            A_ub=-member[withheld],
            b_ub=-np.ones(withheld.sum()),
            A_eq=member[printed],
            b_eq=values[printed],
        ).fun
        * sign
        for sign in (1.0, -1.0)
    ]
    return found[0], found[1]


def test_an_answer_is_read_before_the_next_question_is_put() -> None:
    """HiGHS forgets the objective once costs change: 0 would convict everybody, an old one acquit anybody."""
    built, inner, values, withheld = block()
    known = Knowledge(np.where(withheld, 1.0, values), np.where(withheld, np.inf, values))
    part = split(built, built.shown, link_rows(built))[0]
    attack = Attack(built, known, part, {}, time.monotonic() + 60)
    assert attack.feasible()
    records = sdc.records(built, inner)
    separator = Separator(built, values, 1.0, withheld, withheld, records, Work(1e9), time.monotonic() + 60)
    cells = np.flatnonzero(withheld).tolist()
    told = {}
    for cell in [*cells, *reversed(cells)]:
        low, high = ends(built, values, withheld, cell)
        most, point = attack.ask(np.array([cell]))
        least, _ = attack.ask(np.array([cell]), least=True)
        assert (least, most) == pytest.approx((low, high))
        assert point.values[attack.place[cell]] == pytest.approx(high)  # noqa: PD011
        told[cell] = (low, high)
        full = withheld.astype(float)
        met = separator.ask(Demand(cell, high), full)
        assert not isinstance(met, list)
        assert met.values[cell] == pytest.approx(high)  # noqa: PD011
        told_no = separator.ask(Demand(cell, high + 1), full)
        assert isinstance(told_no, list)
        assert told_no
        assert not any(cut.gain.any() for cut in told_no)  # 0 >= 1: all that may be withheld is
        met = separator.ask(Demand(cell, low, up=False), full)
        assert not isinstance(met, list)
        assert met.values[cell] == pytest.approx(low)  # noqa: PD011
    assert len(set(told.values())) > 1


def test_what_is_out_of_time_is_told_and_not_concluded() -> None:
    built, inner, values, withheld = block()
    demand, records = Demand(int(np.flatnonzero(withheld)[0]), 5.0), sdc.records(built, inner)
    late = Separator(built, values, 1.0, withheld, withheld, records, Work(1e9), time.monotonic() - 1)
    with pytest.raises(OutOfTime):
        late.ask(demand, withheld.astype(float))
    tired = Separator(built, values, 1.0, withheld, withheld, records, Work(1.0), time.monotonic() + 60)
    with pytest.raises(OutOfWork):
        tired.ask(demand, withheld.astype(float))


def test_nothing_that_is_printed_tells_small_from_others() -> None:
    """Two figures withheld, one because it is small, one to protect it: the same in every column."""
    frame = pd.DataFrame({"a": ["x"] * 3 + ["y"] * 9 + ["z"] * 20})
    table = library.protect(frame, {"t": ["a"]}, RULE).tables["t"]
    hidden = table[table["count"].isna()].drop(columns="a")
    assert len(hidden) == 2
    assert len(hidden.drop_duplicates()) == 1


def test_what_was_withheld_and_why_is_not_said_aloud(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No log, no output of a solver, no printed object and no error with the true figure or the pattern in it."""
    caplog.set_level(logging.DEBUG)
    built = sdc.system([sdc.flat("a", 4)], [["a"]])
    inner = np.array([3, 7919, 8731, 9473])
    values = sdc.truth(built, inner)
    found = protect_system(built, values, RULE, records=sdc.records(built, inner))
    assert found.safe
    assert found.secondary.sum() == 1
    said = capfd.readouterr()
    aloud = said.out + said.err + caplog.text + repr(found) + str(found.audit)
    assert not re.search("7919|7922|8731|9473|26126", aloud)
    assert said.out + said.err + caplog.text == ""
    secret = float(values[1:][found.withheld[1:]].max())
    wrong = pd.DataFrame({"a": ["x", "y"], "count": pd.array([None, int(secret)], "Int64")})
    frame = pd.DataFrame({"a": ["x"] * 3 + ["y"] * 9})
    with pytest.raises(Exception) as raised:  # noqa: PT011
        library.protect(frame, {"t": ["a"]}, RULE, published={"t": wrong})
    assert str(int(secret)) not in str(raised.value)


def test_what_is_shipped_needs_no_tool_of_a_licence_that_spreads() -> None:
    """tau-ARGUS and the tools of R are for comparing only: nothing shipped imports them."""
    ours = {"pytauargus", "piargus", "acro", "sdcmicro", "rpy2", "ctrlround", "opendp"}
    for folder in ("thassist", "cli"):
        for file in (ROOT / folder).rglob("*.py"):
            imported = re.findall(r"^\s*(?:import|from)\s+(\w+)", file.read_text(encoding="utf-8"), re.M)
            assert not ours & {name.lower() for name in imported}, file
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)
    assert not ours & {name.lower() for name in locked}
    looked = 0
    for name in locked:
        try:
            told = metadata(name)
        except PackageNotFoundError:
            continue
        looked += 1
        licences = [told.get("License-Expression") or "", *(told.get_all("Classifier") or [])]
        for licence in licences:
            spreads = re.search(r"(?<!L)A?GPL|GNU (Affero )?General Public|EUPL|European Union Public", licence)
            assert not spreads, (name, licence)
    assert looked > 20
