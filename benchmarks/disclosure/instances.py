"""Seeded instances of linked, hierarchical tables of counts, on which methods of disclosure control are compared.

The sizes and the order of the random draws are fixed, so that ``S:1`` is the same instance wherever it is made: skewed
categories (1/rank), and for four records in ten the nationality depends on region and exploitation.
"""

from dataclasses import dataclass

import numpy as np

from thassist.disclosure.equations import Population, System, Variable


@dataclass(frozen=True)
class Hierarchy:
    """A variable: codes level by level below the total, each with its parent ("" for the first level)."""

    name: str
    parents: dict[str, str]
    level: dict[str, int]

    @property
    def depth(self) -> int:
        return max(self.level.values())

    @property
    def leaves(self) -> list[str]:
        return [code for code, level in self.level.items() if level == self.depth]

    def above(self, code: str, depth: int) -> str:
        """The ancestor of a code at a level; the total at level 0."""
        while self.level[code] > depth:
            if depth == 0:
                return "_T"
            code = self.parents[code]
        return code


@dataclass(frozen=True)
class Instance:
    """Hierarchies, tables (variable → level shown), and the records: a leaf of each variable."""

    name: str
    hierarchies: tuple[Hierarchy, ...]
    tables: tuple[dict[str, int], ...]
    records: np.ndarray

    def codes(self, table: dict[str, int]) -> dict[str, list[str]]:
        """The codes that a table shows, by variable."""
        return {
            each.name: ["_T", *(code for code, level in each.level.items() if level <= table[each.name])]
            for each in self.hierarchies
            if table.get(each.name)
        }

    def population(self) -> Population:
        variables = tuple(Variable.tree(each.name, each.parents) for each in self.hierarchies)
        bare = Population("records", variables, ())
        blocks = tuple(bare.block(f"table{number}", self.codes(table)) for number, table in enumerate(self.tables))
        return Population("records", variables, blocks)

    def system(self) -> System:
        return System.build([self.population()])

    def micro(self, table: dict[str, int]) -> dict[str, list[str]]:
        """The records as a table's variables: column → code at the level that it shows."""
        found = {}
        for place, each in enumerate(self.hierarchies):
            if table.get(each.name):
                leaves = each.leaves
                codes = [each.above(leaf, table[each.name]) for leaf in leaves]
                found[each.name] = [codes[leaf] for leaf in self.records[:, place]]
        return found


def _hierarchy(name: str, *branches: int) -> Hierarchy:
    parents: dict[str, str] = {}
    level: dict[str, int] = {}
    above = [""]
    for depth, branch in enumerate(branches, start=1):
        made = []
        for parent in above:
            for _ in range(branch):
                code = f"{name[0].upper()}{depth}x{len(parents) + 1:03d}"
                parents[code], level[code] = parent, depth
                made.append(code)
        above = made
    return Hierarchy(name, parents, level)


def _shape(size: str) -> tuple[list[Hierarchy], list[dict[str, int]], int]:
    region, nat, expl, sex = "region", "nat", "expl", "sex"
    if size == "tiny":
        return [_hierarchy(region, 3, 3), _hierarchy(expl, 3, 2)], [{region: 2, expl: 2}], 350
    if size == "mid2d":
        return [_hierarchy(region, 6, 5), _hierarchy(nat, 5, 6)], [{region: 2, nat: 2}], 3000
    if size == "single":
        return (
            [_hierarchy(region, 4, 3), _hierarchy(expl, 3, 2), _hierarchy(sex, 2)],
            [{region: 2, expl: 2, sex: 1}],
            400,
        )
    regions, nats, records = {"S": ((4, 3), (3, 4), 600), "M": ((8, 5), (6, 8), 3000)}[size]
    linked = [
        {region: 2, expl: 2},
        {region: 1, sex: 1, "age": 1},
        {nat: 2, sex: 1},
        {nat: 2, expl: 1},
        {region: 1, nat: 1, sex: 1},
        {sex: 1, "age": 1, expl: 2},
    ]
    variables = [_hierarchy(region, *regions), _hierarchy(nat, *nats), _hierarchy(sex, 2), _hierarchy("age", 3)]
    return [*variables, _hierarchy(expl, 3, 2)], linked, records


def instance(size: str, seed: int, *, records: int = 0, quarters: bool = False) -> Instance:
    """One instance. ``quarters`` adds four quarters and the year to every table."""
    rng = np.random.default_rng(seed)
    hierarchies, tables, count = _shape(size)
    count = records or count
    if quarters:
        hierarchies.append(_hierarchy("quarter", 4))
        tables = [{**table, "quarter": 1} for table in tables]
    rng.integers(0, 1 << 30, count)  # keeps the later draws where they are
    columns = []
    for each in hierarchies:
        size_ = len(each.leaves)
        weight = 1 / np.arange(1, size_ + 1) ** (0.35 if each.name in {"sex", "quarter", "age"} else 1.0)
        order = np.argsort(rng.permutation(size_))
        columns.append(rng.choice(size_, count, p=(weight / weight.sum())[order]))
    drawn = np.stack(columns, 1)
    names = [each.name for each in hierarchies]
    if "nat" in names:
        linked = rng.random(count) < 0.4
        nat, region = names.index("nat"), names.index("region")
        extra = drawn[linked, names.index("expl")] if "expl" in names else 0
        drawn[linked, nat] = (drawn[linked, region] * 3 + extra) % len(hierarchies[nat].leaves)
    label = f"{size}+quarters:{seed}" if quarters else f"{size}:{seed}"
    return Instance(label, tuple(hierarchies), tuple(tables), drawn)
