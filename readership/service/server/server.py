"""The HTTP server: its sockets, its settings, and how it runs and stops."""

from __future__ import annotations

import errno
import logging
import math
import os
import socket
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from readership.errors import UserError
from readership.service.server.connections import ConnectionPool
from readership.service.server.server_state import ServerState

_REMEDIES: Final = {
    errno.EADDRINUSE: ("the port is in use", "stop the other process, or choose another --port"),
    errno.EADDRNOTAVAIL: ("this machine has no such address", "choose another --host"),
    errno.EACCES: ("this user may not listen there", "choose a --port above 1023"),
}

# One of the addresses of a host name may not exist on this machine while another does.
_UNAVAILABLE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind sockets to all addresses of a host, without listening yet.

    Raises:
        UserError: The host does not exist, or the port is not available.

    """
    where = host_and_port(host, port)
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise UserError("there is no such host", where, "name an address of this machine")
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(addresses):
        try:
            # With port 0, the free port of the first address is used for all.
            bound = _bind(family, (address[0], port, *address[2:]))
        except OSError as error:
            refused = error
            if error.errno in _UNAVAILABLE:
                continue
            break
        sockets.append(bound)
        port = bound.getsockname()[1]
    if refused is not None and (not sockets or refused.errno not in _UNAVAILABLE):
        for bound in sockets:
            bound.close()
        raise _unavailable(refused, where) from refused
    return sockets


def _bind(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


class Server(uvicorn.Server):
    """A server that, told to stop, first says that it is not ready, and then stops.

    It goes on to answer for a while, so that a balancer that asks `/ready` sends no more calls
    before connections are refused. A second signal ends that time.
    """

    def __init__(self, config: uvicorn.Config, state: ServerState, drain_seconds: float) -> None:
        super().__init__(config)
        self._state = state
        self._drain_seconds = drain_seconds
        self._stops_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain at the first signal; stop at the second."""
        if self._state.is_draining or not self._drain_seconds:
            super().handle_exit(sig, frame)
        else:
            self._captured_signals.append(sig)
            self._stops_at = time.monotonic() + self._drain_seconds
        self._state.is_draining = True

    async def on_tick(self, counter: int) -> bool:
        """Stop when the time to drain is over."""
        if self._stops_at is not None and time.monotonic() >= self._stops_at:
            self.should_exit = True
        return await super().on_tick(counter)


def make_server(
    app: ASGIApp,
    pool: ConnectionPool,
    seconds: float,
    state: ServerState | None = None,
    drain_seconds: float = 0.0,
) -> Server:
    """Create the server of an application.

    Args:
        app: The application.
        pool: The connections.
        seconds: Time limit of a response.
        state: The state of the server, which the application reads.
        drain_seconds: Time for which it still answers after the signal to stop.

    """
    # uvicorn's access log would contain the URL, and so the secret, whatever turns it on.
    logging.getLogger("uvicorn.access").disabled = True
    return Server(
        uvicorn.Config(
            app,
            http=pool.protocol,  # type: ignore[arg-type]
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            # By then all requests in progress have a response.
            timeout_graceful_shutdown=math.ceil(seconds) + 1,
        ),
        state or ServerState(),
        drain_seconds,
    )


def listen(sockets: list[socket.socket], host: str) -> int:
    """Start to listen, and return the port. Clients wait until the server runs.

    Raises:
        UserError: Another process listens on the port since the sockets were bound.

    """
    port: int = sockets[0].getsockname()[1]
    try:
        for bound in sockets:
            bound.listen()
    except OSError as error:
        raise _unavailable(error, host_and_port(host, port)) from error
    return port


def serve(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serve until a signal arrives and the requests in progress are answered."""
    # uvicorn raises the signal again after it has stopped.
    with suppress(KeyboardInterrupt):
        server.run(sockets)


def host_and_port(host: str, port: int) -> str:
    """Return host and port as in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unavailable(error: OSError, where: str) -> UserError:
    what, remedy = _REMEDIES.get(
        error.errno or 0, (f"cannot listen there ({error.strerror})", "check --host and --port")
    )
    return UserError(what, where, remedy)
