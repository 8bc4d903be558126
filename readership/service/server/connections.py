"""Limits on connections: how many may be open, and how long a request may take to arrive."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if sys.platform != "win32":
    import resource

MAX_CONNECTIONS: Final = 1000
"""Default maximum of open connections; file descriptors may limit it further."""
REQUEST_SECONDS: Final = 10.0
"""Default time in which a request must arrive completely."""
MAX_HEAD_BYTES: Final = 65_536
"""Maximum size of a request line and headers."""

_LOG: Final = logging.getLogger("readership.connections")
# Descriptors that the service needs itself: two snapshots and their folders, the log, the event
# loop and the listening sockets.
_OWN_DESCRIPTORS: Final = 64
_LOG_INTERVAL_SECONDS: Final = 1.0
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)


def descriptor_limit() -> int | None:
    """Return how many connections the limit of file descriptors allows; None without a limit."""
    if sys.platform == "win32":
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if limit == resource.RLIM_INFINITY else max(0, limit - _OWN_DESCRIPTORS)


class ConnectionPool:
    """The open connections, and those of them that are idle: without a complete request.

    If a new connection exceeds the maximum, the one that has been idle longest is closed. So
    complete requests are answered, however many connections are held open with half a request.
    """

    def __init__(self, max_open: int, request_seconds: float) -> None:
        self.request_seconds = request_seconds
        self.max_open = max_open
        self._open: set[Connection] = set()
        # In insertion order, so the longest idle comes first.
        self._idle: dict[Connection, None] = {}
        self._rejected = 0

    @property
    def open_count(self) -> int:
        """The number of open connections."""
        return len(self._open)

    def protocol(self, **arguments: Any) -> Connection:  # noqa: ANN401
        """Create the server's protocol for one connection."""
        return Connection(self, **arguments)

    def add(self, connection: Connection) -> None:
        """Add a connection, and close the longest idle one if there are too many."""
        self._open.add(connection)
        if len(self._open) > self.max_open:
            longest_idle = next(iter(self._idle), connection)
            longest_idle.reject()
            self.remove(longest_idle)
            if not self._rejected:
                connection.loop.call_later(_LOG_INTERVAL_SECONDS, self._log_rejected)
            self._rejected += 1

    def remove(self, connection: Connection) -> None:
        """Remove a closed connection."""
        self._open.discard(connection)
        self._idle.pop(connection, None)

    def set_idle(self, connection: Connection) -> None:
        """Record that a connection begins to wait for a request."""
        self._idle.pop(connection, None)
        self._idle[connection] = None

    def set_busy(self, connection: Connection) -> None:
        """Record that a connection has received a request."""
        self._idle.pop(connection, None)

    def _log_rejected(self) -> None:
        _LOG.warning(
            "reached the limit of %d connections: closed the %d that were idle longest",
            self.max_open,
            self._rejected,
        )
        self._rejected = 0


class Connection(HttpToolsProtocol):
    """One connection, which is idle or processes a request."""

    def __init__(self, pool: ConnectionPool, **arguments: Any) -> None:  # noqa: ANN401
        super().__init__(**arguments)
        self._pool = pool
        self._deadline: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self._head_bytes = 0
        self._current_cycle: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Add the connection to the pool, or close it."""
        super().connection_made(transport)
        self._pool.add(self)
        if not transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection, and notify the request that is being processed."""
        self._pool.remove(self)
        self._set_deadline(None)
        super().connection_lost(exc)
        if self._current_cycle is not None and not self._current_cycle.response_complete:
            self._current_cycle.disconnected = True
            self._current_cycle.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse the data, unless the headers of a request are too large."""
        if not self._has_request:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Start the deadline of a request."""
        super().on_message_begin()
        if not self._has_request:
            self._set_deadline(self._pool.request_seconds)

    def on_headers_complete(self) -> None:
        """Mark the connection busy. The body of a request is ignored, so it has no deadline."""
        self._pool.set_busy(self)
        self._set_deadline(None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, and for the client to read, unless a pipelined one follows."""
        super().on_response_complete()
        if not self._has_request:
            self._wait()

    def pause_writing(self) -> None:
        """Start a deadline when the client does not read the response."""
        super().pause_writing()
        self._unsent_bytes = sys.maxsize
        self._set_deadline(self._pool.request_seconds)

    def resume_writing(self) -> None:
        """Clear the deadline when the client reads on."""
        super().resume_writing()
        if self._has_request:
            self._set_deadline(None)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # `self.cycle` is the last request received, which may be queued behind this one.
        self._current_cycle = cycle
        super()._start_asgi_task(cycle, app)

    def reject(self) -> None:
        """Close the connection because there are too many; a new one first gets a 503 response."""
        if self._deadline is None:
            self.transport.write(_FULL)
            self.transport.close()
        else:
            self.transport.abort()

    @property
    def _has_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._head_bytes = 0
        self._unsent_bytes = sys.maxsize
        self._pool.set_idle(self)
        self._set_deadline(self._pool.request_seconds)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = (
            None if seconds is None else self.loop.call_later(seconds, self._on_deadline)
        )

    def _on_deadline(self) -> None:
        # The client gets more time as long as it reads some of the response.
        unsent, before = self.transport.get_write_buffer_size(), self._unsent_bytes
        self._unsent_bytes = unsent
        if 0 < unsent < before:
            self._set_deadline(self._pool.request_seconds)
        else:
            self.transport.abort()
