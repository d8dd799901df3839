"""The audit of releases that are out: their folders, and the ledger, as one history of publication.

What stands in the files is read back and attacked as a whole: a figure that one release withholds may follow from
three others. The records behind them are needed, so that insiders can be played and every equation is the true one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from thassist import messages
from thassist.disclosure.audit import Audit, Finding, Verdict, audit_system
from thassist.disclosure.counted import Asked, population_of
from thassist.disclosure.equations import BoolArray
from thassist.disclosure.files import Fault, faults_of, read
from thassist.disclosure.files.reading import manifest
from thassist.disclosure.ledger import Figure
from thassist.disclosure.policy import Policy
from thassist.disclosure.publication import ends_of, rounding_of
from thassist.disclosure.rule import Rule
from thassist.disclosure.tables import Joint, joint
from thassist.errors import InvalidDefinition
from thassist.release.place import Place, Title, key_of
from thassist.release.public import complete, context_of
from thassist.release.windows import windows
from thassist.tables.cube import CellKey, Status
from thassist.tables.model import TableSpec
from thassist.tables.spec import load as load_table

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


@dataclass
class History:
    """What was found.

    Attributes:
        releases: the folders, as release and period.
        figures, withheld: how many figures were read, and how many of them are withheld.
        faults: what is wrong with the files themselves: contradictions, figures in texts, comments, hidden places.
        differ: published figures that are not those of the records (revised since): (table, address).
        unjudged: tables whose figures are no counts, so that only their files were looked at.
        leaks: what can be worked out: the table and the address, and what the audit found there.
        audits: one a population.
    """

    releases: list[str]
    figures: int = 0
    withheld: int = 0
    faults: list[Fault] = field(default_factory=list)
    differ: list[tuple[str, CellKey]] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    leaks: list[tuple[TableSpec, CellKey, Finding]] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list, repr=False)

    @property
    def safe(self) -> bool:
        """Whether nothing was found and nothing is in doubt."""
        return not self.faults and not self.leaks and all(audit.safe for audit in self.audits)

    def said(self, lang: str) -> dict[str, Any]:
        """The findings in words, as the command prints them. No withheld figure is told, only where it is."""
        return {
            "releases": self.releases,
            "safe": self.safe,
            "figures": self.figures,
            "withheld": self.withheld,
            "populations": len(self.audits),
            "seconds": round(sum(audit.seconds for audit in self.audits), 2),
            "faults": [{"key": fault.key, "what": fault.text(lang), "leak": fault.leak} for fault in self.faults],
            "leaks": [
                {
                    "table": spec.id,
                    "title": Title(spec).said(lang),
                    "cell": Place(spec, key).said(lang),
                    "verdict": str(finding.verdict),
                    "attacker": finding.attacker,
                    "attacker_label": messages.text(f"public.attacker_{finding.attacker}", lang),
                }
                for spec, key, finding in self.leaks
            ],
            "contradictory": [list(one.system.populations[0].name) for one in self.audits if not one.consistent],
            "differ": [{"table": table, "cell": list(key)} for table, key in self.differ],
            "unjudged": self.unjudged,
        }


def audit_history(
    folders: Sequence[Path], snapshot: "Snapshot", policy: Policy, ledger: Sequence[Figure] = ()
) -> History:
    """Attack published releases and what the ledger holds, together.

    Args:
        folders: of releases.
        snapshot: the records behind them.
        policy: what must not be found out.
        ledger: further figures that are out.

    Raises:
        UnreadableInput: a folder is no release.
        InvalidDefinition: a table cannot be tied to the records.
    """
    found = History([])
    figures = list(ledger)
    for folder in folders:
        about = manifest(folder)
        base, most = rounding_of(about)
        written = read(folder)
        found.releases.append(f"{about['release']} {about['period']}")
        found.faults += faults_of(written)
        seen = set()
        for cell in written.cells:
            if (cell.table, cell.key, cell.value) not in seen:
                seen.add((cell.table, cell.key, cell.value))
                low, high = ends_of(cell, most) if base else (None, None)
                figures.append(
                    Figure(
                        cell.table, cell.period, cell.codes, cell.value, cell.status, low, high,
                        about["release"], about["period"], 0, folder.name, base,
                    )
                )  # fmt: skip
    found.figures, found.withheld = len(figures), sum(each.status == Status.SUPPRESSED for each in figures)
    counts = []
    for figure in figures:
        try:
            population_of(load_table(figure.table))
            counts.append(figure)
        except InvalidDefinition:
            if figure.table not in found.unjudged:
                found.unjudged.append(figure.table)
    asked: list[Asked] = []
    known: dict[str, dict[CellKey, float | int | None]] = {}
    complete(asked, known, counts, snapshot)
    years = [int(period.start.year) for each in asked for period in each.periods]
    for one in joint(asked, known, snapshot, context_of(max(years, default=2000)), policy.threshold):
        _attack(found, one, [each for each in counts if each.table in one.tables], policy)
    return found


def _left_out_zeros(one: Joint, told: set[tuple[str, CellKey]]) -> BoolArray:
    """Where zeros are left out, what is not there is zero."""
    zero = np.zeros(one.system.size, bool)
    for table in one.tables:
        spec = one.spec(table)
        for key, value in one.figures[table].items():
            if value == 0 and (table, key) not in told:
                zero[[cell for cell in one.cells(spec, key) if cell >= 0]] = True
    return np.asarray(zero & (one.truth == 0), np.bool_)


def _attack(found: History, one: Joint, figures: Sequence[Figure], policy: Policy) -> None:
    shown, hidden = one.never.copy(), np.zeros(one.system.size, bool)
    names: dict[int, tuple[TableSpec, CellKey]] = {}
    told: set[tuple[str, CellKey]] = set()
    ends = windows(one, figures)
    found.differ += ends.differ
    for figure in figures:
        spec = one.spec(figure.table)
        key = key_of(spec, figure.period, figure.codes)
        told.add((figure.table, key))
        cells = [cell for cell in one.cells(spec, key) if cell >= 0]
        for cell in cells:
            names.setdefault(cell, (spec, key))
        if figure.base:
            continue  # rounded: it is among the ends
        if figure.status == Status.SUPPRESSED:
            hidden[cells] = True
        elif figure.value is not None:
            true = one.truth[cells[0]] if cells else 0.0
            if spec.measure.counts and true != figure.value:
                found.differ.append((figure.table, key))
            shown[cells] = True
    shown |= _left_out_zeros(one, told | ends.left_out)
    hidden = (hidden | one.derived()) & ~shown
    audit = audit_system(
        one.system,
        np.where(shown, one.truth, np.nan),
        np.asarray(hidden | (ends.positive & ~shown), np.bool_),
        Rule.of(policy),
        truth=one.truth,
        records=one.records,
        known=(ends.low, ends.high),
        judged=np.asarray(ends.told & ~shown, np.bool_),
    )
    small = shown & one.system.shown & (one.truth > 0) & (one.truth < policy.threshold) & ~one.never
    for cell in np.flatnonzero(small).tolist():
        if cell in names:
            value = float(one.truth[cell])
            found.leaks.append((*names[cell], Finding(cell, Verdict.EXACT, "outsider", value, value, tier=0)))
    fallback = next(iter(names.values()), None)
    for finding in audit.findings:
        place = names.get(one.between.get(finding.cell, (finding.cell,))[0], fallback)
        if place is not None:
            found.leaks.append((*place, finding))
    found.audits.append(audit)
