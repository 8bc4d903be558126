"""The HTTP application: routes, keys, bodies of refusals, JSONP, and a log without secrets."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from readership.service.calls import snapshot_query
from readership.service.endpoints import ENDPOINTS, NOT_DERIVABLE, Endpoint
from readership.service.errors import (
    BAD_KEYS,
    BAD_PARAMETER,
    BUSY,
    FAILED,
    GONE,
    NO_SUCH_CALL,
    UNKNOWN_PARAMETER,
    CallError,
)
from readership.service.errors import NOT_DERIVABLE as NO_EVENT
from readership.service.parameters import MAX_TEXT_LENGTH, Call, ProfileCall, SecretCall
from readership.service.serving import LOG, CachedResponse, Serving

ROOT: Final = "/v2"
MAX_QUERY_LENGTH: Final = 32_768
ACCESS: Final = logging.getLogger("readership.access")

_JSON: Final = "application/json"
_SCRIPT: Final = "application/javascript"
_ABOUT: Final = """\
An analytics API on a publisher's own events.

Every response is an envelope: `success`, `data` (rows), `links` (`first`, `prev`, `next`) and
`meta` (`metrics`, `sort`, `status`, `coverage_start`, `coverage_end`). All counts are exact. The
current time is that of the site's newest event. If there are no rows, `meta.status` says why:
`no_traffic` in the period, a period `outside_coverage`, an `unknown_post`, or `no_match` in a
search. For an `unknown_post`, `/related` returns the newest posts unless
`respect_empty_results=true`.

A refused call has HTTP status 200 with `success` false, `code` and `message`: check `success`. The
status is 400 for an unknown parameter, 401 for bad keys at `/validate/secret`, 404 for an unknown
path, 422 for an unknown `sort`, and 503 with `Retry-After` if too many calls are waiting. The codes
are the same, and 403 for bad keys, 422 for an invalid parameter value, 501 for what events cannot
show, and 504 for a timeout.

Values of filters are case-sensitive.
"""
_ENVELOPE: Final = {
    "type": "object",
    "required": ["success", "data", "links", "meta"],
    "properties": {
        "success": {"const": True},
        "data": {"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "object"}]},
        "links": {"type": "object", "additionalProperties": {"type": "string"}},
        "meta": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": {
                    "enum": ["ok", "no_traffic", "outside_coverage", "unknown_post", "no_match"]
                },
            },
        },
    },
}
_REFUSAL: Final = {
    "type": "object",
    "required": ["success", "code", "message"],
    "properties": {
        "success": {"const": False},
        "code": {"type": "integer"},
        "message": {"type": "string"},
    },
}
_OPEN_PATHS: Final = frozenset(
    f"{ROOT}/{endpoint.path}"
    for endpoint in ENDPOINTS
    if not issubclass(endpoint.parameters, SecretCall)
)
_SCRIPT_CONTENT: Final = {_SCRIPT: {"schema": {"type": "string"}}}


def create_app(serving: Serving) -> FastAPI:
    """Create the application that serves a snapshot."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(serving.watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await serving.close()

    app = FastAPIOffline(
        title="readership",
        version="2",
        description=_ABOUT,
        lifespan=lifespan,
        redoc_url=None,
        separate_input_output_schemas=False,
        # A redirect would be built from the caller's Host header and repeat the secret.
        redirect_slashes=False,
    )
    app.state.serving = serving
    app.add_middleware(_Guard, serving=serving)
    # The last middleware is the outermost, so refusals of the guard have CORS headers too.
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=["*"]
    )
    app.add_exception_handler(CallError, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _not_found)  # type: ignore[arg-type]
    for endpoint in ENDPOINTS:
        _add_rows(app, endpoint)
    _add_other_routes(app)
    return app


def _add_rows(app: FastAPI, endpoint: Endpoint) -> None:
    path = f"{ROOT}/{endpoint.path}"
    # A name with a line break matches no route: such a request gets 404.
    also = 422 if endpoint.value_is is None else 404

    async def rows(request: Request, call: Any, value: str | None = None) -> Response:  # noqa: ANN401
        serving = _serving(request)
        has_secret = _authorize(request, call)
        site_keys = serving.site_keys
        snapshot = serving.snapshot
        query = snapshot_query(endpoint, call, snapshot.sites[call.apikey].clock, value)
        body = serving.cached_body(query, snapshot)
        request.scope["readership.cache"] = "miss" if body is None else "hit"
        if body is None:
            body = await _until_disconnect(request, serving.answer(query, snapshot, has_secret))
        response = _response(body, call.callback)
        serving.cache_response(
            request.scope["path"],
            request.scope["query_string"],
            CachedResponse(response, path),
            snapshot,
            site_keys,
        )
        return response

    parameters = [
        inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request),
        inspect.Parameter(
            "call",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[endpoint.parameters, Query()],
        ),
    ]
    if endpoint.value_is is not None:
        # A name may contain slashes.
        path = path.replace("{value}", "{value:path}")
        parameters.append(
            inspect.Parameter(
                "value",
                inspect.Parameter.KEYWORD_ONLY,
                annotation=Annotated[
                    str, Path(max_length=MAX_TEXT_LENGTH, description="The name, URL-encoded.")
                ],
            )
        )
    rows.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    _get(app, path, rows, endpoint.title, endpoint.group, _ENVELOPE, also)


