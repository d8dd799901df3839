"""Publishing for everybody: protect, write, read back, attack, enter in the ledger, and only then release.

The ledger gets its entry before the folder gets its name: if the machine stops between the two, the ledger knows more
than the readers, which is safe; the other way round would not be. Building again completes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thassist.disclosure.ledger import Entry, Ledger
from thassist.disclosure.policy import policy
from thassist.disclosure.publication import of_folder
from thassist.messages import LANGUAGES
from thassist.publish.package import BuildResult, publish
from thassist.release import annex
from thassist.release.build import Release
from thassist.release.public import Secured, secure

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


@dataclass(frozen=True)
class Published:
    """A public release that was made.

    Attributes:
        built: its folder and files.
        secured: everything about its protection; confidential.
        annex: the confidential report, outside the folder.
        entry: what the ledger got.
    """

    built: BuildResult
    secured: Secured
    annex: Path
    entry: Entry


def publish_public(
    release: Release,
    snapshot: "Snapshot",
    ledger: Ledger,
    out: Path,
    by: str,
    langs: Sequence[str] = LANGUAGES,
    finish: Callable[[Release], Release] = lambda release: release,
) -> Published:
    """Protect and publish an assembled release.

    Args:
        release: with its true figures.
        snapshot: where they come from.
        ledger: everything that was published.
        out: the release's own folder.
        by: who publishes; stands in the ledger.
        langs: the languages of workbooks and PDFs.
        finish: what is done to the protected release before it is written (revisions told, rules looked at). It may
            raise, and then nothing is written.

    Raises:
        AuditFailed: the release cannot be shown to be safe. Nothing was written.
        StorageError: the disk or the ledger refused.
    """
    secured = secure(release, snapshot, ledger, policy())
    secured.release = finish(secured.release)
    made: list[tuple[Path, Entry]] = []

    def judge(folder: Path) -> None:
        secured.judge(folder)
        publication = of_folder(folder, LANGUAGES[-1])
        ledger.file.parent.mkdir(parents=True, exist_ok=True)
        report = annex.write(secured, ledger.file.parent)
        entry, _ = ledger.add(publication, by)
        made.append((report, entry))

    built = publish(secured.release, out, langs, judge)
    report, entry = made[0]
    return Published(built, secured, report, entry)
