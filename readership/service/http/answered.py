"""The response to a call: from the cache, as 304, or from the newest source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from readership.service.answering import CachedResponse, Question, Serving
from readership.service.calls import BUSY, GONE, Call, CallError, SnapshotQuery
from readership.service.http.authorization import authorize
from readership.service.http.bodies import response
from readership.service.http.guard import DISCONNECT
from readership.service.options import Options
from readership.service.requests import (
    Rates,
    cache_control,
    compress,
    facts_of,
    known_tag,
    not_modified,
    request_key,
    set_validators,
    tag_of,
)
from readership.service.sources import OutdatedError, Source

# Rows may change while a call is answered; each attempt reads those that are newest then.
_MOST_ATTEMPTS: Final = 5


async def answered(
    request: Request,
    call: Call,
    rates: Rates,
    path: str,
    query_of: Callable[[Source], Awaitable[SnapshotQuery | Question]],
) -> Response:
    """Answer a call, if its keys are right.

    Args:
        request: The request.
        call: Its parameters.
        rates: The calls that each site may make.
        path: Its route, for the access log.
        query_of: Returns what the call asks of a source.

    Raises:
        CallError: The call is refused or failed.

    """
    serving = serving_of(request)
    options: Options = request.app.state.options
    site_keys = serving.site_keys
    # Asked before the check of the secret, which may expire during the query.
    expires_on = site_keys.next_expiry(call.apikey)
    has_secret = authorize(request, call, serving, rates)

    async def from_source(source: Source) -> Response:
        query = await query_of(source)
        tag = tag_of(source.sites[call.apikey].version, *query.key, call.callback or "")
        control = cache_control(_is_private(request, call), options.max_age)
        facts = facts_of(request.scope)
        if (known := known_tag(facts.headers, tag)) is not None:
            facts.cache = "unmodified"
            return not_modified(known, control)
        body = serving.cached_body(query, source)
        facts.cache = "miss" if body is None else "hit"
        if body is None:
            facts.lane = serving.lane(query, has_secret).label
            body = await _until_disconnect(request, serving.answer(query, source, has_secret))
        answer = compress(response(body, call.callback), facts.headers.coding)
        set_validators(answer, tag, control)
        serving.cache_response(
            request_key(request.scope),
            CachedResponse(
                answer,
                route=path,
                site=call.apikey,
                has_secret=has_secret,
                expires_on=expires_on,
                tag=tag,
                control=control,
            ),
            source,
            site_keys,
        )
        return answer

    return await _from_newest(serving, from_source)


def serving_of(request: Request) -> Serving:
    """Return what answers queries."""
    return request.app.state.serving  # type: ignore[no-any-return]


async def _from_newest(
    serving: Serving, from_source: Callable[[Source], Awaitable[Response]]
) -> Response:
    """Answer from the newest source, and again if rows have changed meanwhile."""
    for _ in range(_MOST_ATTEMPTS):
        source = serving.source
        try:
            return await from_source(source)
        except OutdatedError:
            await serving.renew(source)
    raise CallError(BUSY, "rows change while they are read; ask again in 1 second", BUSY, 1)


async def _until_disconnect(request: Request, answer: Coroutine[Any, Any, bytes]) -> bytes:
    """Wait for a response body, at most until the client disconnects.

    Raises:
        CallError: The client disconnected, or the query failed.

    """
    disconnect = request.scope[DISCONNECT]
    task = asyncio.create_task(answer)
    try:
        await asyncio.wait({task, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise CallError(GONE, "the client closed the connection")
        return task.result()
    finally:
        task.cancel()


def _is_private(request: Request, call: Call) -> bool:
    """Check whether a call comes with a secret, or is about one visitor."""
    has_secret = call.secret or facts_of(request.scope).headers.secrets
    return bool(has_secret) or getattr(call, "uuid", None) is not None
