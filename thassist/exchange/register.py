"""The register of exchanges: which records went to whom, when, by whom, and why.

One line an entry, canonical JSON with the SHA-256 over the hash of the line before, a line feed and the same JSON
without ``hash``. The file belongs to its owner alone. An entry is made durable before the records leave: a file that
went out without an entry cannot be.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thassist.errors import StorageError

_OTHERS = 0o077


def default_file(folder: Path) -> Path:
    """Where the register stands: ``THASSIST_EXCHANGES``, else in a folder (that of the database)."""
    chosen = os.environ.get("THASSIST_EXCHANGES")
    return Path(chosen) if chosen else folder / "thassist-exchanges.jsonl"


class Register:
    """A register in a file; one that does not exist is empty."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def entries(self) -> list[dict[str, Any]]:
        """All entries in order.

        Raises:
            StorageError: it is not as it was written, or others may read it.
        """
        if not self.file.exists():
            return []
        if os.name == "posix" and self.file.stat().st_mode & _OTHERS:
            raise StorageError("exchange.register_open", file=self.file.name)
        found: list[dict[str, Any]] = []
        before = ""
        try:
            lines = self.file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError("exchange.register_broken", file=self.file.name, line=0) from error
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                said = entry.pop("hash")
            except (ValueError, KeyError, AttributeError) as error:
                raise StorageError("exchange.register_broken", file=self.file.name, line=number) from error
            if said != _hash(before, entry) or entry.get("number") != number:
                raise StorageError("exchange.register_broken", file=self.file.name, line=number)
            before = said
            found.append({**entry, "hash": said})
        return found

    def add(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Enter an exchange, durably.

        Raises:
            StorageError: the register is not as it was written, or cannot be written.
        """
        found = self.entries()
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        entry = {"number": len(found) + 1, "at": at, **content}
        entry["hash"] = _hash(found[-1]["hash"] if found else "", entry)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write((_canonical(entry) + "\n").encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError("exchange.register_unwritable", file=self.file.name) from error
        return entry


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _hash(before: str, content: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{before}\n{_canonical(content)}".encode("ascii")).hexdigest()
