"""Signals that arrive while DuckDB runs a query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# What DuckDB's Python package raises, as a RuntimeError, in place of what the signal raised.
_INTERRUPTED: Final = "Query interrupted"


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt where a signal has ended a query of DuckDB.

    Python would raise that by itself; DuckDB drops it, and raises a RuntimeError.
    """
    try:
        yield
    except RuntimeError as error:
        if is_interruption(error):
            raise KeyboardInterrupt from error
        raise


def is_interruption(error: BaseException) -> bool:
    """Tell whether an error stands for a signal that asks to stop."""
    return isinstance(error, KeyboardInterrupt) or (
        type(error) is RuntimeError and str(error) == _INTERRUPTED
    )
