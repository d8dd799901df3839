"""PX: one file a table in three languages, so that it loads in PxWeb and the tools of the Nordic statistical offices.

The format is Statistics Sweden's PX-file specification of 2013 (AXIS-VERSION 2013). A PX table is a full matrix, so
every combination of the codes shown has a place: a zero that the cube leaves out is written as 0, a margin that the
table does not compute is a mark of its own. Categories may overlap (a person with several forms), so nobody may add
cells up: ``AGGREGALLOWED=NO``, and a variable is eliminated by its total, never by a sum.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from thassist import __version__
from thassist.codes import TOTAL
from thassist.messages import LANGUAGES
from thassist.publish import texts
from thassist.publish.grid import Axes
from thassist.publish.texts import say, standing
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import TIME

#: The characters of one quoted piece; a longer text goes on in the next line.
_PIECE = 200
#: What stands for a figure that is not there. The number of dots is the mark's number in the file.
_MARKS = {Status.NOT_APPLICABLE: 1, Status.NOT_KNOWN: 2, Status.SUPPRESSED: 3}
_NOT_COMPUTED = 4
#: The time scale of a period, by its precision: year, half-year, quarter, month.
_SCALES = {"A": "A1", "S": "H1", "Q": "Q1", "M": "M1"}


def write(release: Release, cube: Cube, path: Path) -> None:
    """Write one table.

    Args:
        release: what the table is part of; gives publisher, contact, licence and the day of the data.
        cube: the table.
        path: the file; it is written as UTF-8.
    """
    path.write_text(content(release, cube), encoding="utf-8", newline="")


def content(release: Release, cube: Cube) -> str:
    """The text of the file: keywords in the specification's order, the first language being the default one."""
    axes = {lang: Axes(cube, lang) for lang in LANGUAGES}
    first = axes[LANGUAGES[0]]
    stub, heading = _sides(cube, first)
    rows = list(itertools.product(*(first.codes(name) for name in stub)))
    columns = list(itertools.product(*(first.codes(name) for name in heading)))
    lines = [
        *_head(release, cube),
        *_by_language(lambda lang: _about(release, cube, axes[lang], lang, stub, heading)),
        *_variables(cube, axes, (*stub, *heading)),
        *_by_language(lambda lang: _remarks(release, cube, lang)),
        *_cell_notes(cube, axes, (*stub, *heading)),
        *_by_language(_symbols),
        "DATA=",
    ]
    for down in rows:
        values = (
            _value(cube, first, dict(zip((*stub, *heading), (*down, *across), strict=True))) for across in columns
        )
        lines.append(" ".join(values) + " ")
    return "\n".join(lines).rstrip(" ") + ";\n"


def _head(release: Release, cube: Cube) -> list[str]:
    day = f"{release.as_of:%Y%m%d} 00:00"
    return [
        'CHARSET="ANSI";',
        'AXIS-VERSION="2013";',
        'CODEPAGE="utf-8";',
        f'LANGUAGE="{LANGUAGES[0]}";',
        f"LANGUAGES={','.join(_quoted(lang) for lang in LANGUAGES)};",
        f'CREATION-DATE="{day}";',
        f"DECIMALS={cube.spec.measure.decimals};",
        f"SHOWDECIMALS={cube.spec.measure.decimals};",
        f'MATRIX="{cube.spec.id}";',
        "AGGREGALLOWED=NO;",
        "COPYRIGHT=NO;",
        f'SUBJECT-CODE="{release.spec.reporting_system}";',
        f'LAST-UPDATED="{day}";',
        f'STOCKFA="{"S" if cube.spec.time.reference == "stock" else "F"}";',
    ]


def _by_language(entries: Callable[[str], Iterable[tuple[str, str, Iterable[str]]]]) -> list[str]:
    """The keywords of every language together: keyword by keyword, the default language first."""
    found = [list(entries(lang)) for lang in LANGUAGES]
    lines = []
    for same in zip(*found, strict=True):
        for lang, (keyword, subject, values) in zip(LANGUAGES, same, strict=True):
            lines.append(_line(keyword, lang, subject, values))
    return lines


