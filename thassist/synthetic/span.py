"""The records of a span of years: who appears in it, and what was known on its last day."""

import datetime as dt
from collections.abc import Mapping, Sequence

from thassist.records.dataset import TABLE_NAMES, Dataset, empty_frame, references
from thassist.synthetic.tables import Row

#: The date from which a record was known; what a table does not name here was known with its person.
_KNOWN_FROM = {
    "contact": "contact_date",
    "referral": "received_date",
    "status_event": "status_date",
    "decision": "decision_date",
    "appeal": "appeal_date",
    "episode": "admission_date",
    "provision": "start_date",
    "service": "start_date",
    "identification": "identified_date",
    "residence_status": "valid_from",
    "permit": "application_date",
    "assistance_period": "start_date",
    "criminal_stage": "stage_date",
    "compensation": "decided_date",
    "assisted_return": "return_date",
    "staff_time": "month_date",
}
#: A date that came later, and what was known with it only.
_KNOWN_LATER: Mapping[str, tuple[str, Sequence[str]]] = {
    "appeal": ("ruling_date", ("ruling", "new_decision_id")),
    "episode": ("exit_date", ("exit_reason",)),
    "provision": ("end_date", ()),
    "service": ("end_date", ("cost_cents",)),
    "residence_status": ("valid_to", ()),
    "permit": ("decision_date", ("outcome",)),
}
#: What ends only as the next begins: on its last day the end lies ahead.
_UNTIL_THE_NEXT = ("provision", "residence_status")


def dataset(rows: Mapping[str, Sequence[Row]], first: dt.date, last: dt.date) -> Dataset:
    """The records of the persons who appear in a span of days, as they were known on its last day.

    A person appears with a referral, a decision or a stay in the span; a child brings its guardian along.
    """
    known = {
        table: [_as_of(table, row, last) for row in part if _is_known(table, row, last)] for table, part in rows.items()
    }
    _forget_what_followed(known)
    persons = {row["person_id"] for row in known["referral"] if row["received_date"] >= first}
    persons |= {row["person_id"] for row in known["decision"] if row["decision_date"] >= first}
    persons |= {row["person_id"] for row in known["episode"] if (row["exit_date"] or last) >= first}
    persons |= {row["related_person_id"] for row in known["family_link"] if row["person_id"] in persons}
    known["person"] = [row for row in known["person"] if row["person_id"] in persons]
    _only_whole(known)
    # Contacts and working time belong to no person; they are of the span by their date, or told of in a referral.
    told = {row["contact_id"] for row in known["referral"]}
    known["contact"] = [row for row in known["contact"] if row["contact_date"] >= first or row["contact_id"] in told]
    known["staff_time"] = [row for row in known["staff_time"] if row["month_date"] >= first]
    return Dataset({table: empty_frame(table, part) for table, part in known.items()}, synthetic=True)


def _is_known(table: str, row: Row, last: dt.date) -> bool:
    return table not in _KNOWN_FROM or row[_KNOWN_FROM[table]] <= last


def _as_of(table: str, row: Row, last: dt.date) -> Row:
    """A record as it was known on a day: what ends later has not ended, what is extended later is not extended."""
    if table == "assistance_period" and row["extended"] and row["granted_until"] > last:
        return {**row, "end_date": row["granted_until"], "extended": False}
    end, together = _KNOWN_LATER.get(table, ("", ()))
    known_on = last - dt.timedelta(days=table in _UNTIL_THE_NEXT)
    if not end or row[end] is None or row[end] <= known_on:
        return row
    return {**row, **dict.fromkeys((end, f"{end}_precision", *together))}


def _forget_what_followed(known: Mapping[str, list[Row]]) -> None:
    """What hangs on other records: a referral that was decided no longer waits; a new decision may lie ahead."""
    decided = {row["referral_id"] for row in known["decision"]}
    known["referral"][:] = [
        {**row, "hold_reason": None} if row["referral_id"] in decided else row for row in known["referral"]
    ]
    made = {row["decision_id"] for row in known["decision"]}
    known["appeal"][:] = [
        row if row["new_decision_id"] in made else {**row, "new_decision_id": None} for row in known["appeal"]
    ]


def _only_whole(known: dict[str, list[Row]]) -> None:
    """Leave out records that point to one that is not there; tables stand in the order parents before children."""
    keys: dict[str, set[str]] = {}
    for table in TABLE_NAMES:
        ties = references(table)
        for _field, parent, key in ties:
            keys.setdefault(parent, {row[key] for row in known[parent]})
        known[table] = [
            row
            for row in known[table]
            if all(row[field] is None or row[field] in keys[parent] for field, parent, _key in ties)
        ]
