"""Readers of a command's output who have seen enough, as with `| head`: it ends quietly then."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

READER_GONE: Final = 141
"""The exit code of a command that could not go on for want of a reader, as after SIGPIPE."""


@contextmanager
def until_reader_stops() -> Iterator[None]:
    """Bracket printing; end it quietly where nobody reads the output any more.

    Raises:
        BrokenPipeError: The pipe is another one than the output, such as a connection.

    """
    try:
        yield
    except BrokenPipeError:
        if all(map(_has_reader, (sys.stdout, sys.stderr))):
            raise
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
            if not _has_reader(stream):
                _give_up(stream)


def _has_reader(stream: TextIO | None) -> bool:
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # type: ignore[union-attr]
        return not poll.poll(0)
    except (OSError, ValueError, AttributeError):
        # It is closed, or no file: nothing that breaks.
        return True


def _give_up(stream: TextIO) -> None:
    """Let what is still to be flushed, at exit too, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
