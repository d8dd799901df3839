"""What is wrong with published files: formats that contradict each other, and figures outside the cells.

A figure that one format withholds and another shows is out. A number in a title, a sentence, a comment or a property
that is no public figure of the release is one that nobody has protected.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from thassist.codes import TOTAL, classification
from thassist.disclosure.files.claims import Claim, claims
from thassist.disclosure.files.labels import table_ids
from thassist.disclosure.files.written import WITHHELD, Fault, Written, WrittenCell, WrittenText
from thassist.messages import LANGUAGES
from thassist.tables.spec import load

_NOISE = 0.5001


def faults_of(written: Written) -> list[Fault]:
    """Everything that is wrong: what the readers noticed, contradictions, and numbers that no cell explains."""
    return [*written.faults, *disagreements(written.cells), *unexplained(written)]


def disagreements(cells: Iterable[WrittenCell]) -> Iterator[Fault]:
    """Cells that are said differently in two places; a zero that one format leaves out contradicts nothing."""
    by_key: dict[tuple[object, ...], list[WrittenCell]] = defaultdict(list)
    for cell in cells:
        by_key[cell.key].append(cell)
    for same in by_key.values():
        first = same[0]
        for other in same[1:]:
            if (first.value, _said(first)) == (other.value, _said(other)):
                continue
            shown = WITHHELD in {first.status, other.status} and not (first.value is None and other.value is None)
            told = {"cell": first.named, "other": first.file, "other_place": first.place}
            key = "written.withheld_and_shown" if shown else "written.disagree"
            yield Fault(key, other.file, other.place, told, leak=shown)


def _said(cell: WrittenCell) -> str:
    """The status, as far as every format can tell it: a figure is a figure, provisional or not."""
    return "" if cell.value is not None else cell.status


def unexplained(written: Written) -> Iterator[Fault]:
    """Numbers outside the cells that are no public figure, and numbers beside the name of a withheld one."""
    public: dict[str, set[float]] = defaultdict(set)
    withheld: dict[str, list[WrittenCell]] = defaultdict(list)
    for cell in written.cells:
        if cell.value is not None:
            public[cell.table].add(cell.value)
            public[""].add(cell.value)
        elif cell.status == WITHHELD:
            withheld[cell.table].append(cell)
    shares = _shares(written.cells)
    words = {(table, lang): set(_names(cells, lang)) for table, cells in withheld.items() for lang in LANGUAGES}
    shown = _shown_names(written.cells)
    for text in _joined(written.texts):
        for claim in claims(text):
            # Where a figure stands on a page is not known: a name and a number in a row may be of two cells.
            tables = [] if text.kind == "page" else [text.table] if text.table else list(withheld)
            beside = [
                name for table in tables for name in words.get((table, text.lang or "en"), ()) if claim.beside(name)
            ]
            known = public[text.table] if text.table else public[""]
            if beside and not any((claim.value, name) in shown for name in beside):
                yield Fault("written.beside_withheld", text.file, text.place, {"kind": text.kind}, leak=True)
            elif not _explained(claim, known, shares):
                yield Fault("written.no_such_figure", text.file, text.place, {"kind": text.kind}, leak=True)


def _explained(claim: Claim, public: set[float], shares: set[float]) -> bool:
    if claim.value == 0:  # that there was nobody is said wherever zeros are printed
        return True
    if not claim.percent:
        return claim.value in public or any(whole in public for whole in claim.wholes)
    scale = 10**claim.decimals
    return any(abs(share - claim.value) * scale <= _NOISE for share in shares)


def _shares(cells: Iterable[WrittenCell]) -> set[float]:
    """The shares, in per cent, of every public figure in the public total of its table and period."""
    totals: dict[tuple[str, str], float] = {}
    parts: dict[tuple[str, str], set[float]] = defaultdict(set)
    for cell in cells:
        if cell.value is not None:
            parts[cell.table, cell.period].add(cell.value)
            if not cell.codes:
                totals[cell.table, cell.period] = cell.value
    return {100 * part / total for place, total in totals.items() if total for part in parts[place]}


def _names(cells: Iterable[WrittenCell], lang: str) -> Iterator[str]:
    """The words for the codes of cells that stand for one category each."""
    for cell in cells:
        if cell.table in table_ids() and len(cell.codes) == 1:
            yield _label(cell, lang)


def _label(cell: WrittenCell, lang: str) -> str:
    [(name, code)] = cell.codes
    try:
        return classification(load(cell.table).dimension(name).classification).label(code, lang)
    except KeyError:
        return code if code != TOTAL else ""


def _shown_names(cells: Iterable[WrittenCell]) -> set[tuple[float, str]]:
    """(figure, words) of every public cell of one category, in every language."""
    return {
        (cell.value, _label(cell, lang))
        for cell in cells
        if cell.value is not None and len(cell.codes) == 1 and cell.table in table_ids()
        for lang in LANGUAGES
    }


def _joined(texts: Iterable[WrittenText]) -> Iterator[WrittenText]:
    """The texts; the lines of a page are one text, because a sentence goes on in the next line."""
    pages: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for text in texts:
        if text.kind == "page":
            pages[text.file, text.place, text.lang].append(text.text)
        else:
            yield text
    for (file, place, lang), lines in pages.items():
        yield WrittenText(" ".join(lines), "page", file, place, lang)
