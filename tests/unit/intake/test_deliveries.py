"""Other systems deliver too: sets of CSV files, JSON, and an export of a case-management system."""

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from thassist import _data
from thassist.errors import InvalidDefinition, StorageError, UnreadableInput
from thassist.intake import annotate, deliver, profile
from thassist.records import extract, pseudonym, store

from .conftest import TODAY

Tables = dict[str, list[dict[str, Any]]]

PEOPLE: Tables = {
    "person": [
        {"person_id": "C-000001", "sex": "F", "birth_date": "1990", "birth_date_estimated": "no"},
        {"person_id": "C-000002", "sex": "Mies", "birth_date": "1.2.1985", "birth_date_estimated": "ei"},
    ],
    "citizenship": [
        {"person_id": "C-000001", "country": "NG", "is_primary": True},
        {"person_id": "C-000002", "country": "Namibia", "is_primary": "x"},
    ],
}


def as_csv(rows: list[dict[str, Any]], delimiter: str = ";") -> bytes:
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode("utf-8-sig")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "delivery"
    made.mkdir()
    for name, rows in PEOPLE.items():
        (made / f"{name}.csv").write_bytes(as_csv(rows))
    (made / "notes.pdf").write_bytes(b"%PDF")
    return made


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    made = tmp_path / "delivery.zip"
    with zipfile.ZipFile(made, "w") as file:
        for name, rows in PEOPLE.items():
            file.writestr(f"export/{name}.csv", as_csv(rows, ","))
        file.writestr("__MACOSX/export/._person.csv", b"\0\1")
    return made


@pytest.fixture
def document(tmp_path: Path) -> Path:
    made = tmp_path / "delivery.json"
    made.write_text(json.dumps(PEOPLE), encoding="utf-8")
    return made


def test_folder_archive_and_document_hold_the_same(folder: Path, archive: Path, document: Path) -> None:
    deliveries = [deliver.validate(path, today=TODAY) for path in (folder, archive, document)]
    for delivery in deliveries:
        assert delivery.acceptable, delivery.findings
        assert delivery.dataset.count() == 4
        frames = delivery.dataset.frames
        assert frames["person"].to_dict("records") == deliveries[0].dataset.frames["person"].to_dict("records")
        assert frames["person"]["sex"].tolist() == ["F", "M"]
        told = {one.code for one in delivery.findings}
        assert "intake.tables_absent" in told  # what is not there is said, and nothing else is
        assert told <= {"intake.tables_absent", "intake.csv_assumed"}


def test_findings_name_the_table_and_the_row(document: Path) -> None:
    held = json.loads(document.read_text())
    held["person"][1]["sex"] = "Femal"
    held["citizenship"][0]["country"] = ["NG", "GH"]
    document.write_text(json.dumps(held))
    found = {(one.cell, one.code) for one in deliver.validate(document, today=TODAY).findings}
    assert ("person!B3", "intake.unknown_code") in found
    assert ("citizenship!B2", "intake.json_nested") in found


def test_made_up_records_say_so_in_json(document: Path) -> None:
    held = {"thassist-synthetic": True, **PEOPLE}
    document.write_text(json.dumps(held))
    delivery = deliver.validate(document, today=TODAY)
    assert delivery.dataset.synthetic
    assert delivery.acceptable


def test_an_array_alone_is_known_by_its_headers(tmp_path: Path) -> None:
    path = tmp_path / "lands.json"
    path.write_text(json.dumps(PEOPLE["citizenship"]))
    delivery = deliver.validate(path, today=TODAY)
    assert len(delivery.dataset.frames["citizenship"]) == 2


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('[{"a": 1}', "json_damaged"),
        ('[{"a": NaN}]', "json_damaged"),
        ('[{"a": 1, "a": 2}]', "json_name_twice"),
        ('[{"a": 1}, 5]', "json_form"),
        ('{"person": {"a": 1}}', "json_form"),
        ("[" * 100_000, "json_damaged"),
        ("[[1, 2]]", "json_form"),
    ],
)
def test_json_that_is_no_table_is_refused(tmp_path: Path, content: str, key: str) -> None:
    path = tmp_path / "made.json"
    path.write_text(content)
    with pytest.raises(UnreadableInput) as caught:
        deliver.validate(path, today=TODAY)
    assert caught.value.key == f"intake.{key}"


