"""Stored texts are looked at by the same detector as delivered ones; the engine's quick look lets nothing slip by."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from thassist.engine import Engine
from thassist.rules import personal

#: Signs of which codes, numbers and addresses are made, and some that only look like them.
SIGNS = st.text("0123456789 -+()/.@AaBbFfUuYyZz\t\n\u00a0\u2013\uff10\uff20é", max_size=30)
WITHIN = st.sampled_from(
    ["131052-308T", "131052 - 308T", "FI21 1234 5600 0007 85", "a@b.fi", "040 123 4567", "+358401234567", "(09)1234567"]
)


@pytest.fixture(scope="module")
def engine():
    with Engine() as one:
        yield one


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(st.one_of(SIGNS, st.tuples(SIGNS, WITHIN, SIGNS).map("".join)), min_size=1, max_size=40))
@example(texts=["131052  -  308T", "131052\n-308T", "FI21\t1234 5600 0007 85", "(09)1234567", "00358401234567"])
def test_what_the_detector_finds_the_quick_look_sees(engine: Engine, texts: list[str]) -> None:
    for written, quick in personal.QUICK.items():
        rows = engine.rows(
            f"SELECT text FROM unnest($texts) t(text) WHERE regexp_matches(text, '{quick}')", {"texts": texts}
        )
        seen = {row[0] for row in rows}
        missed = [text for text in texts if personal.found(text, written=written) and text not in seen]
        assert missed == []
