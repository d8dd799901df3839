"""An answer on demand: margins in, a release with one table out, made by the same functions as every other.

Who can be counted, and by what, stands in ``reports/dimensions.toml``. A question becomes a table definition like those
in ``reports/tables``: it is linted as they are, and whoever is asked again can keep it there. Its texts are put
together from the titles of the library, in every language.
"""

import hashlib
import itertools
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from thassist import _data, messages
from thassist.codes import classification
from thassist.dates import parse_period
from thassist.errors import InvalidDefinition, StorageError, ThassistError
from thassist.messages import LANGUAGES
from thassist.release.build import Release, assembled
from thassist.release.spec import EXAMPLES, Chapter, ReleaseSpec
from thassist.release.spec import load as load_release
from thassist.tables.definition import Reader, nearest
from thassist.tables.lint import lint_file
from thassist.tables.model import TableSpec, Texts
from thassist.tables.spec import FOLDER, load, load_file
from thassist.tables.views import view

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

#: The release under which answers are known: to the policy of disclosure control and to the ledger.
RELEASE = "adhoc"
_FILE = "dimensions.toml"
_VERSION = "1.0.0"


class WrongQuestion(ThassistError):
    """The question names a subject or dimension that there is not."""

    exit_code: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """Who can be counted: as in a table."""

    table: str
    titles: Texts


@dataclass(frozen=True, slots=True)
class Offer:
    """A dimension of the library."""

    classification: str
    via: str
    fields: tuple[str, ...]
    titles: Texts


