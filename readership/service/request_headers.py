"""The headers that the service reads, found in one pass over those of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

SECRET_HEADER: Final = b"x-readership-secret"
AUTHORIZATION: Final = b"authorization"

_BEARER: Final = b"bearer "
_IF_NONE_MATCH: Final = b"if-none-match"
_WANTED: Final = frozenset({SECRET_HEADER, AUTHORIZATION, _IF_NONE_MATCH})


@dataclass(slots=True)
class RequestHeaders:
    """The headers of one request, as they were sent.

    Attributes:
        secrets: The secrets in `Authorization: Bearer` and `X-Readership-Secret`.
        if_none_match: The tags in `If-None-Match`; empty without that header.

    """

    secrets: list[bytes] = field(default_factory=list)
    if_none_match: str = ""


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> RequestHeaders:
    """Return the headers that the service reads; names are in lower case already."""
    found = RequestHeaders()
    for name, value in headers:
        if name not in _WANTED:
            continue
        if name == _IF_NONE_MATCH:
            found.if_none_match += "," + value.decode("latin-1")
        elif secret := value.strip() if name == SECRET_HEADER else _bearer(value):
            found.secrets.append(secret)
    return found


def _bearer(value: bytes) -> bytes:
    """Return the token of `Authorization: Bearer`; empty for other schemes, which are a proxy's."""
    return value[len(_BEARER) :].strip() if value[: len(_BEARER)].lower() == _BEARER else b""
