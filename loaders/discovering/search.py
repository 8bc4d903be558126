"""The search for event files: from what the user names to the files behind it, in a fixed order.

Local paths and every URL that fsspec knows go the same way.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from loaders.discovering.day_folders import Days
from loaders.discovering.event_file import EVENT_FILE_ENDINGS, EventFile
from loaders.discovering.path_search import LeftOut, search_for
from readership.errors import UserError


class NoEventFilesError(UserError):
    """A place that exists has no event files."""


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
    days, left_out = Days(since, until), LeftOut()
    found: dict[str, EventFile] = {}
    for path in paths:
        if not path.strip():
            raise UserError("an empty path", repr(path), "name files, or `.` for this folder")
        files = list(search_for(path, days, left_out).files())
        if not files and not days.limited:
            raise NoEventFilesError(
                "no event files",
                path,
                f"name a folder, file or pattern with files ending in "
                f"{', '.join(EVENT_FILE_ENDINGS)}{left_out.others()}",
            )
        for file in files:
            if found.setdefault(file.name, file).path != file.path:
                raise UserError(
                    "two files of one name",
                    file.name,
                    "load their addresses one by one: they differ only in what signs them",
                )
    if not found:
        count = len(left_out.undated)
        undated = f"; {count} event files lie in no day folder" if count else ""
        raise UserError(
            f"no event files of the days {days}",
            ", ".join(paths),
            f"files of a day lie in a folder YYYY/MM/DD{undated}",
        )
    files = [found[name] for name in sorted(found)]
    return Found(files, len(left_out.undated), left_out.passed_over)
