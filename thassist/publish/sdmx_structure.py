"""The structures of a release as one SDMX-ML 3.0 file: code lists, concept scheme, data structures and data flows.

pysdmx writes it. It knows one language and no parents of codes, so that the names in the other languages, the parents
and the roles of concepts are put in afterwards.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from thassist.messages import LANGUAGES
from thassist.publish.sdmx_model import (
    ATTRIBUTE,
    MEASURE,
    CodeList,
    Component,
    Structure,
    code_lists,
    concept_names,
    settings,
)
from thassist.publish.tidy_csv import LABELS

if TYPE_CHECKING:
    from pysdmx import model

COM = "{http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common}"
_STR = "{http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ROLES = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:CONCEPT_ROLES(1.0)"
#: An annotation of a data flow: an observation that is not in the file is zero, not missing.
ABSENT_IS_ZERO = "ABSENT_IS_ZERO"


def content(structures: Sequence[Structure], name: str, prepared: dt.date) -> bytes:
    """The file.

    Args:
        structures: all of one agency.
        name: id of the message.
        prepared: the day that the message is of, so that the same release gives the same bytes.
    """
    from lxml import etree  # type: ignore[import-untyped]
    from pysdmx.io.xml.sdmx30.writer.structure import write
    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    known = settings()
    agency = structures[0].agency
    names = concept_names(known, list(structures))
    lists = code_lists(structures)
    built = _build(known["scheme"], agency, names, lists, structures)
    midnight = dt.datetime.combine(prepared, dt.time(), dt.UTC)
    header = Header(id=name, prepared=midnight, sender=Organisation(id=agency))
    text = write(built, prettyprint=False, header=header)
    assert text is not None  # noqa: S101 - pysdmx returns the text where no path is given
    root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    _name_all(root, known["scheme"], names, lists, structures)
    _add_roles(root, {each["id"]: each["role"] for each in known["concept"] if "role" in each})
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def _build(
    scheme: Mapping[str, str],
    agency: str,
    names: Mapping[str, Mapping[str, str]],
    lists: Sequence[CodeList],
    structures: Sequence[Structure],
) -> list[Any]:
    """The artefacts as pysdmx has them."""
    from pysdmx import model

    made = {
        known.id: model.Codelist(
            id=known.id,
            name=_first(known.names),
            agency=agency,
            version=known.version,
            items=[
                model.Code(id=code.id, name=_first(code.names), description=code.description or None)
                for code in known.codes
            ],
        )
        for known in lists
    }
    place = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={agency}:{scheme['id']}({scheme['version']})"
    concepts = {name: model.Concept(id=name, name=_first(said), urn=f"{place}.{name}") for name, said in names.items()}
    found: list[Any] = [*made.values()]
    found.append(
        model.ConceptScheme(
            id=scheme["id"],
            name=scheme[LABELS],
            agency=agency,
            version=scheme["version"],
            items=[model.Concept(id=each.id, name=each.name) for each in concepts.values()],
        )
    )
    flows = []
    for structure in structures:
        components = [_component(each, concepts, made) for each in structure.components]
        definition = model.DataStructureDefinition(
            id=structure.id,
            name=_first(structure.names),
            agency=agency,
            version=structure.version,
            components=model.Components(components),
        )
        notes = [model.Annotation(id=ABSENT_IS_ZERO, type=ABSENT_IS_ZERO, text="true")]
        found.append(definition)
        flows.append(
            model.Dataflow(
                id=structure.id,
                name=_first(structure.names),
                agency=agency,
                version=structure.version,
                structure=definition,
                annotations=notes if structure.absent_is_zero else [],
            )
        )
    return [*found, *flows]


def _component(each: Component, concepts: Mapping[str, Any], lists: Mapping[str, Any]) -> "model.Component":
    from pysdmx import model

    kinds = {
        "string": model.DataType.STRING,
        "integer": model.DataType.INTEGER,
        "double": model.DataType.DOUBLE,
        "period": model.DataType.PERIOD,
    }
    roles = {ATTRIBUTE: model.Role.ATTRIBUTE, MEASURE: model.Role.MEASURE}
    return model.Component(
        id=each.id,
        required=each.required,
        role=roles.get(each.role, model.Role.DIMENSION),
        concept=concepts[each.id],
        local_dtype=None if each.codes else kinds[each.kind],
        local_codes=lists[each.codes.id] if each.codes else None,
        attachment_level=("D" if each.whole else "O") if each.role == ATTRIBUTE else None,
    )


def _first(names: Mapping[str, str]) -> str:
    return names.get(LABELS) or next(iter(names.values()))


def _name_all(
    root: Any,
    scheme: Mapping[str, str],
    concepts: Mapping[str, Mapping[str, str]],
    lists: Iterable[CodeList],
    structures: Sequence[Structure],
) -> None:
    """Give every artefact its name in every language, and every code its parent."""
    from lxml import etree

    by_id = {known.id: known for known in lists}
    for element in root.iter(f"{_STR}Codelist"):
        known = by_id[element.get("id", "")]
        name_element(element, known.names)
        codes = {code.id: code for code in known.codes}
        for item in element.findall(f"{_STR}Code"):
            code = codes[item.get("id", "")]
            name_element(item, code.names)
            if code.parent:
                etree.SubElement(item, f"{_STR}Parent").text = code.parent
    for element in root.iter(f"{_STR}ConceptScheme"):
        name_element(element, scheme)
        for item in element.findall(f"{_STR}Concept"):
            name_element(item, concepts[item.get("id", "")])
    titles = {structure.id: structure.names for structure in structures}
    for tag in ("DataStructure", "Dataflow"):
        for element in root.iter(f"{_STR}{tag}"):
            if element.get("id") in titles:
                name_element(element, titles[str(element.get("id"))])


def name_element(element: Any, names: Mapping[str, str]) -> None:
    """Put the names by language where the one that pysdmx wrote stands."""
    from lxml import etree

    old = element.find(f"{COM}Name")
    assert old is not None  # noqa: S101 - SDMX asks for a name, and pysdmx wrote it
    place = element.index(old)
    element.remove(old)
    for number, lang in enumerate(lang for lang in LANGUAGES if lang in names):
        named = etree.Element(f"{COM}Name", {XML_LANG: lang})
        named.text = names[lang]
        element.insert(place + number, named)


def _add_roles(root: Any, roles: Mapping[str, str]) -> None:
    from lxml import etree

    for tag in ("Dimension", "Attribute"):
        for element in root.iter(f"{_STR}{tag}"):
            role = roles.get(element.get("id", ""))
            representation = element.find(f"{_STR}LocalRepresentation")
            if role and representation is not None:
                said = etree.Element(f"{_STR}ConceptRole")
                said.text = f"{_ROLES}.{role}"
                representation.addnext(said)
            # With one measure it says nothing, and sdmx1 2.28 cannot read it.
            for measures in element.findall(f"{_STR}MeasureRelationship"):
                element.remove(measures)
