"""Run all checks of a profile over a file: every finding at once, in the order of the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thassist.rules.finding import Finding
from thassist.verify import arithmetic, cells, series
from thassist.verify.figures import Figure, Publication, read
from thassist.verify.profile import Check, Profile, load
from thassist.verify.saying import Voice
from thassist.verify.sums import Cell


@dataclass(frozen=True)
class Verification:
    """What was found in a publication.

    Attributes:
        profile: by which it was read and checked.
        sheet: the sheet that holds the figures; empty where the file is one table.
        figures: how many figures were read.
        findings: by row, then code.
    """

    profile: Profile
    sheet: str
    figures: int
    findings: list[Finding]


def verify(path: Path, profile_id: str, lang: str) -> Verification:
    """Check a publication.

    Args:
        path: a workbook or CSV file, also packed by gzip.
        profile_id: of ``reports/verify``.
        lang: language of the findings.

    Raises:
        UnreadableInput: the file cannot be read or has not the columns of the profile.
        InvalidDefinition: the profile does not exist or is wrong.
    """
    return run(read(path, load(profile_id)), lang)


def run(publication: Publication, lang: str) -> Verification:
    """Check a publication that has been read."""
    voice = Voice(publication, lang)
    known = arithmetic.all_sums(publication)
    settled = arithmetic.settled(known)
    findings = [*cells.reading(publication, voice), *cells.damage(publication, voice)]
    for check in publication.profile.checks:
        findings += _by(check, publication, voice, known, settled)
    findings.sort(key=Finding.order)
    return Verification(publication.profile, publication.sheet, len(publication.figures), findings)


def _by(
    check: Check, publication: Publication, voice: Voice, known: arithmetic.Sums, settled: dict[Cell, Figure]
) -> Iterator[Finding]:
    match check.kind:
        case "sum":
            return arithmetic.broken_sums(check, known, voice)
        case "disclosure":
            return arithmetic.disclosures(check, known, voice)
        case "agreement":
            return cells.agreement(publication, check, voice, settled)
        case "repeated":
            return cells.repeated(publication, check, voice, settled)
    kinds = {
        "share": arithmetic.shares,
        "codes": cells.codes,
        "definition": cells.definition,
        "caption": cells.caption,
        "magnitude": series.magnitude,
        "own_year": series.own_year,
    }
    return kinds[check.kind](publication, check, voice)
