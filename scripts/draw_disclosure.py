"""Draw the quarters-and-year example of the manual (``docs/manual/images/quarters-and-year.svg``).

The figures are made up. What a reader can work out is not written by hand: it is counted here, over every table of
whole numbers that agrees with what is printed.
"""

import itertools
from pathlib import Path
from xml.sax.saxutils import escape

TARGET = Path(__file__).resolve().parent.parent / "docs" / "manual" / "images" / "quarters-and-year.svg"
PERIODS = ("Q1", "Q2", "Q3", "Q4", "Year")
#: Form → the four quarters; the year is their sum.
COUNTS = {"Begging": (3, 6, 5, 0), "Benefit fraud": (6, 9, 8, 8), "All other forms": (21, 22, 24, 23)}
ALONE = {("Begging", 0), ("Benefit fraud", 0)}
TOGETHER = ALONE | {("Begging", 1), ("Benefit fraud", 1)}
_LEFT, _TOP, _WIDE, _HIGH = 180, 84, 72, 34
_LOOK = (
    "text{font:16px sans-serif;fill:#1a1a1a}.head{font-size:19px;font-weight:bold}.bold{font-weight:bold}"
    ".middle{text-anchor:middle}.hidden{font-weight:bold;fill:#8a1c1c}.words{font-size:15px}"
    ".mark{fill:none;stroke:#8a1c1c;stroke-width:1.5}"
)


def possible(withheld: set[tuple[str, int]], *, year: bool) -> tuple[int, int]:
    """The smallest and the largest number of begging cases in the first quarter that agree with what is printed.

    Args:
        withheld: the cells shown as ``[c]``, in each quarter none or both of begging and benefit fraud.
        year: whether the yearly table is out too.
    """
    first, second = COUNTS["Begging"], COUNTS["Benefit fraud"]
    choices = []
    for quarter in range(4):
        pair = first[quarter] + second[quarter]
        # Zeros are printed, so that both withheld figures are 1 or more.
        choices.append(
            range(1, pair) if ("Begging", quarter) in withheld else range(first[quarter], first[quarter] + 1)
        )
    found = [guess[0] for guess in itertools.product(*choices) if not year or sum(guess) == sum(first)]
    return min(found), max(found)


def panel(top: int, title: str, withheld: set[tuple[str, int]], words: str, *, marked: bool) -> list[str]:
    """One table with its title above and what follows from it below."""
    out = [_text(20, top + 24, title, "head")]
    rows = {**COUNTS, "Total": tuple(map(sum, zip(*COUNTS.values(), strict=True)))}
    for column, period in enumerate(PERIODS):
        out.append(_text(_LEFT + column * _WIDE + _WIDE // 2, top + _TOP - 30, period, "middle bold"))
    for row, (form, quarters) in enumerate(rows.items()):
        y = top + _TOP + row * _HIGH
        out.append(_text(20, y, form, "bold" if form == "Total" else ""))
        for column, count in enumerate((*quarters, sum(quarters))):
            hidden = (form, column) in withheld
            x = _LEFT + column * _WIDE
            if marked and form == "Begging":
                out.append(f'<rect x="{x + 6}" y="{y - 21}" width="{_WIDE - 12}" height="29" class="mark"/>')
            shown = "[c]" if hidden else str(count)
            out.append(_text(x + _WIDE // 2, y, shown, "middle hidden" if hidden else "middle"))
    out.append(_text(20, top + _TOP + len(rows) * _HIGH + 6, words, "words"))
    return out


def _text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'


def drawing() -> str:
    """The picture."""
    alone, known, together = possible(ALONE, year=False), possible(ALONE, year=True), possible(TOGETHER, year=True)
    [exact] = {*known}
    year, rest = sum(COUNTS["Begging"]), COUNTS["Begging"][1:]
    subtraction = " − ".join(map(str, (year, *rest)))
    first = f"From the first quarter alone: {alone[0]} to {alone[1]}. With the year: {subtraction} = {exact}."
    second = f"With all four quarters and the year: {together[0]} to {together[1]}. Two more cells are withheld."
    title = "A table protected quarter by quarter, and the same planned with the year"
    parts = [
        *panel(0, "Each table protected by itself", ALONE, first, marked=True),
        *panel(270, "Planned together", TOGETHER, second, marked=False),
    ]
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 540" role="img" aria-labelledby="title words">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="words">{escape(first)} {escape(second)}</desc>',
            f"<style>{_LOOK}</style>",
            '<rect width="620" height="540" fill="#ffffff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8", newline="")
