"""Every national count table recounted with pandas from the synthetic record tables, without the views and the engine.

All categories that are published from several recorded codes are written out again here, so that a wrong
correspondence, view or query shows as a difference. Every margin is counted by itself.
"""

import datetime as dt
import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from made import made_up

from thassist.dates import Period, parse_period
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, fields, sql_type
from thassist.tables.compute import compute_all
from thassist.tables.cube import Cube
from thassist.tables.spec import load, paths_of_specs

#: Tables whose figures are no counts have tests of their own.
OTHERS = ("fi_time_", "fi_length_", "fi_indicator_", "fi_route_", "fi_bridge_")
Frame = pd.DataFrame

FORM = {"DOM": "LAB", "SEX_PROST": "SEX", "SEX_PORN": "SEX", "SEX_OTH": "SEX"}
FORM |= dict.fromkeys(("ADOPT", "SURR", "SLAV"), "OTH")
RESIDENCE = {"FI_CITIZEN": "FI_EU", "EU_CITIZEN": "FI_EU"}
GROUP = {"VICTIM": "CLIENT", "WITNESS": "CLIENT", "DEPENDENT_CHILD": "CHILD"}
AREAS = {
    "SOUTH": "SOUTH_KARELIA HELSINKI EAST_UUSIMAA CENTRAL_UUSIMAA KYMENLAAKSO WEST_UUSIMAA PAIJAT_HAME VANTAA_KERAVA",
    "EAST": "NORTH_SAVO CENTRAL_FINLAND SOUTH_SAVO NORTH_KARELIA",
    "INLAND": "PIRKANMAA KANTA_HAME SOUTH_OSTROBOTHNIA",
    "WEST": "SOUTHWEST_FINLAND SATAKUNTA OSTROBOTHNIA",
    "NORTH": "NORTH_OSTROBOTHNIA CENTRAL_OSTROBOTHNIA KAINUU LAPLAND",
}
AREA = {county: area for area, counties in AREAS.items() for county in counties.split()}
STAGES = ["_U", "NONE", "REPORT", "INVESTIGATION", "CHARGE", "CLOSED", "JUDGMENT"]
AGES = {"Y0T17": (0, 17), "Y18T29": (18, 29), "Y30T39": (30, 39), "Y40T49": (40, 49), "Y_GE50": (50, 999)}
CHILD_AGES = {"Y0T6": (0, 6), "Y7T12": (7, 12), "Y13T17": (13, 17), "Y_GE18": (18, 999)}
MAJORITY = {"MINOR": (0, 17), "ADULT": (18, 999)}
WAITING = {"D0T30": (0, 30), "D31T90": (31, 90), "D91T180": (91, 180), "D_GT180": (181, 99999)}
AWAY = {"M0T5": (0, 5), "M6T11": (6, 11), "M12T23": (12, 23), "M_GE24": (24, 9999)}
CHILDREN = {"N0": (0, 0), "N1": (1, 1), "N2": (2, 2), "N_GE3": (3, 99)}


