"""The search for event files: from what the user names to the files behind it, in a fixed order.

Local paths and every URL that fsspec knows go the same way.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from loaders.discovering.day_folders import Days, day_of, span_of
from loaders.discovering.event_file import EVENT_FILE_ENDINGS, EventFile, LocalFile, StoreFile
from loaders.discovering.local_paths import NotAFileError, PathKind, path_kind
from loaders.discovering.protocols import WEB, protocol
from loaders.discovering.store_errors import explain_error, is_missing
from loaders.discovering.stores import open_filesystem
from readership.errors import UserError


class Found(NamedTuple):
    """What lies under the paths that the user named.

    Attributes:
        files: The event files, sorted by name, each once.
        undated: How many event files were left out because they lie in no day folder, where
            only certain days were requested. Those in folders of other years and months are
            not among them: nobody looked there.
        passed_over: What lies there and is neither file nor folder, or is a folder under a second
            name: its path, and what it is.

    """

    files: list[EventFile]
    undated: int
    passed_over: dict[str, str]


def find_files(paths: list[str], since: date | None = None, until: date | None = None) -> Found:
    """List the event files under paths, folders, patterns and URLs.

    A file that is named itself is taken whatever its name; below folders and by patterns, those
    that end as `EVENT_FILE_ENDINGS` and do not lie in or are not hidden files.

    Args:
        paths: Files, folders, patterns, URLs.
        since: The first day requested, in UTC as the names of the folders are: only files that lie
            in, or deeper in, a folder `YYYY/MM/DD` of a requested day are taken then.
        until: The last day requested.

    Returns:
        The files sorted by name, each once, with what was left out.

    Raises:
        UserError: A path does not exist, cannot be listed or holds no event file; or none of
            them holds one of the requested days.

    """
    if since is not None and until is not None and since > until:
        raise UserError("no days", f"{since} to {until}", "name the earlier day first")
    search = _Search(Days(since, until))
    found: dict[str, EventFile] = {}
    for path in paths:
        if not path.strip():
            raise UserError("an empty path", repr(path), "name files, or `.` for this folder")
        files = list(search.files_of(path))
        if not files and not search.days.limited:
            raise UserError(
                "no event files",
                path,
                f"name a folder, file or pattern with files ending in "
                f"{', '.join(EVENT_FILE_ENDINGS)}{search.others()}",
            )
        for file in files:
            if found.setdefault(file.name, file).path != file.path:
                raise UserError(
                    "two files of one name",
                    file.name,
                    "load their addresses one by one: they differ only in what signs them",
                )
    if not found:
        count = len(search.undated)
        undated = f"; {count} event files lie in no day folder" if count else ""
        raise UserError(
            f"no event files of the days {search.days}",
            ", ".join(paths),
            f"files of a day lie in a folder YYYY/MM/DD{undated}",
        )
    files = [found[name] for name in sorted(found)]
    return Found(files, len(search.undated), search.passed_over)


@dataclass(slots=True)
class _Search:
    """A search for the event files of some days, or of all."""

    days: Days
    undated: set[str] = field(default_factory=set)
    passed_over: dict[str, str] = field(default_factory=dict)

    def others(self) -> str:
        """Say what else is there, for where nothing was found."""
        return "".join(f"; {path} is {what}" for path, what in sorted(self.passed_over.items())[:1])

    def files_of(self, path: str) -> Iterator[EventFile]:
        """Give the event files of one path, folder, pattern or URL; see `find_files`."""
        filesystem, root = open_filesystem(path)
        try:
            yield from self._files_of(path, filesystem, root)
        except UserError:
            raise
        except PermissionError as error:
            if protocol(path) != "file":
                raise explain_error("cannot list", path, error) from error
            raise UserError(
                "not allowed to list",
                str(error.filename or path),
                "give this user the right to read",
            ) from error
        except Exception as error:
            # Stores raise errors of their own libraries: no credentials, no network.
            raise explain_error("cannot list", path, error) from error

    def _files_of(
        self, path: str, filesystem: fsspec.AbstractFileSystem, root: str
    ) -> Iterator[EventFile]:
        try:
            info = _info(filesystem, root)
        except PermissionError:
            if isinstance(filesystem, LocalFileSystem):
                raise
            # Rights to all that lies below a folder often end before its bare name.
            magic = fsspec.core.has_magic(root)
            files = self._matching(filesystem, root) if magic else self._walk(filesystem, root)
            first = next(files, None)
            if first is not None:
                yield first
                yield from files
            elif magic or next(_entries(filesystem, root), None) is None:
                raise
            return
        if info is not None and isinstance(filesystem, LocalFileSystem):
            try:
                path_kind(root)
            except NotAFileError as error:
                raise UserError(
                    f"not a file: it is {error}", path, "name files, or folders with files"
                ) from error
        if info is not None and info["type"] == "directory":
            yield from self._walk(filesystem, root)
        elif info is not None:
            if self._is_requested(root, len(root.split("/"))):
                yield _event_file(filesystem, root, info)
        elif fsspec.core.has_magic(root) and protocol(path) not in WEB:
            yield from self._matching(filesystem, root)
        else:
            container = "" if protocol(path) in WEB else root.partition("/")[0]
            if container and _info(filesystem, container) is None:
                raise UserError("no such bucket", path, "check its name")
            raise UserError("no such file or folder", path, "check the path")

    def _matching(self, filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[EventFile]:
        parts = root.split("/")
        fixed = next(at for at, part in enumerate(parts) if fsspec.core.has_magic(part))
        yield from self._matches(filesystem, "/".join(parts[:fixed]), parts[fixed:], fixed)

    def _matches(
        self, filesystem: fsspec.AbstractFileSystem, folder: str, pattern: list[str], fixed: int
    ) -> Iterator[EventFile]:
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
            matches = matching.match(name) and (name == part or not _hidden(name))
            if not matches or not self._may_hold(path):
                continue
            yield from self._match(filesystem, path, info, rest, fixed)

    def _match(
        self,
        filesystem: fsspec.AbstractFileSystem,
        path: str,
        info: dict[str, Any],
        rest: list[str],
        fixed: int,
    ) -> Iterator[EventFile]:
        while len(rest) > 1 and not fsspec.core.has_magic(rest[0]):
            path, rest = f"{path}/{rest[0]}", rest[1:]
        if rest:
            if info["type"] == "directory":
                yield from self._matches(filesystem, path, rest, fixed)
            return
        if info["type"] == "directory":
            yield from self._walk(filesystem, path)
        elif isinstance(filesystem, LocalFileSystem) and self._kind(path) is None:
            return
        elif _is_event_file(path) and self._is_requested(path, fixed):
            yield _event_file(filesystem, path, info)

    def _walk(self, filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[EventFile]:
        depth = len(root.rstrip("/").split("/"))
        if isinstance(filesystem, LocalFileSystem):
            files = self._walk_local(root, {})
        else:
            files = self._walk_store(filesystem, root)
        for file in files:
            if self._is_requested(file.path, depth):
                yield file

    def _walk_store(self, filesystem: fsspec.AbstractFileSystem, root: str) -> Iterator[EventFile]:
        span = span_of(root.split("/"))
        if not self.days.limited or (span and self.days.cover(*span)):
            # One request a thousand objects, however deep they lie.
            for path, info in sorted(filesystem.find(root, detail=True).items()):
                below = path.removeprefix(root).split("/")
                if _is_event_file(path) and not any(_hidden(part) for part in below):
                    yield _event_file(filesystem, path, info)
            return
        for path, info in _entries(filesystem, root):
            if info["type"] != "directory":
                if _is_event_file(path):
                    yield _event_file(filesystem, path, info)
            elif not _hidden(path) and self._may_hold(path):
                yield from self._walk_store(filesystem, path)

    def _walk_local(self, folder: str, walked: dict[tuple[int, int], str]) -> Iterator[EventFile]:
        first = walked.setdefault(path_kind(folder).identity, folder)
        if first != folder:
            self.passed_over[folder] = f"the same folder as {first}"
            return
        # fsspec's walk leaves out folders it may not read; here that must not pass unseen.
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            path = posixpath.join(folder, name)
            if _hidden(name) or (kind := self._kind(path)) is None:
                continue
            if kind.kind == "folder":
                if self._may_hold(path):
                    yield from self._walk_local(path, walked)
            elif _is_event_file(path):
                # A link to nothing is listed, so that it is reported.
                yield LocalFile.at(path)

    def _kind(self, path: str) -> PathKind | None:
        """Look where a local path leads; to neither file nor folder: note what, and give None."""
        try:
            return path_kind(path)
        except NotAFileError as error:
            self.passed_over[path] = str(error)
            return None

    def _may_hold(self, folder: str) -> bool:
        """Tell a folder that may hold requested days from one of another year, month or day."""
        span = span_of(folder.split("/")) if self.days.limited else None
        return span is None or self.days.overlap(*span)

    def _is_requested(self, path: str, root: int) -> bool:
        if not self.days.limited:
            return True
        found = day_of(path.split("/")[:-1], root)
        if found is None:
            self.undated.add(path)
            return False
        return self.days.cover(found, found)


def _event_file(
    filesystem: fsspec.AbstractFileSystem, path: str, info: dict[str, Any]
) -> EventFile:
    if isinstance(filesystem, LocalFileSystem):
        return LocalFile.at(path)
    return StoreFile.listed(filesystem, path, info)


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
    except (FileNotFoundError, NotADirectoryError) as error:
        if is_missing(error):
            return None
        raise error.__cause__ or error from None


def _hidden(path: str) -> bool:
    return posixpath.basename(path.rstrip("/")).startswith(".")


def _is_event_file(path: str) -> bool:
    return path.endswith(EVENT_FILE_ENDINGS) and not _hidden(path)
