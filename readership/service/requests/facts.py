"""The facts about a request, collected while it is processed; the access log tells them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

from readership.service.requests.request_headers import RequestHeaders, read_headers

_NAME = "readership.facts"


@dataclass(slots=True)
class Facts:
    """The facts about one request.

    Attributes:
        headers: Those of its headers that the service reads.
        request_id: Its id, as the log and the response name it.
        route: The route, never the path: a path may contain names. None if the router knows it.
        code: The code of the refusal; None for a success.
        cache: `repeated` if the response was cached, `hit` if its body was, `miss` if a query ran,
            `unmodified` if the client has it.
        lane: The lane of the query; None if none ran.
        site: The site, if the snapshot has it.

    """

    headers: RequestHeaders
    request_id: bytes = b""
    route: str | None = None
    code: int | None = None
    cache: str | None = None
    lane: str | None = None
    site: str | None = None


def new_facts(scope: Scope) -> Facts:
    """Attach facts to a request."""
    facts = scope[_NAME] = Facts(read_headers(scope["headers"]))
    return facts


def facts_of(scope: Scope) -> Facts:
    """Return the facts about a request."""
    facts: Facts = scope[_NAME]
    return facts
