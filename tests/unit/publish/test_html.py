"""The web page: one file that needs nothing else, holds the same figures, and has no fault that axe-core finds."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from thassist.messages import LANGUAGES
from thassist.publish import html, svg
from thassist.publish.document import document
from thassist.publish.page import Figure, Picture
from thassist.release.build import Release

WEB = Path(__file__).resolve().parents[2] / "web"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or ""
needs_browser = pytest.mark.skipif(
    not (BROWSER and (WEB / "node_modules").is_dir()) and "CI" not in os.environ,
    reason="a browser and `make web` are needed",
)
#: Runs every rule of axe-core in the page and leaves what it found as text at the end of the page.
CHECK = """
<script>%s</script><script>
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(found => {
  const out = document.createElement('pre');
  out.id = 'axe-result';
  out.textContent = JSON.stringify({rules: found.passes.length, violations: found.violations.map(
    v => ({id: v.id, help: v.help, where: v.nodes.slice(0, 5).map(n => n.html)}))});
  document.body.appendChild(out);
});
</script>
"""


class Tables(HTMLParser):
    """The rows of every table of a page, as texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data


def axe(page: str, folder: Path) -> dict[str, object]:
    """What axe-core finds in a page, in a real browser."""
    program = (WEB / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    watched = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = folder / "page.html"
    path.write_text(watched.replace("</body>", CHECK.replace("%s", program) + "</body>"), encoding="utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
    command += [f"--user-data-dir={folder / 'browser'}", path.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True).stdout
    found = re.search(r'<pre id="axe-result">(.*?)</pre>', shown, re.DOTALL)
    assert found, "axe-core left no result"
    return dict(json.loads(found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))


@needs_browser
def test_axe_core_finds_nothing(release: Release, tmp_path: Path) -> None:
    found = axe(html.page(document(release, "sv")), tmp_path)
    assert found["violations"] == []
    assert int(str(found["rules"])) > 20


@needs_browser
def test_axe_core_would_find_a_fault(release: Release, tmp_path: Path) -> None:
    page = html.page(document(release, "fi")).replace('<html lang="fi">', "<html>").replace('scope="row"', 'scope="x"')
    faults = {str(each["id"]) for each in axe(page, tmp_path)["violations"]}  # type: ignore[index, union-attr]
    assert {"html-has-lang", "scope-attr-valid"} <= faults


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_holds_the_figures_of_the_grids(release: Release, lang: str) -> None:
    content = document(release, lang)
    tables = Tables(html.page(content)).tables
    assert len(tables) == len(content.tables)
    for table, grid in zip(tables, content.tables, strict=True):
        assert table[0] == [*grid.stub_headers, *grid.headers]
        assert len(table) - 1 == len(grid.rows)
        for shown, row in zip(table[1:], grid.rows, strict=True):
            assert tuple(shown[: len(row.stub)]) == row.stub
            for text, figure in zip(shown[len(row.stub) :], row.figures, strict=True):
                plain = re.sub(r"[\s,]", "", text)
                assert plain == (figure.sign if figure.value is None else str(figure.value))


def test_nothing_is_fetched_and_nothing_runs(release: Release) -> None:
    page = html.page(document(release, "en"))
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "default-src 'none'" in page
    assert "url(" not in page


def test_a_text_of_the_office_cannot_become_markup(release: Release) -> None:
    titles = dict.fromkeys(LANGUAGES, 'A <b>title</b> & "more"')
    page = html.page(document(replace(release, spec=replace(release.spec, titles=titles)), "en"))
    assert "<b>" not in page
    assert "&lt;b&gt;title&lt;/b&gt; &amp;" in page


def test_every_link_leads_somewhere_and_every_id_is_one(release: Release) -> None:
    page = html.page(document(release, "fi"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page).pop().split()) <= set(ids)


def test_a_chart_draws_what_is_known_and_says_what_is_not() -> None:
    bars = (("2021", Figure(4)), ("2022", Figure(None, "[c]")), ("2023", Figure(8)))
    picture = Picture("Figure 1", "Persons", "t", "persons", bars, "In words", breaks=((2, "The law changed."),))
    drawn = svg.bar_chart(picture, "en", "k")
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)]
    assert len(widths) == 2
    assert widths[1] == pytest.approx(2 * widths[0])
    assert "[c]" in drawn
    assert drawn.count('class="break"') == 1
    assert drawn.index("2022<") < drawn.index('class="break"') < drawn.index("2023<")


def test_the_same_release_gives_the_same_page(release: Release) -> None:
    assert html.page(document(release, "fi")) == html.page(document(release, "fi"))
