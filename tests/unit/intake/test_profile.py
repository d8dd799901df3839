"""Profiles and the data dictionary: definitions that are wrong are told so at their place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thassist.errors import InvalidDefinition
from thassist.intake import deliver, dictionary, profile
from thassist.records.dataset import TABLE_NAMES, fields
from thassist.rules.finding import Finding

from .conftest import TODAY

HEAD = 'schema = 1\nid = "made"\nversion = "1"\n[title]\nfi = "a"\nsv = "b"\nen = "c"\n'
SHEET = '[[sheet]]\nname = "*"\n[sheet.columns]\nwho = ["Client", "Asiakas"]\nsex = "Gender"\nwhere = "Countries"\n'
PERSON = (
    '[[sheet.record]]\ntable = "person"\n[sheet.record.field]\nperson_id = { key = "T-{file}-{row}" }\n'
    'reporting_system = { constant = "FI_NAS" }\nsex = { column = "sex", map = "sexes", blank = "_U" }\n'
)
LANDS = (
    '[[sheet.record]]\ntable = "citizenship"\neach = { column = "where", separators = ["/", " and "] }\n'
    '[sheet.record.field]\nperson_id = { key = "T-{file}-{row}" }\ncountry = { part = true, map = "lands" }\n'
)
MAPS = '[map.sexes.values]\n"Woman" = "F"\n"Man" = "M"\n"Secret" = ""\n[map.lands]\nfile = "lands.csv"\n'


@pytest.fixture
def reports(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's own folder of definitions."""
    folder = tmp_path / "reports"
    shutil.copytree(root / "reports", folder)
    monkeypatch.setenv("THASSIST_REPORTS", str(folder))
    (folder / "profiles" / "lands.csv").write_text(
        "source,target\nNigerian,NG\nThai,TH\nBosnia and Herzegovina,BA\n", encoding="utf-8"
    )
    return folder


@pytest.fixture
def made(reports: Path) -> Callable[..., profile.Profile]:
    def make(text: str = HEAD + SHEET + PERSON + LANDS + MAPS) -> profile.Profile:
        (reports / "profiles" / "made.toml").write_text(text, encoding="utf-8")
        return profile.load("made")

    return make


def test_the_shipped_profiles_load() -> None:
    assert {"fi-nas", "uk-nrm"} <= set(profile.profile_ids())
    for name in profile.profile_ids():
        assert profile.load(name).sheets


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ('sv = "b"', 'sv = ""', "title"),
        ('table = "person"', 'table = "persn"', "person"),
        ("sex = { column", "sexx = { column", "sex"),
        ('column = "sex"', 'column = "sx"', "sex"),
        ('map = "sexes"', 'map = "sexs"', "sexes"),
        ('"Woman" = "F"', '"Woman" = "FEMALE"', "FEMALE"),
        ('constant = "FI_NAS"', 'constant = "FI_NSA"', "FI_NAS"),
        ('blank = "_U"', 'blank = "U"', "_U"),
        ("{row}", "{rows}", "person_id"),
        ("part = true", "part = true, constant = 1", "country"),
        ("each = {", "eech = {", "each"),
        ('reporting_system = { constant = "FI_NAS" }\n', "", "reporting_system"),
        ('"lands.csv"', '"nowhere.csv"', "nowhere.csv"),
        ('"Gender"', '"client"', "columns"),
        ('name = "*"', 'name = "*"\ndictionary = "person"', "dictionary"),
        ('"Man" = "M"', '"woman" = "M"', "map.sexes"),
    ],
)
def test_a_wrong_profile_names_its_place(made: Callable[..., profile.Profile], old: str, new: str, named: str) -> None:
    text = HEAD + SHEET + PERSON + LANDS + MAPS
    assert old in text
    with pytest.raises(InvalidDefinition) as caught:
        made(text.replace(old, new))
    assert named in str(caught.value)
    assert caught.value.exit_code == 11


def test_no_such_profile() -> None:
    with pytest.raises(InvalidDefinition, match="uk-nrm"):
        profile.load("uk-nmr")


def test_values_are_mapped_split_and_never_guessed(
    made: Callable[..., profile.Profile], write: Callable[..., Path], check: Callable[..., list[Finding]]
) -> None:
    made()
    path = write(
        "Asiakas,GENDER,Countries\n"
        "x,woman,Nigerian/Thai\n"
        "x,,Bosnia and Herzegovina\n"  # the whole cell is a value of the map
        "x,Other,Thai and Thai\n"
        "x,Wmn,\n"
        "x,Other,Nigerian / Tai\n"
    )
    delivery = deliver.validate(path, "made", "en", today=TODAY)
    people, lands = delivery.dataset.frames["person"], delivery.dataset.frames["citizenship"]
    key = f"T-{delivery.sha256[:12]}-"
    assert people["person_id"].tolist() == [key + row for row in "23456"]
    assert people["sex"].tolist() == ["F", "_U", None, None, None]
    assert lands[["person_id", "country"]].to_numpy().tolist() == [
        [key + "2", "NG"],
        [key + "2", "TH"],
        [key + "3", "BA"],
        [key + "4", "TH"],
        [key + "6", "NG"],
        [key + "6", None],
    ]
    unmapped = [one for one in delivery.findings if one.code == "intake.unmapped_value"]
    assert [(one.cell, one.value, one.count, one.related) for one in unmapped] == [
        ("B4", "Other", 2, ("B6",)),
        ("B5", "Wmn", 1, ()),
        ("C6", "Tai", 1, ()),
    ]
    assert "«Wmn»" in unmapped[1].message


def test_an_empty_target_leaves_the_field_empty(
    made: Callable[..., profile.Profile], write: Callable[..., Path]
) -> None:
    made(HEAD + SHEET + PERSON.replace('"sex", map', '"who", map').replace("sex = {", "sex = {") + MAPS)
    delivery = deliver.validate(write("Client,Gender,Countries\nSecret,x,y\n"), "made", today=TODAY)
    assert delivery.dataset.frames["person"]["sex"].tolist() == [None]
    assert not [one for one in delivery.findings if one.code.startswith("intake.unm")]


def test_the_dictionary_asks_for_every_field_of_its_tables_but_the_systems_own() -> None:
    for table in dictionary.subjects():
        own = {column.name for column in fields(table) if "precision_of" not in column.info}
        assert set(dictionary.subject(table).fields) == own - {"reporting_system"}
    assert set(TABLE_NAMES) - set(dictionary.subjects()) == {"source_code"}


def test_no_header_of_a_sheet_means_two_columns() -> None:
    for table in dictionary.subjects():
        seen: dict[str, str] = {}
        for name, described in dictionary.subject(table).fields.items():
            for header in {name, *described.labels.values()}:
                assert seen.setdefault(profile.folded(header), name) == name
    titles = [
        title
        for table in dictionary.subjects()
        for title in {profile.folded(name) for name in (table, *dictionary.subject(table).titles.values())}
    ]
    assert len(titles) == len(set(titles))


def test_sheet_titles_are_such_as_a_spreadsheet_takes() -> None:
    for table in dictionary.subjects():
        for title in dictionary.subject(table).titles.values():
            assert len(title) <= 31
            assert not set(title) & set("[]:*?/\\'")


def test_a_wrong_dictionary_names_its_place(reports: Path) -> None:
    file = reports / "dictionary.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[table.person.field.sex]", "[table.person.field.sexx]"), encoding="utf-8")
    with pytest.raises(InvalidDefinition, match=r"person\.sexx"):
        dictionary.subjects()
