"""The facts about a request that the access log tells, collected while it is processed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

_NAME = "readership.facts"


@dataclass(slots=True)
class Facts:
    """The facts about one request.

    Attributes:
        route: The route, never the path: a path may contain names. None if the router knows it.
        code: The code of the refusal; None for a success.
        cache: `repeated` if the response was cached, `hit` if its body was, `miss` if a query ran.

    """

    route: str | None = None
    code: int | None = None
    cache: str | None = None


def new_facts(scope: Scope) -> Facts:
    """Attach facts to a request."""
    facts = scope[_NAME] = Facts()
    return facts


def facts_of(scope: Scope) -> Facts:
    """Return the facts about a request."""
    facts: Facts = scope[_NAME]
    return facts
