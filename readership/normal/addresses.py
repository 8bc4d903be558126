"""The normal form of an address: addresses of the same page become the same text.

- From the WHATWG URL standard, as in browsers: scheme and host in lower case, hosts in ASCII
  (IDNA), no default port, no dot segments, non-ASCII characters percent-encoded.
- From RFC 3986 section 6.2.2: percent-encodings in upper case, and none of unreserved characters.
- Without the parts that do not distinguish pages: user and password, the root dot after a host,
  empty path segments.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ada_url import URL

# Most addresses are in normal form already; matching them here saves parsing them. A host that ends
# in a number is left to the parser: it may be an IPv4 address in one of several notations.
_PATH: Final = r"[A-Za-z0-9._~!$&()*+,;=:@'-]"
_NORMAL: Final = re.compile(
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

# A few addresses are in most events. Others may be made up to fill memory: those that are long, or
# that grow by percent-encoding, are not kept.
_REMEMBERED: Final = 20_000
_LONGEST_REMEMBERED: Final = 300


def normal_address(text: str) -> str:
    """Return the normal form of an address.

    An address without a scheme is assumed to be `https`. The fragment is kept, and so is the order
    of the query. The function is idempotent.

    Args:
        text: The address.

    Returns:
        The normal form. A text that is not an address is returned stripped of white space.

    """
    if len(text) <= _LONGEST_REMEMBERED and text.isascii():
        return _remembered(text)
    return _normal_address(text)


def _normal_address(text: str) -> str:
    text = text.strip()
    if _NORMAL.fullmatch(text) and not any(mark in text for mark in _PUNYCODE):
        return text
    if "\0" in text:
        return text
    if _WITHOUT_SCHEME.match(text):
        text = f"https://{text.removeprefix('//')}"
    try:
        url = URL(text)
    except ValueError:
        without_user = _USER.sub(r"\1", text)
        return text if without_user == text else _normal_address(without_user)
    if url.username or url.password:
        url.username = url.password = ""
    if url.hostname.endswith(".") and (hostname := url.hostname.rstrip(".")):
        url.hostname = hostname
    if url.host and url.protocol != "file:":
        url.pathname = _EMPTY_SEGMENTS.sub("/", _normal_escapes(url.pathname))
    url.search = _normal_escapes(url.search)
    url.hash = _normal_escapes(url.hash)
    return url.href


_remembered = lru_cache(_REMEMBERED)(_normal_address)


def normal_netloc(text: str) -> str:
    """Return the normal form of a host and optional port, as in an `https` address."""
    return normal_address(f"https://{text.strip()}/").removeprefix("https://").removesuffix("/")


def _normal_escapes(text: str) -> str:
    """Normalize percent-encodings; a percent sign that begins none is encoded as `%25`."""
    return _ESCAPE.sub(_normal_escape, text)


def _normal_escape(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()
