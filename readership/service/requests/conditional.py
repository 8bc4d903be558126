"""Conditional requests (RFC 9110): tags of answers, and for how long caches may keep them.

The tag of an answer follows from the version of the site's rows and the call, so it is known before
any query. Two answers with one tag have the same bytes. A snapshot that changes a row of a site
gives all of its answers new tags.
"""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from starlette.responses import Response

from readership.service.requests.compression import GZIP
from readership.service.requests.request_headers import RequestHeaders

NO_STORE: Final = "no-store"
"""`Cache-Control` of what is true for a moment: refusals, which have status 200, and health."""
ASK_AGAIN: Final = "private, no-cache"
"""`Cache-Control` of what a change of the keys changes."""

_TAG: Final = re.compile(r'"([^"]*)"')
# What an answer depends on. A browser must not repeat what it got with a secret in a header to a
# page that does not send it.
_VARY: Final = "Accept-Encoding, Authorization, X-Readership-Secret"
# The forms of an answer differ in their bytes, so in their tags.
_OF_GZIP: Final = f"-{GZIP}"


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


def known_tag(headers: RequestHeaders, tag: str) -> str | None:
    """Return which form of an answer the client has, by its tag; None if it has none.

    That is one of the forms that it accepts now, whole or compressed, whichever it would get: how
    large the answer is, and so whether it is compressed, is not known before the query.
    """
    if not headers.if_none_match:
        return None
    if headers.if_none_match.strip(" \t,") == "*":
        return tag
    listed = _TAG.findall(headers.if_none_match)
    if headers.coding != "gzip only" and tag in listed:
        return tag
    compressed = tag + _OF_GZIP
    return compressed if headers.coding and compressed in listed else None


def set_validators(response: Response, tag: str, control: str) -> Response:
    """Set the tag of a response, what it varies with, and for how long caches may keep it."""
    suffix = _OF_GZIP if "content-encoding" in response.headers else ""
    response.headers["etag"] = f'"{tag}{suffix}"'
    response.headers["cache-control"] = control
    response.headers["vary"] = _VARY
    return response


def not_modified(tag: str, control: str) -> Response:
    """Return 304 in place of a response with this tag, which the client has already."""
    return Response(
        status_code=304, headers={"etag": f'"{tag}"', "cache-control": control, "vary": _VARY}
    )
