"""The SQL of a table: its rows at their place in time, their codes, and every margin in one query of grouping sets.

Names in the query (view, columns, dimensions) come from checked definitions; codes are written as escaped literals.
A record with an imprecise date is in a flow only if its whole span lies in the period, and in a stock only if its
whole span of start lies before the end of the last day and no part of its span of end does.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from thassist.codes import UNKNOWN, Classification, classification, correspondence
from thassist.dates import Period
from thassist.tables import measures
from thassist.tables.model import Dimension, TableSpec
from thassist.tables.views import SPAN_END, View, expand, view, view_sql

#: Stands for units without a code in a dimension whose ``rest`` are counted in totals only; no code is called so.
REST = "_REST"
#: Codes that say something about a record rather than about its category; a correspondence need not name them.
_SPECIAL = ("_U", "_Z")


@dataclass(frozen=True, slots=True)
class GroupingSet:
    """One set of columns that is counted: the column of each dimension in it, and the bits that mark its rows."""

    columns: dict[str, str]
    mask: int


class TableQuery:
    """The queries of one table for its periods.

    Args:
        spec: a checked spec.
        periods: the periods shown.
        relation: where the rows of a view stand for a period, where they are kept; else its query is part of the text.

    Raises:
        InvalidDefinition: a definition that the spec names does not exist or is wrong.
    """

    def __init__(
        self, spec: TableSpec, periods: Sequence[Period], relation: Callable[[str, Period], str] | None = None
    ) -> None:
        self._spec = spec
        self._relation = relation
        self._periods = periods
        self._view = view(spec.population.view, f"{spec.id}.toml")
        self._coders = [_Coder(number, dimension, self._view) for number, dimension in enumerate(spec.dimensions)]
        self.columns = [column for coder in self._coders for column in coder.columns]
        self.sets = self._grouping_sets()

    def cells(self) -> str:
        """The query of all margins: period number, bits of the grouping set, the columns' codes, what is computed."""
        sets = ", ".join(f"({', '.join(['period', *found.columns.values()])})" for found in self.sets)
        bits = f"GROUPING({', '.join(['period', *self.columns])}) AS mask"
        figures = measures.function(self._spec.measure).aggregates(self._spec.measure)
        shown = ", ".join(["period", bits, *self.columns, *figures])
        return f"{self._coded()} SELECT {shown} FROM coded GROUP BY GROUPING SETS ({sets})"  # noqa: S608

    def outside(self) -> str:
        """The query that counts, for each dimension, the records whose code its classification does not contain."""
        counts = ", ".join(f"COUNT(*) FILTER (WHERE {coder.columns[0]} IS NULL)" for coder in self._coders)
        return f"{self._coded()} SELECT {counts} FROM coded"  # noqa: S608

    @property
    def levels(self) -> list[list[str]]:
        """For each dimension its columns of codes, those of the codes above last."""
        return [coder.columns for coder in self._coders]

    def cell(self, codes: Mapping[str, str]) -> str:
        """The query of one figure in the first period: codes by dimension; at its total where not named."""
        at = ["period = 0"]
        for coder in self._coders:
            if coder.dimension.id in codes:
                code = _literal(codes[coder.dimension.id])
                at.append(f"({' OR '.join(f'{column} = {code}' for column in coder.columns)})")
        figures = measures.function(self._spec.measure).aggregates(self._spec.measure)
        shown = ", ".join([*figures, "COUNT(*) AS m_rows"])
        return f"{self._coded()} SELECT {shown} FROM coded WHERE {' AND '.join(at)}"  # noqa: S608

    def members(self, fields: Sequence[str]) -> str:
        """The query of who stands where: period number, the columns' codes, fields of the view. Persons are in it."""
        shown = ", ".join(["period", *self.columns, *fields])
        return f"{self._coded(fields)} SELECT DISTINCT {shown} FROM coded"  # noqa: S608

    def unplaced(self) -> str:
        """The query that counts the units of the population whose dates are too imprecise for any period shown.

        An event is unplaced where its span touches a period shown and lies in none; a stay, where its dates leave open
        whether it was under way at the end of a period shown.
        """
        certain = [f"({self._certain(period)})" for period in self._periods]
        touching = [f"({self._touching(period)})" for period in self._periods]
        if self._spec.time.reference in ("flow", "cohort"):
            when = f"({' OR '.join(touching)}) AND NOT ({' OR '.join(certain)})"
        else:
            pairs = zip(touching, certain, strict=True)
            when = " OR ".join(f"({possible} AND NOT {sure})" for possible, sure in pairs)
        rows = self._rows(self._periods[-1], when, ["1 AS unit"])
        return f"SELECT {measures.units(self._spec.measure)} FROM ({rows}) AS unplaced"  # noqa: S608

    def _grouping_sets(self) -> list[GroupingSet]:
        all_bits = 2 ** len(self.columns) - 1
        found = []
        for margin in self._spec.margins:
            coders = [coder for coder in self._coders if coder.dimension.id in margin]
            for chosen in itertools.product(*(coder.columns for coder in coders)):
                bits = sum(1 << (len(self.columns) - 1 - self.columns.index(column)) for column in chosen)
                names = dict(zip((coder.dimension.id for coder in coders), chosen, strict=True))
                found.append(GroupingSet(names, all_bits - bits))
        return found

    def _coded(self, more: Sequence[str] = ()) -> str:
        fields = dict.fromkeys([*more, *(field for coder in self._coders for field in coder.fields)])
        placed = " UNION ALL ".join(
            f"({self._rows(period, self._certain(period), [f'{number} AS period', *fields])})"
            for number, period in enumerate(self._periods)
        )
        kept = ["r.period", *(f"r.{column}" for column in (*measures.names(self._spec.measure), *more))]
        codes = [text for coder in self._coders for text in coder.expressions]  # windows see the rows of the population
        joins = " ".join(coder.join for coder in self._coders if coder.join)
        return (
            f"WITH placed AS ({placed}), "  # noqa: S608
            f"coded AS (SELECT {', '.join([*kept, *codes])} FROM placed AS r {joins})"
        )

    def _rows(self, period: Period, when: str, fields: Iterable[str]) -> str:
        """The rows of the population that have their place where a condition says, with what is measured in them."""
        name, measure = self._spec.population.view, self._spec.measure
        where = [f"({self._plain(self._spec.population.where, period)})"] if self._spec.population.where else []
        shown = [*measures.columns(measure, self._plain(measure.where, period)), *fields]
        rows = f"SELECT * FROM {self._relation(name, period)}" if self._relation else view_sql(name, period)  # noqa: S608
        return (
            f"WITH rows_of_view AS ({rows}) "  # noqa: S608
            f"SELECT {', '.join(shown)} FROM rows_of_view WHERE {' AND '.join([*where, f'({when})'])}"
        )

    def _plain(self, condition: str, period: Period) -> str:
        return condition and expand(condition, period, f"{self._spec.id}.toml", self._spec.parameters)

    def _certain(self, period: Period) -> str:
        """The condition that a record surely has its place in the period."""
        time, first, last = self._spec.time, _day(period.start), _day(period.end)
        if time.reference in ("stock", "during"):
            day = last if time.reference == "stock" else first
            return f"{_end(time.start)} <= {last} AND ({time.end} IS NULL OR {time.end} > {day})"
        begun = "" if time.reference == "to_date" else f"{time.date} >= {first} AND "
        return f"{begun}{_end(time.date)} <= {last}"

    def _touching(self, period: Period) -> str:
        """The condition that it may have its place there."""
        time, first, last = self._spec.time, _day(period.start), _day(period.end)
        if time.reference in ("stock", "during"):
            day = last if time.reference == "stock" else first
            return f"{time.start} <= {last} AND ({time.end} IS NULL OR {_end(time.end)} > {day})"
        begun = "" if time.reference == "to_date" else f" AND {_end(time.date)} >= {first}"
        return f"{time.date} <= {last}{begun}"


