"""A figure's place in a table, as a reader names it: ``2022, Form of exploitation: Forced labour; Sex: Women``."""

from collections.abc import Iterable
from dataclasses import dataclass

from thassist import messages
from thassist.codes import TOTAL, classification
from thassist.tables.cube import CellKey
from thassist.tables.spec import TableSpec

#: More categories than these are counted, not named.
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Place:
    """An address of a table, in words of a language or in codes (``str``), which are the same in every language.

    Attributes:
        spec: the table.
        key: period and codes.
        across: where the place is a sum over categories, the dimension and its codes.
    """

    spec: TableSpec
    key: CellKey
    across: tuple[str, tuple[str, ...]] | None = None

    def __str__(self) -> str:
        """The place in codes, of what is not at its total: ``2022, form=LAB, sex=F``."""
        named = [f"{name}={'+'.join(codes)}" for name, codes in self._codes()]
        return ", ".join([self.key[0], *(named or [TOTAL])])

    def said(self, lang: str) -> str:
        """The place in words."""
        parts = []
        for name, codes in self._codes():
            dimension = self.spec.dimension(name)
            known = classification(dimension.classification)
            if len(codes) > _MOST_NAMED:
                words = messages.text("release.categories", lang, count=len(codes))
            else:
                words = " + ".join(known.label(code, lang) for code in codes)
            parts.append(f"{dimension.titles[lang]}: {words}")
        return f"{self.key[0]}, {'; '.join(parts) or messages.text('release.in_all', lang)}"

    def _codes(self) -> list[tuple[str, tuple[str, ...]]]:
        named = []
        for dimension, code in zip(self.spec.dimensions, self.key[1:], strict=True):
            if self.across and self.across[0] == dimension.id:
                named.append((dimension.id, self.across[1]))
            elif code != TOTAL:
                named.append((dimension.id, (code,)))
        return named


@dataclass(frozen=True, slots=True)
class Title:
    """A table as a reader knows it: its title in the language, and its id."""

    spec: TableSpec

    def __str__(self) -> str:
        """The id."""
        return self.spec.id

    def said(self, lang: str) -> str:
        """Title and id."""
        return f"{self.spec.titles[lang]} ({self.spec.id})"


def key_of(spec: TableSpec, period: str, codes: Iterable[tuple[str, str]]) -> CellKey:
    """The address of a figure in its table, from the codes that are not at their total."""
    given = dict(codes)
    return (period, *(given.get(dimension.id, TOTAL) for dimension in spec.dimensions))


@dataclass(frozen=True)
class Words:
    """An entry of the catalogue within another."""

    key: str

    def __str__(self) -> str:
        """The name of the entry."""
        return self.key

    def said(self, lang: str) -> str:
        """The entry in a language."""
        return messages.text(self.key, lang)


@dataclass(frozen=True)
class Said:
    """Something that can be said in a language, within a message."""

    text: object

    def __str__(self) -> str:
        """In English."""
        return self.said("en")

    def said(self, lang: str) -> str:
        """In a language."""
        return str(self.text(lang))  # type: ignore[operator]
