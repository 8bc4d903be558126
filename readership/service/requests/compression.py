"""Compressed responses: whether a client accepts gzip (RFC 9110), and bodies in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from isal import isal_zlib
from starlette.responses import Response

Coding = Literal["", "gzip", "gzip only"]
"""How a client wants bodies: as they are, in gzip, or not other than in gzip."""

MIN_BYTES: Final = 1000
"""The smallest body that is compressed: a smaller one fits into one packet anyway."""
GZIP: Final = "gzip"

_LEVEL: Final = 2
_WITH_GZIP_HEADER: Final = 31
_GZIP_NAMES: Final = (GZIP, "x-gzip")
_QUALITY: Final = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@lru_cache(maxsize=256)
def accepted(accept_encoding: str) -> Coding:
    """Return how a client wants bodies, by its header `Accept-Encoding`."""
    qualities: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            qualities[name] = _quality(parameters)
    others = qualities.get("*", 0.0)
    gzip = max((qualities[name] for name in _GZIP_NAMES if name in qualities), default=others)
    if not gzip:
        return ""
    if "identity" not in qualities and "*" not in qualities:
        return "gzip"
    identity = qualities.get("identity", others)
    if not identity:
        return "gzip only"
    # At equal quality the smaller one.
    return "gzip" if gzip >= identity else ""


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q"):
            match = _QUALITY.fullmatch(parameter)
            # What is no quality is no consent.
            return float(match[1]) if match else 0.0
    return 1.0


def compress(response: Response, coding: Coding) -> Response:
    """Compress the body of a response in place, if the client wants it and it is worth it."""
    body = bytes(response.body)
    if not coding or (coding == "gzip" and len(body) < MIN_BYTES):
        return response
    response.body = isal_zlib.compress(body, _LEVEL, _WITH_GZIP_HEADER)
    response.headers["content-encoding"] = GZIP
    response.headers["content-length"] = str(len(response.body))
    return response
