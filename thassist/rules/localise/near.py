"""The records around some records: so that a few cases are looked at closely without the rest of a large database."""

from dataclasses import replace

import pandas as pd

from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields, record_table

#: A record by table and position: the delivery first, then what is stored.
Place = tuple[str, int]
_ROUNDS = 4


def around(places: set[Place], dataset: Dataset, context: Dataset | None = None) -> tuple[Dataset, Dataset | None]:
    """The given records with everything that refers to the same persons, and the records that these refer to."""
    both = [dataset] if context is None else [dataset, context]
    frames = {
        table: pd.concat([one.frames[table] for one in both if table in one.frames], ignore_index=True)
        for table in TABLE_NAMES
        if any(table in one.frames for one in both)
    }
    kept = {table: pd.Series(data=False, index=frame.index) for table, frame in frames.items()}
    for table, position in places:
        kept[table].iloc[position] = True
    for _ in range(_ROUNDS):
        before = sum(int(mask.sum()) for mask in kept.values())
        _add_parents(frames, kept)
        _add_children(frames, kept)
        if sum(int(mask.sum()) for mask in kept.values()) == before:
            break
    return _cut(dataset, kept, first=True), None if context is None else _cut(context, kept, first=False)


def _references(table: str) -> list[tuple[str, str, str]]:
    """(own field, parent table, its field) of every reference of a table to a record table."""
    return [
        (column.name, key.column.table.name, key.column.name)
        for column in record_table(table).columns
        for key in column.foreign_keys
        if key.column.table.name in TABLE_NAMES
    ]


def _add_parents(frames: dict[str, pd.DataFrame], kept: dict[str, pd.Series]) -> None:
    """What kept records refer to, the youngest tables first, so that grandparents come too."""
    for table in reversed(list(frames)):
        for own, parent, name in _references(table):
            if parent in frames:
                wanted = frames[table].loc[kept[table], own].dropna().unique()
                kept[parent] |= frames[parent][name].isin(wanted)


def _add_children(frames: dict[str, pd.DataFrame], kept: dict[str, pd.Series]) -> None:
    """What refers to kept records, the oldest tables first; and other records with a kept key."""
    for table in frames:
        key = key_fields(table)[0]
        kept[table] |= frames[table][key].isin(frames[table].loc[kept[table], key].dropna().unique())
        for own, parent, name in _references(table):
            if parent in frames:
                wanted = frames[parent].loc[kept[parent], name].dropna().unique()
                kept[table] |= frames[table][own].isin(wanted)


def _cut(dataset: Dataset, kept: dict[str, pd.Series], *, first: bool) -> Dataset:
    frames = {}
    for table, frame in dataset.frames.items():
        mask = kept[table].iloc[: len(frame)] if first else kept[table].iloc[len(kept[table]) - len(frame) :]
        frames[table] = frame[mask.to_numpy()].reset_index(drop=True)
    return replace(dataset, frames=frames)
