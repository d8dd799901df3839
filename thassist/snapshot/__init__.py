"""Freeze: records → an immutable, hashed Parquet snapshot. Statistics are made from snapshots only."""

from thassist.snapshot.snapshot import ReportingSystem, Snapshot, SnapshotTable, anchors, default_folder, open_snapshot
from thassist.snapshot.writer import freeze

__all__ = ["ReportingSystem", "Snapshot", "SnapshotTable", "anchors", "default_folder", "freeze", "open_snapshot"]
