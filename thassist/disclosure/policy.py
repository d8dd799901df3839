"""The policy of disclosure control: what the office has decided, read from ``reports/disclosure.toml``.

The file says from which size on a figure may be shown, against whom it is protected, which margins must stay public and
by which method each package is protected. It cannot say that nothing is protected: there is no such value, and no
command has such an option. Another audience is another package with another name.

An approval names who decided, when, under which reference, and the digest of the rules that were decided on. A changed
rule makes the approval void, and a public release of real records is refused without one that stands.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import AuditFailed
from thassist.tables.definition import Problem, Reader, nearest
from thassist.tables.spec import load, paths_of_specs

FILE = "disclosure.toml"
#: The least threshold that is permitted: below it two persons counted together would know each other's facts.
LEAST_THRESHOLD = 3
METHODS = ("suppression", "rounding")
BASES = (3, 5)
HORIZONS = ("period", "half-year", "year")
ATTACKERS = ("outsider_rules", "outsider", "insider")
ZEROS = ("shown", "hidden")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who decided, when, where that is recorded, and on which rules (their digest)."""

    by: str
    on: dt.date | None
    reference: str
    content: str

    @property
    def complete(self) -> bool:
        """Whether nothing is missing; whether it is for the present rules :attr:`Policy.approved` tells."""
        return bool(self.by and self.on and self.reference and self.content)


@dataclass(frozen=True, slots=True)
class PackageRule:
    """How one package is protected.

    Attributes:
        release: the id of the package; empty for the rule of all that are not named.
        method: ``suppression`` or ``rounding`` (additive, controlled).
        base: 3 or 5 for rounding; 0 for suppression.
        horizon: the later periods planned together with the first one: ``period`` (none), ``half-year``, ``year``.
        together: other packages about the same people.
    """

    release: str
    method: str
    base: int
    horizon: str
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicMargin:
    """Margins that must stay public: of each table, the sets of dimensions; ``()`` is its grand total."""

    tables: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the office has decided.

    Attributes:
        version: of the file; in the ledger and in the report of the audit.
        threshold: figures from 1 to ``threshold - 1`` persons are withheld.
        zeros_shown: whether zeros are printed, which tells every reader that a withheld figure is at least 1.
        symbol: the one sign for everything withheld.
        width: the least distance, in persons, between the ends of what a reader can work out for a withheld figure.
        attackers: whom the audit plays; some of :data:`ATTACKERS`.
        protect_seconds, audit_seconds: limits of time; work that is not finished by then is not published.
        packages: rules by package.
        default: the rule of every other package.
        public: margins that must stay public.
        approval: who decided.
        digest: SHA-256 of all rules, the approval left out.
    """

    version: str
    threshold: int
    zeros_shown: bool
    symbol: str
    width: int
    attackers: tuple[str, ...]
    protect_seconds: int
    audit_seconds: int
    packages: Mapping[str, PackageRule]
    default: PackageRule
    public: tuple[PublicMargin, ...]
    approval: Approval
    digest: str = field(repr=False)

    @property
    def approved(self) -> bool:
        """Whether somebody has approved exactly these rules."""
        return self.approval.complete and self.approval.content == self.digest

    def package(self, release: str) -> PackageRule:
        """The rule of a package; the default one where it has none of its own."""
        return self.packages.get(release, self.default)

    def together(self, release: str) -> tuple[str, ...]:
        """The packages that are planned and audited as one with this one, itself included, by name."""
        groups = [{name, *rule.together} for name, rule in self.packages.items()]
        found = {release}
        while more := [group for group in groups if group & found and not group <= found]:
            found.update(*more)
        return tuple(sorted(found))

    def must_stay(self, table: str) -> frozenset[tuple[str, ...]]:
        """The sets of dimensions of a table whose figures must not be withheld, each sorted by name."""
        return frozenset(
            tuple(sorted(names)) for margin in self.public if table in margin.tables for names in margin.sets
        )

    def require_approval(self, release: str, *, synthetic: bool) -> None:
        """Refuse a public release under rules that nobody has approved.

        Made-up records are nobody's; they are labelled as such in every file and need no approval.

        Raises:
            AuditFailed: there is no approval, or it was given for other rules.
        """
        if synthetic or self.approved:
            return
        key = "policy.approval_void" if self.approval.complete else "policy.not_approved"
        raise AuditFailed(key, release=release, file=FILE, digest=self.digest)


def policy() -> Policy:
    """The policy of this office.

    Raises:
        InvalidDefinition: the file is missing or wrong; the first fault is named. :func:`lint` tells all of them.
    """
    found, problems = read(path())
    if problems:
        raise problems[0].error()
    return found


def path() -> Path:
    """Where the policy stands."""
    return _data.reports_dir() / FILE


def lint() -> list[Problem]:
    """Everything that is wrong with the policy of this office.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    return read(path())[1]


