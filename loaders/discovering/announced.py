"""Files of a store that somebody has announced: looked at one by one, without any listing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from loaders.discovering.event_file import EVENT_FILE_ENDINGS, EventFile, StoreFile
from loaders.discovering.planning import Listed
from loaders.discovering.search import Found
from loaders.discovering.store_errors import explain_error, is_missing
from loaders.discovering.stores import open_filesystem
from readership.errors import UserError

# A store that does not let one look at so many files, and at none, will not for the rest.
_FAILED_AT_FIRST: Final = 3


class Looked(NamedTuple):
    """What a look at announced files brought.

    Attributes:
        listed: The files as they are now.
        failed: What kept one from looking at others, by URL.

    """

    listed: Listed
    failed: dict[str, UserError]


def look_up(urls: Iterable[str]) -> Looked:
    """Look at files as they are now. What is gone by now, or is named like no event file, is not.

    Args:
        urls: The address of each, in which no letter is a pattern.

    Raises:
        UserError: The first files could not be looked at, nor would the others be.

    """
    files: dict[str, EventFile] = {}
    failed: dict[str, UserError] = {}
    for url in urls:
        path = url.partition("://")[2]
        name = path.partition("/")[2]
        if not name.endswith(EVENT_FILE_ENDINGS) or any(
            part.startswith(".") for part in name.split("/")
        ):
            continue
        try:
            filesystem, _ = open_filesystem(url)
            info = filesystem.info(path)
        except Exception as error:
            if isinstance(error, OSError) and is_missing(error):
                continue
            known = isinstance(error, UserError)
            failed[url] = error if known else explain_error("cannot look at", url, error)
            if len(failed) == _FAILED_AT_FIRST and not files:
                raise failed[url] from error
            continue
        if info["type"] != "directory":
            file = StoreFile.listed(filesystem, path, info)
            files[file.name] = file
    found = Found([files[name] for name in sorted(files)], 0, {})
    return Looked(Listed(found, set()), failed)
