"""The headers that the service reads, found in one pass over those of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from readership.service.requests.compression import Coding, accepted

SECRET_HEADER: Final = b"x-readership-secret"
AUTHORIZATION: Final = b"authorization"

_BEARER: Final = b"bearer "
_IF_NONE_MATCH: Final = b"if-none-match"
_ACCEPT_ENCODING: Final = b"accept-encoding"
_MAX_CODINGS: Final = 500
_REQUEST_ID: Final = b"x-request-id"
_WANTED: Final = frozenset(
    {SECRET_HEADER, AUTHORIZATION, _IF_NONE_MATCH, _ACCEPT_ENCODING, _REQUEST_ID}
)


@dataclass(slots=True)
class RequestHeaders:
    """The headers of one request, as they were sent.

    Attributes:
        secrets: The secrets in `Authorization: Bearer` and `X-Readership-Secret`.
        if_none_match: The tags in `If-None-Match`; empty without that header.
        coding: How the client wants bodies, by `Accept-Encoding`.
        request_id: The id in `X-Request-ID`; None without that header.

    """

    secrets: list[bytes] = field(default_factory=list)
    if_none_match: str = ""
    coding: Coding = ""
    request_id: bytes | None = None


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> RequestHeaders:
    """Return the headers that the service reads; names are in lower case already."""
    found = RequestHeaders()
    codings = ""
    for name, value in headers:
        if name not in _WANTED:
            continue
        if name == _IF_NONE_MATCH:
            found.if_none_match += "," + value.decode("latin-1")
        elif name == _REQUEST_ID:
            found.request_id = value
        elif name == _ACCEPT_ENCODING:
            codings += "," + value.decode("latin-1")
        elif secret := value.strip() if name == SECRET_HEADER else _bearer(value):
            found.secrets.append(secret)
    if codings:
        # The results are kept, so they must not be large.
        found.coding = accepted(codings[:_MAX_CODINGS])
    return found


def _bearer(value: bytes) -> bytes:
    """Return the token of `Authorization: Bearer`; empty for other schemes, which are a proxy's."""
    return value[len(_BEARER) :].strip() if value[: len(_BEARER)].lower() == _BEARER else b""
