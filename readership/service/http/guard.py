"""The outermost layer: limits the size of requests, writes the access log and hides tracebacks."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from readership.service import keys
from readership.service.answering import LOG, CachedResponse, Serving
from readership.service.calls import (
    BAD_PARAMETER,
    ENDPOINTS,
    FAILED,
    GONE,
    ROOT,
    CallError,
    SecretCall,
)
from readership.service.http.bodies import refusal
from readership.service.monitoring import Metrics, request_id, write_access
from readership.service.requests import (
    Facts,
    Rates,
    cross_origin,
    facts_of,
    known_tag,
    new_facts,
    not_modified,
    request_key,
)
from readership.service.server import ServerState

MAX_QUERY_LENGTH: Final = 32_768
"""Maximum length of a query string."""
DISCONNECT: Final = "readership.disconnect"
"""The name in the scope of the task that ends when the client disconnects."""

_OPEN_PATHS: Final = frozenset(
    f"{ROOT}/{endpoint.path}"
    for endpoint in ENDPOINTS
    if not issubclass(endpoint.parameters, SecretCall)
)
_STATIC: Final = "/static-offline-docs/"
# The headers of every response.
_ALWAYS: Final = ((b"x-content-type-options", b"nosniff"), *cross_origin.HEADERS)


class Guard:
    """Limits the size of requests, writes the access log and hides tracebacks."""

    def __init__(
        self,
        app: ASGIApp,
        serving: Serving,
        state: ServerState,
        metrics: Metrics,
        rates: Rates,
    ) -> None:
        self._app = app
        self._serving = serving
        self._state = state
        self._metrics = metrics
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (method := scope["method"]) == "HEAD":
            # Answered like GET; the server leaves out the body.
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        facts = new_facts(scope)
        facts.request_id = request_id(facts.headers.request_id)
        status, size, has_started = 0, 0, False

        async def send_counted(message: Message) -> None:
            nonlocal status, size, has_started
            if message["type"] == "http.response.start":
                status, has_started = message["status"], True
                message["headers"] = [
                    *message["headers"], *_ALWAYS, (b"x-request-id", facts.request_id),
                ]  # fmt: skip
                if self._state.is_draining:
                    # The client's next call goes to another process.
                    message["headers"].append((b"connection", b"close"))
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if len(scope["query_string"]) > MAX_QUERY_LENGTH:
                message = f"the call has more than {MAX_QUERY_LENGTH:,} characters"
                await _refuse(CallError(BAD_PARAMETER, message), scope, receive, send_counted)
            elif (cached := self._cached_response(scope)) is not None:
                facts.cache, facts.route, facts.site = "repeated", cached.route, cached.site
                over = self._rates.refusal(cached.site, cached.has_secret)
                if over is None:
                    await _known_or_whole(scope, cached)(scope, receive, send_counted)
                else:
                    await _refuse(over, scope, receive, send_counted)
            elif (busy := self._busy(scope)) is not None:
                facts.route = scope["path"]
                await _refuse(busy, scope, receive, send_counted)
            else:
                await self._call(scope, receive, send_counted, facts)
        except Exception:
            LOG.exception("request failed")
            facts.code = FAILED
            if not has_started:
                await _refuse(CallError(FAILED, "internal error"), scope, receive, send_counted)
        finally:
            seconds = time.perf_counter() - started
            route = facts.route or _route_of(scope, method)
            self._metrics.count(facts, route, status, size, seconds)
            write_access(method, route, facts, status, size, seconds)

    async def _call(self, scope: Scope, receive: Receive, send: Send, facts: Facts) -> None:
        """Process a request, unless its client has already disconnected."""
        disconnect = scope[DISCONNECT] = asyncio.create_task(_disconnected(receive))
        try:
            # The event loop needs this many iterations to notice a connection closed by the client.
            for _ in range(3):
                await asyncio.sleep(0)
            if disconnect.done():
                facts.code, facts.route = GONE, "(gone)"
            else:
                await self._app(scope, receive, send)
        finally:
            disconnect.cancel()

    def _cached_response(self, scope: Scope) -> CachedResponse | None:
        if scope["method"] != "GET":
            return None
        cached = self._serving.cached_response(request_key(scope))
        if cached is None or cached.expires_on is None or keys.today() < cached.expires_on:
            return cached
        # The secret that it was asked for with may have expired since; it is checked again.
        return None

    def _busy(self, scope: Scope) -> CallError | None:
        """Return the refusal of a call without a secret if its queue is full, before any work."""
        has_secret = b"secret=" in scope["query_string"] or facts_of(scope).headers.secrets
        if scope["path"] not in _OPEN_PATHS or has_secret:
            return None
        return self._serving.open_lane.refusal()


def _known_or_whole(scope: Scope, cached: CachedResponse) -> Response:
    """Return the cached response, or 304 if the client has it already."""
    known = known_tag(facts_of(scope).headers, cached.tag)
    return cached.response if known is None else not_modified(known, cached.control)


async def _refuse(error: CallError, scope: Scope, receive: Receive, send: Send) -> None:
    await refusal(Request(scope), error)(scope, receive, send)


async def _disconnected(receive: Receive) -> None:
    """Wait until the client disconnects. Bodies of requests are discarded."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _route_of(scope: Scope, method: str) -> str:
    """Return the route of a request; paths without one have a few names together."""
    if (route := scope.get("route")) is not None:
        return str(route.path)
    if scope["path"].startswith(_STATIC):
        return f"{_STATIC}..."
    return "(preflight)" if method == "OPTIONS" else "(no such call)"
