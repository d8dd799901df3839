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


@dataclass(frozen=True, slots=True)
class Time:
    """How a record gets its place in time.

    Attributes:
        reference: ``flow`` or ``stock``.
        date: for a flow, the column of the event's date.
        start, end: for a stock, the columns of the first and the last date of what is open.
        periods: how many periods of the asked length are shown, the asked one last.
    """

    reference: str
    date: str
    start: str
    end: str
    periods: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The date columns used; each has its ``<name>_precision`` beside it."""
        return (self.date,) if self.reference == "flow" else (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One classification by which the table is broken down. ``response`` is ``single`` or ``multiple``."""

    id: str
    classification: str
    via: str
    field: str
    response: str
    parents: bool
    titles: Texts

    @property
    def multiple(self) -> bool:
        """Whether a unit may stand in several categories, so that they do not add up to the total."""
        return self.response == "multiple"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is computed: ``count_distinct`` of ``field``, or ``count`` of rows."""

    function: str
    field: str
    decimals: int


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

    def dimension(self, dimension_id: str) -> Dimension:
        """One dimension by its id.

        Raises:
            KeyError: the table has no such dimension.
        """
        for dimension in self.dimensions:
            if dimension.id == dimension_id:
                return dimension
        raise KeyError(dimension_id)
