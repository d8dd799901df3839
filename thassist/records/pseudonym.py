"""Keys of persons that nobody can turn back: HMAC-SHA256 of an identifier, with a secret that no database holds.

The same identifier and secret always give the same key, so deliveries of different days meet in one person, while
whoever has the database, or a copy of it, cannot even try out identifiers without the secret (GDPR art. 4(5):
pseudonymisation, the additional information kept apart).

A key reads ``P`` + four signs that tell which secret made it + ``-`` + twenty signs (100 bits, in the alphabet of
Crockford's base 32, which has no I, L, O or U). The four signs let a wrong secret be noticed before it makes every
client a new person.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from thassist.errors import StorageError

SETTING = "THASSIST_SECRET_FILE"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTES = 32
_FILE = re.compile(r"[0-9a-f]{64}\n?")
_KEY = re.compile(rf"P([{_ALPHABET}]{{4}})-[{_ALPHABET}]{{20}}")


@dataclass(frozen=True, slots=True)
class Pseudonymiser:
    """Makes keys with one secret, which it never shows.

    Attributes:
        fingerprint: four signs that tell this secret from others, and nothing about it.
    """

    _secret: bytes

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Pseudonymiser({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """The four signs that every key of this secret begins with, after the ``P``."""
        return self._signs("fingerprint", "", 4)

    def key(self, identifier: str, *, scheme: str = "person") -> str:
        """The key of an identifier.

        Args:
            identifier: what the delivering system knows the person by. Blanks, upper and lower case, kinds of dashes
                and ways of writing the same letter make no difference.
            scheme: what kind of thing is identified, so that a case and a person of the same number differ.

        Raises:
            StorageError: the identifier is empty.
        """
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", identifier)).upper()
        plain = re.sub("[\u2010-\u2015\u2212]", "-", plain)  # a dash is how a word processor writes a hyphen
        if not plain:
            raise StorageError("records.nothing_to_hide")
        return f"P{self.fingerprint}-{self._signs(scheme, plain, 20)}"

    def made(self, key: str) -> bool | None:
        """Whether a key was made with this secret; None for a key that no secret made (a synthetic one, say)."""
        found = _KEY.fullmatch(key)
        return None if found is None else found[1] == self.fingerprint

    def _signs(self, scheme: str, text: str, count: int) -> str:
        digest = hmac.new(self._secret, f"thassist/1\n{scheme}\n{text}".encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest)
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(count))


def secret_file() -> Path | None:
    """The file that ``THASSIST_SECRET_FILE`` names; None where it is not set."""
    named = os.environ.get(SETTING)
    return Path(named) if named else None


def create_secret(path: Path) -> bool:
    """Make a new secret in a file that only its owner may read; False where the file has one, which is left.

    Raises:
        StorageError: the file cannot be written, or it holds something else.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        open_secret(path)
        return False
    except OSError as error:
        raise StorageError("records.secret_not_written", file=path, detail=error.strerror or "") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def open_secret(path: Path | None = None) -> Pseudonymiser:
    """What makes keys with the secret of a file, by default that of ``THASSIST_SECRET_FILE``.

    Raises:
        StorageError: no file is named, it cannot be read, others may read it, or it holds no secret.
    """
    chosen = path or secret_file()
    if chosen is None:
        raise StorageError("records.no_secret", setting=SETTING)
    try:
        with chosen.open(encoding="ascii") as file:
            open_to_others = os.name == "posix" and os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            text = file.read(_BYTES * 2 + 2)
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError("records.secret_unreadable", file=chosen) from error
    if open_to_others:
        raise StorageError("records.secret_open", file=chosen)
    if _FILE.fullmatch(text) is None:
        raise StorageError("records.secret_unreadable", file=chosen)
    return Pseudonymiser(bytes.fromhex(text.strip()))
