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


class Place(NamedTuple):
    """Where a path leads.

    Attributes:
        kind: What is there; `nothing` where it has gone, or is a link to nothing.
        identity: What tells it from all others, however it is named.

    """

    kind: Literal["file", "folder", "nothing"]
    identity: tuple[int, int] = (0, 0)


class NeitherError(Exception):
    """A path leads to something that has no end or nothing to read; says what it is."""


def place_of(path: str) -> Place:
    """Look where a path leads, through links, without opening it.

    Raises:
        NeitherError: To what is neither a file nor a folder.
        OSError: It cannot be looked at.

    """
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return Place("nothing")
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NeitherError("a link that leads to itself") from error
        raise
    identity = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        return Place("folder", identity)
    if stat.S_ISREG(status.st_mode):
        return Place("file", identity)
    what = _NEITHER.get(stat.S_IFMT(status.st_mode), "no file")
    raise NeitherError(f"a link to {what}" if Path(path).is_symlink() else what)