@dataclass(frozen=True, slots=True)
class Library:
    """What can be asked, and whose cover texts an answer carries."""

    release: str
    subjects: dict[str, Subject]
    dimensions: dict[str, Offer]

    def offered(self, subject: str) -> dict[str, str]:
        """Dimension → the column of the subject's view, of all by which a subject can be counted."""
        columns = view(load(self.subjects[subject].table).population.view).columns
        fits: dict[str, str] = {}
        for name, offer in self.dimensions.items():
            source, codes = (
                offer.via.partition("--")[0] or offer.classification,
                classification(offer.classification).codes,
            )
            for field in offer.fields:
                column = columns.get(field)
                same = column and (column.classification == source or column.type == "number")
                if column and same and codes.keys() >= set(column.extra):
                    fits.setdefault(name, field)
        return fits


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        subject: of the library.
        by: dimensions of the library.
        where: a further condition over the columns of the subject's view.
        margins: the sets of dimensions that are answered; None for all.
    """

    subject: str
    by: tuple[str, ...]
    where: str = ""
    margins: tuple[tuple[str, ...], ...] | None = None


def library() -> Library:
    """The library.

    Raises:
        InvalidDefinition: its file is missing or wrong.
    """
    path = _data.reports_dir() / _FILE
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@cache
def _read(path: Path, _mtime_ns: int) -> Library:
    reader = Reader(path)
    data = _data.read_toml(path)
    reader.keys(data, "", ("schema", "release", "subject", "dimension"))
    subjects, dimensions = {}, {}
    for name, block in reader.block(data, "subject").items():
        reader.keys(block, f"subject.{name}", ("table",), LANGUAGES)
        texts = reader.texts(block, f"subject.{name}")
        subjects[name] = Subject(reader.string(block, f"subject.{name}", "table"), texts)
    for name, block in reader.block(data, "dimension").items():
        place = f"dimension.{name}"
        reader.keys(block, place, ("classification", "fields"), ("via", *LANGUAGES))
        dimensions[name] = Offer(
            reader.string(block, place, "classification"),
            reader.string(block, place, "via"),
            reader.strings(block, place, "fields"),
            reader.texts(block, place),
        )
    if reader.problems:
        raise reader.problems[0].error()
    return Library(reader.string(data, "", "release"), subjects, dimensions)


def question(of: str, by: Sequence[str], where: str = "") -> Question:
    """A question from words: ``of`` is a subject, or a view that one of them counts.

    Raises:
        WrongQuestion: there is no such subject, or it has no such dimension; the nearest is named.
    """
    known = library()
    over = {load(subject.table).population.view: name for name, subject in reversed(known.subjects.items())}
    name = over.get(of, of)
    if name not in known.subjects:
        raise WrongQuestion("adhoc.no_subject", name=of, nearest=nearest(of, [*known.subjects, *over]))
    offered = known.offered(name)
    for one in by:
        if one not in offered:
            raise WrongQuestion(
                "adhoc.no_dimension", name=one, subject=name, nearest=nearest(one, offered), known=", ".join(offered)
            )
    return Question(name, tuple(dict.fromkeys(by)), where)


def read(path: Path) -> Question:
    """A question from its file: ``of``, ``by``, and, if it wants, ``where`` and ``margins`` (a list of lists).

    Raises:
        InvalidDefinition: the file cannot be read, or a key is missing or unknown.
        WrongQuestion: as :func:`question`.
    """
    reader = Reader(path)
    data = _data.read_toml(path)
    reader.keys(data, "", ("of",), ("schema", "by", "where", "margins"))
    margins = data.get("margins")
    lists = isinstance(margins, list) and all(isinstance(one, list) for one in margins)
    by = list(reader.strings(data, "", "by"))
    if margins is not None and not lists:
        reader.note("tables.wrong_type", key="margins", expected='[["…", "…"], …]')
    elif lists:
        by += [str(name) for one in data["margins"] for name in one]
    if reader.problems:
        raise reader.problems[0].error()
    asked = question(reader.string(data, "", "of"), by, reader.string(data, "", "where"))
    if not lists:
        return asked
    sets = {tuple(name for name in asked.by if name in one) for one in data["margins"]}
    return replace(asked, margins=tuple(sorted(sets, key=lambda one: (-len(one), one))))


def definition(asked: Question) -> str:
    """The table definition that answers a question, as the text of its file."""
    known = library()
    like = load(known.subjects[asked.subject].table)
    columns = view(like.population.view).columns
    offered = known.offered(asked.subject)
    where = " AND ".join(f"({one})" for one in (like.population.where, asked.where) if one)
    parts: list[str] = [f"schema = 1\nid = {_text(table_id(asked))}\nversion = {_text(_VERSION)}"]
    sets = asked.margins if asked.margins is not None else _all(asked.by)
    complete = asked.by in sets
    parts.append('status = "active"\nzeros = ' + _text("show" if len(asked.by) < 2 else "omit"))
    parts.append(_block("title", titles(asked)))
    population = {"view": like.population.view, **({"where": where} if where else {}), **_population(asked, like)}
    parts.append(_block("population", population))
    unit = {"statistical_unit": like.unit.statistical_unit, "counting_rule": like.unit.counting_rule}
    parts.append(_block("unit", unit | like.unit.labels))
    times = {name: getattr(like.time, name) for name in ("date", "start", "end") if getattr(like.time, name)}
    parts.append(_block("time", {"reference": like.time.reference, **times}))
    for name in asked.by:
        offer, column = known.dimensions[name], columns[offered[name]]
        response = "multiple" if column.multiple else "single"
        said = {"id": name, "classification": offer.classification, **({"via": offer.via} if offer.via else {})}
        parts.append(_block("[dimension]", said | {"field": column.name, "response": response}))
        parts.append(_block("dimension.title", offer.titles))
    measured = {"function": like.measure.function, **({"field": like.measure.field} if like.measure.field else {})}
    parts.append(_block("measure", measured))
    parts.append("[margins]\nsets = " + json.dumps([list(one) for one in sets]))
    form = "cross" if complete and len(asked.by) < 3 else "list"
    stub, heading = (asked.by[:1], asked.by[1:]) if form == "cross" else (asked.by, ())
    parts.append(_block("layout", {"form": form}) + f"\nstub = {json.dumps(stub)}\nheading = {json.dumps(heading)}")
    return "\n\n".join(parts) + "\n"


def table_id(asked: Question) -> str:
    """The id of the answer's table: the same question has the same one, another has another."""
    content = json.dumps([asked.subject, asked.by, asked.where, asked.margins])
    return "_".join([RELEASE, asked.subject, *asked.by, hashlib.sha256(content.encode()).hexdigest()[:6]])


