"""The search for event files below one path: on this machine, or in a store.

Patterns and day folders are the same for both. What differs is a class each: a disk has rights,
links in circles and files without an end; a store lists all objects below a name at once.
"""

from __future__ import annotations

import os
import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import fsspec
from fsspec.utils import glob_translate

from loaders.discovering.day_folders import Days, day_of, span_of
from loaders.discovering.event_file import EVENT_FILE_ENDINGS, EventFile, LocalFile, StoreFile
from loaders.discovering.local_paths import NotAFileError, PathKind, path_kind
from loaders.discovering.protocols import WEB, protocol
from loaders.discovering.store_errors import explain_error, is_missing
from loaders.discovering.stores import is_local, open_filesystem
from readership.errors import UserError


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What searches found and did not give; see `Found`."""

    undated: set[str] = field(default_factory=set)
    passed_over: dict[str, str] = field(default_factory=dict)

    def others(self) -> str:
        """Say what else is there, for where nothing was found."""
        return "".join(f"; {path} is {what}" for path, what in sorted(self.passed_over.items())[:1])


def search_for(path: str, days: Days, left_out: LeftOut) -> Search:
    """Give the search below a path, folder, pattern or URL, for its kind of store.

    Raises:
        UserError: The store cannot be opened; see `open_filesystem`.

    """
    filesystem, root = open_filesystem(path)
    kind = _LocalSearch if is_local(filesystem) else _StoreSearch
    return kind(path, root, filesystem, days, left_out)


@dataclass(frozen=True, slots=True)
class Search(ABC):
    """A search below one path, folder, pattern or URL for the event files of some days, or of all.

    Attributes:
        path: What the user named.
        root: The same in its file system.

    """

    path: str
    root: str
    filesystem: fsspec.AbstractFileSystem
    days: Days
    left_out: LeftOut

    def files(self) -> Iterator[EventFile]:
        """Give the event files; see `find_files`."""
        try:
            yield from self._files()
        except UserError:
            raise
        except PermissionError as error:
            raise self._not_allowed(error) from error
        except Exception as error:
            # Stores raise errors of their own libraries: no credentials, no network.
            raise explain_error("cannot list", self.path, error) from error

    @abstractmethod
    def _files_of_closed(self, error: PermissionError) -> Iterator[EventFile]:
        """Give the event files where the path itself may not be looked at.

        Raises:
            PermissionError: The same, as what lies below may not be listed either.

        """

    @abstractmethod
    def _not_allowed(self, error: PermissionError) -> UserError:
        """Explain an error."""

    @abstractmethod
    def _check_root(self) -> None:
        """Refuse a path that leads to something else than a file or folder."""

    @abstractmethod
    def _is_passed_over(self, path: str) -> bool:
        """Tell what is no folder and cannot be read either, and note it."""

    @abstractmethod
    def _files_below(self, folder: str) -> Iterator[EventFile]:
        """Give the event files below a folder, without those in folders of other days."""

    @abstractmethod
    def _event_file(self, path: str, info: dict[str, Any]) -> EventFile:
        """Make an event file of fsspec's description."""

    def _files(self) -> Iterator[EventFile]:
        try:
            info = self._info(self.root)
        except PermissionError as error:
            yield from self._files_of_closed(error)
            return
        if info is not None:
            self._check_root()
        if info is not None and info["type"] == "directory":
            yield from self._walk(self.root)
        elif info is not None:
            if self._is_requested(self.root, len(self.root.split("/"))):
                yield self._event_file(self.root, info)
        elif fsspec.core.has_magic(self.root) and protocol(self.path) not in WEB:
            yield from self._matching()
        else:
            container = "" if protocol(self.path) in WEB else self.root.partition("/")[0]
            if container and self._info(container) is None:
                raise UserError("no such bucket", self.path, "check its name")
            raise UserError("no such file or folder", self.path, "check the path")

    def _matching(self) -> Iterator[EventFile]:
        parts = self.root.split("/")
        fixed = next(at for at, part in enumerate(parts) if fsspec.core.has_magic(part))
        yield from self._matches("/".join(parts[:fixed]), parts[fixed:], fixed)

    def _matches(self, folder: str, pattern: list[str], fixed: int) -> Iterator[EventFile]:
        """Give the files that match the pattern below the folder, and those of folders that do.

        fsspec's own matching passes over folders that it cannot list; here each level is listed
        so that this is an error.
        """
        part, rest = pattern[0], pattern[1:]
        if part == "**":
            matching = re.compile(glob_translate("/".join(pattern)))
            for file in self._walk(folder or "/"):
                below = file.path.removeprefix(folder).strip("/").split("/")
                if any(matching.match("/".join(below[: end + 1])) for end in range(len(below))):
                    yield file
            return
        matching = re.compile(glob_translate(part))
        for path, info in self._entries(folder or ("/" if fixed else "")):
            name = posixpath.basename(path)
            matches = matching.match(name) and (name == part or not _hidden(name))
            if not matches or not self._may_hold(path):
                continue
            yield from self._match(path, info, rest, fixed)

    def _match(
        self, path: str, info: dict[str, Any], rest: list[str], fixed: int
    ) -> Iterator[EventFile]:
        while len(rest) > 1 and not fsspec.core.has_magic(rest[0]):
            path, rest = f"{path}/{rest[0]}", rest[1:]
        if rest:
            if info["type"] == "directory":
                yield from self._matches(path, rest, fixed)
            return
        if info["type"] == "directory":
            yield from self._walk(path)
        elif self._is_passed_over(path):
            return
        elif _is_event_file(path) and self._is_requested(path, fixed):
            yield self._event_file(path, info)

    def _walk(self, root: str) -> Iterator[EventFile]:
        depth = len(root.rstrip("/").split("/"))
        for file in self._files_below(root):
            if self._is_requested(file.path, depth):
                yield file

    def _may_hold(self, folder: str) -> bool:
        """Tell a folder that may hold requested days from one of another year, month or day."""
        span = span_of(folder.split("/")) if self.days.limited else None
        return span is None or self.days.overlap(*span)

    def _is_requested(self, path: str, root: int) -> bool:
        if not self.days.limited:
            return True
        found = day_of(path.split("/")[:-1], root)
        if found is None:
            self.left_out.undated.add(path)
            return False
        return self.days.cover(found, found)

    def _entries(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """List one level of folders, sorted; nothing where there is no such folder."""
        try:
            infos = self.filesystem.ls(folder, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return
        for info in sorted(infos, key=lambda info: info["name"]):
            path = info["name"].rstrip("/")
            # An object may stand for the folder itself.
            if path != folder.rstrip("/"):
                yield path, info

    def _info(self, path: str) -> dict[str, Any] | None:
        try:
            return self.filesystem.info(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            if is_missing(error):
                return None
            raise error.__cause__ or error from None


class _LocalSearch(Search):
    """A search on this machine, where links lead in circles and not all files have an end."""

    def _files_of_closed(self, error: PermissionError) -> Iterator[EventFile]:
        raise error

    def _not_allowed(self, error: PermissionError) -> UserError:
        return UserError(
            "not allowed to list",
            str(error.filename or self.path),
            "give this user the right to read",
        )

    def _check_root(self) -> None:
        try:
            path_kind(self.root)
        except NotAFileError as error:
            raise UserError(
                f"not a file: it is {error}", self.path, "name files, or folders with files"
            ) from error

    def _is_passed_over(self, path: str) -> bool:
        return self._kind(path) is None

    def _files_below(self, folder: str) -> Iterator[EventFile]:
        return self._below(folder, {})

    def _event_file(self, path: str, info: dict[str, Any]) -> EventFile:
        del info
        return LocalFile.at(path)

    def _below(self, folder: str, walked: dict[tuple[int, int], str]) -> Iterator[EventFile]:
        first = walked.setdefault(path_kind(folder).identity, folder)
        if first != folder:
            self.left_out.passed_over[folder] = f"the same folder as {first}"
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
                    yield from self._below(path, walked)
            elif _is_event_file(path):
                # A link to nothing is listed, so that it is reported.
                yield LocalFile.at(path)

    def _kind(self, path: str) -> PathKind | None:
        """Look where a path leads; to neither file nor folder: note what, and give None."""
        try:
            return path_kind(path)
        except NotAFileError as error:
            self.left_out.passed_over[path] = str(error)
            return None


class _StoreSearch(Search):
    """A search in a store, which has objects and no folders: one request lists all below a name."""

    def _files_of_closed(self, error: PermissionError) -> Iterator[EventFile]:
        # Rights to all that lies below a folder often end before its bare name.
        magic = fsspec.core.has_magic(self.root)
        files = self._matching() if magic else self._walk(self.root)
        first = next(files, None)
        if first is not None:
            yield first
            yield from files
        elif magic or next(self._entries(self.root), None) is None:
            raise error

    def _not_allowed(self, error: PermissionError) -> UserError:
        return explain_error("cannot list", self.path, error)

    def _check_root(self) -> None:
        pass

    def _is_passed_over(self, path: str) -> bool:
        del path
        return False

    def _files_below(self, folder: str) -> Iterator[EventFile]:
        span = span_of(folder.split("/"))
        if not self.days.limited or (span and self.days.cover(*span)):
            # One request a thousand objects, however deep they lie.
            for path, info in sorted(self.filesystem.find(folder, detail=True).items()):
                below = path.removeprefix(folder).split("/")
                if _is_event_file(path) and not any(_hidden(part) for part in below):
                    yield self._event_file(path, info)
            return
        for path, info in self._entries(folder):
            if info["type"] != "directory":
                if _is_event_file(path):
                    yield self._event_file(path, info)
            elif not _hidden(path) and self._may_hold(path):
                yield from self._files_below(path)

    def _event_file(self, path: str, info: dict[str, Any]) -> EventFile:
        return StoreFile.listed(self.filesystem, path, info)


def _hidden(path: str) -> bool:
    return posixpath.basename(path.rstrip("/")).startswith(".")


def _is_event_file(path: str) -> bool:
    return path.endswith(EVENT_FILE_ENDINGS) and not _hidden(path)
