"""The folder of a release: all files written beside it first, then moved into place in one step.

Whoever looks into the folder sees the whole release or none of it. A release that is already there is left as it is
when it is the same, and is never overwritten when it is another.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thassist.errors import AuditFailed, InvalidDefinition, StorageError
from thassist.messages import LANGUAGES
from thassist.publish import csvw, datapackage, html, layout_files, pdf, px, quality_report, sdmx, tidy_csv, xlsx
from thassist.publish.document import document
from thassist.release import telling
from thassist.release.build import Release, assemble
from thassist.release.manifest import FILE, manifest
from thassist.release.spec import UNPROTECTED

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

_DATA = "data"
_REVISIONS = "revisions.csv"
_PX = "px"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was built.

    Attributes:
        folder: where it is.
        files: all files in it, by name.
        release: its content.
        new: False where the same release was there already.
    """

    folder: Path
    files: tuple[Path, ...]
    release: Release
    new: bool


def build(
    release_id: str, period: str, snapshot: "Snapshot", out: Path, langs: Sequence[str] = LANGUAGES
) -> BuildResult:
    """Compute, check and write a release.

    Args:
        release_id: a release of ``reports/releases``.
        period: the period, for example ``2022-Q2``.
        snapshot: where the figures come from.
        out: the release's own folder; it must not exist, be empty, or hold the same release.
        langs: the languages of the workbooks and PDFs.

    Raises:
        InvalidDefinition: the release, a table or the period is wrong, or ``out`` holds something else.
        InconsistentRelease: the figures contradict each other; nothing is written.
        StorageError: the disk refused.
    """
    return publish(assemble(release_id, period, snapshot), out, langs)


def publish(
    release: Release,
    out: Path,
    langs: Sequence[str] = LANGUAGES,
    judge: Callable[[Path], None] | None = None,
) -> BuildResult:
    """Write a release that is already assembled; see :func:`build`.

    Args:
        release: its content.
        out: the release's own folder.
        langs: the languages of the workbooks and PDFs.
        judge: looks at the files as they were written, before anybody else can; what it raises stops the release. A
            release for others than the office is not written without one.

    Raises:
        AuditFailed: figures that were not protected would leave the office, or what the judge found.
    """
    if release.spec.audience not in UNPROTECTED and (judge is None or not release.protected):
        raise AuditFailed("release.not_protected", release=release.spec.id, audience=release.spec.audience)
    out = out.absolute()
    temporary: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
        folder = temporary / "release"
        folder.mkdir()
        _fill(release, folder, langs)
        new = not _occupied(out)
        if judge is not None and (new or _same(folder, out)):
            judge(folder)
        if new:
            folder.replace(out)
        elif not _same(folder, out):
            raise InvalidDefinition("publish.in_the_way", folder=out)
    except OSError as error:
        raise StorageError("publish.not_written", folder=out) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return BuildResult(out, tuple(_files(out)), release, new)


def _fill(release: Release, folder: Path, langs: Sequence[str]) -> None:
    for lang in langs:
        content = document(release, lang)
        xlsx.write(content, folder / f"{release.name}_{lang}.xlsx")
        pdf.write(content, folder / f"{release.name}_{lang}.pdf")
        html.write(content, folder / f"{release.name}_{lang}.html")
    data = folder / _DATA
    data.mkdir()
    (folder / _PX).mkdir()
    for cube in release.cubes:
        tidy_csv.write(cube, data / f"{cube.spec.id}.csv")
        px.write(release, cube, folder / _PX / f"{cube.spec.id}.px")
    datapackage.write(release, data)
    if release.revisions is not None:
        (data / _REVISIONS).write_text(telling.as_csv(release.revisions, tidy_csv.LABELS), encoding="utf-8", newline="")
    csvw.write(release, data)
    sdmx.write(release, folder, release.spec.formats)
    if release.spec.quality:
        quality_report.write(release, folder, langs)
    for layout in release.spec.layouts:
        layout_files.write(layout, release, folder / layout_files.FOLDER)
    (folder / FILE).write_text(manifest(release, folder), encoding="utf-8", newline="")


def _occupied(out: Path) -> bool:
    return out.exists() and (not out.is_dir() or any(out.iterdir()))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _same(ours: Path, theirs: Path) -> bool:
    """Whether two folders hold the same files, byte for byte."""
    if not theirs.is_dir():
        return False
    left = {path.relative_to(ours): path for path in _files(ours)}
    right = {path.relative_to(theirs): path for path in _files(theirs)}
    return left.keys() == right.keys() and all(left[name].read_bytes() == right[name].read_bytes() for name in left)
