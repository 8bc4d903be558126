"""How far a build is: a live line on a terminal, sparse plain lines elsewhere, both on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from readership.console import SparseLines, live_bar

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_PLAIN_EVERY_SECONDS: Final = 10.0


class Progress:
    """What a build tells of itself, as plain lines now and then."""

    def __init__(self, stream: TextIO, command: str = "build") -> None:
        self._stream = stream
        self._lines = SparseLines(stream, f"readership {command}", _PLAIN_EVERY_SECONDS)
        self._total = self._done = 0

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Bracket a build."""
        yield

    def step(self, text: str) -> None:
        """Say what begins."""
        self._lines.say(text)

    def expect(self, steps: int) -> None:
        """Take how many models, lists and tests are to come."""
        self._total, self._done = steps, 0

    def advance(self, name: str) -> None:
        """Take the name of one that is done."""
        self._done += 1
        if self._lines.due:
            self._lines.say(f"{self._done:,} of {self._total:,} done, the last {name}")

    def tell(self, text: str) -> None:
        """Print what is to stay on the screen."""
        print(text, file=self._stream, flush=True)


class LiveProgress(Progress):
    """A bar by models, lists and tests, with the name of the last one."""

    def __init__(self, stream: TextIO, command: str = "build") -> None:
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        super().__init__(stream, command)
        self._bar: RichProgress = live_bar(
            stream,
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:,}/{task.total:,}"),
            TimeElapsedColumn(),
            # Long names are cut.
            TextColumn(
                "{task.fields[name]}",
                markup=False,
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            expand=True,
        )
        self._task: TaskID | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bar while the build lasts."""
        with self._bar:
            self._task = self._bar.add_task("", total=0, name="")
            yield

    def step(self, text: str) -> None:
        """Put it before the bar."""
        if self._task is not None:
            self._bar.update(self._task, description=text, name="")

    def expect(self, steps: int) -> None:
        """Give the bar its length."""
        if self._task is not None:
            self._bar.update(self._task, total=steps, completed=0)

    def advance(self, name: str) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.update(self._task, advance=1, name=name)

    def tell(self, text: str) -> None:
        """Print it above the bar."""
        self._bar.console.print(text, markup=False)


def progress_for(stream: TextIO | None = None, command: str = "build") -> Progress:
    """Choose the progress display that fits where stderr goes."""
    stream = stream or sys.stderr
    return LiveProgress(stream, command) if stream.isatty() else Progress(stream, command)
