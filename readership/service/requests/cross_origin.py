"""Calls from pages of other sites (CORS): any may call, without cookies.

Every response says so, whether or not the request names an origin. So it does not vary with the
origin, and one copy in a proxy is right for all.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS: Final = (
    (b"access-control-allow-origin", b"*"),
    # Scripts of other sites see no other headers than a few that are always visible.
    (b"access-control-expose-headers", b"ETag, Retry-After, X-Request-ID"),
)
"""The headers of every response."""


class Preflight(CORSMiddleware):
    """Answers the requests in which browsers ask whether they may call."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=["*"]
        )
        # Every response has this header already.
        self.preflight_headers.pop("Access-Control-Allow-Origin")

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Pass on any other request."""
        await self.app(scope, receive, send)
