"""The sheet of findings in an annotated workbook: one line a finding, with a link to its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thassist import messages
from thassist.intake.workbook import GUIDE_MARK, letter
from thassist.intake.xlsxmarks import quoted
from thassist.intake.xlsxparts import P, Parts, elements, extend, text
from thassist.rules.finding import Finding, Severity

#: Stands on the sheet, so that it is known when the workbook comes back, in every language.
FINDINGS_MARK = f"{GUIDE_MARK}: findings"
#: As many findings of one cause stand openly below one another; more are folded below the first one.
TOGETHER = 10
#: The line of the first finding, below the title, three lines of text and the headers.
FIRST_ROW = 7

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_MOST_LINKS = 60_000  # Excel opens no sheet with more than 65,530
_LONGEST = 32_767
#: Columns with their widths in characters; the keys of their headers are ``f_…``.
_COLUMNS = {
    "severity": 13,
    "cell": 24,
    "header": 24,
    "message": 62,
    "remedy": 62,
    "suggestion": 24,
    "value": 24,
    "count": 10,
    "code": 26,
}
#: Text and background of a marked cell; dark on light, readable also where the cell's own text is white.
_COLOURS = {
    Severity.ERROR: ("FF9C0006", "FFFFC7CE"),
    Severity.WARNING: ("FF7F6000", "FFFFEB9C"),
    Severity.INFORMATION: ("FF1F3864", "FFDDEBF7"),
}
_MINIMAL_STYLES = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2">'
    '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf/></cellXfs></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line: a finding or a further cell of it, on which sheet and cell, and how many findings it stands for.

    ``below``: folded below the line before it. ``also``: a further cell of the finding before it.
    """

    finding: Finding
    sheet: str
    cell: str
    count: int = 1
    below: bool = False
    also: bool = False


@dataclass(frozen=True, slots=True)
class Styles:
    """Indices of our formats in the workbook's list of formats; ``colours`` are those of marked cells."""

    title: int
    header: int
    body: int
    link: int
    plain: int
    colours: Mapping[Severity, int]


def add_styles(parts: Parts) -> Styles:
    """Append our formats to those of the workbook; the others keep their numbers."""
    name = parts.related(parts.workbook, "styles")
    if not name:
        name = parts.add("xl/styles{}.xml", _MINIMAL_STYLES.format(parts.main).encode(), _STYLES_TYPE)
        parts.relate(parts.workbook, "styles", name)
    content = parts.xml(name)
    face = f'<{P}name val="Calibri"/>'
    fonts = (
        f'<{P}font><{P}b/><{P}sz val="16"/>{face}</{P}font><{P}font><{P}b/><{P}sz val="11"/>{face}</{P}font>'
        f'<{P}font><{P}sz val="11"/>{face}</{P}font>'
        f'<{P}font><{P}u/><{P}sz val="11"/><{P}color rgb="FF0563C1"/>{face}</{P}font>'
    )
    content, font = extend(content, "fonts", fonts, 4, ("fills", "borders", "cellStyleXfs", "cellXfs"))
    wrap = f'<{P}alignment horizontal="left" vertical="top" wrapText="1"/>'
    kinds = ((0, ""), (1, wrap), (2, wrap), (3, wrap), (2, ""))
    formats = "".join(
        f'<{P}xf numFmtId="0" fontId="{font + number}" fillId="0" borderId="0" xfId="0" applyFont="1" '
        f'applyAlignment="1">{inside}</{P}xf>'
        for number, inside in kinds
    )
    content, first = extend(
        content, "cellXfs", formats, len(kinds), ("cellStyles", "dxfs", "tableStyles", "colors", "extLst")
    )
    colours = "".join(
        f'<{P}dxf><{P}font><{P}color rgb="{ink}"/></{P}font><{P}fill><{P}patternFill patternType="solid">'
        f'<{P}fgColor rgb="{paper}"/><{P}bgColor rgb="{paper}"/></{P}patternFill></{P}fill></{P}dxf>'
        for ink, paper in _COLOURS.values()
    )
    content, colour = extend(content, "dxfs", colours, len(_COLOURS), ("tableStyles", "colors", "extLst"))
    parts[name] = content
    by_severity = {severity: colour + number for number, severity in enumerate(_COLOURS)}
    return Styles(first, first + 1, first + 2, first + 3, first + 4, by_severity)


