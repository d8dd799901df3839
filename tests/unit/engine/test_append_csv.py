"""CSV through a pipe: what comes out is what went in, and a fault leaves neither rows nor a waiting thread."""

import csv
import io
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thassist.engine import PIPES, Engine, EngineError

pytestmark = pytest.mark.skipif(not PIPES, reason="no pipes with names")
COLUMNS = {"number": "INTEGER", "text": "VARCHAR", "day": "DATE", "flag": "BOOLEAN"}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)


def load(engine: Engine, parts: Iterator[bytes] | list[bytes]) -> None:
    engine.create("t", COLUMNS)
    engine.append_csv("t", "SELECT * FROM _incoming", COLUMNS, parts)


@given(st.lists(st.tuples(st.integers(0, 99), st.none() | TEXT), max_size=8), st.integers(1, 40))
@settings(max_examples=25, deadline=None)
def test_texts_come_through_a_pipe_as_they_are(rows: list[tuple[int, str | None]], cut: int) -> None:
    """Written by the standard library's rules of CSV, cut anywhere; an empty text is not the same as none."""
    text = io.StringIO()
    for number, value in rows:
        quoted = "" if value is None else '"' + value.replace('"', '""') + '"'
        text.write(f"{number},{quoted},,\n")
    whole = text.getvalue().encode()
    assert [row[1] or "" for row in csv.reader(io.StringIO(text.getvalue(), newline=""))] == [v or "" for _, v in rows]
    with Engine() as engine:
        load(engine, [whole[start : start + cut] for start in range(0, len(whole), cut)])
        assert engine.rows("SELECT number, text FROM t ORDER BY rowid") == rows


def test_types_are_those_asked_for() -> None:
    with Engine(threads=2) as engine:
        load(engine, [b"1,a,2024-02-29,t\n", b"2,,,0\n3,b,0202-01-01,1\n"])
        rows = engine.rows("SELECT number, text, day::VARCHAR, flag FROM t ORDER BY number")
    assert rows == [(1, "a", "2024-02-29", True), (2, None, None, False), (3, "b", "0202-01-01", True)]


@pytest.mark.parametrize("wrong", [b"1,a,2024-02-30,t\n", b"1,a\n", b"x,a,,\n", b"1,a,,,x\n"])
def test_csv_that_is_not_as_said_is_refused_whole(wrong: bytes) -> None:
    """Also where much more comes after it than a pipe holds."""
    before = threading.active_count()
    with Engine() as engine:
        with pytest.raises(EngineError):
            load(engine, iter([b"1,a,,\n", wrong, *[b"2,b,,\n" * 10_000] * 10]))
        assert engine.rows("SELECT count(*) FROM t") == [(0,)]
    assert threading.active_count() == before


def test_a_source_that_fails_is_heard() -> None:
    def parts() -> Iterator[bytes]:
        yield b"1,a,,\n"
        raise OSError("gone")

    with Engine() as engine, pytest.raises(OSError, match="gone"):
        load(engine, parts())
