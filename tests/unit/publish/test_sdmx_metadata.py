"""The quality report as SDMX reference metadata: valid by the standard's schemas, and read back by pysdmx."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pysdmx.io.reader import read_sdmx

from thassist.publish import sdmx
from thassist.publish.quality_report import report
from thassist.release.build import Release
from thassist.release.spec import Licence

LANGS = ("fi", "sv", "en")


def written(release: Release, folder: Path) -> Path:
    folder.mkdir()
    sdmx.write(release, folder, ("sdmx-csv-2.1",))
    return folder / "sdmx"


@pytest.fixture
def told(release: Release) -> Release:
    """With letters that XML and pysdmx's writers trip over."""
    awkward = dict.fromkeys(LANGS, 'Kinship\'s <"record"> & Co. ’s – 0 ≤ x')
    return replace(release, spec=replace(release.spec, quality=True, publisher=awkward, licence=Licence("x", awkward)))


@pytest.fixture
def folder(told: Release, tmp_path: Path) -> Path:
    return written(told, tmp_path / "release")


def test_the_structure_has_every_heading_under_its_parent(folder: Path, told: Release) -> None:
    found: dict[str, Any] = {
        type(each).__name__: each
        for each in read_sdmx(folder / "metadata-structure.xml", validate=True).structures or []
    }
    definition = found["MetadataStructure"]
    headings = report(told)
    assert len(definition) == len(headings) == 64
    numbers = {each.concept: each.number for each in headings}
    for top in definition:
        assert "." not in numbers[top.id]
        assert top.is_presentational == bool(top.components)
        assert [numbers[each.id] for each in top.components] == [
            each.number for each in headings if each.number.startswith(f"{numbers[top.id]}.")
        ]
    assert found["Metadataflow"].structure.short_urn == definition.short_urn
    assert {each.id for each in found["ConceptScheme"].items} == set(numbers)


def test_pysdmx_reads_back_what_the_report_says_in_every_language(folder: Path, told: Release) -> None:
    reports: Any = read_sdmx(folder / "metadata.xml", validate=True).reports
    assert [each.id[-2:] for each in reports] == ["FI", "SV", "EN"]
    for found, lang in zip(reports, LANGS, strict=True):
        said = {part.id: part.value for top in found for part in (top, *top.attributes) if part.value is not None}
        assert said == {each.concept: each.texts[lang] for each in report(told) if each.texts[lang]}
        assert found.metadataflow.endswith("Metadataflow=FI_NAS:MDF_QUALITY(2.0)")
        assert (found.reportingBegin, found.reportingEnd) == ("2022-01-01", "2022-12-31")


def test_the_targets_are_the_data_flows_of_the_release(folder: Path) -> None:
    flows = {
        f"urn:sdmx:org.sdmx.infomodel.datastructure.{each.short_urn}"
        for each in read_sdmx(folder / "structure.xml").structures or []
        if type(each).__name__ == "Dataflow"
    }
    reports: Any = read_sdmx(folder / "metadata.xml").reports
    assert all(set(each.targets) == flows for each in reports)


def test_names_say_their_language(folder: Path) -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    sets = list(etree.parse(folder / "metadata.xml").getroot().iter("{*}MetadataSet"))
    assert [each.find("{*}Name").get(lang) for each in sets] == list(LANGS)
    for tag in ("MetadataStructure", "Metadataflow", "ConceptScheme", "Concept"):
        for each in etree.parse(folder / "metadata-structure.xml").getroot().iter(f"{{*}}{tag}"):
            names = [name.get(lang) for name in each.findall("{*}Name")]
            assert names in ([], list(LANGS)), (tag, names)


def test_a_release_without_quality_report_has_none_and_twice_is_the_same(told: Release, tmp_path: Path) -> None:
    plain = written(replace(told, spec=replace(told.spec, quality=False)), tmp_path / "plain")
    assert sorted(path.name for path in plain.glob("*.xml")) == ["structure.xml"]
    first, again = written(told, tmp_path / "a"), written(told, tmp_path / "b")
    for name in ("metadata.xml", "metadata-structure.xml"):
        assert (first / name).read_bytes() == (again / name).read_bytes()
