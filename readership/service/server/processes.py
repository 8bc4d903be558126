"""Several processes that serve one port: started, restarted when they die, and stopped together.

The parent binds and listens, and forks processes that accept connections of the same sockets. It
opens no snapshot and starts no thread, so a fork copies none half-done.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from readership.errors import UserError, print_error

CANNOT_START: Final = 3
"""Exit code of a process that said why it cannot serve."""

_LOG: Final = logging.getLogger("readership.processes")
_POLL_SECONDS: Final = 0.1
_RESTART_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Child:
    """A process that serves."""

    pid: int
    number: int
    is_first: bool


class Supervisor:
    """Keeps a number of processes running until a signal arrives."""

    def __init__(self, count: int, start: Callable[[int, bool], None], stop_seconds: float) -> None:
        """Create a supervisor.

        Args:
            count: Number of processes.
            start: Called in each process with its number from 0, and whether it is the first one of
                that number. It serves until SIGTERM.
            stop_seconds: Time after which a process that does not stop is killed.

        """
        self._count = count
        self._start = start
        self._stop_seconds = stop_seconds
        self._children: dict[int, _Child] = {}
        self._due: list[tuple[float, int]] = []
        self._is_stopping = False
        # The processes notice the end of the parent, however it ends, when this pipe is closed.
        self._alive = os.pipe()

    def run(self) -> int:
        """Start the processes, and return the exit code once all have ended."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        for number in range(self._count):
            self._fork(number, is_first=True)
        code = 0
        while not self._is_stopping:
            code = self._reap()
            now = time.monotonic()
            for due in [one for one in self._due if one[0] <= now]:
                self._due.remove(due)
                self._fork(due[1], is_first=False)
            time.sleep(_POLL_SECONDS)
        self._end_all()
        return code

    def _stop(self, *_: object) -> None:
        self._is_stopping = True

    def _reap(self) -> int:
        """Plan the restart of processes that ended; stop if one cannot start at all."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            child = self._children.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if child.is_first and code == CANNOT_START:
                self._is_stopping = True
                return 1
            if not self._is_stopping:
                _LOG.error("process %d ended with %d: starting another", pid, code)
                self._due.append((time.monotonic() + _RESTART_SECONDS, child.number))
        return 0

    def _fork(self, number: int, is_first: bool) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._children[pid] = _Child(pid, number, is_first)
            return
        code = 1
        try:
            code = self._serve(number, is_first)
        except KeyboardInterrupt:
            code = 0
        except BaseException:
            _LOG.exception("a process failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Nothing of the parent's may run at the end of its copy.
            os._exit(code)

    def _serve(self, number: int, is_first: bool) -> int:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.default_int_handler)
        read, write = self._alive
        os.close(write)
        threading.Thread(target=_stop_with_parent, args=(read,), daemon=True).start()
        try:
            self._start(number, is_first)
        except UserError as error:
            print_error("serve", error)
            return CANNOT_START
        return 0

    def _end_all(self) -> None:
        """Stop all processes, and kill those that do not end in time."""
        for pid in self._children:
            _kill(pid, signal.SIGTERM)
        end = time.monotonic() + self._stop_seconds
        while self._children and time.monotonic() < end:
            self._reap()
            time.sleep(_POLL_SECONDS)
        for pid in self._children:
            _LOG.error("process %d did not stop in time: killed it", pid)
            _kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def run_apart(work: Callable[[], object]) -> None:
    """Do some work in a process of its own, so that no thread of it stays in this one.

    Raises:
        SystemExit: The work failed, and said why.

    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        except UserError as error:
            print_error("serve", error)
            code = CANNOT_START
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if (code := os.waitstatus_to_exitcode(status)) != 0:
        raise SystemExit(1 if code == CANNOT_START else code)


def _kill(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _stop_with_parent(read: int) -> None:
    os.read(read, 1)
    os.kill(os.getpid(), signal.SIGTERM)
