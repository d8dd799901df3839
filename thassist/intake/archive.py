"""Writing a workbook's archive: it appears only when complete, and equal content is equal bytes."""

import datetime as dt
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thassist.errors import StorageError

#: A fixed moment for the archive and the properties of a workbook.
MOMENT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format stores no zone


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside the target, readable by its owner only, that takes the target's place when it is complete."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".thassist-", suffix=".xlsx")
        os.close(handle)
    except OSError as error:
        raise StorageError("intake.cannot_write", file=path.name) from error
    target = Path(name)
    try:
        yield target
        target.replace(path)
    except OSError as error:
        raise StorageError("intake.cannot_write", file=path.name) from error
    finally:
        target.unlink(missing_ok=True)


def fix_clock(path: Path) -> None:
    """Rewrite the archive with fixed dates: equal content is equal bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(part.filename, archive.read(part)) for part in archive.infolist()]
    stamp = MOMENT.strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, written in parts:
            content = _with_moment(written, stamp) if name == "docProps/core.xml" else written
            info = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _with_moment(content: bytes, stamp: str) -> bytes:
    """The library writes the current time as the time of modification; this one puts the fixed moment there."""
    pattern = rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)"
    return re.sub(pattern, rb"\g<1>" + stamp.encode() + rb"\g<2>", content)
