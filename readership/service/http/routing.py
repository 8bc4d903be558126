"""Adds routes to the application, with their description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response

from readership.service.calls import ROOT
from readership.service.http.description import responses


def add_get(
    app: FastAPI,
    path: str,
    answer: Callable[..., Awaitable[Response]],
    title: str,
    group: str,
    schema: dict[str, Any],
    also: int = 422,
) -> None:
    """Add a route.

    Args:
        app: The application.
        path: The path.
        answer: The function that answers.
        title: Summary for the description.
        group: Its group in the description.
        schema: The JSON schema of a success.
        also: A status of refusals, beside those that every route has.

    """
    app.add_api_route(
        path, answer, summary=title, tags=[group],
        responses=responses(schema, also, app.state.options), response_class=Response,
        name=path.removeprefix(ROOT).strip("/"),
    )  # fmt: skip
