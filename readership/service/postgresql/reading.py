"""The queries of one call: in one read-only transaction, which can be interrupted."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Final

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as PostgresCursor  # noqa: N812

from readership.service.postgresql.connections import Connections, explained
from readership.service.sources import (
    InterruptedQueryError,
    OutdatedError,
    UnreachableError,
)

BEGIN: Final = (
    "begin isolation level repeatable read read only; "
    "set local statement_timeout = {milliseconds}; "
    "set local idle_in_transaction_session_timeout = {milliseconds}; "
    "set local timezone = 'UTC'; set local jit = off; "
    "select version, places, changed_at from {schema}.version()"
)
"""The statements that begin a transaction. They are sent at once, and set nothing for longer than
it lasts, so that connections may go through a pooler of transactions."""
_END: Final = "rollback; select {schema}.places()"
_PARAMETER: Final = re.compile(r"\$(\w+)")
# Time after which a server that does not heed the wish to cancel is hung up on.
_PATIENCE_SECONDS: Final = 1.0


class DatabaseCursor:
    """Runs queries with parameters as `$name`, as DuckDB has them."""

    def __init__(self, cursor: PostgresCursor) -> None:
        self._cursor = cursor

    def execute(self, query: str, parameters: Mapping[str, Any] | None = None) -> DatabaseCursor:
        """Run a query. Its text has no values in it; psycopg2 quotes those of the parameters."""
        text = _PARAMETER.sub(r"%(\1)s", query.replace("%", "%%"))
        self._cursor.execute(
            text, {name: _sent(value) for name, value in (parameters or {}).items()}
        )
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row of the result; None after the last one."""
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the other rows of the result."""
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows


class DatabaseReading:
    """A transaction that sees the rows of one version.

    Attributes:
        version: That version, once it has begun.
        changed_at: When these rows last changed, in naive UTC.

    """

    version: str
    changed_at: datetime

    def __init__(
        self, connections: Connections, schema: str, expected: str | None, begin: str
    ) -> None:
        """Create a reading; nothing is sent yet.

        Args:
            connections: The connections.
            schema: The schema of the answers, quoted.
            expected: The version that it must see; None if any.
            begin: The statements that begin the transaction.

        """
        self._connections = connections
        self._schema = schema
        self._expected = expected
        self._begin = begin
        self._connection: Connection | None = None
        self._places = ""
        self._canceling: threading.Thread | None = None
        self._interrupted_at: float | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> DatabaseCursor:
        try:
            with self._in_time():
                row = self._connections.begin(self._begin, self._take)
        except BaseException:
            self._leave(is_sound=False)
            raise
        self.version, self._places, self.changed_at = row
        if self._expected not in (None, self.version):
            self._end()
            raise OutdatedError
        assert self._connection is not None
        return DatabaseCursor(self._connection.cursor())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the transaction, and raise errors as those of a source.

        Raises:
            OutdatedError: A table was emptied or created anew: the queries may not have seen its
                rows.

        """
        if error is None:
            if self._end() != self._places:
                raise OutdatedError
            return
        try:
            with self._in_time(), explained():
                raise error
        finally:
            self._leave(is_sound=False)

    def interrupt(self) -> None:
        """Interrupt the query that runs now, without waiting for it.

        To be repeated: a server that does not heed the wish to cancel is hung up on.
        """
        with self._lock:
            if self._connection is None:
                return
            now = time.monotonic()
            if self._interrupted_at is None:
                self._interrupted_at = now
            if self._canceling is None or not self._canceling.is_alive():
                self._canceling = threading.Thread(
                    target=_cancel, args=(self._connection,), daemon=True
                )
                self._canceling.start()
            if now - self._interrupted_at > _PATIENCE_SECONDS:
                _hang_up(self._connection)

    def hang_up(self) -> None:
        """Close the connection under the query that runs now, if there is one."""
        with self._lock:
            if self._connection is not None:
                self._interrupted_at = time.monotonic()
                _hang_up(self._connection)

    def _take(self, connection: Connection) -> None:
        with self._lock:
            self._connection = connection

    def _end(self) -> str:
        """End the transaction, and return the places of the tables after it."""
        assert self._connection is not None
        is_sound = False
        try:
            with self._in_time():
                (places,) = self._connections.row(
                    self._connection, _END.format(schema=self._schema)
                )
            is_sound = True
        finally:
            self._leave(is_sound=is_sound)
        return str(places)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Tell a connection that was hung up on from one that was lost."""
        try:
            yield
        except UnreachableError:
            if self._interrupted_at is not None:
                raise InterruptedQueryError from None
            raise

    def _leave(self, *, is_sound: bool) -> None:
        """Give the connection back; close it if a cancel may be on its way, or after an error."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_sound and self._interrupted_at is None:
            self._connections.keep(connection)
        else:
            self._connections.discard(connection)


@contextmanager
def given_up_after(reading: DatabaseReading, seconds: float) -> Iterator[None]:
    """Hang up on a server that does not even say that the time of a reading is over."""
    timer = threading.Timer(seconds, reading.hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cancel(connection: Connection) -> None:
    with suppress(Exception):
        connection.cancel()


def _hang_up(connection: Connection) -> None:
    """Close the connection under a thread that waits for the server."""
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as peer:
        peer.shutdown(socket.SHUT_RDWR)


def _sent(value: Any) -> Any:  # noqa: ANN401
    """Return a value as it is sent. PostgreSQL has no NUL in texts, so no row has one either."""
    if isinstance(value, str):
        return value.replace("\0", "\1")
    return [_sent(item) for item in value] if isinstance(value, list) else value
