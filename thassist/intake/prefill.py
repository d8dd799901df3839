"""The records of some cases as a workbook in which staff change only what has changed.

With a client come the children of whom the client is the guardian. A child of an open case who has no episode yet gets
one proposed from the guardian's, and the decision that opens it: without dates, so that they cannot be imported before
somebody has filled them in; who does not want them deletes the rows.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thassist import messages
from thassist.errors import StorageError
from thassist.intake.template import write_workbook
from thassist.records import extract
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES, Dataset, empty_frame, fields, key_fields, references, way_to_person
from thassist.records.migrate import open_database
from thassist.records.trail import anchor

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

_GUARDIAN, _CHILD, _ADMISSION = "GUARDIAN", "DEPENDENT_CHILD", "ADMISSION"


@dataclass(frozen=True)
class Prefill:
    """What was written.

    Attributes:
        dataset: the records, a client's children after the client.
        clients: how many persons were asked for or have an open case.
        children: how many children came with them.
        proposed: how many episodes are proposed for children.
    """

    dataset: Dataset
    clients: int
    children: int
    proposed: int


def write_cases(url: str, path: Path, lang: str, *, clients: Collection[str] = (), open_cases: bool = False) -> Prefill:
    """Write the intake workbook with the stored records of cases; only its owner may read the file.

    Args:
        url: the database as an SQLAlchemy URL.
        path: the workbook to write.
        lang: language of sheets, headers, guidance and code labels.
        clients: keys of persons.
        open_cases: also every person whose episode has no exit, or on whose referral nothing has been decided.

    Raises:
        StorageError: a person is not stored, the database cannot be read, or the file cannot be written.
        InvalidDefinition: a person belongs to another reporting system, whose layout this is not.
    """
    engine = open_database(url)
    try:
        with reading(engine) as connection:
            found, state = case_records(connection, clients, open_cases=open_cases), anchor(connection)
    finally:
        engine.dispose()
    notes = [messages.text("intake.t_prefilled", lang)]
    if found.proposed:
        notes.append(messages.text("intake.t_proposed", lang, count=found.proposed))
    write_workbook(found.dataset, path, lang, notes=notes, state=state)
    return found


def case_records(connection: "Connection", clients: Collection[str], *, open_cases: bool) -> Prefill:
    """The stored records of cases with the proposals for their children.

    Raises:
        StorageError: a person is not stored.
    """
    overview = extract.read_on(connection, ("person", "family_link", "referral", "decision", "episode")).frames
    unknown = set(clients) - set(overview["person"]["person_id"])
    if unknown:
        raise StorageError("intake.no_client", count=len(unknown))
    chosen = list(dict.fromkeys([*clients, *(_open(overview) if open_cases else [])]))
    links = overview["family_link"]
    guarded = links[links["relation"] == _GUARDIAN]
    family: dict[str, list[str]] = {}
    for child, guardian in guarded[["person_id", "related_person_id"]].itertuples(index=False):
        family.setdefault(guardian, []).append(child)
    persons = list(dict.fromkeys(one for client in chosen for one in (client, *family.get(client, []))))
    dataset = extract.read_on(connection, persons=set(persons))
    frames = {name: frame for name, frame in dataset.frames.items() if name == "person" or way_to_person(name)}
    frames |= _referred(dataset.frames, frames)
    proposals = _proposals(overview["episode"], chosen, family)
    if proposals:
        frames["decision"] = _joined(frames["decision"], "decision", _decisions(proposals, overview["decision"]))
        frames["episode"] = _joined(frames["episode"], "episode", proposals)
    ordered = _in_order(frames, persons)
    return Prefill(
        Dataset(ordered, synthetic=dataset.synthetic), len(chosen), len(persons) - len(set(chosen)), len(proposals)
    )


def _open(frames: dict[str, "pd.DataFrame"]) -> list[str]:
    """The persons with an episode that has not ended, or a referral without any decision."""
    episodes, referrals = frames["episode"], frames["referral"]
    helped = episodes[episodes["exit_date"].isna()]["person_id"]
    waiting = referrals[~referrals["referral_id"].isin(frames["decision"]["referral_id"].dropna())]["person_id"]
    return sorted({*helped, *waiting})


def _referred(stored: dict[str, "pd.DataFrame"], kept: dict[str, "pd.DataFrame"]) -> dict[str, "pd.DataFrame"]:
    """Of the records that belong to no person (contacts) those to which a record of the cases refers."""
    found = {}
    for name in stored.keys() - kept.keys():
        keys = {
            value
            for table, frame in kept.items()
            for field, parent, _ in references(table)
            if parent == name
            for value in frame[field].dropna()
        }
        found[name] = stored[name][stored[name][key_fields(name)[0]].isin(keys)]
    return found


def _proposals(episodes: "pd.DataFrame", chosen: list[str], family: dict[str, list[str]]) -> list[dict[str, Any]]:
    """An episode for every child without one whose guardian's episode is open."""
    running = set(episodes[episodes["exit_date"].isna()]["person_id"])
    helped, taken = set(episodes["person_id"]), set(episodes["episode_id"])
    made: list[dict[str, Any]] = []
    for guardian in chosen:
        for child in family.get(guardian, []):
            if guardian in running and child not in helped:
                helped.add(child)
                key = _free_key(child, taken)
                taken.add(key)
                made.append({"episode_id": key, "person_id": child, "role": _CHILD, "seq_no": 1, "is_new": True})
    return made


def _decisions(proposals: list[dict[str, Any]], stored: "pd.DataFrame") -> list[dict[str, Any]]:
    """The decision that opens each proposed episode, without its date and outcome; the episode then names it."""
    taken = set(stored["decision_id"])
    made = []
    for episode in proposals:
        key = _free_key(episode["person_id"], taken, letter="D")
        taken.add(key)
        episode["decision_id"] = key
        made.append({"decision_id": key, "person_id": episode["person_id"], "decision_type": _ADMISSION})
    return made


def _free_key(child: str, taken: set[str], letter: str = "E") -> str:
    """A key for a record of a child, after the child's own: ``C-000012`` gives ``E-000012``."""
    stem = re.sub("^[A-Z]-", "", child)[:56]
    numbered = (f"{letter}-{stem}-{number}" for number in range(2, 10_000))
    return next(key for key in (f"{letter}-{stem}", *numbered) if key not in taken)


def _joined(frame: "pd.DataFrame", table: str, rows: list[dict[str, Any]]) -> "pd.DataFrame":
    names = [column.name for column in fields(table)]
    return empty_frame(table, [*frame[names].to_dict("records"), *rows])  # type: ignore[list-item]


def _in_order(frames: dict[str, "pd.DataFrame"], persons: list[str]) -> dict[str, "pd.DataFrame"]:
    """Every sheet in the order of the persons, so that what belongs together stands together."""
    places = {key: number for number, key in enumerate(persons)}
    ranks: dict[str, dict[Any, int]] = {}
    ordered = {}
    for name in (one for one in TABLE_NAMES if one in frames):  # parents come before what belongs to them
        frame, way = frames[name], way_to_person(name)
        if name == "person":
            own = [places[key] for key in frame["person_id"]]
        elif way:
            own = [ranks[way[0][1]].get(value, len(persons)) for value in frame[way[0][0]]]
        else:
            own = [0] * len(frame)
        ordered[name] = frame.iloc[sorted(range(len(frame)), key=own.__getitem__)]
        ranks[name] = dict(zip(frame[key_fields(name)[0]], own, strict=True))
    return ordered
