"""What a release knows of its own quality, fact by fact: as data, and as words by key with what stands in them.

A fact counts tables, figures and rules, or repeats figures of the release; it never looks at a record.
"""

from collections.abc import Callable, Mapping

from thassist import __version__
from thassist.codes import TOTAL, UNKNOWN, classification, correspondence
from thassist.disclosure.policy import policy
from thassist.messages import LANGUAGES
from thassist.publish import quality_around, texts
from thassist.publish.quality_fact import Fact, Said, by_language, listed
from thassist.release.build import Release
from thassist.release.counting import counting_rules
from thassist.rules.catalogue import load as rules
from thassist.tables.cube import Cube, Status

#: Facts that are lists name at most so many of the largest.
_MOST = 8


def _contact(release: Release) -> Fact:
    spec = release.spec
    data = {"publisher": dict(spec.publisher), "contact": dict(spec.contact)}
    return Fact(data, (Said("contact", data),))


def _updated(release: Release) -> Fact:
    said = Said("updated", {"as_of": by_language(lambda lang: texts.day(release.as_of, lang))})
    return Fact(release.as_of.isoformat(), (said,))


def _tables(release: Release) -> Fact:
    data = [{"id": cube.spec.id, "version": cube.spec.version, "title": cube.spec.titles} for cube in release.cubes]
    chapters = listed([chapter.titles for chapter in release.spec.chapters])
    return Fact(data, (Said("tables", {"count": len(data), "list": chapters}),))


def _classifications(release: Release) -> Fact:
    refs = sorted({each.classification for cube in release.cubes for each in cube.spec.dimensions})
    known = [classification(ref) for ref in refs]
    data = [{"ref": each.ref, "title": each.titles, "source": each.source} for each in known]
    named = [{lang: f"{each.titles[lang]} ({each.ref})" for lang in LANGUAGES} for each in known]
    return Fact(data, (Said("classifications", {"list": listed(named)}),))


def _mappings(release: Release) -> Fact:
    refs = {ref for cube in release.cubes for each in cube.spec.dimensions for ref in (each.via, *each.older) if ref}
    used = {each.id: each for ref in sorted(refs) for each in correspondence(ref).settings}
    data = [{"id": each.id, "choice": each.choice, "source": each.source} for each in used.values()]
    lines = [by_language(each.text) for each in used.values()]
    return Fact(data, (Said("mappings", {"list": listed(lines, " ")}),) if lines else ())


def _definitions(release: Release) -> Fact:
    known = counting_rules()
    names = dict.fromkeys(cube.spec.unit.counting_rule for cube in release.cubes)
    found = [known[name].texts for name in names if name in known]
    return Fact(list(names), (Said("definitions", {"list": listed(found, " ")}),) if found else ())


def _units(release: Release) -> Fact:
    names = dict.fromkeys(cube.spec.unit.statistical_unit for cube in release.cubes)
    counted = [cube.spec.unit.labels for cube in release.cubes if cube.spec.measure.counts]
    return Fact(list(names), (Said("units", {"list": listed(counted)}),) if counted else ())


def _populations(release: Release) -> Fact:
    found = [cube.spec.population.texts for cube in release.cubes]
    data = {
        cube.spec.id: {"view": cube.spec.population.view, "where": cube.spec.population.where} for cube in release.cubes
    }
    return Fact(data, (Said("populations", {"list": listed(found, " ")}),))


def _area(release: Release) -> Fact:
    known = classification("reporting_system")
    name = by_language(lambda lang: known.label(release.spec.reporting_system, lang))
    return Fact(release.spec.reporting_system, (Said("area", {"system": name}),))


def _coverage(release: Release) -> Fact:
    data = {"first": release.first.isoformat(), "last": release.last.isoformat()}
    return Fact(
        data, (Said("coverage", {"days": by_language(lambda lang: texts.days(release.first, release.last, lang))}),)
    )


def _measures(release: Release) -> Fact:
    found = [cube.spec.unit.labels for cube in release.cubes]
    data = sorted({cube.spec.unit.statistical_unit for cube in release.cubes})
    return Fact(data, (Said("measures", {"list": listed(found)}),))


