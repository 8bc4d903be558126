"""The server: where it listens, and how it runs and stops."""

from __future__ import annotations

import errno
import math
import os
import socket
from contextlib import suppress
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from errors import UserError
from service.connections import Room

_REMEDIES: Final = {
    errno.EADDRINUSE: ("the port is in use", "stop what listens there, or choose another --port"),
    errno.EADDRNOTAVAIL: ("this machine has no such address", "choose another --host"),
    errno.EACCES: ("this user may not listen there", "choose a --port above 1023"),
}

# A name may have an address that this machine knows no more, beside one that it has.
_NOT_HERE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def bound_at(host: str, port: int) -> list[socket.socket]:
    """Give sockets at all addresses of a host; they do not listen yet.

    Raises:
        UserError: There is no such host, or the port is not to be had.

    """
    where = shown(host, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise UserError("there is no such host", where, "name an address of this machine")
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            # Any free port is the same one at all addresses.
            bound = _bound(family, (address[0], port, *address[2:]))
        except OSError as error:
            refused = error
            if error.errno in _NOT_HERE:
                continue
            break
        sockets.append(bound)
        port = bound.getsockname()[1]
    if refused is not None and (not sockets or refused.errno not in _NOT_HERE):
        for bound in sockets:
            bound.close()
        raise _unavailable(refused, where) from refused
    return sockets


def _bound(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
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


def server_of(app: ASGIApp, room: Room, seconds: float) -> uvicorn.Server:
    """Make the server of an app whose answers take no longer than so many seconds."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=room.protocol,  # type: ignore[arg-type]
            ws="none",
            # The server's own has the whole call in it, and so the secret.
            access_log=False,
            log_config=None,
            server_header=False,
            # Calls in hand have their answer or their refusal by then.
            timeout_graceful_shutdown=math.ceil(seconds) + 1,
        )
    )


def listen(sockets: list[socket.socket], host: str) -> int:
    """Let callers in, who wait until the server runs, and give the port.

    Raises:
        UserError: Another process has begun to listen there meanwhile.

    """
    port: int = sockets[0].getsockname()[1]
    try:
        for bound in sockets:
            bound.listen()
    except OSError as error:
        raise _unavailable(error, shown(host, port)) from error
    return port


def serve(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serve until a signal comes, and answer the calls in hand."""
    # When it has stopped, the server sends itself the signal again.
    with suppress(KeyboardInterrupt):
        server.run(sockets)


def shown(host: str, port: int) -> str:
    """Write host and port as an address has them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unavailable(error: OSError, where: str) -> UserError:
    what, remedy = _REMEDIES.get(
        error.errno or 0, (f"nobody can listen there ({error.strerror})", "see --host and --port")
    )
    return UserError(what, where, remedy)
