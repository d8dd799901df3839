"""What a fact of the quality report is: data for programs, and sentences with their words in ``texts/quality.toml``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thassist.messages import LANGUAGES


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: the key of its words, and what stands in them; a value may be given by language."""

    entry: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known: for programs, and in words."""

    data: Any
    said: tuple[Said, ...]


def by_language(make: Callable[[str], str]) -> dict[str, str]:
    """A text in every language."""
    return {lang: make(lang) for lang in LANGUAGES}


def listed(found: Sequence[Mapping[str, str]], separator: str = ", ") -> dict[str, str]:
    """Several texts as one, each once."""
    return by_language(lambda lang: separator.join(dict.fromkeys(each[lang] for each in found)))
