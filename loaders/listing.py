"""From what the user names to the event files behind it, in one fixed order.

Local paths and every URL that fsspec knows go the same way.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import fsspec
from fsspec.implementations.local import LocalFileSystem

from warehouse.errors import UserError

EVENT_FILE_ENDINGS: Final = (".jsonl", ".ndjson", ".gz")
"""How the names of the files taken from a folder or a pattern end."""

_ETAG_KEYS: Final = ("ETag", "etag")
_TIME_KEYS: Final = ("LastModified", "last_modified", "updated", "mtime", "created")


class SourceFile(NamedTuple):
    """One event file as listed, before it is opened.

    Attributes:
        name: The absolute path, or the URL; the same for the same file however it was named.
        version: The store's etag, else size in bytes and modification time in nanoseconds.
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


def find_files(paths: list[str]) -> list[SourceFile]:
    """List the event files under paths, folders, patterns and URLs, sorted by name, each once.

    A file that is named itself is taken whatever its name; below folders and by patterns, those
    that end as `EVENT_FILE_ENDINGS` and do not lie in or are not hidden files.

    Raises:
        UserError: A path does not exist, cannot be listed or holds no event file.

    """
    found: dict[str, SourceFile] = {}
    for path in paths:
        if not path.strip():
            raise UserError("an empty path", repr(path), "name files, or `.` for this folder")
        files = list(_files_of(path))
        if not files:
            raise UserError(
                "no event files",
                path,
                f"name a folder, file or pattern with files ending in "
                f"{', '.join(EVENT_FILE_ENDINGS)}",
            )
        found.update((file.name, file) for file in files)
    return [found[name] for name in sorted(found)]


def _files_of(path: str) -> Iterator[SourceFile]:
    filesystem, root = _open_filesystem(path)
    try:
        info = _info(filesystem, root)
        if info is None and fsspec.core.has_magic(root):
            matches = filesystem.glob(root, detail=True)
            asked_for = root.split("/")
            for match, match_info in sorted(matches.items()):
                if any(_hidden(part) for part in match.split("/") if part not in asked_for):
                    continue
                if match_info["type"] == "directory":
                    yield from _walk(filesystem, match)
                elif _is_event_file(match):
                    yield _source_file(filesystem, match, match_info)
        elif info is None:
            raise UserError("no such file or folder", path, "check the path")
        elif info["type"] == "directory":
            yield from _walk(filesystem, root)
        else:
            yield _source_file(filesystem, root, info)
    except PermissionError as error:
        raise UserError(
            "not allowed to list", str(error.filename or path), "give this user the right to read"
        ) from error
    except UserError:
        raise
    except Exception as error:
        # Stores raise errors of their own libraries: no credentials, no such bucket, no network.
        raise UserError(
            "cannot list", path, f"check the address and the access to it ({error})"
        ) from error


def _open_filesystem(path: str) -> tuple[fsspec.AbstractFileSystem, str]:
    try:
        filesystem, root = fsspec.core.url_to_fs(path)
        if isinstance(filesystem, LocalFileSystem):
            root = posixpath.normpath(root)
        return filesystem, root
    except ValueError as error:
        raise UserError(
            "unknown kind of address", path, "use a local path or a URL such as s3://bucket/folder"
        ) from error
    except ImportError as error:
        raise UserError("a package is missing for this address", path, str(error)) from error
    except Exception as error:
        # Some stores connect as soon as they are named.
        raise UserError(
            "cannot reach", path, f"check the address and the access to it ({error})"
        ) from error


def _info(filesystem: fsspec.AbstractFileSystem, path: str) -> dict[str, Any] | None:
    try:
        return filesystem.info(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _walk(filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[SourceFile]:
    if isinstance(filesystem, LocalFileSystem):
        yield from _walk_local(filesystem, Path(root), set())
        return
    for folder, _, files in filesystem.walk(root, detail=True, on_error="raise"):
        if any(_hidden(part) for part in folder.removeprefix(root).split("/")):
            continue
        for path, info in ((info["name"], info) for info in files.values()):
            if _is_event_file(path):
                yield _source_file(filesystem, path, info)


def _walk_local(
    filesystem: fsspec.AbstractFileSystem, folder: Path, walked: set[Path]
) -> Iterator[SourceFile]:
    # fsspec's walk leaves out folders it may not read; here that must not pass unseen.
    real = folder.resolve()
    if real in walked:
        return
    walked.add(real)
    for entry in sorted(folder.iterdir()):
        path = entry.as_posix()
        if _hidden(path):
            continue
        if entry.is_dir():
            yield from _walk_local(filesystem, entry, walked)
        elif _is_event_file(path) and _holds_bytes(entry):
            yield _source_file(filesystem, path, _info(filesystem, path) or {})


def _holds_bytes(entry: Path) -> bool:
    # A link to nothing is listed, so that it is reported; a pipe would wait for ever.
    return entry.is_file() or entry.is_symlink()


def _hidden(path: str) -> bool:
    return posixpath.basename(path.rstrip("/")).startswith(".")


def _is_event_file(path: str) -> bool:
    return path.endswith(EVENT_FILE_ENDINGS) and not _hidden(path)


def _source_file(
    filesystem: fsspec.AbstractFileSystem, path: str, info: dict[str, Any]
) -> SourceFile:
    size = int(info.get("size") or 0)
    if isinstance(filesystem, LocalFileSystem):
        # A name need not be text; what is no text in it is spelled out.
        name = path.encode("utf-8", "backslashreplace").decode()
        nanoseconds = _local_mtime(path)
        microseconds = timedelta(microseconds=nanoseconds // 1000)
        modified_at = datetime.fromtimestamp(0, UTC) + microseconds if nanoseconds else None
    else:
        name = filesystem.unstrip_protocol(path)
        modified_at = next((_time(info[key]) for key in _TIME_KEYS if info.get(key)), None)
        nanoseconds = round(modified_at.timestamp() * 1e6) * 1000 if modified_at else 0
    etag = next((str(info[key]).strip('"') for key in _ETAG_KEYS if info.get(key)), None)
    return SourceFile(name, etag or f"{size}-{nanoseconds}", size, modified_at, filesystem, path)


def _local_mtime(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        # Gone since it was listed; opening it will tell.
        return 0


def _time(value: object) -> datetime | None:
    match value:
        case datetime():
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        case int() | float():
            return datetime.fromtimestamp(value, UTC)
        case str():
            try:
                return _time(datetime.fromisoformat(value))
            except ValueError:
                return None
        case _:
            return None


def open_file(file: SourceFile) -> BinaryIO:
    return file.filesystem.open(file.path, "rb")


def current_version(file: SourceFile) -> str | None:
    info = _info(file.filesystem, file.path)
    return None if info is None else _source_file(file.filesystem, file.path, info).version
