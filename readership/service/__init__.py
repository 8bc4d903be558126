"""The answers of the exports over HTTP, as the analytics API gives them, from a snapshot."""

from readership.service.snapshots import SnapshotInfo, publish

__all__ = ["SnapshotInfo", "publish"]
