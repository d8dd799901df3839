"""Finding pairs of persons that may be one (Fellegi and Sunter 1969), in one query of the engine.

Blocking joins on equal keys only, so the work grows with the pairs that share a key and not with all pairs. What is
not known of either person neither speaks for nor against. No value of a person leaves this module: a candidate is two
keys, a probability and the reasons' names.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from thassist.duplicates.model import Comparison, LinkageModel, check_columns, load
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, Dataset, empty_frame, fields, sql_type

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two persons that may be one.

    Attributes:
        person, other: their keys, in the order of the alphabet.
        probability: that they are one person, by the model.
        weight: its match weight in bits: the prior's odds and what the comparisons add.
        reasons: what speaks for it, the strongest first, as :meth:`LinkageModel.reason` takes them.
    """

    person: str
    other: str
    probability: float
    weight: float
    reasons: tuple[str, ...]


def candidates(
    dataset: Dataset, *, decided: Collection[Pair] = (), model: LinkageModel | None = None
) -> list[Candidate]:
    """Pairs of persons that may be one, the likeliest first.

    Args:
        dataset: the records; of the model's tables, others are not looked at.
        decided: pairs on which a decision stands; they are left out.
        model: how to look; ``reports/duplicates`` where left out.

    Raises:
        InvalidDefinition: the model is wrong.
    """
    model = model or load()
    with Engine() as engine:
        for table in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(table)}
            engine.load(table, columns, dataset.frames.get(table, empty_frame(table)))
        systems = ", ".join(f"'{system}'" for system in model.systems)
        engine.view("_all", model.features)
        check_columns(model, list(engine.columns("_all")))
        engine.keep(
            "feature",
            f"SELECT * FROM _all WHERE person_id IN "  # noqa: S608 - codes and names of a checked definition
            f"(SELECT person_id FROM person WHERE reporting_system IN ({systems}))",
        )
        ((persons,),) = engine.rows("SELECT count(*) FROM feature")
        rows = engine.rows(_query(model, max(2, persons)))
    known = {tuple(sorted(pair)) for pair in decided}
    return [_candidate(model, row) for row in rows if (row[0], row[1]) not in known]


def _candidate(model: LinkageModel, row: tuple[object, ...]) -> Candidate:
    person, other, weight, *levels = row
    bits = float(str(weight))
    named = []
    for comparison, found in zip(model.comparisons, levels, strict=True):
        level = found if isinstance(found, list) else None
        if level and level[0] is not None and comparison.levels[int(level[0])].reason and level[1] > 0:
            named.append((-float(level[1]), f"{comparison.id}.{int(level[0])}"))
    probability = 1 / (1 + 2**-bits)
    return Candidate(str(person), str(other), probability, bits, tuple(name for _, name in sorted(named)))


def _query(model: LinkageModel, persons: int) -> str:
    """One query: pairs that share a key, the level of each comparison, and the sum of the weights."""
    blocks = []
    for block in model.blocking:
        same = " AND ".join(
            f"({_of('l', one)}) = ({_of('r', other)})" for one, other in zip(block.left, block.right, strict=True)
        )
        blocks.append(
            "SELECT least(l.person_id, r.person_id) AS person, greatest(l.person_id, r.person_id) AS other "  # noqa: S608
            f"FROM feature l JOIN feature r ON {same} WHERE l.person_id <> r.person_id"
        )
    shares = ", ".join(
        f'count(*) OVER (PARTITION BY "{name}") / count(*) OVER () AS "_share_{name}"' for name in model.shares
    )
    shared = f"SELECT *{', ' + shares if shares else ''} FROM feature"  # noqa: S608
    levels = ", ".join(f"{_level(one)} AS level_{number}" for number, one in enumerate(model.comparisons))
    share_of_pairs = 2 * model.expected_share / (persons - 1)
    prior = math.log2(share_of_pairs / (1 - min(share_of_pairs, 0.99)))
    total = " + ".join([f"({prior!r})", *(f"coalesce(level_{n}[2], 0)" for n in range(len(model.comparisons)))])
    least = math.log2(model.least_probability / (1 - model.least_probability))
    names = ", ".join(f"level_{number}" for number in range(len(model.comparisons)))
    return f"""
        WITH pair AS ({" UNION ".join(blocks)}),
             shared AS ({shared}),
             compared AS (
                 SELECT pair.person, pair.other, {levels}
                 FROM pair JOIN shared l ON l.person_id = pair.person JOIN shared r ON r.person_id = pair.other
             )
        SELECT person, other, {total} AS weight, {names} FROM compared
        WHERE {total} >= {least!r}
        ORDER BY weight DESC, person, other
    """  # noqa: S608


def _level(comparison: Comparison) -> str:
    """SQL for the first level that holds and its weight, as a list of two; NULL where not known."""
    branches = []
    for number, level in enumerate(comparison.levels):
        u = (
            f'least(greatest(l."_share_{level.share}", r."_share_{level.share}"), 0.99)'
            if level.share
            else repr(level.u)
        )
        branches.append(f"WHEN {level.when} THEN [{number}, log2({level.m!r} / {u})]")
    return f"CASE WHEN NOT coalesce({comparison.known}, FALSE) THEN NULL {' '.join(branches)} END"


def _of(alias: str, expression: str) -> str:
    """An expression over the columns of one person, for the alias of that person."""
    parsed = sqlglot.parse_one(expression, dialect="duckdb")
    for column in parsed.find_all(exp.Column):
        column.set("table", exp.to_identifier(alias))
    return parsed.sql(dialect="duckdb")
