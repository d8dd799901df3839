"""Charts of routes: from one dimension through a second to a third, for example citizenship, country, form.

A stream between two neighbouring dimensions is a figure of the table with the others at their total; no stream is
added up from others, since one person may stand in several (two countries of exploitation). Only streams that the
table publishes are drawn; which codes are kept where space is short is decided by published figures alone.
"""

import itertools
from dataclasses import dataclass

from thassist.codes import TOTAL
from thassist.publish import grid
from thassist.publish.page import Picture, Stream
from thassist.tables.cube import Cube


def read(
    cube: Cube, dimensions: tuple[str, ...], largest: int, lang: str
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[Stream, ...]]:
    """The stages and the streams between neighbouring dimensions in the last period, in reading order.

    Args:
        cube: a table that computes the pairs of neighbours and each of the dimensions alone.
        dimensions: two or more of its dimensions, in the order in which the route runs.
        largest: how many codes of each dimension are kept; 0 keeps all.
        lang: of the labels.
    """
    axes = grid.Axes(cube, lang)
    last = cube.periods[-1].code
    kept: dict[str, list[str]] = {}
    for name in dimensions:
        sizes = {code: _value(cube, axes.names, last, {name: code}) for code in axes.codes(name) if code != TOTAL}
        ranked = sorted((code for code in sizes if sizes[code]), key=lambda code: (-(sizes[code] or 0), code))
        shown = set(ranked[:largest] if largest else ranked)
        kept[name] = [code for code in axes.codes(name) if code in shown]
    found = []
    for stage, (left, right) in enumerate(itertools.pairwise(dimensions)):
        for source in kept[left]:
            for target in kept[right]:
                value = _value(cube, axes.names, last, {left: source, right: target})
                if value:
                    found.append(Stream(stage, axes.label(left, source), axes.label(right, target), value))
    stages = tuple((axes.title(name), tuple(axes.label(name, code) for code in kept[name])) for name in dimensions)
    return stages, tuple(found)


def _value(cube: Cube, names: tuple[str, ...], period: str, codes: dict[str, str]) -> float | int | None:
    key = (period, *(codes.get(name, TOTAL) for name in names[1:]))
    cell = cube.cells.get(key)
    return cell.value if cell else None


@dataclass(frozen=True, slots=True)
class Node:
    """One category of a route as a bar on the drawing, in units of the drawing; ``y`` is its top."""

    stage: int
    label: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """One stream as a band from the right edge of a node to the left edge of another."""

    x: float
    y: float
    to_x: float
    to_y: float
    height: float


def laid_out(picture: Picture, width: float, height: float, bar: float, line: float) -> tuple[list[Node], list[Band]]:
    """Where the nodes and bands of a route stand; the same for every format.

    A node is as high as what leaves or enters it, whichever is more; bands leave and enter in reading order.

    Args:
        picture: a chart of routes.
        width: of the drawing without labels.
        height: of the largest column, without the room that thin nodes need for their labels.
        bar: width of a node.
        line: least height that a node gets, so that its label can be read.
    """
    sizes: dict[tuple[int, str], list[float]] = {}
    for stream in picture.streams:
        sizes.setdefault((stream.stage, stream.source), [0, 0])[1] += stream.value
        sizes.setdefault((stream.stage + 1, stream.target), [0, 0])[0] += stream.value
    columns = [
        [label for label in labels if (stage, label) in sizes] for stage, (_, labels) in enumerate(picture.stages)
    ]
    totals = [sum(max(sizes[stage, label]) for label in labels) for stage, labels in enumerate(columns)]
    scale = height / max(totals) if any(totals) else 1.0
    nodes = []
    places: dict[tuple[int, str], list[float]] = {}
    for stage, labels in enumerate(columns):
        x = (width - bar) * stage / max(1, len(columns) - 1)
        y = 0.0
        for label in labels:
            high = max(sizes[stage, label]) * scale
            room = max(high, line)
            top = y + (room - high) / 2
            nodes.append(Node(stage, label, x, top, high))
            places[stage, label] = [x, top, top]  # next entry, next exit
            y += room + line / 4
    bands = []
    for stream in picture.streams:
        source, target = places[stream.stage, stream.source], places[stream.stage + 1, stream.target]
        high = stream.value * scale
        bands.append(Band(source[0] + bar, source[2], target[0], target[1], high))
        source[2] += high
        target[1] += high
    return nodes, bands
