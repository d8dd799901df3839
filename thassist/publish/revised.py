"""The chapter of a release that says what it changes of an earlier one: a grid like any other, for every writer."""

from thassist.codes import TOTAL
from thassist.publish import texts
from thassist.publish.page import Chapter, Figure, Grid, Row
from thassist.publish.texts import say
from thassist.release.build import Release
from thassist.release.revision import Change, Revisions
from thassist.release.telling import place_said, reasons_said
from thassist.tables.cube import Cube, Status

_ID = "revisions"


def chapter(release: Release, lang: str, name: str) -> Chapter | None:
    """The chapter of revisions, or None where no figure is revised.

    Args:
        release: the release.
        lang: its language.
        name: what the table is called, for example ``Table 88``.
    """
    found = release.revisions
    if found is None or not found.changes:
        return None
    titles = {cube.spec.id: cube.spec.titles[lang] for cube in release.cubes}
    grid = Grid(
        id=_ID,
        name=name,
        title=say("revisions_title", lang, earlier=_earlier(found, lang)),
        facts=((say("revisions", lang), summary(found, lang)),),
        notes=(),
        stub_headers=tuple(say(f"revisions_{part}", lang) for part in ("table", "figure", "reason")),
        headers=tuple(say(f"revisions_{part}", lang) for part in ("old", "new", "difference")),
        rows=tuple(_row(change, titles[change.table], lang) for change in found.changes),
        decimals=max(release.cube(change.table).spec.measure.decimals for change in found.changes),
        essence=_essence(found, release.spec.pdf_longest_table),
    )
    return Chapter(say("revisions", lang), (grid,))


def summary(found: Revisions, lang: str) -> str:
    """How many figures are revised, of which release, and on which day."""
    entry = "revisions_some" if found.changes else "revisions_none"
    numbers = {"count": len(found.changes), "compared": found.compared}
    return say(entry, lang, earlier=_earlier(found, lang), date=texts.day(found.date, lang), **numbers)


def note(cube: Cube, release: Release, lang: str) -> str | None:
    """The note of a table with revised figures; None where it has none."""
    found = release.revisions
    places = 0 if found is None else sum(change.table == cube.spec.id for change in found.changes)
    if found is None or not places:
        return None
    return say("revisions_note", lang, count=places, earlier=_earlier(found, lang))


def _earlier(found: Revisions, lang: str) -> str:
    return say(
        "revisions_earlier", lang, release=found.release, period=found.period, as_of=texts.day(found.as_of, lang)
    )


def _row(change: Change, title: str, lang: str) -> Row:
    difference = change.difference
    return Row(
        (title, place_said(change, lang), reasons_said(change, lang)),
        (
            _figure(change.old, change.old_status),
            _figure(change.new, change.new_status),
            _figure(difference, Status.NOT_APPLICABLE.value),
        ),
    )


def _figure(value: float | None, status: str) -> Figure:
    if value is not None:
        return Figure(value)
    return Figure(None, texts.sign(Status.NOT_APPLICABLE.value if status == Status.NORMAL.value else status))


def _essence(found: Revisions, longest: int) -> tuple[int, ...] | None:
    """The rows that matter most where space is short: totals first, then the largest changes."""
    if not longest or len(found.changes) <= longest:
        return None

    def weight(place: int) -> tuple[int, float, int]:
        change = found.changes[place]
        return (sum(code != TOTAL for code in change.key[1:]), -abs(change.difference or 0), place)

    return tuple(sorted(sorted(range(len(found.changes)), key=weight)[:longest]))
