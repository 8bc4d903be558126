"""The HTTP application: its routes, and the check of keys."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from readership.service.answering import Serving
from readership.service.calls import (
    BAD_KEYS,
    BAD_PARAMETER,
    ENDPOINTS,
    HISTORY,
    MAX_TEXT_LENGTH,
    NO_SUCH_CALL,
    NO_SUCH_EVENT,
    NOT_DERIVABLE,
    ROOT,
    Call,
    CallError,
    Endpoint,
    ProfileCall,
    SecretCall,
    SnapshotQuery,
)
from readership.service.http.answered import answered, serving_of
from readership.service.http.authorization import authorize
from readership.service.http.bodies import refusal, response, to_json
from readership.service.http.dashboard import add_dashboard
from readership.service.http.description import ENVELOPE, REFUSAL, about, add_security
from readership.service.http.guard import Guard
from readership.service.http.operations import add_operations
from readership.service.http.routing import add_get
from readership.service.monitoring import Metrics, warn_of_expiring_keys
from readership.service.options import Options
from readership.service.requests import (
    ASK_AGAIN,
    Preflight,
    Rates,
    facts_of,
    known_tag,
    not_modified,
    set_validators,
    tag_of,
)
from readership.service.server import ServerState
from readership.service.sources import Source


def create_app(
    serving: Serving, options: Options | None = None, state: ServerState | None = None
) -> FastAPI:
    """Create the application.

    Args:
        serving: What answers queries.
        options: The operator's choices.
        state: The state of the server that runs the application.

    """
    options, state = options or Options(), state or ServerState()
    metrics, rates = Metrics(serving, state), Rates(options.rate_limit)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = [
            asyncio.create_task(serving.watch()),
            asyncio.create_task(serving.read_ahead()),
            asyncio.create_task(warn_of_expiring_keys(serving)),
        ]
        yield
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await serving.close()

    app = FastAPIOffline(
        title="readership",
        version="2",
        description=about(options),
        lifespan=lifespan,
        redoc_url=None,
        separate_input_output_schemas=False,
        # A redirect would be built from the caller's Host header and repeat the secret.
        redirect_slashes=False,
    )
    app.state.serving, app.state.options = serving, options
    app.add_middleware(Preflight)
    # The last middleware is the outermost.
    app.add_middleware(Guard, serving=serving, state=state, metrics=metrics, rates=rates)
    app.add_exception_handler(CallError, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _not_found)  # type: ignore[arg-type]
    add_dashboard(app, rates)
    for endpoint in ENDPOINTS:
        if endpoint.path == HISTORY and not options.has_history:
            _add_switched_off(app, endpoint)
        else:
            _add_rows(app, endpoint, rates)
    _add_other_routes(app, rates)
    add_operations(app, serving, state, metrics)
    # Described once: the description is kept in the application.
    add_security(app.openapi())
    return app


def _add_rows(app: FastAPI, endpoint: Endpoint, rates: Rates) -> None:
    path = f"{ROOT}/{endpoint.path}"
    # A name with a line break matches no route: such a request gets 404.
    also = 422 if endpoint.value_is is None else 404

    async def rows(request: Request, call: Any, value: str | None = None) -> Response:  # noqa: ANN401
        serving = serving_of(request)

        async def query(source: Source) -> SnapshotQuery:
            return await serving.query(endpoint, call, source, value)

        return await answered(request, call, rates, path, query)

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
    add_get(app, path, rows, endpoint.title, endpoint.group, ENVELOPE, also)


def _add_switched_off(app: FastAPI, endpoint: Endpoint) -> None:
    async def refuse() -> Response:
        raise CallError(
            NO_SUCH_CALL, f"/{endpoint.path} is switched off on this service", NO_SUCH_CALL
        )

    app.add_api_route(f"{ROOT}/{endpoint.path}", refuse, include_in_schema=False)


def _add_other_routes(app: FastAPI, rates: Rates) -> None:
    async def validate(request: Request, call: Annotated[SecretCall, Query()]) -> Response:
        try:
            authorize(request, call, serving_of(request), rates)
        except CallError as error:
            if error.code != BAD_KEYS:
                raise
            raise CallError(401, error.message, status=401) from None
        return _success(request, call)

    async def shares() -> Response:
        raise CallError(NO_SUCH_EVENT, "events do not show shares, which happen on other sites")

    async def profile(request: Request, call: Annotated[ProfileCall, Query()]) -> Response:
        authorize(request, call, serving_of(request), rates)
        return _success(request, call)

    add_get(
        app, f"{ROOT}/validate/secret", validate, "Check a pair of site and secret",
        "keys", {"type": "object", "required": ["success"]}, also=401,
    )  # fmt: skip
    add_get(
        app, f"{ROOT}/profile", profile, "Does nothing: events already show what a visitor reads",
        "history", {"type": "object", "required": ["success"]},
    )  # fmt: skip
    for path in NOT_DERIVABLE:
        add_get(
            app, f"{ROOT}/{path}", shares, "Not derivable from events: always refused with 501",
            "not derivable", REFUSAL,
        )  # fmt: skip


def _success(request: Request, call: Call) -> Response:
    body = to_json({"success": True})
    tag = tag_of(body.decode(), call.callback or "")
    known = known_tag(facts_of(request.scope).headers, tag)
    if known is not None:
        return not_modified(known, ASK_AGAIN)
    return set_validators(response(body, call.callback), tag, ASK_AGAIN)


async def _refused(request: Request, error: CallError) -> Response:
    site = request.query_params.get("apikey")
    if site in serving_of(request).source.sites:
        facts_of(request.scope).site = site
    return refusal(request, error)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    where = [str(part) for part in first["loc"][1:] if isinstance(part, str)]
    message = f"{where[-1]}: {first['msg']}" if where else str(first["msg"])
    return await _refused(request, CallError(BAD_PARAMETER, message))


async def _not_found(request: Request, error: HTTPException) -> Response:
    message = "there is no such call" if error.status_code == NO_SUCH_CALL else error.detail
    refused = refusal(request, CallError(error.status_code, message))
    refused.status_code = error.status_code
    refused.headers.update(error.headers or {})
    if "allow" in refused.headers:
        refused.headers["allow"] = "GET, HEAD"
    return refused
