"""The quality report of a release: the headings of ESMS, filled from what the release, its tables and settings know.

The headings, the standing texts and what the office still has to write stand in ``texts/quality.toml``. Every number in
it is a figure of the release or counts no person. It is written as PDF, as a web page and as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.publish import html, pdf, texts
from thassist.publish.page import Document
from thassist.publish.quality_fact import Said
from thassist.publish.quality_facts import FACTS
from thassist.publish.texts import standing
from thassist.release.build import Release

FILE = "texts/quality.toml"
FOLDER = "quality"
#: Raised where a reader of the JSON would misunderstand one of before.
SCHEMA = 1
STANDARD = "ESMS 2.0"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the standard with what stands under it, by language.

    Attributes:
        concept: id of the concept in ``esms_concept``.
        number: its number in the standard, as ``3.5``.
        titles: its name.
        texts: what is said; empty for a heading over others.
        to_fill: whether the office has still to write something.
        facts: what the system knows, for programs.
    """

    concept: str
    number: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    to_fill: bool
    facts: Mapping[str, Any]


def report(release: Release) -> tuple[Heading, ...]:
    """The whole report, heading by heading.

    Raises:
        InvalidDefinition: ``texts/quality.toml`` is wrong.
    """
    data = _load()
    words = {name: dict(said) for name, said in data["fact"].items()}
    return tuple(_heading(entry, words, release) for entry in data["heading"])


def _heading(entry: Mapping[str, Any], words: Mapping[str, Mapping[str, str]], release: Release) -> Heading:
    found: dict[str, Any] = {}
    lines: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for name in entry.get("facts", ()):
        fact = FACTS[name](release)
        found[name] = fact.data
        for said in fact.said:
            for lang in LANGUAGES:
                lines[lang].append(_say(words, said, lang))
    for lang in LANGUAGES:
        if "text" in entry:
            lines[lang].insert(0, entry["text"][lang])
        if "fill" in entry:
            lines[lang].append(words["fill"][lang].format(what=entry["fill"][lang]))
    said_so = {lang: " ".join(parts) for lang, parts in lines.items()}
    return Heading(entry["concept"], entry["number"], entry["title"], said_so, "fill" in entry, found)


def _say(words: Mapping[str, Mapping[str, str]], said: Said, lang: str) -> str:
    """A fact in words; what it names in several languages is said in this one."""
    params = {name: value[lang] if isinstance(value, Mapping) else value for name, value in said.params.items()}
    return words[said.entry][lang].format(**params)


def as_json(release: Release) -> str:
    """The report for programs."""
    content = {
        "schema": SCHEMA,
        "standard": STANDARD,
        "release": release.spec.id,
        "version": release.spec.version,
        "period": release.period.code,
        "synthetic": release.synthetic,
        "snapshot": {"id": release.snapshot, "as_of": release.as_of.isoformat()},
        "headings": [
            {
                "concept": each.concept,
                "number": each.number,
                "title": dict(each.titles),
                "text": dict(each.texts),
                "to_fill": each.to_fill,
                "facts": dict(each.facts),
            }
            for each in report(release)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def document(release: Release, lang: str) -> Document:
    """The report as a document of texts in one language."""
    words, spec = _load()["fact"], release.spec
    names = [name for name in (spec.audience, "synthetic" if release.synthetic else "") if name not in ("", "public")]
    banners = tuple(standing("banner", name, lang) for name in names)
    return Document(
        lang=lang,
        title=words["title"][lang].format(title=spec.titles[lang]),
        period=texts.period(release.period, lang),
        banners=banners,
        mark=" · ".join(banner.partition(".")[0] for banner in banners),
        facts=((texts.say("publisher", lang), spec.publisher[lang]), (texts.say("snapshot", lang), release.snapshot)),
        symbols=(),
        notes=(),
        chapters=(),
        day=release.as_of.isoformat(),
        publisher=spec.publisher[lang],
        quality=tuple((f"{each.number} {each.titles[lang]}", each.texts[lang]) for each in report(release)),
    )


def write(release: Release, folder: Path, langs: Sequence[str] = LANGUAGES) -> None:
    """Write the report into the folder ``quality`` of a release's folder."""
    home = folder / FOLDER
    home.mkdir()
    (home / "quality.json").write_text(as_json(release), encoding="utf-8", newline="")
    for lang in langs:
        content = document(release, lang)
        pdf.write(content, home / f"quality_{lang}.pdf")
        html.write(content, home / f"quality_{lang}.html")


def _load() -> dict[str, Any]:
    path = _data.reports_dir() / FILE
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@cache
def _read(path: Path, _mtime_ns: int) -> dict[str, Any]:
    data = _data.read_toml(path)
    headings, words = data.get("heading", []), data.get("fact", {})
    for entry in headings:
        unknown = [name for name in entry.get("facts", ()) if name not in FACTS]
        spoken = [entry.get(part, dict.fromkeys(LANGUAGES)) for part in ("title", "text", "fill")]
        if (
            unknown
            or not {"concept", "number", "title"} <= entry.keys()
            or any(set(LANGUAGES) - set(s) for s in spoken)
        ):
            raise InvalidDefinition("publish.bad_quality", file=FILE, heading=entry.get("concept", "–"))
    if not headings or any(set(LANGUAGES) - set(said) for said in words.values()):
        raise InvalidDefinition("publish.bad_quality", file=FILE, heading="–")
    return data
