"""Conditional requests (RFC 9110): tags of answers, and for how long caches may keep them.

The tag of an answer follows from the snapshot and the call, so it is known before any query. Two
answers with one tag have the same bytes. A new snapshot gives every answer a new tag.
"""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from starlette.responses import Response

from readership.service.credentials import VARY

NO_STORE: Final = "no-store"
"""`Cache-Control` of what is true for a moment: refusals, which have status 200, and health."""
ASK_AGAIN: Final = "private, no-cache"
"""`Cache-Control` of what a change of the keys changes."""

_TAG: Final = re.compile(r'"([^"]*)"')
# What a 304 repeats of the headers of the response that the client has.
_REPEATED: Final = frozenset({b"etag", b"cache-control", b"vary"})


def _release() -> str:
    try:
        return version("readership")
    except PackageNotFoundError:
        return ""


# Another release may answer from the same snapshot in other bytes.
_RELEASE: Final = _release()


def tag_of(*parts: str) -> str:
    """Return the tag of an answer: a hash of what its bytes follow from."""
    digest = hashlib.blake2b(digest_size=12)
    for part in (_RELEASE, *parts):
        text = part.encode("utf-8", "surrogatepass")
        # The length goes first, so that no two lists of parts look alike.
        digest.update(b"%d:" % len(text))
        digest.update(text)
    return digest.hexdigest()


def cache_control(is_private: bool, max_age: int) -> str:
    """Return `Cache-Control` of an answer.

    Args:
        is_private: Whether only the caller may keep it: it was asked for with a secret, or it is
            about one visitor.
        max_age: Seconds for which it may be repeated without asking.

    """
    return f"{'private' if is_private else 'public'}, max-age={max_age}"


def has_tag(if_none_match: str, tag: str) -> bool:
    """Check whether the header `If-None-Match` names a tag, weak or strong, or any by `*`."""
    return bool(if_none_match) and (
        if_none_match.strip(" \t,") == "*" or tag in _TAG.findall(if_none_match)
    )


def set_validators(response: Response, tag: str, control: str) -> Response:
    """Set the tag of a response, what it varies with, and for how long caches may keep it."""
    response.headers["etag"] = f'"{tag}"'
    response.headers["vary"] = VARY
    response.headers["cache-control"] = control
    return response


def not_modified(response: Response) -> Response:
    """Return 304 in place of a response that the client has already."""
    empty = Response(status_code=304)
    empty.raw_headers = [pair for pair in response.raw_headers if pair[0] in _REPEATED]
    return empty
