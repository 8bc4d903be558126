"""The database as an origin: each state of its rows is a source of its own."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Final

from readership.errors import UserError
from readership.service.calls import Clock
from readership.service.postgresql.connections import Connections
from readership.service.postgresql.reading import BEGIN, DatabaseReading, given_up_after
from readership.service.sources import (
    QueryError,
    Site,
    SourceError,
    UnreachableError,
    checks,
)
from readership.service.warehouses import PostgresAddress

_SITES: Final = (
    "select site_id, time_zone, first_event_at, as_of_at, as_of_date from {schema}.sites()"
)
_INSTANT: Final = "select {schema}.{routine}(cast($local as timestamp), $zone)"
_PUBLISH: Final = "run `dbt build` and `dbt run-operation publish_answers`"
# Instants of local times that calls have named.
_MOST_INSTANTS: Final = 10_000
# Time limit of the queries that are no call's.
_WATCH_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """What an operator sees of a state of the database.

    Attributes:
        id: The version of the rows.
        published_at: When they last changed, in naive UTC.
        bytes: The size of the tables is the database's own business.

    """

    id: str
    published_at: datetime
    bytes: None = None


@dataclass(frozen=True, slots=True)
class DatabaseZone:
    """A time zone with PostgreSQL's rules, so that exports and the service agree on days."""

    name: str
    instants: Instants

    def instant(self, local: datetime, *, is_last: bool) -> datetime:
        """Return the UTC instant of a local time, the first or last one if it occurs twice."""
        return self.instants.of(self.name, local, is_last)


class Instants:
    """Instants of local times, which the database tells once."""

    def __init__(self, connections: Connections, schema: str, begin: str) -> None:
        self._connections = connections
        self._schema = schema
        self._begin = begin
        self._known: OrderedDict[tuple[str, datetime, bool], datetime] = OrderedDict()
        self._lock = Lock()

    def of(self, zone: str, local: datetime, is_last: bool) -> datetime:
        """Return the first or last UTC instant of a local time.

        Raises:
            SourceError: The database does not answer.

        """
        key = (zone, local, is_last)
        with self._lock:
            if key in self._known:
                return self._known[key]
        routine = "last_instant" if is_last else "first_instant"
        reading = DatabaseReading(self._connections, self._schema, None, self._begin)
        with given_up_after(reading, 2 * _WATCH_SECONDS), reading as cursor:
            row = cursor.execute(
                _INSTANT.format(schema=self._schema, routine=routine),
                {"local": local, "zone": zone},
            ).fetchone()
        assert row is not None
        instant: datetime = row[0]
        with self._lock:
            self._known[key] = instant
            if len(self._known) > _MOST_INSTANTS:
                self._known.popitem(last=False)
        return instant


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """The rows of one version.

    Attributes:
        schema: The schema of the answers, quoted.
        info: Its description.
        sites: Its sites by id.
        is_remote: Time zones are asked for in the database.

    """

    schema: str
    info: DatabaseInfo
    sites: dict[str, Site]
    connections: Connections
    begin: str
    is_remote: bool = field(default=True, init=False)

    def version(self, site: str) -> str | None:
        """Return the version of a site; None if it is not there."""
        return self.sites[site].version if site in self.sites else None

    def reading(self) -> DatabaseReading:
        """Return a view of the rows for one call."""
        return DatabaseReading(self.connections, self.schema, self.info.id, self.begin)

    def lease(self) -> None:
        """Do nothing: a source has nothing of its own open."""

    def release(self) -> None:
        """Do nothing."""

    def retire(self) -> None:
        """Do nothing."""


class Database:
    """Finds out whether rows have changed.

    Its connections are those of all its sources.
    """

    def __init__(self, address: PostgresAddress, seconds: float) -> None:
        """Create the origin; no connection is opened yet.

        Args:
            address: The address of the database.
            seconds: Time limit of a query for a call.

        """
        self._address = address
        self._schema = '"' + address.answers.replace('"', '""') + '"'
        self._connections = Connections(address)
        self._seconds = seconds
        self._instants = Instants(self._connections, self._schema, self._begin(_WATCH_SECONDS))
        self._can_answer = False

    @property
    def can_answer(self) -> bool:
        """Whether the database answered when it was last asked."""
        return self._can_answer

    def newest(self, current: DatabaseSource | None) -> DatabaseSource:
        """Return the rows of now; the current source if they have not changed.

        Raises:
            UserError: The database cannot be reached, or has no answers.

        """
        try:
            source = self._newest(current)
        except SourceError as error:
            self._can_answer = False
            raise self._explained(error) from None
        self._can_answer = True
        return source

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _newest(self, current: DatabaseSource | None) -> DatabaseSource:
        reading = DatabaseReading(
            self._connections, self._schema, None, self._begin(_WATCH_SECONDS)
        )
        with given_up_after(reading, 2 * _WATCH_SECONDS), reading as cursor:
            info = DatabaseInfo(reading.version, reading.changed_at)
            if current is not None and current.info == info:
                return current
            if current is None:
                # Functions may be of other models than those of now, or a right be missing.
                for check in checks(self._schema):
                    cursor.execute(check)
            rows = cursor.execute(_SITES.format(schema=self._schema)).fetchall()
        return DatabaseSource(
            self._schema, info, self._sites(rows, info), self._connections,
            self._begin(self._seconds),
        )  # fmt: skip

    def _sites(self, rows: list[tuple[Any, ...]], info: DatabaseInfo) -> dict[str, Site]:
        return {
            site: Site(
                Clock(DatabaseZone(zone, self._instants), as_of_at, as_of_date),
                first_event_at,
                info.id,
            )
            for site, zone, first_event_at, as_of_at, as_of_date in rows
        }

    def _begin(self, seconds: float) -> str:
        return BEGIN.format(schema=self._schema, milliseconds=max(1, round(seconds * 1000)))

    def _explained(self, error: SourceError) -> UserError:
        place = self._address.place
        if isinstance(error, UnreachableError):
            return UserError(
                f"the database cannot be reached ({error})", place, "check its address"
            )
        if isinstance(error, QueryError):
            return UserError(f"the answers are missing ({error})", place, _PUBLISH)
        return UserError("the database does not answer in time", place, "see what it is busy with")
