"""Memory or a disk that is used up or takes nothing: one line, with what helps."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Final

from readership.errors.user_error import UserError, first_paragraph

BUILD_MEMORY: Final = "READERSHIP_MEMORY"
"""The setting for what DuckDB may take while it builds and publishes."""

_NO_ROOM: Final = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room in its quota",
    errno.EFBIG: "make room, or let this user write larger files",
}
_NO_ROOM_WORDS: Final = {os.strerror(number): remedy for number, remedy in _NO_ROOM.items()} | {
    "disk full": "make room on its disk"
}
_NO_MEMORY_WORDS: Final = (
    "Out of Memory Error",
    "out of memory",
    os.strerror(errno.ENOMEM),
    "bad_alloc",
)
# DuckDB has written what does not fit into memory, until that was too much for the disk.
_TEMPORARY_WORDS: Final = "max_temp_directory_size"
_HINTS: Final = "Possible solutions:"
_SAID_CHARS: Final = 200


def exhausted(
    error: BaseException, where: str, setting: str | None = BUILD_MEMORY
) -> UserError | None:
    """Explain an error that says that memory or a disk is used up; None for any other.

    Args:
        error: What was raised; what it was raised from counts as well.
        where: What was being written or read.
        setting: The setting by which DuckDB gets more memory; None if there is none.

    """
    for cause in causes(error):
        found = exhausted_by(first_paragraph(cause), where, setting)
        if found is not None:
            return found
        if isinstance(cause, MemoryError):
            less = f", or let DuckDB take less with {setting}=500MB," if setting else ""
            return UserError("out of memory", where, f"let other programs end{less} and run again")
    return None


def exhausted_by(said: str, where: str, setting: str | None = BUILD_MEMORY) -> UserError | None:
    """Explain what DuckDB, PostgreSQL, dbt or the system says, likewise."""
    if _TEMPORARY_WORDS in said:
        more = f", or let DuckDB take more memory with {setting}=8GB" if setting else ""
        return _no_room(where, f"make room on its disk{more}", said)
    for words, remedy in _NO_ROOM_WORDS.items():
        if words in said:
            return _no_room(where, remedy, said)
    if os.strerror(errno.EROFS) in said:
        remedy = "make its disk writable, or move the warehouse, and run again"
        return UserError("the warehouse cannot be written", where, f"{remedy} ({_short(said)})")
    if any(words in said for words in _NO_MEMORY_WORDS):
        remedy = "let other programs end, or ask for less"
        if setting:
            remedy = f"let DuckDB take more with {setting}=8GB, as far as the machine has it"
        return UserError("out of memory", where, f"{remedy}, and run again ({_short(said)})")
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and what it was raised from, step by step."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def without_hints(said: str) -> str:
    """Leave out what DuckDB advises people who write SQL."""
    return said.partition(_HINTS)[0].rstrip()


def _no_room(where: str, remedy: str, said: str) -> UserError:
    return UserError(
        "there is no room for the warehouse", where, f"{remedy}, and run again ({_short(said)})"
    )


def _short(said: str) -> str:
    return " ".join(without_hints(said).split())[:_SAID_CHARS]
