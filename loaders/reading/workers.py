"""Files read by several processes at once, or by this one where that is not worth it.

Each process reads one file at a time and sends its batches back through a pipe, which holds it back
when nobody reads: however large a load is, only a few batches are in memory.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Final

import pyarrow as pa

from loaders.discovering import EventFile
from loaders.enriching import SeenTexts
from loaders.reading.file_reader import Batch, FileReader
from loaders.settings import DEFAULT_LIMITS, Limits
from loaders.tables import ARROW_SCHEMAS, EVENTS, REJECTED_LINES
from readership.errors import UserError

MAX_WORKERS: Final = 4
"""More processes than this would only wait for the warehouse to take what they give."""

# Below this, starting a process takes longer than reading the files in this one.
_WORTH_A_PROCESS_BYTES: Final = 4_000_000
_BATCHES_WAITING: Final = 8
_SIGNAL_SECONDS: Final = 0.5


def refuse_rerun() -> None:
    """Stop a script that one of its own reading processes runs again.

    A process that is started imports the script it comes from. A script that loads when it is
    imported would load once more there, into the same warehouse and beside the first.

    Raises:
        UserError: This process is about to import its script.

    """
    # The flag by which multiprocessing itself refuses to start further processes then.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise UserError(
            "a script that loads is run again by each process that reads for it",
            sys.argv[0],
            'put what it does under `if __name__ == "__main__":`',
        )


@contextmanager
def read_files(
    files: list[EventFile],
    agents: SeenTexts,
    hosts: SeenTexts,
    workers: int | None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Iterator[Batch]]:
    """Begin to read files; give their batches, those of one file in order.

    Args:
        files: What to read.
        agents: User agents that need no description.
        hosts: Hosts that need none.
        workers: How many processes; None: one for each core, as far as it is worth it.
        limits: What one file may hold.

    Raises:
        UserError: A process ended before its work was done; raised by the iterator.
        KeyboardInterrupt: A signal asks to stop; raised by the iterator.

    """
    count = _worker_count(files) if workers is None else min(workers, len(files))
    if count == 0:
        yield _read_here(files, FileReader(agents, hosts, limits))
        return
    pool = _WorkerPool(files, (agents, hosts, limits), count)
    try:
        yield pool.batches()
    finally:
        pool.dismiss()


def read_records(
    pieces: Iterable[tuple[str, Sequence[bytes]]],
    agents: SeenTexts,
    hosts: SeenTexts,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Batch]:
    """Read the records of streams in this process; give their batches, those of a piece in order.

    Args:
        pieces: What the records of each piece are called, and the records.
        agents: User agents that need no description.
        hosts: Hosts that need none.
        limits: What one piece may hold.

    Raises:
        KeyboardInterrupt: A signal asks to stop.

    """
    reader = FileReader(agents, hosts, limits)
    for name, records in pieces:
        for batch in reader.batches_of_records(name, records):
            _stop_on_signal()
            yield batch


def _read_here(files: list[EventFile], reader: FileReader) -> Iterator[Batch]:
    for file in files:
        for batch in reader.batches(file):
            _stop_on_signal()
            yield batch


def _stop_on_signal() -> None:
    """Stop where somebody wishes it; while dlt loads, it only takes note of signals."""
    # Here, because the processes that read have no need of dlt.
    from dlt.common.runtime import signals

    if signals.was_signal_received():
        raise KeyboardInterrupt


def _worker_count(files: list[EventFile]) -> int:
    size = sum(file.size_bytes for file in files)
    if size < _WORTH_A_PROCESS_BYTES:
        return 0
    return min(os.cpu_count() or 1, MAX_WORKERS, len(files))


class _WorkerPool:
    """Processes, each with a thread here that hands it files and receives its batches."""

    def __init__(
        self,
        files: list[EventFile],
        for_reader: tuple[SeenTexts, SeenTexts, Limits],
        count: int,
    ) -> None:
        self._files = deque(files)
        self._out: queue.Queue[Batch | Exception | None] = queue.Queue(_BATCHES_WAITING)
        self._dismissed = threading.Event()
        # Not forked: this process holds an open warehouse and its threads.
        context = multiprocessing.get_context("spawn")
        self._processes = []
        self._threads = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, *for_reader), daemon=True)
            process.start()
            there.close()
            self._processes.append(process)
            thread = threading.Thread(target=self._attend, args=(here,), daemon=True)
            self._threads.append(thread)
        for thread in self._threads:
            thread.start()

    def batches(self) -> Iterator[Batch]:
        """Give batches as they come, until every process has nothing more to do."""
        attending = len(self._threads)
        while attending:
            _stop_on_signal()
            try:
                item = self._out.get(timeout=_SIGNAL_SECONDS)
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

    def _attend_file(self, connection: Connection, file: EventFile) -> None:
        connection.send(file)
        while True:
            batch = receive_batch(connection)
            self._put(batch)
            if batch.end is not None:
                return

    def _put(self, item: Batch | Exception | None) -> None:
        while not self._dismissed.is_set():
            with suppress(queue.Full):
                self._out.put(item, timeout=1.0)
                return


def _work(connection: Connection, agents: SeenTexts, hosts: SeenTexts, limits: Limits) -> None:
    """Read the files that come through the pipe, until it is closed."""
    # A person's wish to stop goes to the parent, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The decoded events are many and hold no cycles.
    gc.set_threshold(200_000, 20, 100)
    reader = FileReader(agents, hosts, limits)
    # The pipe breaks when the parent is gone; then nobody waits for an answer.
    with suppress(EOFError, OSError):
        while True:
            file = connection.recv()
            try:
                for batch in reader.batches(file):
                    send_batch(connection, batch)
            except MemoryError as error:
                connection.send(error)


def send_batch(connection: Connection, batch: Batch) -> None:
    """Send a batch: its rows as Arrow's own bytes, the rest pickled."""
    tables = (batch.events, batch.rejected)
    connection.send(
        (replace(batch, events=None, rejected=None), [rows is not None for rows in tables])
    )
    for rows in tables:
        if rows is not None:
            connection.send_bytes(rows.serialize())


def receive_batch(connection: Connection) -> Batch:
    """Receive what `send_batch` sent.

    Raises:
        MemoryError: The process that reads has run out of memory.

    """
    received = connection.recv()
    if isinstance(received, MemoryError):
        raise received
    batch, (has_events, has_rejected) = received
    if has_events:
        batch.events = _receive_rows(connection, EVENTS)
    if has_rejected:
        batch.rejected = _receive_rows(connection, REJECTED_LINES)
    return batch


def _receive_rows(connection: Connection, table: str) -> pa.RecordBatch:
    message = pa.py_buffer(connection.recv_bytes())
    return pa.ipc.read_record_batch(message, ARROW_SCHEMAS[table])
