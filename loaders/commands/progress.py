"""How far a load is: a live line on a terminal, sparse plain lines elsewhere, both on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from loaders.pipeline import Progress
from readership.console import SparseLines, counted, live_bar

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_PLAIN_EVERY_SECONDS: Final = 60.0
_MEGABYTE: Final = 1e6


class PlainProgress(Progress):
    """A line now and then, for logs."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = SparseLines(stream, "readership load", _PLAIN_EVERY_SECONDS)
        self._started = time.monotonic()
        self._files = 0
        self._size_bytes = 0

    @contextmanager
    def reading(self, files: int, size_bytes: int) -> Iterator[None]:
        """Say how much there is to read."""
        self._started = time.monotonic()
        self._files, self._size_bytes = files, size_bytes
        self._lines.say(f"reading {counted(files, 'file')}, {size_bytes / _MEGABYTE:.1f} MB")
        yield

    def advance(self, *, files: int, events: int, rejected: int, bytes_read: int) -> None:
        """Say the totals when the last word was a while ago."""
        if not self._lines.due:
            return
        speed = bytes_read / (time.monotonic() - self._started)
        left = max(0, self._size_bytes - bytes_read)
        self._lines.say(
            f"{files:,} of {self._files:,} files, {events:,} events, {rejected:,} rejected, "
            f"{speed / _MEGABYTE:.1f} MB/s, {left / speed if speed else 0:.0f} s left"
        )


class LiveProgress(Progress):
    """A bar by bytes read, with the totals beside it."""

    def __init__(self, stream: TextIO) -> None:
        from rich.progress import (
            BarColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._bar: RichProgress = live_bar(
            stream,
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            TextColumn("{task.fields[totals]}"),
            TransferSpeedColumn(),
            TimeRemainingColumn(compact=True),
        )
        self._task: TaskID | None = None
        self._files = 0

    @contextmanager
    def reading(self, files: int, size_bytes: int) -> Iterator[None]:
        """Show the bar while the load lasts."""
        self._files = files
        with self._bar:
            self._task = self._bar.add_task("reading", total=size_bytes, totals="")
            yield

    def advance(self, *, files: int, events: int, rejected: int, bytes_read: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.update(
                self._task,
                completed=bytes_read,
                description="reading",
                totals=f"{files:,}/{self._files:,} files  {events:,} events  {rejected:,} rejected",
            )

    def finishing(self) -> None:
        """Say so."""
        if self._task is not None:
            self._bar.update(self._task, description="finishing")


def progress_for(stream: TextIO | None = None) -> Progress:
    """Choose the progress display that fits where stderr goes."""
    stream = stream or sys.stderr
    return LiveProgress(stream) if stream.isatty() else PlainProgress(stream)
