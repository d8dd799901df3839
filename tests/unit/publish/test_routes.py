"""Charts of routes: what is drawn is what the table says, and the bands fill the bars they join."""

import itertools
import re
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thassist.publish import routes, svg
from thassist.publish.document import document
from thassist.publish.page import Picture, Stream
from thassist.release.build import Release
from thassist.release.spec import ROUTES, Chart
from thassist.tables.cube import Cell, Status


def drawn(streams: list[tuple[int, str, str, int]]) -> Picture:
    found = tuple(Stream(*each) for each in streams)
    labels: dict[int, list[str]] = defaultdict(list)
    for each in found:
        labels[each.stage].append(each.source)
        labels[each.stage + 1].append(each.target)
    stages = tuple((f"Stage {stage}", tuple(sorted(set(labels[stage])))) for stage in sorted(labels))
    return Picture("Figure 1", "Routes", "t", "persons", (), "In words", stages=stages, streams=found)


letters = st.sampled_from("abcde")


@given(
    st.dictionaries(st.tuples(st.sampled_from([0, 1]), letters, letters), st.integers(1, 500), min_size=1, max_size=20)
)
def test_bands_stay_within_the_bars_and_nothing_overlaps(values: dict[tuple[int, str, str], int]) -> None:
    streams = [(stage, source, target, value) for (stage, source, target), value in sorted(values.items())]
    if not any(stage == 0 for stage, *_ in streams):
        streams.append((0, "a", streams[0][1], 1))
    picture = drawn(streams)
    nodes, bands = routes.laid_out(picture, 100, 200, 5, 10)
    assert len(bands) == len(picture.streams)
    at = {(node.stage, node.label): node for node in nodes}
    for band, stream in zip(bands, picture.streams, strict=True):
        source, target = at[stream.stage, stream.source], at[stream.stage + 1, stream.target]
        assert source.y - 1e-6 <= band.y <= band.y + band.height <= source.y + source.height + 1e-6
        assert target.y - 1e-6 <= band.to_y <= band.to_y + band.height <= target.y + target.height + 1e-6
    for stage in {node.stage for node in nodes}:
        column = sorted((node for node in nodes if node.stage == stage), key=lambda node: node.y)
        for above, below in itertools.pairwise(column):
            assert above.y + above.height <= below.y + 1e-6


def test_the_streams_are_the_published_pairs(release: Release) -> None:
    cube = release.cubes[0]
    stages, streams = routes.read(cube, ("age", "sex"), 0, "en")
    assert [title for title, _ in stages] == ["Age (en)", "Sex (en)"]
    assert [(each.source, each.target, each.value) for each in streams] == [
        ("0 to 17 years", "Female", 100),
        ("0 to 17 years", "Male", 60),
        ("18 to 29 years", "Female", 400),
        ("18 to 29 years", "Male", 500),
        ("18 to 29 years", "Not known", 7),
        ("30 to 39 years", "Female", 200),
        ("30 to 39 years", "Male", 100),
    ]


def test_a_suppressed_figure_is_no_stream_and_decides_nothing(release: Release) -> None:
    cube = release.cubes[0]
    hidden = replace(cube, cells=cube.cells | {("2022", "Y18T29", "F"): Cell(None, Status.SUPPRESSED)})
    _, streams = routes.read(hidden, ("age", "sex"), 0, "en")
    assert ("18 to 29 years", "Female") not in {(each.source, each.target) for each in streams}
    gone = replace(hidden, cells=hidden.cells | {("2022", "Y18T29", "_T"): Cell(None, Status.SUPPRESSED)})
    stages, _ = routes.read(gone, ("age", "sex"), 1, "en")
    assert stages[0][1] == ("30 to 39 years",)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_release_may_have_a_chart_of_routes(release: Release, lang: str) -> None:
    titles = {"fi": "Reitit", "sv": "Rutter", "en": "Routes"}
    chart = Chart("cross_age_sex", "", ROUTES, titles, 0, ("age", "sex"))
    [picture] = document(replace(release, spec=replace(release.spec, charts=(chart,))), lang).pictures
    assert titles[lang] in picture.title
    assert "500" in picture.words
    shown = svg.chart(picture, lang, "k")
    assert shown.count('class="band"') == len(picture.streams)
    assert len(re.findall(r"<rect ", shown)) == 3 + 3