def _about(
    release: Release, cube: Cube, axes: Axes, lang: str, stub: tuple[str, ...], heading: tuple[str, ...]
) -> Iterable[tuple[str, str, Iterable[str]]]:
    spec = release.spec
    title = say("title_period", lang, title=cube.spec.titles[lang], period=texts.periods(cube.periods, lang))
    yield "SUBJECT-AREA", "", [spec.titles[lang]]
    yield "DESCRIPTION", "", [title]
    yield "TITLE", "", [title]
    yield "CONTENTS", "", [cube.spec.titles[lang]]
    yield "UNITS", "", [cube.spec.unit.labels[lang]]
    if stub:
        yield "STUB", "", [axes.title(name) for name in stub]
    if heading:
        yield "HEADING", "", [axes.title(name) for name in heading]


def _variables(cube: Cube, axes: dict[str, Axes], names: tuple[str, ...]) -> list[str]:
    lines = []
    for keyword in ("VALUES", "TIMEVAL", "CODES", "DOMAIN", "VARIABLE-TYPE", "ELIMINATION"):
        for name in names:
            lines += _variable(cube, axes, keyword, name)
    return lines


def _variable(cube: Cube, axes: dict[str, Axes], keyword: str, name: str) -> list[str]:
    lines = []
    codes = axes[LANGUAGES[0]].codes(name)  # one order of the matrix, whatever the alphabet of the language
    for lang in LANGUAGES:
        title = axes[lang].title(name)
        labels = [_label(axes[lang], name, code) for code in codes]
        if keyword == "VALUES":
            lines.append(_line(keyword, lang, title, labels))
        elif keyword == "CODES":
            lines.append(_line(keyword, lang, title, codes))
        elif keyword == "TIMEVAL" and name == TIME:
            lines += _timeval(cube, lang, title)
        elif keyword == "DOMAIN" and name != TIME:
            lines.append(_line(keyword, lang, title, [cube.spec.dimension(name).classification]))
        elif keyword == "VARIABLE-TYPE":
            lines.append(_line(keyword, lang, title, ["Time" if name == TIME else "Classificatory"]))
        elif keyword == "ELIMINATION" and TOTAL in codes:
            lines.append(_line(keyword, lang, title, [labels[codes.index(TOTAL)]]))
    return lines


def _timeval(cube: Cube, lang: str, title: str) -> list[str]:
    """The time scale; none for a period that PX does not know, for example a year from April to March."""
    scales = {
        "" if period.precision == "A" and period.start.month != 1 else _SCALES.get(period.precision, "")
        for period in cube.periods
    }
    if len(scales) != 1 or "" in scales:
        return []
    points = ",".join(_quoted(re.sub(r"\D", "", period.code)) for period in cube.periods)
    tag = "" if lang == LANGUAGES[0] else f"[{lang}]"
    return [f"TIMEVAL{tag}({_quoted(title)})=TLIST({scales.pop()}),{points};"]


def _remarks(release: Release, cube: Cube, lang: str) -> Iterable[tuple[str, str, Iterable[str]]]:
    spec = release.spec
    banners = [standing("banner", spec.audience, lang)]
    banners += [standing("banner", "synthetic", lang)] if release.synthetic else []
    if release.provisional:
        banners.append(standing("banner", "provisional", lang, as_of=texts.day(release.as_of, lang)))
    notes = [cube.spec.population.texts[lang], *(note[lang] for note in cube.spec.notes)]
    yield "REFPERIOD", "", [texts.periods(cube.periods, lang)]
    yield "SOURCE", "", [f"{spec.publisher[lang]}: {spec.source[lang]}"]
    yield "CONTACT", "", [spec.contact[lang]]
    yield "NOTEX", "", ["#".join([*banners, spec.licence.titles[lang]])]
    yield "NOTE", "", ["#".join([*notes, say("px_origin", lang, snapshot=release.snapshot, version=__version__)])]


