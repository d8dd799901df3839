"""Settings: where sources disagree how something is to be coded, the office's choice, kept as data.

File ``reports/settings.toml``. A correspondence names a setting on the rows that depend on it; the choice is printed
with every release that uses such a correspondence, since another choice gives other figures.
"""

import difflib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES

_FILE = "settings.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One contested question and what was chosen.

    Attributes:
        id: its name in ``reports/settings.toml``.
        choice: the chosen answer.
        question: what is contested, by language.
        choices: every answer that may be chosen, with its text by language.
        source: where the disagreement is documented.
    """

    id: str
    choice: str
    question: dict[str, str]
    choices: dict[str, dict[str, str]]
    source: str

    def text(self, lang: str) -> str:
        """The question with the chosen answer, as it stands in the metadata of a release."""
        return f"{self.question[lang]} {self.choices[self.choice][lang]}"


def setting(setting_id: str) -> Setting:
    """One setting.

    Raises:
        InvalidDefinition: there is no such setting, or its choice is none of its answers.
    """
    known = {each.id: each for each in all_settings()}
    if setting_id not in known:
        near = difflib.get_close_matches(setting_id, known, n=1, cutoff=0.4)
        raise InvalidDefinition("codes.no_setting", id=setting_id, nearest=near[0] if near else "–")
    return known[setting_id]


def all_settings() -> tuple[Setting, ...]:
    """Every setting, in the order of the file.

    Raises:
        InvalidDefinition: the file is wrong.
    """
    path = _data.reports_dir() / _FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else ()


@cache
def _read(path: Path, _changed: int) -> tuple[Setting, ...]:
    data = _data.read_toml(path)
    found = []
    for name, block in data.items():
        if name == "schema":
            continue
        try:
            choices = {key: {lang: str(texts[lang]) for lang in LANGUAGES} for key, texts in block["answer"].items()}
            chosen = str(block["choice"])
            question = {lang: str(block["question"][lang]) for lang in LANGUAGES}
            each = Setting(name, chosen, question, choices, str(block["source"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidDefinition("codes.bad_setting", file=path.name, id=name) from error
        if chosen not in choices:
            raise InvalidDefinition(
                "codes.bad_choice", file=path.name, id=name, choice=chosen, known=", ".join(choices)
            )
        found.append(each)
    return tuple(found)
