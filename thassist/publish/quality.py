"""The quality description of a release: what is told of every one, filled from its content (Eurostat's ESMS concepts).

Days and names only, no numbers: a number that counts somebody belongs into a cell.
"""

from collections.abc import Iterator

from thassist.publish import revised, texts
from thassist.publish.texts import standing
from thassist.release.build import Release
from thassist.tables.cube import Status


def description(release: Release, lang: str) -> tuple[tuple[str, str], ...]:
    """The quality of a release as heading and text, in the order in which ESMS asks for them."""
    return tuple((standing("quality_title", name, lang), text) for name, text in _parts(release, lang))


def _parts(release: Release, lang: str) -> Iterator[tuple[str, str]]:
    def say(name: str, **params: object) -> str:
        return standing("quality", name, lang, **params)

    yield "coverage", say("coverage", days=texts.days(release.first, release.last, lang))
    yield "definitions", say("definitions")
    as_of = texts.day(release.as_of, lang)
    timeliness = say("timeliness", end=texts.day(release.period.end, lang), as_of=as_of)
    yield "timeliness", f"{timeliness} {say('provisional')}" if release.provisional else timeliness
    breaks = dict.fromkeys(each.texts[lang] for cube in release.cubes for each in cube.breaks)
    yield "comparability", " ".join([say("breaks" if breaks else "no_breaks"), *breaks])
    yield "coherence", say("coherence")
    accuracy = [say("not_known")]
    if any(cube.unplaced for cube in release.cubes):
        accuracy.append(say("unplaced"))
    yield "accuracy", " ".join(accuracy)
    found = release.revisions
    revisions = say("no_revisions") if found is None else revised.summary(found, lang)
    yield "revisions", f"{say('revisions')} {revisions}"
    withheld = any(cell.status is Status.SUPPRESSED for cube in release.cubes for cell in cube.cells.values())
    protected = withheld or release.spec.audience != "internal"
    yield "confidentiality", say("rounded" if release.rounded else "protected" if protected else "unprotected")
