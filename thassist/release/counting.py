"""The counting rules that tables name: what each means in words, and which sums over time it promises."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.messages import LANGUAGES
from thassist.tables.definition import Reader

_FILE = "counting_rules.toml"


@dataclass(frozen=True, slots=True)
class CountingRule:
    """How a unit gets into a figure.

    Attributes:
        additive_over_time: every unit is counted in exactly one period of any length (validation rule R47).
        balances: the stock moves by what begins and what ends (validation rule R46).
        texts: the rule in words.
    """

    additive_over_time: bool
    balances: bool
    texts: dict[str, str]


def counting_rules() -> dict[str, CountingRule]:
    """All counting rules by id.

    Raises:
        InvalidDefinition: their file is missing or wrong.
    """
    path = _data.reports_dir() / _FILE
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@cache
def _read(path: Path, _mtime_ns: int) -> dict[str, CountingRule]:
    reader = Reader(path)
    data = _data.read_toml(path)
    reader.keys(data, "", ("schema", "rule"))
    found = {}
    for name, block in reader.block(data, "rule").items():
        place = f"rule.{name}"
        reader.keys(block, place, (), ("additive_over_time", "balances", *LANGUAGES))
        found[name] = CountingRule(
            reader.flag(block, place, "additive_over_time"),
            reader.flag(block, place, "balances"),
            reader.texts(block, place),
        )
    if reader.problems:
        raise reader.problems[0].error()
    return found


def rule_of(name: str) -> CountingRule:
    """One counting rule; one that is not listed promises nothing.

    Raises:
        InvalidDefinition: the file of counting rules is missing or wrong.
    """
    return counting_rules().get(name, CountingRule(additive_over_time=False, balances=False, texts={}))
