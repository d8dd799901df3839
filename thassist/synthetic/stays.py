"""A client's stay in the system while it is being made: what the published figures count, before dates and keys."""

import datetime as dt
from dataclasses import dataclass
from random import Random

#: Exit half-year of a stay that is still open.
OPEN = 10**6
_AGE_GROUPS = ((18, "Y0T17"), (30, "Y18T29"), (40, "Y30T39"), (50, "Y40T49"), (60, "Y50T59"), (200, "Y_GE60"))
_SEX_AGE = {("F", "ADULT"): "WOMEN", ("F", "MINOR"): "GIRLS", ("M", "ADULT"): "MEN", ("M", "MINOR"): "BOYS"}


@dataclass(slots=True, eq=False)
class Stay:
    """One stay of one client. Half-years are counted as ``2 * year`` for the first and one more for the second.

    Attributes:
        role: ``VICTIM``, ``WITNESS`` or ``DEPENDENT_CHILD``.
        half: half-year of admission; ``admission``: the day.
        form: published class of the primary form, ``_Z`` for a witness or a child.
        place: ``IN_FINLAND``, ``ABROAD`` or ``_Z``.
        exit_half: half-year in which the stay ends, :data:`OPEN` where it does not.
        earlier: the client's stay before this one; None for a new client.
        guardian: the stay of a child's guardian.
        settled: attributes that are no longer free.
    """

    role: str
    half: int
    admission: dt.date
    sex: str = "_U"
    birth: dt.date = dt.date.min
    form: str = "_Z"
    place: str = "_Z"
    citizenship: str = "_U"
    status: str = "_U"
    industry: str | None = None
    exit_half: int = OPEN
    exit: dt.date | None = None
    earlier: "Stay | None" = None
    guardian: "Stay | None" = None
    settled: frozenset[str] = frozenset()

    @property
    def year(self) -> int:
        """Year of admission."""
        return self.half // 2

    @property
    def age(self) -> int:
        """Completed years on the day of admission."""
        return age_on(self.birth, self.admission)

    @property
    def age_class(self) -> str:
        """``MINOR`` or ``ADULT`` on the day of admission."""
        return "MINOR" if self.age < 18 else "ADULT"

    @property
    def age_group(self) -> str:
        """Published age group on the day of admission; those of 60 and more apart."""
        age = self.age
        return next(code for bound, code in _AGE_GROUPS if age < bound)

    @property
    def sex_age(self) -> str:
        """Woman, girl, man or boy on the day of admission."""
        return _SEX_AGE[self.sex, self.age_class]

    def copy_person_from(self, other: "Stay") -> None:
        """Take over what belongs to the person and not to the stay."""
        for name in ("sex", "birth", "form", "place", "citizenship", "status", "industry"):
            setattr(self, name, getattr(other, name))


def age_on(birth: dt.date, day: dt.date) -> int:
    """Completed years of age."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def half_of(year: int, period: str) -> tuple[int, int]:
    """First and last half-year of a published period: ``H1``, ``H2`` or ``Y``."""
    return {"H1": (2 * year, 2 * year), "H2": (2 * year + 1, 2 * year + 1), "Y": (2 * year, 2 * year + 1)}[period]


def half_start(half: int) -> dt.date:
    """First day of a half-year."""
    return dt.date(half // 2, 1 + 6 * (half % 2), 1)


def half_end(half: int) -> dt.date:
    """Last day of a half-year."""
    return half_start(half + 1) - dt.timedelta(days=1)


def half_on(day: dt.date) -> int:
    """The half-year in which a day lies."""
    return 2 * day.year + (day.month > 6)


def working_day(rng: Random, first: dt.date, last: dt.date) -> dt.date:
    """A day between two days (both included), Monday to Friday where the span has one.

    Statistics look at the last day of a period, so the callers never put an admission or an exit on it: whether
    that day still belongs to a stay is then no question.
    """
    day = first + dt.timedelta(days=rng.randint(0, (last - first).days))
    for shifted in (day, day - dt.timedelta(days=2), day + dt.timedelta(days=2)):
        if shifted.weekday() < 5 and first <= shifted <= last:
            return shifted
    return day


def years_apart_certain(birth_year: int, day: dt.date) -> bool:
    """Whether the age group on a day is the same for every day of a year of birth."""
    ages = (age_on(dt.date(birth_year, 12, 31), day), age_on(dt.date(birth_year, 1, 1), day))
    return len({next(code for bound, code in _AGE_GROUPS if age < bound) for age in ages}) == 1
