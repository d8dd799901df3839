"""One gzip-packed CSV file, as large public files are delivered; unpacked in memory, within the limit of a file."""

import gzip
import zlib
from pathlib import Path

from thassist.errors import UnreadableInput

MAGIC = b"\x1f\x8b"
_FOREIGN = (b"PK", b"\xd0\xcf\x11\xe0", b"%PDF", MAGIC, b"ustar")
#: Where the header of a tar archive says that it is one.
_TAR = slice(257, 262)


def unpack(path: Path, limit: int) -> bytes:
    """The text that a gzip file holds.

    Raises:
        UnreadableInput: it is damaged, unpacks into more than the limit, or holds anything but text.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableInput("intake.file_damaged", file=path.name) from error
    if len(content) > limit:
        raise UnreadableInput("intake.file_too_large", file=path.name, limit=limit // 2**20)
    if not content:
        raise UnreadableInput("intake.file_empty", file=path.name)
    if content.startswith(_FOREIGN) or content[_TAR] == b"ustar":
        raise UnreadableInput("intake.file_kind", file=path.name)
    return content
