"""Saving a workbook without the moment of saving: equal content is equal bytes."""

import datetime as dt
import io
import re
import zipfile

from openpyxl import Workbook

#: The earliest date that a ZIP archive can hold (APPNOTE 4.4.6).
_EPOCH = (1980, 1, 1, 0, 0, 0)


def saved(book: Workbook, moment: dt.datetime) -> bytes:
    """The workbook as bytes that do not tell when it was saved: openpyxl stamps every member and the properties.

    Args:
        book: the workbook.
        moment: what its properties say in place of the time of saving (UTC, without zone).
    """
    written = io.BytesIO()
    book.save(written)
    return without_clock(written.getvalue(), moment)


def without_clock(archive: bytes, moment: dt.datetime) -> bytes:
    """The archive of a workbook with fixed dates; see :func:`saved`."""
    fixed = io.BytesIO()
    modified = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + modified, content)
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            target.writestr(member, content)
    return fixed.getvalue()
