"""Where answers of a warehouse are read: in the folder of its snapshots, or in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from readership.errors import UserError
from readership.service.snapshots import SnapshotFolder, snapshot_folder
from readership.service.sources import Origin
from readership.service.warehouses import PostgresAddress

_INSTALL: Final = "pip install --no-deps -r requirements-postgres.lock"


def origin_of(
    warehouse: Path | PostgresAddress, threads: int | None, memory: str, seconds: float
) -> Origin:
    """Return the origin of a warehouse's answers; nothing is opened yet.

    Args:
        warehouse: The warehouse.
        threads: Number of DuckDB threads; None for one per core.
        memory: Memory limit of DuckDB.
        seconds: Time limit of a query of PostgreSQL.

    Raises:
        UserError: What PostgreSQL needs is not installed.

    """
    if isinstance(warehouse, Path):
        return SnapshotFolder(snapshot_folder(warehouse), threads, memory)
    try:
        # Imported here, because it needs psycopg2, which DuckDB files do not.
        from readership.service.postgresql import Database
    except ImportError as error:
        raise UserError("psycopg2 is not installed", warehouse.place, _INSTALL) from error
    return Database(warehouse, seconds)
