"""Event files: lines are collected until the hours of their file are over, then compressed."""

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
    """Lines by their future file.

    A day of the period has several files, each with the lines that arrive in a window of hours. A
    day after the period, with late lines only, has one file.
    """

    def __init__(self, start_ms: int, days: int, files_per_day: int) -> None:
        self.start = start_ms
        self._end = start_ms + days * DAY
        self._length = DAY // files_per_day
        self._lines: defaultdict[int, list[tuple[int, int, bytes, Label]]] = defaultdict(list)
        self._order = count()

    def _window(self, arrival: int) -> int:
        """Return the start (epoch ms) of the window of a line."""
        length = self._length if arrival < self._end else DAY
        return arrival - (arrival - self.start) % length

    def window_end(self, arrival: int) -> int:
        """Return the end (epoch ms) of the window of a line."""
        return self._window(arrival) + (self._length if arrival < self._end else DAY)

    def add(self, arrival: int, line: bytes, label: Label) -> None:
        """Add a line that arrives at this moment (epoch ms)."""
        self._lines[self._window(arrival)].append((arrival, next(self._order), line, label))

    def due(self, now_ms: int | None) -> list[int]:
        """Return the starts of windows that are over; of all windows if `now_ms` is None."""
        return sorted(
            window for window in self._lines if now_ms is None or self.window_end(window) <= now_ms
        )

    def take(self, window: int) -> tuple[Path, list[bytes], list[Label]]:
        """Remove a window; return its path below OUT, its lines by arrival, and their labels."""
        rows = self._lines.pop(window)
        rows.sort()
        moment = datetime.fromtimestamp(window // 1000, UTC)
        part = window % DAY // self._length
        path = Path(moment.strftime("%Y/%m/%d")) / f"part-{part:02d}.jsonl.gz"
        return path, [row[2] for row in rows], [row[3] for row in rows]


def pack(lines: list[bytes]) -> bytes:
    """Compress lines to one gzip stream, without a timestamp, so that it is reproducible."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    chunks = []
    for first in range(0, len(lines), _LINES_AT_ONCE):
        chunk = lines[first : first + _LINES_AT_ONCE]
        chunks.append(packer.compress(b"\n".join(chunk) + b"\n"))
    chunks.append(packer.flush())
    return b"".join(chunks)


class Packers:
    """Threads that compress and write files while the next ones are generated."""

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
        """Queue a file for writing. Raises the error of an earlier file, if there was one."""
        if self._error is not None:
            raise self._error
        self._queue.put((path, lines))

    def write(self, path: Path, content: bytes) -> None:
        """Write a compressed file below OUT."""
        target = self._out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        with self._lock:
            self.files += 1
            self.size += len(content)

    def close(self) -> None:
        """Wait until all files are written. Raises the error of a file, if there was one."""
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
    """Write a truncated file, with only the first share of the compressed bytes.

    Returns:
        The number of complete lines that can be read, and whether a partial line follows.

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
    """Count the readable lines of a truncated file."""
    whole, piece = cut
    truth.count(labels[:whole])
    if piece:
        truth.count_cut_line()
    truth.mess["truncated_gzip"] += 1
