"""A clock that the processes of a test see and the test sets, by Debian's package `faketime`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

_LIBRARY: Final = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
needs_clock = pytest.mark.skipif(
    _LIBRARY is None, reason="Debian's package faketime is not installed"
)


@dataclass
class Clock:
    """A clock.

    Attributes:
        file: Where it is set.

    """

    file: Path

    def set(self, offset: str) -> None:
        """Let it show another time, such as `-2d`, within a second."""
        self.file.write_text(f"{offset}\n")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that sees it."""
        return {
            **os.environ,
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            # The clock that measures how long something takes does not jump on any machine.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
