"""Freeze: records → an immutable, hashed Parquet snapshot. Statistics are made from snapshots only."""

from thassist.snapshot.freeze import freeze
from thassist.snapshot.snapshot import ReportingSystem, Snapshot, SnapshotTable, default_folder, open_snapshot

__all__ = ["ReportingSystem", "Snapshot", "SnapshotTable", "default_folder", "freeze", "open_snapshot"]
