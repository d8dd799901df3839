"""A release as one web page: everything inside one file, no script, nothing fetched from elsewhere.

Structure and names follow WCAG 2.1 level AA as EN 301 549 asks of a public authority's content: a language, one
heading order, landmarks, a way past the contents, tables with a caption and scoped headers, charts with their text.
"""

from html import escape
from pathlib import Path

from thassist.publish import svg
from thassist.publish.page import Document, Figure, Grid, Note, Picture, Row
from thassist.publish.texts import number, say

#: With more columns of figures than this, a table is printed smaller, so that it fits the width of the paper.
_MANY = 6
#: A page may use only what is in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { --ink: #111; --paper: #fff; --line: #767676; --bar: #1f4e79; --soft: #f2f2f2; --link: #00437a; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 Arial, Helvetica, sans-serif; color: var(--ink); background: var(--paper); }
header, main, footer, nav { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 1rem 0 .25rem; }
h2 { font-size: 1.5rem; border-bottom: 2px solid var(--bar); margin: 3rem 0 1rem; padding-bottom: .25rem; }
h3 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
a { color: var(--link); }
a:focus, [tabindex]:focus { outline: 3px solid #b35900; outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.banner { border: 3px solid #8a1c1c; padding: .5rem 1rem; margin: 1rem 0; font-weight: bold; }
.period { font-size: 1.25rem; margin: 0 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { border-bottom: 2px solid var(--ink); text-align: right; vertical-align: bottom; }
thead th.stub { text-align: left; }
tbody th { text-align: left; font-weight: normal; }
td { text-align: right; white-space: nowrap; }
tr.total th, tr.total td { font-weight: bold; }
figure { margin: 1.5rem 0; }
figcaption { font-weight: bold; }
svg { width: 100%; max-width: 45rem; height: auto; font: 14px Arial, Helvetica, sans-serif; fill: var(--ink); }
svg rect { fill: var(--bar); }
svg .axis { stroke: var(--ink); }
svg .band { fill: var(--bar); fill-opacity: .35; }
svg .stage { font-weight: bold; }
svg .break { stroke: #8a1c1c; stroke-width: 2; stroke-dasharray: 6 4; }
dl.facts { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; }
dt { font-weight: bold; }
dd { margin: 0; }
.small { font-size: .95rem; }
ul.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; padding: 0; }
ul.figures li { list-style: none; border-left: 4px solid var(--bar); padding: .25rem .75rem; }
ul.figures strong { display: block; font-size: 2rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
ul.figures span { display: block; }
@media (max-width: 40rem) { dl.facts { grid-template-columns: 1fr; } }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f2; --paper: #16181b; --line: #8d8d8d; --bar: #8db8e2; --soft: #24272b; --link: #9cc7f0; }
  .banner { border-color: #ff9d9d; }
  h2 { border-color: var(--line); }
}
@page { size: A4; margin: 15mm; }
@media print {
  :root { font-size: 9.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip, .back { display: none; }
  h2, h3, figcaption, dl.facts, .marks, thead, tr.total { break-after: avoid; }
  h2, h3, figure, tr, dl.small, ul.figures li { break-inside: avoid; }
  .wide { overflow: visible; }
  table { max-width: 100%; }
  th, td { padding: .15rem .4rem; hyphens: auto; }
  table.many { font-size: 7pt; }
  table.many td, table.many th { padding: .1rem .2rem; overflow-wrap: anywhere; }
}
""".strip()


def write(document: Document, path: Path) -> None:
    """Write the page as UTF-8."""
    path.write_text(page(document), encoding="utf-8", newline="")


def page(document: Document) -> str:
    """The whole page."""
    lang = document.lang
    title = f"{document.title}, {document.period}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{lang}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="author" content="{escape(document.publisher)}">',
            f'<meta name="dcterms.modified" content="{document.day}">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{_STYLE}\n</style>",
            "</head>",
            "<body>",
            *_head(document),
            *_contents(document),
            '<main id="main">',
            *_key_figures(document),
            *(line for chapter in range(len(document.chapters)) for line in _chapter(document, chapter)),
            *_quality(document),
            *_notes(document.notes, lang),
            *_symbols(document),
            "</main>",
            *_foot(document),
            "</body>",
            "</html>",
            "",
        ]
    )


def _head(document: Document) -> list[str]:
    return [
        "<header>",
        f'<a class="skip" href="#main">{_say("html_skip", document.lang)}</a>',
        f"<h1>{escape(document.title)}</h1>",
        f'<p class="period">{escape(document.period)}</p>',
        f'<div class="banner" role="note" aria-label="{_say("html_banner", document.lang)}">',
        *(f"<p>{escape(banner)}</p>" for banner in document.banners),
        "</div>",
        "</header>",
    ]


def _contents(document: Document) -> list[str]:
    lines = [
        f'<nav aria-label="{_say("contents", document.lang)}">',
        f"<h2>{_say('contents', document.lang)}</h2>",
        "<ul>",
    ]
    if document.key_figures:
        lines.append(f'<li><a href="#key-figures">{_say("key_figures", document.lang)}</a></li>')
    for place, chapter in enumerate(document.chapters, start=1):
        lines.append(f'<li><a href="#chapter-{place}">{escape(chapter.title)}</a><ul>')
        lines += [
            f'<li><a href="#{grid.id}">{escape(grid.name)}: {escape(grid.title)}</a></li>' for grid in chapter.tables
        ]
        lines.append("</ul></li>")
    if document.quality:
        lines.append(f'<li><a href="#quality">{_say("quality", document.lang)}</a></li>')
    lines += [f'<li><a href="#notes">{_say("notes", document.lang)}</a></li>']
    lines += [f'<li><a href="#symbols">{_say("symbols", document.lang)}</a></li>']
    lines += [f'<li><a href="#about">{_say("html_about", document.lang)}</a></li>', "</ul>", "</nav>"]
    return lines


def _key_figures(document: Document) -> list[str]:
    """What a reader wants to know first; each figure with what it counts and the year before."""
    if not document.key_figures:
        return []
    lines = ['<section aria-labelledby="key-figures">']
    lines += [f'<h2 id="key-figures">{_say("key_figures", document.lang)}</h2>', '<ul class="figures">']
    for figure in document.key_figures:
        before = f'<span class="small">{escape(figure.before)}</span>' if figure.before else ""
        lines.append(f"<li><strong>{escape(figure.shown)}</strong> <span>{escape(figure.label)}</span> {before}</li>")
    return [*lines, "</ul>", "</section>"]


def _quality(document: Document) -> list[str]:
    if not document.quality:
        return []
    lines = ['<section aria-labelledby="quality">', f'<h2 id="quality">{_say("quality", document.lang)}</h2>']
    for title, text in document.quality:
        lines += [f"<h3>{escape(title)}</h3>", f"<p>{escape(text)}</p>"]
    return [*lines, "</section>"]


def _chapter(document: Document, place: int) -> list[str]:
    chapter = document.chapters[place]
    key = f"chapter-{place + 1}"
    lines = [f'<section aria-labelledby="{key}">', f'<h2 id="{key}">{escape(chapter.title)}</h2>']
    lines += [f"<p>{escape(sentence.text)}</p>" for sentence in chapter.sentences]
    for grid in chapter.tables:
        lines += _table(grid, document.lang)
        pictures = [picture for picture in chapter.pictures if picture.table == grid.id]
        for number_, picture in enumerate(pictures, start=1):
            lines += _picture(picture, document.lang, f"{grid.id}-{number_}")
    return [*lines, "</section>"]


def _table(grid: Grid, lang: str) -> list[str]:
    lines = [f'<h3 id="{grid.id}">{escape(grid.name)}: {escape(grid.title)}</h3>', '<dl class="facts small">']
    lines += [f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in grid.facts]
    lines.append("</dl>")
    if grid.notes:
        marks = ", ".join(
            f'<a href="#note-{number_}">{_say("note_name", lang, number=number_)}</a>' for number_ in grid.notes
        )
        lines.append(f'<p class="small marks">{marks}</p>')
    lines += [f'<div class="wide" role="region" tabindex="0" aria-labelledby="{grid.id}">']
    lines.append('<table class="many">' if len(grid.headers) > _MANY else "<table>")
    lines.append(f"<caption>{escape(grid.title)}</caption>")
    heads = [f'<th scope="col" class="stub">{escape(header)}</th>' for header in grid.stub_headers]
    heads += [f'<th scope="col">{escape(header)}</th>' for header in grid.headers]
    lines += ["<thead><tr>", *heads, "</tr></thead>", "<tbody>"]
    lines += [_row(row, grid.decimals, lang) for row in grid.rows]
    return [*lines, "</tbody>", "</table>", "</div>"]


def _row(row: Row, decimals: int, lang: str) -> str:
    cells = [f'<th scope="row">{escape(label)}</th>' for label in row.stub]
    cells += [f"<td>{_figure(figure, decimals, lang)}</td>" for figure in row.figures]
    return ('<tr class="total">' if row.total else "<tr>") + "".join(cells) + "</tr>"


def _figure(figure: Figure, decimals: int, lang: str) -> str:
    if figure.value is None:
        return escape(figure.sign)
    return f'<data value="{figure.value:.{decimals}f}">{escape(number(figure.value, decimals, lang))}</data>'


def _picture(picture: Picture, lang: str, key: str) -> list[str]:
    lines = ["<figure>", f"<figcaption>{escape(picture.title)}</figcaption>", f"<p>{escape(picture.unit)}</p>"]
    lines.append(svg.chart(picture, lang, key))
    lines += [f'<p class="small">{escape(text)}</p>' for _, text in picture.breaks]
    return [*lines, f'<p class="small">{escape(picture.words)}</p>', "</figure>"]


def _notes(notes: tuple[Note, ...], lang: str) -> list[str]:
    lines = ['<section aria-labelledby="notes">', f'<h2 id="notes">{_say("notes", lang)}</h2>', '<dl class="facts">']
    for note in notes:
        belongs = f" ({escape(', '.join(note.tables))})" if note.tables else ""
        lines.append(
            f'<dt id="note-{note.number}">{_say("note_name", lang, number=note.number)}</dt>'
            f"<dd>{escape(note.text)}{belongs}</dd>"
        )
    return [*lines, "</dl>", "</section>"]


def _symbols(document: Document) -> list[str]:
    lines = ['<section aria-labelledby="symbols">', f'<h2 id="symbols">{_say("symbols", document.lang)}</h2>']
    lines.append('<dl class="facts">')
    lines += [f"<dt>{escape(sign)}</dt><dd>{escape(meaning)}</dd>" for sign, meaning in document.symbols]
    return [*lines, "</dl>", "</section>"]


def _foot(document: Document) -> list[str]:
    lines = ["<footer>", f'<h2 id="about">{_say("html_about", document.lang)}</h2>', '<dl class="facts">']
    lines += [f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in document.facts]
    return [*lines, "</dl>", "</footer>"]


def _say(entry: str, lang: str, **params: object) -> str:
    return escape(say(entry, lang, **params))
