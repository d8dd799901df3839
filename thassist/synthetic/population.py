"""The clients: how many are admitted in which half-year, who they are, and when they leave.

Numbers of admissions are fixed; what the persons are is drawn from the assumptions and then brought to the
published figures (:mod:`thassist.synthetic.calibrate`).
"""

import datetime as dt
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw
from thassist.synthetic.calibrate import Moves, Proposal
from thassist.synthetic.stays import OPEN, Stay, half_end, half_start, working_day
from thassist.synthetic.targets import figure

_AGE_SPANS = {"Y18T29": (18, 29), "Y30T39": (30, 39), "Y40T49": (40, 49), "Y50T59": (50, 59), "Y_GE60": (60, 72)}
_PERSON = frozenset({"sex", "birth", "form", "place", "citizenship", "status", "industry"})


def population(assumed: Assumptions, rng: Random) -> list[Stay]:
    """All stays from the opening stock to the last year, drawn but not yet calibrated."""
    first, last = assumed.years
    drawn = Draws(assumed)
    stays = _opening(assumed, drawn, rng)
    for year in range(first, last + 1):
        stays += _new_of_year(assumed, drawn, year, rng)
    for year in range(first, last + 1):
        stays += _readmitted(assumed, drawn, stays, year, rng)
    return stays


