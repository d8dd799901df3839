"""What was found in published files: cells with their place, and texts in which a figure may stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thassist import _data, messages

WITHHELD = "Q"
NORMAL = "A"


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """One figure as a file shows it.

    Attributes:
        table: the table's id.
        period: the code of the cell's period.
        codes: (dimension, code) of each dimension that is not at its total, by the name of the dimension.
        value: the number; None where a sign stands instead.
        status: SDMX CL_OBS_STATUS, ``Q`` for withheld.
        file: the file's path within the release.
        place: where in the file, for people.
    """

    table: str
    period: str
    codes: tuple[tuple[str, str], ...]
    value: float | None
    status: str
    file: str
    place: str

    @property
    def key(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """What the figure is about, whatever the file."""
        return self.table, self.period, self.codes

    @property
    def named(self) -> str:
        """The cell in a message: its codes, or the total."""
        codes = ", ".join(f"{name} {code}" for name, code in self.codes) or "_T"
        return f"{self.table} [{self.period}: {codes}]"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text outside the cells of a table, in which a figure may stand.

    Attributes:
        text: the words.
        kind: ``text``, ``property``, ``comment``, ``name``, ``chart``, ``label``, ``hidden``, ``script``, ``page``.
        file, place: as of a cell.
        lang: the language it is in; empty where nobody knows.
        table: the table it belongs to; empty where it belongs to none.
    """

    text: str
    kind: str
    file: str
    place: str
    lang: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the files: an entry of the catalogue ``written``, its placeholders, where.

    Attributes:
        key: ``written.…``.
        file, place: where it stands.
        params: placeholders; never a withheld figure.
        leak: whether it gives a figure away, not only a contradiction.
    """

    key: str
    file: str
    place: str
    params: Mapping[str, object] = field(default_factory=dict)
    leak: bool = False

    def text(self, lang: str, part: str = "what") -> str:
        """What is wrong, in a language."""
        return messages.text(self.key, lang, part, file=self.file, place=self.place, **self.params)


@dataclass
class Written:
    """Everything that was read from a file or from the folder of a release."""

    cells: list[WrittenCell] = field(default_factory=list)
    texts: list[WrittenText] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def take(self, other: "Written") -> None:
        """Add what was read elsewhere."""
        self.cells += other.cells
        self.texts += other.texts
        self.faults += other.faults


def signs() -> dict[str, str]:
    """Sign → status, of everything that may stand in a cell instead of a figure."""
    standing = _data.read_toml(_data.reports_dir() / "texts" / "standing.toml").get("symbol", {})
    return {str(entry["sign"]): status for status, entry in standing.items() if len(status) == 1}
