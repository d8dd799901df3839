"""What the definition of a table says, as typed and unchangeable values; ``spec.py`` reads it from its file."""

from dataclasses import dataclass, field

#: In a layout: the periods, beside the ids of the dimensions.
TIME = "time"

#: A text by language.
Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Population:
    """Who or what is counted: the rows of ``view`` that meet ``where`` (all, if it is empty), and the same in words."""

    view: str
    where: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class Unit:
    """What one count is: a person, a referral; ``labels`` names it beside the figures (``henkilöä``)."""

    statistical_unit: str
    counting_rule: str
    labels: Texts


#: How a record gets its place in time, with the date columns that say so.
REFERENCES = {
    "flow": ("date",),
    "cohort": ("date",),
    "to_date": ("date",),
    "stock": ("start", "end"),
    "during": ("start", "end"),
}


@dataclass(frozen=True, slots=True)
class Time:
    """How a record gets its place in time.

    Attributes:
        reference: ``flow``: what happened in the period. ``stock``: what is open at the end of its last day.
            ``cohort``: what happened in the period, followed for ``horizon`` days; not known while a horizon is not
            over. ``during``: what was open on at least one day. ``to_date``: what has happened by the end of it.
        date: the column of the event's date.
        start, end: the columns of the first date of what is open, and of the first date on which it no longer is.
        periods: how many periods of the asked length are shown, the asked one last.
        frequency: length of the shown periods (``M``, ``Q``, ``S``, ``A``) where it is shorter than that of the asked
            one: a year by months. Empty: as asked.
        horizon: days for which a cohort is followed.
    """

    reference: str
    date: str
    start: str
    end: str
    periods: int
    frequency: str = ""
    horizon: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The date columns used; each has its ``<name>_precision`` beside it."""
        return tuple(getattr(self, name) for name in REFERENCES[self.reference])


@dataclass(frozen=True, slots=True)
class Dimension:
    """One classification by which the table is broken down.

    Attributes:
        via: the correspondence by which the recorded codes become those of ``classification``, where they differ.
        older: correspondences for codes that were recorded under older versions of the classification of the field.
        response: ``single``; ``multiple``, where a unit stands in every category that it has; or ``combined``, where it
            stands once, in the code for the set of its categories (``Classification.members``).
        rest: ``total`` where units without a code here are counted in totals only, which the other side asks for:
            codes declared to have no counterpart, and those not known where the classification has no such code.
    """

    id: str
    classification: str
    via: str
    field: str
    response: str
    parents: bool
    titles: Texts
    older: tuple[str, ...] = ()
    rest: str = ""

    @property
    def combined(self) -> bool:
        """Whether a unit stands in the code for the set of its categories."""
        return self.response == "combined"

    @property
    def multiple(self) -> bool:
        """Whether a unit may stand in several categories, so that they do not add up to the total."""
        return self.response == "multiple"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is computed; ``tables/measures.py`` has the functions.

    Attributes:
        function: ``count_distinct``, ``count``, ``distinct``, ``sum``, ``median``, ``quantile``, ``share``,
            ``rate``, ``proportion``, ``survival_median`` or ``survival_share``.
        field: the column that is counted, added up or ranked; for a survival the time until the event or until now.
        decimals: to which a figure is rounded, half away from zero.
        where: of a share, the condition that the units of its numerator meet.
        over: of a proportion, the dimensions whose total is its denominator.
        per: of a share or a rate, how many units of the denominator it is told for: 100 makes per cent.
        population: of a rate, the file of resident population (``reports/population``).
        by: of a rate, dimension → column of that file; other dimensions are divided by the whole population.
        probability: of a quantile.
        event: of a survival, the flag column that is true where the event has come.
        after: of ``survival_share``, the time after which the share still without the event is told, in units of the
            field.
        divisor: by which a figure is divided before it is rounded: 30.4375 makes months of days.
    """

    function: str
    field: str
    decimals: int
    where: str = ""
    per: int = 100
    probability: float = 0.5
    event: str = ""
    after: int = 0
    divisor: float = 1
    over: tuple[str, ...] = ()
    population: str = ""
    by: tuple[tuple[str, str], ...] = ()

    @property
    def additive(self) -> bool:
        """Whether the figures of single-response categories add up to their total: true of counts and sums."""
        return self.function in ("count_distinct", "count", "sum")

    @property
    def counts(self) -> bool:
        """Whether each figure is a number of units, and not computed from one."""
        return self.function in ("count_distinct", "count")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table is shown: dimensions down the side (``stub``) and across the top (``heading``)."""

    form: str
    stub: tuple[str, ...]
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """The definition of one table; see the module for each part.

    Attributes:
        margins: the sets of dimensions that are computed, each in the order of ``dimensions``; ``()`` is the total.
        notes: the file's own notes, then the standing ones that apply.
        check_measure: key of the grand total that other tables must share, or an empty string.
        parameters: numbers that conditions use as ``$name`` and texts show as ``{name}``; ``horizon`` is one of them.
        concepts: what the figures rest on, so that a break of comparability may touch it; see ``reports/breaks.toml``.
    """

    id: str
    version: str
    status: str
    titles: Texts
    population: Population
    unit: Unit
    time: Time
    dimensions: tuple[Dimension, ...]
    measure: Measure
    zeros: str
    margins: tuple[tuple[str, ...], ...] = field(repr=False)
    layout: Layout
    notes: tuple[Texts, ...] = field(repr=False)
    check_measure: str
    parameters: dict[str, int] = field(default_factory=dict)
    concepts: tuple[str, ...] = ()

    def dimension(self, dimension_id: str) -> Dimension:
        """One dimension by its id.

        Raises:
            KeyError: the table has no such dimension.
        """
        for dimension in self.dimensions:
            if dimension.id == dimension_id:
                return dimension
        raise KeyError(dimension_id)
