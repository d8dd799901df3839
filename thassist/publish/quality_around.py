"""Facts of the quality report on what surrounds the figures: the law in force, receivers, figures that differ."""

from typing import TYPE_CHECKING, Any

from thassist.messages import LANGUAGES
from thassist.publish.layout import load as load_layout
from thassist.publish.layout_rows import how_known
from thassist.publish.quality_fact import Fact, Said, listed
from thassist.records.legal import regimes
from thassist.release.build import Release
from thassist.tables.bridges import bridge, bridge_ids

if TYPE_CHECKING:
    from collections.abc import Mapping


def receivers(release: Release) -> Fact:
    """The receivers' files, with how well the form of each is known."""
    known = [load_layout(name) for name in release.spec.layouts]
    parts = {(layout.id, sheet.confidence): (layout, sheet) for layout in known for sheet in layout.sheets}.values()
    data = [{"layout": layout.id, "confidence": sheet.confidence, "source": sheet.source} for layout, sheet in parts]
    lines = [
        {lang: f"{layout.titles[lang]} – {how_known(sheet, lang)}" for lang in LANGUAGES} for layout, sheet in parts
    ]
    return Fact(data, (Said("receivers", {"list": listed(lines, " ")}),) if lines else (Said("no_receivers"),))


def bridges(release: Release) -> Fact:
    """The bridges among its tables: their two figures in the last period."""
    names = bridge_ids()
    found = [(bridge(cube.spec.population.view), cube) for cube in release.cubes if cube.spec.population.view in names]
    data: list[dict[str, Any]] = []
    lines: list[Mapping[str, str]] = []
    for known, cube in found:
        last = cube.periods[-1].code
        start, end = (cube.value(last, step=end.code) for end in (known.start, known.end))
        data.append({"bridge": known.id, "period": last, "start": start, "end": end})
        if start is not None and end is not None:
            lines.append({lang: f"{known.titles[lang]} ({start:.0f} → {end:.0f})" for lang in LANGUAGES})
    return Fact(data, (Said("bridges", {"list": listed(lines, "; ")}),) if lines else ())


def law(release: Release) -> Fact:
    """The legal regimes that were in force in the period, with their sources."""
    found = [
        each
        for each in regimes()
        if each.valid_from <= release.period.end and (each.valid_to is None or each.valid_to >= release.period.start)
    ]
    data = [{"id": each.id, "source": each.origin.source, "confidence": each.origin.confidence} for each in found]
    return Fact(data, (Said("law", {"list": listed([each.titles for each in found], "; ")}),) if found else ())
