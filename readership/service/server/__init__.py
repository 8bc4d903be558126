"""The HTTP server: sockets, limits on connections, several processes, and how it stops.

`server` binds, listens and drains; `connections` bounds how many clients may be connected and how
slowly they may speak; `processes` starts, watches and restarts processes that share a port;
`server_state` is what the application may know of all this.
"""

from readership.service.server.connections import (
    MAX_CONNECTIONS,
    REQUEST_SECONDS,
    ConnectionPool,
    descriptor_limit,
)
from readership.service.server.processes import Supervisor, run_apart
from readership.service.server.server import bind, host_and_port, listen, make_server, serve
from readership.service.server.server_state import ServerState

__all__ = [
    "MAX_CONNECTIONS",
    "REQUEST_SECONDS",
    "ConnectionPool",
    "ServerState",
    "Supervisor",
    "bind",
    "descriptor_limit",
    "host_and_port",
    "listen",
    "make_server",
    "run_apart",
    "serve",
]
