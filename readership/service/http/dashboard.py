"""The routes of the dashboard: the page and its files, and the numbers that it shows."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from readership.service.calls import NO_SUCH_CALL, ROOT, CallError
from readership.service.dashboard import (
    PAGE_POLICY,
    DashboardCall,
    DashboardQuery,
    PostCall,
    asset,
)
from readership.service.http.answered import answered, serving_of
from readership.service.http.bodies import response, to_json
from readership.service.http.routing import add_get
from readership.service.requests import NO_STORE, Rates, facts_of, known_tag, not_modified, tag_of
from readership.service.sources import Source

_HTML: Final = "text/html"
_FILES: Final = "/dashboard"
_SCHEMA: Final[dict[str, Any]] = {"type": "object", "required": ["success", "site"]}
# The files change with a release only, but a page must not be of two releases.
_CONTROL: Final = "no-cache"


def add_dashboard(app: FastAPI, rates: Rates) -> None:
    """Add the page at `/`, and the calls that it makes."""

    async def page(request: Request) -> Response:
        # Whoever asks for no page gets what any path without a call is answered with.
        if _HTML not in request.headers.get("accept", ""):
            raise CallError(NO_SUCH_CALL, "there is no such call", NO_SUCH_CALL)
        return _file(request, None)

    async def file(request: Request, name: str) -> Response:
        return _file(request, name)

    async def sites(request: Request) -> Response:
        serving = serving_of(request)
        # Names of sites are for those who may see the numbers of all.
        is_open = serving.site_keys.is_open
        body = {
            "success": True,
            "needs_secret": not is_open,
            "sites": sorted(serving.source.sites) if is_open else [],
        }
        listed = response(to_json(body), None)
        listed.headers["cache-control"] = NO_STORE
        return listed

    async def dashboard(request: Request, call: Annotated[DashboardCall, Query()]) -> Response:
        return await _asked(request, call, rates, f"{ROOT}/dashboard")

    async def post(request: Request, call: Annotated[PostCall, Query()]) -> Response:
        return await _asked(request, call, rates, f"{ROOT}/dashboard/post")

    app.add_api_route("/", page, include_in_schema=False)
    app.add_api_route(f"{_FILES}/{{name}}", file, include_in_schema=False)
    add_get(
        app, f"{ROOT}/dashboard", dashboard, "What the dashboard shows of a site",
        "dashboard", _SCHEMA,
    )  # fmt: skip
    add_get(
        app, f"{ROOT}/dashboard/post", post, "The life of a post, by hour", "dashboard", _SCHEMA,
    )  # fmt: skip
    add_get(
        app, f"{ROOT}/dashboard/sites", sites,
        "Whether the dashboard needs a secret; the sites if not",
        "dashboard", {"type": "object", "required": ["success", "needs_secret", "sites"]},
    )  # fmt: skip


async def _asked(
    request: Request, call: DashboardCall | PostCall, rates: Rates, path: str
) -> Response:
    async def query(source: Source) -> DashboardQuery:
        return DashboardQuery.of(call, source)

    return await answered(request, call, rates, path, query)


def _file(request: Request, name: str | None) -> Response:
    found = asset(name)
    if found is None:
        raise CallError(NO_SUCH_CALL, "there is no such call", NO_SUCH_CALL)
    body, media_type = found
    tag = tag_of(body.decode())
    if (known := known_tag(facts_of(request.scope).headers, tag)) is not None:
        return not_modified(known, _CONTROL)
    page = Response(body, headers={"content-type": media_type})
    page.headers["cache-control"] = _CONTROL
    page.headers["vary"] = "Accept"
    page.headers["etag"] = f'"{tag}"'
    page.headers["content-security-policy"] = PAGE_POLICY
    page.headers["referrer-policy"] = "no-referrer"
    return page
