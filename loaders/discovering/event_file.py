"""One event file: what names it, which version of it this is, how it is opened.

Discovery makes these, planning compares them with the ledger, and a reading process opens them. A
file is one of two kinds: on this machine, or an object of a store that fsspec knows.
"""

from __future__ import annotations

import io
import os
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import fsspec

from loaders.discovering.protocols import WEB
from loaders.discovering.store_errors import as_os_error, is_missing
from loaders.discovering.stores import with_single_attempt

EVENT_FILE_ENDINGS: Final = (".jsonl", ".ndjson", ".gz")
"""How the names of the files taken from a folder or a pattern end."""

BLOCK_BYTES: Final = 16 * 1024 * 1024
"""What one request to a store asks for beyond what is read at the moment."""

_ETAG_KEYS: Final = ("ETag", "etag")
_TIME_KEYS: Final = (
    "LastModified",
    "last_modified",
    "updated",
    "mtime",
    "created",
    "Last-Modified",
)
# What comes and goes when a URL is signed anew.
_SIGNING_PARAMETER: Final = re.compile(
    r"(x-(amz|goog|oss|obs|cos)-.*|awsaccesskeyid|googleaccessid|signature|expires|policy|"
    r"key-pair-id|sig|s[ev]|st|sp|sr|spr|sip|ss|srt|sdd|sk\w+|(\w+_)?token|(api|access)?_?key|"
    r"\w*secret\w*|\w*password\w*|auth)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EventFile(ABC):
    """One event file as listed, before it is opened; it can be sent to another process.

    Attributes:
        name: The absolute path, or the URL; the same for the same file however it was named
            or signed, and without secrets.
        version: The store's etag, else size in bytes and modification time in nanoseconds
            (of stores: with the precision of microseconds).
        size_bytes: As stored (compressed).
        modified_at: In UTC; None where the store does not say.
        path: The path in its file system.

    """

    name: str
    version: str
    size_bytes: int
    modified_at: datetime | None
    path: str

    @abstractmethod
    def open(self) -> BinaryIO:
        """Open the file for one reading from its beginning to its end.

        Raises:
            OSError: The file cannot be opened. Reading raises it too, whatever the store's own
                library raises; with `errno.ESTALE` where the file was seen to be another by now.

        """

    @abstractmethod
    def current_version(self) -> str | None:
        """Look at the version that the file has now, in the form of `version`; None if gone.

        Raises:
            OSError: The store or the disk did not answer.

        """


@dataclass(frozen=True, slots=True)
class LocalFile(EventFile):
    """A file on this machine."""

    @classmethod
    def at(cls, path: str) -> LocalFile:
        """Make a file of an absolute path, at the cost of one look at it."""
        # A name need not be text; what is no text in it is spelled out.
        name = path.encode("utf-8", "backslashreplace").decode()
        try:
            status = Path(path).stat()
        except OSError:
            # Gone since it was listed, or a link to nothing; opening it will tell.
            return cls(name, "0-0", 0, None, path)
        microseconds = timedelta(microseconds=status.st_mtime_ns // 1000)
        modified_at = datetime.fromtimestamp(0, UTC) + microseconds
        return cls(name, _version_of_status(status), status.st_size, modified_at, path)

    def open(self) -> BinaryIO:
        """Open the file; see `EventFile.open`."""
        return Path(self.path).open("rb")

    def current_version(self) -> str | None:
        """Look at the version that the file has now; see `EventFile.current_version`."""
        try:
            return _version_of_status(Path(self.path).stat())
        except OSError as error:
            if is_missing(error):
                return None
            raise


@dataclass(frozen=True, slots=True)
class StoreFile(EventFile):
    """An object of a store.

    Of a store, an object of up to 16 MiB costs one request to read, a larger one a request per
    16 MiB, and as much memory. On S3 each request asks for the listed version, so that what is
    read is never a mix of two.

    Attributes:
        filesystem: The fsspec file system that opens it.

    """

    filesystem: fsspec.AbstractFileSystem

    @classmethod
    def listed(
        cls, filesystem: fsspec.AbstractFileSystem, path: str, info: dict[str, Any]
    ) -> StoreFile:
        """Make a file of what its store says about it.

        Args:
            filesystem: The store.
            path: The object's path in it.
            info: fsspec's description: `size` in bytes, and an etag or a time under the name that
                the store gives it.

        """
        name = public_name(filesystem.unstrip_protocol(path))
        return cls(name, _version(info), _size(info), _modified_at(info), path, filesystem)

    def open(self) -> BinaryIO:
        """Open the object; see `EventFile.open`."""
        try:
            return _StoreStream(self._open())  # type: ignore[return-value]
        except Exception as error:
            raise as_os_error(error) from error

    def current_version(self) -> str | None:
        """Ask for the version that the object has now; see `EventFile.current_version`."""
        try:
            with_single_attempt(self.filesystem).invalidate_cache(self.path)
            info = self.filesystem.info(self.path)
        except Exception as error:
            if isinstance(error, OSError) and is_missing(error):
                return None
            raise as_os_error(error) from error
        return None if info["type"] == "directory" else _version(info)

    def _open(self) -> Any:  # noqa: ANN401 - each store has its own kind
        options: dict[str, Any] = {"block_size": BLOCK_BYTES, "cache_type": "readahead"}
        filesystem = with_single_attempt(self.filesystem)
        if "s3" not in filesystem.protocol:
            return filesystem.open(self.path, "rb", **options)
        # With the size known s3fs does not ask for it, and then leaves out the etag as well.
        etag = f'"{self.version}"'
        stream = filesystem.open(self.path, "rb", **options, size=self.size_bytes)
        stream.details = {"name": self.path, "size": self.size_bytes, "ETag": etag}
        stream.read_kw = {**stream.read_kw, "IfMatch": etag}
        return stream


class _StoreStream(io.RawIOBase):
    """An object of a store, whose errors are all OSErrors."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - each store has its own kind
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:
            raise as_os_error(error) from error

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - anything with room for bytes
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self.read()

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _version_of_status(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


def _version(info: dict[str, Any]) -> str:
    etag = next((str(info[key]).strip('"') for key in _ETAG_KEYS if info.get(key)), None)
    if etag:
        return etag
    modified_at = _modified_at(info)
    nanoseconds = round(modified_at.timestamp() * 1e6) * 1000 if modified_at else 0
    return f"{_size(info)}-{nanoseconds}"


def _size(info: dict[str, Any]) -> int:
    return int(info.get("size") or 0)


def _modified_at(info: dict[str, Any]) -> datetime | None:
    return next((_time(info[key]) for key in _TIME_KEYS if info.get(key)), None)


def public_name(url: str) -> str:
    """Give a URL without the login and the parameters that only sign it."""
    parts = urlsplit(url)
    if parts.scheme not in WEB:
        # In the names of objects `?` is a letter.
        return url
    host = parts.netloc.rpartition("@")[2]
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    kept = [
        (key, value)
        for key, value in parameters
        if not _SIGNING_PARAMETER.fullmatch(key) or value.endswith(EVENT_FILE_ENDINGS)
    ]
    query = urlencode(kept) if len(kept) < len(parameters) else parts.query
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _time(value: object) -> datetime | None:
    match value:
        case datetime():
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        case int() | float():
            return datetime.fromtimestamp(value, UTC)
        case str():
            for read in (datetime.fromisoformat, parsedate_to_datetime):
                try:
                    return _time(read(value))
                except ValueError:
                    continue
            return None
        case _:
            return None
