"""The quality report as SDMX reference metadata: a metadata structure by the headings of ESMS, and metadata sets.

``metadata-structure.xml`` (SDMX-ML 3.0) has the concepts, the metadata structure and the metadata flow of the agency;
``metadata.xml`` one metadata set a language, about the data flows of the release. SDMX would hold the languages of one
text side by side, but pysdmx neither writes nor reads those: what nobody reads is of no use, so that every language is
a set of its own (decision 0041). Headings that stand over others say nothing themselves, as in the structure.

Both files are written by pysdmx; only the language of names is put in afterwards, which it always takes for English.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from thassist.messages import LANGUAGES
from thassist.publish.quality_report import Heading, report
from thassist.publish.sdmx_model import identifier, settings
from thassist.publish.sdmx_structure import COM, XML_LANG, name_element
from thassist.publish.tidy_csv import LABELS
from thassist.release.build import Release

_PACKAGE = "urn:sdmx:org.sdmx.infomodel"


def structure(release: Release) -> bytes:
    """The concepts, the metadata structure and the metadata flow, as one SDMX-ML 3.0 file."""
    from lxml import etree  # type: ignore[import-untyped]
    from pysdmx import model
    from pysdmx.io.xml.sdmx30.writer.structure import write

    known = settings()["metadata"]
    agency, version = _agency(release), str(known["version"])
    headings = report(release)
    place = f"{_PACKAGE}.conceptscheme.Concept={agency}:{known['scheme']}({version})"
    concepts = [
        model.Concept(id=each.concept, name=each.titles[LABELS], urn=f"{place}.{each.concept}") for each in headings
    ]
    by_id = {each.id: each for each in concepts}
    listed = [model.Concept(id=each.id, name=each.name) for each in concepts]
    scheme = model.ConceptScheme(id=known["scheme"], name=known[LABELS], agency=agency, version=version, items=listed)
    parts = [
        model.MetadataComponent(
            id=top.concept,
            concept=by_id[top.concept],
            is_presentational=bool(below),
            local_dtype=None if below else model.DataType.STRING,
            components=[
                model.MetadataComponent(id=each.concept, concept=by_id[each.concept], local_dtype=model.DataType.STRING)
                for each in below
            ],
        )
        for top, below in _tree(headings)
    ]
    definition = model.MetadataStructure(
        id=known["structure"], name=known[LABELS], agency=agency, version=version, components=parts
    )
    flow = model.Metadataflow(
        id=known["flow"],
        name=known[LABELS],
        agency=agency,
        version=version,
        structure=definition,
        targets=[f"{_PACKAGE}.datastructure.Dataflow={agency}:*(*)"],
    )
    text = write([scheme, definition, flow], prettyprint=False, header=_header(release, "structure"))
    assert text is not None  # noqa: S101 - pysdmx returns the text where no path is given
    root = etree.fromstring(text.encode("utf-8"), _parser())
    titles = {each.concept: each.titles for each in headings}
    for tag in ("ConceptScheme", "MetadataStructure", "Metadataflow"):
        for element in root.iter(f"{{*}}{tag}"):
            if element.find(f"{COM}Name") is not None:
                name_element(element, known)
    for element in root.iter("{*}Concept"):
        if element.get("id") in titles:
            name_element(element, titles[element.get("id")])
    return _bytes(root)


def metadata(release: Release) -> bytes:
    """What the release says under each heading, one metadata set a language, as one SDMX-ML 3.0 file."""
    from lxml import etree
    from pysdmx.io.xml.sdmx30.writer.metadata import write
    from pysdmx.model import MetadataReport

    known = settings()["metadata"]
    agency = _agency(release)
    flow = f"{_PACKAGE}.metadatastructure.Metadataflow={agency}:{known['flow']}({known['version']})"
    targets = [
        f"{_PACKAGE}.datastructure.Dataflow={agency}:{identifier(cube.spec.id).upper()}({cube.spec.version})"
        for cube in release.cubes
    ]
    headings = report(release)
    sets = [
        MetadataReport(
            id=f"{identifier(release.name)}_{lang.upper()}",
            name=f"{known[lang]}: {release.spec.titles[lang]}",
            agency=agency,
            version=release.spec.version,
            metadataflow=flow,
            targets=targets,
            attributes=_said(headings, lang),
            publicationYear=f"{release.as_of:%Y}",
            reportingBegin=release.period.start.isoformat(),
            reportingEnd=release.period.end.isoformat(),
        )
        for lang in LANGUAGES
    ]
    text = write(sets, prettyprint=False, header=_header(release, "metadata"))
    assert text is not None  # noqa: S101 - pysdmx returns the text where no path is given
    root = etree.fromstring(text.encode("utf-8"), _parser())
    for element, lang in zip(root.iter("{*}MetadataSet"), LANGUAGES, strict=True):
        element.find(f"{COM}Name").set(XML_LANG, lang)
    return _bytes(root)


def _said(headings: Sequence[Heading], lang: str) -> list[Any]:
    from pysdmx.model import MetadataAttribute

    return [
        MetadataAttribute(
            id=top.concept,
            value=None if below else top.texts[lang],
            attributes=[MetadataAttribute(id=each.concept, value=each.texts[lang]) for each in below],
        )
        for top, below in _tree(headings)
    ]


def _tree(headings: Sequence[Heading]) -> list[tuple[Heading, list[Heading]]]:
    """The main headings, each with those under it."""
    tops = [each for each in headings if "." not in each.number]
    return [(top, [each for each in headings if each.number.startswith(f"{top.number}.")]) for top in tops]


def _agency(release: Release) -> str:
    return str(settings()["system"][release.spec.reporting_system]["agency"])


def _header(release: Release, kind: str) -> Any:
    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    midnight = dt.datetime.combine(release.as_of, dt.time(), dt.UTC)  # the same release gives the same bytes
    name = f"{identifier(release.name)}_{kind}"
    return Header(id=name, prepared=midnight, sender=Organisation(id=_agency(release)))


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True)


def _bytes(root: Any) -> bytes:
    from lxml import etree

    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"
