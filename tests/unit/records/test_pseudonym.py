"""Keys of persons: the same from the same secret, nothing from the database alone."""

import hashlib
import hmac
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from thassist_cli.main import cli

from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.model import IDENTITY_CODE, KEY
from thassist.records.pseudonym import Pseudonymiser, create_secret, open_secret

SECRET = bytes(range(32))
MADE_UP = "131052-308T"  # the authority's own example of an identity code


def _key(action: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as caught:
        action()
    for lang in LANGUAGES:
        shown = explain(caught.value, lang)
        assert "?" not in shown
        assert "\n" in shown
    return caught.value.key


def _expected(scheme: str, text: str, count: int) -> str:
    """The definition, in other words: five bits at a time from the low end of the digest."""
    digest = hmac.digest(SECRET, b"thassist/1\n" + scheme.encode() + b"\n" + text.encode(), hashlib.sha256)
    bits = "".join(f"{byte:08b}" for byte in digest)[::-1]
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(signs[int(bits[5 * place : 5 * place + 5][::-1], 2)] for place in range(count))


def test_the_form_of_a_key_never_changes() -> None:
    made = Pseudonymiser(SECRET).key(MADE_UP)
    assert made == f"P{_expected('fingerprint', '', 4)}-{_expected('person', MADE_UP, 20)}"


@pytest.mark.parametrize(
    "written", [" 131052-308t", "131052-308T\n", "131052–308T", "131 052-308T", "１３１０５２-308T"]
)
def test_ways_of_writing_are_one(written: str) -> None:
    assert Pseudonymiser(SECRET).key(written) == Pseudonymiser(SECRET).key(MADE_UP)


@pytest.mark.parametrize("other", ["131052A308T", "131052+308T", "131052308T", "131053-308T"])
def test_others_are_others(other: str) -> None:
    assert Pseudonymiser(SECRET).key(other) != Pseudonymiser(SECRET).key(MADE_UP)


def test_another_secret_or_scheme_gives_another_key() -> None:
    one, other = Pseudonymiser(SECRET), Pseudonymiser(SECRET[::-1])
    keys = {one.key(MADE_UP), other.key(MADE_UP), one.key(MADE_UP, scheme="case")}
    assert len({key.partition("-")[2] for key in keys}) == 3
    assert one.made(one.key(MADE_UP)) is True
    assert one.made(other.key(MADE_UP)) is False
    assert one.made("C-000001") is None


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_every_key_may_be_stored(identifier: str) -> None:
    try:
        key = Pseudonymiser(SECRET).key(identifier)
    except StorageError:
        assert not re.sub(r"\s", "", identifier).strip()
        return
    assert re.fullmatch(KEY, key)
    assert not re.fullmatch(IDENTITY_CODE, key)


def test_nothing_is_no_identifier() -> None:
    assert _key(lambda: Pseudonymiser(SECRET).key(" \n")) == "records.nothing_to_hide"


def test_the_secret_is_never_shown() -> None:
    assert SECRET.hex() not in repr(Pseudonymiser(SECRET))
    assert repr(SECRET) not in repr(Pseudonymiser(SECRET))


def test_a_secret_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert create_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    assert len(bytes.fromhex(before.strip())) == 32
    assert not create_secret(path)
    assert path.read_text() == before
    assert create_secret(tmp_path / "other")
    assert open_secret(path).fingerprint != open_secret(tmp_path / "other").fingerprint


def test_trouble_with_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _key(open_secret) == "records.no_secret"
    path = tmp_path / "secret"
    monkeypatch.setenv("THASSIST_SECRET_FILE", str(path))
    assert _key(open_secret) == "records.secret_unreadable"
    assert _key(lambda: create_secret(tmp_path / "nowhere" / "secret")) == "records.secret_not_written"
    create_secret(path)
    assert open_secret().made("C-1") is None
    path.chmod(0o640)
    assert _key(open_secret) == "records.secret_open"
    path.chmod(0o600)
    for content in (b"", b"abc\n", b"x" * 64, b"\xff" * 64, path.read_bytes() + b"more"):
        path.write_bytes(content)
        assert _key(open_secret) == "records.secret_unreadable"
        assert _key(lambda: create_secret(path)) == "records.secret_unreadable"


def test_init_makes_the_secret_apart_from_the_database(tmp_path: Path) -> None:
    path, db = tmp_path / "apart" / "secret", f"sqlite:///{tmp_path / 'new.db'}"
    path.parent.mkdir()

    def run(*more: str) -> str:
        shown = CliRunner(env={"THASSIST_SECRET_FILE": str(path)}).invoke(
            cli, ["init", "--db", db, "--secret", "--lang", "en", *more]
        )
        assert shown.exit_code == 0, shown.output
        return shown.output

    assert f"Made the secret for pseudonymous keys in {path}" in run()
    assert "is unchanged" in run()
    assert '"secret_made": false' in run("--format", "json")
    assert path.read_bytes().strip() not in (tmp_path / "new.db").read_bytes()
    without = CliRunner().invoke(cli, ["init", "--db", db, "--secret", "--lang", "en"])
    assert without.exit_code == 13
    assert "THASSIST_SECRET_FILE" in without.output
