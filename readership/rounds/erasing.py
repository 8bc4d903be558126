"""Take visitors out of the warehouse, and out of what was published."""

from __future__ import annotations

from pathlib import Path

from readership.builder import ResidentProject, tests_failed
from readership.service import SnapshotInfo, current_snapshot, publish, snapshot_folder


def erase(
    project: ResidentProject, warehouse: Path | None, requests: str | None
) -> SnapshotInfo | None:
    """Erase visitors, build everything again without them, and publish that.

    Args:
        project: The dbt project.
        warehouse: The DuckDB file; None on other engines, which have no snapshots.
        requests: The table that lists the visitors, as `schema.table`; None for the seed
            `visitors_to_erase`.

    Returns:
        The new snapshot; None if nothing had been published before.

    Raises:
        UserError: A step failed. Repeated, the command takes up what it left.

    """
    project.erase(requests)
    built = project.build_all()
    if built.failed_tests:
        raise tests_failed(built.failed_tests)
    if warehouse is None or current_snapshot(snapshot_folder(warehouse)) is None:
        return None
    return publish(warehouse)
