"""Which of the listed files a load is to read, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from loaders.discovering.event_file import EventFile
from loaders.discovering.search import Found, find_files

PlanReason = Literal["new", "changed", "reload"]


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Which files a load is to read.

    Attributes:
        paths: Files, folders, patterns, URLs, streams and queues.
        since: The first day folder; None: from the beginning.
        until: The last day folder; None: to the end.
        reload: Files, or days, to load again though the warehouse holds them.
        start: Where a stream among the paths is to be begun, as a person says it; None: nothing
            said.
        most_records: About how many records of a stream one load takes.

    """

    paths: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    reload: tuple[str | date, ...] = ()
    start: str | None = None
    most_records: int = 1_000_000


class Listed(NamedTuple):
    """What was found of what a request names.

    Attributes:
        found: The files under the paths.
        again: The names of those to load though they are known.

    """

    found: Found
    again: set[str]


class Planned(NamedTuple):
    """A file that a load is to read, and why.

    Attributes:
        file: The file.
        why: `new` to the warehouse, `changed` since, or requested by `reload`.

    """

    file: EventFile
    why: PlanReason


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load is to do.

    Attributes:
        files: What to read, in the order of names.
        skipped: Files whose version is known.
        undated: Files in no day folder, where days were requested.
        passed_over: What lies among the files and is none: its path, and what it is.
        in_force: The versions that the warehouse holds, by file.

    """

    files: list[Planned]
    skipped: int
    undated: int
    passed_over: dict[str, str]
    in_force: dict[str, set[str]]

    @property
    def size_bytes(self) -> int:
        """The stored bytes of what is to be read."""
        return sum(planned.file.size_bytes for planned in self.files)


def list_requested(request: LoadRequest) -> Listed:
    """List the files that a load is requested to read.

    Raises:
        UserError: A path does not exist, cannot be listed or holds no event file.

    """
    found = find_files(list(request.paths), request.since, request.until) if request.paths else None
    again: dict[str, EventFile] = {}
    for item in request.reload:
        listed = (
            find_files([item])
            if isinstance(item, str)
            else find_files(list(request.paths), item, item)
        )
        again.update((file.name, file) for file in listed.files)
    files = {file.name: file for file in found.files} if found else {}
    files.update(again)
    listed = [files[name] for name in sorted(files)]
    return Listed(
        Found(listed, found.undated if found else 0, found.passed_over if found else {}),
        set(again),
    )


def plan_files(listed: Listed, in_force: dict[str, set[str]]) -> Plan:
    """Choose the files to read: new ones, changed ones, and those requested again.

    Args:
        listed: What was found.
        in_force: The versions that the warehouse holds, by name of the file.

    """
    files: list[Planned] = []
    for file in listed.found.files:
        versions = in_force.get(file.name, ())
        if file.version not in versions:
            files.append(Planned(file, "changed" if versions else "new"))
        elif file.name in listed.again:
            files.append(Planned(file, "reload"))
    found = listed.found
    skipped = len(found.files) - len(files)
    return Plan(files, skipped, found.undated, found.passed_over, in_force)
