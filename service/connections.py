"""Connections: as many as may be open, each with a time in which its request must come."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS: Final = 1000
"""How many connections may be open, where the machine has as many descriptors."""
ARRIVAL_SECONDS: Final = 10.0
"""How long a request may be on its way."""
MOST_HEAD_BYTES: Final = 65_536
"""How long a request may be up to the end of its headers."""

_LOG: Final = logging.getLogger("readership.connections")
# Of the service itself: two snapshots and their folders, the log, the event loop, and the listener.
_OWN_DESCRIPTORS: Final = 64
_LOG_SECONDS: Final = 1.0
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)


def descriptors_allow() -> int | None:
    """Give how many connections the limit of descriptors leaves room for; None without a limit."""
    if sys.platform == "win32":
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if limit == resource.RLIM_INFINITY else max(0, limit - _OWN_DESCRIPTORS)


class Room:
    """The connections that are open, and those of them that wait for a request.

    When one more comes than may be open, the one that has waited longest is closed. So requests
    that come whole are answered, however many are held open half-sent.
    """

    def __init__(self, most: int, arrival_seconds: float) -> None:
        self.arrival_seconds = arrival_seconds
        self._most = most
        self._open: set[Connection] = set()
        # The longest waiting come first.
        self._waiting: dict[Connection, None] = {}
        self._turned_away = 0

    def protocol(self, **given: Any) -> Connection:  # noqa: ANN401
        """Make what the server talks to one connection with."""
        return Connection(self, **given)

    def enter(self, connection: Connection) -> None:
        """Take one more connection in, and close another if need be."""
        self._open.add(connection)
        if len(self._open) > self._most:
            longest = next(iter(self._waiting), connection)
            longest.turn_away()
            self.leave(longest)
            if not self._turned_away:
                connection.loop.call_later(_LOG_SECONDS, self._tell)
            self._turned_away += 1

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def wait(self, connection: Connection) -> None:
        """Note that a connection waits for a request."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def wait_no_more(self, connection: Connection) -> None:
        """Note that a connection has one in hand."""
        self._waiting.pop(connection, None)

    def _tell(self) -> None:
        _LOG.warning(
            "%d connections are open, and no more may be: %d that waited longest were closed",
            self._most,
            self._turned_away,
        )
        self._turned_away = 0


class Connection(HttpToolsProtocol):
    """One connection: it waits for a request, or has one in hand."""

    def __init__(self, room: Room, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._room = room
        self._deadline: asyncio.TimerHandle | None = None
        self._unread = 0
        self._head_bytes = 0
        self._in_hand: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._room.enter(self)
        if not transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """End it, and tell the call in hand."""
        self._room.leave(self)
        self._set_deadline(None)
        super().connection_lost(exc)
        if self._in_hand is not None and not self._in_hand.response_complete:
            self._in_hand.disconnected = True
            self._in_hand.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless a request has no end."""
        if not self._has_request:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Give a request its time."""
        super().on_message_begin()
        if not self._has_request:
            self._set_deadline(self._room.arrival_seconds)

    def on_headers_complete(self) -> None:
        """Have a request in hand: calls have no body that matters."""
        self._room.wait_no_more(self)
        self._set_deadline(None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next one, or for the answer to be read."""
        super().on_response_complete()
        if not self._has_request:
            self._wait()

    def pause_writing(self) -> None:
        """Give the answer its time too, when it is not read."""
        super().pause_writing()
        self._unread = sys.maxsize
        self._set_deadline(self._room.arrival_seconds)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        if self._has_request:
            self._set_deadline(None)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # The server itself keeps the last one that came, which may wait behind this one.
        self._in_hand = cycle
        super()._start_asgi_task(cycle, app)

    def turn_away(self) -> None:
        """Close it, since there is no room; one that has just come is told."""
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
        self._unread = sys.maxsize
        self._room.wait(self)
        self._set_deadline(self._room.arrival_seconds)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        # An answer that is still being read may go on.
        unread, before = self.transport.get_write_buffer_size(), self._unread
        self._unread = unread
        if 0 < unread < before:
            self._set_deadline(self._room.arrival_seconds)
        else:
            self.transport.abort()
