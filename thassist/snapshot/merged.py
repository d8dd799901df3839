"""Statistics count a person once: the records of persons who are one by decision, under one key.

The database keeps them apart; only what is frozen sees one person. What then contradicts itself is settled by fixed
rules: the person's own row is that of the key that stands for all; of rows that became the same the first stays; stays
are numbered by admission, of which the first is new; one citizenship and one experience remain the main one.
"""

from collections.abc import Mapping

import pandas as pd

from thassist.records.dataset import key_fields, record_table

_PERSON = "person"


def merged(frames: Mapping[str, pd.DataFrame], canonical: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """The frames with every key of a person replaced by the one that stands for all; sorted by key again."""
    stored = set(frames[_PERSON]["person_id"])
    known = {person: leader for person, leader in canonical.items() if person in stored and leader in stored}
    if not known:
        return dict(frames)
    return {table: _merged(table, frame, known) for table, frame in frames.items()}


def _merged(table: str, frame: pd.DataFrame, known: Mapping[str, str]) -> pd.DataFrame:
    names = [
        column.name
        for column in record_table(table).columns
        if column.name in frame and any(key.column.table.name == _PERSON for key in column.foreign_keys)
    ]
    if table == _PERSON:
        return frame[~frame["person_id"].isin(list(known))].reset_index(drop=True)
    if not names:
        return frame
    touched = frame[names].isin(list(known)).any(axis=1)
    people = set(known.values())
    moved = frame.assign(_moved=touched)
    for name in names:
        moved[name] = moved[name].map(lambda key: known.get(key, key))
    keys = key_fields(table)
    moved = moved.sort_values([*keys, "_moved"], kind="stable").drop_duplicates(keys, keep="first")
    if len(names) > 1:
        moved = moved[moved[names[0]] != moved[names[1]]]
    ours = moved[names[0]].isin(people)
    if "is_primary" in moved:
        _one_primary(moved, ours, names[0])
    if "seq_no" in moved and "is_new" in moved:
        moved = _renumbered(moved, ours, names[0])
    return moved.drop(columns="_moved").reset_index(drop=True)


def _one_primary(frame: pd.DataFrame, ours: "pd.Series[bool]", person: str) -> None:
    """Of the main ones of a person one stays: that of the key that stands for all, if it has one."""
    main = frame[ours & frame["is_primary"].map(lambda value: value is True)].sort_values("_moved", kind="stable")
    frame.loc[main.index[main.duplicated(person)], "is_primary"] = False


def _renumbered(frame: pd.DataFrame, ours: "pd.Series[bool]", person: str) -> pd.DataFrame:
    """The stays of a person by admission: 1, 2, 3; only the first makes a new client."""
    stays = frame[ours].sort_values([person, "admission_date", "_moved"], kind="stable")
    numbers = stays.groupby(person, sort=False).cumcount() + 1
    frame.loc[stays.index, "seq_no"] = pd.Series(numbers.tolist(), index=stays.index, dtype=object)
    later = numbers.index[numbers > 1]
    frame.loc[later, "is_new"] = False
    return frame