def _period(release: Release) -> Fact:
    return Fact(
        {"code": release.period.code, "start": release.period.start.isoformat(), "end": release.period.end.isoformat()},
        (Said("period", {"period": by_language(lambda lang: texts.period_days(release.period, lang))}),),
    )


def _approval(_release: Release) -> Fact:
    known = policy()
    if not known.approved:
        return Fact({"approved": False}, (Said("not_approved"),))
    who = {"by": known.approval.by, "on": str(known.approval.on), "reference": known.approval.reference}
    return Fact({"approved": True, **who}, (Said("approved", who),))


def _policy(release: Release) -> Fact:
    known = policy()
    rule = known.package(release.spec.id)
    data = {"version": known.version, "digest": known.digest, "threshold": known.threshold, "width": known.width}
    data |= {"method": rule.method, "base": rule.base, "zeros_shown": known.zeros_shown}
    if release.rounded is not None:
        data |= {"most": release.rounded.most}
        told = {"base": release.rounded.base, "most": release.rounded.most}
        words = by_language(lambda lang: texts.say("rounded", lang, **told))
        return Fact(data, (Said("policy_rounded", {"text": words}),))
    said = [Said(f"policy_{rule.method}", {"last": known.threshold - 1, "width": known.width, "base": rule.base})]
    if rule.method == "suppression":
        said.append(Said("zeros_shown" if known.zeros_shown else "zeros_hidden"))
    return Fact(data, tuple(said))


def _withheld(release: Release) -> Fact:
    cells = [cell for cube in release.cubes for cell in cube.cells.values()]
    count = sum(cell.status is Status.SUPPRESSED for cell in cells)
    return Fact({"suppressed": count, "cells": len(cells)}, (Said("withheld", {"count": count, "all": len(cells)}),))


def _protected(release: Release) -> Fact:
    """Whether the figures were protected together with everything published; internal ones are not."""
    return Fact(release.protected, () if release.protected else (Said("not_protected"),))


def _audience(release: Release) -> Fact:
    audience = release.spec.audience
    return Fact(audience, (Said(f"audience_{audience}", {"licence": dict(release.spec.licence.titles)}),))


def _frequency(release: Release) -> Fact:
    return Fact(release.spec.frequency, (Said(f"frequency_{release.spec.frequency}"),))


def _formats(release: Release) -> Fact:
    more = "".join(f", {name}" for name in release.spec.formats)
    return Fact(list(release.spec.formats), (Said("formats", {"more": more}),))


def _unknown(release: Release) -> Fact:
    """The share not known of every dimension, from the figures of the release; nothing where one is withheld."""
    found = []
    for cube in release.cubes:
        if not cube.spec.measure.counts:
            continue
        last = cube.periods[-1].code
        total = cube.value(last)
        for each in cube.spec.dimensions:
            unknown = cube.value(last, **{each.id: UNKNOWN}) if UNKNOWN in cube.codes(each.id) else None
            if total and unknown:
                found.append((unknown / total, cube, each, int(unknown), int(total)))
    found.sort(key=lambda row: (-row[0], row[1].spec.id, row[2].id))
    data = [
        {"table": cube.spec.id, "dimension": each.id, "unknown": unknown, "total": total, "share": round(share, 4)}
        for share, cube, each, unknown, total in found
    ]
    if not found:
        return Fact(data, (Said("no_unknown"),))
    lines: list[Mapping[str, str]] = []
    for share, cube, each, unknown, total in found[:_MOST]:
        lines.append(
            {
                lang: f"{cube.spec.titles[lang]}, {each.titles[lang]}: {unknown}/{total} "
                f"({texts.number(100 * share, 1, lang)} %)"
                for lang in LANGUAGES
            }
        )
    return Fact(data, (Said("unknown", {"list": listed(lines, "; ")}),))


