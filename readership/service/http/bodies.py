"""Bodies of responses: JSON, JSONP, and refusals."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from readership.service.calls import Call, CallError
from readership.service.http.description import JSON, SCRIPT
from readership.service.options import Options
from readership.service.requests import NO_STORE, facts_of


def response(body: bytes, callback: str | None, status: int = 200) -> Response:
    """Return a response with a JSON body, or with a script that calls a function with it."""
    if callback is None:
        return Response(body, status, media_type=JSON)
    # JSON allows U+2028 and U+2029 in strings; JavaScript before ES2019 does not. The comment
    # protects against content sniffing. Browsers only run scripts whose status is 200.
    script = body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return Response(b"/**/" + callback.encode() + b"(" + script + b");", 200, media_type=SCRIPT)


def to_json(value: object) -> bytes:
    """Return a value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def refusal(request: Request, error: CallError) -> Response:
    """Return the response to a refused or failed call."""
    facts_of(request.scope).code = error.code
    body = {"success": False, "code": error.code, "message": error.message}
    options: Options = request.app.state.options
    status = error.code if options.http_statuses and error.status == 200 else error.status
    refused = response(to_json(body), _callback(request), status)
    # With status 200, caches would keep a refusal for as long as they like.
    refused.headers["cache-control"] = NO_STORE
    if error.retry_seconds is not None:
        refused.headers["retry-after"] = str(error.retry_seconds)
    return refused


def _callback(request: Request) -> str | None:
    """Return the JSONP function for a refusal; None if the name is invalid."""
    name = request.query_params.get("callback")
    try:
        return Call.model_validate({"callback": name}).callback
    except ValueError:
        return None
