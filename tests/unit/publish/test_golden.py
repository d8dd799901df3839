"""What a reader sees of the hand-made release, kept as text: a change of a word or a figure shows as a difference.

After a wanted change, ``THASSIST_GOLDEN=write pytest tests/unit/publish/test_golden.py`` writes the files again.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from thassist import __version__
from thassist.messages import LANGUAGES
from thassist.publish.package import publish
from thassist.release.build import Release

GOLDEN = Path(__file__).parents[2] / "golden" / "release"
#: Read before the tests' own settings take the place of those of who runs them.
WRITE = os.environ.get("THASSIST_GOLDEN") == "write"


def workbook(path: Path) -> Iterator[str]:
    for sheet in load_workbook(path).worksheets:
        yield f"== {sheet.title}"
        for row in sheet.iter_rows():
            yield " | ".join("" if cell.value is None else repr(cell.value) for cell in row).rstrip(" |")


def pages(path: Path) -> Iterator[str]:
    for number, page in enumerate(PdfReader(path).pages, start=1):
        yield f"== {number}"
        yield re.sub(r"(?: \. ){3,}[. ]*", " … ", page.extract_text()).replace("\xa0", " ")


def compare(name: str, text: str) -> None:
    text = text.replace(__version__, "VERSION").rstrip() + "\n"
    path = GOLDEN / name
    if WRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook(release: Release, tmp_path: Path, lang: str) -> None:
    built = publish(release, tmp_path / "out", langs=(lang,)).folder
    compare(f"workbook_{lang}.txt", "\n".join(workbook(built / f"{release.name}_{lang}.xlsx")))
    compare(f"pdf_{lang}.txt", "\n".join(pages(built / f"{release.name}_{lang}.pdf")))


def test_the_data(release: Release, tmp_path: Path) -> None:
    built = publish(release, tmp_path / "out", langs=()).folder
    for name in ("cross_age_sex.csv", "list_country.csv"):
        compare(name, (built / "data" / name).read_text(encoding="utf-8"))