def titles(asked: Question) -> Texts:
    """The title of the answer, by language."""
    known = library()
    found = {}
    for lang in LANGUAGES:
        by = ", ".join(_lower(known.dimensions[name].titles[lang]) for name in asked.by)
        what = known.subjects[asked.subject].titles[lang]
        found[lang] = messages.text("adhoc.title", lang, what=what, by=by) if by else what
    return found


def answer(asked: Question, period: str, snapshot: "Snapshot", audience: str = "internal") -> Release:
    """The answer, as a release that is checked like every other and not yet written.

    Args:
        asked: the question.
        period: a quarter, half-year or year.
        snapshot: where the figures come from.
        audience: who may read it.

    Raises:
        InvalidDefinition: the condition is wrong, or the period is none of those.
        InconsistentRelease: the figures contradict each other.
        AuditFailed: the answer is for readers for whom it would have to be protected, and cannot be.
    """
    table = linted(asked)
    like = load_release(library().release)
    try:
        frequency = parse_period(period).precision
    except ValueError:
        frequency = ""
    if frequency not in EXAMPLES:
        raise InvalidDefinition("release.wrong_period", period=period, release=RELEASE, example=EXAMPLES["A"])
    spec = ReleaseSpec(
        id=RELEASE,
        version=_VERSION,
        frequency=frequency,
        reporting_system=view(table.population.view).reporting_system,
        audience=audience,
        titles=table.titles,
        publisher=like.publisher,
        contact=like.contact,
        source=like.source,
        licence=like.licence,
        chapters=(Chapter("answer", {lang: messages.text("adhoc.answer", lang) for lang in LANGUAGES}, (table.id,)),),
        notes=({lang: messages.text("adhoc.note", lang) for lang in LANGUAGES},),
    )
    return assembled(spec, {table.id: table}, period, snapshot)


def linted(asked: Question) -> TableSpec:
    """The table of an answer, without a problem.

    Raises:
        InvalidDefinition: it has one; the first is named.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table_id(asked)}.toml"
        path.write_text(definition(asked), encoding="utf-8")
        problems = lint_file(path)
        if problems:
            raise problems[0].error()
        return load_file(path)


def keep(asked: Question) -> tuple[Path, bool]:
    """Keep the definition of an answer among the office's own, and tell whether it is new there.

    What was given to others counts for ever as published, so its table must be known to every later release.

    Raises:
        InvalidDefinition: the office keeps no definitions of its own (``THASSIST_REPORTS``).
        StorageError: the disk refused.
    """
    if not os.environ.get("THASSIST_REPORTS"):
        raise InvalidDefinition("adhoc.own_definitions")
    return save(asked, _data.reports_dir() / FOLDER)


def save(asked: Question, folder: Path) -> tuple[Path, bool]:
    """Write the definition of an answer into a folder, and tell whether it is new there.

    Raises:
        StorageError: the disk refused.
    """
    target = folder / f"{table_id(asked)}.toml"
    new = not target.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".part")
        beside.write_text(definition(asked), encoding="utf-8")
        beside.replace(target)
    except OSError as error:
        raise StorageError("publish.not_written", folder=folder) from error
    return target, new


def _population(asked: Question, like: TableSpec) -> Texts:
    """Who is counted, in words; a further condition stands as it was written."""
    found = {}
    for lang in LANGUAGES:
        said = like.population.texts[lang]
        more = messages.text("adhoc.condition", lang, where=asked.where.replace("{", "").replace("}", ""))
        found[lang] = f"{said} {more}" if asked.where else said
    return found


def _all(by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(one for size in range(len(by), -1, -1) for one in itertools.combinations(by, size))


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _block(name: str, content: dict[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_text(str(value))}" for key, value in content.items())])


def _text(text: str) -> str:
    """A TOML string: those of JSON are some of TOML's."""
    return json.dumps(text, ensure_ascii=False)