def test_a_folder_without_tables_and_a_protected_archive_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        deliver.validate(tmp_path, today=TODAY)
    assert caught.value.key == "intake.set_empty"
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("person.csv", as_csv(PEOPLE["person"]))
    locked = bytearray(path.read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(locked)
    with pytest.raises(UnreadableInput) as caught:
        deliver.validate(path, today=TODAY)
    assert caught.value.key == "intake.file_password"


def test_a_set_comes_back_annotated_as_one_workbook(folder: Path, tmp_path: Path) -> None:
    (folder / "person.csv").write_bytes(as_csv([{**PEOPLE["person"][0], "sex": "Femal"}]))
    delivery = deliver.validate(folder, today=TODAY)
    out = tmp_path / "out.xlsx"
    annotate.annotate(folder, delivery.findings, out, profile_id="fi-nas", sha256=delivery.sha256, lang="en")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["citizenship", "person", "Findings"]
    assert book["person"]["B2"].comment is not None


def test_the_same_set_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(url)
    first = deliver.import_file(url, folder, by="tester", today=TODAY)
    assert first.stored is not None
    again = deliver.import_file(url, folder, by="tester", today=TODAY)
    assert again.stored is not None
    assert again.stored.already_imported


# An export of a case-management system ------------------------------------------------------------------------

CODE = "131052-308T"
CASE = {
    "Asiakasnumero": CODE, "Asianumero": "A-2023-17", "Sukupuoli": "N", "Syntynyt": "1990",
    "Syntymäaika arvioitu": "ei", "Kansalaisuus": "Nigeria", "Muut kansalaisuudet": "Ghana; Togo",
    "Esitys saapunut": "3.11.2022", "Esityksen tekijä": "Poliisi", "Organisaatio": "Helsingin poliisilaitos",
    "Suostumus": "kyllä", "Ottamispäätös": "3.1.2023", "Ottamispäätöksen ratkaisu": "Hyväksytty",
    "Uhri-edellytys": "kyllä", "Avun tarve -edellytys": "kyllä", "Rooli": "VICTIM", "Asiakkuuden numero": 1,
    "Uusi asiakas": "kyllä", "Asiakkuus alkoi": "3.1.2023", "Hyväksikäyttö alkoi": "2021",
    "Hyväksikäyttö päättyi": "2022", "Hyväksikäyttö jatkuu": "ei", "Toimiala": "BERRY_FARM",
    "Hyväksikäytön muoto": "LAB", "Pääasiallinen hyväksikäyttö": "kyllä", "Muut muodot": "",
    "Hyväksikäyttömaat": "Suomi", "Oleskeluoikeus": "VISA", "Oleskeluoikeus alkoi": "2020",
}  # fmt: skip
#: Another case of the same client, refused.
REFUSED = {
    **{name: CASE[name] for name in list(CASE)[:7]}, "Asianumero": "A-2023-99", "Esitys saapunut": "1.2.2024",
    "Esityksen tekijä": "Poliisi", "Organisaatio": "Helsingin poliisilaitos", "Suostumus": "kyllä",
    "Ottamispäätös": "1.3.2024", "Ottamispäätöksen ratkaisu": "Hylätty", "Kielteisen syy": "NO_NEED",
    "Uhri-edellytys": "kyllä", "Avun tarve -edellytys": "ei",
}  # fmt: skip


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secret"
    pseudonym.create_secret(path)
    monkeypatch.setenv(pseudonym.SETTING, str(path))
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    names = list(dict.fromkeys([*CASE, *REFUSED]))
    path.write_bytes(as_csv([{name: row.get(name, "") for name in names} for row in (CASE, REFUSED)]))
    return path


def test_columns_of_decisions_become_decisions(secret: Path, export: Path) -> None:
    delivery = deliver.validate(export, "case-management", "fi", today=TODAY)
    errors = [one for one in delivery.findings if one.severity == "error"]
    assert errors == []
    frames = delivery.dataset.frames
    assert {name: len(frame) for name, frame in frames.items() if len(frame)} == {
        "person": 1, "citizenship": 3, "referral": 2, "decision": 2, "episode": 1, "exploitation": 1,
        "exploitation_form": 1, "exploitation_country": 1, "residence_status": 1,
    }  # fmt: skip
    decisions = frames["decision"].set_index("outcome")
    assert decisions.loc["NEGATIVE", "reason"] == "NO_NEED"
    assert frames["episode"]["decision_id"].tolist() == [decisions.loc["POSITIVE", "decision_id"]]


def test_the_identifier_is_nowhere_and_the_key_is_always_the_same(secret: Path, export: Path, tmp_path: Path) -> None:
    first = deliver.validate(export, "case-management", "en", today=TODAY)
    again = deliver.validate(export, "case-management", "en", today=TODAY)
    own = pseudonym.open_secret(secret)
    assert first.dataset.frames["person"]["person_id"].tolist() == [own.key(CODE)]
    assert again.dataset.frames["person"].equals(first.dataset.frames["person"])
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(url)
    assert deliver.import_file(url, export, "case-management", by="t", today=TODAY).stored is not None
    assert CODE.encode() not in (tmp_path / "office.db").read_bytes()
    assert CODE not in repr(first.findings)


def test_an_identity_code_is_allowed_only_where_a_key_is_made_of_it(secret: Path, export: Path) -> None:
    export.write_bytes(export.read_bytes().replace(b"Helsingin poliisilaitos", CODE.encode()))
    found = [one.cell for one in deliver.validate(export, "case-management", today=TODAY).findings
             if one.code == "intake.identity_code"]  # fmt: skip
    assert found == ["J2", "J3"]  # the column of the organisation, not that of the client


def test_without_a_secret_or_with_another_one_nothing_is_read(
    export: Path, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store.initialise(url)
    assert deliver.import_file(url, export, "case-management", by="t", today=TODAY).stored is not None
    other = tmp_path / "other"
    pseudonym.create_secret(other)
    monkeypatch.setenv(pseudonym.SETTING, str(other))
    with pytest.raises(StorageError) as caught:
        deliver.import_file(url, export, "case-management", by="t", today=TODAY)
    assert caught.value.key == "intake.other_secret"
    monkeypatch.delenv(pseudonym.SETTING)
    with pytest.raises(StorageError) as caught:
        deliver.validate(export, "case-management", today=TODAY)
    assert caught.value.key == "records.no_secret"
    engine = store.open_database(url)
    assert len(extract.read(engine).frames["person"]) == 1
    engine.dispose()


@pytest.mark.parametrize(
    "field",
    [
        'sex = { column = "client", derive = "pseudonym" }',
        'person_id = { column = "client", derive = "hash" }',
        'person_id = { column = "client", scheme = "person" }',
        'person_id = { constant = "x", derive = "pseudonym" }',
    ],
)
def test_a_profile_that_derives_what_cannot_be_derived_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    shutil.copytree(_data.reports_dir(), tmp_path / "reports")
    path = tmp_path / "reports" / "profiles" / "case-management.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    name = field.split(" ", 1)[0]
    lines[next(number for number, line in enumerate(lines) if line.startswith(f"{name} = {{"))] = field
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))
    with pytest.raises(InvalidDefinition):
        profile.load("case-management")
