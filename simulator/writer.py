"""Files of events: lines wait on a shelf until their file's hours are over, then are packed."""

from __future__ import annotations

import queue
import threading
import zlib
from collections import defaultdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from simulator.rhythm import DAY
from simulator.truth import Label, Truth

_PACKERS = 2
_LINES_AT_ONCE = 100


class Shelf:
    """Lines by the file they will lie in.

    A day of the period has several files, one for each stretch of hours in which its lines
    arrive; a day after the period, which only stragglers reach, has one.
    """

    def __init__(self, start_ms: int, days: int, files_per_day: int) -> None:
        self.start = start_ms
        self._end = start_ms + days * DAY
        self._length = DAY // files_per_day
        self._lines: defaultdict[int, list[tuple[int, int, bytes, Label]]] = defaultdict(list)
        self._order = count()

    def _window(self, arrival: int) -> int:
        """Return the start (epoch ms) of the stretch of time whose file takes a line."""
        length = self._length if arrival < self._end else DAY
        return arrival - (arrival - self.start) % length

    def window_end(self, arrival: int) -> int:
        """Return when (epoch ms) the file that takes a line arriving now is closed."""
        return self._window(arrival) + (self._length if arrival < self._end else DAY)

    def add(self, arrival: int, line: bytes, label: Label) -> None:
        """Put a line on the shelf, by the moment it arrives (epoch ms)."""
        self._lines[self._window(arrival)].append((arrival, next(self._order), line, label))

    def due(self, now_ms: int | None) -> list[int]:
        """Return the files (by start) that no more lines can reach; None for all files."""
        return sorted(
            window for window in self._lines if now_ms is None or self.window_end(window) <= now_ms
        )

    def take(self, window: int) -> tuple[Path, list[bytes], list[Label]]:
        """Return a file's path below OUT, its lines in order of arrival, and their labels."""
        rows = self._lines.pop(window)
        rows.sort()
        moment = datetime.fromtimestamp(window // 1000, UTC)
        part = window % DAY // self._length
        path = Path(moment.strftime("%Y/%m/%d")) / f"part-{part:02d}.jsonl.gz"
        return path, [row[2] for row in rows], [row[3] for row in rows]


def pack(lines: list[bytes]) -> bytes:
    """Return lines as one gzip stream, the same bytes for the same lines on any day."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    found = []
    for first in range(0, len(lines), _LINES_AT_ONCE):
        chunk = lines[first : first + _LINES_AT_ONCE]
        found.append(packer.compress(b"\n".join(chunk) + b"\n"))
    found.append(packer.flush())
    return b"".join(found)


class Packers:
    """Threads that pack and write files while the next ones are thought up."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._queue: queue.Queue[tuple[Path, list[bytes]] | None] = queue.Queue(maxsize=2)
        self._lock = threading.Lock()
        self._error: Exception | None = None
        self.files = 0
        self.size = 0  # bytes
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_PACKERS)]
        for thread in self._threads:
            thread.start()

    def add(self, path: Path, lines: list[bytes]) -> None:
        """Have a file packed and written; raises what went wrong with an earlier one."""
        if self._error is not None:
            raise self._error
        self._queue.put((path, lines))

    def write(self, path: Path, content: bytes) -> None:
        """Write a packed file below OUT."""
        target = self._out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        with self._lock:
            self.files += 1
            self.size += len(content)

    def close(self) -> None:
        """Wait until all files are written; raises what went wrong with one."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            if self._error is not None:
                continue
            try:
                self.write(task[0], pack(task[1]))
            except Exception as error:
                self._error = error


def write_truncated(
    packers: Packers, path: Path, lines: list[bytes], share: float
) -> tuple[int, bool]:
    """Write a file of which only the first share of the packed bytes arrived.

    Returns how many lines can still be read whole, and whether a piece of one more can.
    """
    packed = pack(lines)
    packed = packed[: int(len(packed) * share)]
    packers.write(path, packed)
    whole = zlib.decompressobj(31).decompress(packed).split(b"\n")
    rest = whole.pop()
    if rest and rest == lines[len(whole)]:
        return len(whole) + 1, False
    return len(whole), bool(rest)


def count_readable(labels: list[Label], cut: tuple[int, bool], truth: Truth) -> None:
    """Account for what a truncated file still holds."""
    whole, piece = cut
    truth.count(labels[:whole])
    if piece:
        truth.count_cut_line()
    truth.mess["truncated_gzip"] += 1
