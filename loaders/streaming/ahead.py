"""Take the next records of a stream while those before them are loaded.

To load waits for the disk and to take records for the network, so that the two together last little
longer than one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from loaders.streaming.pieces import Gathered


class Look:
    """A look at a stream that has begun.

    Args:
        gather: Takes the records.

    """

    def __init__(self, gather: Callable[[], Gathered]) -> None:
        self._future: Future[Gathered] = Future()
        # Nobody waits for its end when what is loaded meanwhile fails, or the process is to stop.
        Thread(target=self._run, args=(gather,), name="look", daemon=True).start()

    def _run(self, gather: Callable[[], Gathered]) -> None:
        try:
            self._future.set_result(gather())
        except BaseException as error:
            self._future.set_exception(error)

    def result(self) -> Gathered:
        """Wait for the records.

        Raises:
            UserError: As `Stream.gather` does.

        """
        return self._future.result()

    def wait(self) -> None:
        """Wait for its end, whatever it brought."""
        self._future.exception()
