"""What a delivery leaves out: stored records of its cases that it does not hold.

A delivery is about the persons whom it lists. Of them, everything is compared that its sheets can hold: a sheet that is
absent says nothing, one without rows says that there is nothing. Contacts and working time belong to nobody and are
never left out; a person who is not listed is no case of the delivery.
"""

from collections.abc import Mapping
from typing import Any

from thassist.intake.profile import Profile
from thassist.records.asof import State, owners_in
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields, way_to_person
from thassist.records.values import Row

LeftOut = Mapping[str, list[Row]]


def left_out(delivered: Dataset, stored: Dataset, profile: Profile) -> dict[str, list[Row]]:
    """The stored records of the delivered cases that the delivery does not hold, by table.

    Args:
        delivered: the delivery.
        stored: at least everything that is stored of its persons.
        profile: its layout. Records whose keys it makes of the file and the row are another's in every file, and
            are not compared.
    """
    persons = set(delivered.frames["person"]["person_id"])
    rows: dict[str, list[Row]] = {
        name: frame.to_dict("records")  # type: ignore[misc]
        for name, frame in stored.frames.items()
    }
    state, found = State(rows, {}), {}
    for name in covered(delivered, profile):
        owners, key = owners_in(state, name), key_fields(name)
        held = set(delivered.frames[name][key].itertuples(index=False, name=None))
        gone = [
            row
            for row in rows[name]
            if owners is not None
            and not owners(row).isdisjoint(persons)
            and tuple(row[part] for part in key) not in held
        ]
        if gone:
            found[name] = gone
    return found


def covered(delivered: Dataset, profile: Profile) -> list[str]:
    """The tables of a delivery that say what there is of a person and, by what they do not hold, what there is not."""
    numbered = {
        record.table
        for sheet in profile.sheets
        for record in sheet.records
        if any(source.key for source in record.fields.values())
    }
    return [name for name in TABLE_NAMES if name in delivered.sources and way_to_person(name) and name not in numbered]


def keys_of(rows: LeftOut) -> dict[str, list[dict[str, Any]]]:
    """The keys of records, by table."""
    return {name: [{part: row[part] for part in key_fields(name)} for row in found] for name, found in rows.items()}


def without(stored: Dataset, rows: LeftOut) -> Dataset:
    """What stays stored where these records are withdrawn."""
    frames = dict(stored.frames)
    for name, found in rows.items():
        key = key_fields(name)
        gone = {tuple(row[part] for part in key) for row in found}
        stays = [identity not in gone for identity in frames[name][key].itertuples(index=False, name=None)]
        frames[name] = frames[name][stays]
    return Dataset(frames, stored.sources, synthetic=stored.synthetic)