def years(birth: dt.date, day: dt.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def place(number: int, classes: dict[str, tuple[int, int]]) -> str:
    return next(code for code, (lower, upper) in classes.items() if lower <= number <= upper)


def age(row: Any, day: dt.date, classes: dict[str, tuple[int, int]]) -> str:
    """The class of the age on a day; of who is known by the year of birth only, where both ends of it agree."""
    if not isinstance(row.birth_date, dt.date):
        return "_U"
    last = row.birth_date if row.birth_date_precision == "D" else dt.date(row.birth_date.year, 12, 31)
    low, high = max(0, years(last, day)), years(row.birth_date, day)
    return place(low, classes) if place(low, classes) == place(high, classes) else "_U"


def known(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.where(column.notna(), "_U")


class Counted:
    """The rows that a table counts in one period, with its dimensions as columns under their own ids."""

    def __init__(self, frames: dict[str, Frame], period: Period) -> None:
        self.frames, self.start, self.end = frames, period.start, period.end

    def within(self, table: str, column: str) -> Frame:
        """Records whose date is in the period, with the person's data."""
        rows = self.frames[table]
        rows = rows[rows[column].map(lambda day: isinstance(day, dt.date) and self.start <= day <= self.end)]
        return rows.merge(self.frames["person"], on="person_id") if "person_id" in rows else rows

    def open(self, rows: Frame, start: str, end: str, *, inclusive: bool = False) -> Frame:
        """Rows under way at the end of the last day; ``inclusive`` where ``end`` is itself a day of it."""

        def there(first: Any, last: Any) -> bool:
            if not isinstance(first, dt.date) or first > self.end:
                return False
            return not isinstance(last, dt.date) or last > self.end or (inclusive and last == self.end)

        return rows[[there(*ends) for ends in zip(rows[start], rows[end], strict=True)]]

    # persons

    @functools.cached_property
    def stays(self) -> Frame:
        frames = self.frames
        stays = frames["episode"].merge(frames["person"], on="person_id", suffixes=("", "_p"))
        main = frames["exploitation"][frames["exploitation"].is_primary.astype(bool)]
        forms = frames["exploitation_form"][frames["exploitation_form"].is_primary.astype(bool)]
        main = main.merge(forms[["exploitation_id", "form"]], on="exploitation_id")
        where = frames["exploitation_country"].groupby("exploitation_id").country.agg(set)
        main["place"] = main.exploitation_id.map(where).map(
            lambda found: "_U" if not isinstance(found, set) else "IN_FINLAND" if "FI" in found else
            "_U" if "_U" in found else "ABROAD"
        )  # fmt: skip
        kept = ["person_id", "exploitation_id", "form", "place", "industry", "recruitment", "exploiter_relation"]
        stays = stays.merge(main[kept], on="person_id", how="left")
        first = frames["citizenship"][frames["citizenship"].is_primary.astype(bool)]
        stays["citizenship"] = known(stays.person_id.map(first.set_index("person_id").country))
        victim = stays.role == "VICTIM"
        stays["form"] = known(stays.form).replace(FORM).where(victim, "_Z")
        for name in ("place", "industry", "recruitment"):
            stays[name] = known(stays[name])
        stays["relation"] = known(stays.exploiter_relation)
        stays["group"] = stays.role.map(GROUP)
        stays["reason"] = stays.exit_reason
        stays["age_class"] = self.aged(stays, "admission_date", MAJORITY)
        stays["age_group"] = self.aged(stays, "admission_date", AGES)
        stays["kind"] = stays.age_class.map({"ADULT": "ADULT_CLIENT", "MINOR": "MINOR_CLIENT", "_U": "_U"})
        stays["kind"] = stays.kind.where(stays.group == "CLIENT", "CHILD")
        names = {("F", "ADULT"): "WOMEN", ("F", "MINOR"): "GIRLS", ("M", "ADULT"): "MEN", ("M", "MINOR"): "BOYS"}
        stays["sex_age"] = [names.get(pair, "_U") for pair in zip(stays.sex, stays.age_class, strict=True)]
        return stays

    def aged(self, rows: Frame, day: str | dt.date, classes: dict[str, tuple[int, int]]) -> list[str]:
        return [age(row, getattr(row, day) if isinstance(day, str) else day, classes) for row in rows.itertuples()]

    def new(self, roles: str = "CLIENT", place: str = "") -> Frame:
        stays = self.stays[self.stays.is_new.astype(bool)]
        stays = stays[stays.admission_date.between(self.start, self.end)]
        stays = stays[(stays.group == roles) | (stays.role == roles)]
        return stays[stays.place == place] if place else stays

    def status_on(self, stays: Frame, column: str | dt.date) -> Frame:
        held = self.frames["residence_status"].groupby("person_id")

        def status(row: Any) -> str:
            day = getattr(row, column) if isinstance(column, str) else column
            if row.person_id not in held.groups:
                return "_U"
            rows = held.get_group(row.person_id).sort_values("valid_from")
            ongoing = rows.valid_to.map(lambda last: not isinstance(last, dt.date) or last >= day)
            valid = rows[(rows.valid_from <= day) & ongoing]
            return str(valid.status.iloc[-1]) if len(valid) else "_U"

        found = [status(row) for row in stays.itertuples()]
        return stays.assign(residence_status=[RESIDENCE.get(code, code) for code in found])

    def stock(self, *roles: str) -> Frame:
        stays = self.open(self.stays, "admission_date", "exit_date")
        stays = stays[stays.role.isin(roles)] if roles else stays
        return stays.assign(
            age_on_admission=stays.age_class,
            age_at_end=self.aged(stays, self.end, MAJORITY),
            age=self.aged(stays, self.end, CHILD_AGES),
        )

    def exits(self) -> Frame:
        gone = self.stays.exit_date.map(lambda day: isinstance(day, dt.date) and self.start <= day <= self.end)
        return self.stays[gone]

    def clients(self) -> Frame:
        return self.stock("VICTIM", "WITNESS")

    def provided(self, stays: Frame) -> Frame:
        rows = self.open(self.frames["provision"], "start_date", "end_date", inclusive=True)
        rows = rows.sort_values("start_date").groupby("episode_id").last()
        none = rows.county.isna() & rows.municipality.isna()
        rows["area"] = rows.county.map(AREA).where(rows.county.notna(), "_U").where(~none, "_Z")
        return stays.assign(**{name: known(stays.episode_id.map(rows[name])) for name in ("provider", "payer", "area")})

    def furthest(self, stays: Frame, table: str, column: str, date: str, order: list[str]) -> "pd.Series[Any]":
        rows = self.frames[table]
        rows = rows[rows[date] <= self.end]
        rank = rows[column].map(order.index).groupby(rows.person_id).max()
        return known(stays.person_id.map(rank.map(lambda number: order[number])))

    def families(self) -> Frame:
        """Ties of children to guardians, with whether each of the two is in the system."""
        links = self.frames["family_link"]
        links = links[links.relation == "GUARDIAN"]
        here = self.stock()
        children = set(here[here.role == "DEPENDENT_CHILD"].person_id)
        others = set(here[here.role != "DEPENDENT_CHILD"].person_id)
        return links.assign(child=links.person_id.isin(children), guardian=links.related_person_id.isin(others))

    def with_children(self) -> Frame:
        ties = self.families()
        number = ties[ties.child].groupby("related_person_id").person_id.nunique()
        stays = self.clients()
        return stays.assign(children=[place(int(number.get(person, 0)), CHILDREN) for person in stays.person_id])

    def by_guardian(self) -> Frame:
        present = self.families().groupby("person_id").guardian.any()
        stays = self.stock("DEPENDENT_CHILD")
        codes = {True: "CLIENT", False: "NOT_CLIENT"}
        return stays.assign(guardian=[codes.get(present.get(person), "_U") for person in stays.person_id])

    def identified(self, stays: Frame) -> Frame:
        order = ["PRESUMED", "IDENT_OLD", "IDENT_S35"]
        found = self.furthest(stays, "identification", "status", "identified_date", order)
        return stays.assign(identification=found.where(stays.role == "VICTIM", "_Z"))

    def means(self) -> Frame:
        used = self.frames["exploitation_means"][["exploitation_id", "means"]]
        rows = self.new("VICTIM").merge(used, on="exploitation_id", how="left")
        return rows.assign(means=known(rows.means))

    def any_form(self) -> Frame:
        every = self.frames["exploitation"].merge(self.frames["exploitation_form"], on="exploitation_id")
        every = every[["person_id", "form"]].rename(columns={"form": "every"})
        rows = self.new().merge(every, on="person_id", how="left")
        return rows.assign(form=known(rows.every).replace(FORM).where(rows.role == "VICTIM", "_Z"))

    # cases

    def referrals(self, pending: bool = False) -> Frame:
        rows = self.frames["referral"].merge(self.frames["person"], on="person_id")
        decided = self.frames["decision"]
        decided = decided[(decided.decision_type == "ADMISSION") & decided.referral_id.notna()]
        gone = self.frames["status_event"]
        gone = gone[gone.status == "WITHDRAWN"]
        ends = pd.concat([decided.set_index("referral_id").decision_date, gone.set_index("referral_id").status_date])
        rows["closed"] = rows.referral_id.map(ends.groupby(level=0).min())
        if pending:
            rows = self.open(rows, "received_date", "closed")
        else:
            rows = rows[rows.received_date.between(self.start, self.end)]
        channel = self.frames["contact"].set_index("contact_id").channel
        given = {"PERSON": "PERSON", "GUARDIAN": "GUARDIAN", "REPRESENTATIVE": "REPRESENTATIVE"}
        return rows.assign(
            source_group=rows.source.map(lambda code: code if code in ("SELF", "_U") else "AUTH_ORG"),
            age_class=self.aged(rows, "received_date", MAJORITY),
            consent=[
                given.get(by, "GIVEN") if yes is True else "NOT_GIVEN" if yes is False else "_U"
                for yes, by in zip(rows.consent, rows.consent_by, strict=True)
            ],
            channel=[channel[key] if isinstance(key, str) else "_Z" for key in rows.contact_id],
            reason=rows.hold_reason.where(rows.hold_reason.notna(), "_Z"),
            waiting=[place((self.end - day).days, WAITING) if day <= self.end else "" for day in rows.received_date],
        )

    def decisions(self, *, rejections: bool = False) -> Frame:
        rows = self.within("decision", "decision_date")
        if rejections:
            rows = rows[(rows.outcome == "NEGATIVE") & (rows.decision_type == "ADMISSION")]
        return rows.assign(type=rows.decision_type, reason=known(rows.reason), statute=known(rows.statute))

    def appeals(self, date: str = "", *, pending: bool = False) -> Frame:
        about = self.frames["decision"].set_index("decision_id")
        rows = self.frames["appeal"]
        rows = rows.assign(
            person_id=rows.decision_id.map(about.person_id), type=rows.decision_id.map(about.decision_type)
        )
        rows = rows.merge(self.frames["person"], on="person_id")
        if pending:
            return self.open(rows, "appeal_date", "ruling_date")
        return rows[rows[date].map(lambda day: isinstance(day, dt.date) and self.start <= day <= self.end)]

    def identifications(self) -> Frame:
        rows = self.within("identification", "identified_date")
        return rows.assign(identification=rows.status)

    def readmissions(self) -> Frame:
        stays = self.stays
        before = stays.set_index(["person_id", "seq_no"])
        rows = stays[(stays.seq_no > 1) & stays.admission_date.between(self.start, self.end)]
        past = [before.loc[person, number - 1] for person, number in zip(rows.person_id, rows.seq_no, strict=True)]
        away = [
            12 * (day.year - row.exit_date.year) + day.month - row.exit_date.month - (day.day < row.exit_date.day)
            for day, row in zip(rows.admission_date, past, strict=True)
        ]
        return rows.assign(reason=[row.exit_reason for row in past], interval=[place(max(0, m), AWAY) for m in away])

    def services(self, *, on_last_day: bool = False) -> Frame:
        rows = self.frames["service"].merge(self.stays[["episode_id", "person_id", "sex"]], on="episode_id")
        rows = rows.assign(provider=known(rows.provider), payer=known(rows.payer))
        first = self.end if on_last_day else self.start
        ongoing = rows.end_date.map(lambda last: not isinstance(last, dt.date) or last >= first)
        return rows[(rows.start_date <= self.end) & ongoing]

    def periods(self) -> Frame:
        rows = self.within("assistance_period", "start_date")
        return rows.assign(type=rows.period_type, age_class=self.aged(rows, "start_date", MAJORITY))

    def pending_permits(self) -> Frame:
        rows = self.frames["permit"].merge(self.frames["person"], on="person_id")
        return self.open(rows, "application_date", "decision_date")

    def stages(self) -> Frame:
        rows = self.within("criminal_stage", "stage_date")
        rows = rows[~rows.stage.isin(["NONE", "_U"])]
        return rows.assign(title=["THB" if t is True else "OTHER" if t is False else "_U" for t in rows.title_thb])

    def contacts(self) -> Frame:
        rows = self.within("contact", "contact_date")
        return rows.assign(anonymity=rows.anonymous.map({True: "ANONYMOUS", False: "NAMED"}))


TABLES: dict[str, Callable[[Counted], Frame]] = {
    "fi_contacts_channel": Counted.contacts,
    "fi_contacts_source": Counted.contacts,
    "fi_referrals_source": Counted.referrals,
    "fi_referrals_source_group": Counted.referrals,
    "fi_referrals_sex_age_class": Counted.referrals,
    "fi_referrals_consent": Counted.referrals,
    "fi_referrals_channel": Counted.referrals,
    "fi_referrals_pending_source": lambda c: c.referrals(pending=True),
    "fi_referrals_pending_waiting": lambda c: c.referrals(pending=True),
    "fi_decisions_type_outcome": Counted.decisions,
    "fi_decisions_statute": Counted.decisions,
    "fi_decisions_rejection_reason": lambda c: c.decisions(rejections=True),
    "fi_appeals_decision_type": lambda c: c.appeals("appeal_date"),
    "fi_appeals_ruling": lambda c: c.appeals("ruling_date"),
    "fi_appeals_pending": lambda c: c.appeals(pending=True),
    "fi_identifications_status": Counted.identifications,
    "fi_new_clients_kind": lambda c: pd.concat([c.new(), c.new("CHILD")]),
    "fi_new_victims_sex_age": Counted.new,
    "fi_new_victims_sex_age_class": Counted.new,
    "fi_new_victims_age_group": Counted.new,
    "fi_new_victims_citizenship": Counted.new,
    "fi_new_victims_residence_status": lambda c: c.status_on(c.new(), "admission_date"),
    "fi_new_victims_form": Counted.new,
    "fi_new_victims_form_sex": Counted.new,
    "fi_new_victims_any_form": Counted.any_form,
    "fi_new_victims_place": Counted.new,
    "fi_new_victims_form_place": Counted.new,
    "fi_new_victims_means_sex": Counted.means,
    "fi_new_victims_means_form": Counted.means,
    "fi_new_victims_recruitment": lambda c: c.new("VICTIM"),
    "fi_new_victims_exploiter_relation": lambda c: c.new("VICTIM"),
    "fi_new_forced_labour_industry": lambda c: c.new().query("form == 'LAB'"),
    "fi_new_in_finland_form_sex": lambda c: c.new(place="IN_FINLAND"),
    "fi_new_in_finland_sex_age": lambda c: c.new(place="IN_FINLAND"),
    "fi_new_in_finland_citizenship": lambda c: c.new(place="IN_FINLAND"),
    "fi_new_in_finland_residence_status": lambda c: c.status_on(c.new(place="IN_FINLAND"), "admission_date"),
    "fi_new_in_finland_industry": lambda c: c.new(place="IN_FINLAND").query("form == 'LAB'"),
    "fi_new_abroad_form_sex": lambda c: c.new(place="ABROAD"),
    "fi_new_abroad_citizenship": lambda c: c.new(place="ABROAD"),
    "fi_new_children_age_sex": lambda c: c.new("CHILD").assign(
        age=c.aged(c.new("CHILD"), "admission_date", CHILD_AGES)
    ),
    "fi_stock_group": Counted.stock,
    "fi_stock_role": Counted.stock,
    "fi_stock_sex": Counted.clients,
    "fi_stock_age": Counted.clients,
    "fi_stock_form": Counted.clients,
    "fi_stock_citizenship": Counted.clients,
    "fi_stock_residence_status": lambda c: c.status_on(c.clients(), c.end),
    "fi_stock_identification": lambda c: c.identified(c.clients()),
    "fi_stock_provider": lambda c: c.provided(c.clients()),
    "fi_stock_payer": lambda c: c.provided(c.stock()),
    "fi_stock_region": lambda c: c.provided(c.clients()),
    "fi_stock_criminal_stage": lambda c: c.clients().assign(
        stage=c.furthest(c.clients(), "criminal_stage", "stage", "stage_date", STAGES)
    ),
    "fi_stock_children": Counted.with_children,
    "fi_stock_children_guardian": Counted.by_guardian,
    "fi_stock_children_age_sex": lambda c: c.stock("DEPENDENT_CHILD"),
    "fi_exits_reason": Counted.exits,
    "fi_exits_reason_role_sex": Counted.exits,
    "fi_readmissions_interval": Counted.readmissions,
    "fi_readmissions_reason": Counted.readmissions,
    "fi_services_kind_sex": Counted.services,
    "fi_services_kind_provider": Counted.services,
    "fi_services_kind_payer": Counted.services,
    "fi_services_open_kind": lambda c: c.services(on_last_day=True),
    "fi_periods_grantor": Counted.periods,
    "fi_periods_sex_age_class": Counted.periods,
    "fi_permits_applications": lambda c: c.within("permit", "application_date"),
    "fi_permits_ground_outcome": lambda c: c.within("permit", "decision_date"),
    "fi_permits_pending": Counted.pending_permits,
    "fi_returns_country": lambda c: c.within("assisted_return", "return_date"),
    "fi_criminal_stages_reached": Counted.stages,
    "fi_compensation_kind": lambda c: c.within("compensation", "decided_date"),
    "fi_compensation_amount": lambda c: c.within("compensation", "decided_date"),
    "fi_staff_hours_process": lambda c: c.within("staff_time", "month_date").rename(columns={"unit": "unit_of_staff"}),
}
#: A series is the table of the same figures, period by period.
SERIES = {
    "fi_series_referrals": "fi_referrals_source_group",
    "fi_series_referrals_pending": "fi_referrals_pending_waiting",
    "fi_series_decisions": "fi_decisions_type_outcome",
    "fi_series_rejections_reason": "fi_decisions_rejection_reason",
    "fi_series_new_clients": "fi_new_clients_kind",
    "fi_series_new_victims_sex_age": "fi_new_victims_sex_age",
    "fi_series_new_victims_form": "fi_new_victims_form",
    "fi_series_new_victims_place": "fi_new_victims_place",
    "fi_series_new_in_finland_form": "fi_new_in_finland_form_sex",
    "fi_series_identifications": "fi_identifications_status",
    "fi_series_stock": "fi_stock_group",
    "fi_series_stock_sex": "fi_stock_sex",
    "fi_series_exits_reason": "fi_exits_reason",
    "fi_series_services": "fi_services_kind_sex",
}
#: Tables that are recounted for these periods of a series.
LAST = 2


class Made:
    """A snapshot of made-up records held in memory."""

    id = "0123456789abcdef"

    def __init__(self, frames: dict[str, Frame]) -> None:
        self.frames = frames

    def attach(self, engine: Engine) -> None:
        for name in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(name)}
            engine.load(name, columns, self.frames[name][list(columns)])

    def synthetic_for(self, _system: str) -> bool:
        return True


def recounted(cube: Cube, frames: dict[str, Frame], period: Period) -> dict[tuple[str, ...], float]:
    """The figures of one period that are not zero."""
    spec = cube.spec
    rows = TABLES[SERIES.get(spec.id, spec.id)](Counted(frames, period))
    names = [dimension.id for dimension in spec.dimensions]
    found: dict[tuple[str, ...], float] = {}
    for size in range(len(names) + 1):
        for margin in itertools.combinations(names, size):
            groups = rows.groupby(list(margin)) if margin else [((), rows)]
            for codes, group in groups:
                at = dict(zip(margin, codes, strict=True))
                if spec.measure.function == "sum":
                    figure: float = int(group[spec.measure.field].fillna(0).sum()) / 100
                else:
                    figure = group[spec.measure.field].nunique()
                if figure:
                    found[period.code, *(at.get(name, "_T") for name in names)] = figure
    return found


@pytest.fixture(scope="module", params=[(1, "2023"), pytest.param((7, "2022"), marks=pytest.mark.slow)], ids=str)
def made(request: pytest.FixtureRequest) -> tuple[dict[str, Frame], dict[str, Cube]]:
    """The records of a seed, and the cubes of every table for a year."""
    seed, year = request.param
    frames = made_up(2015, 2024, seed).frames
    specs = [load(table) for table in (*TABLES, *SERIES)]
    return frames, {cube.spec.id: cube for cube in compute_all(specs, Made(frames), parse_period(year))}


@pytest.mark.parametrize("table", [*TABLES, *SERIES])
def test_recounted_from_the_records(made: tuple[dict[str, Frame], dict[str, Cube]], table: str) -> None:
    frames, cubes = made
    cube = cubes[table]
    assert cube.unplaced == 0
    for period in cube.periods[-LAST:]:
        expected = recounted(cube, frames, period)
        shown = {key: cell.value for key, cell in cube.cells.items() if key[0] == period.code and cell.value}
        assert set(shown) == set(expected)
        assert all(math.isclose(shown[key] or 0, figure) for key, figure in expected.items()), {
            key: (shown[key], figure) for key, figure in expected.items() if shown[key] != figure
        }
    assert cube.value(cube.periods[-1].code), "the synthetic records leave this table empty"


def test_every_count_table_is_recounted() -> None:
    national = {path.stem for path in paths_of_specs() if path.stem.startswith("fi_")}
    assert {table for table in national if not table.startswith(OTHERS)} == {*TABLES, *SERIES}
