"""The normal form of an address: two addresses that mean the same page become the same text.

WHATWG's form, which is a browser's: scheme and host in lower case, hosts in ASCII (IDNA), no
default port, no dot segments, non-ASCII percent-encoded. Of RFC 3986 besides: escapes in capitals,
and none where none is needed. And without what tells no pages apart: user and password, the root's
dot after a host, empty segments of the path.
"""

from __future__ import annotations

import re
from typing import Final

from ada_url import URL

# What most addresses are already, so that only the others are taken apart. A host that ends in a
# number is an address in one of many forms.
_PATH: Final = r"[A-Za-z0-9._~!$&()*+,;=:@'-]"
_PLAIN: Final = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*"
    rf"(?:/(?![./]){_PATH}*)+"
    r"(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?"
    r"(?:#[A-Za-z0-9._~!$&()*+,;=:@/?'-]*)?"
)
_PUNYCODE: Final = "://xn--", ".xn--"
_WITHOUT_SCHEME: Final = re.compile(
    r"//[^/]|(?:[A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]+(?::[0-9]+)?(?:[/?#]|\Z)"
)
_USER: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:[/\\]*)[^/\\?#]*@")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_EMPTY_SEGMENTS: Final = re.compile(r"/{2,}")


def normal_address(text: str) -> str:
    """Give the normal form of an address; a text that is none is given without white space around.

    An address that lacks its scheme is taken to be on the web. Giving the normal form again changes
    nothing. The fragment stays, the query keeps its order.
    """
    text = text.strip()
    if _PLAIN.fullmatch(text) and not any(mark in text for mark in _PUNYCODE):
        return text
    if "\0" in text:
        return text
    if _WITHOUT_SCHEME.match(text):
        text = f"https://{text.removeprefix('//')}"
    try:
        url = URL(text)
    except ValueError:
        without_user = _USER.sub(r"\1", text)
        return text if without_user == text else normal_address(without_user)
    if url.username or url.password:
        url.username = url.password = ""
    if url.hostname.endswith(".") and (hostname := url.hostname.rstrip(".")):
        url.hostname = hostname
    if url.host and url.protocol != "file:":
        url.pathname = _EMPTY_SEGMENTS.sub("/", _plain_escapes(url.pathname))
    url.search = _plain_escapes(url.search)
    url.hash = _plain_escapes(url.hash)
    return url.href


def normal_netloc(text: str) -> str:
    """Give the normal form of a host with its port, as it is within an `https` address."""
    return normal_address(f"https://{text.strip()}/").removeprefix("https://").removesuffix("/")


def _plain_escapes(text: str) -> str:
    """Write escapes in capitals, and what needs none without; a per cent sign of its own is one."""
    return _ESCAPE.sub(_plain_escape, text)


def _plain_escape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()
