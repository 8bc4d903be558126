"""From what the user names to the event files behind it, in one fixed order.

Local paths and every URL that fsspec knows go the same way.
"""

from __future__ import annotations

import errno
import io
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from loaders import days
from loaders.days import Days
from loaders.stores import open_filesystem, plain, protocol, trouble
from warehouse.errors import UserError

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


class SourceFile(NamedTuple):
    """One event file as listed, before it is opened; it can be sent to another process.

    Attributes:
        name: The absolute path, or the URL; the same for the same file however it was named
            or signed, and without secrets.
        version: The store's etag, else size in bytes and modification time in nanoseconds
            (of stores: with the precision of microseconds).
        size_bytes: As stored (compressed).
        modified_at: In UTC; None where the store does not say.
        filesystem: The fsspec file system that opens it.
        path: The path in that file system.

    """

    name: str
    version: str
    size_bytes: int
    modified_at: datetime | None
    filesystem: fsspec.AbstractFileSystem
    path: str


class Found(NamedTuple):
    """What lies under the paths that the user named.

    Attributes:
        files: The event files, sorted by name, each once.
        undated: How many event files were left out because they lie in no day folder, where
            only certain days were asked for. Those in folders of other years and months are
            not among them: nobody looked there.

    """

    files: list[SourceFile]
    undated: int


def find_files(paths: list[str], since: date | None = None, until: date | None = None) -> Found:
    """List the event files under paths, folders, patterns and URLs.

    A file that is named itself is taken whatever its name; below folders and by patterns, those
    that end as `EVENT_FILE_ENDINGS` and do not lie in or are not hidden files.

    Args:
        paths: Files, folders, patterns, URLs.
        since: The first day wanted, in UTC as the names of the folders are: only files that lie
            in, or deeper in, a folder `YYYY/MM/DD` of a wanted day are taken then.
        until: The last day wanted.

    Raises:
        UserError: A path does not exist, cannot be listed or holds no event file; or none of
            them holds one of the wanted days.

    """
    if since is not None and until is not None and since > until:
        raise UserError("no days", f"{since} to {until}", "name the earlier day first")
    search = _Search(Days(since, until))
    found: dict[str, SourceFile] = {}
    for path in paths:
        if not path.strip():
            raise UserError("an empty path", repr(path), "name files, or `.` for this folder")
        files = list(search.files_of(path))
        if not files and not search.days.limited:
            raise UserError(
                "no event files",
                path,
                f"name a folder, file or pattern with files ending in "
                f"{', '.join(EVENT_FILE_ENDINGS)}",
            )
        for file in files:
            if found.setdefault(file.name, file).version != file.version:
                raise UserError(
                    "two files of one name",
                    file.name,
                    "load their addresses one by one: they differ only in what signs them",
                )
    if not found:
        undated = f"; {search.undated} event files lie in no day folder" if search.undated else ""
        raise UserError(
            f"no event files of the days {search.days}",
            ", ".join(paths),
            f"files of a day lie in a folder YYYY/MM/DD{undated}",
        )
    return Found([found[name] for name in sorted(found)], search.undated)


def open_file(file: SourceFile) -> BinaryIO:
    """Open a file for one reading from its beginning to its end.

    Of a store, an object of up to 16 MiB costs one request, a larger one a request per 16 MiB,
    and as much memory. On S3 each request asks for the listed version, so that what is read
    is never a mix of two.

    Raises:
        OSError: The file cannot be opened. Reading raises it too, whatever the store's own
            library raises; with `errno.ESTALE` where the file was seen to be another by now.

    """
    if isinstance(file.filesystem, LocalFileSystem):
        return Path(file.path).open("rb")
    try:
        return _StoreStream(_open_in_store(file))
    except Exception as error:
        raise _os_error(error) from error


