"""The routes for whoever runs the service: health, readiness and metrics."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from readership.service.answering import Serving
from readership.service.calls import BUSY
from readership.service.http.bodies import response, to_json
from readership.service.http.routing import add_get
from readership.service.monitoring import Metrics, expiring
from readership.service.requests import NO_STORE, compress, facts_of
from readership.service.server import ServerState


def add_operations(app: FastAPI, serving: Serving, state: ServerState, metrics: Metrics) -> None:
    """Add `/health`, `/ready` and `/metrics`."""

    async def health() -> Response:
        # Whoever asks gets no names of sites.
        body = serving.health() | {"keys_expiring": len(expiring(serving.site_keys))}
        return _momentary(response(to_json(body), None))

    async def ready() -> Response:
        is_ready = serving.is_ready and not state.is_draining
        body = {"ready": is_ready, "snapshot": serving.source.info.id}
        return _momentary(response(to_json(body), None, 200 if is_ready else BUSY))

    async def all_metrics(request: Request) -> Response:
        body, media_type = metrics.page(request.headers.get("accept", ""))
        page = Response(body, headers={"content-type": media_type, "vary": "Accept-Encoding"})
        return _momentary(compress(page, facts_of(request.scope).headers.coding))

    add_get(
        app, "/health", health, "Age of the snapshot, and lag of its data",
        "operations", {"type": "object", "required": ["status", "age_seconds", "lag_seconds"]},
    )  # fmt: skip
    add_get(
        app, "/ready", ready, "Whether new calls may be sent here; 503 once it is told to stop",
        "operations", {"type": "object", "required": ["ready", "snapshot"]},
    )  # fmt: skip
    # No part of the API: its form is that of Prometheus.
    app.add_api_route("/metrics", all_metrics, include_in_schema=False)


def _momentary(answer: Response) -> Response:
    answer.headers["cache-control"] = NO_STORE
    return answer
