"""What the API's own description says: its text, and the shapes of responses."""

from __future__ import annotations

from typing import Any, Final

from readership.service.calls import (
    BAD_KEYS,
    BAD_PARAMETER,
    BUSY,
    FAILED,
    NO_SUCH_EVENT,
    TOO_LONG,
    TOO_MANY,
    UNKNOWN_PARAMETER,
)
from readership.service.options import Options

JSON: Final = "application/json"
SCRIPT: Final = "application/javascript"
_ABOUT: Final = """\
An analytics API on a publisher's own events.

Every response is an envelope: `success`, `data` (rows), `links` (`first`, `prev`, `next`) and
`meta` (`metrics`, `sort`, `status`, `coverage_start`, `coverage_end`). All counts are exact. The
current time is that of the site's newest event. If there are no rows, `meta.status` says why:
`no_traffic` in the period, a period `outside_coverage`, an `unknown_post`, or `no_match` in a
search. For an `unknown_post`, `/related` returns the newest posts unless
`respect_empty_results=true`.

{refusals}

Values of filters are case-sensitive.

A success has an `ETag`, which follows from the snapshot and the call: `If-None-Match` with it gets
304, and no query runs. `Cache-Control` is `private` with a secret and for what is about a visitor.
"""
_REFUSALS: Final = """\
A refused call has HTTP status 200 with `success` false, `code` and `message`: check `success`. The
status is 400 for an unknown parameter, 401 for bad keys at `/validate/secret`, 404 for an unknown
path, 422 for an unknown `sort`, and 503 with `Retry-After` if too many calls are waiting. The codes
are the same, and 403 for bad keys, 422 for an invalid parameter value, 501 for what events cannot
show, and 504 for a timeout.\
"""
_REFUSALS_BY_STATUS: Final = """\
A refused call has `success` false, `code` and `message`, and its code is the HTTP status: 400 for
an unknown parameter, 401 for bad keys at `/validate/secret`, else 403, 404 for an unknown path, 422
for an invalid parameter value, 501 for what events cannot show, 503 with `Retry-After` if too many
calls are waiting, and 504 for a timeout. With `callback` the status is 200, since browsers run no
other scripts.\
"""
ENVELOPE: Final = {
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
REFUSAL: Final = {
    "type": "object",
    "required": ["success", "code", "message"],
    "properties": {
        "success": {"const": False},
        "code": {"type": "integer"},
        "message": {"type": "string"},
    },
}
_SCRIPT_CONTENT: Final = {SCRIPT: {"schema": {"type": "string"}}}

_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The secret of the site."},
    "header": {
        "type": "apiKey", "in": "header", "name": "X-Readership-Secret",
        "description": "The secret of the site, where a proxy uses `Authorization` itself.",
    },
}  # fmt: skip


def add_security(schema: dict[str, Any]) -> None:
    """Add the headers that may carry the secret to the description of the API."""
    schema.setdefault("components", {})["securitySchemes"] = _SECURITY
    # The first says that none is needed: the secret may be a parameter.
    schema["security"] = [{}, *({name: []} for name in _SECURITY)]


def about(options: Options) -> str:
    """Return the text of the description."""
    return _ABOUT.format(refusals=_REFUSALS_BY_STATUS if options.http_statuses else _REFUSALS)


def responses(
    schema: dict[str, Any], also: int, options: Options
) -> dict[int | str, dict[str, Any]]:
    """Return the description of the responses of a route.

    Args:
        schema: The schema of a success.
        also: A status of refusals, beside those that every route has.
        options: Which statuses refusals have.

    """
    bodies = {JSON: {"schema": {"anyOf": [schema, REFUSAL]}}, **_SCRIPT_CONTENT}
    described: dict[int | str, dict[str, Any]] = {
        200: {"description": "The response, or a refusal with `success` false.", "content": bodies}
    }
    described[304] = {"description": "`If-None-Match` names the `ETag` of the response."}
    statuses = {also, BAD_PARAMETER, BUSY, UNKNOWN_PARAMETER}
    if options.rate_limit is not None:
        statuses.add(TOO_MANY)
    if options.http_statuses:
        statuses |= {BAD_KEYS, FAILED, NO_SUCH_EVENT, TOO_LONG}
    for status in statuses:
        described[status] = {
            "description": "A refusal.",
            "content": {JSON: {"schema": REFUSAL}, **_SCRIPT_CONTENT},
        }
    return described