def read(file: Path) -> tuple[Policy, list[Problem]]:
    """The policy in a file as far as it can be read, and everything that is wrong with it.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(file)
    data = reader.open(("version", "approval", "rule", "attackers", "limits", "default"), ("package", "public"))
    rule = reader.block(data, "rule")
    reader.keys(rule, "rule", ("threshold", "zeros", "symbol", "width"))
    limits = reader.block(data, "limits")
    reader.keys(limits, "limits", ("protect", "audit"))
    found = Policy(
        version=reader.string(data, "", "version"),
        threshold=reader.number(rule, "rule", "threshold", default=5, least=LEAST_THRESHOLD),
        zeros_shown=reader.choice(rule, "rule", "zeros", ZEROS, "shown") == "shown",
        symbol=_symbol(reader, rule),
        width=reader.number(rule, "rule", "width", default=3, least=1),
        attackers=_attackers(reader, data),
        protect_seconds=reader.number(limits, "limits", "protect", default=600, least=1),
        audit_seconds=reader.number(limits, "limits", "audit", default=600, least=1),
        packages=_packages(reader, data),
        default=_package(reader, reader.block(data, "default"), "default"),
        public=_public(reader, data),
        approval=_approval(reader, data),
        digest=digest(data),
    )
    return found, reader.problems


def digest(data: Mapping[str, Any]) -> str:
    """The SHA-256 of the rules in a file: of their canonical JSON without the approval.

    Comments and the order of keys do not count; the order within a list does.
    """
    rules = {key: value for key, value in data.items() if key != "approval"}
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _symbol(reader: Reader, rule: dict[str, Any]) -> str:
    symbol = reader.string(rule, "rule", "symbol")
    if "symbol" in rule and (not symbol.strip() or any(letter.isdigit() for letter in symbol)):
        reader.note("policy.bad_symbol")
    return symbol


def _attackers(reader: Reader, data: dict[str, Any]) -> tuple[str, ...]:
    block = reader.block(data, "attackers")
    reader.keys(block, "attackers", ("played",))
    played = reader.strings(block, "attackers", "played")
    for name in played:
        if name not in ATTACKERS:
            reader.note("tables.bad_choice", key="attackers.played", found=name, choices=", ".join(ATTACKERS))
    if ATTACKERS[0] not in played:
        reader.note("policy.attacker_missing", attacker=ATTACKERS[0])
    return tuple(name for name in ATTACKERS if name in played)


def _packages(reader: Reader, data: dict[str, Any]) -> dict[str, PackageRule]:
    known = [file.stem for file in _data.definitions("releases")]
    found: dict[str, PackageRule] = {}
    for place, block in enumerate(reader.blocks(data, "package"), start=1):
        rule = _package(reader, block, f"package {place}", named=True)
        for name in (rule.release, *rule.together):
            if name not in known:
                reader.note("policy.no_release", release=name, nearest=nearest(name, known))
        if rule.release in found:
            reader.note("policy.package_twice", release=rule.release)
        found[rule.release] = rule
    return found


def _package(reader: Reader, block: dict[str, Any], place: str, *, named: bool = False) -> PackageRule:
    reader.keys(block, place, ("release",) * named + ("method", "horizon"), ("base",) + ("together",) * named)
    method = reader.choice(block, place, "method", METHODS, METHODS[0])
    base = block.get("base", 0)
    if method == "rounding" and base not in BASES:
        reader.note("policy.bad_base", place=place, found=base, bases=", ".join(map(str, BASES)))
    elif method != "rounding" and "base" in block:
        reader.note("policy.base_without_rounding", place=place)
    return PackageRule(
        release=reader.string(block, place, "release"),
        method=method,
        base=base if method == "rounding" and base in BASES else 0,
        horizon=reader.choice(block, place, "horizon", HORIZONS, HORIZONS[-1]),
        together=reader.strings(block, place, "together"),
    )


def _public(reader: Reader, data: dict[str, Any]) -> tuple[PublicMargin, ...]:
    known = [file.stem for file in paths_of_specs()]
    found = []
    for place, block in enumerate(reader.blocks(data, "public"), start=1):
        where = f"public {place}"
        reader.keys(block, where, ("tables", "sets"))
        sets = block.get("sets", [])
        if not isinstance(sets, list) or not all(isinstance(names, list) for names in sets):
            reader.note("tables.wrong_type", key=f"{where}.sets", expected='[["…"], []]')
            sets = []
        margin = PublicMargin(
            reader.strings(block, where, "tables"), tuple(tuple(str(name) for name in names) for names in sets)
        )
        _check_margin(reader, margin, known)
        found.append(margin)
    return tuple(found)


def _check_margin(reader: Reader, margin: PublicMargin, known: list[str]) -> None:
    for table in margin.tables:
        if table not in known:
            reader.note("policy.no_table", table=table, nearest=nearest(table, known))
            continue
        dimensions = [dimension.id for dimension in load(table).dimensions]
        for name in sorted({name for names in margin.sets for name in names} - set(dimensions)):
            reader.note("policy.no_dimension", table=table, dimension=name, known=", ".join(dimensions) or "–")


def _approval(reader: Reader, data: dict[str, Any]) -> Approval:
    block = reader.block(data, "approval")
    reader.keys(block, "approval", ("approved_by", "approved_on", "reference", "content"))
    day = block.get("approved_on", "")
    on: dt.date | None = None
    if isinstance(day, dt.date):
        on = day
    elif day:
        try:
            on = dt.date.fromisoformat(str(day))
        except ValueError:
            reader.note("policy.bad_day", found=day)
    return Approval(
        by=reader.string(block, "approval", "approved_by").strip(),
        on=on,
        reference=reader.string(block, "approval", "reference").strip(),
        content=reader.string(block, "approval", "content").strip(),
    )