def _unplaced(release: Release) -> Fact:
    found = [cube for cube in release.cubes if cube.unplaced]
    data = {cube.spec.id: cube.unplaced for cube in found}
    if not found:
        return Fact(data, (Said("no_unplaced"),))
    return Fact(data, (Said("unplaced", {"list": listed([cube.spec.titles for cube in found], "; ")}),))


def _timeliness(release: Release) -> Fact:
    days = (release.as_of - release.period.end).days
    params = {
        "end": by_language(lambda lang: texts.day(release.period.end, lang)),
        "as_of": by_language(lambda lang: texts.day(release.as_of, lang)),
        "days": days,
    }
    medians = [cube for cube in release.cubes if cube.spec.measure.function == "median"]
    said = [Said("timeliness", params), *(each for cube in medians for each in _median(cube))]
    return Fact({"days_from_end_to_last_entry": days}, tuple(said))


def _median(cube: Cube) -> list[Said]:
    """The total of a table of medians in its last period, such as the time of processing."""
    key = (cube.periods[-1].code, *(TOTAL for _ in cube.spec.dimensions))
    cell = cube.cells.get(key)
    if cell is None or cell.value is None:
        return []
    value = cell.value
    shown = by_language(lambda lang: texts.number(value, cube.spec.measure.decimals, lang))
    return [Said("timeliness_median", {"title": cube.spec.titles, "value": shown, "unit": cube.spec.unit.labels})]


def _breaks(release: Release) -> Fact:
    found = {each.id: each for cube in release.cubes for each in cube.breaks}
    data = [{"id": each.id, "date": each.date.isoformat()} for each in found.values()]
    if not found:
        return Fact(data, (Said("no_breaks"),))
    return Fact(data, (Said("breaks", {"list": listed([each.texts for each in found.values()], " ")}),))


def _plain(name: str) -> Callable[[Release], Fact]:
    """A fact that is true of every release."""
    return lambda _release: Fact(True, (Said(name),))  # noqa: FBT003 - the fact itself


def _revisions(release: Release) -> Fact:
    found = release.revisions
    if found is None:
        return Fact(None, (Said("no_revisions"),))
    data = {"release": found.release, "period": found.period, "as_of": found.as_of.isoformat()}
    data |= {"compared": str(found.compared), "changed": str(len(found.changes))}
    return Fact(data, (Said("revisions", data),))


def _source(release: Release) -> Fact:
    return Fact(dict(release.spec.source), (Said("source", {"source": dict(release.spec.source)}),))


def _rules(_release: Release) -> Fact:
    count = len(rules().rules)
    return Fact(count, (Said("rules", {"count": count}),))


def _snapshot(release: Release) -> Fact:
    data = {"snapshot": release.snapshot, "software": __version__}
    return Fact(data, (Said("snapshot", data),))


def _notes(release: Release) -> Fact:
    said = [Said("synthetic")] if release.synthetic else []
    if release.spec.notes:
        said.append(Said("notes", {"list": listed(release.spec.notes, " ")}))
    return Fact({"synthetic": release.synthetic}, tuple(said))


#: The facts that ``texts/quality.toml`` may ask for under a heading.
FACTS: dict[str, Callable[[Release], Fact]] = {
    "contact": _contact,
    "updated": _updated,
    "tables": _tables,
    "classifications": _classifications,
    "mappings": _mappings,
    "definitions": _definitions,
    "units": _units,
    "populations": _populations,
    "area": _area,
    "coverage": _coverage,
    "measures": _measures,
    "period": _period,
    "approval": _approval,
    "policy": _policy,
    "withheld": _withheld,
    "audience": _audience,
    "frequency": _frequency,
    "receivers": quality_around.receivers,
    "bridges": quality_around.bridges,
    "law": quality_around.law,
    "protected": _protected,
    "formats": _formats,
    "validation": _plain("validation"),
    "unknown": _unknown,
    "unplaced": _unplaced,
    "timeliness": _timeliness,
    "breaks": _breaks,
    "coherence": _plain("coherence"),
    "revisions": _revisions,
    "source": _source,
    "rules": _rules,
    "snapshot": _snapshot,
    "notes": _notes,
}
