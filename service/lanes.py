"""Lanes: a few threads each, and a bounded queue of calls that wait for one.

Calls of one lane never wait for those of another: neither long periods nor calls without a secret
hold up the rest.
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

from service.errors import BUSY, CallError

_NICE: Final = 5
_Result = TypeVar("_Result")


class Lane:
    """The threads and the queue of a kind of calls. A call whose caller leaves is out of the queue.

    Attributes:
        name: What calls it is for.

    """

    def __init__(self, name: str, threads: int, most_waiting: int, seconds: float) -> None:
        """Make a lane in which as many calls wait at most, each for so many seconds."""
        self.name = name
        self._threads = ThreadPoolExecutor(threads, name, step_back)
        self._free = asyncio.Semaphore(threads)
        self._most_waiting = most_waiting
        self._waiting = 0
        self._seconds = seconds

    def refusal(self) -> CallError | None:
        """Give what a call is refused with when as many wait as may; None when it may wait."""
        if self._free.locked() and self._waiting >= self._most_waiting:
            return self._busy(f"{self._waiting} calls {self.name} wait already")
        return None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a thread, and have it for the while.

        Raises:
            CallError: As many wait as may, or no thread came free.

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
        try:
            yield
        finally:
            self._free.release()

    def submit(self, work: Callable[..., _Result], *given: Any) -> asyncio.Future[_Result]:  # noqa: ANN401
        """Begin work in a thread; for whoever has the turn."""
        return asyncio.wrap_future(self._threads.submit(work, *given))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    def _busy(self, why: str) -> CallError:
        # Who waits now has an answer or a refusal by then.
        seconds = math.ceil(self._seconds)
        return CallError(
            BUSY, f"the service is busy: {why}; ask again in {seconds} seconds", BUSY, seconds
        )


def step_back() -> None:
    """Let a thread that works for long give way to answers that are known."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
