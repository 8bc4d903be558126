"""The HTTP side: routes, keys, the body of refusals, JSONP, and a log without secrets."""

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

from service.calls import question
from service.endpoints import ENDPOINTS, NOT_DERIVABLE, Endpoint
from service.errors import (
    BAD_KEYS,
    BAD_PARAMETER,
    BUSY,
    FAILED,
    GONE,
    NO_SUCH_CALL,
    UNKNOWN_PARAMETER,
    CallError,
)
from service.errors import NOT_DERIVABLE as NO_EVENT
from service.parameters import LONGEST_TEXT, Call, ProfileCall, SecretCall
from service.serving import LOG, Known, Serving

ROOT: Final = "/v2"
LONGEST_QUERY: Final = 32_768
ACCESS: Final = logging.getLogger("readership.access")

_JSON: Final = "application/json"
_SCRIPT: Final = "application/javascript"
_ABOUT: Final = """\
The answers of an analytics API, from a publisher's own events.

Every answer is an envelope: `success`, `data` (rows), `links` (`first`, `prev`, `next`) and `meta`
(`metrics`, `sort`, `status`, `coverage_start`, `coverage_end`). All counts are exact. The present
is that of the site's newest event, and `meta.status` tells why there are no rows: `no_traffic` in
the period, a period `outside_coverage`, an `unknown_post`, or `no_match` in a search. To an
`unknown_post`, `/related` has the newest posts, unless `respect_empty_results=true`.

A call that is refused gets HTTP status 200 with `success` false, `code` and `message`: look at
`success`. The status is 400 for a parameter that the call does not take, 401 for bad keys at
`/validate/secret`, 404 where there is no such call, 422 for an unknown `sort`, and 503 with
`Retry-After` where too many calls wait. The codes are these, and 403 bad keys, 422 the value of a
parameter, 501 what events cannot tell, 504 took too long.

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
_SCRIPTED: Final = {_SCRIPT: {"schema": {"type": "string"}}}


def create_app(serving: Serving) -> FastAPI:
    """Make the application around a snapshot."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
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
        lifespan=life,
        redoc_url=None,
        separate_input_output_schemas=False,
        # Another address would be made of what the caller says, and have the secret in it.
        redirect_slashes=False,
    )
    app.state.serving = serving
    app.add_middleware(_Guard, serving=serving)
    # The last one is the outermost: refusals of the guard have its headers too.
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=["*"]
    )
    app.add_exception_handler(CallError, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _not_found)  # type: ignore[arg-type]
    for endpoint in ENDPOINTS:
        _add_rows(app, endpoint)
    _add_the_rest(app)
    return app


def _add_rows(app: FastAPI, endpoint: Endpoint) -> None:
    path = f"{ROOT}/{endpoint.path}"
    # No name has a line end, so with one there is no such call.
    also = 422 if endpoint.value_is is None else 404

    async def rows(request: Request, call: Any, value: str | None = None) -> Response:  # noqa: ANN401
        serving = _serving(request)
        has_secret = _admitted(request, call)
        site_keys = serving.site_keys
        snapshot = serving.snapshot
        asked = question(endpoint, call, snapshot.sites[call.apikey].clock, value)
        body = serving.recall(asked, snapshot)
        request.scope["readership.cache"] = "asked" if body is None else "known"
        if body is None:
            body = await _unless_gone(request, serving.answer(asked, snapshot, has_secret))
        response = _response(body, call.callback)
        known = Known(response, path)
        serving.remember(
            request.scope["path"], request.scope["query_string"], known, snapshot, site_keys
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
        # A name may have slashes of its own.
        path = path.replace("{value}", "{value:path}")
        parameters.append(
            inspect.Parameter(
                "value",
                inspect.Parameter.KEYWORD_ONLY,
                annotation=Annotated[
                    str, Path(max_length=LONGEST_TEXT, description="The name, URL-encoded.")
                ],
            )
        )
    rows.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    _get(app, path, rows, endpoint.title, endpoint.group, _ENVELOPE, also)


def _add_the_rest(app: FastAPI) -> None:
    async def validate(request: Request, call: Annotated[SecretCall, Query()]) -> Response:
        try:
            _admitted(request, call)
        except CallError as error:
            if error.code != BAD_KEYS:
                raise
            raise CallError(401, error.message, status=401) from None
        return _response(_text({"success": True}), call.callback)

    async def shares() -> Response:
        raise CallError(NO_EVENT, "shares happen at other sites; events of a site tell of none")

    async def profile(request: Request, call: Annotated[ProfileCall, Query()]) -> Response:
        _admitted(request, call)
        return _response(_text({"success": True}), call.callback)

    async def health(request: Request) -> Response:
        return _response(_text(_serving(request).health()), None)

    _get(
        app, f"{ROOT}/validate/secret", validate, "Whether a pair of site and secret is right",
        "keys", {"type": "object", "required": ["success"]}, also=401,
    )  # fmt: skip
    _get(
        app, f"{ROOT}/profile", profile, "Nothing to do: events tell what a visitor reads",
        "history", {"type": "object", "required": ["success"]},
    )  # fmt: skip
    for path in NOT_DERIVABLE:
        _get(
            app, f"{ROOT}/{path}", shares, "Not derivable from events: always refused with 501",
            "not derivable", _REFUSAL,
        )  # fmt: skip
    _get(
        app, "/health", health, "How old the snapshot is, and how far its data lags behind",
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
    bodies = {_JSON: {"schema": {"anyOf": [schema, _REFUSAL]}}, **_SCRIPTED}
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "The answer, or a refusal with `success` false.", "content": bodies}
    }
    for status in {also, BAD_PARAMETER, BUSY, UNKNOWN_PARAMETER}:
        responses[status] = {
            "description": "A refusal.", "content": {_JSON: {"schema": _REFUSAL}, **_SCRIPTED},
        }  # fmt: skip
    app.add_api_route(
        path, answer, summary=title, tags=[group], responses=responses, response_class=Response,
        name=path.removeprefix(ROOT).strip("/"),
    )  # fmt: skip


