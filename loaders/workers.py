"""Files taken by several processes at once, or by this one where that is not worth it.

Each process takes one file at a time and sends its pieces back through a pipe, which holds it back
when nobody reads: however large a load is, only a few pieces are in memory.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Final

import pyarrow as pa

from errors import UserError
from loaders.limits import DEFAULT_LIMITS, Limits
from loaders.met import Met
from loaders.sources import SourceFile
from loaders.tables import ARROW_SCHEMAS, EVENTS, REJECTED_LINES
from loaders.taking import Piece, Taker

MAX_WORKERS: Final = 4
"""More processes than this would only wait for the warehouse to take what they give."""

# Below this, starting a process takes longer than reading the files in this one.
_WORTH_A_PROCESS_BYTES: Final = 4_000_000
_PIECES_WAITING: Final = 8
_HEED_SECONDS: Final = 0.5


@contextmanager
def reading(
    files: list[SourceFile],
    agents: Met,
    hosts: Met,
    workers: int | None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Iterator[Piece]]:
    """Begin to take files; give their pieces, those of one file in order.

    Args:
        files: What to take.
        agents: User agents that need no description.
        hosts: Hosts that need none.
        workers: How many processes; None: one for each core, as far as it is worth it.
        limits: What one file may hold.

    Raises:
        UserError: A process ended before its work was done; raised by the iterator.
        KeyboardInterrupt: A signal asks to stop; raised by the iterator.

    """
    count = _worth(files) if workers is None else min(workers, len(files))
    if count == 0:
        yield _taken_here(files, Taker(agents, hosts, limits))
        return
    crew = _Crew(files, (agents, hosts, limits), count)
    try:
        yield crew.pieces()
    finally:
        crew.dismiss()


def _taken_here(files: list[SourceFile], taker: Taker) -> Iterator[Piece]:
    for file in files:
        for piece in taker.pieces(file):
            _heed_signals()
            yield piece


def _heed_signals() -> None:
    """Stop where somebody wishes it; while dlt loads, it only takes note of signals."""
    # Here, because the processes that read have no need of dlt.
    from dlt.common.runtime import signals

    if signals.was_signal_received():
        raise KeyboardInterrupt


def _worth(files: list[SourceFile]) -> int:
    size = sum(file.size_bytes for file in files)
    if size < _WORTH_A_PROCESS_BYTES:
        return 0
    return min(os.cpu_count() or 1, MAX_WORKERS, len(files))


class _Crew:
    """Processes, each with a thread of this process that hands it files and takes its pieces."""

    def __init__(self, files: list[SourceFile], known: tuple[Met, Met, Limits], count: int) -> None:
        self._files = deque(files)
        self._out: queue.Queue[Piece | Exception | None] = queue.Queue(_PIECES_WAITING)
        self._dismissed = threading.Event()
        # Not forked: this process holds an open warehouse and its threads.
        context = multiprocessing.get_context("spawn")
        self._processes = []
        self._threads = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, *known), daemon=True)
            process.start()
            there.close()
            self._processes.append(process)
            thread = threading.Thread(target=self._attend, args=(here,), daemon=True)
            self._threads.append(thread)
        for thread in self._threads:
            thread.start()

    def pieces(self) -> Iterator[Piece]:
        """Give pieces as they come, until every process has nothing more to do."""
        attending = len(self._threads)
        while attending:
            _heed_signals()
            try:
                item = self._out.get(timeout=_HEED_SECONDS)
            except queue.Empty:
                continue
            if item is None:
                attending -= 1
            elif isinstance(item, Exception):
                raise item
            else:
                yield item

    def dismiss(self) -> None:
        """End the processes, whatever they are doing."""
        self._dismissed.set()
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def _attend(self, connection: Connection) -> None:
        with connection:
            try:
                # Popping is atomic, so the threads need no lock for it.
                with suppress(IndexError):
                    while not self._dismissed.is_set():
                        self._attend_file(connection, self._files.popleft())
            except (EOFError, OSError):
                self._put(
                    UserError(
                        "a reading process ended before its work was done",
                        "loaders",
                        "nothing of this load was kept; see that there is memory, and run again",
                    )
                )
            except Exception as error:
                self._put(error)
            self._put(None)

    def _attend_file(self, connection: Connection, file: SourceFile) -> None:
        connection.send(file)
        while True:
            piece = receive_piece(connection)
            self._put(piece)
            if piece.end is not None:
                return

    def _put(self, item: Piece | Exception | None) -> None:
        while not self._dismissed.is_set():
            with suppress(queue.Full):
                self._out.put(item, timeout=1.0)
                return


def _work(connection: Connection, agents: Met, hosts: Met, limits: Limits) -> None:
    """Take the files that come through the pipe, until it is closed."""
    # A person's wish to stop goes to the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The decoded events are many and hold no cycles.
    gc.set_threshold(200_000, 20, 100)
    taker = Taker(agents, hosts, limits)
    # The pipe breaks when the parent is gone; then nobody waits for an answer.
    with suppress(EOFError, OSError):
        while True:
            file = connection.recv()
            try:
                for piece in taker.pieces(file):
                    send_piece(connection, piece)
            except MemoryError as error:
                connection.send(error)


def send_piece(connection: Connection, piece: Piece) -> None:
    """Send a piece: its rows as Arrow's own bytes, the rest pickled."""
    batches = (piece.events, piece.rejected)
    connection.send((replace(piece, events=None, rejected=None), [b is not None for b in batches]))
    for batch in batches:
        if batch is not None:
            connection.send_bytes(batch.serialize())


def receive_piece(connection: Connection) -> Piece:
    """Receive what `send_piece` sent.

    Raises:
        MemoryError: The process that reads has run out of memory.

    """
    received = connection.recv()
    if isinstance(received, MemoryError):
        raise received
    piece, (has_events, has_rejected) = received
    if has_events:
        piece.events = _receive_batch(connection, EVENTS)
    if has_rejected:
        piece.rejected = _receive_batch(connection, REJECTED_LINES)
    return piece


def _receive_batch(connection: Connection, table: str) -> pa.RecordBatch:
    message = pa.py_buffer(connection.recv_bytes())
    return pa.ipc.read_record_batch(message, ARROW_SCHEMAS[table])