class Draws:
    """How each attribute of a stay is drawn, first and again."""

    def __init__(self, assumed: Assumptions) -> None:
        self.assumed = assumed
        self.first_half = 2 * assumed.years[0]
        self.last_half = 2 * assumed.years[1] + 1

    @property
    def moves(self) -> Moves:
        """What the first calibration may change: all but citizenship, residence and industry."""
        proposals: dict[str, Proposal] = {
            "form": self.form,
            "place": self.place,
            "sex": self.sex,
            "birth": self.birth,
            "exit_half": self.exit_half,
        }
        together: dict[str, list[tuple[str, ...]]] = {
            "form": [("form",), ("form", "place"), ("form", "sex")],
            "place": [("place",), ("form", "place")],
            "sex": [("sex",), ("form", "sex")],
            "birth": [("birth",), ("birth", "exit_half")],
            "exit_half": [("exit_half",)],
        }
        return Moves(proposals, together, self.allowed)

    def allowed(self, stay: Stay) -> bool:
        """Whether a stay ends after the half-year in which it began, and its form and age can occur."""
        if stay.role == "DEPENDENT_CHILD":
            return stay.exit_half > stay.half
        known = stay.role == "WITNESS" or stay.form in self.assumed.shares("forms", stay.place, year=stay.year)
        old_enough = stay.age >= self.assumed["age"]["minors_from"]
        return known and old_enough and stay.exit_half >= max(stay.half + 1, self.first_half)

    def place(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Place of exploitation, and half the time a form that is usual there."""
        share = self.assumed.at("place", "in_finland", stay.year)
        place = "IN_FINLAND" if rng.random() < share else "ABROAD"
        shares = self.assumed.shares("forms", place, year=stay.year)
        if stay.form in shares and rng.random() < 0.5:
            return {"place": place}
        return {"place": place, "form": draw(rng, shares)}

    def form(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Primary form by place and year."""
        return {"form": draw(rng, self.assumed.shares("forms", stay.place, year=stay.year))}

    def sex(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Sex by form."""
        women: float = self.assumed["sex"]["women"][stay.form]
        return {"sex": "F" if rng.random() < women else "M"}

    def birth(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Date of birth by form, through the age on the day of admission."""
        ages = self.assumed["age"]
        # Drawn again, every second proposal is of the other class: the age classes are what is mostly published.
        turned = stay.birth != dt.date.min and rng.random() < 0.5
        minor = stay.age >= 18 if turned else rng.random() < ages["minor_share"][stay.form]
        span = (ages["minors_from"], 17) if minor else _AGE_SPANS[draw(rng, ages["adults"])]
        return {"birth": born(rng, rng.randint(*span), stay.admission)}

    def exit_half(self, stay: Stay, rng: Random) -> dict[str, object]:
        """Half-year of exit: every half-year after the admission a share of those still there leaves."""
        who = "children" if stay.role == "DEPENDENT_CHILD" else "victims"
        for half in range(max(stay.half + 1, self.first_half), self.last_half + 1):
            if rng.random() < self.assumed.at("exits", who, half // 2):
                return {"exit_half": half}
        return {"exit_half": OPEN}

    def whole_person(self, stay: Stay, rng: Random) -> None:
        """Draw a victim anew."""
        for proposal in (self.place, self.sex, self.birth, self.exit_half):
            for name, value in proposal(stay, rng).items():
                setattr(stay, name, value)


def born(rng: Random, age: int, on: dt.date) -> dt.date:
    """A day of birth of a person who has completed ``age`` years on a day."""
    youngest = years_before(on, age)
    oldest = years_before(on, age + 1) + dt.timedelta(days=1)
    day = oldest + dt.timedelta(days=rng.randint(0, (youngest - oldest).days))
    # Whether one born on 29 February is a year older on 28 February is a question that synthetic data need not put.
    return born(rng, age, on) if (day.month, day.day) == (2, 29) else day


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years before; 28 February instead of the 29th."""
    return dt.date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)


def day_in_half(assumed: Assumptions, half: int, rng: Random) -> dt.date:
    """A working day of a half-year, never the last days of a quarter."""
    late = rng.random() < assumed["calendar"]["second_quarter_of_half"]
    middle = half_start(half).replace(month=half_start(half).month + 3)
    first, end = (middle, half_end(half)) if late else (half_start(half), middle)
    return working_day(rng, first, end - dt.timedelta(days=3))


def _opening(assumed: Assumptions, drawn: Draws, rng: Random) -> list[Stay]:
    opening = assumed["opening_stock"]
    first = assumed.years[0]

    def half() -> int:
        return rng.randrange(2 * opening["admitted_from"], 2 * first)

    stays = [_victim(assumed, drawn, half(), rng) for _ in range(opening["victims"])]
    return stays + [_child(drawn, half(), rng) for _ in range(opening["children"])]


def _new_of_year(assumed: Assumptions, drawn: Draws, year: int, rng: Random) -> list[Stay]:
    whole = figure(year, "Y", "new_clients_victims") or 0
    first = figure(year, "H1", "new_clients_victims") or assumed["new_clients"]["first_half"][str(year)]
    witnesses = assumed["witnesses"]["new"].get(str(year), 0)
    children = assumed["new_children"]["halves"][year - assumed.years[0]]
    stays: list[Stay] = []
    for half, victims, minors in ((2 * year, first, children[0]), (2 * year + 1, whole - first, children[1])):
        present = witnesses if half % 2 else 0
        stays += [_victim(assumed, drawn, half, rng) for _ in range(victims - present)]
        stays += [_witness(assumed, drawn, half, rng) for _ in range(present)]
        stays += [_child(drawn, half, rng) for _ in range(minors)]
    return stays


def _victim(assumed: Assumptions, drawn: Draws, half: int, rng: Random) -> Stay:
    stay = Stay("VICTIM", half, day_in_half(assumed, half, rng))
    drawn.whole_person(stay, rng)
    return stay


def _witness(assumed: Assumptions, drawn: Draws, half: int, rng: Random) -> Stay:
    stay = Stay("WITNESS", half, day_in_half(assumed, half, rng), settled=frozenset({"form", "place"}))
    for proposal in (drawn.sex, drawn.birth, drawn.exit_half):
        for name, value in proposal(stay, rng).items():
            setattr(stay, name, value)
    return stay


def _child(drawn: Draws, half: int, rng: Random) -> Stay:
    # Who the child is follows from the guardian, who is found when all exits are known.
    stay = Stay("DEPENDENT_CHILD", half, half_start(half), settled=_PERSON)
    stay.exit_half = int(str(drawn.exit_half(stay, rng)["exit_half"]))
    return stay


def _readmitted(assumed: Assumptions, drawn: Draws, stays: list[Stay], year: int, rng: Random) -> list[Stay]:
    plan = assumed["readmissions"]
    victims = [2 * year + rng.randrange(2) for _ in range(plan["victims"].get(str(year), 0))]
    witnesses = [2 * year] * plan["witnesses"].get(str(year), 0)
    made = [_return_of(assumed, drawn, stays, "VICTIM", half, rng) for half in victims]
    return made + [_return_of(assumed, drawn, stays, "WITNESS", half, rng) for half in witnesses]


def _return_of(assumed: Assumptions, drawn: Draws, stays: list[Stay], role: str, half: int, rng: Random) -> Stay:
    """A second stay of a client who was admitted at least two years before; the first stay ends in between."""

    def able(stay: Stay) -> bool:
        free = stay.role == role and "exit_half" not in stay.settled
        return free and drawn.first_half <= stay.half <= half - 4 and stay.age >= 18

    first = rng.choice([stay for stay in stays if able(stay)])
    first.exit_half = rng.randrange(first.half + 1, half)
    first.settled = _PERSON - {"citizenship", "status", "industry"} | {"exit_half"}
    again = Stay(role, half, day_in_half(assumed, half, rng), earlier=first, settled=_PERSON)
    again.copy_person_from(first)
    again.exit_half = int(str(drawn.exit_half(again, rng)["exit_half"]))
    return again
