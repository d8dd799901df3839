"""The message catalogues: one meaning in three languages, and no key that code asks for in vain."""

import ast
import gettext
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from thassist import errors, messages

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"what", "why", "remedy"}


def entries(room: str, lang: str) -> dict[tuple[str, str], str]:
    """(entry, part) → template, of one catalogue."""
    found = {}
    for key, value in messages.catalogue(room, lang).items():
        for part, template in (value if isinstance(value, dict) else {"what": value}).items():
            found[key, part] = template
    return found


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("room", messages.rooms())
def test_three_languages_hold_the_same_keys_and_placeholders(room: str) -> None:
    english = entries(room, "en")
    for lang in messages.LANGUAGES:
        other = entries(room, lang)
        assert other.keys() == english.keys()
        wrong = [key for key, text in other.items() if placeholders(text) != placeholders(english[key])]
        assert not wrong, lang


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_language_has_every_room(lang: str) -> None:
    folder = Path(messages.__file__).parent / lang
    assert sorted(path.stem for path in folder.glob("*.toml")) == messages.rooms()


@pytest.mark.parametrize("room", messages.rooms())
@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_entries_are_texts_of_known_parts(room: str, lang: str) -> None:
    for (key, part), template in entries(room, lang).items():
        assert part in PARTS, key
        assert template.strip(), key
        assert template == template.strip(), key
        assert all(name.isidentifier() for name in placeholders(template)), key


@pytest.mark.parametrize("room", messages.rooms())
def test_finnish_and_swedish_are_translated(room: str) -> None:
    """A text of several words that is the same in two languages was forgotten."""
    english, same = entries(room, "en"), []
    for lang in ("fi", "sv"):
        other = entries(room, lang)
        same += [(lang, key) for key, text in other.items() if text == english[key] and len(text.split()) > 3]
    assert not same


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("thassist", "cli"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def keys_in_code() -> Iterator[tuple[str, str]]:
    """Every literal that is a catalogue key: a string ``room.entry`` of a known room, anywhere in the code."""
    for path, tree in sources():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            literal = call.args[0] if call.args else None
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str) and name in CALLS:
                yield f"{path.relative_to(ROOT)}:{call.lineno}", literal.value


#: Calls whose first argument is a catalogue key.
CALLS = {"text", "explain"} | {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ThassistError)
}


def test_every_key_that_code_asks_for_exists() -> None:
    missing = []
    for place, key in keys_in_code():
        room, _, entry = key.partition(".")
        if entry and (room not in messages.rooms() or entry not in messages.catalogue(room, "en")):
            missing.append(f"{place} {key}")
    assert not missing


def test_a_missing_placeholder_shows_as_a_question_mark() -> None:
    assert "?" in messages.text("core.definition_missing", "en")


def test_a_missing_part_is_empty() -> None:
    assert messages.text("cli.commands", "en", part="remedy") == ""


def test_explained_with_code_cause_and_remedy() -> None:
    error = errors.InvalidDefinition("core.definition_missing", file="a.toml")
    code, _, rest = messages.explain(error, "sv").partition(" ")
    assert code == "[core.definition_missing]"
    what, remedy = rest.splitlines()
    assert what == "Definitionsfilen a.toml finns inte."
    assert "THASSIST_REPORTS" in remedy
    assert str(error) == messages.explain(error, "en")


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_the_words_of_click_keep_their_placeholders(lang: str) -> None:
    """gettext falls back to English for a word that is missing; a wrong placeholder would fail while failing."""
    with (Path(messages.__file__).parent / "locale" / lang / "LC_MESSAGES" / "click.mo").open("rb") as file:
        words = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    translated = {key if isinstance(key, str) else key[0]: text for key, text in words.items() if key}
    assert len(translated) > 30
    plural_only = {"choices", "nargs", "possibilities"}
    for english, text in translated.items():
        assert placeholders(text) <= placeholders(english) | plural_only, english
