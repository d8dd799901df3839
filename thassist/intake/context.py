"""What is stored beside a delivery: the records by which the rules judge it."""

from typing import TYPE_CHECKING

from thassist.records import extract
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields, references, way_to_person

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Fields that refer to a record of another table which a delivery may leave to what is stored: field → that table.
_REFERENCES = {
    name: parent
    for table in TABLE_NAMES
    for name, parent, _ in references(table)
    if parent != "person" and way_to_person(parent)
}


def stored_context(connection: "Connection", delivered: Dataset) -> tuple[Dataset, bool]:
    """What is stored of the persons whom a delivery mentions and of their families, and whether that is everything.

    Everything is read where the delivery mentions persons only by the keys of other records.

    Raises:
        StorageError: the database cannot be read.
    """
    for name, table in _REFERENCES.items():
        known = set(delivered.frames[table][key_fields(table)[0]]) if table in delivered.frames else set()
        named = {value for frame in delivered.frames.values() if name in frame.columns for value in frame[name]}
        if named - known - {None}:
            return extract.read_on(connection), True
    persons = {
        value
        for frame in delivered.frames.values()
        for name in ("person_id", "related_person_id")
        if name in frame.columns
        for value in frame[name]
        if value is not None
    }
    return extract.read_on(connection, persons=_families(connection, persons)), False


def _families(connection: "Connection", persons: set[str]) -> set[str]:
    """The persons with all whom stored family ties connect with them: a rule on a child looks at the guardian."""
    known: set[str] = set()
    new = persons
    while new:
        known |= new
        ties = extract.read_on(connection, tables=["family_link"], persons=new).frames["family_link"]
        new = {*ties["person_id"], *ties["related_person_id"]} - known
    return known