def current_version(file: SourceFile) -> str | None:
    """Look at the version that the file has now, in the form of `SourceFile.version`.

    None when it is gone.

    Raises:
        OSError: The store or the disk did not answer.

    """
    try:
        if isinstance(file.filesystem, LocalFileSystem):
            return _local_version(Path(file.path).stat())
        file.filesystem.invalidate_cache(file.path)
        info = file.filesystem.info(file.path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:
        raise _os_error(error) from error
    return None if info["type"] == "directory" else _version(info)


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
            raise _os_error(error) from error

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


def _open_in_store(file: SourceFile) -> Any:  # noqa: ANN401 - each store has its own kind
    options: dict[str, Any] = {"block_size": BLOCK_BYTES, "cache_type": "readahead"}
    if "s3" not in file.filesystem.protocol:
        return file.filesystem.open(file.path, "rb", **options)
    # With the size known s3fs does not ask for it, and then leaves out the etag as well.
    etag = f'"{file.version}"'
    stream = file.filesystem.open(file.path, "rb", **options, size=file.size_bytes)
    stream.details = {"name": file.path, "size": file.size_bytes, "ETag": etag}
    stream.read_kw = {**stream.read_kw, "IfMatch": etag}
    return stream


def _os_error(error: Exception) -> OSError:
    if type(error).__name__ == "FileExpired":
        return OSError(errno.ESTALE, "the file was replaced after it had been listed")
    if isinstance(error, OSError):
        return error
    return OSError(errno.EIO, plain(error))


@dataclass(slots=True)
class _Search:
    """A search for the event files of some days, or of all."""

    days: Days
    undated: int = 0

    def files_of(self, path: str) -> Iterator[SourceFile]:
        filesystem, root = open_filesystem(path)
        try:
            yield from self._files_of(path, filesystem, root)
        except UserError:
            raise
        except PermissionError as error:
            if protocol(path) != "file":
                raise trouble("cannot list", path, error) from error
            raise UserError(
                "not allowed to list",
                str(error.filename or path),
                "give this user the right to read",
            ) from error
        except Exception as error:
            # Stores raise errors of their own libraries: no credentials, no network.
            raise trouble("cannot list", path, error) from error

    def _files_of(
        self, path: str, filesystem: fsspec.AbstractFileSystem, root: str
    ) -> Iterator[SourceFile]:
        info = _info(filesystem, root)
        if info is not None and info["type"] == "directory":
            yield from self._walk(filesystem, root)
        elif info is not None:
            if self._wanted(root, len(root.split("/"))):
                yield _source_file(filesystem, root, info)
        elif fsspec.core.has_magic(root):
            parts = root.split("/")
            fixed = next(at for at, part in enumerate(parts) if fsspec.core.has_magic(part))
            yield from self._matches(filesystem, "/".join(parts[:fixed]), parts[fixed:], fixed)
        else:
            container = root.partition("/")[0]
            if container and _info(filesystem, container) is None:
                raise UserError("no such bucket", path, "check its name")
            raise UserError("no such file or folder", path, "check the path")

    def _matches(
        self, filesystem: fsspec.AbstractFileSystem, folder: str, pattern: list[str], fixed: int
    ) -> Iterator[SourceFile]:
        """Give the files that match the pattern below the folder, and those of folders that do.

        fsspec's own matching passes over folders that it cannot list; here each level is listed
        so that this is an error.
        """
        part, rest = pattern[0], pattern[1:]
        if part == "**":
            matching = re.compile(glob_translate("/".join(pattern)))
            for file in self._walk(filesystem, folder or "/"):
                below = file.path.removeprefix(folder).strip("/").split("/")
                if any(matching.match("/".join(below[: end + 1])) for end in range(len(below))):
                    yield file
            return
        matching = re.compile(glob_translate(part))
        for path, info in _entries(filesystem, folder or ("/" if fixed else "")):
            name = posixpath.basename(path)
            if _hidden(name) or not matching.match(name) or not self._may_hold(path):
                continue
            yield from self._match(filesystem, path, info, rest, fixed)

    def _match(
        self,
        filesystem: fsspec.AbstractFileSystem,
        path: str,
        info: dict[str, Any] | None,
        rest: list[str],
        fixed: int,
    ) -> Iterator[SourceFile]:
        while rest and not fsspec.core.has_magic(rest[0]):
            path, info, rest = f"{path}/{rest[0]}", None, rest[1:]
        if rest:
            if info is None or info["type"] == "directory":
                yield from self._matches(filesystem, path, rest, fixed)
            return
        info = info or _info(filesystem, path)
        if info is None:
            return
        if info["type"] == "directory":
            yield from self._walk(filesystem, path)
        elif _is_event_file(path) and self._wanted(path, fixed):
            yield _source_file(filesystem, path, info)

    def _walk(self, filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[SourceFile]:
        depth = len(root.rstrip("/").split("/"))
        if isinstance(filesystem, LocalFileSystem):
            files = self._walk_local(filesystem, root, set())
        else:
            files = self._walk_store(filesystem, root)
        for file in files:
            if self._wanted(file.path, depth):
                yield file

    def _walk_store(self, filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[SourceFile]:
        span = days.span(root.split("/"))
        if not self.days.limited or (span and self.days.cover(*span)):
            # One request a thousand objects, however deep they lie.
            for path, info in sorted(filesystem.find(root, detail=True).items()):
                below = path.removeprefix(root).split("/")
                if _is_event_file(path) and not any(_hidden(part) for part in below):
                    yield _source_file(filesystem, path, info)
            return
        for path, info in _entries(filesystem, root):
            if info["type"] != "directory":
                if _is_event_file(path):
                    yield _source_file(filesystem, path, info)
            elif not _hidden(path) and self._may_hold(path):
                yield from self._walk_store(filesystem, path)

    def _walk_local(
        self, filesystem: fsspec.AbstractFileSystem, folder: str, walked: set[tuple[int, int]]
    ) -> Iterator[SourceFile]:
        # fsspec's walk leaves out folders it may not read; here that must not pass unseen.
        status = Path(folder).stat()
        identity = (status.st_dev, status.st_ino)
        if identity in walked:
            return
        walked.add(identity)
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        for entry in listed:
            if _hidden(entry.name):
                continue
            path = posixpath.join(folder, entry.name)
            if entry.is_dir():
                if self._may_hold(path):
                    yield from self._walk_local(filesystem, path, walked)
            elif _is_event_file(path) and (entry.is_file() or entry.is_symlink()):
                # A link to nothing is listed, so that it is reported; a pipe would wait for ever.
                yield _local_file(filesystem, path)

    def _may_hold(self, folder: str) -> bool:
        """Tell a folder that may hold wanted days from one of another year, month or day."""
        span = days.span(folder.split("/")) if self.days.limited else None
        return span is None or self.days.overlap(*span)

    def _wanted(self, path: str, root: int) -> bool:
        if not self.days.limited:
            return True
        found = days.day(path.split("/")[:-1], root)
        self.undated += found is None
        return found is not None and self.days.cover(found, found)


def _entries(
    filesystem: fsspec.AbstractFileSystem, folder: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """List one level of folders, sorted; nothing where there is no such folder."""
    try:
        infos = filesystem.ls(folder, detail=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    for info in sorted(infos, key=lambda info: info["name"]):
        path = info["name"].rstrip("/")
        # An object may stand for the folder itself.
        if path != folder.rstrip("/"):
            yield path, info


def _info(filesystem: fsspec.AbstractFileSystem, path: str) -> dict[str, Any] | None:
    try:
        return filesystem.info(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _hidden(path: str) -> bool:
    return posixpath.basename(path.rstrip("/")).startswith(".")


def _is_event_file(path: str) -> bool:
    return path.endswith(EVENT_FILE_ENDINGS) and not _hidden(path)


def _source_file(
    filesystem: fsspec.AbstractFileSystem, path: str, info: dict[str, Any]
) -> SourceFile:
    if isinstance(filesystem, LocalFileSystem):
        return _local_file(filesystem, path)
    name = _public_name(filesystem.unstrip_protocol(path))
    return SourceFile(name, _version(info), _size(info), _modified_at(info), filesystem, path)


def _local_file(filesystem: fsspec.AbstractFileSystem, path: str) -> SourceFile:
    # A name need not be text; what is no text in it is spelled out.
    name = path.encode("utf-8", "backslashreplace").decode()
    try:
        status = Path(path).stat()
    except OSError:
        # Gone since it was listed, or a link to nothing; opening it will tell.
        return SourceFile(name, "0-0", 0, None, filesystem, path)
    microseconds = timedelta(microseconds=status.st_mtime_ns // 1000)
    modified_at = datetime.fromtimestamp(0, UTC) + microseconds
    return SourceFile(name, _local_version(status), status.st_size, modified_at, filesystem, path)


def _local_version(status: os.stat_result) -> str:
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


def _public_name(url: str) -> str:
    """Give the URL without the login and the parameters that only sign it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        # In the names of objects `?` is a letter.
        return url
    host = parts.netloc.rpartition("@")[2]
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in parameters if not _SIGNING_PARAMETER.fullmatch(pair[0])]
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
