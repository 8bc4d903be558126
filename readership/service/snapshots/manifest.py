"""The file that lists the files of the current snapshot."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from readership.errors import UserError
from readership.service.snapshots.parts import DIVISION

CURRENT: Final = "current.json"

# Readers divide tables into parts as publishers do.
_FORMAT: Final = f"2 {DIVISION}"
_NAME: Final = re.compile(r"[0-9A-Za-z_]+\.duckdb")


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A DuckDB file with parts of a snapshot. It is never changed.

    Attributes:
        path: The file.
        bytes: Its size.
        sha256: Its SHA-256, in hexadecimal.
        modified_ns: Its time of modification when it was published, in nanoseconds.

    """

    path: Path
    bytes: int
    sha256: str
    modified_ns: int = field(compare=False)

    @classmethod
    def of(cls, path: Path) -> SnapshotFile:
        """Describe a file that has just been written.

        Raises:
            OSError: The file cannot be read.

        """
        status = path.stat()
        return cls(path, status.st_size, sha256(path), status.st_mtime_ns)

    def check(self, *, is_known: bool = False) -> None:
        """Check that the file is as it was published.

        Args:
            is_known: Whether to read the file only if it was modified since.

        Raises:
            UserError: The file is missing, cannot be read, or has changed.

        """
        try:
            status = self.path.stat()
            if status.st_size != self.bytes:
                raise broken(self.path, f"it has {status.st_size:,} of {self.bytes:,} bytes")
            if is_known and status.st_mtime_ns == self.modified_ns:
                return
            if sha256(self.path) != self.sha256:
                raise broken(self.path, "its checksum differs from the published one")
        except OSError as error:
            raise broken(self.path, str(error.strerror)) from error


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A published snapshot, as the folder of snapshots describes it.

    Attributes:
        files: The files with its parts. The first one holds all tables, the last one also lists the
            parts of all files.
        published_at: When it was last published, in naive UTC.
        definitions: A checksum of the definitions of its tables, views and macros.
        new_bytes: Size of the file that this process has written for it.

    """

    files: tuple[SnapshotFile, ...]
    published_at: datetime
    definitions: str
    new_bytes: int = field(default=0, compare=False)

    @property
    def id(self) -> str:
        """The unique name of its contents."""
        return self.files[-1].path.stem

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.files[-1].path.parent

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(file.bytes for file in self.files)


def snapshot_folder(warehouse: Path) -> Path:
    """Return the folder of a warehouse's snapshots."""
    return warehouse.with_name(f"{warehouse.stem}.snapshots")


def current_snapshot(folder: Path) -> SnapshotInfo | None:
    """Return the current snapshot of a folder; None if nothing was ever published.

    Raises:
        UserError: The file that names the current snapshot is unreadable or invalid.

    """
    try:
        text = (folder / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise broken(folder / CURRENT, str(error)) from error
    try:
        values = json.loads(text)
        if values.get("format") != _FORMAT:
            raise broken(folder / CURRENT, "it is of another version of readership")
        if not values["files"]:
            raise ValueError(values)
        return SnapshotInfo(
            tuple(_file(folder, file) for file in values["files"]),
            datetime.fromisoformat(values["published_at"]),
            str(values["definitions"]),
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise broken(folder / CURRENT, "it does not name a snapshot") from error


def set_current(info: SnapshotInfo) -> None:
    """Make a snapshot the current one of its folder, atomically.

    Raises:
        OSError: The folder cannot be written.

    """
    values: dict[str, Any] = {
        "format": _FORMAT,
        "published_at": info.published_at.isoformat(),
        "definitions": info.definitions,
        "files": [
            {
                "file": file.path.name,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "modified_ns": file.modified_ns,
            }
            for file in info.files
        ],
    }
    new = info.folder / f"{CURRENT}.{secrets.token_hex(4)}"
    with new.open("w") as stream:
        stream.write(json.dumps(values, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(info.folder / CURRENT)


def broken(file: Path, reason: str) -> UserError:
    """Return the error about a file that is damaged or missing."""
    return UserError(
        "the snapshot is broken",
        str(file),
        f"publish again with `readership publish{' --whole' if file.name != CURRENT else ''}` "
        f"({reason})",
    )


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _file(folder: Path, values: dict[str, Any]) -> SnapshotFile:
    if not _NAME.fullmatch(values["file"]):
        raise ValueError(values["file"])
    return SnapshotFile(
        folder / values["file"],
        int(values["bytes"]),
        str(values["sha256"]),
        int(values["modified_ns"]),
    )
