"""Protecting and auditing any tables of counts, without thassist's records, tables or releases.

As a user of GaussSuppression or tau-ARGUS would call it: a pandas frame of persons (or of combinations with their
number), the tables to publish as lists of variables, the hierarchies, and a policy::

    done = protect(frame, {"by_form": ["region", "form"], "by_sex": ["region", "sex"]}, Rule(threshold=5),
                   hierarchies={"region": ["municipality", "county"]})
    done.safe            # nothing may be published otherwise
    done.tables["by_form"]

Tables given together are protected together, and with everything in ``published``. The frame's columns name the
leaves; every table also shows all totals and all levels of its variables, unless it says which codes it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from thassist.disclosure.attack import Records
from thassist.disclosure.audit import Audit, audit_system
from thassist.disclosure.equations import TOTAL, Block, FloatArray, IntArray, Population, System, Variable
from thassist.disclosure.merging import MOST, merges
from thassist.disclosure.protect import Protection, protect_system
from thassist.disclosure.rule import PolicyLike, Rule
from thassist.errors import InvalidDefinition, UnreadableInput

#: A table: the variables it shows, or by variable the codes it shows (None for all).
Table: TypeAlias = Sequence[str] | Mapping[str, Sequence[str] | None]
#: A hierarchy: the frame's columns from fine to coarse, or code → parent.
Hierarchy: TypeAlias = Sequence[str] | Mapping[str, str]

COUNT, STATUS = "count", "status"
PUBLISHED, WITHHELD = "published", "withheld"


@dataclass
class Protected:
    """Protected tables.

    Attributes:
        protection: pattern, audit and loss; confidential, for it holds the true values.
        tables: by name a tidy frame: a column a variable, ``count`` (missing where withheld) and ``status``.
    """

    protection: Protection
    tables: dict[str, pd.DataFrame] = field(repr=False)

    @property
    def safe(self) -> bool:
        """Whether the audit passed. If not, nothing of this may be published."""
        return self.protection.safe

    @property
    def audit(self) -> Audit | None:
        """What the attackers found."""
        return self.protection.audit

    def loss(self) -> dict[str, int]:
        """Cells withheld because they are small (``primary``), to protect those (``secondary``), and their persons."""
        return self.protection.loss()

    def dearest(self, most: int = 10) -> pd.DataFrame:
        """The secondary cells that hide the most persons. Confidential: true values."""
        cells = self.protection.dearest(most)
        rows = [(*self.protection.system.name(int(c))[1:], int(self.protection.truth[c])) for c in cells]
        variables = [variable.name for variable in self.protection.system.populations[0].variables]
        return pd.DataFrame(rows, columns=[*variables, COUNT])

    def merges(self, policy: PolicyLike | Rule, most: int = MOST) -> pd.DataFrame:
        """Which two sibling classes to join, and what that saves; the ``most`` promising pairs by protecting again.

        For a design before anything is out. Periods are not joined. Pairs that were only estimated have no ``saves``.
        """
        variables = self.protection.system.populations[0].variables
        time = {variable.name for variable in variables if _is_time(variable)}
        rows = [
            (each.variable, *each.codes, each.small, *each.withheld, each.saves, *each.shown)
            for each in merges(self.protection, Rule.of(policy), most=most, keep=time)
        ]
        joined = ["withheld", "withheld_joined", "saves", "figures", "figures_joined"]
        found = pd.DataFrame(rows, columns=["variable", "one", "other", "fewer_small", *joined])
        return found.astype({"withheld_joined": "Int64", "saves": "Int64"})

    def findings(self) -> pd.DataFrame:
        """What the audit found, for those who have to mend it. Confidential."""
        found = self.audit.findings if self.audit else []
        system = self.protection.system
        rows = [("/".join(system.name(f.cell)), str(f.verdict), f.attacker, f.low, f.high) for f in found]
        rows += [
            (
                "/".join(system.name(each.cell)),
                "impossible",
                "; ".join("/".join(system.name(c)) for c in each.because),
                0,
                0,
            )
            for each in self.protection.impossible
        ]
        return pd.DataFrame(rows, columns=["cell", "verdict", "attacker", "low", "high"])


def protect(
    frame: pd.DataFrame,
    tables: Mapping[str, Table],
    policy: PolicyLike | Rule,
    published: Mapping[str, pd.DataFrame] | Sequence[Mapping[str, pd.DataFrame]] | None = None,
    *,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    count: str | None = None,
    must_stay: Sequence[Mapping[str, str]] = (),
) -> Protected:
    """Withhold as little as possible so that nobody can be found out, over all these tables at once.

    Args:
        frame: one row a person, or a combination with its number; its columns hold leaf codes.
        tables: what is to be published.
        policy: threshold, attackers, width.
        published: tables that are out already, tidy as :attr:`Protected.tables`; they can no longer change.
        hierarchies: by variable. Variables without one are flat. For time use codes such as ``2024-Q1`` and ``2024``.
        count: the column with the number of persons, where rows are combinations.
        must_stay: addresses (variable → code, the others at their total) that may not be withheld to protect others.

    Returns:
        The tables with their audit. Look at :attr:`Protected.safe` first.

    Raises:
        InvalidDefinition: a table or hierarchy names what is not there.
        UnreadableInput: the numbers are not whole and at least zero.
    """
    rule = Rule.of(policy)
    earlier = [published] if isinstance(published, Mapping) else list(published or ())
    names = _variables_of(tables, earlier)
    variables = [_variable(name, (hierarchies or {}).get(name), frame, tables, earlier) for name in names]
    population = Population("persons", tuple(variables), ())
    blocks = [_block(population, name, table) for name, table in tables.items()]
    for out in earlier:
        blocks += [_block(population, name, _shown(table, names)) for name, table in out.items()]
    system = System.build([Population("persons", tuple(variables), tuple(blocks))])
    leaves, numbers = _records(frame, variables, hierarchies or {}, count)
    truth = system.count(0, leaves, numbers)
    public, withheld = np.zeros(system.size, bool), np.zeros(system.size, bool)
    for out in earlier:
        for table in out.values():
            cells = _cells(system, table, names)
            hidden = table[COUNT].isna().to_numpy(bool)
            withheld[cells[hidden]] = True
            public[cells[~hidden]] = True
            if (truth[cells[~hidden]] != table[COUNT].to_numpy(float, na_value=np.nan)[~hidden]).any():
                raise UnreadableInput("disclosure.published_differs")
    stay = np.zeros(system.size, bool)
    for address in must_stay:
        stay[system.cells("persons", {name: [code] for name, code in address.items()})] = True
    known = Records(leaves, numbers)
    found = protect_system(system, truth, rule, records={0: known}, public=public, withheld=withheld, must_stay=stay)
    return Protected(
        found,
        {
            name: _frame(system, found, block.nodes, table)
            for (name, table), block in zip(tables.items(), blocks, strict=False)
        },
    )


def audit(
    tables: Mapping[str, pd.DataFrame] | Protected,
    policy: PolicyLike | Rule,
    *,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
    absent: str = "unknown",
) -> Audit:
    """Play the attacker against any published tables.

    Args:
        tables: by name a tidy frame: a column a variable, ``count`` missing where withheld; or a :class:`Protected`.
        policy: threshold, attackers, width. Insiders need the truth and are only played for what :func:`protect` gave.
        hierarchies: by variable code → parent; others are flat. ``_T`` is the total.
        absent: what a combination is that a table leaves out: ``unknown`` or ``zero``.

    Raises:
        InvalidDefinition: a hierarchy lacks a code.
    """
    rule = Rule.of(policy)
    if isinstance(tables, Protected):
        done = tables.protection
        return audit_system(
            done.system,
            done.published,
            done.withheld,
            rule,
            truth=done.truth,
            records=done.records,
            witnesses=done.audit.witnesses if done.audit else (),
        )
    names = _variables_of({}, [tables])
    empty = pd.DataFrame()
    variables = [_variable(name, (hierarchies or {}).get(name), empty, {}, [tables]) for name in names]
    population = Population("persons", tuple(variables), ())
    blocks = [_block(population, name, _shown(table, names)) for name, table in tables.items()]
    system = System.build([Population("persons", tuple(variables), tuple(blocks))])
    value, withheld = np.full(system.size, np.nan), np.zeros(system.size, bool)
    if absent == "zero":
        value[system.shown] = 0.0
    for table in tables.values():
        cells = _cells(system, table, names)
        numbers = table[COUNT].to_numpy(float, na_value=np.nan)
        value[cells] = numbers
    for table in tables.values():
        cells = _cells(system, table, names)
        withheld[cells[table[COUNT].isna().to_numpy(bool) & np.isnan(value[cells])]] = True
    return audit_system(system, value, withheld, rule)


def _variables_of(tables: Mapping[str, Table], frames: Sequence[Mapping[str, pd.DataFrame]]) -> list[str]:
    named = {name for table in tables.values() for name in table}
    named |= {str(c) for out in frames for table in out.values() for c in table.columns if c not in {COUNT, STATUS}}
    return sorted(named)


def _variable(
    name: str,
    hierarchy: Hierarchy | None,
    frame: pd.DataFrame,
    tables: Mapping[str, Table],
    earlier: Sequence[Mapping[str, pd.DataFrame]],
) -> Variable:
    codes = {str(code) for out in earlier for table in out.values() if name in table for code in table[name]}
    for table in tables.values():
        shown = table.get(name) if isinstance(table, Mapping) else None
        codes |= set(shown or ())
    codes.discard(TOTAL)
    try:
        if isinstance(hierarchy, Mapping):
            made = Variable.tree(name, {str(code): str(parent) for code, parent in sorted(hierarchy.items())})
        elif hierarchy is not None:
            made = Variable.levels(name, frame[list(hierarchy)].astype(str).itertuples(index=False, name=None))
        else:
            made = _flat(name, codes | set(frame[name].astype(str) if name in frame else ()))
    except (KeyError, ValueError) as error:
        raise InvalidDefinition("disclosure.bad_hierarchy", variable=name, code=str(error.args[0])) from error
    missing = codes - set(made.codes)
    if missing:
        raise InvalidDefinition("disclosure.no_code", variable=name, code=min(missing))
    return made


def _flat(name: str, codes: set[str]) -> Variable:
    """Codes without a hierarchy; codes that are all periods fall apart into the shortest ones."""
    try:
        return Variable.periods(name, codes) if codes else Variable.groups(name, [TOTAL], {})
    except ValueError:
        return Variable.groups(name, sorted(codes), {})


def _is_time(variable: Variable) -> bool:
    try:
        Variable.periods(variable.name, variable.codes[1:])
    except ValueError:
        return False
    return len(variable.codes) > 1


def _block(population: Population, name: str, table: Table) -> Block:
    shown = {}
    for variable in population.variables:
        if variable.name in table:
            codes = table[variable.name] if isinstance(table, Mapping) else None
            shown[variable.name] = list(variable.codes if codes is None else codes)
    return population.block(name, shown)


def _shown(table: pd.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    return {name: sorted(set(table[name].astype(str))) for name in names if name in table}


def _cells(system: System, table: pd.DataFrame, names: Sequence[str]) -> IntArray:
    if COUNT not in table:
        raise InvalidDefinition("disclosure.no_column", column=COUNT)
    return system.cells("persons", {name: table[name].astype(str).tolist() for name in names if name in table})


def _records(
    frame: pd.DataFrame, variables: Sequence[Variable], hierarchies: Mapping[str, Hierarchy], count: str | None
) -> tuple[IntArray, IntArray]:
    columns = []
    for variable in variables:
        hierarchy = hierarchies.get(variable.name)
        column = variable.name if hierarchy is None or isinstance(hierarchy, Mapping) else hierarchy[0]
        if column not in frame:
            raise InvalidDefinition("disclosure.no_column", column=column)
        single = variable.member.sum(1) == 1
        leaf = {code: int(variable.member[node].argmax()) for code, node in variable.place.items() if single[node]}
        if TOTAL in leaf and len(leaf) > 1:
            del leaf[TOTAL]
        codes = frame[column].astype(str)
        unknown = set(codes) - set(leaf)
        if unknown:
            raise InvalidDefinition("disclosure.no_code", variable=variable.name, code=min(unknown))
        columns.append(codes.map(leaf).to_numpy(np.int64))
    table = np.stack(columns, 1) if columns else np.zeros((len(frame), 0), np.int64)
    numbers = np.ones(len(frame)) if count is None else pd.to_numeric(frame[count], errors="coerce").to_numpy(float)
    if np.isnan(numbers).any() or (numbers < 0).any() or (numbers != np.rint(numbers)).any():
        raise UnreadableInput("disclosure.not_counts", column=count or "")
    present = numbers > 0
    kinds, place = np.unique(table[present], axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), weights=numbers[present], minlength=kinds.shape[0])
    return kinds.astype(np.int64), np.rint(total).astype(np.int64)


def _frame(system: System, found: Protection, nodes: tuple[IntArray, ...], table: Table) -> pd.DataFrame:
    variables = system.populations[0].variables
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*nodes, indexing="ij")], 1)
    cells = system.find(0, grid)
    hidden = found.withheld[cells]
    data: dict[str, Any] = {
        variable.name: [variable.codes[node] for node in grid[:, axis].tolist()]
        for axis, variable in enumerate(variables)
        if variable.name in table
    }
    values: FloatArray = np.where(hidden, np.nan, found.truth[cells])
    data[COUNT] = pd.array([None if gone else int(v) for gone, v in zip(hidden, values, strict=True)], "Int64")
    data[STATUS] = np.where(hidden, WITHHELD, PUBLISHED)
    return pd.DataFrame(data)
