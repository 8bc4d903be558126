"""A disk of its own, small or read-only, for tests run by root; others are skipped and say so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system in memory.

    Attributes:
        folder: Where it is mounted.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size_bytes: int) -> None:
        """Give it another size."""
        self._remount(f"size={size_bytes}")

    def leave(self, free_bytes: int) -> None:
        """Give it a size that leaves so much room."""
        used = sum(file.stat().st_blocks * 512 for file in self.folder.rglob("*"))
        self.resize(used + free_bytes)

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Refuse writing, or take it again."""
        self._remount("ro" if is_read_only else "rw")

    def _remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", self.folder], check=True)


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """Mount a disk of a gibibyte; the test is skipped where that is not allowed."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
