"""What the application and the server that runs it know of each other."""

from __future__ import annotations

from dataclasses import dataclass

from readership.service.server.connections import ConnectionPool


@dataclass(slots=True)
class ServerState:
    """The state of the server.

    Attributes:
        connections: Its connections; None if there are none to count.
        is_draining: Whether it was told to stop. It still answers, but is ready for no more calls.

    """

    connections: ConnectionPool | None = None
    is_draining: bool = False