def _day(day: dt.date) -> str:
    return f"DATE '{day}'"


def _end(column: str) -> str:
    return SPAN_END.format(column, f"{column}_precision")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Coder:
    """How one dimension gets its code from the row: a table of codes joined to it, or bounds compared with it."""

    def __init__(self, number: int, dimension: Dimension, source: View) -> None:
        self.dimension = dimension
        self._target = classification(dimension.classification)
        self._rest = _literal(REST) if dimension.rest else "NULL"
        listed = self._target.unknown_code in self._target.codes
        self._unknown = _literal(self._target.unknown_code) if listed else self._rest
        mapped = correspondence(dimension.via).targets if dimension.via and not dimension.combined else {}
        if UNKNOWN in mapped:
            self._unknown = _literal(mapped[UNKNOWN])
        self._extra = source.columns[dimension.field].extra if dimension.rest else ()
        self._field = dimension.field
        self.join = ""
        if source.columns[dimension.field].type == "number":
            upper = source.columns[dimension.field].upper or dimension.field
            self.fields = [dimension.field, upper]
            self.columns = [f"d{number}_0"]
            self.expressions = [f"{self._bounded(upper)} AS d{number}_0"]
        elif dimension.combined:
            self._combine(number, classification(source.columns[dimension.field].classification))
        else:
            self.fields = [dimension.field]
            self._map(number)

    def _map(self, number: int) -> None:
        found = self._targets().items()
        paths = {source: _path(self._target, code) if self.dimension.parents else [code] for source, code in found}
        depth = max((len(path) for path in paths.values()), default=1) if self.dimension.parents else 1
        self.columns = [f"d{number}_{level}" for level in range(depth)]
        rows = [
            f"({', '.join([_literal(source), self._rest, *['NULL'] * (depth - 1)])})" for source in self._without(paths)
        ]
        for source, path in paths.items():
            levels = ["NULL" if code is None else _literal(code) for code in path]
            padded = [*levels, *["NULL"] * (depth - len(levels))]
            rows.append(f"({', '.join([_literal(source), *padded])})")
        names = ", ".join(["source", *(f"level_{level}" for level in range(depth))])
        self.join = f"LEFT JOIN (VALUES {', '.join(rows)}) AS m{number}({names}) ON m{number}.source = r.{self._field}"
        unknown = f"CASE WHEN r.{self._field} IS NULL THEN {self._unknown} ELSE m{number}.level_0 END"
        self.expressions = [f"{unknown} AS {self.columns[0]}"]
        self.expressions += [f"m{number}.level_{level} AS d{number}_{level}" for level in range(1, depth)]

    def _combine(self, number: int, recorded: Classification) -> None:
        """Every code becomes a bit, a unit the bits of its rows, and the bits the code for that set.

        Codes without a counterpart and those not known add nothing: who has no other is not known.
        """
        self.fields, self.columns = [self.dimension.field], [f"d{number}_0"]
        mapped = dict(correspondence(self.dimension.via).targets) if self.dimension.via else {}
        mapped = mapped or {code: code for code in recorded.codes if code != recorded.unknown_code}
        bits = {code: 1 << place for place, code in enumerate(sorted(set(mapped.values())))}
        rows = [f"({_literal(source)}, {bits[code]})" for source, code in mapped.items()]
        rows += [f"({_literal(source)}, 0)" for source in self._without(mapped)]
        if recorded.unknown_code not in mapped:
            rows.append(f"({_literal(recorded.unknown_code)}, 0)")
        rows = list(dict.fromkeys(rows))
        self.join = (
            f"LEFT JOIN (VALUES {', '.join(rows)}) AS m{number}(source, bit) ON m{number}.source = r.{self._field}"
        )
        made = f"BIT_OR(COALESCE(m{number}.bit, 0)) OVER (PARTITION BY r.period, r.{measures.UNIT})"
        sets = [
            f"WHEN {sum(bits[member] for member in members)} THEN {_literal(code)}"
            for code, members in self._target.members.items()
            if members <= bits.keys()
        ]
        self.expressions = [
            (
                f"CASE WHEN r.{self._field} IS NOT NULL AND m{number}.source IS NULL THEN NULL "
                f"ELSE CASE {made} WHEN 0 THEN {self._unknown} {' '.join(sets)} ELSE {self._rest} END END "
                f"AS {self.columns[0]}"
            )
        ]

    def _without(self, mapped: Iterable[str]) -> list[str]:
        """The recorded codes that have no code here, where the spec says what becomes of them."""
        if not self.dimension.rest:
            return []
        declared = correspondence(self.dimension.via).without if self.dimension.via else {}
        known = set(mapped)
        return [code for code in dict.fromkeys([*declared, *self._extra]) if code not in known]

    def _targets(self) -> dict[str, str]:
        if self.dimension.via:
            targets = dict(correspondence(self.dimension.via).targets)
        else:
            targets = {code: code for code in self._target.codes}
        for ref in self.dimension.older:
            for code, target in correspondence(ref).targets.items():
                targets.setdefault(code, target)
        for code in _SPECIAL:
            if code in self._target.codes:
                targets.setdefault(code, code)
        if self._target.unknown_code in self._target.codes:
            targets.setdefault(UNKNOWN, self._target.unknown_code)
        return targets

    def _bounded(self, upper: str) -> str:
        low, high = self._class_of(self._field), self._class_of(upper)
        return (
            f"CASE WHEN r.{self._field} IS NULL OR r.{upper} IS NULL THEN {self._unknown} "
            f"WHEN {low} IS NULL OR {high} IS NULL THEN NULL "
            f"WHEN {low} = {high} THEN {low} ELSE {self._unknown} END"
        )

    def _class_of(self, field: str) -> str:
        cases = []
        for code in self._target.codes.values():
            bounds = [f"r.{field} >= {code.lower}"] if code.lower is not None else []
            bounds += [f"r.{field} <= {code.upper}"] if code.upper is not None else []
            if bounds:
                cases.append(f"WHEN {' AND '.join(bounds)} THEN {_literal(code.code)}")
        return f"CASE {' '.join(cases)} END"


def _path(target: Classification, code: str) -> list[str | None]:
    """The code with all codes above it, the highest first; each code stands at one place in every path.

    Where codes stand below several that overlap, the code itself is first, and each code above has a place of its own.
    """
    overlapping = any(len(known.parents) > 1 for known in target.codes.values())
    above = _above(target, code)
    if not overlapping:
        return [*reversed(above), code]
    inner = dict.fromkeys(parent for known in target.codes.values() for parent in known.parents)
    return [code, *(parent if parent in above else None for parent in inner)]


def _above(target: Classification, code: str) -> list[str]:
    """All codes above one, the nearest first."""
    found = list(target.codes[code].parents)
    for parent in found:
        found += [up for up in target.codes[parent].parents if up not in found]
    return found
