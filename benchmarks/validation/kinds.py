"""Errors that happen to people, each as a function that plants some of them in clean records.

A kind says in words what went wrong at the desk, which rule should find it (or why none can), and plants ``count``
errors in records drawn by a seeded generator. It gives back where it planted them: table and key of each record, so
that a finding can be matched to an error and not merely counted.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from thassist.records.dataset import Dataset, Source, SourceColumn

#: Where one error was planted: table and row label of each record that is wrong because of it.
Planted = set[tuple[str, int]]
Plant = Callable[["Desk"], None]
KINDS: list["Kind"] = []


@dataclass(frozen=True)
class Kind:
    """A kind of error: ``breaks`` is False where the data stay consistent, so that no rule can tell."""

    id: str
    about: str
    plant: Plant
    breaks: bool = True


def kind(about: str, *, breaks: bool = True) -> Callable[[Plant], Plant]:
    def keep(function: Plant) -> Plant:
        KINDS.append(Kind(function.__name__, about, function, breaks))
        return function

    return keep


class Desk:
    """Records in which errors are planted, and what was planted."""

    def __init__(self, dataset: Dataset, seed: int, count: int) -> None:
        self.frames = {table: frame.reset_index(drop=True) for table, frame in dataset.frames.items()}
        self.random = random.Random(seed)
        self.count = count
        self.groups: list[Planted] = []

    def dataset(self) -> Dataset:
        """The records as read from a workbook in which the row of a record is its label and two."""
        frames = {
            table: frame.assign(_row=frame.index + 2).reset_index(drop=True) for table, frame in self.frames.items()
        }
        sources = {
            table: Source("cases.xlsx", table, {name: SourceColumn("A", name) for name in frame})
            for table, frame in frames.items()
        }
        return Dataset(frames, sources, synthetic=True)

    def pick(self, table: str, where: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None) -> list[int]:
        """Row labels drawn at random; no person twice, so that errors do not meet."""
        frame = self.frames[table]
        frame = frame if where is None else frame[where(frame).astype(bool)]
        frame = frame.drop_duplicates("person_id") if "person_id" in frame else frame
        labels = sorted(frame.index)
        return self.random.sample(labels, min(self.count, len(labels)))

    def set(self, table: str, label: int, **values: Any) -> None:
        """Change fields of a record and note it as one error."""
        for name, value in values.items():
            self.frames[table].loc[label, name] = value
        self.note(table, label)

    def note(self, table: str, label: int, *more: tuple[str, int]) -> None:
        """Note one error: at a record, at further ones, and at all other records of its person."""
        found = {(table, label), *more}
        row = self.frames[table].loc[label]
        if "person_id" in row:
            for other, frame in self.frames.items():
                if "person_id" in frame:
                    found |= {(other, int(one)) for one in frame.index[frame["person_id"] == row["person_id"]]}
        self.groups.append(found)

    def drop(self, table: str, labels: list[int]) -> None:
        self.frames[table] = self.frames[table].drop(index=labels)

    def add(self, table: str, rows: list[dict[str, Any]]) -> list[int]:
        frame = self.frames[table]
        start = int(frame.index.max() + 1) if len(frame) else 0
        extra = pd.DataFrame(rows, columns=frame.columns, index=range(start, start + len(rows)), dtype=object)
        self.frames[table] = pd.concat([frame, extra])
        return list(extra.index)

    def of(self, table: str, person: str) -> list[int]:
        frame = self.frames[table]
        return list(frame.index[frame["person_id"] == person])


def _day(value: Any) -> bool:
    return isinstance(value, dt.date)


def _exact(name: str) -> Callable[[pd.DataFrame], "pd.Series[bool]"]:
    return lambda frame: frame[f"{name}_precision"] == "D"


# --- dates -----------------------------------------------------------------------------------------------------------


@kind("Admission and exit typed into each other's columns")
def dates_swapped(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: _exact("exit_date")(f) & (f["exit_date"] != f["admission_date"])):
        row = desk.frames["episode"].loc[label]
        desk.set("episode", label, admission_date=row["exit_date"], exit_date=row["admission_date"])


@kind("A date of decision a hundred years too early (1922 for 2022)")
def century_decision(desk: Desk) -> None:
    for label in desk.pick("decision", lambda f: f["referral_id"].notna() & _exact("decision_date")(f)):
        day = desk.frames["decision"].loc[label, "decision_date"]
        desk.set("decision", label, decision_date=day - dt.timedelta(days=36525))


@kind("A date of birth a hundred years too late (2090 for 1990)")
def century_birth(desk: Desk) -> None:
    for label in desk.pick("person", lambda f: f["birth_date"].notna()):
        day = desk.frames["person"].loc[label, "birth_date"]
        desk.set("person", label, birth_date=dt.date(day.year + 100, day.month, 1), birth_date_precision="M")


@kind("Day and month of the exit swapped, so that it lies before the admission")
def day_month_exit(desk: Desk) -> None:
    def turned(row: Any) -> dt.date | None:
        day = row["exit_date"]
        if not _day(day) or day.day > 12 or row["exit_date_precision"] != "D":
            return None
        other = dt.date(day.year, day.day, day.month)
        return other if other < row["admission_date"] else None

    frame = desk.frames["episode"]
    fits = frame.apply(lambda row: turned(row) is not None, axis=1)
    for label in desk.pick("episode", lambda f: fits.reindex(f.index)):
        desk.set("episode", label, exit_date=turned(desk.frames["episode"].loc[label]))


@kind("Day and month of the admission swapped; the decision has the right date")
def day_month_admission(desk: Desk) -> None:
    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        days = frame["admission_date"]
        return _exact("admission_date")(frame) & days.map(lambda d: _day(d) and d.day <= 12 and d.day != d.month)

    for label in desk.pick("episode", fits):
        day = desk.frames["episode"].loc[label, "admission_date"]
        desk.set("episode", label, admission_date=dt.date(day.year, day.day, day.month))


@kind("The old year in January: a decision dated a year before its referral")
def year_in_january(desk: Desk) -> None:
    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["referral_id"].notna() & frame["decision_date"].map(lambda d: _day(d) and d.month == 1)

    for label in desk.pick("decision", fits):
        day = desk.frames["decision"].loc[label, "decision_date"]
        desk.set("decision", label, decision_date=dt.date(day.year - 1, day.month, min(day.day, 28)))


@kind("A referral received in the future (next year's calendar)")
def referral_in_future(desk: Desk) -> None:
    for label in desk.pick("referral"):
        day = desk.frames["referral"].loc[label, "received_date"]
        desk.set(
            "referral", label, received_date=dt.date(2040, day.month, min(day.day, 28)), received_date_precision="D"
        )


@kind("An exit in the future")
def exit_in_future(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["exit_date"].notna()):
        desk.set("episode", label, exit_date=dt.date(2041, 5, 6), exit_date_precision="D")


@kind("A year typed with a digit too few, read as the year 202")
def year_of_three_digits(desk: Desk) -> None:
    for label in desk.pick("decision"):
        day = desk.frames["decision"].loc[label, "decision_date"]
        desk.set("decision", label, decision_date=dt.date(202, day.month, 1), decision_date_precision="M")


@kind("A precision that does not fit its date: «year» beside 14 May")
def precision_wrong(desk: Desk) -> None:
    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["received_date"].map(lambda d: _day(d) and (d.month, d.day) != (1, 1))

    for label in desk.pick("referral", fits):
        desk.set("referral", label, received_date_precision="A")


@kind("A date without its precision")
def precision_missing(desk: Desk) -> None:
    for label in desk.pick("decision"):
        desk.set("decision", label, decision_date_precision=None)


@kind("Exploitation that ends before it begins")
def exploitation_reversed(desk: Desk) -> None:
    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["start_date"].notna()

    for label in desk.pick("exploitation", fits):
        start = desk.frames["exploitation"].loc[label, "start_date"]
        earlier = dt.date(start.year - 2, 1, 1)
        desk.set("exploitation", label, end_date=earlier, end_date_precision="A", ongoing=False)


@kind("Exploitation that begins after the referral")
def exploitation_after_referral(desk: Desk) -> None:
    referred = desk.frames["referral"].set_index("referral_id")["received_date"]

    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        return frame["referral_id"].isin(referred.index)

    for label in desk.pick("exploitation", fits):
        received = referred[desk.frames["exploitation"].loc[label, "referral_id"]]
        later = dt.date(received.year + 1, 1, 1)
        desk.set(
            "exploitation", label, start_date=later, start_date_precision="A", end_date=None, end_date_precision=None
        )


# --- codes -----------------------------------------------------------------------------------------------------------


@kind("A code that does not exist (FF for F)")
def code_unknown(desk: Desk) -> None:
    for label in desk.pick("person"):
        desk.set("person", label, sex="FF")


@kind("A code in small letters")
def code_small_letters(desk: Desk) -> None:
    for label in desk.pick("decision"):
        desk.set("decision", label, outcome=str(desk.frames["decision"].loc[label, "outcome"]).lower())


@kind("A three-letter country code for a two-letter one")
def country_three_letters(desk: Desk) -> None:
    for label in desk.pick("citizenship", lambda f: f["country"].str.len() == 2):
        desk.set("citizenship", label, country="NGA")


@kind("A reason of exit of the old law after the reform (criminal proceedings ended)")
def old_exit_reason(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["exit_date"].map(lambda d: _day(d) and d.year >= 2023)):
        desk.set("episode", label, exit_reason="CASE_CLOSED")


@kind("A decision of identification of the old law after the reform")
def old_identification(desk: Desk) -> None:
    for label in desk.pick("decision", lambda f: f["decision_date"].map(lambda d: _day(d) and d.year >= 2023)):
        desk.set("decision", label, decision_type="IDENT_OLD", reason=None)


@kind("Stateless entered beside a citizenship")
def stateless_and_citizen(desk: Desk) -> None:
    frame = desk.frames["citizenship"]
    single = frame["person_id"].map(frame["person_id"].value_counts()) == 1
    for label in desk.pick("citizenship", lambda f: single.reindex(f.index) & (f["country"].str.len() == 2)):
        person = frame.loc[label, "person_id"]
        (added,) = desk.add("citizenship", [{"person_id": person, "country": "STLS", "is_primary": False, "_row": 0}])
        desk.note("citizenship", added)


@kind("The role typed into a neighbouring choice: witness for victim")
def role_witness(desk: Desk) -> None:
    exploited = set(desk.frames["exploitation"]["person_id"])

    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        once = frame["person_id"].map(frame["person_id"].value_counts()) == 1
        return once & (frame["role"] == "VICTIM") & frame["person_id"].isin(exploited)

    for label in desk.pick("episode", fits):
        desk.set("episode", label, role="WITNESS")


@kind("A grown-up entered as a dependent child")
def role_child(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["role"] == "VICTIM"):
        desk.set("episode", label, role="DEPENDENT_CHILD")


# --- missing things --------------------------------------------------------------------------------------------------


@kind("A negative decision without a reason")
def reason_missing(desk: Desk) -> None:
    for label in desk.pick("decision", lambda f: f["outcome"] == "NEGATIVE"):
        desk.set("decision", label, reason=None)


@kind("An exit without a reason")
def exit_reason_missing(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["exit_date"].notna()):
        desk.set("episode", label, exit_reason=None)


@kind("A reason of exit without a date")
def exit_date_missing(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["exit_date"].notna()):
        desk.set("episode", label, exit_date=None, exit_date_precision=None)


@kind("Sex left empty")
def sex_missing(desk: Desk) -> None:
    for label in desk.pick("person"):
        desk.set("person", label, sex=None)


@kind("The sheet of citizenships forgotten for a client")
def citizenship_missing(desk: Desk) -> None:
    for label in desk.pick("person", lambda f: f["person_id"].isin(desk.frames["citizenship"]["person_id"])):
        desk.drop("citizenship", desk.of("citizenship", desk.frames["person"].loc[label, "person_id"]))
        desk.note("person", label)


@kind("A victim without any exploitation entered")
def exploitation_missing(desk: Desk) -> None:
    exploited = set(desk.frames["exploitation"]["person_id"])
    for label in desk.pick("episode", lambda f: (f["role"] == "VICTIM") & f["person_id"].isin(exploited)):
        lost = desk.of("exploitation", desk.frames["episode"].loc[label, "person_id"])
        keys = desk.frames["exploitation"].loc[lost, "exploitation_id"]
        for table in ("exploitation_form", "exploitation_country", "exploitation_means"):
            if table in desk.frames:
                child = desk.frames[table]
                desk.drop(table, list(child.index[child["exploitation_id"].isin(keys)]))
        desk.drop("exploitation", lost)
        desk.note("episode", label)


@kind("An exploitation without a form")
def form_missing(desk: Desk) -> None:
    for label in desk.pick("exploitation"):
        key = desk.frames["exploitation"].loc[label, "exploitation_id"]
        child = desk.frames["exploitation_form"]
        desk.drop("exploitation_form", list(child.index[child["exploitation_id"] == key]))
        desk.note("exploitation", label)


@kind("The guardian of a dependent child not entered")
def guardian_missing(desk: Desk) -> None:
    ties = desk.frames["family_link"]
    children = set(ties.loc[ties["relation"] == "GUARDIAN", "person_id"])
    for label in desk.pick("episode", lambda f: (f["role"] == "DEPENDENT_CHILD") & f["person_id"].isin(children)):
        desk.drop("family_link", desk.of("family_link", desk.frames["episode"].loc[label, "person_id"]))
        desk.note("episode", label)


@kind("No residence status at admission")
def residence_missing(desk: Desk) -> None:
    known = set(desk.frames["residence_status"]["person_id"])
    for label in desk.pick("episode", lambda f: (f["role"] == "VICTIM") & f["person_id"].isin(known)):
        desk.drop("residence_status", desk.of("residence_status", desk.frames["episode"].loc[label, "person_id"]))
        desk.note("episode", label)


@kind("The organisation of a referrer left empty")
def organisation_missing(desk: Desk) -> None:
    for label in desk.pick("referral", lambda f: f["referrer_organisation"].notna()):
        desk.set("referral", label, referrer_organisation=None)


# --- copies and references -------------------------------------------------------------------------------------------


@kind("A row copied down and not changed")
def row_copied(desk: Desk) -> None:
    for label in desk.pick("episode"):
        desk.add("episode", [desk.frames["episode"].loc[label].to_dict()])
        desk.note("episode", label)


@kind("A decision entered twice under two keys")
def decision_twice(desk: Desk) -> None:
    for number, label in enumerate(
        desk.pick("decision", lambda f: (f["decision_type"] == "ADMISSION") & f["referral_id"].notna())
    ):
        row = desk.frames["decision"].loc[label].to_dict()
        (added,) = desk.add("decision", [{**row, "decision_id": f"D-9{number:05d}"}])
        desk.note("decision", added, ("decision", label))


@kind("The key of another client's referral in a decision")
def wrong_referral(desk: Desk) -> None:
    labels = desk.pick("decision", lambda f: f["referral_id"].notna())
    keys = [desk.frames["decision"].loc[label, "referral_id"] for label in labels]
    for label, other in zip(labels, keys[1:] + keys[:1], strict=True):
        desk.set("decision", label, referral_id=other)


@kind("A reference to a client who was never entered")
def unknown_person(desk: Desk) -> None:
    for number, label in enumerate(desk.pick("referral")):
        desk.set("referral", label, person_id=f"C-9{number:05d}")


@kind("The referral number typed with a digit wrong in a decision")
def reference_mistyped(desk: Desk) -> None:
    for number, label in enumerate(desk.pick("decision", lambda f: f["referral_id"].notna())):
        desk.set("decision", label, referral_id=f"R-8{number:05d}")


@kind("A second stay numbered 1 and counted as new")
def readmission_as_new(desk: Desk) -> None:
    for label in desk.pick("episode", lambda f: f["seq_no"] > 1):
        desk.set("episode", label, seq_no=1, is_new=True)


@kind("A second stay opened while the first is open")
def overlapping_stay(desk: Desk) -> None:
    for number, label in enumerate(desk.pick("episode", lambda f: f["exit_date"].isna() & (f["seq_no"] == 1))):
        row = desk.frames["episode"].loc[label].to_dict()
        later = {**row, "episode_id": f"E-9{number:05d}", "seq_no": 2, "is_new": False, "decision_id": None}
        (added,) = desk.add("episode", [later])
        desk.note("episode", added)


@kind("Two experiences of exploitation both marked as the main one")
def two_primaries(desk: Desk) -> None:
    for number, label in enumerate(desk.pick("exploitation", lambda f: f["is_primary"].map(lambda v: v is True))):
        row = desk.frames["exploitation"].loc[label].to_dict()
        key = f"X-9{number:05d}"
        (added,) = desk.add("exploitation", [{**row, "exploitation_id": key}])
        for table in ("exploitation_form", "exploitation_country"):
            child = desk.frames[table]
            own = child[child["exploitation_id"] == row["exploitation_id"]].to_dict("records")
            desk.add(table, [{**one, "exploitation_id": key} for one in own])
        desk.note("exploitation", added)


@kind("Admitted, but a criterion answered no")
def criterion_no(desk: Desk) -> None:
    victims = set(desk.frames["episode"].loc[desk.frames["episode"]["role"] == "VICTIM", "decision_id"])

    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        positive = (frame["decision_type"] == "ADMISSION") & (frame["outcome"] == "POSITIVE")
        return positive & frame["decision_id"].isin(victims)

    for label in desk.pick("decision", fits):
        desk.set("decision", label, criterion_need=False)


@kind("A stay opened by a rejection")
def stay_on_rejection(desk: Desk) -> None:
    opened = set(desk.frames["episode"]["decision_id"].dropna())
    for label in desk.pick("decision", lambda f: f["decision_id"].isin(opened) & (f["outcome"] == "POSITIVE")):
        desk.set("decision", label, outcome="NEGATIVE", reason="NO_NEED")


@kind("The same person entered again under another key")
def person_twice(desk: Desk) -> None:
    _twins(desk, day_and_month=False)


@kind("The same person again, day and month of birth swapped: found by `thassist duplicates list`", breaks=False)
def person_twice_nearly(desk: Desk) -> None:
    _twins(desk, day_and_month=True)


def _twins(desk: Desk, *, day_and_month: bool) -> None:
    """A copy of a person with citizenships and a referral a week after the last one."""
    referred = desk.frames["referral"].groupby("person_id")["received_date"].max()
    known = desk.frames["citizenship"]
    citizens = set(known.loc[known["country"] != "_U", "person_id"])

    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        good = frame["person_id"].isin(referred.index) & frame["person_id"].isin(citizens) & (frame["sex"] != "_U")
        days = frame["birth_date"].map(lambda d: _day(d) and d.day <= 12 and d.day != d.month)
        return good & _exact("birth_date")(frame) & ~frame["birth_date_estimated"].map(lambda v: v is True) & days

    for number, label in enumerate(desk.pick("person", fits)):
        row = desk.frames["person"].loc[label].to_dict()
        key, born = f"C-7{number:05d}", row["birth_date"]
        if day_and_month:
            born = dt.date(born.year, born.day, born.month)
        (added,) = desk.add("person", [{**row, "person_id": key, "birth_date": born}])
        for table in ("citizenship", "referral"):
            frame = desk.frames[table]
            own = frame[frame["person_id"] == row["person_id"]].to_dict("records")
            if table == "referral":
                later = referred[row["person_id"]] + dt.timedelta(days=7)
                changed = {"received_date": later, "received_date_precision": "D", "contact_id": None}
                own = [{**own[-1], **changed, "referral_id": f"R-7{number:05d}"}]
            desk.add(table, [{**one, "person_id": key} for one in own])
        desk.note("person", added, ("person", label))


# --- what must not be there ------------------------------------------------------------------------------------------


@kind("A personal identity code as the client's key")
def identity_code_as_key(desk: Desk) -> None:
    for number, label in enumerate(desk.pick("referral")):
        desk.set("referral", label, referral_id=f"1310{number % 30 + 50:02d}-3{number:02d}T")


@kind("An e-mail address in the free text")
def email_in_text(desk: Desk) -> None:
    for label in desk.pick("referral"):
        desk.set("referral", label, source="OTHER", source_other="tavoittaa: nimi.sukunimi@example.org")


@kind("A telephone number in the free text")
def telephone_in_text(desk: Desk) -> None:
    for label in desk.pick("referral"):
        desk.set("referral", label, source="OTHER", source_other="soita 040 123 4567")


@kind("A text longer than its field")
def text_too_long(desk: Desk) -> None:
    for label in desk.pick("referral"):
        desk.set("referral", label, source="OTHER", source_other="x" * 300)


# --- what no rule can tell -------------------------------------------------------------------------------------------


@kind("Sex typed as the other one: consistent, so no rule can tell", breaks=False)
def sex_other(desk: Desk) -> None:
    for label in desk.pick("person", lambda f: f["sex"].isin(["F", "M"])):
        desk.set("person", label, sex={"F": "M", "M": "F"}[desk.frames["person"].loc[label, "sex"]])


@kind("Day and month of birth swapped: an equally good date", breaks=False)
def birth_day_month(desk: Desk) -> None:
    def fits(frame: pd.DataFrame) -> "pd.Series[bool]":
        return _exact("birth_date")(frame) & frame["birth_date"].map(
            lambda d: _day(d) and d.day <= 12 and d.day != d.month
        )

    for label in desk.pick("person", fits):
        day = desk.frames["person"].loc[label, "birth_date"]
        desk.set("person", label, birth_date=dt.date(day.year, day.day, day.month))


@kind("A neighbouring country chosen from the list", breaks=False)
def country_neighbour(desk: Desk) -> None:
    for label in desk.pick("exploitation_country", lambda f: f["country"] == "FI"):
        desk.frames["exploitation_country"].loc[label, "country"] = "EE"
        desk.note("exploitation_country", label)


@kind("A referral date a few days off", breaks=False)
def few_days_off(desk: Desk) -> None:
    for label in desk.pick("referral", _exact("received_date")):
        day = desk.frames["referral"].loc[label, "received_date"]
        desk.set("referral", label, received_date=day - dt.timedelta(days=3))
