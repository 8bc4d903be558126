"""The access log, and the ids of requests.

A line has the route, never the URL: its parameters contain the secret. The site is in it if the
snapshot has it, so nothing is logged that a caller made up, but for the id of the request.
"""

from __future__ import annotations

import logging
import random
import re
from typing import Final

from readership.service.requests import Facts

ACCESS: Final = logging.getLogger("readership.access")
FIELDS: Final = "readership_fields"
"""The attribute of a log record with its fields, for logs in JSON."""

_SANE: Final = re.compile(rb"[0-9A-Za-z._~+/=:@-]{1,128}")


def request_id(sent: bytes | None) -> bytes:
    """Return the id that a client or proxy sent, if it is sane, else a new one.

    A sane id has at most 128 characters, and none that breaks a line or has to be quoted.
    """
    if sent is not None and _SANE.fullmatch(sent):
        return sent
    return b"%016x" % random.getrandbits(64)


def write_access(
    method: str, route: str, facts: Facts, status: int, size: int, seconds: float
) -> None:
    """Log a request whose response was sent.

    Args:
        method: The HTTP method.
        route: The route.
        facts: The facts about it.
        status: The HTTP status.
        size: Bytes of the body.
        seconds: Time from the request to the response.

    """
    named = facts.request_id.decode()
    ACCESS.info(
        "%s %s %d code=%s bytes=%d ms=%.1f %s site=%s id=%s",
        method,
        route,
        status,
        facts.code or "-",
        size,
        1000 * seconds,
        facts.cache or "-",
        facts.site or "-",
        named,
        extra={
            FIELDS: {
                "request_id": named, "method": method, "route": route, "status": status,
                "code": facts.code, "seconds": round(seconds, 6), "bytes": size,
                "cache": facts.cache, "lane": facts.lane, "site": facts.site,
            }
        },
    )  # fmt: skip