def _add_other_routes(app: FastAPI) -> None:
    async def validate(request: Request, call: Annotated[SecretCall, Query()]) -> Response:
        try:
            _authorize(request, call)
        except CallError as error:
            if error.code != BAD_KEYS:
                raise
            raise CallError(401, error.message, status=401) from None
        return _response(_json({"success": True}), call.callback)

    async def shares() -> Response:
        raise CallError(NO_EVENT, "events do not show shares, which happen on other sites")

    async def profile(request: Request, call: Annotated[ProfileCall, Query()]) -> Response:
        _authorize(request, call)
        return _response(_json({"success": True}), call.callback)

    async def health(request: Request) -> Response:
        return _response(_json(_serving(request).health()), None)

    _get(
        app, f"{ROOT}/validate/secret", validate, "Check a pair of site and secret",
        "keys", {"type": "object", "required": ["success"]}, also=401,
    )  # fmt: skip
    _get(
        app, f"{ROOT}/profile", profile, "Does nothing: events already show what a visitor reads",
        "history", {"type": "object", "required": ["success"]},
    )  # fmt: skip
    for path in NOT_DERIVABLE:
        _get(
            app, f"{ROOT}/{path}", shares, "Not derivable from events: always refused with 501",
            "not derivable", _REFUSAL,
        )  # fmt: skip
    _get(
        app, "/health", health, "Age of the snapshot, and lag of its data",
        "operations", {"type": "object", "required": ["status", "age_seconds", "lag_seconds"]},
    )  # fmt: skip


def _get(
    app: FastAPI,
    path: str,
    answer: Callable[..., Awaitable[Response]],
    title: str,
    group: str,
    schema: dict[str, Any],
    also: int = 422,
) -> None:
    bodies = {_JSON: {"schema": {"anyOf": [schema, _REFUSAL]}}, **_SCRIPT_CONTENT}
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "The response, or a refusal with `success` false.", "content": bodies}
    }
    for status in {also, BAD_PARAMETER, BUSY, UNKNOWN_PARAMETER}:
        responses[status] = {
            "description": "A refusal.",
            "content": {_JSON: {"schema": _REFUSAL}, **_SCRIPT_CONTENT},
        }
    app.add_api_route(
        path, answer, summary=title, tags=[group], responses=responses, response_class=Response,
        name=path.removeprefix(ROOT).strip("/"),
    )  # fmt: skip


def _serving(request: Request) -> Serving:
    return request.app.state.serving  # type: ignore[no-any-return]


def _authorize(request: Request, call: Call) -> bool:
    """Check the keys of a call, and return whether it has the secret of the site.

    The error does not reveal whether a site exists.

    Raises:
        CallError: The keys are wrong, or a single-valued parameter has several values.

    """
    for name, values in _grouped(request).items():
        if len(values) > 1 and isinstance(getattr(call, name, []), str | int | bool):
            raise CallError(
                BAD_PARAMETER, f"{name}: given with {len(values)} values; this call takes one"
            )
    serving = _serving(request)
    matches = serving.site_keys.matches(call.apikey, call.secret)
    is_allowed = matches if isinstance(call, SecretCall) else serving.site_keys.knows(call.apikey)
    if not is_allowed or call.apikey not in serving.snapshot.sites:
        raise CallError(BAD_KEYS, "apikey and secret do not fit")
    return matches and (call.secret != "" or isinstance(call, SecretCall))


def _grouped(request: Request) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for name, value in request.query_params.multi_items():
        if value != "":
            grouped.setdefault(name, set()).add(value)
    return grouped


