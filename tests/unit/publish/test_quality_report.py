"""The quality report: every heading of ESMS, in three languages, with what the release knows and may tell."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.publish import quality_report
from thassist.publish.quality_report import document, report
from thassist.release.build import Release
from thassist.tables.cube import Cell
from thassist.tables.spec import load


def heading(release: Release, concept: str) -> quality_report.Heading:
    return next(each for each in report(release) if each.concept == concept)


def test_the_headings_are_those_of_the_standard(release: Release) -> None:
    """Each concept of ESMS once, numbered under its parent, in the standard's order of the 19 main ones."""
    with (_data.reports_dir() / "classifications" / "esms_concept@2.0.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = report(release)
    assert sorted(each.concept for each in found) == sorted(row["code"] for row in rows)
    numbers = {each.concept: each.number for each in found}
    assert [numbers[row["code"]] for row in rows if not row["parent"]] == [str(place) for place in range(1, 20)]
    assert all(numbers[row["code"]].split(".")[0] == numbers[row["parent"]] for row in rows if row["parent"])


def test_every_heading_says_something_or_stands_over_others_that_do(release: Release) -> None:
    found = report(release)
    for lang in ("fi", "sv", "en"):
        for each in found:
            below = [other for other in found if other.number.startswith(f"{each.number}.")]
            assert each.texts[lang] or below, each.concept
            assert "{" not in each.texts[lang]


def test_what_the_office_has_to_write_is_marked_in_every_language(release: Release) -> None:
    mandate = heading(release, "INST_MAN_SHAR")
    assert mandate.to_fill
    assert mandate.texts["fi"].startswith("[Virasto täydentää: ")
    assert mandate.texts["sv"].startswith("[Myndigheten fyller i: ")
    assert mandate.texts["en"].startswith("[The office fills in: ")
    assert not heading(release, "SAMPLING_ERR").to_fill


def test_what_is_not_known_is_told_by_figures_of_the_release(release: Release) -> None:
    """Of 1,367 persons sex is not known of 7, and the country of 2: figures that stand in the tables."""
    known = heading(release, "COMPLETENESS").facts["unknown"]
    assert [(each["table"], each["dimension"], each["unknown"], each["total"]) for each in known] == [
        ("cross_age_sex", "sex", 7, 1367),
        ("list_country", "country", 2, 1367),
    ]
    assert "7/1367 (0,5 %)" in heading(release, "COMPLETENESS").texts["fi"]


def test_a_withheld_figure_is_in_no_share(release: Release) -> None:
    """Where the number not known is suppressed, the report must not give it away."""
    cross, listed = release.cubes
    hidden = replace(
        cross, cells={**cross.cells, ("2022", "_T", "_U"): Cell(None, cross.cells["2022", "Y40T49", "F"].status)}
    )
    told = heading(replace(release, cubes=(hidden, listed)), "COMPLETENESS")
    assert [each["dimension"] for each in told.facts["unknown"]] == ["country"]


def test_figures_withheld_are_counted(release: Release) -> None:
    told = heading(release, "CONF_DATA_TR")
    assert told.facts["withheld"] == {"suppressed": 1, "cells": 42}
    assert "1 of 42 figures are suppressed" in told.texts["en"]


def test_timeliness_is_from_the_end_of_the_period_to_the_last_entry(release: Release) -> None:
    assert heading(release, "TIMELINESS").facts["timeliness"] == {"days_from_end_to_last_entry": 15}


def test_made_up_records_are_told(release: Release) -> None:
    assert "made up" in heading(release, "COMMENT_DSET").texts["en"]
    assert "made up" not in heading(replace(release, synthetic=False), "COMMENT_DSET").texts["en"]


def test_the_files_are_written_and_are_the_same_every_time(release: Release, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        quality_report.write(release, tmp_path / name, ("fi", "sv"))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / n / "quality").iterdir()} for n in ("one", "two"))
    assert one == two
    assert sorted(one) == ["quality.json", "quality_fi.html", "quality_fi.pdf", "quality_sv.html", "quality_sv.pdf"]
    content = json.loads(one["quality.json"])
    assert (content["standard"], content["period"], len(content["headings"])) == ("ESMS 2.0", "2022", 64)
    assert "3.5 Statistisk enhet" in one["quality_sv.html"].decode()


def test_the_document_says_first_who_may_read_it_and_that_it_is_made_up(release: Release) -> None:
    assert [banner.split(".")[0] for banner in document(release, "en").banners] == ["INTERNAL", "SYNTHETIC DATA"]


def test_a_wrong_file_of_texts_is_told(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "reports"
    (home / "texts").mkdir(parents=True)
    (home / "texts" / "quality.toml").write_text(
        'schema = 1\n[[heading]]\nconcept = "X"\nnumber = "1"\nfacts = ["nonsense"]\n'
        '[heading.title]\nfi = "a"\nsv = "b"\nen = "c"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("THASSIST_REPORTS", str(home))
    with pytest.raises(InvalidDefinition) as caught:
        report(release)
    assert caught.value.key == "publish.bad_quality"


def test_the_law_in_force_in_the_period_is_named(release: Release) -> None:
    """Act 388/2015 applied from July 2015 until the end of 2022 (reports/legal): all of the period, and alone."""
    told = heading(release, "INST_MAN_LA_OA")
    assert [each["id"] for each in told.facts["law"]] == ["R2015"]
    assert "388/2015" in told.texts["sv"]


def test_a_release_that_is_not_protected_says_so(release: Release) -> None:
    assert "NOT protected" in heading(release, "CONF_DATA_TR").texts["en"]
    protected = heading(replace(release, protected=True), "CONF_DATA_TR")
    assert "NOT protected" not in protected.texts["en"]


def test_a_receiver_whose_form_nobody_saw_is_named_with_that(release: Release) -> None:
    told = heading(replace(release, spec=replace(release.spec, formats=("greta", "uk-unodc"))), "DISS_OTHER")
    known = [(each["layout"], each["confidence"]) for each in told.facts["receivers"]]
    assert known == [("greta", "from memory"), ("uk-unodc", "seen")]
    assert "LAYOUT FROM MEMORY" in told.texts["en"]
    assert "MUISTINVARAINEN" in told.texts["fi"]


def test_a_bridge_in_the_release_is_told_by_its_two_figures(release: Release) -> None:
    table = load("fi_bridge_eurostat")
    counts = {"START": 367, "WITNESS": 2, "KEPT": 365, "READMITTED": 1, "END": 366}
    cells = {("2022", code, "_T"): Cell(count) for code, count in counts.items()}
    cube = replace(release.cubes[0], spec=table, cells=cells)
    told = heading(replace(release, cubes=(cube,)), "COHER_X_DOM")
    assert [(each["start"], each["end"]) for each in told.facts["bridges"]] == [(367, 366)]
    assert "(367 → 366)" in told.texts["fi"]