def write(parts: Parts, name: str, lines: Sequence[Line], styles: Styles, lang: str, *, replace: bool) -> None:
    """Put the sheet at the end of the workbook, or in the place of the one of an earlier time."""
    content = _sheet(parts.main, lines, styles, lang).encode()
    if replace:
        parts[parts.sheets()[name]] = content
        return
    part = parts.add("xl/worksheets/thassist{}.xml", content, _SHEET_TYPE)
    relation = parts.relate(parts.workbook, "worksheet", part)
    book = parts.xml(parts.workbook)
    number = 1 + max((int(one["sheetId"]) for one in elements(book, "sheet") if "sheetId" in one), default=0)
    entry = (
        f'<{P}sheet name="{text(name)}" sheetId="{number}" xmlns:thassist="{parts.office}" thassist:id="{relation}"/>'
    )
    parts[parts.workbook], _ = extend(book, "sheets", entry, 1, (), counted=False)


def _sheet(main: str, lines: Sequence[Line], styles: Styles, lang: str) -> str:
    last, bottom = letter(len(_COLUMNS) - 1), FIRST_ROW + max(len(lines), 1) - 1
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(_COLUMNS.values(), start=1)
    )
    counts: dict[str, int] = dict.fromkeys(map(str, Severity), 0)
    for line in lines:
        if not line.below:
            counts[line.finding.severity] += line.count
    said = [messages.text("intake.f_heading", lang), messages.text("intake.f_numbers", lang, "what", **counts)]
    said += [messages.text("intake.f_intro_1", lang), messages.text("intake.f_intro_2", lang), FINDINGS_MARK]
    rows = [
        _row(number, [words], [styles.plain if number > 1 else styles.title]) for number, words in enumerate(said, 1)
    ]
    heads = [messages.text(f"intake.f_{name}", lang) for name in _COLUMNS]
    rows.append(_row(FIRST_ROW - 1, heads, [styles.header] * len(heads)))
    for number, line in enumerate(lines):
        folds = number + 1 < len(lines) and lines[number + 1].below and not line.below
        rows.append(_line(FIRST_ROW + number, line, styles, lang, folds=folds))
    if not lines:
        rows.append(_row(FIRST_ROW, [messages.text("intake.f_none", lang)], [styles.plain]))
    links = "".join(_link(FIRST_ROW + number, line) for number, line in enumerate(lines[:_MOST_LINKS]))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{main}"><sheetPr>'
        '<tabColor rgb="FFC00000"/><outlinePr summaryBelow="0"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{bottom}"/><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="{FIRST_ROW - 1}" topLeftCell="A{FIRST_ROW}" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" outlineLevelRow="1"/><cols>{widths}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<autoFilter ref="A{FIRST_ROW - 1}:{last}{bottom}"/>'
        + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _line(number: int, line: Line, styles: Styles, lang: str, *, folds: bool) -> str:
    finding = line.finding
    texts: dict[str, str | int] = {
        "severity": messages.text(f"rules.severity_{finding.severity}", lang),
        "cell": _shown(line),
        "header": finding.header,
        "message": finding.message,
        "remedy": finding.remedy,
        "suggestion": finding.suggestion,
        "value": finding.value,
        "count": line.count,
        "code": finding.code,
    }
    if line.also:
        texts = {"severity": texts["severity"], "cell": texts["cell"], "header": "",
                 "message": messages.text("intake.f_also", lang)}  # fmt: skip
    formats = [styles.link if name == "cell" else styles.body for name in texts]
    more = ' outlineLevel="1" hidden="1"' if line.below else ' collapsed="1"' if folds else ""
    return _row(number, list(texts.values()), formats, more)


def _shown(line: Line) -> str:
    """The place as a reader says it."""
    if line.sheet:
        return f"{line.sheet}!{line.cell}" if line.cell else line.sheet
    return line.finding.sheet or line.finding.key


def _link(number: int, line: Line) -> str:
    if not line.sheet:
        return ""
    place = text(f"{quoted(line.sheet)}!{line.cell or 'A1'}")
    return f'<hyperlink ref="B{number}" location="{place}" display="{text(_shown(line))}"/>'


def _row(number: int, values: Sequence[str | int], formats: Sequence[int], more: str = "") -> str:
    cells = []
    for place, (value, style) in enumerate(zip(values, formats, strict=True)):
        ref = f"{letter(place)}{number}"
        if isinstance(value, int):
            cells.append(f'<c r="{ref}" s="{style}"><v>{value}</v></c>')
        elif value:
            words = text(value[:_LONGEST])
            cells.append(f'<c r="{ref}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>')
    return f'<row r="{number}"{more}>{"".join(cells)}</row>'