def _serving(request: Request) -> Serving:
    return request.app.state.serving  # type: ignore[no-any-return]


def _admitted(request: Request, call: Call) -> bool:
    """See that the site may ask, and tell whether the call has its secret.

    A site that is not there is told from a wrong secret by nobody.

    Raises:
        CallError: It may not, or a parameter that has one value has two.

    """
    for name, values in _grouped(request).items():
        if len(values) > 1 and isinstance(getattr(call, name, []), str | int | bool):
            raise CallError(
                BAD_PARAMETER, f"{name}: given with {len(values)} values; this call takes one"
            )
    serving = _serving(request)
    fits = serving.site_keys.fits(call.apikey, call.secret)
    may = fits if isinstance(call, SecretCall) else serving.site_keys.knows(call.apikey)
    if not may or call.apikey not in serving.snapshot.sites:
        raise CallError(BAD_KEYS, "apikey and secret do not fit")
    return fits and (call.secret != "" or isinstance(call, SecretCall))


def _grouped(request: Request) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for name, value in request.query_params.multi_items():
        if value != "":
            grouped.setdefault(name, set()).add(value)
    return grouped


async def _unless_gone(request: Request, answering: Coroutine[Any, Any, bytes]) -> bytes:
    """Wait for an answer as long as the caller does.

    Raises:
        CallError: The caller has gone, or there is no answer.

    """
    going = request.scope["readership.going"]
    answered = asyncio.create_task(answering)
    try:
        await asyncio.wait({answered, going}, return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise CallError(GONE, "nobody waits for the answer")
        return answered.result()
    finally:
        answered.cancel()


# ---------- bodies


def _response(body: bytes, callback: str | None, status: int = 200) -> Response:
    if callback is None:
        return Response(body, status, media_type=_JSON)
    # The two line ends that JSON has and old JavaScript has not. The comment keeps the answer from
    # being taken for a file of another kind; a script with another status would not be run.
    script = body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return Response(b"/**/" + callback.encode() + b"(" + script + b");", 200, media_type=_SCRIPT)


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


async def _refused(request: Request, error: CallError) -> Response:
    request.scope["readership.code"] = error.code
    body = {"success": False, "code": error.code, "message": error.message}
    response = _response(_text(body), _callback(request), error.status)
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
    """Give the function that a refusal is handed to; none when it is not a name of one."""
    given = request.query_params.get("callback")
    try:
        return Call.model_validate({"callback": given}).callback
    except ValueError:
        return None


class _Guard:
    """Limits the size of a request, writes the log, and lets no traceback out."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app = app
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (method := scope["method"]) == "HEAD":
            # The answer to the same call; the server leaves its body out.
            scope = {**scope, "method": "GET"}
        started = time.perf_counter()
        status, size, is_begun = 0, 0, False

        async def sending(message: Message) -> None:
            nonlocal status, size, is_begun
            if message["type"] == "http.response.start":
                status, is_begun = message["status"], True
                message["headers"] = [
                    *message["headers"], (b"x-content-type-options", b"nosniff"),
                ]  # fmt: skip
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if len(scope["query_string"]) > LONGEST_QUERY:
                scope["readership.code"] = BAD_PARAMETER
                await self._refuse(
                    BAD_PARAMETER, f"the call has more than {LONGEST_QUERY:,} characters",
                    scope, receive, sending,
                )  # fmt: skip
            elif (known := self._known(scope)) is not None:
                scope["readership.cache"], scope["readership.route"] = "repeated", known.route
                await known.response(scope, receive, sending)
            elif (refusal := self._refusal(scope)) is not None:
                scope["readership.route"] = scope["path"]
                await (await _refused(Request(scope), refusal))(scope, receive, sending)
            else:
                await self._call(scope, receive, sending)
        except Exception:
            LOG.exception("a call failed")
            scope["readership.code"] = FAILED
            if not is_begun:
                await self._refuse(FAILED, "the answer could not be made", scope, receive, sending)
        finally:
            _write_access(method, scope, status, size, time.perf_counter() - started)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the call, unless its caller has gone already: then it is no work."""
        going = scope["readership.going"] = asyncio.create_task(_gone(receive))
        try:
            # So often the event loop turns until it has seen what a connection was closed with.
            for _ in range(3):
                await asyncio.sleep(0)
            if going.done():
                scope["readership.code"], scope["readership.route"] = GONE, "(gone)"
            else:
                await self._app(scope, receive, send)
        finally:
            going.cancel()

    def _known(self, scope: Scope) -> Known | None:
        if scope["method"] != "GET":
            return None
        return self._serving.known(scope["path"], scope["query_string"])

    def _refusal(self, scope: Scope) -> CallError | None:
        """Refuse calls without a secret that find no place, before they cost any work."""
        if scope["path"] not in _OPEN_PATHS or b"secret=" in scope["query_string"]:
            return None
        return self._serving.open_lane.refusal()

    async def _refuse(
        self, code: int, message: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = {"success": False, "code": code, "message": message}
        await Response(_text(body), media_type=_JSON)(scope, receive, send)


async def _gone(receive: Receive) -> None:
    """Wait until nobody waits for the answer any more. No call has a body that is read."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _write_access(method: str, scope: Scope, status: int, size: int, seconds: float) -> None:
    """Write one line: the route, never the call itself, whose parameters have the secret."""
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
