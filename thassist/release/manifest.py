"""The manifest of a release: what it is, what it was made from, and the SHA-256 of every file.

It holds no time of day and no path, so that the same snapshot gives the same manifest on every machine. What a later
release or an inquiry needs to trace a figure stands in it: the snapshot, and a hash of all that decides the figures of
each table.
"""

import hashlib
import json
from pathlib import Path

from thassist import __version__
from thassist.codes import classification
from thassist.release.build import Release

FILE = "manifest.json"
#: Raised where a reader of manifests would misunderstand one of before.
SCHEMA = 2


def manifest(release: Release, folder: Path) -> str:
    """The manifest of the files now in a folder, as JSON text."""
    dimensions = [dimension for cube in release.cubes for dimension in cube.spec.dimensions]
    maps = {ref for each in dimensions for ref in (each.via, *each.older) if ref}
    content = {
        "schema": SCHEMA,
        "release": release.spec.id,
        "version": release.spec.version,
        "period": release.period.code,
        "frequency": release.spec.frequency,
        "audience": release.spec.audience,
        "synthetic": release.synthetic,
        "provisional": release.provisional,
        "reporting_system": release.spec.reporting_system,
        "snapshot": {"id": release.snapshot, "as_of": release.as_of.isoformat()},
        "previous": None
        if release.revisions is None
        else {
            "release": release.revisions.release,
            "period": release.revisions.period,
            "snapshot": {"id": release.revisions.snapshot, "as_of": release.revisions.as_of.isoformat()},
            "revised": len(release.revisions.changes),
        },
        "thassist": __version__,
        "tables": {
            cube.spec.id: {
                "version": cube.spec.version,
                "definition": release.definitions.get(cube.spec.id, ""),
                "absent": 0 if cube.spec.measure.counts else None,
            }
            for cube in release.cubes
        },
        "classifications": {
            known.id: known.version
            for known in (classification(ref) for ref in sorted({each.classification for each in dimensions}))
        },
        "correspondences": sorted(maps),
        "files": [
            {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ],
    }
    if release.rounded is not None:
        content["rounding"] = {"base": release.rounded.base, "most": release.rounded.most}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
