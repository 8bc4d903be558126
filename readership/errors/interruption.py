"""Signals that arrive while DuckDB runs a query.

Python runs the handler of a signal in the main thread, between two of its own instructions. A query
of DuckDB is one call, in which the main thread may wait for another one to the end. So a thread of
its own listens for signals, and interrupts the queries of the open connections.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, current_thread, main_thread
from typing import Final, Protocol

# What DuckDB's Python package raises, as a RuntimeError, where it sees the signal itself.
_INTERRUPTED: Final = "Query interrupted"
# What it raises after `interrupt()`. The name spares the package, which needs nothing but Python.
_INTERRUPT_ERROR: Final = "InterruptException"
_END: Final = b"\0"


class Connection(Protocol):
    """A connection of DuckDB, as far as it matters here."""

    def interrupt(self) -> None:
        """End the query that runs, if any does, with an error."""


_connections: list[Connection] = []


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt where a signal has ended a query of DuckDB."""
    try:
        yield
    except Exception as error:
        if is_interruption(error):
            raise KeyboardInterrupt from error
        raise


@contextmanager
def stopped_by_signals(connection: Connection) -> Iterator[None]:
    """End the query of a connection when a signal arrives that Python handles.

    Without it the signal waits for the end of the query. Another thread than the main one hears no
    signals, and may go on.
    """
    if current_thread() is not main_thread():
        yield
        return
    ear, mouth = socket.socketpair()
    with ear, mouth:
        mouth.setblocking(False)
        _connections.append(connection)
        before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        listener = Thread(target=_listen, args=(ear,), name="signals", daemon=True)
        listener.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            _connections.remove(connection)
            mouth.setblocking(True)
            mouth.send(_END)
            listener.join()


def is_interruption(error: BaseException) -> bool:
    """Tell whether an error stands for a signal that asks to stop."""
    return (
        isinstance(error, KeyboardInterrupt)
        or (type(error) is RuntimeError and str(error) == _INTERRUPTED)
        or type(error).__name__ == _INTERRUPT_ERROR
    )


def _listen(ear: socket.socket) -> None:
    # One byte for each signal: its number, which is never 0.
    while (heard := ear.recv(1)) and heard != _END:
        for connection in tuple(_connections):
            with suppress(Exception):
                connection.interrupt()
