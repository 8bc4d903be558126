"""What a load may take of memory, disk and time, whatever comes in."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from typing import Final

from readership.errors import UserError

SIZE_VARIABLE: Final = "READERSHIP_MAX_FILE_SIZE"
LINES_VARIABLE: Final = "READERSHIP_MAX_FILE_LINES"
MEMORY_VARIABLE: Final = "READERSHIP_LOADER_MEMORY"

SECONDS_VARIABLE: Final = "READERSHIP_STORE_SECONDS"

DEFAULT_SIZE: Final = "16GB"
DEFAULT_LINES: Final = "100000000"
DEFAULT_MEMORY: Final = "800MB"
DEFAULT_SECONDS: Final = "10"
"""How long a store may be silent, where the environment says nothing else."""

LONG_LINE_BYTES: Final = 64 * 1024
"""Lines beyond this, some twenty times a usual event, count as long ones."""

_MOST_SECONDS: Final = 600
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?)B?", re.IGNORECASE | re.ASCII)
_LINES: Final = re.compile(r"\d[\d_,]{0,20}", re.ASCII)
# DuckDB works on 2,048 rows at a time and holds all that is in them, besides what it has written.
_LONG_LINES_SHARE: Final = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold.

    Attributes:
        size_bytes: Its bytes, inflated.
        lines: Its lines.
        long_bytes: The bytes of its lines that are longer than `LONG_LINE_BYTES`; of those that
            are too much, only the beginning is kept.

    """

    size_bytes: int
    lines: int
    long_bytes: int

    def broken_by(self, size_bytes: int, lines: int) -> str | None:
        """Say what a file with so much of each has too much of, and how to take it all the same."""
        if size_bytes > self.size_bytes:
            return f"more than {self.size_bytes:,} bytes inflated; {SIZE_VARIABLE} allows more"
        if lines > self.lines:
            return f"more than {self.lines:,} lines; {LINES_VARIABLE} allows more"
        return None


def memory_bytes() -> int:
    """Give what DuckDB may take of the machine's memory while a load lasts.

    Raises:
        UserError: The environment says something that is no size.

    """
    try:
        return size(os.environ.get(MEMORY_VARIABLE) or DEFAULT_MEMORY)
    except argparse.ArgumentTypeError as error:
        raise UserError(str(error), MEMORY_VARIABLE, "set it anew, or leave it out") from error


def store_seconds() -> float:
    """Give how many seconds a store may be silent before a request is repeated, or given up.

    Raises:
        UserError: The environment says something else than a number of seconds.

    """
    value = os.environ.get(SECONDS_VARIABLE) or DEFAULT_SECONDS
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise UserError(
            f"{value!r} is no number of seconds up to {_MOST_SECONDS}",
            SECONDS_VARIABLE,
            "set it anew, or leave it out",
        )
    return seconds


def limits_for(size_bytes: int, lines: int, memory: int) -> Limits:
    """Give what one file may hold.

    Args:
        size_bytes: Its bytes, inflated.
        lines: Its lines.
        memory: The bytes of memory that DuckDB may take; a quarter of them may go to long lines.

    """
    return Limits(size_bytes, lines, memory // _LONG_LINES_SHARE)


def size(text: str) -> int:
    """Read a size such as `16GB`, in bytes.

    Raises:
        ArgumentTypeError: It is none.

    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 16GB or 500MB")
    return int(found[1]) * _UNITS[found[2].upper()]


def lines(text: str) -> int:
    """Read a number of lines.

    Raises:
        ArgumentTypeError: It is none.

    """
    if not _LINES.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines")
    return int(re.sub("[_,]", "", text))


DEFAULT_LIMITS: Final = limits_for(size(DEFAULT_SIZE), lines(DEFAULT_LINES), size(DEFAULT_MEMORY))
"""What one file may hold where nobody says otherwise."""
