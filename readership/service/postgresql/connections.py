"""Connections to PostgreSQL: opened when needed, kept, and given up when they are lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from readership.errors import UserError, one_line
from readership.service.sources import InterruptedQueryError, QueryError, UnreachableError
from readership.service.warehouses import PostgresAddress

# Classes and codes of errors that say nothing about the query: the server is starting or stopping,
# has no connection left, or a replica must apply a change that the query is in the way of.
_LOST: Final = ("08", "57P", "53300", "40001", "40P01")
_CANCELED: Final = "57014"
# A dead peer is noticed after half a minute at the latest, and not after two hours.
_SETTINGS: Final = {
    "connect_timeout": "5", "keepalives_idle": "10", "keepalives_interval": "5",
    "keepalives_count": "3", "tcp_user_timeout": "20000", "application_name": "readership serve",
}  # fmt: skip


class Connections:
    """The connections of one process.

    psycopg2's own pool keeps only as many connections as it opens at the start. There are as many
    users as threads, so this one needs no limit.
    """

    def __init__(self, address: PostgresAddress) -> None:
        self.address = address
        self._idle: deque[Connection] = deque()
        self._lock = threading.Lock()
        self._is_closed = False

    def begin(self, statements: str, take: Callable[[Connection], None]) -> tuple[Any, ...]:
        """Take a connection, begin a transaction on it, and return the last row.

        Args:
            statements: The statements that begin it. They change nothing.
            take: Called with the connection before they are sent.

        Raises:
            UnreachableError: The server cannot be reached.
            QueryError: The statements failed.

        """
        while (connection := self._kept()) is not None:
            # A connection may have been lost since it was used; then all of them probably are.
            take(connection)
            with suppress(UnreachableError):
                return self.row(connection, statements)
        connection = self._connect()
        take(connection)
        return self.row(connection, statements)

    def row(self, connection: Connection, statements: str) -> tuple[Any, ...]:
        """Run statements and return the row of the last one; close the connection if they fail.

        Raises:
            UnreachableError: The connection is lost.
            QueryError: The statements failed.

        """
        try:
            with explained(), connection.cursor() as cursor:
                cursor.execute(statements)
                row: tuple[Any, ...] = cursor.fetchone()
                return row
        except BaseException:
            self.discard(connection)
            raise

    def keep(self, connection: Connection) -> None:
        """Give back a connection without a transaction."""
        with self._lock:
            if not self._is_closed:
                self._idle.append(connection)
                return
        self.discard(connection)

    def discard(self, connection: Connection) -> None:
        """Close a connection whose state is not known."""
        with suppress(psycopg2.Error):
            connection.close()

    def close(self) -> None:
        """Close all connections, those in use when they are given back."""
        with self._lock:
            self._is_closed = True
        while (connection := self._kept()) is not None:
            self.discard(connection)

    def _kept(self) -> Connection | None:
        with self._lock:
            # The one used last: others may be closed by whatever is between.
            return self._idle.pop() if self._idle else None

    def _connect(self) -> Connection:
        try:
            connection = psycopg2.connect(**(_SETTINGS | dict(self.address.parameters)))
            connection.set_client_encoding("UTF8")
            connection.autocommit = True
        except psycopg2.OperationalError as error:
            raise UnreachableError(one_line(str(error))) from None
        except (psycopg2.Error, UnicodeError) as error:
            raise UserError(
                "this is no address of a database", self.address.place, one_line(str(error))
            ) from None
        return connection


@contextmanager
def explained() -> Iterator[None]:
    """Raise errors of psycopg2 as those of a source, without the values of the query.

    Raises:
        InterruptedQueryError: The query was cancelled, or took longer than it may.
        UnreachableError: The connection is lost.
        QueryError: The query failed.

    """
    try:
        yield
    except (psycopg2.Error, UnicodeError) as error:
        code = getattr(error, "pgcode", None)
        if code == _CANCELED:
            raise InterruptedQueryError from None
        is_lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        if (code is None and is_lost) or (code or "").startswith(_LOST):
            raise UnreachableError(one_line(str(error))) from None
        said = error.diag.message_primary if isinstance(error, psycopg2.Error) else None
        raise QueryError(f"{type(error).__name__} {code or ''}: {said or ''}") from None