def _cell_notes(cube: Cube, axes: dict[str, Axes], names: tuple[str, ...]) -> list[str]:
    """What is said of single figures: the notes that a cell carries, and that its series breaks there."""
    lines = []
    for key in cube.cells:
        cell = cube.cells[key]
        place = dict(zip(axes[LANGUAGES[0]].names, key, strict=True))
        for lang in LANGUAGES:
            said = [
                *([say("flag_break", lang)] if cell.status is Status.BREAK else []),
                *(cube.note(n, lang) for n in cell.notes),
            ]
            if not said:
                break
            labels = [_label(axes[lang], name, place[name]) for name in names]
            tag = "" if lang == LANGUAGES[0] else f"[{lang}]"
            lines.append(f"CELLNOTE{tag}({','.join(_quoted(label) for label in labels)})={_text('; '.join(said))};")
    return lines


def _symbols(lang: str) -> Iterable[tuple[str, str, Iterable[str]]]:
    for status, number in _MARKS.items():
        yield f"DATASYMBOL{number}", "", [texts.sign(status.value)]
    yield f"DATASYMBOL{_NOT_COMPUTED}", "", [say("px_not_computed", lang)]


def _value(cube: Cube, axes: Axes, place: dict[str, str]) -> str:
    key = tuple(place[name] for name in axes.names)
    cell = cube.cells.get(key)
    if cell is None:
        named = tuple(d.id for d, code in zip(cube.spec.dimensions, key[1:], strict=True) if code != TOTAL)
        if cube.spec.zeros != "omit" or named not in cube.spec.margins:
            return f'"{"." * _NOT_COMPUTED}"'
        cell = Cell(0)
    if cell.value is None:
        return f'"{"." * _MARKS[cell.status]}"'
    return f"{cell.value:.{cube.spec.measure.decimals}f}"


def _sides(cube: Cube, axes: Axes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variables down the side and across the top; the period is one of them, the last where nothing places it."""
    stub, heading = cube.spec.layout.stub, cube.spec.layout.heading
    rest = tuple(name for name in axes.names if name not in (*stub, *heading) and name != TIME)
    if TIME not in (*stub, *heading):
        heading = (*heading, TIME)
    return (*stub, *rest), heading


def _label(axes: Axes, name: str, code: str) -> str:
    """The label of a code; two codes with the same label are told apart by their code."""
    label = axes.label(name, code)
    same = [other for other in axes.codes(name) if axes.label(name, other) == label]
    return label if len(same) == 1 else f"{label} ({code})"


def _line(keyword: str, lang: str, subject: str, values: Iterable[str]) -> str:
    tag = "" if lang == LANGUAGES[0] else f"[{lang}]"
    about = f"({_quoted(subject)})" if subject else ""
    quoted = [_text(value) for value in values]
    return f"{keyword}{tag}{about}={_wrapped(quoted)};"


def _wrapped(quoted: list[str]) -> str:
    """A list of values, a new line wherever one would get too long; a break stands after a comma only."""
    lines = [""]
    for place, value in enumerate(quoted):
        piece = value if place == len(quoted) - 1 else f"{value},"
        if lines[-1] and len(lines[-1]) + len(piece) > _PIECE:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A text in quotation marks; those it holds become typographic ones, since PX knows no escape."""
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace('"', "”")).strip()


def _text(text: str) -> str:
    """A text in pieces of bounded length, each in quotation marks on a line of its own."""
    words = _plain(text).split(" ")
    pieces = [""]
    for place, word in enumerate(words):
        piece = word if place == len(words) - 1 else f"{word} "
        if pieces[-1] and len(pieces[-1]) + len(piece) > _PIECE:
            pieces.append("")
        pieces[-1] += piece
    return "\n".join(f'"{piece}"' for piece in pieces)
