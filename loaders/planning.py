"""Which of the listed files a load is to take, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from loaders.listing import Listing, SourceFile, day_of, find_files

Why = Literal["new", "changed", "reload"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files a load is to take.

    Attributes:
        paths: Files, folders, patterns, URLs.
        since: The first day folder; None: from the beginning.
        until: The last day folder; None: to the end.
        reload: Files, or days, to take again though the warehouse holds them.

    """

    paths: tuple[str, ...]
    since: date | None = None
    until: date | None = None
    reload: tuple[str | date, ...] = ()


class Listed(NamedTuple):
    """What was found of what is wanted.

    Attributes:
        listing: The files under the paths.
        again: The names of those to take though they are known.

    """

    listing: Listing
    again: set[str]


class Planned(NamedTuple):
    """A file that a load is to take, and why."""

    file: SourceFile
    why: Why


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load is to do.

    Attributes:
        files: What to take, in the order of names.
        skipped: Files whose version is known.
        left_out: Files in no day folder, where days were asked for.
        in_force: The versions that the warehouse holds, by file.

    """

    files: list[Planned]
    skipped: int
    left_out: int
    in_force: dict[str, set[str]]

    @property
    def size_bytes(self) -> int:
        """The stored bytes of what is to be taken."""
        return sum(planned.file.size_bytes for planned in self.files)


def list_wanted(wanted: Wanted) -> Listed:
    """List the files of what is wanted.

    Raises:
        UserError: A path does not exist, cannot be listed or holds no event file.

    """
    days = {item for item in wanted.reload if isinstance(item, date)}
    named = find_files([item for item in wanted.reload if isinstance(item, str)])
    listing = find_files(list(wanted.paths), wanted.since, wanted.until)
    again = {file.name for file in named.files}
    again |= {file.name for file in listing.files if day_of(file.path) in days}
    files = {file.name: file for file in (*listing.files, *named.files)}
    return Listed(Listing([files[name] for name in sorted(files)], listing.left_out), again)


def plan(listed: Listed, in_force: dict[str, set[str]]) -> Plan:
    """Choose the files to take.

    Args:
        listed: What was found.
        in_force: The versions that the warehouse holds, by file.

    """
    files: list[Planned] = []
    for file in listed.listing.files:
        versions = in_force.get(file.name, ())
        if file.version not in versions:
            files.append(Planned(file, "changed" if versions else "new"))
        elif file.name in listed.again:
            files.append(Planned(file, "reload"))
    return Plan(files, len(listed.listing.files) - len(files), listed.listing.left_out, in_force)
