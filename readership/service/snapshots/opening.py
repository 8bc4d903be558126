"""Open snapshots: their contents are checked, and then read only."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, NamedTuple

import duckdb

from readership.errors import first_paragraph
from readership.service.calls import Clock
from readership.service.snapshots.manifest import SnapshotInfo, broken
from readership.service.snapshots.parts import PUBLISHED
from readership.service.snapshots.relations import SCHEMA, check_answers
from readership.service.snapshots.stores import Stores
from readership.service.sources import InterruptedQueryError, QueryError, Site

_SITES: Final = "select site_id, time_zone, first_event_at, as_of_at, as_of_date from dim_sites"
# All parts with rows of a site: its own, and those that no site owns.
_VERSIONS: Final = f"""
select
    sites.site_id,
    sha256(string_agg(
        concat_ws(' ', schema_name, table_name, site, period, rows, checksum), '\n'
        order by schema_name, table_name, site, period
    ))
from dim_sites as sites
inner join {PUBLISHED}.parts as parts on parts.site is null or parts.site = sites.site_id
group by sites.site_id
"""

_PARTS: Final = f"""
select site, table_name, period, rows, checksum
from {PUBLISHED}.parts
where site is not null and period is not null
"""


class PartState(NamedTuple):
    """The rows of a part: their number, and their checksum."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class SnapshotZone:
    """A time zone with DuckDB's rules, so that exports and the service agree on days."""

    name: str
    connection: duckdb.DuckDBPyConnection

    def instant(self, local: datetime, *, is_last: bool) -> datetime:
        """Return the UTC instant of a local time, the first or last one if it occurs twice."""
        macro = "last_instant" if is_last else "first_instant"
        with self.connection.cursor() as cursor:
            row = cursor.execute(
                f"select {SCHEMA}.{macro}(cast(? as timestamp), ?)", [local, self.name]
            ).fetchone()
        assert row is not None
        return row[0]


class SnapshotReading:
    """A cursor of a snapshot, whose rows never change."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        return self._cursor

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the cursor, and raise errors of DuckDB as those of a source."""
        self._cursor.close()
        if isinstance(error, duckdb.InterruptException):
            raise InterruptedQueryError from None
        if isinstance(error, duckdb.Error):
            raise QueryError(str(error)) from error

    def interrupt(self) -> None:
        """Interrupt the query that runs now."""
        # The thread of the query may close the cursor meanwhile.
        with suppress(duckdb.ConnectionException):
            self._cursor.interrupt()


class Snapshot:
    """An open snapshot.

    Attributes:
        schema: The schema of the answers.
        info: The description of the snapshot.
        sites: Its sites by id.
        is_remote: Whether time zones have to be asked for elsewhere.

    """

    schema: Final = SCHEMA
    is_remote: Final = False

    def __init__(
        self,
        info: SnapshotInfo,
        connection: duckdb.DuckDBPyConnection,
        when_closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.info = info
        self._connection = connection
        self._when_closed = when_closed
        self.sites = _sites(info, connection)
        self._parts: dict[str, dict[tuple[str, int], PartState]] = {}
        for site, table, period, rows, checksum in connection.execute(_PARTS).fetchall():
            self._parts.setdefault(site, {})[table, period] = PartState(rows, checksum)
        self._leases = 0
        self._is_retired = False
        self._is_closed = False

    def version(self, site: str) -> str | None:
        """Return the version of a site; None if the snapshot does not have it."""
        return self.sites[site].version if site in self.sites else None

    def parts(self, site: str) -> dict[tuple[str, int], PartState]:
        """Return the parts of a site that are of some hours, by table and number of the period."""
        return self._parts.get(site, {})

    @property
    def base(self) -> tuple[str, str]:
        """What changes when all rows are written anew, or with the definitions."""
        return self.info.files[0].path.name, self.info.definitions

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a separate connection, which the caller has to close."""
        return self._connection.cursor()

    def reading(self) -> SnapshotReading:
        """Return a view of the rows for one call."""
        return SnapshotReading(self.cursor())

    def lease(self) -> None:
        """Keep the snapshot open until `release`, even if it is retired."""
        self._leases += 1

    def release(self) -> None:
        """End a lease."""
        self._leases -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Close the snapshot as soon as it has no leases."""
        self._is_retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_retired and not self._leases and not self._is_closed:
            self._is_closed = True
            self._connection.close()
            self._when_closed()


def open_snapshot(
    info: SnapshotInfo,
    threads: int | None = None,
    memory: str = "4GB",
    stores: Stores | None = None,
) -> Snapshot:
    """Open a snapshot, and check that it is intact and answers queries.

    Args:
        info: The snapshot.
        threads: Number of DuckDB threads; by default one per core.
        memory: Memory limit of DuckDB.
        stores: The stores of this process; by default, one is made if the snapshot has several
            files, and removed when the snapshot is closed.

    Raises:
        UserError: A file is missing or damaged, the snapshot does not answer queries, or there is
            no room to put its parts together.

    """
    own = Stores() if stores is None else None
    stores = stores or own
    assert stores is not None
    try:
        return _open(info, threads, memory, stores, own)
    except BaseException:
        if own is not None:
            own.close()
        raise


def _open(
    info: SnapshotInfo, threads: int | None, memory: str, stores: Stores, own: Stores | None
) -> Snapshot:
    stores.check(info)
    place, store = info.files[0].path, None
    if len(info.files) > 1:
        place = store = stores.take(info, memory)

    def when_closed() -> None:
        if store is not None:
            stores.give_back(store, info.definitions)
        if own is not None:
            own.close()

    connection = None
    try:
        connection = duckdb.connect(
            str(place),
            read_only=True,
            config={
                "threads": threads or os.cpu_count() or 1,
                "memory_limit": memory,
                "enable_external_access": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "disabled_optimizers": "projection_placement",
            },
        )
        connection.execute("set global TimeZone = 'UTC'")
        # The first file has the definitions, and each takes its time to plan.
        if stores.answering != info.files[0]:
            check_answers(connection, _SITES, str(info.files[-1].path), "publish again")
            stores.answering = info.files[0]
        return Snapshot(info, connection, when_closed)
    except BaseException as error:
        if connection is not None:
            connection.close()
        when_closed()
        if isinstance(error, duckdb.Error):
            raise broken(info.files[-1].path, first_paragraph(error)) from error
        raise


def _sites(info: SnapshotInfo, connection: duckdb.DuckDBPyConnection) -> dict[str, Site]:
    versions = dict(connection.execute(_VERSIONS).fetchall())
    rows = connection.execute(_SITES).fetchall()
    return {
        site: Site(
            Clock(SnapshotZone(zone, connection), as_of_at, as_of_date),
            first_event_at,
            f"{info.definitions} {versions[site]}",
        )
        for site, zone, first_event_at, as_of_at, as_of_date in rows
    }
