"""Lanes: separate thread pools with bounded queues.

Requests of one lane never wait for those of another. So neither long periods nor requests without a
secret delay the others.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from readership.service.calls import BUSY, CallError

_NICE: Final = 5
_Result = TypeVar("_Result")


class Lane:
    """The threads and the queue of one kind of request.

    A request whose client disconnects leaves the queue.

    Attributes:
        label: The short name, for metrics.
        name: The kind of request, as it completes "calls ..." in messages.

    """

    def __init__(
        self, label: str, name: str, threads: int, max_waiting: int, seconds: float
    ) -> None:
        """Create a lane.

        Args:
            label: The short name.
            name: The kind of request.
            threads: Number of threads.
            max_waiting: Maximum number of requests in the queue.
            seconds: Maximum time of a request in the queue.

        """
        self.label = label
        self.name = name
        self._threads = ThreadPoolExecutor(threads, name, lower_priority)
        self._free = asyncio.Semaphore(threads)
        self._most_waiting = max_waiting
        self._waiting = 0
        self._running = 0
        self._seconds = seconds

    @property
    def waiting(self) -> int:
        """The number of requests in the queue."""
        return self._waiting

    @property
    def running(self) -> int:
        """The number of requests that have a thread."""
        return self._running

    def refusal(self) -> CallError | None:
        """Return the error that refuses a request if the queue is full; None if it is not."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            return self._busy(f"{self._waiting} calls {self.name} wait already")
        return None

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a free thread, and reserve it until the block ends.

        Raises:
            CallError: The queue is full, or no thread became free in time.

        """
        if (refusal := self.refusal()) is not None:
            raise refusal
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise self._busy(
                f"no turn within {self._seconds:g} seconds among calls {self.name}"
            ) from None
        finally:
            self._waiting -= 1
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._free.release()

    def submit(self, function: Callable[..., _Result], *arguments: Any) -> asyncio.Future[_Result]:  # noqa: ANN401
        """Call a function in a thread. The caller must hold a slot."""
        return asyncio.wrap_future(self._threads.submit(function, *arguments))

    def close(self) -> None:
        """Stop the threads."""
        self._threads.shutdown(cancel_futures=True)

    def _busy(self, reason: str) -> CallError:
        # By then every request that waits now has a response.
        seconds = math.ceil(self._seconds)
        return CallError(
            BUSY, f"the service is busy: {reason}; ask again in {seconds} seconds", BUSY, seconds
        )


def lower_priority() -> None:
    """Lower the priority of this thread, so that cached responses go first."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
