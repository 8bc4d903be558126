"""What lies behind a path on this machine: a file to read, a folder, or neither."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import Final, Literal, NamedTuple

_NEITHER: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class PathKind(NamedTuple):
    """Where a path leads.

    Attributes:
        kind: What is there; `nothing` where it has gone, or is a link to nothing.
        identity: What tells it from all others, however it is named.

    """

    kind: Literal["file", "folder", "nothing"]
    identity: tuple[int, int] = (0, 0)


class NotAFileError(Exception):
    """A path leads to something that has no end or nothing to read; says what it is."""


def path_kind(path: str) -> PathKind:
    """Look where a path leads, through links, without opening it.

    Raises:
        NotAFileError: To what is neither a file nor a folder.
        OSError: It cannot be looked at.

    """
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return PathKind("nothing")
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFileError("a link that leads to itself") from error
        raise
    identity = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        return PathKind("folder", identity)
    if stat.S_ISREG(status.st_mode):
        return PathKind("file", identity)
    what = _NEITHER.get(stat.S_IFMT(status.st_mode), "no file")
    raise NotAFileError(f"a link to {what}" if Path(path).is_symlink() else what)