async def _until_disconnect(request: Request, response: Coroutine[Any, Any, bytes]) -> bytes:
    """Wait for a response body, at most until the client disconnects.

    Raises:
        CallError: The client disconnected, or the query failed.

    """
    disconnect = request.scope["readership.disconnect"]
    task = asyncio.create_task(response)
    try:
        await asyncio.wait({task, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise CallError(GONE, "the client closed the connection")
        return task.result()
    finally:
        task.cancel()


# ---------- bodies


def _response(body: bytes, callback: str | None, status: int = 200) -> Response:
    if callback is None:
        return Response(body, status, media_type=_JSON)
    # JSON allows U+2028 and U+2029 in strings; JavaScript before ES2019 does not. The comment
    # protects against content sniffing. Browsers only run scripts whose status is 200.
    script = body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return Response(b"/**/" + callback.encode() + b"(" + script + b");", 200, media_type=_SCRIPT)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


async def _refused(request: Request, error: CallError) -> Response:
    request.scope["readership.code"] = error.code
    body = {"success": False, "code": error.code, "message": error.message}
    response = _response(_json(body), _callback(request), error.status)
    if error.retry_seconds is not None:
        response.headers["retry-after"] = str(error.retry_seconds)
    return response


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    where = [str(part) for part in first["loc"][1:] if isinstance(part, str)]
    message = f"{where[-1]}: {first['msg']}" if where else str(first["msg"])
    return await _refused(request, CallError(BAD_PARAMETER, message))


async def _not_found(request: Request, error: HTTPException) -> Response:
    message = "there is no such call" if error.status_code == NO_SUCH_CALL else error.detail
    response = await _refused(request, CallError(error.status_code, message))
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    if "allow" in response.headers:
        response.headers["allow"] = "GET, HEAD"
    return response


def _callback(request: Request) -> str | None:
    """Return the JSONP function for a refusal; None if the name is invalid."""
    name = request.query_params.get("callback")
    try:
        return Call.model_validate({"callback": name}).callback
    except ValueError:
        return None


class _Guard:
    """Limits the size of requests, writes the access log and hides tracebacks."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (method := scope["method"]) == "HEAD":
            # Answered like GET; the server leaves out the body.
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        status, size, has_started = 0, 0, False

        async def send_counted(message: Message) -> None:
            nonlocal status, size, has_started
            if message["type"] == "http.response.start":
                status, has_started = message["status"], True
                message["headers"] = [
                    *message["headers"], (b"x-content-type-options", b"nosniff"),
                ]  # fmt: skip
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if len(scope["query_string"]) > MAX_QUERY_LENGTH:
                scope["readership.code"] = BAD_PARAMETER
                await self._refuse(
                    BAD_PARAMETER, f"the call has more than {MAX_QUERY_LENGTH:,} characters",
                    scope, receive, send_counted,
                )  # fmt: skip
            elif (cached := self._cached_response(scope)) is not None:
                scope["readership.cache"], scope["readership.route"] = "repeated", cached.route
                await cached.response(scope, receive, send_counted)
            elif (refusal := self._refusal(scope)) is not None:
                scope["readership.route"] = scope["path"]
                await (await _refused(Request(scope), refusal))(scope, receive, send_counted)
            else:
                await self._call(scope, receive, send_counted)
        except Exception:
            LOG.exception("request failed")
            scope["readership.code"] = FAILED
            if not has_started:
                await self._refuse(FAILED, "internal error", scope, receive, send_counted)
        finally:
            _write_access(method, scope, status, size, time.perf_counter() - started)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process a request, unless its client has already disconnected."""
        disconnect = scope["readership.disconnect"] = asyncio.create_task(_disconnected(receive))
        try:
            # The event loop needs this many iterations to notice a connection closed by the client.
            for _ in range(3):
                await asyncio.sleep(0)
            if disconnect.done():
                scope["readership.code"], scope["readership.route"] = GONE, "(gone)"
            else:
                await self._app(scope, receive, send)
        finally:
            disconnect.cancel()

    def _cached_response(self, scope: Scope) -> CachedResponse | None:
        if scope["method"] != "GET":
            return None
        return self._serving.cached_response(scope["path"], scope["query_string"])

    def _refusal(self, scope: Scope) -> CallError | None:
        """Return the refusal of a call without a secret if its queue is full, before any work."""
        if scope["path"] not in _OPEN_PATHS or b"secret=" in scope["query_string"]:
            return None
        return self._serving.open_lane.refusal()

    async def _refuse(
        self, code: int, message: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = {"success": False, "code": code, "message": message}
        await Response(_json(body), media_type=_JSON)(scope, receive, send)


async def _disconnected(receive: Receive) -> None:
    """Wait until the client disconnects. Bodies of requests are discarded."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _write_access(method: str, scope: Scope, status: int, size: int, seconds: float) -> None:
    """Log one line with the route, never the URL: its parameters contain the secret."""
    route = getattr(scope.get("route"), "path", "(no such call)")
    ACCESS.info(
        "%s %s %d code=%s bytes=%d ms=%.1f %s",
        method,
        scope.get("readership.route", route),
        status,
        scope.get("readership.code", "-"),
        size,
        1000 * seconds,
        scope.get("readership.cache", "-"),
    )
