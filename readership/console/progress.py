"""How far something is: a bar on a terminal, a line now and then elsewhere.

What a command has to say of its progress is its own; these are the parts that all of them use.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress


class SparseLines:
    """Lines for a log: a few, so that it does not grow with each step.

    Args:
        stream: What is printed to.
        prefix: What each line begins with: the command's name.
        every_seconds: How long there is nothing new to say after a line.

    """

    def __init__(self, stream: TextIO, prefix: str, every_seconds: float) -> None:
        self._stream = stream
        self._prefix = prefix
        self._every_seconds = every_seconds
        self._said_at = 0.0

    def say(self, text: str) -> None:
        """Print a line, whenever the last one was."""
        self._said_at = time.monotonic()
        print(f"{self._prefix}: {text}", file=self._stream, flush=True)

    @property
    def due(self) -> bool:
        """Whether the last line is so long ago that another is worth printing."""
        return time.monotonic() - self._said_at >= self._every_seconds


def live_bar(stream: TextIO, *columns: Any, expand: bool = False) -> Progress:  # noqa: ANN401
    """Give rich's progress display with a spinner before these columns; it goes when it is done."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn

    return Progress(
        SpinnerColumn(),
        *columns,
        expand=expand,
        console=Console(file=stream, highlight=False, soft_wrap=True),
        transient=True,
    )
